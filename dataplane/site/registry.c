/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the gateway finds sites and tunnels: by name (sorted), by device index, by number. */
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/keep.h"
#include "platform/base/mem.h"

#include <string.h>

/* Position of the first site whose name is not before name. */
static size_t lower_bound(const struct gateway *g, const char *name)
{
	size_t low = 0;
	size_t high = g->site_count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(g->sites[mid]->config.name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct site *gateway_site(const struct gateway *g, const char *name)
{
	size_t at = lower_bound(g, name);

	if (at == g->site_count || strcmp(g->sites[at]->config.name, name) != 0)
		return NULL;
	return g->sites[at];
}

struct site *gateway_site_by_index(const struct gateway *g, uint32_t index)
{
	return index < g->index_cap ? g->by_index[index] : NULL;
}

struct tunnel *gateway_tunnel(const struct gateway *g, uint32_t id)
{
	struct map_node *node = map_find(&g->tunnels, &id, sizeof(id));

	return node == NULL ? NULL : container_of(node, struct tunnel, node);
}

static uint32_t take_index(struct gateway *g, struct site *s)
{
	size_t before = taken_index(g, s->config.name);
	size_t free_before = g->index_free;
	size_t i = before != 0 ? before : g->index_free;

	while (i < g->index_cap && g->by_index[i] != NULL)
		i++;
	if (i >= g->index_cap) {
		size_t cap = g->index_cap == 0 ? 16 : g->index_cap * 2;

		while (cap <= i)
			cap *= 2;

		g->by_index = mem_realloc_array(g->by_index, cap, sizeof(struct site *));
		memset(g->by_index + g->index_cap, 0, (cap - g->index_cap) * sizeof(struct site *));
		g->index_cap = cap;
	}
	g->by_index[i] = s;
	g->index_free = before != 0 ? free_before : i + 1;
	return (uint32_t)i;
}

void gateway_insert_site(struct gateway *g, struct site *s)
{
	size_t at = lower_bound(g, s->config.name);

	if (g->site_count == g->site_cap) {
		g->site_cap = g->site_cap * 2 + 16;
		g->sites = mem_realloc_array(g->sites, g->site_cap, sizeof(struct site *));
	}
	memmove(g->sites + at + 1, g->sites + at, (g->site_count - at) * sizeof(struct site *));
	g->sites[at] = s;
	g->site_count++;
	s->index = take_index(g, s);
}

void gateway_withdraw_site(struct gateway *g, struct site *s)
{
	size_t at = lower_bound(g, s->config.name);

	memmove(g->sites + at, g->sites + at + 1, (g->site_count - at - 1) * sizeof(struct site *));
	g->site_count--;
	g->by_index[s->index] = NULL;
	if (s->index < g->index_free)
		g->index_free = s->index;
}
