/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The walk over messages and attributes that all buses have in common, and rtnetlink.  It is at
 * least as strict as the kernel's: what the kernel would skip or read in another way is refused.
 */
#include "platform/os/broker_netlink.h"

#include "platform/base/mem.h"
#include "platform/os/broker_check.h"
#include "platform/os/own.h"
#include "platform/os/rtnl.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

static size_t aligned(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

int broker_deny(const struct check *c, const char *why)
{
	(void)err_set(c->e, ERR_DENIED,
		      "the privileged half refuses a message of type %u on netlink bus %d: %s",
		      c->type, c->bus, why);
	return ERR_DENIED;
}

int broker_attrs(const struct check *c, struct view list, const struct attr_rule *rules,
		 size_t count, void *arg)
{
	size_t at = 0;

	while (at < list.len) {
		struct nlattr a;
		const struct attr_rule *rule = NULL;
		struct view value;
		int rc;

		if (list.len - at < sizeof(a))
			return broker_deny(c, "octets behind its attributes");
		memcpy(&a, list.data + at, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > list.len - at)
			return broker_deny(c, "an attribute of a wrong length");
		for (size_t i = 0; i < count; i++) {
			if (rules[i].type == (a.nla_type & NLA_TYPE_MASK))
				rule = &rules[i];
		}
		value = view_of(list.data + at + sizeof(a), a.nla_len - sizeof(a));
		if (rule == NULL)
			return broker_deny(c, "an attribute that is not on the list");
		rc = rule->fn == NULL ? 0 : rule->fn(c, value, arg);
		if (rc != 0)
			return rc;
		at += aligned(a.nla_len);
	}
	return 0;
}

int broker_body(const struct check *c, struct view m, void *fixed, size_t size, struct view *attrs)
{
	if (m.len < aligned(size))
		return broker_deny(c, "it is too short");
	memcpy(fixed, m.data, size);
	*attrs = view_of(m.data + aligned(size), m.len - aligned(size));
	return 0;
}

bool broker_text_is(struct view v, const char *text)
{
	return v.len == strlen(text) + 1 && memcmp(v.data, text, v.len) == 0;
}

bool broker_u32(struct view v, uint32_t *out)
{
	if (v.len != sizeof(*out))
		return false;
	memcpy(out, v.data, sizeof(*out));
	return true;
}

bool broker_is_own_device(const char *name)
{
	size_t prefix = strlen(OWN_DEVICE_PREFIX), probe = strlen(OWN_PROBE_DEVICE);

	if (strncmp(name, OWN_PROBE_DEVICE, probe) == 0)
		name += probe;
	else if (strncmp(name, OWN_DEVICE_PREFIX, prefix) == 0 && name[prefix] != '\0')
		name += prefix;
	else
		return false;
	return strspn(name, "0123456789") == strlen(name) && strlen(name) <= 5;
}

/* ---- Devices --------------------------------------------------------------------------------- */

/* One that is not there (any more) is not asked for: it could be another one's a moment later. */
static int own_device(const struct check *c, int ifindex)
{
	const char *name = ifindex > 0 ? c->device(c->arg, ifindex) : "-";

	if (name[0] == '\0')
		return err_set(c->e, ERR_NOT_FOUND, "there is no network device %d", ifindex);
	return broker_is_own_device(name) ? 0 : broker_deny(c, "a device of somebody else");
}

struct link {
	bool named, grouped, has_kind;
};

static int take_name(const struct check *c, struct view v, void *arg)
{
	char name[IFNAMSIZ] = "";
	struct link *l = arg;

	if (v.len == 0 || v.len > sizeof(name) || v.data[v.len - 1] != '\0')
		return broker_deny(c, "a device name of a wrong form");
	memcpy(name, v.data, v.len);
	l->named = true;
	return broker_is_own_device(name) ? 0 : broker_deny(c, "a device of this name");
}

static int take_group(const struct check *c, struct view v, void *arg)
{
	struct link *l = arg;
	uint32_t group;

	l->grouped = true;
	return broker_u32(v, &group) && group == OWN_LINK_GROUP ? 0
								: broker_deny(c, "this link group");
}

static int take_if_id(const struct check *c, struct view v, void *arg)
{
	uint32_t id;

	(void)arg;
	return broker_u32(v, &id) && broker_is_own_if_id(id) ? 0 : broker_deny(c, "this if_id");
}

static int take_info_data(const struct check *c, struct view v, void *arg)
{
	static const struct attr_rule rules[] = {{IFLA_XFRM_IF_ID, take_if_id}};

	return broker_attrs(c, v, rules, ARRAY_LEN(rules), arg);
}

static int take_info_kind(const struct check *c, struct view v, void *arg)
{
	struct link *l = arg;

	l->has_kind = true;
	return broker_text_is(v, "xfrm") ? 0 : broker_deny(c, "a device of this kind");
}

static int take_info(const struct check *c, struct view v, void *arg)
{
	static const struct attr_rule rules[] = {{IFLA_INFO_KIND, take_info_kind},
						 {IFLA_INFO_DATA, take_info_data}};

	return broker_attrs(c, v, rules, ARRAY_LEN(rules), arg);
}

static int take_inet6(const struct check *c, struct view v, void *arg)
{
	static const struct attr_rule rules[] = {{IFLA_INET6_ADDR_GEN_MODE, NULL}};

	return broker_attrs(c, v, rules, ARRAY_LEN(rules), arg);
}

static int take_af_spec(const struct check *c, struct view v, void *arg)
{
	static const struct attr_rule rules[] = {{AF_INET6, take_inet6}};

	return broker_attrs(c, v, rules, ARRAY_LEN(rules), arg);
}

static int new_link(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {{IFLA_IFNAME, take_name},
						 {IFLA_MTU, NULL},
						 {IFLA_GROUP, take_group},
						 {IFLA_LINKINFO, take_info},
						 {IFLA_AF_SPEC, take_af_spec}};
	struct link l = {.named = false};
	struct ifinfomsg link;
	struct view attrs;
	int rc = broker_body(c, m, &link, sizeof(link), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), &l);
	if (rc != 0)
		return rc;
	if (c->flags & NLM_F_CREATE) {
		if (!l.named || !l.has_kind || (c->flags & NLM_F_EXCL) == 0)
			return broker_deny(c, "a new device without name, kind or exclusion");
		return 0;
	}
	if (l.named || l.has_kind)
		return broker_deny(c, "another name or kind");
	return own_device(c, link.ifi_index);
}

