/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The archive: numbered copies of the configuration, one for each time that it was saved or
 * committed.  Each file is a whole configuration whose first line says when, why and by whom, so
 * that it means the same anywhere.
 */
#ifndef COMMANDS_ARCHIVE_H
#define COMMANDS_ARCHIVE_H

#include "platform/base/err.h"
#include "platform/base/strbuf.h"

#include <stddef.h>
#include <stdint.h>

struct commands;
struct session_who;

#define ARCHIVE_TEXT_MAX 160

struct archive_entry {
	uint32_t number;
	char what[ARCHIVE_TEXT_MAX]; /* "write by ops1 (vty 1)" */
	char when[40];		     /* ISO 8601, UTC */
	size_t len;		     /* octets */
};

struct archive_list {
	size_t count;
	struct archive_entry *items; /* by number; owned */
};

/* Keep text (a whole configuration) as the next number, and drop the oldest ones beyond the
 * configured maximum. */
int archive_add(struct commands *c, const char *text, const char *why,
		const struct session_who *who, struct err_msg *e) WARN_UNUSED;
int archive_list(struct commands *c, struct archive_list *out, struct err_msg *e) WARN_UNUSED;
void archive_list_clear(struct archive_list *l);
/* ERR_NOT_FOUND: e says which numbers there are. */
int archive_read(struct commands *c, uint32_t number, struct strbuf *out,
		 struct err_msg *e) WARN_UNUSED;
/* "! Archive 17: write by ops1 (vty 1), 2026-11-23T14:00:02Z": the first line of such a file. */
void archive_title(struct strbuf *out, const char *name, const char *why,
		   const struct session_who *who, uint64_t wall_ms);

#endif
