/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child SAs as we ask for them: the first one in IKE_AUTH, further ones and rekeying by
 * CREATE_CHILD_SA.  RFC 7296 sections 1.3.1, 1.3.3, 2.8, 2.9, 2.17 and 2.25.1.
 */
#include "ikev2/child_deal.h"

#include "ikev2/collision.h"
#include "ikev2/followup.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "ikev2/payload_ts.h"
#include "ikev2/tunnel.h"

#include <string.h>

#define GROUP_TRIES	  2
#define BACKOFF_MS	  5000	/* after TEMPORARY_FAILURE, plus up to as much again */
#define RETRY_MS	  30000 /* rekeying, after other errors */
#define WANT_RETRY_MIN_MS 10000
#define WANT_DOUBLINGS	  2 /* of the delay between refused attempts */
#define REDUNDANT_MS	  60000

static void queue_delete(struct ike_engine *e, struct ike_sa *sa, struct child_sa *c)
{
	struct task *t;

	if (child_event(e, c, CHILD_EV_DELETE))
		return;
	engine_timer_stop(e, &c->rekey);
	t = task_new(TASK_CHILD_DELETE);
	t->child = c->number;
	list_prepend(&sa->tasks, &t->link); /* started when the task under way is done */
}

/* ---- The first one --------------------------------------------------------------------------- */

void child_first_answer(struct ike_engine *e, struct ike_sa *sa, struct child_sa *c,
			struct message_in *in)
{
	struct initial *init = sa->initial;
	struct child_deal deal;
	struct child_result r = {.choice = &deal.choice,
				 .ni = nonce_view(&init->ni),
				 .nr = nonce_view(&init->nr),
				 .local_ts = &deal.ts.tsi,
				 .remote_ts = &deal.ts.tsr,
				 .initiator = true,
				 .outbound_now = true};
	struct payload_notify n;

	if (!payload_find(&in->payloads, IKE_PAYLOAD_SA)) {
		child_free(e, c);
		sa->child_refused = true;
		child_refused(e, sa, in, notify_find_error(&in->payloads, &n) ? n.type : 0);
		return;
	}
	deal.choice.peer_spi_len = 0;
	if (child_deal_check(sa, in, &init->asking->child_offer, &init->asking->tsi,
			     &init->asking->tsr, &deal)) {
		if (deal.choice.peer_spi_len == 4) { /* the peer has made it */
			c->spi_out = child_spi_of(&deal.choice);
			queue_delete(e, sa, c);
		} else {
			child_free(e, c);
		}
		child_failed(e, sa, in, IKE_N_INVALID_SYNTAX, false);
		sa->want_after_ms = e->now_ms + WANT_RETRY_MIN_MS;
		return;
	}
	if (child_install(e, c, &r)) { /* the peer has it, we have no memory for its keys */
		c->spi_out = child_spi_of(&deal.choice);
		queue_delete(e, sa, c);
		sa->want_after_ms = e->now_ms + WANT_RETRY_MIN_MS;
		return;
	}
	sa->refusals = 0;
	engine_event(e, sa->tunnel_id, IKE_EVENT_CHILD_UP, NULL);
}

/* ---- Which ones we want ---------------------------------------------------------------------- */

static bool pair_is_served(const struct ike_sa *sa, const struct ike_ts *l, const struct ike_ts *r)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
	{
		const struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if ((c->state == CHILD_LIVE || c->state == CHILD_REKEYED) &&
		    ts_kept_overlaps(&c->local_ts, l) && ts_kept_overlaps(&c->remote_ts, r))
			return true;
	}
	return false;
}

static bool has_live_child(const struct ike_sa *sa)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
	{
		const struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (c->state == CHILD_LIVE || c->state == CHILD_REKEYED)
			return true;
	}
	return false;
}

static void queue_create(struct ike_engine *e, struct ike_sa *sa, const struct ike_ts_list *local,
			 const struct ike_ts_list *remote)
{
	struct task *t = task_new(TASK_CHILD_CREATE);

	t->local_ts = *local;
	t->remote_ts = *remote;
	task_queue(e, sa, t);
}

