/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What operators hear of tunnels and sites: one event for each change, none while the gateway
 * closes or the site is being removed, and peers cannot flood them.
 */
#include "dataplane/site/gateway_state.h"

#include <stdio.h>

#define UNKNOWN_REPEAT_MS  60000 /* the same identity again */
#define CHILD_REPEAT_MS	   600000
#define UNKNOWN_WINDOW_MS  10000
#define UNKNOWN_PER_WINDOW 5

static bool silent(const struct site *s)
{
	return s->leaving || s->g->closing;
}

static unsigned present_count(const struct site *s, enum site_role role)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SITE_TUNNELS; i++)
		count += s->tunnels[site_slot(role, i) - 1] != NULL;
	return count;
}

void link_event_up(const struct tunnel *t)
{
	struct gateway *g = t->site->g;
	struct ike_tunnel_status st;
	char label[TUNNEL_LABEL_MAX];
	char peer[IP_TEXT_MAX];
	char suite[IKE_SUITE_TEXT_MAX];

	if (silent(t->site) || ike_engine_tunnel_status(g->engine, t->id, &st) != 0)
		return;
	event_emit(g->events, EVENT_LINK_UP, t->site->config.name, t->slot, "%s is up, peer %s, %s",
		   site_tunnel_label(t, label), ip_endpoint_text(&st.remote, peer, sizeof(peer)),
		   ike_suite_text(&st.suite, suite, sizeof(suite)));
}

/* An operator did it, or the peer itself has a better attempt. */
static bool is_ordinary(enum ike_reason r)
{
	return r == IKE_REASON_ADMIN_DOWN || r == IKE_REASON_CONFIG_CHANGED ||
	       r == IKE_REASON_REPLACED;
}

void link_event_down(struct tunnel *t)
{
	struct site *s = t->site;
	char label[TUNNEL_LABEL_MAX];
	const char *role = site_role_name(t->role);
	unsigned all = present_count(s, t->role);
	struct event_fact fact = {.cause = ike_failure_cause(&t->why),
				  .planned = is_ordinary(t->why.reason)};

	if (silent(s))
		return;
	event_emit_fact(s->g->events, EVENT_LINK_DOWN, s->config.name, t->slot, &fact,
			"%s is down, reason %s, %u of %u %s tunnel%s remain%s",
			site_tunnel_label(t, label),
			t->pop_unavailable ? t->problem : ike_reason_name(t->why.reason),
			site_up_count(s, t->role), all, role, all == 1 ? "" : "s",
			all == 1 ? "s" : "");
}

static void health_text(const struct tunnel *t, char *buf, size_t size)
{
	const struct health_figures *f = &t->health.figures;

	if (t->health.silent)
		snprintf(buf, size, "is silent: nothing heard for %u s", HEALTH_UNUSABLE_MS / 1000);
	else
		snprintf(buf, size, "is degraded: loss %u.%u %%, jitter %u ms, delay %u ms",
			 f->loss / 100, f->loss / 10 % 10, f->jitter_us / 1000, f->delay_us / 1000);
}

/* One event when a good tunnel becomes worse, one when it is good again; going down and coming up
 * have their own. */
void link_event_health(struct tunnel *t)
{
	struct site *s = t->site;
	enum health_state now = health_state_of(&t->health);
	bool was_good = t->said_health == HEALTH_NONE || t->said_health == HEALTH_GOOD;
	char label[TUNNEL_LABEL_MAX];
	char text[96];

	if (silent(s) || now == HEALTH_NONE || now == HEALTH_DOWN || !t->up)
		return;
	if (now == HEALTH_GOOD && !was_good) {
		event_emit(s->g->events, EVENT_LINK_RESTORED, s->config.name, t->slot,
			   "%s is good again", site_tunnel_label(t, label));
	} else if (now != HEALTH_GOOD && was_good) {
		health_text(t, text, sizeof(text));
		event_emit(s->g->events, EVENT_LINK_DEGRADED, s->config.name, t->slot,
			   "%s %s; new flows avoid it", site_tunnel_label(t, label), text);
	}
	t->said_health = now;
}

void link_event_attempt_failed(struct tunnel *t)
{
	struct site *s = t->site;
	char label[TUNNEL_LABEL_MAX];
	const struct ike_failure *f = &t->why;
	struct event_fact fact = {.cause = IKE_CAUSE_NONE};

	if (silent(s) || ike_failure_cause(f) == t->said || is_ordinary(f->reason))
		return;
	t->said = ike_failure_cause(f);
	fact.cause = t->said;
	event_emit_fact(s->g->events, EVENT_LINK_ATTEMPT_FAILED, s->config.name, t->slot, &fact,
			"%s could not come up, reason %s%s%s%s", site_tunnel_label(t, label),
			ike_reason_name(f->reason), f->evidence[0] == '\0' ? "" : " (", f->evidence,
			f->evidence[0] == '\0' ? "" : ")");
}

