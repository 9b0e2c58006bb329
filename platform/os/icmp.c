/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICMP echo; see icmp.h.  Owns nothing but the descriptor that it returns; never waits. */
#include "platform/os/icmp.h"

#include "platform/base/bytes.h"
#include "platform/os/broker.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_LEN   8
#define PACKET_MAX   2048
#define SKIP_AT_ONCE 64 /* foreign messages per call, so that a flood cannot hold the caller */

union any_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t sockaddr_of(const struct ip_addr *a, union any_sockaddr *sa)
{
	memset(sa, 0, sizeof(*sa));
	if (a->family == IP_V4) {
		sa->v4.sin_family = AF_INET;
		memcpy(&sa->v4.sin_addr, a->bytes, 4);
		return sizeof(sa->v4);
	}
	sa->v6.sin6_family = AF_INET6;
	memcpy(&sa->v6.sin6_addr, a->bytes, 16);
	return sizeof(sa->v6);
}

/* Only echo replies reach an ICMPv6 socket; for ICMP receive sorts them out. */
static void filter_replies(int fd)
{
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
	(void)setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter));
}

int icmp_open(enum ip_family family, const struct ip_addr *source, struct err_msg *e)
{
	char text[IP_TEXT_MAX];
	union any_sockaddr sa;
	int fd;

	if (ip_addr_is_set(source) && source->family != family)
		return err_set(e, ERR_INVALID,
			       "Source %s is of another family than the destination",
			       ip_addr_text(source, text, sizeof(text)));
	if (broker_is_there())
		return broker_open_raw(BROKER_RAW_ECHO, family, source, e);
	fd = socket(family == IP_V4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
		    family == IP_V4 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
	if (fd < 0)
		return err_sys(e, errno, "ICMP socket");
	if (family == IP_V6)
		filter_replies(fd);
	if (ip_addr_is_set(source) && bind(fd, &sa.any, sockaddr_of(source, &sa)) != 0) {
		(void)err_sys(e, errno, "Source %s", ip_addr_text(source, text, sizeof(text)));
		(void)close(fd);
		return ERR_SYSTEM;
	}
	return fd;
}

int icmp_mark(int fd, uint32_t mark, struct err_msg *e)
{
	const struct broker_request q = {.word = BROKER_MARK, .number = mark};

	if (broker_is_there())
		return broker_do_with(&q, fd, e);
	return setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == 0
		       ? 0
		       : err_sys(e, errno, "ICMP socket");
}

/* RFC 1071 */
static uint16_t checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

int icmp_send_echo(int fd, const struct ip_addr *to, const struct icmp_echo *echo,
		   struct err_msg *e)
{
	uint8_t packet[HEADER_LEN + ICMP_DATA_MAX];
	struct writer w = writer_of(packet, sizeof(packet));
	union any_sockaddr sa;
	socklen_t sa_len = sockaddr_of(to, &sa);
	uint16_t sum;

	writer_u8(&w, to->family == IP_V4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST);
	writer_u8(&w, 0);
	writer_u16(&w, 0);
	writer_u16(&w, echo->id);
	writer_u16(&w, echo->sequence);
	for (size_t i = 0; i < echo->data_len; i++)
		writer_u8(&w, (uint8_t)i);
	if (w.failed)
		return err_set(e, ERR_RANGE, "More than %d octets of echo data", ICMP_DATA_MAX);
	if (to->family == IP_V4) { /* for ICMPv6 the kernel does it */
		sum = checksum(packet, w.len);
		packet[2] = (uint8_t)(sum >> 8);
		packet[3] = (uint8_t)sum;
	}
	if (sendto(fd, packet, w.len, MSG_NOSIGNAL, &sa.any, sa_len) >= 0)
		return 0;
	if (errno == EAGAIN || errno == ENOBUFS)
		return ERR_BUSY;
	return err_sys(e, errno, "Echo request");
}

static bool parse_reply(struct view packet, enum ip_family family, struct icmp_echo *out)
{
	struct reader r = reader_of(packet);
	uint8_t type, code;

	if (family == IP_V4) { /* a raw socket shows the IP header, RFC 791 section 3.1 */
		size_t header = (size_t)(reader_u8(&r) & 0x0f) * 4;

		if (header < 20)
			return false;
		reader_skip(&r, header - 1);
	}
	type = reader_u8(&r);
	code = reader_u8(&r);
	reader_skip(&r, 2);
	out->id = reader_u16(&r);
	out->sequence = reader_u16(&r);
	out->data_len = reader_left(&r);
	return !r.failed && code == 0 &&
	       type == (family == IP_V4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY);
}

int icmp_receive_reply(int fd, enum ip_family family, struct icmp_echo *out)
{
	uint8_t packet[PACKET_MAX];
	union any_sockaddr sa;
	struct icmp_echo echo = {0};

	for (int i = 0; i < SKIP_AT_ONCE; i++) {
		socklen_t sa_len = sizeof(sa);
		ssize_t n = recvfrom(fd, packet, sizeof(packet), 0, &sa.any, &sa_len);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? ERR_BUSY : ERR_SYSTEM;
		if (!parse_reply(view_of(packet, (size_t)n), family, &echo))
			continue;
		echo.from = family == IP_V4 ? ip_addr_from_bytes((uint8_t *)&sa.v4.sin_addr, 4)
					    : ip_addr_from_bytes((uint8_t *)&sa.v6.sin6_addr, 16);
		*out = echo;
		return 0;
	}
	return ERR_BUSY;
}
