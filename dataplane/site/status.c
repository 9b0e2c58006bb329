/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What shows see: the state of sites and tunnels in operators' words.  Reads only.
 *
 * A tunnel that has failed is down with its reason, also while the next attempt runs; connecting is
 * said only while nothing has failed yet.
 */
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/publish.h"
#include "dataplane/site/status_reason.h"
#include "dataplane/site/steer.h"
#include "platform/base/enum_name.h"

#include <stdio.h>
#include <string.h>

#define ONE_WAY_BYTES	 300
#define ONE_WAY_MS	 10000
#define STORM_PER_MINUTE 6

static const struct enum_name state_names[] = {
	{TUNNEL_UP, "up"},
	{TUNNEL_CONNECTING, "connecting"},
	{TUNNEL_DOWN, "down"},
	{TUNNEL_INCOMPLETE, "incomplete"},
	{TUNNEL_ADMIN_DOWN, "admin-down"},
	{0, NULL},
};

const char *tunnel_state_name(enum tunnel_state s)
{
	return enum_name(state_names, (int)s);
}

static void say(struct tunnel_status *out, enum tunnel_state state, const char *reason,
		const char *hint)
{
	out->state = state;
	snprintf(out->reason, sizeof(out->reason), "%s", reason);
	snprintf(out->hint, sizeof(out->hint), "%s", hint);
}

static void say_cause(struct tunnel_status *out, enum tunnel_state state, enum ike_cause cause)
{
	const struct ike_cause_row *row = ike_cause_row(cause);

	say(out, state, ike_reason_name(row->reason),
	    row->fix_here[0] != '\0' ? row->fix_here : row->fix_peer);
	out->cause = cause;
}

static void say_reason(struct tunnel_status *out, enum status_reason r)
{
	say(out, TUNNEL_DOWN, status_reason_row(r)->name, status_reason_row(r)->sentence);
}

/* Reasons that say nothing about why the tunnel does not come up now. */
static bool is_past(enum ike_reason r)
{
	return r == IKE_REASON_NONE || r == IKE_REASON_ADMIN_DOWN ||
	       r == IKE_REASON_CONFIG_CHANGED || r == IKE_REASON_REPLACED;
}

static void say_waiting(const struct tunnel *t, struct tunnel_status *out)
{
	if (t->initiates)
		say(out, TUNNEL_CONNECTING, "-", "");
	else if (t->may_initiate)
		say_reason(out, STATUS_WAITING_FOR_TRAFFIC);
	else
		say_reason(out, STATUS_WAITING_FOR_PEER);
}

/* Carries traffic, but the last attempt to make or rekey something failed. */
static bool is_troubled(const struct tunnel *t, const struct tunnel_status *out)
{
	const struct ike_failure *f = &out->ike.failure;
	uint64_t newest_ms = out->ike.established_ms;
	struct ike_child_status c;

	if (is_past(f->reason) && f->cause != IKE_CAUSE_TWO_PEERS)
		return false;
	for (size_t i = 0; ike_engine_child_status(t->site->g->engine, t->id, i, &c) == 0; i++)
		if (c.since_ms > newest_ms)
			newest_ms = c.since_ms;
	/* Two peers are told in the moment in which one of them has come up. */
	return f->at_ms > newest_ms || (f->cause == IKE_CAUSE_TWO_PEERS && f->at_ms == newest_ms);
}

/* Sends for a while, and nothing has ever come back.  Liveness of IKE does not see it. */
static bool is_one_way(const struct tunnel *t)
{
	uint64_t rx = 0, tx = 0, drops = 0;

	site_tunnel_bytes(t, &rx, &tx, &drops);
	return rx == 0 && tx >= ONE_WAY_BYTES &&
	       gateway_clock(t->site->g) >= t->since_ms + ONE_WAY_MS;
}

/* While it is up, what is about to go wrong. */
static void say_up(struct tunnel *t, struct tunnel_status *out)
{
	if (is_troubled(t, out))
		say_cause(out, TUNNEL_UP, ike_failure_cause(&out->ike.failure));
	else if (is_one_way(t))
		say_cause(out, TUNNEL_UP, IKE_CAUSE_ONE_WAY);
	else if (site_tunnel_rekeys(t) >= STORM_PER_MINUTE + out->ike.child_count)
		say_cause(out, TUNNEL_UP, IKE_CAUSE_REKEY_STORM);
	else
		say(out, TUNNEL_UP, "-", "");
}

