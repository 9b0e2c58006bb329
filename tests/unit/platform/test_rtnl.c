/* SPDX-License-Identifier: GPL-3.0-or-later */
/* netlink.c, rtnl.c and tun.c in a private namespace; ip(8) tells what the kernel has. */
#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/rtnl.h"
#include "platform/os/tun.h"
#include "platform/os/udp.h"
#include "tests/unit/platform/netns.h"
#include "tests/unit/platform/suite.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

/* "address/length" with host bits kept. */
static struct ip_prefix iface_prefix(const char *text, uint8_t len)
{
	return (struct ip_prefix){.addr = addr(text), .len = len};
}

static int open_tun(struct netlink *n, const char *name, int *ifindex)
{
	struct err_msg e;
	int fd = tun_open(name, NULL, &e);

	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert_int_eq(rtnl_link_index(n, name, ifindex, &e), 0);
	ck_assert_msg(rtnl_link_up(n, *ifindex, true, 1400, &e) == 0, "%s", e.text);
	return fd;
}

/* What libmnl takes for whole, and what it is. */
START_TEST(test_message_is_whole)
{
	struct nlmsghdr m = {.nlmsg_len = sizeof(m)};

	ck_assert(netlink_is_whole(&m, sizeof(m)));
	ck_assert(!netlink_is_whole(&m, sizeof(m) - 1));
	ck_assert(!netlink_is_whole(&m, 0));
	ck_assert(!netlink_is_whole(&m, -4));
	m.nlmsg_len = sizeof(m) + 1;
	ck_assert(!netlink_is_whole(&m, sizeof(m)));
	m.nlmsg_len = sizeof(m) - 1;
	ck_assert(!netlink_is_whole(&m, sizeof(m)));
	m.nlmsg_len = 0x80000000U;
	ck_assert(!netlink_is_whole(&m, sizeof(m)));
	m.nlmsg_len = 0xffffffffU;
	ck_assert(!netlink_is_whole(&m, 65536));
}
END_TEST

START_TEST(test_links)
{
	struct netlink *n = enter_netns();
	struct err_msg e;
	int index = 0;
	bool up = false;
	int fd;

	ck_assert_int_eq(rtnl_link_index(n, "lo", &index, &e), 0);
	ck_assert_int_eq(index, 1); /* in every namespace */
	ck_assert_int_eq(rtnl_link_index(n, "ips1", &index, &e), ERR_NOT_FOUND);
	ck_assert_str_eq(e.text, "network device ips1: there is none");
	ck_assert_int_eq(rtnl_link_index(n, "", &index, &e), ERR_NOT_FOUND);
	ck_assert_int_eq(rtnl_link_index(n, "a-name-that-is-too-long", &index, &e), ERR_NOT_FOUND);
	fd = open_tun(n, "ips1", &index);
	check_output("ip -o link show dev ips1", "mtu 1400", 1);
	check_output("ip -o link show dev ips1", ",UP", 1);
	ck_assert_int_eq(rtnl_link_group(n, index, 73, &e), 0);
	check_output("ip -o link show group 73", "ips1", 1);
	ck_assert_int_eq(rtnl_link_is_up(n, index, &up, &e), 0);
	ck_assert(up);
	ck_assert_int_eq(rtnl_link_up(n, index, false, 0, &e), 0);
	ck_assert_int_eq(rtnl_link_is_up(n, index, &up, &e), 0);
	ck_assert(!up);
	check_output("ip -o link show dev ips1", ",UP", 0);
	check_output("ip -o link show dev ips1", "mtu 1400", 1); /* 0 keeps it */
	ck_assert_int_eq(rtnl_link_mtu(n, index, 1300, &e), 0);
	check_output("ip -o link show dev ips1", "mtu 1300", 1);
	check_output("ip -o link show dev ips1", ",UP", 0); /* nothing else changes */
	ck_assert_int_eq(rtnl_link_mtu(n, index, 10, &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "MTU"));
	ck_assert_int_eq(rtnl_link_up(n, index, true, 10, &e), ERR_SYSTEM);
	ck_assert_int_eq(rtnl_link_delete(n, index, &e), 0);
	ck_assert_int_eq(rtnl_link_delete(n, index, &e), 0); /* missing is no error */
	ck_assert_str_eq(e.text, "");
	ck_assert_int_eq(rtnl_link_up(n, index, true, 0, &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "No such device"));
	close(fd);
	netlink_close(n);
}
END_TEST

