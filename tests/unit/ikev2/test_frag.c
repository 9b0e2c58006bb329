/* SPDX-License-Identifier: GPL-3.0-or-later */
/* frag.c: RFC 7383 section 2.6, and the limits. */
#include "ikev2/frag.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static int add(struct frag *f, uint32_t id, uint16_t number, uint16_t total, const char *text)
{
	return frag_add(f, 1000, id, number, total, number == 1 ? 33 : 0,
			view_of(text, strlen(text)));
}

static void assert_joined(const struct frag *f, const char *expected)
{
	uint8_t *buf = mem_zalloc(FRAG_BYTES_MAX);
	struct view out;

	ck_assert(frag_is_complete(f));
	ck_assert_uint_eq(f->first, 33);
	ck_assert_int_eq(frag_join(f, buf, FRAG_BYTES_MAX, &out), 0);
	ck_assert(view_equal(out, view_of(expected, strlen(expected))));
	free(buf);
}

START_TEST(test_frag_any_order)
{
	static const uint16_t orders[][3] = {{1, 2, 3}, {3, 2, 1}, {2, 3, 1}, {1, 3, 2}};
	static const char *const texts[] = {"one ", "two ", "three"};

	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct frag f = {0};

		for (size_t j = 0; j < 3; j++) {
			uint8_t buf[16];
			struct view out;

			ck_assert(!frag_is_complete(&f));
			ck_assert_int_eq(frag_join(&f, buf, sizeof(buf), &out), ERR_WRONG_STATE);
			ck_assert_int_eq(add(&f, 7, orders[i][j], 3, texts[orders[i][j] - 1]), 0);
		}
		assert_joined(&f, "one two three");
		ck_assert_uint_eq(f.started_ms, 1000);
		frag_clear(&f);
		frag_clear(&f);
	}
}
END_TEST

START_TEST(test_frag_numbers_out_of_range)
{
	struct frag f = {0};

	ck_assert(!frag_wanted(&f, 1, 0, 3));
	ck_assert(!frag_wanted(&f, 1, 4, 3));
	ck_assert(!frag_wanted(&f, 1, 1, 0));
	ck_assert(!frag_wanted(&f, 1, 1, FRAG_COUNT_MAX + 1));
	ck_assert(frag_wanted(&f, 1, FRAG_COUNT_MAX, FRAG_COUNT_MAX));
	ck_assert_int_eq(add(&f, 1, 0, 3, "x"), ERR_EXISTS);
	ck_assert_int_eq(add(&f, 1, 1, 3, ""), ERR_EXISTS);
	ck_assert_uint_eq(f.total, 0);
	ck_assert_ptr_null(f.part);
}
END_TEST

START_TEST(test_frag_duplicate_is_dropped)
{
	struct frag f = {0};

	ck_assert_int_eq(add(&f, 1, 1, 2, "a"), 0);
	ck_assert(!frag_wanted(&f, 1, 1, 2));
	ck_assert_int_eq(add(&f, 1, 1, 2, "b"), ERR_EXISTS);
	ck_assert_int_eq(add(&f, 1, 2, 2, "c"), 0);
	assert_joined(&f, "ac");
	frag_clear(&f);
}
END_TEST

/* Section 2.6: a higher total starts anew, a lower one is dropped. */
START_TEST(test_frag_total_changes)
{
	struct frag f = {0};

	ck_assert_int_eq(add(&f, 1, 1, 2, "old"), 0);
	ck_assert_int_eq(add(&f, 1, 1, 3, "a"), 0);
	ck_assert_uint_eq(f.total, 3);
	ck_assert_uint_eq(f.got, 1);
	ck_assert_int_eq(add(&f, 1, 2, 2, "old"), ERR_EXISTS);
	ck_assert_int_eq(add(&f, 1, 3, 3, "c"), 0);
	ck_assert_int_eq(add(&f, 1, 2, 3, "b"), 0);
	assert_joined(&f, "abc");
	frag_clear(&f);
}
END_TEST

START_TEST(test_frag_other_message)
{
	struct frag f = {0};

	ck_assert_int_eq(add(&f, 5, 1, 3, "old"), 0);
	ck_assert(!frag_wanted(&f, 4, 2, 3));
	ck_assert_int_eq(add(&f, 6, 1, 2, "a"), 0);
	ck_assert_int_eq(add(&f, 5, 2, 3, "old"), ERR_EXISTS);
	ck_assert_int_eq(add(&f, 6, 2, 2, "b"), 0);
	assert_joined(&f, "ab");
	frag_clear(&f);
}
END_TEST

START_TEST(test_frag_bytes_limit)
{
	uint8_t *big = mem_zalloc(FRAG_BYTES_MAX + 1);
	struct frag f = {0};
	struct view out;

	ck_assert_int_eq(frag_add(&f, 0, 1, 1, 2, 33, view_of(big, FRAG_BYTES_MAX - 1)), 0);
	ck_assert_int_eq(frag_add(&f, 0, 1, 2, 2, 0, view_of(big, 2)), ERR_NO_SPACE);
	ck_assert_uint_eq(f.total, 0); /* all was dropped */
	ck_assert_int_eq(frag_add(&f, 0, 1, 1, 1, 33, view_of(big, FRAG_BYTES_MAX + 1)),
			 ERR_NO_SPACE);
	ck_assert_int_eq(frag_add(&f, 0, 1, 1, 1, 33, view_of(big, FRAG_BYTES_MAX)), 0);
	ck_assert_int_eq(frag_join(&f, big, FRAG_BYTES_MAX - 1, &out), ERR_NO_SPACE);
	ck_assert_int_eq(frag_join(&f, big, FRAG_BYTES_MAX, &out), 0);
	frag_clear(&f);
	free(big);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_frag_any_order,
		test_frag_numbers_out_of_range,
		test_frag_duplicate_is_dropped,
		test_frag_total_changes,
		test_frag_other_message,
		test_frag_bytes_limit,
	};

	return run_cases("frag", tests, ARRAY_LEN(tests));
}
