/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tunnels: profiles by number and by identity, UP and DOWN, the plan of attempts, redundant IKE
 * SAs.  RFC 7296 sections 2.4, 2.15 and 3.5.
 */
#include "ikev2/tunnel.h"

#include "ikev2/child.h"
#include "ikev2/exchange.h"
#include "ikev2/place.h"
#include "ikev2/ppk.h"
#include "ikev2/redirect.h"
#include "ikev2/trace.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TELL_MS		10000  /* between equal events that strangers can cause */
#define ASK_MS		250ull /* between CREATE_CHILD_SA of one peer, in the long run */
#define ASKS_AT_ONCE	256    /* four times all Child SAs of an IKE SA */
#define AGAIN_MS	5000   /* between attempts, when peers restart over and over */
#define SETTLE_MS	2000   /* after a second IKE SA came up */
#define SETTLE_AGAIN_MS 30000  /* the peer should have deleted its redundant one by then */

/* All tunnels whose peer has one identity at one address of ours. */
struct identity {
	struct map_node node;
	struct list tunnels;
	uint8_t key[sizeof(struct ip_addr) + 2 + IKE_ID_MAX];
	size_t key_len;
};

/* ---- Identities ------------------------------------------------------------------------------ */

static uint8_t fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

/* The key is what ike_id_equal compares: FQDN and the domain of an RFC822 address without case. */
static size_t identity_key(uint8_t *key, const struct ip_addr *local, const struct ike_id *id)
{
	bool folding = id->type == IKE_ID_FQDN;
	uint8_t *p = key;

	*p++ = local->family;
	memcpy(p, local->bytes, sizeof(local->bytes));
	p += sizeof(local->bytes);
	*p++ = id->type;
	for (size_t i = 0; i < id->len && i < IKE_ID_MAX; i++) {
		*p++ = folding ? fold(id->data[i]) : id->data[i];
		if (id->type == IKE_ID_RFC822_ADDR && id->data[i] == '@')
			folding = true;
	}
	return (size_t)(p - key);
}

static struct identity *identity_find(const struct ike_engine *e, const struct ip_addr *local,
				      const struct ike_id *id)
{
	uint8_t key[sizeof(((struct identity *)0)->key)];
	size_t len = identity_key(key, local, id);
	struct map_node *n = map_find(&e->identities, key, len);

	return n ? container_of(n, struct identity, node) : NULL;
}

static void identity_join(struct ike_engine *e, struct tunnel *t)
{
	struct identity *i = identity_find(e, &t->profile.local, &t->remote_id);

	if (!i) {
		i = mem_zalloc(sizeof(*i));
		list_init(&i->tunnels);
		i->key_len = identity_key(i->key, &t->profile.local, &t->remote_id);
		map_insert(&e->identities, &i->node, i->key, i->key_len);
	}
	t->identity = i;
	list_append(&i->tunnels, &t->by_identity);
}

static void identity_leave(struct ike_engine *e, struct tunnel *t)
{
	struct identity *i = t->identity;

	list_remove(&t->by_identity);
	t->identity = NULL;
	if (!i || !list_is_empty(&i->tunnels))
		return;
	map_remove(&e->identities, &i->node);
	free(i);
}

struct ike_id tunnel_local_id(const struct tunnel *t, const struct ip_addr *local)
{
	if (t->profile.local_id.type != IKE_ID_NONE)
		return t->profile.local_id;
	return ike_id_of_addr(ip_addr_is_set(&t->profile.local) ? &t->profile.local : local);
}

bool tunnel_may_match(const struct tunnel *t, const struct ip_addr *local,
		      const struct ip_addr *remote)
{
	const struct profile *p = &t->profile;

	if (ip_addr_is_set(&p->local) && !ip_addr_equal(&p->local, local))
		return false;
	return !ip_addr_is_set(&p->remote.addr) || ip_addr_equal(&p->remote.addr, remote);
}

/* How well a tunnel of the right identity fits; 0: it names another identity of ours. */
static unsigned fit(const struct tunnel *t, const struct ip_addr *local,
		    const struct ip_addr *remote, const struct ike_id *id_r)
{
	struct ike_id own = tunnel_local_id(t, local);
	unsigned points = 1;

	if (id_r->type != IKE_ID_NONE) {
		if (!ike_id_equal(&own, id_r))
			return 0;
	}
	if (ip_addr_equal(&t->profile.remote.addr, remote))
		points += 2;
	else if (!ip_addr_is_set(&t->profile.remote.addr))
		points += 1;
	return points;
}