struct addr_seen {
	int count;
	int hits;
	struct ip_prefix wanted;
	int ifindex;
};

static void see_addr(void *arg, int ifindex, const struct ip_prefix *p)
{
	struct addr_seen *seen = arg;

	seen->count++;
	if (ip_prefix_equal(p, &seen->wanted) && ifindex == seen->ifindex)
		seen->hits++;
}

START_TEST(test_addresses)
{
	struct netlink *n = enter_netns();
	const struct ip_prefix list[] = {iface_prefix("10.254.254.1", 24),
					 iface_prefix("fd00::1", 64)};
	struct err_msg e;
	int index = 0;
	int fd = open_tun(n, "ips1", &index);

	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		struct addr_seen seen = {.wanted = list[i], .ifindex = index};

		ck_assert_msg(rtnl_addr_add(n, index, &list[i], &e) == 0, "%s", e.text);
		ck_assert_int_eq(rtnl_addr_add(n, index, &list[i], &e), 0); /* once more */
		ck_assert_int_eq(rtnl_addr_dump(n, see_addr, &seen, &e), 0);
		ck_assert_int_eq(seen.hits, 1);
	}
	check_output("ip -o addr show dev ips1", "inet 10.254.254.1/24", 1);
	check_output("ip -o addr show dev ips1", "inet6 fd00::1/64", 1);
	check_output("ip -o addr show dev ips1", "tentative", 0);
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		ck_assert_msg(rtnl_addr_delete(n, index, &list[i], &e) == 0, "%s", e.text);
		ck_assert_int_eq(rtnl_addr_delete(n, index, &list[i], &e), 0);
	}
	check_output("ip -o addr show dev ips1", "10.254.254.1", 0);
	check_output("ip -o addr show dev ips1", "fd00::1", 0);
	ck_assert_int_eq(rtnl_addr_add(n, 9999, &list[0], &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "10.254.254.1/24"));
	close(fd);
	netlink_close(n);
}
END_TEST

struct routes_seen {
	size_t count;
	struct rtnl_route routes[16];
};

static void see_route(void *arg, const struct rtnl_route *r)
{
	struct routes_seen *seen = arg;

	ck_assert_uint_lt(seen->count, ARRAY_LEN(seen->routes));
	seen->routes[seen->count++] = *r;
}

static struct routes_seen dump_routes(struct netlink *n)
{
	struct routes_seen seen = {.count = 0};
	struct err_msg e;

	ck_assert_msg(rtnl_route_dump(n, see_route, &seen, &e) == 0, "%s", e.text);
	return seen;
}

static void check_route(const struct rtnl_route *a, const struct rtnl_route *b)
{
	ck_assert(ip_prefix_equal(&a->dst, &b->dst));
	ck_assert(ip_addr_equal(&a->prefer_src, &b->prefer_src));
	ck_assert_int_eq(a->ifindex, b->ifindex);
	ck_assert_uint_eq(a->metric, b->metric);
	ck_assert_uint_eq(a->table, b->table);
}

START_TEST(test_policy_rules)
{
	struct netlink *n = enter_netns();
	const uint32_t numbers[] = {1, 7, 65536};
	struct err_msg e;

	ck_assert_msg(rtnl_rules_probe(n, &e) == 0, "%s", e.text);
	check_output("ip rule", "fwmark", 0);
	ck_assert_int_eq(system("ip rule add fwmark 0x500 lookup 99 pref 31730"), 0); /* not ours */
	ck_assert_int_eq(rtnl_rules_set(n, numbers, 3, &e), 0);
	check_output("ip rule", "fwmark 0x100/0xffffff00 lookup 730000001", 1);
	check_output("ip rule", "fwmark 0x700/0xffffff00 lookup 730000007", 1);
	check_output("ip -6 rule", "fwmark 0x1000000/0xffffff00 lookup 730065536", 1);
	ck_assert_int_eq(rtnl_rules_set(n, numbers + 1, 1, &e), 0);
	check_output("ip rule", "lookup 730000001", 0);
	check_output("ip rule", "lookup 730000007", 1);
	ck_assert_int_eq(rtnl_rules_set(n, NULL, 0, &e), 0);
	check_output("ip rule", "lookup 7300", 0);
	check_output("ip rule", "fwmark 0x500 lookup 99", 1);
	netlink_close(n);
}
END_TEST

