/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pipeline behind `|`.  Each stage sees whole lines and hands on those that it lets through.
 * Regular expressions are POSIX extended, case-sensitive, as on routers.
 */
#include "commands/filter.h"

#include "commands/secret_line.h"

#include "platform/base/mem.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILTER_STAGES  8
#define FILTER_REGEX   200
#define FILTER_REPEATS 255 /* by {...}, all of an expression multiplied */

enum filter_kind {
	FILTER_BEGIN,
	FILTER_COUNT,
	FILTER_EXCLUDE,
	FILTER_INCLUDE,
	FILTER_JSON,
	FILTER_NO_MORE,
	FILTER_REDACT,
	FILTER_SECTION,
};

static const struct {
	const char *name;
	const char *help;
	bool regex;
} kinds[] = {
	[FILTER_BEGIN] = {"begin", "Begin with the line that matches", true},
	[FILTER_COUNT] = {"count", "Number of lines that match", true},
	[FILTER_EXCLUDE] = {"exclude", "Leave out lines that match", true},
	[FILTER_INCLUDE] = {"include", "Only lines that match", true},
	[FILTER_JSON] = {"json", "One JSON document", false},
	[FILTER_NO_MORE] = {"no-more", "Without pauses", false},
	[FILTER_REDACT] = {"redact", "Without secrets", false},
	[FILTER_SECTION] = {"section", "Only sections whose first line matches", true},
};

struct stage {
	enum filter_kind kind;
	regex_t regex;
	bool has_regex;
	bool open;     /* begin: found; section: inside */
	size_t indent; /* of the section's first line */
	size_t count;
};

struct filter_chain {
	size_t count;
	struct stage stages[FILTER_STAGES];
	bool json;	    /* a document: who wrote it left secrets out */
	struct strbuf line; /* not yet complete */
};

const char *filter_name(size_t i, const char **help, bool *takes_regex)
{
	if (i >= ARRAY_LEN(kinds))
		return NULL;
	*help = kinds[i].help;
	*takes_regex = kinds[i].regex;
	return kinds[i].name;
}

static int find_kind(const char *word, size_t len, enum filter_kind *out, struct err_msg *e)
{
	size_t hits = 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (len == 0 || strncasecmp(kinds[i].name, word, len) != 0)
			continue;
		*out = (enum filter_kind)i;
		if (strlen(kinds[i].name) == len)
			return 0;
		hits++;
	}
	if (hits == 0)
		return err_set(e, ERR_INVALID, "there is no such filter");
	return hits == 1 ? 0 : err_set(e, ERR_EXISTS, "ambiguous filter");
}

/* Length of this stage's text: up to the next `|` that stands alone between blanks. */
static size_t stage_len(const char *text)
{
	bool quoted = false;

	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		if (!quoted && text[i] == '|' && (i == 0 || text[i - 1] == ' ') &&
		    (text[i + 1] == ' ' || text[i + 1] == '\0'))
			return i;
	}
	return strlen(text);
}

/* What would keep the library busy for minutes, and with it the appliance: repetitions of
 * repetitions, and references back. */
static bool is_costly(const char *pattern)
{
	unsigned long times = 1;

	for (const char *p = pattern; *p != '\0'; p++) {
		unsigned long most = 1;

		if (*p == '\\' && p[1] >= '1' && p[1] <= '9')
			return true;
		if (*p == '\\' && p[1] != '\0')
			p++;
		if (*p != '{')
			continue;
		for (const char *n = p + 1; *n != '\0' && *n != '}';
		     n += strcspn(n, ",}"), n += *n == ',')
			most = most > strtoul(n, NULL, 10) ? most : strtoul(n, NULL, 10);
		if (most > FILTER_REPEATS || times * most > FILTER_REPEATS)
			return true;
		times *= most;
	}
	return false;
}

