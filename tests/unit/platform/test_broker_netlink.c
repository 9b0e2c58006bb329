/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which netlink messages the privileged half sends for the main one.  Each row is a message that is
 * allowed as it stands, and what is changed in it so that it is not.
 */
#include "platform/base/mem.h"
#include "platform/os/broker_netlink.h"
#include "tests/unit/platform/suite.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define LO	1
#define OURS	7
#define THEIRS	8
#define MESSAGE 1024

static struct err_msg e;

static const char *device(void *arg, int ifindex)
{
	(void)arg;
	return ifindex == LO ? "lo" : ifindex == OURS ? "ips12" : ifindex == THEIRS ? "eth0" : "";
}

struct message {
	_Alignas(struct nlmsghdr) uint8_t bytes[MESSAGE];
};

static struct nlmsghdr *of(struct message *m)
{
	return (struct nlmsghdr *)(void *)m->bytes;
}

static void *begin(struct message *m, uint16_t type, uint16_t flags, size_t extra)
{
	struct nlmsghdr *h;

	memset(m, 0, sizeof(*m));
	h = mnl_nlmsg_put_header(m->bytes);
	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return mnl_nlmsg_put_extra_header(h, extra);
}

static int check(int bus, const struct message *m)
{
	const struct nlmsghdr *h = (const void *)m->bytes;

	e.text[0] = '\0';
	return broker_netlink_check(bus, view_of(m->bytes, h->nlmsg_len), device, NULL, &e);
}

static void allowed(int bus, const struct message *m)
{
	ck_assert_msg(check(bus, m) == 0, "%s", e.text);
}

static void refused(int bus, const struct message *m, const char *why)
{
	ck_assert_int_eq(check(bus, m), ERR_DENIED);
	ck_assert_msg(strstr(e.text, why) != NULL, "\"%s\" without \"%s\"", e.text, why);
}

/* ---- Devices --------------------------------------------------------------------------------- */

static void new_device(struct message *m, uint16_t flags, const char *name, const char *kind,
		       uint32_t if_id)
{
	struct nlattr *info, *data;

	(void)begin(m, RTM_NEWLINK, flags, sizeof(struct ifinfomsg));
	if (name != NULL)
		mnl_attr_put_strz(of(m), IFLA_IFNAME, name);
	mnl_attr_put_u32(of(m), IFLA_GROUP, 73);
	info = mnl_attr_nest_start(of(m), IFLA_LINKINFO);
	mnl_attr_put_strz(of(m), IFLA_INFO_KIND, kind);
	data = mnl_attr_nest_start(of(m), IFLA_INFO_DATA);
	mnl_attr_put_u32(of(m), IFLA_XFRM_IF_ID, if_id);
	mnl_attr_nest_end(of(m), data);
	mnl_attr_nest_end(of(m), info);
}

START_TEST(test_new_device)
{
	const uint16_t create = NLM_F_CREATE | NLM_F_EXCL;
	struct message m;

	new_device(&m, create, "ips12", "xfrm", 13);
	allowed(NETLINK_ROUTE, &m);
	new_device(&m, create, "ikprobe", "xfrm", 0x49535052);
	allowed(NETLINK_ROUTE, &m);
	new_device(&m, create, "eth7", "xfrm", 13);
	refused(NETLINK_ROUTE, &m, "a device of this name");
	new_device(&m, create, "ips", "xfrm", 13);
	refused(NETLINK_ROUTE, &m, "a device of this name");
	new_device(&m, create, "ips1x", "xfrm", 13);
	refused(NETLINK_ROUTE, &m, "a device of this name");
	new_device(&m, create, NULL, "xfrm", 13);
	refused(NETLINK_ROUTE, &m, "without name");
	new_device(&m, NLM_F_CREATE, "ips12", "xfrm", 13);
	refused(NETLINK_ROUTE, &m, "exclusion");
	new_device(&m, create, "ips12", "veth", 13);
	refused(NETLINK_ROUTE, &m, "of this kind");
	new_device(&m, create, "ips12", "xfrm", 0);
	refused(NETLINK_ROUTE, &m, "this if_id");
	new_device(&m, create, "ips12", "xfrm", 100001);
	refused(NETLINK_ROUTE, &m, "this if_id");
}
END_TEST

static struct message change_of(int ifindex)
{
	struct message m;
	struct ifinfomsg *link = begin(&m, RTM_NEWLINK, 0, sizeof(*link));

