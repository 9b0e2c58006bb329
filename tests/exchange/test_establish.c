/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coming up: both roles, algorithms, INVALID_KE_PAYLOAD, cookies, two tiers, identities. */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>

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
	sim_finish();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_establish_two_engines};

	return sim_suite("establish", tests, ARRAY_LEN(tests));
}
