/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The supervisor with an engine, a data plane and a kernel that the test plays. */
#include "platform/base/mem.h"
#include "tests/unit/dataplane/fake_engine.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <string.h>

static struct loop *loop;
static struct event_log *events;
static struct gateway *g;
static struct fake_dp dp;
static struct fake_net net;
static struct site_status st;
static char routes[512];

static uint64_t wall(void)
{
	return 0;
}

static void set_up(void)
{
	const struct gateway_options options = {.ike_port = 0};
	const struct gateway_parts parts = {.dp_new = fake_dp_new, .dp_arg = &dp, .net = &net.base};
	struct err_msg e = {.text = ""};

	fake_engine_reset();
	fake_net_init(&net);
	loop = loop_new(&e);
	events = event_log_new(wall, 200);
	g = gateway_new_with(loop, &options, events, NULL, &parts, &e);
	ck_assert_msg(g != NULL, "%s", e.text);
	ck_assert_uint_eq(net.cleans, 1);
}

static void tear_down(void)
{
	gateway_free(g);
	event_log_free(events);
	loop_free(loop);
}

/* ---- Sites to play with ------------------------------------------------------------------------
 */

static void add_tunnel(struct site_config *c, enum site_role role, unsigned index0,
		       const char *peer)
{
	struct tunnel_config *t = &c->tunnels[role][index0];

	t->present = true;
	ck_assert_int_eq(ip_addr_parse(peer, &t->public_ip), 0);
	secret_set(&t->psk.key, "a key for the test", 18);
}

static void init_site(struct site_config *c, const char *name, const char *native)
{
	site_config_init(c, name);
	ck_assert_int_eq(ip_prefix_parse(native, &c->native_range), 0);
}

static void set_site(const struct site_config *c)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(gateway_site_set(g, c, &e) == 0, "%s", e.text);
}

/* Lyon: primary 1 and 2 (tunnels 1, 2), secondary 1 (tunnel 3); device ips1. */
static void set_lyon(struct site_config *c)
{
	init_site(c, "Lyon", "10.20.0.0/16");
	add_tunnel(c, SITE_PRIMARY, 0, "203.0.113.1");
	add_tunnel(c, SITE_PRIMARY, 1, "203.0.113.2");
	add_tunnel(c, SITE_SECONDARY, 0, "203.0.113.3");
	snprintf(c->tunnels[SITE_PRIMARY][1].name, SITE_TEXT_MAX, "vdsl");
	set_site(c);
}

static void up(uint32_t tunnel, uint32_t child)
{
	fake_install(tunnel, child);
	fake_up(tunnel);
	gateway_pump(g);
}

static void down(uint32_t tunnel, uint32_t child, enum ike_reason r)
{
	fake_down(tunnel, r);
	fake_delete(child);
	gateway_pump(g);
}

static const struct tunnel_status *tunnel(const char *site, uint8_t slot)
{
	ck_assert_int_eq(gateway_site_find(g, site, &st), 0);
	for (size_t i = 0; i < st.tunnel_count; i++) {
		if (st.tunnels[i].slot == slot)
			return &st.tunnels[i];
	}
	ck_abort_msg("no tunnel in slot %u", slot);
}

static unsigned bucket_count(uint32_t site, uint8_t slot)
{
	unsigned n = 0;

	for (unsigned i = 0; i < DP_BUCKETS; i++)
		n += dp.sites[site].steering.bucket_slot[i] == slot;
	return n;
}

/* Events since the last call, one line each: "MNEMONIC text\n". */
static const char *said(void)
{
	static char text[4096];
	static uint64_t seen_of_log;
	static const struct event_log *last;
	const struct list *head = event_log_entries(events);
	size_t at = 0;

	if (last != events)
		seen_of_log = 0;
	last = events;
	text[0] = '\0';
	for (const struct list *n = head->next; n != head; n = n->next) {
		const struct event *ev = container_of(n, struct event, node);

		if (ev->number <= seen_of_log)
			continue;
		seen_of_log = ev->number;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s\n",
				       event_row(ev->id)->mnemonic, ev->text);
	}
	return text;
}

/* ---- Tests -------------------------------------------------------------------------------------
 */

