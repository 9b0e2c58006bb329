/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xfrm interfaces, one per site.  They have no carrier of their own: up and down stand for it.
 * Deleting many one by one takes ten milliseconds each, so that further ones of a loop turn are
 * moved into a link group of their own and deleted by it.
 */
#include "dataplane/net/net.h"
#include "dataplane/xfrm/plane.h"
#include "platform/os/netlink.h"
#include "platform/os/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#define DOOMED_GROUP 0x49505344U /* nobody's number but ours */
#define MESSAGE_MAX  512

union link_request {
	struct nlmsghdr header;
	uint8_t bytes[MESSAGE_MAX];
};

static struct ifinfomsg *begin(union link_request *q, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(q->bytes);

	m->nlmsg_type = type;
	m->nlmsg_flags = flags;
	return mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
}

static void device_name(const struct xfrm_site *s, char name[DP_DEVICE_MAX])
{
	(void)snprintf(name, DP_DEVICE_MAX, "ips%u", s->index);
}

uint32_t xfrm_device_index(const char *name)
{
	char *end = NULL;
	unsigned long n;

	if (strncmp(name, "ips", 3) != 0 || name[3] < '1' || name[3] > '9')
		return 0;
	n = strtoul(name + 3, &end, 10);
	return *end != '\0' || n > XFRM_SITE_MAX ? 0 : (uint32_t)n;
}

/* ifindex 0: the kernel chooses. */
static int create(struct xfrm_plane *p, const struct xfrm_site *s, int ifindex, int *errnum,
		  struct err_msg *e)
{
	char name[DP_DEVICE_MAX];
	char what[DP_DEVICE_MAX + 32];
	struct nlattr *info, *data;
	union link_request q;

	device_name(s, name);
	(void)snprintf(what, sizeof(what), "xfrm interface %s", name);
	begin(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL)->ifi_index = ifindex;
	mnl_attr_put_strz(&q.header, IFLA_IFNAME, name);
	mnl_attr_put_u32(&q.header, IFLA_MTU, s->mtu);
	mnl_attr_put_u32(&q.header, IFLA_GROUP, NET_LINK_GROUP);
	info = mnl_attr_nest_start(&q.header, IFLA_LINKINFO);
	mnl_attr_put_strz(&q.header, IFLA_INFO_KIND, "xfrm");
	data = mnl_attr_nest_start(&q.header, IFLA_INFO_DATA);
	mnl_attr_put_u32(&q.header, IFLA_XFRM_IF_ID, XFRM_IF_ID_OF(s->index));
	mnl_attr_nest_end(&q.header, data);
	mnl_attr_nest_end(&q.header, info);
	return netlink_request(p->links, &q.header, what, errnum, e);
}

struct device {
	const char *name;
	bool is_xfrm;
	uint32_t if_id;
	uint32_t mtu; /* 0: not said */
};

static int take_data(const struct nlattr *attr, void *arg)
{
	struct device *d = arg;

	if (mnl_attr_get_type(attr) == IFLA_XFRM_IF_ID &&
	    mnl_attr_get_payload_len(attr) >= sizeof(d->if_id))
		d->if_id = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int take_info(const struct nlattr *attr, void *arg)
{
	struct device *d = arg;

	if (mnl_attr_get_type(attr) == IFLA_INFO_KIND &&
	    mnl_attr_validate(attr, MNL_TYPE_STRING) >= 0)
		d->is_xfrm = strcmp(mnl_attr_get_str(attr), "xfrm") == 0;
	else if (mnl_attr_get_type(attr) == IFLA_INFO_DATA && d->is_xfrm)
		(void)mnl_attr_parse_nested(attr, take_data, d);
	return MNL_CB_OK;
}

static int take_attr(const struct nlattr *attr, void *arg)
{
	struct device *d = arg;

	if (mnl_attr_get_type(attr) == IFLA_IFNAME && mnl_attr_validate(attr, MNL_TYPE_STRING) >= 0)
		d->name = mnl_attr_get_str(attr);
	else if (mnl_attr_get_type(attr) == IFLA_MTU && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		d->mtu = mnl_attr_get_u32(attr);
	else if (mnl_attr_get_type(attr) == IFLA_LINKINFO)
		(void)mnl_attr_parse_nested(attr, take_info, d);
	return MNL_CB_OK;
}

struct looking {
	struct xfrm_site *site;
	bool found;
};

static int take_own(void *arg, const struct nlmsghdr *answer)
{
	struct looking *l = arg;
	struct device d = {.name = ""};
	struct ifinfomsg link;

	if (answer->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(answer) < sizeof(link))
		return 0;
	memcpy(&link, mnl_nlmsg_get_payload(answer), sizeof(link));
	(void)mnl_attr_parse(answer, sizeof(link), take_attr, &d);
	l->found = d.is_xfrm && d.if_id == XFRM_IF_ID_OF(l->site->index);
	if (l->found)
		l->site->ifindex = link.ifi_index;
	return 0;
}

/* Is there an xfrm interface with the site's name and if_id?  Its number is taken then. */
static bool find_own(struct xfrm_plane *p, struct xfrm_site *s)
{
	struct looking l = {.site = s};
	char name[DP_DEVICE_MAX];
	union link_request q;
	struct err_msg e;

	device_name(s, name);
	for (int tries = 0; tries < 2 && !l.found; tries++) {
		(void)begin(&q, RTM_GETLINK, 0);
		mnl_attr_put_strz(&q.header, IFLA_IFNAME, name);
		if (netlink_query(p->links, &q.header, take_own, &l, name, NULL, &e) == 0)
			break;
	}
	return l.found;
}

/* A device that was lost comes back with its number where that is still free. */
static int make(struct xfrm_plane *p, struct xfrm_site *s, struct err_msg *e)
{
	int errnum = 0;
	int rc = create(p, s, s->ifindex, &errnum, e);

	if (rc != 0 && s->ifindex != 0 && (errnum == EBUSY || errnum == EEXIST))
		rc = create(p, s, 0, &errnum, e);
	/* It may be there although the answer was lost, now or before. */
	if (!find_own(p, s))
		return rc != 0 ? rc : err_set(e, ERR_SYSTEM, "device ips%u: is gone", s->index);
	return rtnl_link_no_autoaddress(p->links, s->ifindex, e);
}

int xfrm_device_add(struct xfrm_plane *p, struct xfrm_site *s, struct err_msg *e)
{
	int rc;

	xfrm_devices_flush(p); /* one of the same name may be waiting */
	rc = make(p, s, e);
	if (rc != 0 && s->ifindex != 0)
		xfrm_device_remove(p, s);
	return rc;
}

void xfrm_device_remove(struct xfrm_plane *p, struct xfrm_site *s)
{
	bool further = p->removed_ms == loop_now_ms(p->loop);
	struct err_msg e = {.text = ""};
	int rc;

	p->removed_ms = loop_now_ms(p->loop);
	if (further)
		rc = rtnl_link_group(p->links, s->ifindex, DOOMED_GROUP, &e);
	else
		rc = rtnl_link_delete(p->links, s->ifindex, &e);
	if (rc != 0)
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "device ips%u: %s", s->index, e.text);
	if (rc == 0 && further && !p->devices_doomed) {
		p->devices_doomed = true;
		xfrm_audit_soon(p);
	}
}

void xfrm_devices_flush(struct xfrm_plane *p)
{
	struct err_msg e = {.text = ""};

	if (!p->devices_doomed)
		return;
	p->devices_doomed = false;
	if (rtnl_link_delete_group(p->links, DOOMED_GROUP, &e) != 0)
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "devices of sites: %s", e.text);
}

