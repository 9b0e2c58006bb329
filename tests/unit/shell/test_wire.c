/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages between ikesh and ikeshd: octets written by hand, limits, every truncation, bit flips.
 */
#include "platform/base/mem.h"
#include "shell/wire.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static const struct {
	const char *bytes;
	size_t len;
	struct wire_message m;
	const char *text;
} samples[] = {
	{"\x01\x00\x01\xff\x03\x00\x18\x00\x50",
	 9,
	 {.type = WIRE_HELLO,
	  .version = 1,
	  .privilege = 255,
	  .flags = WIRE_INTERACTIVE | WIRE_COLOR,
	  .rows = 24,
	  .columns = 80},
	 ""},
	{"\x02show version", 13, {.type = WIRE_LINE}, "show version"},
	{"\x03"
	 "a\nb\n",
	 5,
	 {.type = WIRE_TEXT},
	 "a\nb\n"},
	{"\x04", 1, {.type = WIRE_PASTE}, ""},
	{"\x05site.conf", 10, {.type = WIRE_CHECK}, "site.conf"},
	{"\x06yes", 4, {.type = WIRE_ANSWER}, "yes"},
	{"\x07", 1, {.type = WIRE_INTERRUPT}, ""},
	{"\x08sh", 3, {.type = WIRE_HELP}, "sh"},
	{"\x09sh", 3, {.type = WIRE_COMPLETE}, "sh"},
	{"\x0apsk x", 6, {.type = WIRE_SECRET}, "psk x"},
	{"\x0b"
	 "f",
	 2,
	 {.type = WIRE_BEGIN_FILE},
	 "f"},
	{"\x0c", 1, {.type = WIRE_END_FILE}, ""},
	{"\x0d\x00\x32\x00\x84", 5, {.type = WIRE_WINDOW, .rows = 50, .columns = 132}, ""},
	{"\x0e"
	 "a\nb\n",
	 5,
	 {.type = WIRE_LINES},
	 "a\nb\n"},
	{"\x40\x00\x01\x0fgw1#", 8, {.type = WIRE_WELCOME, .version = 1, .privilege = 15}, "gw1#"},
	{"\x41no", 3, {.type = WIRE_REFUSED}, "no"},
	{"\x42x\n", 3, {.type = WIRE_OUTPUT}, "x\n"},
	{"\x43\x04Key: ", 7, {.type = WIRE_ASK, .flags = WIRE_HIDDEN}, "Key: "},
	{"\x44\x00\x00\x00\x01gw1#", 9, {.type = WIRE_DONE, .status = 1}, "gw1#"},
	{"\x45*\n", 3, {.type = WIRE_ASYNC}, "*\n"},
	{"\x46", 1, {.type = WIRE_CLOSE}, ""},
	{"\x47\x00\x18\x01\xff", 5, {.type = WIRE_TERMINAL, .rows = 24, .columns = 511}, ""},
	{"\x48\x08?", 3, {.type = WIRE_HELP_TEXT, .flags = WIRE_LAST}, "?"},
	{"\x49\x00w\n", 4, {.type = WIRE_CANDIDATES}, "w\n"},
	{"\x4a\x00\x00\x00\x01", 5, {.type = WIRE_SECRECY, .status = 1}, ""},
	{"\x4b\x00\x00\x01\x00", 5, {.type = WIRE_CHECKED, .status = 256}, ""},
	{"\x4c", 1, {.type = WIRE_HOLD}, ""},
};

START_TEST(test_encode_samples)
{
	uint8_t buf[WIRE_MESSAGE_MAX];

	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct wire_message m = samples[i].m;
		size_t len = 0;

		m.text = view_of(samples[i].text, strlen(samples[i].text));
		ck_assert_int_eq(wire_encode(&m, buf, sizeof(buf), &len), 0);
		ck_assert_uint_eq(len, samples[i].len);
		ck_assert_mem_eq(buf, samples[i].bytes, len);
	}
}
END_TEST

START_TEST(test_decode_samples)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const struct wire_message *want = &samples[i].m;
		struct wire_message m;

		ck_assert_int_eq(wire_decode(view_of(samples[i].bytes, samples[i].len), &m), 0);
		ck_assert_int_eq(m.type, want->type);
		ck_assert_uint_eq(m.version, want->version);
		ck_assert_uint_eq(m.privilege, want->privilege);
		ck_assert_uint_eq(m.flags, want->flags);
		ck_assert_uint_eq(m.status, want->status);
		ck_assert_uint_eq(m.rows, want->rows);
		ck_assert_uint_eq(m.columns, want->columns);
		ck_assert_uint_eq(m.text.len, strlen(samples[i].text));
		ck_assert(m.text.len == 0 || memcmp(m.text.data, samples[i].text, m.text.len) == 0);
		ck_assert_str_ne(wire_type_name(m.type), "unknown");
		ck_assert(wire_from_client(m.type) == (samples[i].bytes[0] < 64));
	}
}
END_TEST