static void best_of(const struct identity *i, const struct ip_addr *local,
		    const struct ip_addr *remote, const struct ike_id *id_r, struct tunnel **best,
		    unsigned *points)
{
	struct list *n, *after;

	if (!i)
		return;
	list_for_each(n, after, &i->tunnels)
	{
		struct tunnel *t = container_of(n, struct tunnel, by_identity);
		unsigned p = fit(t, local, remote, id_r);

		if (p > *points) {
			*points = p;
			*best = t;
		}
	}
}

struct tunnel *tunnel_identify(const struct ike_engine *e, const struct ip_addr *local,
			       const struct ip_addr *remote, const struct ike_id *id_i,
			       const struct ike_id *id_r)
{
	struct ip_addr any = {.family = IP_NONE};
	struct tunnel *best = NULL;
	unsigned points = 0;

	best_of(identity_find(e, local, id_i), local, remote, id_r, &best, &points);
	best_of(identity_find(e, &any, id_i), local, remote, id_r, &best, &points);
	return best;
}

struct tunnel *tunnel_find(const struct ike_engine *e, uint32_t id)
{
	struct map_node *n = map_find(&e->tunnels, &id, sizeof(id));

	return n ? container_of(n, struct tunnel, by_id) : NULL;
}

/* ---- Failures -------------------------------------------------------------------------------- */

struct ike_failure failure_make(const struct ike_engine *e, enum ike_reason reason,
				unsigned exchange, bool by_peer, const struct ip_endpoint *remote,
				const char *fmt, ...)
{
	struct ike_failure f = {.reason = reason,
				.cause = ike_cause_of_reason(reason),
				.at_ms = e->now_ms,
				.exchange = (uint8_t)exchange,
				.by_peer = by_peer};
	va_list args;

	if (remote)
		f.remote = *remote;
	va_start(args, fmt);
	vsnprintf(f.evidence, sizeof(f.evidence), fmt, args);
	va_end(args);
	return f;
}

struct ike_failure failure_of(const struct ike_engine *e, enum ike_cause cause, unsigned exchange,
			      bool by_peer, const struct ip_endpoint *remote, const char *fmt, ...)
{
	struct ike_failure f =
		failure_make(e, ike_cause_row(cause)->reason, exchange, by_peer, remote, "%s", "");
	va_list args;

	f.cause = cause;
	va_start(args, fmt);
	vsnprintf(f.evidence, sizeof(f.evidence), fmt, args);
	va_end(args);
	return f;
}

void tunnel_failed(struct tunnel *t, const struct ike_failure *failure)
{
	if (!t)
		return;
	if (t->failure.cause != failure->cause) { /* what was compared is about another failure */
		free(t->comparison);
		t->comparison = NULL;
	}
	t->failure = *failure;
	trace_failed(t, ike_failure_cause(failure));
}

void tunnel_compare(struct ike_engine *e, struct tunnel *t, const struct ike_comparison *c)
{
	if (!t || !c || c->count == 0)
		return;
	free(t->comparison);
	t->comparison = mem_dup(c, sizeof(*c));
	trace_comparison(e, t->profile.id, &t->failure.remote, c);
}

void tunnel_peer_failed(struct ike_engine *e, struct tunnel *t, const struct ike_failure *failure)
{
	trace_adopt(e, t);
	/* Strangers do not overwrite what is known about a tunnel that is up. */
	if (t->state != IKE_TUNNEL_UP)
		tunnel_failed(t, failure);
	if (t->told == failure->cause && e->now_ms < t->told_at_ms + TELL_MS)
		return;
	t->told = failure->cause;
	t->told_at_ms = e->now_ms;
	engine_event(e, t->profile.id, IKE_EVENT_ATTEMPT_FAILED, failure);
}

/* ---- State ----------------------------------------------------------------------------------- */

struct ike_sa *tunnel_current(const struct tunnel *t)
{
	struct ike_sa *best = NULL;
	struct list *n, *after;

	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		/* One that waits for the end of a collision has no Child SAs yet. */
		if (ike_sa_is_usable(sa) && !sa->redundant && (!best || sa->replaces == 0))
			best = sa;
	}
	return best;
}

