/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child SAs between engine and data plane: install, update, remove, and the second-by-second look
 * at their counters.  Owns the list of what is installed.
 */
#include "dataplane/site/gateway_state.h"
#include "platform/base/mem.h"

#include <stdlib.h>

static struct child *find(const struct gateway *g, uint32_t number)
{
	struct map_node *node = map_find(&g->children, &number, sizeof(number));

	return node == NULL ? NULL : container_of(node, struct child, node);
}

static int install_in_device(struct gateway *g, struct tunnel *t, struct ike_child_install *install,
			     struct err_msg *e)
{
	struct site *s = t->site;

	if (!s->device.added && !site_device_sync_now(s) && !s->device.added)
		return err_set(e, ERR_WRONG_STATE, "the device of the site is not there");
	return g->dp->ops->child_add(g->dp, s->index, t->slot, install, e);
}

void site_child_install(struct gateway *g, uint32_t tunnel, struct ike_child_install *install)
{
	struct tunnel *t = gateway_tunnel(g, tunnel);
	uint32_t number = install->child;
	struct err_msg e = {.text = ""};
	struct child *c;

	if (t == NULL || install_in_device(g, t, install, &e) != 0) {
		if (t != NULL)
			gateway_dp_error(g, t->site, t->slot, "Child SA", e.text);
		ike_engine_child_refused(g->engine, gateway_clock(g), number);
		return;
	}
	c = mem_zalloc(sizeof(*c));
	c->number = number;
	c->tunnel = t;
	c->peer = install->remote.addr;
	if (!map_insert(&g->children, &c->node, &c->number, sizeof(c->number))) {
		free(c); /* the engine installs a child again: the one that is known goes on */
		return;
	}
	list_append(&t->children, &c->in_tunnel);
	g->net->ops->peer_hold(g->net, &c->peer);
	gateway_mark(t->site);
}

static void follow_peer(struct gateway *g, struct child *c, const struct ip_addr *now)
{
	if (ip_addr_equal(&c->peer, now))
		return;
	g->net->ops->peer_hold(g->net, now);
	g->net->ops->peer_drop(g->net, &c->peer);
	c->peer = *now;
	gateway_mark(c->tunnel->site);
}

void site_child_update(struct gateway *g, const struct ike_child_update *u)
{
	struct child *c = find(g, u->child);
	struct err_msg e = {.text = ""};

	if (c == NULL)
		return;
	follow_peer(g, c, &u->remote.addr);
	if (g->dp->ops->child_update(g->dp, u, &e) == 0)
		return;
	gateway_dp_error(g, c->tunnel->site, c->tunnel->slot, "Child SA", e.text);
	ike_engine_child_broken(g->engine, gateway_clock(g), u->child);
}

static void forget(struct gateway *g, struct child *c)
{
	struct tunnel *t = c->tunnel;

	(void)g->dp->ops->child_counters(g->dp, c->number, &c->counters);
	t->rx_done += c->counters.rx_bytes;
	t->tx_done += c->counters.tx_bytes;
	g->dp->ops->child_remove(g->dp, c->number);
	g->net->ops->peer_drop(g->net, &c->peer);
	list_remove(&c->in_tunnel);
	map_remove(&g->children, &c->node);
	free(c);
	gateway_mark(t->site);
}

void site_child_delete(struct gateway *g, uint32_t number)
{
	struct child *c = find(g, number);

	if (c != NULL)
		forget(g, c);
}

void site_children_drop(struct tunnel *t)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &t->children)
		forget(t->site->g, container_of(node, struct child, in_tunnel));
}

/* Tell the engine when something arrived since the last look: it spares liveness probes. */
static void sample(struct gateway *g, struct child *c, uint64_t now_ms)
{
	uint64_t before = c->counters.rx_last_ms;
	uint64_t last;

	if (g->dp->ops->child_counters(g->dp, c->number, &c->counters) != 0)
		return;
	last = c->counters.rx_last_ms;
	if (last == 0 || last == before)
		return;
	ike_engine_child_traffic(g->engine, now_ms, c->number, last < now_ms ? last : now_ms);
}

void site_tunnel_bytes(const struct tunnel *t, uint64_t *rx, uint64_t *tx, uint64_t *replay_drops)
{
	struct list *node;
	struct list *after;

	*rx = t->rx_done;
	*tx = t->tx_done;
	*replay_drops = 0;
	list_for_each(node, after, &t->children)
	{
		const struct child *c = container_of(node, struct child, in_tunnel);

		*rx += c->counters.rx_bytes;
		*tx += c->counters.tx_bytes;
		*replay_drops += c->counters.replay_drops;
	}
}

void site_children_sample(struct tunnel *t, uint64_t now_ms)
{
	uint64_t rx, tx, drops;
	struct list *node;
	struct list *after;

	if (!t->up && list_is_empty(&t->children) && t->rx.bps == 0 && t->tx.bps == 0)
		return;
	list_for_each(node, after, &t->children)
		sample(t->site->g, container_of(node, struct child, in_tunnel), now_ms);
	site_tunnel_bytes(t, &rx, &tx, &drops);
	rate_sample(&t->rx, now_ms, rx);
	rate_sample(&t->tx, now_ms, tx);
}
