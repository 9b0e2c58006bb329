/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One policy of the kernel as plain values that compare, and the messages about it. */
#ifndef DATAPLANE_XFRM_RULE_H
#define DATAPLANE_XFRM_RULE_H

#include "platform/base/ip.h"

#include <linux/xfrm.h>

struct netlink_batch;
struct nlmsghdr;
union xfrm_request;

/* Our policies are known again by the upper half of their priority.  Within a band, the lower half
 * is the selector's breadth, so that a narrower selector wins. */
#define XFRM_PRIORITY_BASE  0x49530000U
#define XFRM_PRIORITY_MASK  0xffff0000U
#define XFRM_BAND_CHILD	    0x0000U /* in, forward; out by mark */
#define XFRM_BAND_DEFAULT   0x1000U /* out without a mark: the slot of most buckets */
#define XFRM_BAND_MULTICAST 0x2000U /* out: nothing that asks for a tunnel */
#define XFRM_BAND_TRAP	    0x3000U /* out: asks for a tunnel */

struct xfrm_rule {
	/* what the kernel tells policies apart by */
	uint32_t if_id;
	uint32_t mark; /* 0: any packet, otherwise those whose mark has this slot */
	uint32_t dir;  /* XFRM_POLICY_IN, _OUT, _FWD */
	struct xfrm_selector selector;
	/* what it does */
	bool block;
	uint32_t priority;
	uint32_t spi;		 /* of the state to use, host order; 0: any */
	uint32_t reqid;		 /* of the state to use; 0: any */
	struct ip_addr src, dst; /* outer addresses of the state to use; IP_NONE: any */
	uint32_t order;		 /* of the wish: the highest of equal ones wins */
	bool seen;		 /* scratch of an audit */
};

/* Order by what tells them apart. */
int xfrm_rule_compare(const struct xfrm_rule *a, const struct xfrm_rule *b);
/* Do they (with equal keys) do the same? */
bool xfrm_rule_equal(const struct xfrm_rule *a, const struct xfrm_rule *b);

void xfrm_rule_put(struct netlink_batch *b, const struct xfrm_rule *r); /* new, or replaces */
void xfrm_rule_put_delete(struct netlink_batch *b, const struct xfrm_rule *r);
/* Asks for all policies (to be sent as a dump). */
void xfrm_rule_request_all(union xfrm_request *q);
/* False when the message is no policy of ours. */
bool xfrm_rule_parse(const struct nlmsghdr *m, struct xfrm_rule *out);

#endif
