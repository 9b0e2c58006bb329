/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quick crash detection (RFC 6290): who has lost the IKE SA proves it, and the tunnel is up again
 * within some round trips; who only says so, proves nothing. */
#include "sim.h"

#include "ikev2/ikesa.h"
#include "ikev2/payload_notify.h"
#include "ikev2/qcd.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

enum { A, B };

#define INFORMATIONAL	37
#define SECRET_OF(node) ((uint8_t)(0x40 + (node)))
/* A request, the denial with its token, IKE_SA_INIT and IKE_AUTH, DH in between. */
#define AGAIN_MS (6 * w.delay_ms + 100)

static void up(void)
{
	sim_crash_secret(&w, A, SECRET_OF(A));
	sim_crash_secret(&w, B, SECRET_OF(B));
	sim_bring_up_default();
	sim_run(&w, 100000); /* the next attempt is not held back by the last one */
}

/* The node restarts without a word; it has nothing but its secret. */
static void forget(int node, bool begins)
{
	struct ike_limits limits = ike_limits_default();
	struct ike_tunnel t = sim_tunnel(&w, 1, node, !node);

	t.initiate = begins;
	sim_limits(&w, node, &limits);
	sim_plane_forget(&w.node[node]);
	ck_assert_int_eq(sim_set(&w, node, &t), 0);
}

static void asks(int node)
{
	ck_assert_int_eq(ike_engine_probe(w.node[node].engine, w.now_ms, 1), 0);
}

/* Responses are repeated for a while. */
static void end(void)
{
	sim_run(&w, 61000);
	sim_finish();
}

static const struct ike_sa *sa_of(int node)
{
	struct ike_tunnel_status st = sim_status(&w, node, 1);
	const struct ike_sa *sa = ike_sa_find(w.node[node].engine, st.spi_i);

	return sa ? sa : ike_sa_find(w.node[node].engine, st.spi_r);
}

/* What a node has of its peer is what the peer makes of its own secret and the SPIs now in use. */
static void has_token_of_peer(int node)
{
	struct ike_tunnel_status st = sim_status(&w, node, 1);
	struct crypto *c = crypto_new();
	struct secret secret = SECRET_NONE;
	const struct ike_sa *sa = sa_of(node);
	uint8_t token[QCD_TOKEN_LEN];

	ck_assert(st.crash_token);
	secret_alloc(&secret, 32);
	memset(secret.data, w.node[!node].crash_secret, 32);
	ck_assert_int_eq(qcd_token_make(c, &secret, st.spi_i, st.spi_r, token), 0);
	ck_assert(view_equal(secret_view(&sa->peer_token), view_of(token, sizeof(token))));
	secret_clear(&secret);
	crypto_free(c);
}

static void is_there_again(int node)
{
	const struct ike_failure *f;

	ck_assert_uint_eq(w.node[node].downs, 1);
	f = &sim_event(&w, node, IKE_ACTION_DOWN, 0)->failure;
	ck_assert_int_eq(ike_failure_cause(f), IKE_CAUSE_PEER_RESTARTED);
	ck_assert_ptr_nonnull(strstr(f->evidence, "token"));
	ck_assert(f->by_peer);
	ck_assert_uint_eq(sim_counter(&w, node, "crash_tokens_accepted"), 1);
	ck_assert_uint_eq(sim_counter(&w, node, "peer_restarts"), 1);
	ck_assert(sim_is_up(&w, A, 1) && sim_is_up(&w, B, 1));
	has_token_of_peer(A);
	has_token_of_peer(B);
}

/* ---- Restarts -------------------------------------------------------------------------------- */

/* Whatever the living side asks next. */
START_TEST(test_qcd_responder_restarts)
{
	up();
	has_token_of_peer(A);
	has_token_of_peer(B);
	forget(B, false);
	if (_i == 0)
		asks(A);
	else
		ck_assert_int_eq(sim_command(&w, A, 1,
					     _i == 1 ? IKE_CMD_REKEY_CHILD : IKE_CMD_REKEY_IKE),
				 0);
	sim_run(&w, 2 * w.delay_ms + 5);
	ck_assert_uint_eq(w.node[A].downs, 1);
	sim_run(&w, AGAIN_MS);
	is_there_again(A);
	ck_assert_uint_eq(sim_counter(&w, B, "crash_tokens_sent"), 1);
	end();
}
END_TEST

