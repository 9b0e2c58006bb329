/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IKE_FOLLOWUP_KE; see followup.h. */
#include "ikev2/followup.h"

#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

void followup_free(struct followup *f)
{
	if (!f)
		return;
	secret_clear(&f->first);
	secret_clear(&f->more);
	free(f);
}

const struct secret *followup_first(const struct followup *f, const struct secret *shared)
{
	return f ? &f->first : shared;
}

const struct secret *followup_more(const struct followup *f)
{
	return f ? &f->more : NULL;
}

/* The first secret, or one more. */
static void take(struct followup **f, const struct secret *shared)
{
	struct secret all = SECRET_NONE;
	struct writer w;

	if (!*f)
		*f = mem_zalloc(sizeof(**f));
	if ((*f)->first.len == 0) {
		secret_copy(&(*f)->first, shared);
		return;
	}
	secret_alloc(&all, (*f)->more.len + shared->len);
	w = writer_of(all.data, all.len);
	writer_put(&w, secret_view(&(*f)->more));
	writer_put(&w, secret_view(shared));
	secret_move(&(*f)->more, &all);
	(*f)->rounds++;
}

/* The group of the exchange that comes next; 0: all are done. */
static uint16_t next_group(const struct ike_suite *s, const struct followup *f)
{
	return suite_addke(s, f ? f->rounds : 0);
}

static bool take_link(struct followup *f, const struct message_in *in)
{
	struct payload_notify n;

	if (!notify_find(&in->payloads, IKE_N_ADDITIONAL_KEY_EXCHANGE, &n) || n.data.len == 0 ||
	    n.data.len > sizeof(f->link))
		return false;
	f->link_len = n.data.len;
	memcpy(f->link, n.data.data, n.data.len);
	return true;
}

static void write_link(struct draft *d, const struct followup *f)
{
	payload_notify_write(&d->b, IKE_N_ADDITIONAL_KEY_EXCHANGE, view_of(f->link, f->link_len));
}

static bool read_ke(const struct message_in *in, struct ike_dh_job *job)
{
	const struct payload *p = payload_find(&in->payloads, IKE_PAYLOAD_KE);
	struct payload_ke ke;

	return p && payload_ke_read(p->body, &ke) == 0 && ke.group == job->group &&
	       dh_job_set_peer(job, ke.data) == 0;
}

/* ---- Ours ------------------------------------------------------------------------------------ */

int followup_begin(struct task *t, const struct message_in *in)
{
	if (!suite_has_addke(&t->choice.suite))
		return 0;
	t->more = mem_zalloc(sizeof(*t->more));
	return take_link(t->more, in) ? 0 : ERR_INVALID;
}

bool followup_goes_on(struct ike_engine *e, struct ike_sa *sa, struct task *t,
		      const struct ike_dh_job *job)
{
	struct ike_dh_job *next;
	uint16_t group;

	if (!t->more)
		return false;
	take(&t->more, &job->shared);
	group = next_group(&t->choice.suite, t->more);
	if (group == 0)
		return false;
	t->step = STEP_KEY;
	next = dh_job_new(e->crypto, group, &e->random, 0);
	if (next)
		dh_wait_start(e, &t->wait, sa, DH_FOR_OWN_REQUEST, next);
	else
		task_done(e, sa);
	return true;
}

void followup_send(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	struct draft d;

	draft_start(&d);
	payload_ke_write(&d.b, t->job->group, dh_job_public(t->job));
	write_link(&d, t->more);
	t->step = STEP_SENT;
	if (exchange_request(e, sa, IKE_EXCH_FOLLOWUP_KE, &d))
		task_done(e, sa);
}

unsigned followup_response(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct task *t = sa->own;
	struct ike_dh_job *job = t->job;
	struct payload_notify n;
	bool last = suite_addke(&t->choice.suite, t->more->rounds + 1) == 0;

	if (!payload_find(&in->payloads, IKE_PAYLOAD_KE) && notify_find_error(&in->payloads, &n))
		return n.type;
	if (!read_ke(in, job) || (!last && !take_link(t->more, in)))
		return IKE_N_INVALID_SYNTAX;
	t->step = STEP_SECRET;
	t->job = NULL;
	dh_wait_start(e, &t->wait, sa, DH_FOR_OWN_REQUEST, job);
	return 0;
}

/* ---- The peer's ------------------------------------------------------------------------------ */

bool followup_continues(struct ike_engine *e, struct ike_sa *sa, const struct ike_dh_job *job,
			struct draft *d)
{
	struct peer_request *p = sa->theirs;

	if (!suite_has_addke(&p->choice.suite))
		return false;
	take(&p->more, &job->shared);
	if (next_group(&p->choice.suite, p->more) == 0)
		return false;
	p->more->link_len = FOLLOWUP_LINK_LEN;
	engine_random(e, p->more->link, FOLLOWUP_LINK_LEN);
	write_link(d, p->more);
	exchange_respond(e, sa, &p->header, d);
	sa->theirs = NULL;
	sa->pending = p;
	p->until_ms = e->now_ms + FOLLOWUP_WAIT_MS;
	return true;
}

bool followup_is_pending(const struct ike_engine *e, const struct ike_sa *sa)
{
	return sa->pending && e->now_ms < sa->pending->until_ms;
}

static bool is_linked(const struct ike_engine *e, const struct ike_sa *sa,
		      const struct message_in *in)
{
	struct payload_notify n;

	return followup_is_pending(e, sa) &&
	       notify_find(&in->payloads, IKE_N_ADDITIONAL_KEY_EXCHANGE, &n) &&
	       view_equal(n.data, view_of(sa->pending->more->link, sa->pending->more->link_len));
}

void followup_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct peer_request *p = sa->pending;
	struct ike_dh_job *job;

	if (!is_linked(e, sa, in)) {
		exchange_respond_notify(e, sa, &in->header, IKE_N_STATE_NOT_FOUND,
					view_of(NULL, 0));
		return;
	}
	job = dh_job_new(e->crypto, next_group(&p->choice.suite, p->more), &e->random, 0);
	if (!job || !read_ke(in, job)) {
		ike_dh_job_free(job);
		exchange_refuse_syntax(e, sa, &in->header, "key exchange");
		return;
	}
	sa->pending = NULL;
	sa->theirs = p;
	p->header = in->header;
	dh_wait_start(e, &p->wait, sa, DH_FOR_PEER_REQUEST, job);
}
