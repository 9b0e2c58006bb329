/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shaping of what leaves by a site's device: HTB classes under one root.  Rates count the octets of
 * inner packets.
 *
 *   1: htb
 *   `-- 1:1 the site's cap
 *       |-- 1:10 packets without a tunnel's priority
 *       `-- 1:11 .. 1:16 tunnel of slot 1 .. 6, each with its last mile as cap
 *
 * A packet whose priority (SO_PRIORITY, nft meta priority) is SHAPE_PRIORITY + slot takes that
 * tunnel's class.
 */
#ifndef DATAPLANE_NET_SHAPE_H
#define DATAPLANE_NET_SHAPE_H

#include "dataplane/net/net.h"

struct netlink;

#define SHAPE_PRIORITY 0x00010010U

/* Give the device these caps.  fresh: it has no classes of ours yet; when there are some, rates
 * change in place and no packet is lost.  A cap that ends becomes unlimited. */
int shape_apply(struct netlink *n, int ifindex, bool fresh, const struct net_shape *want,
		struct err_msg *e) WARN_UNUSED;

#endif
