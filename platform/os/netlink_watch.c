/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A netlink socket that never sends.  Messages of processes, which may forge them, are ignored. */
#include "platform/os/netlink_watch.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/loop.h"
#include "platform/os/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <stdint.h>
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

static int join(struct netlink_watch *w, const unsigned *groups, size_t count)
{
	int buffer = BUFFER_BYTES;
	int fd = mnl_socket_get_fd(w->socket);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	for (size_t i = 0; i < count; i++) {
		int group = (int)groups[i];

		if (mnl_socket_setsockopt(w->socket, NETLINK_ADD_MEMBERSHIP, &group,
					  sizeof(group)) != 0)
			return -1;
	}
	return 0;
}

struct netlink_watch *netlink_watch_open(struct loop *loop, int bus, const unsigned *groups,
					 size_t count,
					 const struct netlink_watch_callbacks *callbacks,
					 struct err_msg *e)
{
	struct netlink_watch *w = mem_zalloc(sizeof(*w));

	w->loop = loop;
	w->callbacks = *callbacks;
	w->socket = mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (w->socket == NULL || mnl_socket_bind(w->socket, 0, MNL_SOCKET_AUTOPID) != 0 ||
	    join(w, groups, count) != 0) {
		err_sys(e, errno, "netlink events %d", bus);
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
