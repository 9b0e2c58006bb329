/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A netlink socket that never sends.  Messages of processes, which may forge them, are ignored. */
#include "platform/os/netlink_watch.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/loop.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_socket.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define RECEIVE_BYTES  (64 * 1024)
#define BUFFER_BYTES   (1024 * 1024)
#define READS_PER_TURN 64

struct netlink_watch {
	struct loop *loop; /* borrowed */
	struct mnl_socket *socket;
	bool watched;
	struct netlink_watch_callbacks callbacks;
	_Alignas(struct nlmsghdr) uint8_t receive[RECEIVE_BYTES];
};

static void hand_on(struct netlink_watch *w, int len)
{
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)w->receive;

	for (; netlink_is_whole(m, len); m = mnl_nlmsg_next(m, &len)) {
		if (m->nlmsg_type >= NLMSG_MIN_TYPE)
			w->callbacks.on_message(w->callbacks.arg, m);
	}
}

static void on_readable(void *arg, int fd, unsigned events)
{
	struct netlink_watch *w = arg;
	struct sockaddr_nl from = {.nl_family = AF_NETLINK};
	ssize_t len;

	(void)events;
	for (int i = 0; i < READS_PER_TURN; i++) {
		socklen_t from_len = sizeof(from);

		len = recvfrom(fd, w->receive, sizeof(w->receive), MSG_DONTWAIT,
			       (struct sockaddr *)&from, &from_len);
		if (len < 0 && errno == ENOBUFS) {
			w->callbacks.on_lost(w->callbacks.arg);
			continue;
		}
		if (len < 0)
			return;
		if (from.nl_pid == 0)
			hand_on(w, (int)len);
		bytes_wipe(w->receive, (size_t)len);
	}
}

struct netlink_watch *netlink_watch_open(struct loop *loop, int bus, const unsigned *groups,
					 size_t count,
					 const struct netlink_watch_callbacks *callbacks,
					 struct err_msg *e)
{
	struct netlink_watch *w = mem_zalloc(sizeof(*w));
	char what[32];

	w->loop = loop;
	w->callbacks = *callbacks;
	(void)snprintf(what, sizeof(what), "netlink events %d", bus);
	w->socket = netlink_socket_open(bus, groups, count, BUFFER_BYTES, what, e);
	if (w->socket == NULL) {
		netlink_watch_close(w);
		return NULL;
	}
	if (loop_fd_add(loop, mnl_socket_get_fd(w->socket), LOOP_READ, on_readable, w) != 0) {
		err_set(e, ERR_SYSTEM, "netlink events %d: cannot be watched", bus);
		netlink_watch_close(w);
		return NULL;
	}
	w->watched = true;
	return w;
}

void netlink_watch_close(struct netlink_watch *w)
{
	if (w == NULL)
		return;
	if (w->watched)
		loop_fd_remove(w->loop, mnl_socket_get_fd(w->socket));
	if (w->socket != NULL)
		mnl_socket_close(w->socket);
	free(w);
}
