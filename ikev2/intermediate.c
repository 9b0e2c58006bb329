/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IKE_INTERMEDIATE with additional key exchanges; see intermediate.h. */
#include "ikev2/intermediate.h"

#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "ikev2/prf.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <stdlib.h>

/* The group of the exchange that is under way or comes next; 0: all are done. */
static uint16_t next_group(const struct ike_sa *sa)
{
	return suite_addke(&sa->suite, sa->initial->more ? sa->initial->more->rounds : 0);
}

bool intermediate_is_due(const struct ike_sa *sa)
{
	return next_group(sa) != 0;
}

void intermediate_free(struct more_keys *m)
{
	if (!m)
		return;
	secret_clear(&m->int_auth_i);
	secret_clear(&m->int_auth_r);
	secret_clear(&m->int_auth);
	message_out_clear(&m->own);
	free(m);
}

static struct more_keys *more_of(struct ike_sa *sa)
{
	if (!sa->initial->more)
		sa->initial->more = mem_zalloc(sizeof(*sa->initial->more));
	return sa->initial->more;
}

struct view intermediate_auth(const struct ike_sa *sa)
{
	return sa->initial->more ? secret_view(&sa->initial->more->int_auth) : view_of(NULL, 0);
}

/* ---- Authentication -------------------------------------------------------------------------- */

/* The header as if the inside were not encrypted: no IV, no padding, no ICV (A in section 3.3.2).
 * Payloads in clear are not accepted beside SK. */
static void write_clear_header(struct writer *w, const struct message_header *h, uint8_t first,
			       size_t chain_len)
{
	writer_u64(w, h->spi_i);
	writer_u64(w, h->spi_r);
	writer_u8(w, IKE_PAYLOAD_SK);
	writer_u8(w, h->version);
	writer_u8(w, h->exchange);
	writer_u8(w, h->flags);
	writer_u32(w, h->id);
	writer_u32(w, (uint32_t)(MESSAGE_HEADER_LEN + MESSAGE_GENERIC_LEN + chain_len));
	writer_u8(w, first);
	writer_u8(w, 0);
	writer_u16(w, (uint16_t)(MESSAGE_GENERIC_LEN + chain_len));
}

int intermediate_note(struct ike_engine *e, struct ike_sa *sa, const struct message_header *h,
		      uint8_t first, struct view chain)
{
	bool by_initiator = !(h->flags & MESSAGE_RESPONSE);
	struct more_keys *m = more_of(sa);
	struct secret *digest = by_initiator ? &m->int_auth_i : &m->int_auth_r;
	const struct secret *key = by_initiator ? &sa->keys.sk_pi : &sa->keys.sk_pr;
	uint8_t head[MESSAGE_HEADER_LEN + MESSAGE_GENERIC_LEN];
	struct writer w = writer_of(head, sizeof(head));
	struct view parts[3] = {secret_view(digest), view_of(head, sizeof(head)), chain};
	struct secret next = SECRET_NONE;
	int rc;

	write_clear_header(&w, h, first, chain.len);
	rc = prf_once(e->crypto, sa->suite.prf, secret_view(key), parts, 3, &next);
	if (!rc)
		secret_move(digest, &next);
	secret_clear(&next);
	return rc;
}

