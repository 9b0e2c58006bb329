/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every backend of dataplane.h must do, tested through dp_ops alone between two of them in two
 * network namespaces.  Needs root; without it, or without TUN, the program says so and exits 77.
 */
#include "platform/base/mem.h"
#include "platform/os/tun.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <check.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKIPPED	 77
#define WAIT_MS	 3000 /* for what must come */
#define QUIET_MS 150  /* for what must not come */

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

	ck_assert_msg(dp_pair_open(&pair, dp_userspace_new, &e), "%s", e.text);
	dp_side_site(&pair.a, 1);
	dp_side_site(&pair.b, 1);
}

static void tear_down(void)
{
	dp_pair_close(&pair);
}

/* The packet comes out of the other side as it went in. */
static void crosses(struct dp_side *from, struct dp_side *to, struct view packet)
{
	size_t n;

	dp_side_send(from, 1, packet);
	n = dp_side_receive(&pair, to, 1, in, sizeof(in), WAIT_MS);
	ck_assert_uint_eq(n, packet.len);
	ck_assert_mem_eq(in, packet.data, n);
}

static void stays_out(struct dp_side *from, struct dp_side *to, struct view packet)
{
	dp_side_send(from, 1, packet);
	ck_assert_uint_eq(dp_side_receive(&pair, to, 1, in, sizeof(in), QUIET_MS), 0);
}

START_TEST(test_child_add_each_suite)
{
	static const size_t sizes[] = {48, 49, 62, 63, 64, 576, 1399, 1400};

	dp_pair_child(&pair, &suites[_i], 1);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		crosses(&pair.a, &pair.b, dp_packet(out, IP_V4, sizes[i], 1000, 1));
		crosses(&pair.b, &pair.a, dp_packet(out, IP_V6, sizes[i], 1000, 2));
	}
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, ARRAY_LEN(sizes));
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, ARRAY_LEN(sizes));
}
END_TEST

START_TEST(test_child_add_ipv6_outside)
{
	dp_pair_child_v6(&pair, &suites[_i], 1);
	crosses(&pair.a, &pair.b, dp_packet(out, IP_V4, 1300, 1000, 1));
	crosses(&pair.b, &pair.a, dp_packet(out, IP_V6, 1300, 1000, 2));
}
END_TEST

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
	crosses(&pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	stays_out(&pair.a, &pair.b, dp_packet(out, IP_V6, 100, 1000, 1)); /* a sends, b refuses */
	stays_out(&pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 1)); /* b does not send */
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, 2);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).selector_drops, 1);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).tx_packets, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dp_conformance");
	TCase *t = tcase_create("userspace");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_child_add_each_suite, 0, ARRAY_LEN(suites));
	tcase_add_loop_test(t, test_child_add_ipv6_outside, 0, ARRAY_LEN(suites));
	tcase_add_test(t, test_child_add_selectors);
	suite_add_tcase(s, t);
	return s;
}

/* Rights and TUN, in a namespace of its own. */
static bool can_run(void)
{
	struct err_msg e = {.text = "no right to make network namespaces"};

	if (unshare(CLONE_NEWNET) == 0 && tun_probe(&e) == 0)
		return true;
	(void)printf("skipped: %s\n", e.text);
	return false;
}

int main(void)
{
	return can_run() ? run_suite(suite()) : SKIPPED;
}
