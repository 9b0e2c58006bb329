/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sites: one xfrm interface each, its if_id, and the steering from which policies follow. */
#include "dataplane/xfrm/plane.h"

#include "platform/base/mem.h"
#include "platform/os/rtnl.h"

#include <stdlib.h>
#include <string.h>

static struct xfrm_site *site_new(uint32_t index)
{
	struct xfrm_site *s = mem_zalloc(sizeof(*s));

	s->index = index;
	s->mtu = XFRM_DEVICE_MTU;
	list_init(&s->children);
	list_init(&s->rearmed);
	return s;
}

int xfrm_site_add(struct dataplane *dp, uint32_t site, struct err_msg *e)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_site *s;
	int rc;

	if (site < 1 || site > XFRM_SITE_MAX)
		return err_set(e, ERR_RANGE, "site %u: allowed are 1 to %u", site, XFRM_SITE_MAX);
	if (xfrm_find_site(p, site) != NULL)
		return err_set(e, ERR_EXISTS, "device ips%u is already there", site);
	s = site_new(site);
	rc = xfrm_device_add(p, s, e);
	if (rc != 0) {
		free(s);
		return rc;
	}
	(void)map_insert(&p->sites, &s->by_index, &s->index, sizeof(s->index));
	return 0;
}

void xfrm_site_remove(struct dataplane *dp, uint32_t site)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_site *s = xfrm_find_site(p, site);

	if (s == NULL)
		return;
	memset(&s->steering, 0, sizeof(s->steering));
	s->steered = true;
	xfrm_children_remove(p, s);
	xfrm_device_remove(p, s);
	map_remove(&p->sites, &s->by_index);
	list_remove(&s->rearmed);
	xfrm_rules_clear(&s->rules);
	free(s);
}

int xfrm_site_carrier(struct dataplane *dp, uint32_t site, bool on, struct err_msg *e)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_site *s = xfrm_find_site(p, site);
	int rc;

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	s->carrier = on;
	s->carrier_known = true;
	rc = rtnl_link_up(p->links, s->ifindex, on, 0, e);
	if (rc != 0)
		xfrm_audit_soon(p); /* somebody may have deleted the device */
	return rc;
}

int xfrm_site_steer(struct dataplane *dp, uint32_t site, const struct dp_steering *steering,
		    struct err_msg *e)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_site *s = xfrm_find_site(p, site);
	int rc;

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	for (size_t i = 0; i < DP_BUCKETS; i++) {
		if (steering->bucket_slot[i] > DP_SLOTS)
			return err_set(e, ERR_RANGE, "site %u: bucket %zu: slots are 1 to %d", site,
				       i, DP_SLOTS);
	}
	s->steering = *steering;
	s->steered = true;
	rc = xfrm_rules_apply(p, s, e);
	if (rc != 0)
		xfrm_audit_soon(p);
	return rc;
}

int xfrm_site_ifindex(struct dataplane *dp, uint32_t site)
{
	struct xfrm_site *s = xfrm_find_site(xfrm_plane_of(dp), site);

	return s == NULL ? ERR_NOT_FOUND : s->ifindex;
}
