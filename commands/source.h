/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configurations by the names that operators give them: running-config, startup-config, a number of
 * the archive, or a file that was saved with `copy running-config file`.
 */
#ifndef COMMANDS_SOURCE_H
#define COMMANDS_SOURCE_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stdint.h>

struct commands;

enum source_kind { SOURCE_RUNNING, SOURCE_STARTUP, SOURCE_ARCHIVE, SOURCE_FILE };

struct source {
	enum source_kind kind;
	uint32_t number;  /* ARCHIVE */
	const char *file; /* FILE, borrowed */
};

/* "running-config", "startup-config" (both may be abbreviated), "17", "archive:17", "file:NAME". */
int source_parse(const char *text, struct source *out, struct err_msg *e) WARN_UNUSED;
/* "startup-config", "archive 17", "file before-upgrade" */
const char *source_name(const struct source *s, char *buf, size_t size);
/* Appends the text.  ERR_NOT_FOUND with e naming it. */
int source_read(struct commands *c, const struct source *s, struct strbuf *out,
		struct err_msg *e) WARN_UNUSED;
/* CONFIG_DIR/files/NAME */
int source_write_file(struct commands *c, const char *name, const char *text, size_t len,
		      struct err_msg *e) WARN_UNUSED;
/* Names of the files, each with \n, sorted. */
int source_files(struct commands *c, struct strbuf *out, struct err_msg *e) WARN_UNUSED;

#endif
