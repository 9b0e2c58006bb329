/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pump: pulls the engine's actions until there are none, lets marked sites decide, and arms the
 * timers.  Inputs that come while it runs only add actions to the running round.
 */
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/keep.h"

#include <stdio.h>

/* Rounds of actions and evaluations; each evaluation may ask the engine for more. */
#define ROUNDS_MAX 1000

uint64_t gateway_clock(const struct gateway *g)
{
	return loop_now_ms(g->loop);
}

void gateway_mark(struct site *s)
{
	if (list_is_empty(&s->marked))
		list_append(&s->g->marked, &s->marked);
}

void gateway_retry_soon(struct gateway *g)
{
	if (!g->closing && !heap_contains(&g->retry_timer.node))
		loop_timer_set(g->loop, &g->retry_timer, gateway_clock(g) + GATEWAY_RETRY_MS);
}

void gateway_dp_error(struct gateway *g, const struct site *s, uint8_t slot, const char *what,
		      const char *text)
{
	g->counters.dataplane_errors++;
	log_line(g->log, LOG_LVL_ERROR, LOG_NET, "%s%s%s: %s", s == NULL ? "" : s->config.name,
		 s == NULL ? "" : ": ", what, text);
	if (!g->closing)
		event_emit(g->events, EVENT_DATAPLANE_ERROR, s == NULL ? NULL : s->config.name,
			   slot, "%s%s%s: %s", s == NULL ? "" : s->config.name,
			   s == NULL ? "" : ": ", what, text);
}

/* Inline for now: the one place to hand jobs to worker threads instead. */
static void run_dh(struct gateway *g, struct ike_dh_job *job)
{
	g->counters.dh_jobs++;
	ike_dh_job_run(job);
	ike_engine_dh_done(g->engine, gateway_clock(g), job);
}

static void take_event(struct gateway *g, const struct ike_action *a)
{
	struct tunnel *t = gateway_tunnel(g, a->tunnel);

	if (a->event == IKE_EVENT_UNKNOWN_PEER)
		link_event_unknown_peer(g, &a->failure);
	else if (t != NULL)
		site_tunnel_on_event(t, a->event, &a->failure);
}

static void take_action(struct gateway *g, const struct ike_action *a)
{
	struct tunnel *t = gateway_tunnel(g, a->tunnel);

	switch (a->type) {
	case IKE_ACTION_SEND:
		if (!keep_send(g, &a->send))
			gateway_send(g, &a->send);
		break;
	case IKE_ACTION_CHILD_INSTALL:
		site_child_install(g, a->tunnel, a->install);
		break;
	case IKE_ACTION_CHILD_UPDATE:
		site_child_update(g, &a->update);
		break;
	case IKE_ACTION_CHILD_DELETE:
		site_child_delete(g, a->del.child);
		break;
	case IKE_ACTION_DH:
		run_dh(g, a->dh);
		break;
	case IKE_ACTION_SOURCE:
		if (t != NULL)
			site_tunnel_find_source(t, &a->toward);
		break;
	case IKE_ACTION_UP:
		if (t != NULL)
			site_tunnel_on_up(t);
		break;
	case IKE_ACTION_DOWN:
		if (t != NULL)
			site_tunnel_on_down(t, &a->failure);
		break;
	case IKE_ACTION_EVENT:
		take_event(g, a);
		break;
	case IKE_ACTION_KEYLOG:
		gateway_capture_keys(g, a->keylog);
		break;
	case IKE_ACTION_TRACE:
		gateway_trace(g, a->tunnel, a->trace);
		break;
	}
}

static void take_actions(struct gateway *g)
{
	struct ike_action a;

	while (ike_engine_next_action(g->engine, &a)) {
		keep_touch(g, a.tunnel);
		take_action(g, &a);
	}
	keep_flush(g);
}

static void evaluate_marked(struct gateway *g)
{
	while (!list_is_empty(&g->marked)) {
		struct site *s = container_of(g->marked.next, struct site, marked);

		list_remove(&s->marked);
		site_evaluate(s);
	}
}

static void arm_engine_timer(struct gateway *g)
{
	uint64_t due = ike_engine_deadline(g->engine);

	if (due == UINT64_MAX || g->closing)
		loop_timer_cancel(g->loop, &g->engine_timer);
	else
		loop_timer_set(g->loop, &g->engine_timer, due);
}

void gateway_pump(struct gateway *g)
{
	if (g->pumping || g->held)
		return;
	g->pumping = true;
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		take_actions(g);
		if (list_is_empty(&g->marked))
			break;
		evaluate_marked(g);
	}
	g->pumping = false;
	gateway_steer_commit(g, false);
	arm_engine_timer(g);
}

static void on_engine_timer(void *arg)
{
	struct gateway *g = arg;

	ike_engine_tick(g->engine, gateway_clock(g));
	gateway_pump(g);
}

static void redistribute(struct gateway *g)
{
	for (size_t i = 0; i < g->site_count; i++)
		site_redistribute(g->sites[i]);
	gateway_steer_audit(g);
	gateway_steer_commit(g, false);
}

static void on_build_timer(void *arg)
{
	gateway_build_devices(arg);
}

static void on_silence_timer(void *arg)
{
	struct gateway *g = arg;

	gateway_look_at_silent(g);
	gateway_pump(g);
	gateway_watch_silence(g);
}