/* While the tunnel is down: said once, as an attempt.  While it is up: once in ten minutes, since
 * rekeying is tried again and again. */
static bool child_is_said(struct tunnel *t, enum ike_cause c)
{
	uint64_t now_ms = gateway_clock(t->site->g);

	if (!t->up) {
		bool before = c == t->said;

		t->said = c;
		return before;
	}
	if (t->child_said.cause == c && now_ms - t->child_said.at_ms < CHILD_REPEAT_MS)
		return true;
	t->child_said.cause = c;
	t->child_said.at_ms = now_ms;
	return false;
}

static bool is_rekeying(const struct ike_failure *f)
{
	return f->cause == IKE_CAUSE_REKEY_ALGORITHMS || f->cause == IKE_CAUSE_REKEY_GROUP;
}

void link_event_child_failed(struct tunnel *t, const struct ike_failure *f)
{
	struct site *s = t->site;
	struct event_fact fact = {.cause = ike_failure_cause(f)};
	char label[TUNNEL_LABEL_MAX];

	if (silent(s) || child_is_said(t, fact.cause))
		return;
	event_emit_fact(s->g->events, EVENT_CHILD_FAILED, s->config.name, t->slot, &fact,
			"%s: %s, reason %s%s%s%s", site_tunnel_label(t, label),
			is_rekeying(f) ? "rekeying failed" : "Child SA not established",
			ike_reason_name(f->reason), f->evidence[0] == '\0' ? "" : " (", f->evidence,
			f->evidence[0] == '\0' ? "" : ")");
}

void link_event_ha(const struct site *s, enum ha_change change)
{
	const char *name = s->config.name;
	const char *active = site_role_name(s->ha.active);
	bool primary = s->ha.active == SITE_PRIMARY;
	struct event_fact fact = {.secondary = !primary};

	if (silent(s))
		return;
	switch (change) {
	case HA_SAME:
		break;
	case HA_CONNECTED:
		event_emit_fact(s->g->events, EVENT_SITE_UP, name, 0, &fact,
				"%s is connected over %s", name, active);
		break;
	case HA_DISCONNECTED:
		event_emit(s->g->events, EVENT_SITE_DOWN, name, 0,
			   "%s is down, none of its tunnels is up", name);
		break;
	case HA_SWITCHED:
		event_emit_fact(s->g->events, EVENT_HA_SWITCH, name, 0, &fact,
				"%s moved from %s to %s, %s", name,
				site_role_name(primary ? SITE_SECONDARY : SITE_PRIMARY), active,
				!primary ? "all primary tunnels down"
				: site_up_count(s, SITE_SECONDARY) == 0
					? "all secondary tunnels down"
					: "its primary tunnels are up");
		break;
	}
}

/* A peer that comes again and again with the same identity is said once a minute, and all of them
 * together at most five times in ten seconds. */
static bool unknown_may_say(struct unknown_peers *u, const struct ike_id *id, uint64_t now_ms)
{
	const size_t size = sizeof(u->seen) / sizeof(u->seen[0]);

	for (size_t i = 0; i < size; i++) {
		if (u->seen[i].at_ms != 0 && now_ms - u->seen[i].at_ms < UNKNOWN_REPEAT_MS &&
		    ike_id_equal(&u->seen[i].id, id))
			return false;
	}
	if (now_ms - u->window_ms >= UNKNOWN_WINDOW_MS) {
		u->window_ms = now_ms;
		u->in_window = 0;
	}
	if (u->in_window >= UNKNOWN_PER_WINDOW)
		return false;
	u->in_window++;
	u->seen[u->next].id = *id;
	u->seen[u->next].at_ms = now_ms == 0 ? 1 : now_ms;
	u->next = (u->next + 1) % size;
	return true;
}

void link_event_unknown_peer(struct gateway *g, const struct ike_failure *f)
{
	char more[48] = "";
	char id[2 * IKE_ID_MAX + 8];
	char from[IP_TEXT_MAX];

	if (g->closing)
		return;
	if (!unknown_may_say(&g->unknown, &f->id_seen, gateway_clock(g))) {
		g->counters.unknown_peer_not_said++;
		g->unknown.not_said++;
		return;
	}
	if (g->unknown.not_said > 0)
		snprintf(more, sizeof(more), " (%llu more were not shown)",
			 (unsigned long long)g->unknown.not_said);
	g->unknown.not_said = 0;
	event_emit(g->events, EVENT_UNKNOWN_PEER, NULL, 0,
		   "peer %s presented identity %s (%s), which no tunnel expects%s",
		   ip_endpoint_text(&f->remote, from, sizeof(from)),
		   ike_id_text(&f->id_seen, id, sizeof(id)), ike_id_type_name(f->id_seen.type),
		   more);
}
