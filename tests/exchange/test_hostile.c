/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bad input, from strangers and from a peer that knows the key: counted, answered as the RFC says,
 * nothing else changes. */
#include "sim.h"

#include "ikev2/payload_delete.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct ip_endpoint own(int node)
{
	return (struct ip_endpoint){.addr = w.node[node].addr, .port = 500};
}

static void to_b(const struct ip_endpoint *from, bool natt, const uint8_t *bytes, size_t len)
{
	struct ip_endpoint to = own(1);

	if (natt)
		to.port = 4500;
	ike_engine_datagram(w.node[1].engine, w.now_ms, &to, from, natt, view_of(bytes, len));
	sim_run(&w, 1);
}

static size_t sas(int node)
{
	return w.node[node].engine->sas.count;
}

/* ---- Strangers ------------------------------------------------------------------------------- */

START_TEST(test_hostile_garbage)
{
	struct ip_endpoint x = {.addr = ip_addr_v4(0xc6336401u), .port = 500};
	struct ike_tunnel b = sim_tunnel(&w, 1, 1, 0);
	uint8_t buf[600];

	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	for (unsigned i = 0; i < 5000; i++) {
		size_t len = sim_random(&w, sizeof(buf));

		for (size_t k = 0; k < len; k++)
			buf[k] = (uint8_t)sim_random(&w, 256);
		if (len >= 28 && i % 2) { /* with a proper header */
			memset(buf + 8, 0, 8);
			buf[17] = 0x20;
			buf[18] = (uint8_t)(34 + i % 4);
			buf[19] = 0x08;
			memset(buf + 20, 0, 4);
			buf[24] = buf[25] = 0;
			buf[26] = (uint8_t)(len >> 8);
			buf[27] = (uint8_t)len;
		}
		to_b(&x, i % 3 == 0, buf, len);
	}
	ck_assert_uint_eq(sas(1), 0);
	ck_assert_uint_eq(sim_counter(&w, 1, "rx"), 5000);
	sim_assert(&w);
}
END_TEST

