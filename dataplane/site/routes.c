/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Route claims and their way into the kernel.  Owns the table of wanted prefixes; remembers which
 * device each one points to in the kernel, so that equal wishes cause no system call.
 */
#include "dataplane/site/routes.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Unused octets are zero. */
struct route_key {
	struct ip_prefix dst;
	uint32_t table;
};

struct route {
	struct map_node node; /* key: key */
	struct route_key key;
	struct list claims;  /* by site, lowest first */
	struct list pending; /* in routes.pending */
	int installed;	     /* ifindex in the kernel, 0: none */
	int seen;	     /* the same in the audit under way */
	bool error_said;
};

struct claim {
	struct list in_route;
	struct list in_site;
	struct route *route;
	uint32_t site;
	int ifindex;
	bool wanted;
};

void routes_init(struct routes *r, struct net *net,
		 void (*on_error)(void *arg, uint32_t site, const char *text), void *arg)
{
	r->net = net;
	map_init(&r->by_prefix, NULL);
	list_init(&r->pending);
	r->on_error = on_error;
	r->arg = arg;
}

static void route_free(struct routes *r, struct route *route)
{
	list_remove(&route->pending);
	map_remove(&r->by_prefix, &route->node);
	free(route);
}

void routes_clear(struct routes *r)
{
	while (!list_is_empty(&r->pending))
		route_free(r, container_of(r->pending.next, struct route, pending));
	map_clear(&r->by_prefix);
}

static struct route *find_route(const struct routes *r, const struct ip_prefix *dst, uint32_t table,
				struct route_key *key)
{
	struct map_node *node;

	memset(key, 0, sizeof(*key));
	key->dst = *dst;
	key->table = table;
	node = map_find(&r->by_prefix, key, sizeof(*key));
	return node == NULL ? NULL : container_of(node, struct route, node);
}

static struct route *route_get(struct routes *r, const struct ip_prefix *dst, uint32_t table)
{
	struct route_key key;
	struct route *route = find_route(r, dst, table, &key);

	if (route != NULL)
		return route;
	route = mem_zalloc(sizeof(*route));
	route->key = key;
	list_init(&route->claims);
	list_init(&route->pending);
	map_insert(&r->by_prefix, &route->node, &route->key, sizeof(route->key));
	return route;
}

static const struct claim *holder(const struct route *route)
{
	return list_is_empty(&route->claims)
		       ? NULL
		       : container_of(route->claims.next, struct claim, in_route);
}

static int bring_about(struct routes *r, struct route *route, int wanted, struct err_msg *e)
{
	struct net_route kernel = {.dst = route->key.dst,
				   .ifindex = wanted,
				   .table = route->key.table};

	if (wanted != 0)
		return r->net->ops->route_add(r->net, &kernel, e);
	kernel.ifindex = route->installed;
	return r->net->ops->route_delete(r->net, &kernel, e);
}

/* Returns true when the route is as wanted; it may be freed then. */
static bool sync(struct routes *r, struct route *route)
{
	const struct claim *c = holder(route);
	int wanted = c == NULL ? 0 : c->ifindex;
	struct err_msg e = {.text = ""};

	if (wanted != route->installed && bring_about(r, route, wanted, &e) != 0) {
		if (!route->error_said)
			r->on_error(r->arg, c == NULL ? 0 : c->site, e.text);
		route->error_said = true;
		if (list_is_empty(&route->pending))
			list_append(&r->pending, &route->pending);
		return false;
	}
	route->installed = wanted;
	route->error_said = false;
	list_remove(&route->pending);
	if (c == NULL)
		route_free(r, route);
	return true;
}

static void insert_by_site(struct route *route, struct claim *c)
{
	struct list *node = route->claims.next;

	while (node != &route->claims && container_of(node, struct claim, in_route)->site < c->site)
		node = node->next;
	list_append(node, &c->in_route);
}

static struct claim *find_claim(struct list *claims, const struct route *route)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, claims)
	{
		struct claim *c = container_of(node, struct claim, in_site);

		if (c->route == route)
			return c;
	}
	return NULL;
}

