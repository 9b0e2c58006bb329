/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links and routes of this network namespace over rtnetlink.  Removes only what is ours: routes
 * with our protocol number and devices named ips<number>.
 */
#include "dataplane/net/net.h"

#include "dataplane/net/nft.h"
#include "dataplane/net/shape.h"
#include "platform/base/list.h"
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_watch.h"
#include "platform/os/own.h"
#include "platform/os/rtnl.h"
#include "platform/os/sysctl.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE_LABEL OWN_ADDRESS_LABEL

struct net_kernel {
	struct net net;
	struct netlink *rt;
	struct nft *nft;	     /* NULL: there is none, or not yet */
	struct netlink_watch *watch; /* NULL: nobody wants to know */
	void (*changed)(void *arg);
	void *arg;
};

static struct net_kernel *self(struct net *n)
{
	return container_of(n, struct net_kernel, net);
}

static void kernel_free(struct net *n)
{
	struct err_msg e;

	/* Nobody is left to be told: the next run replaces the table and what is left. */
	(void)!rtnl_addr_delete_own(self(n)->rt, SERVICE_LABEL, NULL, 0, &e);
	(void)!rtnl_rules_set(self(n)->rt, NULL, 0, &e);
	if (nft_close(self(n)->nft, &e) != 0)
		self(n)->nft = NULL;
	netlink_watch_close(self(n)->watch);
	netlink_close(self(n)->rt);
	free(self(n));
}

static int kernel_link_prepare(struct net *n, int ifindex, struct err_msg *e)
{
	int r = rtnl_link_group(self(n)->rt, ifindex, NET_LINK_GROUP, e);

	if (r == 0)
		r = rtnl_link_no_autoaddress(self(n)->rt, ifindex, e);
	if (r != 0)
		return r;
	return rtnl_link_up(self(n)->rt, ifindex, true, 0, e);
}

static int kernel_links_delete(struct net *n, struct err_msg *e)
{
	return rtnl_link_delete_group(self(n)->rt, NET_LINK_GROUP, e);
}

static int kernel_address_add(struct net *n, int ifindex, const struct ip_addr *local,
			      const struct ip_addr *peer, struct err_msg *e)
{
	return rtnl_addr_add_peer(self(n)->rt, ifindex, local, peer, e);
}

static int kernel_address_delete(struct net *n, int ifindex, const struct ip_addr *local,
				 const struct ip_addr *peer, struct err_msg *e)
{
	return rtnl_addr_delete_peer(self(n)->rt, ifindex, local, peer, e);
}

static int kernel_shape(struct net *n, int ifindex, bool fresh, const struct net_shape *s,
			struct err_msg *e)
{
	return shape_apply(self(n)->rt, ifindex, fresh, s, e);
}

static int kernel_steer_open(struct net *n, const struct nft_options *o, struct err_msg *e)
{
	self(n)->nft = nft_open(o, e);
	return self(n)->nft == NULL ? ERR_SYSTEM : 0;
}

static void kernel_steer_site(struct net *n, uint32_t site, int ifindex,
			      const struct dp_steering *s, const struct dp_rule *rules,
			      size_t count)
{
	if (self(n)->nft != NULL)
		nft_site_set(self(n)->nft, site, ifindex, s, rules, count);
}

static void kernel_peer_hold(struct net *n, const struct ip_addr *peer)
{
	if (self(n)->nft != NULL)
		nft_peer_hold(self(n)->nft, peer);
}

static void kernel_peer_drop(struct net *n, const struct ip_addr *peer)
{
	if (self(n)->nft != NULL)
		nft_peer_drop(self(n)->nft, peer);
}

static uint64_t kernel_strangers_dropped(struct net *n)
{
	return self(n)->nft == NULL ? 0 : nft_strangers_dropped(self(n)->nft);
}

static void kernel_steer_forget(struct net *n, uint32_t site)
{
	if (self(n)->nft != NULL)
		nft_site_remove(self(n)->nft, site);
}

static void kernel_steer_rules(struct net *n, const struct dp_rule *rules, size_t count)
{
	if (self(n)->nft != NULL)
		nft_rules_set(self(n)->nft, rules, count);
}

static void kernel_classes(struct net *n, const struct net_class *classes, size_t count)
{
	if (self(n)->nft != NULL)
		nft_classes_set(self(n)->nft, classes, count);
}

static void kernel_accounts(struct net *n, const struct net_account *sites, size_t count,
			    const struct net_reach *reach, size_t reach_count)
{
	if (self(n)->nft != NULL)
		nft_accounts_set(self(n)->nft, sites, count, reach, reach_count);
}

static void kernel_clear_df(struct net *n, const uint32_t *sites, size_t count)
{
	if (self(n)->nft != NULL)
		nft_df_set(self(n)->nft, sites, count);
}

/* Answers that the kernel makes by itself go where the question came from, and a packet is not
 * taken for a forged one because the main table does not know its sender. */
