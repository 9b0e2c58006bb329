/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traffic selectors of a Child SA as the kernel's: pairs of prefixes with protocol and ports. */
#ifndef DATAPLANE_XFRM_SELECTOR_H
#define DATAPLANE_XFRM_SELECTOR_H

#include "ikev2/ike.h"

#include <linux/xfrm.h>

#define XFRM_PAIRS_MAX 4096 /* of one Child SA */

/* Source is our side, destination the peer's; every octet is defined, so that memcmp compares. */
struct xfrm_pairs {
	size_t count;
	struct xfrm_selector items[];
};

/* Every local selector with every remote one of the same family and protocol.  *out is freed with
 * free().  ERR_RANGE: too many, ERR_UNSUPPORTED: by ICMP type, ERR_INVALID: nothing is left. */
int xfrm_pairs_new(const struct ike_ts_list *local, const struct ike_ts_list *remote,
		   struct xfrm_pairs **out, struct err_msg *e) WARN_UNUSED;

/* Any order; 0: the same packets. */
int xfrm_selector_compare(const struct xfrm_selector *a, const struct xfrm_selector *b);
/* The same for packets of the other direction. */
struct xfrm_selector xfrm_selector_turned(const struct xfrm_selector *s);
/* A copy whose unused octets are zero. */
struct xfrm_selector xfrm_selector_clean(const struct xfrm_selector *s);
/* All packets of the family (AF_INET, AF_INET6). */
struct xfrm_selector xfrm_selector_any(uint16_t family);
/* Smaller for selectors that match fewer packets; below 2048. */
uint32_t xfrm_selector_breadth(const struct xfrm_selector *s);

#endif
