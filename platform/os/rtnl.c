/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rtnetlink messages for links, addresses and routes.  Never touches a route of somebody else:
 * ours carry RTNL_PROTOCOL_IKESH, and are created without replacing.
 */
#include "platform/os/rtnl.h"

#include "platform/base/mem.h"
#include "platform/os/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MESSAGE_MAX    512
#define WHAT_MAX       160
#define IP6_ROUTE_PRIO 1024 /* the kernel's IP6_RT_PRIO_USER */

/* One request under construction. */
struct request {
	union {
		struct nlmsghdr header;
		uint8_t bytes[MESSAGE_MAX];
	};
	char what[WHAT_MAX];
};

static void *begin(struct request *q, uint16_t type, uint16_t flags, size_t extra)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(q->bytes);

	m->nlmsg_type = type;
	m->nlmsg_flags = flags;
	return mnl_nlmsg_put_extra_header(m, extra);
}

static struct ifinfomsg *begin_link(struct request *q, uint16_t type, int ifindex)
{
	struct ifinfomsg *link = begin(q, type, 0, sizeof(*link));

	link->ifi_family = AF_UNSPEC;
	link->ifi_index = ifindex;
	return link;
}

static uint8_t af_of(const struct ip_addr *a)
{
	return a->family == IP_V4 ? AF_INET : a->family == IP_V6 ? AF_INET6 : AF_UNSPEC;
}

static void put_addr(struct request *q, uint16_t type, const struct ip_addr *a)
{
	mnl_attr_put(&q->header, type, ip_addr_len(a), a->bytes);
}

/* Attributes of one answer by type; later ones win. */
struct attrs {
	const struct nlattr *by_type[64];
};

static int collect_attr(const struct nlattr *attr, void *data)
{
	struct attrs *attrs = data;
	uint16_t type = mnl_attr_get_type(attr);

	if (type < ARRAY_LEN(attrs->by_type))
		attrs->by_type[type] = attr;
	return MNL_CB_OK;
}

/* False when the answer is too short for its fixed header. */
static bool parse_attrs(const struct nlmsghdr *m, size_t fixed, struct attrs *attrs)
{
	memset(attrs, 0, sizeof(*attrs));
	if (mnl_nlmsg_get_payload_len(m) < fixed)
		return false;
	(void)mnl_attr_parse(m, (unsigned)fixed, collect_attr, attrs);
	return true;
}

static bool attr_u32(const struct attrs *attrs, unsigned type, uint32_t *out)
{
	const struct nlattr *attr = attrs->by_type[type];

	if (attr == NULL || mnl_attr_get_payload_len(attr) < sizeof(*out))
		return false;
	memcpy(out, mnl_attr_get_payload(attr), sizeof(*out));
	return true;
}

static struct ip_addr attr_addr(const struct attrs *attrs, unsigned type)
{
	const struct nlattr *attr = attrs->by_type[type];

	if (attr == NULL)
		return (struct ip_addr){.family = IP_NONE};
	return ip_addr_from_bytes(mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
}

/* The object is as wanted already: not an error, and nothing to say. */
static int forgive(struct err_msg *e)
{
	return err_set(e, ERR_OK, "%s", "");
}

/* links */

static int take_link_index(void *arg, const struct nlmsghdr *answer)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(answer);
	int *ifindex = arg;

	if (answer->nlmsg_type == RTM_NEWLINK && mnl_nlmsg_get_payload_len(answer) >= sizeof(*link))
		*ifindex = link->ifi_index;
	return 0;
}

int rtnl_link_index(struct netlink *n, const char *name, int *ifindex, struct err_msg *e)
{
	struct request q;
	int errnum = 0;
	int found = 0;
	int rc;

	if (name[0] == '\0' || strlen(name) >= IFNAMSIZ)
		return err_set(e, ERR_NOT_FOUND, "network device \"%s\": there is none", name);
	(void)begin_link(&q, RTM_GETLINK, 0);
	mnl_attr_put_strz(&q.header, IFLA_IFNAME, name);
	mnl_attr_put_u32(&q.header, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	(void)snprintf(q.what, sizeof(q.what), "network device %s", name);
	rc = netlink_query(n, &q.header, take_link_index, &found, q.what, &errnum, e);
	if (errnum == ENODEV || (rc == 0 && found == 0))
		return err_set(e, ERR_NOT_FOUND, "network device %s: there is none", name);
	if (rc == 0)
		*ifindex = found;
	return rc;
}

static int take_link_flags(void *arg, const struct nlmsghdr *answer)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(answer);
	bool *up = arg;

	if (answer->nlmsg_type == RTM_NEWLINK && mnl_nlmsg_get_payload_len(answer) >= sizeof(*link))
		*up = (link->ifi_flags & IFF_UP) != 0;
	return 0;
}

