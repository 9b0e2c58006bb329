/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Path MTU of tunnels: from the device that packets leave by, and from ICMP errors of the network;
 * both ways in and out.  Needs root; exits 77 where it cannot run.
 */
#include "dataplane/esp/userspace.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct ike_suite gcm = {.encr = 20, .key_bits = 128};
static const struct ike_suite cbc = {.encr = 12, .key_bits = 256, .integ = 12};

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

static int mtu_of_device(void)
{
	struct ifreq q = {.ifr_name = "ips1"};
	int fd;

	dp_side_run(&pair.a, "true"); /* into its namespace */
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(ioctl(fd, SIOCGIFMTU, &q), 0);
	(void)close(fd);
	return q.ifr_mtu;
}

static void await_mtu(int mtu)
{
	uint64_t until = loop_clock_ms() + 5000;

	while (mtu_of_device() != mtu) {
		ck_assert_msg(loop_clock_ms() < until, "MTU %d, not %d", mtu_of_device(), mtu);
		dp_pair_run(&pair, 20);
	}
}

/* RFC 4303 section 2: outer IP (20 or 40), UDP (8), ESP (8), IV, padding to the block, 2, ICV. */
static const struct {
	const struct ike_suite *suite;
	bool v6;
	bool raw;
	int wire, inner, full; /* link, what fits into it, and into 1500 octets */
} links[] = {
	{&gcm, false, false, 1400, 1338, 1438}, /* 1400 - 20 - 8 - 8 - 8 - 16 = 1340, less 2 */
	{&gcm, false, true, 1400, 1346, 1446},	/* the same without 8 of UDP: 1348, less 2 */
	{&gcm, true, false, 1420, 1338, 1418},
	{&cbc, false, false, 1420, 1342,
	 1422},				      /* 1420 - 20 - 8 - 8 - 16 - 16 = 1352: 1344, less 2 */
	{&cbc, true, true, 1440, 1358, 1406}, /* 1440 - 40 - 8 - 16 - 16 = 1360, less 2 */
};

START_TEST(test_pmtu_of_link)
{
	struct ike_child_install install =
		dp_side_install(&pair.a, &pair.b, links[_i].suite, 1, 0xa1, 0xb1);
	int inner = links[_i].inner;
	char command[64];

	(void)snprintf(command, sizeof(command), "ip link set wire mtu %d", links[_i].wire);
	dp_side_run(&pair.a, command);
	install.udp_encap = !links[_i].raw;
	if (links[_i].v6) {
		install.local = pair.a.v6;
		install.remote = pair.b.v6;
	}
	ck_assert_int_eq(mtu_of_device(), 1400);
	dp_side_add(&pair.a, 1, &install);
	ck_assert_int_eq(mtu_of_device(), inner);
	dp_side_run(&pair.a, "ip link set wire mtu 1500");
	await_mtu(links[_i].full);
	dp_side_run(&pair.a, command);
	await_mtu(inner);
}
END_TEST

/* What a router on the way says, quoting a packet of a's to b. */
static void too_big_v4(unsigned mtu, unsigned protocol)
{
	char command[1024];

	(void)snprintf(command, sizeof(command),
		       "/usr/bin/python3 -c '\n"
		       "import socket, struct\n"
		       "def total(b):\n"
		       " n = sum(struct.unpack(\"!%%dH\" %% (len(b) // 2), b))\n"
		       " n = (n & 65535) + (n >> 16)\n"
		       " return ~(n + (n >> 16)) & 65535\n"
		       "q = struct.pack(\"!BBHHHBBH4s4s\", 69, 0, 1400, 1, 0, 60, %u, 0,\n"
		       " socket.inet_aton(\"192.0.2.1\"), socket.inet_aton(\"192.0.2.2\"))\n"
		       "q += struct.pack(\"!HHHH\", 4500, 4500, 1380, 0)\n"
		       "m = struct.pack(\"!BBHHH\", 3, 4, 0, 0, %u) + q\n"
		       "m = m[:2] + struct.pack(\"!H\", total(m)) + m[4:]\n"
		       "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\n"
		       "s.sendto(m, (\"192.0.2.1\", 0))'",
		       protocol, mtu);
	dp_side_run(&pair.b, command);
}