/* Every truncation of a real request, and every single bit turned over. */
START_TEST(test_hostile_mutations_of_init)
{
	struct ip_endpoint from = own(0);
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	uint8_t real[sizeof(w.node[0].last_sent)], buf[sizeof(real)];
	size_t len;

	a.initiate = true;
	a.ike.ke = b.ike.ke = 31;
	w.node[1].dead = true;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	sim_run(&w, 1);
	len = w.node[0].last_sent_len;
	memcpy(real, w.node[0].last_sent, len);
	for (size_t i = 0; i < len; i++)
		to_b(&from, false, real, i);
	ck_assert_uint_eq(sas(1), 0);
	for (size_t bit = 0; bit < len * 8; bit++) {
		memcpy(buf, real, len);
		buf[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		to_b(&from, false, buf, len);
	}
	ck_assert_uint_le(sas(1), w.node[1].engine->limits.max_half_open);
	sim_run(&w, 70000);
	ck_assert_uint_eq(sas(1), 0);
	sim_assert(&w);
}
END_TEST

START_TEST(test_hostile_major_version)
{
	struct ip_endpoint x = {.addr = ip_addr_v4(0xc6336401u), .port = 500};
	uint8_t m[28] = {1, 2, 3, 4, 5, 6, 7, 8, [17] = 0x30, [18] = 34, [19] = 0x08, [27] = 28};
	const uint8_t *r = w.node[1].last_sent;

	to_b(&x, false, m, sizeof(m));
	ck_assert_uint_eq(w.node[1].sent, 0); /* the answer would be larger than the request */
	uint8_t big[64] = {1, 2, 3, 4, 5, 6, 7, 8, [17] = 0x30, [18] = 34, [19] = 0x08, [27] = 64};

	to_b(&x, false, big, sizeof(big));
	ck_assert_uint_eq(w.node[1].sent, 1);
	ck_assert_mem_eq(r, big, 16); /* same SPIs */
	ck_assert_uint_eq(r[17], 0x20);
	ck_assert_uint_eq(r[19] & 0x20, 0x20);
	ck_assert_uint_eq(r[35], 5);
	ck_assert_uint_eq(sas(1), 0);
}
END_TEST

START_TEST(test_hostile_unknown_spi_is_rate_limited)
{
	struct ip_endpoint x = {.addr = ip_addr_v4(0xc6336401u), .port = 500};
	uint8_t m[80] = {1, 2, 3, 4, 5, 6,  7,	  8,  9,    9,	      9,
			 9, 9, 9, 9, 9, 46, 0x20, 37, 0x08, [27] = 80};

	for (unsigned i = 0; i < 100; i++)
		to_b(&x, false, m, sizeof(m));
	ck_assert_uint_ge(w.node[1].sent, 1);
	ck_assert_uint_le(w.node[1].sent, 6);
	ck_assert_uint_eq(sim_counter(&w, 1, "rx_unknown_spi"), 100);
	m[19] = 0x28; /* a response is never answered */
	sim_run(&w, 60000);
	w.node[1].sent = 0;
	to_b(&x, false, m, sizeof(m));
	ck_assert_uint_eq(w.node[1].sent, 0);
}
END_TEST

/* Spoofed requests fill the half-open limit; cookies come on and an honest peer still gets in. */
START_TEST(test_hostile_flood)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	struct ike_limits limits = ike_limits_default();
	uint8_t real[sizeof(w.node[0].last_sent)];
	size_t len;

	limits.max_half_open = 64;
	sim_limits(&w, 1, &limits);
	a.initiate = true;
	a.ike.ke = 31;
	w.node[1].dead = true;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	sim_run(&w, 1);
	len = w.node[0].last_sent_len;
	memcpy(real, w.node[0].last_sent, len);
	w.node[1].dead = false;
	w.quiet = true;
	for (uint32_t i = 0; i < 10000; i++) {
		struct ip_endpoint from = {.addr = ip_addr_v4(0x0a000000u + i), .port = 500};
		struct ip_endpoint to = own(1);

		memcpy(real, &i, sizeof(i)); /* another SPI */
		ike_engine_datagram(w.node[1].engine, w.now_ms, &to, &from, false,
				    view_of(real, len));
		if (i % 100 == 0)
			sim_run(&w, 1);
	}
	w.quiet = false;
	ck_assert_uint_le(sas(1), 64);
	ck_assert_uint_gt(sim_counter(&w, 1, "cookies_sent"), 9000);
	ck_assert(sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, 15000));
	sim_run(&w, 70000);
	ck_assert_uint_eq(sas(1), 1);
	sim_finish();
}
END_TEST

/* Own packets thrown back, and those of the peer once more. */
START_TEST(test_hostile_reflection_and_replay)
{
	struct ip_endpoint from;
	uint64_t sent;

	sim_bring_up_default();
	sim_run(&w, 25000);
	from = own(0);
	sent = w.node[1].sent;
	to_b(&from, false, w.node[1].last_sent, w.node[1].last_sent_len);
	ck_assert_uint_eq(w.node[1].sent, sent);
	sim_finish();
}
END_TEST

/* Nothing but IKE_AUTH is possible before IKE_AUTH; no crash without keys. */
START_TEST(test_hostile_before_auth)
{
	struct ip_endpoint from = own(0);
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	uint8_t m[200] = {0};

	a.initiate = true;
	sim_rule(&w, (struct sim_rule){.from = 0,
				       .exchange = IKE_EXCH_AUTH,
				       .response = 0,
				       .count = 1,
				       .drop = true});
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1000);
	memcpy(m, w.node[0].last_sent, 28); /* SPIs of the half-open IKE SA */
	m[27] = sizeof(m);
	m[26] = 0;
	for (unsigned exchange = 35; exchange < 45; exchange++) {
		for (uint32_t id = 0; id < 3; id++) {
			m[16] = 46;
			m[18] = (uint8_t)exchange;
			m[23] = (uint8_t)id;
			m[30] = 0;
			m[31] = sizeof(m) - 28;
			to_b(&from, false, m, sizeof(m));
		}
	}
	ck_assert_uint_gt(sim_counter(&w, 1, "rx_unexpected"), 20);
	sim_run(&w, 15000); /* the lost IKE_AUTH is repeated */
	ck_assert(sim_is_up(&w, 0, 1));
	sim_finish();
}
END_TEST