struct ike_sa *tunnel_attempt_sa(const struct tunnel *t)
{
	struct list *n, *after;

	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (sa->initial && sa->initial->inquiry)
			continue;
		if (sa->initiator &&
		    (sa->state == SA_KEY || sa->state == SA_INIT_SENT || sa->state == SA_SECRET ||
		     sa->state == SA_MORE_KEY || sa->state == SA_MORE_SENT ||
		     sa->state == SA_MORE_SECRET || sa->state == SA_AUTH_SENT))
			return sa;
	}
	return NULL;
}

static void state_set(struct ike_engine *e, struct tunnel *t, enum ike_tunnel_state state)
{
	if (t->state == state)
		return;
	if (state == IKE_TUNNEL_UP) {
		t->attempts = 0;
		engine_up(e, t->profile.id);
	} else if (t->state == IKE_TUNNEL_UP) {
		engine_down(e, t->profile.id, &t->failure);
	}
	if ((state == IKE_TUNNEL_UP) != (t->state == IKE_TUNNEL_UP) && t->place)
		place_state(t, state == IKE_TUNNEL_UP);
	t->state = state;
	t->state_since_ms = e->now_ms;
}

void tunnel_refresh(struct ike_engine *e, struct tunnel *t)
{
	if (tunnel_current(t))
		state_set(e, t, IKE_TUNNEL_UP);
	else if (tunnel_attempt_sa(t))
		state_set(e, t, IKE_TUNNEL_CONNECTING);
	else
		state_set(e, t, IKE_TUNNEL_DOWN);
}

/* ---- Attempts -------------------------------------------------------------------------------- */

static bool may_attempt(const struct tunnel *t)
{
	return !t->admin_down && ip_addr_is_set(&t->profile.remote.addr) && !tunnel_current(t) &&
	       !tunnel_attempt_sa(t);
}

static void attempt(struct ike_engine *e, struct tunnel *t)
{
	engine_timer_stop(e, &t->attempt);
	t->attempted = true;
	t->attempt_at_ms = e->now_ms;
	t->attempts++;
	init_start(e, t);
	tunnel_refresh(e, t);
}

void tunnel_attempt(struct ike_engine *e, struct tunnel *t)
{
	if (may_attempt(t))
		attempt(e, t);
}

void tunnel_attempt_beside(struct ike_engine *e, struct tunnel *t)
{
	if (!t->admin_down && ip_addr_is_set(&t->profile.remote.addr) && !tunnel_attempt_sa(t))
		attempt(e, t);
}

void tunnel_renew(struct ike_engine *e, struct tunnel *t)
{
	const struct profile *p = &t->profile;

	if ((p->initiate || p->may_initiate) &&
	    e->now_ms >= t->attempt_at_ms + p->rebuild_s * 1000ull)
		tunnel_attempt_beside(e, t);
}

static void plan(struct ike_engine *e, struct tunnel *t, uint64_t apart_ms)
{
	uint64_t at_ms = t->attempt_at_ms + apart_ms;

	if (!t->profile.initiate || !may_attempt(t)) {
		engine_timer_stop(e, &t->attempt);
		return;
	}
	engine_timer_at(e, &t->attempt, t->attempted && at_ms > e->now_ms ? at_ms : e->now_ms);
}

void tunnel_plan(struct ike_engine *e, struct tunnel *t)
{
	plan(e, t, t->profile.rebuild_s * 1000ull);
}

void tunnel_plan_again(struct ike_engine *e, struct tunnel *t)
{
	plan(e, t, AGAIN_MS);
}

bool tunnel_may_ask(const struct ike_engine *e, struct tunnel *t)
{
	if (t->asked_until_ms < e->now_ms)
		t->asked_until_ms = e->now_ms;
	if (t->asked_until_ms - e->now_ms >= ASK_MS * ASKS_AT_ONCE)
		return false;
	t->asked_until_ms += ASK_MS;
	return true;
}

void tunnel_plan_now(struct ike_engine *e, struct tunnel *t)
{
	t->attempted = false;
	tunnel_plan(e, t);
}

/* ---- Redundant IKE SAs ----------------------------------------------------------------------- */

/*
 * Which of two stays.  One that was up before the other was begun is old: the peer has come back.
 * Otherwise both sides began at once, and as with rekeying the one with the lowest nonce goes,
 * which both sides know.
 */
static struct ike_sa *better(struct ike_sa *a, struct ike_sa *b)
{
	if (a->established_ms < b->created_ms)
		return b;
	if (b->established_ms < a->created_ms)
		return a;
	return nonce_compare(view_of(a->low.data, a->low.len), view_of(b->low.data, b->low.len)) < 0
		       ? b
		       : a;
}