int rtnl_link_is_up(struct netlink *n, int ifindex, bool *up, struct err_msg *e)
{
	struct request q;
	int errnum = 0;

	*up = false;
	(void)begin_link(&q, RTM_GETLINK, ifindex);
	(void)snprintf(q.what, sizeof(q.what), "network device %d", ifindex);
	return netlink_query(n, &q.header, take_link_flags, up, q.what, &errnum, e);
}

int rtnl_link_up(struct netlink *n, int ifindex, bool up, uint32_t mtu, struct err_msg *e)
{
	struct request q;
	struct ifinfomsg *link = begin_link(&q, RTM_NEWLINK, ifindex);

	link->ifi_change = IFF_UP;
	link->ifi_flags = up ? IFF_UP : 0;
	if (mtu != 0)
		mnl_attr_put_u32(&q.header, IFLA_MTU, mtu);
	(void)snprintf(q.what, sizeof(q.what), "set network device %d %s", ifindex,
		       up ? "up" : "down");
	return netlink_request(n, &q.header, q.what, NULL, e);
}

int rtnl_link_mtu(struct netlink *n, int ifindex, uint32_t mtu, struct err_msg *e)
{
	struct request q;

	(void)begin_link(&q, RTM_NEWLINK, ifindex);
	mnl_attr_put_u32(&q.header, IFLA_MTU, mtu);
	(void)snprintf(q.what, sizeof(q.what), "set MTU of network device %d to %u", ifindex, mtu);
	return netlink_request(n, &q.header, q.what, NULL, e);
}

int rtnl_link_group(struct netlink *n, int ifindex, uint32_t group, struct err_msg *e)
{
	struct request q;

	(void)begin_link(&q, RTM_NEWLINK, ifindex);
	mnl_attr_put_u32(&q.header, IFLA_GROUP, group);
	(void)snprintf(q.what, sizeof(q.what), "set group of network device %d", ifindex);
	return netlink_request(n, &q.header, q.what, NULL, e);
}

