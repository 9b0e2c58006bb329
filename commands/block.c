/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pasted blocks.  In configuration mode a block is tried on a copy first and takes effect as a
 * whole or not at all; from the `end` in it on, and in EXEC, lines run one by one.
 */
#include "commands/audit.h"
#include "commands/banner.h"
#include "commands/commands_state.h"
#include "commands/draft.h"
#include "commands/revert.h"
#include "commands/running.h"
#include "commands/session_place.h"
#include "commands/session_state.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void block_clear(struct session *s)
{
	if (s->block.text != NULL)
		bytes_wipe(s->block.text, s->block.len);
	free(s->block.text);
	s->block = (struct session_block){.text = NULL};
	if (s->style == STYLE_PASTE)
		s->style = STYLE_PROMPT;
}

/* Cuts the next line out of the block; NULL at its end. */
static char *next_line(struct session *s)
{
	char *line = s->block.text + s->block.at;
	size_t len = strcspn(line, "\n");

	if (*line == '\0')
		return NULL;
	s->block.at += len + (line[len] == '\n');
	line[len] = '\0';
	if (len > 0 && line[len - 1] == '\r')
		line[len - 1] = '\0';
	s->line_number++;
	return line;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		n++;
		text += len + (text[len] == '\n');
	}
	return n;
}

struct trial {
	struct config config;
	struct config_place before;
	struct strbuf report;
	size_t rejected;
};

/* All lines up to `end`, on the copy. */
static void run_trial(struct session *s, struct trial *t)
{
	size_t skipped = s->skipped;

	for (char *line; s->place.mode != CMD_EXEC && (line = next_line(s)) != NULL;) {
		size_t before = s->skipped;

		if (line_run(s, line) < 0 && s->skipped == before)
			t->rejected++;
		bytes_wipe(line, strlen(line));
	}
	if (banner_abandon(s) != 0)
		t->rejected++;
	s->block.skipped = s->skipped - skipped;
}

/* The paste itself went into configuration mode: nothing of that stays either. */
static void leave_again(struct session *s)
{
	struct err_msg ignored;

	if (!s->block.on_probation)
		(void)!revert_confirm(s->commands->revert, &ignored);
	s->edited_count = 0;
	(void)place_end(&s->cmd);
	line_end(s);
}

static void refuse_block(struct session *s, struct trial *t)
{
	char text[128];

	s->place = t->before;
	if (s->block.entered)
		leave_again(s);
	snprintf(text, sizeof(text), "%% Paste: %zu lines, %zu rejected, nothing applied\n",
		 s->block.lines, t->rejected);
	session_output(s, text, strlen(text));
	session_output(s, t->report.text, t->report.len);
	block_clear(s);
	session_finish(s, ERR_INVALID);
}

static void accept_block(struct session *s, struct trial *t)
{
	struct err_msg e = {.code = 0};
	char text[ERR_TEXT_MAX + 8];

	session_output(s, t->report.text, t->report.len);
	if (s->draft != NULL) {
		struct config old = s->draft->work;

		s->draft->work = t->config;
		t->config = old;
	} else if (running_replace(s->commands, &t->config, &e) != 0) {
		snprintf(text, sizeof(text), "%% %s\n", e.text);
		session_output(s, text, strlen(text));
	}
	/* The `end` in the block counts now. */
	if (s->place.mode == CMD_EXEC) {
		s->place.mode = CMD_CONFIG;
		(void)place_end(&s->cmd);
		line_end(s);
	}
}

/* All lines up to `end`, or none of them.  False: none, and the paste ends. */
static bool paste_configuration(struct session *s)
{
	struct trial t = {.before = s->place};
	struct config *target = s->config;
	bool changed = s->changed;

	place_apply(s);
	config_init(&t.config);
	config_copy(&t.config, target);
	strbuf_init(&t.report);
	s->config = &t.config;
	s->trial = true;
	s->in_block = true;
	s->capture = &t.report;
	audit_block_begin(s);
	run_trial(s, &t);
	t.rejected += config_check(&t.config, target, &t.report);
	s->in_block = false;
	s->config = target;
	s->trial = false;
	s->capture = NULL;
	s->guard.on = false;
	audit_block_done(s, t.rejected == 0);
	if (t.rejected != 0) {
		s->changed = changed;
		refuse_block(s, &t);
	} else {
		accept_block(s, &t);
	}
	strbuf_wipe(&t.report);
	config_clear(&t.config);
	return t.rejected == 0;
}

/* Do the next lines of the paste make up one block of configuration? */
static bool configuration_comes(const struct session *s)
{
	return s->style == STYLE_PASTE && !s->paste_by_line && s->place.mode != CMD_EXEC &&
	       !s->banner.open && s->block.at < s->block.len;
}

/* One line in its turn.  CMD_WAITING: it goes on. */
static int run_line(struct session *s, char *line)
{
	size_t skipped = s->skipped;
	int r = line_run(s, line);

	bytes_wipe(line, strlen(line));
	if (r < 0)
		s->block.rejected++;
	if (r < 0 && s->style == STYLE_FILE && s->skipped == skipped)
		session_count_rejected(s);
	return r;
}

void block_continue(struct session *s)
{
	int status = s->block.rejected == 0 ? 0 : ERR_INVALID;

	while (!s->closing) {
		enum cmd_mode before = s->place.mode;
		char *line;
		int r;

		s->block.paused = s->io.busy != NULL && s->io.busy(s->io_arg);
		if (s->block.paused)
			return;
		if (configuration_comes(s)) {
			if (!paste_configuration(s))
				return;
			continue;
		}
		/* Cutting ended the text here; the lines behind it are still there. */
		line = next_line(s);
		if (line == NULL)
			break;
		r = run_line(s, line);
		if (r == CMD_WAITING)
			return;
		if (r < 0)
			status = r;
		s->block.entered = before == CMD_EXEC && s->place.mode != CMD_EXEC;
	}
	block_clear(s);
	/* A file comes in many blocks, and a site may go on in the next one. */
	if (s->style != STYLE_FILE)
		place_apply(s);
	session_finish(s, status);
}

void session_paste(struct session *s, const char *text)
{
	size_t lines = count_lines(text);
	struct err_msg pending;

	if (s->cmd.running)
		return;
	revert_activity(s->commands->revert, s);
	s->block = (struct session_block){
		.text = mem_strdup(text),
		.len = strlen(text),
		.lines = lines,
		.on_probation = revert_check(s->commands->revert, &pending) != 0,
	};
	s->line_number = 0;
	s->guard.on = false;
	if (lines <= 1) {
		char *line = next_line(s);
		char *copy = mem_strdup(line == NULL ? "" : line);

		block_clear(s);
		session_line(s, copy);
		bytes_wipe(copy, strlen(copy));
		free(copy);
		return;
	}
	s->cmd.running = true;
	s->style = STYLE_PASTE;
	block_continue(s);
}

void session_lines(struct session *s, const char *text)
{
	if (s->cmd.running)
		return;
	revert_activity(s->commands->revert, s);
	s->block = (struct session_block){.text = mem_strdup(text), .len = strlen(text)};
	s->cmd.running = true;
	block_continue(s);
}

void session_resume(struct session *s)
{
	if (s->block.text != NULL && s->block.paused)
		block_continue(s);
}
