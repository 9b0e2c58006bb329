/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE_AUTH with pre-shared keys, both roles, and the first Child SA.  Whatever is wrong with the
 * peer's identity or key, the answer is one AUTHENTICATION_FAILED after the same work.
 * RFC 7296 sections 1.2, 2.4, 2.15 and 2.21.2.
 */
#include "ikev2/exchange.h"

#include "ikev2/auth_claim.h"
#include "ikev2/child_deal.h"
#include "ikev2/explain.h"
#include "ikev2/natt.h"
#include "ikev2/payload_notify.h"
#include "ikev2/payload_sa.h"
#include "ikev2/payload_ts.h"
#include "ikev2/proposal_explain.h"
#include "ikev2/suspect.h"
#include "ikev2/tunnel.h"

#include <string.h>

#define SWAPS_MIN	2 /* changes back and forth between two peers */
#define SWAPS_WITHIN_MS 600000
#define UNKNOWN_TELL_MS 1000 /* between events about strangers */

/* Both sides' signed octets; by_initiator: those of the original initiator. */
static struct keymat_auth_input auth_input(const struct ike_sa *sa, const struct secret *psk,
					   bool by_initiator, struct view id_body)
{
	const struct initial *in = sa->initial;
	const struct message_out *m = by_initiator == sa->initiator ? &in->own : &in->peer;

	return (struct keymat_auth_input){
		.prf = sa->suite.prf,
		.psk = psk,
		.message = view_of(m->bytes, m->len),
		.nonce = nonce_view(by_initiator ? &in->nr : &in->ni),
		.sk_p = by_initiator ? &sa->keys.sk_pi : &sa->keys.sk_pr,
		.id_body = id_body,
	};
}

static int write_id_and_auth(struct ike_engine *e, const struct ike_sa *sa, struct draft *d)
{
	const struct tunnel *t = sa->tunnel;
	struct ike_id own = tunnel_local_id(t, &sa->local.addr);
	uint8_t body[4 + IKE_ID_MAX];
	struct keymat_auth_input in =
		auth_input(sa, &t->profile.psk, sa->initiator, payload_id_body(&own, body));
	struct secret auth = SECRET_NONE;
	int rc = keymat_psk_auth(e->crypto, &in, &auth);

	if (rc)
		return rc;
	payload_id_write(&d->b, sa->initiator ? IKE_PAYLOAD_IDI : IKE_PAYLOAD_IDR, &own);
	payload_auth_write(&d->b, IKE_AUTH_SHARED_KEY_MIC, secret_view(&auth));
	secret_clear(&auth);
	return 0;
}

static bool has_others(const struct tunnel *t, const struct ike_sa *than)
{
	struct list *n, *after;

	list_for_each(n, after, &t->sas)
	{
		const struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (sa != than && ike_sa_is_usable(sa))
			return true;
	}
	return false;
}

/* ---- Initiator ------------------------------------------------------------------------------- */

/* IDr is not sent: the peer then names itself, and a wrong name shows up with its text. */
void auth_start(struct ike_engine *e, struct ike_sa *sa)
{
	struct initial *in = sa->initial;
	struct tunnel *t = sa->tunnel;
	struct draft d;
	int rc;

	draft_start(&d);
	rc = write_id_and_auth(e, sa, &d);
	if (!has_others(t, sa))
		payload_notify_write(&d.b, IKE_N_INITIAL_CONTACT, view_of(NULL, 0));
	in->child = child_new(e, sa);
	child_first_selectors(t, &in->tsi, &in->tsr);
	child_write_offer(sa, in->child, 0, NULL, &in->child_offer, &d);
	payload_ts_write(&d.b, IKE_PAYLOAD_TSI, &in->tsi);
	payload_ts_write(&d.b, IKE_PAYLOAD_TSR, &in->tsr);
	if (!rc)
		rc = exchange_request(e, sa, IKE_EXCH_AUTH, &d);
	if (rc)
		ike_sa_close(e, sa, 0);
}

static enum ike_cause cause_of(uint16_t notify)
{
	switch (notify) {
	case IKE_N_AUTHENTICATION_FAILED:
		return IKE_CAUSE_REFUSED_BY_PEER;
	case IKE_N_NO_PROPOSAL_CHOSEN:
		return IKE_CAUSE_CHILD_REFUSED;
	case IKE_N_TS_UNACCEPTABLE:
		return IKE_CAUSE_SELECTORS_REFUSED;
	case IKE_N_INVALID_SYNTAX:
		return IKE_CAUSE_SYNTAX_REFUSED;
	default:
		return IKE_CAUSE_PEER_ERROR;
	}
}

