/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accounts with the same networks.  Where networks of sites of two accounts overlap, both accounts
 * get a routing table of their own, with the routes of all of their sites; packets from these sites
 * look there first.  The main table keeps what is unambiguous: it means the same for everybody.
 * The number of a table is the lowest index of the account's sites.
 */
#include "dataplane/site/gateway_state.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct item {
	struct ip_range range;
	size_t site; /* in gateway.sites */
};

static int by_first(const void *a, const void *b)
{
	return ip_addr_compare(&((const struct item *)a)->range.first,
			       &((const struct item *)b)->range.first);
}

static struct item *items_of(const struct gateway *g, size_t *count)
{
	struct item *items = NULL;
	size_t cap = 0;

	*count = 0;
	for (size_t i = 0; i < g->site_count; i++) {
		size_t n;
		struct ip_range *ranges;

		if (g->sites[i]->config.account[0] == '\0')
			continue;
		ranges = routes_ranges_of_site(&g->sites[i]->config, &n);
		for (size_t k = 0; k < n; k++) {
			if (*count == cap) {
				cap = cap * 2 + 64;
				items = mem_realloc_array(items, cap, sizeof(*items));
			}
			items[(*count)++] = (struct item){.range = ranges[k], .site = i};
		}
		free(ranges);
	}
	if (*count != 0)
		qsort(items, *count, sizeof(*items), by_first);
	return items;
}

/* Sites that have a network in common with one of another account. */
static bool find_overlaps(const struct gateway *g, const struct net_account *sites, bool *overlaps)
{
	size_t count, open_count = 0;
	struct item *items = items_of(g, &count);
	size_t *open = mem_calloc(count + 1, sizeof(*open)); /* ranges that have not ended */
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		size_t kept = 0;

		for (size_t k = 0; k < open_count; k++) {
			const struct item *x = &items[open[k]];

			if (!ip_range_overlaps(&x->range, &items[i].range))
				continue;
			open[kept++] = open[k];
			if (sites[x->site].account != sites[items[i].site].account)
				found = overlaps[x->site] = overlaps[items[i].site] = true;
		}
		open_count = kept;
		open[open_count++] = i;
	}
	free(open);
	free(items);
	return found;
}

/* Sites are in order of name, their indexes are not. */
static void number_tables(struct net_account *sites, const bool *overlaps, size_t count)
{
	uint32_t *lowest = mem_calloc(count + 1, sizeof(*lowest)); /* by account */
	bool *own = mem_calloc(count + 1, sizeof(*own));

	for (size_t i = 0; i < count; i++) {
		uint32_t a = sites[i].account;

		own[a] = own[a] || overlaps[i];
		if (lowest[a] == 0 || sites[i].site < lowest[a])
			lowest[a] = sites[i].site;
	}
	for (size_t i = 0; i < count; i++)
		sites[i].table = own[sites[i].account] ? lowest[sites[i].account] : 0;
	free(lowest);
	free(own);
}

static void tell_kernel(struct gateway *g, const struct net_account *sites, size_t count)
{
	uint32_t *numbers = mem_calloc(count + 1, sizeof(*numbers));
	struct err_msg e = {.text = ""};
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (sites[i].table != 0 && sites[i].table == sites[i].site)
			numbers[n++] = sites[i].table;
	}
	if (g->tables_failed || n != g->table_count ||
	    (n != 0 && memcmp(numbers, g->tables, n * sizeof(*numbers)) != 0)) {
		g->tables_failed = g->net->ops->tables(g->net, numbers, n, &e) != 0;
		if (g->tables_failed)
			gateway_dp_error(g, NULL, 0, "tables of accounts", e.text);
		if (g->tables_failed)
			gateway_retry_soon(g);
		free(g->tables);
		g->tables = numbers;
		g->table_count = n;
		return;
	}
	free(numbers);
}

void gateway_account_tables(struct gateway *g, struct net_account *sites)
{
	bool *overlaps = mem_calloc(g->site_count + 1, sizeof(*overlaps));

	if (g->overlap_problem[0] == '\0' && find_overlaps(g, sites, overlaps))
		number_tables(sites, overlaps, g->site_count);
	tell_kernel(g, sites, g->site_count);
	for (size_t i = 0; i < g->site_count; i++) {
		struct site *s = g->sites[i];
		struct routes_where where = {.table = sites[i].table, .main = !overlaps[i]};

		if (s->where.table == where.table && s->where.main == where.main)
			continue;
		s->where = where;
		site_route_again(s);
	}
	free(overlaps);
}

static uint32_t table_of(const struct gateway *g, const char *account)
{
	for (size_t i = 0; i < g->site_count; i++) {
		const struct site *s = g->sites[i];

		if (s->where.table != 0 && strcmp(s->config.account, account) == 0)
			return s->where.table;
	}
	return 0;
}

uint32_t gateway_account_table(const struct gateway *g, const char *account)
{
	uint32_t table = table_of(g, account);

	return table == 0 ? 0 : g->net->ops->table_id(table);
}

uint32_t gateway_account_mark(const struct gateway *g, const char *account)
{
	return table_of(g, account) << NET_TABLE_SHIFT;
}

void gateway_account_tables_audit(struct gateway *g)
{
	struct err_msg e = {.text = ""};

	if (g->table_count != 0 && g->net->ops->tables(g->net, g->tables, g->table_count, &e) != 0)
		log_line(g->log, LOG_LVL_WARNING, LOG_NET, "tables of accounts: %s", e.text);
}

static bool overlaps_other(const struct site *s, const struct site_config *c,
			   char text[2][IP_RANGE_TEXT_MAX])
{
	size_t n, m;
	struct ip_range *a = routes_ranges_of_site(c, &n),
			*b = routes_ranges_of_site(&s->config, &m);
	bool found = false;

	for (size_t i = 0; i < n * m && !found; i++) {
		found = ip_range_overlaps(&a[i / m], &b[i % m]);
		if (!found)
			continue;
		ip_range_text(&a[i / m], text[0], IP_RANGE_TEXT_MAX);
		ip_range_text(&b[i % m], text[1], IP_RANGE_TEXT_MAX);
	}
	free(a);
	free(b);
	return found;
}

int gateway_check_overlap(const struct gateway *g, const struct site_config *c, struct err_msg *e)
{
	char text[2][IP_RANGE_TEXT_MAX];

	for (size_t i = 0; i < g->site_count && g->overlap_problem[0] != '\0'; i++) {
		const struct site *s = g->sites[i];

		if (strcmp(s->config.name, c->name) == 0 ||
		    strcmp(s->config.account, c->account) == 0 || !overlaps_other(s, c, text))
			continue;
		return err_set(e, ERR_UNSUPPORTED,
			       "Site %s of account %s is not in force: its network %s overlaps %s "
			       "of site %s of account %s, and this kernel cannot keep them apart: "
			       "%.80s",
			       c->name, c->account, text[0], text[1], s->config.name,
			       s->config.account, g->overlap_problem);
	}
	return 0;
}

const char *gateway_overlap_problem(const struct gateway *g)
{
	return g->overlap_problem;
}
