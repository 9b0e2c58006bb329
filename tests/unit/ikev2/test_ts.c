/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ts.c: examples of RFC 7296 section 2.9, and random lists against a naive model that looks at
 * every single packet of a tiny world: 16 addresses, protocols 0 to 2, 8 ports.
 */
#include "ikev2/ts.h"
#include "platform/base/err.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "10.0.0.0/24" or "10.0.0.0/24 6 80-443" or "... 6 opaque" */
static struct ike_ts ts_of(const char *text)
{
	char copy[128], *save = NULL, *range, *protocol, *ports, *dash;
	struct ip_range r;
	struct ike_ts ts;

	snprintf(copy, sizeof(copy), "%s", text);
	range = strtok_r(copy, " ", &save);
	protocol = strtok_r(NULL, " ", &save);
	ports = protocol ? strtok_r(NULL, " ", &save) : NULL;
	ck_assert_int_eq(ip_range_parse(range, &r), 0);
	ts = ike_ts_of_range(&r);
	if (protocol)
		ts.protocol = (uint8_t)strtoul(protocol, NULL, 10);
	if (ports && strcmp(ports, "opaque") == 0) {
		ts.port_first = 65535;
		ts.port_last = 0;
	} else if (ports) {
		ts.port_first = (uint16_t)strtoul(ports, &dash, 10);
		ts.port_last = (uint16_t)strtoul(dash + 1, NULL, 10);
	}
	return ts;
}

/* Comma-separated. */
static struct ike_ts_list list_of(const char *text)
{
	struct ike_ts_list l = {0};
	char copy[1024], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *one = strtok_r(copy, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		struct ike_ts ts = ts_of(one);

		ck_assert(ts_list_add(&l, &ts));
	}
	return l;
}