/* IntAuth = IntAuth_iN | IntAuth_rN | IKE_AUTH_MID */
static void complete_int_auth(struct more_keys *m)
{
	struct writer w;

	secret_alloc(&m->int_auth, m->int_auth_i.len + m->int_auth_r.len + 4);
	w = writer_of(m->int_auth.data, m->int_auth.len);
	writer_put(&w, secret_view(&m->int_auth_i));
	writer_put(&w, secret_view(&m->int_auth_r));
	writer_u32(&w, m->rounds + 1);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static int next_keys(struct ike_engine *e, struct ike_sa *sa, const struct ike_dh_job *job)
{
	int rc = init_derive(e, sa, job);

	if (rc)
		return rc;
	more_of(sa)->rounds++;
	if (!intermediate_is_due(sa))
		complete_int_auth(sa->initial->more);
	return 0;
}

/* ---- Initiator ------------------------------------------------------------------------------- */

static void fail(struct ike_engine *e, struct ike_sa *sa, enum ike_cause cause, bool by_peer,
		 const char *text)
{
	struct ike_failure f = failure_of(e, cause, IKE_EXCH_INTERMEDIATE, by_peer, &sa->remote,
					  "%s in IKE_INTERMEDIATE", text);

	ike_sa_fail(e, sa, &f, false);
}

void intermediate_start(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_dh_job *job = dh_job_new(e->crypto, next_group(sa), &e->random, 0);

	if (!job || ike_sa_event(e, sa, SA_EV_MORE_KEYS)) {
		ike_dh_job_free(job);
		ike_sa_close(e, sa, 0);
		return;
	}
	dh_wait_start(e, &sa->initial->wait, sa, DH_FOR_INITIAL, job);
}

static void send_request(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct draft d;

	sa->initial->job = job;
	draft_start(&d);
	payload_ke_write(&d.b, job->group, dh_job_public(job));
	if (job->public_len == 0 || ike_sa_event(e, sa, SA_EV_KEY_READY) ||
	    exchange_request(e, sa, IKE_EXCH_INTERMEDIATE, &d))
		ike_sa_close(e, sa, 0);
}

static bool read_ke(const struct message_in *in, struct ike_dh_job *job)
{
	const struct payload *p = payload_find(&in->payloads, IKE_PAYLOAD_KE);
	struct payload_ke ke;

	return p && payload_ke_read(p->body, &ke) == 0 && ke.group == job->group &&
	       dh_job_set_peer(job, ke.data) == 0;
}

void intermediate_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct ike_dh_job *job = sa->initial->job;
	struct payload_notify n;
	char name[40];

	if (notify_find_error(&in->payloads, &n)) {
		fail(e, sa, IKE_CAUSE_PEER_ERROR, true,
		     ike_notify_name(n.type, name, sizeof(name)));
		return;
	}
	if (!read_ke(in, job) || intermediate_note(e, sa, &in->header, in->first, in->chain)) {
		fail(e, sa, IKE_CAUSE_BAD_KEY_EXCHANGE, false, "key exchange value is not valid");
		return;
	}
	if (ike_sa_event(e, sa, SA_EV_INIT_ANSWERED))
		return;
	sa->initial->job = NULL;
	dh_wait_start(e, &sa->initial->wait, sa, DH_FOR_INITIAL, job);
}

static void secret_ready(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	int rc = next_keys(e, sa, job);

	ike_dh_job_free(job);
	if (rc)
		fail(e, sa, IKE_CAUSE_BAD_KEY_EXCHANGE, false, "key exchange value is not valid");
	else if (intermediate_is_due(sa))
		intermediate_start(e, sa);
	else if (ike_sa_event(e, sa, SA_EV_SECRET_READY) == 0)
		auth_start(e, sa);
}

/* ---- Responder ------------------------------------------------------------------------------- */

void intermediate_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct initial *init = sa->initial;
	struct ike_dh_job *job;

	/* Repeated while it is being computed, or not negotiated. */
	if (sa->state != SA_HALF_OPEN || init->wait.token != 0 || !intermediate_is_due(sa)) {
		engine_count(e, COUNTER_RX_UNEXPECTED);
		return;
	}
	job = dh_job_new(e->crypto, next_group(sa), &e->random, 0);
	if (!job || !read_ke(in, job) ||
	    intermediate_note(e, sa, &in->header, in->first, in->chain)) {
		ike_dh_job_free(job);
		exchange_refuse_syntax(e, sa, &in->header, "key exchange");
		return;
	}
	init->more->asked = in->header;
	dh_wait_start(e, &init->wait, sa, DH_FOR_INITIAL, job);
}

static void answer(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct more_keys *m = sa->initial->more;
	struct message_header asked = m->asked;
	struct draft d;
	int rc;

	m->asked.exchange = 0;
	if (job->failed || job->shared.len == 0) {
		ike_dh_job_free(job);
		exchange_refuse_syntax(e, sa, &asked, "key exchange value");
		return;
	}
	if (m->own.len == 0) { /* AUTH is about it, and it is the last response no longer */
		m->own = sa->response.message;
		sa->response.message = (struct message_out){.len = 0};
	}
	draft_start(&d);
	payload_ke_write(&d.b, job->group, dh_job_public(job));
	rc = exchange_respond(e, sa, &asked, &d);
	if (!rc)
		rc = next_keys(e, sa, job);
	ike_dh_job_free(job);
	if (rc)
		ike_sa_close(e, sa, 0);
}

void intermediate_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	if (sa->state == SA_MORE_KEY)
		send_request(e, sa, job);
	else if (sa->state == SA_MORE_SECRET)
		secret_ready(e, sa, job);
	else
		answer(e, sa, job);
}