START_TEST(test_routes)
{
	struct netlink *n = enter_netns();
	const struct ip_prefix own = iface_prefix("10.254.254.1", 32);
	struct rtnl_route list[] = {
		{.dst = iface_prefix("10.20.8.0", 24), .prefer_src = addr("10.254.254.1")},
		{.dst = iface_prefix("0.0.0.0", 0), .metric = 7},
		{.dst = iface_prefix("2001:db8:8::", 48)},
		{.dst = iface_prefix("::", 0), .metric = 9},
	};
	struct routes_seen seen;
	struct err_msg e;
	int one = 0;
	int two = 0;
	int f1 = open_tun(n, "ips1", &one);
	int f2 = open_tun(n, "ips2", &two);

	ck_assert_int_eq(rtnl_addr_add(n, one, &own, &e), 0);
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		list[i].ifindex = one;
		ck_assert_msg(rtnl_route_add(n, &list[i], &e) == 0, "%s", e.text);
	}
	check_output("ip route show", "10.20.8.0/24 dev ips1 proto 73 scope link src 10.254.254.1",
		     1);
	check_output("ip route show", "default dev ips1 proto 73 scope link metric 7", 1);
	check_output("ip -6 route show", "2001:db8:8::/48 dev ips1 proto 73 metric 1024", 1);
	check_output("ip -6 route show", "default dev ips1 proto 73 metric 9", 1);
	for (size_t i = 0; i < ARRAY_LEN(list); i++) { /* moved to another device */
		list[i].ifindex = two;
		list[i].prefer_src = (struct ip_addr){.family = IP_NONE};
		ck_assert_msg(rtnl_route_add(n, &list[i], &e) == 0, "%s", e.text);
	}
	seen = dump_routes(n);
	ck_assert_uint_eq(seen.count, ARRAY_LEN(list));
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		size_t k = 0;

		while (k < seen.count && !ip_prefix_equal(&seen.routes[k].dst, &list[i].dst))
			k++;
		ck_assert_uint_lt(k, seen.count);
		check_route(&seen.routes[k], &list[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(list); i++) {
		ck_assert_msg(rtnl_route_delete(n, &list[i], &e) == 0, "%s", e.text);
		ck_assert_int_eq(rtnl_route_delete(n, &list[i], &e), 0);
	}
	ck_assert_uint_eq(dump_routes(n).count, 0);
	close(f1);
	close(f2);
	netlink_close(n);
}
END_TEST

/* Routes of others: never replaced, never deleted, never in our dump. */
START_TEST(test_foreign_routes_stay)
{
	struct netlink *n = enter_netns();
	struct rtnl_route r = {.dst = iface_prefix("10.20.8.0", 24)};
	struct rtnl_route r6 = {.dst = iface_prefix("2001:db8:8::", 48)};
	struct err_msg e;
	char out[1024];
	int one = 0;
	int two = 0;
	int f1 = open_tun(n, "ips1", &one);
	int f2 = open_tun(n, "ips2", &two);

	(void)output_of("ip route add 10.20.8.0/24 dev ips2 && "
			"ip -6 route add 2001:db8:8::/48 dev ips2",
			out, sizeof(out));
	r.ifindex = r6.ifindex = one;
	ck_assert_int_eq(rtnl_route_add(n, &r, &e), ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(e.text, "10.20.8.0/24"));
	ck_assert_int_eq(rtnl_route_add(n, &r6, &e), ERR_EXISTS);
	ck_assert_uint_eq(dump_routes(n).count, 0);
	r.ifindex = r6.ifindex = two;
	ck_assert_int_eq(rtnl_route_delete(n, &r, &e), 0);
	ck_assert_int_eq(rtnl_route_delete(n, &r6, &e), 0);
	check_output("ip route show", "10.20.8.0/24 dev ips2", 1);
	check_output("ip -6 route show", "2001:db8:8::/48 dev ips2", 1);
	close(f1);
	close(f2);
	netlink_close(n);
}
END_TEST

