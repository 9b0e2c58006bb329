/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Into configuration mode and out of it with a net: locks, changes on probation, sessions. */
#include "commands/archive.h"
#include "commands/commands_state.h"
#include "commands/draft.h"
#include "commands/lock.h"
#include "commands/revert.h"
#include "commands/row.h"
#include "commands/running.h"
#include "commands/session_place.h"
#include "commands/session_state.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COMMIT_TIMER_MAX_S 86400

static int refuse(struct cmd *c, const struct err_msg *e)
{
	return cmd_fail(c, e->code, "%s", e->text);
}

static void name_others(struct cmd *c)
{
	struct session *s = cmd_session(c);
	struct list *node, *after;

	list_for_each(node, after, &s->commands->sessions)
	{
		const struct session *other = container_of(node, struct session, node);

		if (other != s && other->place.mode != CMD_EXEC && other->draft == NULL)
			cmd_print(c, "%s (%s) is in configuration mode as well.\n", other->who.user,
				  other->who.from);
	}
}

/* `revert timer 5`, `revert timer idle 5`, `revert idle 5`, `revert timer` */
static int begin_probation(struct cmd *c, struct err_msg *e)
{
	struct session *s = cmd_session(c);
	uint32_t minutes = cmd_u32(c, "revert-minutes", REVERT_DEFAULT_MINUTES);
	bool idle = cmd_has(c, "idle");
	int r;

	if (!cmd_has(c, "revert"))
		return 0;
	r = revert_begin(s->commands->revert, &s->who, idle ? s : NULL, minutes * 60, e);
	if (r == 0)
		cmd_print(c,
			  "The configuration reverts %s %" PRIu32
			  " minute%s unless \"configure confirm\" is entered.\n",
			  idle ? "after an idle time of" : "in", minutes, minutes == 1 ? "" : "s");
	return r;
}

static int configure(struct cmd *c)
{
	struct session *s = cmd_session(c);
	struct err_msg e = {.code = 0};
	int r;

	if (s->place.mode != CMD_EXEC)
		return 0;
	r = cmd_has(c, "lock") ? lock_take(s, &e) : lock_check(s, &e);
	if (r == 0)
		r = begin_probation(c, &e);
	if (r != 0) {
		lock_release(s);
		return refuse(c, &e);
	}
	cmd_print(c, "Enter configuration commands, one per line.  End with CNTL/Z.\n");
	name_others(c);
	return place_configure(c, NULL);
}

static int from_where(struct cmd *c, const char *answer, void *arg)
{
	(void)arg;
	if (answer == NULL)
		return 0;
	answer += strspn(answer, " \t");
	if (strncasecmp(answer, "terminal", strlen(answer)) != 0)
		return cmd_fail(c, ERR_INVALID,
				"Only from the terminal; files: \"copy file NAME running-config\"");
	return configure(c);
}

static int configure_alone(struct cmd *c)
{
	if (!cmd_interactive(c))
		return configure(c);
	return cmd_ask(c, "Configuring from terminal [terminal]? ", false, from_where, NULL);
}

static int confirm(struct cmd *c)
{
	struct session *s = cmd_session(c);
	struct err_msg e = {.code = 0};

	if (revert_confirm(s->commands->revert, &e) != 0)
		return refuse(c, &e);
	cmd_print(c, "Configuration confirmed\n");
	event_emit(s->commands->events, EVENT_CONFIG_CHANGED, NULL, 0,
		   "Configuration confirmed from %s by %s", s->who.from, s->who.user);
	return 0;
}

static int go_back_now(struct cmd *c)
{
	struct session *s = cmd_session(c);
	struct err_msg e = {.code = 0};
	int r = lock_check(s, &e);

	if (r == 0)
		r = revert_now(s->commands->revert, &s->who, &e);
	return r == 0 ? 0 : refuse(c, &e);
}

static int set_timer(struct cmd *c)
{
	uint32_t minutes = cmd_u32(c, "revert-minutes", REVERT_DEFAULT_MINUTES);
	struct err_msg e = {.code = 0};

	if (revert_again(cmd_commands(c)->revert, minutes * 60, &e) != 0)
		return refuse(c, &e);
	cmd_print(c, "The configuration reverts in %" PRIu32 " minute%s.\n", minutes,
		  minutes == 1 ? "" : "s");
	return 0;
}

/* ---- Configuration sessions ------------------------------------------------------------------ */

