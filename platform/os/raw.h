/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Raw IP sockets for ESP without UDP (RFC 4303, protocol 50). */
#ifndef PLATFORM_OS_RAW_H
#define PLATFORM_OS_RAW_H

#include "platform/base/ip.h"

/* Non-blocking, close-on-exec, large buffers, DF off, and told TOS or traffic class.  What arrives
 * begins with the IP header in IPv4 and behind it in IPv6.  Descriptor, or ERR_SYSTEM with e. */
int raw_open_esp(enum ip_family family, struct err_msg *e) WARN_UNUSED;

/* Of several sockets, each of which the system gives every packet, this one keeps part number
 * `part` of `parts`: each SPI belongs to one of them, what has none to the first.  ERR_SYSTEM with
 * e. */
int raw_keep_part(int fd, enum ip_family family, unsigned part, unsigned parts,
		  struct err_msg *e) WARN_UNUSED;

/* A socket that only makes the kernel heed ICMPv6 "too big" about ESP: for raw sockets it does so
 * where somebody wants to read of errors, and errors on the one above would make sends fail.
 * Nobody reads it. */
int raw_open_esp_too_big(struct err_msg *e) WARN_UNUSED;

#endif
