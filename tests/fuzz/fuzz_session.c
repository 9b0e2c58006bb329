/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an operator may type, paste, ask for and load.  Nothing crashes, a refused line changes
 * nothing, and whatever the configuration has become, its text reads back to the same one.
 *
 * The first octet of a line says what happens with the rest: `?` help, `+` completion, `@` an
 * answer, `#` a paste of all that follows, anything else is the line itself.
 */
#include "commands/commands_state.h"
#include "commands/loader.h"
#include "commands/session_state.h"
#include "commands/writer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_output(void *arg, const char *text, size_t len)
{
	(void)arg;
	(void)text;
	(void)len;
}

static void on_ask(void *arg, const char *prompt, bool hidden)
{
	(void)arg;
	(void)prompt;
	(void)hidden;
}

static void on_done(void *arg, int status, const char *prompt)
{
	(void)prompt;
	*(int *)arg = status;
}

static void on_text(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

static void on_close(void *arg)
{
	(void)arg;
}

static void on_terminal(void *arg, unsigned length, unsigned width)
{
	(void)arg;
	(void)length;
	(void)width;
}

static uint64_t wall_ms(void)
{
	return 0;
}

static void check_reads_back(struct commands *c)
{
	struct strbuf text;
	struct config_writer w = {.out = &text};
	struct config back;

	strbuf_init(&text);
	config_init(&back);
	writer_config(&w, &c->running);
	if (loader_run(c, &back, "fuzz", text.text, NULL) != 0 || !config_equal(&back, &c->running))
		abort();
	config_clear(&back);
	strbuf_wipe(&text);
}

static void type_line(struct commands *c, struct session *s, const char *line, const int *status)
{
	struct config before;
	enum cmd_mode mode = s->place.mode;

	config_init(&before);
	config_copy(&before, &c->running);
	session_line(s, line);
	if (!s->cmd.running && *status != 0 &&
	    (!config_equal(&before, &c->running) || s->place.mode != mode))
		abort();
	config_clear(&before);
}

static void play(struct commands *c, struct session *s, char *text, const int *status)
{
	struct strbuf out;

	strbuf_init(&out);
	for (char *line; (line = strsep(&text, "\n")) != NULL;) {
		if (s->cmd.running && line[0] != '@')
			session_interrupt(s);
		if (line[0] == '?')
			session_help(s, line + 1, &out);
		else if (line[0] == '+')
			session_complete(s, line + 1, &out);
		else if (line[0] == '@')
			session_answer(s, line + 1);
		else if (line[0] != '#')
			type_line(c, s, line, status);
		else if (text != NULL)
			session_paste(s, text);
		if (line[0] == '#')
			break;
	}
	strbuf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct session_io io = {
		.output = on_output,
		.ask = on_ask,
		.done = on_done,
		.async = on_text,
		.close = on_close,
		.terminal = on_terminal,
	};
	static const struct session_who who = {.user = "fuzz",
					       .from = "vty 1",
					       .privilege = 15,
					       .interactive = true};
	static const struct commands_options options = {.config_dir = NULL};
	struct event_log *events = event_log_new(wall_ms, 16);
	struct commands *c = commands_new(NULL, NULL, events, NULL, &options);
	int status = 0;
	struct session *s = session_new(c, &who, &io, &status);
	char *text = malloc(size + 1);

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	session_line(s, "configure terminal");
	play(c, s, text, &status);
	session_free(s);
	check_reads_back(c);
	commands_free(c);
	event_log_free(events);
	free(text);
	return 0;
}
