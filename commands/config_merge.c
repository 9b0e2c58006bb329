/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Merges section by section.  A line is taken from whoever changed it; a setting that both changed
 * must have become the same on both sides.
 */
#include "commands/config_merge.h"

#include "commands/lexer.h"
#include "commands/pattern.h"
#include "commands/resolve.h"
#include "platform/base/map.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct merge {
	const struct grammar *g;
	struct strbuf *out, *conflicts;
	size_t conflict_count;
};

/* A section at work; a side that does not have it is empty. */
struct section {
	const struct config_text *base, *mine, *theirs;
	enum cmd_mode mode;
	unsigned depth;
	const struct section *parent;
	const char *line;
};

/* One line that some side has. */
struct change {
	struct map_node node;
	const struct config_text *base, *mine, *theirs;
	const char *line;
	bool mine_changed, theirs_changed;
	enum cmd_mode enters; /* CMD_EXEC: no section */
	char *stem;	      /* owned */
};

struct changes {
	struct map map; /* of all lines, in their order */
	size_t count;
	struct change **items; /* those that differ somewhere */
};

static const struct pattern_path *shortest(const struct pattern_paths *paths)
{
	const struct pattern_path *best = &paths->paths[0];

	for (size_t i = 1; i < paths->count; i++) {
		if (paths->paths[i].count < best->count)
			best = &paths->paths[i];
	}
	return best;
}

/* What `no` needs to undo the line: its fixed words, and the arguments that no_words insists on. */
static char *stem_of(const struct resolution *r, const char *line)
{
	struct strbuf out;
	struct pattern_paths paths;
	char *stem;

	if (r->status != RESOLVE_OK || (r->row->flags & ROW_ENTERS) != 0)
		return mem_strdup(line);
	strbuf_init(&out);
	strbuf_add(&out, r->row->words);
	if (r->row->no_words != NULL && pattern_expand(r->row->no_words, &paths) == 0) {
		const struct pattern_path *p = shortest(&paths);

		for (size_t i = 0, n = 0; i < p->count; i++) {
			if (p->words[i][0] == '<' && n < r->count)
				strbuf_printf(&out, " %s", r->values[n++].text);
		}
		pattern_clear(&paths);
	}
	stem = mem_strdup(out.text);
	strbuf_clear(&out);
	return stem;
}

static void describe(const struct merge *m, enum cmd_mode mode, struct change *c)
{
	struct lexed l;
	struct resolution r;

	lexer_split(c->line, false, &l);
	resolve_line(m->g, &l, 0, mode, mode, 15, &r);
	c->stem = stem_of(&r, c->line);
	if (r.status == RESOLVE_OK && (r.row->flags & ROW_ENTERS) != 0)
		c->enters = r.row->enters;
	resolution_clear(&r);
	lexer_clear(&l);
}

static bool same(const struct config_text *a, const struct config_text *b)
{
	return a == NULL || b == NULL ? a == b : config_text_equal(a, b);
}

/* The entry of a line, new when no side had it so far. */
static struct change *entry_of(struct changes *all, const char *line)
{
	struct map_node *node = map_find(&all->map, line, strlen(line));
	struct change *c;

	if (node != NULL)
		return container_of(node, struct change, node);
	c = mem_zalloc(sizeof(*c));
	c->line = line;
	(void)map_insert(&all->map, &c->node, line, strlen(line));
	return c;
}

enum side { BASE, MINE, THEIRS };

static void add_lines(struct changes *all, const struct config_text *t, enum side side)
{
	for (size_t i = 0; t != NULL && i < t->count; i++) {
		struct change *c = entry_of(all, t->items[i].line);

		if (side == BASE)
			c->base = &t->items[i];
		else if (side == MINE)
			c->mine = &t->items[i];
		else
			c->theirs = &t->items[i];
	}
}

static struct change *change_of(struct list *node)
{
	return container_of(container_of(node, struct map_node, order), struct change, node);
}

static void collect(struct merge *m, const struct section *s, struct changes *all)
{
	struct list *node, *after;

	map_init(&all->map, NULL);
	add_lines(all, s->theirs, THEIRS);
	add_lines(all, s->mine, MINE);
	add_lines(all, s->base, BASE);
	all->items = mem_calloc(all->map.count + 1, sizeof(struct change *));
	list_for_each(node, after, &all->map.order)
	{
		struct change *c = change_of(node);

		c->mine_changed = !same(c->base, c->mine);
		c->theirs_changed = !same(c->base, c->theirs);
		describe(m, s->mode, c);
		if (c->mine_changed || c->theirs_changed)
			all->items[all->count++] = c;
	}
}

