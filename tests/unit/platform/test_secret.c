/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret.c, mem.c and rng.c: ownership, aliasing, comparison. */
#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/rng.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

START_TEST(test_secret_life)
{
	struct secret a = SECRET_NONE;
	struct secret b = SECRET_NONE;
	uint8_t *data;

	secret_set(&a, "key", 3);
	secret_copy(&b, &a);
	ck_assert(secret_equal(&a, &b));
	ck_assert_ptr_ne(a.data, b.data);
	data = a.data;
	secret_move(&b, &a);
	ck_assert_ptr_eq(b.data, data);
	ck_assert_ptr_null(a.data);
	ck_assert_uint_eq(a.len, 0);
	secret_set(&b, NULL, 0);
	ck_assert_ptr_null(b.data);
	secret_alloc(&b, 4);
	ck_assert_mem_eq(b.data, "\0\0\0\0", 4);
	ck_assert_uint_eq(secret_view(&b).len, 4);
	secret_clear(&b);
	secret_clear(&b);
}
END_TEST

START_TEST(test_secret_aliases)
{
	struct secret a = SECRET_NONE;

	secret_set(&a, "abcdef", 6);
	secret_set(&a, a.data + 2, 3); /* out of itself */
	ck_assert_uint_eq(a.len, 3);
	ck_assert_mem_eq(a.data, "cde", 3);
	secret_copy(&a, &a);
	secret_move(&a, &a);
	ck_assert_mem_eq(a.data, "cde", 3);
	secret_clear(&a);
}
END_TEST

START_TEST(test_equal_every_bit)
{
	uint8_t a[32];
	uint8_t b[32];

	rng_bytes(a, sizeof(a));
	memcpy(b, a, sizeof(a));
	ck_assert(bytes_equal_ct(a, b, sizeof(a)));
	for (unsigned bit = 0; bit < 256; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert(!bytes_equal_ct(a, b, sizeof(a)));
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert(bytes_equal_ct(NULL, NULL, 0));
}
END_TEST

START_TEST(test_equal_lengths)
{
	struct secret a = SECRET_NONE;
	struct secret b = SECRET_NONE;

	ck_assert(secret_equal(&a, &b));
	secret_set(&a, "ab", 2);
	ck_assert(!secret_equal(&a, &b));
	secret_set(&b, "abc", 3);
	ck_assert(!secret_equal(&a, &b));
	secret_clear(&a);
	secret_clear(&b);
}
END_TEST

START_TEST(test_wipe)
{
	uint8_t bytes[5] = {1, 2, 3, 4, 5};

	bytes_wipe(bytes + 1, 3);
	ck_assert_mem_eq(bytes, "\1\0\0\0\5", 5);
	bytes_wipe(NULL, 0);
}
END_TEST

START_TEST(test_mem)
{
	uint64_t *numbers = mem_calloc(3, sizeof(*numbers));
	char *text = mem_strdup("x");
	uint8_t *empty = mem_zalloc(0);

	ck_assert_uint_eq(numbers[0] + numbers[1] + numbers[2], 0);
	numbers[2] = 7;
	numbers = mem_realloc_array(numbers, 100, sizeof(*numbers));
	ck_assert_uint_eq(numbers[2], 7);
	ck_assert_str_eq(text, "x");
	ck_assert_ptr_nonnull(empty);
	ck_assert_ptr_null(mem_strdup(NULL));
	ck_assert_ptr_null(mem_dup("x", 0));
	free(numbers);
	free(text);
	free(empty);
}
END_TEST

/* A byte that is never written would keep its 0 in all of 64 draws. */
START_TEST(test_rng_fills_everything)
{
	uint8_t seen[1000] = {0};

	for (unsigned draw = 0; draw < 64; draw++) {
		uint8_t bytes[sizeof(seen)] = {0};

		rng_bytes(bytes, sizeof(bytes));
		for (size_t i = 0; i < sizeof(bytes); i++)
			seen[i] |= bytes[i];
	}
	for (size_t i = 0; i < sizeof(seen); i++)
		ck_assert_uint_ne(seen[i], 0);
	rng_bytes(NULL, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_secret_life,	   test_secret_aliases, test_equal_every_bit,
		test_equal_lengths,	   test_wipe,		test_mem,
		test_rng_fills_everything,
	};

	return run_cases("secret", tests, ARRAY_LEN(tests));
}
