/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts to trees by indentation, and trees compared through a hash map of their lines. */
#include "commands/config_text.h"

#include "platform/base/map.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <stdlib.h>
#include <string.h>

/* One line of a text. */
struct raw {
	const char *text; /* behind the indent */
	size_t len;
	size_t indent;
};

struct text_reader {
	const char *at;
	struct raw next;
	bool has_next;
};

static size_t line_len(const char *text)
{
	return strcspn(text, "\n");
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* What a configuration has beside its lines. */
static bool is_ignored(const struct raw *r)
{
	return r->len == 0 || r->text[0] == '!' || begins(r->text, "Building configuration") ||
	       begins(r->text, "Current configuration") ||
	       (r->indent == 0 && r->len == 3 && begins(r->text, "end"));
}

/* A banner runs from its delimiter to the next one, over several lines. */
static size_t banner_len(const char *text, size_t len)
{
	static const char begin[] = "banner motd ^C";
	const char *end;

	if (len < sizeof(begin) - 1 || !begins(text, begin))
		return len;
	end = strstr(text + sizeof(begin) - 1, "^C");
	return end == NULL ? len : (size_t)(end - text) + 2;
}

static void advance(struct text_reader *r)
{
	r->has_next = false;
	while (*r->at != '\0' && !r->has_next) {
		size_t len = line_len(r->at);
		size_t indent = strspn(r->at, " \t");

		r->next = (struct raw){.text = r->at + indent, .indent = indent};
		if (indent < len)
			r->next.len = banner_len(r->next.text, len - indent);
		r->at += indent < len ? indent + r->next.len : len;
		r->at += line_len(r->at); /* behind a banner */
		r->at += *r->at == '\n';
		while (r->next.len > 0 && (unsigned char)r->next.text[r->next.len - 1] <= ' ')
			r->next.len--;
		r->has_next = !is_ignored(&r->next);
	}
}

static char *copy_of(const struct raw *r)
{
	char *copy = mem_zalloc(r->len + 1);

	memcpy(copy, r->text, r->len);
	return copy;
}

/* Lines that are indented deeper than above belong to t. */
static void read_items(struct text_reader *r, struct config_text *t, size_t above, bool top)
{
	size_t cap = 0;

	while (r->has_next && (top || r->next.indent > above)) {
		size_t indent = r->next.indent;
		struct config_text *item;

		if (t->count == cap) {
			cap = cap == 0 ? 8 : 2 * cap;
			t->items = mem_realloc_array(t->items, cap, sizeof(*t->items));
		}
		item = &t->items[t->count++];
		*item = (struct config_text){.line = copy_of(&r->next)};
		advance(r);
		read_items(r, item, indent, false);
	}
}

void config_text_parse(const char *text, struct config_text *out)
{
	struct text_reader r = {.at = text};

	*out = (struct config_text){.line = mem_strdup("")};
	advance(&r);
	read_items(&r, out, 0, true);
}

void config_text_clear(struct config_text *t)
{
	for (size_t i = 0; i < t->count; i++)
		config_text_clear(&t->items[i]);
	free(t->items);
	if (t->line != NULL)
		bytes_wipe(t->line, strlen(t->line));
	free(t->line);
	*t = (struct config_text){.line = NULL};
}

const struct config_text *config_text_find(const struct config_text *t, const char *line)
{
	for (size_t i = 0; t != NULL && i < t->count; i++) {
		if (strcmp(t->items[i].line, line) == 0)
			return &t->items[i];
	}
	return NULL;
}

bool config_text_equal(const struct config_text *a, const struct config_text *b)
{
	struct strbuf ignored;
	size_t n;

	strbuf_init(&ignored);
	n = config_text_diff(a, b, &ignored);
	strbuf_wipe(&ignored);
	return n == 0;
}

static void write_line(const char *line, unsigned depth, const char *sign, struct strbuf *out)
{
	for (unsigned i = 0; i < depth; i++)
		strbuf_add_char(out, ' ');
	strbuf_add(out, sign);
	strbuf_add(out, line);
	strbuf_add_char(out, '\n');
}

void config_text_write(const struct config_text *t, unsigned depth, struct strbuf *out)
{
	for (size_t i = 0; i < t->count; i++) {
		write_line(t->items[i].line, depth, "", out);
		config_text_write(&t->items[i], depth + 1, out);
	}
}

static size_t write_all(const struct config_text *t, unsigned depth, const char *sign,
			struct strbuf *out)
{
	size_t n = 1;

	write_line(t->line, depth, sign, out);
	for (size_t i = 0; i < t->count; i++)
		n += write_all(&t->items[i], depth + 1, sign, out);
	return n;
}

/* The children of one side of a comparison. */
struct side {
	struct map map;
	struct side_item {
		struct map_node node;
		const struct config_text *text;
		bool done;
	} * items; /* in order */
};

static void side_init(struct side *s, const struct config_text *t)
{
	map_init(&s->map, NULL);
	s->items = mem_calloc(t->count + 1, sizeof(*s->items));
	for (size_t i = 0; i < t->count; i++) {
		s->items[i].text = &t->items[i];
		/* Of equal lines the first one counts. */
		s->items[i].done = !map_insert(&s->map, &s->items[i].node, t->items[i].line,
					       strlen(t->items[i].line));
	}
}

static void side_clear(struct side *s)
{
	map_clear(&s->map);
	free(s->items);
}

static size_t diff(const struct config_text *before, const struct config_text *after,
		   unsigned depth, struct strbuf *out);

/* New lines in front of item end (exclusive), so that they stand where they will be. */
static size_t write_new(struct side *after, const struct side *before, size_t *at, size_t end,
			unsigned depth, struct strbuf *out)
{
	size_t n = 0;

	for (; *at < end; ++*at) {
		struct side_item *item = &after->items[*at];
		const char *line = item->text->line;

		if (item->done || map_find(&before->map, line, strlen(line)) != NULL)
			continue;
		item->done = true;
		n += write_all(item->text, depth, "+", out);
	}
	return n;
}

static size_t diff_common(const struct config_text *a, const struct config_text *b, unsigned depth,
			  struct strbuf *out)
{
	size_t before = out->len, n;

	write_line(a->line, depth, "", out);
	n = diff(a, b, depth + 1, out);
	if (n == 0) {
		out->len = before;
		out->text[before] = '\0';
	}
	return n;
}

static size_t diff(const struct config_text *before, const struct config_text *after,
		   unsigned depth, struct strbuf *out)
{
	struct side a, b;
	size_t at = 0, n = 0;

	if (before->count == 0 && after->count == 0)
		return 0;
	side_init(&a, before);
	side_init(&b, after);
	for (size_t i = 0; i < before->count; i++) {
		const struct config_text *old = &before->items[i];
		struct map_node *node = map_find(&b.map, old->line, strlen(old->line));
		struct side_item *same =
			node == NULL ? NULL : container_of(node, struct side_item, node);

		if (a.items[i].done)
			continue;
		if (same == NULL) {
			n += write_all(old, depth, "-", out);
			continue;
		}
		n += write_new(&b, &a, &at, (size_t)(same - b.items), depth, out);
		n += diff_common(old, same->text, depth, out);
	}
	n += write_new(&b, &a, &at, after->count, depth, out);
	side_clear(&a);
	side_clear(&b);
	return n;
}

size_t config_text_diff(const struct config_text *before, const struct config_text *after,
			struct strbuf *out)
{
	return diff(before, after, 0, out);
}