static void on_traffic_timer(void *arg)
{
	struct gateway *g = arg;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		site_children_sample(container_of(m, struct tunnel, node), gateway_clock(g));
		site_tunnel_tick(container_of(m, struct tunnel, node));
	}
	gateway_sources_tick(g);
	gateway_pops_tick(g);
	gateway_choose_pops_tick(g);
	gateway_publish_tick(g);
	gateway_pump(g);
	if (++g->ticks % GATEWAY_SHARES_TICKS == 0)
		redistribute(g);
	gateway_watch_silence(g);
	keep_tick(g);
	loop_timer_set(g->loop, &g->traffic_timer, gateway_clock(g) + GATEWAY_TRAFFIC_MS);
}

static void on_retry_timer(void *arg)
{
	struct gateway *g = arg;

	for (size_t i = 0; i < g->site_count; i++) {
		if (g->sites[i]->device.failed)
			gateway_mark(g->sites[i]);
	}
	gateway_pump(g);
	g->all_sites_stale = g->all_sites_stale || g->tables_failed;
	gateway_steer_commit(g, true);
	gateway_services_retry(g);
	if (!routes_retry(&g->routes))
		gateway_retry_soon(g);
}

static void on_audit_timer(void *arg)
{
	struct gateway *g = arg;

	if (!routes_audit(&g->routes))
		gateway_retry_soon(g);
	gateway_account_tables_audit(g);
	loop_timer_set(g->loop, &g->audit_timer, gateway_clock(g) + GATEWAY_AUDIT_MS);
}

void gateway_timers_start(struct gateway *g)
{
	g->engine_timer = (struct loop_timer){.fn = on_engine_timer, .arg = g};
	g->traffic_timer = (struct loop_timer){.fn = on_traffic_timer, .arg = g};
	g->silence_timer = (struct loop_timer){.fn = on_silence_timer, .arg = g};
	g->build_timer = (struct loop_timer){.fn = on_build_timer, .arg = g};
	g->retry_timer = (struct loop_timer){.fn = on_retry_timer, .arg = g};
	g->audit_timer = (struct loop_timer){.fn = on_audit_timer, .arg = g};
	g->all_sites_timer = (struct loop_timer){.fn = gateway_all_sites_due, .arg = g};
	loop_timer_set(g->loop, &g->traffic_timer, gateway_clock(g) + GATEWAY_TRAFFIC_MS);
	loop_timer_set(g->loop, &g->audit_timer, gateway_clock(g) + GATEWAY_AUDIT_MS);
}

void gateway_timers_stop(struct gateway *g)
{
	loop_timer_cancel(g->loop, &g->engine_timer);
	loop_timer_cancel(g->loop, &g->all_sites_timer);
	loop_timer_cancel(g->loop, &g->traffic_timer);
	loop_timer_cancel(g->loop, &g->silence_timer);
	loop_timer_cancel(g->loop, &g->build_timer);
	loop_timer_cancel(g->loop, &g->retry_timer);
	loop_timer_cancel(g->loop, &g->audit_timer);
}

static void on_ike(void *arg, const struct ip_endpoint *local, const struct ip_endpoint *remote,
		   struct view payload)
{
	struct gateway *g = arg;
	struct ip_endpoint own = {.addr = local->addr, .port = 4500};

	gateway_capture_datagram(g, remote, &own, &remote->addr, payload);
	ike_engine_datagram(g->engine, gateway_clock(g), &own, remote, true, payload);
	gateway_pump(g);
}

static void on_used(void *arg, uint32_t child)
{
	struct gateway *g = arg;

	ike_engine_child_traffic(g->engine, gateway_clock(g), child, gateway_clock(g));
	gateway_pump(g);
}

static void on_moved(void *arg, uint32_t child, const struct ip_endpoint *remote)
{
	struct gateway *g = arg;

	ike_engine_child_moved(g->engine, gateway_clock(g), child, remote);
	gateway_pump(g);
}

static void on_broken(void *arg, uint32_t child)
{
	struct gateway *g = arg;

	ike_engine_child_broken(g->engine, gateway_clock(g), child);
	gateway_pump(g);
}

static void on_acquire(void *arg, uint32_t index)
{
	struct gateway *g = arg;
	struct site *s = gateway_site_by_index(g, index);

	if (s == NULL)
		return;
	g->counters.acquires++;
	site_acquire(s);
	gateway_pump(g);
}

static void on_device(void *arg, uint32_t index, const char *problem)
{
	struct gateway *g = arg;
	struct site *s = gateway_site_by_index(g, index);
	char name[DP_DEVICE_MAX];

	if (s == NULL)
		return;
	snprintf(name, sizeof(name), "ips%u", index);
	if (problem != NULL) {
		gateway_dp_error(g, s, 0, name, problem);
		return;
	}
	event_emit(g->events, EVENT_DEVICE_RESTORED, s->config.name, 0,
		   "%s: device %s was removed or set down by another program, and is there again",
		   s->config.name, name);
	site_device_renewed(s);
	gateway_mark(s);
	gateway_pump(g);
	if (!routes_audit(&g->routes))
		gateway_retry_soon(g);
}

struct dp_callbacks gateway_callbacks(struct gateway *g)
{
	return (struct dp_callbacks){.arg = g,
				     .on_ike = on_ike,
				     .on_used = on_used,
				     .on_moved = on_moved,
				     .on_broken = on_broken,
				     .on_acquire = on_acquire,
				     .on_device = on_device};
}
