/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Traffic selectors that follow from a site's configuration (RFC 7296 section 2.9).  Our side is
 * the configured network ranges, the peer's side the native range and the site's networks.  Without
 * network ranges the site is route-based: everything on both sides, and routes decide.
 */
#include "dataplane/site/site_config.h"

static void add(struct ike_ts_list *l, const struct ip_range *r)
{
	for (size_t i = 0; i < l->count; i++) {
		if (ip_range_equal(&l->ts[i].range, r))
			return;
	}
	if (l->count < IKE_TS_MAX)
		l->ts[l->count++] = ike_ts_of_range(r);
}

static void add_networks(struct ike_ts_list *l, const struct site_network_list *n)
{
	for (size_t i = 0; i < n->count; i++)
		add(l, &n->items[i].range);
}

static void add_ranges(struct ike_ts_list *l, const struct site_range_list *r)
{
	for (size_t i = 0; i < r->count; i++)
		add(l, &r->items[i]);
}

static void add_site_networks(struct ike_ts_list *l, const struct site_config *c)
{
	if (ip_addr_is_set(&c->native_range.addr)) {
		struct ip_range native = ip_range_of_prefix(&c->native_range);

		add(l, &native);
	}
	add_networks(l, &c->networks);
}

static bool has_family(const struct ike_ts_list *l, enum ip_family family)
{
	for (size_t i = 0; i < l->count; i++) {
		if (l->ts[i].range.first.family == family)
			return true;
	}
	return false;
}

/* 0.0.0.0/0, and ::/0 when IPv6 is in use; IPv6 alone when IPv4 is not in use. */
static void add_any(struct ike_ts_list *l, bool v4, bool v6)
{
	struct ip_range any;

	if (v4 || !v6) {
		any = ip_range_any(IP_V4);
		add(l, &any);
	}
	if (v6) {
		any = ip_range_any(IP_V6);
		add(l, &any);
	}
}

void site_selectors(const struct site_config *c, struct ike_ts_list *local,
		    struct ike_ts_list *remote)
{
	bool route_based = c->network_ranges.count == 0;
	struct ike_ts_list behind_peer = {.count = 0};
	bool v6;

	local->count = 0;
	remote->count = 0;
	add_site_networks(&behind_peer, c);
	add_ranges(local, &c->ts_local);
	add_ranges(remote, &c->ts_peer);
	v6 = has_family(&behind_peer, IP_V6) || has_family(local, IP_V6) ||
	     has_family(remote, IP_V6);
	if (local->count == 0 && route_based)
		add_any(local, true, v6);
	else if (local->count == 0)
		add_networks(local, &c->network_ranges);
	if (remote->count == 0 && !route_based)
		*remote = behind_peer;
	if (remote->count == 0)
		add_any(remote, has_family(local, IP_V4), has_family(local, IP_V6));
}