/* ---- A peer that knows the key --------------------------------------------------------------- */

static uint8_t chain_buf[16000];
static struct message_builder chain;

static void chain_new(void)
{
	message_chain_start(&chain, chain_buf, sizeof(chain_buf));
}

static void raw_payload(uint8_t type, bool critical, const void *body, size_t len)
{
	size_t at = chain.w.len;

	message_payload_open(&chain, type);
	writer_bytes(&chain.w, body, len);
	message_payload_close(&chain);
	if (critical)
		writer_set_u8(&chain.w, at + 1, 0x80);
}

/* As the next request of A to B; B's engine takes the place of A's that way only once. */
static void forge(uint8_t exchange, uint32_t ahead)
{
	struct view v;

	ck_assert_int_eq(message_finish(&chain, &v), 0);
	sim_forge(&w, 0, 1, exchange, ahead, false, chain.first, v);
	sim_run(&w, 10);
}

/* A's own engine shall stay out of it. */
static void established(void)
{
	sim_bring_up_default();
	w.delay_ms = 1;
}

START_TEST(test_hostile_unknown_payload)
{
	established();
	chain_new();
	raw_payload(99, false, "abc", 3);
	forge(IKE_EXCH_INFORMATIONAL, 0);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  INFORMATIONAL response 2 {  }", NULL), 1);
	chain_new();
	raw_payload(99, true, "abc", 3);
	forge(IKE_EXCH_INFORMATIONAL, 1);
	ck_assert_uint_eq(sim_lines(&w, "N(UNSUPPORTED_CRITICAL_PAYLOAD)", NULL), 1);
	ck_assert(sim_is_up(&w, 1, 1));
	sim_assert(&w);
}
END_TEST

START_TEST(test_hostile_message_id)
{
	uint64_t sent;

	established();
	sent = w.node[1].sent;
	chain_new();
	forge(IKE_EXCH_INFORMATIONAL, 1);
	chain_new();
	forge(IKE_EXCH_INFORMATIONAL, 1000);
	chain_new();
	forge(IKE_EXCH_INFORMATIONAL, UINT32_MAX); /* one behind, and other octets */
	ck_assert_uint_eq(w.node[1].sent, sent);
	ck_assert_uint_eq(sim_counter(&w, 1, "rx_unexpected"), 3);
	ck_assert(sim_is_up(&w, 1, 1));
	sim_finish();
}
END_TEST

START_TEST(test_hostile_delete_of_unknown)
{
	uint32_t spis[3] = {0x12345678, 0x23456789, 0};

	established();
	chain_new();
	payload_delete_write_esp(&chain, spis, 3);
	forge(IKE_EXCH_INFORMATIONAL, 0);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  INFORMATIONAL response 2 {  }", NULL), 1);
	ck_assert_uint_eq(sim_alive(&w, 1), 1);
	sim_assert(&w);
}
END_TEST

static const struct {
	uint8_t type, len;
	uint8_t body[12];
} broken[] = {
	{IKE_PAYLOAD_DELETE, 4, {1, 8, 0, 1}},	     /* IKE with an SPI size */
	{IKE_PAYLOAD_DELETE, 8, {3, 4, 0xff, 0xff}}, /* 65535 SPIs in 4 octets */
	{IKE_PAYLOAD_DELETE, 4, {9, 4, 0, 0}},	     /* unknown protocol */
	{IKE_PAYLOAD_DELETE, 2, {3, 4}},	     /* too short */
};

START_TEST(test_hostile_broken_delete)
{
	established();
	chain_new();
	raw_payload(broken[_i].type, false, broken[_i].body, broken[_i].len);
	forge(IKE_EXCH_INFORMATIONAL, 0);
	/* INVALID_SYNTAX is fatal (RFC 7296 section 2.21.3) */
	ck_assert_uint_eq(sim_lines(&w, "B --> A  INFORMATIONAL response 2 { N(INVALID_SYNTAX) }",
				    NULL),
			  1);
	ck_assert(!sim_is_up(&w, 1, 1));
	ck_assert_uint_eq(sim_alive(&w, 1), 0);
	sim_assert(&w);
}
END_TEST