static int enter_draft(struct cmd *c)
{
	struct session *s = cmd_session(c);
	const char *name = cmd_text(c, "draft");
	struct draft *d = draft_find(s->commands, name);

	if (s->place.mode != CMD_EXEC)
		return cmd_fail(c, ERR_WRONG_STATE, "Leave configuration mode first (end)");
	if (d == NULL) {
		d = draft_new(s->commands, name, &s->who);
		if (d == NULL)
			return cmd_fail(c, ERR_NO_SPACE,
					"There are %d configuration sessions: commit or abort one",
					DRAFTS_MAX);
		cmd_print(c, "Lines change session %s only, until it is committed.\n", name);
	} else {
		cmd_print(c, "Session %s of %s (%s) goes on.\n", name, d->user, d->from);
	}
	return place_configure(c, d);
}

static struct draft *named_draft(struct cmd *c)
{
	const char *name = cmd_text(c, "draft");
	struct draft *d = name == NULL ? cmd_session(c)->draft : draft_find(cmd_commands(c), name);

	if (d == NULL && name == NULL)
		(void)cmd_fail(c, ERR_WRONG_STATE, "This is no configuration session");
	else if (d == NULL)
		(void)cmd_fail(c, ERR_NOT_FOUND, "There is no configuration session %s", name);
	return d;
}

/* One or two digits and what ends them; NULL when that is not there. */
static const char *parse_part(const char *text, char end, uint32_t *out)
{
	size_t len = strspn(text, "0123456789");

	if (len < 1 || len > 2 || text[len] != end)
		return NULL;
	*out = 0;
	for (size_t i = 0; i < len; i++)
		*out = *out * 10 + (uint32_t)(text[i] - '0');
	return text + len + 1;
}

/* "HH:MM:SS" */
static int parse_timer(const char *text, uint32_t *seconds, struct err_msg *e)
{
	const char *rest;
	uint32_t h, m, s;

	rest = parse_part(text, ':', &h);
	if (rest != NULL)
		rest = parse_part(rest, ':', &m);
	if (rest == NULL || parse_part(rest, '\0', &s) == NULL || m > 59 || s > 59)
		return err_set(e, ERR_INVALID, "timer %s: allowed is HH:MM:SS", text);
	*seconds = h * 3600 + m * 60 + s;
	if (*seconds < 1 || *seconds > COMMIT_TIMER_MAX_S)
		return err_set(e, ERR_RANGE, "timer %s: allowed is 00:00:01-24:00:00", text);
	return 0;
}

static void keep_copy(struct cmd *c, const char *why)
{
	struct commands *box = cmd_commands(c);
	struct err_msg e = {.code = 0};
	struct strbuf text;

	if (box->config_dir == NULL)
		return;
	strbuf_init(&text);
	running_text(&box->running, &text);
	if (archive_add(box, text.text, why, &cmd_session(c)->who, &e) != 0)
		cmd_print(c, "%% Warning: the archive has no copy: %s\n", e.text);
	strbuf_wipe(&text);
}

static int commit_checked(struct cmd *c, struct draft *d, uint32_t seconds, struct config *target,
			  struct strbuf *report, struct err_msg *e)
{
	struct session *s = cmd_session(c);
	int r = lock_check(s, e);

	if (r == 0)
		r = revert_check(s->commands->revert, e);
	if (r == 0)
		r = draft_merge(s->commands, d, s->grammar, target, report, e);
	if (r == 0 && seconds != 0)
		r = revert_begin(s->commands->revert, &s->who, NULL, seconds, e);
	return r;
}

static int commit(struct cmd *c)
{
	struct session *s = cmd_session(c);
	struct draft *d = named_draft(c);
	const char *timer = cmd_text(c, "commit-timer");
	struct err_msg e = {.code = 0};
	struct config target;
	struct strbuf report;
	uint32_t seconds = 0;
	char why[DRAFT_NAME_MAX + 32];
	int r = 0;

	if (d == NULL)
		return ERR_NOT_FOUND;
	if (timer != NULL)
		r = parse_timer(timer, &seconds, &e);
	else if (cmd_has(c, "timer"))
		seconds = REVERT_DEFAULT_MINUTES * 60;
	config_init(&target);
	strbuf_init(&report);
	if (r == 0)
		r = commit_checked(c, d, seconds, &target, &report, &e);
	if (r != 0) {
		r = refuse(c, &e);
		cmd_write(c, report.text, report.len);
	} else {
		snprintf(why, sizeof(why), "commit of session %s", d->name);
		if (running_replace(s->commands, &target, &e) != 0)
			cmd_print(c, "%% %s\n", e.text);
		keep_copy(c, why);
		event_emit(s->commands->events, EVENT_CONFIG_CHANGED, NULL, 0,
			   "Session %s committed from %s by %s", d->name, s->who.from, s->who.user);
		cmd_print(c, "Session %s is committed.\n", d->name);
		if (seconds != 0)
			cmd_print(c, "%s",
				  "The configuration reverts unless \"configure confirm\" "
				  "is entered in time.\n");
		draft_free(s->commands, d, "was committed");
	}
	strbuf_clear(&report);
	config_clear(&target);
	return r;
}

