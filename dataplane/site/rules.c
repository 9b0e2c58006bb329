/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network rules of all sites and what nftables is told: the rules themselves once, their slots with
 * each site.  Transactions that fail are tried again until they succeed.
 */
#include "dataplane/site/gateway_state.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define ALL_SITES_AT_ONCE 100

/* Numbers and matches of the rules in force for any site. */
static struct dp_rule *all_rules(const struct net_rule_list *l, size_t *count)
{
	struct dp_rule *out = l->count == 0 ? NULL : mem_calloc(l->count, sizeof(*out));

	*count = 0;
	for (size_t i = 0; i < l->count; i++) {
		if (!net_rule_in_force(&l->items[i]))
			continue;
		out[*count].number = l->items[i].priority;
		out[*count].match = l->items[i].match;
		++*count;
	}
	return out;
}

/* All rules in force, since the first that matches counts; none when no one has a priority. */
static struct net_class *all_classes(const struct gateway *g, size_t *count)
{
	const struct net_rule_list *l = &g->rules;
	struct net_bands bands = net_rules_bands(l);
	struct net_class *out = l->count == 0 ? NULL : mem_calloc(l->count, sizeof(*out));
	uint8_t some = 0;

	*count = 0;
	for (size_t i = 0; i < l->count; i++) {
		const struct net_rule *r = &l->items[i];
		const struct site *s = r->site[0] == '\0' ? NULL : gateway_site(g, r->site);

		if (!net_rule_in_force(r) || (r->site[0] != '\0' && s == NULL))
			continue;
		out[*count] = (struct net_class){.match = r->match,
						 .site = s == NULL ? 0 : s->index,
						 .band = bands.of[r->qos_priority]};
		some |= out[(*count)++].band;
	}
	*count = some == 0 ? 0 : *count;
	return out;
}

static void classes_sync(struct gateway *g)
{
	size_t count;
	struct net_class *all = all_classes(g, &count);

	g->net->ops->classes(g->net, all, count);
	free(all);
}

unsigned site_bands(const struct site *s)
{
	const struct net_rule_list *l = &s->g->rules;
	struct net_bands bands;
	unsigned most = 0;

	if (l->count == 0)
		return 0;
	bands = net_rules_bands(l);
	for (size_t i = 0; i < l->count; i++) {
		unsigned band = bands.of[l->items[i].qos_priority];

		if (band > most && net_rule_is_for(&l->items[i], s->config.name))
			most = band;
	}
	return most;
}

void gateway_rules_set(struct gateway *g, const struct net_rule_list *rules)
{
	struct dp_rule *all;
	size_t count;

	if (net_rules_equal(&g->rules, rules))
		return;
	net_rules_copy(&g->rules, rules);
	all = all_rules(rules, &count);
	if ((g->dp->ops->features & DP_BY_MARK) != 0)
		g->net->ops->steer_rules(g->net, all, count);
	free(all);
	g->all_sites_stale = true;
	for (size_t i = 0; i < g->site_count; i++)
		gateway_mark(g->sites[i]);
	gateway_pump(g);
}

uint64_t gateway_rule_hits(struct gateway *g, uint32_t priority)
{
	uint64_t hits = 0;

	if ((g->dp->ops->features & DP_BY_MARK) != 0)
		return g->net->ops->rule_hits(g->net, priority);
	if ((g->dp->ops->features & DP_RULES) == 0)
		return 0;
	for (size_t i = 0; i < g->site_count; i++)
		hits += g->dp->ops->rule_hits(g->dp, g->sites[i]->index, priority);
	return hits;
}

/* Sites whose packets lose their DF bit. */
static void df_sync(struct gateway *g)
{
	uint32_t *sites = mem_calloc(g->site_count + 1, sizeof(*sites));
	size_t count = 0;

	for (size_t i = 0; i < g->site_count; i++) {
		if (g->sites[i]->config.df_bit == SITE_DF_CLEAR)
			sites[count++] = g->sites[i]->index;
	}
	g->net->ops->clear_df(g->net, sites, count);
	free(sites);
}

/* Accounts, DF bits and priorities: with many sites not for each of them that comes in this turn.
 */
static void sync_all_sites(struct gateway *g)
{
	uint64_t now_ms = gateway_clock(g);

	if (!g->all_sites_stale)
		return;
	if (g->site_count > ALL_SITES_AT_ONCE && g->all_sites_ms == now_ms) {
		if (!heap_contains(&g->all_sites_timer.node))
			loop_timer_set(g->loop, &g->all_sites_timer, now_ms + 1);
		return;
	}
	g->all_sites_stale = false;
	g->all_sites_ms = now_ms;
	gateway_accounts_sync(g);
	df_sync(g);
	classes_sync(g);
}

void gateway_all_sites_due(void *arg)
{
	gateway_steer_commit(arg, true);
}

void gateway_steer_commit(struct gateway *g, bool again)
{
	struct err_msg e = {.text = ""};

	/* Each attempt after a failure makes everything anew: not with every packet. */
	if (g->closing || (g->steer_failed && !again))
		return;
	sync_all_sites(g);
	if (g->net->ops->steer_commit(g->net, &e) == 0) {
		g->steer_failed = false;
		return;
	}
	if (!g->steer_failed)
		gateway_dp_error(g, NULL, 0, "steering", e.text);
	g->steer_failed = true;
	gateway_retry_soon(g);
}

void gateway_steer_audit(struct gateway *g)
{
	if (!g->net->ops->steer_audit(g->net))
		log_line(g->log, LOG_LVL_WARNING, LOG_NET,
			 "table inet ikesh was changed by somebody else and is made anew");
}
