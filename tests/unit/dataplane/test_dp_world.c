/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the world around it does to any backend of dataplane.h: packets that come late, NATs, raw
 * ESP, somebody who removes a device or sets it down.  Needs root and TUN or a kernel with ESP;
 * exits 77 without.
 */
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <check.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct ike_suite suites[] = {
	{.encr = 20, .key_bits = 128},
	{.encr = 20, .key_bits = 256, .esn = true},
	{.encr = 12, .key_bits = 128, .integ = 12},
	{.encr = 12, .key_bits = 256, .integ = 14, .esn = true},
};

#define GCM	    (&suites[0])
#define MTU_WAIT_MS 15000 /* the kernel backend looks at its devices every 10 s */

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

/* ---- Late packets ---------------------------------------------------------------------------- */

#define BURST 32

/* So many packets from a to b; all arrive. */
static void stream(unsigned count)
{
	for (unsigned sent = 0; sent < count; sent += BURST) {
		for (unsigned i = 0; i < BURST; i++)
			dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 64, 2000, (uint8_t)i));
		for (unsigned i = 0; i < BURST; i++)
			ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in),
							  DP_PAIR_WAIT_MS),
					  64);
	}
}

/* A packet that leaves a and waits in the network: its frame. */
static size_t hold_back(uint8_t *frame, size_t cap, uint8_t seed)
{
	uint8_t other[2048];
	size_t n;

	while (dp_side_sniff(&pair, &pair.a, other, sizeof(other), 0) != 0)
		; /* those of before */
	dp_side_run(&pair.b, "nft 'add table inet hold; add chain inet hold c { type filter hook "
			     "prerouting priority -300; }; add rule inet hold c udp dport 4500 "
			     "drop'");
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 3000, seed));
	n = dp_side_sniff(&pair, &pair.a, frame, cap, DP_PAIR_WAIT_MS);
	ck_assert_uint_ne(n, 0);
	frame[14 + 20 + 6] = frame[14 + 20 + 7] = 0; /* the checksum of UDP was left to a device */
	dp_side_run(&pair.b, "nft delete table inet hold");
	return n;
}

/* At least 1024 packets may overtake one; after 4096 it is too late, and comes never. */
START_TEST(test_late_packets)
{
	uint8_t frame[1600];
	size_t n;

	dp_pair_child(&pair, &suites[_i], 1);
	stream(BURST);
	n = hold_back(frame, sizeof(frame), 7);
	stream(1024 - BURST);
	dp_side_inject(&pair.a, view_of(frame, n));
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_WAIT_MS), 100);
	ck_assert_mem_eq(in, dp_packet(out, IP_V4, 100, 3000, 7).data, 100);
	dp_side_inject(&pair.a, view_of(frame, n)); /* once */
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).replay_drops, 1);
	n = hold_back(frame, sizeof(frame), 8);
	stream(4096);
	dp_side_inject(&pair.a, view_of(frame, n));
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
	ck_assert_uint_ge(dp_side_child(&pair.b, 1).replay_drops +
				  dp_side_child(&pair.b, 1).auth_drops,
			  2); /* with ESN a far too old one is taken for a far too new one */
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
}
END_TEST

/* ---- NAT ------------------------------------------------------------------------------------- */

/* The NAT before a takes another port: told, followed when the engine says so, in both directions;
 * then the NAT is gone. */
