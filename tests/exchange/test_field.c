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
	sim_bring_up_default();
	sim_run(&w, 2000);
	ike_engine_child_broken(w.node[1].engine, w.now_ms, child_of(1));
	sim_run(&w, 500);
	ck_assert_uint_eq(sim_alive(&w, 1), 0);
	ck_assert_uint_eq(sim_alive(&w, 0), 0);
	ck_assert(sim_is_up(&w, 0, 1)); /* the IKE SA stays */
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_field_last_child_deleted_by_peer};

	return sim_suite("field", tests, ARRAY_LEN(tests));
}
