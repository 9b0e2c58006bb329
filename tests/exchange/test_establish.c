/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coming up: both roles, algorithms, INVALID_KE_PAYLOAD, cookies, two tiers, identities. */
#include "sim.h"

#include <check.h>
#include <stdlib.h>

static struct sim s;

static void setup(void)
{
	sim_init(&s, 1, 2);
}

static void teardown(void)
{
	sim_clear(&s);
}

static void both_up(struct ike_tunnel *a, struct ike_tunnel *b)
{
	a->initiate = true;
	ck_assert_int_eq(sim_set(&s, 1, b), 0);
	ck_assert_int_eq(sim_set(&s, 0, a), 0);
	sim_run(&s, 5000);
	if (!sim_is_up(&s, 0, 1) || !sim_is_up(&s, 1, 1))
		ck_abort_msg("not up\n%s", s.ladder.text);
	sim_check_quiet(&s);
	sim_check_agree(&s, 0, 1, 1);
	sim_assert(&s);
}

START_TEST(test_establish_two_engines)
{
	struct ike_tunnel a = sim_tunnel(&s, 1, 0, 1), b = sim_tunnel(&s, 1, 1, 0);

	both_up(&a, &b);
	/* --> IKE_SA_INIT, <-- IKE_SA_INIT, --> IKE_AUTH, <-- IKE_AUTH */
	ck_assert_uint_eq(s.node[0].sent, 2);
	ck_assert_uint_eq(s.node[1].sent, 2);
	ck_assert_uint_eq(s.node[0].ups, 1);
	ck_assert_uint_eq(s.node[1].ups, 1);
	ck_assert(sim_status(&s, 0, 1).initiator);
	ck_assert(!sim_status(&s, 1, 1).initiator);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("establish");
	TCase *tc = tcase_create("establish");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_establish_two_engines);
	suite_add_tcase(suite, tc);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
