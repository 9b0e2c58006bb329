/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Taking over from an earlier process: its engine goes on with ours, sites and tunnels get their
 * numbers and their past again.  Nothing is told to anybody: whoever was up is up.
 */
#include "dataplane/site/keep.h"

#include "platform/base/mem.h"
#include "platform/os/keeper.h"
#include "platform/os/state_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct taken_record {
	struct map_node node; /* key: name */
	struct {
		uint64_t kind, key;
	} name;
	struct secret bytes;
};

struct past_site {
	struct map_node node; /* key: name */
	struct kept_site kept;
};

struct taken {
	struct map records; /* struct taken_record */
	struct map sites;   /* struct past_site */
	struct kept_gateway gateway;
	uint32_t index_max;
	size_t up;
};

/* ---- Reading --------------------------------------------------------------------------------- */

static void take_record(void *arg, uint32_t kind, uint64_t key, struct view bytes)
{
	struct taken *t = arg;
	struct taken_record *r = mem_zalloc(sizeof(*r));
	struct map_node *before;

	r->name.kind = kind;
	r->name.key = key;
	secret_set(&r->bytes, bytes.data, bytes.len);
	before = map_find(&t->records, &r->name, sizeof(r->name));
	if (before != NULL) { /* replaced in the moment of the end */
		struct taken_record *old = container_of(before, struct taken_record, node);

		secret_move(&old->bytes, &r->bytes);
		free(r);
		return;
	}
	(void)map_insert(&t->records, &r->node, &r->name, sizeof(r->name));
}

static const struct secret *record(const struct taken *t, uint64_t kind, uint64_t key)
{
	struct taken_record wanted;
	struct map_node *n;

	memset(&wanted, 0, sizeof(wanted));
	wanted.name.kind = kind;
	wanted.name.key = key;
	n = map_find(&t->records, &wanted.name, sizeof(wanted.name));
	return n == NULL ? NULL : &container_of(n, struct taken_record, node)->bytes;
}

static int read_gateway(struct taken *t, const struct gateway *g, struct err_msg *e)
{
	const struct secret *s = record(t, KEEP_GATEWAY, 0);

	if (s == NULL || record(t, KEEP_BASE, 0) == NULL)
		return err_set(e, ERR_INVALID, "it is not complete");
	if (s->len != sizeof(t->gateway))
		return err_set(e, ERR_UNSUPPORTED, "it is of another version");
	memcpy(&t->gateway, s->data, sizeof(t->gateway));
	t->gateway.dataplane[sizeof(t->gateway.dataplane) - 1] = '\0';
	t->gateway.version[sizeof(t->gateway.version) - 1] = '\0';
	if (strcmp(t->gateway.dataplane, g->dp->ops->name) != 0)
		return err_set(e, ERR_WRONG_STATE, "it is of data plane %s, this is %s",
			       t->gateway.dataplane, g->dp->ops->name);
	return 0;
}

static int read_site(struct taken *t, const struct secret *s, struct err_msg *e)
{
	struct past_site *p;

	if (s->len != sizeof(p->kept))
		return err_set(e, ERR_UNSUPPORTED, "it is of another version");
	p = mem_zalloc(sizeof(*p));
	memcpy(&p->kept, s->data, sizeof(p->kept));
	p->kept.name[sizeof(p->kept.name) - 1] = '\0';
	if (p->kept.index < 1 || p->kept.index > 99999 ||
	    !map_insert(&t->sites, &p->node, p->kept.name, strlen(p->kept.name))) {
		free(p);
		return err_set(e, ERR_INVALID, "it is damaged");
	}
	if (p->kept.index > t->index_max)
		t->index_max = p->kept.index;
	return 0;
}

