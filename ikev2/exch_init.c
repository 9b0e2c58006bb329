/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE_SA_INIT as the initiator: cookies, INVALID_KE_PAYLOAD, the second tier of proposals, NAT
 * detection.  Nothing in it is authenticated, so that no error is believed at once.
 * RFC 7296 sections 1.2, 1.3, 2.6, 2.7, 2.21.1 and 2.23.
 */
#include "ikev2/exchange.h"

#include "ikev2/intermediate.h"
#include "ikev2/natt.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "ikev2/ppk.h"
#include "ikev2/redirect.h"
#include "ikev2/rules.h"
#include "ikev2/source.h"
#include "ikev2/suspect.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define IKE_PORT      500
#define DOUBT_MS      1000 /* ask again so long after an unprotected error */
#define COOKIE_ROUNDS 4
#define GROUP_ROUNDS  3

static enum proposal_tier tier_of(const struct tunnel *t)
{
	return t->weak_offer ? PROPOSAL_TIER_2 : PROPOSAL_TIER_1;
}

static void compute_key(struct ike_engine *e, struct ike_sa *sa, uint16_t group)
{
	struct initial *in = sa->initial;
	struct ike_dh_job *job = dh_job_new(e->crypto, group, &e->random, 0);
	struct ike_failure f;

	ike_dh_job_free(in->job);
	in->job = NULL;
	if (!job && in->inquiry) {
		ike_sa_close(e, sa, 0);
		return;
	}
	if (!job) {
		f = failure_make(e, IKE_REASON_NO_PROPOSAL_CHOSEN, IKE_EXCH_SA_INIT, false, NULL,
				 "DH group %u is not available", group);
		ike_sa_fail(e, sa, &f, false);
		return;
	}
	dh_wait_start(e, &in->wait, sa, DH_FOR_INITIAL, job);
}

static struct ike_sa *initiator_new(struct ike_engine *e, struct tunnel *t)
{
	struct ike_sa *sa = ike_sa_new(e, true);

	if (!sa)
		return NULL;
	sa->local = (struct ip_endpoint){.addr = t->profile.local, .port = IKE_PORT};
	sa->remote = t->profile.remote;
	if (ip_addr_is_set(&t->away.to)) { /* once; if that fails, home again */
		sa->remote = (struct ip_endpoint){.addr = t->away.to};
		sa->redirected_from = t->away.from;
		t->away.to = (struct ip_addr){.family = IP_NONE};
	}
	if (sa->remote.port == 0)
		sa->remote.port = IKE_PORT;
	/* who does not know its own address cannot say that no NAT is there */
	sa->forced_encap = t->profile.force_encap || !ip_addr_is_set(&t->profile.local);
	sa->initial = mem_zalloc(sizeof(*sa->initial));
	sa->initial->asking = mem_zalloc(sizeof(*sa->initial->asking));
	sa->initial->lie = sa->forced_encap;
	nonce_make(e, &sa->initial->ni);
	ike_sa_set_tunnel(sa, t);
	return sa;
}

static void inquire(struct ike_engine *e, struct tunnel *t)
{
	struct ike_sa *sa = inquiry_is_due(e, t) ? initiator_new(e, t) : NULL;

	if (!sa)
		return;
	t->inquired_ms = e->now_ms;
	sa->initial->inquiry = true;
	if (ike_sa_event(e, sa, SA_EV_START) == 0)
		compute_key(e, sa, proposal_first_ke(&t->profile.ike, tier_of(t)));
}

void init_start(struct ike_engine *e, struct tunnel *t)
{
	struct ike_sa *sa = initiator_new(e, t);
	struct ike_failure f;

	if (!sa) {
		f = failure_make(e, IKE_REASON_RESOURCES, 0, false, &t->profile.remote,
				 "limit of %u IKE SAs reached", e->limits.max_ike_sas);
		tunnel_failed(t, &f);
		engine_event(e, t->profile.id, IKE_EVENT_ATTEMPT_FAILED, &f);
		tunnel_plan(e, t);
		return;
	}
	engine_event(e, t->profile.id, IKE_EVENT_NEGOTIATING, NULL);
	if (ike_sa_event(e, sa, SA_EV_START))
		return;
	source_ask(e, sa);
	compute_key(e, sa, proposal_first_ke(&t->profile.ike, tier_of(t)));
}