int rtnl_link_no_autoaddress(struct netlink *n, int ifindex, struct err_msg *e)
{
	struct request q;
	struct nlattr *spec, *family;
	int errnum = 0;
	int rc;

	(void)begin_link(&q, RTM_NEWLINK, ifindex);
	spec = mnl_attr_nest_start(&q.header, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(&q.header, AF_INET6);
	mnl_attr_put_u8(&q.header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(&q.header, family);
	mnl_attr_nest_end(&q.header, spec);
	(void)snprintf(q.what, sizeof(q.what), "IPv6 addresses of network device %d", ifindex);
	rc = netlink_request(n, &q.header, q.what, &errnum, e);
	return errnum == EAFNOSUPPORT || errnum == EOPNOTSUPP ? forgive(e) : rc;
}

int rtnl_link_delete_group(struct netlink *n, uint32_t group, struct err_msg *e)
{
	struct request q;
	int errnum = 0;
	int rc;

	(void)begin_link(&q, RTM_DELLINK, 0);
	mnl_attr_put_u32(&q.header, IFLA_GROUP, group);
	(void)snprintf(q.what, sizeof(q.what), "delete network devices of group %u", group);
	rc = netlink_request(n, &q.header, q.what, &errnum, e);
	return errnum == ENODEV ? forgive(e) : rc;
}

int rtnl_link_delete(struct netlink *n, int ifindex, struct err_msg *e)
{
	struct request q;
	int errnum = 0;
	int rc;

	(void)begin_link(&q, RTM_DELLINK, ifindex);
	(void)snprintf(q.what, sizeof(q.what), "delete network device %d", ifindex);
	rc = netlink_request(n, &q.header, q.what, &errnum, e);
	return errnum == ENODEV ? forgive(e) : rc;
}

/* addresses */

/* label: or NULL */
static int change_labelled(struct netlink *n, uint16_t type, uint16_t flags, int ifindex,
			   const struct ip_prefix *p, const struct ip_addr *peer, const char *label,
			   int *errnum, struct err_msg *e)
{
	char text[IP_TEXT_MAX];
	struct request q;
	struct ifaddrmsg *addr = begin(&q, type, flags, sizeof(*addr));

	addr->ifa_family = af_of(&p->addr);
	addr->ifa_prefixlen = p->len;
	addr->ifa_index = (uint32_t)ifindex;
	put_addr(&q, IFA_LOCAL, &p->addr);
	put_addr(&q, IFA_ADDRESS, peer);
	if (label != NULL)
		mnl_attr_put_strz(&q.header, IFA_LABEL, label);
	if (type == RTM_NEWADDR && p->addr.family == IP_V6) /* usable at once */
		mnl_attr_put_u32(&q.header, IFA_FLAGS, IFA_F_NODAD);
	(void)snprintf(q.what, sizeof(q.what), "%s address %s of network device %d",
		       type == RTM_NEWADDR ? "add" : "delete",
		       ip_prefix_text(p, text, sizeof(text)), ifindex);
	return netlink_request(n, &q.header, q.what, errnum, e);
}

static int change_addr(struct netlink *n, uint16_t type, uint16_t flags, int ifindex,
		       const struct ip_prefix *p, const struct ip_addr *peer, int *errnum,
		       struct err_msg *e)
{
	return change_labelled(n, type, flags, ifindex, p, peer, NULL, errnum, e);
}

int rtnl_addr_add(struct netlink *n, int ifindex, const struct ip_prefix *p, struct err_msg *e)
{
	int errnum = 0;
	int rc = change_addr(n, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, p, &p->addr,
			     &errnum, e);

	return errnum == EEXIST ? forgive(e) : rc;
}

int rtnl_addr_delete(struct netlink *n, int ifindex, const struct ip_prefix *p, struct err_msg *e)
{
	int errnum = 0;
	int rc = change_addr(n, RTM_DELADDR, 0, ifindex, p, &p->addr, &errnum, e);

	return errnum == EADDRNOTAVAIL || errnum == ENODEV ? forgive(e) : rc;
}

static struct ip_prefix host_prefix(const struct ip_addr *a)
{
	return (struct ip_prefix){.addr = *a, .len = (uint8_t)(ip_addr_len(a) * 8)};
}

int rtnl_addr_add_peer(struct netlink *n, int ifindex, const struct ip_addr *local,
		       const struct ip_addr *peer, struct err_msg *e)
{
	struct ip_prefix p = host_prefix(local);
	int errnum = 0;
	int rc = change_addr(n, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, &p, peer, &errnum,
			     e);

	return errnum == EEXIST ? forgive(e) : rc;
}

int rtnl_addr_delete_peer(struct netlink *n, int ifindex, const struct ip_addr *local,
			  const struct ip_addr *peer, struct err_msg *e)
{
	struct ip_prefix p = host_prefix(local);
	int errnum = 0;
	int rc = change_addr(n, RTM_DELADDR, 0, ifindex, &p, peer, &errnum, e);

	return errnum == EADDRNOTAVAIL || errnum == ENODEV ? forgive(e) : rc;
}

struct addr_dump {
	void (*fn)(void *arg, int ifindex, const struct ip_prefix *p);
	void *arg;
};

static int take_addr(void *arg, const struct nlmsghdr *answer)
{
	const struct ifaddrmsg *addr = mnl_nlmsg_get_payload(answer);
	const struct addr_dump *dump = arg;
	struct ip_prefix p = {.len = 0};
	struct attrs attrs;

	if (answer->nlmsg_type != RTM_NEWADDR || !parse_attrs(answer, sizeof(*addr), &attrs))
		return 0;
	p.len = addr->ifa_prefixlen;
	p.addr = attr_addr(&attrs, IFA_LOCAL); /* on point-to-point links ADDRESS is the peer's */
	if (!ip_addr_is_set(&p.addr))
		p.addr = attr_addr(&attrs, IFA_ADDRESS);
	if (ip_addr_is_set(&p.addr))
		dump->fn(dump->arg, (int)addr->ifa_index, &p);
	return 0;
}

int rtnl_addr_dump(struct netlink *n, void (*fn)(void *arg, int ifindex, const struct ip_prefix *p),
		   void *arg, struct err_msg *e)
{
	struct addr_dump dump = {.fn = fn, .arg = arg};
	struct request q;

	(void)begin(&q, RTM_GETADDR, 0, sizeof(struct ifaddrmsg));
	return netlink_dump(n, &q.header, take_addr, &dump, "read the addresses", e);
}

#define OWN_MAX 64 /* addresses of a label that are looked at, at once */

struct own_list {
	const char *label;
	const struct ip_addr *keep;
	size_t keep_count, count;
	int ifindex[OWN_MAX];
	struct ip_prefix found[OWN_MAX];
};

static bool is_kept(const struct own_list *l, const struct ip_addr *a)
{
	for (size_t i = 0; i < l->keep_count; i++) {
		if (ip_addr_equal(&l->keep[i], a))
			return true;
	}
	return false;
}

static int take_own(void *arg, const struct nlmsghdr *answer)
{
	const struct ifaddrmsg *addr = mnl_nlmsg_get_payload(answer);
	struct own_list *l = arg;
	struct ip_prefix p = {.len = 0};
	struct attrs attrs;
	const struct nlattr *label;

	if (answer->nlmsg_type != RTM_NEWADDR || !parse_attrs(answer, sizeof(*addr), &attrs))
		return 0;
	label = attrs.by_type[IFA_LABEL];
	p.addr = attr_addr(&attrs, IFA_LOCAL);
	p.len = addr->ifa_prefixlen;
	if (label == NULL || mnl_attr_validate(label, MNL_TYPE_NUL_STRING) < 0 ||
	    strcmp(mnl_attr_get_str(label), l->label) != 0 || !ip_addr_is_set(&p.addr) ||
	    is_kept(l, &p.addr) || l->count == OWN_MAX)
		return 0;
	l->ifindex[l->count] = (int)addr->ifa_index;
	l->found[l->count++] = p;
	return 0;
}

int rtnl_addr_add_own(struct netlink *n, const struct ip_addr *a, const char *label,
		      struct err_msg *e)
{
	struct ip_prefix p = host_prefix(a);
	int errnum = 0, ifindex = 0;
	int rc = rtnl_link_index(n, "lo", &ifindex, e);

	if (rc == 0)
		rc = change_labelled(n, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, &p, a,
				     label, &errnum, e);
	return errnum == EEXIST ? forgive(e) : rc;
}

static int delete_own(struct netlink *n, int ifindex, const struct ip_prefix *p, const char *label,
		      struct err_msg *e)
{
	int errnum = 0;
	int rc = change_labelled(n, RTM_DELADDR, 0, ifindex, p, &p->addr, label, &errnum, e);

	return errnum == EADDRNOTAVAIL || errnum == ENODEV ? forgive(e) : rc;
}

int rtnl_addr_delete_own(struct netlink *n, const char *label, const struct ip_addr *keep,
			 size_t keep_count, struct err_msg *e)
{
	struct own_list l = {.label = label, .keep = keep, .keep_count = keep_count};
	struct request q;
	int rc;

	(void)begin(&q, RTM_GETADDR, 0, sizeof(struct ifaddrmsg));
	rc = netlink_dump(n, &q.header, take_own, &l, "read the addresses", e);
	for (size_t i = 0; i < l.count && rc == 0; i++)
		rc = delete_own(n, l.ifindex[i], &l.found[i], label, e);
	return rc != 0 ? rc : (int)l.count;
}

/* routes */

static uint32_t table_of(const struct rtnl_route *r)
{
	return r->table == 0 ? RT_TABLE_MAIN : r->table;
}

static void begin_route(struct request *q, uint16_t type, uint16_t flags,
			const struct rtnl_route *r)
{
	struct rtmsg *route = begin(q, type, flags, sizeof(*route));
	char text[IP_TEXT_MAX];

	route->rtm_family = af_of(&r->dst.addr);
	route->rtm_dst_len = r->dst.len;
	route->rtm_protocol = RTNL_PROTOCOL_IKESH;
	route->rtm_type = RTN_UNICAST;
	if (type == RTM_DELROUTE)
		route->rtm_scope = RT_SCOPE_NOWHERE; /* any */
	else
		route->rtm_scope = r->dst.addr.family == IP_V4 ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	mnl_attr_put_u32(&q->header, RTA_TABLE, table_of(r));
	if (r->dst.len != 0)
		put_addr(q, RTA_DST, &r->dst.addr);
	if (r->ifindex != 0)
		mnl_attr_put_u32(&q->header, RTA_OIF, (uint32_t)r->ifindex);
	if (r->metric != 0)
		mnl_attr_put_u32(&q->header, RTA_PRIORITY, r->metric);
	if (type == RTM_NEWROUTE && ip_addr_is_set(&r->prefer_src))
		put_addr(q, RTA_PREFSRC, &r->prefer_src);
	(void)snprintf(q->what, sizeof(q->what), "%s route %s by network device %d",
		       type == RTM_NEWROUTE ? "add" : "delete",
		       ip_prefix_text(&r->dst, text, sizeof(text)), r->ifindex);
}

/* Own routes of one table (0: of main and all of ours), collected from the dumps. */
struct route_list {
	uint32_t table;
	struct rtnl_route *routes;
	size_t count;
	size_t cap;
};

static void route_list_add(struct route_list *list, const struct rtnl_route *r)
{
	if (list->count == list->cap) {
		list->cap = list->cap == 0 ? 64 : list->cap * 2;
		list->routes = mem_realloc_array(list->routes, list->cap, sizeof(*r));
	}
	list->routes[list->count++] = *r;
}

static int take_route(void *arg, const struct nlmsghdr *answer)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(answer);
	struct route_list *list = arg;
	struct rtnl_route r = {.ifindex = 0};
	struct attrs attrs;
	uint32_t ifindex = 0;

	if (answer->nlmsg_type != RTM_NEWROUTE || !parse_attrs(answer, sizeof(*route), &attrs) ||
	    route->rtm_protocol != RTNL_PROTOCOL_IKESH || (route->rtm_flags & RTM_F_CLONED) != 0)
		return 0;
	r.table = route->rtm_table;
	(void)attr_u32(&attrs, RTA_TABLE, &r.table);
	if (list->table == 0 ? r.table != RT_TABLE_MAIN && r.table - RTNL_TABLE_FIRST >= RTNL_TABLES
			     : r.table != list->table)
		return 0;
	r.dst.addr = attr_addr(&attrs, RTA_DST);
	r.dst.addr.family = route->rtm_family == AF_INET ? IP_V4 : IP_V6; /* ::/0 has no DST */
	r.dst.len = route->rtm_dst_len;
	r.prefer_src = attr_addr(&attrs, RTA_PREFSRC);
	(void)attr_u32(&attrs, RTA_OIF, &ifindex);
	r.ifindex = (int)ifindex;
	(void)attr_u32(&attrs, RTA_PRIORITY, &r.metric);
	if (r.dst.addr.family == IP_V6 && r.metric == IP6_ROUTE_PRIO)
		r.metric = 0;
	if (r.table == RT_TABLE_MAIN)
		r.table = 0;
	route_list_add(list, &r);
	return 0;
}

static int dump_family(struct netlink *n, uint8_t af, struct route_list *list, struct err_msg *e)
{
	struct request q;
	struct rtmsg *route = begin(&q, RTM_GETROUTE, 0, sizeof(*route));

	route->rtm_family = af;
	route->rtm_protocol = RTNL_PROTOCOL_IKESH; /* the kernel filters when it can */
	if (list->table != 0)
		mnl_attr_put_u32(&q.header, RTA_TABLE, list->table);
	return netlink_dump(n, &q.header, take_route, list, "read the routes", e);
}

int rtnl_route_dump(struct netlink *n, void (*fn)(void *arg, const struct rtnl_route *r), void *arg,
		    struct err_msg *e)
{
	struct route_list list = {.table = 0};
	int rc = dump_family(n, AF_INET, &list, e);

	if (rc == 0)
		rc = dump_family(n, AF_INET6, &list, e);
	for (size_t i = 0; rc == 0 && i < list.count; i++) /* all of them, or none */
		fn(arg, &list.routes[i]);
	free(list.routes);
	return rc;
}

/* Is the route that is in the way of r an own one? */
static int find_own(struct netlink *n, const struct rtnl_route *r, bool *found, struct err_msg *e)
{
	struct route_list list = {.table = table_of(r)};
	int rc = dump_family(n, af_of(&r->dst.addr), &list, e);

	*found = false;
	for (size_t i = 0; i < list.count; i++) {
		if (ip_prefix_equal(&list.routes[i].dst, &r->dst) &&
		    list.routes[i].metric == r->metric)
			*found = true;
	}
	free(list.routes);
	return rc;
}

int rtnl_route_add(struct netlink *n, const struct rtnl_route *r, struct err_msg *e)
{
	char text[IP_TEXT_MAX];
	struct request q;
	int errnum = 0;
	bool own;
	int rc;

	begin_route(&q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r);
	rc = netlink_request(n, &q.header, q.what, &errnum, e);
	if (errnum != EEXIST)
		return rc;
	rc = find_own(n, r, &own, e);
	if (rc != 0)
		return rc;
	if (!own)
		return err_set(e, ERR_EXISTS,
			       "route %s: there is one already that ikesh did not make",
			       ip_prefix_text(&r->dst, text, sizeof(text)));
	begin_route(&q, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, r);
	return netlink_request(n, &q.header, q.what, NULL, e);
}

int rtnl_route_delete(struct netlink *n, const struct rtnl_route *r, struct err_msg *e)
{
	struct request q;
	int errnum = 0;
	int rc;

	begin_route(&q, RTM_DELROUTE, 0, r);
	rc = netlink_request(n, &q.header, q.what, &errnum, e);
	return errnum == ESRCH || errnum == ENODEV ? forgive(e) : rc;
}

struct path {
	struct ip_addr source;
	uint32_t ifindex;
};

static int take_path(void *arg, const struct nlmsghdr *answer)
{
	struct path *p = arg;
	struct attrs attrs;

	if (answer->nlmsg_type == RTM_NEWROUTE &&
	    parse_attrs(answer, sizeof(struct rtmsg), &attrs)) {
		p->source = attr_addr(&attrs, RTA_PREFSRC);
		(void)attr_u32(&attrs, RTA_OIF, &p->ifindex);
	}
	return 0;
}

int rtnl_source_for(struct netlink *n, const struct ip_addr *dst, struct ip_addr *src,
		    struct err_msg *e)
{
	int ignored;

	return rtnl_path_for(n, dst, src, &ignored, e);
}

int rtnl_path_for(struct netlink *n, const struct ip_addr *dst, struct ip_addr *src, int *ifindex,
		  struct err_msg *e)
{
	struct path found = {.source = {.family = IP_NONE}};
	char text[IP_TEXT_MAX];
	struct request q;
	struct rtmsg *route = begin(&q, RTM_GETROUTE, 0, sizeof(*route));
	int errnum = 0;
	int rc;

	ip_addr_text(dst, text, sizeof(text));
	route->rtm_family = af_of(dst);
	route->rtm_dst_len = (uint8_t)(ip_addr_len(dst) * 8);
	put_addr(&q, RTA_DST, dst);
	(void)snprintf(q.what, sizeof(q.what), "route towards %s", text);
	rc = netlink_query(n, &q.header, take_path, &found, q.what, &errnum, e);
	if (errnum == ENETUNREACH || errnum == EHOSTUNREACH || errnum == EACCES ||
	    (rc == 0 && !ip_addr_is_set(&found.source)))
		return err_set(e, ERR_NOT_FOUND, "no route towards %s", text);
	if (rc == 0) {
		*src = found.source;
		*ifindex = (int)found.ifindex;
	}
	return rc;
}

bool rtnl_is_own(const struct nlmsghdr *m, uint32_t link_group)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(m);
	struct attrs attrs;
	uint32_t group;

	switch (m->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		return parse_attrs(m, sizeof(struct ifinfomsg), &attrs) &&
		       attr_u32(&attrs, IFLA_GROUP, &group) && group == link_group;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return parse_attrs(m, sizeof(*route), &attrs) &&
		       route->rtm_protocol == RTNL_PROTOCOL_IKESH;
	default:
		return false;
	}
}
