/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking after what is wanted.  Once a second all states are read: that gives the counters, and
 * tells which Child SA lost its keys.  Every ten seconds, and whenever an answer or an event was
 * lost, policies and devices are compared, too.  What is missing comes back, what carries our mark
 * without being wanted goes.
 */
#include "dataplane/xfrm/plane.h"

#include "platform/os/netlink.h"
#include "platform/os/netlink_batch.h"

#define STATES_MS   1000
#define POLICIES_MS 10000
#define SOON_MS	    200 /* between two that were asked for */

static bool is_ours(const struct xfrm_state_info *info)
{
	return (info->reqid & XFRM_REQID_MASK) == XFRM_REQID_BASE && info->if_id != 0 &&
	       info->usable;
}

struct walk {
	struct xfrm_plane *plane;
	size_t strangers;
};

static int take_state(void *arg, const struct nlmsghdr *answer)
{
	struct walk *w = arg;
	struct xfrm_state_info info;
	struct xfrm_sa *sa;

	if (!xfrm_state_parse(answer, &info) || !is_ours(&info))
		return 0;
	sa = xfrm_find_sa(w->plane, &info.key);
	if (sa == NULL) {
		xfrm_state_put_delete(w->plane->batch, &info.key);
		w->strangers++;
		return 0;
	}
	sa->seen = w->plane->dump_number;
	xfrm_child_take(w->plane, sa, &info);
	return 0;
}

static int read_states(struct xfrm_plane *p, size_t *strangers, struct err_msg *e)
{
	struct walk w = {.plane = p};
	union xfrm_request q;
	int rc;

	p->dump_number++;
	p->states_ms = loop_now_ms(p->loop);
	xfrm_state_request_all(&q);
	rc = netlink_dump(p->query, &q.header, take_state, &w, "read the xfrm states", e);
	*strangers = w.strangers;
	return rc;
}

/* Its keys were in the kernel only: IKE has to make new ones. */
static void lost(struct xfrm_plane *p, struct xfrm_child *c)
{
	if (c->broken)
		return;
	log_line(p->log, LOG_LVL_NOTICE, LOG_XFRM,
		 "site %u slot %u: the kernel lost Child SA %u (SPI 0x%08x in, 0x%08x out)",
		 c->site->index, c->slot, c->id, c->in.key.spi, c->out.key.spi);
	c->broken = true;
	xfrm_rules_sync(p, c->site);
	xfrm_report(p, c, XFRM_REPORT_BROKEN);
}

static void find_lost(struct xfrm_plane *p)
{
	struct list *node, *after;

	list_for_each(node, after, &p->children.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		struct xfrm_child *c = container_of(n, struct xfrm_child, by_id);

		if (c->in.seen != p->dump_number || c->out.seen != p->dump_number)
			lost(p, c);
	}
}

static void send(struct xfrm_plane *p)
{
	struct err_msg e = {.text = ""};

	if (netlink_batch_count(p->batch) == 0 || xfrm_send(p, "repair of xfrm", &e) == 0)
		return;
	log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "%s", e.text);
	p->look_now = true;
}

void xfrm_audit_states(struct xfrm_plane *p)
{
	struct err_msg e = {.text = ""};
	size_t strangers;

	if (read_states(p, &strangers, &e) != 0) {
		netlink_batch_drop(p->batch);
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "%s", e.text);
		return;
	}
	if (strangers > 0)
		log_line(p->log, LOG_LVL_NOTICE, LOG_XFRM, "%zu unknown states removed", strangers);
	find_lost(p);
	send(p);
}

static void audit_policies(struct xfrm_plane *p)
{
	struct err_msg e = {.text = ""};
	size_t missing, surplus;

	p->policies_ms = loop_now_ms(p->loop);
	if (xfrm_rules_audit(p, &missing, &surplus, &e) != 0) {
		netlink_batch_drop(p->batch);
		log_line(p->log, LOG_LVL_WARNING, LOG_XFRM, "%s", e.text);
		return;
	}
	if (missing + surplus > 0)
		log_line(p->log, LOG_LVL_NOTICE, LOG_XFRM,
			 "policies differed: %zu restored, %zu removed", missing, surplus);
	send(p);
}

/* Traps that sprang become new ones: the kernel asks again. */
static void rearm(struct xfrm_plane *p)
{
	while (!list_is_empty(&p->rearm)) {
		struct xfrm_site *s = container_of(p->rearm.next, struct xfrm_site, rearmed);

		list_remove(&s->rearmed);
		s->trap_number++;
		xfrm_rules_sync(p, s);
	}
	send(p);
}

static void on_audit_timer(void *arg)
{
	struct xfrm_plane *p = arg;
	uint64_t now_ms = loop_now_ms(p->loop);
	bool all = p->look_now || now_ms - p->policies_ms >= POLICIES_MS;

	p->look_now = false;
	xfrm_devices_flush(p);
	rearm(p);
	if (p->children.count > 0 || all)
		xfrm_audit_states(p);
	if (all) {
		audit_policies(p);
		xfrm_devices_audit(p);
	}
	xfrm_mtu_audit(p);
	if (!heap_contains(&p->audit_timer.node)) /* not asked for sooner meanwhile */
		loop_timer_set(p->loop, &p->audit_timer, now_ms + STATES_MS);
	xfrm_deliver_reports(p);
}

void xfrm_audit_soon(struct xfrm_plane *p)
{
	uint64_t now_ms = loop_now_ms(p->loop);
	uint64_t due_ms = p->policies_ms + SOON_MS;

	p->look_now = true;
	if (p->audit_timer.fn != NULL)
		loop_timer_set(p->loop, &p->audit_timer, due_ms > now_ms ? due_ms : now_ms);
}

void xfrm_audit_start(struct xfrm_plane *p)
{
	p->audit_timer = (struct loop_timer){.fn = on_audit_timer, .arg = p};
	p->policies_ms = loop_now_ms(p->loop);
	loop_timer_set(p->loop, &p->audit_timer, loop_now_ms(p->loop) + STATES_MS);
}

int xfrm_audit_clean(struct xfrm_plane *p, struct err_msg *e)
{
	size_t missing, policies = 0, states = 0;
	int rc = xfrm_rules_audit(p, &missing, &policies, e);

	if (rc == 0)
		rc = read_states(p, &states, e);
	if (rc != 0) {
		netlink_batch_drop(p->batch);
		return rc;
	}
	if (states + policies == 0)
		return 0;
	log_line(p->log, LOG_LVL_INFO, LOG_XFRM,
		 "%zu states and %zu policies of an earlier run removed", states, policies);
	return xfrm_send(p, "remove xfrm objects of an earlier run", e);
}