static void claim_add(struct routes *r, struct list *claims, uint32_t site, int ifindex,
		      const struct ip_prefix *dst, uint32_t table)
{
	struct route *route = route_get(r, dst, table);
	struct claim *c = find_claim(claims, route);

	if (c == NULL) {
		c = mem_zalloc(sizeof(*c));
		c->route = route;
		c->site = site;
		insert_by_site(route, c);
		list_append(claims, &c->in_site);
	}
	c->ifindex = ifindex;
	c->wanted = true;
	sync(r, route);
}

void routes_claim(struct routes *r, struct list *claims, uint32_t site, int ifindex,
		  const struct ip_prefix *prefixes, size_t count, const struct routes_where *where)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, claims) container_of(node, struct claim, in_site)->wanted =
		false;
	for (size_t i = 0; i < count; i++) {
		if (where->main)
			claim_add(r, claims, site, ifindex, &prefixes[i], 0);
		if (where->table != 0)
			claim_add(r, claims, site, ifindex, &prefixes[i], where->table);
	}
	list_for_each(node, after, claims)
	{
		struct claim *c = container_of(node, struct claim, in_site);
		struct route *route = c->route;

		if (c->wanted)
			continue;
		list_remove(&c->in_site);
		list_remove(&c->in_route);
		free(c);
		sync(r, route);
	}
}

bool routes_retry(struct routes *r)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &r->pending) sync(r, container_of(node, struct route, pending));
	return list_is_empty(&r->pending);
}

static void see(void *arg, const struct net_route *found)
{
	struct routes *r = arg;
	struct route_key key;
	struct route *route = find_route(r, &found->dst, found->table, &key);
	struct err_msg e;

	if (route != NULL)
		route->seen = found->ifindex;
	else
		(void)r->net->ops->route_delete(r->net, found, &e); /* the next audit sees it */
}

static void adopt(void *arg, const struct net_route *found)
{
	route_get(arg, &found->dst, found->table)->installed = found->ifindex;
}

void routes_adopt(struct routes *r)
{
	struct err_msg e;

	(void)!r->net->ops->route_dump(r->net, adopt, r, &e);
}

bool routes_audit(struct routes *r)
{
	struct list *node;
	struct list *after;
	struct err_msg e;

	list_for_each(node, after, &r->by_prefix.order)
		container_of(container_of(node, struct map_node, order), struct route, node)
			->seen = 0;
	if (r->net->ops->route_dump(r->net, see, r, &e) != 0)
		return list_is_empty(&r->pending);
	list_for_each(node, after, &r->by_prefix.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		struct route *route = container_of(m, struct route, node);

		route->installed = route->seen;
		sync(r, route);
	}
	return list_is_empty(&r->pending);
}

static void add_range(struct ip_range *ranges, size_t *count, const struct ip_range *range)
{
	if (!ip_range_is_any(range))
		ranges[(*count)++] = *range;
}

static bool replaces_networks(const struct site_range_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (ip_range_is_any(&l->items[i]))
			return false;
	}
	return l->count > 0;
}

struct ip_range *routes_ranges_of_site(const struct site_config *c, size_t *count)
{
	struct ip_range *r = mem_calloc(c->ts_peer.count + c->networks.count + 1, sizeof(*r));

	*count = 0;
	if (replaces_networks(&c->ts_peer)) {
		for (size_t i = 0; i < c->ts_peer.count; i++)
			add_range(r, count, &c->ts_peer.items[i]);
		return r;
	}
	if (ip_addr_is_set(&c->native_range.addr)) {
		struct ip_range native = ip_range_of_prefix(&c->native_range);

		add_range(r, count, &native);
	}
	for (size_t i = 0; i < c->networks.count; i++)
		add_range(r, count, &c->networks.items[i].range);
	return r;
}

struct ip_prefix *routes_of_site(const struct site_config *c, size_t *count)
{
	size_t ranges;
	struct ip_range *r = routes_ranges_of_site(c, &ranges);
	struct ip_prefix *p = NULL;

	*count = 0;
	for (size_t i = 0; i < ranges; i++) {
		size_t n = ip_range_prefixes(&r[i], NULL, 0);

		p = mem_realloc_array(p, *count + n, sizeof(*p));
		ip_range_prefixes(&r[i], p + *count, n);
		*count += n;
	}
	free(r);
	return p;
}
