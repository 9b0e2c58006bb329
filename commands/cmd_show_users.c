/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show users`: who is at a terminal, and what he does there.
 *
 * JSON: {"users":[{"own","line","user","privilege","mode","monitoring","idleSec"}...]}
 */
#include "commands/commands_state.h"
#include "commands/mode.h"
#include "commands/row.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

static const struct answer_column columns[] = {
	{"", false},	 {"Line", false},    {"User", false}, {"Privilege", false},
	{"Mode", false}, {"Monitor", false}, {"Idle", false},
};

static void user(struct answer *a, const struct session *s, uint64_t now_ms, bool own)
{
	uint64_t idle = now_ms > s->input_ms ? (now_ms - s->input_ms) / 1000 : 0;

	const char *mode = mode_prompt(s->place.mode);

	answer_object(a, NULL);
	answer_row(a);
	answer_show(a, "", "%s", own ? "*" : "");
	answer_bool(a, "own", NULL, own);
	answer_text(a, "line", "Line", s->who.from);
	answer_text(a, "user", "User", s->who.user);
	answer_number(a, "privilege", "Privilege", s->privilege);
	answer_text(a, "mode", "Mode", mode[0] ? mode : "exec");
	answer_bool(a, "monitoring", "Monitor", s->monitoring);
	answer_number(a, "idleSec", NULL, idle);
	answer_show(a, "Idle", "%02u:%02u:%02u", (unsigned)(idle / 3600),
		    (unsigned)(idle / 60 % 60), (unsigned)(idle % 60));
	answer_object_end(a);
}

static int users(struct cmd *c)
{
	struct list *node, *after;
	struct answer *a = show_begin(c);
	uint64_t now = commands_loop(cmd_commands(c)) == NULL ? 0 : loop_clock_ms();

	answer_array(a, "users");
	answer_table(a, columns, ARRAY_LEN(columns));
	list_for_each(node, after, &cmd_commands(c)->sessions)
	{
		const struct session *s = container_of(node, struct session, node);

		user(a, s, now, s == cmd_session(c));
	}
	answer_table_end(a);
	answer_array_end(a);
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "show users [json]",
		.modes = IN_EXEC,
		.handler = users,
		.help = "Who is logged in",
		.manual = "The terminals, who sits at them, in which mode, and how"
			  " long ago something was typed there; * is the own one.",
	},
};

const struct row_table table_show_users = {
	.family = "show users",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
