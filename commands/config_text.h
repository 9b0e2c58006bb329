/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration texts as trees: a line, and below it the lines that are indented deeper.  Two trees
 * are compared section by section, whatever the order of the lines, which is what operators mean by
 * a difference.  Knows indentation only, no commands.
 */
#ifndef COMMANDS_CONFIG_TEXT_H
#define COMMANDS_CONFIG_TEXT_H

#include "platform/base/strbuf.h"

#include <stdbool.h>

struct config_text {
	char *line; /* without indent; "" for the whole text.  A banner's lines are one, with \n */
	size_t count;
	struct config_text *items; /* owned */
};

/* Comments, blank lines, `end` and what routers print around configurations are left out.  Clear
 * with config_text_clear. */
void config_text_parse(const char *text, struct config_text *out);
void config_text_clear(struct config_text *t); /* wipes: there may be sealed secrets in it */
/* The child with this line, or NULL. */
const struct config_text *config_text_find(const struct config_text *t, const char *line);
bool config_text_equal(const struct config_text *a, const struct config_text *b);
/* The tree as text again, from depth blanks of indent on. */
void config_text_write(const struct config_text *t, unsigned depth, struct strbuf *out);

/* What turns before into after: "-line" and "+line", below the headers of their sections.  Nothing
 * when there is no difference.  Returns the number of lines with a sign. */
size_t config_text_diff(const struct config_text *before, const struct config_text *after,
			struct strbuf *out);

#endif
