/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a test program: runs its suite and gives the exit status. */
#ifndef TESTS_UNIT_DATAPLANE_RUN_SUITE_H
#define TESTS_UNIT_DATAPLANE_RUN_SUITE_H

#include <check.h>
#include <stdlib.h>

static inline int run_suite(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
