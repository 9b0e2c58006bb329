/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where workers stay: they come together where their packets are, and part under load. */
#include "dataplane/esp/place.h"
#include "tests/unit/dataplane/run_suite.h"

#define US UINT64_C(1000)
#define MS (1000 * US)

static struct esp_place place;
static uint64_t now_ns;

static void set_up(void)
{
	esp_place_init(&place, 7);
	now_ns = 1000 * MS;
}

/* A turn that begins after_ns later and takes took_ns. */
static int turn(struct esp_place *p, uint64_t after_ns, uint64_t took_ns, int origin, int own)
{
	struct esp_visit v = {.origin = origin, .own = own};

	now_ns += after_ns;
	v.woke_ns = now_ns;
	now_ns += took_ns;
	v.ended_ns = now_ns;
	return esp_place_turn(p, &v);
}

/* Turns until it has something to say; 0: nothing in 1000. */
static unsigned turns_until(int *to, uint64_t after_ns, uint64_t took_ns, int origin, int own)
{
	for (unsigned i = 1; i <= 1000; i++) {
		*to = turn(&place, after_ns, took_ns, origin, own);
		if (*to != ESP_PLACE_KEEP)
			return i;
	}
	return 0;
}

START_TEST(test_goes_where_packets_come)
{
	int to = ESP_PLACE_KEEP;

	ck_assert_uint_ge(turns_until(&to, 5 * MS, 10 * US, 3, 1), 8);
	ck_assert_int_eq(to, 3);
	ck_assert_uint_eq(turns_until(&to, 5 * MS, 10 * US, 3, 3), 0);
	ck_assert_uint_ne(turns_until(&to, 5 * MS, 10 * US, 0, 3), 0);
	ck_assert_int_eq(to, 0);
}
END_TEST

START_TEST(test_unknown_origin)
{
	int to;

	ck_assert_uint_eq(turns_until(&to, 5 * MS, 10 * US, -1, 1), 0);
}
END_TEST

/* More than a quarter of the time at work: anywhere, at once said and only once. */
START_TEST(test_load_sets_free)
{
	int to = ESP_PLACE_KEEP;

	ck_assert_uint_ne(turns_until(&to, 5 * MS, 10 * US, 0, 1), 0);
	ck_assert_int_eq(to, 0);
	ck_assert_uint_le(turns_until(&to, 20 * US, 20 * US, 0, 0), 2000);
	ck_assert_int_eq(to, ESP_PLACE_ANY);
	ck_assert_uint_eq(turns_until(&to, 20 * US, 20 * US, 0, 1), 0);
}
END_TEST

START_TEST(test_full_batch_sets_free_at_once)
{
	struct esp_visit v = {.more = true, .origin = 0, .own = 0};
	int to = ESP_PLACE_KEEP;

	ck_assert_uint_ne(turns_until(&to, 5 * MS, 10 * US, 0, 1), 0);
	v.woke_ns = v.ended_ns = now_ns;
	ck_assert_int_eq(esp_place_turn(&place, &v), ESP_PLACE_ANY);
	ck_assert_int_eq(esp_place_turn(&place, &v), ESP_PLACE_KEEP);
}
END_TEST

/* What the worker brings about by itself, without a sleep, is no reason. */
START_TEST(test_own_answers_do_not_count)
{
	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(turn(&place, 5 * MS, 10 * US, 1, 1), ESP_PLACE_KEEP);
		ck_assert_int_eq(turn(&place, 1 * US, 10 * US, 0, 1), ESP_PLACE_KEEP);
	}
}
END_TEST

/* Packets go from a host to one worker, to another one, and back: wherever the three are, the
 * workers come to the host's processor, and stay. */
START_TEST(test_two_workers_meet)
{
	const int host = _i & 1;
	int a = _i >> 1 & 1, b = _i >> 2 & 1, to;
	struct esp_place other;
	unsigned moves = 0;

	esp_place_init(&place, 100);
	esp_place_init(&other, 101);
	for (int i = 0; i < 4000; i++) {
		int before = a + 2 * b;

		to = turn(&place, 5 * MS, 10 * US, host, a);
		a = to >= 0 ? to : a;
		to = turn(&other, 40 * US, 10 * US, a, b);
		b = to >= 0 ? to : b;
		to = turn(&place, 40 * US, 10 * US, b, a);
		a = to >= 0 ? to : a;
		if (i >= 2000)
			moves += before != a + 2 * b;
	}
	ck_assert_int_eq(a, host);
	ck_assert_int_eq(b, host);
	ck_assert_uint_eq(moves, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("esp_place");
	TCase *t = tcase_create("place");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, test_goes_where_packets_come);
	tcase_add_test(t, test_unknown_origin);
	tcase_add_test(t, test_load_sets_free);
	tcase_add_test(t, test_full_batch_sets_free_at_once);
	tcase_add_test(t, test_own_answers_do_not_count);
	tcase_add_loop_test(t, test_two_workers_meet, 0, 8);
	suite_add_tcase(s, t);
	return run_suite(s);
}
