/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE_AUTH with pre-shared keys as the initiator, and the first Child SA in it or, when that once
 * cost the IKE SA, after it (RFC 6023).  RFC 7296 sections 1.2, 2.4, 2.15 and 2.21.2, RFC 8784.
 */
#include "ikev2/exchange.h"

#include "ikev2/auth_own.h"
#include "ikev2/explain.h"
#include "ikev2/payload_auth.h"
#include "ikev2/payload_id.h"
#include "ikev2/payload_notify.h"
#include "ikev2/payload_ts.h"
#include "ikev2/ppk.h"
#include "ikev2/qcd.h"
#include "ikev2/redirect.h"
#include "ikev2/tunnel.h"

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

/* ---- The request ----------------------------------------------------------------------------- */

/* With a PPK, AUTH is made with its keys, and a second one without, unless it is required. */
static int write_proof(struct ike_engine *e, const struct ike_sa *sa, struct draft *d)
{
	const struct ike_ppk *ppk = &sa->tunnel->profile.ppk;
	struct keymat_ike mixed = {0};
	struct secret plain = SECRET_NONE;
	int rc;

	if (!sa->initial->ppk)
		return auth_own_write(e, sa, &sa->keys, &d->b);
	rc = ppk_keys(e, sa, ppk, &mixed);
	if (!rc)
		rc = auth_own_write(e, sa, &mixed, &d->b);
	keymat_ike_clear(&mixed);
	if (rc)
		return rc;
	ppk_write_identity(ppk, &d->b);
	if (ppk->required)
		return 0;
	rc = auth_own_make(e, sa, &sa->keys, &plain);
	payload_notify_write(&d->b, IKE_N_NO_PPK_AUTH, secret_view(&plain));
	secret_clear(&plain);
	return rc;
}

static void write_first_child(struct ike_engine *e, struct ike_sa *sa, struct draft *d)
{
	struct initial *in = sa->initial;

	in->child = child_new(e, sa);
	child_first_selectors(sa->tunnel, &in->asking->tsi, &in->asking->tsr);
	child_write_offer(sa, in->child, 0, NULL, &in->asking->child_offer, d);
	payload_ts_write(&d->b, IKE_PAYLOAD_TSI, &in->asking->tsi);
	payload_ts_write(&d->b, IKE_PAYLOAD_TSR, &in->asking->tsr);
}

/* IDr is not sent at first: the peer then names itself, and a wrong name shows up with its text.  A
 * peer with several identities is told the next time which one is meant. */
void auth_start(struct ike_engine *e, struct ike_sa *sa)
{
	struct tunnel *t = sa->tunnel;
	struct draft d;
	int rc;

	draft_start(&d);
	rc = write_proof(e, sa, &d);
	if (t->names_peer)
		payload_id_write(&d.b, IKE_PAYLOAD_IDR, &t->remote_id);
	if (!has_others(t, sa))
		payload_notify_write(&d.b, IKE_N_INITIAL_CONTACT, view_of(NULL, 0));
	qcd_write(e, sa->spi_i, sa->spi_r, &d.b);
	if (!t->childless || !sa->peer_childless)
		write_first_child(e, sa, &d);
	if (!rc)
		rc = exchange_request(e, sa, IKE_EXCH_AUTH, &d);
	if (rc)
		ike_sa_close(e, sa, 0);
}

/* ---- The answer ------------------------------------------------------------------------------ */

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

/* Errors about the Child SA alone (RFC 7296 section 2.21.2). */
static bool is_about_child(uint16_t notify)
{
	return notify == IKE_N_NO_PROPOSAL_CHOSEN || notify == IKE_N_TS_UNACCEPTABLE ||
	       notify == IKE_N_SINGLE_PAIR_REQUIRED || notify == IKE_N_NO_ADDITIONAL_SAS ||
	       notify == IKE_N_INTERNAL_ADDRESS_FAILURE || notify == IKE_N_FAILED_CP_REQUIRED ||
	       notify == IKE_N_INVALID_SELECTORS;
}

void auth_without_child(struct ike_engine *e, struct tunnel *t, bool possible)
{
	if (!t || t->childless || !possible)
		return;
	t->childless = true;
	tunnel_plan_now(e, t);
}

