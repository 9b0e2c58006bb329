/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening and sending of netlink_socket.h; never reads. */
#include "platform/os/netlink_socket.h"

#include "platform/os/broker.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

#define ANSWER_WAIT_S 5
#define SMALL_BYTES   (128 * 1024) /* fits into any send buffer */

static int fail(int fd, const char *what, struct err_msg *e)
{
	int errnum = errno;

	if (fd >= 0)
		(void)close(fd);
	return err_sys(e, errnum, "%s", what);
}

int netlink_socket_make(int bus, const uint32_t *groups, size_t count, uint32_t buffer,
			const char *what, struct err_msg *e)
{
	const struct sockaddr_nl own = {.nl_family = AF_NETLINK};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus);
	int size = (int)buffer;

	if (fd < 0 || bind(fd, (const struct sockaddr *)&own, sizeof(own)) != 0)
		return fail(fd, what, e);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (size_t i = 0; i < count; i++) {
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) != 0)
			return fail(fd, what, e);
	}
	return fd;
}

static int ask_for(int bus, const uint32_t *groups, size_t count, uint32_t buffer, const char *what,
		   struct err_msg *e)
{
	struct broker_request q = {.word = BROKER_NETLINK, .kind = (uint8_t)bus, .number = buffer};
	struct err_msg why = {.text = ""};
	int fd;

	for (size_t i = 0; i < count && i < BROKER_GROUPS_MAX; i++)
		q.groups[q.group_count++] = groups[i];
	fd = broker_open(&q, -1, &why);
	return fd >= 0 ? fd : err_set(e, why.code, "%s%s", what, why.text);
}

struct mnl_socket *netlink_socket_open(int bus, const uint32_t *groups, size_t count,
				       uint32_t buffer, const char *what, struct err_msg *e)
{
	const struct timeval wait = {.tv_sec = ANSWER_WAIT_S};
	int fd = broker_is_there() ? ask_for(bus, groups, count, buffer, what, e)
				   : netlink_socket_make(bus, groups, count, buffer, what, e);
	struct mnl_socket *s = fd < 0 ? NULL : mnl_socket_fdopen(fd);
	int on = 1;

	if (fd >= 0 && s == NULL)
		(void)fail(fd, what, e);
	if (s == NULL)
		return NULL;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	/* kernels without these answer more briefly, or filter less: both are handled */
	(void)mnl_socket_setsockopt(s, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)mnl_socket_setsockopt(s, NETLINK_CAP_ACK, &on, sizeof(on));
	if (bus == NETLINK_ROUTE)
		(void)mnl_socket_setsockopt(s, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return s;
}

/* The whole of a transaction has to fit into the send buffer. */
static void make_room(int fd, size_t len)
{
	int size = (int)len;

	if (len > SMALL_BYTES)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
}

int netlink_socket_put(int fd, const void *data, size_t len)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t n;

	make_room(fd, len);
	do
		n = sendto(fd, data, len, 0, (const struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? errno : 0;
}

/* Everybody may ask about links, addresses and routes. */
static bool is_question(int bus, const void *data, size_t len)
{
	struct nlmsghdr m;

	if (bus != NETLINK_ROUTE || len < sizeof(m))
		return false;
	memcpy(&m, data, sizeof(m));
	return m.nlmsg_len >= len && ((m.nlmsg_type - RTM_BASE) & 3) == 2;
}

ssize_t netlink_socket_send(const struct mnl_socket *s, int bus, const void *data, size_t len)
{
	struct broker_request q = {.word = BROKER_SEND,
				   .kind = (uint8_t)bus,
				   .data = {.data = data, .len = len}};
	int fd = mnl_socket_get_fd(s);
	struct broker_reply r;
	int errnum;

	if (!broker_is_there() || is_question(bus, data, len)) {
		make_room(fd, len);
		return mnl_socket_sendto(s, data, len);
	}
	errnum = broker_ask(&q, fd, &r, NULL) != 0 ? EPIPE
		 : r.code == ERR_NOT_FOUND	   ? ENODEV
		 : r.code != 0			   ? EPERM
						   : (int)r.errnum;

	errno = errnum;
	return errnum == 0 ? (ssize_t)len : -1;
}
