/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What only the kernel backend does: slots by packet mark, repair of what somebody removed from the
 * kernel's tables, moving states with their sequence numbers, many sites.  Needs root and a kernel
 * with ESP; exits 77 without.
 */
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/netlink.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ike_suite suites[] = {
	{.encr = 20, .key_bits = 128},
	{.encr = 20, .key_bits = 256, .esn = true},
	{.encr = 12, .key_bits = 128, .integ = 12},
};

#define GCM (&suites[0])

static struct dp_pair pair;
static uint8_t out[2048];

static void set_up(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(dp_pair_open(&pair, dp_xfrm_new, &e), "%s", e.text);
	dp_side_site(&pair.a, 1);
	dp_side_site(&pair.b, 1);
}

static void tear_down(void)
{
	dp_pair_close(&pair);
}

/* Lines that a shell command prints in the side's namespace. */
static unsigned lines(const struct dp_side *s, const char *command)
{
	char text[512], line[512];
	unsigned count = 0;
	FILE *f;

	dp_side_run(s, "true"); /* enters */
	(void)snprintf(text, sizeof(text), "%s", command);
	f = popen(text, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		count++;
	(void)pclose(f);
	return count;
}

static unsigned states(const struct dp_side *s)
{
	return lines(s, "ip xfrm state | grep -E 'aead|enc '");
}

static unsigned policies(const struct dp_side *s)
{
	return lines(s, "ip xfrm policy | grep if_id");
}

static void add_in_slot(uint8_t slot)
{
	struct ike_child_install install =
		dp_side_install(&pair.a, &pair.b, GCM, slot, 0xa0u + slot, 0xb0u + slot);

	dp_side_add(&pair.a, slot, &install);
	install = dp_side_install(&pair.b, &pair.a, GCM, slot, 0xb0u + slot, 0xa0u + slot);
	dp_side_add(&pair.b, slot, &install);
}

/* ---- Slots ----------------------------------------------------------------------------------- */

/* The mark's low octet chooses the slot; without one, the slot of the buckets does. */
START_TEST(test_mark_chooses_slot)
{
	static const struct {
		uint32_t mark, slot;
	} cases[] = {{0, 1}, {1, 1}, {2, 2}, {3, 3}, {0x7702, 2}, {0xff00, 1}, {5, 1}};
	uint64_t before;

	for (uint8_t slot = 1; slot <= 3; slot++)
		add_in_slot(slot);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		before = dp_side_child(&pair.a, cases[i].slot).tx_packets;
		dp_side_mark(&pair.a, 1, cases[i].mark);
		dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
		ck_assert_uint_eq(dp_side_child(&pair.a, cases[i].slot).tx_packets, before + 1);
	}
	dp_side_mark(&pair.a, 1, 0);
	dp_side_steer(&pair.a, 1, 3);
	before = dp_side_child(&pair.a, 3).tx_packets;
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	ck_assert_uint_eq(dp_side_child(&pair.a, 3).tx_packets, before + 1);
	dp_side_steer(&pair.a, 1, 0);
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
}
END_TEST

/* The same with marks of nftables, for packets of this machine and for forwarded ones; the outer
 * packet does not carry the mark. */
START_TEST(test_mark_by_nftables)
{
	add_in_slot(1);
	add_in_slot(2);
	dp_side_run(&pair.a, "ip addr add 10.1.0.1/32 dev lo && "
			     "ip route add 10.2.0.1 dev ips1 src 10.1.0.1");
	dp_side_run(&pair.b, "ip addr add 10.2.0.1/32 dev lo && "
			     "ip route add 10.1.0.1 dev ips1 src 10.2.0.1");
	dp_side_run(&pair.a, "nft 'add table inet t; "
			     "add chain inet t o { type route hook output priority 0; }; "
			     "add chain inet t p { type filter hook postrouting priority 0; }; "
			     "add rule inet t o oifname ips1 meta length > 1000 meta mark set 2; "
			     "add rule inet t p oifname wire udp dport 4500 meta mark 2 drop'");
	dp_side_run(&pair.a, "ping -q -c 5 -i 0.1 10.2.0.1 >/dev/null");
	dp_side_run(&pair.a, "ping -q -c 7 -i 0.1 -s 1200 10.2.0.1 >/dev/null");
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, 5);
	ck_assert_uint_eq(dp_side_child(&pair.a, 2).tx_packets, 7);
	ck_assert_uint_eq(dp_side_child(&pair.b, 2).rx_packets, 7);
}
END_TEST

