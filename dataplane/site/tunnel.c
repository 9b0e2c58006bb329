/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A tunnel while it runs: its profile in the engine, and whether it is up.  Up means that the
 * engine says so and that a Child SA is installed in the data plane.
 */
#include "dataplane/site/bgp_state.h"
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/keep.h"
#include "dataplane/site/status_reason.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS 60000

struct tunnel *site_tunnel_new(struct site *s, enum site_role role, unsigned index0)
{
	struct gateway *g = s->g;
	struct tunnel *t = mem_zalloc(sizeof(*t));

	t->site = s;
	t->role = role;
	t->index0 = index0;
	t->slot = site_slot(role, index0);
	t->id = taken_tunnel_id(s, t->slot);
	if (t->id == 0)
		t->id = ++g->last_tunnel_id;
	t->since_ms = gateway_clock(g);
	taken_tunnel(t);
	list_init(&t->children);
	map_insert(&g->tunnels, &t->node, &t->id, sizeof(t->id));
	return t;
}

void site_tunnel_free(struct tunnel *t)
{
	if (t == NULL)
		return;
	site_tunnel_leave_engine(t);
	keep_forget_tunnel(t->site->g, t->id);
	site_echo_stop(t);
	bgp_neighbour_free(t);
	history_free(t->history);
	map_remove(&t->site->g->tunnels, &t->node);
	free(t);
}

const struct tunnel_config *site_tunnel_config_of(const struct tunnel *t)
{
	return &t->site->config.tunnels[t->role][t->index0];
}

const char *site_tunnel_lacks(const struct tunnel *t)
{
	return site_tunnel_missing(&t->site->config, t->role, t->index0);
}

const char *site_tunnel_label(const struct tunnel *t, char buf[TUNNEL_LABEL_MAX])
{
	const char *name = site_tunnel_config_of(t)->name;

	snprintf(buf, TUNNEL_LABEL_MAX, "%s %s %u%s%s%s", t->site->config.name,
		 site_role_name(t->role), t->index0 + 1, name[0] == '\0' ? "" : " (", name,
		 name[0] == '\0' ? "" : ")");
	return buf;
}

static void set_problem(struct tunnel *t, const char *reason, const char *hint)
{
	snprintf(t->problem, sizeof(t->problem), "%.*s", TUNNEL_REASON_MAX - 1, reason);
	snprintf(t->problem_hint, sizeof(t->problem_hint), "%.*s", TUNNEL_HINT_MAX - 1, hint);
}

static void set_duplicate(struct tunnel *t, bool duplicate)
{
	struct gateway *g = t->site->g;

	if (duplicate && !t->duplicate)
		g->duplicates++;
	else if (!duplicate && t->duplicate)
		g->duplicates--;
	t->duplicate = duplicate;
}

static void note_conflict(struct tunnel *t, uint32_t other_id)
{
	const struct tunnel *other = gateway_tunnel(t->site->g, other_id);
	char label[TUNNEL_LABEL_MAX] = "another tunnel";
	char hint[TUNNEL_HINT_MAX + TUNNEL_LABEL_MAX];

	if (other != NULL)
		snprintf(label, sizeof(label), "%s %s %u", other->site->config.name,
			 site_role_name(other->role), other->index0 + 1);
	snprintf(hint, sizeof(hint), "%s has the same identities and addresses, change one of them",
		 label);
	site_tunnel_leave_engine(t);
	set_problem(t, status_reason_row(STATUS_DUPLICATE_IDENTITY)->name, hint);
	set_duplicate(t, true);
}

static void enter_engine(struct tunnel *t, struct ike_tunnel *profile)
{
	struct gateway *g = t->site->g;
	uint32_t conflict = 0;
	int r;

	profile->id = t->id;
	r = ike_engine_tunnel_set(g->engine, gateway_clock(g), profile, &conflict);
	if (r == ERR_EXISTS) {
		note_conflict(t, conflict);
		return;
	}
	if (r != 0) {
		site_tunnel_leave_engine(t);
		set_problem(t, "resources", "The engine refused the profile, look at show logging");
		log_line(g->log, LOG_LVL_ERROR, LOG_IKE, "%s slot %u: profile refused: %s",
			 t->site->config.name, t->slot, err_name(r));
		return;
	}
	t->in_engine = true;
	t->may_initiate = profile->may_initiate;
	t->initiates = profile->initiate;
}

void site_tunnel_apply(struct tunnel *t)
{
	struct ike_tunnel profile;
	struct err_msg e = {.text = ""};
	char why[TUNNEL_HINT_MAX];

	set_problem(t, "", "");
	set_duplicate(t, false);
	t->pop_unavailable = pop_is_unavailable(&t->site->choice, &t->site->g->pops,
						&t->site->config, t->role, why, sizeof(why));
	if (site_tunnel_lacks(t) != NULL) {
		site_tunnel_leave_engine(t);
		return;
	}
	if (t->pop_unavailable) {
		set_problem(t, "pop-unavailable", why);
		site_tunnel_leave_engine(t);
		return;
	}
	if (profile_of_tunnel(&t->site->config, t->role, t->index0, &t->site->g->box, &profile,
			      &e) != 0) {
		site_tunnel_leave_engine(t);
		set_problem(t, status_reason_row(STATUS_LOCAL_ID_INVALID)->name, e.text);
		return;
	}
	enter_engine(t, &profile); /* the PSK in it is borrowed from the configuration */
}