static unsigned u16_at(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* An ICMP error about the tunnel lowers what may go into it, and the hosts are told the right
 * number: by the device where it can, by the worker below the least MTU of IPv6. */
START_TEST(test_pmtu_of_network_v4)
{
	struct ike_child_install install = dp_side_install(&pair.a, &pair.b, &gcm, 1, 0xa1, 0xb1);
	bool raw = _i == 1;
	int overhead = raw ? 54 : 62;
	size_t n;

	install.udp_encap = !raw;
	dp_side_add(&pair.a, 1, &install);
	ck_assert_int_eq(mtu_of_device(), raw ? 1446 : 1438);
	too_big_v4(1400, raw ? 50 : 17);
	await_mtu(1400 - overhead);
	too_big_v4(1200, raw ? 50 : 17);
	await_mtu(1280);
	(void)dp_packet(out, IP_V4, 1240, 1000, 1);
	out[6] = 0x40; /* don't fragment */
	dp_packet_fix(out);
	dp_side_send(&pair.a, 1, view_of(out, 1240));
	n = dp_side_receive(&pair, &pair.a, 1, in, sizeof(in), DP_PAIR_WAIT_MS);
	while (n != 0 && (in[9] != 1 || in[20] != 3))
		n = dp_side_receive(&pair, &pair.a, 1, in, sizeof(in), DP_PAIR_WAIT_MS);
	ck_assert_uint_ge(n, 56);
	ck_assert_uint_eq(in[21], 4);
	ck_assert_uint_eq(u16_at(in + 26), 1200 - (unsigned)overhead);
	ck_assert_mem_eq(in + 28, out, 20);
	ck_assert_uint_eq(dp_side_counter(&pair.a, "tx_too_big"), 1);
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, 0);
}
END_TEST

static void too_big_v6(unsigned mtu, unsigned protocol)
{
	char command[1024];

	(void)snprintf(command, sizeof(command),
		       "/usr/bin/python3 -c '\n"
		       "import socket, struct\n"
		       "a, b = (socket.inet_pton(socket.AF_INET6, \"2001:db8::%%d\" %% n) for n in "
		       "(1, 2))\n"
		       "q = struct.pack(\"!IHBB16s16s\", 6 << 28, 1400, %u, 60, a, b)\n"
		       "q += struct.pack(\"!HHHH\", 4500, 4500, 1400, 0)\n"
		       "m = struct.pack(\"!BBHI\", 2, 0, 0, %u) + q\n"
		       "s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58)\n"
		       "s.sendto(m, (\"2001:db8::1\", 0))'",
		       protocol, mtu);
	dp_side_run(&pair.b, command);
}

START_TEST(test_pmtu_of_network_v6)
{
	struct ike_child_install install = dp_side_install(&pair.a, &pair.b, &gcm, 1, 0xa1, 0xb1);
	bool raw = _i == 1;

	install.udp_encap = !raw;
	install.local = pair.a.v6;
	install.remote = pair.b.v6;
	dp_side_add(&pair.a, 1, &install);
	ck_assert_int_eq(mtu_of_device(), raw ? 1426 : 1418);
	too_big_v6(1400, raw ? 50 : 17);
	await_mtu(1400 - (raw ? 74 : 82));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_pmtu");
	TCase *t = tcase_create("pmtu");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_pmtu_of_link, 0, ARRAY_LEN(links));
	tcase_add_loop_test(t, test_pmtu_of_network_v4, 0, 2);
	tcase_add_loop_test(t, test_pmtu_of_network_v6, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	if (!dp_pair_can_run())
		return DP_PAIR_SKIPPED;
	return run_suite(suite());
}