/* The side that does not begin drops it as well, so that the other one finds it free. */
START_TEST(test_qcd_initiator_restarts)
{
	up();
	forget(A, false);
	asks(B);
	sim_run(&w, 2 * w.delay_ms + 5);
	ck_assert_uint_eq(w.node[B].downs, 1);
	ck_assert_uint_eq(sim_counter(&w, B, "crash_tokens_accepted"), 1);
	ck_assert_int_eq(sim_command(&w, A, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, AGAIN_MS);
	is_there_again(B);
	end();
}
END_TEST

/* Nobody asks: the probe after ten seconds of silence does. */
START_TEST(test_qcd_without_asking)
{
	uint64_t at;

	up();
	forget(B, false);
	at = w.now_ms;
	while (w.node[A].downs == 0 && w.now_ms < at + 60000)
		sim_run(&w, 10);
	ck_assert_uint_le(w.now_ms, at + 10000 + 100);
	sim_run(&w, AGAIN_MS);
	is_there_again(A);
	end();
}
END_TEST

/* A peer that restarts all the time does not make us compute all the time. */
START_TEST(test_qcd_over_and_over)
{
	uint64_t inits = 0;

	up();
	for (unsigned i = 0; i < 300; i++) {
		forget(B, false);
		if (sim_is_up(&w, A, 1))
			(void)!ike_engine_probe(w.node[A].engine, w.now_ms, 1);
		sim_run(&w, 100);
		inits += sim_counter(&w, B, "init_requests");
	}
	ck_assert_uint_ge(w.node[A].downs, 3);
	ck_assert_uint_le(w.node[A].downs, 7);
	ck_assert_uint_le(inits, 10);
	sim_run(&w, 20000);
	ck_assert(sim_is_up(&w, A, 1));
	end();
}
END_TEST

/* ---- Rekeying -------------------------------------------------------------------------------- */

static void rekeyed(int node)
{
	ck_assert_int_eq(sim_command(&w, node, 1, IKE_CMD_REKEY_IKE), 0);
}

/* Section 4.3: the new IKE SA has tokens in both directions, whoever made it. */
START_TEST(test_qcd_after_rekeying)
{
	uint64_t spi;

	up();
	spi = sim_status(&w, A, 1).spi_i;
	if (_i != 1)
		rekeyed(A);
	if (_i != 0)
		rekeyed(B);
	sim_run(&w, 15000);
	ck_assert_uint_ne(sim_status(&w, A, 1).spi_i, spi);
	if (_i == 2)
		ck_assert_uint_ge(sim_counter(&w, A, "collisions") +
					  sim_counter(&w, B, "collisions"),
				  1);
	has_token_of_peer(A);
	has_token_of_peer(B);
	forget(B, false);
	asks(A);
	sim_run(&w, AGAIN_MS);
	is_there_again(A);
	end();
}
END_TEST

/* With additional key exchanges the token is in the first answer. */
START_TEST(test_qcd_after_followup)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, A, B), b = sim_tunnel(&w, 1, B, A);

	a.ike.ke = b.ike.ke = 31;
	a.ike.addke[0] = b.ike.addke[0] = 19;
	sim_crash_secret(&w, A, SECRET_OF(A));
	sim_crash_secret(&w, B, SECRET_OF(B));
	sim_bring_up(&a, &b);
	rekeyed(_i);
	sim_run(&w, 15000);
	ck_assert_uint_eq(sim_counter(&w, A, "ike_rekeyed"), 1);
	has_token_of_peer(A);
	has_token_of_peer(B);
	end();
}
END_TEST

/* ---- Kept ------------------------------------------------------------------------------------ */

/* A restart that takes the state over keeps the peer's token, also between the answer to a
 * rekeying and its end. */
