/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every backend of dataplane.h must do, tested through dp_ops alone between two of them in two
 * network namespaces.  Needs root; without it, or without TUN, the program says so and exits 77.
 */
#include "platform/base/mem.h"
#include "platform/os/udp.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <check.h>
#include <string.h>
#include <unistd.h>

static const struct ike_suite suites[] = {
	{.encr = 20, .key_bits = 128},
	{.encr = 20, .key_bits = 256},
	{.encr = 20, .key_bits = 256, .esn = true},
	{.encr = 12, .key_bits = 128, .integ = 2},
	{.encr = 12, .key_bits = 128, .integ = 12},
	{.encr = 12, .key_bits = 256, .integ = 12},
	{.encr = 12, .key_bits = 256, .integ = 13},
	{.encr = 12, .key_bits = 256, .integ = 14},
	{.encr = 12, .key_bits = 256, .integ = 14, .esn = true},
};

#define GCM (&suites[0])

static struct dp_pair pair;
static uint8_t out[2048], in[2048];

static void set_up(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(dp_pair_open(&pair, dp_pair_backend(), &e), "%s", e.text);
	dp_side_site(&pair.a, 1);
	dp_side_site(&pair.b, 1);
}

static void tear_down(void)
{
	dp_pair_close(&pair);
}

START_TEST(test_child_add_each_suite)
{
	static const size_t sizes[] = {48, 49, 62, 63, 64, 576, 1399, 1400};

	dp_pair_child(&pair, &suites[_i], 1);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, sizes[i], 1000, 1));
		dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, sizes[i], 1000, 2));
	}
	/* The sender counts a packet after it has left: it may be here already. */
	for (int i = 0; i < 200 && dp_side_child(&pair.a, 1).tx_packets < ARRAY_LEN(sizes); i++)
		(void)usleep(10000);
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, ARRAY_LEN(sizes));
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, ARRAY_LEN(sizes));
}
END_TEST

START_TEST(test_child_add_ipv6_outside)
{
	dp_pair_child_v6(&pair, &suites[_i], 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 1300, 1000, 1));
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, 1300, 1000, 2));
}
END_TEST

static void add_raw(struct dp_side *s, const struct dp_side *peer, uint32_t in_spi,
		    uint32_t out_spi, unsigned variant)
{
	struct ike_child_install install =
		dp_side_install(s, peer, &suites[variant % 2 == 0 ? 0 : 4], 1, in_spi, out_spi);

	install.udp_encap = false;
	if (variant >= 2) {
		install.local = s->v6;
		install.remote = peer->v6;
	}
	install.local.port = install.remote.port = 500;
	dp_side_add(s, 1, &install);
}

/* Without a NAT in between: IP protocol 50, over IPv4 and IPv6, and the TOS is on it. */
START_TEST(test_child_add_raw)
{
	static const char rule[] =
		"nft add table inet t && nft 'add chain inet t c { type filter hook input "
		"priority 0; }' && nft add rule inet t c meta l4proto udp drop && "
		"nft add rule inet t c meta l4proto esp ip dscp ef counter && "
		"nft add rule inet t c meta l4proto esp ip6 dscp ef counter";

	ck_assert((pair.a.dp->ops->features & DP_RAW_ESP) != 0);
	add_raw(&pair.a, &pair.b, 0xa1, 0xb1, (unsigned)_i);
	add_raw(&pair.b, &pair.a, 0xb1, 0xa1, (unsigned)_i);
	dp_side_run(&pair.a, rule);
	dp_side_run(&pair.b, rule);
	for (uint8_t i = 0; i < 40; i++)
		dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 1380, 1000, i));
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, 1380, 1000, 2));
	(void)dp_packet(out, IP_V4, 100, 1000, 1);
	out[1] = 0xb8;
	dp_packet_fix(out);
	dp_pair_crosses(&pair, &pair.a, &pair.b, view_of(out, 100));
	dp_side_run(&pair.b, "nft list ruleset | grep -q 'packets 1 '");
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, 41);
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).rx_packets, 1);
}
END_TEST

/* The kernel looks at an inbound packet's selectors where it is delivered, behind the device, and
 * counts the drop for all SAs together. */