/* Octets of the fixed fields behind the type. */
static size_t fixed_len(size_t sample)
{
	return samples[sample].len - 1 - strlen(samples[sample].text);
}

START_TEST(test_decode_truncated)
{
	struct wire_message m;

	ck_assert_int_eq(wire_decode(view_of("", 0), &m), ERR_TRUNCATED);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		for (size_t len = 1; len <= fixed_len(i); len++)
			ck_assert_int_eq(wire_decode(view_of(samples[i].bytes, len), &m),
					 ERR_TRUNCATED);
	}
}
END_TEST

START_TEST(test_decode_bit_flips)
{
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		for (size_t bit = 0; bit < samples[i].len * 8; bit++) {
			uint8_t copy[64];
			struct wire_message m;

			memcpy(copy, samples[i].bytes, samples[i].len);
			copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (wire_decode(view_of(copy, samples[i].len), &m) == 0)
				ck_assert_uint_le(m.text.len, samples[i].len);
		}
	}
}
END_TEST

START_TEST(test_decode_unknown_type)
{
	struct wire_message m;

	for (unsigned type = 0; type < 256; type++) {
		uint8_t octets[8] = {(uint8_t)type, 0, 1};
		bool known = (type >= 1 && type <= 14) || (type >= 64 && type <= 76);

		if (!known) {
			ck_assert_int_eq(wire_decode(view_of(octets, sizeof(octets)), &m),
					 ERR_INVALID);
			ck_assert_str_eq(wire_type_name((enum wire_type)type), "unknown");
			ck_assert(!wire_from_client((enum wire_type)type));
		}
	}
}
END_TEST

START_TEST(test_decode_refuses_what_a_type_does_not_carry)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{"\x02"
		 "a\nb",
		 4}, /* a line end in a line */
		{"\x02"
		 "a\rb",
		 4}, /* the other one */
		{"\x03"
		 "a\0b",
		 4},					       /* NUL in a text */
		{"\x04x", 2},				       /* text behind PASTE */
		{"\x01\x00\x01\xff\x04\x00\x00\x00\x00", 9},   /* HIDDEN in HELLO */
		{"\x01\x00\x01\xff\x03\x00\x00\x00\x00x", 10}, /* text behind HELLO */
		{"\x43\x08Key", 5},			       /* LAST in ASK */
		{"\x4b\x00\x00\x01\x00x", 6},		       /* text behind CHECKED */
	};
	struct wire_message m;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_int_eq(wire_decode(view_of(bad[i].bytes, bad[i].len), &m), ERR_INVALID);
}
END_TEST

/* Another version may carry anything behind its number. */
START_TEST(test_decode_other_version)
{
	struct wire_message m;

	ck_assert_int_eq(wire_decode(view_of("\x01\x00\x02\xff\xff\xff\xff", 7), &m), 0);
	ck_assert_int_eq(m.type, WIRE_HELLO);
	ck_assert_uint_eq(m.version, 2);
	ck_assert_uint_eq(m.text.len, 0);
}
END_TEST

START_TEST(test_text_limit)
{
	char *text = mem_zalloc(WIRE_TEXT_MAX + 2);
	uint8_t *buf = mem_zalloc(WIRE_MESSAGE_MAX + 16);
	struct wire_message m = {.type = WIRE_OUTPUT};
	size_t len = 0;

	memset(text, 'x', WIRE_TEXT_MAX + 1);
	m.text = view_of(text, WIRE_TEXT_MAX);
	ck_assert_int_eq(wire_encode(&m, buf, WIRE_MESSAGE_MAX, &len), 0);
	ck_assert_uint_eq(len, WIRE_TEXT_MAX + 1);
	ck_assert_int_eq(wire_decode(view_of(buf, len), &m), 0);
	ck_assert_uint_eq(m.text.len, WIRE_TEXT_MAX);
	buf[len] = 'x';
	ck_assert_int_eq(wire_decode(view_of(buf, len + 1), &m), ERR_RANGE);
	m.text = view_of(text, WIRE_TEXT_MAX + 1);
	ck_assert_int_eq(wire_encode(&m, buf, WIRE_MESSAGE_MAX + 16, &len), ERR_RANGE);
	m.text = view_of(text, 10);
	ck_assert_int_eq(wire_encode(&m, buf, 10, &len), ERR_NO_SPACE);
	free(text);
	free(buf);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_encode_samples,	   test_decode_samples,
		test_decode_truncated,	   test_decode_bit_flips,
		test_decode_unknown_type,  test_decode_refuses_what_a_type_does_not_carry,
		test_decode_other_version, test_text_limit,
	};

	return run_cases("wire", tests, ARRAY_LEN(tests));
}