/* ---- Repair ---------------------------------------------------------------------------------- */

static void wait_for_policies(unsigned count)
{
	for (int i = 0; i < 130 && policies(&pair.a) != count; i++)
		dp_pair_run(&pair, 100);
	ck_assert_uint_eq(policies(&pair.a), count);
}

static bool out_policy_is_wrong(void)
{
	return lines(&pair.a, "ip xfrm policy list dir out src 0.0.0.0/0 dst 0.0.0.0/0 | "
			      "grep -A3 'dir out priority' | grep -A2 'mark 0x1/0xff' | "
			      "grep 'tmpl src 192.0.2.1'") != 1;
}

/* Whatever somebody does to our policies. */
START_TEST(test_repair_policies)
{
	static const char *const deeds[] = {
		"ip xfrm policy flush",
		"ip xfrm policy deleteall",
		"ip xfrm policy delete dir out src 0.0.0.0/0 dst 0.0.0.0/0 mark 1 mask 0xff if_id "
		"2",
		"ip xfrm policy update dir out src 0.0.0.0/0 dst 0.0.0.0/0 mark 1 mask 0xff if_id "
		"2 "
		"action block priority 1230176256",
	};
	unsigned count;

	dp_pair_child(&pair, GCM, 1);
	count = policies(&pair.a);
	ck_assert_uint_eq(count, 8); /* in, forward, out, out of no mark; of two families */
	dp_side_mark(&pair.a, 1, 1);
	dp_side_run(&pair.a, deeds[_i]);
	ck_assert(out_policy_is_wrong());
	for (int i = 0; i < 130 && out_policy_is_wrong(); i++)
		dp_pair_run(&pair, 100);
	wait_for_policies(count);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, 100, 1000, 1));
	ck_assert_uint_eq(pair.a.event_count, 0);
}
END_TEST

START_TEST(test_repair_states)
{
	const struct dp_pair_event *ev;

	dp_pair_child(&pair, GCM, 1);
	dp_pair_child(&pair, GCM, 2);
	dp_side_run(&pair.a, "ip xfrm state delete src 192.0.2.1 dst 192.0.2.2 proto esp "
			     "spi 0xb0002");
	ev = dp_side_event(&pair, &pair.a, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_BROKEN);
	ck_assert_uint_eq(ev->id, 2);
	/* the other one serves until the engine has done something */
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	dp_pair_run(&pair, 1500);
	ck_assert_uint_eq(pair.a.event_count, 1); /* said once */
	pair.a.dp->ops->child_remove(pair.a.dp, 2);
	ck_assert_uint_eq(states(&pair.a), 2);
}
END_TEST

/* A packet that finds its state gone tells at once. */
START_TEST(test_repair_states_on_traffic)
{
	static const char *const deeds[] = {"ip xfrm state flush", "ip xfrm state deleteall"};
	const struct dp_pair_event *ev;
	uint64_t start;

	dp_pair_child(&pair, GCM, 1);
	dp_pair_run(&pair, 300);
	dp_side_run(&pair.a, deeds[_i]);
	start = loop_clock_ms();
	dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, 1));
	ev = dp_side_event(&pair, &pair.a, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_BROKEN);
	ck_assert_uint_lt(loop_clock_ms() - start, 500);
	pair.a.dp->ops->child_remove(pair.a.dp, 1);
	dp_pair_child(&pair, GCM, 2); /* new keys, nothing is in their way */
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
}
END_TEST

/* Made anew under its own index, so that policies and others' rules still fit. */
START_TEST(test_repair_device)
{
	int ifindex = pair.a.dp->ops->site_ifindex(pair.a.dp, 1);

	dp_pair_child(&pair, GCM, 1);
	dp_side_run(&pair.a, "ip link del ips1");
	for (int i = 0; i < 30 && lines(&pair.a, "ip -o link show up | grep ips1") == 0; i++)
		dp_pair_run(&pair, 100);
	ck_assert_int_eq(pair.a.dp->ops->site_ifindex(pair.a.dp, 1), ifindex);
	ck_assert_uint_eq(lines(&pair.a, "ip -o link show ips1 | grep 'group 73'"), 1);
	dp_side_run(&pair.a, "ip addr add 10.1.0.1/32 dev lo && "
			     "ip route add 10.2.0.1 dev ips1 src 10.1.0.1");
	dp_side_run(&pair.b, "ip addr add 10.2.0.1/32 dev lo && "
			     "ip route add 10.1.0.1 dev ips1 src 10.2.0.1");
	dp_side_run(&pair.a, "ping -q -c 1 -W 2 10.2.0.1 >/dev/null");
}
END_TEST