	link->ifi_index = ifindex;
	link->ifi_change = link->ifi_flags = 1; /* up */
	mnl_attr_put_u32(of(&m), IFLA_MTU, 1400);
	return m;
}

START_TEST(test_change_of_a_device)
{
	struct message m = change_of(OURS);

	allowed(NETLINK_ROUTE, &m);
	m = change_of(THEIRS);
	refused(NETLINK_ROUTE, &m, "of somebody else");
	m = change_of(99); /* there is none */
	ck_assert_int_eq(check(NETLINK_ROUTE, &m), ERR_NOT_FOUND);
	m = change_of(0);
	refused(NETLINK_ROUTE, &m, "of somebody else");
	m = change_of(-1);
	refused(NETLINK_ROUTE, &m, "of somebody else");
	m = change_of(OURS);
	mnl_attr_put_strz(of(&m), IFLA_IFNAME, "ips13");
	refused(NETLINK_ROUTE, &m, "another name");
	m = change_of(OURS);
	mnl_attr_put_u32(of(&m), IFLA_NET_NS_PID, 1);
	refused(NETLINK_ROUTE, &m, "not on the list");
	m = change_of(OURS);
	mnl_attr_put_u32(of(&m), IFLA_MASTER, THEIRS);
	refused(NETLINK_ROUTE, &m, "not on the list");
	m = change_of(OURS);
	mnl_attr_put_u32(of(&m), IFLA_GROUP, 0);
	refused(NETLINK_ROUTE, &m, "this link group");
	m = change_of(OURS);
	of(&m)->nlmsg_type = RTM_SETLINK;
	refused(NETLINK_ROUTE, &m, "this type");
}
END_TEST

START_TEST(test_delete_of_devices)
{
	struct message m;
	struct ifinfomsg *link = begin(&m, RTM_DELLINK, 0, sizeof(*link));

	refused(NETLINK_ROUTE, &m, "of somebody else");
	link->ifi_index = OURS;
	allowed(NETLINK_ROUTE, &m);
	link->ifi_index = THEIRS;
	refused(NETLINK_ROUTE, &m, "of somebody else");
	mnl_attr_put_u32(of(&m), IFLA_GROUP, 73);
	refused(NETLINK_ROUTE, &m, "of somebody else");
	link->ifi_index = 0;
	allowed(NETLINK_ROUTE, &m);
	/* the kernel takes the last of two */
	mnl_attr_put_u32(of(&m), IFLA_GROUP, 0);
	refused(NETLINK_ROUTE, &m, "this link group");
	(void)begin(&m, RTM_DELLINK, 0, sizeof(*link));
	mnl_attr_put_strz(of(&m), IFLA_IFNAME, "eth0");
	refused(NETLINK_ROUTE, &m, "not on the list");
}
END_TEST

/* ---- Addresses, routes, queues --------------------------------------------------------------- */

START_TEST(test_addresses)
{
	struct message m;
	struct ifaddrmsg *a = begin(&m, RTM_NEWADDR, 0, sizeof(*a));

	a->ifa_family = AF_INET;
	a->ifa_index = OURS;
	mnl_attr_put_u32(of(&m), IFA_LOCAL, htonl(0xc0000201));
	allowed(NETLINK_ROUTE, &m);
	a->ifa_index = THEIRS;
	refused(NETLINK_ROUTE, &m, "of somebody else");
	a->ifa_index = LO;
	refused(NETLINK_ROUTE, &m, "of somebody else");
	mnl_attr_put_strz(of(&m), IFA_LABEL, "lo:ikesh");
	allowed(NETLINK_ROUTE, &m);
	of(&m)->nlmsg_type = RTM_DELADDR;
	allowed(NETLINK_ROUTE, &m);
	a->ifa_index = THEIRS;
	refused(NETLINK_ROUTE, &m, "of somebody else");
	a->ifa_index = LO;
	mnl_attr_put_strz(of(&m), IFA_LABEL, "lo");
	refused(NETLINK_ROUTE, &m, "this label");
}
END_TEST

static struct message route_of(uint16_t type, uint8_t protocol, uint32_t table, uint32_t oif)
{
	struct message m;
	struct rtmsg *r = begin(&m, type, NLM_F_CREATE, sizeof(*r));

