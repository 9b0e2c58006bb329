/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel backend of dataplane.h as a whole: begin, end, tables, reports.  Packets never come
 * here: the kernel encrypts, decrypts and routes them.
 */
#include "dataplane/xfrm/plane.h"

#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_batch.h"
#include "platform/os/rng.h"
#include "platform/os/udp.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdlib.h>

struct xfrm_plane *xfrm_plane_of(struct dataplane *dp)
{
	return (struct xfrm_plane *)(void *)dp;
}

struct xfrm_site *xfrm_find_site(struct xfrm_plane *p, uint32_t index)
{
	struct map_node *n = map_find(&p->sites, &index, sizeof(index));

	return n == NULL ? NULL : container_of(n, struct xfrm_site, by_index);
}

struct xfrm_child *xfrm_find_child(struct xfrm_plane *p, uint32_t id)
{
	struct map_node *n = map_find(&p->children, &id, sizeof(id));

	return n == NULL ? NULL : container_of(n, struct xfrm_child, by_id);
}

struct xfrm_sa *xfrm_find_sa(struct xfrm_plane *p, const struct xfrm_state_key *key)
{
	struct map_node *n = map_find(&p->states, key, sizeof(*key));

	return n == NULL ? NULL : container_of(n, struct xfrm_sa, node);
}

/* ---- Reports --------------------------------------------------------------------------------- */

void xfrm_report(struct xfrm_plane *p, struct xfrm_child *c, enum xfrm_report what)
{
	c->reports |= what;
	if (!list_is_empty(&c->reported))
		return;
	list_append(&p->reports, &c->reported);
	loop_timer_set(p->loop, &p->report_timer, loop_now_ms(p->loop));
}

/* The child may be gone after each callback. */
static void deliver(struct xfrm_plane *p, struct xfrm_child *c)
{
	const struct dp_callbacks *cb = &p->callbacks;
	const unsigned reports = c->reports;
	const struct ip_endpoint moved_to = c->moved_to;
	const uint32_t id = c->id;

	c->reports = 0;
	if (reports & XFRM_REPORT_USED)
		cb->on_used(cb->arg, id);
	if ((reports & XFRM_REPORT_MOVED) && xfrm_find_child(p, id) != NULL)
		cb->on_moved(cb->arg, id, &moved_to);
	if ((reports & XFRM_REPORT_BROKEN) && xfrm_find_child(p, id) != NULL)
		cb->on_broken(cb->arg, id);
}

void xfrm_deliver_reports(struct xfrm_plane *p)
{
	while (!list_is_empty(&p->reports)) {
		struct xfrm_child *c = container_of(p->reports.next, struct xfrm_child, reported);

		list_remove(&c->reported);
		deliver(p, c);
	}
}

static void on_report_timer(void *arg)
{
	xfrm_deliver_reports(arg);
}

/* ---- Changes --------------------------------------------------------------------------------- */

static bool refused(void *arg, size_t index, int errnum, const struct err_msg *e)
{
	(void)arg;
	(void)index;
	(void)e;
	return errnum != ESRCH && errnum != ENOENT;
}

int xfrm_send(struct xfrm_plane *p, const char *what, struct err_msg *e)
{
	bool unknown;
	int rc = netlink_batch_send(p->batch, refused, NULL, what, &unknown, e);

	if (unknown)
		xfrm_audit_soon(p);
	return rc;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static void remove_all_sites(struct xfrm_plane *p)
{
	struct list *node, *after;

	list_for_each(node, after, &p->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		xfrm_site_remove(&p->base, container_of(n, struct xfrm_site, by_index)->index);
	}
}

static void plane_free(struct dataplane *dp)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);

	if (p->batch != NULL && p->links != NULL) {
		remove_all_sites(p);
		xfrm_devices_flush(p);
	}
	xfrm_events_close(p);
	xfrm_ike_close(p);
	xfrm_stat_close(p);
	loop_timer_cancel(p->loop, &p->audit_timer);
	loop_timer_cancel(p->loop, &p->pending_timer);
	loop_timer_cancel(p->loop, &p->report_timer);
	netlink_batch_close(p->batch);
	netlink_close(p->links);
	netlink_close(p->query);
	map_clear(&p->sites);
	map_clear(&p->children);
	map_clear(&p->states);
	free(p->datagram);
	free(p);
}

/* What an earlier process left and nobody wanted is a stranger's now. */
static void plane_settled(struct dataplane *dp)
{
	xfrm_audit_soon(xfrm_plane_of(dp));
}

static const struct dp_ops xfrm_ops = {
	.name = "xfrm",
	.free = plane_free,
	.site_add = xfrm_site_add,
	.site_remove = xfrm_site_remove,
	.site_carrier = xfrm_site_carrier,
	.site_steer = xfrm_site_steer,
	.site_ifindex = xfrm_site_ifindex,
	.child_add = xfrm_child_add,
	.child_update = xfrm_child_update,
	.child_remove = xfrm_child_remove,
	.child_counters = xfrm_child_counters,
	.counter = xfrm_counter,
	.features = DP_BY_MARK | DP_RAW_ESP,
	.settled = plane_settled,
};

static int set_up(struct xfrm_plane *p, struct err_msg *e)
{
	int rc;

	p->links = netlink_open(NETLINK_ROUTE, e);
	p->query = netlink_open(NETLINK_XFRM, e);
	if (p->links == NULL || p->query == NULL)
		return ERR_SYSTEM;
	netlink_holds_secrets(p->query);
	p->batch = netlink_batch_open(NETLINK_XFRM, e);
	if (p->batch == NULL)
		return ERR_SYSTEM;
	rc = p->sockets.adopt ? 0 : xfrm_audit_clean(p, e);
	if (rc == 0)
		rc = xfrm_events_open(p, e);
	if (rc == 0)
		rc = xfrm_ike_open(p, e);
	if (rc != 0)
		return rc;
	xfrm_stat_open(p);
	xfrm_audit_start(p);
	return 0;
}

struct dataplane *dp_xfrm_new(struct loop *loop, const struct dp_sockets *sockets,
			      const struct dp_callbacks *callbacks, const struct log *log,
			      struct err_msg *e)
{
	struct xfrm_plane *p = mem_zalloc(sizeof(*p));
	uint8_t hash_key[16];

	p->base.ops = &xfrm_ops;
	p->loop = loop;
	p->log = log;
	p->callbacks = *callbacks;
	p->sockets = *sockets;
	p->datagram = mem_calloc(1, UDP_DATAGRAM_MAX);
	p->report_timer = (struct loop_timer){.fn = on_report_timer, .arg = p};
	rng_bytes(hash_key, sizeof(hash_key));
	map_init(&p->sites, hash_key);
	map_init(&p->children, hash_key);
	map_init(&p->states, hash_key);
	list_init(&p->reports);
	list_init(&p->rearm);
	if (set_up(p, e) != 0) {
		plane_free(&p->base);
		return NULL;
	}
	return &p->base;
}
