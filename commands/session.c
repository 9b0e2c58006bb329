/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Life of a session, and what the terminal hands in.  The lines themselves are in line.c. */
#include "commands/audit.h"
#include "commands/banner.h"
#include "commands/commands_state.h"
#include "commands/copied_prompt.h"
#include "commands/lock.h"
#include "commands/revert.h"
#include "commands/secret_line.h"
#include "commands/session_state.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_STANDARD 24
#define WIDTH_STANDARD	80

/* What the group gives, unless a username line says otherwise; nobody locks root out. */
static void set_privilege(struct session *s)
{
	const struct session_who *who = &s->who;
	const struct box_user *u = box_user_find(&s->commands->running.box, who->user);

	s->privilege = who->privilege;
	s->ceiling = who->ceiling != 0 ? who->ceiling : who->privilege;
	if (u == NULL || strcmp(who->user, "root") == 0)
		return;
	if (s->privilege == s->ceiling || s->privilege > u->privilege)
		s->privilege = u->privilege;
	s->ceiling = u->privilege;
}

static void greet(void *arg)
{
	struct session *s = arg;
	const char *text = s->commands->running.box.banner;
	char line[BOX_BANNER_MAX + 1];
	size_t len = strlen(text);

	snprintf(line, sizeof(line), "%s%s", text, len > 0 && text[len - 1] == '\n' ? "" : "\n");
	s->io.async(s->io_arg, line);
}

static uint64_t timeout_ms(const struct session *s)
{
	const struct box_config *box = &s->commands->running.box;

	return ((uint64_t)box->exec_timeout_min * 60 + box->exec_timeout_s) * 1000;
}

/* A display that runs, or a command at work, is no idle terminal. */
static void idle_too_long(void *arg)
{
	struct session *s = arg;
	uint64_t limit = timeout_ms(s), now = loop_clock_ms();

	if (s->cmd.running && s->cmd.wait != CMD_WAIT_ANSWER)
		s->input_ms = now;
	if (limit == 0 || now < s->input_ms + limit) {
		session_watch_idle(s);
		return;
	}
	s->io.async(s->io_arg, "% The terminal was idle for too long\n");
	s->closing = true;
	s->io.close(s->io_arg);
}

void session_watch_idle(struct session *s)
{
	struct loop *loop = s->commands->loop;
	uint64_t limit = timeout_ms(s);

	if (loop == NULL || !s->who.interactive)
		return;
	if (limit == 0)
		loop_timer_cancel(loop, &s->input_idle);
	else
		loop_timer_set(loop, &s->input_idle, s->input_ms + limit);
}

static void note_input(struct session *s)
{
	if (s->commands->loop == NULL)
		return;
	s->input_ms = loop_clock_ms();
	session_watch_idle(s);
}

struct session *session_new(struct commands *c, const struct session_who *who,
			    const struct session_io *io, void *io_arg)
{
	struct session *s = mem_zalloc(sizeof(*s));

	s->commands = c;
	s->who = *who;
	s->io = *io;
	s->io_arg = io_arg;
	set_privilege(s);
	s->length = who->length != 0 ? who->length : LENGTH_STANDARD;
	s->width = who->width != 0 ? who->width : WIDTH_STANDARD;
	s->config = &c->running;
	s->cmd.session = s;
	s->line = "";
	strbuf_init(&s->prompt);
	strbuf_init(&s->cmd.output);
	strbuf_init(&s->cmd.plain);
	strbuf_init(&s->rejected_lines);
	strbuf_init(&s->audit);
	strbuf_init(&s->banner.text);
	s->grammar = grammar_new(s, line_dispatch);
	s->idle = (struct loop_timer){.fn = place_idle, .arg = s};
	s->input_idle = (struct loop_timer){.fn = idle_too_long, .arg = s};
	s->greeting = (struct loop_timer){.fn = greet, .arg = s};
	place_update_prompt(s);
	burst_init(s);
	list_append(&c->sessions, &s->node);
	note_input(s);
	if (who->interactive && c->loop != NULL && c->running.box.banner[0] != '\0')
		loop_timer_set(c->loop, &s->greeting, loop_now_ms(c->loop));
	return s;
}

/* Ends what a line waits for.  False: it waited for nothing. */
static bool cancel_wait(struct session *s)
{
	struct cmd *c = &s->cmd;
	enum cmd_wait wait = c->wait;

	c->wait = CMD_WAIT_NONE;
	if (wait == CMD_WAIT_ANSWER)
		(void)c->answer(c, NULL, c->arg);
	else if (wait != CMD_WAIT_NONE)
		c->key(c, NULL, c->arg);
	return wait != CMD_WAIT_NONE;
}

void session_free(struct session *s)
{
	if (s == NULL)
		return;
	if (cancel_wait(s))
		line_end(s);
	place_apply(s);
	lock_release(s);
	revert_forget(s->commands->revert, s);
	if (s->monitoring)
		event_unlisten(&s->monitor);
	if (s->commands->loop != NULL) {
		loop_timer_cancel(s->commands->loop, &s->idle);
		loop_timer_cancel(s->commands->loop, &s->input_idle);
		loop_timer_cancel(s->commands->loop, &s->greeting);
	}
	burst_clear(s);
	list_remove(&s->node);
	block_clear(s);
	for (size_t i = 0; i < s->history_count; i++)
		free(s->history[i]);
	grammar_free(s->grammar);
	strbuf_clear(&s->prompt);
	strbuf_wipe(&s->cmd.output);
	strbuf_wipe(&s->cmd.plain);
	strbuf_clear(&s->rejected_lines);
	strbuf_clear(&s->audit);
	strbuf_clear(&s->banner.text);
	free(s);
}