	r->rtm_family = AF_INET;
	r->rtm_dst_len = 24;
	r->rtm_protocol = protocol;
	r->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(of(&m), RTA_TABLE, table);
	mnl_attr_put_u32(of(&m), RTA_DST, htonl(0x0a140000));
	mnl_attr_put_u32(of(&m), RTA_OIF, oif);
	return m;
}

START_TEST(test_routes)
{
	struct message m = route_of(RTM_NEWROUTE, 73, RT_TABLE_MAIN, OURS);

	allowed(NETLINK_ROUTE, &m);
	mnl_attr_put_u32(of(&m), RTA_GATEWAY, htonl(0xc0000202));
	refused(NETLINK_ROUTE, &m, "not on the list");
	m = route_of(RTM_NEWROUTE, RTPROT_STATIC, RT_TABLE_MAIN, OURS);
	refused(NETLINK_ROUTE, &m, "another protocol");
	m = route_of(RTM_NEWROUTE, 73, RT_TABLE_LOCAL, OURS);
	refused(NETLINK_ROUTE, &m, "this table");
	m = route_of(RTM_NEWROUTE, 73, RT_TABLE_MAIN, THEIRS);
	refused(NETLINK_ROUTE, &m, "of somebody else");
	m = route_of(RTM_DELROUTE, 73, RT_TABLE_MAIN, 99); /* the device is gone */
	allowed(NETLINK_ROUTE, &m);
	m = route_of(RTM_DELROUTE, RTPROT_STATIC, RT_TABLE_MAIN, OURS);
	refused(NETLINK_ROUTE, &m, "another protocol");
	m = route_of(RTM_DELROUTE, 0, RT_TABLE_MAIN, OURS); /* of any protocol */
	refused(NETLINK_ROUTE, &m, "another protocol");
	m = route_of(RTM_NEWROUTE, 73, 730000001, OURS);
	allowed(NETLINK_ROUTE, &m);
	m = route_of(RTM_NEWROUTE, 73, 729999999, OURS);
	refused(NETLINK_ROUTE, &m, "this table");
}
END_TEST

static struct message rule_of(uint32_t priority, uint32_t mark, uint32_t mask, uint32_t table,
			      uint8_t protocol)
{
	struct message m;
	struct fib_rule_hdr *r = begin(&m, RTM_NEWRULE, NLM_F_CREATE, sizeof(*r));

	r->family = AF_INET;
	r->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(of(&m), FRA_PRIORITY, priority);
	mnl_attr_put_u32(of(&m), FRA_FWMARK, mark);
	mnl_attr_put_u32(of(&m), FRA_FWMASK, mask);
	mnl_attr_put_u32(of(&m), FRA_TABLE, table);
	mnl_attr_put_u8(of(&m), FRA_PROTOCOL, protocol);
	return m;
}

START_TEST(test_policy_rules)
{
	struct message m = rule_of(31730, 0x100, 0xffffff00, 730000001, 73);
	struct fib_rule_hdr *r = mnl_nlmsg_get_payload(of(&m));

	allowed(NETLINK_ROUTE, &m);
	of(&m)->nlmsg_type = RTM_DELRULE;
	allowed(NETLINK_ROUTE, &m);
	r->action = FR_ACT_BLACKHOLE;
	refused(NETLINK_ROUTE, &m, "of another kind");
	r->action = FR_ACT_TO_TBL;
	r->flags = FIB_RULE_INVERT;
	refused(NETLINK_ROUTE, &m, "of another kind");
	r->flags = 0;
	mnl_attr_put_u32(of(&m), FRA_SRC, 0);
	refused(NETLINK_ROUTE, &m, "not on the list");
	m = rule_of(0, 0x100, 0xffffff00, 730000001, 73);
	refused(NETLINK_ROUTE, &m, "a rule of somebody else");
	m = rule_of(31730, 0x101, 0xffffff00, 730000001, 73);
	refused(NETLINK_ROUTE, &m, "a rule of somebody else");
	m = rule_of(31730, 0x100, 0, 730000001, 73); /* every packet */
	refused(NETLINK_ROUTE, &m, "a rule of somebody else");
	m = rule_of(31730, 0x100, 0xffffff00, RT_TABLE_LOCAL, 73);
	refused(NETLINK_ROUTE, &m, "a rule of somebody else");
	m = rule_of(31730, 0x100, 0xffffff00, 730000001, RTPROT_STATIC);
	refused(NETLINK_ROUTE, &m, "a rule of somebody else");
}
END_TEST

