/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places and their watches: found, made, dropped.  Decides nothing. */
#include "dataplane/site/story_watch.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct story_place *story_place_find(const struct story_book *b, const char *site)
{
	struct map_node *n = map_find(&b->places, site, strlen(site));

	return n == NULL ? NULL : container_of(n, struct story_place, node);
}

struct story_place *story_place_get(struct story_book *b, const char *site)
{
	struct story_place *p = story_place_find(b, site);

	if (p != NULL)
		return p;
	p = mem_zalloc(sizeof(*p));
	snprintf(p->site, sizeof(p->site), "%s", site);
	list_init(&p->watches);
	list_init(&p->turn);
	list_append(&b->turns, &p->turn);
	map_insert(&b->places, &p->node, p->site, strlen(p->site));
	return p;
}

struct story_watch *story_watch_of(struct list *node)
{
	return container_of(node, struct story_watch, in_place);
}

struct story_watch *story_watch_find(struct story_place *p, enum story_kind kind, uint8_t slot)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &p->watches)
	{
		struct story_watch *w = story_watch_of(node);

		if (w->row->kind == kind && w->slot == slot)
			return w;
	}
	return NULL;
}

struct story_watch *story_watch_new(struct story_place *p, const struct story_row *row,
				    uint8_t slot)
{
	struct story_watch *w = mem_zalloc(sizeof(*w));

	w->place = p;
	w->row = row;
	w->slot = slot;
	list_init(&w->in_place);
	list_append(&p->watches, &w->in_place);
	return w;
}

struct story *story_watch_draft(struct story_watch *w)
{
	if (w->story == NULL)
		w->story = story_new(w->row->kind, w->place->site, w->slot);
	return w->story;
}

void story_watch_drop(struct story_book *b, struct story_watch *w)
{
	heap_remove(&b->due, &w->due);
	list_remove(&w->in_place);
	if (!w->told)
		story_free(w->story);
	free(w);
}

void story_place_drop(struct story_book *b, struct story_place *p)
{
	struct list *node;

	while ((node = list_take(&p->watches)) != NULL)
		story_watch_drop(b, story_watch_of(node));
	for (unsigned i = 0; i < STORY_RECENT_MAX; i++)
		free(p->recent[i].text);
	list_remove(&p->turn);
	map_remove(&b->places, &p->node);
	free(p);
}