static int set_regex(struct stage *s, const char *text, size_t len, struct err_msg *e)
{
	char pattern[FILTER_REGEX + 1];

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	if (len == 0)
		return err_set(e, ERR_TRUNCATED, "Incomplete command.");
	if (len > FILTER_REGEX)
		return err_set(e, ERR_RANGE, "the regular expression is longer than %d characters",
			       FILTER_REGEX);
	memcpy(pattern, text, len);
	pattern[len] = '\0';
	if (is_costly(pattern))
		return err_set(e, ERR_RANGE,
			       "the regular expression repeats more than %d times, or refers back",
			       FILTER_REPEATS);
	if (regcomp(&s->regex, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return err_set(e, ERR_INVALID, "this is not a regular expression: %s", pattern);
	s->has_regex = true;
	return 0;
}

static int parse_stage(struct stage *s, const char *text, size_t len, size_t *column,
		       struct err_msg *e)
{
	size_t at = 0, word;
	int r;

	while (at < len && isspace((unsigned char)text[at]))
		at++;
	*column += at;
	for (word = 0; at + word < len && !isspace((unsigned char)text[at + word]); word++)
		;
	if (word == 0)
		return err_set(e, ERR_TRUNCATED, "a filter is missing");
	r = find_kind(text + at, word, &s->kind, e);
	if (r != 0)
		return r;
	for (at += word, *column += word; at < len && isspace((unsigned char)text[at]); at++)
		*column += 1;
	if (kinds[s->kind].regex)
		return set_regex(s, text + at, len - at, e);
	return at == len ? 0 : err_set(e, ERR_INVALID, "%s takes no argument", kinds[s->kind].name);
}

struct filter_chain *filter_parse(const char *text, struct filter_wishes *wishes, size_t *column,
				  struct err_msg *e)
{
	struct filter_chain *f = mem_zalloc(sizeof(*f));
	size_t at = 0;

	strbuf_init(&f->line);
	for (;;) {
		size_t len = stage_len(text + at);
		struct stage *s = &f->stages[f->count];

		*column = at;
		if (f->count == FILTER_STAGES) {
			err_set(e, ERR_NO_SPACE, "more than %d filters", FILTER_STAGES);
			break;
		}
		if (parse_stage(s, text + at, len, column, e) != 0)
			break;
		f->count++;
		wishes->json = wishes->json || s->kind == FILTER_JSON;
		wishes->no_more = wishes->no_more || s->kind == FILTER_NO_MORE;
		wishes->redact = wishes->redact || s->kind == FILTER_REDACT;
		f->json = wishes->json;
		if (text[at + len] == '\0')
			return f;
		at += len + 1;
	}
	filter_free(f);
	return NULL;
}

void filter_free(struct filter_chain *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(f->stages); i++) {
		if (f->stages[i].has_regex)
			regfree(&f->stages[i].regex);
	}
	strbuf_wipe(&f->line);
	free(f);
}

static size_t indent_of(const char *line)
{
	return strspn(line, " ");
}

static bool in_section(struct stage *s, const char *line)
{
	if (s->open && indent_of(line) > s->indent)
		return true;
	s->open = regexec(&s->regex, line, 0, NULL, 0) == 0;
	s->indent = indent_of(line);
	return s->open;
}

/* Replace what follows the word psk. */
static void redact(const char *line, struct strbuf *out)
{
	secret_line_mask(line, strlen(line), out);
}

/* Does the stage let the line through? */
static bool passes(struct stage *s, const char *line)
{
	switch (s->kind) {
	case FILTER_BEGIN:
		s->open = s->open || regexec(&s->regex, line, 0, NULL, 0) == 0;
		return s->open;
	case FILTER_COUNT:
		s->count += regexec(&s->regex, line, 0, NULL, 0) == 0;
		return false;
	case FILTER_EXCLUDE:
		return regexec(&s->regex, line, 0, NULL, 0) != 0;
	case FILTER_INCLUDE:
		return regexec(&s->regex, line, 0, NULL, 0) == 0;
	case FILTER_SECTION:
		return in_section(s, line);
	case FILTER_JSON:
	case FILTER_NO_MORE:
	case FILTER_REDACT:
		break;
	}
	return true;
}

static void pass_line(struct filter_chain *f, size_t from, const char *line, struct strbuf *out)
{
	struct strbuf text;

	strbuf_init(&text);
	strbuf_add(&text, line);
	for (size_t i = from; i < f->count; i++) {
		struct strbuf next;

		if (!passes(&f->stages[i], text.text)) {
			strbuf_wipe(&text);
			return;
		}
		if (f->stages[i].kind != FILTER_REDACT || f->json)
			continue;
		strbuf_init(&next);
		redact(text.text, &next);
		strbuf_wipe(&text);
		text = next;
	}
	strbuf_add(out, text.text);
	strbuf_add_char(out, '\n');
	strbuf_wipe(&text);
}

void filter_feed(struct filter_chain *f, const char *text, size_t len, struct strbuf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\n') {
			strbuf_add_char(&f->line, text[i]);
			continue;
		}
		pass_line(f, 0, f->line.text, out);
		strbuf_reset(&f->line);
	}
}

void filter_end(struct filter_chain *f, struct strbuf *out)
{
	if (f->line.len != 0)
		pass_line(f, 0, f->line.text, out);
	strbuf_reset(&f->line);
	for (size_t i = 0; i < f->count; i++) {
		struct strbuf text;

		if (f->stages[i].kind != FILTER_COUNT)
			continue;
		strbuf_init(&text);
		strbuf_printf(&text, "Number of lines which match regexp = %zu",
			      f->stages[i].count);
		pass_line(f, i + 1, text.text, out);
		strbuf_clear(&text);
	}
}
