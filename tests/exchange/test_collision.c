/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Crossing exchanges (RFC 7296 sections 2.8.1, 2.8.2, 2.25): forced nonces, lost and late messages,
 * both sides.  The end is always one pair of each kind, on both sides the same. */
#include "sim.h"

#include "ikev2/collision.h"
#include "platform/base/mem.h"

#include <check.h>

/* Group 20 has private values of 48 octets, so that only nonces are drawn as 32. */
static void up_with_group_20(void)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.ike.ke = a.child.ke = b.ike.ke = b.child.ke = 20;
	sim_bring_up(&a, &b);
	w.traffic_ms = 13;
}

static void nonces(int a, int b)
{
	w.node[0].nonce_first = a;
	w.node[1].nonce_first = b;
}

static void both(enum ike_command c)
{
	ck_assert_int_eq(sim_command(&w, 0, 1, c), 0);
	ck_assert_int_eq(sim_command(&w, 1, 1, c), 0);
}

static void one_left(void)
{
	w.traffic_ms = 0;
	sim_run(&w, 200000);
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	ck_assert_uint_eq(sim_alive(&w, 1), 1);
	ck_assert_uint_eq(w.node[0].esp_lost + w.node[1].esp_lost, 0);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	sim_finish();
}

/* Which of both creators made the child that is left? */
static int creator(void)
{
	return sim_sending(&w, 0, 0)->initiator ? 0 : 1;
}

START_TEST(test_collision_verdicts)
{
	/* Section 2.25.1 */
	ck_assert_int_eq(collision_verdict(MINE_CHILD_DELETE_SAME, THEIRS_CHILD_REKEY),
			 COLLISION_TEMPORARY_FAILURE);
	ck_assert_int_eq(collision_verdict(MINE_CHILD_REKEY_SAME, THEIRS_CHILD_REKEY),
			 COLLISION_ANSWER_AND_COMPARE);
	ck_assert_int_eq(collision_verdict(MINE_CHILD_REKEY_SAME, THEIRS_CHILD_DELETE),
			 COLLISION_ANSWER);
	ck_assert_int_eq(collision_verdict(MINE_CHILD_DELETE_SAME, THEIRS_CHILD_DELETE),
			 COLLISION_ANSWER_NO_DELETE);
	/* Section 2.25.2 */
	ck_assert_int_eq(collision_verdict(MINE_IKE_REKEY, THEIRS_IKE_REKEY),
			 COLLISION_ANSWER_AND_COMPARE);
	ck_assert_int_eq(collision_verdict(MINE_IKE_REKEY, THEIRS_IKE_DELETE),
			 COLLISION_ANSWER_FORGET_MINE);
	ck_assert_int_eq(collision_verdict(MINE_IKE_DELETE, THEIRS_IKE_REKEY),
			 COLLISION_TEMPORARY_FAILURE);
	ck_assert_int_eq(collision_verdict(MINE_IKE_REKEY, THEIRS_CHILD_CREATE),
			 COLLISION_TEMPORARY_FAILURE);
	ck_assert_int_eq(collision_verdict(MINE_IKE_REKEY, THEIRS_CHILD_REKEY),
			 COLLISION_TEMPORARY_FAILURE);
	ck_assert_int_eq(collision_verdict(MINE_IKE_REKEY, THEIRS_CHILD_DELETE), COLLISION_ANSWER);
	ck_assert_int_eq(collision_verdict(MINE_CHILD_CREATE, THEIRS_IKE_REKEY),
			 COLLISION_TEMPORARY_FAILURE);
	ck_assert_int_eq(collision_verdict(MINE_CHILD_REKEY_OTHER, THEIRS_IKE_REKEY),
			 COLLISION_TEMPORARY_FAILURE);
	ck_assert_int_eq(collision_verdict(MINE_CHILD_DELETE_OTHER, THEIRS_IKE_REKEY),
			 COLLISION_TEMPORARY_FAILURE);
}
END_TEST

START_TEST(test_collision_lowest_of_four)
{
	struct view n0 = view_of("\x00\xff", 2), n1 = view_of("\x01\x00", 2),
		    n2 = view_of("\x02\x00", 2), n3 = view_of("\x02\x00\x00", 3);

	ck_assert(collision_first_is_redundant(n0, n3, n1, n2));
	ck_assert(collision_first_is_redundant(n3, n0, n1, n2));
	ck_assert(!collision_first_is_redundant(n1, n2, n3, n0));
	ck_assert(!collision_first_is_redundant(n1, n2, n0, n3));
	/* a prefix is lower than the longer one */
	ck_assert(collision_first_is_redundant(n2, n2, n3, n3));
	ck_assert(!collision_first_is_redundant(n3, n3, n2, n2));
}
END_TEST