static void peer_refused(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			 uint16_t notify)
{
	char name[40];
	struct ike_failure f =
		failure_of(e, cause_of(notify), IKE_EXCH_AUTH, true, &in->remote,
			   "peer sent %s in IKE_AUTH", ike_notify_name(notify, name, sizeof(name)));

	ike_sa_fail(e, sa, &f, false);
}

/* We do not accept the responder; it believes that we do (RFC 7296 section 2.21.2). */
static void refuse_peer(struct ike_engine *e, struct ike_sa *sa, struct ike_failure *f,
			const struct ike_id *id, const struct ike_comparison *cmp)
{
	f->id_seen = *id;
	engine_count(e, COUNTER_AUTH_FAILED);
	tunnel_failed(sa->tunnel, f);
	tunnel_compare(sa->tunnel, cmp);
	engine_event(e, sa->tunnel_id, IKE_EVENT_ATTEMPT_FAILED, f);
	ike_sa_delete(e, sa, IKE_N_AUTHENTICATION_FAILED);
}

/* Is the responder who it should be? */
static bool responder_is_right(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	const struct payload *pid = payload_find(&in->payloads, IKE_PAYLOAD_IDR);
	const struct payload *pauth = payload_find(&in->payloads, IKE_PAYLOAD_AUTH);
	struct tunnel *t = sa->tunnel;
	struct payload_id id;
	struct payload_auth auth;
	struct keymat_auth_input input;
	struct ike_failure f;
	struct ike_comparison cmp;
	enum ike_cause cause;
	char seen[2 * IKE_ID_MAX + 8], wanted[2 * IKE_ID_MAX + 8];

	if (!pid || !pauth || payload_id_read(pid->body, &id) ||
	    payload_auth_read(pauth->body, &auth)) {
		f = failure_make(e, IKE_REASON_INVALID_SYNTAX, IKE_EXCH_AUTH, false, &in->remote,
				 "IKE_AUTH response without proper IDr and AUTH payloads");
		ike_sa_fail(e, sa, &f, true);
		return false;
	}
	if (!payload_id_value(&id, &sa->peer_id) || !ike_id_equal(&sa->peer_id, &t->remote_id)) {
		cause = id_explain(&t->remote_id, &sa->peer_id, &in->remote.addr, &cmp);
		f = failure_of(e, cause, IKE_EXCH_AUTH, false, &in->remote,
			       "peer presents %s %.60s, expected %s %.60s",
			       ike_id_type_name(sa->peer_id.type),
			       ike_id_text(&sa->peer_id, seen, sizeof(seen)),
			       ike_id_type_name(t->remote_id.type),
			       ike_id_text(&t->remote_id, wanted, sizeof(wanted)));
		refuse_peer(e, sa, &f, &sa->peer_id, &cmp);
		return false;
	}
	input = auth_input(sa, &t->profile.psk, false, id.body);
	if (auth.method != IKE_AUTH_SHARED_KEY_MIC ||
	    keymat_psk_verify(e->crypto, &input, auth.data)) {
		bool psk = auth.method == IKE_AUTH_SHARED_KEY_MIC;

		f = failure_of(e, psk ? IKE_CAUSE_PSK_MISMATCH : IKE_CAUSE_AUTH_METHOD,
			       IKE_EXCH_AUTH, false, &in->remote,
			       psk ? "AUTH of the peer does not fit our pre-shared key"
				   : "peer authenticates with method %u",
			       auth.method);
		refuse_peer(e, sa, &f, &sa->peer_id, NULL);
		return false;
	}
	return true;
}

void auth_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct payload_notify n;
	struct child_sa *c;

	if (!payload_find(&in->payloads, IKE_PAYLOAD_AUTH) &&
	    notify_find_error(&in->payloads, &n)) {
		peer_refused(e, sa, in, n.type);
		return;
	}
	if (!responder_is_right(e, sa, in) || ike_sa_event(e, sa, SA_EV_AUTHENTICATED))
		return;
	c = sa->initial->child;
	sa->initial->child = NULL;
	child_first_answer(e, sa, c, in);
	ike_sa_established(e, sa);
	initial_free(e, sa);
	child_want(e, sa);
}

/* ---- Responder ------------------------------------------------------------------------------- */

