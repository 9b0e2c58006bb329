/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How refused lines are shown: caret, cause, and where the line came from.  Never echoes a secret.
 */
#include "commands/secret_line.h"
#include "commands/session_state.h"

#include <stdio.h>
#include <string.h>

/* Columns on the terminal that the first len bytes take. */
static size_t columns(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && text[i] != '\0'; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	return n;
}

static void add_caret(struct strbuf *out, size_t column)
{
	for (size_t i = 0; i < column; i++)
		strbuf_add_char(out, ' ');
	strbuf_add(out, "^\n");
}

/* The line as it may be shown; false: it is a secret, and stands for itself only roughly. */
static bool add_line(struct session *s, struct strbuf *out)
{
	if (session_line_is_secret(s, s->line)) {
		secret_line_mask(s->line, strlen(s->line), out);
		return false;
	}
	for (const char *p = s->line; *p != '\0'; p++)
		strbuf_add_char(out, (unsigned char)*p < ' ' ? ' ' : *p);
	return true;
}

/* Every line of text with "% " in front. */
static void add_text(struct strbuf *out, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		strbuf_add(out, "% ");
		strbuf_add_bytes(out, text, len);
		strbuf_add_char(out, '\n');
		text += len + (text[len] == '\n');
	}
}

static void add_with_source(struct session *s, size_t column, const char *source, const char *quote,
			    const char *text, struct strbuf *out)
{
	size_t before = columns(source, strlen(source));

	strbuf_add(out, source);
	if (!add_line(s, out))
		column = REPORT_NO_CARET;
	strbuf_add(out, quote);
	strbuf_add_char(out, '\n');
	if (column != REPORT_NO_CARET)
		add_caret(out, before + columns(s->line, column));
	add_text(out, text);
}

static void add_report(struct session *s, const char *source, const char *text, struct strbuf *out)
{
	const char *last = strrchr(text, '\n');
	struct strbuf line;

	strbuf_init(&line);
	add_line(s, &line);
	strbuf_add(out, source);
	strbuf_add(out, line.text + strspn(line.text, " "));
	strbuf_printf(out, ": %s\n", last == NULL ? text : last + 1);
	strbuf_clear(&line);
}

void report_refused(struct session *s, size_t column, const char *text)
{
	struct strbuf out;
	char source[300];

	strbuf_init(&out);
	switch (s->style) {
	case STYLE_PROMPT:
		if (column != REPORT_NO_CARET)
			add_caret(&out, columns(s->prompt.text, s->prompt.len) + s->line_shift +
						columns(s->line, column));
		add_text(&out, text);
		break;
	case STYLE_PASTE:
		snprintf(source, sizeof(source), "line %zu: \"", s->line_number);
		add_with_source(s, column, source, "\"", text, &out);
		break;
	case STYLE_FILE:
		snprintf(source, sizeof(source), "%s:%zu: ", s->name, s->line_number);
		add_with_source(s, column, source, "", text, &out);
		break;
	case STYLE_REPORT:
		snprintf(source, sizeof(source), "%s:%zu: ", s->name, s->line_number);
		add_report(s, source, text, &out);
		break;
	}
	session_output(s, out.text, out.len);
	strbuf_clear(&out);
}

void report_notes(struct session *s, const struct strbuf *notes)
{
	struct strbuf out;
	const char *text = notes->text;

	if (s->style != STYLE_REPORT) {
		session_output(s, notes->text, notes->len);
		return;
	}
	strbuf_init(&out);
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		strbuf_printf(&out, "%s:%zu: %.*s\n", s->name, s->line_number, (int)len, text);
		text += len + (text[len] == '\n');
	}
	session_output(s, out.text, out.len);
	strbuf_clear(&out);
}

void report_resolution(struct session *s, const struct resolution *r)
{
	char text[ERR_TEXT_MAX + 64];
	const char *line = s->line + strspn(s->line, " \t\r");
	size_t len = strcspn(line, "\r\n");

	while (len > 0 && (unsigned char)line[len - 1] <= ' ')
		len--;
	switch (r->status) {
	case RESOLVE_OK:
		return;
	case RESOLVE_INVALID:
		report_refused(s, r->column, "Invalid input detected at '^' marker.");
		return;
	case RESOLVE_VALUE:
		if (r->secret) {
			report_refused(s, REPORT_NO_CARET, r->message.text);
			return;
		}
		snprintf(text, sizeof(text), "Invalid input detected at '^' marker.\n%s",
			 r->message.text);
		report_refused(s, r->column, text);
		return;
	case RESOLVE_AMBIGUOUS:
		if (session_line_is_secret(s, s->line))
			len = 0;
		snprintf(text, sizeof(text), "Ambiguous command:  \"%.*s\"",
			 len > 200 ? 200 : (int)len, line);
		report_refused(s, REPORT_NO_CARET, text);
		return;
	case RESOLVE_INCOMPLETE:
		report_refused(s, REPORT_NO_CARET, "Incomplete command.");
		return;
	}
}