START_TEST(test_hostile_payload_behind_delete)
{
	static const uint8_t notify[4] = {0, 0, 0x40, 0x00};

	established();
	chain_new();
	payload_delete_write_ike(&chain);
	for (unsigned i = 0; i < 20; i++)
		raw_payload(IKE_PAYLOAD_NOTIFY, false, notify, sizeof(notify));
	forge(IKE_EXCH_INFORMATIONAL, 0);
	ck_assert(!sim_is_up(&w, 1, 1));
	ck_assert_int_eq(sim_status(&w, 1, 1).failure.reason, IKE_REASON_PEER_DELETED);
	sim_assert(&w);
}
END_TEST

START_TEST(test_hostile_rekey_of_unknown)
{
	established();
	chain_new();
	payload_notify_write_spi(&chain, IKE_N_REKEY_SA, 0x11223344, view_of(NULL, 0));
	/* a complete request otherwise */
	static const uint8_t sa_body[] = {0, 0, 0, 32, 1,    3,	 4, 2, 1, 2, 3, 4, 3, 0, 0, 12,
					  1, 0, 0, 20, 0x80, 14, 1, 0, 0, 0, 0, 8, 5, 0, 0, 0};
	static const uint8_t nonce[32] = {1};
	static const uint8_t ts[] = {1,	   0,	 0,  0, 7, 0, 0,  16, 0, 0,
				     0xff, 0xff, 10, 0, 1, 0, 10, 0,  1, 255};

	raw_payload(IKE_PAYLOAD_SA, false, sa_body, sizeof(sa_body));
	raw_payload(IKE_PAYLOAD_NONCE, false, nonce, sizeof(nonce));
	raw_payload(IKE_PAYLOAD_TSI, false, ts, sizeof(ts));
	raw_payload(IKE_PAYLOAD_TSR, false, ts, sizeof(ts));
	forge(IKE_EXCH_CREATE_CHILD_SA, 0);
	ck_assert_uint_eq(sim_lines(&w,
				    "B --> A  CREATE_CHILD_SA response 2 "
				    "{ N(CHILD_SA_NOT_FOUND) }",
				    NULL),
			  1);
	ck_assert(sim_is_up(&w, 1, 1));
	sim_assert(&w);
}
END_TEST

/* A's i-th request for one more Child SA. */
static void ask_for_child(uint32_t i)
{
	static const uint8_t nonce[32] = {1};
	static const uint8_t tsi[] = {1,    0,	  0,  0, 7, 0, 0,  16, 0, 0,
				      0xff, 0xff, 10, 0, 1, 0, 10, 0,  1, 255};
	static const uint8_t tsr[] = {1,    0,	  0,  0, 7, 0, 0,  16, 0, 0,
				      0xff, 0xff, 10, 1, 1, 0, 10, 1,  1, 255};
	uint8_t sa_body[] = {0, 0, 0, 32, 1,	3,  4, 2, 1, 2, 3, 4, 3, 0, 0, 12,
			     1, 0, 0, 20, 0x80, 14, 1, 0, 0, 0, 0, 8, 5, 0, 0, 0};

	sa_body[10] = (uint8_t)(i + 1);
	chain_new();
	raw_payload(IKE_PAYLOAD_SA, false, sa_body, sizeof(sa_body));
	raw_payload(IKE_PAYLOAD_NONCE, false, nonce, sizeof(nonce));
	raw_payload(IKE_PAYLOAD_TSI, false, tsi, sizeof(tsi));
	raw_payload(IKE_PAYLOAD_TSR, false, tsr, sizeof(tsr));
	forge(IKE_EXCH_CREATE_CHILD_SA, i);
}

/* One peer asks for two hundred Child SAs. */
START_TEST(test_hostile_many_children)
{
	established();
	for (uint32_t i = 0; i < 200; i++)
		ask_for_child(i);
	ck_assert_uint_eq(sim_alive(&w, 1), w.node[1].engine->limits.max_children_per_ike);
	ck_assert_uint_ge(sim_lines(&w, "N(NO_ADDITIONAL_SAS)", NULL), 100);
	sim_assert(&w);
}
END_TEST