static void send_request(struct ike_engine *e, struct ike_sa *sa)
{
	struct initial *in = sa->initial;
	struct tunnel *t = sa->tunnel;
	struct proposal_request rq = {.protocol = IKE_PROTO_IKE,
				      .params = &t->profile.ike,
				      .tier = tier_of(t),
				      .ke = in->job->group};
	struct message_header h = {.spi_i = sa->spi_i,
				   .exchange = IKE_EXCH_SA_INIT,
				   .flags = MESSAGE_INITIATOR};
	uint8_t buf[EXCHANGE_MESSAGE_MAX];
	struct message_builder b;
	struct view message;

	sa->spi_r = 0;
	proposal_build(&rq, &in->asking->offer);
	message_start(&b, buf, sizeof(buf), &h);
	if (in->asking->cookie_len > 0)
		payload_notify_write(&b, IKE_N_COOKIE,
				     view_of(in->asking->cookie, in->asking->cookie_len));
	if (in->inquiry)
		inquiry_write(sa, &b);
	else
		proposal_write(&b, &in->asking->offer);
	payload_ke_write(&b, in->job->group, dh_job_public(in->job));
	payload_nonce_write(&b, nonce_view(&in->ni));
	natt_write(e, &b, sa, in->lie);
	payload_notify_write(&b, IKE_N_IKEV2_FRAGMENTATION_SUPPORTED, view_of(NULL, 0));
	if (ppk_is_set(&t->profile.ppk) && !in->inquiry)
		payload_notify_write(&b, IKE_N_USE_PPK, view_of(NULL, 0));
	if (in->inquiry || proposal_has_addke(&t->profile.ike))
		payload_notify_write(&b, IKE_N_INTERMEDIATE_EXCHANGE_SUPPORTED, view_of(NULL, 0));
	if (!in->inquiry)
		redirect_announce(sa, &b);
	if (message_finish(&b, &message)) {
		ike_sa_close(e, sa, 0);
		return;
	}
	message_out_set(&in->asking->own, message);
	exchange_request_clear(e, sa, IKE_EXCH_SA_INIT, message);
}

void init_timeout(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_failure f;

	if (sa->initial->inquiry) {
		ike_sa_close(e, sa, 0);
		return;
	}
	f = silence_failure(e, sa);
	ike_sa_fail(e, sa, &f, false);
}

bool init_doubt_resend(struct ike_engine *e, struct ike_sa *sa)
{
	if (sa->initial->inquiry && inquiry_is_over(sa)) {
		ike_sa_close(e, sa, 0);
		return true;
	}
	if (!sa->initial->asking->doubted)
		return false;
	sa->initial->asking->doubted = false;
	engine_count(e, COUNTER_RETRANSMITS);
	exchange_resend_request(e, sa);
	engine_timer_in(e, &sa->retransmit, e->limits.retransmit_ms);
	return true;
}

static void got_cookie(struct ike_engine *e, struct ike_sa *sa, struct view cookie)
{
	struct initial *in = sa->initial;

	if (cookie.len > 0 && in->asking->cookie_rounds >= COOKIE_ROUNDS)
		trouble_note(e, sa->tunnel, IKE_CAUSE_COOKIE_LOOP,
			     "peer asked for another cookie 5 times");
	if (cookie.len == 0 || cookie.len > sizeof(in->asking->cookie) ||
	    in->asking->cookie_rounds++ >= COOKIE_ROUNDS) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	memcpy(in->asking->cookie, cookie.data, cookie.len);
	in->asking->cookie_len = cookie.len;
	engine_count(e, COUNTER_COOKIES_REPLAYED);
	send_request(e, sa);
}

static bool offers_group(const struct proposal_list *l, uint16_t group)
{
	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < l->item[i].count; k++)
			if (l->item[i].transform[k].type == IKE_TRANSFORM_KE &&
			    l->item[i].transform[k].id == group)
				return true;
	return false;
}

static void retry_with(struct ike_engine *e, struct ike_sa *sa, uint16_t group)
{
	exchange_request_done(e, sa);
	sa->initial->asking->doubted = false;
	sa->initial->asking->doubt = (struct ike_failure){0};
	if (ike_sa_event(e, sa, SA_EV_RETRY_GROUP) == 0)
		compute_key(e, sa, group);
}

/* The peer wants another group: only one that we offered, and not for ever. */
static bool got_invalid_ke(struct ike_engine *e, struct ike_sa *sa, const struct payload_notify *n)
{
	uint16_t group;

	if (!notify_ke_group(n, &group) || group == sa->initial->job->group ||
	    !offers_group(&sa->initial->asking->offer, group) ||
	    sa->initial->asking->group_rounds++ >= GROUP_ROUNDS)
		return false;
	retry_with(e, sa, group);
	return true;
}

static enum ike_cause cause_of(uint16_t notify)
{
	switch (notify) {
	case IKE_N_NO_PROPOSAL_CHOSEN:
	case IKE_N_INVALID_KE_PAYLOAD:
		return IKE_CAUSE_IKE_REFUSED;
	case IKE_N_INVALID_SYNTAX:
		return IKE_CAUSE_SYNTAX_REFUSED;
	case IKE_N_INVALID_MAJOR_VERSION:
		return IKE_CAUSE_IKEV1_ONLY;
	default:
		return IKE_CAUSE_PEER_ERROR;
	}
}

