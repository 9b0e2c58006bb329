/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policy rules by mark (FRA_FWMARK).  Ours carry RTNL_PROTOCOL_IKESH; those of others are never
 * touched.
 */
#include "platform/os/rtnl.h"

#include "platform/base/mem.h"
#include "platform/os/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#define MESSAGE_MAX  512
#define NUMBER_SHIFT 8
#define MARK_MASK    0xffffff00U

union message {
	struct nlmsghdr header;
	uint8_t bytes[MESSAGE_MAX];
};

struct rule_list {
	uint32_t *numbers;
	size_t count;
};

static int change(struct netlink *n, bool add, uint8_t family, uint32_t number, struct err_msg *e)
{
	union message q;
	struct nlmsghdr *m = mnl_nlmsg_put_header(q.bytes);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(m, sizeof(*rule));
	int errnum = 0, r;

	m->nlmsg_type = add ? RTM_NEWRULE : RTM_DELRULE;
	m->nlmsg_flags = add ? NLM_F_CREATE | NLM_F_EXCL : 0;
	rule->family = family;
	rule->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(m, FRA_PRIORITY, RTNL_RULE_PRIORITY);
	mnl_attr_put_u32(m, FRA_FWMARK, number << NUMBER_SHIFT);
	mnl_attr_put_u32(m, FRA_FWMASK, MARK_MASK);
	mnl_attr_put_u32(m, FRA_TABLE, RTNL_TABLE_FIRST + number);
	mnl_attr_put_u8(m, FRA_PROTOCOL, RTNL_PROTOCOL_IKESH);
	r = netlink_request(n, m, add ? "add a policy rule" : "delete a policy rule", &errnum, e);
	if (errnum == EEXIST || errnum == ENOENT)
		return 0;
	/* a kernel without IPv6 has none to route */
	return family == AF_INET6 && errnum == EAFNOSUPPORT ? 0 : r;
}

struct found {
	uint32_t table, protocol;
};

static int take_attr(const struct nlattr *attr, void *arg)
{
	struct found *f = arg;

	if (mnl_attr_get_type(attr) == FRA_TABLE && mnl_attr_validate(attr, MNL_TYPE_U32) == 0)
		f->table = mnl_attr_get_u32(attr);
	if (mnl_attr_get_type(attr) == FRA_PROTOCOL && mnl_attr_validate(attr, MNL_TYPE_U8) == 0)
		f->protocol = mnl_attr_get_u8(attr);
	return MNL_CB_OK;
}

static int take_rule(void *arg, const struct nlmsghdr *answer)
{
	struct rule_list *l = arg;
	struct found f = {.table = 0};

	if (answer->nlmsg_type != RTM_NEWRULE ||
	    mnl_attr_parse(answer, sizeof(struct fib_rule_hdr), take_attr, &f) != MNL_CB_OK ||
	    f.protocol != RTNL_PROTOCOL_IKESH || f.table - RTNL_TABLE_FIRST >= RTNL_TABLES)
		return 0;
	l->numbers = mem_realloc_array(l->numbers, l->count + 1, sizeof(*l->numbers));
	l->numbers[l->count++] = f.table - RTNL_TABLE_FIRST;
	return 0;
}

static bool has(const uint32_t *numbers, size_t count, uint32_t number)
{
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] == number)
			return true;
	}
	return false;
}

static int set_family(struct netlink *n, uint8_t family, const uint32_t *numbers, size_t count,
		      struct err_msg *e)
{
	union message q;
	struct nlmsghdr *m = mnl_nlmsg_put_header(q.bytes);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(m, sizeof(*rule));
	struct rule_list found = {.count = 0};
	int r;

	m->nlmsg_type = RTM_GETRULE;
	rule->family = family;
	r = netlink_dump(n, m, take_rule, &found, "read the policy rules", e);
	for (size_t i = 0; r == 0 && i < found.count; i++) {
		if (!has(numbers, count, found.numbers[i]))
			r = change(n, false, family, found.numbers[i], e);
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (!has(found.numbers, found.count, numbers[i]))
			r = change(n, true, family, numbers[i], e);
	}
	free(found.numbers);
	return r;
}

int rtnl_rules_set(struct netlink *n, const uint32_t *numbers, size_t count, struct err_msg *e)
{
	int r = set_family(n, AF_INET, numbers, count, e);

	return r == 0 ? set_family(n, AF_INET6, numbers, count, e) : r;
}

int rtnl_rules_probe(struct netlink *n, struct err_msg *e)
{
	const uint32_t number = RTNL_TABLES - 1;
	int r = change(n, true, AF_INET, number, e);

	return r == 0 ? change(n, false, AF_INET, number, e) : r;
}
