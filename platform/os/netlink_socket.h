/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Netlink sockets as requests, batches, watches and transactions use them.  Where there is a
 * privileged half (platform/os/broker.h), it opens them, and sends what changes something: the
 * kernel looks at the rights of both.  Answers are read from the socket itself.
 */
#ifndef PLATFORM_OS_NETLINK_SOCKET_H
#define PLATFORM_OS_NETLINK_SOCKET_H

#include "platform/base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct mnl_socket;

/* Bound, close-on-exec, answers within 5 s, with extended acknowledgements and a receive buffer of
 * so many octets, in these multicast groups.  NULL with e: "what: ...". */
struct mnl_socket *netlink_socket_open(int bus, const uint32_t *groups, size_t count,
				       uint32_t buffer, const char *what, struct err_msg *e);
/* One datagram to the kernel.  Octets, or -1 with errno. */
ssize_t netlink_socket_send(const struct mnl_socket *s, int bus, const void *data, size_t len);

/* The system calls of the two, for who has the rights: descriptor, or ERR_SYSTEM with e; 0 or an
 * errno value. */
int netlink_socket_make(int bus, const uint32_t *groups, size_t count, uint32_t buffer,
			const char *what, struct err_msg *e);
int netlink_socket_put(int fd, const void *data, size_t len);

#endif
