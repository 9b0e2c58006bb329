/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rekeying the IKE SA by CREATE_CHILD_SA, both roles.  The new one inherits all Child SAs.  When
 * both sides rekey at once, the four nonces decide which new one stays.
 * RFC 7296 sections 1.3.2, 2.8.2, 2.18 and 2.25.2.
 */
#include "ikev2/exchange.h"

#include "ikev2/child_deal.h"
#include "ikev2/collision.h"
#include "ikev2/followup.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "ikev2/qcd.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define GROUP_TRIES  2
#define BACKOFF_MS   5000 /* after TEMPORARY_FAILURE, plus up to as much again */
#define RETRY_MS     30000
#define HOLD_MS	     5000 /* the peer may not have our answer yet */
#define REDUNDANT_MS 60000

static void spi_octets(uint64_t spi, uint8_t out[8])
{
	struct writer w = writer_of(out, 8);

	writer_u64(&w, spi);
}

static uint64_t peer_spi_of(const struct proposal_choice *c)
{
	struct reader r = reader_of(view_of(c->peer_spi, sizeof(c->peer_spi)));

	return c->peer_spi_len == 8 ? reader_u64(&r) : 0;
}

/* ---- Making the new IKE SA ------------------------------------------------------------------- */

/* Keys and SPIs for ns, which replaces sa; afterwards it is established, but owns nothing yet. */
static int complete(struct ike_engine *e, struct ike_sa *ns, const struct ike_sa *sa,
		    const struct proposal_choice *choice, const struct nonce *ni,
		    const struct nonce *nr, const struct secret *shared,
		    const struct followup *more)
{
	struct keymat_ike keys = {0};
	struct keymat_ike_input in = {.suite = &choice->suite,
				      .ni = nonce_view(ni),
				      .nr = nonce_view(nr),
				      .shared = followup_first(more, shared),
				      .more = followup_more(more)};
	int rc;

	ike_sa_copy_lineage(ns, sa);
	ns->suite = choice->suite;
	ns->since_ms = e->now_ms;
	ike_sa_set_peer_spi(ns, peer_spi_of(choice));
	in.spi_i = ns->spi_i;
	in.spi_r = ns->spi_r;
	rc = keymat_ike_rekey(e->crypto, sa->suite.prf, &sa->keys.sk_d, &in, &keys);
	if (!rc)
		rc = ike_sa_set_keys(e, ns, &keys);
	return rc ? rc : ike_sa_event(e, ns, SA_EV_INHERIT);
}

/* It lost; the peer, who made it, deletes it. */
static void make_redundant(struct ike_engine *e, struct ike_sa *sa)
{
	sa->replaces = 0;
	sa->redundant = true;
	if (sa->state == SA_ESTABLISHED) /* otherwise the peer has deleted it already */
		engine_timer_in(e, &sa->expire, REDUNDANT_MS);
}

void rekey_ike_adopt(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_sa *old = ike_sa_find(e, sa->replaces);

	sa->replaces = 0;
	if (old && old->state == SA_ESTABLISHED && sa->state == SA_ESTABLISHED && sa->tunnel)
		ike_sa_inherit(e, sa, old);
}

/* ---- Ours ------------------------------------------------------------------------------------ */

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

static void retry_later(struct ike_engine *e, struct ike_sa *sa, uint32_t delay_ms)
{
	if (ike_sa_is_usable(sa))
		engine_timer_in(e, &sa->rekey, delay_ms + engine_random_below(e, delay_ms + 1));
}

void rekey_ike_task_start(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	if (!ike_sa_is_usable(sa) || !sa->tunnel || sa->replaces != 0 || sa->redundant) {
		task_done(e, sa);
		return;
	}
	t->new_sa = ike_sa_new(e, true);
	if (!t->new_sa) {
		retry_later(e, sa, RETRY_MS);
		task_done(e, sa);
		return;
	}
	t->new_sa->tunnel_id = sa->tunnel_id;
	t->group = sa->suite.ke;
	nonce_make(e, &t->ni);
	compute_key(e, sa, t);
}