void site_tunnel_leave_engine(struct tunnel *t)
{
	struct gateway *g = t->site->g;

	set_duplicate(t, false);
	if (!t->in_engine)
		return;
	t->in_engine = false;
	t->engine_up = false;
	t->terminated = false;
	t->why = (struct ike_failure){.reason = IKE_REASON_CONFIG_CHANGED,
				      .at_ms = gateway_clock(g)};
	ike_engine_tunnel_remove(g->engine, gateway_clock(g), t->id);
	keep_touch(g, t->id);
	gateway_pump(g); /* the peer is told; no-op inside a round, which goes on with it */
	site_children_drop(t);
	gateway_mark(t->site);
}

void site_tunnel_on_up(struct tunnel *t)
{
	t->engine_up = t->in_engine;
	t->renewed = true;
	gateway_mark(t->site);
}

void site_tunnel_on_down(struct tunnel *t, const struct ike_failure *f)
{
	t->engine_up = false;
	if (t->in_engine)
		t->why = *f;
	gateway_mark(t->site);
}

static void turn_minute(struct tunnel *t, uint64_t now_ms)
{
	if (now_ms - t->rekeys.since_ms < MINUTE_MS)
		return;
	t->rekeys.last = now_ms - t->rekeys.since_ms < 2 * MINUTE_MS ? t->rekeys.count : 0;
	t->rekeys.count = 0;
	t->rekeys.since_ms = now_ms;
}

static void count_rekey(struct tunnel *t, uint64_t now_ms)
{
	turn_minute(t, now_ms);
	t->rekeys.count++;
}

unsigned site_tunnel_rekeys(struct tunnel *t)
{
	turn_minute(t, gateway_clock(t->site->g));
	return t->rekeys.count > t->rekeys.last ? t->rekeys.count : t->rekeys.last;
}

void site_tunnel_on_event(struct tunnel *t, enum ike_event event, const struct ike_failure *f)
{
	switch (event) {
	case IKE_EVENT_ATTEMPT_FAILED:
		if (t->up)
			break; /* a redundant attempt beside the one that carries traffic */
		t->why = *f;
		link_event_attempt_failed(t);
		break;
	case IKE_EVENT_CHILD_FAILED:
		if (!t->up)
			t->why = *f;
		link_event_child_failed(t, f);
		gateway_mark(t->site);
		break;
	case IKE_EVENT_IKE_REKEYED:
	case IKE_EVENT_CHILD_REKEYED:
	case IKE_EVENT_CHILD_UP:
		count_rekey(t, gateway_clock(t->site->g));
		/* fall through */
	case IKE_EVENT_NEGOTIATING:
	case IKE_EVENT_NAT_CHANGED:
		log_line(t->site->g->log, LOG_LVL_INFO, LOG_IKE, "%s slot %u: %s",
			 t->site->config.name, t->slot,
			 event == IKE_EVENT_NEGOTIATING	    ? "negotiating"
			 : event == IKE_EVENT_IKE_REKEYED   ? "IKE SA rekeyed"
			 : event == IKE_EVENT_CHILD_UP	    ? "Child SA up"
			 : event == IKE_EVENT_CHILD_REKEYED ? "Child SA rekeyed"
							    : "peer's NAT mapping changed");
		break;
	case IKE_EVENT_UNKNOWN_PEER:
		break; /* belongs to no tunnel */
	}
}

static void came_up(struct tunnel *t)
{
	t->why = (struct ike_failure){.reason = IKE_REASON_NONE};
	t->said = IKE_CAUSE_NONE;
	t->rx_done = t->tx_done = 0;
	t->rx = t->tx = (struct rate){.bps = 0};
}

static void explain_silence(struct tunnel *t, uint64_t now_ms)
{
	struct ike_tunnel_status st;

	t->why = (struct ike_failure){.reason = IKE_REASON_DEAD_PEER, .at_ms = now_ms};
	if (ike_engine_tunnel_status(t->site->g->engine, t->id, &st) == 0)
		t->why.remote = st.remote;
	snprintf(t->why.evidence, sizeof(t->why.evidence),
		 "nothing heard for %u s while packets and %u questions were sent",
		 HEALTH_DOWN_MS / 1000, t->health.asks);
}

static void went_down(struct tunnel *t, uint64_t now_ms)
{
	if (t->health.down)
		explain_silence(t, now_ms);
	else if (t->why.reason == IKE_REASON_NONE) /* the last Child SA went, the IKE SA stays */
		t->why = (struct ike_failure){.reason = IKE_REASON_PEER_DELETED,
					      .cause = IKE_CAUSE_CHILD_DELETED,
					      .at_ms = now_ms,
					      .evidence = "no Child SA is left"};
	t->last_down = t->why;
	t->said = ike_failure_cause(&t->why);
	t->rx.bps = t->tx.bps = 0;
}

/* Health lives as long as there is something to be heard on. */
static bool is_alive(struct tunnel *t, uint64_t now_ms)
{
	bool there = t->engine_up && !list_is_empty(&t->children);

	if (!there)
		health_stop(&t->health);
	else if (!t->health.on || t->renewed)
		health_start(&t->health, now_ms);
	t->renewed = false;
	return there && !t->health.down;
}

bool site_tunnel_evaluate(struct tunnel *t)
{
	uint64_t now_ms = gateway_clock(t->site->g);
	bool up = is_alive(t, now_ms);

	if (up == t->up)
		return false;
	t->up = up;
	t->since_ms = now_ms;
	if (up)
		came_up(t);
	else
		went_down(t, now_ms);
	return true;
}