static void refused_by_kernel(struct view packet)
{
	dp_side_run(&pair.b, "ip addr add 10.2.0.1/32 dev lo");
	dp_side_send(&pair.a, 1, packet);
	dp_pair_run(&pair, DP_PAIR_QUIET_MS);
	ck_assert_uint_eq(dp_side_counter(&pair.b, "rx_selector"), 1);
}

static void refused_by_us(struct view packet)
{
	dp_pair_stays_out(&pair, &pair.a, &pair.b, packet);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).selector_drops, 1);
}

/* Selectors hold in both directions: b accepts what a sends only when they agree. */
START_TEST(test_child_add_selectors)
{
	struct ike_child_install install = dp_side_install(&pair.a, &pair.b, GCM, 1, 0xa1, 0xb1);
	struct err_msg e = {.text = ""};

	ck_assert_int_eq(pair.a.dp->ops->child_add(pair.a.dp, 1, 1, &install, &e), 0);
	install = dp_side_install(&pair.b, &pair.a, GCM, 1, 0xb1, 0xa1);
	ck_assert_int_eq(ip_range_parse("10.1.0.0/31", &install.remote_ts.ts[0].range), 0);
	ck_assert_int_eq(ip_range_parse("10.2.0.1-10.2.0.1", &install.local_ts.ts[0].range), 0);
	install.local_ts.count = install.remote_ts.count = 1;
	ck_assert_int_eq(pair.b.dp->ops->child_add(pair.b.dp, 1, 1, &install, &e), 0);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	dp_pair_stays_out(&pair, &pair.b, &pair.a,
			  dp_packet(out, IP_V4, 100, 1000, 1)); /* b does not send */
	(void)dp_packet(out, IP_V4, 100, 1000, 1);
	out[15] = 2; /* from 10.1.0.2: a sends, b refuses */
	dp_packet_fix(out);
	if (dp_pair_is_xfrm())
		refused_by_kernel(view_of(out, 100));
	else
		refused_by_us(view_of(out, 100));
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, 2);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).tx_packets, 0);
}
END_TEST

/* ---- The network does bad things ------------------------------------------------------------- */

/* The frame carries UDP over IPv4; its checksum is left out, so that only ESP can object. */
static void without_udp_checksum(uint8_t *frame)
{
	frame[14 + 20 + 6] = frame[14 + 20 + 7] = 0;
}

START_TEST(test_wire_replay)
{
	uint8_t frame[1600];
	size_t n;

	dp_pair_child(&pair, &suites[_i], 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	n = dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), DP_PAIR_WAIT_MS);
	ck_assert_uint_ne(n, 0);
	without_udp_checksum(frame);
	for (int i = 0; i < 3; i++)
		dp_side_inject(&pair.a, view_of(frame, n));
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).replay_drops, 3);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
}
END_TEST

/* One flipped bit anywhere in ESP: never delivered, and the untouched packet still is. */
START_TEST(test_wire_bit_flips)
{
	uint8_t frame[1600];
	size_t n, esp = 14 + 20 + 8;
	unsigned flips = 0;

	dp_pair_child(&pair, &suites[_i], 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 64, 1000, 1));
	n = dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), DP_PAIR_WAIT_MS);
	without_udp_checksum(frame);
	for (size_t bit = (esp + 4) * 8; bit < n * 8; bit += 13) {
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		dp_side_inject(&pair.a, view_of(frame, n));
		frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
		flips++;
	}
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).auth_drops +
				  dp_side_child(&pair.b, 1).replay_drops,
			  flips);
	ck_assert_uint_gt(dp_side_child(&pair.b, 1).auth_drops, 0);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
}
END_TEST

START_TEST(test_wire_unknown_spi)
{
	struct ike_child_install install = dp_side_install(&pair.a, &pair.b, GCM, 1, 0xa1, 0xb1);

	dp_side_add(&pair.a, 1, &install);
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	ck_assert_uint_eq(dp_side_counter(&pair.b, "rx_unknown_spi"), 1);
}
END_TEST