const char *session_prompt(const struct session *s)
{
	return s->prompt.text;
}

unsigned session_privilege(const struct session *s)
{
	return s->privilege;
}

void session_output(struct session *s, const char *text, size_t len)
{
	if (len == 0)
		return;
	if (s->capture != NULL)
		strbuf_add_bytes(s->capture, text, len);
	else
		s->io.output(s->io_arg, text, len);
}

void session_finish(struct session *s, int status)
{
	s->cmd.running = false;
	s->line = "";
	place_update_prompt(s);
	if (s->closing)
		s->io.close(s->io_arg);
	s->io.done(s->io_arg, status < 0 ? 1 : 0, s->prompt.text);
}

void session_count_rejected(struct session *s)
{
	s->rejected++;
	if (s->rejected_lines.len > 200)
		return;
	strbuf_printf(&s->rejected_lines, "%s%zu", s->rejected_lines.len == 0 ? "" : ", ",
		      s->line_number);
}

void session_end_line(struct session *s, int status)
{
	if (status >= 0)
		audit_line(s);
	s->cmd.result = status;
	line_end(s);
	if (s->block.text != NULL) {
		block_continue(s);
		return;
	}
	session_finish(s, status);
}

void session_remember(struct session *s, const char *line)
{
	size_t depth;

	line += copied_prompt_len(line, &depth);
	if (line_is_comment(line) || s->style != STYLE_PROMPT || session_line_is_secret(s, line))
		return;
	if (s->history_count == SESSION_HISTORY) {
		free(s->history[0]);
		memmove(s->history, s->history + 1, (SESSION_HISTORY - 1) * sizeof(*s->history));
		s->history_count--;
	}
	s->history[s->history_count++] = mem_strdup(line);
}

void session_line(struct session *s, const char *line)
{
	size_t skipped = s->skipped;
	int r;

	if (s->cmd.running)
		return;
	s->cmd.running = true;
	note_input(s);
	if (s->style == STYLE_FILE)
		s->line_number++;
	session_remember(s, line);
	revert_activity(s->commands->revert, s);
	r = line_run(s, line);
	if (r == CMD_WAITING)
		return;
	if (r < 0 && s->skipped == skipped)
		session_count_rejected(s);
	burst_line(s, r < 0 && s->skipped == skipped, s->skipped != skipped);
	session_finish(s, r);
}

void session_answer(struct session *s, const char *text)
{
	struct cmd *c = &s->cmd;
	int r;

	note_input(s);
	if (c->wait == CMD_WAIT_HOLD) {
		c->key(c, text, c->arg);
		return;
	}
	if (c->wait != CMD_WAIT_ANSWER)
		return;
	c->wait = CMD_WAIT_NONE;
	r = c->answer(c, text, c->arg);
	if (r != CMD_WAITING)
		session_end_line(s, r);
}

void session_interrupt(struct session *s)
{
	bool held = s->cmd.wait == CMD_WAIT_HOLD || s->cmd.wait == CMD_WAIT_WORK;
	bool paused = s->block.paused;

	note_input(s);
	/* A question that nobody answers costs a file its line, not the lines behind it. */
	if (s->style == STYLE_FILE && s->block.text != NULL && cancel_wait(s)) {
		line_end(s);
		session_count_rejected(s);
		s->block.rejected++;
		block_continue(s);
		return;
	}
	block_clear(s);
	if (!cancel_wait(s) && !paused)
		return;
	line_end(s);
	session_finish(s, held ? 0 : ERR_WRONG_STATE);
}

void session_window(struct session *s, unsigned length, unsigned width)
{
	if (!s->length_is_set && length != 0)
		s->length = length;
	if (!s->width_is_set && width != 0)
		s->width = width;
}

void session_begin_file(struct session *s, const char *name)
{
	s->style = STYLE_FILE;
	snprintf(s->name, sizeof(s->name), "%s", name);
	s->line_number = 0;
	s->rejected = 0;
	s->skipped = 0;
	strbuf_reset(&s->rejected_lines);
}

void session_end_file(struct session *s)
{
	char text[512];

	if (s->style != STYLE_FILE)
		return;
	if (banner_abandon(s) != 0)
		session_count_rejected(s);
	place_apply(s);
	if (s->rejected + s->skipped != 0) {
		snprintf(text, sizeof(text), "%% %s: %zu lines, %zu rejected (%s), %zu skipped\n",
			 s->name, s->line_number, s->rejected, s->rejected_lines.text, s->skipped);
		session_output(s, text, strlen(text));
	}
	s->style = STYLE_PROMPT;
	s->guard.on = false;
	s->name[0] = '\0';
}

bool session_line_is_secret(struct session *s, const char *line)
{
	size_t depth;

	(void)s;
	return secret_line_at(line + copied_prompt_len(line, &depth)) != SECRET_LINE_NONE;
}
