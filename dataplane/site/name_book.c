/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Of two tunnels with one name, which the configuration does not allow, the first has it. */
#include "dataplane/site/name_book.h"

#include "dataplane/site/names.h"
#include "platform/base/mem.h"
#include "platform/os/rng.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static void copy_lower(char *dst, size_t size, const char *src)
{
	size_t i;

	for (i = 0; src[i] != '\0' && i + 1 < size; i++)
		dst[i] = (char)tolower((unsigned char)src[i]);
	dst[i] = '\0';
}

static void empty(struct name_book *b)
{
	struct list *node;

	map_clear(&b->map);
	while ((node = list_take(&b->entries)) != NULL)
		free(container_of(node, struct name_entry, list));
}

static void add(struct name_book *b, struct site *s, enum site_role role,
		const struct tunnel_config *t)
{
	struct name_entry *e = mem_zalloc(sizeof(*e));

	copy_lower(e->name, sizeof(e->name), t->fqdn);
	e->site = s;
	e->role = role;
	e->made_ms = t->fqdn_made_ms;
	if (!map_insert(&b->map, &e->node, e->name, strlen(e->name))) {
		free(e);
		return;
	}
	list_append(&b->entries, &e->list);
}

static void fill(struct name_book *b, struct gateway *g)
{
	for (size_t i = 0; i < g->site_count; i++) {
		struct site *s = g->sites[i];

		for (unsigned k = 0; k < SITE_ROLES * SITE_TUNNELS; k++) {
			const struct tunnel_config *t =
				&s->config.tunnels[k / SITE_TUNNELS][k % SITE_TUNNELS];

			if (t->present && t->fqdn[0] != '\0')
				add(b, s, (enum site_role)(k / SITE_TUNNELS), t);
		}
	}
}

static struct name_book *book_new(void)
{
	struct name_book *b = mem_zalloc(sizeof(*b));
	uint8_t key[16];

	rng_bytes(key, sizeof(key));
	map_init(&b->map, key);
	list_init(&b->entries);
	return b;
}

struct name_book *gateway_name_book(struct gateway *g)
{
	if (g->book == NULL)
		g->book = book_new();
	else if (!g->book_stale)
		return g->book;
	empty(g->book);
	fill(g->book, g);
	g->book_stale = false;
	return g->book;
}

const struct name_entry *name_book_find(struct name_book *b, const char *name)
{
	char key[SITE_TEXT_MAX * 2];
	struct map_node *node;

	copy_lower(key, sizeof(key), name);
	node = map_find(&b->map, key, strlen(key));
	return node == NULL ? NULL : container_of(node, struct name_entry, node);
}

void name_book_free(struct name_book *b)
{
	if (b == NULL)
		return;
	empty(b);
	free(b);
}
