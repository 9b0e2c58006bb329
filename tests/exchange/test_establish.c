/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coming up: both roles, algorithms, INVALID_KE_PAYLOAD, cookies, two tiers, selectors, several
 * Child SAs, both at once. */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

START_TEST(test_establish_two_engines)
{
	sim_bring_up_default();
	/* --> IKE_SA_INIT, <-- IKE_SA_INIT, --> IKE_AUTH, <-- IKE_AUTH */
	ck_assert_uint_eq(w.node[0].sent, 2);
	ck_assert_uint_eq(w.node[1].sent, 2);
	ck_assert_uint_eq(w.node[0].ups, 1);
	ck_assert_uint_eq(w.node[1].ups, 1);
	ck_assert(sim_status(&w, 0, 1).initiator);
	ck_assert(!sim_status(&w, 1, 1).initiator);
	ck_assert(!sim_sending(&w, 0, 0)->udp_encap);
	sim_finish();
}
END_TEST

START_TEST(test_establish_by_command_from_either_side)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	sim_run(&w, 300000);
	ck_assert_uint_eq(w.node[0].sent + w.node[1].sent, 0); /* nobody begins by itself */
	ck_assert_int_eq(sim_command(&w, _i, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	ck_assert(sim_status(&w, _i, 1).initiator);
	sim_finish();
}
END_TEST

static void with_suite(struct ike_parameters ike, struct ike_parameters child)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	struct ike_suite got;

	a.ike = ike;
	a.child = child;
	sim_bring_up(&a, &b);
	got = sim_status(&w, 0, 1).suite;
	ck_assert_uint_eq(got.encr, ike.encr);
	ck_assert_uint_eq(got.key_bits, ike.key_bits);
	ck_assert_uint_eq(got.prf, ike.prf);
	ck_assert_uint_eq(got.integ, ike.integ);
	ck_assert_uint_eq(got.ke, ike.ke);
	got = sim_sending(&w, 1, 0)->suite;
	ck_assert_uint_eq(got.encr, child.encr);
	ck_assert_uint_eq(got.key_bits, child.key_bits);
	ck_assert_uint_eq(got.integ, child.integ);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 10000);
	ck_assert_uint_eq(sim_sending(&w, 0, 0)->suite.ke, child.ke);
	sim_finish();
}

/* Every algorithm and group of the article once. */
static const struct ike_parameters suites[] = {
	{.encr = 20, .key_bits = 128, .prf = 5, .ke = 19},
	{.encr = 20, .key_bits = 256, .prf = 6, .ke = 20},
	{.encr = 12, .key_bits = 128, .prf = 2, .integ = 2, .ke = 2},
	{.encr = 12, .key_bits = 256, .prf = 5, .integ = 12, .ke = 5},
	{.encr = 12, .key_bits = 256, .prf = 6, .integ = 13, .ke = 14},
	{.encr = 12, .key_bits = 128, .prf = 7, .integ = 14, .ke = 15},
	{.encr = 20, .key_bits = 256, .prf = 7, .ke = 16},
	{.encr = 20, .key_bits = 256, .prf = 5, .ke = 31},
};

START_TEST(test_establish_algorithms)
{
	struct ike_parameters child = suites[_i];

	child.prf = 0;
	with_suite(suites[_i], child);
}
END_TEST

START_TEST(test_establish_invalid_ke)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	b.ike.ke = 16; /* automatic offers it, but not first */
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_status(&w, 0, 1).suite.ke, 16);
	ck_assert_uint_eq(sim_lines(&w, "B --> A", "N(INVALID_KE_PAYLOAD)"), 1);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_SA_INIT", NULL), 2);
	sim_finish();
}
END_TEST

/* Of two tunnels with peers of any address only one allows all groups.  The peer of the other one
 * offers all; what is chosen first does not do, and is known when it comes again. */