START_TEST(test_queues)
{
	struct message m;
	struct tcmsg *tc = begin(&m, RTM_NEWQDISC, NLM_F_CREATE, sizeof(*tc));

	tc->tcm_ifindex = OURS;
	mnl_attr_put_strz(of(&m), TCA_KIND, "htb");
	allowed(NETLINK_ROUTE, &m);
	tc->tcm_ifindex = THEIRS;
	refused(NETLINK_ROUTE, &m, "of somebody else");
	tc->tcm_ifindex = OURS;
	of(&m)->nlmsg_type = RTM_NEWTFILTER;
	refused(NETLINK_ROUTE, &m, "this type");
	tc = begin(&m, RTM_NEWQDISC, NLM_F_CREATE, sizeof(*tc));
	tc->tcm_ifindex = OURS;
	mnl_attr_put_strz(of(&m), TCA_KIND, "netem");
	refused(NETLINK_ROUTE, &m, "a queue of this kind");
}
END_TEST

/* ---- nftables -------------------------------------------------------------------------------- */

static struct message nft(uint16_t type, uint8_t family, const char *table)
{
	struct message m;
	struct nfgenmsg *g = begin(&m, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), 0, sizeof(*g));

	g->nfgen_family = family;
	if (table != NULL)
		mnl_attr_put_strz(of(&m), NFTA_RULE_TABLE, table);
	return m;
}

START_TEST(test_tables)
{
	static const uint16_t types[] = {NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE,   NFT_MSG_NEWCHAIN,
					 NFT_MSG_NEWRULE,  NFT_MSG_DELRULE,    NFT_MSG_NEWSET,
					 NFT_MSG_DELSET,   NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM};
	struct message m;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		m = nft(types[i], NFPROTO_INET, "ikesh");
		allowed(NETLINK_NETFILTER, &m);
		m = nft(types[i], NFPROTO_INET, "filter");
		refused(NETLINK_NETFILTER, &m, "a table of somebody else");
		m = nft(types[i], NFPROTO_INET, NULL);
		ck_assert_int_eq(check(NETLINK_NETFILTER, &m), ERR_DENIED);
		m = nft(types[i], NFPROTO_NETDEV, "ikesh");
		ck_assert_int_eq(check(NETLINK_NETFILTER, &m), ERR_DENIED);
		m = nft(types[i], NFPROTO_INET, "ikesh");
		mnl_attr_put_strz(of(&m), NFTA_RULE_TABLE, "filter");
		refused(NETLINK_NETFILTER, &m, "a table of somebody else");
		m = nft(types[i], NFPROTO_INET, "filter");
		mnl_attr_put_strz(of(&m), NFTA_RULE_TABLE, "ikesh");
		refused(NETLINK_NETFILTER, &m, "a table of somebody else");
	}
	/* by its number */
	m = nft(NFT_MSG_DELTABLE, NFPROTO_INET, "ikesh");
	mnl_attr_put_u64(of(&m), NFTA_TABLE_HANDLE, 1);
	refused(NETLINK_NETFILTER, &m, "not on the list");
	m = nft(NFT_MSG_NEWFLOWTABLE, NFPROTO_INET, "ikesh");
	refused(NETLINK_NETFILTER, &m, "this type");
	m = nft(NFT_MSG_GETRULE, NFPROTO_INET, "filter");
	allowed(NETLINK_NETFILTER, &m);
}
END_TEST

START_TEST(test_transactions)
{
	struct message m;
	struct nfgenmsg *g = begin(&m, NFNL_MSG_BATCH_BEGIN, 0, sizeof(*g));

	g->res_id = htons(NFNL_SUBSYS_NFTABLES);
	allowed(NETLINK_NETFILTER, &m);
	g->res_id = htons(NFNL_SUBSYS_IPSET);
	refused(NETLINK_NETFILTER, &m, "another kind");
	(void)begin(&m, NFNL_SUBSYS_CTNETLINK << 8 | 2, 0, sizeof(*g)); /* forget a connection */
	refused(NETLINK_NETFILTER, &m, "this type");
}
END_TEST

/* ---- IPsec ----------------------------------------------------------------------------------- */

static struct message state(uint16_t type, uint32_t reqid, uint32_t if_id)
{
	struct message m;
	struct xfrm_usersa_info *i = begin(&m, type, 0, sizeof(*i));

