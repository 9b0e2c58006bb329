/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The supervisor with an engine, a data plane and a kernel that the test plays. */
#include "platform/base/mem.h"
#include "tests/unit/dataplane/site_fixture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Own addresses by route: when the engine asks, and again after the network has changed. */
START_TEST(test_sources)
{
	const struct ip_addr toward = ip_addr_v4(0xc6336407), first = ip_addr_v4(0xc0000201),
			     second = ip_addr_v4(0xc0000202);
	struct site_config c;

	set_lyon(&c);
	fake_source(1, &toward); /* there is no route yet */
	gateway_pump(g);
	ck_assert_uint_eq(net.lookups, 1);
	ck_assert_uint_eq(fake.tunnels[1].sources, 0);
	gateway_sources_tick(g); /* and nothing has changed */
	ck_assert_uint_eq(net.lookups, 1);
	net.source = first;
	net.changed(net.arg);
	net.changed(net.arg);
	gateway_sources_tick(g);
	gateway_sources_tick(g);
	ck_assert_uint_eq(net.lookups, 2); /* of the one tunnel that asked */
	ck_assert_uint_eq(fake.tunnels[1].sources, 1);
	ck_assert(ip_addr_equal(&fake.tunnels[1].source, &first));
	net.changed(net.arg); /* something else */
	gateway_sources_tick(g);
	ck_assert_uint_eq(fake.tunnels[1].sources, 1);
	net.source.family = IP_NONE; /* gone for a moment: nothing to be told */
	net.changed(net.arg);
	gateway_sources_tick(g);
	ck_assert_uint_eq(fake.tunnels[1].sources, 1);
	net.source = second;
	net.changed(net.arg);
	gateway_sources_tick(g);
	ck_assert_uint_eq(fake.tunnels[1].sources, 2);
	ck_assert(ip_addr_equal(&fake.tunnels[1].source, &second));
	fake_source(1, &toward); /* each attempt looks anew */
	gateway_pump(g);
	ck_assert_uint_eq(fake.tunnels[1].sources, 3);
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

/* Peers with a Child SA are no strangers to the packet filter, wherever they move. */
START_TEST(test_peers_are_known)
{
	struct ip_addr moved_to;
	struct site_config c;

	set_lyon(&c);
	up(1, 11);
	ck_assert_uint_eq(net.peers, 1);
	moved_to = fake_remote(11).addr;
	ck_assert(ip_addr_equal(&net.peer, &moved_to));
	fake_install(1, 12);
	gateway_pump(g);
	ck_assert_uint_eq(net.peers, 2);
	fake_update(12);
	fake_update(12);
	gateway_pump(g);
	ck_assert_uint_eq(net.peers, 2);
	moved_to = fake_remote(112).addr;
	ck_assert(ip_addr_equal(&net.peer, &moved_to));
	fake_delete(11);
	gateway_pump(g);
	ck_assert_uint_eq(net.peers, 1);
	gateway_site_remove(g, "Lyon");
	ck_assert_uint_eq(net.peers, 0);
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
	ck_assert_int_eq(gateway_command(g, "Lyon", 0, IKE_CMD_INITIATE, &e), ERR_WRONG_STATE);
	ck_assert_str_eq(e.text,
			 "Lyon: connection-mode is responder-only, the peer has to initiate");
	ck_assert_int_eq(gateway_command(g, "Lyon", 1, IKE_CMD_REKEY_IKE, &e), ERR_WRONG_STATE);
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
		test_one_batch,
		test_rekey_is_no_event,
		test_peers_are_known,
		test_sources,
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

	return site_fixture_run("site_gateway", tests, ARRAY_LEN(tests));
}