/* Both send REKEY_SA at once; each exchange has nonces of both sides, so let the requests decide:
 * the responder's nonces are drawn later and are made high. */
static void child_collision(int first_a, int first_b, int expected)
{
	up_with_group_20();
	nonces(first_a, first_b);
	both(IKE_CMD_REKEY_CHILD);
	sim_run(&w, 1); /* both requests are on their way */
	nonces(0xff, 0xff);
	one_left();
	ck_assert_int_eq(creator(), expected);
	ck_assert_uint_eq(sim_counter(&w, 0, "collisions"), 1);
	ck_assert_uint_eq(sim_counter(&w, 1, "collisions"), 1);
}

START_TEST(test_collision_child_a_wins)
{
	child_collision(0x20, 0x10, 0);
}
END_TEST

START_TEST(test_collision_child_b_wins)
{
	child_collision(0x10, 0x20, 1);
}
END_TEST

/* One message of the collision is late by so much that the other side's exchange is over. */
static void child_collision_late(int first_a, int first_b, int from, int response)
{
	up_with_group_20();
	nonces(first_a, first_b);
	sim_rule(&w, (struct sim_rule){.from = from,
				       .exchange = IKE_EXCH_CREATE_CHILD_SA,
				       .response = response,
				       .count = 1,
				       .delay_ms = 2000});
	both(IKE_CMD_REKEY_CHILD);
	sim_run(&w, 1);
	nonces(0xff, 0xff);
	one_left();
}

START_TEST(test_collision_child_late)
{
	int i = _i;

	child_collision_late(i & 1 ? 0x20 : 0x10, i & 1 ? 0x10 : 0x20, (i >> 1) & 1, (i >> 2) & 1);
}
END_TEST

/* Both rekey, and the peer refuses our group while we answer its request: ours is not asked for
 * again, the peer's stays, whatever the nonces are. */
START_TEST(test_collision_child_invalid_ke)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.ike.ke = b.ike.ke = 31;
	b.child.ke = 20;
	w.random += (uint64_t)_i;
	sim_bring_up(&a, &b);
	w.traffic_ms = 13;
	both(IKE_CMD_REKEY_CHILD);
	sim_run(&w, 1); /* both requests are on their way */
	w.dh_ms = 200;
	sim_run(&w, 10000);
	ck_assert_uint_ge(sim_lines(&w, "B --> A", "N(INVALID_KE_PAYLOAD)"), 1);
	one_left();
	ck_assert_uint_eq(w.node[0].installs, 2);
	ck_assert_uint_eq(w.node[1].installs, 2);
}
END_TEST

static void child_collision_lost(int first_a, int first_b, int from, int response)
{
	up_with_group_20();
	nonces(first_a, first_b);
	sim_rule(&w, (struct sim_rule){.from = from,
				       .exchange = IKE_EXCH_CREATE_CHILD_SA,
				       .response = response,
				       .count = 1,
				       .drop = true});
	both(IKE_CMD_REKEY_CHILD);
	sim_run(&w, 1);
	nonces(0xff, 0xff);
	one_left();
}

START_TEST(test_collision_child_lost)
{
	int i = _i;

	child_collision_lost(i & 1 ? 0x20 : 0x10, i & 1 ? 0x10 : 0x20, (i >> 1) & 1, (i >> 2) & 1);
}
END_TEST

static void ike_end(void)
{
	one_left();
	ck_assert_uint_eq(sim_status(&w, 0, 1).child_count, 1);
	ck_assert_uint_eq(sim_status(&w, 1, 1).child_count, 1);
}

static void ike_collision(int first_a, int first_b, int expected)
{
	uint64_t old;

	up_with_group_20();
	old = sim_status(&w, 0, 1).spi_i;
	nonces(first_a, first_b);
	both(IKE_CMD_REKEY_IKE);
	sim_run(&w, 1);
	nonces(0xff, 0xff);
	ike_end();
	ck_assert_uint_ne(sim_status(&w, 0, 1).spi_i, old);
	ck_assert_int_eq(sim_status(&w, 0, 1).initiator ? 0 : 1, expected);
	ck_assert_uint_eq(sim_counter(&w, 0, "collisions"), 1);
}

START_TEST(test_collision_ike_a_wins)
{
	ike_collision(0x20, 0x10, 0);
}
END_TEST

START_TEST(test_collision_ike_b_wins)
{
	ike_collision(0x10, 0x20, 1);
}
END_TEST