START_TEST(test_nat_changes_the_port)
{
	struct ike_child_update update = {.child = 1, .udp_encap = true};
	const struct dp_pair_event *ev;
	struct err_msg e = {.text = ""};

	dp_pair_child(&pair, &suites[_i], 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	/* without states, which would leave flows alone that they know */
	dp_side_run(&pair.a, "nft 'table ip nat { "
			     "chain o { type filter hook postrouting priority 0; "
			     "udp sport 4500 udp sport set 40000 udp checksum set 0; }; "
			     "chain i { type filter hook prerouting priority -300; "
			     "udp dport 40000 udp dport set 4500 udp checksum set 0; }; }'");
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
	ev = dp_side_event(&pair, &pair.b, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_MOVED);
	ck_assert_uint_eq(ev->id, 1);
	ck_assert_uint_eq(ev->remote.port, 40000);
	ck_assert(ip_addr_equal(&ev->remote.addr, &pair.a.v4.addr));
	update.local = pair.b.v4;
	update.remote = ev->remote;
	ck_assert_int_eq(pair.b.dp->ops->child_update(pair.b.dp, &update, &e), 0);
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 1300, 1000, 3));
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 1300, 1000, 4));
	ck_assert_ptr_null(dp_side_event(&pair, &pair.b, 1, DP_PAIR_QUIET_MS));
}
END_TEST

/* Without a NAT ESP needs no UDP; a NAT that appears brings it. */
START_TEST(test_raw_esp)
{
	struct ike_child_update update = {.child = 1, .udp_encap = true, .outbound_now = true};
	struct err_msg e = {.text = ""};
	struct ike_child_install install;
	uint8_t frame[1600];

	if ((pair.a.dp->ops->features & DP_RAW_ESP) == 0)
		return;
	install = dp_side_install(&pair.a, &pair.b, &suites[_i], 1, 0xa1, 0xb1);
	install.udp_encap = false;
	dp_side_add(&pair.a, 1, &install);
	install = dp_side_install(&pair.b, &pair.a, &suites[_i], 1, 0xb1, 0xa1);
	install.udp_encap = false;
	dp_side_add(&pair.b, 1, &install);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 1400, 1000, 1));
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, 1400, 1000, 1));
	ck_assert_uint_eq(dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), DP_PAIR_QUIET_MS), 0);
	update.local = pair.a.v4;
	update.remote = pair.b.v4;
	ck_assert_msg(pair.a.dp->ops->child_update(pair.a.dp, &update, &e) == 0, "%s", e.text);
	update.local = pair.b.v4;
	update.remote = pair.a.v4;
	ck_assert_msg(pair.b.dp->ops->child_update(pair.b.dp, &update, &e) == 0, "%s", e.text);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 1400, 1000, 2));
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 1400, 1000, 3));
	ck_assert_uint_ne(dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), DP_PAIR_WAIT_MS), 0);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, 2);
}
END_TEST

/* ---- Others on this machine ------------------------------------------------------------------ */

static unsigned device_mtu(const struct dp_side *s)
{
	struct ifreq r = {.ifr_name = "ips1"};
	int fd;

	dp_side_run(s, "true"); /* enters */
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(ioctl(fd, SIOCGIFMTU, &r), 0);
	(void)close(fd);
	return (unsigned)r.ifr_mtu;
}

static void await_mtu(unsigned mtu)
{
	uint64_t end = loop_clock_ms() + MTU_WAIT_MS;

	while (device_mtu(&pair.a) != mtu && loop_clock_ms() < end)
		dp_pair_run(&pair, 200);
	ck_assert_uint_eq(device_mtu(&pair.a), mtu);
}

/* A removed or disabled device is there again, the owner is told, and the keys still serve. */
START_TEST(test_device_comes_back)
{
	static const char *const deeds[] = {"ip link del ips1", "ip link set ips1 down"};
	const struct dp_pair_event *ev;
	struct err_msg e = {.text = ""};

	dp_pair_child(&pair, GCM, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	dp_side_run(&pair.a, deeds[_i]);
	ev = dp_side_event(&pair, &pair.a, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_DEVICE);
	ck_assert_uint_eq(ev->id, 1);
	/* its owner says again how it is */
	ck_assert_int_eq(pair.a.dp->ops->site_carrier(pair.a.dp, 1, true, &e), 0);
	ck_assert_uint_eq(device_mtu(&pair.a), 1438); /* at once as before */
	dp_side_run(&pair.a, "timeout 5 sh -c 'until ip link show ips1 | grep -q LOWER_UP; do "
			     "sleep 0.1; done'");
	dp_side_listen(&pair.a, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, 100, 1000, 3));
	ck_assert_uint_ge(dp_side_child(&pair.a, 1).tx_packets, 2);
}
END_TEST

