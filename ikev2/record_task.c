/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is under way on an IKE SA as records: requests of both sides, IKE_SA_INIT and IKE_AUTH; see
 * record_object.h. */
#include "ikev2/record_object.h"

#include "ikev2/followup.h"
#include "ikev2/qcd.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define TASKS_MAX  65536
#define TRIES_MAX  1000000
#define DIGEST_MAX 64

/* ---- New IKE SAs ----------------------------------------------------------------------------- */

/* One that a request is making, or NULL. */
static void record_new_sa(struct record *r, struct ike_engine *e, struct ike_sa **sa)
{
	uint64_t own_spi = *sa ? (*sa)->own_spi : 0;
	bool there = *sa != NULL, initiator = *sa && (*sa)->initiator;

	record_bool(r, &there);
	if (!there)
		return;
	record_u64(r, &own_spi);
	record_bool(r, &initiator);
	if (r->loading && !r->failed && !r->in.failed)
		*sa = ike_sa_restore(e, own_spi, initiator);
	if (!*sa) {
		record_fail(r);
		return;
	}
	record_u32(r, &(*sa)->tunnel_id);
	record_u64(r, &(*sa)->created_ms);
	record_u64(r, &(*sa)->last_rx_ms);
	record_secret(r, &(*sa)->peer_token, QCD_TOKEN_MAX);
}

/* ---- Ours ------------------------------------------------------------------------------------ */

static void record_collision(struct record *r, struct task *t)
{
	record_bool(r, &t->collision.seen);
	record_nonce(r, &t->collision.ni);
	record_nonce(r, &t->collision.nr);
	record_u64(r, &t->collision.sa_spi);
}

/* A task that waits for its answer needs what it asked with. */
static bool task_is_sound(const struct task *t, bool own)
{
	bool ike = t->kind == TASK_IKE_REKEY;
	bool child = t->kind == TASK_CHILD_CREATE || t->kind == TASK_CHILD_REKEY;
	bool waits = t->wait.token != 0;
	bool asks = t->step == STEP_SENT && (ike || child);

	if (own == (t->step == STEP_QUEUED))
		return false;
	if (!own)
		return !waits && !t->job && !t->new_child && !t->new_sa;
	if (waits != (t->step == STEP_KEY || t->step == STEP_SECRET) || (waits && !ike && !child))
		return false;
	if (asks != (t->job != NULL) || (asks && !t->more && t->job->group != t->group))
		return false;
	if (t->more && (!(ike || child) || !suite_has_addke(&t->choice.suite)))
		return false;
	if (asks && t->job->public_len == 0)
		return false;
	return (t->new_sa != NULL) == ike && (t->new_child != NULL) == child;
}

static void record_followup(struct record *r, struct followup **more)
{
	bool there = *more != NULL;
	struct followup *f;

	record_bool(r, &there);
	if (there && r->loading)
		*more = mem_zalloc(sizeof(**more));
	f = *more;
	if (f == NULL)
		return;
	f->rounds = record_below(r, f->rounds, IKE_ADDKE_MAX + 1);
	record_secret(r, &f->first, DH_PUBLIC_MAX);
	record_secret(r, &f->more, IKE_ADDKE_MAX * DH_PUBLIC_MAX);
	f->link_len = record_count(r, f->link_len, sizeof(f->link));
	record_octets(r, f->link, f->link_len);
}

static void record_task(struct record *r, struct ike_engine *e, struct ike_sa *sa, struct task *t,
			bool own)
{
	t->kind = (enum task_kind)record_below(r, t->kind, TASK_KIND_COUNT);
	t->step = (enum task_step)record_below(r, t->step, STEP_SECRET + 1);
	record_u32(r, &t->child);
	record_u16(r, &t->group);
	t->tries = record_below(r, t->tries, TRIES_MAX);
	record_u32(r, &t->gone_spi);
	record_bool(r, &t->wide);
	t->notify = record_below(r, t->notify, 65536);
	record_nonce(r, &t->ni);
	record_nonce(r, &t->nr);
	record_offers(r, &t->offer);
	record_choice(r, &t->choice);
	record_ts_list(r, &t->local_ts);
	record_ts_list(r, &t->remote_ts);
	record_collision(r, t);
	record_new_child(r, e, sa, &t->new_child);
	record_new_sa(r, e, &t->new_sa);
	record_followup(r, &t->more);
	record_job(r, e, &t->job);
	record_wait(r, e, &t->wait, sa, DH_FOR_OWN_REQUEST);
	if (r->loading)
		record_check(r, task_is_sound(t, own));
}

void record_tasks(struct record *r, struct ike_engine *e, struct ike_sa *sa)
{
	bool own = sa->own != NULL;
	struct list *n, *after;
	size_t count = 0;

	list_for_each(n, after, &sa->tasks)
	{
		count++;
	}
	count = record_count(r, count, TASKS_MAX);
	for (size_t i = 0; r->loading && i < count && !r->failed && !r->in.failed; i++)
		list_append(&sa->tasks, &task_new(TASK_LIVENESS)->link);
	list_for_each(n, after, &sa->tasks)
	{
		record_task(r, e, sa, container_of(n, struct task, link), false);
	}
	record_bool(r, &own);
	if (!own)
		return;
	if (!sa->own)
		sa->own = task_new(TASK_LIVENESS);
	record_task(r, e, sa, sa->own, true);
}

/* ---- The peer's ------------------------------------------------------------------------------ */

