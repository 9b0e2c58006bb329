/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies (RFC 4301 section 4.4.1).  Inbound and forward ones accept any state of the site that
 * fits; outbound ones name one state by SPI and addresses, so that a packet leaves on the Child SA
 * that was chosen, not on the newest one.
 */
#include "dataplane/xfrm/rule.h"

#include "dataplane/xfrm/address.h"
#include "dataplane/xfrm/selector.h"
#include "dataplane/xfrm/state.h"
#include "platform/os/netlink_batch.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <netinet/in.h>

static int compare_u32(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

int xfrm_rule_compare(const struct xfrm_rule *a, const struct xfrm_rule *b)
{
	int c = compare_u32(a->if_id, b->if_id);

	if (c == 0)
		c = compare_u32(a->mark, b->mark);
	if (c == 0)
		c = compare_u32(a->dir, b->dir);
	return c == 0 ? xfrm_selector_compare(&a->selector, &b->selector) : c;
}

bool xfrm_rule_equal(const struct xfrm_rule *a, const struct xfrm_rule *b)
{
	return a->block == b->block && a->priority == b->priority && a->spi == b->spi &&
	       a->reqid == b->reqid && ip_addr_equal(&a->src, &b->src) &&
	       ip_addr_equal(&a->dst, &b->dst);
}

static void put_scope(struct nlmsghdr *m, const struct xfrm_rule *r)
{
	struct xfrm_mark mark = {.v = r->mark, .m = XFRM_MARK_MASK};

	if (r->mark != 0)
		mnl_attr_put(m, XFRMA_MARK, sizeof(mark), &mark);
	mnl_attr_put_u32(m, XFRMA_IF_ID, r->if_id);
}

static void put_template(struct nlmsghdr *m, const struct xfrm_rule *r)
{
	struct xfrm_user_tmpl t;

	memset(&t, 0, sizeof(t));
	t.id.daddr = xfrm_address_of(&r->dst);
	t.id.spi = htonl(r->spi);
	t.id.proto = IPPROTO_ESP;
	t.family = ip_addr_is_set(&r->dst) ? xfrm_address_family(&r->dst) : r->selector.family;
	t.saddr = xfrm_address_of(&r->src);
	t.reqid = r->reqid;
	t.mode = XFRM_MODE_TUNNEL;
	t.aalgos = t.ealgos = t.calgos = UINT32_MAX;
	mnl_attr_put(m, XFRMA_TMPL, sizeof(t), &t);
}

void xfrm_rule_put(struct netlink_batch *b, const struct xfrm_rule *r)
{
	struct nlmsghdr *m = netlink_batch_add(b, XFRM_MSG_UPDPOLICY, NLM_F_CREATE);
	struct xfrm_userpolicy_info info;

	memset(&info, 0, sizeof(info));
	info.sel = r->selector;
	info.lft.soft_byte_limit = info.lft.hard_byte_limit = XFRM_INF;
	info.lft.soft_packet_limit = info.lft.hard_packet_limit = XFRM_INF;
	info.priority = r->priority;
	info.dir = (uint8_t)r->dir;
	info.action = r->block ? XFRM_POLICY_BLOCK : XFRM_POLICY_ALLOW;
	memcpy(mnl_nlmsg_put_extra_header(m, sizeof(info)), &info, sizeof(info));
	if (!r->block)
		put_template(m, r);
	put_scope(m, r);
}

void xfrm_rule_put_delete(struct netlink_batch *b, const struct xfrm_rule *r)
{
	struct nlmsghdr *m = netlink_batch_add(b, XFRM_MSG_DELPOLICY, 0);
	struct xfrm_userpolicy_id id;

	memset(&id, 0, sizeof(id));
	id.sel = r->selector;
	id.dir = (uint8_t)r->dir;
	memcpy(mnl_nlmsg_put_extra_header(m, sizeof(id)), &id, sizeof(id));
	put_scope(m, r);
}

void xfrm_rule_request_all(union xfrm_request *q)
{
	mnl_nlmsg_put_header(q->bytes)->nlmsg_type = XFRM_MSG_GETPOLICY;
}

static void take_template(const struct nlattr *attr, struct xfrm_rule *out)
{
	struct xfrm_user_tmpl t;

	if (mnl_attr_get_payload_len(attr) < sizeof(t))
		return;
	memcpy(&t, mnl_attr_get_payload(attr), sizeof(t));
	out->spi = ntohl(t.id.spi);
	out->reqid = t.reqid;
	out->src = xfrm_address_to_ip(&t.saddr, t.family);
	out->dst = xfrm_address_to_ip(&t.id.daddr, t.family);
	if (out->spi == 0 && out->reqid == 0) /* any state: the addresses are not set */
		out->src = out->dst = (struct ip_addr){.family = IP_NONE};
}

static int take_attr(const struct nlattr *attr, void *arg)
{
	struct xfrm_rule *out = arg;
	struct xfrm_mark mark;

	switch (mnl_attr_get_type(attr)) {
	case XFRMA_TMPL:
		take_template(attr, out);
		break;
	case XFRMA_MARK:
		if (mnl_attr_get_payload_len(attr) < sizeof(mark))
			break;
		memcpy(&mark, mnl_attr_get_payload(attr), sizeof(mark));
		out->mark = mark.v & mark.m;
		break;
	case XFRMA_IF_ID:
		if (mnl_attr_get_payload_len(attr) >= sizeof(out->if_id))
			memcpy(&out->if_id, mnl_attr_get_payload(attr), sizeof(out->if_id));
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

bool xfrm_rule_parse(const struct nlmsghdr *m, struct xfrm_rule *out)
{
	struct xfrm_userpolicy_info info;

	if (m->nlmsg_type != XFRM_MSG_NEWPOLICY || mnl_nlmsg_get_payload_len(m) < sizeof(info))
		return false;
	memcpy(&info, mnl_nlmsg_get_payload(m), sizeof(info));
	if ((info.priority & XFRM_PRIORITY_MASK) != XFRM_PRIORITY_BASE)
		return false;
	memset(out, 0, sizeof(*out));
	out->selector = xfrm_selector_clean(&info.sel);
	out->dir = info.dir;
	out->block = info.action == XFRM_POLICY_BLOCK;
	out->priority = info.priority;
	(void)mnl_attr_parse(m, sizeof(info), take_attr, out);
	return out->if_id != 0;
}
