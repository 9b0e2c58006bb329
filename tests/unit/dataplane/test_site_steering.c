/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The supervisor's tunnels that fall silent and return, shares, network rules, caps, many devices.
 */
#include "platform/base/mem.h"
#include "tests/unit/dataplane/site_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Hears nothing since now - ms, with questions unanswered. */
static void silent_for(uint32_t id, uint64_t ms)
{
	struct tunnel *t = gateway_tunnel(g, id);

	t->health.heard_ms = t->health.waiting_ms = gateway_now_ms(g) - ms;
	t->health.asks = 9;
	fake.tunnels[id].pulse.last_rx_ms = t->health.heard_ms;
	fake.tunnels[id].pulse.asked_ms = t->health.heard_ms;
	g->traffic_timer.fn(g);
}

/* Heard just now, and for the last four seconds. */
static void heard_again(uint32_t id)
{
	struct tunnel *t = gateway_tunnel(g, id);

	fake.tunnels[id].pulse.last_rx_ms = gateway_now_ms(g);
	fake.tunnels[id].pulse.asked_ms = 0;
	t->health.heard_ms = gateway_now_ms(g) - 1000;
	t->health.steady_ms = gateway_now_ms(g) - 4000;
	g->traffic_timer.fn(g);
}

START_TEST(test_silent_tunnel_gets_no_new_flows)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	up(2, 12);
	up(3, 13);
	said();
	silent_for(1, 2900);
	ck_assert_uint_eq(bucket_count(1, 1), 32);
	ck_assert_uint_gt(fake.tunnels[1].probes, 0);
	silent_for(1, 3000);
	ck_assert_uint_eq(bucket_count(1, 2), 64);
	ck_assert_uint_eq(dp.sites[1].steering.usable, 0x2);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_UP);
	ck_assert_int_eq(tunnel("Lyon", 1)->health, HEALTH_UNUSABLE);
	ck_assert_str_eq(said(), "LINK_DEGRADED Lyon primary 1 is silent: nothing heard for 3 s; "
				 "new flows avoid it\n");
	heard_again(1);
	ck_assert_uint_eq(bucket_count(1, 1), 32);
	ck_assert_uint_eq(dp.sites[1].steering.usable, 0x3);
	ck_assert_str_eq(said(), "LINK_RESTORED Lyon primary 1 is good again\n");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_silence_becomes_down_and_returns)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	up(3, 13);
	said();
	silent_for(1, 3000); /* the only one of its role: kept until it counts as down */
	ck_assert_uint_eq(bucket_count(1, 1), 64);
	said();
	silent_for(1, 10000);
	ck_assert_str_eq(said(), "LINK_DOWN Lyon primary 1 is down, reason dead-peer, 0 of 2 "
				 "primary tunnels remain\n"
				 "HA_SWITCH Lyon moved from primary to secondary, all primary "
				 "tunnels down\n");
	ck_assert_uint_eq(bucket_count(1, 4), 64);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_DOWN);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "dead-peer");
	ck_assert(dp.children[11].there); /* the IKE SA goes on until the engine gives up */
	heard_again(1);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_UP);
	ck_assert_uint_eq(bucket_count(1, 4), 64); /* the failback delay */
	silent_for(1, 10000);
	said();
	down(1, 11, IKE_REASON_DEAD_PEER); /* said already */
	ck_assert_str_eq(said(), "");
	up(1, 21);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_UP);
	ck_assert_int_eq(tunnel("Lyon", 1)->health, HEALTH_GOOD);
	site_config_clear(&c);
}
END_TEST