START_TEST(test_qcd_restored)
{
	up();
	if (_i == 1) {
		w.dh_ms = 200;
		rekeyed(A);
		while (sim_lines(&w, "B --> A  CREATE_CHILD_SA", NULL) == 0)
			sim_run(&w, 1);
		sim_run(&w, w.delay_ms + 1);
	}
	sim_restore(&w, A);
	sim_run(&w, 5000);
	has_token_of_peer(A);
	forget(B, false);
	asks(A);
	sim_run(&w, 2 * w.delay_ms + 5);
	ck_assert_uint_eq(w.node[A].downs, 1);
	ck_assert_uint_eq(sim_counter(&w, A, "crash_tokens_accepted"), 1);
}
END_TEST

/* Section 4.4: with another secret the peers get new tokens, and those hold. */
START_TEST(test_qcd_new_secret)
{
	up();
	sim_crash_secret(&w, B, 0x77);
	sim_run(&w, 1000);
	has_token_of_peer(A);
	forget(B, false);
	asks(A);
	sim_run(&w, AGAIN_MS);
	is_there_again(A);
	end();
}
END_TEST

/* ---- Who proves nothing ---------------------------------------------------------------------- */

/* It has lost the secret too: its token is wrong, and A finds out as from anybody else. */
START_TEST(test_qcd_lost_secret)
{
	uint64_t at;

	up();
	w.node[B].crash_secret = 0x78;
	forget(B, false);
	at = w.now_ms;
	asks(A);
	sim_run(&w, 3000);
	ck_assert_uint_eq(w.node[A].downs, 0);
	ck_assert_uint_ge(sim_counter(&w, A, "crash_tokens_wrong"), 1);
	while (w.node[A].downs == 0 && w.now_ms < at + 60000)
		sim_run(&w, 10);
	ck_assert_uint_ge(w.now_ms, at + 7000);
	ck_assert_uint_le(w.now_ms, at + 8000);
	ck_assert_uint_eq(sim_counter(&w, A, "crash_tokens_accepted"), 0);
}
END_TEST

/* INVALID_IKE_SPI about A's IKE SA with these tokens, one behind the other. */
static void deny(const uint8_t *tokens, size_t token_len, unsigned count, uint8_t type_bits)
{
	struct ike_tunnel_status st = sim_status(&w, A, 1);
	uint8_t m[1200];
	struct message_header h = {.spi_i = st.spi_i,
				   .spi_r = st.spi_r,
				   .exchange = INFORMATIONAL,
				   .flags = type_bits,
				   .id = 7};
	struct message_builder b;
	struct view out;

	message_start(&b, m, sizeof(m), &h);
	payload_notify_write(&b, IKE_N_INVALID_IKE_SPI, view_of(NULL, 0));
	for (unsigned i = 0; i < count; i++)
		payload_notify_write_ike(&b, IKE_N_QUICK_CRASH_DETECTION,
					 view_of(tokens + i * token_len, token_len));
	ck_assert_int_eq(message_finish(&b, &out), 0);
	sim_inject(&w, B, A, false, out.data, out.len);
}

