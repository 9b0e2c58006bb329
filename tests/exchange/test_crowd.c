/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many at once: floods of forged requests, and honest peers that share one address. */
#include "alloc_count.h"
#include "sim.h"

#include "ikev2/number.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* An IKE_SA_INIT request of node 0, as anybody can send it from anywhere. */
static void spoof(uint32_t number)
{
	uint8_t forged[sizeof(w.node[0].last_sent)];
	struct ip_endpoint from = {.addr = {.family = IP_V4}, .port = 500};
	struct ip_endpoint to = {.addr = w.node[1].addr, .port = 500};

	memcpy(forged, w.node[0].last_sent, w.node[0].last_sent_len);
	memcpy(forged, &number, sizeof(number));
	memcpy(from.addr.bytes, &number, sizeof(number));
	ike_engine_datagram(w.node[1].engine, w.now_ms, &to, &from, false,
			    view_of(forged, w.node[0].last_sent_len));
}

/* What answers a flood must not run out for the one who is honest. */
START_TEST(test_crowd_flood_of_spoofed_requests)
{
	struct ike_limits limits = ike_limits_default();
	struct ike_tunnel a, b;

	limits.max_ike_sas = 1000;
	sim_limits(&w, 1, &limits);
	a = sim_tunnel(&w, 1, 0, 1);
	b = sim_tunnel(&w, 1, 1, 0);
	a.initiate = true;
	sim_rule(&w, (struct sim_rule){
			     .from = 0, .exchange = -1, .response = -1, .count = 1, .drop = true});
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 100);
	for (uint32_t i = 0; i < 1000; i++)
		spoof(i);
	/* The honest one repeats its request 10 s after the first. */
	for (uint32_t i = 0; i < 11000; i++) {
		spoof(100000 + i);
		sim_run(&w, 1);
	}
	ck_assert(sim_is_up(&w, 0, 1));
}
END_TEST

#define MANY 60

/* A hub, or a provider's NAT: all come back in the same moment. */
START_TEST(test_crowd_many_from_one_address)
{
	struct ike_tunnel t;

	for (uint32_t i = 1; i <= MANY; i++) {
		char name[32];

		snprintf(name, sizeof(name), "p%u.example.net", i);
		t = sim_tunnel(&w, i, 1, 0);
		t.remote_id = sim_id(IKE_ID_FQDN, name);
		ck_assert_int_eq(sim_set(&w, 1, &t), 0);
		t = sim_tunnel(&w, i, 0, 1);
		t.local_id = sim_id(IKE_ID_FQDN, name);
		t.initiate = true;
		t.ike.ke = 14;
		ck_assert_int_eq(sim_set(&w, 0, &t), 0);
	}
	sim_run(&w, 5000);
	for (uint32_t i = 1; i <= MANY; i++)
		ck_assert_msg(sim_is_up(&w, 0, i), "tunnel %u", i);
}
END_TEST

/* ---- Attackers who answer cookies --------------------------------------------------------------
 */

/* The cookie that B has just sent. */
static struct {
	size_t len;
	uint8_t bytes[64];
} cookie;

static void take_cookie(void *arg, int from, const struct ike_send *send)
{
	const uint8_t *m = send->payload.data;
	size_t len = send->payload.len;

	(void)arg;
	if (from != 1 || len < 37 || m[16] != IKE_PAYLOAD_NOTIFY || m[34] != 0x40 || m[35] != 6)
		return;
	cookie.len = (size_t)m[31] - 8;
	ck_assert_uint_le(cookie.len, sizeof(cookie.bytes));
	memcpy(cookie.bytes, m + 36, cookie.len);
}

/* A request of node 0 with another SPI from another address, with the cookie when there is one. */
static void attack(uint32_t number, uint32_t address)
{
	uint8_t m[sizeof(w.node[0].last_sent)];
	struct ip_endpoint from = {.addr = ip_addr_v4(address), .port = 500};
	struct ip_endpoint to = {.addr = w.node[1].addr, .port = 500};
	size_t len = w.node[0].last_sent_len;

	memcpy(m, w.node[0].last_sent, len);
	memcpy(m, &number, sizeof(number));
	cookie.len = 0;
	ike_engine_datagram(w.node[1].engine, w.now_ms, &to, &from, false, view_of(m, len));
	sim_run(&w, 0);
	if (cookie.len == 0)
		return;
	memmove(m + 36 + cookie.len, m + 28, len - 28);
	memcpy(m + 28, (uint8_t[]){m[16], 0, 0, (uint8_t)(8 + cookie.len), 0, 0, 0x40, 6}, 8);
	memcpy(m + 36, cookie.bytes, cookie.len);
	len += 8 + cookie.len;
	m[16] = IKE_PAYLOAD_NOTIFY;
	m[26] = (uint8_t)(len >> 8);
	m[27] = (uint8_t)len;
	ike_engine_datagram(w.node[1].engine, w.now_ms, &to, &from, false, view_of(m, len));
	sim_run(&w, 0);
}