/* A peer that lost its state comes back with a new IKE SA while the old one is silent. */
START_TEST(test_new_ike_sa_ends_silence)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	silent_for(1, 10000);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_DOWN);
	fake_down(1, IKE_REASON_REPLACED);
	fake_delete(11);
	up(1, 12);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_UP);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_shares_follow_health_in_steps)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	up(2, 12);
	gateway_tunnel(g, 1)->health.figures.score = 95;
	site_redistribute(g->sites[0]);
	ck_assert_uint_eq(bucket_count(1, 1), 32); /* 48.7 : 51.3 */
	gateway_tunnel(g, 1)->health.figures.score = 50;
	site_redistribute(g->sites[0]);
	ck_assert_uint_eq(bucket_count(1, 1), 24);
	site_redistribute(g->sites[0]);
	ck_assert_uint_eq(bucket_count(1, 1), 21);
	site_redistribute(g->sites[0]);
	ck_assert_uint_eq(bucket_count(1, 1), 21);
	gateway_tunnel(g, 1)->health.degraded = true; /* left the limits: at once */
	gateway_mark(g->sites[0]);
	gateway_pump(g);
	ck_assert_uint_eq(bucket_count(1, 2), 64);
	ck_assert_uint_eq(dp.sites[1].steering.usable, 0x3); /* its flows may stay */
	site_config_clear(&c);
}
END_TEST

/* Anew, with a data plane that has these features. */
static void set_up_with(unsigned features)
{
	tear_down();
	fake_dp_features = features;
	set_up();
	fake_dp_features = 0;
}

static struct net_rule_list voice_on(uint32_t wan, enum net_fallback fallback)
{
	struct net_rule_list l = {.count = 0};
	struct net_rule r = {.priority = 10, .wan_role = wan, .fallback = fallback};

	r.match.has_dscp = true;
	r.match.dscp = 46;
	net_rules_set(&l, &r);
	return l;
}

static void set_voice_on(uint32_t wan, enum net_fallback fallback)
{
	struct net_rule_list l = voice_on(wan, fallback);

	gateway_rules_set(g, &l);
	net_rules_clear(&l);
}

START_TEST(test_rules_follow_the_tunnels)
{
	struct site_config c;

	set_up_with(DP_RULES);
	set_lyon(&c);
	c.tunnels[SITE_PRIMARY][0].wan_role = 1;
	c.tunnels[SITE_PRIMARY][1].wan_role = 2;
	c.tunnels[SITE_SECONDARY][0].wan_role = 2;
	set_site(&c);
	up(1, 11);
	up(2, 12);
	set_voice_on(2, NET_FALLBACK_ANY);
	ck_assert_uint_eq(dp.sites[1].rules, 1);
	ck_assert_uint_eq(dp.sites[1].rule_slot, 2);
	ck_assert_uint_eq(gateway_rule_hits(g, 10), 110);
	silent_for(2, 3000);
	ck_assert_uint_eq(dp.sites[1].rule_slot, 0);
	set_voice_on(2, NET_FALLBACK_NONE);
	ck_assert_uint_eq(dp.sites[1].rule_slot, DP_RULE_DROP);
	heard_again(2);
	ck_assert_uint_eq(dp.sites[1].rule_slot, 2);
	up(3, 13);
	down(1, 11, IKE_REASON_DEAD_PEER);
	down(2, 12, IKE_REASON_DEAD_PEER);
	ck_assert_uint_eq(dp.sites[1].rule_slot, 4); /* wan2 of the secondary role */
	set_voice_on(0, NET_FALLBACK_NONE);
	ck_assert_uint_eq(dp.sites[1].rules, 0);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_marks_are_for_several_tunnels)
{
	struct net_rule_list none = {.count = 0};
	struct site_config c;

	set_up_with(DP_BY_MARK);
	ck_assert(net.by_mark);
	init_site(&c, "Lyon", "10.20.0.0/16");
	add_tunnel(&c, SITE_PRIMARY, 0, "203.0.113.1");
	set_site(&c);
	up(1, 11);
	ck_assert_uint_eq(net.steered, 0);
	ck_assert_uint_eq(bucket_count(1, 1), 64); /* where unmarked packets go */
	add_tunnel(&c, SITE_PRIMARY, 1, "203.0.113.2");
	c.tunnels[SITE_PRIMARY][1].wan_role = 2;
	c.tunnels[SITE_PRIMARY][1].last_mile_down = 25;
	set_site(&c);
	ck_assert_uint_eq(net.steered, 1);
	ck_assert_uint_eq(net.shape.tunnel_mbps[1], 25);
	up(2, 12);
	ck_assert_uint_eq(net.steering.usable, 3);
	ck_assert_uint_eq(net.steering.bucket_slot[0], 2);
	set_voice_on(2, NET_FALLBACK_NONE);
	ck_assert_uint_eq(net.steer_rules, 1);
	ck_assert_uint_eq(net.steer_rule.number, 10);
	ck_assert_uint_eq(net.steer_rule.slot, 2);
	ck_assert_uint_eq(gateway_rule_hits(g, 10), 1010);
	silent_for(2, 3000);
	ck_assert_uint_eq(net.steering.usable, 1);
	ck_assert_uint_eq(net.steer_rule.slot, DP_RULE_DROP);
	c.tunnels[SITE_PRIMARY][1].present = false;
	set_site(&c);
	ck_assert_uint_eq(net.steered, 1); /* the rule is still there */
	gateway_rules_set(g, &none);
	ck_assert_uint_eq(net.steered, 0);
	gateway_site_remove(g, "Lyon");
	site_config_clear(&c);
}
END_TEST

