/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ICMP and ICMPv6 errors about our own UDP datagrams (RFC 792, RFC 4443 section 3), read from a raw
 * socket of its own: errors that are queued on the UDP sockets instead would make unrelated sends
 * on them fail.
 */
#ifndef PLATFORM_OS_ICMP_ERROR_H
#define PLATFORM_OS_ICMP_ERROR_H

#include "platform/base/bytes.h"
#include "platform/base/ip.h"

struct icmp_error {
	struct ip_addr reporter;
	struct ip_endpoint local, remote; /* of the datagram that it is about */
	uint8_t type, code;		  /* as in the family's ICMP */
};

/* Only "destination unreachable" arrives.  Descriptor, or ERR_SYSTEM with e filled. */
int icmp_error_open(enum ip_family family, struct err_msg *e) WARN_UNUSED;
/* The next error about a UDP datagram; others are skipped.  ERR_BUSY when none waits. */
int icmp_error_receive(int fd, enum ip_family family, struct icmp_error *out) WARN_UNUSED;
/* Parse what a raw socket gives (IPv4: with the IP header).  reporter is left alone.  ERR_INVALID:
 * not an unreachable about UDP, or cut short. */
int icmp_error_parse(struct view packet, enum ip_family family, struct icmp_error *out) WARN_UNUSED;
/* "port unreachable", "host unreachable", "administratively prohibited"; "unreachable" otherwise.
 */
const char *icmp_error_name(enum ip_family family, unsigned code);

#endif