static int abort_draft(struct cmd *c)
{
	struct draft *d = named_draft(c);

	if (d == NULL)
		return ERR_NOT_FOUND;
	cmd_print(c, "Session %s is discarded.\n", d->name);
	draft_free(cmd_commands(c), d, "was discarded");
	return 0;
}

static const struct row rows[] = {
	{
		.words = "configure",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = configure_alone,
		.help = "Change the configuration",
		.manual = "Asks where from; Enter is the terminal.",
	},
	{
		.words = "configure terminal [lock] [revert { timer [<revert-minutes>] | timer "
			 "idle <revert-minutes> | idle <revert-minutes> }]",
		.modes = IN_EXEC,
		.privilege = 15,
		.flags = ROW_ENTERS,
		.enters = CMD_CONFIG,
		.handler = configure,
		.help = "Configure from this terminal",
		.manual = "Enters configuration mode.  Lines take effect as they are typed.  With "
			  "lock nobody else can enter it until it is left.  With revert the "
			  "configuration goes back to what it was, after the time (10 minutes when "
			  "none is given) or after an idle time of this terminal, unless configure "
			  "confirm is entered; leaving the terminal does not stop the timer, and a "
			  "restart of the appliance reverts at once.",
	},
	{
		.words = "configure confirm",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = confirm,
		.help = "Keep a change that would be reverted",
		.manual = "Ends the timer of configure terminal revert, configure replace time or "
			  "a commit with a timer: the configuration stays as it is.",
	},
	{
		.words = "configure revert now",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = go_back_now,
		.help = "Take the unconfirmed change back now",
		.manual = "Takes the unconfirmed change back at once.  Only what differs is "
			  "changed: other tunnels stay up.",
	},
	{
		.words = "configure revert timer <revert-minutes>",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = set_timer,
		.help = "Start the timer of the unconfirmed change again",
		.manual = "Gives the unconfirmed change this much more time, from now.",
	},
	{
		.words = "configure session <draft>",
		.modes = IN_EXEC,
		.privilege = 15,
		.flags = ROW_ENTERS,
		.enters = CMD_CONFIG,
		.handler = enter_draft,
		.help = "Change a copy of the configuration",
		.manual = "Enters configuration mode on a copy of the configuration, which is made "
			  "when there is none of this name.  The copy is kept when configuration "
			  "mode is left, and put in force by commit.",
	},
	{
		.words = "configure session <draft> commit [timer [<commit-timer>]]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = commit,
		.help = "Put the session in force",
		.manual = "Puts the changes of the session in force, on top of what others have "
			  "changed since it began.  It is refused, and the lines are named, when "
			  "both changed the same setting, or when lines are not allowed any more.  "
			  "With a timer the commit must be confirmed with configure confirm.",
	},
	{
		.words = "configure session <draft> abort",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = abort_draft,
		.help = "Discard the session",
		.manual = "Discards the copy.",
	},
	{
		.words = "commit [timer [<commit-timer>]]",
		.modes = IN_CONFIG,
		.flags = ROW_NO_NO | ROW_NOT_IN_FILE,
		.handler = commit,
		.help = "Put this configuration session in force",
		.manual = "Inside of a configuration session: the same as configure session NAME "
			  "commit.",
	},
	{
		.words = "abort",
		.modes = IN_CONFIG,
		.flags = ROW_NO_NO | ROW_NOT_IN_FILE,
		.handler = abort_draft,
		.help = "Discard this configuration session",
		.manual = "Inside of a configuration session: discards it.",
	},
};

const struct row_table table_configure = {
	.family = "configuration mode",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