/* The base, and behind it each tunnel. */
static void join(const struct taken *t, struct secret *state)
{
	const struct secret *base = record(t, KEEP_BASE, 0);
	size_t len = base->len, at = base->len;
	struct list *node, *after;

	list_for_each(node, after, &t->records.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		const struct taken_record *r = container_of(n, struct taken_record, node);

		len += r->name.kind == KEEP_TUNNEL ? r->bytes.len : 0;
	}
	secret_alloc(state, len);
	memcpy(state->data, base->data, base->len);
	list_for_each(node, after, &t->records.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		const struct taken_record *r = container_of(n, struct taken_record, node);

		if (r->name.kind != KEEP_TUNNEL)
			continue;
		memcpy(state->data + at, r->bytes.data, r->bytes.len);
		at += r->bytes.len;
	}
}

static int read_sites(struct taken *t, struct err_msg *e)
{
	struct list *node, *after;
	int rc = 0;

	list_for_each(node, after, &t->records.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		const struct taken_record *r = container_of(n, struct taken_record, node);

		if (r->name.kind == KEEP_SITE && rc == 0)
			rc = read_site(t, &r->bytes, e);
	}
	return rc;
}

static int restore(struct taken *t, struct gateway *g, const struct ike_limits *limits,
		   const struct ike_random *random, struct err_msg *e)
{
	struct secret state = SECRET_NONE;
	struct ike_engine *engine = NULL;
	int rc;

	join(t, &state);
	rc = ike_engine_restore(limits, random, gateway_clock(g), secret_view(&state), &engine);
	secret_clear(&state);
	if (rc == ERR_UNSUPPORTED)
		return err_set(e, rc, "it is of another version");
	if (rc != 0)
		return err_set(e, rc, "it is damaged (%s)", err_name(rc));
	ike_engine_free(g->engine);
	g->engine = engine;
	return 0;
}

static void clear_records(struct taken *t)
{
	struct list *node, *after;

	list_for_each(node, after, &t->records.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		struct taken_record *r = container_of(n, struct taken_record, node);

		secret_clear(&r->bytes);
		map_remove(&t->records, n);
		free(r);
	}
	map_clear(&t->records);
}

void taken_free(struct gateway *g)
{
	struct list *node, *after;

	if (g->taken == NULL)
		return;
	clear_records(g->taken);
	list_for_each(node, after, &g->taken->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		map_remove(&g->taken->sites, n);
		free(container_of(n, struct past_site, node));
	}
	map_clear(&g->taken->sites);
	free(g->taken);
	g->taken = NULL;
}

/* ---- The beginning --------------------------------------------------------------------------- */

static void refuse(struct gateway *g, const char *why)
{
	taken_free(g);
	keeper_drop_rest(g->options.keeper);
	event_emit(g->events, EVENT_NOT_TAKEN_OVER, NULL, 0,
		   "The state of the earlier process cannot be taken over: %s; all tunnels are "
		   "negotiated anew",
		   why);
}

bool taken_begin(struct gateway *g, const struct ike_limits *limits,
		 const struct ike_random *random)
{
	int fd = keeper_take(g->options.keeper, KEEP_STATE);
	struct err_msg e = {.text = ""};
	int rc;

	if (fd < 0)
		return false;
	g->taken = mem_zalloc(sizeof(*g->taken));
	map_init(&g->taken->records, NULL);
	map_init(&g->taken->sites, NULL);
	rc = state_log_read(fd, take_record, g->taken, &e);
	close(fd);
	if (rc == 0)
		rc = read_gateway(g->taken, g, &e);
	if (rc == 0)
		rc = read_sites(g->taken, &e);
	if (rc == 0)
		rc = restore(g->taken, g, limits, random, &e);
	if (rc != 0) {
		refuse(g, e.text);
		return false;
	}
	clear_records(g->taken);
	g->held = true;
	routes_adopt(&g->routes);
	g->counters = g->taken->gateway.counters;
	g->last_tunnel_id = g->taken->gateway.last_tunnel_id;
	g->index_free = g->taken->index_max + 1; /* new sites come behind */
	return true;
}

