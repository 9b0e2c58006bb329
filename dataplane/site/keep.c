/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing what outlives the process; see keep.h. */
#include "dataplane/site/keep.h"

#include "platform/base/mem.h"
#include "platform/os/keeper.h"
#include "platform/os/state_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message that waits until everything is written. */
struct waiting {
	struct list node;
	struct ike_send send;
	uint8_t bytes[];
};

struct keep {
	struct keeper *keeper; /* borrowed */
	struct state_log *log;
	struct list sends;   /* struct waiting */
	struct map touched;  /* struct touched */
	struct map recorded; /* struct touched: tunnels that have a record */
};

struct touched {
	struct map_node node; /* key: id */
	uint32_t id;
};

static bool hold(void *arg, int fd)
{
	const struct keep *k = arg;

	return keeper_put(k->keeper, KEEP_STATE, fd, true);
}

void keep_start(struct gateway *g)
{
	struct keep *k;

	if (g->options.keeper == NULL)
		return;
	k = g->keep = mem_zalloc(sizeof(*k));
	k->keeper = g->options.keeper;
	k->log = state_log_new(hold, k);
	list_init(&k->sends);
	map_init(&k->touched, NULL);
	map_init(&k->recorded, NULL);
}

/* ---- Sets of tunnels ------------------------------------------------------------------------- */

static void set_add(struct map *m, uint32_t id)
{
	struct touched *t;

	if (map_find(m, &id, sizeof(id)) != NULL)
		return;
	t = mem_zalloc(sizeof(*t));
	t->id = id;
	(void)map_insert(m, &t->node, &t->id, sizeof(t->id));
}

static void set_remove(struct map *m, uint32_t id)
{
	struct map_node *n = map_find(m, &id, sizeof(id));

	if (n == NULL)
		return;
	map_remove(m, n);
	free(container_of(n, struct touched, node));
}

static void set_clear(struct map *m)
{
	struct list *node, *after;

	list_for_each(node, after, &m->order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		map_remove(m, n);
		free(container_of(n, struct touched, node));
	}
	map_clear(m);
}

static void drop_sends(struct keep *k)
{
	struct list *node, *after;

	list_for_each(node, after, &k->sends) free(container_of(node, struct waiting, node));
	list_init(&k->sends);
}

void keep_stop(struct gateway *g)
{
	struct keep *k = g->keep;

	if (k == NULL)
		return;
	drop_sends(k);
	set_clear(&k->touched);
	set_clear(&k->recorded);
	state_log_free(k->log);
	free(k);
	g->keep = NULL;
}

/* ---- Tunnels --------------------------------------------------------------------------------- */

void keep_touch(struct gateway *g, uint32_t tunnel)
{
	if (g->keep != NULL && tunnel != 0 && !g->closing)
		set_add(&g->keep->touched, tunnel);
}

void keep_forget_tunnel(struct gateway *g, uint32_t tunnel)
{
	if (g->keep == NULL)
		return;
	set_remove(&g->keep->touched, tunnel);
	set_remove(&g->keep->recorded, tunnel);
	state_log_drop(g->keep->log, KEEP_TUNNEL, tunnel);
}

/* One that was never up has nothing that could be lost. */
static bool is_worth_it(const struct gateway *g, uint32_t id)
{
	struct ike_tunnel_status st;

	return map_find(&g->keep->recorded, &id, sizeof(id)) != NULL ||
	       (ike_engine_tunnel_status(g->engine, id, &st) == 0 && st.state == IKE_TUNNEL_UP);
}

static void write_tunnel(struct gateway *g, uint32_t id)
{
	struct secret part = SECRET_NONE;

	if (!is_worth_it(g, id))
		return;
	if (ike_engine_save_tunnel(g->engine, id, &part) != 0) {
		keep_forget_tunnel(g, id);
		return;
	}
	state_log_put(g->keep->log, KEEP_TUNNEL, id, secret_view(&part));
	set_add(&g->keep->recorded, id);
	secret_clear(&part);
}

