/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines without a person: one after the other, each up to its DONE. */
#include "shell/ikesh/script.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "shell/ikesh/link.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct script {
	struct link *link;
	bool refused; /* some line was */
	bool closed;  /* by `exit` or the appliance's end */
	bool lost;    /* the connection broke */
};

static int status_of(const struct script *s)
{
	if (s->lost) {
		fputs("ikesh: The appliance closed the connection\n", stderr);
		return SCRIPT_UNREACHABLE;
	}
	return s->refused ? SCRIPT_REFUSED : SCRIPT_OK;
}

static bool ended(const struct script *s)
{
	return s->closed || s->lost;
}

/* A question has nobody who answers it. */
static void decline(struct script *s, const struct wire_message *m)
{
	fflush(stdout);
	fprintf(stderr, "ikesh: \"%.*s\" is asked on a terminal only\n", (int)m->text.len,
		(const char *)m->text.data);
	s->refused = true;
	if (link_send(s->link, WIRE_INTERRUPT, NULL) != 0)
		s->lost = true;
}

/* A caret points below the line as an operator would have seen it behind the prompt. */
static bool begins_with_caret(struct view text)
{
	size_t at = 0;

	while (at < text.len && text.data[at] == ' ')
		at++;
	return at + 1 < text.len && text.data[at] == '^' && text.data[at + 1] == '\n';
}

/* Everything up to DONE or CHECKED.  line (may be NULL) is shown when the answer points into it. */
static void finish(struct script *s, const char *line)
{
	struct wire_message m;

	while (!ended(s)) {
		if (link_receive(s->link, &m) != 0) {
			s->lost = true;
			break;
		}
		if (m.type == WIRE_OUTPUT) {
			if (line != NULL && begins_with_caret(m.text))
				printf("%s%s\n", s->link->prompt, line);
			line = NULL;
			fwrite(m.text.data, 1, m.text.len, stdout);
		} else if (m.type == WIRE_ASK)
			decline(s, &m);
		else if (m.type == WIRE_CLOSE)
			s->closed = true;
		else if (m.type == WIRE_DONE || m.type == WIRE_CHECKED)
			break;
		else if (m.type == WIRE_REFUSED)
			fprintf(stderr, "ikesh: %.*s\n", (int)m.text.len,
				(const char *)m.text.data);
	}
	if (!ended(s) && m.status != 0)
		s->refused = true;
	fflush(stdout);
}

static void request(struct script *s, enum wire_type type, const char *text, const char *shown)
{
	int rc = link_send(s->link, type, text);

	if (rc == ERR_RANGE) {
		fprintf(stderr, "ikesh: A line is longer than %d characters\n", WIRE_TEXT_MAX);
		s->refused = true;
	} else if (rc != 0) {
		/* What the appliance said last is still to be read. */
		finish(s, NULL);
		s->lost = !s->closed;
	} else {
		finish(s, shown);
	}
}

int script_commands(struct link *l, char *const *commands, size_t count)
{
	struct script s = {.link = l};

	for (size_t i = 0; i < count; i++) {
		char *copy = mem_strdup(commands[i]);
		char *rest = copy;

		/* one argument of ssh may hold several lines */
		while (rest != NULL && !ended(&s)) {
			char *line = strsep(&rest, "\r\n");

			request(&s, WIRE_LINE, line, line);
		}
		bytes_wipe(copy, strlen(commands[i]));
		free(copy);
	}
	return status_of(&s);
}

static void run_file(struct script *s, FILE *in, const char *name)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	if (link_send(s->link, WIRE_BEGIN_FILE, name) != 0)
		s->lost = true;
	while (!ended(s) && (len = getline(&line, &cap, in)) >= 0) {
		while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			line[--len] = '\0';
		for (char *p = line; p < line + len; p++) {
			if (*p == '\0' || *p == '\r') /* refused with a caret, not cut */
				*p = '?';
		}
		request(s, WIRE_LINE, line, NULL);
	}
	if (line != NULL)
		bytes_wipe(line, cap);
	free(line);
	if (!ended(s))
		request(s, WIRE_END_FILE, NULL, NULL);
}

int script_lines(struct link *l, FILE *in, const char *name)
{
	struct script s = {.link = l};

	run_file(&s, in, name);
	return status_of(&s);
}

int script_merge(struct link *l, FILE *in, const char *name)
{
	struct script s = {.link = l};

	request(&s, WIRE_LINE, "configure terminal", NULL);
	if (s.refused)
		return status_of(&s);
	run_file(&s, in, name);
	if (!ended(&s))
		request(&s, WIRE_LINE, "end", NULL);
	return status_of(&s);
}

int script_check(struct link *l, FILE *in, const char *name)
{
	struct script s = {.link = l};
	char piece[8192];
	size_t len;

	while ((len = fread(piece, 1, sizeof(piece), in)) != 0) {
		int rc = link_send_upload(l, piece, len);

		if (rc == ERR_RANGE) {
			fprintf(stderr, "ikesh: %s is no text file\n", name);
			return SCRIPT_REFUSED;
		}
		if (rc != 0) {
			finish(&s, NULL);
			return status_of(&s);
		}
	}
	bytes_wipe(piece, sizeof(piece));
	request(&s, WIRE_CHECK, name, NULL);
	return status_of(&s);
}