/* As if this turn of the loop had made devices for long. */
static void out_of_time(void)
{
	g->build_turn_ms = gateway_now_ms(g);
	g->build_began_ms = loop_clock_ms() - GATEWAY_BUILD_MS;
}

START_TEST(test_devices_wait_when_there_are_many)
{
	struct site_config lyon, nice;

	out_of_time();
	set_lyon(&lyon);
	init_site(&nice, "Nice", "10.30.0.0/16");
	add_tunnel(&nice, SITE_PRIMARY, 0, "203.0.113.7");
	set_site(&nice);
	ck_assert(!dp.sites[1].there && !dp.sites[2].there);
	fake_install(4, 41); /* whoever comes up gets its device at once */
	fake_up(4);
	gateway_pump(g);
	ck_assert(!dp.sites[1].there && dp.sites[2].there);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.30.0.0/16@2");
	g->build_turn_ms = 0;
	gateway_build_devices(g);
	ck_assert(dp.sites[1].there);
	out_of_time();
	gateway_site_remove(g, "Lyon");
	set_site(&lyon);
	ck_assert(!dp.sites[1].there);
	gateway_site_remove(g, "Lyon"); /* before it had a device */
	site_config_clear(&lyon);
	site_config_clear(&nice);
}
END_TEST

START_TEST(test_caps)
{
	struct site_config c;

	set_lyon(&c);
	ck_assert_uint_eq(net.shapes, 0);
	c.tunnels[SITE_PRIMARY][0].last_mile_down = 30;
	c.tunnels[SITE_PRIMARY][1].last_mile_down = 40;
	c.bandwidth_down = 50;
	set_site(&c);
	ck_assert_uint_eq(net.shapes, 1);
	ck_assert_uint_eq(net.shape.site_mbps, 50);
	up(1, 11); /* carries everything: its last mile */
	ck_assert_uint_eq(net.shape.site_mbps, 30);
	up(2, 12);
	ck_assert_uint_eq(net.shape.site_mbps, 50);
	c.bandwidth_down = 0;
	set_site(&c);
	ck_assert_uint_eq(net.shape.site_mbps, 70);    /* both last miles together */
	c.tunnels[SITE_PRIMARY][1].last_mile_down = 0; /* nobody knows */
	set_site(&c);
	ck_assert_uint_eq(net.shape.site_mbps, 0);
	ck_assert_uint_eq(net.shapes, 5);
	site_config_clear(&c);
}
END_TEST

/* Where the data plane knows which tunnel takes a packet, each is held to its own last mile, and
 * the device to the site's bandwidth only. */
