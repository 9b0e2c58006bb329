/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which slot a packet takes: pins, rules, flows that stay, buckets. */
#include "dataplane/flow_table.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

#define FLOWS 1000

static struct flow_table *table;
static struct dp_steering steering;
static struct dp_rule rules[2];
static struct flow_rules in_force;
static uint32_t rule;

static void set_up(void)
{
	table = flow_table_new(8UL * FLOWS);
	memset(&steering, 0, sizeof(steering));
	memset(rules, 0, sizeof(rules));
	in_force = (struct flow_rules){.rules = rules};
	steering.usable = 7;
}

static void tear_down(void)
{
	flow_table_free(table);
}

static void share(unsigned first, unsigned second)
{
	for (unsigned i = 0; i < DP_BUCKETS; i++)
		steering.bucket_slot[i] = i < first ? 1 : i < first + second ? 2 : 3;
}

static uint64_t mix(uint64_t x)
{
	x = (x + 1) * UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

static struct net_packet packet_of(unsigned flow)
{
	return (struct net_packet){.source = ip_addr_v4(0x0a000002),
				   .destination = ip_addr_v4(0x0a140000 + flow),
				   .protocol = 17,
				   .has_ports = true,
				   .source_port = (uint16_t)flow,
				   .destination_port = 5060};
}

static uint8_t choose(uint32_t site, unsigned flow, uint32_t now_s)
{
	struct net_packet p = packet_of(flow);
	uint64_t hash = mix(flow);

	return flow_choose(table, site, &steering, &in_force, &p, hash, hash % DP_BUCKETS, now_s,
			   &rule);
}

static unsigned on_slot(uint8_t slot, unsigned from, uint32_t now_s)
{
	unsigned n = 0;

	for (unsigned i = from; i < from + FLOWS; i++)
		n += choose(1, i, now_s) == slot;
	return n;
}

START_TEST(test_flows_stay_and_new_ones_follow)
{
	unsigned second;

	share(48, 16);
	second = on_slot(2, 0, 10);
	ck_assert_uint_ge(second, 195);
	ck_assert_uint_le(second, 305);
	share(16, 48);
	ck_assert_uint_eq(on_slot(2, 0, 20), second);
	ck_assert_uint_ge(on_slot(2, FLOWS, 20), 695);
}
END_TEST

START_TEST(test_flows_of_a_dead_slot_move_the_others_stay)
{
	unsigned first;

	share(32, 32);
	first = on_slot(1, 0, 10);
	ck_assert(first > 400 && first < 600);
	share(0, 64); /* all buckets of slot 1 go, its flows need not yet */
	ck_assert_uint_eq(on_slot(1, 0, 11), first);
	share(64, 0);
	steering.usable = 1;
	for (unsigned i = 0; i < FLOWS; i++)
		ck_assert_uint_eq(choose(1, i, 11), 1);
	share(32, 32); /* it returns: nobody moves back */
	steering.usable = 3;
	for (unsigned i = 0; i < FLOWS; i++)
		ck_assert_uint_eq(choose(1, i, 12), 1);
}
END_TEST

START_TEST(test_quiet_flows_are_new_ones)
{
	share(64, 0);
	ck_assert_uint_eq(on_slot(1, 0, 10), FLOWS);
	share(0, 64);
	ck_assert_uint_eq(on_slot(1, 0, 3000), FLOWS);
	ck_assert_uint_eq(on_slot(2, 0, 3000 + 3600), FLOWS);
}
END_TEST

START_TEST(test_sites_are_apart)
{
	share(64, 0);
	ck_assert_uint_eq(choose(1, 5, 10), 1);
	share(0, 64);
	ck_assert_uint_eq(choose(2, 5, 10), 2);
	ck_assert_uint_eq(choose(1, 5, 10), 1);
}
END_TEST

START_TEST(test_nothing_usable)
{
	ck_assert_uint_eq(choose(1, 5, 10), 0); /* and nothing is kept of it */
	share(64, 0);
	ck_assert_uint_eq(choose(1, 5, 10), 1);
}
END_TEST

START_TEST(test_more_flows_than_places)
{
	share(32, 32);
	for (unsigned i = 0; i < 200 * FLOWS; i++)
		ck_assert_uint_ne(choose(1, i, 10 + i / FLOWS), 0);
	share(64, 0);
	steering.usable = 3;
	/* the latest are known still: of eight thousand places */
	ck_assert_uint_gt(on_slot(2, 199 * FLOWS, 300), 300);
}
END_TEST

START_TEST(test_pins_and_rules)
{
	share(64, 0);
	ck_assert_uint_eq(choose(1, 9, 10), 1);
	rules[0].match.has_protocol = true;
	rules[0].match.protocol = 17;
	rules[0].match.destination_port = (struct net_ports){true, 5060, 5060};
	rules[0].slot = 3;
	rules[1] = rules[0];
	rules[1].slot = 2;
	in_force.count = 2;
	ck_assert_uint_eq(choose(1, 9, 10), 3); /* wins over the flow's slot */
	ck_assert_uint_eq(rule, 0);
	rules[0].match.protocol = 6;
	ck_assert_uint_eq(choose(1, 9, 10), 2);
	ck_assert_uint_eq(rule, 1);
	rules[1].slot = 0; /* as if there were none, but counted */
	ck_assert_uint_eq(choose(1, 9, 10), 1);
	ck_assert_uint_eq(rule, 1);
	rules[1].slot = DP_RULE_DROP;
	ck_assert_uint_eq(choose(1, 9, 10), DP_RULE_DROP);
	steering.pin[1] = packet_of(9).destination;
	ck_assert_uint_eq(choose(1, 9, 10), 2);
	ck_assert_uint_eq(rule, FLOW_NO_RULE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_flows_stay_and_new_ones_follow,
		test_flows_of_a_dead_slot_move_the_others_stay,
		test_quiet_flows_are_new_ones,
		test_sites_are_apart,
		test_nothing_usable,
		test_more_flows_than_places,
		test_pins_and_rules,
	};
	Suite *suite = suite_create("flow_table");
	TCase *tcase = tcase_create("flow_table");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