/* The peer's address changed behind a NAT: told once, followed when the engine says so. */
START_TEST(test_wire_moved)
{
	struct ike_child_update update = {.child = 1, .udp_encap = true};
	const struct dp_pair_event *ev;
	struct err_msg e = {.text = ""};
	uint8_t frame[1600];

	dp_pair_child(&pair, GCM, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	update.local = pair.a.v4;
	update.remote = pair.b.v4;
	ck_assert_int_eq(ip_addr_parse("192.0.2.3", &update.local.addr), 0);
	ck_assert_int_eq(pair.a.dp->ops->child_update(pair.a.dp, &update, &e), 0);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 3));
	ev = dp_side_event(&pair, &pair.b, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_MOVED);
	ck_assert(ip_endpoint_equal(&ev->remote, &update.local));
	ck_assert_ptr_null(dp_side_event(&pair, &pair.b, 1, DP_PAIR_QUIET_MS));
	/* Still to the old one; the kernel of a knows the SPI at the new one only. */
	if (dp_pair_is_xfrm())
		dp_side_send(&pair.b, 1, dp_packet(out, IP_V4, 100, 1000, 4));
	else
		dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 4));
	ck_assert_uint_ne(dp_side_sniff(&pair, &pair.b, frame, sizeof(frame), DP_PAIR_WAIT_MS), 0);
	ck_assert_mem_eq(frame + 14 + 16, pair.a.v4.addr.bytes, 4);
	update.remote = ev->remote;
	update.local = pair.b.v4;
	ck_assert_int_eq(pair.b.dp->ops->child_update(pair.b.dp, &update, &e), 0);
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 5));
	ck_assert_uint_ne(dp_side_sniff(&pair, &pair.b, frame, sizeof(frame), DP_PAIR_WAIT_MS), 0);
	ck_assert_mem_eq(frame + 14 + 16, update.remote.addr.bytes, 4);
}
END_TEST

/* DSCP and ECN are on the outer header (RFC 6040). */
START_TEST(test_wire_tos)
{
	uint8_t frame[1600];

	if (_i == 0)
		dp_pair_child(&pair, GCM, 1);
	else
		dp_pair_child_v6(&pair, GCM, 1);
	(void)dp_packet(out, IP_V4, 100, 1000, 1);
	out[1] = 0xba; /* expedited forwarding, ECT(0) */
	dp_packet_fix(out);
	dp_pair_crosses(&pair, &pair.a, &pair.b, view_of(out, 100));
	ck_assert_uint_ne(dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), DP_PAIR_WAIT_MS), 0);
	if (_i == 0)
		ck_assert_uint_eq(frame[14 + 1], 0xba);
	else
		ck_assert_int_eq((frame[14] & 15) << 4 | frame[15] >> 4, 0xba);
}
END_TEST

/* ---- Port 4500 is shared with IKE ------------------------------------------------------------ */

START_TEST(test_ike_messages)
{
	static const uint8_t message[32] = {0, 0, 0, 0, 1, 2, 3};
	struct dp_side *from = _i == 0 ? &pair.a : &pair.b, *to = _i == 0 ? &pair.b : &pair.a;
	const struct ip_endpoint *local = _i == 0 ? &from->v4 : &from->v6;
	const struct ip_endpoint *remote = _i == 0 ? &to->v4 : &to->v6;
	int fd = _i == 0 ? from->sockets.natt_v4 : from->sockets.natt_v6;
	const uint8_t keepalive = 0xff;
	struct view part = view_of(&keepalive, 1);
	const struct dp_pair_event *ev;

	ck_assert_int_eq(udp_send(fd, local, remote, 0, &part, 1), 0);
	part = view_of(message, sizeof(message));
	ck_assert_int_eq(udp_send(fd, local, remote, 0, &part, 1), 0);
	ev = dp_side_event(&pair, to, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_IKE);
	ck_assert_uint_eq(ev->len, sizeof(message));
	ck_assert_mem_eq(ev->data, message, sizeof(message));
	ck_assert(ip_endpoint_equal(&ev->local, remote));
	ck_assert(ip_endpoint_equal(&ev->remote, local));
	ck_assert_ptr_null(dp_side_event(&pair, to, 1, DP_PAIR_QUIET_MS));
}
END_TEST

/* ---- Sites and steering ---------------------------------------------------------------------- */

