/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines without a person: one after the other, each up to its DONE. */
#include "shell/ikesh/script.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/base/strbuf.h"
#include "shell/ikesh/link.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
		else if (m.type == WIRE_REFUSED)
			fprintf(stderr, "ikesh: %.*s\n", (int)m.text.len,
				(const char *)m.text.data);
		else if (m.type == WIRE_HELP_TEXT)
			fwrite(m.text.data, 1, m.text.len, stdout);
		if (m.type == WIRE_DONE || m.type == WIRE_CHECKED ||
		    (m.type == WIRE_HELP_TEXT && (m.flags & WIRE_LAST) != 0))
			break;
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

/* "show ?" in EXEC: the mark is a key there, and no command ends with it.  Takes it off. */
static bool asks_for_help(const struct script *s, char *line)
{
	size_t len = strlen(line);

	if (len == 0 || line[len - 1] != '?' || strpbrk(line, "|\"") != NULL ||
	    strstr(s->link->prompt, "(config") != NULL)
		return false;
	line[len - 1] = '\0';
	return true;
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

			request(&s, asks_for_help(&s, line) ? WIRE_HELP : WIRE_LINE, line, line);
		}
		bytes_wipe(copy, strlen(commands[i]));
		free(copy);
	}
	return status_of(&s);
}

/* What the appliance cannot take is refused with a caret, not cut: no NUL, and CR only in front of
 * the end of a line, where it is dropped.  Returns the new length. */
static size_t clean(char *text, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r' && (i + 1 == len || text[i + 1] == '\n'))
			continue;
		text[kept++] = text[i] == '\0' || text[i] == '\r' ? '?' : text[i];
	}
	return kept;
}

/* Whole lines, as many as fit into one message. */
static size_t piece_len(const char *text, size_t len)
{
	const char *end;

	if (len <= WIRE_TEXT_MAX)
		return len;
	end = memrchr(text, '\n', WIRE_TEXT_MAX);
	return end == NULL ? 0 : (size_t)(end - text) + 1;
}

static void send_lines(struct script *s, char *text, size_t len)
{
	len = clean(text, len);
	while (len != 0 && !ended(s)) {
		size_t n = piece_len(text, len);
		char kept;

		if (n == 0) {
			const char *end = memchr(text, '\n', len);

			fprintf(stderr, "ikesh: A line is longer than %d characters\n",
				WIRE_TEXT_MAX);
			s->refused = true;
			n = end == NULL ? len : (size_t)(end - text) + 1;
		} else {
			kept = text[n];
			text[n] = '\0';
			request(s, WIRE_LINES, text, NULL);
			text[n] = kept;
		}
		text += n;
		len -= n;
	}
}

/* Lines are sent as they come, many at once when many are there. */
static void run_file(struct script *s, FILE *in, const char *name)
{
	struct strbuf text;
	char piece[65536];
	ssize_t n;

	strbuf_init(&text);
	if (link_send(s->link, WIRE_BEGIN_FILE, name) != 0)
		s->lost = true;
	while (!ended(s) && (n = read(fileno(in), piece, sizeof(piece))) != 0) {
		const char *end;
		size_t len;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		strbuf_add_bytes(&text, piece, (size_t)n);
		end = memrchr(text.text, '\n', text.len);
		if (end == NULL)
			continue;
		len = (size_t)(end - text.text) + 1;
		send_lines(s, text.text, len);
		memmove(text.text, text.text + len, text.len - len + 1);
		text.len -= len;
	}
	if (!ended(s))
		send_lines(s, text.text, text.len);
	strbuf_wipe(&text);
	bytes_wipe(piece, sizeof(piece));
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