/* Node 0 has sent a request that nobody heard; B may have so many half-open IKE SAs. */
static void prepare_attack(uint32_t max_half_open)
{
	struct ike_limits limits = ike_limits_default();
	struct ike_tunnel a, b;

	limits.max_ike_sas = 20000;
	limits.max_half_open = max_half_open;
	sim_limits(&w, 1, &limits);
	a = sim_tunnel(&w, 1, 0, 1);
	b = sim_tunnel(&w, 1, 1, 0);
	a.initiate = true;
	w.quiet = true;
	w.real_dh = false;
	sim_rule(&w, (struct sim_rule){
			     .from = 0, .exchange = -1, .response = -1, .count = 1, .drop = true});
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 100);
	w.tap = take_cookie;
}

/* Ten thousand machines answer cookies, a thousand in a second, and take all places; or one machine
 * does.  The honest one comes in between and needs a round trip. */
START_TEST(test_crowd_flood_with_cookies)
{
	size_t most = 0;

	prepare_attack(1024);
	for (uint32_t i = 0; i < 12000; i++) {
		attack(i, _i ? 0x0a000001u : 0x0a000000u + i);
		sim_run(&w, 1);
		if (w.node[1].engine->halfopen.total > most)
			most = w.node[1].engine->halfopen.total;
	}
	ck_assert_uint_eq(most, 1024);
	ck_assert(sim_is_up(&w, 0, 1));
	sim_run(&w, 70000);
	sim_finish();
}
END_TEST

#define HALF_OPEN_BYTES 4096

/* What ten thousand half-open IKE SAs cost, and that it is given back. */
START_TEST(test_crowd_half_open_memory)
{
	struct alloc_count before, with;
	long each;

	prepare_attack(10000);
	before = alloc_count_now();
	for (uint32_t i = 0; i < 10000; i++)
		attack(i, 0x0a000000u + i);
	with = alloc_count_now();
	ck_assert_uint_eq(w.node[1].engine->halfopen.total, 10000);
	each = (with.bytes - before.bytes) / 10000;
	printf("%ld octets in %ld blocks for each half-open IKE SA\n", each,
	       (with.blocks - before.blocks) / 10000);
	ck_assert_int_le(each, HALF_OPEN_BYTES);
	sim_run(&w, 80000);
	ck_assert_uint_eq(w.node[1].engine->halfopen.total, 0);
	ck_assert(sim_is_up(&w, 0, 1));
	/* but for the hash table, which keeps its size */
	ck_assert_int_le((alloc_count_now().bytes - before.bytes) / 10000, 64);
}
END_TEST

#define PAIRS	   200
#define PAIR_BYTES 8192

/* What a tunnel costs that is up, with its profile, on each side, without the data plane; what
 * libcrypto keeps for its keys is in the figure of tests/run.sh bench only. */
START_TEST(test_crowd_established_memory)
{
	struct alloc_count before, with;
	struct ike_tunnel t;
	long each;

	w.quiet = true;
	w.real_dh = false;
	before = alloc_count_now();
	for (uint32_t i = 1; i <= PAIRS; i++) {
		t = sim_tunnel(&w, i, 1, 0);
		ck_assert_int_eq(sim_set(&w, 1, &t), 0);
		t = sim_tunnel(&w, i, 0, 1);
		t.initiate = true;
		ck_assert_int_eq(sim_set(&w, 0, &t), 0);
		sim_run(&w, 200);
	}
	sim_run(&w, 1000);
	for (uint32_t i = 1; i <= PAIRS; i++)
		ck_assert_msg(sim_is_up(&w, 0, i) && sim_is_up(&w, 1, i), "tunnel %u", i);
	with = alloc_count_now();
	each = (with.bytes - before.bytes) / (2 * PAIRS) - (long)sizeof(struct sim_child);
	printf("%ld octets in %ld blocks on each side of a pair\n", each,
	       (with.blocks - before.blocks) / (2 * PAIRS));
	ck_assert_int_le(each, PAIR_BYTES);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("crowd");
	TCase *tc = sim_case("crowd");

	tcase_add_test(tc, test_crowd_flood_of_spoofed_requests);
	tcase_add_loop_test(tc, test_crowd_flood_with_cookies, 0, 2);
	tcase_add_test(tc, test_crowd_half_open_memory);
	tcase_add_test(tc, test_crowd_established_memory);
	tcase_add_test(tc, test_crowd_many_from_one_address);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