static void release(struct changes *all)
{
	struct list *node, *after;

	list_for_each(node, after, &all->map.order)
	{
		struct change *c = change_of(node);

		map_remove(&all->map, &c->node);
		free(c->stem);
		free(c);
	}
	map_clear(&all->map);
	free(all->items);
}

static void write_line(struct strbuf *out, unsigned depth, const char *mark, const char *line)
{
	for (unsigned i = 0; i < depth; i++)
		strbuf_add_char(out, ' ');
	strbuf_add(out, mark);
	strbuf_add(out, line);
	strbuf_add_char(out, '\n');
}

/* Headers of the sections that the conflict is in. */
static void write_path(struct merge *m, const struct section *s)
{
	if (s == NULL || s->line == NULL)
		return;
	write_path(m, s->parent);
	write_line(m->conflicts, s->depth - 1, "", s->line);
}

/* All lines of the stem that a side has now; "(removed)" when it has none. */
static void write_side(struct merge *m, const struct section *s, const struct changes *all,
		       const char *stem, bool mine)
{
	const char *mark = mine ? "mine:   " : "theirs: ";
	size_t n = 0;

	for (size_t i = 0; i < all->count; i++) {
		const struct change *c = all->items[i];

		if (strcmp(c->stem, stem) != 0 || (mine ? c->mine : c->theirs) == NULL)
			continue;
		write_line(m->conflicts, s->depth, mark, c->line);
		n++;
	}
	if (n == 0)
		write_line(m->conflicts, s->depth, mark, "(removed)");
}

/* Did both sides change lines of this stem, and not to the same ones? */
static bool stem_conflicts(const struct changes *all, const char *stem)
{
	bool mine = false, theirs = false, different = false;

	for (size_t i = 0; i < all->count; i++) {
		const struct change *c = all->items[i];

		if (strcmp(c->stem, stem) != 0)
			continue;
		mine = mine || c->mine_changed;
		theirs = theirs || c->theirs_changed;
		different = different || !same(c->mine, c->theirs);
	}
	return mine && theirs && different;
}

static bool is_first_of_stem(const struct changes *all, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(all->items[k]->stem, all->items[i]->stem) == 0)
			return false;
	}
	return true;
}

static void merge_section(struct merge *m, const struct section *s);

/* Sections that both sides still have are merged by their lines. */
static bool is_common_section(const struct change *c)
{
	return c->enters != CMD_EXEC && c->mine != NULL && c->theirs != NULL;
}

static void find_conflicts(struct merge *m, const struct section *s, const struct changes *all)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct change *c = all->items[i];

		if (is_common_section(c) || !is_first_of_stem(all, i) ||
		    !stem_conflicts(all, c->stem))
			continue;
		m->conflict_count++;
		write_path(m, s);
		write_side(m, s, all, c->stem, true);
		write_side(m, s, all, c->stem, false);
	}
}

static void write_change(struct merge *m, const struct section *s, const struct change *c)
{
	const struct config_text *from = c->mine_changed ? c->mine : c->theirs;

	if (is_common_section(c)) {
		write_line(m->out, s->depth, "", c->line);
		merge_section(m, &(struct section){.base = c->base,
						   .mine = c->mine,
						   .theirs = c->theirs,
						   .mode = c->enters,
						   .depth = s->depth + 1,
						   .parent = s,
						   .line = c->line});
	} else if (from != NULL) {
		write_line(m->out, s->depth, "", c->line);
		config_text_write(from, s->depth + 1, m->out);
	}
}

/* Lines first: behind a section they could be taken for its own. */
static void merge_section(struct merge *m, const struct section *s)
{
	struct changes all = {.count = 0};
	struct list *node, *after;

	if (s->mine != NULL && s->theirs != NULL && same(s->base, s->mine)) {
		config_text_write(s->theirs, s->depth, m->out);
		return;
	}
	collect(m, s, &all);
	find_conflicts(m, s, &all);
	for (int sections = 0; sections < 2; sections++) {
		list_for_each(node, after, &all.map.order)
		{
			const struct change *c = change_of(node);

			if ((c->enters != CMD_EXEC) == (sections == 1))
				write_change(m, s, c);
		}
	}
	release(&all);
}

size_t config_merge(const struct grammar *g, const struct config_text *base,
		    const struct config_text *mine, const struct config_text *theirs,
		    struct strbuf *out, struct strbuf *conflicts)
{
	struct merge m = {.g = g, .out = out, .conflicts = conflicts};

	merge_section(&m, &(struct section){.base = base,
					    .mine = mine,
					    .theirs = theirs,
					    .mode = CMD_CONFIG});
	return m.conflict_count;
}
