/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `?` and TAB: what the next word may be.  Walks the same tree as the resolver, and changes
 * nothing.
 */
#include "commands/commands_state.h"
#include "commands/country.h"
#include "commands/lexer.h"
#include "commands/mode.h"
#include "commands/name_list.h"
#include "commands/session_state.h"
#include "platform/base/mem.h"

#include <libcli.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HELP_WORD 80
#define HELP_TEXT 200

struct candidate {
	char word[HELP_WORD];
	char text[HELP_TEXT];
	bool literal; /* can be typed as it is */
};

struct candidates {
	size_t count;
	struct candidate *items; /* owned */
};

/* Where the cursor is. */
struct cursor {
	struct lexed line;
	size_t first; /* 1 behind `do` */
	bool is_do;
	char prefix[HELP_WORD]; /* of the word that is being typed */
	bool has_prefix;
	struct resolution at; /* words in front of it */
};

static void append(struct candidates *c, const char *word, const char *text, bool literal)
{
	c->items = mem_realloc_array(c->items, c->count + 1, sizeof(*c->items));
	memset(&c->items[c->count], 0, sizeof(*c->items));
	snprintf(c->items[c->count].word, HELP_WORD, "%s", word);
	snprintf(c->items[c->count].text, HELP_TEXT, "%s", text);
	c->items[c->count++].literal = literal;
}

/* The same word may be in several rows. */
static void add(struct candidates *c, const char *word, const char *text, bool literal)
{
	for (size_t i = 0; i < c->count; i++) {
		if (strcmp(c->items[i].word, word) == 0)
			return;
	}
	append(c, word, text, literal);
}

static bool fits(const struct cursor *k, const char *word)
{
	return strncasecmp(word, k->prefix, strlen(k->prefix)) == 0;
}

struct adding {
	const struct cursor *k;
	struct candidates *out;
};

/* Names are case-sensitive. */
static void add_name(void *to, const char *name, const char *text)
{
	const struct adding *a = to;

	if (strncmp(name, a->k->prefix, strlen(a->k->prefix)) == 0)
		append(a->out, name, text, true);
}

/* Only when the word has begun: all of them would fill many screens. */
static void add_countries(const struct cursor *k, struct candidates *out)
{
	const struct country *c;

	for (size_t i = 0; k->has_prefix && (c = country_at(i)) != NULL; i++) {
		if (fits(k, c->name))
			add(out, c->name, c->alpha2, true);
	}
}

static void add_argument(const struct session *s, const struct cursor *k, const struct arg *a,
			 struct candidates *out)
{
	char syntax[HELP_WORD], text[HELP_TEXT];
	struct adding to = {.k = k, .out = out};

	if (a->type == VALUE_CHOICE) {
		for (const struct arg_choice *c = a->choices; c->word != NULL; c++) {
			bool standard = a->standard != NULL && strcmp(a->standard, c->word) == 0;

			snprintf(text, sizeof(text), "%s%s", c->help, standard ? " (default)" : "");
			if (fits(k, c->word))
				add(out, c->word, text, true);
		}
		return;
	}
	add(out, value_syntax(a, syntax, sizeof(syntax)), value_help(a, text, sizeof(text)), false);
	if (a->type == VALUE_COUNTRY)
		add_countries(k, out);
	name_list(s, &k->at, a, add_name, &to);
}

static void collect(const struct session *s, const struct cursor *k, enum cmd_mode mode,
		    struct candidates *out)
{
	for (const struct cli_command *n =
		     grammar_first(s->grammar, k->at.node, mode, s->privilege);
	     n != NULL; n = grammar_next(n, mode, s->privilege)) {
		const struct arg *a = grammar_arg(n);

		if (grammar_is_hidden(s->grammar, n))
			continue;
		if (a != NULL)
			add_argument(s, k, a, out);
		else if (fits(k, n->command))
			add(out, n->command, n->help == NULL ? "" : n->help, true);
	}
}

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return strcmp(x->word, y->word);
}

/* Candidates of the mode, or of the nearest parent that has some. */
static void collect_sorted(const struct session *s, const struct cursor *k, struct candidates *out)
{
	enum cmd_mode mode = k->at.mode;

	for (;;) {
		collect(s, k, mode, out);
		if (out->count != 0 || k->at.node != NULL || mode <= CMD_CONFIG)
			break;
		mode = mode_parent(mode);
	}
	if (out->count != 0)
		qsort(out->items, out->count, sizeof(*out->items), compare);
}

