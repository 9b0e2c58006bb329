/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Life of an IKE SA: made, keyed, established, inherited by its successor, ended.  Never looks into
 * a message.  RFC 7296 sections 2.4, 2.6 and 2.18.
 */
#include "ikev2/ikesa.h"

#include "ikev2/child.h"
#include "ikev2/exchange.h"
#include "ikev2/intermediate.h"
#include "ikev2/mobike.h"
#include "ikev2/natt.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <inttypes.h>

#include <stdlib.h>
#include <string.h>

#define STUCK_MS     180000
#define REDUNDANT_MS 60000 /* the peer deletes the redundant one of a collision before */

struct view nonce_view(const struct nonce *n)
{
	return view_of(n->data, n->len);
}

void nonce_set(struct nonce *n, struct view v)
{
	n->len = (uint16_t)(v.len <= NONCE_MAX ? v.len : NONCE_MAX);
	memcpy(n->data, v.data, n->len);
}

void nonce_make(struct ike_engine *e, struct nonce *n)
{
	n->len = NONCE_LEN;
	engine_random(e, n->data, NONCE_LEN);
}

void message_out_set(struct message_out *m, struct view bytes)
{
	message_out_clear(m);
	m->bytes = mem_dup(bytes.data, bytes.len);
	m->len = bytes.len;
}

void message_out_clear(struct message_out *m)
{
	free(m->bytes);
	*m = (struct message_out){0};
}

void dh_wait_start(struct ike_engine *e, struct dh_wait *w, struct ike_sa *sa,
		   enum dh_purpose purpose, struct ike_dh_job *job)
{
	w->token = ++e->next_token;
	w->purpose = purpose;
	w->sa = sa;
	job->token = w->token;
	w->spare = dh_spare_new(job);
	map_insert(&e->jobs, &w->by_token, &w->token, sizeof(w->token));
	engine_dh(e, sa->tunnel_id, job);
}

void dh_wait_cancel(struct ike_engine *e, struct dh_wait *w)
{
	if (w->token == 0)
		return;
	map_remove(&e->jobs, &w->by_token);
	w->token = 0;
	dh_spare_free(w->spare);
	w->spare = NULL;
}

/* ---- Making and freeing ---------------------------------------------------------------------- */

static void timers_init(struct ike_sa *sa)
{
	engine_timer_init(&sa->retransmit, TIMER_SA_RETRANSMIT, sa);
	engine_timer_init(&sa->half_open_end, TIMER_SA_HALF_OPEN, sa);
	engine_timer_init(&sa->liveness, TIMER_SA_LIVENESS, sa);
	engine_timer_init(&sa->dead, TIMER_SA_DEAD, sa);
	engine_timer_init(&sa->doubt, TIMER_SA_DOUBT, sa);
	engine_timer_init(&sa->rekey, TIMER_SA_REKEY, sa);
	engine_timer_init(&sa->expire, TIMER_SA_EXPIRE, sa);
	engine_timer_init(&sa->nat_keepalive, TIMER_SA_NAT_KEEPALIVE, sa);
	engine_timer_init(&sa->work, TIMER_SA_WORK, sa);
	engine_timer_init(&sa->release, TIMER_SA_FREE, sa);
}

static bool spi_is_free(struct ike_engine *e, struct ike_sa *sa)
{
	return sa->own_spi != 0 &&
	       map_insert(&e->sas, &sa->by_spi, &sa->own_spi, sizeof(sa->own_spi));
}

static struct ike_sa *fresh(const struct ike_engine *e, struct ike_sa *sa, bool initiator)
{
	list_init(&sa->of_tunnel);
	list_init(&sa->closed);
	list_init(&sa->of_half_open);
	list_init(&sa->tasks);
	list_init(&sa->children);
	timers_init(sa);
	sa->initiator = initiator;
	sa->lineage_initiator = initiator;
	sa->created_ms = e->now_ms;
	sa->last_rx_ms = e->now_ms;
	if (initiator)
		sa->spi_i = sa->own_spi;
	else
		sa->spi_r = sa->own_spi;
	return sa;
}

struct ike_sa *ike_sa_new(struct ike_engine *e, bool initiator)
{
	struct ike_sa *sa;

	if (e->sas.count >= e->limits.max_ike_sas)
		return NULL;
	sa = mem_zalloc(sizeof(*sa));
	do {
		engine_random(e, &sa->own_spi, sizeof(sa->own_spi));
	} while (!spi_is_free(e, sa));
	return fresh(e, sa, initiator);
}

