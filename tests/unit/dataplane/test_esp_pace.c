/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a worker lets packets gather, and when it must not. */
#include "dataplane/esp/pace.h"
#include "tests/unit/dataplane/run_suite.h"

static struct esp_pace pace;
static uint64_t now_ns;

static void set_up(void)
{
	pace = (struct esp_pace){.streak = 0};
	now_ns = 1000000000;
}

/* A turn that begins after_us later. */
static bool turn(unsigned after_us, size_t packets, size_t octets_each, bool more)
{
	struct esp_turn t = {.packets = packets, .octets = packets * octets_each, .more = more};
	uint32_t nap;

	now_ns += after_us * UINT64_C(1000);
	t.woke_ns = now_ns;
	nap = esp_pace_turn(&pace, &t);
	ck_assert_uint_le(nap, 100000); /* ten of them in a round trip under load */
	if (nap != 0) {
		now_ns += nap;
		esp_pace_rested(&pace, now_ns);
	}
	return nap != 0;
}

/* Turns of 1 small packet until the first nap; 0: none in 1000. */
static unsigned turns_until_nap(unsigned after_us)
{
	for (unsigned i = 1; i <= 1000; i++) {
		if (turn(after_us, 1, 92, false))
			return i;
	}
	return 0;
}

START_TEST(test_lone_packets_never_wait)
{
	ck_assert_uint_eq(turns_until_nap(100), 0);
	for (int i = 0; i < 100; i++) { /* short bursts: an answer to each of a few questions */
		ck_assert(!turn(1000, 1, 92, false));
		for (int k = 0; k < 6; k++)
			ck_assert(!turn(5, 1, 92, false));
	}
}
END_TEST

START_TEST(test_many_small_packets_gather)
{
	unsigned first = turns_until_nap(5);

	ck_assert_uint_gt(first, 1);
	ck_assert_uint_le(first, 10);
	for (int i = 0; i < 100; i++)
		ck_assert(turn(1, 10, 92, false));
}
END_TEST

/* The flood is over: the first nap that brought too little is the last. */
START_TEST(test_naps_end)
{
	ck_assert_uint_ne(turns_until_nap(5), 0);
	ck_assert(!turn(1, 2, 92, false));
	ck_assert(!turn(5, 1, 92, false));
	ck_assert_uint_eq(turns_until_nap(100), 0);
}
END_TEST

START_TEST(test_long_packets_never_wait)
{
	for (int i = 0; i < 1000; i++)
		ck_assert(!turn(5, 2, 1400, false));
}
END_TEST

/* Streams of super-packets: turns gather more of them; a lone one, or a pause, ends it. */
START_TEST(test_bulk_gathers)
{
	unsigned first = 0;

	for (unsigned i = 1; i <= 20 && first == 0; i++) {
		if (turn(100, 1, 64000, false))
			first = i;
	}
	ck_assert_uint_gt(first, 4);
	ck_assert_uint_le(first, 10);
	for (int i = 0; i < 100; i++)
		ck_assert(turn(1, 3, 32000, false));
	for (int i = 0; i < 100; i++) { /* with acknowledgements between */
		ck_assert(!turn(1, 2, 92, false));
		ck_assert(turn(50, 1, 64000, false));
	}
	ck_assert(!turn(1000, 1, 92, false)); /* a pause */
	ck_assert(!turn(50, 1, 64000, false));
	set_up();
	for (int i = 0; i < 100; i++)
		ck_assert(!turn(1000, 1, 64000, false)); /* 500 Mbit/s: nothing to gather */
}
END_TEST

/* There is work already: no reason to sleep. */
START_TEST(test_full_batches_never_wait)
{
	for (int i = 0; i < 1000; i++)
		ck_assert(!turn(5, 64, 92, true));
}
END_TEST

START_TEST(test_empty_turns_never_wait)
{
	for (int i = 0; i < 1000; i++)
		ck_assert(!turn(5, 0, 0, false));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("esp_pace");
	TCase *t = tcase_create("pace");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, test_lone_packets_never_wait);
	tcase_add_test(t, test_many_small_packets_gather);
	tcase_add_test(t, test_naps_end);
	tcase_add_test(t, test_long_packets_never_wait);
	tcase_add_test(t, test_bulk_gathers);
	tcase_add_test(t, test_full_batches_never_wait);
	tcase_add_test(t, test_empty_turns_never_wait);
	suite_add_tcase(s, t);
	return run_suite(s);
}
