/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hands each value of an answer to the writer of its format, after cleaning it.  Knows nothing of
 * columns or JSON syntax.
 */
#include "commands/answer.h"

#include "commands/answer_writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct answer {
	struct answer_text *text; /* one of the two */
	struct answer_json *json;
};

struct answer *answer_new(enum answer_format format, unsigned width)
{
	struct answer *a = mem_zalloc(sizeof(*a));

	if (format == ANSWER_JSON)
		a->json = answer_json_new();
	else
		a->text = answer_text_new(width);
	return a;
}

void answer_free(struct answer *a)
{
	if (!a)
		return;
	answer_text_free(a->text);
	answer_json_free(a->json);
	free(a);
}

bool answer_is_json(const struct answer *a)
{
	return a->json != NULL;
}

void answer_finish(struct answer *a, struct strbuf *out)
{
	if (a->json)
		answer_json_finish(a->json, out);
	else
		answer_text_finish(a->text, out);
}

void answer_object(struct answer *a, const char *key)
{
	if (a->json)
		answer_json_open(a->json, key, false);
}

void answer_object_end(struct answer *a)
{
	if (a->json)
		answer_json_close(a->json);
}

void answer_array(struct answer *a, const char *key)
{
	if (a->json)
		answer_json_open(a->json, key, true);
}

void answer_array_end(struct answer *a)
{
	if (a->json)
		answer_json_close(a->json);
}

void answer_text(struct answer *a, const char *key, const char *label, const char *value)
{
	bool none = !value || !*value || strcmp(value, "-") == 0;
	char *clean;

	/* Neither key nor label: an element of an array. */
	if (a->json ? !key && label : !label)
		return;
	clean = answer_clean(none ? "-" : value);
	if (a->json)
		answer_json_string(a->json, key, none ? NULL : clean);
	else
		answer_text_value(a->text, label, clean);
	free(clean);
}

void answer_number(struct answer *a, const char *key, const char *label, uint64_t value)
{
	char text[24];

	if (a->json) {
		if (key)
			answer_json_number(a->json, key, value);
	} else if (label) {
		(void)snprintf(text, sizeof(text), "%" PRIu64, value);
		answer_text_value(a->text, label, text);
	}
}

void answer_bool(struct answer *a, const char *key, const char *label, bool value)
{
	if (a->json) {
		if (key)
			answer_json_bool(a->json, key, value);
	} else if (label) {
		answer_text_value(a->text, label, value ? "yes" : "no");
	}
}

void answer_null(struct answer *a, const char *key)
{
	if (a->json)
		answer_json_string(a->json, key, NULL);
}

void answer_time(struct answer *a, const char *key, uint64_t wall_ms)
{
	char text[32];
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	if (!a->json)
		return;
	if (wall_ms == 0 || !gmtime_r(&seconds, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		answer_json_string(a->json, key, NULL);
	else
		answer_json_string(a->json, key, text);
}

/* Formatted and cleaned; caller frees. */
static PRINTF_LIKE(1, 0) char *text_of(const char *fmt, va_list ap)
{
	char *raw = NULL, *clean;

	if (vasprintf(&raw, fmt, ap) < 0)
		abort();
	clean = answer_clean(raw);
	free(raw);
	return clean;
}

void answer_show(struct answer *a, const char *label, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (a->json)
		return;
	va_start(ap, fmt);
	text = text_of(fmt, ap);
	va_end(ap);
	answer_text_value(a->text, label, text);
	free(text);
}

void answer_line(struct answer *a, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (a->json)
		return;
	va_start(ap, fmt);
	text = text_of(fmt, ap);
	va_end(ap);
	answer_text_line(a->text, text);
	free(text);
}

void answer_table(struct answer *a, const struct answer_column *columns, size_t count)
{
	if (!a->json)
		answer_text_table(a->text, columns, count);
}

void answer_row(struct answer *a)
{
	if (!a->json)
		answer_text_row(a->text);
}

void answer_table_end(struct answer *a)
{
	if (!a->json)
		answer_text_table_end(a->text);
}

void answer_block(struct answer *a, unsigned indent)
{
	if (!a->json)
		answer_text_block(a->text, indent);
}

void answer_block_end(struct answer *a)
{
	if (!a->json)
		answer_text_block_end(a->text);
}