/*
 * The algorithms that are in use.  Section 2.18 takes the old PRF for SKEYSEED and the new one for
 * the keys, RFC 4306 said it otherwise, and peers differ: with the same PRF it does not matter.
 */
static struct ike_parameters pinned(const struct ike_suite *s)
{
	struct ike_parameters p = {.encr = s->encr,
				   .key_bits = s->key_bits,
				   .prf = s->prf,
				   .integ = s->integ,
				   .ke = s->ke};

	memcpy(p.addke, s->addke, sizeof(p.addke));
	return p;
}

static void send_request(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	const struct tunnel *tunnel = sa->tunnel;
	bool legacy = tunnel->weak_offer || !t->wide;
	struct ike_parameters same = pinned(&sa->suite);
	struct proposal_request rq = {.protocol = IKE_PROTO_IKE,
				      .params = t->wide ? &tunnel->profile.ike : &same,
				      .tier = legacy ? PROPOSAL_TIER_2 : PROPOSAL_TIER_1,
				      .ke = t->group,
				      .spi_len = 8};
	struct draft d;

	same.ke = t->group;
	spi_octets(t->new_sa->own_spi, rq.spi);
	proposal_build(&rq, &t->offer);
	draft_start(&d);
	proposal_write(&d.b, &t->offer);
	payload_nonce_write(&d.b, nonce_view(&t->ni));
	payload_ke_write(&d.b, t->group, dh_job_public(t->job));
	t->step = STEP_SENT;
	if (exchange_request(e, sa, IKE_EXCH_CREATE_CHILD_SA, &d))
		task_done(e, sa);
}

/* Ours came to nothing; the peer's, if there is one, stands. */
static void give_up(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_sa *theirs = ike_sa_find(e, sa->own->collision.sa_spi);

	if (theirs && theirs->replaces == sa->own_spi)
		rekey_ike_adopt(e, theirs); /* takes the queue with it */
	task_done(e, sa);
}

static void got_error(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      const struct payload_notify *n)
{
	struct task *t = sa->own;
	uint16_t group;

	if (n->type == IKE_N_NO_PROPOSAL_CHOSEN && !t->wide && sa->tunnel && !t->collision.seen) {
		t->wide = true;
		nonce_make(e, &t->ni);
		compute_key(e, sa, t);
		return;
	}
	if (n->type == IKE_N_INVALID_KE_PAYLOAD && notify_ke_group(n, &group) &&
	    group != t->group && group != 0 && sa->tunnel && !t->collision.seen &&
	    proposal_ke_allowed(&sa->tunnel->profile.ike, group) && t->tries++ < GROUP_TRIES) {
		t->group = group;
		nonce_make(e, &t->ni);
		compute_key(e, sa, t);
		return;
	}
	if (n->type == IKE_N_TEMPORARY_FAILURE && ike_sa_is_usable(sa) && !t->collision.seen &&
	    ike_sa_is_stuck(e, sa)) {
		task_done(e, sa);
		ike_sa_unstick(e, sa);
		return;
	}
	if (n->type == IKE_N_TEMPORARY_FAILURE) {
		retry_later(e, sa, BACKOFF_MS);
	} else {
		ike_rekey_failed(e, sa, in, n->type, true);
		retry_later(e, sa, RETRY_MS);
		if (n->type == IKE_N_NO_ADDITIONAL_SAS && ike_sa_is_usable(sa))
			tunnel_renew(e, sa->tunnel);
	}
	give_up(e, sa);
}

static bool take_answer(struct ike_sa *sa, const struct message_in *in)
{
	struct task *t = sa->own;
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	const struct payload *pke = payload_find(&in->payloads, IKE_PAYLOAD_KE);
	const struct payload *pn = payload_find(&in->payloads, IKE_PAYLOAD_NONCE);
	struct payload_sa answer;
	struct payload_ke ke;
	struct view nonce;

	if (!psa || !pke || !pn || payload_sa_read(psa->body, &answer) ||
	    payload_ke_read(pke->body, &ke) || payload_nonce_read(pn->body, &nonce) ||
	    proposal_verify(&t->offer, &answer, &t->choice) || peer_spi_of(&t->choice) == 0 ||
	    ke.group != t->group || t->choice.suite.ke != ke.group ||
	    dh_job_set_peer(t->job, ke.data))
		return false;
	nonce_set(&t->nr, nonce);
	return true;
}

