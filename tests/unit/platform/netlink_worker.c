/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program that netlink_faults.sh disturbs: in a namespace of its own, makes two addresses and
 * two routes on lo and reads them back, twice over one socket.  One line per operation:
 * PASS NAME CODE COUNT TEXT.
 */
#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/rtnl.h"

#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>

static void count_addr(void *arg, int ifindex, const struct ip_prefix *p)
{
	(void)ifindex;
	(void)p;
	++*(int *)arg;
}

static void count_route(void *arg, const struct rtnl_route *r)
{
	(void)r;
	++*(int *)arg;
}

static void tell(int pass, const char *name, int rc, int count, const struct err_msg *e)
{
	(void)printf("%d %s %s %d %s\n", pass, name, err_name(rc), count, rc == 0 ? "-" : e->text);
}

int main(void)
{
	static const char *const texts[] = {"10.1.0.0/24", "10.2.0.0/24"};
	struct err_msg e = {.text = ""};
	struct netlink *n;

	if (unshare(CLONE_NEWNET) != 0)
		return 77;
	n = netlink_open(NETLINK_ROUTE, &e);
	if (n == NULL)
		return 1;
	for (int pass = 1; pass <= 2; pass++) {
		int count = 0;
		int rc;

		/* twice, because the routes depend on it */
		tell(pass, "up", rtnl_link_up(n, 1, true, 0, &e), 0, &e);
		tell(pass, "up", rtnl_link_up(n, 1, true, 0, &e), 0, &e);
		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			struct rtnl_route r = {.ifindex = 1};

			if (ip_prefix_parse(texts[i], &r.dst) != 0)
				return 1;
			tell(pass, "addr", rtnl_addr_add(n, 1, &r.dst, &e), 0, &e);
			r.metric = 5;
			tell(pass, "route", rtnl_route_add(n, &r, &e), 0, &e);
		}
		rc = rtnl_addr_dump(n, count_addr, &count, &e);
		tell(pass, "addrs", rc, count, &e);
		count = 0;
		rc = rtnl_route_dump(n, count_route, &count, &e);
		tell(pass, "routes", rc, count, &e);
	}
	netlink_close(n);
	return 0;
}