START_TEST(test_site_comes_and_goes)
{
	struct site_config c;

	set_lyon(&c);
	ck_assert(dp.sites[1].there && !dp.sites[1].carrier);
	ck_assert_str_eq(fake_net_text(&net, routes), "");
	ck_assert_str_eq(said(), "");
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "waiting-for-peer");
	ck_assert_str_eq(tunnel("Lyon", 1)->hint,
			 "The peer has to initiate, nothing has come from it yet");
	ck_assert_str_eq(st.device, "ips1");
	up(1, 11);
	ck_assert_str_eq(said(), "LINK_UP Lyon primary 1 is up, peer any:0, none\n"
				 "SITE_UP Lyon is connected over primary\n");
	ck_assert(dp.sites[1].carrier);
	ck_assert_uint_eq(bucket_count(1, 1), 64);
	ck_assert_uint_eq(dp.children[11].slot, 1);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1");
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_UP);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "-");
	ck_assert(st.connected);
	down(1, 11, IKE_REASON_DEAD_PEER);
	ck_assert_str_eq(said(), "LINK_DOWN Lyon primary 1 is down, reason dead-peer, 0 of 2 "
				 "primary tunnels remain\n"
				 "SITE_DOWN Lyon is down, none of its tunnels is up\n");
	ck_assert(!dp.sites[1].carrier);
	ck_assert_uint_eq(bucket_count(1, 0), 64);
	ck_assert_str_eq(fake_net_text(&net, routes), "");
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_DOWN);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "dead-peer");
	ck_assert_uint_eq(tunnel("Lyon", 1)->last_down.reason, IKE_REASON_DEAD_PEER);
	gateway_site_remove(g, "Lyon");
	ck_assert(!dp.sites[1].there);
	ck_assert_str_eq(said(), "");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_roles_switch)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	up(2, 12);
	up(3, 13);
	said();
	ck_assert_uint_eq(bucket_count(1, 1), 32);
	ck_assert_uint_eq(bucket_count(1, 2), 32);
	down(2, 12, IKE_REASON_AUTH_FAILED);
	ck_assert_str_eq(said(), "LINK_DOWN Lyon primary 2 (vdsl) is down, reason auth-failed, "
				 "1 of 2 primary tunnels remain\n");
	ck_assert_uint_eq(bucket_count(1, 1), 64);
	down(1, 11, IKE_REASON_DEAD_PEER);
	ck_assert_str_eq(said(), "LINK_DOWN Lyon primary 1 is down, reason dead-peer, 0 of 2 "
				 "primary tunnels remain\n"
				 "HA_SWITCH Lyon moved from primary to secondary, all primary "
				 "tunnels down\n");
	ck_assert_uint_eq(bucket_count(1, 4), 64);
	ck_assert(dp.sites[1].carrier);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1");
	tunnel("Lyon", 4);
	ck_assert(st.active == SITE_SECONDARY && st.connected);
	up(1, 21); /* back, but the failback delay runs */
	ck_assert_uint_eq(bucket_count(1, 4), 64);
	said();
	c.failback_delay_s = 0;
	set_site(&c);
	ck_assert_uint_eq(bucket_count(1, 1), 64);
	ck_assert_str_eq(said(), "HA_SWITCH Lyon moved from secondary to primary, its primary "
				 "tunnels are up\n");
	site_config_clear(&c);
}
END_TEST

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
	ck_assert_uint_eq(net.shape.site_mbps, 0);
	ck_assert_uint_eq(net.shapes, 4);
	site_config_clear(&c);
}
END_TEST