/* Whatever it asks for: a peer gets 256 answers at once and four a second in the long run. */
START_TEST(test_hostile_asks_over_and_over)
{
	established();
	for (uint32_t i = 0; i < 450; i++) /* in 4.5 seconds */
		ask_for_child(i);
	ck_assert_uint_ge(sim_counter(&w, 1, "rx_too_often"), 450 - 256 - 19);
	ck_assert_uint_le(sim_counter(&w, 1, "rx_too_often"), 450 - 256 - 17);
	ck_assert_uint_eq(sim_lines(&w, "N(TEMPORARY_FAILURE)", NULL),
			  sim_counter(&w, 1, "rx_too_often"));
	ck_assert(sim_is_up(&w, 1, 1));
	sim_assert(&w);
}
END_TEST

/* Authentic nonsense in every exchange, and in answers that are waited for. */
static void random_payload(void)
{
	static const uint8_t types[] = {33, 34, 35, 36, 39, 40, 41, 41, 42, 44, 45, 46, 47, 48, 99};
	uint8_t body[300];
	size_t len = sim_random(&w, sim_random(&w, 2) ? 12 : 300);

	for (size_t k = 0; k < len; k++)
		body[k] = (uint8_t)sim_random(&w, sim_random(&w, 3) ? 8 : 256);
	raw_payload(types[sim_random(&w, sizeof(types))], sim_random(&w, 8) == 0, body, len);
}

static void random_message(uint32_t ahead)
{
	static const uint8_t exchanges[] = {35, 36, 36, 37, 37, 40};
	bool response = sim_random(&w, 4) == 0;
	enum ike_command c = sim_random(&w, 2) ? IKE_CMD_REKEY_CHILD : IKE_CMD_REKEY_IKE;
	struct view v;

	if (response)
		ck_assert_int_ne(sim_command(&w, 1, 1, c), ERR_INVALID);
	chain_new();
	for (uint32_t p = sim_random(&w, 6); p > 0; p--)
		random_payload();
	ck_assert_int_eq(message_finish(&chain, &v), 0);
	sim_forge(&w, 0, 1, exchanges[sim_random(&w, sizeof(exchanges))],
		  response ? UINT32_MAX : ahead, response, chain.first, v);
	sim_run(&w, 30);
}

START_TEST(test_hostile_fuzz_authenticated)
{
	for (unsigned round = 0; round < 400; round++) {
		sim_clear(&w);
		sim_init(&w, 7 + round, 2);
		established();
		for (uint32_t m = 0; m < 6 && sim_is_up(&w, 0, 1); m++)
			random_message(m);
		sim_run(&w, 1000);
		sim_assert(&w);
	}
}
END_TEST

/* ---- Fragments ------------------------------------------------------------------------------- */

/* Many networks: IKE_AUTH and CREATE_CHILD_SA do not fit one datagram. */
static void large_profiles(struct ike_tunnel *a, struct ike_tunnel *b)
{
	char text[32];

	*a = sim_tunnel(&w, 1, 0, 1);
	*b = sim_tunnel(&w, 1, 1, 0);
	for (unsigned i = 1; i < IKE_TS_MAX; i++) {
		snprintf(text, sizeof(text), "172.16.%u.0/25", i);
		a->local_ts.ts[i] = b->remote_ts.ts[i] = sim_ts(text);
		snprintf(text, sizeof(text), "172.17.%u.0/25", i);
		a->remote_ts.ts[i] = b->local_ts.ts[i] = sim_ts(text);
	}
	a->local_ts.count = a->remote_ts.count = b->local_ts.count = b->remote_ts.count =
		IKE_TS_MAX;
}

START_TEST(test_hostile_large_messages_are_fragmented)
{
	struct ike_tunnel a, b;

	large_profiles(&a, &b);
	w.loss_percent = _i ? 15 : 0;
	w.duplicate_percent = _i ? 20 : 0;
	w.jitter_ms = _i ? 100 : 0;
	w.random += (uint64_t)_i;
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	ck_assert(sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, _i ? 200000 : 2000));
	sim_run(&w, 20000);
	ck_assert_uint_eq(sim_sending(&w, 0, 0)->local_ts.count, IKE_TS_MAX);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_CHILD), 0);
	w.loss_percent = 0;
	sim_run(&w, 60000);
	ck_assert_uint_ge(sim_lines(&w, "A --> B  IKE_AUTH 1 { SKF", NULL), 2);
	if (!_i)
		sim_finish();
	sim_assert(&w);
}
END_TEST