static int delete_link(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {{IFLA_GROUP, take_group}};
	struct link l = {.named = false};
	struct ifinfomsg link;
	struct view attrs;
	int rc = broker_body(c, m, &link, sizeof(link), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), &l);
	if (rc != 0)
		return rc;
	if (link.ifi_index == 0 && l.grouped)
		return 0;
	return own_device(c, link.ifi_index);
}

/* ---- Addresses, routes ----------------------------------------------------------------------- */

static int take_label(const struct check *c, struct view v, void *arg)
{
	bool *labelled = arg;

	*labelled = true;
	return broker_text_is(v, OWN_ADDRESS_LABEL) ? 0 : broker_deny(c, "this label");
}

/* On a device of ours, or below our label on the loopback device. */
static int address(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {{IFA_ADDRESS, NULL},
						 {IFA_LOCAL, NULL},
						 {IFA_LABEL, take_label},
						 {IFA_FLAGS, NULL}};
	struct ifaddrmsg addr;
	bool labelled = false;
	struct view attrs;
	int rc = broker_body(c, m, &addr, sizeof(addr), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), &labelled);
	if (rc != 0)
		return rc;
	if (labelled && addr.ifa_family == AF_INET &&
	    strcmp(c->device(c->arg, (int)addr.ifa_index), "lo") == 0)
		return 0;
	return own_device(c, (int)addr.ifa_index);
}

struct route {
	uint32_t oif;
};

static bool is_own_table(uint32_t table)
{
	return table - RTNL_TABLE_FIRST < RTNL_TABLES;
}

static int take_table(const struct check *c, struct view v, void *arg)
{
	uint32_t table;

	(void)arg;
	return broker_u32(v, &table) && (table == RT_TABLE_MAIN || is_own_table(table))
		       ? 0
		       : broker_deny(c, "this table");
}

static int take_oif(const struct check *c, struct view v, void *arg)
{
	struct route *r = arg;

	return broker_u32(v, &r->oif) ? 0 : broker_deny(c, "a device number of a wrong length");
}

static int route(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {{RTA_TABLE, take_table},
						 {RTA_DST, NULL},
						 {RTA_OIF, take_oif},
						 {RTA_PRIORITY, NULL},
						 {RTA_PREFSRC, NULL}};
	struct route r = {.oif = 0};
	struct rtmsg head;
	struct view attrs;
	int rc = broker_body(c, m, &head, sizeof(head), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), &r);
	if (rc != 0)
		return rc;
	if (head.rtm_protocol != RTNL_PROTOCOL_IKESH || head.rtm_type != RTN_UNICAST ||
	    (head.rtm_table != RT_TABLE_UNSPEC && head.rtm_table != RT_TABLE_MAIN))
		return broker_deny(c, "a route of another protocol, type or table");
	if (c->type == RTM_DELROUTE) /* its device may be gone */
		return 0;
	return own_device(c, (int)r.oif);
}

/* Attributes of a rule by their numbers, all of which it must have. */
struct rule {
	uint32_t priority, mark, mask, table;
	uint8_t protocol;
};

static int take_priority(const struct check *c, struct view v, void *arg)
{
	struct rule *r = arg;

	return broker_u32(v, &r->priority) ? 0 : broker_deny(c, "a priority of a wrong length");
}

