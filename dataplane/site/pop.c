/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of PoPs by name.  Knows nothing of running tunnels. */
#include "dataplane/site/pop.h"

#include "platform/base/by_name.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pops_clear(struct pop_list *l)
{
	free(l->items);
	*l = (struct pop_list){.count = 0};
}

void pops_copy(struct pop_list *dst, const struct pop_list *src)
{
	pops_clear(dst);
	dst->count = src->count;
	dst->items = mem_dup(src->items, src->count * sizeof(*src->items));
}

bool pops_equal(const struct pop_list *a, const struct pop_list *b)
{
	return a->count == b->count &&
	       (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0);
}

struct pop *pops_find(const struct pop_list *l, const char *name)
{
	return by_name_find(l->items, l->count, sizeof(*l->items), name);
}

struct pop *pops_add(struct pop_list *l, const char *name)
{
	size_t at;

	l->items = by_name_insert(l->items, &l->count, sizeof(*l->items), name, &at);
	snprintf(l->items[at].name, sizeof(l->items[at].name), "%s", name);
	return &l->items[at];
}

bool pops_remove(struct pop_list *l, const char *name)
{
	return by_name_remove(l->items, &l->count, sizeof(*l->items), name);
}

bool pop_in_service(const struct pop *p)
{
	return !p->shutdown && p->address_count != 0 && (p->lost & 1) == 0;
}

bool pop_has_address(const struct pop *p, const struct ip_addr *a)
{
	for (uint32_t i = 0; i < p->address_count; i++) {
		if (ip_addr_equal(&p->addresses[i], a))
			return true;
	}
	return false;
}

const struct pop *pops_of_address(const struct pop_list *l, const struct ip_addr *a)
{
	for (size_t i = 0; i < l->count; i++) {
		if (pop_has_address(&l->items[i], a))
			return &l->items[i];
	}
	return NULL;
}
