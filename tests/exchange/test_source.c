/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Own addresses by route: no false NAT, and another address when the routes have changed. */
#include "sim.h"

#include "ikev2/exchange.h"
#include "ikev2/tunnel.h"

#include <check.h>

enum { A, B };

static struct ike_tunnel at_a, at_b;

/* A has no own address configured, and so has B. */
static void two(void)
{
	at_a = sim_tunnel(&w, 1, A, B);
	at_b = sim_tunnel(&w, 1, B, A);
	at_a.local = at_b.local = (struct ip_addr){.family = IP_NONE};
	at_b.remote = (struct ip_endpoint){.addr = {.family = IP_NONE}};
	at_b.may_initiate = false;
}

static void is_at(const struct ip_endpoint *e)
{
	ck_assert(ip_addr_equal(&e->addr, &w.node[A].addr));
}

static void moved(struct ip_addr to)
{
	w.node[A].addr = to;
	ike_engine_source(w.node[A].engine, w.now_ms, 1, &to);
	sim_run(&w, 0);
}

START_TEST(test_source_no_false_nat)
{
	struct ike_tunnel_status st;

	two();
	at_a.force_encap = _i == 1;
	sim_bring_up(&at_a, &at_b);
	ck_assert_int_eq(sim_sending(&w, A, 0)->udp_encap, _i == 1);
	ck_assert_int_eq(sim_sending(&w, B, 0)->udp_encap, _i == 1);
	ck_assert(!sim_status(&w, A, 1).nat_local && !sim_status(&w, A, 1).nat_remote);
	ck_assert_int_eq(sim_status(&w, B, 1).nat_remote, _i == 1);
	st = sim_status(&w, A, 1);
	is_at(&st.local);
	sim_finish();
}
END_TEST

START_TEST(test_source_real_nat)
{
	two();
	w.node[A].nat = true;
	w.node[A].nat_addr = ip_addr_v4(0xcb007107u);
	sim_bring_up(&at_a, &at_b);
	ck_assert(sim_status(&w, A, 1).nat_local && sim_status(&w, B, 1).nat_remote);
	ck_assert(sim_sending(&w, A, 0)->udp_encap);
	sim_finish();
}
END_TEST

START_TEST(test_source_changes_while_up)
{
	struct ike_tunnel_status st;
	uint32_t ups;

	two();
	sim_bring_up(&at_a, &at_b);
	ups = w.node[B].ups;
	sim_run(&w, 20000);
	moved(w.node[A].addr); /* nothing new */
	sim_run(&w, 1000);
	ck_assert_uint_eq(sim_lines(&w, "IKE_SA_INIT", NULL), 2);
	moved(ip_addr_v4(0xc6336401u));
	sim_run(&w, 10000);
	st = sim_status(&w, A, 1);
	is_at(&st.local);
	st = sim_status(&w, B, 1);
	is_at(&st.remote);
	ck_assert_uint_eq(w.node[A].downs, 0); /* the new one was there before the old one went */
	ck_assert_uint_eq(w.node[B].ups, ups);
	ck_assert(!sim_sending(&w, A, 0)->udp_encap);
	sim_run(&w, 60000);
	sim_finish();
}
END_TEST

START_TEST(test_source_changes_during_attempt)
{
	two();
	at_a.initiate = true;
	w.no_sources = _i == 0; /* no route at first, or another one */
	ck_assert_int_eq(sim_set(&w, B, &at_b), 0);
	sim_rule(&w, (struct sim_rule){.from = A,
				       .exchange = IKE_EXCH_SA_INIT,
				       .response = -1,
				       .count = 1,
				       .drop = true});
	ck_assert_int_eq(sim_set(&w, A, &at_a), 0);
	sim_run(&w, 2000);
	ck_assert(!sim_is_up(&w, A, 1));
	w.no_sources = false;
	moved(ip_addr_v4(0xc6336401u));
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, A, 1));
	ck_assert(!sim_sending(&w, A, 0)->udp_encap);
	sim_finish();
}
END_TEST

START_TEST(test_source_comes_after_no_route)
{
	struct ip_endpoint to;

	two();
	at_a.initiate = true;
	w.no_sources = true;
	sim_rule(&w,
		 (struct sim_rule){
			 .from = A, .exchange = -1, .response = -1, .count = 100, .drop = true});
	ck_assert_int_eq(sim_set(&w, A, &at_a), 0);
	ck_assert_int_eq(sim_set(&w, B, &at_b), 0);
	sim_run(&w, 1000);
	to = (struct ip_endpoint){.addr = at_a.remote.addr, .port = 500};
	ike_engine_unreachable(w.node[A].engine, w.now_ms, &to, IKE_CAUSE_NO_ROUTE,
			       "this machine cannot send: Network is unreachable");
	sim_run(&w, 80000);
	ck_assert_int_eq(sim_status(&w, A, 1).state, IKE_TUNNEL_DOWN);
	w.rule_count = 0;
	w.no_sources = false;
	moved(w.node[A].addr);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, A, 1));
	sim_finish();
}
END_TEST

/* Who has a configured address, or did not begin, stays where it is. */
START_TEST(test_source_of_no_concern)
{
	two();
	if (_i == 0)
		at_a.local = w.node[A].addr;
	sim_bring_up(&at_a, &at_b);
	if (_i == 0) {
		ike_engine_source(w.node[A].engine, w.now_ms, 1, &(struct ip_addr){IP_V4, {9}});
	} else {
		ike_engine_source(w.node[B].engine, w.now_ms, 1, &(struct ip_addr){IP_V4, {9}});
		ike_engine_source(w.node[A].engine, w.now_ms, 2, &(struct ip_addr){IP_V4, {9}});
		ike_engine_source(w.node[A].engine, w.now_ms, 1,
				  &(struct ip_addr){.family = IP_NONE});
	}
	sim_run(&w, 5000);
	ck_assert_uint_eq(sim_lines(&w, "IKE_SA_INIT", NULL), 2);
	sim_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source");
	TCase *tc = sim_case("source");

	tcase_add_loop_test(tc, test_source_no_false_nat, 0, 2);
	tcase_add_test(tc, test_source_real_nat);
	tcase_add_test(tc, test_source_changes_while_up);
	tcase_add_loop_test(tc, test_source_changes_during_attempt, 0, 2);
	tcase_add_test(tc, test_source_comes_after_no_route);
	tcase_add_loop_test(tc, test_source_of_no_concern, 0, 2);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