/* ---- Sites and tunnels ----------------------------------------------------------------------- */

static const struct kept_site *past_of(const struct gateway *g, const char *site)
{
	struct map_node *n;

	if (g->taken == NULL)
		return NULL;
	n = map_find(&g->taken->sites, site, strlen(site));
	return n == NULL ? NULL : &container_of(n, struct past_site, node)->kept;
}

uint32_t taken_index(const struct gateway *g, const char *site)
{
	const struct kept_site *p = past_of(g, site);

	return p == NULL ? 0 : p->index;
}

void taken_site(struct site *s)
{
	const struct kept_site *p = past_of(s->g, s->config.name);

	if (p == NULL)
		return;
	s->ha = p->ha;
	s->device.shape = p->shape;
	s->device.shaped = p->shaped;
	s->device.ifindex = p->ifindex;
	s->device.prepared = p->prepared;
	s->device.want_carrier = s->device.carrier = p->carrier;
	s->device.carrier_known = p->carrier_set;
	s->device.want_steering = p->steering;
	memcpy(s->device.pairs, p->pairs, sizeof(p->pairs));
}

uint32_t taken_tunnel_id(const struct site *s, uint8_t slot)
{
	const struct kept_site *p = past_of(s->g, s->config.name);
	uint32_t id = p == NULL ? 0 : p->tunnels[slot - 1].id;

	return id == 0 || gateway_tunnel(s->g, id) != NULL ? 0 : id;
}

void taken_tunnel(struct tunnel *t)
{
	const struct kept_site *p = past_of(t->site->g, t->site->config.name);
	const struct kept_tunnel *k = p == NULL ? NULL : &p->tunnels[t->slot - 1];

	if (k == NULL || k->id != t->id)
		return;
	t->up = k->up;
	t->terminated = k->terminated;
	t->since_ms = k->since_ms;
	t->rx_done = k->rx_done;
	t->tx_done = k->tx_done;
	t->why = k->why;
	t->last_down = k->last_down;
	t->said = k->said;
	t->path.toward = k->toward;
	t->path.source = k->source;
	t->path.seen = t->site->g->net_changes - 1; /* what changed meanwhile, nobody saw */
	t->site->g->taken->up += k->up;
}

/* ---- The end --------------------------------------------------------------------------------- */

void taken_remove_surplus(struct gateway *g)
{
	uint32_t id;
	size_t i = 0;

	while ((id = ike_engine_tunnel_at(g->engine, i)) != 0) {
		const struct tunnel *t = gateway_tunnel(g, id);

		if (t != NULL && t->in_engine)
			i++;
		else
			ike_engine_tunnel_remove(g->engine, gateway_clock(g), id);
	}
}

static bool is_ours(void *arg, uint32_t site)
{
	const struct site *s = gateway_site_by_index(arg, site);

	return s != NULL && s->device.added;
}

static size_t count_up(const struct gateway *g)
{
	struct list *node, *after;
	size_t count = 0;

	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		count += container_of(n, struct tunnel, node)->up;
	}
	return count;
}

static void settle(struct gateway *g)
{
	if (g->dp->ops->settled != NULL)
		g->dp->ops->settled(g->dp);
	keeper_drop_rest(g->options.keeper);
	g->net->ops->clean(g->net, is_ours, g, g->log);
	gateway_services_again(g);
	if (!routes_audit(&g->routes))
		gateway_retry_soon(g);
}

void taken_end(struct gateway *g)
{
	if (!g->held) {
		keep_all(g);
		return;
	}
	g->held = false;
	gateway_pump(g);
	g->index_free = 1;
	settle(g);
	event_emit(g->events, EVENT_TAKEN_OVER, NULL, 0,
		   "Taken over from the earlier process (%s): %zu of %zu tunnels that were up",
		   g->taken->gateway.version, count_up(g), g->taken->up);
	taken_free(g);
	keep_all(g);
}