struct ike_sa *ike_sa_restore(struct ike_engine *e, uint64_t own_spi, bool initiator)
{
	struct ike_sa *sa = mem_zalloc(sizeof(*sa));

	sa->own_spi = own_spi;
	if (spi_is_free(e, sa))
		return fresh(e, sa, initiator);
	free(sa);
	return NULL;
}

struct ike_sa *ike_sa_find(const struct ike_engine *e, uint64_t own_spi)
{
	struct map_node *n = map_find(&e->sas, &own_spi, sizeof(own_spi));

	return n ? container_of(n, struct ike_sa, by_spi) : NULL;
}

void ike_sa_set_peer_spi(struct ike_sa *sa, uint64_t peer_spi)
{
	if (sa->initiator)
		sa->spi_r = peer_spi;
	else
		sa->spi_i = peer_spi;
}

void ike_sa_set_tunnel(struct ike_sa *sa, struct tunnel *t)
{
	list_remove(&sa->of_tunnel);
	sa->tunnel = t;
	if (!t)
		return;
	sa->tunnel_id = t->profile.id;
	list_append(&t->sas, &sa->of_tunnel);
}

const struct message_out *first_own_message(const struct ike_sa *sa)
{
	const struct initial *in = sa->initial;

	if (sa->initiator)
		return &in->asking->own;
	return in->more && in->more->own.len > 0 ? &in->more->own : &sa->response.message;
}

void initial_free(struct ike_engine *e, struct ike_sa *sa)
{
	struct initial *in = sa->initial;

	if (!in)
		return;
	sa->initial = NULL;
	dh_wait_cancel(e, &in->wait);
	ike_dh_job_free(in->job);
	if (in->asking)
		message_out_clear(&in->asking->own);
	free(in->asking);
	message_out_clear(&in->peer);
	free(in->peer_offer);
	intermediate_free(in->more);
	if (in->child)
		child_free(e, in->child);
	free(in);
}

static void timers_stop(struct ike_engine *e, struct ike_sa *sa)
{
	engine_timer_stop(e, &sa->retransmit);
	engine_timer_stop(e, &sa->half_open_end);
	engine_timer_stop(e, &sa->liveness);
	engine_timer_stop(e, &sa->dead);
	engine_timer_stop(e, &sa->doubt);
	engine_timer_stop(e, &sa->rekey);
	engine_timer_stop(e, &sa->expire);
	engine_timer_stop(e, &sa->nat_keepalive);
	engine_timer_stop(e, &sa->work);
	engine_timer_stop(e, &sa->release);
}

void ike_sa_free(struct ike_engine *e, struct ike_sa *sa)
{
	tasks_drop(e, sa);
	peer_request_free(e, sa);
	initial_free(e, sa);
	timers_stop(e, sa);
	ike_sa_set_tunnel(sa, NULL);
	list_remove(&sa->closed);
	list_remove(&sa->of_half_open);
	if (sa->in_inits)
		map_remove(&e->inits, &sa->by_init);
	if (sa->half_open)
		halfopen_remove(&e->halfopen, e->now_ms, &sa->remote.addr);
	map_remove(&e->sas, &sa->by_spi);
	message_out_clear(&sa->request.message);
	message_out_clear(&sa->response.message);
	frag_clear(&sa->request_fragments);
	frag_clear(&sa->answer_fragments);
	secret_clear(&sa->peer_token);
	keymat_ike_clear(&sa->keys);
	sk_key_clear(&sa->seal);
	sk_key_clear(&sa->open);
	free(sa);
}

/* ---- State ----------------------------------------------------------------------------------- */

int ike_sa_event(struct ike_engine *e, struct ike_sa *sa, enum sa_event ev)
{
	enum sa_state from = sa->state;
	const char *story = "";
	int rc = fsm_sa_next(from, ev, &sa->state, &story);

	if (rc) {
		engine_count(e, COUNTER_ILLEGAL_TRANSITIONS);
		return rc;
	}
	trace_state(e, sa->tunnel_id, &sa->remote,
		    "IKE SA %016" PRIx64 "/%016" PRIx64 ": %s -> %s, %s", sa->spi_i, sa->spi_r,
		    fsm_sa_state_name(from), fsm_sa_state_name(sa->state), story);
	if (sa->half_open && sa->state != SA_RESPONDING && sa->state != SA_HALF_OPEN) {
		sa->half_open = false;
		list_remove(&sa->of_half_open);
		halfopen_remove(&e->halfopen, e->now_ms, &sa->remote.addr);
		engine_timer_stop(e, &sa->half_open_end);
	}
	return 0;
}

