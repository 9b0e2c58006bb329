/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each test program of this folder shares: how it runs, and repeatable random numbers. */
#ifndef TESTS_UNIT_PLATFORM_SUITE_H
#define TESTS_UNIT_PLATFORM_SUITE_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#define TEST_SKIPPED 77 /* SKIP_RETURN_CODE */

static inline int run_cases(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* xorshift64: the same seed gives the same walk everywhere. */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#endif
