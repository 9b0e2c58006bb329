/* SPDX-License-Identifier: GPL-3.0-or-later */
/* icmp.c against the kernel's own echo responder in a private namespace. */
#include "platform/base/mem.h"
#include "platform/os/icmp.h"
#include "platform/os/rtnl.h"
#include "tests/unit/platform/netns.h"
#include "tests/unit/platform/suite.h"

#include <poll.h>
#include <unistd.h>

static const struct ip_addr any = {.family = IP_NONE};

static struct ip_addr addr(const char *text)
{
	struct ip_addr a = {0};

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

static void enter(void)
{
	struct netlink *n = enter_netns();
	struct err_msg e;
	int lo = 0;

	ck_assert_int_eq(rtnl_link_index(n, "lo", &lo, &e), 0);
	ck_assert_msg(rtnl_link_up(n, lo, true, 0, &e) == 0, "%s", e.text);
	netlink_close(n);
}

static void await_reply(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ck_assert_int_eq(poll(&p, 1, 5000), 1);
}

static void echo_to(const char *text, const struct ip_addr *source)
{
	struct ip_addr to = addr(text);
	struct icmp_echo out = {.id = 0xabcd, .sequence = 65535, .data_len = 72}, in;
	struct err_msg e = {0};
	int fd = icmp_open(to.family, source, &e);

	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert_int_eq(icmp_receive_reply(fd, to.family, &in), ERR_BUSY);
	ck_assert_msg(icmp_send_echo(fd, &to, &out, &e) == 0, "%s", e.text);
	await_reply(fd);
	ck_assert_int_eq(icmp_receive_reply(fd, to.family, &in), 0);
	ck_assert(ip_addr_equal(&in.from, &to));
	ck_assert_uint_eq(in.id, 0xabcd);
	ck_assert_uint_eq(in.sequence, 65535);
	ck_assert_uint_eq(in.data_len, 72);
	/* The request that loops back to the raw socket is no reply. */
	ck_assert_int_eq(icmp_receive_reply(fd, to.family, &in), ERR_BUSY);
	(void)close(fd);
}

START_TEST(test_echo_v4)
{
	struct ip_addr source = addr("127.0.0.9");

	enter();
	echo_to("127.0.0.1", &any);
	echo_to("127.0.0.1", &source);
}
END_TEST

START_TEST(test_echo_v6)
{
	enter();
	echo_to("::1", &any);
}
END_TEST

START_TEST(test_echo_unreachable)
{
	struct ip_addr to = addr("192.0.2.1");
	struct icmp_echo out = {.data_len = 8};
	struct err_msg e = {0};
	int fd;

	enter();
	fd = icmp_open(IP_V4, &any, &e);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(icmp_send_echo(fd, &to, &out, &e), ERR_SYSTEM);
	ck_assert_str_eq(e.text, "Echo request: Network is unreachable");
	out.data_len = ICMP_DATA_MAX + 1;
	ck_assert_int_eq(icmp_send_echo(fd, &to, &out, &e), ERR_RANGE);
	(void)close(fd);
}
END_TEST

START_TEST(test_open_refuses_source)
{
	struct ip_addr foreign = addr("192.0.2.1"), v6 = addr("::1");
	struct err_msg e = {0};

	enter();
	ck_assert_int_eq(icmp_open(IP_V4, &foreign, &e), ERR_SYSTEM);
	ck_assert_str_eq(e.text, "Source 192.0.2.1: Cannot assign requested address");
	ck_assert_int_eq(icmp_open(IP_V4, &v6, &e), ERR_INVALID);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_echo_v4, test_echo_v6, test_echo_unreachable,
				      test_open_refuses_source};

	if (geteuid() != 0) {
		(void)puts("skipped: network namespaces need root");
		return TEST_SKIPPED;
	}
	return run_cases("icmp", tests, ARRAY_LEN(tests));
}
