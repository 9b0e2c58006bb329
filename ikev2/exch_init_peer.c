/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE_SA_INIT as the responder: repetitions, cookies under load before any DH, the choice among the
 * policies of all tunnels that may be meant, NAT detection.  Nothing in it is authenticated.
 * RFC 7296 sections 1.2, 1.3, 2.1, 2.6, 2.7 and 2.23.
 */
#include "ikev2/exchange.h"

#include "ikev2/natt.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "ikev2/place.h"
#include "ikev2/proposal_explain.h"
#include "ikev2/redirect.h"
#include "ikev2/rules.h"
#include "ikev2/suspect.h"
#include "ikev2/trace.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define COOKIE_SECRET_MS 120000
#define LOADED_EXPIRY_MS 10000
#define LATE_MS		 20000 /* IKE_AUTH should have come by then */

static void cookie_secrets(struct ike_engine *e)
{
	if (e->cookie.now.len > 0 && e->now_ms < e->cookie.since_ms + COOKIE_SECRET_MS)
		return;
	secret_move(&e->cookie.before, &e->cookie.now);
	if (e->now_ms >= e->cookie.since_ms + 2ull * COOKIE_SECRET_MS) /* nobody asked meanwhile */
		secret_clear(&e->cookie.before);
	secret_alloc(&e->cookie.now, COOKIE_SECRET_LEN);
	engine_random(e, e->cookie.now.data, COOKIE_SECRET_LEN);
	e->cookie.version++;
	e->cookie.since_ms = e->now_ms;
}

/* RFC 7296 section 2.6: a wrong cookie counts as none. */
static bool cookie_is_good(struct ike_engine *e, const struct message_in *in, struct view ni)
{
	struct cookie_input c = {.version = e->cookie.version,
				 .secret = &e->cookie.now,
				 .ni = ni,
				 .addr = in->remote.addr,
				 .spi_i = in->header.spi_i};
	struct payload_notify n;

	if (!notify_find(&in->payloads, IKE_N_COOKIE, &n))
		return false;
	if (cookie_check(e->crypto, &c, n.data))
		return true;
	c.version--;
	c.secret = &e->cookie.before;
	return e->cookie.before.len > 0 && cookie_check(e->crypto, &c, n.data);
}

static void ask_cookie(struct ike_engine *e, const struct message_in *in, struct view ni)
{
	struct cookie_input c = {.version = e->cookie.version,
				 .secret = &e->cookie.now,
				 .ni = ni,
				 .addr = in->remote.addr,
				 .spi_i = in->header.spi_i};
	uint8_t cookie[COOKIE_LEN];

	if (cookie_make(e->crypto, &c, cookie))
		return;
	engine_count(e, COUNTER_COOKIES_SENT);
	exchange_reply_clear(e, in, IKE_N_COOKIE, view_of(cookie, sizeof(cookie)));
}

/* The tunnel's own peer offers what the tunnel does not accept. */
static void refused_offer(struct ike_engine *e, const struct message_in *in,
			  const struct payload_sa *sa, struct tunnel *t)
{
	struct ike_comparison c;
	struct proposal_list accepted;
	struct ike_failure f;
	char text[150];

	if (!e->at_hand.valid)
		trace_clear_in(e, NULL, in);
	proposal_accepted(IKE_PROTO_IKE, &t->profile.ike, false, &accepted);
	proposal_explain(&accepted, sa, false, &c);
	f = failure_of(e, IKE_CAUSE_IKE_ALGORITHMS, IKE_EXCH_SA_INIT, false, &in->remote, "%s",
		       comparison_text(&c, text, sizeof(text)));
	tunnel_peer_failed(e, t, &f);
	tunnel_compare(e, t, &c);
}

/* Tunnels that wait for this peer show what it offers. */
static void remember_offer(struct ike_engine *e, const struct message_in *in,
			   const struct payload_sa *sa, bool refused)
{
	struct tunnel *t[SUSPECTS_MAX];
	size_t count = suspects_find(e, &in->local.addr, &in->remote, t);

	for (size_t i = 0; i < count; i++) {
		if (refused || ip_addr_is_set(&t[i]->profile.remote.addr))
			proposal_offer_text(sa, t[i]->peer_offer, sizeof(t[i]->peer_offer));
		if (refused && !suspect_is_covered(e, t[i], &in->remote.addr))
			refused_offer(e, in, sa, t[i]);
	}
}

