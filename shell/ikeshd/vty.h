/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The operators' connections: the listening socket, and per connection one session of the command
 * layer with an output queue.  Nothing here blocks: a slow client fills its queue up to a limit,
 * and its input waits while too much is queued.
 */
#ifndef SHELL_IKESHD_VTY_H
#define SHELL_IKESHD_VTY_H

#include "platform/base/err.h"

#include <stddef.h>

struct commands;
struct log;
struct loop;
struct vtys;

#define VTY_SESSIONS_MAX 64	     /* connections at a time */
#define VTY_QUEUE_MAX	 (64u << 20) /* octets of output that wait for one client */
#define VTY_QUEUE_BUSY	 (1u << 20)  /* above this, input is not read */
#define VTY_HELLO_MS	 10000	     /* from the connection to HELLO */
#define VTY_LINGER_MS	 5000	     /* for the last output to be taken */

/* Serve the listening socket fd, which is taken over.  Borrows the rest until vtys_free. */
struct vtys *vtys_new(struct loop *loop, int fd, struct commands *c, const struct log *log,
		      struct err_msg *e);
/* Ends all sessions; farewell (may be NULL) is the last line that each client gets, if its socket
 * takes it at once. */
void vtys_free(struct vtys *v, const char *farewell);
size_t vtys_count(const struct vtys *v);

#endif
