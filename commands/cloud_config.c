/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of plain data, and the checks between accounts, PoPs and sites. */
#include "commands/cloud_config.h"

#include "commands/config.h"
#include "platform/base/by_name.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cloud_config_clear(struct cloud_config *c)
{
	pops_clear(&c->pops);
	free(c->accounts.items);
	c->accounts = (struct account_list){.count = 0};
}

void cloud_config_copy(struct cloud_config *dst, const struct cloud_config *src)
{
	cloud_config_clear(dst);
	pops_copy(&dst->pops, &src->pops);
	dst->accounts.count = src->accounts.count;
	dst->accounts.items =
		mem_dup(src->accounts.items, src->accounts.count * sizeof(*src->accounts.items));
}

bool cloud_config_equal(const struct cloud_config *a, const struct cloud_config *b)
{
	size_t n = a->accounts.count;

	return pops_equal(&a->pops, &b->pops) && n == b->accounts.count &&
	       (n == 0 ||
		memcmp(a->accounts.items, b->accounts.items, n * sizeof(*a->accounts.items)) == 0);
}

struct account *accounts_find(const struct account_list *l, const char *name)
{
	return by_name_find(l->items, l->count, sizeof(*l->items), name);
}

struct account *accounts_add(struct account_list *l, const char *name)
{
	size_t at;

	l->items = by_name_insert(l->items, &l->count, sizeof(*l->items), name, &at);
	snprintf(l->items[at].name, sizeof(l->items[at].name), "%s", name);
	return &l->items[at];
}

bool accounts_remove(struct account_list *l, const char *name)
{
	return by_name_remove(l->items, &l->count, sizeof(*l->items), name);
}

/* The first PoP that both have, or NULL. */
static const char *shared_pop(const struct account *a, const struct account *b)
{
	for (uint32_t i = 0; i < a->address_count; i++) {
		for (uint32_t k = 0; k < b->address_count; k++) {
			if (strcmp(a->addresses[i].pop, b->addresses[k].pop) == 0)
				return a->addresses[i].pop;
		}
	}
	return NULL;
}

static bool is_joined(const struct account_list *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct account *a = &l->items[i];

		if (a->reach_count != 0 && strcmp(a->name, name) == 0)
			return true;
		for (uint32_t k = 0; k < a->reach_count; k++) {
			if (strcmp(a->reach[k], name) == 0)
				return true;
		}
	}
	return false;
}

bool accounts_are_apart(const struct account_list *l, const char *a, const char *b)
{
	return a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0 && !is_joined(l, a) &&
	       !is_joined(l, b);
}

int cloud_check_account(const struct account_list *l, const struct account *a, struct err_msg *e)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct account *other = &l->items[i];
		const char *pop = strcmp(other->name, a->name) == 0 ? NULL : shared_pop(a, other);

		if (pop != NULL)
			return err_set(e, ERR_EXISTS,
				       "accounts %s and %s have addresses of the same PoP %s: each "
				       "account needs addresses of PoPs of its own",
				       a->name, other->name, pop);
	}
	return 0;
}

/* Where a destination is for sure; NULL when that is open. */
static const char *place_of(const struct cloud_config *c, const struct site_destination *d)
{
	const struct pop *p;

	if (d->kind == SITE_DEST_FQDN)
		return d->pop[0] == '\0' ? NULL : d->pop;
	p = d->kind == SITE_DEST_ADDRESS ? pops_of_address(&c->pops, &d->addr) : NULL;
	return p == NULL ? NULL : p->name;
}

static int check_roles(const struct cloud_config *c, const struct site_config *s, struct err_msg *e)
{
	const char *primary = place_of(c, &s->destination[SITE_PRIMARY]);
	const char *secondary = place_of(c, &s->destination[SITE_SECONDARY]);

	if (primary == NULL || secondary == NULL || strcmp(primary, secondary) != 0)
		return 0;
	return err_set(e, ERR_EXISTS,
		       "destinations of site %s: primary and secondary both lie at PoP %s, the two "
		       "roles need different PoPs",
		       s->name, primary);
}

static bool has_address(const struct account *a, const struct ip_addr *addr)
{
	for (uint32_t i = 0; i < a->address_count; i++) {
		if (ip_addr_equal(&a->addresses[i].addr, addr))
			return true;
	}
	return false;
}

int cloud_check_site(const struct cloud_config *c, const struct site_config *s, struct err_msg *e)
{
	const struct account *a =
		s->account[0] == '\0' ? NULL : accounts_find(&c->accounts, s->account);
	char text[IP_TEXT_MAX];

	for (int role = SITE_PRIMARY; a != NULL && role <= SITE_SECONDARY; role++) {
		const struct site_destination *d = &s->destination[role];

		if (d->kind == SITE_DEST_ADDRESS && a->address_count != 0 &&
		    !has_address(a, &d->addr))
			return err_set(e, ERR_INVALID,
				       "destination %s ipv4 %s of site %s: the address is not "
				       "allocated to account %s",
				       site_role_name((enum site_role)role),
				       ip_addr_text(&d->addr, text, sizeof(text)), s->name,
				       a->name);
	}
	return check_roles(c, s, e);
}

const struct site_config *cloud_user(const struct config *c, const char *pop,
				     const struct ip_addr *addr)
{
	for (size_t i = 0; i < c->count; i++) {
		for (int role = 0; role < SITE_ROLES; role++) {
			const struct site_destination *d = &c->sites[i]->destination[role];

			if (pop != NULL && d->kind == SITE_DEST_FQDN && strcmp(d->pop, pop) == 0)
				return c->sites[i];
			if (addr != NULL && d->kind == SITE_DEST_ADDRESS &&
			    ip_addr_equal(&d->addr, addr))
				return c->sites[i];
		}
	}
	return NULL;
}