static void want_pairs(struct ike_engine *e, struct ike_sa *sa)
{
	const struct profile *p = &sa->tunnel->profile;
	struct ike_ts_list all_local = ts_kept_list(&p->local_ts),
			   all_remote = ts_kept_list(&p->remote_ts);
	struct ike_ts_list local = {.count = 1}, remote = {.count = 1};
	size_t room = e->limits.max_children_per_ike;

	for (size_t i = 0; i < room; i++) {
		if (!ts_pair_at(&all_local, &all_remote, i, &local.ts[0], &remote.ts[0]))
			return;
		if (!pair_is_served(sa, &local.ts[0], &remote.ts[0]))
			queue_create(e, sa, &local, &remote);
	}
}

void child_want(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_ts_list local, remote;

	if (!ike_sa_is_usable(sa) || !sa->wants_children || !sa->tunnel || sa->replaces != 0 ||
	    task_is_pending(sa, TASK_CHILD_CREATE, 0))
		return;
	if (e->now_ms < sa->want_after_ms) {
		engine_timer_at(e, &sa->work, sa->want_after_ms);
		return;
	}
	if (has_live_child(sa) || sa->tunnel->profile.single_ts || sa->tunnel->learned_single_ts) {
		want_pairs(e, sa);
		return;
	}
	child_first_selectors(sa->tunnel, &local, &remote);
	queue_create(e, sa, &local, &remote);
}

void child_lost(struct ike_engine *e, struct ike_sa *sa, uint64_t since_ms)
{
	uint64_t soon_ms = e->now_ms + 1000;
	uint64_t calm_ms;

	if (!sa->tunnel)
		return;
	calm_ms = since_ms + sa->tunnel->profile.rebuild_s * 1000ull;
	sa->want_after_ms = calm_ms > soon_ms ? calm_ms : soon_ms;
	child_want(e, sa);
}

/* Each round in which one was refused makes the next one later. */
static void want_later(struct ike_engine *e, struct ike_sa *sa)
{
	uint64_t delay_ms = sa->tunnel->profile.rebuild_s * 1000ull;

	if (delay_ms < WANT_RETRY_MIN_MS)
		delay_ms = WANT_RETRY_MIN_MS;
	if (e->now_ms < sa->want_after_ms)
		return; /* another one of the same round */
	sa->want_after_ms = e->now_ms + (delay_ms << sa->refusals);
	if (sa->refusals < WANT_DOUBLINGS)
		sa->refusals++;
}

/* The peer said no to a new one.  A wrong selector payload may be too much for it: one pair each
 * (2.9); wrong algorithms: the legacy ones too; otherwise again later. */