START_TEST(test_caps_of_tunnels)
{
	struct site_config c;
	struct net_shape shape = {.site_mbps = 1};

	set_up_with(DP_CAPS);
	set_lyon(&c);
	c.tunnels[SITE_PRIMARY][0].last_mile_down = 30;
	c.tunnels[SITE_PRIMARY][1].last_mile_down = 40;
	set_site(&c);
	up(1, 11);
	up(2, 12);
	ck_assert_uint_eq(net.shapes, 0); /* nothing for the device to do */
	ck_assert_uint_eq(dp.sites[1].caps[0], 30);
	ck_assert_uint_eq(dp.sites[1].caps[1], 40);
	ck_assert_uint_eq(dp.sites[1].caps[3], 0);
	gateway_site_shape(g, "Lyon", &shape);
	ck_assert_uint_eq(shape.tunnel_mbps[1], 40);
	ck_assert_uint_eq(shape.site_mbps, 0);
	c.bandwidth_down = 50;
	c.tunnels[SITE_PRIMARY][1].last_mile_down = 20;
	set_site(&c);
	ck_assert_uint_eq(net.shapes, 1);
	ck_assert_uint_eq(net.shape.site_mbps, 50);
	ck_assert_uint_eq(dp.sites[1].caps[1], 20);
	c.tunnels[SITE_PRIMARY][0].last_mile_down = c.tunnels[SITE_PRIMARY][1].last_mile_down = 0;
	set_site(&c);
	ck_assert_uint_eq(dp.sites[1].caps[0] + dp.sites[1].caps[1], 0);
	ck_assert_uint_eq(net.shape.site_mbps, 50);
	site_config_clear(&c);
}
END_TEST

/* The only tunnel: its last mile is the device's. */
START_TEST(test_cap_of_the_only_tunnel)
{
	struct site_config c;

	set_up_with(DP_CAPS);
	init_site(&c, "Lyon", "10.20.0.0/16");
	add_tunnel(&c, SITE_PRIMARY, 0, "203.0.113.1");
	c.tunnels[SITE_PRIMARY][0].last_mile_down = 30;
	set_site(&c);
	up(1, 11);
	ck_assert_uint_eq(net.shape.site_mbps, 30);
	ck_assert_uint_eq(dp.sites[1].caps[0], 0);
	site_config_clear(&c);
}
END_TEST

/* A site with one tunnel: rules count their hits, so that packets are marked as long as there are
 * some. */
START_TEST(test_marks_are_for_rules)
{
	struct site_config c;
	struct net_rule_list none = {.count = 0};

	set_up_with(DP_BY_MARK);
	init_site(&c, "Lyon", "10.20.0.0/16");
	add_tunnel(&c, SITE_PRIMARY, 0, "203.0.113.1");
	c.tunnels[SITE_PRIMARY][0].wan_role = 1;
	c.bandwidth_down = 20;
	set_site(&c);
	up(1, 11);
	ck_assert_uint_eq(net.steered, 0);
	ck_assert(!net.shape.tunnel_classes);
	set_voice_on(1, NET_FALLBACK_ANY);
	ck_assert_uint_eq(net.steered, 1);
	ck_assert_uint_eq(net.steer_rules, 1);
	ck_assert_uint_eq(net.steer_rule.slot, 1);
	ck_assert(net.shape.tunnel_classes); /* for what is marked now */
	gateway_rules_set(g, &none);
	ck_assert_uint_eq(net.steered, 0);
	site_config_clear(&c);
}
END_TEST

static void set_priorities(uint32_t voice, uint32_t rest, const char *site)
{
	struct net_rule_list l = {.count = 0};
	struct net_rule r = {.priority = 10, .qos_priority = voice};

	snprintf(r.site, sizeof(r.site), "%s", site);
	r.match.has_dscp = true;
	r.match.dscp = 46;
	net_rules_set(&l, &r);
	r = (struct net_rule){.priority = 20, .wan_role = 1, .qos_priority = rest};
	net_rules_set(&l, &r);
	gateway_rules_set(g, &l);
	net_rules_clear(&l);
}

START_TEST(test_df_is_cleared_towards_some)
{
	struct site_config c;

	set_lyon(&c);
	ck_assert_uint_eq(net.df_sites, 0);
	c.df_bit = SITE_DF_CLEAR;
	set_site(&c);
	ck_assert_uint_eq(net.df_sites, 1);
	ck_assert_uint_eq(net.df_site, 1);
	c.df_bit = SITE_DF_COPY;
	set_site(&c);
	ck_assert_uint_eq(net.df_sites, 0);
	c.df_bit = SITE_DF_CLEAR;
	set_site(&c);
	gateway_site_remove(g, c.name);
	ck_assert_uint_eq(net.df_sites, 0);
	site_config_clear(&c);
}
END_TEST