struct init_offer {
	struct payload_sa sa;
	struct payload_ke ke;
	struct view ni;
};

static bool read_offer(const struct message_in *in, struct init_offer *out)
{
	const struct payload *sa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	const struct payload *ke = payload_find(&in->payloads, IKE_PAYLOAD_KE);
	const struct payload *ni = payload_find(&in->payloads, IKE_PAYLOAD_NONCE);

	return sa && ke && ni && payload_sa_read(sa->body, &out->sa) == 0 &&
	       payload_ke_read(ke->body, &out->ke) == 0 &&
	       payload_nonce_read(ni->body, &out->ni) == 0;
}

static void init_key_of(const struct ike_engine *e, const struct message_in *in, uint8_t key[16])
{
	uint64_t hash = siphash(e->hash_key, in->bytes.data, in->bytes.len);

	memcpy(key, &in->header.spi_i, sizeof(in->header.spi_i));
	memcpy(key + sizeof(in->header.spi_i), &hash, sizeof(hash));
}

/* RFC 7296 section 2.1: the whole request tells a repetition from a new one. */
static bool is_repetition(struct ike_engine *e, const struct message_in *in, const uint8_t key[16])
{
	struct map_node *n = map_find(&e->inits, key, 16);
	struct ike_sa *sa;

	if (!n)
		return false;
	sa = container_of(n, struct ike_sa, by_init);
	engine_count(e, COUNTER_RX_RETRANSMIT);
	if (sa->state == SA_HALF_OPEN && sa->response.valid && sa->response.id == 0) {
		exchange_answer_to(sa, in);
		exchange_resend_response(e, sa);
	}
	return true;
}

static struct ike_sa *half_open_new(struct ike_engine *e, const struct message_in *in,
				    const uint8_t key[16])
{
	struct ike_sa *sa = ike_sa_new(e, false);
	uint32_t expiry_ms = halfopen_is_loaded(&e->halfopen, e->now_ms) ? LOADED_EXPIRY_MS
									 : e->limits.half_open_ms;

	if (!sa)
		return NULL;
	sa->spi_i = in->header.spi_i;
	sa->local = in->local;
	sa->remote = in->remote;
	sa->natt = in->natt;
	exchange_answer_to(sa, in);
	memcpy(sa->init_key, key, sizeof(sa->init_key));
	sa->in_inits = map_insert(&e->inits, &sa->by_init, sa->init_key, sizeof(sa->init_key));
	halfopen_add(&e->halfopen, e->now_ms, &sa->remote.addr);
	sa->half_open = true;
	list_append(&e->half_opens, &sa->of_half_open);
	sa->expire_at_ms = e->now_ms + expiry_ms;
	engine_timer_in(e, &sa->half_open_end, expiry_ms > LATE_MS ? LATE_MS : expiry_ms);
	sa->initial = mem_zalloc(sizeof(*sa->initial));
	return sa;
}

void init_half_open_late(struct ike_engine *e, struct ike_sa *sa)
{
	if (e->now_ms >= sa->expire_at_ms) {
		ike_sa_close(e, sa, 0);
		return;
	}
	silence_of_peer(e, sa);
	engine_timer_at(e, &sa->half_open_end, sa->expire_at_ms);
}