/* The same work for known and unknown identities. */
static bool claim_holds(struct ike_engine *e, const struct ike_sa *sa, const struct tunnel *t,
			const struct claim *c)
{
	struct secret nobody = SECRET_NONE;
	bool ok;

	secret_alloc(&nobody, 32);
	engine_random(e, nobody.data, nobody.len);
	ok = claim_fits(e, sa, t ? &t->profile.psk : &nobody, c);
	secret_clear(&nobody);
	return ok && t && c->has_auth && c->auth.method == IKE_AUTH_SHARED_KEY_MIC;
}

static void refuse(struct ike_engine *e, struct ike_sa *sa, struct message_in *in, unsigned notify)
{
	exchange_respond_notify(e, sa, &in->header, notify, view_of(NULL, 0));
	ike_sa_close(e, sa, 2 * e->limits.retransmit_ms);
}

static void unknown_peer(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
			 const struct claim *c)
{
	char text[2 * IKE_ID_MAX + 8];
	struct ike_failure f =
		failure_of(e, IKE_CAUSE_ID_UNKNOWN, IKE_EXCH_AUTH, false, &in->remote,
			   "no tunnel expects %s %.120s", ike_id_type_name(c->id.type),
			   ike_id_text(&c->id_i, text, sizeof(text)));

	f.id_seen = c->id_i;
	engine_count(e, COUNTER_UNKNOWN_PEER);
	if (e->unknown_told_ms == 0 || e->now_ms >= e->unknown_told_ms + UNKNOWN_TELL_MS) {
		e->unknown_told_ms = e->now_ms;
		engine_event(e, 0, IKE_EVENT_UNKNOWN_PEER, &f);
	}
	refuse(e, sa, in, IKE_N_AUTHENTICATION_FAILED);
}

static void failed(struct ike_engine *e, struct ike_sa *sa, struct message_in *in, struct tunnel *t,
		   const struct claim *c, struct ike_failure f, const struct ike_comparison *cmp,
		   unsigned notify)
{
	f.id_seen = c->id_i;
	engine_count(e, COUNTER_AUTH_FAILED);
	tunnel_peer_failed(e, t, &f);
	if (t->state != IKE_TUNNEL_UP)
		tunnel_compare(t, cmp);
	refuse(e, sa, in, notify);
}

/* Other tunnels at this address allowed it in IKE_SA_INIT, this one does not. */
static void suite_not_allowed(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
			      struct tunnel *t, const struct claim *c)
{
	struct view first = view_of(sa->initial->peer.bytes, sa->initial->peer.len);
	struct proposal_list accepted;
	struct payload_list payloads;
	struct message_header h;
	struct ike_comparison cmp = {.count = 0};
	struct payload_sa offers;
	const struct payload *psa = NULL;
	struct ike_failure f;
	char suite[IKE_SUITE_TEXT_MAX];

	if (message_header_read(first, &h) == 0 && message_payloads_read(first, &h, &payloads) == 0)
		psa = payload_find(&payloads, IKE_PAYLOAD_SA);
	if (psa && payload_sa_read(psa->body, &offers) == 0) {
		proposal_accepted(IKE_PROTO_IKE, &t->profile.ike, false, &accepted);
		proposal_explain(&accepted, &offers, false, &cmp);
	}
	f = failure_of(e, IKE_CAUSE_IKE_ALGORITHMS, IKE_EXCH_AUTH, false, &in->remote,
		       "this tunnel does not allow %s, other tunnels at this address do",
		       ike_suite_text(&sa->suite, suite, sizeof(suite)));
	failed(e, sa, in, t, c, f, &cmp, IKE_N_NO_PROPOSAL_CHOSEN);
}

/* May the authenticated peer have this tunnel?  Otherwise it has been refused. */
static bool tunnel_admits(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
			  struct tunnel *t, const struct claim *c)
{
	char a[IP_TEXT_MAX], b[IP_TEXT_MAX];
	struct ike_failure f;

	if (!tunnel_may_match(t, &sa->local.addr, &in->remote.addr)) {
		f = failure_of(e, IKE_CAUSE_PEER_ADDRESS, IKE_EXCH_AUTH, false, &in->remote,
			       "the peer with this identity and key comes from %s, expected %s",
			       ip_addr_text(&in->remote.addr, a, sizeof(a)),
			       ip_addr_text(&t->profile.remote.addr, b, sizeof(b)));
		failed(e, sa, in, t, c, f, NULL, IKE_N_AUTHENTICATION_FAILED);
		return false;
	}
	if (!proposal_allows(IKE_PROTO_IKE, &t->profile.ike, &sa->suite)) {
		suite_not_allowed(e, sa, in, t, c);
		return false;
	}
	return true;
}