/* Two tunnels that go in one round: the role moves once, not over the one that goes as well. */
START_TEST(test_one_batch)
{
	struct site_config c;
	unsigned steers;

	set_lyon(&c);
	up(1, 11);
	up(2, 12);
	up(3, 13);
	steers = dp.sites[1].steers;
	fake_down(1, IKE_REASON_DEAD_PEER);
	fake_delete(11);
	fake_down(2, IKE_REASON_DEAD_PEER);
	fake_delete(12);
	gateway_pump(g);
	ck_assert_uint_eq(dp.sites[1].steers, steers + 1);
	ck_assert_uint_eq(bucket_count(1, 4), 64);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_rekey_is_no_event)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	said();
	dp.children[11].counters.rx_bytes = 1000;
	fake_install(1, 12);
	gateway_pump(g);
	fake_delete(11);
	fake_event(1, IKE_EVENT_CHILD_REKEYED, IKE_REASON_NONE, "");
	gateway_pump(g);
	ck_assert_str_eq(said(), "");
	dp.children[12].counters.rx_bytes = 500;
	g->traffic_timer.fn(g);
	ck_assert_uint_eq(tunnel("Lyon", 1)->rx_bytes, 1500);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_ike_sa_without_child_is_not_up)
{
	struct site_config c;

	set_lyon(&c);
	fake_up(1);
	fake_event(1, IKE_EVENT_CHILD_FAILED, IKE_REASON_TS_UNACCEPTABLE, "we offered 0.0.0.0/0");
	gateway_pump(g);
	ck_assert_str_eq(said(), "CHILD_FAILED Lyon primary 1: Child SA not established, reason "
				 "ts-unacceptable (we offered 0.0.0.0/0)\n");
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_DOWN);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "ts-unacceptable");
	ck_assert(!st.connected);
	fake_event(1, IKE_EVENT_CHILD_FAILED, IKE_REASON_TS_UNACCEPTABLE, "again");
	gateway_pump(g);
	ck_assert_str_eq(said(), "");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_child_failures_do_not_flood)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	said();
	fake_event(1, IKE_EVENT_CHILD_FAILED, IKE_REASON_NO_PROPOSAL_CHOSEN, "");
	gateway_pump(g);
	ck_assert_str_eq(said(), "CHILD_FAILED Lyon primary 1: Child SA not established, reason "
				 "no-proposal-chosen\n");
	for (int i = 0; i < 5; i++)
		fake_event(1, IKE_EVENT_CHILD_FAILED, IKE_REASON_NO_PROPOSAL_CHOSEN, "");
	gateway_pump(g);
	ck_assert_str_eq(said(), "");
	fake_event(1, IKE_EVENT_CHILD_FAILED, IKE_REASON_EXPIRED, "");
	gateway_pump(g);
	ck_assert_ptr_nonnull(strstr(said(), "expired"));
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_UP);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_attempts_are_said_when_the_reason_changes)
{
	struct site_config c;
	const char *line = "LINK_ATTEMPT_FAILED Lyon primary 2 (vdsl) could not come up, reason ";

	set_lyon(&c);
	for (int i = 0; i < 3; i++) {
		fake_event(2, IKE_EVENT_ATTEMPT_FAILED, IKE_REASON_NO_RESPONSE, "");
		gateway_pump(g);
	}
	ck_assert_uint_eq(strlen(said()), strlen(line) + strlen("no-response\n"));
	fake_event(2, IKE_EVENT_ATTEMPT_FAILED, IKE_REASON_AUTH_FAILED, "peer says so");
	gateway_pump(g);
	ck_assert_ptr_nonnull(strstr(said(), "reason auth-failed (peer says so)"));
	ck_assert_str_eq(tunnel("Lyon", 2)->reason, "auth-failed");
	ck_assert(tunnel("Lyon", 2)->state == TUNNEL_DOWN);
	fake.tunnels[2].status.state = IKE_TUNNEL_CONNECTING; /* the next attempt runs */
	ck_assert(tunnel("Lyon", 2)->state == TUNNEL_DOWN);
	up(2, 12);
	down(2, 12, IKE_REASON_DEAD_PEER);
	said();
	fake_event(2, IKE_EVENT_ATTEMPT_FAILED, IKE_REASON_AUTH_FAILED, "");
	gateway_pump(g); /* a new period */
	ck_assert_ptr_nonnull(strstr(said(), "auth-failed"));
	site_config_clear(&c);
}
END_TEST

