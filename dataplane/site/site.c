/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A site while it runs: which tunnels it has, which HA role carries its traffic, and what follows
 * from that for its device and its routes.  A site that traffic may bring up keeps carrier and
 * routes while it is down, so that the first packet asks for its tunnels and none leaks elsewhere.
 */
#include "dataplane/site/bgp_state.h"
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/keep.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

static void on_ha_timer(void *arg)
{
	struct site *s = arg;

	gateway_mark(s);
	gateway_pump(s->g);
}

struct site *site_new(struct gateway *g, const char *name)
{
	struct site *s = mem_zalloc(sizeof(*s));

	s->g = g;
	site_config_init(&s->config, name);
	ha_init(&s->ha);
	s->ha_timer = (struct loop_timer){.fn = on_ha_timer, .arg = s};
	s->where.main = true;
	list_init(&s->claims);
	list_init(&s->marked);
	list_init(&s->unbuilt);
	gateway_insert_site(g, s);
	g->all_sites_stale = true;
	taken_site(s);
	return s;
}

void site_free(struct site *s)
{
	struct gateway *g = s->g;

	s->leaving = true;
	loop_timer_cancel(g->loop, &s->ha_timer);
	routes_release(&g->routes, &s->claims);
	for (unsigned i = 0; i < DP_SLOTS; i++)
		site_tunnel_free(s->tunnels[i]);
	site_device_remove(s);
	keep_forget_site(s);
	list_remove(&s->marked);
	list_remove(&s->unbuilt);
	gateway_withdraw_site(g, s);
	g->all_sites_stale = true;
	g->book_stale = g->publish_stale = true;
	bgp_stale(g);
	site_config_clear(&s->config);
	free(s);
}

/* The config is the new one already: tunnels that it does not have go, others are compared by the
 * engine. */
void site_configure(struct site *s, const struct site_config *c)
{
	site_config_copy(&s->config, c);
	s->steer_anew = true;
	site_choose_pops(s);
	for (unsigned r = 0; r < SITE_ROLES; r++) {
		for (unsigned i = 0; i < SITE_TUNNELS; i++) {
			unsigned at = site_slot((enum site_role)r, i) - 1U;
			struct tunnel *t = s->tunnels[at];

			if (!c->tunnels[r][i].present) {
				s->tunnels[at] = NULL;
				site_tunnel_free(t);
				continue;
			}
			if (t == NULL)
				t = s->tunnels[at] = site_tunnel_new(s, (enum site_role)r, i);
			site_tunnel_apply(t);
		}
	}
	s->g->all_sites_stale = true;
	gateway_mark(s);
	bgp_stale(s->g);
}

unsigned site_up_count(const struct site *s, enum site_role role)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SITE_TUNNELS; i++) {
		const struct tunnel *t = s->tunnels[site_slot(role, i) - 1];

		count += t != NULL && t->up;
	}
	return count;
}

static bool may_acquire(const struct tunnel *t)
{
	return t != NULL && t->in_engine && t->may_initiate && !t->initiates && !t->terminated;
}

unsigned site_on_demand(const struct site *s)
{
	unsigned slots = 0;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if (may_acquire(s->tunnels[i]))
			slots |= 1U << i;
	}
	return slots;
}

#define ROLE_SLOTS ((1U << SITE_TUNNELS) - 1)

static enum site_role role_of_slots(const struct site *s, unsigned slots)
{
	unsigned active = ROLE_SLOTS << (site_slot(s->ha.active, 0) - 1);

	if ((slots & active) != 0)
		return s->ha.active;
	return s->ha.active == SITE_PRIMARY ? SITE_SECONDARY : SITE_PRIMARY;
}