bool ike_sa_is_usable(const struct ike_sa *sa)
{
	return sa->state == SA_ESTABLISHED;
}

void ike_sa_keylog(struct ike_engine *e, const struct ike_sa *sa)
{
	const struct sk_key *i = sa->initiator ? &sa->seal : &sa->open;
	const struct sk_key *r = sa->initiator ? &sa->open : &sa->seal;
	struct ike_keylog *k;

	if (!e->keylog || i->encr_key.len == 0)
		return;
	k = mem_zalloc(sizeof(*k));
	k->spi_i = sa->spi_i;
	k->spi_r = sa->spi_r;
	k->remote = sa->remote;
	k->suite = sa->suite;
	secret_copy(&k->sk_ei, &i->encr_key);
	secret_copy(&k->sk_er, &r->encr_key);
	secret_copy(&k->sk_ai, &i->integ_key);
	secret_copy(&k->sk_ar, &r->integ_key);
	engine_keylog(e, sa->tunnel_id, k);
}

int ike_sa_set_keys(struct ike_engine *e, struct ike_sa *sa, struct keymat_ike *keys)
{
	const struct secret *own_e = sa->initiator ? &keys->sk_ei : &keys->sk_er;
	const struct secret *own_a = sa->initiator ? &keys->sk_ai : &keys->sk_ar;
	const struct secret *peer_e = sa->initiator ? &keys->sk_er : &keys->sk_ei;
	const struct secret *peer_a = sa->initiator ? &keys->sk_ar : &keys->sk_ai;
	int rc;

	sk_key_clear(&sa->seal);
	sk_key_clear(&sa->open);
	rc = sk_key_init(&sa->seal, &sa->suite, own_e, own_a);

	if (!rc)
		rc = sk_key_init(&sa->open, &sa->suite, peer_e, peer_a);
	if (!rc) {
		ike_sa_keylog(e, sa);
		secret_move(&sa->keys.sk_d, &keys->sk_d);
		secret_move(&sa->keys.sk_pi, &keys->sk_pi);
		secret_move(&sa->keys.sk_pr, &keys->sk_pr);
	}
	keymat_ike_clear(keys);
	return rc;
}

/* ---- Timers ---------------------------------------------------------------------------------- */

/* 90 % of the lifetime minus a random part of up to 10 % of it (RFC 7296 section 2.8.1). */
static uint64_t rekey_delay_ms(struct ike_engine *e, uint32_t lifetime_s)
{
	uint64_t life_ms = (uint64_t)lifetime_s * 1000;

	return life_ms * 9 / 10 - engine_random_below(e, (uint32_t)(life_ms / 10) + 1);
}

static void liveness_start(struct ike_engine *e, struct ike_sa *sa)
{
	const struct profile *p = &sa->tunnel->profile;

	if (p->keepalive_s > 0)
		engine_timer_at(e, &sa->liveness, sa->last_rx_ms + p->keepalive_s * 1000ull);
	else
		engine_timer_stop(e, &sa->liveness);
	if (p->keepalive_s > 0 && p->dead_s > 0)
		engine_timer_at(e, &sa->dead, sa->last_rx_ms + p->dead_s * 1000ull);
	else
		engine_timer_stop(e, &sa->dead);
}

void ike_sa_start_timers(struct ike_engine *e, struct ike_sa *sa)
{
	uint32_t life_s = sa->tunnel->profile.ike_lifetime_s;

	sa->rekey_at_ms = sa->expire_at_ms = 0;
	if (life_s > 0) {
		sa->rekey_at_ms = sa->since_ms + rekey_delay_ms(e, life_s);
		sa->expire_at_ms = sa->since_ms + life_s * 1000ull;
		engine_timer_at(e, &sa->rekey, sa->rekey_at_ms);
		engine_timer_at(e, &sa->expire, sa->expire_at_ms);
	}
	liveness_start(e, sa);
	natt_keepalive_start(e, sa);
}

void ike_sa_restart_timers(struct ike_engine *e, struct ike_sa *sa)
{
	struct list *n, *after;

	if (!ike_sa_is_usable(sa))
		return;
	ike_sa_start_timers(e, sa);
	list_for_each(n, after, &sa->children)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (c->state == CHILD_LIVE)
			child_start_timers(e, c);
	}
}

