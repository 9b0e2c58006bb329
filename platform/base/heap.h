/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timer heap: intrusive binary min-heap ordered by due time, ties in insertion order, so that the
 * same sequence of calls always fires in the same order (simulation depends on it).
 */
#ifndef PLATFORM_BASE_HEAP_H
#define PLATFORM_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_NEVER UINT64_MAX

struct heap_node {
	uint64_t due_ms;
	uint64_t order;
	size_t slot; /* position + 1; 0 = not in a heap */
};

struct heap {
	struct heap_node **nodes;
	size_t count;
	size_t cap;
	uint64_t next_order;
};

void heap_init(struct heap *h);
void heap_clear(struct heap *h);
/* Insert, or move when it is in already. */
void heap_set(struct heap *h, struct heap_node *node, uint64_t due_ms);
void heap_remove(struct heap *h, struct heap_node *node);	 /* harmless when it is not in */
uint64_t heap_next_due(const struct heap *h);			 /* HEAP_NEVER when empty */
struct heap_node *heap_pop_due(struct heap *h, uint64_t now_ms); /* or NULL */
static inline bool heap_contains(const struct heap_node *node)
{
	return node->slot != 0;
}

#endif
