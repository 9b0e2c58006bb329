/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accounts: whose sites may send to each other's.  Sites without an account belong together.  While
 * no site has one nobody is kept apart.
 */
#include "dataplane/site/gateway_state.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct name {
	const char *text;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* Names of accounts that sites have, in order and without repetitions. */
static size_t names_of(const struct gateway *g, struct name *out)
{
	size_t count = 0;

	for (size_t i = 0; i < g->site_count; i++)
		out[i].text = g->sites[i]->config.account;
	qsort(out, g->site_count, sizeof(*out), by_text);
	for (size_t i = 0; i < g->site_count; i++) {
		if (i == 0 || strcmp(out[count - 1].text, out[i].text) != 0)
			out[count++] = out[i];
	}
	return count;
}

/* 1, 2, ...; 0: no site has it. */
static uint32_t number_of(const struct name *names, size_t count, const char *text)
{
	const struct name key = {.text = text};
	const struct name *n = bsearch(&key, names, count, sizeof(*names), by_text);

	return n == NULL ? 0 : (uint32_t)(n - names) + 1;
}

static bool has_pair(const struct net_reach *list, size_t count, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].a == a && list[i].b == b)
			return true;
	}
	return false;
}

static size_t reach_of(const struct gateway *g, const struct name *names, size_t count,
		       struct net_reach *out)
{
	size_t n = 0;

	for (uint32_t i = 1; i <= count; i++)
		out[n++] = (struct net_reach){i, i};
	for (size_t i = 0; i < g->reach_count; i++) {
		uint32_t a = number_of(names, count, g->reach[i].from);
		uint32_t b = number_of(names, count, g->reach[i].to);

		if (a == 0 || b == 0 || has_pair(out, n, a, b))
			continue;
		out[n++] = (struct net_reach){a, b};
		out[n++] = (struct net_reach){b, a};
	}
	return n;
}

void gateway_accounts_sync(struct gateway *g)
{
	struct name *names;
	struct net_account *sites;
	struct net_reach *reach;
	size_t count, pairs;

	names = mem_calloc(g->site_count + 1, sizeof(*names));
	count = names_of(g, names);
	sites = mem_calloc(g->site_count + 1, sizeof(*sites));
	reach = mem_calloc(count + 2 * g->reach_count + 1, sizeof(*reach));
	for (size_t i = 0; i < g->site_count; i++) {
		const struct site *s = g->sites[i];

		sites[i] = (struct net_account){s->index,
						number_of(names, count, s->config.account), 0};
	}
	pairs = reach_of(g, names, count, reach);
	gateway_account_tables(g, sites);
	if (count == 0 || (count == 1 && names[0].text[0] == '\0'))
		g->net->ops->accounts(g->net, NULL, 0, NULL, 0);
	else
		g->net->ops->accounts(g->net, sites, g->site_count, reach, pairs);
	free(names);
	free(sites);
	free(reach);
}

void gateway_reach_set(struct gateway *g, const struct gateway_reach *list, size_t count)
{
	free(g->reach);
	g->reach = mem_dup(list, count * sizeof(*list));
	g->reach_count = count;
	g->all_sites_stale = true;
	gateway_pump(g);
}
