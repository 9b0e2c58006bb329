/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child SAs as the peer asks for them: the first one in IKE_AUTH, further ones and rekeying by
 * CREATE_CHILD_SA.  After a rekeying the old one goes on sending until its DELETE or until the
 * peer sends on the new one.  RFC 7296 sections 1.3.1, 1.3.3, 2.8, 2.17, 2.21 and 2.25.1.
 */
#include "ikev2/child_deal.h"

#include "ikev2/collision.h"
#include "ikev2/followup.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "ikev2/payload_ts.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <stdlib.h>

#define REDUNDANT_MS 60000

/* ---- In IKE_AUTH ----------------------------------------------------------------------------- */

void child_first_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
			 struct draft *d)
{
	struct child_deal deal;
	struct child_result r = {.choice = &deal.choice,
				 .ni = nonce_view(&sa->initial->ni),
				 .nr = nonce_view(&sa->initial->nr),
				 .local_ts = &deal.ts.tsr,
				 .remote_ts = &deal.ts.tsi};
	struct child_sa *c;
	unsigned notify;

	if (!payload_find(&in->payloads, IKE_PAYLOAD_SA))
		return; /* the peer wants no Child SA yet (RFC 6023) */
	notify = child_deal_accept(e, sa, in, true, &deal);
	if (notify) {
		child_failed(e, sa, in, notify, false);
		payload_notify_write(&d->b, (uint16_t)notify, view_of(NULL, 0));
		return;
	}
	c = child_new(e, sa);
	if (child_install(e, c, &r)) {
		child_free(e, c);
		payload_notify_write(&d->b, IKE_N_NO_PROPOSAL_CHOSEN, view_of(NULL, 0));
		return;
	}
	child_deal_write(&deal, c, NULL, NULL, d);
	engine_event(e, sa->tunnel_id, IKE_EVENT_CHILD_UP, NULL);
}

/* ---- CREATE_CHILD_SA ------------------------------------------------------------------------- */

enum collision_mine collision_mine_of(const struct ike_sa *sa, const struct child_sa *old)
{
	const struct task *t = sa->own;

	if (sa->state == SA_DELETING)
		return MINE_IKE_DELETE;
	if (old && old->state == CHILD_DELETING)
		return MINE_CHILD_DELETE_SAME;
	if (!t)
		return MINE_NOTHING;
	switch (t->kind) {
	case TASK_CHILD_CREATE:
		return MINE_CHILD_CREATE;
	case TASK_CHILD_REKEY:
		return old && t->child == old->number ? MINE_CHILD_REKEY_SAME
						      : MINE_CHILD_REKEY_OTHER;
	case TASK_CHILD_DELETE:
		return MINE_CHILD_DELETE_OTHER;
	case TASK_IKE_REKEY:
		return MINE_IKE_REKEY;
	case TASK_IKE_DELETE:
		return MINE_IKE_DELETE;
	case TASK_LIVENESS:
	case TASK_ROUTABILITY:
	case TASK_REDIRECT:
	case TASK_TOKEN:
	case TASK_KIND_COUNT:
		break;
	}
	return MINE_NOTHING;
}

static void answer_not_found(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			     uint32_t spi)
{
	struct draft d;

	draft_start(&d);
	payload_notify_write_spi(&d.b, IKE_N_CHILD_SA_NOT_FOUND, spi, view_of(NULL, 0));
	exchange_respond(e, sa, &in->header, &d);
}

static void answer_error(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			 unsigned notify, const struct child_deal *deal)
{
	uint8_t group[2] = {(uint8_t)(deal->choice.suite.ke >> 8), (uint8_t)deal->choice.suite.ke};
	bool ke = notify == IKE_N_INVALID_KE_PAYLOAD;

	if (!ke)
		child_failed(e, sa, in, notify, false);
	if (notify == IKE_N_INVALID_SYNTAX)
		exchange_refuse_syntax(e, sa, &in->header, "a payload of the request");
	else
		exchange_respond_notify(e, sa, &in->header, notify, view_of(group, ke ? 2 : 0));
}

static void write_answer(const struct peer_request *p, const struct child_sa *c,
			 const struct ike_dh_job *job, struct draft *d)
{
	struct child_deal deal = {.choice = p->choice, .ts = p->ts};
	draft_start(d);
	if (p->more && job != NULL)
		payload_ke_write(&d->b, job->group, dh_job_public(job));
	else
		child_deal_write(&deal, c, &p->nr, job, d);
}

/* old has a successor now, unless ours has won already. */
static void replace_old(struct ike_engine *e, struct child_sa *old, struct child_sa *c)
{
	if (old->successor != 0) {
		c->redundant = true;
		engine_timer_stop(e, &c->rekey);
		engine_timer_in(e, &c->expire, REDUNDANT_MS);
		return;
	}
	old->successor = c->number;
	if (old->state == CHILD_LIVE)
		child_event(e, old, CHILD_EV_REPLACED);
	engine_timer_stop(e, &old->rekey);
}

