/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Life of a session, and what the terminal hands in.  The lines themselves are in line.c. */
#include "commands/commands_state.h"
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

struct session *session_new(struct commands *c, const struct session_who *who,
			    const struct session_io *io, void *io_arg)
{
	struct session *s = mem_zalloc(sizeof(*s));

	s->commands = c;
	s->who = *who;
	s->io = *io;
	s->io_arg = io_arg;
	s->privilege = who->privilege;
	s->length = who->length != 0 ? who->length : LENGTH_STANDARD;
	s->width = who->width != 0 ? who->width : WIDTH_STANDARD;
	s->config = &c->running;
	s->cmd.session = s;
	s->line = "";
	strbuf_init(&s->prompt);
	strbuf_init(&s->cmd.output);
	strbuf_init(&s->rejected_lines);
	s->grammar = grammar_new(s, line_dispatch);
	s->idle = (struct loop_timer){.fn = place_idle, .arg = s};
	place_update_prompt(s);
	burst_init(s);
	list_append(&c->sessions, &s->node);
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
	else if (wait == CMD_WAIT_HOLD)
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
	if (s->commands->loop != NULL)
		loop_timer_cancel(s->commands->loop, &s->idle);
	burst_clear(s);
	list_remove(&s->node);
	block_clear(s);
	for (size_t i = 0; i < s->history_count; i++)
		free(s->history[i]);
	grammar_free(s->grammar);
	strbuf_clear(&s->prompt);
	strbuf_wipe(&s->cmd.output);
	strbuf_clear(&s->rejected_lines);
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

static void count_rejected(struct session *s)
{
	s->rejected++;
	if (s->rejected_lines.len > 200)
		return;
	strbuf_printf(&s->rejected_lines, "%s%zu", s->rejected_lines.len == 0 ? "" : ", ",
		      s->line_number);
}

void session_end_line(struct session *s, int status)
{
	line_end(s);
	if (s->block.text != NULL) {
		block_continue(s);
		return;
	}
	session_finish(s, status);
}

void session_remember(struct session *s, const char *line)
{
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
	if (s->style == STYLE_FILE)
		s->line_number++;
	session_remember(s, line);
	revert_activity(s->commands->revert, s);
	r = line_run(s, line);
	if (r == CMD_WAITING)
		return;
	if (r < 0 && s->skipped == skipped)
		count_rejected(s);
	burst_line(s, r < 0 && s->skipped == skipped, s->skipped != skipped);
	session_finish(s, r);
}

void session_answer(struct session *s, const char *text)
{
	struct cmd *c = &s->cmd;
	int r;

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
	bool held = s->cmd.wait == CMD_WAIT_HOLD;

	block_clear(s);
	if (!cancel_wait(s))
		return;
	line_end(s);
	session_finish(s, held ? 0 : ERR_STATE);
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
	(void)s;
	return secret_line_at(line) != SECRET_LINE_NONE;
}
