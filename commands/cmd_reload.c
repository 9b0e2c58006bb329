/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Restarts, now and later.
 *
 * JSON: {"reload":{"scheduled","inSec","user","line"}}
 */
#include "commands/cmd_running.h"
#include "commands/commands_state.h"
#include "commands/reload.h"
#include "commands/row.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "commands/store.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>

static int reload_now(struct cmd *c)
{
	struct commands *box = cmd_commands(c);

	cmd_session(c)->closing = true;
	if (box->stop != NULL)
		box->stop(box->stop_arg, 0);
	return 0;
}

static int schedule(struct cmd *c)
{
	reload_schedule(cmd_commands(c)->reload, &cmd_session(c)->who,
			cmd_u32(c, "reload-minutes", 1));
	return 0;
}

static int ask_to_proceed(struct cmd *c)
{
	if (!cmd_has(c, "in"))
		return cmd_confirm(c, "Proceed with reload?", reload_now);
	cmd_print(c, "Reload scheduled in %" PRIu32 " minutes by %s (%s)\n",
		  cmd_u32(c, "reload-minutes", 1), cmd_session(c)->who.user,
		  cmd_session(c)->who.from);
	return cmd_confirm(c, "Proceed with reload?", schedule);
}

#define SAVE_QUESTION "System configuration has been modified. Save? [yes/no]: "

static int save_answer(struct cmd *c, const char *answer, void *arg)
{
	(void)arg;
	if (answer == NULL)
		return 0;
	if (answer[0] == 'y' || answer[0] == 'Y') {
		int r = running_save(c);

		if (r != 0)
			return r;
	} else if (answer[0] != 'n' && answer[0] != 'N') {
		cmd_print(c, "%% Please answer 'yes' or 'no'.\n");
		return cmd_ask(c, SAVE_QUESTION, false, save_answer, NULL);
	}
	return ask_to_proceed(c);
}

static int reload(struct cmd *c)
{
	if (cmd_interactive(c) && store_is_modified(cmd_commands(c)))
		return cmd_ask(c, SAVE_QUESTION, false, save_answer, NULL);
	return ask_to_proceed(c);
}

static int cancel(struct cmd *c)
{
	struct err_msg e = {.code = 0};

	if (reload_cancel(cmd_commands(c)->reload, &cmd_session(c)->who, &e) != 0)
		return cmd_fail(c, e.code, "%s", e.text);
	return 0;
}

static int show_reload(struct cmd *c)
{
	struct answer *a = show_begin(c);
	const char *user = NULL, *from = NULL;
	uint64_t left = 0;
	bool scheduled = reload_scheduled(cmd_commands(c)->reload, &left, &user, &from);

	answer_object(a, "reload");
	answer_bool(a, "scheduled", NULL, scheduled);
	if (scheduled) {
		answer_number(a, "inSec", NULL, (left + 999) / 1000);
		answer_text(a, "user", NULL, user);
		answer_text(a, "line", NULL, from);
	}
	answer_object_end(a);
	if (!answer_is_json(a) && scheduled)
		answer_line(a,
			    "Reload scheduled in %" PRIu64 " minutes and %" PRIu64
			    " seconds by %s (%s)",
			    (left + 999) / 60000, (left + 999) / 1000 % 60, user, from);
	else if (!answer_is_json(a))
		answer_line(a, "No reload is scheduled.");
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "reload [in <reload-minutes>]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = reload,
		.help = "Restart the appliance",
		.manual = "Ends the appliance after a confirmation, at once or after so many "
			  "minutes; the service manager starts it again, with startup-config.  "
			  "Before a risky change, reload in is a way back: the restart comes "
			  "unless reload cancel is entered.",
	},
	{
		.words = "reload cancel",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = cancel,
		.help = "Cancel a restart that is scheduled",
		.manual = "Takes a scheduled restart back.",
	},
	{
		.words = "show reload [json]",
		.modes = IN_EXEC,
		.handler = show_reload,
		.help = "When the appliance restarts",
		.manual = "The restart that is scheduled, if any.",
	},
};

const struct row_table table_reload = {
	.family = "restart",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
