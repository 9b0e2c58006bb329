/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matching packets against network rules.  Pure. */
#include "dataplane/net_match.h"

static bool range_fits(const struct ip_range *r, const struct ip_addr *a)
{
	return r->first.family == IP_NONE || ip_range_contains(r, a);
}

static bool ports_fit(const struct net_ports *p, bool has_ports, uint16_t port)
{
	return !p->set || (has_ports && port >= p->first && port <= p->last);
}

bool net_match_packet(const struct net_match *m, const struct net_packet *p)
{
	return range_fits(&m->source, &p->source) && range_fits(&m->destination, &p->destination) &&
	       (!m->has_protocol || m->protocol == p->protocol) &&
	       ports_fit(&m->source_port, p->has_ports, p->source_port) &&
	       ports_fit(&m->destination_port, p->has_ports, p->destination_port) &&
	       (!m->has_dscp || m->dscp == p->dscp);
}

static bool ranges_equal(const struct ip_range *a, const struct ip_range *b)
{
	if (a->first.family == IP_NONE || b->first.family == IP_NONE)
		return a->first.family == b->first.family;
	return ip_range_equal(a, b);
}

static bool ports_equal(const struct net_ports *a, const struct net_ports *b)
{
	return a->set == b->set && (!a->set || (a->first == b->first && a->last == b->last));
}

bool net_match_equal(const struct net_match *a, const struct net_match *b)
{
	return ranges_equal(&a->source, &b->source) &&
	       ranges_equal(&a->destination, &b->destination) &&
	       a->has_protocol == b->has_protocol &&
	       (!a->has_protocol || a->protocol == b->protocol) &&
	       ports_equal(&a->source_port, &b->source_port) &&
	       ports_equal(&a->destination_port, &b->destination_port) &&
	       a->has_dscp == b->has_dscp && (!a->has_dscp || a->dscp == b->dscp);
}
