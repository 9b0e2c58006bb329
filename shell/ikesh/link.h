/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The connection to the appliance: whole messages, blocking. */
#ifndef SHELL_IKESH_LINK_H
#define SHELL_IKESH_LINK_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"
#include "shell/wire.h"

#include <stdbool.h>

struct link {
	int fd;
	unsigned privilege;	      /* given by the appliance */
	char prompt[256];	      /* of the session, from WELCOME and DONE */
	uint8_t in[WIRE_MESSAGE_MAX]; /* the last message received */
};

/* Who is at our end of the connection. */
struct link_user {
	uint8_t privilege;	/* wanted, or WIRE_PRIVILEGE_DEFAULT */
	uint8_t flags;		/* WIRE_INTERACTIVE, WIRE_COLOR, WIRE_UTF8 */
	uint16_t rows, columns; /* of the window, 0: unknown */
};

/* Connect and greet.  ERR_SYSTEM: nobody answers at path; ERR_DENIED: refused; e says it in one
 * sentence. */
int link_open(struct link *l, const char *path, const struct link_user *user,
	      struct err_msg *e) WARN_UNUSED;
void link_close(struct link *l);
/* text may be NULL; ERR_RANGE: too long, or with line ends where the type has none. */
int link_send(struct link *l, enum wire_type type, const char *text) WARN_UNUSED;
int link_send_window(struct link *l, uint16_t rows, uint16_t columns) WARN_UNUSED;
/* As TEXT pieces. */
int link_send_upload(struct link *l, const char *text, size_t len) WARN_UNUSED;
/* The next message, whose text is valid until the next call; keeps the prompt up to date.
 * ERR_SYSTEM: the appliance is gone. */
int link_receive(struct link *l, struct wire_message *m) WARN_UNUSED;

#endif
