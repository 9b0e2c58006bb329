/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One entry for each thing that was told of within the interval, in order of its end. */
#include "commands/repeat.h"

#include "dataplane/event.h"
#include "platform/base/map.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct key {
	unsigned kind, slot;
	char site[EVENT_SITE_MAX];
};

struct thing {
	struct map_node node;
	struct key key;
	uint64_t until_ms;
	uint64_t told, latest; /* stories */
	uint32_t untold;
};

struct repeat {
	struct map things;
	uint64_t interval_ms, count;
};

struct repeat *repeat_new(void)
{
	struct repeat *r = mem_zalloc(sizeof(*r));

	map_init(&r->things, NULL);
	return r;
}

static void forget(struct repeat *r, struct thing *t)
{
	map_remove(&r->things, &t->node);
	free(t);
}

static struct thing *first(const struct repeat *r)
{
	return r->things.count == 0 ? NULL
				    : container_of(r->things.order.next, struct thing, node.order);
}

void repeat_free(struct repeat *r)
{
	if (r == NULL)
		return;
	while (first(r) != NULL)
		forget(r, first(r));
	map_clear(&r->things);
	free(r);
}

void repeat_interval(struct repeat *r, uint32_t seconds)
{
	r->interval_ms = (uint64_t)seconds * 1000;
}

static struct key key_of(unsigned kind, const char *site, uint8_t slot)
{
	struct key k;

	memset(&k, 0, sizeof(k)); /* compared as octets */
	k.kind = kind;
	k.slot = slot;
	snprintf(k.site, sizeof(k.site), "%s", site);
	return k;
}

static struct thing *find(const struct repeat *r, const struct key *k)
{
	struct map_node *node = map_find(&r->things, k, sizeof(*k));

	return node == NULL ? NULL : container_of(node, struct thing, node);
}

/* To the end of the order: until_ms is the latest of all. */
static void begin(struct repeat *r, struct thing *t, uint64_t now_ms, uint64_t story)
{
	t->until_ms = now_ms + r->interval_ms;
	t->told = t->latest = story;
	t->untold = 0;
	(void)map_insert(&r->things, &t->node, &t->key, sizeof(t->key));
}

bool repeat_opened(struct repeat *r, uint64_t now_ms, unsigned kind, const char *site, uint8_t slot,
		   uint64_t story)
{
	struct key k = key_of(kind, site, slot);
	struct thing *t = find(r, &k);

	if (r->interval_ms == 0 || (t == NULL && r->things.count == REPEAT_THINGS_MAX))
		return true;
	if (t != NULL) {
		t->latest = story;
		t->untold++;
		r->count++;
		return false;
	}
	t = mem_zalloc(sizeof(*t));
	t->key = k;
	begin(r, t, now_ms, story);
	return true;
}

bool repeat_closed(struct repeat *r, unsigned kind, const char *site, uint8_t slot, uint64_t story)
{
	struct key k = key_of(kind, site, slot);
	const struct thing *t = find(r, &k);

	return t == NULL || t->told == story || t->latest != story;
}

bool repeat_next(struct repeat *r, uint64_t now_ms, uint64_t *story, uint32_t *untold)
{
	struct thing *t;

	while ((t = first(r)) != NULL && t->until_ms <= now_ms) {
		if (t->untold == 0) {
			forget(r, t);
			continue;
		}
		*story = t->latest;
		*untold = t->untold;
		map_remove(&r->things, &t->node);
		begin(r, t, now_ms, *story);
		return true;
	}
	return false;
}

uint64_t repeat_deadline(const struct repeat *r)
{
	const struct thing *t = first(r);

	return t == NULL ? UINT64_MAX : t->until_ms;
}

uint64_t repeat_count(const struct repeat *r)
{
	return r->count;
}
