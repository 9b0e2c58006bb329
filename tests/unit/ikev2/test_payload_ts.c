/* SPDX-License-Identifier: GPL-3.0-or-later */
/* payload_ts.c by the figures of RFC 7296 section 3.13. */
#include "ikev2/payload_ts.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

/* 192.0.2.0-192.0.2.255 any, 2001:db8::-2001:db8::ff TCP 80-443 */
#define V4	"07 00 0010 0000 ffff c0000200 c00002ff"
#define V6	"08 06 0028 0050 01bb 20010db8000000000000000000000000 20010db80000000000000000000000ff"
#define EXAMPLE "02 000000" V4 V6

START_TEST(test_payload_ts_read_and_write_example)
{
	struct octets body = hex(EXAMPLE);
	struct payload_ts ts;
	struct message_builder b;
	struct view out;
	uint8_t buf[128];
	char text[IP_RANGE_TEXT_MAX];

	ck_assert_int_eq(payload_ts_read(octets_view(&body), &ts), 0);
	ck_assert_uint_eq(ts.list.count, 2);
	ck_assert_uint_eq(ts.ignored, 0);
	ck_assert_str_eq(ip_range_text(&ts.list.ts[0].range, text, sizeof(text)), "192.0.2.0/24");
	ck_assert_uint_eq(ts.list.ts[0].protocol, 0);
	ck_assert_uint_eq(ts.list.ts[0].port_last, 65535);
	ck_assert_str_eq(ip_range_text(&ts.list.ts[1].range, text, sizeof(text)), "2001:db8::/120");
	ck_assert_uint_eq(ts.list.ts[1].protocol, 6);
	ck_assert_uint_eq(ts.list.ts[1].port_first, 80);
	ck_assert_uint_eq(ts.list.ts[1].port_last, 443);
	message_chain_start(&b, buf, sizeof(buf));
	payload_ts_write(&b, IKE_PAYLOAD_TSR, &ts.list);
	ck_assert_int_eq(message_finish(&b, &out), 0);
	ck_assert_uint_eq(b.first, IKE_PAYLOAD_TSR);
	assert_octets(out, "00 00 0040" EXAMPLE);
}
END_TEST

START_TEST(test_payload_ts_read_cases)
{
	static const struct {
		const char *body;
		int rc;
		unsigned kept, ignored;
	} cases[] = {
		{"01 000000" V4, 0, 1, 0},
		{"01 ffffff" V4, 0, 1, 0}, /* reserved */
		{"00 000000", ERR_INVALID, 0, 0},
		{"00 000000" V4, ERR_INVALID, 0, 0},
		{"02 000000" V4, ERR_INVALID, 0, 0}, /* count and selectors disagree */
		{"01 000000" V4 V4, ERR_INVALID, 0, 0},
		{"01 000000" V4 "00", ERR_INVALID, 0, 0},
		{"01 000000 07 00 0007 000000", ERR_INVALID, 0, 0},
		{"01 000000 07 00 0003", ERR_INVALID, 0, 0},
		{"01 000000 07 00 0000 0000", ERR_INVALID, 0, 0},
		{"01 000000 07 00 0011 0000 ffff c0000200 c00002ff 00", ERR_INVALID, 0, 0},
		{"01 000000 08 00 0010 0000 ffff c0000200 c00002ff", ERR_INVALID, 0, 0},
		{"01 000000 07 00 0010 0000 ffff c0000201 c0000200", ERR_INVALID, 0, 0},
		{"01 000000 07 06 0010 0002 0001 c0000200 c0000200", ERR_INVALID, 0, 0},
		{"01 000000 07 06 0010 ffff 0000 c0000200 c0000200", 0, 1, 0}, /* OPAQUE */
		{"01 000000 07 06 0010 fffe 0000 c0000200 c0000200", ERR_INVALID, 0, 0},
		/* unknown types are passed over (section 2.9) */
		{"02 000000 09 00 0008 01020304" V4, 0, 1, 1},
		{"01 000000 09 00 0004", 0, 0, 1},
		{"01 000000 09 00 0003", ERR_INVALID, 0, 0},
		{"01 000000 09 00 0005", ERR_INVALID, 0, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets body = hex(cases[i].body);
		struct payload_ts ts;
		int rc = payload_ts_read(octets_view(&body), &ts);

		ck_assert_msg(rc == cases[i].rc, "case %zu", i);
		if (rc == 0) {
			ck_assert_msg(ts.list.count == cases[i].kept, "case %zu", i);
			ck_assert_msg(ts.ignored == cases[i].ignored, "case %zu", i);
		}
	}
}
END_TEST

START_TEST(test_payload_ts_255_selectors)
{
	struct octets one = hex(V4);
	uint8_t *buf = mem_zalloc(4 + 255 * one.len);
	struct writer w = writer_of(buf, 4 + 255 * one.len);
	struct payload_ts ts;

	writer_u32(&w, 0xff000000);
	for (unsigned i = 0; i < 255; i++)
		writer_put(&w, octets_view(&one));
	ck_assert_int_eq(payload_ts_read(writer_view(&w), &ts), 0);
	ck_assert_uint_eq(ts.list.count, IKE_TS_MAX);
	ck_assert_uint_eq(ts.ignored, 255 - IKE_TS_MAX);
	free(buf);
}
END_TEST

static void read_any(void *arg, struct view bytes)
{
	unsigned *good = arg;
	struct payload_ts ts;

	if (payload_ts_read(bytes, &ts))
		return;
	++*good;
	for (size_t i = 0; i < ts.list.count; i++) {
		const struct ike_ts *t = &ts.list.ts[i];

		ck_assert_int_le(ip_addr_compare(&t->range.first, &t->range.last), 0);
		ck_assert(t->port_first <= t->port_last ||
			  (t->port_first == 65535 && t->port_last == 0));
	}
}

START_TEST(test_payload_ts_damaged)
{
	struct octets body = hex(EXAMPLE);
	unsigned good = 0;

	walk_prefixes(octets_view(&body), read_any, &good);
	ck_assert_uint_eq(good, 0);
	walk_bit_flips(octets_view(&body), read_any, &good);
	ck_assert_uint_gt(good, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_payload_ts_read_and_write_example,
		test_payload_ts_read_cases,
		test_payload_ts_255_selectors,
		test_payload_ts_damaged,
	};

	return run_cases("payload_ts", tests, ARRAY_LEN(tests));
}
