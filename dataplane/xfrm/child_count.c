/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters of Child SAs, and the first packet of those that wait for it before they are sent on
 * (RFC 7296 section 2.8).  Few Child SAs are asked for one by one, many are read with all states.
 */
#include "dataplane/xfrm/plane.h"

#include "platform/os/netlink.h"

#define PENDING_MS    10   /* between looks, and one more for each that waits */
#define ASK_EACH_MAX  16   /* Child SAs that are asked for one by one */
#define STATES_OLD_MS 1500 /* otherwise all are read, when the last time is longer ago */

int xfrm_child_use_outbound(struct xfrm_plane *p, struct xfrm_child *c, struct err_msg *e)
{
	int rc;

	if (!c->outbound)
		p->pending--;
	c->outbound = true;
	rc = xfrm_rules_apply(p, c->site, e);
	if (rc != 0)
		xfrm_audit_soon(p);
	return rc;
}

static void first_use(struct xfrm_plane *p, struct xfrm_child *c)
{
	struct err_msg e = {.text = ""};

	if (xfrm_child_use_outbound(p, c, &e) != 0)
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "Child SA %u: %s", c->id, e.text);
	xfrm_report(p, c, XFRM_REPORT_USED);
}

void xfrm_child_take(struct xfrm_plane *p, struct xfrm_sa *sa, const struct xfrm_state_info *info)
{
	struct xfrm_child *c = sa->child;
	struct dp_child_counters *n = &c->counters;

	if (!sa->in) {
		if (n->tx_packets != info->packets)
			n->tx_last_ms = loop_now_ms(p->loop);
		n->tx_packets = info->packets;
		n->tx_bytes = info->bytes;
		n->tx_sequence = info->out_sequence;
		return;
	}
	if (n->rx_packets != info->packets)
		n->rx_last_ms = loop_now_ms(p->loop);
	n->rx_packets = info->packets;
	n->rx_bytes = info->bytes;
	n->replay_drops = info->replay_drops;
	n->auth_drops = info->auth_drops;
	n->rx_sequence = info->in_sequence;
	if (!c->outbound && info->packets != 0)
		first_use(p, c);
}

struct asking {
	struct xfrm_plane *plane;
	struct xfrm_sa *sa;
	bool there;
};

static int take_answer(void *arg, const struct nlmsghdr *answer)
{
	struct asking *a = arg;
	struct xfrm_state_info info;

	if (!xfrm_state_parse(answer, &info) || !info.usable)
		return 0;
	a->there = true;
	xfrm_child_take(a->plane, a->sa, &info);
	return 0;
}

/* Is it in the kernel?  Then its counters are taken. */
bool xfrm_child_ask(struct xfrm_plane *p, struct xfrm_sa *sa)
{
	struct asking a = {.plane = p, .sa = sa};
	union xfrm_request q;
	struct err_msg e;

	xfrm_state_request(&q, &sa->key);
	return netlink_query(p->query, &q.header, take_answer, &a, "xfrm state", NULL, &e) == 0 &&
	       a.there;
}

static void poll_all(struct xfrm_plane *p)
{
	struct list *node, *after;

	list_for_each(node, after, &p->children.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		struct xfrm_child *c = container_of(n, struct xfrm_child, by_id);

		if (p->pending == 0)
			break;
		if (!c->outbound && !xfrm_child_ask(p, &c->in))
			xfrm_audit_soon(p);
	}
}

static void on_pending_timer(void *arg)
{
	struct xfrm_plane *p = arg;

	poll_all(p);
	xfrm_child_await_use(p);
	xfrm_deliver_reports(p);
}

void xfrm_child_look_for_use(struct xfrm_plane *p, struct xfrm_site *s)
{
	struct list *node, *after;

	list_for_each(node, after, &s->children)
	{
		struct xfrm_child *c = container_of(node, struct xfrm_child, of_site);

		if (!c->outbound)
			(void)xfrm_child_ask(p, &c->in);
	}
}

void xfrm_child_await_use(struct xfrm_plane *p)
{
	p->pending_timer.fn = on_pending_timer;
	p->pending_timer.arg = p;
	if (p->pending > 0)
		loop_timer_set(p->loop, &p->pending_timer,
			       loop_now_ms(p->loop) + PENDING_MS + p->pending);
}

int xfrm_child_counters(struct dataplane *dp, uint32_t child, struct dp_child_counters *out)
{
	struct xfrm_plane *p = xfrm_plane_of(dp);
	struct xfrm_child *c = xfrm_find_child(p, child);

	if (c == NULL)
		return ERR_NOT_FOUND;
	if (p->children.count > ASK_EACH_MAX) {
		if (loop_now_ms(p->loop) - p->states_ms > STATES_OLD_MS)
			xfrm_audit_states(p);
	} else if (!c->broken && (!xfrm_child_ask(p, &c->in) || !xfrm_child_ask(p, &c->out))) {
		xfrm_audit_soon(p);
	}
	*out = c->counters;
	return 0;
}
