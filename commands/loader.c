/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads configuration texts through a session that nobody sits at. */
#include "commands/loader.h"

#include "commands/banner.h"
#include "commands/commands_state.h"
#include "commands/session_state.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* some editors begin a file with it */

static void no_output(void *arg, const char *text, size_t len)
{
	(void)arg;
	(void)text;
	(void)len;
}

static void no_ask(void *arg, const char *prompt, bool hidden)
{
	(void)arg;
	(void)prompt;
	(void)hidden;
}

static void no_done(void *arg, int status, const char *prompt)
{
	(void)arg;
	(void)status;
	(void)prompt;
}

static void no_async(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void no_close(void *arg)
{
	(void)arg;
}

static void no_terminal(void *arg, unsigned length, unsigned width)
{
	(void)arg;
	(void)length;
	(void)width;
}

static const struct session_io nobody = {
	.output = no_output,
	.ask = no_ask,
	.done = no_done,
	.async = no_async,
	.close = no_close,
	.terminal = no_terminal,
};

bool loader_is_complete(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && (unsigned char)text[len - 1] <= ' ')
		len--;
	return len >= 3 && strncmp(text + len - 3, "end", 3) == 0 &&
	       (len == 3 || text[len - 4] == '\n');
}

static size_t run_lines(struct session *s, const char *text)
{
	struct strbuf line;
	size_t refused = 0;

	strbuf_init(&line);
	text += strncmp(text, BYTE_ORDER_MARK, 3) == 0 ? 3 : 0;
	while (*text != '\0' && s->place.mode != CMD_EXEC) {
		size_t len = strcspn(text, "\n");

		strbuf_reset(&line);
		strbuf_add_bytes(&line, text, len);
		s->line_number++;
		refused += line_run(s, line.text) < 0;
		text += len + (text[len] == '\n');
	}
	refused += banner_abandon(s) != 0;
	strbuf_wipe(&line);
	return refused;
}

static size_t load(struct commands *c, struct config *target, const char *name, const char *text,
		   bool in_block, struct strbuf *report)
{
	static const struct session_who who = {.user = "startup", .from = "file", .privilege = 15};
	struct session *s = session_new(c, &who, &nobody, NULL);
	size_t refused;

	s->config = target;
	s->trial = true;
	s->in_block = in_block;
	s->style = STYLE_REPORT;
	s->capture = report;
	s->place.mode = CMD_CONFIG;
	snprintf(s->name, sizeof(s->name), "%s", name);
	refused = run_lines(s, text);
	s->cmd.running = false;
	session_free(s);
	return refused;
}

size_t loader_run(struct commands *c, struct config *target, const char *name, const char *text,
		  struct strbuf *report)
{
	return load(c, target, name, text, false, report);
}

size_t loader_run_block(struct commands *c, struct config *target, const struct config *before,
			const char *name, const char *text, struct strbuf *report)
{
	struct strbuf own;
	size_t refused = load(c, target, name, text, true, report);

	strbuf_init(&own);
	refused += config_check(target, before, report == NULL ? &own : report);
	strbuf_clear(&own);
	return refused;
}

size_t loader_merge(struct commands *c, struct config *target, const char *name, const char *text,
		    struct strbuf *report, struct err_msg *e)
{
	size_t refused = load(c, target, name, text, true, report);

	if (config_check(target, &c->running, report) != 0)
		err_set(e, ERR_INVALID, "%s contradicts the configuration, nothing is changed",
			name);
	return refused;
}
