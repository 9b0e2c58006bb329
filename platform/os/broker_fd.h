/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Octets and descriptors between the two halves, for broker.c and broker_serve.c. */
#ifndef PLATFORM_OS_BROKER_FD_H
#define PLATFORM_OS_BROKER_FD_H

#include "platform/base/bytes.h"

struct ucred;

/* Exactly len octets, waiting for them.  fd (or NULL): a descriptor that came beside them, the
 * caller's, else as it was; who (or NULL): who sent them, where the socket is asked to tell. False:
 * the other side is gone. */
bool broker_fd_read(int from, void *buf, size_t len, int *fd, struct ucred *who);
/* All octets of both parts; fd -1: none is given along. */
bool broker_fd_write(int to, struct view first, struct view second, int fd);

#endif
