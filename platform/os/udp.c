/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * UDP sockets with packet info (RFC 3542 for IPv6).  Owns nothing but the descriptor that it
 * returns; never retries, queues or looks into a payload.
 */
#include "platform/os/udp.h"

#include "platform/base/mem.h"
#include "platform/os/broker.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Beyond net.core.*_max when we may; what the kernel grants is enough otherwise. */
#define UDP_BUFFER_BYTES (4 * 1024 * 1024)
#define UDP_PARTS_MAX	 16

#ifndef IPV6_RECVORIGDSTADDR
#define IPV6_RECVORIGDSTADDR 74
#define IPV6_ORIGDSTADDR     IPV6_RECVORIGDSTADDR
#endif

union any_sockaddr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		      CMSG_SPACE(sizeof(struct sockaddr_in6)) + CMSG_SPACE(sizeof(int))];
};

static int set_flag(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_buffer(int fd, int forced, int plain)
{
	if (set_flag(fd, SOL_SOCKET, forced, UDP_BUFFER_BYTES) != 0)
		(void)set_flag(fd, SOL_SOCKET, plain, UDP_BUFFER_BYTES);
}

static int set_options(int fd, enum ip_family family)
{
	set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	if (family == IP_V4)
		return set_flag(fd, IPPROTO_IP, IP_PKTINFO, 1) |
		       set_flag(fd, IPPROTO_IP, IP_RECVTOS, 1) |
		       set_flag(fd, IPPROTO_IP, IP_RECVORIGDSTADDR, 1) |
		       set_flag(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	return set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) |
	       set_flag(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) |
	       set_flag(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) |
	       set_flag(fd, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1) |
	       set_flag(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
}

static socklen_t sockaddr_of(const struct ip_endpoint *e, union any_sockaddr *sa)
{
	memset(sa, 0, sizeof(*sa));
	if (e->addr.family == IP_V4) {
		sa->v4.sin_family = AF_INET;
		sa->v4.sin_port = htons(e->port);
		memcpy(&sa->v4.sin_addr, e->addr.bytes, 4);
		return sizeof(sa->v4);
	}
	sa->v6.sin6_family = AF_INET6;
	sa->v6.sin6_port = htons(e->port);
	memcpy(&sa->v6.sin6_addr, e->addr.bytes, 16);
	return sizeof(sa->v6);
}

static struct ip_endpoint endpoint_of(const union any_sockaddr *sa)
{
	struct ip_endpoint e = {.port = 0};

	if (sa->any.sa_family == AF_INET) {
		e.addr = ip_addr_from_bytes((const uint8_t *)&sa->v4.sin_addr, 4);
		e.port = ntohs(sa->v4.sin_port);
	} else if (sa->any.sa_family == AF_INET6) {
		e.addr = ip_addr_from_bytes(sa->v6.sin6_addr.s6_addr, 16);
		e.port = ntohs(sa->v6.sin6_port);
	}
	return e;
}

int udp_open(enum ip_family family, uint16_t port, struct err_msg *e)
{
	const struct ip_endpoint any = {.addr = {.family = (uint8_t)family}, .port = port};
	const char *name = family == IP_V4 ? "IPv4" : "IPv6";
	union any_sockaddr sa;
	socklen_t len = sockaddr_of(&any, &sa);
	int errnum;
	int fd;

	if (family != IP_V4 && family != IP_V6)
		return err_set(e, ERR_INVALID, "UDP port %u: no address family", port);
	if (broker_is_there())
		return broker_open(&(struct broker_request){.word = BROKER_UDP, .at = any}, -1, e);
	fd = socket(sa.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(e, errno, "UDP port %u (%s)", port, name);
	if (set_options(fd, family) == 0 && bind(fd, &sa.any, len) == 0)
		return fd;
	errnum = errno;
	close(fd);
	return err_sys(e, errnum, "UDP port %u (%s)", port, name);
}

int udp_open_at(const struct ip_endpoint *at, struct err_msg *e)
{
	bool v4 = at->addr.family == IP_V4;
	char text[IP_TEXT_MAX];
	union any_sockaddr sa;
	socklen_t len = sockaddr_of(at, &sa);
	int errnum;
	int fd;

	if (broker_is_there())
		return broker_open(&(struct broker_request){.word = BROKER_UDP_AT, .at = *at}, -1,
				   e);
	fd = socket(sa.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ip_endpoint_text(at, text, sizeof(text));
	if (fd < 0)
		return err_sys(e, errno, "UDP %s", text);
	if (set_flag(fd, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_FREEBIND : IPV6_FREEBIND, 1) ==
		    0 &&
	    set_options(fd, (enum ip_family)at->addr.family) == 0 && bind(fd, &sa.any, len) == 0)
		return fd;
	errnum = errno;
	close(fd);
	return err_sys(e, errnum, "UDP %s", text);
}

int udp_open_sender(enum ip_family family, struct err_msg *e)
{
	int fd = socket(family == IP_V4 ? AF_INET : AF_INET6,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(e, errno, "UDP (%s)", family == IP_V4 ? "IPv4" : "IPv6");
	/* Nobody reads what comes back: as little as possible is kept of it. */
	(void)set_flag(fd, SOL_SOCKET, SO_RCVBUF, 0);
	return fd;
}

int udp_connect(const struct ip_endpoint *to, struct err_msg *e)
{
	union any_sockaddr sa;
	socklen_t len = sockaddr_of(to, &sa);
	char text[IP_TEXT_MAX];
	int errnum;
	int fd = socket(sa.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ip_endpoint_text(to, text, sizeof(text));
	if (fd < 0)
		return err_sys(e, errno, "UDP to %s", text);
	if (connect(fd, &sa.any, len) == 0)
		return fd;
	errnum = errno;
	close(fd);
	return err_sys(e, errnum, "UDP to %s", text);
}

int udp_open_beside(int fd, struct err_msg *e)
{
	union any_sockaddr sa;
	socklen_t len = sizeof(sa);
	enum ip_family family;
	int errnum, other;

	if (broker_is_there())
		return broker_open(&(struct broker_request){.word = BROKER_UDP_BESIDE}, fd, e);
	memset(&sa, 0, sizeof(sa));
	if (getsockname(fd, &sa.any, &len) != 0)
		return err_sys(e, errno, "UDP socket");
	family = sa.any.sa_family == AF_INET ? IP_V4 : IP_V6;
	other = socket(sa.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (other < 0)
		return err_sys(e, errno, "UDP port %u", endpoint_of(&sa).port);
	if (set_flag(fd, SOL_SOCKET, SO_REUSEPORT, 1) == 0 &&
	    set_flag(other, SOL_SOCKET, SO_REUSEPORT, 1) == 0 && set_options(other, family) == 0 &&
	    bind(other, &sa.any, len) == 0)
		return other;
	errnum = errno;
	close(other);
	return err_sys(e, errnum, "UDP port %u, one more socket", endpoint_of(&sa).port);
}

static void take_control(const struct cmsghdr *c, struct udp_datagram *d)
{
	const void *data = CMSG_DATA(c);

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;

		memcpy(&info, data, sizeof(info));
		d->local.addr = ip_addr_from_bytes((const uint8_t *)&info.ipi_spec_dst, 4);
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;

		memcpy(&info, data, sizeof(info));
		d->local.addr = ip_addr_from_bytes(info.ipi6_addr.s6_addr, 16);
	} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
		memcpy(&d->tos, data, sizeof(d->tos)); /* one byte */
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
		int tclass;

		memcpy(&tclass, data, sizeof(tclass));
		d->tos = (uint8_t)tclass;
	} else if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_ORIGDSTADDR) ||
		   (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_ORIGDSTADDR)) {
		union any_sockaddr sa = {.any.sa_family = AF_UNSPEC};
		size_t len = c->cmsg_len - CMSG_LEN(0);

		memcpy(&sa, data, len < sizeof(sa) ? len : sizeof(sa));
		d->local.port = endpoint_of(&sa).port;
	}
}

int udp_receive(int fd, void *buf, size_t cap, struct udp_datagram *out)
{
	union any_sockaddr from;
	union control control;
	struct iovec iov = {.iov_base = buf, .iov_len = cap};
	struct msghdr msg = {.msg_name = &from,
			     .msg_namelen = sizeof(from),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control)};
	struct udp_datagram d = {.tos = 0};
	ssize_t n;

	do
		n = recvmsg(fd, &msg, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_BUSY : ERR_SYSTEM;
	if (msg.msg_flags & MSG_TRUNC)
		return ERR_TRUNCATED;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		take_control(c, &d);
	d.remote = endpoint_of(&from);
	d.payload = view_of(buf, (size_t)n);
	*out = d;
	return 0;
}

/* Append one control message; the room was counted in union control. */
static void add_control(struct msghdr *msg, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c =
		(struct cmsghdr *)(void *)((uint8_t *)msg->msg_control + msg->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	msg->msg_controllen += CMSG_SPACE(len);
}

static void add_source(struct msghdr *msg, const struct ip_addr *local)
{
	if (local->family == IP_V4) {
		struct in_pktinfo info = {.ipi_ifindex = 0};

		memcpy(&info.ipi_spec_dst, local->bytes, 4);
		add_control(msg, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	} else if (local->family == IP_V6) {
		struct in6_pktinfo info = {.ipi6_ifindex = 0};

		memcpy(&info.ipi6_addr, local->bytes, 16);
		add_control(msg, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
}

int udp_send(int fd, const struct ip_endpoint *local, const struct ip_endpoint *remote, uint8_t tos,
	     const struct view *parts, size_t part_count)
{
	union any_sockaddr to;
	union control control;
	struct iovec iov[UDP_PARTS_MAX];
	struct msghdr msg = {.msg_name = &to, .msg_iov = iov, .msg_control = &control};
	int tos_value = tos;
	bool v4 = remote->addr.family == IP_V4;
	ssize_t n;

	if (!ip_addr_is_set(&remote->addr) || part_count > ARRAY_LEN(iov) ||
	    (ip_addr_is_set(&local->addr) && local->addr.family != remote->addr.family))
		return ERR_INVALID;
	memset(&control, 0, sizeof(control));
	msg.msg_namelen = sockaddr_of(remote, &to);
	msg.msg_iovlen = part_count;
	for (size_t i = 0; i < part_count; i++)
		iov[i] = (struct iovec){.iov_base = (void *)(uintptr_t)parts[i].data,
					.iov_len = parts[i].len};
	add_source(&msg, &local->addr);
	add_control(&msg, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS, &tos_value,
		    sizeof(tos_value));
	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? ERR_BUSY : ERR_SYSTEM;
}
