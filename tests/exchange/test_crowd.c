/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many at once: floods of forged requests, and honest peers that share one address. */
#include "sim.h"

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

int main(void)
{
	const TTest *const tests[] = {test_crowd_flood_of_spoofed_requests,
				      test_crowd_many_from_one_address};

	return sim_suite("crowd", tests, ARRAY_LEN(tests));
}
