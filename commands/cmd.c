/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What handlers of commands call: arguments, output, questions. */
#include "commands/cmd.h"

#include "commands/commands_state.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "commands/show_lines.h"

#include <ctype.h>
#include <libcli.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEND_AT ((size_t)64 * 1024)

const struct value *cmd_value(const struct cmd *c, const char *arg)
{
	return resolution_value(&c->resolved, arg);
}

const char *cmd_text(const struct cmd *c, const char *arg)
{
	const struct value *v = cmd_value(c, arg);

	return v == NULL ? NULL : v->text;
}

uint32_t cmd_u32(const struct cmd *c, const char *arg, uint32_t otherwise)
{
	const struct value *v = cmd_value(c, arg);

	return v == NULL ? otherwise : v->number;
}

bool cmd_has(const struct cmd *c, const char *word)
{
	for (const struct cli_command *n = c->resolved.node; n != NULL; n = n->parent) {
		if (strcmp(n->command, word) == 0)
			return true;
	}
	return false;
}

bool cmd_wants_json(const struct cmd *c)
{
	return c->wishes.json || cmd_has(c, "json");
}

bool cmd_hides_secrets(const struct cmd *c)
{
	return c->session->privilege < 15 || c->wishes.redact;
}

/* `| json` behind a command that knows lines only. */
static bool is_wrapped(const struct cmd *c)
{
	return c->wishes.json && c->resolved.row != NULL &&
	       strstr(c->resolved.row->words, "json") == NULL;
}

void cmd_wrap(struct cmd *c)
{
	struct answer *a;

	if (!is_wrapped(c) || c->result < 0)
		return;
	a = answer_new(ANSWER_JSON, 0);
	show_lines(a, "lines", c->plain.text, cmd_hides_secrets(c));
	c->wishes.json = false;
	(void)show_end(c, a);
}

bool cmd_is_no(const struct cmd *c)
{
	return c->resolved.no;
}

void cmd_flush(struct cmd *c)
{
	session_output(c->session, c->output.text, c->output.len);
	strbuf_reset(&c->output);
}

void cmd_write(struct cmd *c, const char *text, size_t len)
{
	if (is_wrapped(c)) {
		strbuf_add_bytes(&c->plain, text, len);
		return;
	}
	if (c->filters != NULL)
		filter_feed(c->filters, text, len, &c->output);
	else
		strbuf_add_bytes(&c->output, text, len);
	if (c->output.len >= SEND_AT)
		cmd_flush(c);
}

void cmd_print(struct cmd *c, const char *fmt, ...)
{
	char buf[512];
	char *text = buf;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (len < 0)
		return;
	if ((size_t)len >= sizeof(buf)) {
		va_start(ap, fmt);
		if (vasprintf(&text, fmt, ap) < 0)
			abort(); /* out of memory */
		va_end(ap);
	}
	cmd_write(c, text, (size_t)len);
	if (text != buf)
		free(text);
}

int cmd_fail(struct cmd *c, int code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX + 64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cmd_flush(c);
	report_refused(c->session, REPORT_NO_CARET, text);
	return code;
}

int cmd_ask(struct cmd *c, const char *prompt, bool hidden, cmd_answer_fn *fn, void *arg)
{
	cmd_flush(c);
	c->wait = CMD_WAIT_ANSWER;
	c->answer = fn;
	c->arg = arg;
	c->session->io.ask(c->session->io_arg, prompt, hidden);
	return CMD_WAITING;
}

static int confirm_answer(struct cmd *c, const char *answer, void *arg)
{
	(void)arg;
	if (answer == NULL)
		return 0;
	while (isspace((unsigned char)*answer))
		answer++;
	/* Enter and y confirm, as on routers; everything else leaves things as they are. */
	if (*answer != '\0' && *answer != 'y' && *answer != 'Y')
		return 0;
	return c->confirmed(c);
}

int cmd_confirm(struct cmd *c, const char *question, int (*yes)(struct cmd *c))
{
	char prompt[256];

	if (!cmd_interactive(c))
		return yes(c);
	snprintf(prompt, sizeof(prompt), "%s [confirm]", question);
	c->confirmed = yes;
	return cmd_ask(c, prompt, false, confirm_answer, NULL);
}

int cmd_work(struct cmd *c, cmd_key_fn *fn, void *arg)
{
	cmd_flush(c);
	c->wait = CMD_WAIT_WORK;
	c->key = fn;
	c->arg = arg;
	return CMD_WAITING;
}

int cmd_hold(struct cmd *c, cmd_key_fn *fn, void *arg)
{
	(void)cmd_work(c, fn, arg);
	c->wait = CMD_WAIT_HOLD;
	if (c->session->io.hold != NULL)
		c->session->io.hold(c->session->io_arg);
	return CMD_WAITING;
}

void cmd_done(struct cmd *c, int status)
{
	c->wait = CMD_WAIT_NONE;
	session_end_line(c->session, status);
}

struct session *cmd_session(struct cmd *c)
{
	return c->session;
}

struct commands *cmd_commands(struct cmd *c)
{
	return c->session->commands;
}

unsigned cmd_privilege(const struct cmd *c)
{
	return c->session->privilege;
}

bool cmd_interactive(const struct cmd *c)
{
	const struct session *s = c->session;

	return s->who.interactive && s->style == STYLE_PROMPT && !s->trial;
}

unsigned cmd_width(const struct cmd *c)
{
	return c->session->width;
}

struct gateway *commands_gateway(struct commands *c)
{
	return c->gateway;
}

struct event_log *commands_events(struct commands *c)
{
	return c->events;
}

struct loop *commands_loop(struct commands *c)
{
	return c->loop;
}

const struct config *commands_running(const struct commands *c)
{
	return &c->running;
}

uint64_t commands_started_ms(const struct commands *c)
{
	return c->started_ms;
}
