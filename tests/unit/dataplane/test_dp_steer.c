/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which tunnel a packet takes, in any backend of dataplane.h that chooses by itself: flows stay,
 * rules decide first, pins before all.  Needs root and TUN; exits 77 without.
 */
#include "platform/base/mem.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

#define GCM   (&(const struct ike_suite){.encr = 20, .key_bits = 128})
#define FLOWS 40

static struct dp_pair pair;
static uint8_t out[2048];

static void set_up(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(dp_pair_open(&pair, dp_pair_backend(), &e), "%s", e.text);
	dp_side_site(&pair.a, 1);
	dp_side_site(&pair.b, 1);
	for (uint32_t slot = 1; slot <= 2; slot++) {
		struct ike_child_install install =
			dp_side_install(&pair.a, &pair.b, GCM, slot, 0xa0 + slot, 0xb0 + slot);

		dp_side_add(&pair.a, (uint8_t)slot, &install);
		install = dp_side_install(&pair.b, &pair.a, GCM, slot, 0xb0 + slot, 0xa0 + slot);
		dp_side_add(&pair.b, (uint8_t)slot, &install);
	}
}

static void tear_down(void)
{
	dp_pair_close(&pair);
}

/* The first buckets go to slot 1, the others to slot 2. */
static struct dp_steering shares(unsigned first, uint8_t usable)
{
	struct dp_steering s = {.usable = usable};

	for (unsigned i = 0; i < DP_BUCKETS; i++)
		s.bucket_slot[i] = i < first ? 1 : 2;
	return s;
}

static void steer(const struct dp_steering *s)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(pair.a.dp->ops->site_steer(pair.a.dp, 1, s, &e) == 0, "%s", e.text);
}

static void rules(const struct dp_rule *r, size_t count)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(pair.a.dp->ops->site_rules(pair.a.dp, 1, r, count, &e) == 0, "%s", e.text);
}

/* The slot that a packet of the flow takes. */
static unsigned slot_of(unsigned flow)
{
	uint64_t first = dp_side_child(&pair.b, 1).rx_packets;

	dp_pair_crosses(&pair, &pair.a, &pair.b,
			dp_packet(out, IP_V4, 100, (uint16_t)(1000 + flow), 1));
	return dp_side_child(&pair.b, 1).rx_packets > first ? 1 : 2;
}

static unsigned on_first(unsigned from, unsigned to)
{
	unsigned n = 0;

	for (unsigned i = from; i < to; i++)
		n += slot_of(i) == 1;
	return n;
}

START_TEST(test_flows_stay_where_they_are)
{
	struct dp_steering s = shares(32, 3);
	unsigned before[FLOWS], first;

	steer(&s);
	for (unsigned i = 0; i < FLOWS; i++)
		before[i] = slot_of(i);
	first = on_first(0, FLOWS);
	ck_assert(first > 0 && first < FLOWS);
	s = shares(0, 3); /* everything new to slot 2 */
	steer(&s);
	for (unsigned i = 0; i < FLOWS; i++)
		ck_assert_uint_eq(slot_of(i), before[i]);
	ck_assert_uint_eq(on_first(FLOWS, 2 * FLOWS), 0);
	s = shares(0, 2); /* slot 1 may not be kept any more */
	steer(&s);
	ck_assert_uint_eq(on_first(0, 2 * FLOWS), 0);
	s = shares(64, 3); /* it is back: nobody moves, new ones use it */
	steer(&s);
	ck_assert_uint_eq(on_first(0, 2 * FLOWS), 0);
	ck_assert_uint_eq(on_first(2 * FLOWS, 3 * FLOWS), FLOWS);
}
END_TEST

static struct dp_rule port_rule(uint32_t number, uint16_t first, uint16_t last, uint8_t slot)
{
	struct dp_rule r = {.number = number, .slot = slot};

	r.match.source_port = (struct net_ports){.set = true, .first = first, .last = last};
	return r;
}

START_TEST(test_rules_move_only_what_matches)
{
	struct dp_steering s = shares(64, 3);
	struct dp_rule r[2] = {port_rule(20, 1000, 1009, 2), port_rule(30, 1000, 1004, 1)};
	const struct dp_ops *ops = pair.a.dp->ops;

	steer(&s);
	ck_assert_uint_eq(on_first(0, 20), 20);
	rules(r, 2); /* the first one decides, also for flows that are known */
	ck_assert_uint_eq(on_first(0, 10), 0);
	ck_assert_uint_eq(on_first(10, 20), 10);
	ck_assert_uint_eq(ops->rule_hits(pair.a.dp, 1, 20), 10);
	ck_assert_uint_eq(ops->rule_hits(pair.a.dp, 1, 30), 0);
	r[0] = port_rule(20, 1005, 1009, 2);
	rules(r, 2); /* hits live on */
	ck_assert_uint_eq(on_first(0, 10), 5);
	ck_assert_uint_eq(ops->rule_hits(pair.a.dp, 1, 20), 15);
	ck_assert_uint_eq(ops->rule_hits(pair.a.dp, 1, 30), 5);
	rules(NULL, 0); /* back to where they were */
	ck_assert_uint_eq(on_first(0, 20), 20);
	ck_assert_uint_eq(ops->rule_hits(pair.a.dp, 1, 20), 0);
}
END_TEST

START_TEST(test_rule_may_let_packets_wait)
{
	struct dp_rule r = port_rule(10, 1000, 1000, DP_RULE_DROP);
	struct dp_steering s = shares(64, 3);

	steer(&s);
	rules(&r, 1);
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	ck_assert_uint_eq(dp_side_counter(&pair.a, "tx_rule_waits"), 1);
	ck_assert_uint_eq(slot_of(1), 1);
	r.slot = 0; /* as if there were none */
	rules(&r, 1);
	ck_assert_uint_eq(slot_of(0), 1);
	ck_assert_uint_eq(pair.a.dp->ops->rule_hits(pair.a.dp, 1, 10), 2);
}
END_TEST

START_TEST(test_pin_is_before_rules)
{
	struct dp_rule r = port_rule(10, 1000, 2000, 1);
	struct dp_steering s = shares(64, 3);

	s.pin[1] = ip_addr_v4(0x0a020001); /* where all of them go to */
	steer(&s);
	rules(&r, 1);
	ck_assert_uint_eq(on_first(0, 10), 0);
	s = shares(64, 3);
	steer(&s);
	ck_assert_uint_eq(on_first(0, 10), 10);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dp_steer");
	TCase *t = tcase_create("by itself");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 120);
	if (!dp_pair_is_xfrm()) { /* there nftables chooses, see test_net_nft.c */
		tcase_add_test(t, test_flows_stay_where_they_are);
		tcase_add_test(t, test_rules_move_only_what_matches);
		tcase_add_test(t, test_rule_may_let_packets_wait);
		tcase_add_test(t, test_pin_is_before_rules);
	}
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return dp_pair_can_run() ? run_suite(suite()) : DP_PAIR_SKIPPED;
}