/* What carries our mark without being ours goes; what others have stays. */
START_TEST(test_orphans)
{
	struct err_msg e = {.text = ""};
	struct dp_callbacks none = {.arg = NULL};
	struct dp_sockets sockets = {.natt_v4 = -1, .natt_v6 = -1};
	struct dataplane *second;

	dp_side_run(&pair.a, "ip xfrm state add src 192.0.2.9 dst 192.0.2.8 proto esp spi 0x1234 "
			     "mode tunnel reqid 7 aead 'rfc4106(gcm(aes))' "
			     "0x0102030405060708090a0b0c0d0e0f1011121314 128");
	dp_side_run(&pair.a,
		    "ip xfrm policy add dir out src 10.9.0.0/16 dst 10.8.0.0/16 priority 7 "
		    "tmpl src 192.0.2.9 dst 192.0.2.8 proto esp reqid 7 mode tunnel");
	dp_pair_child(&pair, GCM, 1);
	ck_assert_uint_eq(states(&pair.a), 3);
	dp_side_run(&pair.a, "true");
	second = dp_xfrm_new(pair.loop, &sockets, &none, NULL, &e); /* as after a crash */
	ck_assert_msg(second != NULL, "%s", e.text);
	ck_assert_uint_eq(states(&pair.a), 1);
	ck_assert_uint_eq(policies(&pair.a), 0);
	ck_assert_uint_eq(lines(&pair.a, "ip xfrm policy | grep 10.9.0.0"), 1);
	second->ops->free(second);
	ck_assert_uint_eq(states(&pair.a), 1);
}
END_TEST

/* ---- Moving ---------------------------------------------------------------------------------- */

/* Other ports change in place, other addresses make a new state; both go on counting, and what was
 * sent before cannot be replayed. */
START_TEST(test_move)
{
	struct ike_child_update update = {.child = 1, .udp_encap = true};
	struct err_msg e = {.text = ""};
	uint8_t frame[1600];
	uint64_t sequence;
	size_t n;

	dp_pair_child(&pair, &suites[_i], 1);
	for (uint8_t i = 0; i < 10; i++)
		dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, i));
	n = dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), DP_PAIR_WAIT_MS);
	sequence = dp_side_child(&pair.a, 1).tx_sequence;
	ck_assert_uint_eq(sequence, 10);
	update.local = pair.a.v4;
	update.remote = pair.b.v4;
	ck_assert_int_eq(ip_addr_parse("192.0.2.3", &update.local.addr), 0);
	ck_assert_msg(pair.a.dp->ops->child_update(pair.a.dp, &update, &e) == 0, "%s", e.text);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 11));
	ck_assert_uint_gt(dp_side_child(&pair.a, 1).tx_sequence, sequence);
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, 11);
	ck_assert_uint_eq(states(&pair.a), 2);

	update.remote = update.local; /* b follows */
	update.local = pair.b.v4;
	ck_assert_msg(pair.b.dp->ops->child_update(pair.b.dp, &update, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, 11);
	ck_assert_uint_eq(states(&pair.b), 2);
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 12));
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 13));
	dp_side_inject(&pair.a, view_of(frame, n)); /* the first packet once more */
	dp_pair_run(&pair, DP_PAIR_QUIET_MS);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, 12);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).replay_drops, 1);

	update.remote.port = 4510; /* only the port */
	ck_assert_msg(pair.b.dp->ops->child_update(pair.b.dp, &update, &e) == 0, "%s", e.text);
	ck_assert_uint_eq(lines(&pair.b, "ip xfrm state | grep 'sport 4500 dport 4510'"), 1);
	ck_assert_uint_eq(lines(&pair.b, "ip xfrm state | grep 'sport 4510 dport 4500'"), 1);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, 12);
}
END_TEST

/* ---- Numbers at their end -------------------------------------------------------------------- */

