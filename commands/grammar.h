/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command tree of one session: a libcli command tree that holds every pattern of the row
 * tables, per mode, with their `no` and `default` twins.  Arguments are nodes whose word is the
 * argument's name in angle brackets; which words stand for them is the resolver's business
 * (resolve.h), so that libcli sees canonical lines only.
 */
#ifndef COMMANDS_GRAMMAR_H
#define COMMANDS_GRAMMAR_H

#include "commands/args.h"
#include "commands/row.h"
#include "platform/base/strbuf.h"

struct cli_command;
struct cli_def;

/* Where a pattern ends. */
struct grammar_leaf {
	const struct cli_command *node;
	const struct row *row;
	bool no;
};

struct grammar {
	struct cli_def *cli;
	struct grammar_leaf *leaves; /* sorted by node */
	size_t leaf_count;
	size_t problems;      /* rows that clash, patterns that do not parse, unknown arguments */
	struct strbuf report; /* one line for each */
};

/* dispatch is called by libcli for every command, with context as the user context. */
struct grammar *grammar_new(void *context,
			    int (*dispatch)(struct cli_def *, const char *, char **, int));
void grammar_free(struct grammar *g);
const struct grammar_leaf *grammar_leaf(const struct grammar *g, const struct cli_command *node);
/* The argument of a node; NULL: a fixed word. */
const struct arg *grammar_arg(const struct cli_command *node);
/* First node of a mode, and the next sibling of a node, that this privilege may see. */
const struct cli_command *grammar_first(const struct grammar *g, const struct cli_command *parent,
					enum cmd_mode mode, unsigned privilege);
const struct cli_command *grammar_next(const struct cli_command *node, enum cmd_mode mode,
				       unsigned privilege);
/* Does a row with this flag (`no` forms do not count) end at the node or below it? */
bool grammar_leads_to(const struct grammar *g, const struct cli_command *node, unsigned flag);
/* Is every row at and below the node hidden? */
bool grammar_is_hidden(const struct grammar *g, const struct cli_command *node);
/* Run the command of this node: libcli checks mode and privilege and calls dispatch. */
int grammar_run(struct grammar *g, const struct cli_command *node, enum cmd_mode mode,
		unsigned privilege);

#endif
