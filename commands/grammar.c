/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The registrar: rows become a libcli tree.  Facts about libcli 1.10.7 that shape it: its built-in
 * commands and filters are replaced; mode and privilege are switched by the public fields, because
 * its own functions rebuild the abbreviation data of one mode only; its lexer only ever sees words
 * that we wrote.
 */
#include "commands/grammar.h"

#include "commands/pattern.h"
#include "platform/base/mem.h"

#include <libcli.h>
#include <stdlib.h>
#include <string.h>

#define LEAVES_STEP 1024

struct registrar {
	struct grammar *g;
	int (*dispatch)(struct cli_def *, const char *, char **, int);
	const struct row *row;
	enum cmd_mode mode;
	bool no;
};

static void problem(struct registrar *r, const char *what, const char *detail)
{
	r->g->problems++;
	strbuf_printf(&r->g->report, "%s: %s %s\n", r->row->words, what, detail);
}

const struct arg *grammar_arg(const struct cli_command *node)
{
	char name[PATTERN_WORD_MAX];
	size_t len = strlen(node->command);

	if (node->command[0] != '<' || len < 3 || len >= sizeof(name))
		return NULL;
	memcpy(name, node->command + 1, len - 2);
	name[len - 2] = '\0';
	return arg_find(name);
}

static struct cli_command *siblings(const struct registrar *r, const struct cli_command *parent)
{
	return parent == NULL ? r->g->cli->commands : parent->children;
}

/* Help of the word at path: from the table of words, or the row's when it is its last word. */
static void describe(struct registrar *r, struct cli_command *node, const char *path, bool last)
{
	const struct arg *a;
	const char *text;

	if (node->help != NULL && node->help[0] != '\0')
		return;
	a = grammar_arg(node);
	text = a != NULL ? a->help : word_help(path, node->command);
	if (text == NULL && last)
		text = r->row->help;
	if (text == NULL)
		return;
	free(node->help);
	node->help = mem_strdup(text);
}

static struct cli_command *find_node(const struct registrar *r, struct cli_command *parent,
				     const char *word)
{
	for (struct cli_command *c = siblings(r, parent); c != NULL; c = c->next) {
		if (c->mode == (int)r->mode && strcmp(c->command, word) == 0)
			return c;
	}
	return NULL;
}

static struct cli_command *add_node(struct registrar *r, struct cli_command *parent,
				    const char *word, unsigned privilege)
{
	struct cli_command *node = find_node(r, parent, word);

	if (node == NULL)
		node = cli_register_command(r->g->cli, parent, word, NULL, (int)privilege,
					    (int)r->mode, NULL);
	if (node->privilege > (int)privilege)
		node->privilege = (int)privilege;
	if (word[0] == '<' && grammar_arg(node) == NULL)
		problem(r, "names an unknown argument", word);
	return node;
}

static void add_leaf(struct registrar *r, struct cli_command *node)
{
	struct grammar *g = r->g;

	for (size_t i = 0; node->callback != NULL && i < g->leaf_count; i++) {
		if (g->leaves[i].node == node) {
			if (g->leaves[i].row != r->row)
				problem(r, "means the same as", g->leaves[i].row->words);
			return;
		}
	}
	node->callback = r->dispatch;
	if (g->leaf_count % LEAVES_STEP == 0)
		g->leaves = mem_realloc_array(g->leaves, g->leaf_count + LEAVES_STEP,
					      sizeof(*g->leaves));
	g->leaves[g->leaf_count++] =
		(struct grammar_leaf){.node = node, .row = r->row, .no = r->no};
}

static bool has_fixed_word(const struct pattern_path *p, size_t from)
{
	for (size_t i = from; i < p->count; i++) {
		if (p->words[i][0] != '<')
			return true;
	}
	return false;
}

/* prefix: NULL, "no" or "default". */
static void add_path(struct registrar *r, const char *prefix, const struct pattern_path *p)
{
	unsigned privilege = r->mode == CMD_EXEC ? r->row->privilege : 15;
	struct cli_command *node = NULL;
	struct strbuf path;

	strbuf_init(&path);
	if (prefix != NULL) {
		node = add_node(r, NULL, prefix, privilege);
		describe(r, node, prefix, false);
	}
	for (size_t i = 0; i < p->count; i++) {
		node = add_node(r, node, p->words[i], privilege);
		strbuf_add(&path, i == 0 ? "" : " ");
		strbuf_add(&path, p->words[i]);
		describe(r, node, path.text, !has_fixed_word(p, i + 1));
	}
	strbuf_clear(&path);
	if (node != NULL)
		add_leaf(r, node);
}

static void add_twins(struct registrar *r, const struct pattern_paths *paths)
{
	struct pattern_paths twins = {.count = 0};

	if ((r->row->flags & ROW_NO_NO) != 0 || r->mode == CMD_EXEC)
		return;
	if (r->row->no_words == NULL)
		pattern_prefixes(paths, &twins);
	else if (pattern_expand(r->row->no_words, &twins) != 0)
		problem(r, "has a bad pattern", r->row->no_words);
	r->no = true;
	for (size_t i = 0; i < twins.count; i++) {
		add_path(r, "no", &twins.paths[i]);
		add_path(r, "default", &twins.paths[i]);
	}
	r->no = false;
	pattern_clear(&twins);
}

