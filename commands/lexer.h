/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A typed line as words with their columns.  Double quotes keep blanks together; nothing else is
 * special, so that a value may take the raw rest of the line.  The text of the words is a copy that
 * is wiped with the line: it may be a secret.
 */
#ifndef COMMANDS_LEXER_H
#define COMMANDS_LEXER_H

#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

#define LEXER_WORDS 64

struct word {
	const char *text; /* quotes taken off */
	size_t column;	  /* of its first character in the line */
	size_t len;	  /* in the line, with quotes */
	bool quoted;
};

struct lexed {
	const char *line; /* borrowed */
	size_t end;	  /* where the words end: at the filters, or the trimmed end of the line */
	const char *filters; /* behind the first `|`, or NULL */
	size_t count;
	struct word words[LEXER_WORDS];
	bool surplus;	      /* more words than LEXER_WORDS */
	bool blank_at_end;    /* the line ends with a blank: the next word begins */
	struct strbuf copies; /* owned */
};

/* filters: an unquoted `|` ends the words.  CR, TAB and other control characters count as blanks.
 */
void lexer_split(const char *line, bool filters, struct lexed *out);
void lexer_clear(struct lexed *l); /* wipes */
/* The raw line from word i to the end, trimmed, into out (may be a secret). */
void lexer_rest(const struct lexed *l, size_t i, struct strbuf *out);

#endif
