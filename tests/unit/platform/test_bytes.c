/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bytes.c: big-endian values, every truncation, overruns that stick. */
#include "platform/base/bytes.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t sample[18] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
				   0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0xf0, 0xf1, 0xf2};

START_TEST(test_reader_integers)
{
	struct reader r = reader_of(view_of(sample, sizeof(sample)));

	ck_assert_uint_eq(reader_u8(&r), 0x01);
	ck_assert_uint_eq(reader_u16(&r), 0x0203);
	ck_assert_uint_eq(reader_u32(&r), 0x04050607);
	ck_assert(reader_u64(&r) == UINT64_C(0x08090a0b0c0d0e0f));
	ck_assert_uint_eq(reader_left(&r), 3);
	ck_assert(!r.failed);
}
END_TEST

/* Reads 1 + 2 + 4 + 8 + view 2 + copy 1 = 18 bytes. */
static bool read_all(struct reader *r, uint8_t copied[1])
{
	(void)reader_u8(r);
	(void)reader_u16(r);
	(void)reader_u32(r);
	(void)reader_u64(r);
	(void)reader_view(r, 2);
	reader_copy(r, copied, 1);
	return !r->failed;
}

START_TEST(test_reader_every_truncation)
{
	for (size_t len = 0; len <= sizeof(sample); len++) {
		/* a heap copy of exactly len bytes, so that ASan sees each byte beyond */
		uint8_t *exact = malloc(len == 0 ? 1 : len);
		uint8_t copied[1] = {0xee};
		struct reader r;

		ck_assert_ptr_nonnull(exact);
		memcpy(exact, sample, len);
		r = reader_of(view_of(exact, len));
		ck_assert_msg(read_all(&r, copied) == (len == sizeof(sample)), "length %zu", len);
		ck_assert_uint_eq(copied[0], len == sizeof(sample) ? 0xf2 : 0);
		ck_assert_uint_eq(reader_left(&r), 0);
		free(exact);
	}
}
END_TEST

START_TEST(test_reader_failure_sticks)
{
	struct reader r = reader_of(view_of(sample, 3));
	uint8_t filled[2] = {1, 1};

	ck_assert_uint_eq(reader_u32(&r), 0);
	ck_assert(r.failed);
	ck_assert_uint_eq(reader_u8(&r), 0); /* three bytes are there, but no longer trusted */
	ck_assert_uint_eq(reader_view(&r, 1).len, 0);
	ck_assert_uint_eq(reader_rest(&r).len, 0);
	reader_copy(&r, filled, 2);
	ck_assert_uint_eq(filled[0] + filled[1], 0);
	reader_skip(&r, 0);
	ck_assert(r.failed);
}
END_TEST

START_TEST(test_reader_lengths_that_overflow)
{
	struct reader r = reader_of(view_of(sample, 4));

	reader_skip(&r, 2);
	ck_assert_uint_eq(reader_view(&r, SIZE_MAX).len, 0);
	ck_assert(r.failed);
	r = reader_of(view_of(sample, 4));
	reader_skip(&r, 2);
	reader_skip(&r, SIZE_MAX - 1);
	ck_assert(r.failed);
}
END_TEST

START_TEST(test_reader_empty)
{
	struct reader r = reader_of(view_of(NULL, 0));

	ck_assert_uint_eq(reader_rest(&r).len, 0);
	ck_assert_uint_eq(reader_view(&r, 0).len, 0);
	ck_assert(!r.failed);
	ck_assert_uint_eq(reader_u8(&r), 0);
	ck_assert(r.failed);
}
END_TEST

START_TEST(test_writer_mirrors_reader)
{
	uint8_t buf[sizeof(sample)];
	struct writer w = writer_of(buf, sizeof(buf));

	writer_u8(&w, 0x01);
	writer_u16(&w, 0x0203);
	writer_u32(&w, 0x04050607);
	writer_u64(&w, UINT64_C(0x08090a0b0c0d0e0f));
	writer_bytes(&w, sample + 15, 2);
	writer_put(&w, view_of(sample + 17, 1));
	ck_assert(!w.failed);
	ck_assert(view_equal(writer_view(&w), view_of(sample, sizeof(sample))));
	writer_bytes(&w, NULL, 0);
	ck_assert(!w.failed);
	writer_u8(&w, 0);
	ck_assert(w.failed);
	ck_assert_uint_eq(writer_view(&w).len, sizeof(sample));
}
END_TEST

START_TEST(test_writer_every_capacity)
{
	for (size_t cap = 0; cap < sizeof(sample); cap++) {
		uint8_t *exact = malloc(cap == 0 ? 1 : cap);
		struct writer w = writer_of(exact, cap);

		ck_assert_ptr_nonnull(exact);
		for (unsigned i = 0; i < 9; i++)
			writer_u16(&w, 0xabcd);
		ck_assert(w.failed);
		ck_assert_uint_eq(w.len, cap / 2 * 2);
		free(exact);
	}
}
END_TEST

START_TEST(test_writer_set_only_inside_written)
{
	uint8_t buf[8] = {0};
	static const uint8_t expected[6] = {0xaa, 0, 0x12, 0x34, 0, 0};
	struct writer w = writer_of(buf, sizeof(buf));

	writer_zero(&w, 6);
	writer_set_u8(&w, 0, 0xaa);
	writer_set_u16(&w, 2, 0x1234);
	ck_assert(!w.failed);
	ck_assert_mem_eq(buf, expected, sizeof(expected));
	writer_set_u32(&w, 2, 0xffffffff);
	ck_assert(!w.failed);
	writer_set_u32(&w, 3, 0); /* the last byte is room, but not written */
	ck_assert(w.failed);
	w = writer_of(buf, sizeof(buf));
	writer_u8(&w, 1);
	writer_set_u8(&w, SIZE_MAX, 1);
	ck_assert(w.failed);
}
END_TEST

START_TEST(test_view_equal)
{
	ck_assert(view_equal(view_of(NULL, 0), view_of(sample, 0)));
	ck_assert(view_equal(view_of("ab", 2), view_of("ab", 2)));
	ck_assert(!view_equal(view_of("ab", 2), view_of("ab", 1)));
	ck_assert(!view_equal(view_of("ab", 2), view_of("ac", 2)));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_reader_integers,
		test_reader_every_truncation,
		test_reader_failure_sticks,
		test_reader_lengths_that_overflow,
		test_reader_empty,
		test_writer_mirrors_reader,
		test_writer_every_capacity,
		test_writer_set_only_inside_written,
		test_view_equal,
	};

	return run_cases("bytes", tests, ARRAY_LEN(tests));
}
