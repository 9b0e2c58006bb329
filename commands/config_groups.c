/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups are made with their first site and stay. */
#include "commands/config_groups.h"

#include "platform/base/by_name.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct config_group {
	char name[SITE_NAME_MAX]; /* of the account; first member: see by_name.h */
	struct config_ranges ranges;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void join(struct config_groups *x, const char *name)
{
	x->joined = mem_realloc_array(x->joined, x->joined_count + 1, sizeof(*x->joined));
	snprintf(x->joined[x->joined_count++], sizeof(*x->joined), "%s", name);
}

void config_groups_init(struct config_groups *x, const struct account_list *accounts)
{
	*x = (struct config_groups){.count = 0};
	for (size_t i = 0; i < accounts->count; i++) {
		const struct account *a = &accounts->items[i];

		if (a->reach_count != 0)
			join(x, a->name);
		for (uint32_t k = 0; k < a->reach_count; k++)
			join(x, a->reach[k]);
	}
	if (x->joined_count != 0)
		qsort(x->joined, x->joined_count, sizeof(*x->joined), compare_names);
}

void config_groups_clear(struct config_groups *x)
{
	for (size_t i = 0; i < x->count; i++)
		config_ranges_clear(&x->list[i].ranges);
	config_ranges_clear(&x->shared);
	free(x->list);
	free(x->joined);
	*x = (struct config_groups){.count = 0};
}

static bool is_alone(const struct config_groups *x, const char *account)
{
	return account[0] != '\0' &&
	       (x->joined_count == 0 || bsearch(account, x->joined, x->joined_count,
						sizeof(*x->joined), compare_names) == NULL);
}

static struct config_group *find_group(const struct config_groups *x, const char *account)
{
	return by_name_find(x->list, x->count, sizeof(*x->list), account);
}

static struct config_ranges *ranges_for(struct config_groups *x, const char *account)
{
	struct config_group *g;
	size_t at;

	if (!is_alone(x, account))
		return &x->shared;
	g = find_group(x, account);
	if (g != NULL)
		return &g->ranges;
	x->list = by_name_insert(x->list, &x->count, sizeof(*x->list), account, &at);
	snprintf(x->list[at].name, sizeof(x->list[at].name), "%s", account);
	return &x->list[at].ranges;
}

bool config_groups_find(const struct config_groups *x, const struct site_config *s,
			struct config_overlap *out)
{
	const struct config_group *own;

	if (config_ranges_find(&x->shared, s, out))
		return true;
	if (is_alone(x, s->account)) {
		own = find_group(x, s->account);
		return own != NULL && config_ranges_find(&own->ranges, s, out);
	}
	for (size_t i = 0; i < x->count; i++) {
		if (config_ranges_find(&x->list[i].ranges, s, out))
			return true;
	}
	return false;
}

/* The clash with the own group is said there. */
static void say_others(const struct config_groups *x, const struct site_config *s,
		       struct strbuf *clashes)
{
	char own[IP_RANGE_TEXT_MAX], other[IP_RANGE_TEXT_MAX];
	bool alone = is_alone(x, s->account);

	for (size_t i = 0; i <= x->count; i++) {
		const struct config_ranges *r = i == x->count ? &x->shared : &x->list[i].ranges;
		struct config_overlap o;

		if (alone != (i == x->count) || !config_ranges_find(r, s, &o))
			continue;
		strbuf_printf(clashes,
			      "Site %s: its network %s overlaps %s of site %s, networks of sites "
			      "must not overlap\n",
			      s->name, ip_range_text(&o.own, own, sizeof(own)),
			      ip_range_text(&o.other, other, sizeof(other)), o.site);
	}
}

void config_groups_put(struct config_groups *x, const struct site_config *s, struct strbuf *clashes)
{
	if (clashes != NULL)
		say_others(x, s, clashes);
	config_ranges_put(ranges_for(x, s->account), s, clashes);
}

void config_groups_drop(struct config_groups *x, const struct site_config *s)
{
	config_ranges_drop(ranges_for(x, s->account), s);
}

void config_groups_replace(struct config_groups *x, const struct site_config *old,
			   const struct site_config *now)
{
	if (strcmp(old->account, now->account) == 0) {
		config_ranges_replace(ranges_for(x, old->account), old, now);
		return;
	}
	config_ranges_drop(ranges_for(x, old->account), old);
	config_ranges_put_as(ranges_for(x, now->account), old, now);
}
