/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network rules: what matches, who is first, and where the traffic goes. */
#include "dataplane/site/net_rule.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ip_range range(const char *text)
{
	struct ip_range r;

	ck_assert_int_eq(ip_range_parse(text, &r), 0);
	return r;
}

static struct net_packet packet(const char *source, const char *destination, uint8_t protocol,
				uint16_t from, uint16_t to, uint8_t dscp)
{
	struct net_packet p = {.protocol = protocol,
			       .has_ports = protocol == 6 || protocol == 17,
			       .source_port = from,
			       .destination_port = to,
			       .dscp = dscp};

	ck_assert_int_eq(ip_addr_parse(source, &p.source), 0);
	ck_assert_int_eq(ip_addr_parse(destination, &p.destination), 0);
	return p;
}

START_TEST(test_match_each_field)
{
	struct net_packet p = packet("10.0.0.2", "10.20.0.9", 17, 5060, 40000, 46);
	struct net_packet fragment = p;
	struct net_match m = {.source = {.first.family = IP_NONE}};

	ck_assert(net_match_packet(&m, &p)); /* nothing asked for */
	m.source = range("10.0.0.0-10.0.0.2");
	m.destination = range("10.20.0.9");
	m.has_protocol = true;
	m.protocol = 17;
	m.source_port = (struct net_ports){true, 5060, 5060};
	m.destination_port = (struct net_ports){true, 39999, 40000};
	m.has_dscp = true;
	m.dscp = 46;
	ck_assert(net_match_packet(&m, &p));
	fragment.has_ports = false;
	ck_assert(!net_match_packet(&m, &fragment));
	m.source_port.set = m.destination_port.set = false;
	ck_assert(net_match_packet(&m, &fragment));
}
END_TEST

