/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration as text, made by walking the rows: what differs from the default, or everything.
 * The text always reads back to the same configuration.
 */
#ifndef COMMANDS_WRITER_H
#define COMMANDS_WRITER_H

#include "commands/config.h"
#include "commands/row.h"
#include "platform/base/strbuf.h"

struct config_writer {
	struct strbuf *out;
	unsigned indent;
	bool all;	   /* defaults too */
	bool hide_secrets; /* "psk <hidden>" */
};

/* The whole configuration with separators and `end`. */
void writer_config(struct config_writer *w, const struct config *c);
void writer_site(struct config_writer *w, const struct site_config *s);
/* For hooks of rows: one line at the current indent, \n is added. */
void writer_line(struct config_writer *w, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Every row of this mode for the object. */
void writer_rows(struct config_writer *w, enum cmd_mode mode, const void *object);

#endif