/* Where the routes of a prefix stand: "1@2 0@3", table@site, in the order that they came. */
static const char *tables_of(const char *prefix)
{
	static char text[128];
	struct ip_prefix p;
	size_t at = 0;

	ck_assert_int_eq(ip_prefix_parse(prefix, &p), 0);
	text[0] = '\0';
	for (size_t i = 0; i < net.route_count; i++) {
		if (ip_prefix_equal(&net.routes[i].dst, &p))
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u@%d",
					       at == 0 ? "" : " ", net.routes[i].table,
					       net.routes[i].ifindex - 100);
	}
	return text;
}

static void set_of_account(struct site_config *c, const char *name, const char *native,
			   const char *account, const char *peer)
{
	init_site(c, name, native);
	snprintf(c->account, sizeof(c->account), "%s", account);
	add_tunnel(c, SITE_PRIMARY, 0, peer);
	set_site(c);
}

/* lyon 1 acme 10.20/16, metz 2 acme 10.21/16, oslo 3 beta 10.20.7/24 */
START_TEST(test_accounts_with_the_same_networks)
{
	struct site_config lyon, metz, oslo;

	set_of_account(&lyon, "Lyon", "10.20.0.0/16", "acme", "203.0.113.1");
	set_of_account(&metz, "Metz", "10.21.0.0/16", "acme", "203.0.113.2");
	up(1, 11);
	up(2, 12);
	ck_assert_str_eq(tables_of("10.20.0.0/16"), "0@1");
	ck_assert_uint_eq(net.table_count, 0);
	set_of_account(&oslo, "Oslo", "10.20.7.0/24", "beta", "203.0.113.3");
	up(3, 13);
	ck_assert_uint_eq(net.table_count, 2);
	ck_assert_uint_eq(net.table_last, 3);
	ck_assert_str_eq(tables_of("10.20.0.0/16"), "1@1");
	ck_assert_str_eq(tables_of("10.20.7.0/24"), "3@3");
	ck_assert_str_eq(tables_of("10.21.0.0/16"), "0@2 1@2"); /* unambiguous: in both */
	ck_assert_uint_eq(net.account.table, 3);
	ck_assert_uint_eq(gateway_account_table(g, "acme"), 101);
	down(1, 11, IKE_REASON_DEAD_PEER);
	ck_assert_str_eq(tables_of("10.20.0.0/16"), "");
	up(1, 21);
	gateway_site_remove(g, "Oslo");
	ck_assert_uint_eq(net.table_count, 0);
	ck_assert_str_eq(tables_of("10.20.0.0/16"), "0@1");
	ck_assert_str_eq(tables_of("10.21.0.0/16"), "0@2");
	ck_assert_uint_eq(gateway_account_table(g, "acme"), 0);
	site_config_clear(&lyon);
	site_config_clear(&metz);
	site_config_clear(&oslo);
}
END_TEST

START_TEST(test_same_networks_without_tables)
{
	const struct gateway_options options = {.ike_port = 0};
	const struct gateway_parts parts = {.dp_new = fake_dp_new, .dp_arg = &dp, .net = &net.base};
	struct err_msg e = {.text = ""};
	struct site_config lyon, oslo;

	gateway_free(g);
	fake_engine_reset();
	fake_net_init(&net);
	net.no_tables = true;
	g = gateway_new_with(loop, &options, events, NULL, &parts, &e);
	set_of_account(&lyon, "Lyon", "10.20.0.0/16", "acme", "203.0.113.1");
	init_site(&oslo, "Oslo", "10.20.7.0/24");
	snprintf(oslo.account, sizeof(oslo.account), "beta");
	add_tunnel(&oslo, SITE_PRIMARY, 0, "203.0.113.3");
	ck_assert_int_eq(gateway_site_set(g, &oslo, &e), ERR_UNSUPPORTED);
	ck_assert_str_eq(e.text,
			 "Site Oslo of account beta is not in force: its network 10.20.7.0/24 "
			 "overlaps 10.20.0.0/16 of site Lyon of account acme, and this kernel "
			 "cannot keep them apart: no policy rules");
	ck_assert_str_eq(gateway_overlap_problem(g), "no policy rules");
	site_config_clear(&lyon);
	site_config_clear(&oslo);
}
END_TEST