static struct ike_sa *best_sa(const struct tunnel *t, size_t *count)
{
	struct ike_sa *best = NULL;
	struct list *n, *after;

	*count = 0;
	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (!ike_sa_is_usable(sa) || sa->redundant || sa->replaces != 0)
			continue;
		best = best ? better(best, sa) : sa;
		(*count)++;
	}
	return best;
}

void tunnel_settle_soon(struct ike_engine *e, struct tunnel *t)
{
	size_t count;

	best_sa(t, &count);
	if (count > 1)
		engine_timer_in(e, &t->settle, SETTLE_MS);
}

void tunnel_settle(struct ike_engine *e, struct tunnel *t)
{
	size_t count;
	struct ike_sa *best = best_sa(t, &count);
	struct list *n, *after;

	if (count < 2)
		return;
	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);
		bool old = sa->established_ms < best->created_ms;

		if (sa == best || !ike_sa_is_usable(sa) || sa->redundant || sa->replaces != 0)
			continue;
		if (!old && !sa->lineage_initiator && e->now_ms < sa->since_ms + SETTLE_AGAIN_MS)
			engine_timer_in(e, &t->settle, SETTLE_AGAIN_MS);
		else
			ike_sa_delete(e, sa, 0);
	}
	if (!best->wants_children)
		best->wants_children = best->lineage_initiator;
}

/* ---- Configuration --------------------------------------------------------------------------- */

static struct tunnel *conflicting(const struct ike_engine *e, const struct ike_tunnel *p,
				  const struct ike_id *remote_id)
{
	const struct identity *i = identity_find(e, &p->local, remote_id);
	struct list *n, *after;

	if (!i)
		return NULL;
	list_for_each(n, after, &i->tunnels)
	{
		struct tunnel *t = container_of(n, struct tunnel, by_identity);

		if (t->profile.id != p->id &&
		    ip_addr_equal(&t->profile.remote.addr, &p->remote.addr) &&
		    t->profile.local_id.type == p->local_id.type &&
		    ike_id_equal(&t->profile.local_id, &p->local_id))
			return t;
	}
	return NULL;
}

static void drop_sas(struct ike_engine *e, struct tunnel *t, const struct ike_failure *why)
{
	struct list *n, *after;

	if (t->state == IKE_TUNNEL_UP)
		tunnel_failed(t, why);
	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (sa->state == SA_ESTABLISHED || sa->state == SA_REKEYED)
			ike_sa_delete(e, sa, 0);
		else
			ike_sa_close(e, sa, 0);
	}
}

static struct tunnel *tunnel_add(struct ike_engine *e, const struct ike_tunnel *p,
				 const struct ike_id *remote_id)
{
	struct tunnel *t = mem_zalloc(sizeof(*t));

	profile_copy(&t->profile, p);
	e->ppk_tunnels += ppk_is_set(&t->profile.ppk);
	t->remote_id = *remote_id;
	t->state_since_ms = e->now_ms;
	list_init(&t->sas);
	list_init(&t->children);
	list_init(&t->by_identity);
	engine_timer_init(&t->attempt, TIMER_TUNNEL_ATTEMPT, t);
	engine_timer_init(&t->settle, TIMER_TUNNEL_SETTLE, t);
	map_insert(&e->tunnels, &t->by_id, &t->profile.id, sizeof(t->profile.id));
	identity_join(e, t);
	place_join(e, t);
	return t;
}

static void tunnel_change(struct ike_engine *e, struct tunnel *t, const struct ike_tunnel *p,
			  const struct ike_id *remote_id)
{
	bool same = profile_negotiates_the_same(&t->profile, p);
	bool same_timers = profile_timers_equal(&t->profile, p);
	bool redirected = !gateway_equal(&t->profile.redirect, &p->redirect);
	struct ike_failure why;
	struct ike_sa *sa;

	if (!same) {
		why = failure_make(e, IKE_REASON_CONFIG_CHANGED, 0, false, NULL,
				   "parameters of the tunnel changed");
		drop_sas(e, t, &why);
		t->weak_offer = t->weak_child = t->learned_single_ts = t->childless = false;
		t->names_peer = false;
		t->inquired_ms = 0;
	}
	identity_leave(e, t);
	place_leave(e, t);
	e->ppk_tunnels -= ppk_is_set(&t->profile.ppk);
	profile_copy(&t->profile, p);
	e->ppk_tunnels += ppk_is_set(&t->profile.ppk);
	t->remote_id = *remote_id;
	identity_join(e, t);
	place_join(e, t);
	if (redirected)
		redirect_peer(e, t);
	sa = tunnel_current(t);
	if (sa && !same_timers)
		ike_sa_restart_timers(e, sa);
	if (same)
		tunnel_plan(e, t);
	else
		tunnel_plan_now(e, t);
}