START_TEST(test_establish_own_algorithms_at_second_attempt)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0), any;

	any = sim_tunnel(&w, 2, 1, 0);
	any.remote.addr = b.remote.addr = (struct ip_addr){.family = IP_NONE};
	b.ike.ke = 20;
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &any), 0);
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 100000);
	ck_assert_ptr_nonnull(
		strstr(sim_status(&w, 1, 1).failure.evidence, "this tunnel does not allow"));
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert_uint_eq(sim_status(&w, 0, 1).suite.ke, 20);
	/* and at once, the next time */
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_CLEAR), 0);
	sim_run(&w, 5000);
	sim_finish();
	ck_assert_uint_eq(sim_counter(&w, 1, "auth_failed"), 1);
}
END_TEST

/* Automatic never begins with DH 2 and SHA-1; it takes them after NO_PROPOSAL_CHOSEN. */
START_TEST(test_establish_second_tier)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	struct ike_parameters weak = {.encr = 12, .key_bits = 128, .prf = 2, .integ = 2, .ke = 2};

	b.ike = weak;
	b.child = weak;
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_status(&w, 0, 1).suite.ke, 2);
	ck_assert_uint_eq(sim_status(&w, 0, 1).suite.prf, 2);
	/* the notify is not protected: asked once more before it is believed */
	ck_assert_uint_eq(sim_lines(&w, "B --> A", "N(NO_PROPOSAL_CHOSEN)"), 2);
	sim_finish();
}
END_TEST

START_TEST(test_establish_second_tier_for_child_only)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	b.child = (struct ike_parameters){.encr = 12, .key_bits = 256, .integ = 2};
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_sending(&w, 0, 0)->suite.integ, 2);
	sim_finish();
}
END_TEST

START_TEST(test_establish_cookie)
{
	struct ike_limits limits = ike_limits_default();

	limits.max_half_open = 2; /* cookies from the first on */
	sim_limits(&w, 1, &limits);
	/* one half-open IKE SA that never goes on */
	sim_rule(&w, (struct sim_rule){.from = 0,
				       .exchange = IKE_EXCH_AUTH,
				       .response = 0,
				       .count = 6,
				       .drop = true});
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	struct ike_tunnel a2 = sim_tunnel(&w, 2, 0, 1), b2 = sim_tunnel(&w, 2, 1, 0);

	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 1, &b2), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 2000);
	ck_assert_uint_eq(sim_counter(&w, 1, "cookies_sent"), 0);
	w.rule_count = 0;
	a2.initiate = true;
	ck_assert_int_eq(sim_set(&w, 0, &a2), 0);
	sim_run(&w, 2000);
	ck_assert(sim_is_up(&w, 0, 2) && sim_is_up(&w, 1, 2));
	ck_assert_uint_eq(sim_counter(&w, 1, "cookies_sent"), 1);
	ck_assert_uint_eq(sim_counter(&w, 0, "cookies_replayed"), 1);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  IKE_SA_INIT response 0 { N(COOKIE) }", NULL), 1);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_SA_INIT 0 { N(COOKIE), SA,", NULL), 1);
}
END_TEST

/* Cookie and INVALID_KE_PAYLOAD in one attempt. */
START_TEST(test_establish_cookie_then_invalid_ke)
{
	struct ike_limits limits = ike_limits_default();
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	limits.max_half_open = 1; /* threshold 0: always */
	sim_limits(&w, 1, &limits);
	b.ike.ke = 15;
	sim_bring_up(&a, &b);
	ck_assert_uint_ge(sim_counter(&w, 1, "cookies_sent"), 1);
	ck_assert_uint_eq(sim_lines(&w, "N(INVALID_KE_PAYLOAD)", NULL), 1);
	sim_finish();
}
END_TEST

/* ---- Selectors ------------------------------------------------------------------------------- */

static void add_ts(struct ike_ts_list *l, const char *range)
{
	l->ts[l->count++] = sim_ts(range);
}

START_TEST(test_establish_several_selectors)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	add_ts(&a.local_ts, "2001:db8:2::/48");
	add_ts(&b.remote_ts, "2001:db8:2::/48");
	add_ts(&a.remote_ts, "2001:db8:1::/48");
	add_ts(&b.local_ts, "2001:db8:1::/48");
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	ck_assert_uint_eq(sim_sending(&w, 0, 0)->local_ts.count, 2);
	ck_assert_uint_eq(sim_sending(&w, 0, 0)->remote_ts.count, 2);
	sim_finish();
}
END_TEST