/* Anybody can send this: ask once more before it is believed; a real answer still counts. */
static void got_error(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      uint16_t notify)
{
	struct initial *init = sa->initial;
	struct tunnel *t = sa->tunnel;
	char name[40];
	bool refused;

	if (init->asking->doubt.reason == IKE_REASON_NONE) {
		init->asking->doubt = failure_of(e, cause_of(notify), IKE_EXCH_SA_INIT, true,
						 &in->remote, "peer sent %s in IKE_SA_INIT",
						 ike_notify_name(notify, name, sizeof(name)));
		init->asking->doubted = true;
		engine_timer_in(e, &sa->retransmit, DOUBT_MS);
		return;
	}
	if (init->asking->doubted)
		return; /* not asked again yet */
	if (notify == IKE_N_NO_PROPOSAL_CHOSEN && !t->weak_offer &&
	    proposal_has_tier2(IKE_PROTO_IKE, &t->profile.ike)) {
		t->weak_offer = true;
		retry_with(e, sa, proposal_first_ke(&t->profile.ike, PROPOSAL_TIER_2));
		return;
	}
	refused = init->asking->doubt.cause == IKE_CAUSE_IKE_REFUSED;
	inquiry_recall(t, &init->asking->doubt);
	ike_sa_fail(e, sa, &init->asking->doubt, false);
	if (refused)
		inquire(e, t);
}

/* Anybody could leave the notify out: a real answer may still come. */
static bool take_ppk(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	const struct ike_ppk *ppk = &sa->tunnel->profile.ppk;
	struct payload_notify n;

	sa->initial->ppk = ppk_is_set(ppk) && notify_find(&in->payloads, IKE_N_USE_PPK, &n);
	if (sa->initial->ppk || !ppk->required || !ppk_is_set(ppk))
		return true;
	sa->initial->asking->doubt =
		failure_of(e, IKE_CAUSE_PPK_MISSING, IKE_EXCH_SA_INIT, false, &in->remote,
			   "peer did not announce postquantum preshared keys");
	return false;
}

/* Additional key exchanges need IKE_INTERMEDIATE. */
static bool can_do_more(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct payload_notify n;

	if (!suite_has_addke(&sa->initial->choice.suite) ||
	    notify_find(&in->payloads, IKE_N_INTERMEDIATE_EXCHANGE_SUPPORTED, &n))
		return true;
	sa->initial->asking->doubt =
		failure_of(e, IKE_CAUSE_NOT_OFFERED, IKE_EXCH_SA_INIT, false, &in->remote,
			   "peer chose additional key exchanges without IKE_INTERMEDIATE");
	return false;
}

/* Take what a real answer holds; false: it is not usable, and changed nothing that matters. */
static bool take_answer(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct initial *init = sa->initial;
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	const struct payload *pke = payload_find(&in->payloads, IKE_PAYLOAD_KE);
	const struct payload *pn = payload_find(&in->payloads, IKE_PAYLOAD_NONCE);
	struct payload_sa offers;
	struct payload_ke ke;
	struct view nonce;

	if (!psa || !pke || !pn || in->header.spi_r == 0 || payload_sa_read(psa->body, &offers) ||
	    payload_ke_read(pke->body, &ke) || payload_nonce_read(pn->body, &nonce))
		return false;
	if (proposal_verify(&init->asking->offer, &offers, &init->choice)) {
		init->asking->doubt =
			failure_of(e, IKE_CAUSE_NOT_OFFERED, IKE_EXCH_SA_INIT, false, &in->remote,
				   "peer chose algorithms that were not offered");
		return false;
	}
	if (!take_ppk(e, sa, in) || !can_do_more(e, sa, in))
		return false;
	if (ke.group != init->job->group || ke.group != init->choice.suite.ke ||
	    dh_job_set_peer(init->job, ke.data))
		return false;
	nonce_set(&init->nr, nonce);
	return true;
}

