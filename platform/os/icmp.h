/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ICMP and ICMPv6 echo (RFC 792, RFC 4443 section 4) through a raw, non-blocking socket.  The
 * socket receives the echo replies of the whole machine: identifier and sequence tell which are
 * ours.
 */
#ifndef PLATFORM_OS_ICMP_H
#define PLATFORM_OS_ICMP_H

#include "platform/base/ip.h"

#define ICMP_DATA_MAX 1400

struct icmp_echo {
	struct ip_addr from; /* of a reply */
	uint16_t id, sequence;
	size_t data_len; /* octets behind the echo header */
};

/* source: address to send from, may be IP_NONE.  Descriptor, or ERR_SYSTEM with e filled. */
int icmp_open(enum ip_family family, const struct ip_addr *source, struct err_msg *e) WARN_UNUSED;
/* What it sends carries the mark, by which policy rules choose a routing table. */
int icmp_mark(int fd, uint32_t mark, struct err_msg *e) WARN_UNUSED;
/* An echo request with data_len octets of pattern.  ERR_BUSY: buffer full.  ERR_SYSTEM: e says why
 * ("Network is unreachable"). */
int icmp_send_echo(int fd, const struct ip_addr *to, const struct icmp_echo *echo,
		   struct err_msg *e) WARN_UNUSED;
/* The next echo reply; ERR_BUSY when none waits, ERR_SYSTEM otherwise.  Other messages are skipped.
 */
int icmp_receive_reply(int fd, enum ip_family family, struct icmp_echo *out) WARN_UNUSED;

#endif