START_TEST(test_configuration_touches_only_what_changed)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	up(2, 12);
	said();
	snprintf(c.tunnels[SITE_PRIMARY][1].name, SITE_TEXT_MAX, "fiber");
	snprintf(c.country, SITE_TEXT_MAX, "France");
	set_site(&c);
	set_site(&c);
	for (uint32_t i = 1; i <= 3; i++) {
		ck_assert_uint_eq(fake.tunnels[i].sets, 1);
		ck_assert_uint_eq(fake.tunnels[i].removes, 0);
	}
	ck_assert_str_eq(tunnel("Lyon", 2)->name, "fiber");
	ck_assert_str_eq(said(), "");
	/* a network more is a route more at once */
	{
		struct ip_range r;

		ck_assert_int_eq(ip_range_parse("10.30.0.0/24", &r), 0);
		site_network_list_set(&c.networks, "lab", &r);
	}
	set_site(&c);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1 10.30.0.0/24@1");
	/* a tunnel that is configured away goes silently, and the other carries on */
	tunnel_config_clear(&c.tunnels[SITE_PRIMARY][1]);
	set_site(&c);
	ck_assert_uint_eq(fake.tunnels[2].removes, 1);
	ck_assert(!dp.children[12].there && dp.children[11].there);
	ck_assert_uint_eq(bucket_count(1, 1), 64);
	ck_assert_str_eq(said(), "");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_incomplete)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	said();
	secret_clear(&c.tunnels[SITE_PRIMARY][0].psk.key);
	set_site(&c);
	ck_assert(!fake.tunnels[1].used && !dp.children[11].there);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_INCOMPLETE);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "psk missing");
	ck_assert_ptr_nonnull(strstr(said(), "reason config-changed"));
	ck_assert_str_eq(fake_net_text(&net, routes), "");
	secret_set(&c.tunnels[SITE_PRIMARY][0].psk.key, "key", 3);
	set_site(&c);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "waiting-for-peer");
	c.identifier = SITE_ID_EMAIL;
	snprintf(c.tunnels[SITE_PRIMARY][0].local_id, SITE_TEXT_MAX, "nonsense");
	set_site(&c);
	ck_assert(tunnel("Lyon", 1)->state == TUNNEL_INCOMPLETE);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "local-id invalid");
	ck_assert_str_eq(tunnel("Lyon", 2)->reason, "local-id missing");
	site_config_clear(&c);
}
END_TEST

START_TEST(test_duplicate_identity)
{
	struct site_config a, b;

	set_lyon(&a);
	init_site(&b, "Metz", "10.40.0.0/16");
	add_tunnel(&b, SITE_PRIMARY, 0, "203.0.113.2");
	set_site(&b);
	ck_assert(tunnel("Metz", 1)->state == TUNNEL_DOWN);
	ck_assert_str_eq(tunnel("Metz", 1)->reason, "duplicate-identity");
	ck_assert_ptr_nonnull(strstr(tunnel("Metz", 1)->hint, "Lyon primary 2"));
	/* it enters service when the other one lets go */
	tunnel_config_clear(&a.tunnels[SITE_PRIMARY][1]);
	set_site(&a);
	ck_assert_str_eq(tunnel("Metz", 1)->reason, "waiting-for-peer");
	ck_assert_uint_eq(g->duplicates, 0);
	site_config_clear(&a);
	site_config_clear(&b);
}
END_TEST

/* Two tunnels exchange their identities in one change. */
START_TEST(test_swapped_identities)
{
	struct site_config c;
	struct ip_addr first;

	set_lyon(&c);
	first = c.tunnels[SITE_PRIMARY][0].public_ip;
	c.tunnels[SITE_PRIMARY][0].public_ip = c.tunnels[SITE_PRIMARY][1].public_ip;
	c.tunnels[SITE_PRIMARY][1].public_ip = first;
	set_site(&c);
	ck_assert(fake.tunnels[1].used && fake.tunnels[2].used);
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "waiting-for-peer");
	ck_assert_str_eq(tunnel("Lyon", 2)->reason, "waiting-for-peer");
	ck_assert_uint_eq(fake.tunnels[1].profile.remote.addr.bytes[3], 2);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_same_prefix_of_two_sites)
{
	struct site_config a, b;

	set_lyon(&a);
	init_site(&b, "Metz", "10.20.0.0/16");
	add_tunnel(&b, SITE_PRIMARY, 0, "203.0.113.9");
	set_site(&b); /* tunnel 4, ips2 */
	up(4, 14);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@2");
	up(1, 11);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1");
	down(4, 14, IKE_REASON_DEAD_PEER);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1");
	up(4, 15);
	down(1, 11, IKE_REASON_DEAD_PEER);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@2");
	site_config_clear(&a);
	site_config_clear(&b);
}
END_TEST

START_TEST(test_smallest_free_index)
{
	struct site_config c;
	const char *names[] = {"c", "a", "b"};

	for (unsigned i = 0; i < 3; i++) {
		site_config_init(&c, names[i]);
		set_site(&c);
	}
	gateway_site_remove(g, "a");
	gateway_site_remove(g, "unknown");
	site_config_init(&c, "z");
	set_site(&c);
	ck_assert_int_eq(gateway_site_at(g, 0, &st), 0);
	ck_assert_str_eq(st.name, "b");
	ck_assert_uint_eq(st.index, 3);
	ck_assert_int_eq(gateway_site_at(g, 2, &st), 0);
	ck_assert_str_eq(st.name, "z");
	ck_assert_uint_eq(st.index, 2);
	ck_assert_int_eq(gateway_site_at(g, 3, &st), ERR_NOT_FOUND);
	ck_assert_int_eq(gateway_site_find(g, "a", &st), ERR_NOT_FOUND);
}
END_TEST

