/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moving about: exit, end, do, and what the session remembers. */
#include "commands/commands_state.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <string.h>

static int leave(struct cmd *c)
{
	return place_exit(c);
}

static int end(struct cmd *c)
{
	return place_end(c);
}

/* Only when nothing follows; line.c takes the word off a longer line. */
static int do_nothing(struct cmd *c)
{
	return cmd_fail(c, ERR_TRUNCATED, "Incomplete command.");
}

static int help(struct cmd *c)
{
	cmd_print(c, "%s",
		  "?        lists what fits: alone, behind a blank, or in the middle of a word "
		  "(sh?)\n"
		  "TAB      completes words and the names of what is configured\n"
		  "         Words may be cut short as long as only one fits.\n"
		  "no, default  in front of a configuration line undo it\n"
		  "do       in front of a command runs it in configuration mode\n"
		  "exit     one level up; end and Ctrl-Z go to EXEC, Ctrl-C gives up the line\n"
		  "|        behind a command: include, exclude, begin, section or count with an\n"
		  "         expression; json, redact, no-more; several in a row\n");
	return 0;
}

static int show_history(struct cmd *c)
{
	const struct session *s = cmd_session(c);

	if (cmd_wants_json(c)) {
		struct answer *a = show_begin(c);

		answer_array(a, "commands");
		for (size_t i = 0; i < s->history_count; i++)
			answer_text(a, NULL, NULL, s->history[i]);
		answer_array_end(a);
		return show_end(c, a);
	}
	for (size_t i = 0; i < s->history_count; i++)
		cmd_print(c, "  %s\n", s->history[i]);
	return 0;
}

static const struct row rows[] = {
	{
		.words = "exit",
		.modes = IN_EXEC | IN_ANY_CONFIG,
		.flags = ROW_NO_NO | ROW_QUIET,
		.handler = leave,
		.help = "One level up; out of EXEC it ends the session",
		.manual = "Goes one level up.  In EXEC it ends the session.",
	},
	{
		.words = "logout",
		.modes = IN_EXEC,
		.handler = leave,
		.help = "End the session",
		.manual = "Ends the session.",
	},
	{
		.words = "quit",
		.modes = IN_EXEC,
		.flags = ROW_HIDDEN,
		.handler = leave,
		.help = "End the session",
		.manual = "Ends the session.",
	},
	{
		.words = "end",
		.modes = IN_ANY_CONFIG,
		.flags = ROW_NO_NO | ROW_QUIET,
		.handler = end,
		.help = "Back to EXEC",
		.manual = "Leaves configuration mode from any level.",
	},
	{
		.words = "end",
		.modes = IN_EXEC,
		.flags = ROW_HIDDEN,
		.handler = end,
		.help = "Back to EXEC",
		.manual = "In EXEC it does nothing, so that pasted configurations may end with it.",
	},
	{
		.words = "do [<command>]",
		.modes = IN_ANY_CONFIG,
		.flags = ROW_NO_NO | ROW_NOT_IN_FILE | ROW_QUIET,
		.handler = do_nothing,
		.help = "Run an EXEC command from here",
		.manual = "Runs an EXEC command without leaving configuration mode.",
	},
	{
		.words = "help",
		.modes = IN_EXEC | IN_ANY_CONFIG,
		.flags = ROW_NO_NO | ROW_NOT_IN_FILE | ROW_QUIET,
		.handler = help,
		.help = "How to find out what can be typed",
		.manual = "The keys and words that help to find the others.",
	},
	{
		.words = "show history [json]",
		.modes = IN_EXEC,
		.handler = show_history,
		.help = "Commands typed in this session",
		.manual = "The last commands of this session; lines with secrets are not kept.",
	},
};

const struct row_table table_exec = {
	.family = "sessions",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