static void record_request(struct record *r, struct ike_engine *e, struct ike_sa *sa,
			   struct peer_request **request, bool waits)
{
	struct peer_request *p = *request;
	bool there = p != NULL;

	record_bool(r, &there);
	if (!there)
		return;
	if (!p)
		p = *request = mem_zalloc(sizeof(*p));
	record_header(r, &p->header);
	record_nonce(r, &p->ni);
	record_nonce(r, &p->nr);
	record_choice(r, &p->choice);
	record_ts_list(r, &p->ts.tsi);
	record_ts_list(r, &p->ts.tsr);
	record_bool(r, &p->ts.additional);
	record_u32(r, &p->rekeys);
	record_bool(r, &p->is_ike);
	record_new_child(r, e, sa, &p->new_child);
	record_new_sa(r, e, &p->new_sa);
	record_followup(r, &p->more);
	record_u64(r, &p->until_ms);
	record_wait(r, e, &p->wait, sa, DH_FOR_PEER_REQUEST);
	if (r->loading)
		record_check(r, (p->wait.token != 0) == waits && (waits || p->more) &&
					(!p->more || suite_has_addke(&p->choice.suite)) &&
					p->is_ike == (p->new_sa != NULL) &&
					p->is_ike != (p->new_child != NULL));
}

void record_theirs(struct record *r, struct ike_engine *e, struct ike_sa *sa)
{
	record_request(r, e, sa, &sa->theirs, true);
	record_request(r, e, sa, &sa->pending, false);
}

/* ---- IKE_SA_INIT and IKE_AUTH ---------------------------------------------------------------- */

/* What the states of the beginning need. */
static bool initial_is_sound(const struct ike_sa *sa)
{
	const struct initial *in = sa->initial;
	const struct message_out *own;
	bool waits = in->wait.token != 0;

	switch (sa->state) {
	case SA_KEY:
	case SA_SECRET:
	case SA_RESPONDING:
	case SA_MORE_KEY:
	case SA_MORE_SECRET:
		return waits && !in->job && !in->child;
	case SA_INIT_SENT:
	case SA_MORE_SENT:
		return !waits && in->job && in->job->public_len > 0 && !in->child;
	case SA_AUTH_SENT:
		own = first_own_message(sa);
		return !waits && !in->job && own->len > 0 && in->peer.len > 0;
	case SA_HALF_OPEN: /* may be at an additional key exchange */
		own = first_own_message(sa);
		return waits == (in->more && in->more->asked.exchange != 0) && !in->job &&
		       own->len > 0 && in->peer.len > 0;
	case SA_NEW:
	case SA_ESTABLISHED:
	case SA_REKEYED:
	case SA_DELETING:
	case SA_CLOSED:
	case SA_STATE_COUNT:
		break;
	}
	return false;
}

static void record_asking(struct record *r, struct asking *a)
{
	record_message(r, &a->own);
	record_offers(r, &a->offer);
	a->cookie_len = record_count(r, a->cookie_len, sizeof(a->cookie));
	record_octets(r, a->cookie, a->cookie_len);
	a->cookie_rounds = record_below(r, a->cookie_rounds, TRIES_MAX);
	a->group_rounds = record_below(r, a->group_rounds, TRIES_MAX);
	record_bool(r, &a->doubted);
	record_failure(r, &a->doubt);
	record_ts_list(r, &a->tsi);
	record_ts_list(r, &a->tsr);
	record_offers(r, &a->child_offer);
}

static void record_peer_offer(struct record *r, struct initial *in)
{
	char text[PEER_OFFER_MAX] = "";

	if (in->peer_offer)
		snprintf(text, sizeof(text), "%s", in->peer_offer);
	record_text(r, text, sizeof(text));
	if (r->loading)
		in->peer_offer = mem_strdup(text);
}

static void record_more(struct record *r, struct more_keys **more)
{
	bool there = *more != NULL;
	struct more_keys *m;

	record_bool(r, &there);
	if (!there)
		return;
	if (*more == NULL)
		*more = mem_zalloc(sizeof(**more));
	m = *more;
	m->rounds = record_below(r, m->rounds, IKE_ADDKE_MAX + 1);
	record_secret(r, &m->int_auth_i, DIGEST_MAX);
	record_secret(r, &m->int_auth_r, DIGEST_MAX);
	record_secret(r, &m->int_auth, 2 * DIGEST_MAX + 4);
	record_header(r, &m->asked);
	record_message(r, &m->own);
}

void record_initial(struct record *r, struct ike_engine *e, struct ike_sa *sa)
{
	struct initial *in = sa->initial;
	bool there = in != NULL;

	record_bool(r, &there);
	if (!there)
		return;
	if (!in) {
		in = sa->initial = mem_zalloc(sizeof(*in));
		if (sa->initiator)
			in->asking = mem_zalloc(sizeof(*in->asking));
	}
	if (in->asking)
		record_asking(r, in->asking);
	else
		record_peer_offer(r, in);
	record_nonce(r, &in->ni);
	record_nonce(r, &in->nr);
	record_message(r, &in->peer);
	record_choice(r, &in->choice);
	record_endpoint(r, &in->from);
	record_bool(r, &in->inquiry);
	record_bool(r, &in->ppk);
	record_bool(r, &in->lie);
	record_more(r, &in->more);
	record_new_child(r, e, sa, &in->child);
	record_job(r, e, &in->job);
	record_wait(r, e, &in->wait, sa, DH_FOR_INITIAL);
	if (r->loading)
		record_check(r, initial_is_sound(sa));
}