START_TEST(test_acquire)
{
	const struct dp_pair_event *ev;

	for (int i = 0; i < 5; i++)
		dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, 1));
	ev = dp_side_event(&pair, &pair.a, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_ACQUIRE);
	ck_assert_uint_eq(ev->id, 1);
	ck_assert_ptr_null(dp_side_event(&pair, &pair.a, 1, DP_PAIR_QUIET_MS));
}
END_TEST

/* Half of the buckets on each of two tunnels: each flow keeps to one, and both are used. */
START_TEST(test_steer_two_slots)
{
	struct dp_steering half = {.bucket_slot = {0}};
	struct err_msg e = {.text = ""};
	uint64_t first, second, before;

	for (uint32_t slot = 1; slot <= 2; slot++) {
		struct ike_child_install install =
			dp_side_install(&pair.a, &pair.b, GCM, slot, 0xa0 + slot, 0xb0 + slot);

		dp_side_add(&pair.a, (uint8_t)slot, &install);
		install = dp_side_install(&pair.b, &pair.a, GCM, slot, 0xb0 + slot, 0xa0 + slot);
		dp_side_add(&pair.b, (uint8_t)slot, &install);
	}
	for (size_t i = 0; i < DP_BUCKETS; i++)
		half.bucket_slot[i] = i % 2 == 0 ? 1 : 2;
	ck_assert_int_eq(pair.a.dp->ops->site_steer(pair.a.dp, 1, &half, &e), 0);
	for (uint16_t flow = 0; flow < 50; flow++) {
		before = dp_side_child(&pair.b, 1).rx_packets;
		for (uint8_t i = 0; i < 4; i++)
			dp_pair_crosses(&pair, &pair.a, &pair.b,
					dp_packet(out, IP_V4, 100, 1000 + flow, i));
		first = dp_side_child(&pair.b, 1).rx_packets - before;
		ck_assert(first == 0 || first == 4);
	}
	first = dp_side_child(&pair.b, 1).rx_packets;
	second = dp_side_child(&pair.b, 2).rx_packets;
	ck_assert_uint_eq(first + second, 200);
	ck_assert_uint_ge(first, 40);
	ck_assert_uint_ge(second, 40);
	dp_side_steer(&pair.a, 1, 2);
	for (uint16_t flow = 0; flow < 20; flow++)
		dp_pair_crosses(&pair, &pair.a, &pair.b,
				dp_packet(out, IP_V4, 100, 1000 + flow, 0));
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, first);
	dp_side_steer(&pair.a, 1, 0);
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 0));
}
END_TEST

/* Sites do not see each other's packets. */
START_TEST(test_site_two)
{
	struct ike_child_install install;
	struct err_msg e = {.text = ""};

	dp_side_site(&pair.a, 2);
	dp_side_site(&pair.b, 2);
	dp_pair_child(&pair, GCM, 1);
	install = dp_side_install(&pair.a, &pair.b, GCM, 2, 0xa2, 0xb2);
	ck_assert_int_eq(pair.a.dp->ops->child_add(pair.a.dp, 2, 1, &install, &e), 0);
	install = dp_side_install(&pair.b, &pair.a, GCM, 2, 0xb2, 0xa2);
	ck_assert_int_eq(pair.b.dp->ops->child_add(pair.b.dp, 2, 1, &install, &e), 0);
	dp_side_send(&pair.a, 2, dp_packet(out, IP_V4, 100, 1000, 1));
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 2, in, sizeof(in), DP_PAIR_WAIT_MS), 100);
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	pair.b.dp->ops->site_remove(pair.b.dp, 2);
	ck_assert_int_eq(pair.b.dp->ops->child_counters(pair.b.dp, 2,
							&(struct dp_child_counters){0}),
			 ERR_NOT_FOUND);
	ck_assert_int_lt(pair.b.dp->ops->site_ifindex(pair.b.dp, 2), 0);
	dp_side_run(&pair.b, "! ip link show ips2 >/dev/null 2>&1");
	dp_side_site(&pair.b, 2); /* the index is free again at once */
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
}
END_TEST

