/* SPDX-License-Identifier: GPL-3.0-or-later */
/* udp.c over the loopback of a private namespace: which addresses are seen and used. */
#include "platform/base/mem.h"
#include "platform/os/rtnl.h"
#include "platform/os/udp.h"
#include "tests/unit/platform/netns.h"
#include "tests/unit/platform/suite.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

/* The kernel takes a new IPv6 address into use by a work queue, a moment after the answer. */
static void await_local(const char *text)
{
	char command[64];
	char out[1024];
	int tries = 0;

	(void)snprintf(command, sizeof(command), "ip -6 route get %s", text);
	while (strncmp(output_of(command, out, sizeof(out)), "local", 5) != 0)
		ck_assert_int_lt(tries++, 500);
}

/* lo is up, with 127.0.0.0/8, ::1 and fd00::1 to ::3. */
static void enter(void)
{
	static const char *const extra[] = {"fd00::1", "fd00::2", "fd00::3"};
	struct netlink *n = enter_netns();
	struct err_msg e;
	int lo = 0;

	ck_assert_int_eq(rtnl_link_index(n, "lo", &lo, &e), 0);
	ck_assert_msg(rtnl_link_up(n, lo, true, 0, &e) == 0, "%s", e.text);
	for (size_t i = 0; i < ARRAY_LEN(extra); i++) {
		struct ip_prefix p = {.addr = addr(extra[i]), .len = 128};

		ck_assert_msg(rtnl_addr_add(n, lo, &p, &e) == 0, "%s", e.text);
	}
	netlink_close(n);
	for (size_t i = 0; i < ARRAY_LEN(extra); i++)
		await_local(extra[i]);
}

static int open_port(enum ip_family family, uint16_t port)
{
	struct err_msg e;
	int fd = udp_open(family, port, &e);

	ck_assert_msg(fd >= 0, "%s", e.text);
	return fd;
}

static int receive(int fd, void *buf, size_t cap, struct udp_datagram *d)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ck_assert_int_eq(poll(&p, 1, 5000), 1);
	return udp_receive(fd, buf, cap, d);
}

/* Ports 500 and 4500: `from` sends to `to`, the answer goes back the same way. */
static void round_trip(enum ip_family family, const char *from, const char *to, uint8_t tos)
{
	const struct ip_endpoint a = {.addr = addr(from), .port = 4500};
	const struct ip_endpoint b = {.addr = addr(to), .port = 500};
	const struct view parts[3] = {view_of("\0\0\0\0", 4), view_of(NULL, 0),
				      view_of("hello", 5)};
	int fa = open_port(family, 4500);
	int fb = open_port(family, 500);
	struct udp_datagram d;
	uint8_t buf[100];

	ck_assert_int_eq(udp_receive(fb, buf, sizeof(buf), &d), ERR_BUSY);
	ck_assert_int_eq(udp_send(fa, &a, &b, tos, parts, 3), 0);
	ck_assert_int_eq(receive(fb, buf, sizeof(buf), &d), 0);
	ck_assert(ip_endpoint_equal(&d.remote, &a));
	ck_assert(ip_endpoint_equal(&d.local, &b));
	ck_assert_uint_eq(d.tos, tos);
	ck_assert(view_equal(d.payload, view_of("\0\0\0\0hello", 9)));
	ck_assert_int_eq(udp_send(fb, &d.local, &d.remote, 0, parts, 1), 0);
	ck_assert_int_eq(receive(fa, buf, sizeof(buf), &d), 0);
	ck_assert(ip_endpoint_equal(&d.remote, &b)); /* from the address that was asked */
	ck_assert(ip_endpoint_equal(&d.local, &a));
	ck_assert_uint_eq(d.tos, 0);
	close(fa);
	close(fb);
}

START_TEST(test_v4_addresses)
{
	enter();
	round_trip(IP_V4, "127.0.0.1", "127.0.0.1", 0);
	round_trip(IP_V4, "127.0.0.5", "127.77.0.9", 0xb8); /* EF */
	round_trip(IP_V4, "127.0.0.9", "127.0.0.1", 0x03);  /* congestion experienced */
}
END_TEST

START_TEST(test_v6_addresses)
{
	enter();
	round_trip(IP_V6, "::1", "::1", 0);
	round_trip(IP_V6, "fd00::2", "fd00::3", 0xb8);
	round_trip(IP_V6, "fd00::3", "fd00::1", 0x03);
}
END_TEST

START_TEST(test_source_chosen_by_kernel)
{
	const struct ip_endpoint any = {.port = 0};
	const struct ip_endpoint to = {.addr = addr("127.0.0.1"), .port = 500};
	const struct view part = view_of("x", 1);
	struct udp_datagram d;
	uint8_t buf[10];
	int fd;

	enter();
	fd = open_port(IP_V4, 500);
	ck_assert_int_eq(udp_send(fd, &any, &to, 0, &part, 1), 0);
	ck_assert_int_eq(receive(fd, buf, sizeof(buf), &d), 0);
	ck_assert(ip_endpoint_equal(&d.remote, &to));
	close(fd);
}
END_TEST