START_TEST(test_accounts_are_kept_apart)
{
	const struct gateway_reach reach[] = {{.from = "beta", .to = "acme"},
					      {.from = "acme", .to = "beta"},
					      {.from = "acme", .to = "nobody"}};
	struct site_config c, nice;

	set_lyon(&c);
	ck_assert_uint_eq(net.accounts, 0); /* there are none */
	snprintf(c.account, sizeof(c.account), "acme");
	set_site(&c);
	ck_assert_uint_eq(net.accounts, 1);
	ck_assert_uint_eq(net.reach, 1);
	init_site(&nice, "Nice", "10.30.0.0/16");
	add_tunnel(&nice, SITE_PRIMARY, 0, "203.0.113.7");
	set_site(&nice); /* without an account: one of its own */
	ck_assert_uint_eq(net.accounts, 2);
	ck_assert_uint_eq(net.account.site, 2);
	ck_assert_uint_eq(net.account.account, 1);
	ck_assert_uint_eq(net.reach, 2);
	snprintf(nice.account, sizeof(nice.account), "beta");
	set_site(&nice);
	gateway_reach_set(g, reach, ARRAY_LEN(reach));
	ck_assert_uint_eq(net.reach, 4); /* both ways, once */
	ck_assert_uint_eq(net.reach_last.a, 1);
	ck_assert_uint_eq(net.reach_last.b, 2);
	gateway_site_remove(g, "Nice");
	ck_assert_uint_eq(net.accounts, 1);
	ck_assert_uint_eq(net.reach, 1);
	c.account[0] = '\0';
	set_site(&c);
	ck_assert_uint_eq(net.accounts, 0);
	site_config_clear(&c);
	site_config_clear(&nice);
}
END_TEST

START_TEST(test_priorities)
{
	struct site_config c, nice;

	set_lyon(&c);
	set_priorities(0, 0, "Lyon");
	ck_assert_uint_eq(net.classes, 0); /* nobody has one */
	set_priorities(5, 0, "Lyon");
	ck_assert_uint_eq(net.classes, 2);
	ck_assert_uint_eq(net.class.band, 1);
	ck_assert_uint_eq(net.class.site, 1);
	ck_assert_uint_eq(net.shapes, 0); /* nothing is short */
	c.bandwidth_down = 20;
	set_site(&c);
	ck_assert_uint_eq(net.shape.bands, 1);
	set_priorities(5, 1, "");
	ck_assert_uint_eq(net.class.site, 0);
	ck_assert_uint_eq(net.class.band, 2);
	ck_assert_uint_eq(net.shape.bands, 2);
	set_priorities(5, 1, "Nice");
	ck_assert_uint_eq(net.classes, 1); /* there is no such site */
	ck_assert_uint_eq(net.shape.bands, 1);
	init_site(&nice, "Nice", "10.30.0.0/16");
	add_tunnel(&nice, SITE_PRIMARY, 0, "203.0.113.7");
	set_site(&nice);
	ck_assert_uint_eq(net.classes, 2);
	ck_assert_uint_eq(net.class.site, 2);
	gateway_site_remove(g, "Nice");
	ck_assert_uint_eq(net.classes, 1);
	site_config_clear(&c);
	site_config_clear(&nice);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_silent_tunnel_gets_no_new_flows,
		test_silence_becomes_down_and_returns,
		test_new_ike_sa_ends_silence,
		test_shares_follow_health_in_steps,
		test_rules_follow_the_tunnels,
		test_marks_are_for_several_tunnels,
		test_devices_wait_when_there_are_many,
		test_caps,
		test_caps_of_tunnels,
		test_cap_of_the_only_tunnel,
		test_marks_are_for_rules,
		test_priorities,
		test_accounts_are_kept_apart,
		test_df_is_cleared_towards_some,
		test_accounts_with_the_same_networks,
		test_same_networks_without_tables,
	};

	return site_fixture_run("site_steering", tests, ARRAY_LEN(tests));
}
