/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE_AUTH with pre-shared keys as the responder, with or without the first Child SA.  Whatever is
 * wrong with the peer's identity or key, the answer is one AUTHENTICATION_FAILED after the same
 * work.  RFC 7296 sections 1.2, 2.4, 2.15 and 2.21.2, RFC 6023, RFC 8784.
 */
#include "ikev2/exchange.h"

#include "ikev2/auth_claim.h"
#include "ikev2/auth_own.h"
#include "ikev2/child_deal.h"
#include "ikev2/intermediate.h"
#include "ikev2/mobike.h"
#include "ikev2/payload_notify.h"
#include "ikev2/payload_sa.h"
#include "ikev2/ppk.h"
#include "ikev2/proposal_explain.h"
#include "ikev2/qcd.h"
#include "ikev2/redirect.h"
#include "ikev2/suspect.h"
#include "ikev2/tunnel.h"

#include <stdio.h>

#define SWAPS_MIN	2 /* changes back and forth between two peers */
#define SWAPS_WITHIN_MS 600000
#define UNKNOWN_TELL_MS 1000 /* between events about strangers */

static bool fits_with_ppk(struct ike_engine *e, struct ike_sa *sa, const struct tunnel *t,
			  const struct claim *c)
{
	struct keymat_ike mixed = {0};
	bool ok = ppk_keys(e, sa, &t->profile.ppk, &mixed) == 0 &&
		  claim_fits(e, sa, &t->profile.psk, &mixed, c->auth.data, c);

	if (ok)
		ppk_adopt(sa, &mixed);
	keymat_ike_clear(&mixed);
	return ok;
}

/* The same work for known and unknown identities. */
static bool claim_holds(struct ike_engine *e, struct ike_sa *sa, const struct tunnel *t,
			const struct claim *c, enum ppk_way way)
{
	struct secret nobody = SECRET_NONE;
	bool ok;

	secret_alloc(&nobody, 32);
	engine_random(e, nobody.data, nobody.len);
	if (t && way == PPK_WITH)
		ok = fits_with_ppk(e, sa, t, c);
	else
		ok = claim_fits(e, sa, t ? &t->profile.psk : &nobody, &sa->keys,
				way == PPK_INSTEAD ? c->no_ppk_auth : c->auth.data, c);
	secret_clear(&nobody);
	return ok && t && c->has_auth && c->auth.method == IKE_AUTH_SHARED_KEY_MIC &&
	       way != PPK_IMPOSSIBLE;
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
		tunnel_compare(e, t, cmp);
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

	recall_set(&e->recall, e->now_ms, &sa->initial->from, &t->profile.ike);
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
	sa->forced_encap |= t->profile.force_encap; /* the peer may have been told so already */
	ike_sa_set_tunnel(sa, t);
	trace_early(e, sa, t);
	engine_event(e, t->profile.id, IKE_EVENT_NEGOTIATING, NULL);
	draft_start(&d);
	if (auth_own_write(e, sa, &sa->keys, &d.b) || ike_sa_event(e, sa, SA_EV_AUTHENTICATED)) {
		ike_sa_close(e, sa, 0);
		return;
	}
	if (sa->ppk)
		payload_notify_write(&d.b, IKE_N_PPK_IDENTITY, view_of(NULL, 0));
	if (mobike_accept(sa, in))
		payload_notify_write(&d.b, IKE_N_MOBIKE_SUPPORTED, view_of(NULL, 0));
	qcd_keep(sa, &in->payloads);
	qcd_write(e, sa->spi_i, sa->spi_r, &d.b);
	child_first_request(e, sa, in, &d);
	exchange_respond(e, sa, &in->header, &d);
	ike_sa_established(e, sa);
	initial_free(e, sa);
	if (notify_find(&in->payloads, IKE_N_INITIAL_CONTACT, &n))
		forget_older(e, t, sa);
	note_swap(e, t, &in->remote);
	/* Not in IKE_AUTH itself: strongSwan 5.9 does not survive that (RFC 5685 section 6 allows
	 * both). */
	redirect_peer(e, t);
}

void auth_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct ike_failure f;
	enum ppk_way way;
	struct tunnel *t;
	struct claim c;
	bool holds;

	/* Not before all key exchanges that were agreed on. */
	if (sa->state != SA_HALF_OPEN || intermediate_is_due(sa)) {
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
	way = t ? ppk_way(sa, &t->profile.ppk, &c) : PPK_WITHOUT;
	holds = claim_holds(e, sa, t, &c, way);
	if (!t) {
		claim_explain_unknown(e, sa, in, &c);
		unknown_peer(e, sa, in, &c);
		return;
	}
	if (holds || t->state != IKE_TUNNEL_UP)
		snprintf(t->peer_offer, sizeof(t->peer_offer), "%s", sa->initial->peer_offer);
	if (!holds) {
		f = claim_failure(e, sa, in, t, &c, way);
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
