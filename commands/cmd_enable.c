/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Privilege of a session: enable, disable, and login as another user. */
#include "commands/auth.h"
#include "commands/commands_state.h"
#include "commands/password_hash.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A secret that is being asked for. */
struct attempt {
	char user[BOX_USER_MAX]; /* login: who it is to become; "" enable */
	unsigned level;
	unsigned failures;
};

static uint64_t now_ms(struct cmd *c)
{
	return commands_loop(cmd_commands(c)) == NULL ? 0 : loop_clock_ms();
}

static bool verify(const char *hash, const char *answer)
{
	struct secret s = SECRET_NONE;
	bool same;

	secret_set(&s, answer, strlen(answer));
	same = password_hash_verify(hash, &s);
	secret_clear(&s);
	return same;
}

/* The hash that the attempt is about; one that nothing fits when there is none, so that the answer
 * takes as long. */
static const char *hash_of(struct cmd *c, const struct attempt *a)
{
	static const char nothing[] =
		"$9$..............$...........................................";
	struct box_config *box = &cmd_commands(c)->running.box;
	const struct box_user *u;

	if (a->user[0] == '\0')
		return box->enable_secret;
	u = box_user_find(box, a->user);
	return u == NULL || u->secret[0] == '\0' ? nothing : u->secret;
}

static void succeed(struct cmd *c, const struct attempt *a)
{
	struct session *s = cmd_session(c);
	const struct box_user *u = box_user_find(&s->commands->running.box, a->user);

	event_emit(s->commands->events, EVENT_PRIVILEGE_PASSED, NULL, 0,
		   "Privilege level set to %u by %s (%s)%s%s",
		   a->user[0] == '\0' || u == NULL ? a->level : u->privilege, s->who.user,
		   s->who.from, a->user[0] == '\0' ? "" : ", now user ", a->user);
	if (a->user[0] == '\0') {
		s->privilege = a->level;
		return;
	}
	snprintf(s->who.user, sizeof(s->who.user), "%.63s", a->user);
	s->privilege = u == NULL ? 1 : u->privilege;
	s->ceiling = s->privilege;
}

static int take_answer(struct cmd *c, const char *answer, void *arg)
{
	struct attempt *a = arg;
	struct session *s = cmd_session(c);
	/* Whose secret it is decides who waits after wrong ones. */
	const char *who = a->user[0] == '\0' ? s->who.user : a->user;
	struct err_msg e = {.code = 0};
	int r = 0;

	if (answer == NULL) {
		free(a);
		return 0;
	}
	if (auth_may_try(s->commands->auth, who, now_ms(c), &e) != 0) {
		r = cmd_fail(c, e.code, "%s", e.text);
	} else if (verify(hash_of(c, a), answer)) {
		auth_passed(s->commands->auth, who);
		succeed(c, a);
	} else {
		auth_failed(s->commands->auth, who, now_ms(c));
		event_emit(s->commands->events, EVENT_PRIVILEGE_FAILED, NULL, 0,
			   "Wrong secret for %s%s from %s (%s)",
			   a->user[0] == '\0' ? "enable" : "user ", a->user, s->who.user,
			   s->who.from);
		if (a->user[0] == '\0' && ++a->failures < AUTH_TRIES)
			return cmd_ask(c, "Password: ", true, take_answer, a);
		r = cmd_fail(c, ERR_DENIED, "%s",
			     a->user[0] == '\0' ? "Bad secrets" : "Login invalid");
	}
	free(a);
	return r;
}

static int ask_secret(struct cmd *c, const char *user, unsigned level)
{
	struct session *s = cmd_session(c);
	struct err_msg e = {.code = 0};
	struct attempt *a;

	if (auth_may_try(s->commands->auth, user[0] == '\0' ? s->who.user : user, now_ms(c), &e) !=
	    0)
		return cmd_fail(c, e.code, "%s", e.text);
	a = mem_zalloc(sizeof(*a));
	snprintf(a->user, sizeof(a->user), "%s", user);
	a->level = level;
	return cmd_ask(c, "Password: ", true, take_answer, a);
}

static int enable(struct cmd *c)
{
	struct session *s = cmd_session(c);
	unsigned level = cmd_u32(c, "privilege", 15);

	if (level > s->privilege && s->commands->running.box.enable_secret[0] != '\0')
		return ask_secret(c, "", level);
	if (level > s->ceiling)
		return cmd_fail(c, ERR_DENIED,
				"No password set: your privilege level here is at most %u",
				s->ceiling);
	s->privilege = level;
	return 0;
}

static int disable(struct cmd *c)
{
	unsigned level = cmd_u32(c, "privilege", 1);

	if (level > cmd_privilege(c))
		return cmd_fail(c, ERR_DENIED, "New privilege level must be below the current one");
	if (level < 15)
		place_end(c); /* `do disable` */
	cmd_session(c)->privilege = level;
	return 0;
}

static int take_name(struct cmd *c, const char *answer, void *arg)
{
	char name[BOX_USER_MAX];

	(void)arg;
	if (answer == NULL || answer[0] == '\0')
		return 0;
	snprintf(name, sizeof(name), "%s", answer);
	return ask_secret(c, name, 0);
}

static int login(struct cmd *c)
{
	const char *name = cmd_text(c, "username");

	if (cmd_session(c)->place.mode != CMD_EXEC)
		return cmd_fail(c, ERR_WRONG_STATE, "Leave configuration mode first (end)");
	if (name != NULL)
		return ask_secret(c, name, 0);
	return cmd_ask(c, "Username: ", false, take_name, NULL);
}

static int show_privilege(struct cmd *c)
{
	struct answer *a = show_begin(c);

	answer_number(a, "privilege", NULL, cmd_privilege(c));
	answer_line(a, "Current privilege level is %u", cmd_privilege(c));
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "enable [<privilege>]",
		.modes = IN_EXEC,
		.handler = enable,
		.help = "Raise the privilege level",
		.manual = "Raises the privilege level of this session.  When an enable secret is "
			  "configured it is asked for; without one a session comes as far as its "
			  "user's group or username line allows.  After three wrong secrets there "
			  "is a wait.",
	},
	{
		.words = "disable [<privilege>]",
		.modes = IN_EXEC,
		.handler = disable,
		.help = "Lower the privilege level",
		.manual =
			"Lowers the privilege level of this session, to 1 when no level is given.",
	},
	{
		.words = "login [<username>]",
		.modes = IN_EXEC,
		.handler = login,
		.help = "Go on as another user",
		.manual = "Asks for a name and the secret of its username line; the session is "
			  "that user's from then on, with his privilege level.",
	},
	{
		.words = "show privilege [json]",
		.modes = IN_EXEC,
		.handler = show_privilege,
		.help = "Current privilege level",
		.manual = "The privilege level of this session.",
	},
};

const struct row_table table_enable = {
	.family = "privilege",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
