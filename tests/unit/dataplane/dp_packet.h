/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inner packets for tests. */
#ifndef TESTS_UNIT_DATAPLANE_DP_PACKET_H
#define TESTS_UNIT_DATAPLANE_DP_PACKET_H

#include "platform/base/bytes.h"
#include "platform/base/ip.h"

/* IPv4 or IPv6 UDP packet of len octets in all, from 10.1.0.1 to 10.2.0.1 (fd00:1::1 to fd00:2::1),
 * with the given source port, payload numbered by seed.  Checksum of the IPv4 header is right. */
struct view dp_packet(uint8_t *buf, enum ip_family family, size_t len, uint16_t port, uint8_t seed);
void dp_packet_fix(uint8_t *packet); /* IPv4 header checksum anew */

#endif
