/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICMP errors; see icmp_error.h.  Owns nothing but the descriptor that it returns; never waits. */
#include "platform/os/icmp_error.h"

#include "platform/os/broker.h"

#include <errno.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define PACKET_MAX   2048
#define SKIP_AT_ONCE 64 /* errors about others per call */
#define UDP	     17

union any_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int set_filter(int fd, enum ip_family family)
{
	struct icmp_filter v4 = {.data = ~(1u << ICMP_DEST_UNREACH)};
	struct icmp6_filter v6;

	if (family == IP_V4)
		return setsockopt(fd, SOL_RAW, ICMP_FILTER, &v4, sizeof(v4));
	ICMP6_FILTER_SETBLOCKALL(&v6);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &v6);
	return setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &v6, sizeof(v6));
}

int icmp_error_open(enum ip_family family, struct err_msg *e)
{
	int fd;

	if (broker_is_there())
		return broker_open_raw(BROKER_RAW_ICMP_ERROR, family, NULL, e);
	fd = socket(family == IP_V4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    family == IP_V4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (fd < 0)
		return err_sys(e, errno, "ICMP socket");
	if (set_filter(fd, family) == 0)
		return fd;
	(void)err_sys(e, errno, "ICMP socket filter");
	(void)close(fd);
	return ERR_SYSTEM;
}

/* RFC 791 section 3.1. */
static void read_v4(struct reader *r, struct ip_addr *src, struct ip_addr *dst, uint8_t *protocol)
{
	size_t header = (size_t)(reader_u8(r) & 0x0f) * 4;
	uint8_t addr[4];

	if (header < 20)
		r->failed = true;
	reader_skip(r, 8);
	*protocol = reader_u8(r);
	reader_skip(r, 2);
	reader_copy(r, addr, 4);
	*src = ip_addr_from_bytes(addr, 4);
	reader_copy(r, addr, 4);
	*dst = ip_addr_from_bytes(addr, 4);
	reader_skip(r, header > 20 ? header - 20 : 0);
}

/* RFC 8200 section 3; our datagrams have no extension headers. */
static void read_v6(struct reader *r, struct ip_addr *src, struct ip_addr *dst, uint8_t *protocol)
{
	uint8_t addr[16];

	reader_skip(r, 6);
	*protocol = reader_u8(r);
	reader_skip(r, 1);
	reader_copy(r, addr, 16);
	*src = ip_addr_from_bytes(addr, 16);
	reader_copy(r, addr, 16);
	*dst = ip_addr_from_bytes(addr, 16);
}

int icmp_error_parse(struct view packet, enum ip_family family, struct icmp_error *out)
{
	struct reader r = reader_of(packet);
	struct icmp_error x = {.reporter = out->reporter};
	struct ip_addr ignored;
	uint8_t protocol = 0;

	if (family == IP_V4)
		read_v4(&r, &ignored, &ignored, &protocol);
	x.type = reader_u8(&r);
	x.code = reader_u8(&r);
	reader_skip(&r, 6); /* checksum, unused */
	if (r.failed || x.type != (family == IP_V4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH))
		return ERR_INVALID;
	if (family == IP_V4)
		read_v4(&r, &x.local.addr, &x.remote.addr, &protocol);
	else
		read_v6(&r, &x.local.addr, &x.remote.addr, &protocol);
	x.local.port = reader_u16(&r);
	x.remote.port = reader_u16(&r);
	if (r.failed || protocol != UDP)
		return ERR_INVALID;
	*out = x;
	return 0;
}

int icmp_error_receive(int fd, enum ip_family family, struct icmp_error *out)
{
	uint8_t packet[PACKET_MAX];
	union any_sockaddr sa;

	for (int i = 0; i < SKIP_AT_ONCE; i++) {
		socklen_t sa_len = sizeof(sa);
		ssize_t n = recvfrom(fd, packet, sizeof(packet), 0, &sa.any, &sa_len);
		struct icmp_error x;

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? ERR_BUSY : ERR_SYSTEM;
		x.reporter = family == IP_V4 ? ip_addr_from_bytes((uint8_t *)&sa.v4.sin_addr, 4)
					     : ip_addr_from_bytes((uint8_t *)&sa.v6.sin6_addr, 16);
		if (icmp_error_parse(view_of(packet, (size_t)n), family, &x) != 0)
			continue;
		*out = x;
		return 0;
	}
	return ERR_BUSY;
}

const char *icmp_error_name(enum ip_family family, unsigned code)
{
	static const char *const v4[] = {
		"network unreachable",
		"host unreachable",
		"protocol unreachable",
		"port unreachable",
		"fragmentation needed",
		"source route failed",
		"network unknown",
		"host unknown",
		"host isolated",
		"network administratively prohibited",
		"host administratively prohibited",
		"network unreachable for this service",
		"host unreachable for this service",
		"administratively prohibited",
	};
	static const char *const v6[] = {
		"no route to destination",
		"administratively prohibited",
		"beyond scope",
		"address unreachable",
		"port unreachable",
		"source address refused by policy",
		"route rejects",
	};

	if (family == IP_V4 && code < sizeof(v4) / sizeof(v4[0]))
		return v4[code];
	if (family == IP_V6 && code < sizeof(v6) / sizeof(v6[0]))
		return v6[code];
	return "unreachable";
}