START_TEST(test_site_carrier)
{
	struct err_msg e = {.text = ""};

	dp_side_run(&pair.a, "ip link show ips1 | grep -q 'mtu 1400'");
	dp_side_run(&pair.a, "ip link show ips1 | grep -q LOWER_UP");
	ck_assert_int_eq(pair.a.dp->ops->site_carrier(pair.a.dp, 1, false, &e), 0);
	dp_side_run(&pair.a, "! ip link show ips1 | grep -q LOWER_UP");
	ck_assert_int_eq(pair.a.dp->ops->site_carrier(pair.a.dp, 1, true, &e), 0);
	dp_side_run(&pair.a, "ip link show ips1 | grep -q LOWER_UP");
}
END_TEST

START_TEST(test_refusals)
{
	const struct dp_ops *ops = pair.a.dp->ops;
	struct dataplane *dp = pair.a.dp;
	struct ike_child_update update = {.child = 77};
	struct ike_child_install install;
	struct err_msg e = {.text = ""};
	static const struct {
		uint32_t site, child, spi;
		uint8_t slot;
		bool unusable;
		int rc;
	} cases[] = {
		{2, 5, 0xa5, 1, false, ERR_NOT_FOUND}, {1, 5, 0xa5, 0, false, ERR_RANGE},
		{1, 5, 0xa5, 7, false, ERR_RANGE},     {1, 1, 0xa5, 1, false, ERR_EXISTS},
		{1, 5, 0xa0001, 1, false, ERR_EXISTS}, {1, 5, 0xa5, 1, true, ERR_UNSUPPORTED},
	};

	dp_pair_child(&pair, GCM, 1);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		e.text[0] = '\0';
		install =
			dp_side_install(&pair.a, &pair.b, GCM, cases[i].child, cases[i].spi, 0xb5);
		if (cases[i].unusable)
			install.suite.key_bits = 192;
		ck_assert_int_eq(ops->child_add(dp, cases[i].site, cases[i].slot, &install, &e),
				 cases[i].rc);
		ck_assert_uint_ne(strlen(e.text), 0);
		ck_assert_ptr_null(install.encr_in.data); /* taken all the same */
		ck_assert_ptr_null(install.encr_out.data);
	}
	ck_assert_int_eq(ops->site_add(dp, 1, &e), ERR_EXISTS);
	ck_assert_int_eq(ops->site_add(dp, 0, &e), ERR_RANGE);
	ck_assert_int_eq(ops->site_add(dp, 100000, &e), ERR_RANGE);
	ck_assert_int_eq(ops->site_carrier(dp, 3, true, &e), ERR_NOT_FOUND);
	ck_assert_int_eq(ops->child_update(dp, &update, &e), ERR_NOT_FOUND);
	ops->site_remove(dp, 3);
	ops->child_remove(dp, 77);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
}
END_TEST

static void add_children(TCase *t)
{
	tcase_add_loop_test(t, test_child_add_each_suite, 0, ARRAY_LEN(suites));
	tcase_add_loop_test(t, test_child_add_ipv6_outside, 0, ARRAY_LEN(suites));
	tcase_add_loop_test(t, test_child_add_raw, 0, 4);
	tcase_add_test(t, test_child_add_selectors);
	tcase_add_loop_test(t, test_wire_replay, 0, ARRAY_LEN(suites));
	tcase_add_loop_test(t, test_wire_bit_flips, 0, ARRAY_LEN(suites));
	tcase_add_test(t, test_wire_unknown_spi);
	tcase_add_test(t, test_wire_moved);
	tcase_add_loop_test(t, test_wire_tos, 0, 2);
}

static Suite *suite(void)
{
	Suite *s = suite_create("dp_conformance");
	TCase *t = tcase_create(dp_pair_is_xfrm() ? "xfrm" : "userspace");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 120);
	add_children(t);
	tcase_add_loop_test(t, test_ike_messages, 0, 2);
	tcase_add_test(t, test_acquire);
	if (!dp_pair_is_xfrm()) /* there by packet mark: test_dp_xfrm.c */
		tcase_add_test(t, test_steer_two_slots);
	tcase_add_test(t, test_site_two);
	tcase_add_test(t, test_site_carrier);
	tcase_add_test(t, test_refusals);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return dp_pair_can_run() ? run_suite(suite()) : DP_PAIR_SKIPPED;
}