/* Gives a state of the side other counters: attribute `type` with this value. */
static void set_counters(const struct dp_side *s, const struct ip_addr *dst, uint32_t spi,
			 uint16_t type, const void *value, size_t len)
{
	union {
		struct nlmsghdr header;
		uint8_t bytes[1024];
	} q;
	struct xfrm_aevent_id id = {.sa_id.spi = htonl(spi),
				    .sa_id.family = AF_INET,
				    .sa_id.proto = IPPROTO_ESP};
	struct err_msg e = {.text = ""};
	struct netlink *n;

	memset(&q, 0, sizeof(q));
	memcpy(&id.sa_id.daddr, dst->bytes, 4);
	(void)mnl_nlmsg_put_header(q.bytes);
	q.header.nlmsg_type = XFRM_MSG_NEWAE;
	q.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_REPLACE;
	memcpy(mnl_nlmsg_put_extra_header(&q.header, sizeof(id)), &id, sizeof(id));
	mnl_attr_put(&q.header, type, len, value);
	dp_side_run(s, "true"); /* enters */
	n = netlink_open(NETLINK_XFRM, &e);
	ck_assert_msg(n != NULL, "%s", e.text);
	ck_assert_msg(netlink_request(n, &q.header, "counters", NULL, &e) == 0, "%s", e.text);
	netlink_close(n);
}

/* Before the sequence numbers end a new SA is asked for, and this one serves; at the end it is gone
 * without repeating one. */
START_TEST(test_packet_limits)
{
	struct xfrm_lifetime_cur used = {.packets = (UINT64_C(1) << 32) - (1 << 20)};
	const struct dp_pair_event *ev;

	dp_pair_child(&pair, GCM, 1);
	set_counters(&pair.a, &pair.b.v4.addr, 0xb0001, XFRMA_LTIME_VAL, &used, sizeof(used));
	ck_assert_uint_eq(pair.a.event_count, 0);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	ev = dp_side_event(&pair, &pair.a, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_BROKEN);
	ck_assert_uint_eq(ev->id, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
	dp_pair_child(&pair, GCM, 2); /* what the engine does now */
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 3));
	ck_assert_uint_eq(dp_side_child(&pair.a, 2).tx_packets, 1);
	used.packets = UINT32_MAX;
	set_counters(&pair.a, &pair.b.v4.addr, 0xb0002, XFRMA_LTIME_VAL, &used, sizeof(used));
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 4));
	ev = dp_side_event(&pair, &pair.a, 1, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_BROKEN);
	ck_assert_uint_eq(ev->id, 2);
}
END_TEST

static void set_esn(const struct dp_side *s, const struct ip_addr *dst, uint32_t spi, bool in)
{
	union {
		struct xfrm_replay_state_esn head;
		uint8_t bytes[sizeof(struct xfrm_replay_state_esn) + 2048 / 8];
	} r;

	memset(&r, 0, sizeof(r));
	r.head.replay_window = in ? 2048 : 32;
	r.head.bmp_len = r.head.replay_window / 32;
	if (in)
		r.head.seq = UINT32_MAX - 15;
	else
		r.head.oseq = UINT32_MAX - 15;
	set_counters(s, dst, spi, XFRMA_REPLAY_ESN_VAL, &r,
		     sizeof(r.head) + r.head.replay_window / 8);
}

/* Extended sequence numbers go on behind 2^32, and so do the counters. */
START_TEST(test_esn_goes_on)
{
	const struct ike_suite *esn = &suites[1];

	dp_pair_child(&pair, esn, 1);
	set_esn(&pair.a, &pair.b.v4.addr, 0xb0001, false);
	set_esn(&pair.b, &pair.b.v4.addr, 0xb0001, true);
	for (uint8_t i = 0; i < 40; i++)
		dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, i));
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_sequence, UINT32_MAX - UINT64_C(15) + 40);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_sequence, UINT32_MAX - UINT64_C(15) + 40);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).replay_drops, 0);
	ck_assert_uint_eq(pair.a.event_count, 0);
}
END_TEST

/* ---- Selectors ------------------------------------------------------------------------------- */

