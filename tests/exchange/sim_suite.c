/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every exchange test program shares: the world and the runner. */
#include "sim.h"

#include <check.h>
#include <stdlib.h>

struct sim w;

static void setup(void)
{
	sim_init(&w, 1, 2);
	w.print = getenv("IKESH_SIM_LADDER") != NULL;
}

static void teardown(void)
{
	sim_clear(&w);
}

struct TCase *sim_case(const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	return tc;
}

int sim_run_suite(struct SRunner *r)
{
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int sim_suite(const char *name, const struct TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tc = sim_case(name);

	for (size_t i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}

void sim_bring_up(struct ike_tunnel *a, struct ike_tunnel *b)
{
	a->initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, b), 0);
	ck_assert_int_eq(sim_set(&w, 0, a), 0);
	sim_run(&w, 5000);
	if (!sim_is_up(&w, 0, 1) || !sim_is_up(&w, 1, 1))
		ck_abort_msg("not up\n%s", w.ladder.text);
}

void sim_bring_up_default(void)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	sim_bring_up(&a, &b);
}

void sim_finish(void)
{
	sim_check_quiet(&w);
	sim_check_agree(&w, 0, 1, 1);
	sim_assert(&w);
}