/* INITIAL_CONTACT is about this tunnel only, and about IKE SAs that were up before (2.4). */
static void forget_older(struct ike_engine *e, struct tunnel *t, const struct ike_sa *than)
{
	struct ike_failure f = failure_make(e, IKE_REASON_REPLACED, IKE_EXCH_AUTH, true,
					    &than->remote, "peer sent INITIAL_CONTACT");
	struct list *n, *after;

	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (sa == than || sa->state < SA_ESTABLISHED ||
		    sa->established_ms >= than->created_ms)
			continue;
		tunnel_failed(t, &f);
		ike_sa_close(e, sa, 0);
	}
}

/* Two peers with one identity take the tunnel from each other. */
static void note_swap(struct ike_engine *e, struct tunnel *t, const struct ip_endpoint *now)
{
	const struct ip_endpoint before = t->swaps.now;
	char a[IP_TEXT_MAX], b[IP_TEXT_MAX];
	struct ike_failure f;
	bool back = ip_endpoint_equal(&t->swaps.before, now) &&
		    e->now_ms < t->swaps.at_ms + SWAPS_WITHIN_MS;

	if (ip_endpoint_equal(&before, now))
		return;
	t->swaps.count = back ? t->swaps.count + 1 : 0;
	t->swaps.before = before;
	t->swaps.now = *now;
	t->swaps.at_ms = e->now_ms;
	if (t->swaps.count < SWAPS_MIN)
		return;
	f = failure_of(e, IKE_CAUSE_TWO_PEERS, IKE_EXCH_AUTH, false, now,
		       "peers at %s and %s take the tunnel from each other",
		       ip_endpoint_text(&before, a, sizeof(a)),
		       ip_endpoint_text(now, b, sizeof(b)));
	tunnel_failed(t, &f);
}

static void admit(struct ike_engine *e, struct ike_sa *sa, struct message_in *in, struct tunnel *t,
		  const struct claim *c)
{
	struct payload_notify n;
	struct draft d;

	sa->peer_id = c->id_i;
	sa->forced_encap = t->profile.force_encap;
	ike_sa_set_tunnel(sa, t);
	engine_event(e, t->profile.id, IKE_EVENT_NEGOTIATING, NULL);
	draft_start(&d);
	if (write_id_and_auth(e, sa, &d) || ike_sa_event(e, sa, SA_EV_AUTHENTICATED)) {
		ike_sa_close(e, sa, 0);
		return;
	}
	child_first_request(e, sa, in, &d);
	exchange_respond(e, sa, &in->header, &d);
	ike_sa_established(e, sa);
	initial_free(e, sa);
	if (notify_find(&in->payloads, IKE_N_INITIAL_CONTACT, &n))
		forget_older(e, t, sa);
	note_swap(e, t, &in->remote);
}

void auth_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct ike_failure f;
	struct tunnel *t;
	struct claim c;
	bool holds;

	if (sa->state != SA_HALF_OPEN) {
		engine_count(e, COUNTER_RX_UNEXPECTED);
		return;
	}
	if (!claim_read(in, &c) || child_deal_is_malformed(in)) {
		engine_count(e, COUNTER_RX_INVALID_SYNTAX);
		f = failure_make(e, IKE_REASON_INVALID_SYNTAX, IKE_EXCH_AUTH, false, &in->remote,
				 "a payload in IKE_AUTH of the peer is malformed");
		suspects_failed(e, &in->local.addr, &f, NULL);
		refuse(e, sa, in, IKE_N_INVALID_SYNTAX);
		return;
	}
	t = tunnel_identify(e, &sa->local.addr, &in->remote.addr, &c.id_i, &c.id_r);
	holds = claim_holds(e, sa, t, &c);
	if (!t) {
		claim_explain_unknown(e, sa, in, &c);
		unknown_peer(e, sa, in, &c);
		return;
	}
	if (holds || t->state != IKE_TUNNEL_UP)
		memcpy(t->peer_offer, sa->initial->peer_offer, sizeof(t->peer_offer));
	if (!holds) {
		f = claim_failure(e, sa, in, t, &c);
		failed(e, sa, in, t, &c, f, NULL, IKE_N_AUTHENTICATION_FAILED);
		return;
	}
	if (t->admin_down) {
		refuse(e, sa, in, IKE_N_AUTHENTICATION_FAILED);
		return;
	}
	if (tunnel_admits(e, sa, in, t, &c))
		admit(e, sa, in, t, &c);
}
