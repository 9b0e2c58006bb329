/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shaping of what leaves by a site's device: HTB classes under one root.  Rates count the octets of
 * inner packets.
 *
 *   1: htb
 *   `-- 1:1 the site's cap
 *       |-- 1:20 packets without a tunnel's mark
 *       `-- 1:21 .. 1:26 tunnel of slot 1 .. 6, each with its last mile as cap
 *
 * Each of these has a queue 1:10 + slot, and one 1:<band>10 + slot per band of network rules with a
 * QoS priority: what is to spare goes to the lowest band first, and packets of none come last.  A
 * packet's priority (SO_PRIORITY, nft meta priority) names its queue: shape_priority.
 */
#ifndef DATAPLANE_NET_SHAPE_H
#define DATAPLANE_NET_SHAPE_H

#include "dataplane/net/net.h"

struct netlink;

#define SHAPE_PRIORITY	 0x00010010U /* + slot */
#define SHAPE_BAND_SHIFT 8

static inline uint32_t shape_priority(unsigned slot, unsigned band)
{
	return SHAPE_PRIORITY + slot + (band << SHAPE_BAND_SHIFT);
}

/* Give the device these caps.  fresh: it has no classes of ours yet; when there are some, rates
 * change in place, queues are added, and no packet is lost.  A cap that ends becomes unlimited. */
int shape_apply(struct netlink *n, int ifindex, bool fresh, const struct net_shape *want,
		struct err_msg *e) WARN_UNUSED;

#endif
