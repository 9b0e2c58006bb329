/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sorted array of ranges.  The networks of one site may overlap each other: they are merged. */
#include "commands/config_ranges.h"

#include "dataplane/site/routes.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct config_range {
	struct ip_range range;
	const struct site_config *site;
};

struct merged {
	struct ip_range *items;
	size_t count;
};

static int compare_first(const void *a, const void *b)
{
	return ip_addr_compare(&((const struct ip_range *)a)->first,
			       &((const struct ip_range *)b)->first);
}

/* Those of a site, sorted, without overlaps; caller frees the items. */
static struct merged merge(const struct site_config *s)
{
	struct merged m = {.count = 0};
	size_t count;

	m.items = routes_ranges_of_site(s, &count);
	qsort(m.items, count, sizeof(*m.items), compare_first);
	for (size_t i = 0; i < count; i++) {
		struct ip_range *last = m.count == 0 ? NULL : &m.items[m.count - 1];

		if (last == NULL || !ip_range_overlaps(last, &m.items[i]))
			m.items[m.count++] = m.items[i];
		else if (ip_addr_compare(&m.items[i].last, &last->last) > 0)
			last->last = m.items[i].last;
	}
	return m;
}

/* The first whose end is not below the beginning of range: only from there on one can overlap. */
static size_t lower_bound(const struct config_ranges *r, const struct ip_range *range)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (ip_addr_compare(&r->items[mid].range.last, &range->first) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* An item that overlaps and is not of the site with this name; NULL: none. */
static const struct config_range *foreign(const struct config_ranges *r,
					  const struct ip_range *range, const char *site)
{
	for (size_t i = lower_bound(r, range); i < r->count; i++) {
		const struct config_range *x = &r->items[i];

		if (!ip_range_overlaps(&x->range, range))
			return NULL;
		if (strcmp(x->site->name, site) != 0)
			return x;
	}
	return NULL;
}

void config_ranges_clear(struct config_ranges *r)
{
	free(r->items);
	*r = (struct config_ranges){.count = 0};
}

static bool is_there(const struct config_ranges *r, size_t at, const struct ip_range *range,
		     const struct site_config *s)
{
	return at < r->count && r->items[at].site == s &&
	       ip_range_equal(&r->items[at].range, range);
}

static void insert(struct config_ranges *r, size_t at, const struct ip_range *range,
		   const struct site_config *s)
{
	if (r->count == r->cap) {
		r->cap = r->cap == 0 ? 64 : 2 * r->cap;
		r->items = mem_realloc_array(r->items, r->cap, sizeof(*r->items));
	}
	memmove(&r->items[at + 1], &r->items[at], (r->count - at) * sizeof(*r->items));
	r->items[at] = (struct config_range){.range = *range, .site = s};
	r->count++;
}

static void drop(struct config_ranges *r, const struct ip_range *range, const struct site_config *s)
{
	size_t at = lower_bound(r, range);

	if (!is_there(r, at, range, s))
		return;
	r->count--;
	memmove(&r->items[at], &r->items[at + 1], (r->count - at) * sizeof(*r->items));
}

static void put_all(struct config_ranges *r, const struct merged *m, const struct site_config *s,
		    struct strbuf *clashes)
{
	char own[IP_RANGE_TEXT_MAX], other[IP_RANGE_TEXT_MAX];

	for (size_t i = 0; i < m->count; i++) {
		size_t at = lower_bound(r, &m->items[i]);
		const struct config_range *x;

		if (is_there(r, at, &m->items[i], s))
			continue;
		x = foreign(r, &m->items[i], s->name);
		if (x == NULL)
			insert(r, at, &m->items[i], s);
		else if (clashes != NULL)
			strbuf_printf(clashes,
				      "Site %s: its network %s overlaps %s of site %s, networks of "
				      "sites must not overlap\n",
				      s->name, ip_range_text(&m->items[i], own, sizeof(own)),
				      ip_range_text(&x->range, other, sizeof(other)),
				      x->site->name);
	}
}

void config_ranges_put(struct config_ranges *r, const struct site_config *s, struct strbuf *clashes)
{
	struct merged m = merge(s);

	put_all(r, &m, s, clashes);
	free(m.items);
}

void config_ranges_put_as(struct config_ranges *r, const struct site_config *s,
			  const struct site_config *now)
{
	struct merged m = merge(now);

	put_all(r, &m, s, NULL);
	free(m.items);
}

void config_ranges_drop(struct config_ranges *r, const struct site_config *s)
{
	struct merged m = merge(s);

	for (size_t i = 0; i < m.count; i++)
		drop(r, &m.items[i], s);
	free(m.items);
}

/* Moving what is in the array costs more than finding what is equal: only the difference moves. */
void config_ranges_replace(struct config_ranges *r, const struct site_config *old,
			   const struct site_config *now)
{
	struct merged m, n;
	size_t j = 0;

	if (site_networks_equal(&old->networks, &now->networks) &&
	    site_range_lists_equal(&old->ts_peer, &now->ts_peer) &&
	    ip_prefix_equal(&old->native_range, &now->native_range))
		return;
	m = merge(old);
	n = merge(now);
	for (size_t i = 0; i < m.count; i++) {
		while (j < n.count && compare_first(&n.items[j], &m.items[i]) < 0)
			j++;
		if (j == n.count || !ip_range_equal(&n.items[j], &m.items[i]))
			drop(r, &m.items[i], old);
	}
	put_all(r, &n, old, NULL);
	free(m.items);
	free(n.items);
}

bool config_ranges_find(const struct config_ranges *r, const struct site_config *s,
			struct config_overlap *out)
{
	struct merged m = merge(s);
	bool found = false;

	for (size_t i = 0; i < m.count && !found; i++) {
		const struct config_range *x = foreign(r, &m.items[i], s->name);

		if (x == NULL)
			continue;
		found = true;
		memcpy(out->site, x->site->name, sizeof(out->site));
		out->own = m.items[i];
		out->other = x->range;
	}
	free(m.items);
	return found;
}

bool config_ranges_of_site_contain(const struct site_config *s, const struct ip_addr *addr,
				   struct ip_range *out)
{
	struct merged m = merge(s);
	bool found = false;

	for (size_t i = 0; i < m.count && !found; i++) {
		found = ip_range_contains(&m.items[i], addr);
		if (found)
			*out = m.items[i];
	}
	free(m.items);
	return found;
}
