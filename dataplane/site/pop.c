/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of PoPs, and which of them a role of a site uses.  Knows nothing of running tunnels. */
#include "dataplane/site/pop.h"

#include "dataplane/site/place.h"
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

/* The nearest one to the site that is up and not `except`; of equally near ones the first. */
static const struct pop *nearest(const struct pop_list *l, const struct site_config *c,
				 const struct pop *except)
{
	const struct pop *best = NULL;
	double least = 0;

	for (size_t i = 0; i < l->count; i++) {
		const struct pop *p = &l->items[i];
		double km = place_distance_km(c->country, p->latitude, p->longitude);

		if (p == except || !pop_in_service(p))
			continue;
		if (best == NULL || km < least) {
			best = p;
			least = km;
		}
	}
	return best;
}

static const struct pop *fixed(const struct pop_list *l, const struct site_destination *d)
{
	if (d->kind == SITE_DEST_ADDRESS)
		return pops_of_address(l, &d->addr);
	return d->kind == SITE_DEST_FQDN && d->pop[0] != '\0' ? pops_find(l, d->pop) : NULL;
}

const struct pop *pop_of_role(const struct pop_list *l, const struct site_config *c,
			      enum site_role role)
{
	const struct site_destination *d = &c->destination[role];
	const struct site_destination *other = &c->destination[role == SITE_PRIMARY];

	if (d->kind != SITE_DEST_FQDN || d->pop[0] != '\0')
		return fixed(l, d);
	if (role == SITE_SECONDARY && other->kind == SITE_DEST_FQDN && other->pop[0] == '\0')
		return nearest(l, c, pop_of_role(l, c, SITE_PRIMARY));
	return nearest(l, c, fixed(l, other));
}

/* The address that the destination means, the first one for names. */
static bool is_lost(const struct pop *p, const struct site_destination *d)
{
	for (uint32_t i = 0; i < p->address_count; i++) {
		if (d->kind == SITE_DEST_ADDRESS && !ip_addr_equal(&p->addresses[i], &d->addr))
			continue;
		return (p->lost & 1U << i) != 0;
	}
	return false;
}

bool pop_is_unavailable(const struct pop_list *l, const struct site_config *c, enum site_role role,
			char *why, size_t size)
{
	const struct site_destination *d = &c->destination[role];
	const struct pop *p = pop_of_role(l, c, role);

	if (p != NULL && p->shutdown) {
		snprintf(why, size, "PoP %s is shut down: enter no shutdown below pop %s", p->name,
			 p->name);
		return true;
	}
	if (p != NULL && is_lost(p, d)) {
		snprintf(why, size,
			 "This machine has lost the address of PoP %s: add it again, or enter "
			 "shutdown below pop %s",
			 p->name, p->name);
		return true;
	}
	if (p == NULL && d->kind == SITE_DEST_FQDN && l->count != 0) {
		snprintf(why, size,
			 "No PoP is left for the %s tunnels: all others are shut down "
			 "or have no address",
			 site_role_name(role));
		return true;
	}
	return false;
}
