/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Unix SEQPACKET sockets: the way between ikesh and ikeshd. */
#ifndef PLATFORM_OS_SEQPACKET_H
#define PLATFORM_OS_SEQPACKET_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"

#include <sys/types.h>

struct seqpacket_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};

/* Listening socket at path (a stale one is replaced, one that answers is ERR_EXISTS); mode of the
 * node.  Descriptor or error. */
int seqpacket_listen(const char *path, unsigned mode, struct err_msg *e) WARN_UNUSED;
/* Non-blocking connection and who is behind it (SO_PEERCRED); ERR_BUSY when none waits;
 * ERR_NO_SPACE when descriptors ran out: the connection keeps waiting, so stop watching a while. */
int seqpacket_accept(int fd, struct seqpacket_peer *peer) WARN_UNUSED;
/* Blocking connection to path. */
int seqpacket_connect(const char *path, struct err_msg *e) WARN_UNUSED;
/* One message; ERR_BUSY when it would block, ERR_SYSTEM when the other side is gone, ERR_RANGE when
 * it is too long to be sent at all, ERR_INVALID when it is empty. */
int seqpacket_send(int fd, struct view message) WARN_UNUSED;
/* One message into buf; *len 0 and 0 returned at the end; ERR_BUSY when none waits,
 * ERR_TRUNCATED when it was longer than cap (and is gone). */
int seqpacket_receive(int fd, void *buf, size_t cap, size_t *len) WARN_UNUSED;

#endif
