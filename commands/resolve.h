/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The resolver: a typed line to a row with its values.  Exact words win over abbreviations,
 * abbreviations must be unique, and a line that means nothing in its mode is tried in the parents.
 */
#ifndef COMMANDS_RESOLVE_H
#define COMMANDS_RESOLVE_H

#include "commands/grammar.h"
#include "commands/lexer.h"
#include "commands/value.h"

#define RESOLVE_VALUES 6

enum resolve_status {
	RESOLVE_OK,
	RESOLVE_INVALID, /* a word that does not belong there; column says where */
	RESOLVE_VALUE,	 /* a value that is refused; message says why */
	RESOLVE_AMBIGUOUS,
	RESOLVE_INCOMPLETE,
};

struct resolution {
	enum resolve_status status;
	enum cmd_mode mode;		/* in which it was found, or came furthest */
	const struct cli_command *node; /* last one that was reached; NULL: none */
	const struct row *row;		/* OK */
	bool no;
	size_t words;		/* that were understood */
	size_t column;		/* of the first bad character, INVALID and VALUE */
	struct err_msg message; /* VALUE */
	bool secret;		/* the refused value was one: it must not be echoed */
	size_t count;
	struct value values[RESOLVE_VALUES];
};

/* Resolve l->words[first..] in mode, then in its parents up to top.  The caller clears out. */
void resolve_line(const struct grammar *g, const struct lexed *l, size_t first, enum cmd_mode mode,
		  enum cmd_mode top, unsigned privilege, struct resolution *out);
void resolution_clear(struct resolution *r);

const struct value *resolution_value(const struct resolution *r, const char *arg); /* or NULL */

#endif