static int follow_marks(struct err_msg *e)
{
	static const char *const names[] = {"net.ipv4.fwmark_reflect", "net.ipv4.tcp_fwmark_accept",
					    "net.ipv4.conf.all.src_valid_mark"};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(names) && r == 0; i++)
		r = sysctl_set(names[i], 1, e);
	return r;
}

static int kernel_tables(struct net *n, const uint32_t *numbers, size_t count, struct err_msg *e)
{
	int r = rtnl_rules_set(self(n)->rt, numbers, count, e);

	return r == 0 && count != 0 ? follow_marks(e) : r;
}

static uint32_t kernel_table_id(uint32_t number)
{
	return RTNL_TABLE_FIRST + number;
}

static int kernel_can_separate(struct net *n, struct err_msg *e)
{
	return rtnl_rules_probe(self(n)->rt, e);
}

static int kernel_services(struct net *n, const struct ip_addr *list, size_t count,
			   struct err_msg *e)
{
	int r = rtnl_addr_delete_own(self(n)->rt, SERVICE_LABEL, list, count, e);

	if (self(n)->nft != NULL) /* closed to others before it is there */
		nft_services_set(self(n)->nft, list, count);
	if (r >= 0)
		r = self(n)->nft == NULL ? 0 : nft_commit(self(n)->nft, e);
	for (size_t i = 0; i < count && r == 0; i++)
		r = rtnl_addr_add_own(self(n)->rt, &list[i], SERVICE_LABEL, e);
	return r;
}

static int kernel_steer_commit(struct net *n, struct err_msg *e)
{
	return self(n)->nft == NULL ? 0 : nft_commit(self(n)->nft, e);
}

static bool kernel_steer_audit(struct net *n)
{
	return self(n)->nft == NULL || nft_audit(self(n)->nft);
}

static uint64_t kernel_rule_hits(struct net *n, uint32_t number)
{
	return self(n)->nft == NULL ? 0 : nft_rule_hits(self(n)->nft, number);
}

static struct rtnl_route to_rtnl(const struct net_route *r)
{
	return (struct rtnl_route){.dst = r->dst,
				   .ifindex = r->ifindex,
				   .table = r->table == 0 ? 0 : RTNL_TABLE_FIRST + r->table};
}

static int kernel_route_add(struct net *n, const struct net_route *r, struct err_msg *e)
{
	struct rtnl_route route = to_rtnl(r);

	return rtnl_route_add(self(n)->rt, &route, e);
}

static int kernel_route_delete(struct net *n, const struct net_route *r, struct err_msg *e)
{
	struct rtnl_route route = to_rtnl(r);

	return rtnl_route_delete(self(n)->rt, &route, e);
}

struct dump {
	void (*fn)(void *arg, const struct net_route *r);
	void *arg;
};

static void hand_on(void *arg, const struct rtnl_route *r)
{
	const struct dump *d = arg;
	const struct net_route route = {.dst = r->dst,
					.ifindex = r->ifindex,
					.table = r->table == 0 ? 0 : r->table - RTNL_TABLE_FIRST};

	d->fn(d->arg, &route);
}

static int kernel_route_dump(struct net *n, void (*fn)(void *arg, const struct net_route *r),
			     void *arg, struct err_msg *e)
{
	struct dump d = {.fn = fn, .arg = arg};

	return rtnl_route_dump(self(n)->rt, hand_on, &d, e);
}

struct address_search {
	const struct ip_addr *wanted;
	bool found;
};

static void match_address(void *arg, int ifindex, const struct ip_prefix *p)
{
	struct address_search *s = arg;

	(void)ifindex;
	if (ip_addr_equal(&p->addr, s->wanted))
		s->found = true;
}

static bool kernel_owns_address(struct net *n, const struct ip_addr *a)
{
	struct address_search s = {.wanted = a};
	struct err_msg e;

	return rtnl_addr_dump(self(n)->rt, match_address, &s, &e) == 0 && s.found;
}

static int kernel_source_for(struct net *n, const struct ip_addr *dst, struct ip_addr *source,
			     struct err_msg *e)
{
	return rtnl_source_for(self(n)->rt, dst, source, e);
}

static void on_lost(void *arg)
{
	struct net_kernel *k = arg;

	k->changed(k->arg);
}

static void on_message(void *arg, const struct nlmsghdr *m)
{
	if (!rtnl_is_own(m, NET_LINK_GROUP))
		on_lost(arg);
}

static int kernel_watch(struct net *n, struct loop *loop, void (*changed)(void *arg), void *arg,
			struct err_msg *e)
{
	/* a device that goes down takes its routes with it, without a word about them */
	static const unsigned groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
					  RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE};
	struct net_kernel *k = self(n);
	struct netlink_watch_callbacks callbacks = {.arg = k,
						    .on_message = on_message,
						    .on_lost = on_lost};

	k->changed = changed;
	k->arg = arg;
	k->watch =
		netlink_watch_open(loop, NETLINK_ROUTE, groups, ARRAY_LEN(groups), &callbacks, e);
	return k->watch == NULL ? ERR_SYSTEM : 0;
}