START_TEST(test_establish_narrowing)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.local_ts.ts[0] = sim_ts("10.0.0.0/8");
	b.remote_ts.ts[0] = sim_ts("10.0.1.0/24");
	sim_bring_up(&a, &b);
	ck_assert(ip_range_equal(&sim_sending(&w, 0, 0)->local_ts.ts[0].range,
				 &b.remote_ts.ts[0].range));
	sim_run(&w, 300000);
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	sim_finish();
}
END_TEST

START_TEST(test_establish_single_ts)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	add_ts(&a.local_ts, "172.16.0.0/16");
	add_ts(&b.remote_ts, "172.16.0.0/16");
	add_ts(&a.remote_ts, "172.17.0.0/16");
	add_ts(&b.local_ts, "172.17.0.0/16");
	a.single_ts = true;
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_alive(&w, 0), 4);
	ck_assert_uint_eq(sim_status(&w, 0, 1).child_count, 4);
	for (size_t i = 0; i < 4; i++)
		ck_assert_uint_eq(sim_sending(&w, 0, i)->local_ts.count, 1);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 20000);
	ck_assert_uint_eq(sim_alive(&w, 0), 4);
	sim_finish();
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	ck_assert_uint_eq(sim_status(&w, 1, 1).child_count, 4);
	sim_finish();
}
END_TEST

/* The peer insists on one pair per Child SA: all pairs come up in the end. */
START_TEST(test_establish_peer_takes_single_pairs)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	add_ts(&a.local_ts, "172.16.0.0/16");
	add_ts(&b.remote_ts, "172.16.0.0/16");
	b.single_ts = true;
	sim_bring_up(&a, &b);
	ck_assert_uint_eq(sim_alive(&w, 0), 2);
	ck_assert_uint_eq(sim_lines(&w, "B --> A", "N(ADDITIONAL_TS_POSSIBLE)"), 1);
	sim_finish();
}
END_TEST

/* ---- Both at once ---------------------------------------------------------------------------- */

static void simultaneous(uint64_t b_later_ms, int first_a, int first_b)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.ike.ke = b.ike.ke = 20; /* only nonces are 32 octets */
	w.node[0].nonce_first = first_a;
	w.node[1].nonce_first = first_b;
	a.initiate = b.initiate = true;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	if (b_later_ms) { /* the profile of B is there, but it begins later */
		sim_run(&w, b_later_ms);
		ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_INITIATE), 0);
	}
	sim_run(&w, 70000);
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	ck_assert_uint_eq(w.node[0].ups, 1);
	ck_assert_uint_eq(w.node[1].ups, 1);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	sim_finish();
}

START_TEST(test_establish_simultaneous)
{
	simultaneous(0, _i ? 0x20 : 0x10, _i ? 0x10 : 0x20);
}
END_TEST

START_TEST(test_establish_simultaneous_with_delays)
{
	w.delay_ms = 40;
	w.jitter_ms = 200;
	w.random = (uint64_t)_i;
	simultaneous(0, -1, -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("establish");
	TCase *tc = sim_case("establish");

	tcase_add_test(tc, test_establish_two_engines);
	tcase_add_loop_test(tc, test_establish_by_command_from_either_side, 0, 2);
	tcase_add_loop_test(tc, test_establish_algorithms, 0, (int)ARRAY_LEN(suites));
	tcase_add_test(tc, test_establish_invalid_ke);
	tcase_add_test(tc, test_establish_own_algorithms_at_second_attempt);
	tcase_add_test(tc, test_establish_second_tier);
	tcase_add_test(tc, test_establish_second_tier_for_child_only);
	tcase_add_test(tc, test_establish_cookie);
	tcase_add_test(tc, test_establish_cookie_then_invalid_ke);
	tcase_add_test(tc, test_establish_several_selectors);
	tcase_add_test(tc, test_establish_narrowing);
	tcase_add_test(tc, test_establish_single_ts);
	tcase_add_test(tc, test_establish_peer_takes_single_pairs);
	tcase_add_loop_test(tc, test_establish_simultaneous, 0, 2);
	tcase_add_loop_test(tc, test_establish_simultaneous_with_delays, 0, 20);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