static void accept_request(struct ike_engine *e, struct message_in *in,
			   const struct init_offer *offer, const struct proposal_choice *choice,
			   bool lie)
{
	struct ike_dh_job *job = dh_job_new(e->crypto, offer->ke.group, &e->random, 0);
	struct payload_notify n;
	char text[PEER_OFFER_MAX];
	uint8_t key[16];
	struct ike_sa *sa;

	if (!job || dh_job_set_peer(job, offer->ke.data)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		ike_dh_job_free(job);
		return;
	}
	init_key_of(e, in, key);
	sa = half_open_new(e, in, key);
	if (!sa) {
		engine_count(e, COUNTER_RX_DROPPED_LOAD);
		trace_dropped(e, in, "too many half-open IKE SAs");
		ike_dh_job_free(job);
		return;
	}
	trace_clear_in(e, sa, in);
	sa->suite = choice->suite;
	sa->initial->choice = *choice;
	sa->initial->from = in->remote;
	sa->initial->lie = sa->forced_encap = lie;
	proposal_offer_text(&offer->sa, text, sizeof(text));
	sa->initial->peer_offer = mem_strdup(text);
	nonce_set(&sa->initial->ni, offer->ni);
	nonce_make(e, &sa->initial->nr);
	message_out_set(&sa->initial->peer, in->bytes);
	sa->peer_fragments = notify_find(&in->payloads, IKE_N_IKEV2_FRAGMENTATION_SUPPORTED, &n);
	sa->initial->ppk = e->ppk_tunnels > 0 && notify_find(&in->payloads, IKE_N_USE_PPK, &n);
	sa->peer_redirects = redirect_is_announced(in);
	natt_detect(e, sa, in);
	if (ike_sa_event(e, sa, SA_EV_INIT_RECEIVED) == 0)
		dh_wait_start(e, &sa->initial->wait, sa, DH_FOR_INITIAL, job);
}

/* RFC 7296 section 3.4: the group of KE is one of those in SA. */
static bool names_group(const struct payload_sa *sa, uint16_t group)
{
	struct sa_transform t;

	for (size_t i = 0; i < sa->count; i++) {
		struct reader r = reader_of(sa->item[i].transforms);

		while (sa_transform_next(&r, &t))
			if (t.type == IKE_TRANSFORM_KE && t.id == group)
				return true;
	}
	return false;
}

/* RFC 5685 section 3: every tunnel that may be meant is elsewhere; no state, no DH. */
static void send_away(struct ike_engine *e, const struct message_in *in,
		      const struct ike_gateway *to, struct view ni)
{
	uint8_t data[2 + IKE_GATEWAY_NAME_MAX + NONCE_MAX];
	struct writer w = writer_of(data, sizeof(data));

	redirect_data(&w, to, ni);
	engine_count(e, COUNTER_PEERS_REDIRECTED);
	exchange_reply_clear(e, in, IKE_N_REDIRECT, writer_view(&w));
}

/* Of all tunnels that may be meant; a peer that has been here before gets what its own allows, or
 * hears that it has to offer something else. */
static int select_suite(struct ike_engine *e, const struct message_in *in,
			const struct init_offer *offer, const struct candidates *c,
			struct proposal_choice *out)
{
	const struct ike_parameters *known = recall_find(&e->recall, e->now_ms, &in->remote);
	struct proposal_policy policy = {.protocol = IKE_PROTO_IKE,
					 .ke = offer->ke.group,
					 .params = known ? known : c->params,
					 .count = known ? 1 : c->count};

	if (c->count == 0)
		return ERR_NOT_FOUND;
	return proposal_select(&policy, &offer->sa, out);
}

