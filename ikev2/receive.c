/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receiving side of the exchange driver: the message ID window, the ICV, reassembly, payload
 * rules, and to which exchange a message goes.  Nothing changes before a message is authentic.
 * RFC 7296 sections 2.1 to 2.5, 2.21 and RFC 7383 section 2.6.
 */
#include "ikev2/exchange.h"

#include "ikev2/followup.h"
#include "ikev2/intermediate.h"
#include "ikev2/liveness.h"
#include "ikev2/natt.h"
#include "ikev2/payload_notify.h"
#include "ikev2/qcd.h"
#include "ikev2/rules.h"
#include "ikev2/trace.h"
#include "ikev2/tunnel.h"

#include <stdio.h>

/* What became of a message before its exchange sees it. */
enum opened { OPEN_OK, OPEN_DROP, OPEN_PARTIAL, OPEN_SYNTAX };

/* Where the decrypted payloads of the message at hand live. */
struct plain {
	uint8_t buf[FRAG_BYTES_MAX];
	struct view chain;
	uint8_t first;
	uint16_t datagrams;
};

/* ---- Window ---------------------------------------------------------------------------------- */

static uint64_t hash_of(const struct ike_engine *e, struct view bytes)
{
	return siphash(e->hash_key, bytes.data, bytes.len);
}

/* RFC 7383 section 2.6.1: only the first fragment of a repeated request triggers the answer. */
static bool starts_message(const struct payload *p)
{
	uint16_t number, total;

	return p->type != IKE_PAYLOAD_SKF ||
	       (sk_fragment_numbers(p, &number, &total) == 0 && number == 1);
}

static bool request_is_new(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			   const struct payload *sk)
{
	uint32_t id = in->header.id;

	if (sa->state != SA_CLOSED && id == sa->recv_id) {
		if (!sa->theirs)
			return true;
		engine_count(e, COUNTER_RX_RETRANSMIT);
		return false;
	}
	if (sa->response.valid && id == sa->response.id && starts_message(sk) &&
	    hash_of(e, in->bytes) == sa->response.hash) {
		engine_count(e, COUNTER_RX_RETRANSMIT);
		exchange_answer_to(sa, in);
		exchange_resend_response(e, sa);
		return false;
	}
	engine_count(e, COUNTER_RX_UNEXPECTED);
	trace_dropped(e, in, "nobody waits for this message ID");
	return false;
}

