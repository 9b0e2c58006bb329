/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found with peers of other makers, in virtual time. */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>

static uint32_t child_of(int node)
{
	struct ike_child_status c;

	ck_assert_int_eq(ike_engine_child_status(w.node[node].engine, 1, 0, &c), 0);
	return c.child;
}

/* Nothing follows: who goes on sending there, sends into the void. */
START_TEST(test_field_last_child_deleted_by_peer)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	while (sim_alive(&w, 0) == 0 || sim_alive(&w, 1) == 0)
		sim_run(&w, 1);
	ike_engine_child_refused(w.node[1].engine, w.now_ms, child_of(1));
	sim_run(&w, 500);
	ck_assert_uint_eq(sim_alive(&w, 1), 0);
	ck_assert_uint_eq(sim_alive(&w, 0), 0);
	ck_assert(sim_is_up(&w, 0, 1)); /* the IKE SA stays */
}
END_TEST

/* Keys that are gone, sequence numbers used up: there is a new one before the old one goes. */
START_TEST(test_field_child_broken_is_replaced)
{
	for (int node = 0; node < 2; node++) {
		uint32_t old;

		if (node == 0)
			sim_bring_up_default();
		old = child_of(node);
		ike_engine_child_broken(w.node[node].engine, w.now_ms, old);
		sim_run(&w, 500);
		ck_assert_uint_ge(sim_alive(&w, node), 1);
		sim_run(&w, 60000);
		ck_assert_uint_eq(sim_alive(&w, 0), 1);
		ck_assert_uint_eq(sim_alive(&w, 1), 1);
		ck_assert_uint_ne(child_of(node), old);
		ck_assert(sim_is_up(&w, node, 1));
	}
}
END_TEST

/* Somebody flushes the kernel's states right after the start; but what breaks again and again is
 * not replaced for ever. */
START_TEST(test_field_new_child_broken)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	uint32_t old;

	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	while (sim_alive(&w, 0) == 0 || sim_alive(&w, 1) == 0)
		sim_run(&w, 1);
	old = child_of(1);
	ike_engine_child_broken(w.node[1].engine, w.now_ms, old);
	while (child_of(1) == old)
		sim_run(&w, 1);
	ck_assert_uint_ge(sim_alive(&w, 0), 1);
	ike_engine_child_broken(w.node[1].engine, w.now_ms, child_of(1));
	sim_run(&w, 20000); /* stragglers of the first one are over */
	ck_assert_uint_eq(sim_alive(&w, 1), 0);
	ck_assert(sim_is_up(&w, 0, 1));
}
END_TEST

/* The peer has two identities for us: the first attempt gets the wrong one, the next says which one
 * is meant (IDr). */
START_TEST(test_field_peer_with_two_identities)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0), other = b;

	other.id = 2;
	other.local_id = sim_id(IKE_ID_FQDN, "other.example.net");
	a.remote_id = other.local_id;
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 1, &other), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 10000);
	ck_assert_int_eq(sim_status(&w, 0, 1).failure.reason, IKE_REASON_ID_MISMATCH);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_AUTH 1 { IDi, IDr,", NULL), 0);
	sim_run(&w, 100000);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert(sim_is_up(&w, 1, 2));
	ck_assert(!sim_is_up(&w, 1, 1));
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_AUTH 1 {", "IDr"), 1);
	sim_assert(&w);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_field_last_child_deleted_by_peer,
				      test_field_child_broken_is_replaced,
				      test_field_new_child_broken,
				      test_field_peer_with_two_identities};

	return sim_suite("field", tests, ARRAY_LEN(tests));
}