START_TEST(test_refused_operations_are_retried)
{
	struct site_config c;

	dp.fail_site_add = true;
	set_lyon(&c);
	ck_assert_str_eq(said(), "DATAPLANE_ERROR Lyon: device ips1: no TUN today\n");
	ck_assert(heap_contains(&g->retry_timer.node));
	g->retry_timer.fn(g);
	ck_assert_str_eq(said(), ""); /* once */
	fake_install(1, 11);
	gateway_pump(g);
	ck_assert_uint_eq(fake.broken, 11);
	said();
	dp.fail_site_add = false;
	g->retry_timer.fn(g);
	ck_assert(dp.sites[1].there);
	net.fail_routes = true;
	up(1, 12);
	ck_assert_ptr_nonnull(strstr(said(), "DATAPLANE_ERROR Lyon: route: route 10.x: no"));
	g->retry_timer.fn(g);
	ck_assert_str_eq(said(), "");
	net.fail_routes = false;
	g->retry_timer.fn(g);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1");
	ck_assert_uint_gt(net.calls, 2);
	net.calls = 0;
	gateway_mark(gateway_site(g, "Lyon"));
	gateway_pump(g);
	ck_assert_uint_eq(net.calls, 0); /* nothing to do, nothing done */
	site_config_clear(&c);
}
END_TEST

/* Somebody deletes one of our routes, bends another, and adds one in our name. */
START_TEST(test_routes_changed_by_hand)
{
	struct site_config c;
	struct ip_range r;

	set_lyon(&c);
	ck_assert_int_eq(ip_range_parse("10.30.0.0/24", &r), 0);
	site_network_list_set(&c.networks, "lab", &r);
	set_site(&c);
	up(1, 11);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1 10.30.0.0/24@1");
	net.routes[0] = net.routes[1];
	net.routes[0].ifindex = 109;
	net.routes[1].dst.addr = ip_addr_v4(0x0a630000);
	g->audit_timer.fn(g);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1 10.30.0.0/24@1");
	net.calls = 0;
	g->audit_timer.fn(g);
	ck_assert_uint_eq(net.calls, 0);
	ck_assert(heap_contains(&g->audit_timer.node));
	site_config_clear(&c);
}
END_TEST

START_TEST(test_install_refused)
{
	struct site_config c;

	set_lyon(&c);
	dp.fail_child_add = true;
	fake_install(1, 11);
	fake_up(1);
	gateway_pump(g);
	ck_assert_uint_eq(fake.broken, 11);
	ck_assert_str_eq(said(), "DATAPLANE_ERROR Lyon: Child SA: key refused\n");
	ck_assert(tunnel("Lyon", 1)->state != TUNNEL_UP);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_unknown_peers_cannot_flood)
{
	for (int i = 0; i < 50; i++)
		fake_unknown_peer("example.net");
	gateway_pump(g);
	ck_assert_str_eq(said(), "UNKNOWN_PEER peer 203.0.113.7:4500 presented identity "
				 "example.net (fqdn), which no tunnel expects\n");
	for (int i = 0; i < 30; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%d.example.net", i);
		fake_unknown_peer(name);
	}
	gateway_pump(g);
	{
		const char *text = said();
		unsigned lines = 0;

		for (; *text != '\0'; text++)
			lines += *text == '\n';
		ck_assert_uint_eq(lines, 4);
	}
	ck_assert_uint_eq(g->counters.unknown_peer_not_said, 49 + 26);
}
END_TEST