START_TEST(test_qcd_wrong_tokens)
{
	uint8_t right[QCD_TOKEN_LEN], t[8 * QCD_TOKEN_MAX] = {0};
	uint64_t wrong;

	up();
	w.traffic_ms = 1000;
	memcpy(right, sa_of(A)->peer_token.data, sizeof(right));
	for (unsigned bit = 0; bit < 8 * sizeof(right); bit++) { /* each one that is nearly right */
		memcpy(t, right, sizeof(right));
		t[bit / 8] ^= (uint8_t)(1u << bit % 8);
		deny(t, sizeof(right), 1, MESSAGE_RESPONSE);
		sim_run(&w, 1000);
		ck_assert(sim_is_up(&w, A, 1));
	}
	ck_assert_uint_eq(sim_counter(&w, A, "crash_tokens_wrong"), 8 * sizeof(right));
	/* lengths that are none, prefixes, longer ones, a request, no token at all */
	memset(t, 0, sizeof(t));
	memcpy(t, right, sizeof(right));
	deny(t, sizeof(right) - 1, 1, MESSAGE_RESPONSE);
	deny(t, sizeof(right) + 1, 1, MESSAGE_RESPONSE);
	deny(t, QCD_TOKEN_MAX, 1, MESSAGE_RESPONSE);
	deny(t, QCD_TOKEN_MAX + 1, 1, MESSAGE_RESPONSE);
	deny(t, sizeof(right), 1, 0);
	deny(t, 0, 1, MESSAGE_RESPONSE);
	deny(t, 0, 0, MESSAGE_RESPONSE);
	/* behind four others nobody looks any more (section 4.5) */
	memset(t, 0, sizeof(t));
	memcpy(t + 4 * sizeof(right), right, sizeof(right));
	deny(t, sizeof(right), 5, MESSAGE_RESPONSE);
	sim_run(&w, 20000);
	ck_assert(sim_is_up(&w, A, 1));
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	/* a flood is counted, but not looked at for long */
	wrong = sim_counter(&w, A, "crash_tokens_wrong");
	for (unsigned i = 0; i < 1000; i++)
		deny(t, sizeof(right), 1, MESSAGE_RESPONSE);
	sim_run(&w, 1000);
	ck_assert_uint_eq(sim_counter(&w, A, "crash_tokens_wrong"), wrong + 16);
	ck_assert_uint_eq(sim_counter(&w, A, "crash_tokens_accepted"), 0);
	w.traffic_ms = 0;
	end();
}
END_TEST

/* The right one among four, after all that. */
START_TEST(test_qcd_right_token_among_others)
{
	uint8_t t[4 * QCD_TOKEN_LEN] = {0};

	up();
	memcpy(t + 3 * QCD_TOKEN_LEN, sa_of(A)->peer_token.data, QCD_TOKEN_LEN);
	deny(t, QCD_TOKEN_LEN, 4, MESSAGE_RESPONSE);
	sim_run(&w, 10 * w.delay_ms);
	ck_assert_uint_eq(sim_counter(&w, A, "crash_tokens_accepted"), 1);
	ck_assert_uint_eq(w.node[A].downs, 1);
	end();
}
END_TEST

/* From another address it is not even looked at. */
START_TEST(test_qcd_from_elsewhere)
{
	uint8_t t[QCD_TOKEN_LEN];

	sim_add(&w);
	up();
	memcpy(t, sa_of(A)->peer_token.data, sizeof(t));
	w.node[B].addr = ip_addr_v4(0xc0000263u);
	deny(t, sizeof(t), 1, MESSAGE_RESPONSE);
	w.node[B].addr = ip_addr_v4(0xc0000202u);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, A, 1));
	ck_assert_uint_eq(w.node[A].downs, 0);
	ck_assert_uint_eq(sim_counter(&w, A, "crash_tokens_accepted"), 0);
}
END_TEST

/* ---- What is told in clear ------------------------------------------------------------------- */

/* What B last answered in clear. */
struct heard {
	unsigned answers, tokens;
	size_t len;
	uint64_t spi_i, spi_r;
	uint8_t token[QCD_TOKEN_LEN];
};

static void listen(void *arg, int from, const struct ike_send *send)
{
	struct heard *heard = arg;
	struct payload_list payloads;
	struct message_header h;
	const struct payload *p = NULL;

	if (from != B || message_header_read(send->payload, &h) ||
	    message_payloads_read(send->payload, &h, &payloads) || h.exchange != INFORMATIONAL)
		return;
	heard->answers++;
	heard->len = send->payload.len;
	heard->spi_i = h.spi_i;
	heard->spi_r = h.spi_r;
	while ((p = payload_next(&payloads, IKE_PAYLOAD_NOTIFY, p))) {
		struct view token = qcd_token_read(p);

		if (token.len == 0)
			continue;
		ck_assert_uint_eq(token.len, QCD_TOKEN_LEN);
		heard->tokens++;
		memcpy(heard->token, token.data, token.len);
	}
}

