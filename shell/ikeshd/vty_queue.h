/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages that wait for one client, in order.  Text of a running line is gathered and cut into
 * messages as large as the wire allows; above the limit the rest of a line's output is dropped, and
 * a note takes its place.
 */
#ifndef SHELL_IKESHD_VTY_QUEUE_H
#define SHELL_IKESHD_VTY_QUEUE_H

#include "platform/base/list.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct wire_message;

struct vty_queue {
	struct list messages;
	size_t bytes; /* in messages and gathered */
	size_t limit;
	struct strbuf text; /* gathered output, at most one message */
	bool cut;	    /* output of this line was dropped */
};

void vty_queue_init(struct vty_queue *q, size_t limit);
void vty_queue_clear(struct vty_queue *q);
bool vty_queue_is_empty(const struct vty_queue *q);
/* Output of the running line. */
void vty_queue_output(struct vty_queue *q, const char *text, size_t len);
/* Any other message, behind all output so far. */
void vty_queue_message(struct vty_queue *q, const struct wire_message *m);
/* Send until the socket is full; 0 when all is sent, ERR_BUSY when some is left, ERR_SYSTEM when
 * the client is gone. */
int vty_queue_send(struct vty_queue *q, int fd) WARN_UNUSED;

#endif