/* Outer path, the device's MTU in front of it: IPv4 or IPv6, UDP or not, block of the cipher. */
static const struct {
	struct ike_suite suite;
	bool v6, raw;
	unsigned mtu, narrow; /* over 1500 octets, over 1390 */
} fits[] = {
	/* 20 IP + 8 UDP + 8 ESP + 8 IV + 16 ICV + 2 trailer; text in blocks of 4 */
	{{.encr = 20, .key_bits = 128}, false, false, 1438, 1326},
	{{.encr = 20, .key_bits = 128}, false, true, 1446, 1334},
	{{.encr = 20, .key_bits = 128}, true, false, 1418, 1306},
	/* 16 IV, 16 ICV; text in blocks of 16: 1432 / 16 and 1322 / 16 of them */
	{{.encr = 12, .key_bits = 128, .integ = 12}, false, false, 1422, 1310},
};

/* What fits the path that the kernel knows, within a second or two of a change; what somebody set
 * by hand does not stay. */
START_TEST(test_device_mtu)
{
	struct ike_child_install install =
		dp_side_install(&pair.a, &pair.b, &fits[_i].suite, 1, 0xa1, 0xb1);

	install.udp_encap = !fits[_i].raw;
	if (fits[_i].v6) {
		install.local = pair.a.v6;
		install.remote = pair.b.v6;
	}
	ck_assert_uint_eq(device_mtu(&pair.a), 1400);
	dp_side_add(&pair.a, 1, &install);
	ck_assert_uint_eq(device_mtu(&pair.a), fits[_i].mtu);
	dp_side_run(&pair.a, "ip link set wire mtu 1390");
	await_mtu(fits[_i].narrow);
	dp_side_run(&pair.a, "ip link set wire mtu 1500");
	await_mtu(fits[_i].mtu);
	dp_side_run(&pair.a, "ip link set ips1 mtu 1300");
	await_mtu(fits[_i].mtu);
}
END_TEST

/* Traffic that nobody serves is told of again and again, but once a second. */
START_TEST(test_acquire_again)
{
	for (unsigned round = 0; round < 3; round++) {
		const struct dp_pair_event *ev;

		for (unsigned i = 0; i < 10; i++)
			dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, 1));
		ev = dp_side_event(&pair, &pair.a, round, DP_PAIR_WAIT_MS);
		ck_assert_ptr_nonnull(ev);
		ck_assert_int_eq(ev->type, ON_ACQUIRE);
		dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, 1));
		ck_assert_ptr_null(dp_side_event(&pair, &pair.a, round + 1, DP_PAIR_QUIET_MS));
		dp_pair_run(&pair, 2200);
	}
	dp_pair_child(&pair, GCM, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
	pair.a.dp->ops->child_remove(pair.a.dp, 1);
	dp_pair_run(&pair, 1100);
	dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, 1));
	ck_assert_ptr_nonnull(dp_side_event(&pair, &pair.a, 3, DP_PAIR_WAIT_MS));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dp_world");
	TCase *t = tcase_create(dp_pair_is_xfrm() ? "xfrm" : "userspace");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, test_late_packets, 0, ARRAY_LEN(suites));
	tcase_add_loop_test(t, test_nat_changes_the_port, 0, 2);
	tcase_add_loop_test(t, test_raw_esp, 0, ARRAY_LEN(suites));
	tcase_add_loop_test(t, test_device_comes_back, 0, 2);
	tcase_add_loop_test(t, test_device_mtu, 0, ARRAY_LEN(fits));
	tcase_add_test(t, test_acquire_again);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return dp_pair_can_run() ? run_suite(suite()) : DP_PAIR_SKIPPED;
}