/* An empty INFORMATIONAL as a stranger's, of len octets. */
static void ask(uint64_t spi_i, uint64_t spi_r, uint8_t flags, uint8_t first, size_t len)
{
	uint8_t m[200] = {0};
	struct writer out = writer_of(m, sizeof(m));
	struct message_header h = {.spi_i = spi_i,
				   .spi_r = spi_r,
				   .next_payload = first,
				   .version = MESSAGE_VERSION,
				   .exchange = INFORMATIONAL,
				   .flags = flags,
				   .id = 3,
				   .length = (uint32_t)len};

	message_header_write(&out, &h);
	writer_u16(&out, 0);
	writer_u16(&out, (uint16_t)(len - MESSAGE_HEADER_LEN));
	sim_inject(&w, A, B, false, m, len);
}

/* The limit of answers to one address has recovered then. */
static void rest(void)
{
	sim_run(&w, 5000);
}

START_TEST(test_qcd_told_to_strangers)
{
	struct heard heard = {0};
	struct crypto *c = crypto_new();
	struct secret secret = SECRET_NONE;
	uint8_t token[QCD_TOKEN_LEN];

	up();
	w.tap = listen;
	w.tap_arg = &heard;
	ask(0x1111, 0x2222, MESSAGE_INITIATOR, IKE_PAYLOAD_SK, QCD_REQUEST_MIN);
	sim_run(&w, 100);
	ck_assert_uint_eq(heard.tokens, 1);
	ck_assert_uint_eq(heard.len, QCD_ANSWER_LEN);
	secret_alloc(&secret, 32);
	memset(secret.data, SECRET_OF(B), 32);
	ck_assert_int_eq(qcd_token_make(c, &secret, 0x1111, 0x2222, token), 0);
	ck_assert_mem_eq(heard.token, token, sizeof(token));
	secret_clear(&secret);
	crypto_free(c);
	/* not for what cannot be a protected request, and never much longer than it */
	heard = (struct heard){0};
	ask(0x1111, 0x2222, MESSAGE_INITIATOR, IKE_PAYLOAD_SK, QCD_REQUEST_MIN - 1);
	ask(0x1111, 0x2222, MESSAGE_INITIATOR, IKE_PAYLOAD_NOTIFY, 100);
	ask(0x1111, 0, MESSAGE_INITIATOR, IKE_PAYLOAD_SK, 100);
	rest();
	ck_assert_uint_eq(heard.answers, 3);
	ck_assert_uint_eq(heard.tokens, 0);
	heard = (struct heard){0};
	ask(0x1111, 0x2222, MESSAGE_INITIATOR | MESSAGE_RESPONSE, IKE_PAYLOAD_SK, 100);
	sim_run(&w, 100);
	ck_assert_uint_eq(heard.answers, 0);
	/* no more than of any other answer */
	for (uint64_t i = 1; i <= 100; i++)
		ask(i, i, MESSAGE_INITIATOR, IKE_PAYLOAD_SK, 100);
	sim_run(&w, 100);
	ck_assert_uint_ge(heard.tokens, 1);
	ck_assert_uint_le(heard.tokens, 6);
	ck_assert_uint_ge(sim_counter(&w, B, "replies_suppressed"), 94);
}
END_TEST

/* Section 9.2: with SPIs of an IKE SA that lives, in any role, or with only one of them. */
static void try_all(uint64_t spi_i, uint64_t spi_r, uint64_t own, struct heard *heard)
{
	static const uint8_t flags[] = {0, MESSAGE_INITIATOR};

	for (size_t k = 0; k < ARRAY_LEN(flags); k++) {
		ask(spi_i, spi_r, flags[k], IKE_PAYLOAD_SK, 100);
		ask(spi_r, spi_i, flags[k], IKE_PAYLOAD_SK, 100);
		ask(own, 0x2222, flags[k], IKE_PAYLOAD_SK, 100);
		sim_run(&w, 1);
		ask(0x2222, own, flags[k], IKE_PAYLOAD_SK, 100);
		sim_run(&w, w.delay_ms + 1);
		rest();
	}
	ck_assert_uint_eq(heard->tokens, 0);
}