static void add_row(struct registrar *r, const struct row *row)
{
	struct pattern_paths paths;

	r->row = row;
	if (pattern_expand(row->words, &paths) != 0) {
		problem(r, "has a bad pattern", "");
		return;
	}
	for (unsigned m = 0; m < CMD_MODES; m++) {
		if ((row->modes & IN(m)) == 0)
			continue;
		r->mode = (enum cmd_mode)m;
		for (size_t i = 0; i < paths.count; i++)
			add_path(r, NULL, &paths.paths[i]);
		add_twins(r, &paths);
	}
	pattern_clear(&paths);
}

static int compare_leaves(const void *a, const void *b)
{
	const struct grammar_leaf *x = a, *y = b;

	return (x->node > y->node) - (x->node < y->node);
}

/* libcli compares this many characters of a word; it would only compute them for the mode that it
 * is in.  All words that it gets are written out. */
static void set_unique_lengths(struct cli_command *c)
{
	for (; c != NULL; c = c->next) {
		c->unique_len = (unsigned)strlen(c->command);
		set_unique_lengths(c->children);
	}
}

struct grammar *grammar_new(void *context,
			    int (*dispatch)(struct cli_def *, const char *, char **, int))
{
	struct grammar *g = mem_zalloc(sizeof(*g));
	struct registrar r = {.g = g, .dispatch = dispatch};

	strbuf_init(&g->report);
	g->cli = cli_init();
	if (g->cli == NULL)
		abort(); /* out of memory */
	cli_unregister_all_commands(g->cli);
	cli_unregister_all_filters(g->cli);
	cli_set_context(g->cli, context);
	for (const struct row_table *const *t = row_tables(); *t != NULL; t++) {
		for (size_t i = 0; i < (*t)->count; i++)
			add_row(&r, &(*t)->rows[i]);
	}
	set_unique_lengths(g->cli->commands);
	qsort(g->leaves, g->leaf_count, sizeof(*g->leaves), compare_leaves);
	return g;
}

void grammar_free(struct grammar *g)
{
	if (g == NULL)
		return;
	cli_done(g->cli);
	free(g->leaves);
	strbuf_clear(&g->report);
	free(g);
}

const struct grammar_leaf *grammar_leaf(const struct grammar *g, const struct cli_command *node)
{
	struct grammar_leaf key = {.node = node};

	return node == NULL ? NULL
			    : bsearch(&key, g->leaves, g->leaf_count, sizeof(key), compare_leaves);
}

static bool is_visible(const struct cli_command *c, enum cmd_mode mode, unsigned privilege)
{
	return c->mode == (int)mode && c->privilege <= (int)privilege;
}

static const struct cli_command *visible_from(const struct cli_command *c, enum cmd_mode mode,
					      unsigned privilege)
{
	while (c != NULL && !is_visible(c, mode, privilege))
		c = c->next;
	return c;
}

const struct cli_command *grammar_first(const struct grammar *g, const struct cli_command *parent,
					enum cmd_mode mode, unsigned privilege)
{
	return visible_from(parent == NULL ? g->cli->commands : parent->children, mode, privilege);
}

const struct cli_command *grammar_next(const struct cli_command *node, enum cmd_mode mode,
				       unsigned privilege)
{
	return visible_from(node->next, mode, privilege);
}

bool grammar_leads_to(const struct grammar *g, const struct cli_command *node, unsigned flag)
{
	const struct grammar_leaf *leaf = grammar_leaf(g, node);

	if (leaf != NULL && !leaf->no && (leaf->row->flags & flag) != 0)
		return true;
	for (const struct cli_command *c = node == NULL ? NULL : node->children; c != NULL;
	     c = c->next) {
		if (grammar_leads_to(g, c, flag))
			return true;
	}
	return false;
}

bool grammar_is_hidden(const struct grammar *g, const struct cli_command *node)
{
	const struct grammar_leaf *leaf = grammar_leaf(g, node);

	if (leaf != NULL && (leaf->row->flags & ROW_HIDDEN) == 0)
		return false;
	for (const struct cli_command *c = node->children; c != NULL; c = c->next) {
		if (!grammar_is_hidden(g, c))
			return false;
	}
	return true;
}

static void canonical(const struct cli_command *node, struct strbuf *out)
{
	if (node->parent != NULL) {
		canonical(node->parent, out);
		strbuf_add_char(out, ' ');
	}
	strbuf_add(out, node->command);
}

int grammar_run(struct grammar *g, const struct cli_command *node, enum cmd_mode mode,
		unsigned privilege)
{
	struct strbuf line;
	int r;

	strbuf_init(&line);
	canonical(node, &line);
	g->cli->mode = (int)mode;
	g->cli->privilege = (int)privilege;
	r = cli_run_command(g->cli, line.text);
	strbuf_clear(&line);
	return r;
}
