/* SPDX-License-Identifier: GPL-3.0-or-later */
/* icmp_error.c: packets as the RFCs draw them, every prefix of them, and the kernel's own errors.
 */
#include "platform/base/mem.h"
#include "platform/os/icmp_error.h"
#include "platform/os/rtnl.h"
#include "platform/os/udp.h"
#include "tests/unit/platform/netns.h"
#include "tests/unit/platform/suite.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

static struct ip_addr addr(const char *text)
{
	struct ip_addr a = {0};

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

/* RFC 792: type 3, code, checksum, unused, then the IP header and 8 octets of the datagram. */
static const uint8_t v4[] = {0x45, 0,	 0,    56,   0,	  0,  0,   0,  64,  1,
			     0,	   0,	 192,  0,    2,	  1,  203, 0,  113, 10, /* outer IP */
			     3,	   13,	 0,    0,    0,	  0,  0,   0,		/* ICMP */
			     0x46, 0,	 0,    60,   0,	  0,  0,   0,  63,  17,
			     0,	   0,	 203,  0,    113, 10, 198, 51, 100, 21, /* quoted */
			     1,	   1,	 1,    1,				/* option */
			     0x11, 0x94, 0x01, 0xf4, 0,	  32, 0,   0};		/* 4500 -> 500 */

START_TEST(test_parse_v4)
{
	struct icmp_error x = {.reporter = {.family = IP_NONE}};
	struct ip_addr local = addr("203.0.113.10"), remote = addr("198.51.100.21");
	uint8_t other[sizeof(v4)];

	ck_assert_int_eq(icmp_error_parse(view_of(v4, sizeof(v4)), IP_V4, &x), 0);
	ck_assert_uint_eq(x.code, 13);
	ck_assert(ip_addr_equal(&x.local.addr, &local));
	ck_assert(ip_addr_equal(&x.remote.addr, &remote));
	ck_assert_uint_eq(x.local.port, 4500);
	ck_assert_uint_eq(x.remote.port, 500);
	/* the last four octets are not needed */
	for (size_t len = 0; len < sizeof(v4) - 4; len++)
		ck_assert_int_eq(icmp_error_parse(view_of(v4, len), IP_V4, &x), ERR_INVALID);
	memcpy(other, v4, sizeof(v4));
	other[37] = 6; /* about TCP */
	ck_assert_int_eq(icmp_error_parse(view_of(other, sizeof(other)), IP_V4, &x), ERR_INVALID);
	memcpy(other, v4, sizeof(v4));
	other[20] = 11; /* time exceeded */
	ck_assert_int_eq(icmp_error_parse(view_of(other, sizeof(other)), IP_V4, &x), ERR_INVALID);
	memcpy(other, v4, sizeof(v4));
	other[28] = 0x44; /* a header of 16 octets */
	ck_assert_int_eq(icmp_error_parse(view_of(other, sizeof(other)), IP_V4, &x), ERR_INVALID);
}
END_TEST

START_TEST(test_parse_v6)
{
	/* RFC 4443 section 3.1: type 1 code 4, then the packet. */
	uint8_t p[8 + 40 + 8] = {1, 4, 0, 0, 0, 0, 0, 0, 0x60, 0, 0, 0, 0, 8, 17, 64};
	struct icmp_error x = {.reporter = {.family = IP_NONE}};
	struct ip_addr local = addr("2001:db8::1"), remote = addr("2001:db8:1::2");

	memcpy(p + 16, local.bytes, 16);
	memcpy(p + 32, remote.bytes, 16);
	p[49] = 7;
	p[51] = 9;
	ck_assert_int_eq(icmp_error_parse(view_of(p, sizeof(p)), IP_V6, &x), 0);
	ck_assert(ip_addr_equal(&x.local.addr, &local) && ip_addr_equal(&x.remote.addr, &remote));
	ck_assert_uint_eq(x.local.port, 7);
	ck_assert_uint_eq(x.remote.port, 9);
	for (size_t len = 0; len < 52; len++)
		ck_assert_int_eq(icmp_error_parse(view_of(p, len), IP_V6, &x), ERR_INVALID);
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(icmp_error_name(IP_V4, 3), "port unreachable");
	ck_assert_str_eq(icmp_error_name(IP_V4, 13), "administratively prohibited");
	ck_assert_str_eq(icmp_error_name(IP_V4, 200), "unreachable");
	ck_assert_str_eq(icmp_error_name(IP_V6, 4), "port unreachable");
	ck_assert_str_eq(icmp_error_name(IP_V6, 1), "administratively prohibited");
	ck_assert_str_eq(icmp_error_name(IP_V6, 7), "unreachable");
}
END_TEST

/* A datagram to a closed port of this machine: the kernel answers. */
static void closed_port(enum ip_family family, const char *text)
{
	struct ip_endpoint none = {.port = 0}, to = {.addr = addr(text), .port = 9};
	struct err_msg e = {.text = ""};
	struct view payload = view_of("x", 1);
	struct pollfd p = {.events = POLLIN};
	struct icmp_error x;
	int udp = udp_open(family, 4500, &e);

	ck_assert_msg(udp >= 0, "%s", e.text);
	p.fd = icmp_error_open(family, &e);
	ck_assert_msg(p.fd >= 0, "%s", e.text);
	ck_assert_int_eq(icmp_error_receive(p.fd, family, &x), ERR_BUSY);
	ck_assert_int_eq(udp_send(udp, &none, &to, 0, &payload, 1), 0);
	ck_assert_int_eq(poll(&p, 1, 5000), 1);
	ck_assert_int_eq(icmp_error_receive(p.fd, family, &x), 0);
	ck_assert(ip_addr_equal(&x.reporter, &to.addr));
	ck_assert(ip_endpoint_equal(&x.remote, &to));
	ck_assert_uint_eq(x.local.port, 4500);
	ck_assert_str_eq(icmp_error_name(family, x.code), "port unreachable");
	close(p.fd);
	close(udp);
}

START_TEST(test_kernel)
{
	struct netlink *n = enter_netns();
	struct err_msg e;
	int lo = 0;

	ck_assert_int_eq(rtnl_link_index(n, "lo", &lo, &e), 0);
	ck_assert_msg(rtnl_link_up(n, lo, true, 0, &e) == 0, "%s", e.text);
	netlink_close(n);
	closed_port(IP_V4, "127.0.0.1");
	closed_port(IP_V6, "::1");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_parse_v4, test_parse_v6, test_names, test_kernel};

	return run_cases("icmp_error", tests, ARRAY_LEN(tests));
}