static void say_state(struct tunnel *t, struct tunnel_status *out)
{
	const char *missing = site_tunnel_lacks(t);

	out->state_since_ms = t->since_ms;
	if (missing != NULL)
		say(out, TUNNEL_INCOMPLETE, missing, "");
	else if (t->problem[0] != '\0')
		say(out, t->duplicate || t->pop_unavailable ? TUNNEL_DOWN : TUNNEL_INCOMPLETE,
		    t->problem, t->problem_hint);
	else if (t->up)
		say_up(t, out);
	else if (out->ike.admin_down)
		say_cause(out, TUNNEL_ADMIN_DOWN, IKE_CAUSE_ADMIN_DOWN);
	else if (!is_past(t->why.reason))
		say_cause(out, TUNNEL_DOWN, ike_failure_cause(&t->why));
	else if (out->ike.state == IKE_TUNNEL_DOWN)
		say_waiting(t, out);
	else {
		say(out, TUNNEL_CONNECTING, "-", "");
		out->state_since_ms = out->ike.state_since_ms;
	}
}

static void fill_peer(const struct tunnel *t, struct tunnel_status *out)
{
	const struct tunnel_config *c = site_tunnel_config_of(t);

	if (out->ike.state != IKE_TUNNEL_DOWN && ip_addr_is_set(&out->ike.remote.addr))
		out->peer = out->ike.remote;
	else if (ip_addr_is_set(&c->public_ip))
		out->peer = (struct ip_endpoint){.addr = c->public_ip, .port = 500};
	if (profile_peer_id(&t->site->config, t->role, t->index0, &out->peer_id_expected, NULL) !=
	    0)
		out->peer_id_expected.type = IKE_ID_NONE;
}

/* Where it is, or where it shall be. */
static void fill_pop(const struct tunnel *t, struct tunnel_status *out)
{
	const struct gateway *g = t->site->g;
	struct ike_tunnel_status st;
	const struct pop *p = NULL;

	if (t->up && ike_engine_tunnel_status(g->engine, t->id, &st) == 0)
		p = pops_of_address(&g->pops, &st.local.addr);
	if (p == NULL)
		p = pop_of_role(&t->site->choice, &g->pops, &t->site->config, t->role);
	if (p != NULL)
		memcpy(out->pop, p->name, sizeof(out->pop));
}

static void fill_tunnel(struct tunnel *t, struct tunnel_status *out)
{
	const struct tunnel_config *c = site_tunnel_config_of(t);

	memset(out, 0, sizeof(*out));
	out->role = t->role;
	out->index = t->index0 + 1;
	out->slot = t->slot;
	memcpy(out->name, c->name, sizeof(out->name));
	out->wan_role = c->wan_role;
	fill_pop(t, out);
	if (t->in_engine && ike_engine_tunnel_status(t->site->g->engine, t->id, &out->ike) != 0)
		memset(&out->ike, 0, sizeof(out->ike));
	say_state(t, out);
	fill_peer(t, out);
	site_tunnel_bytes(t, &out->rx_bytes, &out->tx_bytes, &out->replay_drops);
	out->rx_bps = t->rx.bps;
	out->tx_bps = t->tx.bps;
	out->last_down = t->last_down;
	out->health = health_state_of(&t->health);
	out->figures = t->health.figures;
	out->buckets = steer_held(&t->site->device.want_steering, t->slot);
}

static void fill_site(const struct site *s, struct site_status *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->name, s->config.name, sizeof(out->name));
	out->index = s->index;
	snprintf(out->device, sizeof(out->device), "ips%u", s->index);
	out->connected = s->ha.connected;
	out->active = s->ha.active;
	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if (s->tunnels[i] != NULL)
			fill_tunnel(s->tunnels[i], &out->tunnels[out->tunnel_count++]);
	}
}

int gateway_site_at(struct gateway *g, size_t index, struct site_status *out)
{
	if (index >= g->site_count)
		return ERR_NOT_FOUND;
	fill_site(g->sites[index], out);
	return 0;
}

int gateway_site_find(struct gateway *g, const char *name, struct site_status *out)
{
	const struct site *s = gateway_site(g, name);

	if (s == NULL)
		return ERR_NOT_FOUND;
	fill_site(s, out);
	return 0;
}