START_TEST(test_each_field_can_refuse)
{
	const struct net_packet p = packet("10.0.0.2", "10.20.0.9", 17, 5060, 40000, 46);
	const struct net_match refuse[] = {
		{.source = range("10.0.0.3-10.0.0.255")},
		{.source = range("::/0")},
		{.destination = range("10.20.0.0/29")},
		{.has_protocol = true, .protocol = 6},
		{.source_port = {true, 5061, 65535}},
		{.destination_port = {true, 1, 39999}},
		{.has_dscp = true, .dscp = 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(refuse); i++)
		ck_assert_msg(!net_match_packet(&refuse[i], &p), "match %zu", i);
}
END_TEST

static struct net_rule rule(uint32_t priority, const char *site, uint32_t wan)
{
	struct net_rule r = {.priority = priority, .wan_role = wan};

	snprintf(r.site, sizeof(r.site), "%s", site);
	return r;
}

static uint32_t first(const struct net_rule_list *l, const char *site, const struct net_packet *p)
{
	const struct net_rule *r = net_rules_first(l, site, p);

	return r == NULL ? 0 : r->priority;
}

START_TEST(test_first_match_in_order_of_priority)
{
	struct net_rule_list l = {.count = 0};
	struct net_packet voice = packet("10.0.0.2", "10.20.0.9", 17, 5060, 40000, 46);
	struct net_packet web = packet("10.0.0.2", "10.20.0.9", 6, 443, 40000, 0);
	struct net_rule r = rule(20, "", 2);

	net_rules_set(&l, &r); /* everything, every site */
	r = rule(10, "Lyon", 1);
	r.match.has_dscp = true;
	r.match.dscp = 46;
	net_rules_set(&l, &r);
	r = rule(5, "Lyon", 0); /* not complete */
	net_rules_set(&l, &r);
	ck_assert_uint_eq(first(&l, "Lyon", &voice), 10);
	ck_assert_uint_eq(first(&l, "Lyon", &web), 20);
	ck_assert_uint_eq(first(&l, "Paris", &voice), 20);
	ck_assert(net_rules_remove(&l, 20));
	ck_assert(!net_rules_remove(&l, 20));
	ck_assert_uint_eq(first(&l, "Paris", &voice), 0);
	ck_assert_uint_eq(first(&l, "Lyon", &web), 0);
	net_rules_clear(&l);
}
END_TEST

static void three_wans(struct site_config *c)
{
	site_config_init(c, "Lyon");
	for (unsigned i = 0; i < SITE_TUNNELS; i++) {
		c->tunnels[SITE_PRIMARY][i].present = true;
		c->tunnels[SITE_PRIMARY][i].wan_role = i + 1;
	}
	c->tunnels[SITE_SECONDARY][0].present = true;
	c->tunnels[SITE_SECONDARY][0].wan_role = 1;
}

START_TEST(test_slot_and_fallback)
{
	struct site_config c;
	struct net_rule r = rule(10, "Lyon", 1);

	three_wans(&c);
	ck_assert_uint_eq(net_rule_slot(&r, &c, 0x7), 1);
	ck_assert_uint_eq(net_rule_slot(&r, &c, 0x8), 4); /* the secondary role has a wan1, too */
	ck_assert_uint_eq(net_rule_slot(&r, &c, 0x6), DP_RULE_DROP);
	r.fallback = NET_FALLBACK_ANY;
	ck_assert_uint_eq(net_rule_slot(&r, &c, 0x6), 0);
	r.fallback = NET_FALLBACK_WAN;
	r.fallback_wan = 3;
	ck_assert_uint_eq(net_rule_slot(&r, &c, 0x6), 3);
	ck_assert_uint_eq(net_rule_slot(&r, &c, 0x2), DP_RULE_DROP);
	r.wan_role = 0; /* only a priority: the tunnel is chosen as without a rule */
	r.qos_priority = 1;
	ck_assert_uint_eq(net_rule_slot(&r, &c, 0x7), 0);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_rules_of_a_site)
{
	struct net_rule_list l = {.count = 0}, copy = {.count = 0};
	struct net_rule a = rule(30, "Lyon", 2), b = rule(10, "Paris", 1), c = rule(20, "", 3);
	struct site_config site;
	struct dp_rule *rules;
	size_t count;

	three_wans(&site);
	net_rules_set(&l, &a);
	net_rules_set(&l, &b);
	net_rules_set(&l, &c);
	rules = net_rules_for_site(&l, &site, 0x7, &count);
	ck_assert_uint_eq(count, 2);
	ck_assert_uint_eq(rules[0].number, 20);
	ck_assert_uint_eq(rules[0].slot, 3);
	ck_assert_uint_eq(rules[1].number, 30);
	ck_assert_uint_eq(rules[1].slot, 2);
	free(rules);
	net_rules_copy(&copy, &l);
	ck_assert(net_rules_equal(&copy, &l));
	net_rules_find(&copy, 30)->qos_priority = 7;
	ck_assert(!net_rules_equal(&copy, &l));
	net_rules_clear(&copy);
	net_rules_clear(&l);
	site_config_clear(&site);
}
END_TEST

START_TEST(test_priorities_become_bands)
{
	struct net_rule_list l = {.count = 0};
	struct net_bands b;
	struct net_rule r = rule(1, "", 0);

	net_rules_set(&l, &r);
	r = rule(2, "Lyon", 0);
	ck_assert(!net_rule_is_for(&r, "Lyon"));
	r.qos_priority = 200;
	net_rules_set(&l, &r);
	ck_assert(net_rule_is_for(&r, "Lyon"));
	r = rule(3, "", 1);
	r.qos_priority = 10;
	net_rules_set(&l, &r);
	b = net_rules_bands(&l);
	ck_assert_uint_eq(b.of[0], 0);
	ck_assert_uint_eq(b.of[10], 1);
	ck_assert_uint_eq(b.of[200], 2);
	for (uint32_t i = 0; i < 10; i++) { /* more than there are bands */
		r = rule(10 + i, "", 1);
		r.qos_priority = 50 + i;
		net_rules_set(&l, &r);
	}
	b = net_rules_bands(&l);
	ck_assert_uint_eq(b.of[10], 1);
	ck_assert_uint_eq(b.of[50], 2);
	ck_assert_uint_eq(b.of[54], 6);
	ck_assert_uint_eq(b.of[55], NET_BANDS);
	ck_assert_uint_eq(b.of[59], NET_BANDS);
	ck_assert_uint_eq(b.of[200], NET_BANDS);
	net_rules_clear(&l);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_match_each_field,
		test_each_field_can_refuse,
		test_first_match_in_order_of_priority,
		test_slot_and_fallback,
		test_rules_of_a_site,
		test_priorities_become_bands,
	};

	return run_cases("net_rule", tests, ARRAY_LEN(tests));
}