static unsigned out_selectors(const char *local, const char *remote, uint8_t protocol,
			      uint16_t port_first, uint16_t port_last)
{
	struct ike_child_install install = dp_side_install(&pair.a, &pair.b, GCM, 1, 0xa1, 0xb1);
	unsigned count;

	install.local_ts.count = install.remote_ts.count = 1;
	ck_assert_int_eq(ip_range_parse(local, &install.local_ts.ts[0].range), 0);
	ck_assert_int_eq(ip_range_parse(remote, &install.remote_ts.ts[0].range), 0);
	install.remote_ts.ts[0].protocol = protocol;
	install.remote_ts.ts[0].port_first = port_first;
	install.remote_ts.ts[0].port_last = port_last;
	dp_side_add(&pair.a, 1, &install);
	count = lines(&pair.a, "ip xfrm policy | grep 'mark 0x1/0xff'");
	pair.a.dp->ops->child_remove(pair.a.dp, 1);
	return count;
}

/* Ranges become prefixes and masked ports; expected counts by hand. */
START_TEST(test_selectors)
{
	ck_assert_uint_eq(out_selectors("10.1.0.0/16", "10.2.0.0/16", 0, 0, 65535), 1);
	/* .1 .2-.3 .4-.5 .6 */
	ck_assert_uint_eq(out_selectors("10.1.0.1-10.1.0.6", "10.2.0.0/16", 0, 0, 65535), 4);
	ck_assert_uint_eq(out_selectors("10.1.0.1-10.1.0.6", "10.2.0.255-10.2.1.0", 0, 0, 65535),
			  8);
	/* 1000-1007 1008-1023 1024-2047; 1000 is a multiple of 8 */
	ck_assert_uint_eq(out_selectors("10.1.0.0/16", "10.2.0.0/16", 6, 1000, 2047), 3);
	ck_assert_uint_eq(out_selectors("10.1.0.0/16", "10.2.0.0/16", 17, 53, 53), 1);
	ck_assert_uint_eq(policies(&pair.a), 4); /* the traps */
}
END_TEST

/* ---- Many ------------------------------------------------------------------------------------ */

#define SITES 300

START_TEST(test_many_sites)
{
	struct err_msg e = {.text = ""};
	uint64_t start = loop_clock_ms(), added, removed;
	struct dp_child_counters counters;

	for (uint32_t i = 0; i < SITES; i++) {
		struct ike_child_install install =
			dp_side_install(&pair.a, &pair.b, GCM, 100 + i, 0xa1000 + i, 0xb1000 + i);

		ck_assert_int_eq(pair.a.dp->ops->site_add(pair.a.dp, 10 + i, &e), 0);
		ck_assert_msg(pair.a.dp->ops->child_add(pair.a.dp, 10 + i, 1, &install, &e) == 0,
			      "%s", e.text);
	}
	added = loop_clock_ms();
	ck_assert_uint_eq(states(&pair.a), 2 * SITES);
	dp_pair_run(&pair, 1200);
	for (uint32_t i = 0; i < SITES; i++)
		ck_assert_int_eq(pair.a.dp->ops->child_counters(pair.a.dp, 100 + i, &counters), 0);
	removed = loop_clock_ms();
	for (uint32_t i = 0; i < SITES; i++)
		pair.a.dp->ops->site_remove(pair.a.dp, 10 + i);
	dp_pair_run(&pair, 500);
	(void)printf("%d sites: %u ms to add, %u ms to remove\n", SITES, (unsigned)(added - start),
		     (unsigned)(loop_clock_ms() - removed));
	ck_assert_uint_eq(states(&pair.a), 0);
	ck_assert_uint_eq(lines(&pair.a, "ip -o link show | grep ips"), 1);
	ck_assert_uint_eq(pair.a.event_count, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dp_xfrm");
	TCase *t = tcase_create("xfrm");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_mark_chooses_slot);
	tcase_add_test(t, test_mark_by_nftables);
	tcase_add_loop_test(t, test_repair_policies, 0, 4);
	tcase_add_test(t, test_repair_states);
	tcase_add_loop_test(t, test_repair_states_on_traffic, 0, 2);
	tcase_add_test(t, test_repair_device);
	tcase_add_test(t, test_orphans);
	tcase_add_loop_test(t, test_move, 0, ARRAY_LEN(suites));
	tcase_add_test(t, test_packet_limits);
	tcase_add_test(t, test_esn_goes_on);
	tcase_add_test(t, test_selectors);
	tcase_add_test(t, test_many_sites);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	(void)setenv("IKESH_TEST_DATAPLANE", "xfrm", 1);
	return dp_pair_can_run() ? run_suite(suite()) : DP_PAIR_SKIPPED;
}