static void bad_answer(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct ike_failure f =
		failure_make(e, IKE_REASON_INVALID_SYNTAX, in->header.exchange, false, &in->remote,
			     "answer to rekeying the IKE SA is not valid");

	tunnel_failed(sa->tunnel, &f);
	retry_later(e, sa, RETRY_MS);
	give_up(e, sa);
}

static void got_followup(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	unsigned notify = followup_response(e, sa, in);

	if (!notify)
		return;
	if (notify == IKE_N_INVALID_SYNTAX) {
		bad_answer(e, sa, in);
		return;
	}
	if (notify != IKE_N_TEMPORARY_FAILURE && notify != IKE_N_STATE_NOT_FOUND)
		ike_rekey_failed(e, sa, in, notify, true);
	retry_later(e, sa, BACKOFF_MS);
	give_up(e, sa);
}

void rekey_ike_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct task *t = sa->own;
	struct payload_notify n;
	struct ike_dh_job *job;

	if (t->more) {
		got_followup(e, sa, in);
		return;
	}
	if (!payload_find(&in->payloads, IKE_PAYLOAD_SA) && notify_find_error(&in->payloads, &n)) {
		got_error(e, sa, in, &n);
		return;
	}
	if (!take_answer(sa, in) || followup_begin(t, in)) {
		bad_answer(e, sa, in);
		return;
	}
	qcd_keep(t->new_sa, &in->payloads);
	t->step = STEP_SECRET;
	job = t->job;
	t->job = NULL;
	dh_wait_start(e, &t->wait, sa, DH_FOR_OWN_REQUEST, job);
}

/* Is the one that we made to go? */
static bool ours_lost(const struct task *t)
{
	return t->collision.seen &&
	       collision_first_is_redundant(nonce_view(&t->ni), nonce_view(&t->nr),
					    nonce_view(&t->collision.ni),
					    nonce_view(&t->collision.nr));
}

static void won(struct ike_engine *e, struct ike_sa *ns, struct ike_sa *sa, struct ike_sa *theirs)
{
	ike_sa_set_tunnel(ns, sa->tunnel);
	if (theirs)
		make_redundant(e, theirs);
	ike_sa_inherit(e, ns, sa);
	ike_sa_delete(e, sa, 0);
	qcd_renew(e, ns); /* the answer had the peer's only */
	task_work(e, ns);
}

static void lost(struct ike_engine *e, struct ike_sa *ns, struct ike_sa *theirs)
{
	ike_sa_delete(e, ns, 0);
	if (theirs && theirs->replaces != 0)
		rekey_ike_adopt(e, theirs);
}

static void finish(struct ike_engine *e, struct ike_sa *sa, const struct ike_dh_job *job)
{
	struct task *t = sa->own;
	struct ike_sa *ns = t->new_sa;
	struct ike_sa *theirs = ike_sa_find(e, t->collision.sa_spi);
	bool lose = ours_lost(t);

	if (!job->failed && job->shared.len > 0 && followup_goes_on(e, sa, t, job))
		return;
	if (t->collision.seen)
		engine_count(e, COUNTER_COLLISIONS);
	if (job->failed || job->shared.len == 0 ||
	    complete(e, ns, sa, &t->choice, &t->ni, &t->nr, &job->shared, t->more)) {
		retry_later(e, sa, RETRY_MS);
		give_up(e, sa);
		return;
	}
	t->new_sa = NULL;
	sa->own = NULL;
	task_free(e, t);
	if (sa->state != SA_ESTABLISHED) /* the peer's survived, or everything is going down */
		ike_sa_delete(e, ns, 0);
	else if (lose)
		lost(e, ns, theirs);
	else
		won(e, ns, sa, theirs);
	task_work(e, sa);
}