static bool response_is_wanted(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	if (sa->request.open && in->header.id == sa->request.id &&
	    in->header.exchange == sa->request.exchange)
		return true;
	engine_count(e, COUNTER_RX_UNEXPECTED);
	trace_dropped(e, in, "nobody waits for this message ID");
	return false;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static enum opened open_whole(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
			      const struct payload *sk, struct plain *out)
{
	int rc = sk_open(e->crypto, &sa->open, in->bytes, sk, out->buf, sizeof(out->buf),
			 &out->chain);

	if (rc == ERR_INVALID)
		return OPEN_SYNTAX;
	if (rc) {
		engine_count(e, COUNTER_RX_NOT_AUTHENTIC);
		trace_dropped(e, in, "not authentic, its integrity check fails");
		return OPEN_DROP;
	}
	out->first = sk->next;
	out->datagrams = 1;
	if (!(in->header.flags & MESSAGE_RESPONSE))
		sa->peer_hash = hash_of(e, in->bytes);
	return OPEN_OK;
}

static enum opened open_fragment(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
				 const struct payload *skf, struct plain *out)
{
	struct frag *f = in->header.flags & MESSAGE_RESPONSE ? &sa->answer_fragments
							     : &sa->request_fragments;
	struct view part;
	uint16_t number, total;
	int rc;

	frag_expire(f, e->now_ms);
	if (!sa->peer_fragments || sk_fragment_numbers(skf, &number, &total) ||
	    !frag_wanted(f, in->header.id, number, total)) {
		engine_count(e, COUNTER_RX_UNEXPECTED);
		return OPEN_DROP;
	}
	rc = sk_open_fragment(e->crypto, &sa->open, in->bytes, skf, out->buf, sizeof(out->buf),
			      &part);
	if (rc == ERR_INVALID)
		return OPEN_SYNTAX;
	if (rc) {
		engine_count(e, COUNTER_RX_NOT_AUTHENTIC);
		trace_dropped(e, in, "not authentic, its integrity check fails");
		return OPEN_DROP;
	}
	if (number == 1 && f == &sa->request_fragments)
		sa->peer_hash = hash_of(e, in->bytes);
	if (frag_add(f, e->now_ms, in->header.id, number, total, skf->next, part))
		return OPEN_DROP;
	if (!frag_is_complete(f))
		return OPEN_PARTIAL;
	out->first = f->first;
	out->datagrams = total;
	if (frag_join(f, out->buf, sizeof(out->buf), &out->chain)) {
		frag_clear(f);
		return OPEN_DROP;
	}
	frag_clear(f);
	return OPEN_OK;
}

/* ---- What is wrong with it ------------------------------------------------------------------- */

static struct ike_failure syntax_error(struct ike_engine *e, const struct ike_sa *sa,
				       uint8_t exchange, const char *why)
{
	engine_count(e, COUNTER_RX_INVALID_SYNTAX);
	return failure_make(e, IKE_REASON_INVALID_SYNTAX, exchange, false, &sa->remote,
			    "%s of the peer is malformed: %s",
			    enum_name(ike_exchange_names, exchange), why);
}

void exchange_refuse_syntax(struct ike_engine *e, struct ike_sa *sa,
			    const struct message_header *request, const char *why)
{
	struct ike_failure f = syntax_error(e, sa, request->exchange, why);

	exchange_respond_notify(e, sa, request, IKE_N_INVALID_SYNTAX, view_of(NULL, 0));
	tunnel_failed(sa->tunnel, &f);
	ike_sa_close(e, sa, 2 * e->limits.retransmit_ms);
}

/* The answer cannot be understood: the IKE SA ends (section 2.21.3), and the request that it
 * answers does not keep the DELETE waiting. */
static void end_of_exchange(struct ike_engine *e, struct ike_sa *sa, const struct ike_failure *f)
{
	exchange_request_done(e, sa);
	if (sa->own && sa->own->kind == TASK_IKE_DELETE) {
		ike_sa_close(e, sa, 0);
		return;
	}
	if (sa->state != SA_DELETING)
		ike_sa_fail(e, sa, f, sa->state != SA_MORE_SENT);
	if (sa->own && sa->own->kind != TASK_IKE_DELETE)
		task_done(e, sa);
}

static void syntax_failure(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			   const char *what, unsigned payload)
{
	struct ike_failure f;
	char why[64];

	snprintf(why, sizeof(why), "%s%s%s", what, payload ? " " : "",
		 payload ? enum_name(ike_payload_names, (int)payload) : "");
	if (!(in->header.flags & MESSAGE_RESPONSE)) {
		exchange_refuse_syntax(e, sa, &in->header, why);
		return;
	}
	f = syntax_error(e, sa, in->header.exchange, why);
	end_of_exchange(e, sa, &f);
}

/* RFC 7296 section 2.5: the error goes into the response; a response like that ends the exchange.
 */
static void critical_failure(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			     const struct rules_verdict *v)
{
	struct ike_failure f;

	if (!(in->header.flags & MESSAGE_RESPONSE)) {
		exchange_respond_notify(e, sa, &in->header, v->notify, view_of(&v->payload, 1));
		if (sa->state == SA_HALF_OPEN)
			ike_sa_close(e, sa, 2 * e->limits.retransmit_ms);
		return;
	}
	f = failure_make(e, IKE_REASON_INVALID_SYNTAX, in->header.exchange, false, &in->remote,
			 "response holds the unknown critical payload %u", v->payload);
	end_of_exchange(e, sa, &f);
}

/* ---- Dispatch -------------------------------------------------------------------------------- */

static void dispatch_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	switch (in->header.exchange) {
	case IKE_EXCH_AUTH:
		auth_request(e, sa, in);
		return;
	case IKE_EXCH_INTERMEDIATE:
		intermediate_request(e, sa, in);
		return;
	case IKE_EXCH_CREATE_CHILD_SA:
		create_child_request(e, sa, in);
		return;
	case IKE_EXCH_FOLLOWUP_KE:
		followup_request(e, sa, in);
		return;
	case IKE_EXCH_INFORMATIONAL:
		info_request(e, sa, in);
		return;
	default:
		return;
	}
}

static void dispatch_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct payload_notify n;

	exchange_request_done(e, sa);
	if (in->header.exchange == IKE_EXCH_CREATE_CHILD_SA &&
	    !notify_find(&in->payloads, IKE_N_TEMPORARY_FAILURE, &n))
		sa->stuck_since_ms = 0;
	if (in->header.exchange == IKE_EXCH_AUTH) {
		auth_response(e, sa, in);
		return;
	}
	if (in->header.exchange == IKE_EXCH_INTERMEDIATE) {
		intermediate_response(e, sa, in);
		return;
	}
	if (!sa->own)
		return;
	switch (sa->own->kind) {
	case TASK_CHILD_CREATE:
	case TASK_CHILD_REKEY:
		child_response(e, sa, in);
		return;
	case TASK_IKE_REKEY:
		rekey_ike_response(e, sa, in);
		return;
	case TASK_CHILD_DELETE:
	case TASK_IKE_DELETE:
	case TASK_LIVENESS:
	case TASK_ROUTABILITY:
	case TASK_REDIRECT:
	case TASK_TOKEN:
	case TASK_KIND_COUNT:
		info_response(e, sa, in);
		return;
	}
}

