/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A command layer without commands, to test the terminals: lines name what the session shall do.
 *
 *   echo TEXT   prints TEXT          lines N     prints N numbered lines
 *   fail        ends with status 1   wait        ends at an interrupt only
 *   ask, hide   asks, prints the answer           long P N    prints N octets P in one call
 *   later TEXT  asynchronous text    length N    terminal length
 *   hold        prints what is typed, q ends it
 *   mode NAME   changes the prompt   exit        closes
 */
#include "commands/session.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct commands {
	struct commands_options options;
};

struct session {
	struct session_who who;
	const struct session_io *io;
	void *arg;
	char prompt[64];
	char *asked; /* the running question */
	bool waiting;
	bool holding;
};

struct commands *commands_new(struct loop *loop, struct gateway *g, struct event_log *events,
			      const struct log *log, const struct commands_options *options)
{
	struct commands *c = mem_zalloc(sizeof(*c));

	(void)loop;
	(void)g;
	(void)events;
	(void)log;
	if (options != NULL)
		c->options = *options;
	return c;
}

void commands_free(struct commands *c)
{
	free(c);
}

int commands_boot(struct commands *c, size_t *refused, struct strbuf *report, struct err_msg *e)
{
	(void)c;
	(void)report;
	(void)e;
	*refused = 0;
	return 0;
}

const char *commands_hostname(const struct commands *c)
{
	(void)c;
	return "fake";
}

struct session *session_new(struct commands *c, const struct session_who *who,
			    const struct session_io *io, void *io_arg)
{
	struct session *s = mem_zalloc(sizeof(*s));

	(void)c;
	s->who = *who;
	s->io = io;
	s->arg = io_arg;
	snprintf(s->prompt, sizeof(s->prompt), "fake%c", who->privilege == 15 ? '#' : '>');
	return s;
}

void session_free(struct session *s)
{
	if (s != NULL)
		free(s->asked);
	free(s);
}

const char *session_prompt(const struct session *s)
{
	return s->prompt;
}

unsigned session_privilege(const struct session *s)
{
	return s->who.privilege;
}

static void print(struct session *s, const char *text)
{
	s->io->output(s->arg, text, strlen(text));
}

static void print_lines(struct session *s, int count)
{
	char line[32];

	for (int i = 1; i <= count; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		print(s, line);
	}
}

static void print_long(struct session *s, char octet, size_t len)
{
	char *text = mem_zalloc(len + 1);

	memset(text, octet, len);
	s->io->output(s->arg, text, len);
	free(text);
}

static void ask(struct session *s, const char *what, bool hidden)
{
	s->asked = mem_strdup(what);
	s->io->ask(s->arg, what, hidden);
}

void session_line(struct session *s, const char *line)
{
	int status = 0;

	if (strncmp(line, "echo ", 5) == 0) {
		print(s, line + 5);
		print(s, "\n");
	} else if (strncmp(line, "lines ", 6) == 0) {
		print_lines(s, (int)strtol(line + 6, NULL, 10));
	} else if (strncmp(line, "long ", 5) == 0) {
		print_long(s, line[5], strtoul(line + 6, NULL, 10));
	} else if (strncmp(line, "later ", 6) == 0) {
		s->io->async(s->arg, line + 6);
	} else if (strncmp(line, "length ", 7) == 0) {
		s->io->terminal(s->arg, (unsigned)strtoul(line + 7, NULL, 10), 80);
	} else if (strncmp(line, "mode ", 5) == 0) {
		snprintf(s->prompt, sizeof(s->prompt), "fake(%s)#", line + 5);
	} else if (strcmp(line, "end") == 0) {
		snprintf(s->prompt, sizeof(s->prompt), "fake#");
	} else if (strcmp(line, "ask") == 0 || strcmp(line, "hide") == 0) {
		ask(s, "Answer: ", line[0] == 'h');
		return;
	} else if (strcmp(line, "wait") == 0) {
		s->waiting = true;
		return;
	} else if (strcmp(line, "hold") == 0) {
		s->holding = true;
		s->io->hold(s->arg);
		return;
	} else if (strcmp(line, "exit") == 0) {
		s->io->close(s->arg);
	} else if (line[0] != '\0' && line[0] != '!') {
		print(s, "% Invalid input\n");
		status = 1;
	}
	s->io->done(s->arg, status, s->prompt);
}

void session_paste(struct session *s, const char *text)
{
	char note[64];
	size_t lines = 0;

	for (const char *p = text; *p != '\0'; p++)
		lines += *p == '\n';
	snprintf(note, sizeof(note), "pasted %zu lines, %zu octets\n", lines, strlen(text));
	print(s, note);
	s->io->done(s->arg, strstr(text, "fail") != NULL, s->prompt);
}

void session_lines(struct session *s, const char *text)
{
	print(s, text);
	s->io->done(s->arg, strstr(text, "fail") != NULL, s->prompt);
}

void session_resume(struct session *s)
{
	(void)s;
}

void session_answer(struct session *s, const char *text)
{
	if (s->holding) {
		print(s, text);
		s->holding = strcmp(text, "q") != 0;
		if (!s->holding)
			s->io->done(s->arg, 0, s->prompt);
		return;
	}
	if (s->asked == NULL)
		return;
	free(s->asked);
	s->asked = NULL;
	print(s, "answer <");
	print(s, text);
	print(s, ">\n");
	s->io->done(s->arg, 0, s->prompt);
}

void session_interrupt(struct session *s)
{
	if (s->asked == NULL && !s->waiting && !s->holding)
		return;
	s->holding = false;
	free(s->asked);
	s->asked = NULL;
	s->waiting = false;
	s->io->done(s->arg, 1, s->prompt);
}

void session_window(struct session *s, unsigned length, unsigned width)
{
	char text[64];

	snprintf(text, sizeof(text), "window %u %u\n", length, width);
	s->io->async(s->arg, text);
}

void session_begin_file(struct session *s, const char *name)
{
	print(s, "begin ");
	print(s, name);
	print(s, "\n");
}

void session_end_file(struct session *s)
{
	print(s, "end of file\n");
}

void session_help(struct session *s, const char *text, struct strbuf *out)
{
	(void)s;
	strbuf_printf(out, "  help for <%s>\n", text);
}

void session_complete(struct session *s, const char *text, struct strbuf *out)
{
	const char *blank = strrchr(text, ' ');
	const char *word = blank != NULL ? blank + 1 : text;
	static const char *const words[] = {"echo", "lines", "long", "later", "length"};

	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strncmp(words[i], word, strlen(word)) == 0)
			strbuf_printf(out, "%s\n", words[i]);
	}
}

bool session_line_is_secret(struct session *s, const char *line)
{
	(void)s;
	return strstr(line, "psk") != NULL;
}

size_t commands_check(struct commands *c, const char *name, const char *text, struct strbuf *report)
{
	size_t refused = 0;

	(void)c;
	for (const char *p = text; (p = strstr(p, "bad")) != NULL; p++) {
		refused++;
		strbuf_printf(report, "%s: bad\n", name);
	}
	return refused;
}
