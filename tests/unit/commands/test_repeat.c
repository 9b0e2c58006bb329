/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repeat suppression: what is told at once, what later, and what never. */
#include "commands/repeat.h"

#include <check.h>
#include <stdio.h>

#define MINUTE 60000

static struct repeat *r;

static void set_up(void)
{
	r = repeat_new();
	repeat_interval(r, 600);
}

static void tear_down(void)
{
	repeat_free(r);
}

START_TEST(test_first_is_told_and_its_end)
{
	ck_assert(repeat_opened(r, 0, 1, "Lyon", 1, 7));
	ck_assert(repeat_closed(r, 1, "Lyon", 1, 7));
	ck_assert_uint_eq(repeat_count(r), 0);
	ck_assert_uint_eq(repeat_deadline(r), 10 * MINUTE);
}
END_TEST

START_TEST(test_repeats_are_told_at_the_end)
{
	uint64_t story = 0;
	uint32_t untold = 0;

	ck_assert(repeat_opened(r, 0, 1, "Lyon", 1, 7));
	for (unsigned i = 1; i <= 5; i++) {
		ck_assert(!repeat_opened(r, i * MINUTE, 1, "Lyon", 1, 7 + i));
		ck_assert(!repeat_closed(r, 1, "Lyon", 1, 7 + i));
	}
	ck_assert(!repeat_next(r, 10 * MINUTE - 1, &story, &untold));
	ck_assert(repeat_next(r, 10 * MINUTE, &story, &untold));
	ck_assert_uint_eq(story, 12);
	ck_assert_uint_eq(untold, 5);
	ck_assert(!repeat_next(r, 10 * MINUTE, &story, &untold));
	/* The one that was told now may end, and the next interval has begun. */
	ck_assert(repeat_closed(r, 1, "Lyon", 1, 12));
	ck_assert(!repeat_opened(r, 11 * MINUTE, 1, "Lyon", 1, 13));
	ck_assert_uint_eq(repeat_deadline(r), 20 * MINUTE);
	ck_assert_uint_eq(repeat_count(r), 6);
}
END_TEST

START_TEST(test_other_things_are_others)
{
	ck_assert(repeat_opened(r, 0, 1, "Lyon", 1, 1));
	ck_assert(repeat_opened(r, 0, 2, "Lyon", 1, 2));
	ck_assert(repeat_opened(r, 0, 1, "Lyon", 2, 3));
	ck_assert(repeat_opened(r, 0, 1, "Lyon2", 1, 4));
}
END_TEST

START_TEST(test_quiet_ends_the_interval)
{
	uint64_t story;
	uint32_t untold;

	ck_assert(repeat_opened(r, 0, 1, "Lyon", 1, 1));
	ck_assert(!repeat_next(r, 10 * MINUTE, &story, &untold));
	ck_assert_uint_eq(repeat_deadline(r), UINT64_MAX);
	ck_assert(repeat_opened(r, 10 * MINUTE, 1, "Lyon", 1, 2));
}
END_TEST

/* What was told before the interval began may end within it. */
START_TEST(test_end_of_an_older_one_is_told)
{
	ck_assert(repeat_opened(r, 0, 1, "Lyon", 1, 5));
	ck_assert(!repeat_opened(r, 1, 1, "Lyon", 1, 6));
	ck_assert(repeat_closed(r, 1, "Lyon", 1, 5));
	ck_assert(repeat_closed(r, 1, "Lyon", 1, 4));
	ck_assert(!repeat_closed(r, 1, "Lyon", 1, 6));
}
END_TEST

START_TEST(test_zero_tells_everything)
{
	repeat_interval(r, 0);
	ck_assert(repeat_opened(r, 0, 1, "Lyon", 1, 1));
	ck_assert(repeat_opened(r, 0, 1, "Lyon", 1, 2));
	ck_assert_uint_eq(repeat_deadline(r), UINT64_MAX);
}
END_TEST

START_TEST(test_memory_is_bounded)
{
	char name[32];

	for (unsigned i = 0; i < REPEAT_THINGS_MAX + 10; i++) {
		snprintf(name, sizeof(name), "site%u", i);
		ck_assert(repeat_opened(r, 0, 1, name, 0, i + 1));
	}
	/* Known ones are suppressed, those beyond are told each time. */
	ck_assert(!repeat_opened(r, 1, 1, "site0", 0, 9000));
	ck_assert(repeat_opened(r, 1, 1, name, 0, 9001));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("repeat");
	TCase *tc = tcase_create("repeat");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_first_is_told_and_its_end);
	tcase_add_test(tc, test_repeats_are_told_at_the_end);
	tcase_add_test(tc, test_other_things_are_others);
	tcase_add_test(tc, test_quiet_ends_the_interval);
	tcase_add_test(tc, test_end_of_an_older_one_is_told);
	tcase_add_test(tc, test_zero_tells_everything);
	tcase_add_test(tc, test_memory_is_bounded);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