static void got_answer(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct initial *init = sa->initial;
	struct payload_notify n;
	struct ike_dh_job *job;

	if (!take_answer(e, sa, in)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	if (ike_sa_event(e, sa, SA_EV_INIT_ANSWERED))
		return;
	exchange_request_done(e, sa);
	sa->suite = init->choice.suite;
	ike_sa_set_peer_spi(sa, in->header.spi_r);
	message_out_set(&init->peer, in->bytes);
	if (!ip_addr_is_set(&sa->local.addr))
		sa->local.addr = in->local.addr;
	sa->peer_fragments = notify_find(&in->payloads, IKE_N_IKEV2_FRAGMENTATION_SUPPORTED, &n);
	sa->peer_childless = notify_find(&in->payloads, IKE_N_CHILDLESS_IKEV2_SUPPORTED, &n);
	natt_detect(e, sa, in);
	natt_float(sa);
	job = init->job;
	init->job = NULL;
	dh_wait_start(e, &init->wait, sa, DH_FOR_INITIAL, job);
}

static void got_inquiry_answer(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	uint16_t group;

	if (!inquiry_response(e, sa, in, &group))
		return;
	if (group)
		retry_with(e, sa, group);
	else
		ike_sa_close(e, sa, 0);
}

/* RFC 5685 section 3: no state is kept at the gateway, and none here. */
static void got_redirect(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct tunnel *t = sa->tunnel;

	if (!redirect_fits_init(sa, in)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	if (redirect_follow(e, sa, in)) {
		ike_sa_close(e, sa, 0);
		redirect_start(e, t);
	} else {
		ike_sa_close(e, sa, 0);
	}
}

void init_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct rules_verdict v = rules_check(IKE_EXCH_SA_INIT, true, false, &in->payloads);
	struct payload_notify n;

	if (v.notify || !ip_addr_equal(&in->remote.addr, &sa->remote.addr)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	if (sa->initial->inquiry && !notify_find(&in->payloads, IKE_N_COOKIE, &n)) {
		got_inquiry_answer(e, sa, in);
		return;
	}
	if (payload_find(&in->payloads, IKE_PAYLOAD_SA)) {
		got_answer(e, sa, in);
		return;
	}
	if (notify_find(&in->payloads, IKE_N_COOKIE, &n)) {
		got_cookie(e, sa, n.data);
		return;
	}
	if (notify_find(&in->payloads, IKE_N_REDIRECT, &n)) {
		got_redirect(e, sa, in);
		return;
	}
	if (!notify_find_error(&in->payloads, &n)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	if (n.type == IKE_N_INVALID_KE_PAYLOAD && got_invalid_ke(e, sa, &n))
		return;
	got_error(e, sa, in, n.type);
}

/* ---- DH -------------------------------------------------------------------------------------- */

int init_derive(struct ike_engine *e, struct ike_sa *sa, const struct ike_dh_job *job)
{
	struct keymat_ike keys = {0};
	struct keymat_ike_input in = {.suite = &sa->suite,
				      .ni = nonce_view(&sa->initial->ni),
				      .nr = nonce_view(&sa->initial->nr),
				      .spi_i = sa->spi_i,
				      .spi_r = sa->spi_r,
				      .shared = &job->shared};
	int rc;

	if (job->failed || job->shared.len == 0)
		return ERR_CRYPTO;
	/* RFC 9370 section 2.2.2: SKEYSEED(n) = prf(SK_d(n-1), SK(n) | Ni | Nr), and the keys from
	 * it as ever: the computation of a rekeying, with the SPIs and nonces that there are. */
	if (sa->keys.sk_d.len == 0)
		rc = keymat_ike_initial(e->crypto, &in, &keys);
	else
		rc = keymat_ike_rekey(e->crypto, sa->suite.prf, &sa->keys.sk_d, &in, &keys);
	if (!rc)
		rc = ike_sa_set_keys(e, sa, &keys);
	keymat_ike_clear(&keys);
	return rc;
}

static void secret_ready(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	int rc = init_derive(e, sa, job);
	struct ike_failure f;

	ike_dh_job_free(job);
	if (rc) {
		f = failure_of(e, IKE_CAUSE_BAD_KEY_EXCHANGE, IKE_EXCH_SA_INIT, false, &sa->remote,
			       "key exchange value of the peer is not valid");
		ike_sa_fail(e, sa, &f, false);
		return;
	}
	if (intermediate_is_due(sa))
		intermediate_start(e, sa);
	else if (ike_sa_event(e, sa, SA_EV_SECRET_READY) == 0)
		auth_start(e, sa);
}

void init_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	if (sa->state == SA_SECRET) {
		secret_ready(e, sa, job);
		return;
	}
	if (sa->state == SA_RESPONDING) {
		init_answer_ready(e, sa, job);
		return;
	}
	if (sa->state == SA_MORE_KEY || sa->state == SA_MORE_SECRET || sa->state == SA_HALF_OPEN) {
		intermediate_dh_done(e, sa, job);
		return;
	}
	if (sa->state != SA_KEY || job->public_len == 0 || ike_sa_event(e, sa, SA_EV_KEY_READY)) {
		ike_dh_job_free(job);
		ike_sa_close(e, sa, 0);
		return;
	}
	sa->initial->job = job;
	send_request(e, sa);
}