/* Start those of the role that rest; true when one of them has failed lately. */
static bool acquire_role(struct site *s, enum site_role role)
{
	struct gateway *g = s->g;
	uint64_t now_ms = gateway_clock(g);
	bool failed = false;

	for (unsigned i = 0; i < SITE_TUNNELS; i++) {
		struct tunnel *t = s->tunnels[site_slot(role, i) - 1];
		struct ike_tunnel_status st;

		if (!may_acquire(t) || ike_engine_tunnel_status(g->engine, t->id, &st) != 0 ||
		    st.state != IKE_TUNNEL_DOWN)
			continue;
		if (t->why.reason != IKE_REASON_NONE && t->acquired_ms != 0 &&
		    now_ms - t->acquired_ms < s->config.rebuild_s * 1000ULL) {
			failed = true;
			continue;
		}
		t->acquired_ms = now_ms;
		if (ike_engine_command(g->engine, now_ms, t->id, IKE_CMD_INITIATE) != 0)
			failed = true;
	}
	return failed;
}

void site_acquire(struct site *s)
{
	enum site_role role;

	if (s->ha.connected || site_on_demand(s) == 0)
		return;
	role = role_of_slots(s, site_on_demand(s));
	if (acquire_role(s, role))
		acquire_role(s, role == SITE_PRIMARY ? SITE_SECONDARY : SITE_PRIMARY);
}

static void route(struct site *s, bool on)
{
	size_t count = 0;
	struct ip_prefix *prefixes = NULL;

	if (on && s->device.prepared)
		prefixes = routes_of_site(&s->config, &count);
	routes_claim(&s->g->routes, &s->claims, s->index, s->device.ifindex, prefixes, count,
		     &s->where);
	free(prefixes);
	if (!list_is_empty(&s->g->routes.pending))
		gateway_retry_soon(s->g);
}

void site_route_again(struct site *s)
{
	if (!list_is_empty(&s->claims))
		route(s, true);
}

/* Device and routes as the links ask for: first where packets go, then that they come. */
static void bring_about(struct site *s)
{
	unsigned on_demand = site_on_demand(s);
	bool usable = s->ha.connected || on_demand != 0;

	site_steer(s, s->ha.connected ? s->ha.active : role_of_slots(s, on_demand), on_demand);
	s->device.want_carrier = usable;
	if (!usable)
		route(s, false);
	site_device_sync(s);
	if (usable)
		route(s, true);
}

/* Tunnels whose state changed, as bits. */
static unsigned evaluate_links(struct site *s)
{
	unsigned changed = 0;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if (s->tunnels[i] == NULL)
			continue;
		if (site_tunnel_evaluate(s->tunnels[i]))
			changed |= 1U << i;
		site_echo_apply(s->tunnels[i]);
	}
	return changed;
}

static void say(struct site *s, unsigned changed, enum ha_change change)
{
	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if ((changed & (1U << i)) == 0)
			continue;
		if (s->tunnels[i]->up)
			link_event_up(s->tunnels[i]);
		else
			link_event_down(s->tunnels[i]);
	}
	link_event_ha(s, change);
}

void site_evaluate(struct site *s)
{
	unsigned up[SITE_ROLES];
	uint64_t failback_ms = s->config.failback_delay_s * 1000ULL;
	unsigned changed;
	enum ha_change change;
	uint64_t due;

	if (s->leaving)
		return;
	changed = evaluate_links(s);
	up[SITE_PRIMARY] = site_up_count(s, SITE_PRIMARY);
	up[SITE_SECONDARY] = site_up_count(s, SITE_SECONDARY);
	change = ha_decide(&s->ha, gateway_clock(s->g), up, site_usable_slots(s, SITE_PRIMARY) != 0,
			   failback_ms);
	bring_about(s);
	bgp_evaluate(s);
	say(s, changed, change);
	keep_site(s);
	due = ha_deadline(&s->ha, failback_ms);
	if (due == UINT64_MAX)
		loop_timer_cancel(s->g->loop, &s->ha_timer);
	else
		loop_timer_set(s->g->loop, &s->ha_timer, due);
}