static void cursor_init(struct session *s, const char *text, struct cursor *k)
{
	size_t known;

	memset(k, 0, sizeof(*k));
	lexer_split(text, s->place.mode == CMD_EXEC, &k->line);
	if (s->place.mode != CMD_EXEC && k->line.count > 0 &&
	    strcasecmp(k->line.words[0].text, "do") == 0 &&
	    (k->line.count > 1 || k->line.blank_at_end)) {
		k->is_do = true;
		k->first = 1;
		lexer_clear(&k->line);
		lexer_split(text, true, &k->line);
	}
	known = k->line.count;
	if (!k->line.blank_at_end && known > k->first) {
		known--;
		k->has_prefix = true;
		snprintf(k->prefix, sizeof(k->prefix), "%s", k->line.words[known].text);
	}
	k->line.count = known;
	resolve_line(s->grammar, &k->line, k->first, k->is_do ? CMD_EXEC : s->place.mode,
		     CMD_CONFIG, s->privilege, &k->at);
}

static void cursor_clear(struct cursor *k)
{
	resolution_clear(&k->at);
	lexer_clear(&k->line);
}

static bool is_known(const struct cursor *k)
{
	return k->at.status == RESOLVE_OK || k->at.status == RESOLVE_INCOMPLETE;
}

static void print_unknown(struct session *s, const struct cursor *k, const char *text,
			  struct strbuf *out)
{
	if (k->at.status == RESOLVE_AMBIGUOUS)
		strbuf_printf(out, "%% Ambiguous command:  \"%.200s\"\n",
			      session_line_is_secret(s, text) ? "" : text);
	else if (k->at.status == RESOLVE_VALUE)
		strbuf_printf(out, "%% %s\n", k->at.message.text);
	else
		strbuf_add(out, "% Unrecognized command\n");
}

static void print_candidates(const struct candidates *c, bool complete, bool filters,
			     struct strbuf *out)
{
	size_t width = 0;

	for (size_t i = 0; i < c->count; i++) {
		size_t len = strlen(c->items[i].word);

		width = len > width ? len : width;
	}
	for (size_t i = 0; i < c->count; i++)
		strbuf_printf(out, "  %-*s  %s\n", (int)width, c->items[i].word, c->items[i].text);
	if (filters)
		strbuf_printf(out, "  %-*s  %s\n", (int)width, "|", "Output modifiers");
	if (complete)
		strbuf_add(out, "  <cr>\n");
}

static void collect_filters(const char *text, struct candidates *out, bool *regex)
{
	const char *last = strrchr(text, '|');
	const char *word = last == NULL ? text : last + 1;
	const char *help, *name;
	bool takes;
	size_t len;

	word += strspn(word, " ");
	len = strcspn(word, " ");
	*regex = false;
	for (size_t i = 0; (name = filter_name(i, &help, &takes)) != NULL; i++) {
		if (strncasecmp(name, word, len) != 0)
			continue;
		if (word[len] == ' ')
			*regex = *regex || takes;
		else
			add(out, name, help, true);
	}
}

static void help_filters(const char *text, struct strbuf *out)
{
	struct candidates c = {.count = 0};
	bool regex;

	collect_filters(text, &c, &regex);
	if (regex)
		add(&c, "LINE", "Regular expression", false);
	print_candidates(&c, c.count == 0, c.count == 0, out);
	free(c.items);
}

void session_help(struct session *s, const char *text, struct strbuf *out)
{
	struct candidates c = {.count = 0};
	struct cursor k;

	cursor_init(s, text, &k);
	if (k.line.filters != NULL) {
		help_filters(k.line.filters, out);
	} else if (!is_known(&k)) {
		print_unknown(s, &k, text, out);
	} else {
		bool leaf = !k.has_prefix && k.at.status == RESOLVE_OK;
		bool show =
			leaf && k.at.mode == CMD_EXEC && strncmp(k.at.row->words, "show ", 5) == 0;

		collect_sorted(s, &k, &c);
		if (c.count == 0 && !leaf)
			strbuf_add(out, "% Unrecognized command\n");
		print_candidates(&c, leaf, show, out);
	}
	free(c.items);
	cursor_clear(&k);
}

void session_complete(struct session *s, const char *text, struct strbuf *out)
{
	struct candidates c = {.count = 0};
	struct cursor k;
	bool regex;

	cursor_init(s, text, &k);
	if (k.line.filters != NULL)
		collect_filters(k.line.filters, &c, &regex);
	else if (is_known(&k))
		collect_sorted(s, &k, &c);
	for (size_t i = 0; i < c.count; i++) {
		if (c.items[i].literal)
			strbuf_printf(out, "%s\n", c.items[i].word);
	}
	free(c.items);
	cursor_clear(&k);
}