START_TEST(test_commands)
{
	struct site_config c;
	struct err_msg e = {.text = ""};

	ck_assert_int_eq(gateway_command(g, "Lyon", 0, IKE_CMD_CLEAR, &e), ERR_NOT_FOUND);
	set_lyon(&c);
	ck_assert_int_eq(gateway_command(g, "Lyon", 5, IKE_CMD_CLEAR, &e), ERR_NOT_FOUND);
	ck_assert_str_eq(e.text, "site Lyon has no tunnel secondary 2");
	ck_assert_int_eq(gateway_command(g, "Lyon", 0, IKE_CMD_INITIATE, &e), ERR_STATE);
	ck_assert_str_eq(e.text,
			 "Lyon: connection-mode is responder-only, the peer has to initiate");
	ck_assert_int_eq(gateway_command(g, "Lyon", 1, IKE_CMD_REKEY_IKE, &e), ERR_STATE);
	ck_assert_str_eq(e.text, "Lyon primary 1 is not up, there is nothing to rekey");
	up(1, 11);
	ck_assert_int_eq(gateway_command(g, "Lyon", 0, IKE_CMD_REKEY_CHILD, &e), 0);
	ck_assert_uint_eq(fake.tunnels[1].commands, 1);
	ck_assert_uint_eq(fake.tunnels[2].commands, 0);
	ck_assert_int_eq(gateway_command(g, "Lyon", 0, IKE_CMD_TERMINATE, &e), 0);
	down(1, 11, IKE_REASON_ADMIN_DOWN);
	for (uint8_t slot = 1; slot <= 4; slot++) {
		if (slot == 3)
			continue;
		ck_assert(tunnel("Lyon", slot)->state == TUNNEL_ADMIN_DOWN);
		ck_assert_str_eq(tunnel("Lyon", slot)->reason, "admin-down");
	}
	site_config_clear(&c);
}
END_TEST

START_TEST(test_traffic_brings_up)
{
	struct site_config c;
	struct err_msg e = {.text = ""};

	init_site(&c, "Lyon", "10.20.0.0/16");
	c.connection_mode = SITE_BIDIRECTIONAL;
	add_tunnel(&c, SITE_PRIMARY, 0, "203.0.113.1");
	add_tunnel(&c, SITE_SECONDARY, 0, "203.0.113.3");
	set_site(&c);
	/* carrier and routes are there, so that a packet can ask */
	ck_assert(dp.sites[1].carrier);
	ck_assert_uint_eq(bucket_count(1, 1), 64);
	ck_assert_str_eq(fake_net_text(&net, routes), "10.20.0.0/16@1");
	ck_assert_str_eq(tunnel("Lyon", 1)->reason, "waiting-for-traffic");
	ck_assert(!st.connected);
	dp.callbacks.on_acquire(dp.callbacks.arg, 1);
	ck_assert_uint_eq(fake.tunnels[1].commands, 1);
	ck_assert(fake.tunnels[1].last_command == IKE_CMD_INITIATE);
	ck_assert_uint_eq(fake.tunnels[2].commands, 0);
	/* primary failed: the next packet tries secondary, and primary only after the rebuild
	 * interval */
	fake_event(1, IKE_EVENT_ATTEMPT_FAILED, IKE_REASON_NO_RESPONSE, "");
	gateway_pump(g);
	dp.callbacks.on_acquire(dp.callbacks.arg, 1);
	ck_assert_uint_eq(fake.tunnels[1].commands, 1);
	ck_assert_uint_eq(fake.tunnels[2].commands, 1);
	dp.callbacks.on_acquire(dp.callbacks.arg, 7); /* no such site */
	/* what an operator terminated stays down */
	ck_assert_int_eq(gateway_command(g, "Lyon", 0, IKE_CMD_TERMINATE, &e), 0);
	ck_assert(!dp.sites[1].carrier);
	ck_assert_str_eq(fake_net_text(&net, routes), "");
	ck_assert_int_eq(gateway_command(g, "Lyon", 1, IKE_CMD_INITIATE, &e), 0);
	ck_assert(dp.sites[1].carrier);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_data_plane_news_reach_the_engine)
{
	struct site_config c;
	struct ip_endpoint moved = {.addr = ip_addr_v4(0xcb007107), .port = 4501};

	set_lyon(&c);
	up(1, 11);
	dp.children[11].counters.rx_last_ms = 1;
	g->traffic_timer.fn(g);
	ck_assert_uint_eq(fake.used_child, 11);
	ck_assert_uint_eq(fake.traffic_ms, 1);
	fake.used_child = 0;
	g->traffic_timer.fn(g); /* nothing new */
	ck_assert_uint_eq(fake.used_child, 0);
	dp.callbacks.on_used(dp.callbacks.arg, 11);
	ck_assert_uint_eq(fake.used_child, 11);
	dp.callbacks.on_moved(dp.callbacks.arg, 11, &moved);
	ck_assert_uint_eq(fake.moved_child, 11);
	dp.callbacks.on_broken(dp.callbacks.arg, 11);
	ck_assert_uint_eq(fake.broken, 11);
	dp.callbacks.on_ike(dp.callbacks.arg, &moved, &moved, view_of("", 0));
	ck_assert_uint_eq(fake.datagrams, 1);
	fake_dh(1);
	gateway_pump(g);
	ck_assert_uint_eq(fake.dh_done, 1);
	fake_update(99); /* unknown ones are ignored */
	fake_delete(99);
	fake_down(31, IKE_REASON_DEAD_PEER);
	gateway_pump(g);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_bad_input)
{
	struct site_config c;
	struct err_msg e = {.text = ""};

	site_config_init(&c, "");
	ck_assert_int_eq(gateway_site_set(g, &c, &e), ERR_INVALID);
	site_config_init(&c, "big");
	for (unsigned i = 0; i <= IKE_TS_MAX; i++) {
		char label[16], text[32];
		struct ip_range r;

		snprintf(label, sizeof(label), "n%u", i);
		snprintf(text, sizeof(text), "10.%u.0.0/16", i);
		ck_assert_int_eq(ip_range_parse(text, &r), 0);
		site_network_list_set(&c.network_ranges, label, &r);
	}
	ck_assert_int_eq(gateway_site_set(g, &c, &e), ERR_RANGE);
	ck_assert_str_eq(e.text, "site big: 65 network ranges, at most 64 are possible");
	ck_assert_int_eq(gateway_site_find(g, "big", &st), ERR_NOT_FOUND);
	site_config_clear(&c);
}
END_TEST

