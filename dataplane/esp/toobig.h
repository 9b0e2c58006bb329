/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The answer to an inner packet that does not fit the path: ICMP "fragmentation needed" (RFC 1191)
 * or ICMPv6 "packet too big" (RFC 4443 section 3.2).  Pure.
 */
#ifndef DATAPLANE_ESP_TOOBIG_H
#define DATAPLANE_ESP_TOOBIG_H

#include "dataplane/esp/inner.h"

#define ESP_TOO_BIG_MAX 1280 /* room that any answer fits in */

/* The longest packet of this family that may be refused for the given inner MTU: IPv4 packets of
 * 576 and IPv6 ones of 1280 octets are always taken (the outer packet is then fragmented). */
size_t esp_too_big_limit(const struct esp_inner *p, size_t inner_mtu);

/* Write the answer to `packet` into out (at least ESP_TOO_BIG_MAX octets), to be sent back into the
 * device.  It says mtu, and comes from the packet's destination.  Returns its length; 0 when there
 * must be no answer: IPv4 without DF, ICMP errors, later fragments, multicast. */
size_t esp_too_big(const struct esp_inner *p, struct view packet, size_t mtu, uint8_t *out);

#endif