static void peer_refused(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			 uint16_t notify)
{
	bool possible = is_about_child(notify) && sa->peer_childless;
	struct tunnel *t = sa->tunnel;
	char name[40];
	struct ike_failure f =
		failure_of(e, cause_of(notify), IKE_EXCH_AUTH, true, &in->remote,
			   "peer sent %s in IKE_AUTH", ike_notify_name(notify, name, sizeof(name)));

	ike_sa_fail(e, sa, &f, false);
	auth_without_child(e, t, possible);
}

/* We do not accept the responder; it believes that we do (RFC 7296 section 2.21.2). */
static void refuse_peer(struct ike_engine *e, struct ike_sa *sa, struct ike_failure *f,
			const struct ike_id *id, const struct ike_comparison *cmp)
{
	f->id_seen = *id;
	engine_count(e, COUNTER_AUTH_FAILED);
	tunnel_failed(sa->tunnel, f);
	tunnel_compare(e, sa->tunnel, cmp);
	engine_event(e, sa->tunnel_id, IKE_EVENT_ATTEMPT_FAILED, f);
	ike_sa_delete(e, sa, IKE_N_AUTHENTICATION_FAILED);
}

/* RFC 8784 section 3: PPK_IDENTITY says that the responder has mixed the PPK in. */
static bool take_ppk(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	const struct ike_ppk *ppk = &sa->tunnel->profile.ppk;
	struct keymat_ike mixed = {0};
	struct payload_notify n;
	struct ike_failure f;
	int rc;

	if (!sa->initial->ppk)
		return true;
	if (!notify_find(&in->payloads, IKE_N_PPK_IDENTITY, &n)) {
		if (!ppk->required)
			return true;
		f = failure_of(e, IKE_CAUSE_PPK_MISSING, IKE_EXCH_AUTH, false, &in->remote,
			       "peer did not use the postquantum preshared key");
		refuse_peer(e, sa, &f, &(struct ike_id){.type = IKE_ID_NONE}, NULL);
		return false;
	}
	rc = ppk_keys(e, sa, ppk, &mixed);
	if (!rc)
		ppk_adopt(sa, &mixed);
	keymat_ike_clear(&mixed);
	if (rc)
		ike_sa_close(e, sa, 0);
	return rc == 0;
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
	if (!payload_id_value(&id, &sa->peer_id) || (!ike_id_equal(&sa->peer_id, &t->remote_id) &&
						     !redirect_explains_id(sa, &sa->peer_id))) {
		cause = id_explain(&t->remote_id, &sa->peer_id, &in->remote.addr, &cmp);
		f = failure_of(e, cause, IKE_EXCH_AUTH, false, &in->remote,
			       "peer presents %s %.60s, expected %s %.60s",
			       ike_id_type_name(sa->peer_id.type),
			       ike_id_text(&sa->peer_id, seen, sizeof(seen)),
			       ike_id_type_name(t->remote_id.type),
			       ike_id_text(&t->remote_id, wanted, sizeof(wanted)));
		t->names_peer = !t->names_peer;
		refuse_peer(e, sa, &f, &sa->peer_id, &cmp);
		return false;
	}
	if (!take_ppk(e, sa, in))
		return false;
	input = auth_input(sa, &t->profile.psk, &sa->keys, false, id.body);
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
		sa->tunnel->names_peer = false;
		peer_refused(e, sa, in, n.type);
		return;
	}
	if (!responder_is_right(e, sa, in))
		return;
	if (!payload_find(&in->payloads, IKE_PAYLOAD_SA) &&
	    notify_find(&in->payloads, IKE_N_REDIRECT, &n) && redirect_follow(e, sa, in)) {
		struct tunnel *t = sa->tunnel;

		ike_sa_delete(e, sa, 0);
		redirect_start(e, t);
		return;
	}
	if (ike_sa_event(e, sa, SA_EV_AUTHENTICATED))
		return;
	qcd_keep(sa, &in->payloads);
	c = sa->initial->child;
	sa->initial->child = NULL;
	if (c)
		child_first_answer(e, sa, c, in);
	ike_sa_established(e, sa);
	initial_free(e, sa);
	child_want(e, sa);
}