START_TEST(test_collision_ike_late_or_lost)
{
	int i = _i;

	up_with_group_20();
	nonces(i & 1 ? 0x20 : 0x10, i & 1 ? 0x10 : 0x20);
	sim_rule(&w, (struct sim_rule){.from = (i >> 1) & 1,
				       .exchange = IKE_EXCH_CREATE_CHILD_SA,
				       .response = (i >> 2) & 1,
				       .count = 1,
				       .drop = (i >> 3) & 1,
				       .delay_ms = 2000});
	both(IKE_CMD_REKEY_IKE);
	sim_run(&w, 1);
	nonces(0xff, 0xff);
	ike_end();
}
END_TEST

/* Rekeying the IKE SA on one side, the Child SA on the other: TEMPORARY_FAILURE, later again. */
START_TEST(test_collision_ike_with_child)
{
	up_with_group_20();
	ck_assert_int_eq(sim_command(&w, _i, 1, IKE_CMD_REKEY_IKE), 0);
	ck_assert_int_eq(sim_command(&w, !_i, 1, IKE_CMD_REKEY_CHILD), 0);
	ike_end();
	ck_assert_uint_ge(sim_lines(&w, "N(TEMPORARY_FAILURE)", NULL), 1);
	ck_assert_uint_ge(sim_counter(&w, 0, "ike_rekeyed"), 1);
	ck_assert_uint_ge(sim_counter(&w, 0, "child_rekeyed"), 1);
}
END_TEST

/* Both at one side: one after the other. */
START_TEST(test_collision_queue_of_own)
{
	up_with_group_20();
	ck_assert_int_eq(sim_command(&w, _i & 1, 1,
				     _i & 2 ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD),
			 0);
	ck_assert_int_eq(sim_command(&w, _i & 1, 1,
				     _i & 2 ? IKE_CMD_REKEY_CHILD : IKE_CMD_REKEY_IKE),
			 0);
	ike_end();
	ck_assert_uint_eq(sim_lines(&w, "N(TEMPORARY_FAILURE)", NULL), 0);
	ck_assert_uint_eq(sim_counter(&w, 0, "ike_rekeyed"), 1);
	ck_assert_uint_eq(sim_counter(&w, 0, "child_rekeyed"), 1);
}
END_TEST

START_TEST(test_collision_ike_deletes_cross)
{
	up_with_group_20();
	w.traffic_ms = 0;
	both(IKE_CMD_TERMINATE);
	sim_run(&w, 60000);
	ck_assert(!sim_is_up(&w, 0, 1) && !sim_is_up(&w, 1, 1));
	ck_assert_uint_eq(sim_alive(&w, 0) + sim_alive(&w, 1), 0);
	sim_check_quiet(&w);
	sim_assert(&w);
	/* both are answered with an empty message */
	ck_assert_uint_eq(sim_lines(&w, "INFORMATIONAL response", "{  }"), 2);
}
END_TEST

/* TERMINATE while a rekeying is open: nothing survives on either side. */
START_TEST(test_collision_terminate_while_rekeying)
{
	enum ike_command c = _i & 1 ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD;

	up_with_group_20();
	w.traffic_ms = 0;
	ck_assert_int_eq(sim_command(&w, (_i >> 1) & 1, 1, c), 0);
	sim_run(&w, (uint64_t)(_i >> 2) * 9);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_TERMINATE), 0);
	sim_run(&w, 100000);
	ck_assert(!sim_is_up(&w, 0, 1) && !sim_is_up(&w, 1, 1));
	ck_assert_uint_eq(sim_alive(&w, 0) + sim_alive(&w, 1), 0);
	sim_check_quiet(&w);
	sim_assert(&w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("collision");
	TCase *tc = sim_case("collision");
	SRunner *r;

	tcase_add_test(tc, test_collision_verdicts);
	tcase_add_test(tc, test_collision_lowest_of_four);
	tcase_add_test(tc, test_collision_child_a_wins);
	tcase_add_test(tc, test_collision_child_b_wins);
	tcase_add_loop_test(tc, test_collision_child_late, 0, 8);
	tcase_add_loop_test(tc, test_collision_child_invalid_ke, 0, 8);
	tcase_add_loop_test(tc, test_collision_child_lost, 0, 8);
	tcase_add_test(tc, test_collision_ike_a_wins);
	tcase_add_test(tc, test_collision_ike_b_wins);
	tcase_add_loop_test(tc, test_collision_ike_late_or_lost, 0, 16);
	tcase_add_loop_test(tc, test_collision_ike_with_child, 0, 2);
	tcase_add_loop_test(tc, test_collision_queue_of_own, 0, 4);
	tcase_add_test(tc, test_collision_ike_deletes_cross);
	tcase_add_loop_test(tc, test_collision_terminate_while_rekeying, 0, 32);
	suite_add_tcase(suite, tc);
	r = srunner_create(suite);
	return sim_run_suite(r);
}