void gateway_site_shape(struct gateway *g, const char *name, struct net_shape *out)
{
	const struct site *s = gateway_site(g, name);

	if (s != NULL && s->device.capped)
		*out = s->device.shape;
}

size_t gateway_health_history(struct gateway *g, const char *site, uint8_t slot,
			      enum health_span span, struct health_point *out, size_t max)
{
	const struct site *s = gateway_site(g, site);
	const struct tunnel *t =
		s == NULL || slot < 1 || slot > DP_SLOTS ? NULL : s->tunnels[slot - 1];

	return t == NULL || t->history == NULL ? 0 : history_read(t->history, span, out, max);
}

int gateway_child_at(struct gateway *g, const char *site, uint8_t slot, size_t index,
		     struct child_status *out)
{
	const struct site *s = gateway_site(g, site);
	const struct tunnel *t;
	struct child_status found;

	if (s == NULL || slot < 1 || slot > DP_SLOTS)
		return ERR_NOT_FOUND;
	t = s->tunnels[slot - 1];
	if (t == NULL || !t->in_engine ||
	    ike_engine_child_status(g->engine, t->id, index, &found.ike) != 0)
		return ERR_NOT_FOUND;
	memset(&found.counters, 0, sizeof(found.counters));
	if (g->dp->ops->child_counters(g->dp, found.ike.child, &found.counters) != 0)
		memset(&found.counters, 0, sizeof(found.counters));
	*out = found;
	return 0;
}

size_t gateway_steps(struct gateway *g, const char *site, uint8_t slot, struct ike_step *out,
		     size_t max)
{
	const struct site *s = gateway_site(g, site);
	const struct tunnel *t =
		s == NULL || slot < 1 || slot > DP_SLOTS ? NULL : s->tunnels[slot - 1];

	return t == NULL || !t->in_engine ? 0 : ike_engine_steps(g->engine, t->id, out, max);
}

static const char *own_counter(const struct gateway *g, size_t index, uint64_t *value)
{
	const struct dns_update_counts dns = gateway_dns_update_counts(g);
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{"gateway_send_failed", g->counters.send_failed},
		{"gateway_dh_jobs", g->counters.dh_jobs},
		{"gateway_strangers_dropped", g->counters.strangers_dropped},
		{"gateway_unknown_peer_not_said", g->counters.unknown_peer_not_said},
		{"gateway_acquires", g->counters.acquires},
		{"gateway_dataplane_errors", g->counters.dataplane_errors},
		{"gateway_icmp_unreachable", g->counters.unreachable},
		{"gateway_dns_updates", dns.done},
		{"gateway_dns_updates_failed", dns.failed},
	};

	if (index >= sizeof(rows) / sizeof(rows[0]))
		return NULL;
	*value = rows[index].value;
	return rows[index].name;
}

/* Engine and data plane count some things under the same name: the prefix says whose. */
static const char *prefixed(struct gateway *g, const char *prefix, const char *name)
{
	if (name == NULL || strncmp(name, prefix, strlen(prefix)) == 0)
		return name;
	snprintf(g->counter_name, sizeof(g->counter_name), "%s%s", prefix, name);
	return g->counter_name;
}

/* The kernel counts from 0 again when the table is made anew. */
static void look_at_strangers(struct gateway *g)
{
	uint64_t now = g->net->ops->strangers_dropped(g->net);

	g->counters.strangers_dropped +=
		now - (now < g->strangers_dropped ? 0 : g->strangers_dropped);
	g->strangers_dropped = now;
}

/* Own ones, then the engine's, then the data plane's. */
const char *gateway_counter(struct gateway *g, size_t index, uint64_t *value)
{
	uint64_t ignored;
	size_t count;

	if (index == 0)
		look_at_strangers(g);
	for (count = 0; own_counter(g, count, &ignored) != NULL; count++)
		;
	if (index < count)
		return own_counter(g, index, value);
	index -= count;
	for (count = 0; ike_engine_counter(g->engine, count, &ignored) != NULL; count++)
		;
	if (index < count)
		return prefixed(g, "ike_", ike_engine_counter(g->engine, index, value));
	return prefixed(g, "esp_", g->dp->ops->counter(g->dp, index - count, value));
}
