/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The own address of tunnels without destination: what the routes of this machine say, looked up
 * when the engine begins a connection, and again when the network of this machine has changed.
 * Without it NAT detection cannot be right (RFC 7296 section 2.23).
 */
#include "dataplane/site/keep.h"

#define LOOKUPS_MAX 1000 /* in a second */

static void on_change(void *arg)
{
	struct gateway *g = arg;

	g->net_changes++;
}

/* Without it tunnels find out by themselves when they fall silent. */
void gateway_sources_start(struct gateway *g)
{
	struct err_msg e;

	if (g->net->ops->watch(g->net, g->loop, on_change, g, &e) != 0)
		log_line(g->log, LOG_LVL_WARNING, LOG_NET,
			 "%s: changed routes are not noticed at once", e.text);
}

void site_tunnel_find_source(struct tunnel *t, const struct ip_addr *toward)
{
	const struct ip_addr to = *toward; /* the engine's, and gone with the next call on it */
	struct gateway *g = t->site->g;
	struct ip_addr found = {.family = IP_NONE};
	struct err_msg e;

	t->path.seen = g->net_changes;
	t->path.toward = to;
	if (g->net->ops->source_for(g->net, &to, &found, &e) != 0)
		log_line(g->log, LOG_LVL_DEBUG, LOG_NET, "%s slot %u: %s", t->site->config.name,
			 t->slot, e.text);
	t->path.source = found;
	if (ip_addr_is_set(&found))
		ike_engine_source(g->engine, gateway_clock(g), t->id, &found);
}

static void look_again(struct tunnel *t)
{
	struct gateway *g = t->site->g;
	struct ip_addr found = {.family = IP_NONE};
	struct err_msg e;

	t->path.seen = g->net_changes;
	if (g->net->ops->source_for(g->net, &t->path.toward, &found, &e) != 0 ||
	    ip_addr_equal(&found, &t->path.source))
		return; /* as long as no other way is there, this one may come back */
	t->path.source = found;
	log_line(g->log, LOG_LVL_INFO, LOG_NET, "%s slot %u: other own address by route",
		 t->site->config.name, t->slot);
	ike_engine_source(g->engine, gateway_clock(g), t->id, &found);
	keep_site(t->site);
}

void gateway_sources_tick(struct gateway *g)
{
	unsigned left = LOOKUPS_MAX;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		struct tunnel *t = container_of(m, struct tunnel, node);

		if (t->path.seen == g->net_changes || !ip_addr_is_set(&t->path.toward))
			continue;
		if (left-- == 0)
			return;
		look_again(t);
	}
}
