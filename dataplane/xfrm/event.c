/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel tells by itself: states that expire, packets without a state (acquire), peers
 * that moved behind their NAT (mapping), and devices that change.  A lost message is no loss: the
 * audit looks.
 */
#include "dataplane/xfrm/address.h"
#include "dataplane/xfrm/plane.h"
#include "platform/os/netlink_watch.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#define ACQUIRE_EVERY_MS 1000

static void on_expire(struct xfrm_plane *p, const struct nlmsghdr *m)
{
	struct xfrm_user_expire ev;
	struct xfrm_state_key key;
	struct ip_addr dst;
	struct xfrm_sa *sa;

	if (mnl_nlmsg_get_payload_len(m) < sizeof(ev))
		return;
	memcpy(&ev, mnl_nlmsg_get_payload(m), sizeof(ev));
	dst = xfrm_address_to_ip(&ev.state.id.daddr, ev.state.family);
	key = xfrm_state_key_of(&dst, ntohl(ev.state.id.spi));
	sa = xfrm_find_sa(p, &key);
	if (sa == NULL)
		return;
	log_line(p->log, LOG_LVL_INFO, LOG_XFRM, "Child SA %u: %s limit of SPI 0x%08x reached",
		 sa->child->id, ev.hard ? "hard" : "soft", key.spi);
	xfrm_report(p, sa->child, XFRM_REPORT_BROKEN);
}

static void on_mapping(struct xfrm_plane *p, const struct nlmsghdr *m)
{
	struct xfrm_user_mapping ev;
	struct xfrm_state_key key;
	struct ip_endpoint remote;
	struct ip_addr dst;
	struct xfrm_sa *sa;

	if (mnl_nlmsg_get_payload_len(m) < sizeof(ev))
		return;
	memcpy(&ev, mnl_nlmsg_get_payload(m), sizeof(ev));
	dst = xfrm_address_to_ip(&ev.id.daddr, ev.id.family);
	key = xfrm_state_key_of(&dst, ntohl(ev.id.spi));
	sa = xfrm_find_sa(p, &key);
	remote.addr = xfrm_address_to_ip(&ev.new_saddr, ev.id.family);
	remote.port = ntohs(ev.new_sport);
	if (sa == NULL || !sa->in || ip_endpoint_equal(&remote, &sa->child->remote))
		return;
	sa->child->moved_to = remote;
	xfrm_report(p, sa->child, XFRM_REPORT_MOVED);
}

struct acquire {
	uint32_t if_id, reqid;
};

static int take_acquire_attr(const struct nlattr *attr, void *arg)
{
	struct acquire *a = arg;
	struct xfrm_user_tmpl t;

	if (mnl_attr_get_type(attr) == XFRMA_IF_ID &&
	    mnl_attr_get_payload_len(attr) >= sizeof(a->if_id)) {
		a->if_id = mnl_attr_get_u32(attr);
	} else if (mnl_attr_get_type(attr) == XFRMA_TMPL &&
		   mnl_attr_get_payload_len(attr) >= sizeof(t)) {
		memcpy(&t, mnl_attr_get_payload(attr), sizeof(t));
		a->reqid = t.reqid;
	}
	return MNL_CB_OK;
}

/* A trap sprang; or, when the template names a Child SA, its state has gone. */
static void on_acquire(struct xfrm_plane *p, const struct nlmsghdr *m)
{
	uint64_t now_ms = loop_now_ms(p->loop);
	struct acquire a = {.if_id = 0};
	struct xfrm_site *s;

	if (mnl_nlmsg_get_payload_len(m) < sizeof(struct xfrm_user_acquire))
		return;
	(void)mnl_attr_parse(m, sizeof(struct xfrm_user_acquire), take_acquire_attr, &a);
	s = xfrm_find_site(p, a.if_id - 1);
	if (s == NULL || (a.reqid & XFRM_REQID_MASK) != XFRM_REQID_BASE)
		return;
	if ((a.reqid & 0xf) != 0) {
		xfrm_audit_soon(p);
		return;
	}
	if (list_is_empty(&s->rearmed))
		list_append(&p->rearm, &s->rearmed);
	if (s->acquire_ms != 0 && now_ms - s->acquire_ms < ACQUIRE_EVERY_MS)
		return;
	s->acquire_ms = now_ms;
	p->callbacks.on_acquire(p->callbacks.arg, s->index);
}

static void on_xfrm(void *arg, const struct nlmsghdr *m)
{
	switch (m->nlmsg_type) {
	case XFRM_MSG_EXPIRE:
		on_expire(arg, m);
		break;
	case XFRM_MSG_MAPPING:
		on_mapping(arg, m);
		break;
	case XFRM_MSG_ACQUIRE:
		on_acquire(arg, m);
		break;
	default:
		break;
	}
}

static int take_name(const struct nlattr *attr, void *arg)
{
	const char **name = arg;

	if (mnl_attr_get_type(attr) == IFLA_IFNAME && mnl_attr_validate(attr, MNL_TYPE_STRING) >= 0)
		*name = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static void on_link(void *arg, const struct nlmsghdr *m)
{
	struct xfrm_plane *p = arg;
	struct ifinfomsg link;
	const char *name = "";
	struct xfrm_site *s;

	if ((m->nlmsg_type != RTM_NEWLINK && m->nlmsg_type != RTM_DELLINK) ||
	    mnl_nlmsg_get_payload_len(m) < sizeof(link))
		return;
	memcpy(&link, mnl_nlmsg_get_payload(m), sizeof(link));
	(void)mnl_attr_parse(m, sizeof(link), take_name, &name);
	s = xfrm_find_site(p, xfrm_device_index(name));
	if (s == NULL || s->ifindex != link.ifi_index)
		return;
	if (m->nlmsg_type == RTM_DELLINK ||
	    (s->carrier_known && s->carrier != ((link.ifi_flags & IFF_UP) != 0)))
		xfrm_audit_soon(p);
}

static void on_lost(void *arg)
{
	struct xfrm_plane *p = arg;

	log_line(p->log, LOG_LVL_NOTICE, LOG_XFRM, "kernel events were lost, looking at all");
	xfrm_audit_soon(p);
}

int xfrm_events_open(struct xfrm_plane *p, struct err_msg *e)
{
	static const unsigned xfrm_groups[] = {XFRMNLGRP_ACQUIRE, XFRMNLGRP_EXPIRE,
					       XFRMNLGRP_MAPPING};
	static const unsigned link_groups[] = {RTNLGRP_LINK};
	struct netlink_watch_callbacks callbacks = {.arg = p,
						    .on_message = on_xfrm,
						    .on_lost = on_lost};

	p->xfrm_watch = netlink_watch_open(p->loop, NETLINK_XFRM, xfrm_groups, 3, &callbacks, e);
	callbacks.on_message = on_link;
	if (p->xfrm_watch != NULL)
		p->link_watch =
			netlink_watch_open(p->loop, NETLINK_ROUTE, link_groups, 1, &callbacks, e);
	return p->link_watch == NULL ? ERR_SYSTEM : 0;
}

void xfrm_events_close(struct xfrm_plane *p)
{
	netlink_watch_close(p->xfrm_watch);
	netlink_watch_close(p->link_watch);
}
