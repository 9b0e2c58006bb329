/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Timer heap.  Owns the array of pointers, never the nodes; never reads a clock. */
#include "platform/base/heap.h"

#include "platform/base/mem.h"

#include <stdlib.h>

void heap_init(struct heap *h)
{
	*h = (struct heap){.nodes = NULL};
}

void heap_clear(struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->nodes[i]->slot = 0;
	free(h->nodes);
	heap_init(h);
}

static bool before(const struct heap_node *a, const struct heap_node *b)
{
	return a->due_ms < b->due_ms || (a->due_ms == b->due_ms && a->order < b->order);
}

static void place(struct heap *h, struct heap_node *node, size_t at)
{
	h->nodes[at] = node;
	node->slot = at + 1;
}

/* Move the node that belongs at or above `at` to its place. */
static void sift_up(struct heap *h, struct heap_node *node, size_t at)
{
	while (at > 0) {
		size_t parent = (at - 1) / 2;

		if (!before(node, h->nodes[parent]))
			break;
		place(h, h->nodes[parent], at);
		at = parent;
	}
	place(h, node, at);
}

static void sift_down(struct heap *h, struct heap_node *node, size_t at)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= h->count)
			break;
		if (child + 1 < h->count && before(h->nodes[child + 1], h->nodes[child]))
			child++;
		if (!before(h->nodes[child], node))
			break;
		place(h, h->nodes[child], at);
		at = child;
	}
	place(h, node, at);
}

static void settle(struct heap *h, struct heap_node *node, size_t at)
{
	if (at > 0 && before(node, h->nodes[(at - 1) / 2]))
		sift_up(h, node, at);
	else
		sift_down(h, node, at);
}

void heap_set(struct heap *h, struct heap_node *node, uint64_t due_ms)
{
	node->due_ms = due_ms;
	node->order = h->next_order++;
	if (node->slot != 0) {
		settle(h, node, node->slot - 1);
		return;
	}
	if (h->count == h->cap) {
		h->cap = h->cap == 0 ? 16 : h->cap * 2;
		h->nodes = mem_realloc_array(h->nodes, h->cap, sizeof(struct heap_node *));
	}
	h->count++;
	sift_up(h, node, h->count - 1);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	size_t at = node->slot;
	struct heap_node *last;

	if (at-- == 0)
		return;
	node->slot = 0;
	last = h->nodes[--h->count];
	if (last != node)
		settle(h, last, at);
}

uint64_t heap_next_due(const struct heap *h)
{
	return h->count == 0 ? HEAP_NEVER : h->nodes[0]->due_ms;
}

struct heap_node *heap_pop_due(struct heap *h, uint64_t now_ms)
{
	struct heap_node *node;

	if (h->count == 0 || h->nodes[0]->due_ms > now_ms)
		return NULL;
	node = h->nodes[0];
	heap_remove(h, node);
	return node;
}
