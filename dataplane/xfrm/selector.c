/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ranges of addresses and ports become prefixes and masked ports, since the kernel compares bits
 * (RFC 4301 section 4.4.1 has ranges).  OPAQUE ports are those that the kernel sees as 0.
 */
#include "dataplane/xfrm/selector.h"

#include "dataplane/xfrm/address.h"
#include "platform/base/mem.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define SIDE_MAX     1024 /* parts of one side */
#define PREFIXES_MAX 256  /* of one range: at most 254 for IPv6 */
#define PORTS_MAX    32	  /* masked ports of one range: at most 30 */

struct port_mask {
	uint16_t port, mask;
};

/* A selector of one side that the kernel can compare. */
struct part {
	struct ip_prefix prefix;
	struct port_mask port;
	uint8_t protocol;
};

struct side {
	size_t count;
	struct part parts[SIDE_MAX];
};

static size_t split_ports(uint16_t first, uint16_t last, struct port_mask out[PORTS_MAX])
{
	uint32_t at = first;
	size_t count = 0;

	if (first > last) { /* OPAQUE, RFC 7296 section 3.13.1 */
		out[0] = (struct port_mask){.port = 0, .mask = UINT16_MAX};
		return 1;
	}
	while (at <= last && count < PORTS_MAX) {
		uint32_t size = at == 0 ? 0x10000 : at & (~at + 1);

		while (at + size - 1 > last)
			size /= 2;
		out[count++] =
			(struct port_mask){.port = (uint16_t)at, .mask = (uint16_t) ~(size - 1)};
		at += size;
	}
	return count;
}