int tunnel_set(struct ike_engine *e, const struct ike_tunnel *p, uint32_t *conflict)
{
	struct ike_id remote_id;
	struct tunnel *t;

	if (p->id == 0 || !profile_remote_id(p, &remote_id) || p->local_ts.count == 0 ||
	    p->remote_ts.count == 0)
		return ERR_INVALID;
	t = conflicting(e, p, &remote_id);
	if (t) {
		if (conflict)
			*conflict = t->profile.id;
		return ERR_EXISTS;
	}
	t = tunnel_find(e, p->id);
	if (t) {
		tunnel_change(e, t, p, &remote_id);
		return 0;
	}
	t = tunnel_add(e, p, &remote_id);
	tunnel_plan(e, t);
	return 0;
}

static void tunnel_free(struct ike_engine *e, struct tunnel *t)
{
	engine_timer_stop(e, &t->attempt);
	engine_timer_stop(e, &t->settle);
	identity_leave(e, t);
	place_leave(e, t);
	while (!list_is_empty(&t->children))
		list_remove(t->children.next);
	map_remove(&e->tunnels, &t->by_id);
	e->ppk_tunnels -= ppk_is_set(&t->profile.ppk);
	profile_clear(&t->profile);
	free(t->comparison);
	free(t->steps);
	free(t);
}

void tunnel_remove(struct ike_engine *e, struct tunnel *t)
{
	struct ike_failure why =
		failure_make(e, IKE_REASON_ADMIN_DOWN, 0, false, NULL, "the tunnel was removed");

	t->admin_down = true;
	drop_sas(e, t, &why);
	tunnel_free(e, t);
}

void tunnels_clear(struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->tunnels.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);

		tunnel_free(e, container_of(node, struct tunnel, by_id));
	}
}

/* ---- Commands -------------------------------------------------------------------------------- */

static int rekey_children(struct ike_engine *e, struct ike_sa *sa)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
		child_on_rekey(e, container_of(n, struct child_sa, of_sa));
	return 0;
}

int tunnel_command(struct ike_engine *e, struct tunnel *t, enum ike_command c)
{
	struct ike_sa *sa = tunnel_current(t);
	struct ike_failure why;
	bool was_down;

	switch (c) {
	case IKE_CMD_INITIATE:
		was_down = t->admin_down;
		t->admin_down = false;
		if ((!t->profile.may_initiate && !t->profile.initiate) ||
		    !ip_addr_is_set(&t->profile.remote.addr))
			return was_down ? 0
					: ERR_WRONG_STATE; /* at least the peer may come again */
		if (sa) { /* what was refused is asked for again at once */
			sa->want_after_ms = 0;
			child_want(e, sa);
		}
		tunnel_attempt(e, t);
		return 0;
	case IKE_CMD_TERMINATE:
		t->admin_down = true;
		why = failure_make(e, IKE_REASON_ADMIN_DOWN, 0, false, NULL,
				   "terminated by command");
		drop_sas(e, t, &why);
		tunnel_plan(e, t);
		return 0;
	case IKE_CMD_CLEAR:
		why = failure_make(e, IKE_REASON_ADMIN_DOWN, 0, false, NULL, "cleared by command");
		t->weak_offer = t->weak_child = t->learned_single_ts = t->childless = false;
		t->names_peer = false;
		drop_sas(e, t, &why);
		tunnel_plan_now(e, t);
		return 0;
	case IKE_CMD_REKEY_CHILD:
		return sa ? rekey_children(e, sa) : ERR_WRONG_STATE;
	case IKE_CMD_REKEY_IKE:
		if (!sa)
			return ERR_WRONG_STATE;
		if (!task_is_pending(sa, TASK_IKE_REKEY, 0))
			task_queue(e, sa, task_new(TASK_IKE_REKEY));
		return 0;
	}
	return ERR_INVALID;
}
