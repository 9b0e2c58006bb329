/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Grace periods by epochs.  A worker that entered at epoch n may hold what was published before n;
 * an object retired at epoch n is free when each worker is outside or entered at n or later.
 */
#include "dataplane/esp/grace.h"

void grace_init(struct grace *g)
{
	atomic_init(&g->epoch, 1);
	list_init(&g->retired);
	for (unsigned i = 0; i < GRACE_READERS; i++)
		atomic_init(&g->readers[i].entered, 0);
}

void grace_enter(struct grace *g, unsigned reader)
{
	atomic_store(&g->readers[reader].entered, atomic_load(&g->epoch));
}

void grace_leave(struct grace *g, unsigned reader)
{
	atomic_store(&g->readers[reader].entered, 0);
}

void grace_retire(struct grace *g, struct grace_node *n, void (*release)(struct grace_node *n))
{
	n->release = release;
	n->epoch = atomic_fetch_add(&g->epoch, 1) + 1;
	list_append(&g->retired, &n->node);
}

/* The oldest epoch that a worker is still in. */
static uint64_t oldest(struct grace *g)
{
	uint64_t least = UINT64_MAX;

	for (unsigned i = 0; i < GRACE_READERS; i++) {
		uint64_t entered = atomic_load(&g->readers[i].entered);

		if (entered != 0 && entered < least)
			least = entered;
	}
	return least;
}

bool grace_reclaim(struct grace *g)
{
	struct list *node, *after;
	uint64_t least = oldest(g);

	list_for_each(node, after, &g->retired)
	{
		struct grace_node *n = container_of(node, struct grace_node, node);

		if (n->epoch > least)
			return false;
		list_remove(node);
		n->release(n);
	}
	return true;
}
