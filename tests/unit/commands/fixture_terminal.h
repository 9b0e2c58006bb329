/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A box without an engine, and a terminal that remembers everything, for the tests of sessions. */
#ifndef TESTS_UNIT_COMMANDS_FIXTURE_TERMINAL_H
#define TESTS_UNIT_COMMANDS_FIXTURE_TERMINAL_H

#include "commands/commands_state.h"
#include "commands/session.h"
#include "commands/session_state.h"

struct terminal {
	char dir[64]; /* configuration directory, "" none */
	struct loop *loop;
	struct event_log *events;
	struct commands *commands;
	struct session *session;
	struct strbuf out; /* since the last terminal_take */
	struct strbuf async;
	unsigned dones;
	int status;
	char question[256];
	bool hidden;
	bool closed;
	unsigned length, width;
	int stopped; /* status given to stop, -1: not called */
};

/* with_dir: a new directory under /tmp. */
void terminal_open(struct terminal *t, bool with_dir, unsigned privilege);
void terminal_close(struct terminal *t); /* removes the directory */
/* A new box on the same directory, booted. */
void terminal_restart(struct terminal *t);
/* Another terminal at the box of t. */
void terminal_join(struct terminal *other, struct terminal *t, const char *user, const char *from,
		   unsigned privilege);
void terminal_leave(struct terminal *other);
/* One line; its output (valid until the next call).  Fails the test unless exactly one done or
 * question came. */
const char *terminal_line(struct terminal *t, const char *line);
/* Several lines with \n, each of which must be accepted. */
void terminal_lines(struct terminal *t, const char *lines);
const char *terminal_answer(struct terminal *t, const char *text);
const char *terminal_paste(struct terminal *t, const char *text);
const char *terminal_prompt(const struct terminal *t);
const char *terminal_help(struct terminal *t, const char *text);
const char *terminal_complete(struct terminal *t, const char *text);
/* running-config between "!" and the end, without the chatter. */
const char *terminal_running(struct terminal *t);
/* Does the engine know all sites as they are configured? */
bool terminal_is_applied(const struct terminal *t);

#endif
