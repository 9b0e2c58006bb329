/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MTU of the sites' devices: what fits the paths of all tunnels that may send, as the kernel knows
 * them (RFC 4301 section 8.2).  What a path takes less for a while is the kernel's own business.
 */
#include "dataplane/esp/packet.h"
#include "dataplane/xfrm/plane.h"
#include "platform/os/path_mtu.h"
#include "platform/os/rtnl.h"

#define AT_ONCE 512  /* Child SAs; a look takes some microseconds */
#define MTU_MIN 1280 /* of IPv6, RFC 8200 section 5 */

/* 0: none may send. */
static size_t least_of(const struct xfrm_site *s)
{
	const struct list *node;
	size_t least = 0;

	for (node = s->children.next; node != &s->children; node = node->next) {
		const struct xfrm_child *c = container_of(node, struct xfrm_child, of_site);
		size_t fits = esp_inner_mtu(&c->transform, (enum ip_family)c->remote.addr.family,
					    c->udp_encap, c->path_mtu);

		if (c->outbound && !c->broken && (least == 0 || fits < least))
			least = fits;
	}
	return least;
}

static void follow(struct xfrm_plane *p, struct xfrm_site *s)
{
	uint32_t mtu = (uint32_t)least_of(s);
	struct err_msg e = {.text = ""};

	if (mtu == 0)
		return;
	if (mtu < MTU_MIN)
		mtu = MTU_MIN;
	if (mtu == s->mtu)
		return;
	if (rtnl_link_mtu(p->links, s->ifindex, mtu, &e) == 0)
		s->mtu = mtu;
	else
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "device ips%u: MTU %u: %s", s->index,
			 mtu, e.text);
}

/* A rekey is no reason to ask: the moment at which packets change over comes sooner. */
static const struct xfrm_child *find_same_path(const struct xfrm_child *c)
{
	const struct list *node;

	for (node = c->site->children.next; node != &c->site->children; node = node->next) {
		const struct xfrm_child *other = container_of(node, struct xfrm_child, of_site);

		if (other != c && ip_addr_equal(&other->local.addr, &c->local.addr) &&
		    ip_addr_equal(&other->remote.addr, &c->remote.addr))
			return other;
	}
	return NULL;
}

void xfrm_mtu_begin(struct xfrm_plane *p, struct xfrm_child *c)
{
	const struct xfrm_child *same = find_same_path(c);

	if (same == NULL) {
		xfrm_mtu_look(p, c);
		return;
	}
	c->path_mtu = same->path_mtu;
	follow(p, c->site);
}

void xfrm_mtu_look(struct xfrm_plane *p, struct xfrm_child *c)
{
	uint32_t mtu;

	/* More than Ethernet takes is no promise for a whole path. */
	if (path_mtu(&c->local.addr, &c->remote.addr, &mtu) == 0)
		c->path_mtu = mtu < XFRM_PATH_MTU ? mtu : XFRM_PATH_MTU;
	follow(p, c->site);
}

static struct list *next_of(struct xfrm_plane *p)
{
	struct map_node *n = map_find(&p->children, &p->mtu_last, sizeof(p->mtu_last));
	struct list *next = n == NULL ? p->children.order.next : n->order.next;

	return next == &p->children.order ? next->next : next;
}

void xfrm_mtu_audit(struct xfrm_plane *p)
{
	size_t count = p->children.count < AT_ONCE ? p->children.count : AT_ONCE;

	for (size_t i = 0; i < count; i++) {
		struct map_node *n = container_of(next_of(p), struct map_node, order);
		struct xfrm_child *c = container_of(n, struct xfrm_child, by_id);

		p->mtu_last = c->id;
		xfrm_mtu_look(p, c);
	}
}