struct stale_routes {
	struct rtnl_route *routes;
	size_t count;
};

static void collect_route(void *arg, const struct rtnl_route *r)
{
	struct stale_routes *s = arg;

	s->routes = mem_realloc_array(s->routes, s->count + 1, sizeof(*s->routes));
	s->routes[s->count++] = *r;
}

static void clean_routes(struct net_kernel *k, const struct log *log)
{
	struct stale_routes s = {.count = 0};
	struct err_msg e = {.text = ""};

	if (rtnl_route_dump(k->rt, collect_route, &s, &e) != 0)
		log_line(log, LOG_LVL_WARNING, LOG_NET, "stale routes: %s", e.text);
	for (size_t i = 0; i < s.count; i++) {
		if (rtnl_route_delete(k->rt, &s.routes[i], &e) != 0)
			log_line(log, LOG_LVL_WARNING, LOG_NET, "stale route: %s", e.text);
	}
	if (s.count > 0)
		log_line(log, LOG_LVL_INFO, LOG_NET, "%zu routes of an earlier run removed",
			 s.count);
	free(s.routes);
}

static bool is_site_device(const char *name)
{
	return strncmp(name, "ips", 3) == 0 && name[3] != '\0' &&
	       strspn(name + 3, "0123456789") == strlen(name + 3);
}

static void clean_devices(struct net_kernel *k, bool (*stays)(void *arg, uint32_t site), void *arg,
			  const struct log *log)
{
	struct if_nameindex *all = if_nameindex();
	struct err_msg e = {.text = ""};

	for (struct if_nameindex *i = all; i != NULL && i->if_index != 0; i++) {
		if (!is_site_device(i->if_name) ||
		    (stays != NULL && stays(arg, (uint32_t)strtoul(i->if_name + 3, NULL, 10))))
			continue;
		if (rtnl_link_delete(k->rt, (int)i->if_index, &e) != 0)
			log_line(log, LOG_LVL_WARNING, LOG_NET, "stale device %s: %s", i->if_name,
				 e.text);
		else
			log_line(log, LOG_LVL_INFO, LOG_NET, "device %s of an earlier run removed",
				 i->if_name);
	}
	if (all != NULL)
		if_freenameindex(all);
}

static void kernel_clean(struct net *n, bool (*stays)(void *arg, uint32_t site), void *arg,
			 const struct log *log)
{
	struct err_msg e = {.text = ""};

	if (stays == NULL) {
		clean_routes(self(n), log);
		(void)!rtnl_rules_set(self(n)->rt, NULL, 0, &e);
	}
	clean_devices(self(n), stays, arg, log);
	if (stays == NULL && rtnl_addr_delete_own(self(n)->rt, SERVICE_LABEL, NULL, 0, &e) < 0)
		log_line(log, LOG_LVL_WARNING, LOG_NET, "stale service addresses: %s", e.text);
}

static int kernel_forward(struct net *n, const struct log *log, struct err_msg *e)
{
	const char *name = OWN_FORWARDING_SETTING;
	long value = 0;
	int r = sysctl_get(name, &value, e);

	(void)n;
	if (r != 0 || value != 0)
		return r;
	r = sysctl_set(name, 1, e);
	if (r == 0)
		log_line(log, LOG_LVL_NOTICE, LOG_NET, "%s was 0 and is 1 now", name);
	return r;
}

static const struct net_ops kernel_ops = {
	.free = kernel_free,
	.link_prepare = kernel_link_prepare,
	.links_delete = kernel_links_delete,
	.address_add = kernel_address_add,
	.address_delete = kernel_address_delete,
	.shape = kernel_shape,
	.steer_open = kernel_steer_open,
	.steer_site = kernel_steer_site,
	.steer_forget = kernel_steer_forget,
	.peer_hold = kernel_peer_hold,
	.peer_drop = kernel_peer_drop,
	.strangers_dropped = kernel_strangers_dropped,
	.steer_rules = kernel_steer_rules,
	.classes = kernel_classes,
	.accounts = kernel_accounts,
	.clear_df = kernel_clear_df,
	.tables = kernel_tables,
	.table_id = kernel_table_id,
	.can_separate = kernel_can_separate,
	.services = kernel_services,
	.steer_commit = kernel_steer_commit,
	.steer_audit = kernel_steer_audit,
	.rule_hits = kernel_rule_hits,
	.route_add = kernel_route_add,
	.route_delete = kernel_route_delete,
	.route_dump = kernel_route_dump,
	.owns_address = kernel_owns_address,
	.source_for = kernel_source_for,
	.watch = kernel_watch,
	.forward = kernel_forward,
	.clean = kernel_clean,
};

struct net *net_kernel_new(struct err_msg *e)
{
	struct netlink *rt = netlink_open(NETLINK_ROUTE, e);
	struct net_kernel *k;

	if (rt == NULL)
		return NULL;
	k = mem_zalloc(sizeof(*k));
	k->net.ops = &kernel_ops;
	k->rt = rt;
	return &k->net;
}
