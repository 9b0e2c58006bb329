/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Days of virtual time with the lifetimes that people have, and a thousand sites on one engine. */
#include "alloc_count.h"
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#define DAY_MS 86400000ull
#define DAYS   4

static struct ike_usage usage(int node)
{
	struct ike_usage u;

	ike_engine_usage(w.node[node].engine, &u);
	return u;
}

static void between(uint64_t value, uint64_t low, uint64_t high, const char *what)
{
	if (value < low || value > high)
		ck_abort_msg("%llu %s, expected %llu to %llu", (unsigned long long)value, what,
			     (unsigned long long)low, (unsigned long long)high);
}

/* Keys are changed when they should be, no packet is lost, and nothing grows: on a good network,
 * behind a NAT, with a lossy network (where only the tunnel must stay up). */
START_TEST(test_long_days)
{
	struct ike_tunnel a, b;
	uint64_t ike, child, lost;

	w.quiet = true;
	w.real_dh = false;
	w.traffic_ms = 4000;
	w.jitter_ms = 50;
	w.loss_percent = _i == 2 ? 3 : 0;
	w.node[0].nat = _i == 1;
	w.node[0].nat_addr = ip_addr_v4(0xcb007101u);
	w.node[0].port_shift = 1000;
	a = sim_tunnel(&w, 1, 0, 1);
	b = sim_tunnel(&w, 1, 1, 0);
	a.initiate = true;
	if (_i == 1)
		b.remote.addr = (struct ip_addr){.family = IP_NONE};
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	ck_assert(sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, 100000));
	sim_run(&w, 60000);
	lost = w.node[0].esp_lost + w.node[1].esp_lost;
	sim_run(&w, DAYS * DAY_MS);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	if (_i < 2)
		ck_assert_uint_eq(w.node[0].esp_lost + w.node[1].esp_lost, lost);
	/* 80 to 90 % of 19800 s and 3600 s, whoever is first */
	ike = sim_counter(&w, 0, "ike_rekeyed");
	child = sim_counter(&w, 0, "child_rekeyed");
	between(ike, DAYS * 86400 / 17820 - 1, DAYS * 86400 / 15840 + 2, "IKE SAs rekeyed");
	between(child, DAYS * 86400 / 3240 - 2, DAYS * 86400 / 2880 + 2, "Child SAs rekeyed");
	w.loss_percent = 0;
	w.traffic_ms = 0;
	sim_run(&w, 200000);
	ck_assert_uint_eq(usage(0).ike_sas, 1);
	ck_assert_uint_eq(usage(0).children, 1);
	ck_assert_uint_eq(w.node[0].engine->timers.count,
			  w.node[1].engine->timers.count + (_i == 1));
	sim_finish();
}
END_TEST

/* ---- A thousand sites ------------------------------------------------------------------------ */

#define SITES	     1000
#define HUB	     1
#define TUNNEL_BYTES 13312 /* profile, IKE SA and Child SA, on one side */

/* Sites are played by all other nodes. */
static int node_of(uint32_t id)
{
	static const int nodes[] = {0, 2, 3, 4};

	return nodes[id % ARRAY_LEN(nodes)];
}

static struct ike_tunnel site(uint32_t id, int own, int peer)
{
	struct ike_tunnel t = sim_tunnel(&w, 1, own, peer);
	char text[40];

	t.id = id;
	snprintf(text, sizeof(text), "10.%u.%u.0/24", id / 256, id % 256);
	*(own == HUB ? &t.remote_ts.ts[0] : &t.local_ts.ts[0]) = sim_ts(text);
	*(own == HUB ? &t.local_ts.ts[0] : &t.remote_ts.ts[0]) = sim_ts("172.16.0.0/16");
	snprintf(text, sizeof(text), "site%u.example.net", id);
	*(own == HUB ? &t.remote_id : &t.local_id) = sim_id(IKE_ID_FQDN, text);
	*(own == HUB ? &t.local_id : &t.remote_id) = sim_id(IKE_ID_FQDN, "hub.example.net");
	t.initiate = own != HUB;
	t.keepalive_s = 120;
	t.dead_s = 600;
	t.ike_lifetime_s = 900;
	t.child_lifetime_s = 400;
	return t;
}

static void all_up(void)
{
	for (uint32_t id = 1; id <= SITES; id++)
		if (!sim_is_up(&w, HUB, id) || !sim_is_up(&w, node_of(id), id))
			ck_abort_msg("site %u is not up", id);
}

static void configure_all(void)
{
	for (uint32_t id = 1; id <= SITES; id++) {
		struct ike_tunnel hub = site(id, HUB, node_of(id)), t = site(id, node_of(id), HUB);

		ck_assert_int_eq(sim_set(&w, HUB, &hub), 0);
		ck_assert_int_eq(sim_set(&w, node_of(id), &t), 0);
	}
}

static void rekey_all(void)
{
	sim_run(&w, 1000000);
	ck_assert_uint_eq(w.node[HUB].downs, 0);
	ck_assert_uint_ge(sim_counter(&w, HUB, "child_rekeyed"), 2 * SITES);
	ck_assert_uint_ge(sim_counter(&w, HUB, "ike_rekeyed"), SITES);
}

/* All come at once, over a network that loses some; keys are changed; a site that goes away and one
 * that is taken out disturb nobody; at last nothing is left. */
START_TEST(test_long_thousand_sites)
{
	const long model = sizeof(struct sim_child); /* what the simulation itself keeps of each */
	struct alloc_count before, with;
	long each;

	w.quiet = true;
	w.real_dh = false;
	while (w.nodes < 5)
		sim_add(&w);
	before = alloc_count_now();
	configure_all();
	w.loss_percent = 2;
	w.jitter_ms = 200;
	sim_run(&w, 180000);
	all_up();
	rekey_all();
	w.loss_percent = 0;
	sim_run(&w, 120000);
	all_up();
	sim_assert(&w);
	with = alloc_count_now();
	each = (with.bytes - before.bytes) / (2 * SITES) - model;
	printf("%ld octets for each side of a tunnel that is up\n", each);
	ck_assert_int_le(each, TUNNEL_BYTES);
	for (uint32_t id = 1; id <= SITES; id++) {
		sim_remove(&w, HUB, id);
		sim_remove(&w, node_of(id), id);
	}
	sim_run(&w, 200000);
	for (int i = 0; i < 5; i++) {
		ck_assert_uint_eq(usage(i).ike_sas + usage(i).children + usage(i).dh_jobs, 0);
		ck_assert_uint_eq(w.node[i].engine->timers.count, 0);
		ck_assert_uint_eq(w.node[i].child_count, 0);
	}
	ck_assert_int_le((alloc_count_now().bytes - before.bytes) / (2 * SITES), 512);
	sim_assert(&w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("long");
	TCase *tc = sim_case("long");

	tcase_set_timeout(tc, 280);
	tcase_add_loop_test(tc, test_long_days, 0, 3);
	tcase_add_test(tc, test_long_thousand_sites);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