static bool is_icmp(uint8_t protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

static int split_ts(const struct ike_ts *ts, struct side *side, struct err_msg *e)
{
	struct ip_prefix prefixes[PREFIXES_MAX];
	struct port_mask ports[PORTS_MAX];
	size_t prefix_count = ip_range_prefixes(&ts->range, prefixes, PREFIXES_MAX);
	size_t port_count = split_ports(ts->port_first, ts->port_last, ports);

	if (is_icmp(ts->protocol) && ports[0].mask != 0)
		return err_set(e, ERR_UNSUPPORTED,
			       "traffic selector by ICMP type: not possible in the kernel");
	if (prefix_count > PREFIXES_MAX || side->count + prefix_count * port_count > SIDE_MAX)
		return err_set(e, ERR_RANGE, "traffic selectors: more than %d prefixes on a side",
			       SIDE_MAX);
	for (size_t i = 0; i < prefix_count; i++) {
		for (size_t k = 0; k < port_count; k++)
			side->parts[side->count++] = (struct part){.prefix = prefixes[i],
								   .port = ports[k],
								   .protocol = ts->protocol};
	}
	return 0;
}

static int split_list(const struct ike_ts_list *list, struct side *side, struct err_msg *e)
{
	int rc = 0;

	for (uint16_t i = 0; i < list->count && i < IKE_TS_MAX && rc == 0; i++)
		rc = split_ts(&list->ts[i], side, e);
	return rc;
}

/* False when no packet can match both. */
static bool join(const struct part *local, const struct part *remote, struct xfrm_selector *out)
{
	if (local->prefix.addr.family != remote->prefix.addr.family ||
	    (local->protocol != 0 && remote->protocol != 0 && local->protocol != remote->protocol))
		return false;
	memset(out, 0, sizeof(*out));
	out->family = xfrm_address_family(&local->prefix.addr);
	out->saddr = xfrm_address_of(&local->prefix.addr);
	out->prefixlen_s = local->prefix.len;
	out->daddr = xfrm_address_of(&remote->prefix.addr);
	out->prefixlen_d = remote->prefix.len;
	out->proto = local->protocol != 0 ? local->protocol : remote->protocol;
	out->sport = htons(local->port.port);
	out->sport_mask = htons(local->port.mask);
	out->dport = htons(remote->port.port);
	out->dport_mask = htons(remote->port.mask);
	return true;
}

static int join_sides(const struct side *local, const struct side *remote, struct xfrm_pairs **out,
		      struct err_msg *e)
{
	struct xfrm_pairs *pairs = NULL;
	struct xfrm_selector s;
	size_t count = 0;

	for (size_t i = 0; i < local->count; i++) {
		for (size_t k = 0; k < remote->count; k++)
			count += join(&local->parts[i], &remote->parts[k], &s);
	}
	if (count == 0)
		return err_set(e, ERR_INVALID, "traffic selectors: no packet can match");
	if (count > XFRM_PAIRS_MAX)
		return err_set(e, ERR_RANGE,
			       "traffic selectors: %zu pairs, at most %d are possible", count,
			       XFRM_PAIRS_MAX);
	pairs = mem_zalloc(sizeof(*pairs) + count * sizeof(pairs->items[0]));
	for (size_t i = 0; i < local->count; i++) {
		for (size_t k = 0; k < remote->count; k++) {
			if (join(&local->parts[i], &remote->parts[k], &pairs->items[pairs->count]))
				pairs->count++;
		}
	}
	*out = pairs;
	return 0;
}

int xfrm_pairs_new(const struct ike_ts_list *local, const struct ike_ts_list *remote,
		   struct xfrm_pairs **out, struct err_msg *e)
{
	struct side *sides = mem_calloc(2, sizeof(*sides));
	int rc = split_list(local, &sides[0], e);

	if (rc == 0)
		rc = split_list(remote, &sides[1], e);
	if (rc == 0)
		rc = join_sides(&sides[0], &sides[1], out, e);
	free(sides);
	return rc;
}

int xfrm_selector_compare(const struct xfrm_selector *a, const struct xfrm_selector *b)
{
	const uint32_t x[] = {a->family, a->prefixlen_d, a->prefixlen_s,
			      a->proto,	 a->dport,	 a->dport_mask,
			      a->sport,	 a->sport_mask,	 (uint32_t)a->ifindex,
			      a->user};
	const uint32_t y[] = {b->family, b->prefixlen_d, b->prefixlen_s,
			      b->proto,	 b->dport,	 b->dport_mask,
			      b->sport,	 b->sport_mask,	 (uint32_t)b->ifindex,
			      b->user};
	int c = memcmp(a->daddr.a6, b->daddr.a6, sizeof(a->daddr.a6));

	if (c == 0)
		c = memcmp(a->saddr.a6, b->saddr.a6, sizeof(a->saddr.a6));
	return c == 0 ? memcmp(x, y, sizeof(x)) : c;
}

struct xfrm_selector xfrm_selector_clean(const struct xfrm_selector *s)
{
	struct xfrm_selector out;

	memset(&out, 0, sizeof(out));
	out.daddr = s->daddr;
	out.saddr = s->saddr;
	out.dport = s->dport;
	out.dport_mask = s->dport_mask;
	out.sport = s->sport;
	out.sport_mask = s->sport_mask;
	out.family = s->family;
	out.prefixlen_d = s->prefixlen_d;
	out.prefixlen_s = s->prefixlen_s;
	out.proto = s->proto;
	out.ifindex = s->ifindex;
	out.user = s->user;
	return out;
}

struct xfrm_selector xfrm_selector_turned(const struct xfrm_selector *s)
{
	struct xfrm_selector out = xfrm_selector_clean(s);

	out.daddr = s->saddr;
	out.saddr = s->daddr;
	out.dport = s->sport;
	out.dport_mask = s->sport_mask;
	out.sport = s->dport;
	out.sport_mask = s->dport_mask;
	out.prefixlen_d = s->prefixlen_s;
	out.prefixlen_s = s->prefixlen_d;
	return out;
}

struct xfrm_selector xfrm_selector_any(uint16_t family)
{
	struct xfrm_selector out;

	memset(&out, 0, sizeof(out));
	out.family = family;
	return out;
}

uint32_t xfrm_selector_breadth(const struct xfrm_selector *s)
{
	uint32_t bits = s->family == AF_INET6 ? 128 : 32;
	uint32_t open = 2 * bits - s->prefixlen_s - s->prefixlen_d;

	return open * 4 + (s->proto == 0 ? 2 : 0) +
	       (s->sport_mask == 0 && s->dport_mask == 0 ? 1 : 0);
}