void rekey_ike_own_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct task *t = sa->own;

	if (t->step == STEP_SECRET) {
		finish(e, sa, job);
		ike_dh_job_free(job);
		return;
	}
	if (sa->state != SA_ESTABLISHED || !sa->tunnel) {
		ike_dh_job_free(job);
		task_done(e, sa);
		return;
	}
	t->job = job;
	if (t->more)
		followup_send(e, sa, t);
	else
		send_request(e, sa, t);
}

/* ---- The peer's ------------------------------------------------------------------------------ */

struct rekey_offer {
	struct proposal_choice choice;
	struct payload_ke ke;
	struct view nonce;
};

/* What they have brought is in SK_d, and goes into the new keys anyway. */
static const struct proposal_policy *without_addke(const struct proposal_policy *policy,
						   struct ike_parameters *params)
{
	memset(params->addke, 0, sizeof(params->addke));
	return policy;
}

static unsigned judge(const struct ike_sa *sa, const struct message_in *in, struct rekey_offer *out)
{
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	const struct payload *pke = payload_find(&in->payloads, IKE_PAYLOAD_KE);
	const struct payload *pn = payload_find(&in->payloads, IKE_PAYLOAD_NONCE);
	struct ike_parameters same = pinned(&sa->suite);
	struct proposal_policy policy = {.protocol = IKE_PROTO_IKE,
					 .params = &same,
					 .count = 1,
					 .spi_len = 8};
	struct payload_sa offers;

	if (!psa || !pke || !pn || payload_sa_read(psa->body, &offers) ||
	    payload_ke_read(pke->body, &out->ke) || payload_nonce_read(pn->body, &out->nonce))
		return IKE_N_INVALID_SYNTAX;
	policy.ke = out->ke.group;
	same.ke = sa->tunnel->profile.ike.ke; /* the group may change */
	if (proposal_select(&policy, &offers, &out->choice) &&
	    proposal_select(without_addke(&policy, &same), &offers, &out->choice)) {
		policy.params = &sa->tunnel->profile.ike;
		if (proposal_select(&policy, &offers, &out->choice))
			return IKE_N_NO_PROPOSAL_CHOSEN;
	}
	if (peer_spi_of(&out->choice) == 0)
		return IKE_N_NO_PROPOSAL_CHOSEN;
	return out->choice.suite.ke == out->ke.group ? 0 : IKE_N_INVALID_KE_PAYLOAD;
}

static void answer_error(struct ike_engine *e, struct ike_sa *sa,
			 const struct message_header *request, unsigned notify, uint16_t ke)
{
	uint8_t group[2] = {(uint8_t)(ke >> 8), (uint8_t)ke};

	if (notify == IKE_N_INVALID_SYNTAX)
		exchange_refuse_syntax(e, sa, request, "a payload of the request");
	else
		exchange_respond_notify(e, sa, request, notify,
					view_of(group, notify == IKE_N_INVALID_KE_PAYLOAD ? 2 : 0));
}

static void accept(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		   const struct rekey_offer *offer, bool compare)
{
	struct ike_dh_job *job = dh_job_new(e->crypto, offer->ke.group, &e->random, 0);
	struct ike_sa *ns = ike_sa_new(e, false);
	struct peer_request *p;

	if (!job || !ns || dh_job_set_peer(job, offer->ke.data)) {
		ike_dh_job_free(job);
		answer_error(e, sa, &in->header,
			     ns ? IKE_N_INVALID_SYNTAX : IKE_N_NO_ADDITIONAL_SAS, 0);
		if (ns)
			ike_sa_free(e, ns);
		return;
	}
	sa->theirs = p = mem_zalloc(sizeof(*p));
	p->header = in->header;
	p->is_ike = true;
	p->choice = offer->choice;
	p->new_sa = ns;
	ns->tunnel_id = sa->tunnel_id;
	nonce_set(&p->ni, offer->nonce);
	nonce_make(e, &p->nr);
	if (compare && sa->own) {
		sa->own->collision.seen = true;
		sa->own->collision.ni = p->ni;
		sa->own->collision.nr = p->nr;
	}
	dh_wait_start(e, &p->wait, sa, DH_FOR_PEER_REQUEST, job);
}