void ike_sa_heard(struct ike_engine *e, struct ike_sa *sa, uint64_t at_ms)
{
	(void)e; /* the timers look at the moment when they fire */
	if (at_ms > e->now_ms)
		at_ms = e->now_ms;
	if (at_ms > sa->last_rx_ms)
		sa->last_rx_ms = at_ms;
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

/* Attempts of ours that have told the peer no identity yet are not needed any more. */
static void drop_own_attempts(struct ike_engine *e, struct tunnel *t, const struct ike_sa *winner)
{
	struct list *n, *after;

	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (sa != winner && (sa->state == SA_KEY || sa->state == SA_INIT_SENT ||
				     sa->state == SA_SECRET || sa->state == SA_MORE_KEY ||
				     sa->state == SA_MORE_SENT || sa->state == SA_MORE_SECRET))
			ike_sa_close(e, sa, 0);
	}
}

static void nonce_low(struct ike_sa *sa, const struct nonce *a, const struct nonce *b)
{
	const struct nonce *low = nonce_compare(nonce_view(a), nonce_view(b)) <= 0 ? a : b;

	sa->low.len = (uint8_t)(low->len < NONCE_LEN ? low->len : NONCE_LEN);
	memcpy(sa->low.data, low->data, sa->low.len);
}

void ike_sa_established(struct ike_engine *e, struct ike_sa *sa)
{
	struct tunnel *t = sa->tunnel;

	sa->since_ms = sa->established_ms = e->now_ms;
	if (sa->initial)
		nonce_low(sa, &sa->initial->ni, &sa->initial->nr);
	ike_sa_heard(e, sa, e->now_ms);
	ike_sa_start_timers(e, sa);
	engine_count(e, COUNTER_IKE_ESTABLISHED);
	sa->wants_children = sa->initiator;
	trace_established(e, sa->tunnel_id);
	drop_own_attempts(e, t, sa);
	tunnel_refresh(e, t);
	tunnel_settle_soon(e, t);
}

void ike_sa_copy_lineage(struct ike_sa *sa, const struct ike_sa *old)
{
	sa->local = old->local;
	sa->remote = old->remote;
	sa->natt = old->natt;
	sa->nat_local = old->nat_local;
	sa->nat_remote = old->nat_remote;
	sa->forced_encap = old->forced_encap;
	sa->peer_fragments = old->peer_fragments;
	sa->wants_children = old->wants_children;
	sa->ppk = old->ppk;
	sa->peer_redirects = old->peer_redirects;
	sa->redirected_from = old->redirected_from;
	sa->peer_id = old->peer_id;
	sa->created_ms = old->created_ms;
	sa->established_ms = old->established_ms;
	sa->lineage_initiator = old->lineage_initiator;
	sa->low = old->low;
	sa->last_rx_ms = old->last_rx_ms;
	sa->tunnel_id = old->tunnel_id;
}

/* A DELETE that was under way on the old IKE SA may never be answered. */
static void queue_deletes(struct ike_engine *e, struct ike_sa *sa)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);
		struct task *t;

		if (c->state != CHILD_DELETING || task_is_pending(sa, TASK_CHILD_DELETE, c->number))
			continue;
		t = task_new(TASK_CHILD_DELETE);
		t->child = c->number;
		task_queue(e, sa, t);
	}
}

void ike_sa_inherit(struct ike_engine *e, struct ike_sa *sa, struct ike_sa *old)
{
	struct list *n, *after;

	sa->replaces = 0;
	list_for_each(n, after, &old->children)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (c->state == CHILD_NEW)
			continue;
		list_remove(&c->of_sa);
		c->sa = sa;
		list_append(&sa->children, &c->of_sa);
	}
	list_for_each(n, after, &old->tasks)
	{
		struct task *task = container_of(n, struct task, link);

		if (task->kind == TASK_IKE_REKEY || task->kind == TASK_LIVENESS ||
		    task->kind == TASK_TOKEN)
			continue;
		list_remove(&task->link);
		list_append(&sa->tasks, &task->link);
	}
	if (ike_sa_event(e, old, SA_EV_REPLACED) == 0) {
		engine_timer_stop(e, &old->liveness);
		engine_timer_stop(e, &old->dead);
		engine_timer_stop(e, &old->doubt);
		engine_timer_stop(e, &old->rekey);
		engine_timer_stop(e, &old->nat_keepalive);
		engine_timer_in(e, &old->expire, REDUNDANT_MS);
	}
	ike_sa_start_timers(e, sa);
	mobike_inherit(e, sa, old);
	engine_count(e, COUNTER_IKE_REKEYED);
	engine_event(e, sa->tunnel_id, IKE_EVENT_IKE_REKEYED, NULL);
	queue_deletes(e, sa);
	sa->want_after_ms = old->want_after_ms;
	sa->refusals = old->refusals;
	child_want(e, sa);
}

