/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Walks the tree of a grammar word by word.  Changes nothing: whether a command then runs, and what
 * an error looks like, is decided elsewhere.
 */
#include "commands/resolve.h"

#include "commands/mode.h"

#include <libcli.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct walk {
	const struct grammar *g;
	const struct lexed *l;
	unsigned privilege;
	struct resolution *out;
};

/* What the next word may be, counted over all siblings. */
struct match {
	const struct cli_command *exact;
	const struct cli_command *prefix;
	size_t prefixes;
	const struct cli_command *free_arg;
	const struct cli_command *choice; /* an argument that takes one of some words */
	size_t keywords;
	bool raw; /* a sibling takes the rest of the line as it is: no abbreviations */
};

static void match_word(const char *word, const char *keyword, const struct cli_command *node,
		       struct match *m)
{
	if (strcasecmp(word, keyword) == 0) {
		m->exact = node;
	} else if (word[0] != '\0' && strncasecmp(word, keyword, strlen(word)) == 0) {
		m->prefix = node;
		m->prefixes++;
	}
}

/* A hidden word must be written out: `en` is enable although `end` works as well. */
static void match_keyword(const struct grammar *g, const char *word, const struct cli_command *node,
			  struct match *m)
{
	if (strncasecmp(word, node->command, strlen(word)) != 0)
		return; /* most are not meant at all */
	if (strcasecmp(word, node->command) == 0 || !grammar_is_hidden(g, node))
		match_word(word, node->command, node, m);
}

/* What is in quotes is a value, not a keyword. */
static struct match match_siblings(const struct walk *w, const struct cli_command *parent,
				   const char *word, bool quoted)
{
	enum cmd_mode mode = w->out->mode;
	struct match m = {.exact = NULL};

	for (const struct cli_command *c = grammar_first(w->g, parent, mode, w->privilege);
	     c != NULL; c = grammar_next(c, mode, w->privilege)) {
		const struct arg *a = grammar_arg(c);

		if (a == NULL) {
			m.keywords++;
			if (!quoted)
				match_keyword(w->g, word, c, &m);
		} else if (a->type == VALUE_CHOICE) {
			m.choice = c;
			for (const struct arg_choice *x = a->choices; x->word != NULL; x++)
				match_word(word, x->word, c, &m);
		} else {
			m.free_arg = c;
			m.raw = m.raw || value_takes_rest(a);
		}
	}
	return m;
}

/* The keyword before the value, to name the object in the message. */
static const char *name_of(const struct cli_command *node)
{
	const struct cli_command *c = node->parent;

	while (c != NULL && grammar_arg(c) != NULL)
		c = c->parent;
	return c == NULL ? node->command : c->command;
}

static void refuse_value(struct walk *w, const struct cli_command *node, const char *text,
			 size_t bad, const struct err_msg *e)
{
	const struct arg *a = grammar_arg(node);
	struct resolution *out = w->out;

	out->status = RESOLVE_VALUE;
	out->secret = value_is_secret(a);
	out->column += bad;
	if (out->secret)
		err_set(&out->message, e->code, "%s", e->text);
	else
		err_set(&out->message, e->code, "%s %.64s: %s", name_of(node), text, e->text);
}

/* Takes word i (or the rest of the line) as the value of an argument node. */
static bool take_value(struct walk *w, const struct cli_command *node, size_t i, size_t *next)
{
	const struct arg *a = grammar_arg(node);
	struct resolution *out = w->out;
	struct err_msg e = {.code = 0};
	struct strbuf rest;
	const char *text = w->l->words[i].text;
	size_t bad = 0;
	int r;

	if (out->count == RESOLVE_VALUES) {
		out->status = RESOLVE_INVALID;
		return false;
	}
	strbuf_init(&rest);
	*next = i + 1;
	if (value_takes_rest(a)) {
		lexer_rest(w->l, i, &rest);
		text = rest.text;
		*next = w->l->count;
	}
	r = value_parse(a, text, &out->values[out->count], &bad, &e);
	if (r == ERR_EXISTS)
		out->status = RESOLVE_AMBIGUOUS;
	else if (r != 0)
		refuse_value(w, node, text, bad, &e);
	else
		out->count++;
	strbuf_wipe(&rest);
	return r == 0;
}

/* One word; false when the walk ends here with a status. */
static bool step(struct walk *w, size_t i, size_t *next)
{
	struct resolution *out = w->out;
	const struct word *word = &w->l->words[i];
	struct match m = match_siblings(w, out->node, word->text, word->quoted);
	const struct cli_command *node = m.exact;

	*next = i + 1;
	out->column = word->column;
	if (node == NULL && !m.raw && m.prefixes > 1) {
		out->status = RESOLVE_AMBIGUOUS;
		return false;
	}
	if (node == NULL && !m.raw)
		node = m.prefix;
	if (node == NULL)
		node = m.free_arg;
	if (node == NULL && m.keywords == 0)
		node = m.choice; /* its refusal says what is allowed */
	if (node == NULL) {
		out->status = RESOLVE_INVALID;
		return false;
	}
	if (grammar_arg(node) != NULL && !take_value(w, node, i, next))
		return false;
	out->node = node;
	out->words++;
	return true;
}

static void walk(struct walk *w, size_t first)
{
	struct resolution *out = w->out;
	const struct grammar_leaf *leaf;
	size_t next;

	for (size_t i = first; i < w->l->count; i = next) {
		if (!step(w, i, &next))
			return;
	}
	if (w->l->surplus) {
		out->status = RESOLVE_INVALID;
		return;
	}
	leaf = grammar_leaf(w->g, out->node);
	/* A node is visible to whoever may see something below it; the row itself may need more. */
	if (leaf == NULL || leaf->row->privilege > w->privilege) {
		out->status = RESOLVE_INCOMPLETE;
		return;
	}
	out->status = RESOLVE_OK;
	out->row = leaf->row;
	out->no = leaf->no;
}

static void resolve_in(const struct grammar *g, const struct lexed *l, size_t first,
		       enum cmd_mode mode, unsigned privilege, struct resolution *out)
{
	struct walk w = {.g = g, .l = l, .privilege = privilege, .out = out};

	memset(out, 0, sizeof(*out));
	out->mode = mode;
	walk(&w, first);
}

void resolve_line(const struct grammar *g, const struct lexed *l, size_t first, enum cmd_mode mode,
		  enum cmd_mode top, unsigned privilege, struct resolution *out)
{
	resolve_in(g, l, first, mode, privilege, out);
	while (mode != top && mode > CMD_CONFIG && out->status != RESOLVE_OK &&
	       out->status != RESOLVE_AMBIGUOUS && out->status != RESOLVE_INCOMPLETE) {
		struct resolution outer;

		mode = mode_parent(mode);
		resolve_in(g, l, first, mode, privilege, &outer);
		if (outer.status != RESOLVE_OK &&
		    (outer.words < out->words ||
		     (outer.words == out->words && outer.status != RESOLVE_AMBIGUOUS))) {
			resolution_clear(&outer);
			continue;
		}
		resolution_clear(out);
		*out = outer;
	}
}

void resolution_clear(struct resolution *r)
{
	for (size_t i = 0; i < r->count; i++)
		value_clear(&r->values[i]);
	memset(r, 0, sizeof(*r));
}

const struct value *resolution_value(const struct resolution *r, const char *arg)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->values[i].arg->name, arg) == 0)
			return &r->values[i];
	}
	return NULL;
}
