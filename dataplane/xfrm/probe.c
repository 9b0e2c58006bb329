/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Can this kernel do ESP, and may we?  Asked by trying: two states with the two kinds of
 * algorithms, a policy and an xfrm interface with a socket for ESP in UDP, all removed again.  They
 * carry documentation addresses (RFC 5737) and an if_id that no site has.
 */
#include "dataplane/dataplane.h"
#include "dataplane/xfrm/rule.h"
#include "dataplane/xfrm/selector.h"
#include "dataplane/xfrm/state.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_batch.h"
#include "platform/os/own.h"
#include "platform/os/rng.h"
#include "platform/os/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROBE_IF_ID  OWN_PROBE_IF_ID
#define PROBE_SPI    0x49535052U
#define PROBE_DEVICE OWN_PROBE_DEVICE

static const struct ike_suite suites[] = {
	{.encr = 20, .key_bits = 256, .esn = true},
	{.encr = 12, .key_bits = 256, .integ = 12},
};

static struct xfrm_rule probe_rule(void)
{
	struct xfrm_rule r = {
		.if_id = PROBE_IF_ID,
		.dir = XFRM_POLICY_OUT,
		.mark = 1,
		.selector = xfrm_selector_any(AF_INET),
		.priority = XFRM_PRIORITY_BASE,
		.reqid = XFRM_REQID_BASE,
		.src = ip_addr_v4(0xc0000201),
		.dst = ip_addr_v4(0xc0000202),
	};

	return r;
}

static int put_state(struct netlink_batch *b, unsigned number, const struct secret *encr,
		     const struct secret *integ, struct err_msg *e)
{
	struct xfrm_state_spec s = {
		.in = true,
		.spi = PROBE_SPI + number,
		.if_id = PROBE_IF_ID,
		.reqid = XFRM_REQID_BASE,
		.src = {.addr = ip_addr_v4(0xc0000201), .port = 4500},
		.dst = {.addr = ip_addr_v4(0xc0000202), .port = 4500},
		.udp_encap = true,
		.suite = &suites[number],
		.encr = encr,
		.integ = integ,
	};

	return xfrm_state_put_new(b, &s, e);
}

static bool already_gone(void *arg, size_t index, int errnum, const struct err_msg *e)
{
	(void)arg;
	(void)index;
	(void)errnum;
	(void)e;
	return false;
}

static void remove_all(struct netlink_batch *b)
{
	struct ip_addr dst = ip_addr_v4(0xc0000202);
	struct xfrm_rule rule = probe_rule();
	struct xfrm_state_key key;
	struct err_msg e;

	xfrm_rule_put_delete(b, &rule);
	for (unsigned i = 0; i < 2; i++) {
		key = xfrm_state_key_of(&dst, PROBE_SPI + i);
		xfrm_state_put_delete(b, &key);
	}
	if (netlink_batch_send(b, already_gone, NULL, "xfrm", NULL, &e) != 0)
		netlink_batch_drop(b);
}

static int try_states(struct netlink_batch *b, struct err_msg *e)
{
	struct secret encr[2] = {SECRET_NONE, SECRET_NONE};
	struct secret integ = SECRET_NONE;
	struct xfrm_rule rule = probe_rule();
	int rc;

	secret_alloc(&encr[0], 36);
	secret_alloc(&encr[1], 32);
	secret_alloc(&integ, 32);
	rng_bytes(encr[0].data, encr[0].len);
	rng_bytes(encr[1].data, encr[1].len);
	rng_bytes(integ.data, integ.len);
	remove_all(b); /* of a probe that was killed */
	rc = put_state(b, 0, &encr[0], &integ, e);
	if (rc == 0)
		rc = put_state(b, 1, &encr[1], &integ, e);
	if (rc == 0) {
		xfrm_rule_put(b, &rule);
		rc = netlink_batch_send(b, NULL, NULL, "ESP in the kernel", NULL, e);
	}
	remove_all(b);
	secret_clear(&encr[0]);
	secret_clear(&encr[1]);
	secret_clear(&integ);
	return rc;
}

static int try_device(struct err_msg *e)
{
	union {
		struct nlmsghdr header;
		uint8_t bytes[256];
	} q;
	struct netlink *n = netlink_open(NETLINK_ROUTE, e);
	struct nlattr *info, *data;
	int ifindex, rc;

	if (n == NULL)
		return ERR_SYSTEM;
	mnl_nlmsg_put_header(q.bytes)->nlmsg_type = RTM_NEWLINK;
	q.header.nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
	(void)mnl_nlmsg_put_extra_header(&q.header, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(&q.header, IFLA_IFNAME, PROBE_DEVICE);
	info = mnl_attr_nest_start(&q.header, IFLA_LINKINFO);
	mnl_attr_put_strz(&q.header, IFLA_INFO_KIND, "xfrm");
	data = mnl_attr_nest_start(&q.header, IFLA_INFO_DATA);
	mnl_attr_put_u32(&q.header, IFLA_XFRM_IF_ID, PROBE_IF_ID);
	mnl_attr_nest_end(&q.header, data);
	mnl_attr_nest_end(&q.header, info);
	rc = rtnl_link_index(n, PROBE_DEVICE, &ifindex, e) == 0 ? rtnl_link_delete(n, ifindex, e)
								: 0;
	if (rc == 0)
		rc = netlink_request(n, &q.header, "xfrm interface", NULL, e);
	if (rc == 0)
		rc = rtnl_link_index(n, PROBE_DEVICE, &ifindex, e);
	if (rc == 0)
		rc = rtnl_link_delete(n, ifindex, e);
	netlink_close(n);
	return rc;
}

static int try_encap(struct err_msg *e)
{
	int type = UDP_ENCAP_ESPINUDP;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	if (fd < 0 || setsockopt(fd, IPPROTO_UDP, UDP_ENCAP, &type, sizeof(type)) != 0)
		rc = err_sys(e, errno, "ESP in UDP");
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

int dp_xfrm_probe(struct err_msg *e)
{
	struct netlink_batch *b = netlink_batch_open(NETLINK_XFRM, e);
	int rc;

	if (b == NULL)
		return err_set(e, ERR_UNSUPPORTED, "the kernel has no IPsec (XFRM)");
	rc = try_states(b, e);
	netlink_batch_close(b);
	if (rc == 0)
		rc = try_encap(e);
	return rc == 0 ? try_device(e) : rc;
}