START_TEST(test_ts_covers)
{
	static const struct {
		const char *outer, *inner;
		bool covers;
	} rows[] = {
		{"10.0.0.0/8", "10.1.0.0/16", true},
		{"10.1.0.0/16", "10.0.0.0/8", false},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.0.0.0/8", "11.0.0.0/8", false},
		{"0.0.0.0/0", "::/0", false},
		{"10.0.0.0/8", "10.0.0.1/32 6 80-80", true},
		{"10.0.0.0/8 6", "10.0.0.1/32", false},
		{"10.0.0.0/8 6", "10.0.0.1/32 17", false},
		{"10.0.0.0/8 6 1-100", "10.0.0.1/32 6 80-80", true},
		{"10.0.0.0/8 6 1-100", "10.0.0.1/32 6 80-101", false},
		{"10.0.0.0/8 6", "10.0.0.1/32 6 opaque", true},
		{"10.0.0.0/8 6 opaque", "10.0.0.1/32 6 opaque", true},
		{"10.0.0.0/8 6 opaque", "10.0.0.1/32 6 80-80", false},
		{"10.0.0.0/8 6 1-100", "10.0.0.1/32 6 opaque", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_ts outer = ts_of(rows[i].outer), inner = ts_of(rows[i].inner);

		ck_assert_msg(ts_covers(&outer, &inner) == rows[i].covers, "row %zu", i);
	}
}
END_TEST

START_TEST(test_ts_list_covers_joins_ranges)
{
	static const struct {
		const char *outer, *inner;
		bool covers;
	} rows[] = {
		{"10.0.0.0/25, 10.0.0.128/25", "10.0.0.0/24", true},
		{"10.0.0.128/25, 10.0.0.0/25", "10.0.0.0/24", true},
		{"10.0.0.0/25, 10.0.0.129-10.0.0.255", "10.0.0.0/24", false},
		{"10.0.0.0/25, 10.0.0.128/25 6", "10.0.0.0/24", false},
		{"10.0.0.0/25, 10.0.0.128/25 6", "10.0.0.0/24 6", true},
		{"0.0.0.0/1, 128.0.0.0/1", "0.0.0.0/0", true},
		{"0.0.0.0/1", "0.0.0.0/0", false},
		{"::/1, 8000::/1", "::/0", true},
		{"255.255.255.255/32", "255.255.255.254/31", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_ts_list outer = list_of(rows[i].outer);
		struct ike_ts inner = ts_of(rows[i].inner);

		ck_assert_msg(ts_list_covers(&outer, &inner) == rows[i].covers, "row %zu", i);
	}
}
END_TEST

static const struct narrow_row {
	const char *tsi, *tsr, *policy_i, *policy_r;
	const char *answer_i, *answer_r; /* NULL: TS_UNACCEPTABLE */
	bool single, additional;
} narrow_rows[] = {
	/* policy holds all: as offered */
	{"10.1.0.0/16", "10.2.0.0/16", "0.0.0.0/0", "0.0.0.0/0", "10.1.0.0/16", "10.2.0.0/16",
	 false, false},
	{"10.1.0.0/16", "10.2.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.1.0.0/16", "10.2.0.0/16",
	 false, false},
	/* two halves of the policy hold a whole */
	{"10.1.0.0/16", "0.0.0.0/0", "10.1.0.0/17, 10.1.128.0/17", "0.0.0.0/0", "10.1.0.0/16",
	 "0.0.0.0/0", false, false},
	/* narrowed to the policy */
	{"0.0.0.0/0", "0.0.0.0/0", "10.1.0.0/16", "10.2.0.0/16", "10.1.0.0/16", "10.2.0.0/16",
	 false, false},
	{"10.0.0.0/8", "0.0.0.0/0", "10.1.0.0/16, 10.3.0.0/16", "10.2.0.0/16",
	 "10.1.0.0/16, 10.3.0.0/16", "10.2.0.0/16", false, false},
	/* a packet's addresses first do not shrink the tunnel */
	{"10.1.5.5/32, 10.1.0.0/16", "10.2.7.7/32, 10.2.0.0/16", "10.1.0.0/16", "10.2.0.0/16",
	 "10.1.0.0/16", "10.2.0.0/16", false, false},
	{"10.1.5.5/32 6 1024-1024, 10.0.0.0/8", "10.2.7.7/32 6 80-80, 10.2.0.0/16", "10.1.0.0/16",
	 "10.2.0.0/16", "10.1.0.0/16", "10.2.0.0/16", true, false},
	/* partial overlap */
	{"10.1.0.0-10.1.0.20", "10.2.0.0/16", "10.1.0.10-10.1.0.30", "10.2.0.0/16",
	 "10.1.0.10-10.1.0.20", "10.2.0.0/16", false, false},
	{"10.1.0.0/24 17", "10.2.0.0/24", "10.1.0.0/16", "10.2.0.0/16 17 500-500", "10.1.0.0/24 17",
	 "10.2.0.0/24 17 500-500", false, false},
	/* nothing in common, on either side */
	{"10.1.0.0/16", "10.2.0.0/16", "10.9.0.0/16", "10.2.0.0/16", NULL, NULL, false, false},
	{"10.1.0.0/16", "10.2.0.0/16", "10.1.0.0/16", "10.9.0.0/16", NULL, NULL, false, false},
	{"10.1.0.0/16 6", "10.2.0.0/16", "10.1.0.0/16 17", "10.2.0.0/16", NULL, NULL, false, false},
	{"::/0", "::/0", "0.0.0.0/0", "0.0.0.0/0", NULL, NULL, false, false},
	/* one pair only */
	{"10.1.0.0/16, 10.3.0.0/16", "10.2.0.0/16", "0.0.0.0/0", "0.0.0.0/0", "10.1.0.0/16",
	 "10.2.0.0/16", true, true},
	{"10.9.0.0/16, 10.3.0.0/16", "10.2.0.0/16, 10.4.0.0/16", "10.1.0.0/16, 10.3.0.0/16",
	 "0.0.0.0/0", "10.3.0.0/16", "10.2.0.0/16", true, true},
	{"10.1.0.0/16", "10.2.0.0/16", "0.0.0.0/0", "0.0.0.0/0", "10.1.0.0/16", "10.2.0.0/16", true,
	 false},
	/* a family that only one side has matches no packet */
	{"10.1.0.0/16, 2001:db8::/32", "10.2.0.0/16", "0.0.0.0/0, ::/0", "0.0.0.0/0, ::/0",
	 "10.1.0.0/16", "10.2.0.0/16", false, false},
	{"10.1.0.0/16", "2001:db8::/32", "0.0.0.0/0, ::/0", "0.0.0.0/0, ::/0", NULL, NULL, false,
	 false},
	{"10.1.0.0/16, 2001:db8:1::/48", "2001:db8:2::/48, 10.2.0.0/16", "0.0.0.0/0, ::/0",
	 "0.0.0.0/0, ::/0", "10.1.0.0/16", "10.2.0.0/16", true, true},
};

static void assert_list(const struct ike_ts_list *l, const char *expected, size_t row)
{
	struct ike_ts_list want = list_of(expected);
	char a[1024], b[1024];

	ck_assert_msg(ts_list_equal(l, &want), "row %zu: %s, not %s", row,
		      ts_list_text(l, a, sizeof(a)), ts_list_text(&want, b, sizeof(b)));
}

START_TEST(test_ts_narrow)
{
	for (size_t i = 0; i < ARRAY_LEN(narrow_rows); i++) {
		const struct narrow_row *row = &narrow_rows[i];
		struct ike_ts_list tsi = list_of(row->tsi), tsr = list_of(row->tsr);
		struct ike_ts_list policy_i = list_of(row->policy_i);
		struct ike_ts_list policy_r = list_of(row->policy_r);
		struct ts_answer a;
		int rc = ts_narrow(&tsi, &tsr, &policy_i, &policy_r, row->single, &a);

		if (!row->answer_i) {
			ck_assert_msg(rc == ERR_NOT_FOUND, "row %zu", i);
			continue;
		}
		ck_assert_msg(rc == 0, "row %zu", i);
		assert_list(&a.tsi, row->answer_i, i);
		assert_list(&a.tsr, row->answer_r, i);
		ck_assert_msg(a.additional == row->additional, "row %zu", i);
		ck_assert_int_eq(ts_check_answer(&tsi, &tsr, &a.tsi, &a.tsr), 0);
	}
}
END_TEST

/* 64 selectors on each side that all cut each other: the list is full, the rest is announced. */
START_TEST(test_ts_narrow_more_than_fits)
{
	struct ike_ts_list offer = {0}, policy = {0}, any = list_of("0.0.0.0/0");
	struct ts_answer a;

	for (unsigned i = 0; i < IKE_TS_MAX; i++) {
		struct ike_ts ts = any.ts[0];

		/* long overlapping ranges: each cuts every one of the policy in another piece */
		ts.range.first = ip_addr_v4(0x0a000000 + i);
		ts.range.last = ip_addr_v4(0x0a001000 + i);
		ts.protocol = (uint8_t)(i % 2 + 1);
		ck_assert(ts_list_add(&offer, &ts));
		ts.range.first = ip_addr_v4(0x0a000800 + 7 * i);
		ts.range.last = ip_addr_v4(0x0a000801 + 7 * i);
		ts.protocol = 0;
		ck_assert(ts_list_add(&policy, &ts));
		ck_assert_uint_eq(offer.count, i + 1);
	}
	ck_assert(!ts_list_add(&offer, &any.ts[0]));
	ck_assert_int_eq(ts_narrow(&offer, &any, &policy, &any, false, &a), 0);
	ck_assert_uint_eq(a.tsi.count, IKE_TS_MAX);
	ck_assert(a.additional);
	ck_assert(ts_list_covers_list(&policy, &a.tsi));
	ck_assert(ts_list_covers_list(&offer, &a.tsi));
}
END_TEST

START_TEST(test_ts_check_answer)
{
	static const struct {
		const char *offer, *answer;
		bool ok;
	} rows[] = {
		{"10.0.0.0/8", "10.1.0.0/16", true},
		{"10.0.0.0/8", "10.0.0.0/8", true},
		{"10.1.0.0/16", "10.0.0.0/8", false}, /* wider */
		{"10.1.0.0/16, 10.2.0.0/16", "10.1.0.0-10.2.255.255", true},
		{"10.1.0.0/16, 10.3.0.0/16", "10.1.0.0-10.3.255.255", false},
		{"10.1.0.0/16 6", "10.1.0.0/16", false},
		{"10.1.0.0/16", "", false},
	};
	struct ike_ts_list any = list_of("0.0.0.0/0");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_ts_list offer = list_of(rows[i].offer), answer = list_of(rows[i].answer);

		ck_assert_msg((ts_check_answer(&offer, &any, &answer, &any) == 0) == rows[i].ok,
			      "row %zu", i);
		ck_assert_msg((ts_check_answer(&any, &offer, &any, &answer) == 0) == rows[i].ok,
			      "row %zu", i);
	}
}
END_TEST

START_TEST(test_ts_pairs)
{
	struct ike_ts_list local = list_of("10.1.0.0/16, 2001:db8::/32, 10.2.0.0/16");
	struct ike_ts_list remote = list_of("10.8.0.0/16, 10.9.0.0/16, ::/0");
	struct ike_ts l, r;
	char buf[2][TS_TEXT_MAX];

	ck_assert_uint_eq(ts_pair_count(&local, &remote), 5);
	ck_assert(ts_pair_at(&local, &remote, 1, &l, &r));
	ck_assert_str_eq(ts_text(&l, buf[0], sizeof(buf[0])), "10.1.0.0/16");
	ck_assert_str_eq(ts_text(&r, buf[1], sizeof(buf[1])), "10.9.0.0/16");
	ck_assert(ts_pair_at(&local, &remote, 2, &l, &r));
	ck_assert_str_eq(ts_text(&l, buf[0], sizeof(buf[0])), "2001:db8::/32");
	ck_assert_str_eq(ts_text(&r, buf[1], sizeof(buf[1])), "::/0");
	ck_assert(!ts_pair_at(&local, &remote, 5, &l, &r));
}
END_TEST

START_TEST(test_ts_text)
{
	static const char *const rows[][2] = {
		{"10.1.0.0/16", "10.1.0.0/16"},
		{"10.1.0.0-10.1.0.5", "10.1.0.0-10.1.0.5"},
		{"0.0.0.0/0 6 443-443", "0.0.0.0/0 tcp 443"},
		{"0.0.0.0/0 17 500-510", "0.0.0.0/0 udp 500-510"},
		{"0.0.0.0/0 89", "0.0.0.0/0 protocol 89"},
		{"0.0.0.0/0 17 opaque", "0.0.0.0/0 udp opaque"},
		{"2001:db8::/32 58", "2001:db8::/32 ipv6-icmp"},
	};
	struct ike_ts_list two = list_of("10.1.0.0/16, 10.2.0.0/16 6");
	char buf[TS_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_ts ts = ts_of(rows[i][0]);

		ck_assert_str_eq(ts_text(&ts, buf, sizeof(buf)), rows[i][1]);
	}
	ck_assert_str_eq(ts_list_text(&two, buf, sizeof(buf)), "10.1.0.0/16, 10.2.0.0/16 tcp");
	for (size_t size = 1; size < 30; size++) {
		char *small = mem_zalloc(size);

		ts_list_text(&two, small, size);
		ck_assert_uint_lt(strlen(small), size);
		free(small);
	}
}
END_TEST

/* ---- Random lists against the model -------------------------------------------------------------
 */

#define ADDRESSES 16
#define PROTOCOLS 3
#define PORTS	  8
#define BASE	  0xfffffff0u /* the end of the address space is in the world */

/* A packet: address, protocol (0: one that no selector names), port. */
static bool model_matches(const struct ike_ts *ts, unsigned address, unsigned protocol,
			  unsigned port)
{
	struct ip_addr a = ip_addr_v4(BASE + address);

	return ip_range_contains(&ts->range, &a) &&
	       (ts->protocol == 0 || ts->protocol == protocol) && ts->port_first <= port &&
	       port <= ts->port_last;
}

static bool model_list(const struct ike_ts_list *l, unsigned address, unsigned protocol,
		       unsigned port)
{
	for (size_t i = 0; i < l->count; i++)
		if (model_matches(&l->ts[i], address, protocol, port))
			return true;
	return false;
}

static struct ike_ts random_ts(uint64_t *state)
{
	unsigned a = (unsigned)(next_random(state) % ADDRESSES);
	unsigned b = (unsigned)(next_random(state) % ADDRESSES);
	struct ip_range r = {ip_addr_v4(BASE + (a < b ? a : b)),
			     ip_addr_v4(BASE + (a < b ? b : a))};
	struct ike_ts ts = ike_ts_of_range(&r);

	if (next_random(state) % 3 == 0)
		ts.protocol = (uint8_t)(1 + next_random(state) % (PROTOCOLS - 1));
	if (next_random(state) % 3 == 0) {
		a = (unsigned)(next_random(state) % PORTS);
		b = (unsigned)(next_random(state) % PORTS);
		ts.port_first = (uint16_t)(a < b ? a : b);
		ts.port_last = (uint16_t)(a < b ? b : a);
	}
	return ts;
}

static struct ike_ts_list random_list(uint64_t *state)
{
	struct ike_ts_list l = {0};
	size_t n = 1 + next_random(state) % 4;

	for (size_t i = 0; i < n; i++) {
		struct ike_ts ts = random_ts(state);

		ck_assert(ts_list_add(&l, &ts));
	}
	return l;
}

typedef bool (*packet_fn)(const void *arg, unsigned address, unsigned protocol, unsigned port);

static bool for_all_packets(packet_fn fn, const void *arg)
{
	for (unsigned a = 0; a < ADDRESSES; a++)
		for (unsigned p = 0; p < PROTOCOLS; p++)
			for (unsigned port = 0; port < PORTS; port++)
				if (!fn(arg, a, p, port))
					return false;
	return true;
}

struct side {
	const struct ike_ts_list *offer, *policy, *answer;
};

static bool is_intersection(const void *arg, unsigned a, unsigned p, unsigned port)
{
	const struct side *s = arg;

	return model_list(s->answer, a, p, port) ==
	       (model_list(s->offer, a, p, port) && model_list(s->policy, a, p, port));
}

static bool is_subset(const void *arg, unsigned a, unsigned p, unsigned port)
{
	const struct side *s = arg;

	return !model_list(s->answer, a, p, port) || model_list(s->offer, a, p, port);
}

static bool is_disjoint(const void *arg, unsigned a, unsigned p, unsigned port)
{
	const struct side *s = arg;

	return !(model_list(s->offer, a, p, port) && model_list(s->policy, a, p, port));
}

START_TEST(test_ts_random_narrow_is_the_intersection)
{
	struct ike_ts_list any = list_of("0.0.0.0/0");
	uint64_t state = 20241;
	unsigned refused = 0;

	for (unsigned round = 0; round < 3000; round++) {
		struct ike_ts_list offer = random_list(&state), policy = random_list(&state);
		struct ts_answer a;
		struct side s = {&offer, &policy, &a.tsi};

		if (ts_narrow(&offer, &any, &policy, &any, false, &a)) {
			refused++;
			ck_assert(for_all_packets(is_disjoint, &s));
			continue;
		}
		ck_assert_msg(for_all_packets(is_intersection, &s), "round %u", round);
		ck_assert(!a.additional);
		ck_assert(ts_list_equal(&a.tsr, &any));
		/* no selector within another */
		for (size_t i = 0; i < a.tsi.count; i++)
			for (size_t j = 0; j < a.tsi.count; j++)
				ck_assert(i == j || !ts_covers(&a.tsi.ts[i], &a.tsi.ts[j]));
	}
	ck_assert_uint_gt(refused, 0);
	ck_assert_uint_lt(refused, 2500);
}
END_TEST

/* The first choice that the policy accepts at all is within the one pair. */
START_TEST(test_ts_random_single_contains_first_choice)
{
	struct ike_ts_list any = list_of("0.0.0.0/0");
	uint64_t state = 777;

	for (unsigned round = 0; round < 3000; round++) {
		struct ike_ts_list offer = random_list(&state), policy = random_list(&state);
		struct ts_answer a;
		struct side s = {&offer, &policy, &a.tsr};
		bool found = false;

		if (ts_narrow(&any, &offer, &any, &policy, true, &a))
			continue;
		ck_assert_uint_eq(a.tsr.count, 1);
		ck_assert(for_all_packets(is_subset, &s));
		for (size_t i = 0; i < offer.count && !found; i++)
			for (size_t j = 0; j < policy.count && !found; j++) {
				struct ike_ts first;

				found = ts_intersect(&offer.ts[i], &policy.ts[j], &first);
				if (found)
					ck_assert_msg(ts_covers(&a.tsr.ts[0], &first), "round %u",
						      round);
			}
		ck_assert(found);
	}
}
END_TEST

/* ts_list_covers may say no where only ports of several selectors together cover; it never says yes
 * wrongly, and with all ports it is exact. */
START_TEST(test_ts_random_list_covers)
{
	uint64_t state = 4711;
	unsigned yes = 0, exact = 0;

	for (unsigned round = 0; round < 5000; round++) {
		struct ike_ts_list outer = random_list(&state), inner = {0};
		struct ike_ts ts = random_ts(&state);
		struct side s = {&outer, &outer, &inner};
		bool all_upper = true, model;

		ck_assert(ts_list_add(&inner, &ts));
		for (size_t i = 0; i < outer.count; i++)
			all_upper &= outer.ts[i].protocol == 0 && outer.ts[i].port_last == 65535;
		model = for_all_packets(is_subset, &s);
		if (ts_list_covers(&outer, &ts)) {
			yes++;
			ck_assert_msg(model, "round %u", round);
		} else if (all_upper) {
			exact++;
			ck_assert_msg(!model, "round %u", round);
		}
	}
	ck_assert_uint_gt(yes, 100);
	ck_assert_uint_gt(exact, 100);
}
END_TEST

START_TEST(test_ts_random_intersect_and_covers)
{
	uint64_t state = 99;

	for (unsigned round = 0; round < 5000; round++) {
		struct ike_ts a = random_ts(&state), b = random_ts(&state), both;
		bool cut = ts_intersect(&a, &b, &both), any_common = false, wrong = false;

		for (unsigned i = 0; i < ADDRESSES * PROTOCOLS * PORTS; i++) {
			unsigned address = i % ADDRESSES, protocol = i / ADDRESSES % PROTOCOLS;
			unsigned port = i / ADDRESSES / PROTOCOLS;
			bool in = model_matches(&a, address, protocol, port) &&
				  model_matches(&b, address, protocol, port);

			any_common |= in;
			wrong |= cut && model_matches(&both, address, protocol, port) != in;
		}
		ck_assert(!wrong);
		ck_assert(cut == any_common);
		ck_assert(ts_covers(&a, &b) == (cut && ts_equal(&both, &b)));
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_ts_covers,
		test_ts_list_covers_joins_ranges,
		test_ts_narrow,
		test_ts_narrow_more_than_fits,
		test_ts_check_answer,
		test_ts_pairs,
		test_ts_text,
		test_ts_random_narrow_is_the_intersection,
		test_ts_random_single_contains_first_choice,
		test_ts_random_list_covers,
		test_ts_random_intersect_and_covers,
	};

	return run_cases("ts", tests, ARRAY_LEN(tests));
}