static void choose(struct ike_engine *e, struct message_in *in, const struct init_offer *offer)
{
	struct candidates c;
	struct proposal_choice choice;
	struct payload_notify n;
	uint8_t group[2];
	int rc;

	candidates_of(e, &in->local.addr, &in->remote.addr, &c);
	if (gateway_is_set(&c.redirect) && redirect_is_announced(in)) {
		free(c.params);
		send_away(e, in, &c.redirect, offer->ni);
		return;
	}
	rc = select_suite(e, in, offer, &c, &choice);
	free(c.params);
	remember_offer(e, in, &offer->sa, rc != 0);
	if (rc) {
		exchange_reply_clear(e, in, IKE_N_NO_PROPOSAL_CHOSEN, view_of(NULL, 0));
		return;
	}
	if (suite_has_addke(&choice.suite) &&
	    !notify_find(&in->payloads, IKE_N_INTERMEDIATE_EXCHANGE_SUPPORTED, &n)) {
		exchange_reply_clear(e, in, IKE_N_NO_PROPOSAL_CHOSEN, view_of(NULL, 0));
		return;
	}
	if (!names_group(&offer->sa, offer->ke.group)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	if (choice.suite.ke != offer->ke.group) {
		group[0] = (uint8_t)(choice.suite.ke >> 8);
		group[1] = (uint8_t)choice.suite.ke;
		exchange_reply_clear(e, in, IKE_N_INVALID_KE_PAYLOAD, view_of(group, 2));
		return;
	}
	accept_request(e, in, offer, &choice, c.force_encap);
}

/* All places are taken: who gets one next has shown its address (a cookie) and has few itself, and
 * the oldest half-open IKE SA goes.  An honest peer needs its own for a round trip only. */
static bool make_room(struct ike_engine *e, const struct ip_addr *peer)
{
	if (!halfopen_is_full(&e->halfopen))
		return true;
	if (halfopen_is_greedy(&e->halfopen, peer) || list_is_empty(&e->half_opens))
		return false;
	engine_count(e, COUNTER_RX_DROPPED_LOAD);
	ike_sa_close(e, container_of(e->half_opens.next, struct ike_sa, of_half_open), 0);
	return true;
}

void init_request(struct ike_engine *e, struct message_in *in)
{
	struct rules_verdict v = rules_check(IKE_EXCH_SA_INIT, false, false, &in->payloads);
	struct init_offer offer;
	uint8_t key[16];

	engine_count(e, COUNTER_INIT_REQUESTS);
	init_key_of(e, in, key);
	if (is_repetition(e, in, key))
		return;
	if (v.notify == IKE_N_UNSUPPORTED_CRITICAL_PAYLOAD) {
		exchange_reply_clear(e, in, v.notify, view_of(&v.payload, 1));
		return;
	}
	if (v.notify || !read_offer(in, &offer)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	if (halfopen_wants_cookie(&e->halfopen, e->now_ms, &in->remote.addr)) {
		cookie_secrets(e);
		if (!cookie_is_good(e, in, offer.ni)) {
			ask_cookie(e, in, offer.ni);
			return;
		}
	}
	if (!make_room(e, &in->remote.addr)) {
		engine_count(e, COUNTER_RX_DROPPED_LOAD);
		trace_dropped(e, in, "too many half-open IKE SAs");
		return;
	}
	choose(e, in, &offer);
}

static void send_response(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	struct initial *in = sa->initial;
	struct message_header h = {.spi_i = sa->spi_i,
				   .spi_r = sa->spi_r,
				   .exchange = IKE_EXCH_SA_INIT,
				   .flags = MESSAGE_RESPONSE};
	uint8_t buf[EXCHANGE_MESSAGE_MAX];
	struct message_builder b;
	struct view message;

	message_start(&b, buf, sizeof(buf), &h);
	proposal_write_answer(&b, &in->choice, NULL, 0);
	payload_ke_write(&b, job->group, dh_job_public(job));
	payload_nonce_write(&b, nonce_view(&in->nr));
	natt_write(e, &b, sa, in->lie);
	if (sa->peer_fragments)
		payload_notify_write(&b, IKE_N_IKEV2_FRAGMENTATION_SUPPORTED, view_of(NULL, 0));
	payload_notify_write(&b, IKE_N_CHILDLESS_IKEV2_SUPPORTED, view_of(NULL, 0)); /* RFC 6023 */
	if (suite_has_addke(&sa->suite))
		payload_notify_write(&b, IKE_N_INTERMEDIATE_EXCHANGE_SUPPORTED, view_of(NULL, 0));
	if (in->ppk)
		payload_notify_write(&b, IKE_N_USE_PPK, view_of(NULL, 0));
	if (message_finish(&b, &message)) {
		ike_sa_close(e, sa, 0);
		return;
	}
	if (ike_sa_event(e, sa, SA_EV_INIT_SENT) == 0)
		exchange_respond_clear(e, sa, message);
}

void init_answer_ready(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job)
{
	if (init_derive(e, sa, job)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		ike_dh_job_free(job);
		ike_sa_close(e, sa, 0);
		return;
	}
	send_response(e, sa, job);
	ike_dh_job_free(job);
}
