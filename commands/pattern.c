/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expands patterns by building sets of paths: a word is added to every path of the set, a bracket
 * multiplies the set with what is inside.  Owns nothing but the sets; knows no rows.
 */
#include "commands/pattern.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct scan {
	const char *at;
	int error;
};

static void add_path(struct pattern_paths *set, const struct pattern_path *p)
{
	set->paths = mem_realloc_array(set->paths, set->count + 1, sizeof(*set->paths));
	set->paths[set->count++] = *p;
}

static void add_all(struct pattern_paths *set, const struct pattern_paths *more)
{
	for (size_t i = 0; i < more->count; i++)
		add_path(set, &more->paths[i]);
}

void pattern_clear(struct pattern_paths *p)
{
	free(p->paths);
	*p = (struct pattern_paths){.count = 0};
}

/* Every path of set followed by every path of tail. */
static void multiply(struct scan *s, struct pattern_paths *set, const struct pattern_paths *tail)
{
	struct pattern_paths out = {.count = 0};

	for (size_t i = 0; i < set->count; i++) {
		for (size_t j = 0; j < tail->count; j++) {
			struct pattern_path p = set->paths[i];

			if (p.count + tail->paths[j].count > PATTERN_WORDS ||
			    out.count >= PATTERN_PATHS_MAX) {
				s->error = ERR_NO_SPACE;
				break;
			}
			memcpy(p.words[p.count], tail->paths[j].words,
			       tail->paths[j].count * PATTERN_WORD_MAX);
			p.count += tail->paths[j].count;
			add_path(&out, &p);
		}
	}
	pattern_clear(set);
	*set = out;
}

static void skip_blanks(struct scan *s)
{
	while (*s->at == ' ')
		s->at++;
}

static void scan_word(struct scan *s, struct pattern_paths *set)
{
	size_t len = strcspn(s->at, " []{}|");
	struct pattern_path one = {.count = 1};
	struct pattern_paths tail = {.count = 1, .paths = &one};

	if (len == 0 || len >= PATTERN_WORD_MAX) {
		s->error = ERR_INVALID;
		return;
	}
	memcpy(one.words[0], s->at, len);
	s->at += len;
	multiply(s, set, &tail);
}

static struct pattern_paths scan_alternatives(struct scan *s, char close);

static void scan_bracket(struct scan *s, struct pattern_paths *set)
{
	char open = *s->at++;
	struct pattern_paths inner = scan_alternatives(s, open == '[' ? ']' : '}');
	static const struct pattern_path empty = {.count = 0};

	if (open == '[')
		add_path(&inner, &empty);
	multiply(s, set, &inner);
	pattern_clear(&inner);
}

/* A sequence up to `|`, the closing bracket or the end. */
static struct pattern_paths scan_sequence(struct scan *s)
{
	static const struct pattern_path empty = {.count = 0};
	struct pattern_paths set = {.count = 0};

	add_path(&set, &empty);
	for (skip_blanks(s); s->error == 0; skip_blanks(s)) {
		if (*s->at == '\0' || *s->at == '|' || *s->at == ']' || *s->at == '}')
			break;
		if (*s->at == '[' || *s->at == '{')
			scan_bracket(s, &set);
		else
			scan_word(s, &set);
	}
	return set;
}

/* Sequences between `|` up to close, which is consumed; close '\0' is the end of the pattern. */
static struct pattern_paths scan_alternatives(struct scan *s, char close)
{
	struct pattern_paths out = {.count = 0};

	for (;;) {
		struct pattern_paths one = scan_sequence(s);

		add_all(&out, &one);
		pattern_clear(&one);
		if (s->error != 0 || *s->at != '|')
			break;
		s->at++;
	}
	if (s->error == 0 && *s->at != close)
		s->error = ERR_INVALID;
	if (s->error == 0 && close != '\0')
		s->at++;
	return out;
}

int pattern_expand(const char *pattern, struct pattern_paths *out)
{
	struct scan s = {.at = pattern};
	struct pattern_paths set = scan_alternatives(&s, '\0');

	if (s.error != 0) {
		pattern_clear(&set);
		return s.error;
	}
	*out = set;
	return 0;
}

void pattern_prefixes(const struct pattern_paths *in, struct pattern_paths *out)
{
	*out = (struct pattern_paths){.count = 0};
	for (size_t len = 1; len <= PATTERN_WORDS; len++) {
		for (size_t i = 0; i < in->count; i++) {
			struct pattern_path p = in->paths[i];

			if (p.count < len)
				continue;
			p.count = len;
			add_path(out, &p);
		}
	}
}