void child_refused(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		   unsigned notify)
{
	struct tunnel *t = sa->tunnel;
	bool single = t->profile.single_ts || t->learned_single_ts;
	struct ike_ts_list local = ts_kept_list(&t->profile.local_ts),
			   remote = ts_kept_list(&t->profile.remote_ts);

	child_failed(e, sa, in, notify, true);
	if ((notify == IKE_N_TS_UNACCEPTABLE || notify == IKE_N_SINGLE_PAIR_REQUIRED) && !single &&
	    ts_pair_count(&local, &remote) > 1) {
		t->learned_single_ts = true;
		return;
	}
	if (notify == IKE_N_NO_PROPOSAL_CHOSEN && !t->weak_offer && !t->weak_child &&
	    proposal_has_tier2(IKE_PROTO_ESP, &t->profile.child)) {
		t->weak_child = true;
		return;
	}
	want_later(e, sa);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* The one that a task rekeys, as long as rekeying it makes sense. */
static struct child_sa *rekeyable(const struct ike_engine *e, const struct ike_sa *sa,
				  const struct task *t)
{
	struct child_sa *old = child_find(e, t->child);

	return old && old->sa == sa && old->state == CHILD_LIVE ? old : NULL;
}

static void compute_key(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	struct ike_dh_job *job = dh_job_new(e->crypto, t->group, &e->random, 0);

	ike_dh_job_free(t->job);
	t->job = NULL;
	t->step = STEP_KEY;
	if (job)
		dh_wait_start(e, &t->wait, sa, DH_FOR_OWN_REQUEST, job);
	else
		task_done(e, sa);
}

void child_task_start(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	struct child_sa *old = NULL;

	if (sa->state != SA_ESTABLISHED || !sa->tunnel) {
		task_done(e, sa);
		return;
	}
	if (t->kind == TASK_CHILD_REKEY) {
		old = rekeyable(e, sa, t);
		if (!old) {
			task_done(e, sa);
			return;
		}
		t->local_ts = ts_kept_list(&old->local_ts);
		t->remote_ts = ts_kept_list(&old->remote_ts);
	}
	if (!old && pair_is_served(sa, &t->local_ts.ts[0], &t->remote_ts.ts[0])) {
		task_done(e, sa);
		return;
	}
	t->new_child = child_new(e, sa);
	t->group = child_group(sa, old);
	nonce_make(e, &t->ni);
	compute_key(e, sa, t);
}

static void send_request(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	struct child_sa *old = NULL;
	struct draft d;

	if (t->kind == TASK_CHILD_REKEY) {
		old = rekeyable(e, sa, t);
		if (!old) {
			task_done(e, sa);
			return;
		}
	}
	draft_start(&d);
	if (old)
		payload_notify_write_spi(&d.b, IKE_N_REKEY_SA, old->spi_in, view_of(NULL, 0));
	child_write_offer(sa, t->new_child, t->group, old && !t->wide ? &old->suite : NULL,
			  &t->offer, &d);
	payload_nonce_write(&d.b, nonce_view(&t->ni));
	payload_ke_write(&d.b, t->group, dh_job_public(t->job));
	payload_ts_write(&d.b, IKE_PAYLOAD_TSI, &t->local_ts);
	payload_ts_write(&d.b, IKE_PAYLOAD_TSR, &t->remote_ts);
	t->step = STEP_SENT;
	if (exchange_request(e, sa, IKE_EXCH_CREATE_CHILD_SA, &d))
		task_done(e, sa);
}

/* ---- The answer ------------------------------------------------------------------------------ */

static void retry_later(struct ike_engine *e, struct ike_sa *sa, const struct task *t,
			uint32_t delay_ms)
{
	struct child_sa *old = child_find(e, t->child);
	uint32_t jitter = engine_random_below(e, delay_ms + 1);

	if (t->kind == TASK_CHILD_CREATE) {
		sa->want_after_ms = e->now_ms + delay_ms + jitter;
		engine_timer_at(e, &sa->work, sa->want_after_ms);
	} else if (old && old->state == CHILD_LIVE) {
		engine_timer_in(e, &old->rekey, delay_ms + jitter);
	}
}

/* CHILD_SA_NOT_FOUND: the peer has lost it without telling (2.25). */
static void not_found(struct ike_engine *e, struct ike_sa *sa, const struct task *t)
{
	struct child_sa *old = child_find(e, t->child);
	bool replaced;

	if (!old || old->sa != sa)
		return;
	replaced = old->successor != 0;
	child_closed(e, old, true);
	if (!replaced)
		child_want(e, sa);
}

static bool retry_group(struct ike_engine *e, struct ike_sa *sa, struct task *t,
			const struct payload_notify *n)
{
	uint16_t group;

	if (!notify_ke_group(n, &group) || group == t->group || group == 0 ||
	    !proposal_ke_allowed(&sa->tunnel->profile.child, group) || t->tries++ >= GROUP_TRIES)
		return false;
	if (t->kind == TASK_CHILD_REKEY && !rekeyable(e, sa, t))
		return false;
	t->group = group;
	nonce_make(e, &t->ni);
	compute_key(e, sa, t);
	return true;
}

static void got_error(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      const struct payload_notify *n)
{
	struct task *t = sa->own;
	const struct child_sa *old = child_find(e, t->child);
	/* Otherwise the peer's rekeying made ours pointless, or is about to. */
	bool replaced =
		t->kind == TASK_CHILD_REKEY && (!old || old->successor != 0 || t->collision.seen);

	if (n->type == IKE_N_INVALID_KE_PAYLOAD && !replaced && retry_group(e, sa, t, n))
		return;
	if (n->type == IKE_N_NO_PROPOSAL_CHOSEN && !t->wide && !replaced && rekeyable(e, sa, t)) {
		t->wide = true;
		nonce_make(e, &t->ni);
		compute_key(e, sa, t);
		return;
	}
	if (n->type == IKE_N_TEMPORARY_FAILURE && ike_sa_is_stuck(e, sa)) {
		task_done(e, sa);
		ike_sa_unstick(e, sa);
		return;
	}
	if (n->type == IKE_N_TEMPORARY_FAILURE) {
		retry_later(e, sa, t, BACKOFF_MS);
	} else if (n->type == IKE_N_CHILD_SA_NOT_FOUND && t->kind == TASK_CHILD_REKEY) {
		not_found(e, sa, t);
	} else if (t->kind == TASK_CHILD_CREATE) {
		child_refused(e, sa, in, n->type);
	} else {
		if (!replaced)
			child_failed(e, sa, in, n->type, true);
		retry_later(e, sa, t, RETRY_MS);
		if (n->type == IKE_N_NO_ADDITIONAL_SAS) /* RFC 7296 section 1.3 */
			tunnel_renew(e, sa->tunnel);
	}
	task_done(e, sa);
	child_want(e, sa);
}

/* It was made, but it is redundant or unusable: its creator deletes it. */
static void reject_new(struct ike_engine *e, struct ike_sa *sa, struct task *t,
		       const struct proposal_choice *choice)
{
	struct child_sa *c = t->new_child;

	t->new_child = NULL;
	c->spi_out = child_spi_of(choice);
	queue_delete(e, sa, c);
}

bool child_may_be_new(const struct ike_sa *sa)
{
	const struct task *t = sa->own;

	return t && (t->kind == TASK_CHILD_CREATE || t->kind == TASK_CHILD_REKEY) &&
	       (t->step == STEP_SENT || t->step == STEP_SECRET);
}

/* Made, and deleted by the peer before its answer reached us. */
static bool is_gone_already(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	struct child_sa *old = child_find(e, t->child);
	uint32_t spi_out = child_spi_of(&t->choice);

	if (t->gone_spi == 0 || t->gone_spi != spi_out)
		return false;
	if (old && old->sa == sa && old->state == CHILD_LIVE)
		queue_delete(e, sa, old);
	return true;
}

static void settle_collision(struct ike_engine *e, const struct child_sa *old)
{
	struct child_sa *theirs = old ? child_find(e, old->successor) : NULL;

	if (!theirs || theirs->state != CHILD_LIVE)
		return;
	theirs->outbound = false;
	theirs->redundant = true;
	engine_timer_stop(e, &theirs->rekey);
	engine_timer_in(e, &theirs->expire, REDUNDANT_MS);
}

static void finish(struct ike_engine *e, struct ike_sa *sa, struct task *t,
		   const struct secret *shared)
{
	struct child_sa *old = child_find(e, t->child);
	struct child_sa *c = t->new_child;
	bool rekey = t->kind == TASK_CHILD_REKEY;
	struct child_result r = {.choice = &t->choice,
				 .ni = nonce_view(&t->ni),
				 .nr = nonce_view(&t->nr),
				 .shared = followup_first(t->more, shared),
				 .more = followup_more(t->more),
				 .local_ts = &t->local_ts,
				 .remote_ts = &t->remote_ts,
				 .initiator = true,
				 .outbound_now = true};

	if (is_gone_already(e, sa, t))
		return;
	if (t->collision.seen) {
		engine_count(e, COUNTER_COLLISIONS);
		if (collision_first_is_redundant(r.ni, r.nr, nonce_view(&t->collision.ni),
						 nonce_view(&t->collision.nr))) {
			reject_new(e, sa, t, &t->choice);
			return;
		}
	}
	r.rekeys = rekey && old ? old->number : 0;
	if (child_install(e, c, &r)) {
		reject_new(e, sa, t, &t->choice);
		return;
	}
	t->new_child = NULL;
	if (!rekey)
		sa->refusals = 0;
	if (rekey) {
		settle_collision(e, old);
		if (old)
			old->successor = c->number;
		if (old && old->sa == sa && old->state != CHILD_DELETING)
			queue_delete(e, sa, old);
		engine_count(e, COUNTER_CHILD_REKEYED);
	}
	engine_event(e, sa->tunnel_id, rekey ? IKE_EVENT_CHILD_REKEYED : IKE_EVENT_CHILD_UP, NULL);
}

static void bad_answer(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		       const struct child_deal *deal)
{
	child_failed(e, sa, in, IKE_N_INVALID_SYNTAX, false);
	retry_later(e, sa, sa->own, RETRY_MS);
	if (deal->choice.peer_spi_len == 4)
		reject_new(e, sa, sa->own, &deal->choice);
	task_done(e, sa);
}

/* Nothing was made yet: once more, if it is still wanted. */
static void got_followup(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct task *t = sa->own;
	unsigned notify = followup_response(e, sa, in);

	if (!notify)
		return;
	if (notify != IKE_N_TEMPORARY_FAILURE && notify != IKE_N_STATE_NOT_FOUND)
		child_failed(e, sa, in, notify, notify != IKE_N_INVALID_SYNTAX);
	retry_later(e, sa, t, BACKOFF_MS);
	reject_new(e, sa, t, &t->choice); /* the last exchange made it at the peer */
	task_done(e, sa);
	child_want(e, sa);
}

void child_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct task *t = sa->own;
	struct child_deal deal = {0};
	struct payload_notify n;
	struct ike_dh_job *job;

	if (sa->state != SA_ESTABLISHED || !sa->tunnel) { /* it goes away with the IKE SA */
		task_done(e, sa);
		return;
	}
	if (t->more) {
		got_followup(e, sa, in);
		return;
	}
	if (!payload_find(&in->payloads, IKE_PAYLOAD_SA) && notify_find_error(&in->payloads, &n)) {
		got_error(e, sa, in, &n);
		return;
	}
	if (child_deal_check(sa, in, &t->offer, &t->local_ts, &t->remote_ts, &deal) ||
	    deal.nonce.len == 0 || deal.choice.suite.ke != deal.ke.group ||
	    (deal.choice.suite.ke != 0 &&
	     (deal.ke.group != t->group || dh_job_set_peer(t->job, deal.ke.data)))) {
		bad_answer(e, sa, in, &deal);
		return;
	}
	t->choice = deal.choice;
	t->local_ts = deal.ts.tsi;
	t->remote_ts = deal.ts.tsr;
	nonce_set(&t->nr, deal.nonce);
	if (followup_begin(t, in)) {
		bad_answer(e, sa, in, &deal);
		return;
	}
	if (deal.choice.suite.ke == 0) {
		finish(e, sa, t, NULL);
		task_done(e, sa);
		child_want(e, sa);
		return;
	}
	t->step = STEP_SECRET;
	job = t->job;
	t->job = NULL;
	dh_wait_start(e, &t->wait, sa, DH_FOR_OWN_REQUEST, job);
}

void child_own_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct task *t = sa->own;

	if (sa->state != SA_ESTABLISHED || !sa->tunnel) {
		ike_dh_job_free(job);
		task_done(e, sa);
		return;
	}
	t->job = job;
	if (t->step == STEP_KEY) {
		if (t->more)
			followup_send(e, sa, t);
		else
			send_request(e, sa, t);
		return;
	}
	if (job->failed || job->shared.len == 0) {
		reject_new(e, sa, t, &t->choice);
	} else if (t->more) {
		t->job = NULL;
		if (followup_goes_on(e, sa, t, job)) {
			ike_dh_job_free(job);
			return;
		}
		t->job = job;
		finish(e, sa, t, &job->shared);
	} else
		finish(e, sa, t, &job->shared);
	task_done(e, sa);
	child_want(e, sa);
}