static int take_mark(const struct check *c, struct view v, void *arg)
{
	struct rule *r = arg;

	return broker_u32(v, &r->mark) ? 0 : broker_deny(c, "a mark of a wrong length");
}

static int take_mask(const struct check *c, struct view v, void *arg)
{
	struct rule *r = arg;

	return broker_u32(v, &r->mask) ? 0 : broker_deny(c, "a mask of a wrong length");
}

static int take_rule_table(const struct check *c, struct view v, void *arg)
{
	struct rule *r = arg;

	return broker_u32(v, &r->table) ? 0 : broker_deny(c, "a table of a wrong length");
}

static int take_protocol(const struct check *c, struct view v, void *arg)
{
	struct rule *r = arg;

	r->protocol = v.len == 1 ? v.data[0] : 0;
	return v.len == 1 ? 0 : broker_deny(c, "a protocol of a wrong length");
}

/* By a mark into a table of ours, where ours stand, and nothing else. */
static int policy_rule(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {{FRA_PRIORITY, take_priority},
						 {FRA_FWMARK, take_mark},
						 {FRA_FWMASK, take_mask},
						 {FRA_TABLE, take_rule_table},
						 {FRA_PROTOCOL, take_protocol}};
	struct rule r = {.priority = 0};
	struct fib_rule_hdr head;
	struct view attrs;
	int rc = broker_body(c, m, &head, sizeof(head), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), &r);
	if (rc != 0)
		return rc;
	if (head.action != FR_ACT_TO_TBL || head.dst_len != 0 || head.src_len != 0 ||
	    head.tos != 0 || head.table != 0 || head.flags != 0)
		return broker_deny(c, "a rule of another kind");
	return r.priority == RTNL_RULE_PRIORITY && r.protocol == RTNL_PROTOCOL_IKESH &&
			       r.mask == 0xffffff00 && (r.mark & 0xff) == 0 && is_own_table(r.table)
		       ? 0
		       : broker_deny(c, "a rule of somebody else");
}

/* ---- Queues ---------------------------------------------------------------------------------- */

static int take_discipline(const struct check *c, struct view v, void *arg)
{
	(void)arg;
	return broker_text_is(v, "htb") || broker_text_is(v, "fq_codel") ||
			       broker_text_is(v, "pfifo")
		       ? 0
		       : broker_deny(c, "a queue of this kind");
}

static int queue(const struct check *c, struct view m)
{
	static const struct attr_rule rules[] = {{TCA_KIND, take_discipline}, {TCA_OPTIONS, NULL}};
	struct tcmsg tc;
	struct view attrs;
	int rc = broker_body(c, m, &tc, sizeof(tc), &attrs);

	if (rc == 0)
		rc = broker_attrs(c, attrs, rules, ARRAY_LEN(rules), NULL);
	if (rc != 0)
		return rc;
	return own_device(c, tc.tcm_ifindex);
}

static const struct message_rule route_rules[] = {
	{RTM_NEWLINK, new_link},    {RTM_DELLINK, delete_link}, {RTM_NEWADDR, address},
	{RTM_DELADDR, address},	    {RTM_NEWROUTE, route},	{RTM_DELROUTE, route},
	{RTM_NEWQDISC, queue},	    {RTM_NEWTCLASS, queue},	{RTM_NEWRULE, policy_rule},
	{RTM_DELRULE, policy_rule},
};

/* ---- All ------------------------------------------------------------------------------------- */

static int check_one(struct check *c, const struct message_rule *rules, size_t count, struct view m)
{
	for (size_t i = 0; i < count; i++) {
		if (rules[i].type == c->type)
			return rules[i].fn(c, m);
	}
	return broker_deny(c, "this type is not on the list");
}

int broker_netlink_check(int bus, struct view data, broker_device_fn *device, void *arg,
			 struct err_msg *e)
{
	struct check c = {.bus = bus, .device = device, .arg = arg, .e = e};
	const struct message_rule *rules = route_rules;
	size_t count = ARRAY_LEN(route_rules), at = 0;
	int rc = 0;

	if (bus == NETLINK_NETFILTER)
		rules = broker_nft_rules(&count);
	else if (bus == NETLINK_XFRM)
		rules = broker_xfrm_rules(&count);
	else if (bus != NETLINK_ROUTE)
		return broker_deny(&c, "this bus");
	while (rc == 0 && at < data.len) {
		struct nlmsghdr m;

		if (data.len - at < sizeof(m))
			return broker_deny(&c, "octets behind the messages");
		memcpy(&m, data.data + at, sizeof(m));
		c.type = m.nlmsg_type;
		c.flags = m.nlmsg_flags;
		if (m.nlmsg_len < sizeof(m) || m.nlmsg_len > data.len - at)
			return broker_deny(&c, "a wrong length");
		rc = check_one(&c, rules, count,
			       view_of(data.data + at + sizeof(m), m.nlmsg_len - sizeof(m)));
		at += aligned(m.nlmsg_len);
	}
	return rc;
}
