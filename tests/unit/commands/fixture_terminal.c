/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal of the tests. */
#include "tests/unit/commands/fixture_terminal.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void on_output(void *arg, const char *text, size_t len)
{
	strbuf_add_bytes(&((struct terminal *)arg)->out, text, len);
}

static void on_ask(void *arg, const char *prompt, bool hidden)
{
	struct terminal *t = arg;

	snprintf(t->question, sizeof(t->question), "%s", prompt);
	t->hidden = hidden;
}

static void on_done(void *arg, int status, const char *prompt)
{
	struct terminal *t = arg;

	(void)prompt;
	t->dones++;
	t->status = status;
}

static void on_async(void *arg, const char *text)
{
	strbuf_add(&((struct terminal *)arg)->async, text);
}

static void on_close(void *arg)
{
	((struct terminal *)arg)->closed = true;
}

static void on_terminal(void *arg, unsigned length, unsigned width)
{
	struct terminal *t = arg;

	t->length = length;
	t->width = width;
}

static void on_stop(void *arg, int status)
{
	((struct terminal *)arg)->stopped = status;
}

static uint64_t wall_ms(void)
{
	return 0;
}

static const struct session_io io = {
	.output = on_output,
	.ask = on_ask,
	.done = on_done,
	.async = on_async,
	.close = on_close,
	.terminal = on_terminal,
};

static void open_box(struct terminal *t, unsigned privilege)
{
	struct session_who who = {.user = "ops1",
				  .from = "vty 1",
				  .privilege = privilege,
				  .interactive = true};
	struct commands_options options = {
		.config_dir = t->dir[0] == '\0' ? NULL : t->dir,
		.stop = on_stop,
		.stop_arg = t,
	};
	struct err_msg e;

	t->loop = loop_new(&e);
	ck_assert_ptr_nonnull(t->loop);
	t->events = event_log_new(wall_ms, 100);
	t->commands = commands_new(t->loop, NULL, t->events, NULL, &options);
	t->session = session_new(t->commands, &who, &io, t);
}

static void close_box(struct terminal *t)
{
	session_free(t->session);
	commands_free(t->commands);
	event_log_free(t->events);
	loop_free(t->loop);
}

void terminal_open(struct terminal *t, bool with_dir, unsigned privilege)
{
	*t = (struct terminal){.stopped = -1};
	strbuf_init(&t->out);
	strbuf_init(&t->async);
	if (with_dir) {
		snprintf(t->dir, sizeof(t->dir), "/tmp/ikesh-test-XXXXXX");
		ck_assert_ptr_nonnull(mkdtemp(t->dir));
	}
	open_box(t, privilege);
}

void terminal_restart(struct terminal *t)
{
	size_t refused = 0;
	struct err_msg e = {.code = 0};

	close_box(t);
	open_box(t, 15);
	ck_assert_int_eq(commands_boot(t->commands, &refused, NULL, &e), 0);
}

void terminal_join(struct terminal *other, struct terminal *t, const char *user, const char *from,
		   unsigned privilege)
{
	struct session_who who = {.privilege = privilege, .interactive = true};

	*other = (struct terminal){.stopped = -1, .commands = t->commands, .loop = t->loop};
	snprintf(who.user, sizeof(who.user), "%s", user);
	snprintf(who.from, sizeof(who.from), "%s", from);
	strbuf_init(&other->out);
	strbuf_init(&other->async);
	other->session = session_new(t->commands, &who, &io, other);
}

void terminal_leave(struct terminal *other)
{
	session_free(other->session);
	strbuf_clear(&other->out);
	strbuf_clear(&other->async);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void terminal_close(struct terminal *t)
{
	close_box(t);
	strbuf_clear(&t->out);
	strbuf_clear(&t->async);
	if (t->dir[0] != '\0')
		ck_assert_int_eq(nftw(t->dir, remove_one, 4, FTW_DEPTH | FTW_PHYS), 0);
}

const char *terminal_line(struct terminal *t, const char *line)
{
	unsigned before = t->dones;

	strbuf_reset(&t->out);
	t->question[0] = '\0';
	session_line(t->session, line);
	ck_assert_msg(t->dones + (t->question[0] != '\0') == before + 1,
		      "no single end of line: %s", line);
	return t->out.text;
}

void terminal_lines(struct terminal *t, const char *lines)
{
	char *copy = strdup(lines), *rest = copy;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		terminal_line(t, line);
		ck_assert_msg(t->status == 0, "refused: %s\n%s", line, t->out.text);
	}
	free(copy);
}

const char *terminal_answer(struct terminal *t, const char *text)
{
	strbuf_reset(&t->out);
	t->question[0] = '\0';
	session_answer(t->session, text);
	return t->out.text;
}

const char *terminal_paste(struct terminal *t, const char *text)
{
	strbuf_reset(&t->out);
	session_paste(t->session, text);
	return t->out.text;
}

const char *terminal_prompt(const struct terminal *t)
{
	return session_prompt(t->session);
}

const char *terminal_help(struct terminal *t, const char *text)
{
	strbuf_reset(&t->out);
	session_help(t->session, text, &t->out);
	return t->out.text;
}

const char *terminal_complete(struct terminal *t, const char *text)
{
	strbuf_reset(&t->out);
	session_complete(t->session, text, &t->out);
	return t->out.text;
}

const char *terminal_running(struct terminal *t)
{
	const char *text =
		terminal_line(t, t->session->place.mode == CMD_EXEC ? "show running-config"
								    : "do show running-config");
	const char *begin = strstr(text, "bytes\n!\n");

	ck_assert_ptr_nonnull(begin);
	return begin + strlen("bytes\n!\n");
}

bool terminal_is_applied(const struct terminal *t)
{
	const struct config *now = &t->commands->running, *applied = &t->commands->applied;

	for (size_t i = 0; i < now->count; i++) {
		if (i >= applied->count || !site_config_equal(now->sites[i], applied->sites[i]))
			return false;
	}
	return now->count == applied->count;
}
