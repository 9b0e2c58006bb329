/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ip.c: texts in and out, and ranges.  Texts follow RFC 4291 and RFC 5952; the prefix lists were
 * made with summarize_address_range of Python's ipaddress module.
 */
#include "platform/base/ip.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <string.h>

#define V6_LAST "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	ck_assert_msg(ip_addr_parse(text, &a) == 0, "%s", text);
	return a;
}

static struct ip_range range(const char *text)
{
	struct ip_range r;

	ck_assert_msg(ip_range_parse(text, &r) == 0, "%s", text);
	return r;
}

static struct ip_prefix prefix(const char *text)
{
	struct ip_prefix p;

	ck_assert_msg(ip_prefix_parse(text, &p) == 0, "%s", text);
	return p;
}

START_TEST(test_addr_parse_good)
{
	static const struct {
		const char *text;
		const char *canonical;
		uint8_t family;
	} rows[] = {
		{"0.0.0.0", "0.0.0.0", IP_V4},
		{"203.0.113.201", "203.0.113.201", IP_V4},
		{"255.255.255.255", "255.255.255.255", IP_V4},
		{"::", "::", IP_V6},
		{"::1", "::1", IP_V6},
		{"2001:DB8:0:0:0:0:0:1", "2001:db8::1", IP_V6},
		{"2001:0db8::0001", "2001:db8::1", IP_V6},		 /* RFC 5952 4.1 */
		{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1", IP_V6}, /* 4.2.2 */
		{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1", IP_V6},		 /* 4.2.3 */
		{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", IP_V6},	 /* 4.2.3 */
		{"::ffff:192.0.2.1", "::ffff:192.0.2.1", IP_V6},	 /* 5 */
		{V6_LAST, V6_LAST, IP_V6},
	};
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip_addr a = addr(rows[i].text);

		ck_assert_uint_eq(a.family, rows[i].family);
		ck_assert_str_eq(ip_addr_text(&a, text, sizeof(text)), rows[i].canonical);
	}
}
END_TEST

START_TEST(test_addr_parse_bad)
{
	static const char *const rows[] = {
		"",
		" ",
		"any",
		"1",
		"1.2.3",
		"1.2.3.4.",
		".1.2.3.4",
		"1.2.3.4.5",
		"1.2.3.256",
		"1.2.3.-4",
		"1.2.3.+4",
		"1.2.3.04",
		"0x1.2.3.4",
		" 1.2.3.4",
		"1.2.3.4 ",
		"1.2.3.4\n",
		"1..2.3",
		"1.2.3.4/32",
		"1.2.3.4:500",
		":",
		":::",
		"1::2::3",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7:8::",
		"12345::",
		"g::",
		"[::1]",
		"fe80::1%eth0",
		"::1.2.3",
		"::1.2.3.256",
		"1.2.3.4::",
		"2001:db8::1/64",
		"99999999999999999999999999999999999999999999999999999999999999999999999999999999",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip_addr a = ip_addr_v4(1);

		ck_assert_msg(ip_addr_parse(rows[i], &a) == ERR_INVALID, "\"%s\"", rows[i]);
		ck_assert_uint_eq(a.bytes[3], 1); /* untouched */
	}
}
END_TEST

START_TEST(test_addr_values)
{
	struct ip_addr none = {.family = IP_NONE};
	struct ip_addr a = ip_addr_v4(0xc0000201);
	struct ip_addr b = addr("192.0.2.1");
	static const uint8_t raw[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
	struct ip_addr c = ip_addr_from_bytes(raw, 16);
	struct ip_addr d = addr("2001:db8::1");

	ck_assert_mem_eq(&a, &b, sizeof(a));
	ck_assert_mem_eq(&c, &d, sizeof(c));
	ck_assert(ip_addr_equal(&a, &b) && !ip_addr_equal(&a, &c));
	ck_assert_int_lt(ip_addr_compare(&none, &a), 0);
	ck_assert_int_lt(ip_addr_compare(&a, &c), 0); /* family first */
	b = addr("192.0.3.0");
	ck_assert_int_lt(ip_addr_compare(&a, &b), 0);
	ck_assert_int_gt(ip_addr_compare(&b, &a), 0);
	ck_assert_uint_eq(ip_addr_len(&none), 0);
	ck_assert_uint_eq(ip_addr_len(&a), 4);
	ck_assert_uint_eq(ip_addr_len(&c), 16);
	ck_assert(!ip_addr_is_set(&none) && ip_addr_is_set(&a));
	b = ip_addr_from_bytes(raw, 5);
	ck_assert(!ip_addr_is_set(&b));
}
END_TEST

START_TEST(test_addr_kinds)
{
	static const struct {
		const char *text;
		bool private_use;
		bool multicast;
	} rows[] = {
		{"9.255.255.255", false, false},   {"10.0.0.0", true, false},
		{"10.255.255.255", true, false},   {"11.0.0.0", false, false},
		{"172.15.255.255", false, false},  {"172.16.0.0", true, false},
		{"172.31.255.255", true, false},   {"172.32.0.0", false, false},
		{"192.167.255.255", false, false}, {"192.168.0.0", true, false},
		{"192.168.255.255", true, false},  {"192.169.0.0", false, false},
		{"100.63.255.255", false, false},  {"100.64.0.0", true, false},
		{"100.127.255.255", true, false},  {"100.128.0.0", false, false},
		{"223.255.255.255", false, false}, {"224.0.0.0", false, true},
		{"239.255.255.255", false, true},  {"240.0.0.0", false, false},
		{"fbff::", false, false},	   {"fc00::", true, false},
		{"fdff::1", true, false},	   {"fe00::", false, false},
		{"feff::", false, false},	   {"ff02::1", false, true},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip_addr a = addr(rows[i].text);

		ck_assert_msg(ip_addr_is_private(&a) == rows[i].private_use, "%s", rows[i].text);
		ck_assert_msg(ip_addr_is_multicast(&a) == rows[i].multicast, "%s", rows[i].text);
	}
}
END_TEST

START_TEST(test_prefix_parse)
{
	static const struct {
		const char *text;
		int rc;
	} rows[] = {
		{"0.0.0.0/0", 0},
		{"10.0.0.0/8", 0},
		{"10.20.8.0/21", 0},
		{"192.0.2.1/32", 0},
		{"::/0", 0},
		{"2001:db8::/32", 0},
		{"2001:db8::1/128", 0},
		{"10.0.0.1/8", ERR_RANGE},
		{"10.20.12.0/21", ERR_RANGE},
		{"128.0.0.0/0", ERR_RANGE},
		{"2001:db8::1/127", ERR_RANGE},
		{"10.0.0.0/33", ERR_RANGE},
		{"10.0.0.0/999", ERR_RANGE},
		{"::/129", ERR_RANGE},
		{"10.0.0.0", ERR_INVALID},
		{"10.0.0.0/", ERR_INVALID},
		{"/8", ERR_INVALID},
		{"", ERR_INVALID},
		{"10.0.0.0/08", ERR_INVALID},
		{"10.0.0.0/+8", ERR_INVALID},
		{"10.0.0.0/-8", ERR_INVALID},
		{"10.0.0.0/ 8", ERR_INVALID},
		{"10.0.0.0/8 ", ERR_INVALID},
		{"10.0.0.0/8/8", ERR_INVALID},
		{"10.0.0.0/4294967304", ERR_INVALID},
		{"10.0.0.0/255.0.0.0", ERR_INVALID},
		{"10.0.0/8", ERR_INVALID},
	};
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip_prefix p = {.len = 77};

		ck_assert_msg(ip_prefix_parse(rows[i].text, &p) == rows[i].rc, "%s", rows[i].text);
		if (rows[i].rc == 0)
			ck_assert_str_eq(ip_prefix_text(&p, text, sizeof(text)), rows[i].text);
		else
			ck_assert_uint_eq(p.len, 77);
	}
}
END_TEST

START_TEST(test_range_parse)
{
	static const struct {
		const char *text;
		int rc;
		const char *canonical;
	} rows[] = {
		{"10.0.0.1", 0, "10.0.0.1/32"},
		{"10.0.0.0/24", 0, "10.0.0.0/24"},
		{"10.0.0.0-10.0.0.255", 0, "10.0.0.0/24"},
		{"10.0.0.1-10.0.0.9", 0, "10.0.0.1-10.0.0.9"},
		{"10.0.0.1-10.0.0.1", 0, "10.0.0.1/32"},
		{"0.0.0.0-255.255.255.255", 0, "0.0.0.0/0"},
		{"::-" V6_LAST, 0, "::/0"},
		{"2001:db8::1-2001:db8::2", 0, "2001:db8::1-2001:db8::2"},
		{"10.0.0.9-10.0.0.1", ERR_RANGE, NULL},
		{"10.0.0.1-2001:db8::1", ERR_RANGE, NULL},
		{"10.0.0.1/24", ERR_RANGE, NULL},
		{"10.0.0.1-", ERR_INVALID, NULL},
		{"-10.0.0.1", ERR_INVALID, NULL},
		{"10.0.0.1 - 10.0.0.2", ERR_INVALID, NULL},
		{"10.0.0.1-10.0.0.2-10.0.0.3", ERR_INVALID, NULL},
		{"10.0.0.0/24-10.0.1.0/24", ERR_INVALID, NULL},
		{"", ERR_INVALID, NULL},
		{"any", ERR_INVALID, NULL},
	};
	char text[IP_RANGE_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip_range r = {.first = {.family = IP_NONE}};

		ck_assert_msg(ip_range_parse(rows[i].text, &r) == rows[i].rc, "%s", rows[i].text);
		if (rows[i].rc == 0)
			ck_assert_str_eq(ip_range_text(&r, text, sizeof(text)), rows[i].canonical);
		else
			ck_assert(!ip_addr_is_set(&r.first));
	}
}
END_TEST

START_TEST(test_texts)
{
	struct ip_endpoint e = {.addr = addr("1.2.3.4"), .port = 500};
	struct ip_range widest = {.first = addr("1111:2222:3333:4444:5555:6666:7777:8889"),
				  .last = addr(V6_LAST)};
	struct ip_prefix none = {.len = 0};
	struct ip_range any = {.first = {.family = IP_NONE}};
	char text[IP_RANGE_TEXT_MAX];
	char small[6];

	ck_assert_str_eq(ip_endpoint_text(&e, text, IP_TEXT_MAX), "1.2.3.4:500");
	ck_assert_str_eq(ip_addr_text(&e.addr, small, sizeof(small)), "1.2.3");
	e.addr = addr("::1");
	ck_assert_str_eq(ip_endpoint_text(&e, text, IP_TEXT_MAX), "[::1]:500");
	e.addr = addr(V6_LAST);
	e.port = 65535;
	ck_assert_str_eq(ip_endpoint_text(&e, text, IP_TEXT_MAX), "[" V6_LAST "]:65535");
	ck_assert_str_eq(ip_range_text(&widest, text, sizeof(text)),
			 "1111:2222:3333:4444:5555:6666:7777:8889-" V6_LAST);
	e = (struct ip_endpoint){.port = 0};
	ck_assert_str_eq(ip_addr_text(&e.addr, text, IP_TEXT_MAX), "any");
	ck_assert_str_eq(ip_prefix_text(&none, text, IP_TEXT_MAX), "any");
	ck_assert_str_eq(ip_range_text(&any, text, sizeof(text)), "any");
}
END_TEST

START_TEST(test_prefix_and_range_relations)
{
	struct ip_prefix p = prefix("10.20.8.0/21");
	struct ip_prefix everything = prefix("::/0");
	struct ip_range r = ip_range_of_prefix(&p);
	struct ip_range expected = range("10.20.8.0-10.20.15.255");
	struct ip_addr in = addr("10.20.15.255");
	struct ip_addr above = addr("10.20.16.0");
	struct ip_addr below = addr("10.20.7.255");
	struct ip_addr v6 = addr("a14:800::");
	struct ip_addr none = {.family = IP_NONE};
	struct ip_range any4 = ip_range_any(IP_V4);
	struct ip_range any6 = ip_range_any(IP_V6);
	struct ip_range all4 = range("0.0.0.0-255.255.255.255");
	struct ip_range all6 = range("::-" V6_LAST);

	ck_assert(ip_range_equal(&r, &expected));
	ck_assert(ip_prefix_contains(&p, &in) && !ip_prefix_contains(&p, &above));
	ck_assert(!ip_prefix_contains(&p, &below) && !ip_prefix_contains(&p, &v6));
	ck_assert(ip_prefix_contains(&everything, &v6) && !ip_prefix_contains(&everything, &in));
	ck_assert(!ip_range_contains(&r, &none));
	ck_assert(ip_range_equal(&any4, &all4) && ip_range_equal(&any6, &all6));
	ck_assert(ip_range_is_any(&all4) && ip_range_is_any(&all6) && !ip_range_is_any(&r));
	all4.first = ip_addr_v4(1);
	ck_assert(!ip_range_is_any(&all4));
	all4 = (struct ip_range){.first = {.family = IP_NONE}};
	ck_assert(!ip_range_is_any(&all4));
	ck_assert(ip_range_covers(&any4, &r) && !ip_range_covers(&r, &any4));
	ck_assert(ip_range_covers(&r, &r) && !ip_range_covers(&any6, &r));
}
END_TEST

/* Small numbers on both sides of every boundary, against plain integers. */
START_TEST(test_range_relations_exhaustive)
{
	const uint32_t base = 0xfffffff8; /* up to the last address */

	for (uint32_t i = 0; i < 8 * 8 * 8 * 8; i++) {
		uint32_t a0 = i & 7, a1 = i >> 3 & 7, b0 = i >> 6 & 7, b1 = i >> 9 & 7;
		struct ip_range a = {ip_addr_v4(base + a0), ip_addr_v4(base + a1)};
		struct ip_range b = {ip_addr_v4(base + b0), ip_addr_v4(base + b1)};
		struct ip_range got = {.first = {.family = IP_NONE}};
		uint32_t low = a0 > b0 ? a0 : b0;
		uint32_t high = a1 < b1 ? a1 : b1;
		bool hit;

		if (a0 > a1 || b0 > b1)
			continue;
		hit = ip_range_intersect(&a, &b, &got);
		ck_assert_int_eq(hit, low <= high);
		ck_assert_int_eq(ip_range_overlaps(&a, &b), low <= high);
		ck_assert_int_eq(ip_range_covers(&a, &b), a0 <= b0 && b1 <= a1);
		if (hit) {
			struct ip_range expected = {ip_addr_v4(base + low),
						    ip_addr_v4(base + high)};

			ck_assert(ip_range_equal(&got, &expected));
		} else {
			ck_assert(!ip_addr_is_set(&got.first));
		}
	}
}
END_TEST

START_TEST(test_range_prefixes_lists)
{
	static const struct {
		const char *range;
		const char *prefixes;
	} rows[] = {
		{"10.0.0.1-10.0.0.6", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/31 10.0.0.6/32"},
		{"0.0.0.0-255.255.255.255", "0.0.0.0/0"},
		{"0.0.0.0-0.0.0.4", "0.0.0.0/30 0.0.0.4/32"},
		{"255.255.255.250-255.255.255.255", "255.255.255.250/31 255.255.255.252/30"},
		{"255.255.255.255", "255.255.255.255/32"},
		{"0.0.0.0", "0.0.0.0/32"},
		{"::-::4", "::/126 ::4/128"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffa-" V6_LAST,
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffa/127 "
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffc/126"},
		{"::-" V6_LAST, "::/0"},
		{V6_LAST, V6_LAST "/128"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip_range r = range(rows[i].range);
		struct ip_prefix list[8];
		char text[256] = "";
		size_t count = ip_range_prefixes(&r, list, ARRAY_LEN(list));

		for (size_t k = 0; k < count && k < ARRAY_LEN(list); k++) {
			char one[IP_TEXT_MAX];
			size_t at = strlen(text);

			(void)snprintf(text + at, sizeof(text) - at, "%s%s", k == 0 ? "" : " ",
				       ip_prefix_text(&list[k], one, sizeof(one)));
		}
		ck_assert_str_eq(text, rows[i].prefixes);
	}
}
END_TEST

START_TEST(test_range_prefixes_counts)
{
	struct ip_range r = range("0.0.0.1-255.255.255.255");
	struct ip_prefix list[256];

	ck_assert_uint_eq(ip_range_prefixes(&r, list, 256), 32);
	r = range("::1-" V6_LAST);
	ck_assert_uint_eq(ip_range_prefixes(&r, list, 256), 128);
	r = range("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe");
	ck_assert_uint_eq(ip_range_prefixes(&r, list, 256), 254);
	/* too small a list: what is needed is told, nothing beyond max is written */
	memset(list, 0xee, sizeof(list));
	ck_assert_uint_eq(ip_range_prefixes(&r, list, 2), 254);
	ck_assert_uint_eq(list[1].len, 127);
	ck_assert_uint_eq(list[2].len, 0xee);
	ck_assert_uint_eq(ip_range_prefixes(&r, NULL, 0), 254);
	r.first.family = IP_NONE;
	ck_assert_uint_eq(ip_range_prefixes(&r, list, 256), 0);
}
END_TEST

static uint64_t v4_number(const struct ip_addr *a)
{
	return (uint64_t)a->bytes[0] << 24 | (uint64_t)a->bytes[1] << 16 |
	       (uint64_t)a->bytes[2] << 8 | a->bytes[3];
}

/* Ordered, without gap or overlap, and no two neighbours that could be one prefix. */
START_TEST(test_range_prefixes_random)
{
	uint64_t seed = 4711;

	for (unsigned round = 0; round < 3000; round++) {
		uint32_t a = (uint32_t)next_random(&seed);
		uint32_t b = (uint32_t)next_random(&seed);
		uint64_t at;
		struct ip_prefix list[64];
		struct ip_range r;
		size_t count;

		if (round % 3 == 0)
			b = UINT32_MAX; /* the upper end */
		if (round % 3 == 1)
			a = 0; /* the lower end */
		r = (struct ip_range){ip_addr_v4(a < b ? a : b), ip_addr_v4(a < b ? b : a)};
		at = v4_number(&r.first);
		count = ip_range_prefixes(&r, list, ARRAY_LEN(list));
		ck_assert_uint_le(count, 62);
		for (size_t i = 0; i < count; i++) {
			uint64_t size = UINT64_C(1) << (32 - list[i].len);

			ck_assert_uint_eq(v4_number(&list[i].addr), at);
			ck_assert_uint_eq(at % size, 0);
			if (i > 0 && list[i - 1].len == list[i].len)
				ck_assert_uint_ne(v4_number(&list[i - 1].addr) % (2 * size), 0);
			at += size;
		}
		ck_assert_uint_eq(at, v4_number(&r.last) + 1);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_addr_parse_good,
		test_addr_parse_bad,
		test_addr_values,
		test_addr_kinds,
		test_prefix_parse,
		test_range_parse,
		test_texts,
		test_prefix_and_range_relations,
		test_range_relations_exhaustive,
		test_range_prefixes_lists,
		test_range_prefixes_counts,
		test_range_prefixes_random,
	};

	return run_cases("ip", tests, ARRAY_LEN(tests));
}