static void write_touched(struct gateway *g)
{
	struct map *m = &g->keep->touched;

	while (!list_is_empty(&m->order)) {
		struct map_node *n = container_of(m->order.next, struct map_node, order);
		struct touched *t = container_of(n, struct touched, node);
		uint32_t id = t->id;

		map_remove(m, n);
		free(t);
		write_tunnel(g, id);
	}
}

/* ---- Sites ----------------------------------------------------------------------------------- */

static struct kept_tunnel kept_of(const struct tunnel *t)
{
	return (struct kept_tunnel){
		.id = t->id,
		.up = t->up,
		.engine_up = t->engine_up,
		.terminated = t->terminated,
		.since_ms = t->since_ms,
		.rx_done = t->rx_done,
		.tx_done = t->tx_done,
		.why = t->why,
		.last_down = t->last_down,
		.said = t->said,
		.toward = t->path.toward,
		.source = t->path.source,
	};
}

void keep_site(const struct site *s)
{
	struct kept_site r = {.len = sizeof(r), .index = s->index, .ha = s->ha};

	if (s->g->keep == NULL || s->leaving || s->g->closing)
		return;
	memcpy(r.name, s->config.name, sizeof(r.name));
	r.shape = s->device.shape;
	r.shaped = s->device.shaped;
	r.ifindex = s->device.ifindex;
	r.prepared = s->device.prepared;
	r.carrier = s->device.want_carrier;
	r.carrier_set = s->device.carrier_known && s->device.carrier == r.carrier;
	r.steering = s->device.want_steering;
	memcpy(r.pairs, s->device.pairs, sizeof(r.pairs));
	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if (s->tunnels[i] != NULL)
			r.tunnels[i] = kept_of(s->tunnels[i]);
	}
	state_log_put(s->g->keep->log, KEEP_SITE, s->index, view_of(&r, sizeof(r)));
}

void keep_forget_site(const struct site *s)
{
	if (s->g->keep != NULL)
		state_log_drop(s->g->keep->log, KEEP_SITE, s->index);
}

/* ---- All ------------------------------------------------------------------------------------- */

bool keep_send(struct gateway *g, const struct ike_send *send)
{
	size_t len = send->payload.len;
	struct waiting *w;

	if (g->keep == NULL || g->closing)
		return false;
	w = mem_zalloc(sizeof(*w) + len);
	w->send = *send;
	memcpy(w->bytes, send->payload.data, len);
	w->send.payload = view_of(w->bytes, len);
	list_append(&g->keep->sends, &w->node);
	return true;
}

void keep_flush(struct gateway *g)
{
	struct keep *k = g->keep;
	struct list *node;

	if (k == NULL)
		return;
	write_touched(g);
	while ((node = list_take(&k->sends)) != NULL) {
		struct waiting *w = container_of(node, struct waiting, node);

		gateway_send(g, &w->send);
		free(w);
	}
}

static void write_gateway(struct gateway *g)
{
	struct kept_gateway r = {.len = sizeof(r),
				 .last_tunnel_id = g->last_tunnel_id,
				 .counters = g->counters};

	snprintf(r.dataplane, sizeof(r.dataplane), "%s", g->dp->ops->name);
	snprintf(r.version, sizeof(r.version), "%s", IKESH_VERSION);
	state_log_put(g->keep->log, KEEP_GATEWAY, 0, view_of(&r, sizeof(r)));
}

void keep_tick(struct gateway *g)
{
	struct secret base = SECRET_NONE;

	if (g->keep == NULL || ike_engine_save_base(g->engine, &base) != 0)
		return;
	state_log_put(g->keep->log, KEEP_BASE, 0, secret_view(&base));
	secret_clear(&base);
	write_gateway(g);
}

void keep_all(struct gateway *g)
{
	struct list *node, *after;

	if (g->keep == NULL)
		return;
	keep_tick(g);
	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		keep_touch(g, container_of(n, struct tunnel, node)->id);
	}
	keep_flush(g);
	for (size_t i = 0; i < g->site_count; i++)
		keep_site(g->sites[i]);
}