/* What is not sent yet waits, and moves to the new IKE SA. */
static void give_way(struct ike_engine *e, struct ike_sa *sa)
{
	struct task *t = sa->own;

	if (!t || t->step != STEP_KEY || t->more || t->tries > 0 || t->wide)
		return;
	sa->own = NULL;
	if (t->kind == TASK_IKE_REKEY)
		task_free(e, t);
	else
		task_requeue(e, sa, t);
}

void rekey_ike_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	enum collision_verdict verdict;
	struct rekey_offer offer = {0};
	unsigned notify;

	give_way(e, sa);
	verdict = collision_verdict(collision_mine_of(sa, NULL), THEIRS_IKE_REKEY);
	if (verdict == COLLISION_TEMPORARY_FAILURE || sa->state != SA_ESTABLISHED ||
	    sa->redundant) {
		answer_error(e, sa, &in->header, IKE_N_TEMPORARY_FAILURE, 0);
		return;
	}
	notify = judge(sa, in, &offer);
	if (notify == IKE_N_NO_PROPOSAL_CHOSEN)
		ike_rekey_failed(e, sa, in, notify, false);
	if (notify)
		answer_error(e, sa, &in->header, notify, offer.choice.suite.ke);
	else
		accept(e, sa, in, &offer, verdict == COLLISION_ANSWER_AND_COMPARE);
}

static void write_answer(struct ike_engine *e, const struct peer_request *p,
			 const struct ike_dh_job *job, struct draft *d)
{
	uint8_t spi[8];

	spi_octets(p->new_sa->own_spi, spi);
	draft_start(d);
	if (!p->more) {
		proposal_write_answer(&d->b, &p->choice, spi, sizeof(spi));
		payload_nonce_write(&d->b, nonce_view(&p->nr));
	}
	payload_ke_write(&d->b, job->group, dh_job_public(job));
	if (!p->more)
		qcd_write(e, peer_spi_of(&p->choice), p->new_sa->own_spi, &d->b);
}

static void take_over(struct ike_engine *e, struct ike_sa *sa, struct ike_sa *ns)
{
	struct task *own = sa->own;

	ike_sa_set_tunnel(ns, sa->tunnel);
	if (own && own->kind == TASK_IKE_REKEY && own->collision.seen) {
		ns->replaces = sa->own_spi; /* who inherits is decided when ours is answered */
		own->collision.sa_spi = ns->own_spi;
		engine_timer_in(e, &ns->expire, 2ull * REDUNDANT_MS);
		return;
	}
	if (sa->state != SA_ESTABLISHED) { /* ours was first and won */
		make_redundant(e, ns);
		return;
	}
	ns->hold_until_ms = e->now_ms + HOLD_MS;
	ike_sa_inherit(e, ns, sa);
	task_work(e, ns);
}

static void finish_theirs(struct ike_engine *e, struct ike_sa *sa, struct draft *d,
			  const struct ike_dh_job *job)
{
	struct peer_request *p = sa->theirs;
	struct ike_sa *ns = p->new_sa;

	if (complete(e, ns, sa, &p->choice, &p->ni, &p->nr, &job->shared, p->more)) {
		answer_error(e, sa, &p->header, IKE_N_INVALID_SYNTAX, 0);
	} else {
		p->new_sa = NULL;
		if (exchange_respond(e, sa, &p->header, d))
			ike_sa_close(e, ns, 0); /* nobody will hear of it */
		else
			take_over(e, sa, ns);
	}
	peer_request_free(e, sa);
}

void rekey_ike_peer_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct peer_request *p = sa->theirs;
	struct draft d;

	if (!sa->tunnel) { /* it is being deleted */
		answer_error(e, sa, &p->header, IKE_N_TEMPORARY_FAILURE, 0);
		peer_request_free(e, sa);
	} else if (job->failed || job->shared.len == 0) {
		answer_error(e, sa, &p->header, IKE_N_INVALID_SYNTAX, 0);
		peer_request_free(e, sa);
	} else {
		write_answer(e, p, job, &d);
		if (!followup_continues(e, sa, job, &d))
			finish_theirs(e, sa, &d, job);
	}
	ike_dh_job_free(job);
}