/* Another metric is another route; another table is not in the dump of the main one. */
START_TEST(test_metrics_and_tables)
{
	struct netlink *n = enter_netns();
	struct rtnl_route r = {.dst = iface_prefix("10.20.8.0", 24), .metric = 5};
	struct err_msg e;
	int one = 0;
	int fd = open_tun(n, "ips1", &one);

	r.ifindex = one;
	ck_assert_int_eq(rtnl_route_add(n, &r, &e), 0);
	r.metric = 6;
	ck_assert_int_eq(rtnl_route_add(n, &r, &e), 0);
	r.table = 1000; /* more than a byte */
	ck_assert_int_eq(rtnl_route_add(n, &r, &e), 0);
	ck_assert_int_eq(rtnl_route_add(n, &r, &e), 0);
	ck_assert_uint_eq(dump_routes(n).count, 2);
	check_output("ip route show table 1000", "10.20.8.0/24 dev ips1", 1);
	ck_assert_int_eq(rtnl_route_delete(n, &r, &e), 0);
	check_output("ip route show table all", "table 1000", 0);
	r.table = 0;
	ck_assert_int_eq(rtnl_route_delete(n, &r, &e), 0);
	ck_assert_uint_eq(dump_routes(n).count, 1);
	ck_assert_uint_eq(dump_routes(n).routes[0].metric, 5);
	close(fd);
	netlink_close(n);
}
END_TEST

/* The kernel's own sentence reaches the operator. */
START_TEST(test_extended_text)
{
	struct netlink *n = enter_netns();
	struct rtnl_route r = {.dst = iface_prefix("10.20.8.1", 24)}; /* host bits */
	struct err_msg e;
	int one = 0;
	int fd = open_tun(n, "ips1", &one);

	r.ifindex = one;
	ck_assert_int_eq(rtnl_route_add(n, &r, &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "10.20.8.1/24"));
	ck_assert_ptr_nonnull(strstr(e.text, "Invalid argument ("));
	ck_assert_ptr_nonnull(strstr(e.text, "Invalid prefix for given prefix length"));
	close(fd);
	netlink_close(n);
}
END_TEST

/* More routes than fit into one block of a dump, deleted from within the dump. */
struct sweep {
	struct netlink *n;
	size_t count;
};

static void delete_seen(void *arg, const struct rtnl_route *r)
{
	struct sweep *sweep = arg;
	struct err_msg e;

	sweep->count++;
	ck_assert_msg(rtnl_route_delete(sweep->n, r, &e) == 0, "%s", e.text);
}

START_TEST(test_large_dump_and_nested_requests)
{
	struct netlink *n = enter_netns();
	struct sweep sweep = {.n = n};
	struct rtnl_route r = {.dst = iface_prefix("10.0.0.0", 32)};
	struct err_msg e;
	int one = 0;
	int fd = open_tun(n, "ips1", &one);

	r.ifindex = one;
	for (uint32_t i = 0; i < 3000; i++) {
		r.dst.addr = ip_addr_v4(0x0a000000 + i * 2);
		ck_assert_int_eq(rtnl_route_add(n, &r, &e), 0);
	}
	ck_assert_int_eq(rtnl_route_dump(n, delete_seen, &sweep, &e), 0);
	ck_assert_uint_eq(sweep.count, 3000);
	ck_assert_uint_eq(dump_routes(n).count, 0);
	close(fd);
	netlink_close(n);
}
END_TEST

START_TEST(test_source_towards)
{
	struct netlink *n = enter_netns();
	const struct ip_prefix own = iface_prefix("192.0.2.7", 24);
	const struct ip_prefix own6 = iface_prefix("2001:db8::7", 64);
	const struct ip_addr near4 = addr("192.0.2.99");
	const struct ip_addr far4 = addr("203.0.113.1");
	const struct ip_addr near6 = addr("2001:db8::99");
	const struct ip_addr far6 = addr("2001:db8:1::1");
	struct ip_addr src = {.family = IP_NONE};
	struct err_msg e;
	int one = 0;
	int fd = open_tun(n, "ips1", &one);

	ck_assert_int_eq(rtnl_addr_add(n, one, &own, &e), 0);
	ck_assert_int_eq(rtnl_addr_add(n, one, &own6, &e), 0);
	ck_assert_msg(rtnl_source_for(n, &near4, &src, &e) == 0, "%s", e.text);
	ck_assert(ip_addr_equal(&src, &own.addr));
	ck_assert_int_eq(rtnl_source_for(n, &far4, &src, &e), ERR_NOT_FOUND);
	ck_assert_str_eq(e.text, "no route towards 203.0.113.1");
	ck_assert(ip_addr_equal(&src, &own.addr)); /* untouched */
	ck_assert_msg(rtnl_source_for(n, &near6, &src, &e) == 0, "%s", e.text);
	ck_assert(ip_addr_equal(&src, &own6.addr));
	ck_assert_int_eq(rtnl_source_for(n, &far6, &src, &e), ERR_NOT_FOUND);
	close(fd);
	netlink_close(n);
}
END_TEST

