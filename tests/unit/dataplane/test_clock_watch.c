/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jumps of the clock are told once, what daemons of time do is not. */
#include "dataplane/site/clock_watch.h"
#include "tests/unit/dataplane/run_suite.h"

#define DAY  86400000LL
#define WALL 1795442400000ULL

static struct clock_watch w;
static uint64_t now;

/* So many seconds with a clock that gains so much in each; how often and what was told. */
static int64_t pass(unsigned seconds, int64_t *wall, int64_t gain_ms, unsigned *times)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < seconds; i++) {
		int64_t told;

		now += 1000;
		*wall += 1000 + gain_ms;
		told = clock_watch_look(&w, now, (uint64_t)*wall);
		*times += told != 0;
		sum += told;
	}
	return sum;
}

START_TEST(test_clock_watch_jumps)
{
	static const int64_t jumps[] = {DAY, -DAY, 3000, -3000};
	int64_t wall = WALL;

	now = 5000;
	clock_watch_init(&w, now, (uint64_t)wall);
	for (size_t i = 0; i < 4; i++) {
		unsigned times = 0;

		ck_assert_int_eq(pass(100, &wall, 0, &times), 0);
		wall += jumps[i];
		ck_assert_int_eq(pass(100, &wall, 0, &times), jumps[i]);
		ck_assert_uint_eq(times, 1);
	}
}
END_TEST

/* 500 parts in a million is the most that Linux slews: adjtimex(2). */
START_TEST(test_clock_watch_slewed)
{
	int64_t wall = WALL;
	unsigned times = 0;

	now = 5000;
	clock_watch_init(&w, now, (uint64_t)wall);
	for (unsigned i = 0; i < 50000; i++) {
		ck_assert_int_eq(pass(2, &wall, 0, &times), 0);
		wall++;
	}
	wall += 1500;
	ck_assert_int_eq(pass(10, &wall, 0, &times), 0);
	ck_assert_uint_eq(times, 0);
}
END_TEST

/* One that stands still is told again and again, once a minute, and nothing is left out. */
START_TEST(test_clock_watch_frozen)
{
	int64_t wall = WALL;
	unsigned times = 0;

	now = 5000;
	clock_watch_init(&w, now, (uint64_t)wall);
	ck_assert_int_le(pass(600, &wall, -1000, &times), -540000);
	ck_assert_uint_ge(times, 10);
	ck_assert_uint_le(times, 11);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("clock_watch");
	TCase *c = tcase_create("all");

	tcase_add_test(c, test_clock_watch_jumps);
	tcase_add_test(c, test_clock_watch_slewed);
	tcase_add_test(c, test_clock_watch_frozen);
	suite_add_tcase(s, c);
	return run_suite(s);
}