START_TEST(test_qcd_never_of_a_living_one)
{
	struct heard heard = {0};
	struct ike_tunnel_status st;

	up();
	w.tap = listen;
	w.tap_arg = &heard;
	st = sim_status(&w, B, 1);
	try_all(st.spi_i, st.spi_r, st.spi_r, &heard);
	if (_i == 1) { /* it is being replaced, and both are there */
		w.dh_ms = 100;
		rekeyed(A);
		sim_run(&w, 150);
	}
	if (_i == 2)
		sim_restore(&w, B);
	try_all(st.spi_i, st.spi_r, st.spi_r, &heard);
	ck_assert_uint_ge(heard.answers, 2);
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	sim_assert(&w);
}
END_TEST

/* The SPIs that an initiator and its answer have shown, before the IKE SA is up. */
START_TEST(test_qcd_never_of_one_to_come)
{
	struct heard heard = {0};
	struct ike_tunnel a = sim_tunnel(&w, 1, A, B), b = sim_tunnel(&w, 1, B, A);
	struct ike_tunnel_status st = {0};

	sim_crash_secret(&w, A, SECRET_OF(A));
	sim_crash_secret(&w, B, SECRET_OF(B));
	w.dh_ms = 50;
	w.tap = listen;
	w.tap_arg = &heard;
	a.may_initiate = b.may_initiate = true;
	ck_assert_int_eq(sim_set(&w, A, &a), 0);
	ck_assert_int_eq(sim_set(&w, B, &b), 0);
	ck_assert_int_eq(sim_command(&w, B, 1, IKE_CMD_INITIATE), 0);
	for (unsigned i = 0; i < 200 && !sim_is_up(&w, B, 1); i++) {
		sim_run(&w, 3);
		st = sim_status(&w, B, 1);
		if (st.spi_i == 0)
			continue;
		ask(st.spi_i, 0x2222, (i & 1) ? MESSAGE_INITIATOR : 0, IKE_PAYLOAD_SK, 100);
		ask(st.spi_i, st.spi_r, (i & 1) ? 0 : MESSAGE_INITIATOR, IKE_PAYLOAD_SK, 100);
	}
	ck_assert(sim_is_up(&w, B, 1));
	ck_assert_uint_ne(st.spi_i, 0);
	ck_assert_uint_eq(heard.tokens, 0);
	sim_assert(&w);
}
END_TEST

/* ---- Without a secret ------------------------------------------------------------------------ */

START_TEST(test_qcd_one_side_only)
{
	int maker = _i;

	sim_crash_secret(&w, maker, SECRET_OF(maker));
	sim_bring_up_default();
	rekeyed(A);
	sim_run(&w, 15000);
	rekeyed(B);
	sim_run(&w, 15000);
	has_token_of_peer(!maker);
	ck_assert(!sim_status(&w, maker, 1).crash_token);
	ck_assert_uint_eq(sim_lines(&w, maker == A ? "B --> A" : "A --> B", "QUICK_CRASH"), 0);
	ck_assert_uint_ge(sim_lines(&w, maker == A ? "A --> B" : "B --> A", "QUICK_CRASH"), 3);
	end();
}
END_TEST

int main(void)
{
	const struct {
		const TTest *test;
		int end;
	} tests[] = {
		{test_qcd_responder_restarts, 3},
		{test_qcd_initiator_restarts, 1},
		{test_qcd_without_asking, 1},
		{test_qcd_over_and_over, 1},
		{test_qcd_after_rekeying, 3},
		{test_qcd_after_followup, 2},
		{test_qcd_restored, 2},
		{test_qcd_new_secret, 1},
		{test_qcd_lost_secret, 1},
		{test_qcd_wrong_tokens, 1},
		{test_qcd_right_token_among_others, 1},
		{test_qcd_from_elsewhere, 1},
		{test_qcd_told_to_strangers, 1},
		{test_qcd_never_of_a_living_one, 3},
		{test_qcd_never_of_one_to_come, 1},
		{test_qcd_one_side_only, 2},
	};
	Suite *suite = suite_create("qcd");
	TCase *tc = sim_case("qcd");

	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_loop_test(tc, tests[i].test, 0, tests[i].end);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