static void finish(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct peer_request *p = sa->theirs;
	struct child_sa *old = child_find(e, p->rekeys);
	struct child_sa *c = p->new_child;
	struct child_result r = {.choice = &p->choice,
				 .ni = nonce_view(&p->ni),
				 .nr = nonce_view(&p->nr),
				 .shared = job ? followup_first(p->more, &job->shared) : NULL,
				 .more = followup_more(p->more),
				 .local_ts = &p->ts.tsr,
				 .remote_ts = &p->ts.tsi};

	struct draft d;

	if (p->more && p->rekeys != 0 && !old) { /* it went during the key exchanges */
		exchange_respond_notify(e, sa, &p->header, IKE_N_STATE_NOT_FOUND, view_of(NULL, 0));
		peer_request_free(e, sa);
		return;
	}
	r.rekeys = old ? old->number : 0;
	r.outbound_now = !old; /* a second one for the same networks: the newest sends */
	if (child_install(e, c, &r)) {
		exchange_respond_notify(e, sa, &p->header, IKE_N_NO_PROPOSAL_CHOSEN,
					view_of(NULL, 0));
		peer_request_free(e, sa);
		return;
	}
	p->new_child = NULL;
	write_answer(p, c, job, &d);
	if (exchange_respond(e, sa, &p->header, &d)) { /* nobody will hear of it */
		child_closed(e, c, false);
		peer_request_free(e, sa);
		return;
	}
	if (old)
		replace_old(e, old, c);
	if (old)
		engine_count(e, COUNTER_CHILD_REKEYED);
	engine_event(e, sa->tunnel_id, old ? IKE_EVENT_CHILD_REKEYED : IKE_EVENT_CHILD_UP, NULL);
	peer_request_free(e, sa);
}

static void accept(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		   const struct child_sa *old, const struct child_deal *deal, bool compare)
{
	struct peer_request *p = mem_zalloc(sizeof(*p));
	struct ike_dh_job *job = NULL;

	if (deal->choice.suite.ke != 0) {
		job = dh_job_new(e->crypto, deal->ke.group, &e->random, 0);
		if (!job || dh_job_set_peer(job, deal->ke.data)) {
			ike_dh_job_free(job);
			free(p);
			answer_error(e, sa, in, IKE_N_INVALID_SYNTAX, deal);
			return;
		}
	}
	sa->theirs = p;
	p->header = in->header;
	p->choice = deal->choice;
	p->ts = deal->ts;
	p->rekeys = old ? old->number : 0;
	nonce_set(&p->ni, deal->nonce);
	nonce_make(e, &p->nr);
	p->new_child = child_new(e, sa);
	if (compare && sa->own) {
		sa->own->collision.seen = true;
		sa->own->collision.ni = p->ni;
		sa->own->collision.nr = p->nr;
	}
	if (job)
		dh_wait_start(e, &p->wait, sa, DH_FOR_PEER_REQUEST, job);
	else
		finish(e, sa, NULL);
}

/* Nothing was sent yet: the peer was first. */
static void give_way(struct ike_engine *e, struct ike_sa *sa, const struct child_sa *old)
{
	struct task *t = sa->own;

	if (!t || t->step != STEP_KEY || t->more || t->kind != TASK_CHILD_REKEY || !old ||
	    t->child != old->number)
		return;
	sa->own = NULL;
	task_free(e, t);
}

static void request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
		    struct child_sa *old)
{
	enum collision_verdict verdict;
	struct child_deal deal = {0};
	unsigned notify;

	give_way(e, sa, old);
	verdict = collision_verdict(collision_mine_of(sa, old),
				    old ? THEIRS_CHILD_REKEY : THEIRS_CHILD_CREATE);
	if (verdict == COLLISION_TEMPORARY_FAILURE || sa->state != SA_ESTABLISHED ||
	    (old && old->state != CHILD_LIVE)) {
		exchange_respond_notify(e, sa, &in->header, IKE_N_TEMPORARY_FAILURE,
					view_of(NULL, 0));
		return;
	}
	notify = child_deal_accept(e, sa, in, false, &deal);
	if (!notify && deal.nonce.len == 0)
		notify = IKE_N_INVALID_SYNTAX;
	if (notify)
		answer_error(e, sa, in, notify, &deal);
	else
		accept(e, sa, in, old, &deal, verdict == COLLISION_ANSWER_AND_COMPARE);
}

void create_child_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct payload_notify n;
	struct child_sa *old = NULL;

	if (sa->replaces != 0)
		rekey_ike_adopt(e, sa);
	peer_request_free(e, sa); /* key exchanges that the peer does not go on with */
	if (sa->tunnel && !tunnel_may_ask(e, sa->tunnel)) {
		engine_count(e, COUNTER_RX_TOO_OFTEN);
		exchange_respond_notify(e, sa, &in->header, IKE_N_TEMPORARY_FAILURE,
					view_of(NULL, 0));
		return;
	}
	if (!payload_find(&in->payloads, IKE_PAYLOAD_TSI)) {
		rekey_ike_request(e, sa, in);
		return;
	}
	if (notify_is_broken(&in->payloads, IKE_N_REKEY_SA)) {
		exchange_refuse_syntax(e, sa, &in->header, "REKEY_SA");
		return;
	}
	if (notify_find(&in->payloads, IKE_N_REKEY_SA, &n)) {
		old = child_by_spi_out(sa, notify_spi(&n));
		if (!old && child_may_be_new(sa)) { /* the answer that tells us of it is late */
			exchange_respond_notify(e, sa, &in->header, IKE_N_TEMPORARY_FAILURE,
						view_of(NULL, 0));
			return;
		}
		if (!old && sa->state == SA_ESTABLISHED) {
			answer_not_found(e, sa, in, notify_spi(&n));
			return;
		}
	}
	request(e, sa, in, old);
}

void child_peer_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct peer_request *p = sa->theirs;
	struct message_header h = p->header;
	struct draft d;

	if (sa->state != SA_ESTABLISHED) {
		exchange_respond_notify(e, sa, &h, IKE_N_TEMPORARY_FAILURE, view_of(NULL, 0));
		peer_request_free(e, sa);
	} else if (job->failed || job->shared.len == 0) {
		exchange_refuse_syntax(e, sa, &h, "key exchange value");
	} else {
		write_answer(p, p->new_child, job, &d);
		if (!followup_continues(e, sa, job, &d))
			finish(e, sa, job);
	}
	ike_dh_job_free(job);
}
