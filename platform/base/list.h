/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intrusive doubly linked list.  A node is in at most one list; an initialised node points to
 * itself. */
#ifndef PLATFORM_BASE_LIST_H
#define PLATFORM_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *prev;
};

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_append(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static inline void list_prepend(struct list *head, struct list *node)
{
	list_append(head->next, node);
}

/* Unlink and leave the node initialised; harmless on a node that is in no list. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* The first node, unlinked; NULL: there is none. */
#ifdef __clang_analyzer__
struct list *list_take(struct list *head); /* it does not follow who is reachable afterwards */
#else
static inline struct list *list_take(struct list *head)
{
	struct list *node = head->next;

	if (list_is_empty(head))
		return NULL;
	list_remove(node);
	return node;
}
#endif

/* node and next are struct list pointers; the body may remove node. */
#define list_for_each(node, after, head)                                      \
	for ((node) = (head)->next, (after) = (node)->next; (node) != (head); \
	     (node) = (after), (after) = (node)->next)

#endif