START_TEST(test_counters_are_chained)
{
	const char *name;
	uint64_t value;
	unsigned found = 0;
	size_t i = 0;

	for (; (name = gateway_counter(g, i, &value)) != NULL; i++) {
		found += strcmp(name, "gateway_dh_jobs") == 0 && value == 0;
		found += strcmp(name, "ike_engine_something") == 0 && value == 42;
		found += strcmp(name, "esp_dp_something") == 0 && value == 43;
	}
	ck_assert_uint_eq(found, 3);
	ck_assert_str_eq(gateway_dataplane_name(g), "fake");
	ck_assert(gateway_owns_address(g, &(struct ip_addr){IP_V4, {192}}));
	ck_assert(!gateway_owns_address(g, &(struct ip_addr){IP_V4, {10}}));
	ck_assert_str_eq(tunnel_state_name(TUNNEL_ADMIN_DOWN), "admin-down");
	ck_assert_str_eq(tunnel_state_name(TUNNEL_UP), "up");
}
END_TEST

/* An orderly end: profiles leave the engine, routes and devices go, nobody is alarmed. */
START_TEST(test_free_is_silent)
{
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	up(3, 13);
	said();
	gateway_free(g);
	ck_assert_str_eq(said(), "");
	ck_assert_uint_eq(fake.tunnels[1].removes, 1);
	ck_assert_uint_eq(fake.tunnels[3].removes, 1);
	ck_assert_uint_eq(net.route_count, 0);
	ck_assert(!dp.sites[1].there && !dp.children[11].there);
	site_config_clear(&c);
	event_log_free(events);
	loop_free(loop);
	set_up(); /* for tear_down */
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_site_comes_and_goes,
		test_roles_switch,
		test_silent_tunnel_gets_no_new_flows,
		test_silence_becomes_down_and_returns,
		test_new_ike_sa_ends_silence,
		test_shares_follow_health_in_steps,
		test_rules_follow_the_tunnels,
		test_marks_are_for_several_tunnels,
		test_devices_wait_when_there_are_many,
		test_caps,
		test_one_batch,
		test_rekey_is_no_event,
		test_ike_sa_without_child_is_not_up,
		test_child_failures_do_not_flood,
		test_attempts_are_said_when_the_reason_changes,
		test_configuration_touches_only_what_changed,
		test_incomplete,
		test_duplicate_identity,
		test_swapped_identities,
		test_same_prefix_of_two_sites,
		test_smallest_free_index,
		test_refused_operations_are_retried,
		test_routes_changed_by_hand,
		test_install_refused,
		test_unknown_peers_cannot_flood,
		test_commands,
		test_traffic_brings_up,
		test_data_plane_news_reach_the_engine,
		test_bad_input,
		test_counters_are_chained,
		test_free_is_silent,
	};
	Suite *suite = suite_create("site_gateway");
	TCase *tcase = tcase_create("site_gateway");
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