/* Is an exchange of this kind possible at all in the state of the IKE SA? */
static bool fits_state(const struct ike_sa *sa, uint8_t exchange, bool response)
{
	switch (sa->state) {
	case SA_HALF_OPEN:
		return (exchange == IKE_EXCH_AUTH ||
			(exchange == IKE_EXCH_INTERMEDIATE && intermediate_is_due(sa))) &&
		       !response;
	case SA_MORE_SENT:
		return exchange == IKE_EXCH_INTERMEDIATE && response;
	case SA_AUTH_SENT:
		return exchange == IKE_EXCH_AUTH && response;
	case SA_ESTABLISHED:
	case SA_REKEYED:
	case SA_DELETING:
		return exchange == IKE_EXCH_CREATE_CHILD_SA || exchange == IKE_EXCH_INFORMATIONAL ||
		       exchange == IKE_EXCH_FOLLOWUP_KE;
	case SA_CLOSED: /* only to repeat its last response */
		return !response;
	case SA_NEW:
	case SA_KEY:
	case SA_INIT_SENT:
	case SA_SECRET:
	case SA_RESPONDING:
	case SA_MORE_KEY:
	case SA_MORE_SECRET:
	case SA_STATE_COUNT:
		break;
	}
	return false;
}

static void handle_open(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
			const struct plain *plain)
{
	bool response = in->header.flags & MESSAGE_RESPONSE;
	struct trace_message traced;
	struct rules_verdict v;

	ike_sa_heard(e, sa, e->now_ms);
	natt_follow(e, sa, &in->local, &in->remote, in->natt);
	if (!response)
		exchange_answer_to(sa, in);
	traced = (struct trace_message){.header = &in->header,
					.first = plain->first,
					.chain = plain->chain,
					.octets = plain->datagrams == 1 ? in->bytes.len : 0,
					.datagrams = plain->datagrams,
					.local = &in->local,
					.remote = &in->remote};
	trace_message(e, sa, &traced);
	if (payload_list_read(plain->first, plain->chain, true, &in->payloads)) {
		syntax_failure(e, sa, in, "lengths of payloads", 0);
		return;
	}
	in->first = plain->first;
	in->chain = plain->chain;
	v = rules_check(in->header.exchange, response, true, &in->payloads);
	if (v.notify == IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD) {
		critical_failure(e, sa, in, &v);
		return;
	}
	if (v.notify) {
		syntax_failure(e, sa, in, v.why, v.payload);
		return;
	}
	if (response) {
		liveness_on_answer(e, sa);
		dispatch_response(e, sa, in);
	} else {
		dispatch_request(e, sa, in);
	}
	task_work(e, sa);
}

/* Anybody can say this: a reason to ask, nothing more; unless it proves it. */
static void unprotected(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct payload_notify n;

	if ((in->header.flags & MESSAGE_RESPONSE) &&
	    ip_addr_equal(&in->remote.addr, &sa->remote.addr) &&
	    notify_find(&in->payloads, IKE_N_INVALID_IKE_SPI, &n) && !qcd_denied(e, sa, in))
		liveness_on_hint(e, sa, true);
}

void exchange_receive(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	bool response = in->header.flags & MESSAGE_RESPONSE;
	const struct payload *last;
	struct plain plain; /* not zeroed: large */
	enum opened how;

	if (!fits_state(sa, in->header.exchange, response)) {
		bool again = !response && sa->response.valid && in->header.id == sa->response.id;

		if (!again) {
			engine_count(e, COUNTER_RX_UNEXPECTED);
			trace_dropped(e, in, "not possible in this state");
			return;
		}
	}
	if (message_payloads_read(in->bytes, &in->header, &in->payloads) ||
	    in->payloads.count == 0) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	last = &in->payloads.item[in->payloads.count - 1];
	if (last->type != IKE_PAYLOAD_SK && last->type != IKE_PAYLOAD_SKF) {
		engine_count(e, COUNTER_RX_UNPROTECTED_NOTIFY);
		trace_dropped(e, in, "not protected");
		unprotected(e, sa, in);
		return;
	}
	if (response ? !response_is_wanted(e, sa, in) : !request_is_new(e, sa, in, last))
		return;
	plain.chain = view_of(NULL, 0);
	how = last->type == IKE_PAYLOAD_SK ? open_whole(e, sa, in, last, &plain)
					   : open_fragment(e, sa, in, last, &plain);
	if (how == OPEN_OK)
		handle_open(e, sa, in, &plain);
	else if (how == OPEN_SYNTAX) {
		exchange_answer_to(sa, in);
		syntax_failure(e, sa, in, "padding", 0);
	} else if (how == OPEN_PARTIAL)
		ike_sa_heard(e, sa, e->now_ms);
	bytes_wipe(plain.buf, plain.chain.len < sizeof(plain.buf) ? plain.chain.len : 0);
}
