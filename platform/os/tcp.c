/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP sockets.  Never reads or writes; never decides who may connect. */
#include "platform/os/tcp.h"

#include "platform/os/broker.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TCP_BACKLOG 16

static socklen_t sockaddr_of(const struct ip_endpoint *at, struct sockaddr_storage *sa)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)sa;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)sa;

	memset(sa, 0, sizeof(*sa));
	if (at->addr.family == IP_V4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(at->port);
		memcpy(&v4->sin_addr, at->addr.bytes, 4);
		return sizeof(*v4);
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(at->port);
	memcpy(&v6->sin6_addr, at->addr.bytes, 16);
	return sizeof(*v6);
}

/* So that the order of start-up and addresses does not matter. */
static int set_options(int fd, enum ip_family family)
{
	int on = 1;
	int rc = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));

	if (family == IP_V4)
		return rc | setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
	return rc | setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) |
	       setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on));
}

int tcp_listen(const struct ip_endpoint *at, struct err_msg *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_of(at, &sa);
	char text[IP_TEXT_MAX];
	int fd;

	if (broker_is_there())
		return broker_open(&(struct broker_request){.word = BROKER_TCP, .at = *at}, -1, e);
	fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ip_endpoint_text(at, text, sizeof(text));
	if (fd < 0)
		return err_sys(e, errno, "TCP %s", text);
	if (set_options(fd, at->addr.family) != 0 ||
	    bind(fd, (const struct sockaddr *)&sa, len) != 0 || listen(fd, TCP_BACKLOG) != 0) {
		int errnum = errno;

		close(fd);
		return err_sys(e, errnum, "TCP %s", text);
	}
	return fd;
}

int tcp_accept(int fd)
{
	int conn = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (conn >= 0)
		return conn;
	/* Errors of the connection that was waiting are no errors of ours: accept(2). */
	return errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM
		       ? ERR_NO_SPACE
		       : ERR_BUSY;
}

struct ip_addr tcp_peer(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} sa;
	socklen_t len = sizeof(sa);

	memset(&sa, 0, sizeof(sa));
	if (getpeername(fd, &sa.any, &len) != 0)
		return (struct ip_addr){.family = IP_NONE};
	if (sa.any.sa_family == AF_INET)
		return ip_addr_from_bytes((const uint8_t *)&sa.v4.sin_addr, 4);
	return ip_addr_from_bytes(sa.v6.sin6_addr.s6_addr, 16);
}

int tcp_connect(const struct ip_endpoint *to, struct err_msg *e)
{
	struct sockaddr_storage sa;
	socklen_t len = sockaddr_of(to, &sa);
	int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0)
		return err_sys(e, errno, "TCP");
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (connect(fd, (const struct sockaddr *)&sa, len) != 0 && errno != EINPROGRESS) {
		int errnum = errno;

		close(fd);
		return err_sys(e, errnum, "it cannot be connected");
	}
	return fd;
}

int tcp_connected(int fd, struct err_msg *e)
{
	int errnum = 0;
	socklen_t len = sizeof(errnum);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len) != 0)
		errnum = errno;
	return errnum == 0 ? 0 : err_sys(e, errnum, "it cannot be connected");
}
