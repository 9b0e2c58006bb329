/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ring between worker and main thread: order, wrapping, fullness, and two threads at once. */
#include "dataplane/esp/ring.h"
#include "tests/unit/dataplane/run_suite.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

#define RECORDS 200000

START_TEST(test_ring_empty_and_full)
{
	struct ring *r = ring_new(64);
	uint8_t head[4] = "abc", body[100] = {7}, got_head[4], got[100];
	size_t len;

	ck_assert(!ring_get(r, got_head, 4, got, sizeof(got), &len));
	ck_assert(!ring_put(r, view_of(head, 4), view_of(body, 57))); /* 4 + 4 + 57 > 64 */
	ck_assert(ring_put(r, view_of(head, 4), view_of(body, 56)));
	ck_assert(!ring_put(r, view_of(NULL, 0), view_of(NULL, 0)));
	ck_assert(ring_get(r, got_head, 4, got, sizeof(got), &len));
	ck_assert_uint_eq(len, 56);
	ck_assert_mem_eq(got_head, head, 4);
	ck_assert_mem_eq(got, body, 56);
	ck_assert(!ring_get(r, got_head, 4, got, sizeof(got), &len));
	ring_free(r);
}
END_TEST

/* Records of every length cross the end of the buffer at every place. */
START_TEST(test_ring_wraps)
{
	struct ring *r = ring_new(256);
	uint8_t body[64], got[64], number[2], got_number[2];
	size_t len;

	for (unsigned i = 0; i < 5000; i++) {
		size_t n = i % (sizeof(body) + 1);

		memset(body, (int)(i & 0xff), sizeof(body));
		number[0] = (uint8_t)(i >> 8);
		number[1] = (uint8_t)i;
		ck_assert(ring_put(r, view_of(number, 2), view_of(body, n)));
		ck_assert(ring_get(r, got_number, 2, got, sizeof(got), &len));
		ck_assert_uint_eq(len, n);
		ck_assert_mem_eq(got_number, number, 2);
		if (n != 0)
			ck_assert_mem_eq(got, body, n);
	}
	ring_free(r);
}
END_TEST

/* A record longer than the reader's buffer is cut, and the next one is whole. */
START_TEST(test_ring_get_cuts)
{
	struct ring *r = ring_new(256);
	uint8_t head[2] = {1, 2}, body[40], got[40] = {0};
	size_t len;

	memset(body, 9, sizeof(body));
	ck_assert(ring_put(r, view_of(head, 2), view_of(body, 40)));
	ck_assert(ring_put(r, view_of(head, 2), view_of(body, 3)));
	ck_assert(ring_get(r, head, 2, got, 10, &len));
	ck_assert_uint_eq(len, 10);
	ck_assert_uint_eq(got[9], 9);
	ck_assert_uint_eq(got[10], 0);
	ck_assert(ring_get(r, head, 2, got, 10, &len));
	ck_assert_uint_eq(len, 3);
	ring_free(r);
}
END_TEST

static void *produce(void *arg)
{
	for (uint32_t i = 0; i < RECORDS; i++) {
		while (!ring_put(arg, view_of(&i, sizeof(i)), view_of(&i, i % 4)))
			(void)sched_yield();
	}
	return NULL;
}

START_TEST(test_ring_two_threads)
{
	struct ring *r = ring_new(1024);
	pthread_t thread;
	uint32_t number, rest;
	size_t len;

	ck_assert_int_eq(pthread_create(&thread, NULL, produce, r), 0);
	for (uint32_t i = 0; i < RECORDS; i++) {
		while (!ring_get(r, &number, sizeof(number), &rest, sizeof(rest), &len))
			(void)sched_yield();
		ck_assert_uint_eq(number, i);
		ck_assert_uint_eq(len, i % 4);
	}
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ring_free(r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_ring");
	TCase *t = tcase_create("ring");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_ring_empty_and_full);
	tcase_add_test(t, test_ring_wraps);
	tcase_add_test(t, test_ring_get_cuts);
	tcase_add_test(t, test_ring_two_threads);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