/* ---- Audit ----------------------------------------------------------------------------------- */

static void check_up(struct xfrm_plane *p, struct xfrm_site *s, unsigned flags)
{
	struct err_msg e = {.text = ""};
	bool up = (flags & IFF_UP) != 0;

	if (!s->carrier_known || s->carrier == up)
		return;
	log_line(p->log, LOG_LVL_NOTICE, LOG_XFRM, "device ips%u was set %s, corrected", s->index,
		 up ? "up" : "down");
	if (rtnl_link_up(p->links, s->ifindex, s->carrier, 0, &e) != 0)
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "device ips%u: %s", s->index, e.text);
	else if (s->carrier)
		s->device_remade = true; /* its routes went with it */
}

static int take_link(void *arg, const struct nlmsghdr *answer)
{
	struct xfrm_plane *p = arg;
	struct device d = {.name = ""};
	struct ifinfomsg link;
	struct xfrm_site *s;

	if (answer->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(answer) < sizeof(link))
		return 0;
	memcpy(&link, mnl_nlmsg_get_payload(answer), sizeof(link));
	(void)mnl_attr_parse(answer, sizeof(link), take_attr, &d);
	s = xfrm_find_site(p, xfrm_device_index(d.name));
	if (s == NULL || !d.is_xfrm || d.if_id != XFRM_IF_ID_OF(s->index))
		return 0;
	s->device_seen = true;
	s->ifindex = link.ifi_index;
	if (d.mtu != 0) /* another one is put right when its tunnels are looked at */
		s->mtu = d.mtu;
	check_up(p, s, link.ifi_flags);
	return 0;
}

static void restore(struct xfrm_plane *p, struct xfrm_site *s)
{
	struct err_msg e = {.text = ""};
	int rc = make(p, s, &e);

	if (rc == 0 && s->carrier_known)
		rc = rtnl_link_up(p->links, s->ifindex, s->carrier, 0, &e);
	if (rc != 0) {
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "device ips%u was lost: %s", s->index,
			 e.text);
		return;
	}
	log_line(p->log, LOG_LVL_NOTICE, LOG_XFRM, "device ips%u was lost, made again", s->index);
	s->device_remade = true;
}

static struct xfrm_site *find_remade(struct xfrm_plane *p)
{
	struct list *node, *after;

	list_for_each(node, after, &p->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		struct xfrm_site *s = container_of(n, struct xfrm_site, by_index);

		if (s->device_remade)
			return s;
	}
	return NULL;
}

/* Sites may go with each callback. */
static void tell_remade(struct xfrm_plane *p)
{
	struct xfrm_site *s;

	while ((s = find_remade(p)) != NULL) {
		s->device_remade = false;
		if (p->callbacks.on_device != NULL)
			p->callbacks.on_device(p->callbacks.arg, s->index, NULL);
	}
}

void xfrm_devices_audit(struct xfrm_plane *p)
{
	struct err_msg e = {.text = ""};
	struct list *node, *after;
	union link_request q;

	if (p->sites.count == 0)
		return;
	(void)begin(&q, RTM_GETLINK, 0);
	mnl_attr_put_u32(&q.header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	list_for_each(node, after, &p->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		container_of(n, struct xfrm_site, by_index)->device_seen = false;
	}
	if (netlink_dump(p->links, &q.header, take_link, p, "read the devices", &e) != 0) {
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "%s", e.text);
		return;
	}
	list_for_each(node, after, &p->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		struct xfrm_site *s = container_of(n, struct xfrm_site, by_index);

		if (!s->device_seen)
			restore(p, s);
	}
	tell_remade(p);
}