	i->id.proto = IPPROTO_ESP;
	i->mode = XFRM_MODE_TUNNEL;
	i->reqid = reqid;
	if (if_id != 0)
		mnl_attr_put_u32(of(&m), XFRMA_IF_ID, if_id);
	return m;
}

START_TEST(test_states)
{
	struct message m = state(XFRM_MSG_NEWSA, 0x49530001, 13);
	struct xfrm_usersa_info *i = mnl_nlmsg_get_payload(of(&m));
	struct xfrm_usersa_id *id;

	allowed(NETLINK_XFRM, &m);
	i->mode = XFRM_MODE_TRANSPORT;
	refused(NETLINK_XFRM, &m, "no ESP tunnel");
	i->mode = XFRM_MODE_TUNNEL;
	i->id.proto = IPPROTO_AH;
	refused(NETLINK_XFRM, &m, "no ESP tunnel");
	m = state(XFRM_MSG_UPDSA, 1, 13);
	refused(NETLINK_XFRM, &m, "without our if_id or reqid");
	m = state(XFRM_MSG_NEWSA, 0x49530001, 0);
	refused(NETLINK_XFRM, &m, "without our if_id or reqid");
	m = state(XFRM_MSG_NEWSA, 0x49530001, 100001);
	refused(NETLINK_XFRM, &m, "this if_id");
	m = state(XFRM_MSG_NEWSA, 0x49530001, 13);
	mnl_attr_put_u64(of(&m), XFRMA_OFFLOAD_DEV, THEIRS);
	refused(NETLINK_XFRM, &m, "not on the list");
	m = state(XFRM_MSG_FLUSHSA, 0x49530001, 13);
	refused(NETLINK_XFRM, &m, "this type");
	id = begin(&m, XFRM_MSG_DELSA, 0, sizeof(*id));
	id->proto = IPPROTO_ESP;
	allowed(NETLINK_XFRM, &m);
	id->proto = IPPROTO_AH;
	refused(NETLINK_XFRM, &m, "no ESP");
}
END_TEST

START_TEST(test_policies)
{
	struct message m;

	(void)begin(&m, XFRM_MSG_UPDPOLICY, 0, sizeof(struct xfrm_userpolicy_info));
	refused(NETLINK_XFRM, &m, "without our if_id");
	mnl_attr_put_u32(of(&m), XFRMA_IF_ID, 1);
	allowed(NETLINK_XFRM, &m);
	(void)begin(&m, XFRM_MSG_DELPOLICY, 0, sizeof(struct xfrm_userpolicy_id));
	refused(NETLINK_XFRM, &m, "without our if_id");
	mnl_attr_put_u32(of(&m), XFRMA_IF_ID, 0x49535052);
	allowed(NETLINK_XFRM, &m);
	(void)begin(&m, XFRM_MSG_FLUSHPOLICY, 0, 0);
	refused(NETLINK_XFRM, &m, "this type");
}
END_TEST

/* ---- Form ------------------------------------------------------------------------------------ */

START_TEST(test_form)
{
	struct message m = change_of(OURS), two;
	size_t len = of(&m)->nlmsg_len;
	int rc;

	refused(NETLINK_GENERIC, &m, "this bus");
	refused(NETLINK_XFRM, &m, "too short"); /* a state there */
	for (size_t n = 1; n < len; n++) {
		rc = broker_netlink_check(NETLINK_ROUTE, view_of(m.bytes, n), device, NULL, &e);
		ck_assert_int_eq(rc, ERR_DENIED);
	}
	/* the second of two counts as much as the first */
	memcpy(two.bytes, m.bytes, len);
	m = change_of(THEIRS);
	memcpy(two.bytes + len, m.bytes, len);
	rc = broker_netlink_check(NETLINK_ROUTE, view_of(two.bytes, 2 * len), device, NULL, &e);
	ck_assert_int_eq(rc, ERR_DENIED);
	memcpy(two.bytes + len, two.bytes, len);
	rc = broker_netlink_check(NETLINK_ROUTE, view_of(two.bytes, 2 * len), device, NULL, &e);
	ck_assert_int_eq(rc, 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {test_new_device,
				test_change_of_a_device,
				test_delete_of_devices,
				test_addresses,
				test_routes,
				test_policy_rules,
				test_queues,
				test_tables,
				test_transactions,
				test_states,
				test_policies,
				test_form};

	return run_cases("broker_netlink", tests, ARRAY_LEN(tests));
}
