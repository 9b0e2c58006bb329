/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The BGP settings of a site as a value: defaults, copy, comparison.  Owns password and ranges. */
#include "dataplane/site/site_config.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define KEEPALIVE_S    20
#define HOLD_S	       60
#define MAXIMUM_PREFIX 1000

void site_bgp_init(struct site_bgp *b)
{
	*b = (struct site_bgp){.keepalive_s = KEEPALIVE_S,
			       .hold_s = HOLD_S,
			       .maximum_prefix = MAXIMUM_PREFIX};
}

void site_bgp_clear(struct site_bgp *b)
{
	free(b->advertise.items);
	site_psk_clear(&b->password);
	site_bgp_init(b);
}

void site_bgp_copy(struct site_bgp *dst, const struct site_bgp *src)
{
	*dst = *src;
	dst->advertise.items =
		mem_dup(src->advertise.items, src->advertise.count * sizeof(*src->advertise.items));
	site_psk_copy(&dst->password, &src->password);
}

bool site_bgp_equal(const struct site_bgp *a, const struct site_bgp *b)
{
	return a->enabled == b->enabled && a->local_as == b->local_as && a->peer_as == b->peer_as &&
	       a->keepalive_s == b->keepalive_s && a->hold_s == b->hold_s &&
	       a->maximum_prefix == b->maximum_prefix &&
	       site_range_lists_equal(&a->advertise, &b->advertise) &&
	       site_psk_equal(&a->password, &b->password);
}