bool ike_sa_is_stuck(struct ike_engine *e, struct ike_sa *sa)
{
	if (sa->stuck_since_ms == 0)
		sa->stuck_since_ms = e->now_ms;
	return e->now_ms >= sa->stuck_since_ms + STUCK_MS;
}

void ike_sa_unstick(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_failure f = failure_of(e, IKE_CAUSE_PEER_ERROR, IKE_EXCH_CREATE_CHILD_SA, true,
					  &sa->remote, "peer answers TEMPORARY_FAILURE for %u s",
					  (unsigned)((e->now_ms - sa->stuck_since_ms) / 1000));

	ike_sa_fail(e, sa, &f, true);
}

static void children_end(struct ike_engine *e, struct ike_sa *sa)
{
	struct list *n, *after;
	bool linger = sa->tunnel && tunnel_current(sa->tunnel) != NULL;

	list_for_each(n, after, &sa->children)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (c->state == CHILD_NEW)
			continue; /* its task frees it */
		child_closed(e, c, linger);
	}
}

/* Leaves the tunnel; the tunnel learns what that means for it. */
static void leave_tunnel(struct ike_engine *e, struct ike_sa *sa)
{
	struct tunnel *t = sa->tunnel;

	children_end(e, sa);
	if (!t)
		return;
	ike_sa_set_tunnel(sa, NULL);
	tunnel_refresh(e, t);
	tunnel_plan(e, t);
}

/* Ends while the outcome of a collision is open: the peer's new one is what is left. */
static void settle_rekey(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_sa *theirs;

	if (!sa->own || sa->own->collision.sa_spi == 0)
		return;
	theirs = ike_sa_find(e, sa->own->collision.sa_spi);
	if (theirs && theirs->replaces == sa->own_spi)
		rekey_ike_adopt(e, theirs);
}

void ike_sa_close(struct ike_engine *e, struct ike_sa *sa, uint32_t linger_ms)
{
	if (sa->state == SA_CLOSED)
		return;
	settle_rekey(e, sa);
	if (ike_sa_event(e, sa, SA_EV_CLOSE))
		return;
	tasks_drop(e, sa);
	peer_request_free(e, sa);
	exchange_request_done(e, sa);
	timers_stop(e, sa);
	initial_free(e, sa);
	leave_tunnel(e, sa);
	if (linger_ms > 0)
		engine_timer_in(e, &sa->release, linger_ms);
	else
		list_append(&e->closed, &sa->closed);
}

void ike_sa_delete(struct ike_engine *e, struct ike_sa *sa, unsigned notify)
{
	struct task *task;

	settle_rekey(e, sa);
	if (ike_sa_event(e, sa, SA_EV_DELETE)) {
		ike_sa_close(e, sa, 0);
		return;
	}
	engine_timer_stop(e, &sa->liveness);
	engine_timer_stop(e, &sa->dead);
	engine_timer_stop(e, &sa->doubt);
	engine_timer_stop(e, &sa->rekey);
	engine_timer_stop(e, &sa->expire);
	engine_timer_stop(e, &sa->nat_keepalive);
	initial_free(e, sa);
	peer_request_free(e, sa);
	while (!list_is_empty(&sa->tasks)) {
		task = container_of(sa->tasks.next, struct task, link);
		list_remove(&task->link);
		task_free(e, task);
	}
	sa->hold_until_ms = 0;
	task = task_new(TASK_IKE_DELETE);
	task->notify = notify;
	task_queue_first(e, sa, task);
	leave_tunnel(e, sa);
}

void ike_sa_fail(struct ike_engine *e, struct ike_sa *sa, const struct ike_failure *f, bool tell)
{
	struct tunnel *t = sa->tunnel;
	bool was_up = sa->state == SA_ESTABLISHED || sa->state == SA_REKEYED;

	tunnel_failed(t, f);
	if (t && !was_up)
		engine_event(e, sa->tunnel_id, IKE_EVENT_ATTEMPT_FAILED, f);
	if (tell)
		ike_sa_delete(e, sa, 0);
	else
		ike_sa_close(e, sa, 0);
}