START_TEST(test_tun_carries_packets)
{
	struct netlink *n = enter_netns();
	const struct ip_prefix own = iface_prefix("10.9.0.1", 24);
	const struct ip_endpoint local = {.addr = addr("10.9.0.1")};
	const struct ip_endpoint remote = {.addr = addr("10.9.0.2"), .port = 7};
	const struct view part = view_of("ping", 4);
	struct pollfd p = {.events = POLLIN};
	uint8_t packet[2000];
	struct err_msg e;
	int index = 0;
	int udp;

	p.fd = open_tun(n, "ips1", &index);
	ck_assert_int_eq(rtnl_addr_add(n, index, &own, &e), 0);
	udp = udp_open(IP_V4, 500, &e);
	ck_assert_int_ge(udp, 0);
	ck_assert_int_eq(udp_send(udp, &local, &remote, 0, &part, 1), 0);
	do { /* the kernel may send IPv6 router solicitations of its own */
		ck_assert_int_eq(poll(&p, 1, 5000), 1);
		ck_assert_int_gt(read(p.fd, packet, sizeof(packet)), 0);
	} while (packet[0] != 0x45);
	ck_assert_mem_eq(packet + 12, "\x0a\x09\x00\x01\x0a\x09\x00\x02", 8);
	ck_assert_mem_eq(packet + 28, "ping", 4);
	ck_assert_uint_eq(packet[6] & 0x40, 0); /* DF is off */
	while (read(p.fd, packet, sizeof(packet)) > 0)
		;
	ck_assert_int_eq(read(p.fd, packet, sizeof(packet)), -1); /* never blocks */
	close(udp);
	close(p.fd);
	netlink_close(n);
}
END_TEST

START_TEST(test_tun_carrier)
{
	struct netlink *n = enter_netns();
	struct err_msg e;
	int index = 0;
	int fd = open_tun(n, "ips1", &index);
	int pipes[2];

	check_output("ip -o link show dev ips1", "NO-CARRIER", 0);
	ck_assert_msg(tun_set_carrier(fd, false, &e) == 0, "%s", e.text);
	check_output("ip -o link show dev ips1", "NO-CARRIER", 1);
	ck_assert_int_eq(tun_set_carrier(fd, true, &e), 0);
	check_output("ip -o link show dev ips1", "NO-CARRIER", 0);
	ck_assert_int_eq(pipe2(pipes, O_CLOEXEC), 0);
	ck_assert_int_eq(tun_set_carrier(pipes[0], true, &e), ERR_SYSTEM);
	close(fd);
	netlink_close(n);
}
END_TEST

START_TEST(test_tun_options)
{
	struct netlink *n = enter_netns();
	const struct tun_options queues = {.multi_queue = true};
	const struct tun_options vnet = {.vnet_header = true};
	struct err_msg e;
	int size = 0;
	int a = tun_open("ips1", &queues, &e);
	int b = tun_open("ips1", &queues, &e);
	int c = tun_open("ips2", &vnet, &e);

	ck_assert_int_ge(a, 0);
	ck_assert_int_ge(b, 0);
	ck_assert_int_ge(c, 0);
	ck_assert_int_eq(ioctl(c, TUNGETVNETHDRSZ, &size), 0);
	ck_assert_int_eq(size, 10);
	ck_assert_int_eq(tun_open("ips2", &vnet, &e), ERR_SYSTEM);
	ck_assert_str_eq(e.text, "TUN device ips2: Device or resource busy");
	ck_assert_int_eq(tun_open("lo", NULL, &e), ERR_SYSTEM);
	ck_assert_int_eq(tun_open("", NULL, &e), ERR_INVALID);
	ck_assert_int_eq(tun_open("a-name-that-is-too-long", NULL, &e), ERR_INVALID);
	ck_assert_int_eq(tun_probe(&e), 0);
	check_output("ip -o link show", "ikprobe", 0);
	close(a);
	close(b);
	close(c);
	check_output("ip -o link show", "ips", 0); /* not persistent */
	netlink_close(n);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_message_is_whole,
		test_links,
		test_addresses,
		test_policy_rules,
		test_routes,
		test_foreign_routes_stay,
		test_metrics_and_tables,
		test_extended_text,
		test_large_dump_and_nested_requests,
		test_source_towards,
		test_tun_carries_packets,
		test_tun_carrier,
		test_tun_options,
	};

	if (geteuid() != 0) {
		(void)puts("skipped: network namespaces need root");
		return TEST_SKIPPED;
	}
	return run_cases("rtnl", tests, ARRAY_LEN(tests));
}