START_TEST(test_sizes)
{
	static uint8_t big[65507]; /* the largest over IPv4 */
	static uint8_t buf[UDP_DATAGRAM_MAX];
	const struct ip_endpoint to = {.addr = addr("127.0.0.1"), .port = 500};
	struct view part = view_of(big, sizeof(big));
	struct udp_datagram d;
	int fd;

	enter();
	fd = open_port(IP_V4, 500);
	memset(big, 0x5a, sizeof(big));
	ck_assert_int_eq(udp_send(fd, &to, &to, 0, &part, 1), 0);
	ck_assert_int_eq(receive(fd, buf, sizeof(buf), &d), 0);
	ck_assert(view_equal(d.payload, part));
	ck_assert_int_eq(udp_send(fd, &to, &to, 0, &part, 1), 0);
	ck_assert_int_eq(receive(fd, buf, 100, &d), ERR_TRUNCATED); /* gone */
	ck_assert_int_eq(udp_receive(fd, buf, sizeof(buf), &d), ERR_BUSY);
	ck_assert_int_eq(udp_send(fd, &to, &to, 0, NULL, 0), 0); /* an empty datagram */
	ck_assert_int_eq(receive(fd, buf, sizeof(buf), &d), 0);
	ck_assert_uint_eq(d.payload.len, 0);
	close(fd);
}
END_TEST

/* Larger than the path: fragmented, as IKE_AUTH with large payloads may need. */
START_TEST(test_fragments_instead_of_df)
{
	static uint8_t big[3000];
	static uint8_t buf[UDP_DATAGRAM_MAX];
	struct view part = view_of(big, sizeof(big));
	struct netlink *n = enter_netns();
	struct udp_datagram d;
	struct err_msg e;
	int lo = 0;

	ck_assert_int_eq(rtnl_link_index(n, "lo", &lo, &e), 0);
	ck_assert_int_eq(rtnl_link_up(n, lo, true, 1300, &e), 0);
	for (int i = 0; i < 2; i++) {
		const struct ip_endpoint to = {.addr = addr(i == 0 ? "127.0.0.1" : "::1"),
					       .port = 500};
		int fd = open_port(i == 0 ? IP_V4 : IP_V6, 500);

		ck_assert_int_eq(udp_send(fd, &to, &to, 0, &part, 1), 0);
		ck_assert_int_eq(receive(fd, buf, sizeof(buf), &d), 0);
		ck_assert_uint_eq(d.payload.len, sizeof(big));
		close(fd);
	}
	netlink_close(n);
}
END_TEST

START_TEST(test_port_in_use)
{
	struct err_msg e;
	int v4;
	int v6;

	enter();
	v4 = open_port(IP_V4, 500);
	v6 = open_port(IP_V6, 500); /* families do not collide */
	ck_assert_int_eq(udp_open(IP_V4, 500, &e), ERR_SYSTEM);
	ck_assert_str_eq(e.text, "UDP port 500 (IPv4): Address already in use");
	ck_assert_int_eq(udp_open(IP_V6, 500, &e), ERR_SYSTEM);
	ck_assert_str_eq(e.text, "UDP port 500 (IPv6): Address already in use");
	ck_assert_int_eq(udp_open(IP_NONE, 500, &e), ERR_INVALID);
	close(v4);
	close(v6);
}
END_TEST

START_TEST(test_bad_sends)
{
	const struct ip_endpoint any = {.port = 0};
	const struct ip_endpoint v4 = {.addr = addr("127.0.0.1"), .port = 500};
	const struct ip_endpoint v6 = {.addr = addr("::1"), .port = 500};
	const struct ip_endpoint foreign = {.addr = addr("192.0.2.1"), .port = 500};
	struct view parts[17] = {{.len = 0}};
	int fd;

	enter();
	fd = open_port(IP_V4, 500);
	ck_assert_int_eq(udp_send(fd, &any, &any, 0, parts, 1), ERR_INVALID);
	ck_assert_int_eq(udp_send(fd, &v6, &v4, 0, parts, 1), ERR_INVALID);
	ck_assert_int_eq(udp_send(fd, &v4, &v4, 0, parts, 17), ERR_INVALID);
	ck_assert_int_eq(udp_send(fd, &foreign, &v4, 0, parts, 1), ERR_SYSTEM);	 /* not ours */
	ck_assert_int_eq(udp_send(fd, &any, &foreign, 0, parts, 1), ERR_SYSTEM); /* no route */
	close(fd);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_v4_addresses,
		test_v6_addresses,
		test_source_chosen_by_kernel,
		test_sizes,
		test_fragments_instead_of_df,
		test_port_in_use,
		test_bad_sends,
	};

	if (geteuid() != 0) {
		(void)puts("skipped: network namespaces need root");
		return TEST_SKIPPED;
	}
	return run_cases("udp", tests, ARRAY_LEN(tests));
}
