/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When cookies are asked for, and how many unprotected answers leave. */
#include "ikev2/halfopen.h"

#include <check.h>
#include <stdlib.h>

static struct halfopen h;
static const uint8_t key[16] = {1, 2, 3};

static void setup(void)
{
	halfopen_init(&h, 4096, 1024, key); /* threshold 409 */
}

static void teardown(void)
{
	halfopen_clear(&h);
}

static struct ip_addr v4(uint32_t n)
{
	return ip_addr_v4(0x0a000000u + n);
}

START_TEST(test_halfopen_per_address)
{
	struct ip_addr a = v4(1), other = v4(2);

	for (int i = 0; i < 3; i++) {
		ck_assert(!halfopen_wants_cookie(&h, 0, &a));
		halfopen_add(&h, 0, &a);
	}
	ck_assert(halfopen_wants_cookie(&h, 0, &a));
	ck_assert(!halfopen_wants_cookie(&h, 0, &other));
	halfopen_remove(&h, 0, &a);
	ck_assert(!halfopen_wants_cookie(&h, 0, &a));
}
END_TEST

/* More than a sixteenth of all places. */
START_TEST(test_halfopen_greedy)
{
	struct ip_addr a = v4(1), other = v4(2);

	for (int i = 0; i <= 1024 / 16; i++) {
		ck_assert(!halfopen_is_greedy(&h, &a));
		halfopen_add(&h, 0, &a);
	}
	ck_assert(halfopen_is_greedy(&h, &a));
	ck_assert(!halfopen_is_greedy(&h, &other));
	halfopen_remove(&h, 0, &a);
	ck_assert(!halfopen_is_greedy(&h, &a));
}
END_TEST

/* IPv6 counts by /64. */
START_TEST(test_halfopen_per_ipv6_prefix)
{
	struct ip_addr a, b, c;

	ck_assert_int_eq(ip_addr_parse("2001:db8:1:2::1", &a), 0);
	ck_assert_int_eq(ip_addr_parse("2001:db8:1:2:ffff::2", &b), 0);
	ck_assert_int_eq(ip_addr_parse("2001:db8:1:3::1", &c), 0);
	for (int i = 0; i < 3; i++)
		halfopen_add(&h, 0, &a);
	ck_assert(halfopen_wants_cookie(&h, 0, &b));
	ck_assert(!halfopen_wants_cookie(&h, 0, &c));
}
END_TEST

/* Over the threshold for everybody, and ten seconds longer. */
START_TEST(test_halfopen_threshold_and_hysteresis)
{
	struct ip_addr stranger = v4(99999), a;

	for (uint32_t i = 0; i < 409; i++) {
		ck_assert(!halfopen_wants_cookie(&h, 1000, &stranger));
		a = v4(i);
		halfopen_add(&h, 1000, &a);
	}
	ck_assert(halfopen_wants_cookie(&h, 1000, &stranger));
	for (uint32_t i = 0; i < 409; i++) {
		a = v4(i);
		halfopen_remove(&h, 2000, &a);
	}
	ck_assert_uint_eq(h.total, 0);
	ck_assert_uint_eq(h.prefixes.count, 0);
	ck_assert(halfopen_wants_cookie(&h, 11999, &stranger));
	ck_assert(!halfopen_wants_cookie(&h, 12001, &stranger));
}
END_TEST

START_TEST(test_halfopen_hard_limit)
{
	for (uint32_t i = 0; i < 1024; i++) {
		struct ip_addr a = v4(i);

		ck_assert(!halfopen_is_full(&h));
		halfopen_add(&h, 0, &a);
	}
	ck_assert(halfopen_is_full(&h));
}
END_TEST

/* Five answers at once per address, then one each half second; a hundred per second for all. */
START_TEST(test_halfopen_replies)
{
	struct ip_addr a = v4(1);
	unsigned sent = 0;

	for (int i = 0; i < 50; i++)
		sent += halfopen_may_reply(&h, 0, &a);
	ck_assert_uint_eq(sent, 5);
	ck_assert(!halfopen_may_reply(&h, 499, &a));
	ck_assert(halfopen_may_reply(&h, 500, &a));
	ck_assert(!halfopen_may_reply(&h, 501, &a));
	for (int i = 0; i < 5; i++)
		ck_assert(halfopen_may_reply(&h, 1000000, &a));
	ck_assert(!halfopen_may_reply(&h, 1000000, &a));
	sent = 0;
	for (uint32_t i = 0; i < 100000; i++) {
		struct ip_addr s = v4(i);

		sent += halfopen_may_reply(&h, 2000000, &s);
	}
	ck_assert_uint_le(sent, 100);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("halfopen");
	TCase *tc = tcase_create("halfopen");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_halfopen_per_address);
	tcase_add_test(tc, test_halfopen_greedy);
	tcase_add_test(tc, test_halfopen_per_ipv6_prefix);
	tcase_add_test(tc, test_halfopen_threshold_and_hysteresis);
	tcase_add_test(tc, test_halfopen_hard_limit);
	tcase_add_test(tc, test_halfopen_replies);
	suite_add_tcase(s, tc);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
