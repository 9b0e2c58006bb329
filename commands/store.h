/* SPDX-License-Identifier: GPL-3.0-or-later */
/* startup-config: written so that a crash leaves the old or the new one, and read at boot. */
#ifndef COMMANDS_STORE_H
#define COMMANDS_STORE_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct commands;

#define STORE_NAME "startup-config"
#define STORE_MAX  ((size_t)64 * 1024 * 1024) /* octets that are read */

/* Running to startup: text made, read back and compared, written, synced, renamed; the previous
 * file stays as startup-config.1. */
int store_save(struct commands *c, struct err_msg *e) WARN_UNUSED;
/* The text of startup-config.  ERR_NOT_FOUND: there is none.  When it is not complete, the
 * previous one, and warning says so. */
int store_read(struct commands *c, struct strbuf *text, struct err_msg *warning,
	       struct err_msg *e) WARN_UNUSED;
int store_erase(struct commands *c, struct err_msg *e) WARN_UNUSED;
/* Does startup differ from running? */
bool store_is_modified(struct commands *c);

#endif