/* A request of the peer and its answer to ours have the same message ID, and their fragments come
 * mixed: one is lost, or late. */
START_TEST(test_hostile_fragments_of_two_messages)
{
	struct ike_tunnel a, b;

	large_profiles(&a, &b);
	sim_bring_up(&a, &b);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 7000); /* now both sides count from 0 */
	sim_rule(&w, (struct sim_rule){.from = _i % 2,
				       .exchange = IKE_EXCH_CREATE_CHILD_SA,
				       .response = 0,
				       .skip = (unsigned)_i / 4,
				       .count = 1,
				       .drop = _i / 2 % 2 == 0,
				       .delay_ms = 40});
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 60000);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	ck_assert_uint_ge(sim_lines(&w, "A --> B  CREATE_CHILD_SA 0 { SKF", NULL), 2);
	ck_assert_uint_ge(sim_lines(&w, "B --> A  CREATE_CHILD_SA 0 { SKF", NULL), 2);
	sim_finish();
}
END_TEST

/* ---- Answers --------------------------------------------------------------------------------- */

/* The answer to our request is authentic and cannot be read: the IKE SA ends with a DELETE, and
 * nothing of it is left (RFC 7296 section 2.21.3). */
START_TEST(test_hostile_malformed_answer)
{
	static const uint8_t nothing[1];
	struct view body;
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	sim_bring_up(&a, &b);
	w.node[1].dead = true;
	ck_assert_int_eq(sim_command(&w, 0, 1,
				     _i / 2 % 2 ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD),
			 0);
	sim_run(&w, 1000);
	chain_new();
	if (_i % 2)
		raw_payload(200, true, nothing, 1); /* unknown and critical */
	else
		raw_payload(IKE_PAYLOAD_NONCE, false, nothing, 1); /* too short */
	w.node[1].dead = false;
	ck_assert_int_eq(message_finish(&chain, &body), 0);
	sim_forge(&w, 1, 0, IKE_EXCH_CREATE_CHILD_SA, 2, true, chain.first, body);
	if (_i / 4 == 0)
		sim_run(&w, 2);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_TERMINATE), 0);
	sim_run(&w, 1000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  INFORMATIONAL 3 { D(IKE) }", NULL), 1);
	sim_run(&w, 100000); /* B did not hear the request and refuses what comes after it */
	ck_assert_uint_eq(sas(0), 0);
	ck_assert_uint_eq(sas(1), 0);
	sim_assert(&w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hostile");
	TCase *tc = sim_case("hostile");

	tcase_add_test(tc, test_hostile_garbage);
	tcase_add_test(tc, test_hostile_mutations_of_init);
	tcase_add_test(tc, test_hostile_major_version);
	tcase_add_test(tc, test_hostile_unknown_spi_is_rate_limited);
	tcase_add_test(tc, test_hostile_flood);
	tcase_add_test(tc, test_hostile_reflection_and_replay);
	tcase_add_test(tc, test_hostile_before_auth);
	tcase_add_test(tc, test_hostile_unknown_payload);
	tcase_add_test(tc, test_hostile_message_id);
	tcase_add_test(tc, test_hostile_delete_of_unknown);
	tcase_add_loop_test(tc, test_hostile_broken_delete, 0, (int)ARRAY_LEN(broken));
	tcase_add_test(tc, test_hostile_payload_behind_delete);
	tcase_add_test(tc, test_hostile_rekey_of_unknown);
	tcase_add_test(tc, test_hostile_many_children);
	tcase_add_test(tc, test_hostile_asks_over_and_over);
	tcase_add_test(tc, test_hostile_fuzz_authenticated);
	tcase_add_loop_test(tc, test_hostile_large_messages_are_fragmented, 0, 8);
	tcase_add_loop_test(tc, test_hostile_fragments_of_two_messages, 0, 8);
	tcase_add_loop_test(tc, test_hostile_malformed_answer, 0, 8);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
