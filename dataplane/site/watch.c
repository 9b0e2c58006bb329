/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Watching the tunnels that are up: each second what engine and data plane saw of each goes into
 * its health, peers are asked, and sites whose tunnels changed are marked.  Between two seconds
 * only silence is looked at, so that a dead path is left on time.
 */
#include "dataplane/site/gateway_state.h"

#include "platform/base/mem.h"

static struct health_limits limits_of(const struct site_config *c)
{
	return (struct health_limits){.loss = c->sla_loss_percent * 100,
				      .jitter_us = c->sla_jitter_ms * 1000,
				      .delay_us = c->sla_latency_ms * 1000};
}

/* Numbers that arrived and should have, since the last second. */
static void count_gaps(struct child *c, struct health_look *in)
{
	const struct dp_child_counters *n = &c->counters;
	uint64_t packets = n->rx_packets + n->selector_drops + n->malformed_drops;

	if (n->rx_sequence > c->seen_sequence) {
		in->expected += (uint32_t)(n->rx_sequence - c->seen_sequence);
		in->received += (uint32_t)(packets - c->seen_packets);
	}
	c->seen_sequence = n->rx_sequence;
	c->seen_packets = packets;
}

static void look_at_children(struct tunnel *t, struct health_look *in)
{
	struct dataplane *dp = t->site->g->dp;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &t->children)
	{
		struct child *c = container_of(node, struct child, in_tunnel);

		if (in->tick)
			count_gaps(c, in);
		else
			(void)dp->ops->child_counters(dp, c->number, &c->counters);
		if (c->counters.rx_last_ms > in->heard_ms)
			in->heard_ms = c->counters.rx_last_ms;
		if (c->counters.tx_last_ms > in->sent_ms)
			in->sent_ms = c->counters.tx_last_ms;
	}
	if (in->heard_ms > in->now_ms) /* the data plane's clock is read later than ours */
		in->heard_ms = in->now_ms;
}

static void look(struct tunnel *t, bool tick)
{
	struct gateway *g = t->site->g;
	struct health_limits limits = limits_of(&t->site->config);
	enum health_state before = health_state_of(&t->health), now;
	struct health_look in = {.now_ms = gateway_clock(g), .tick = tick, .echoes = t->echoes};
	struct ike_pulse pulse;

	if (ike_engine_pulse(g->engine, t->id, &pulse) != 0)
		return;
	in.heard_ms = pulse.last_rx_ms;
	in.asked_ms = pulse.asked_ms;
	in.rtt_at_ms = pulse.rtt_at_ms;
	in.rtt_ms = pulse.rtt_ms;
	look_at_children(t, &in);
	if (health_look(&t->health, &in, &limits) &&
	    ike_engine_probe(g->engine, in.now_ms, t->id) != 0)
		log_line(g->log, LOG_LVL_DEBUG, LOG_IKE, "%s slot %u: cannot be asked now",
			 t->site->config.name, t->slot);
	now = health_state_of(&t->health);
	if (now == before)
		return;
	log_line(g->log, LOG_LVL_INFO, LOG_PATH, "%s slot %u: health %s, was %s",
		 t->site->config.name, t->slot, health_state_name(now), health_state_name(before));
	link_event_health(t);
	gateway_mark(t->site);
}

void site_tunnel_tick(struct tunnel *t)
{
	if (t->health.on)
		look(t, true);
	if (t->history == NULL && t->health.on)
		t->history = history_new();
	if (t->history != NULL)
		history_add(t->history, &t->health);
}

/* When silence has to be looked at before the next second is over. */
void gateway_watch_silence(struct gateway *g)
{
	uint64_t due = UINT64_MAX;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		uint64_t d = health_deadline(&container_of(m, struct tunnel, node)->health);

		due = d < due ? d : due;
	}
	if (due == UINT64_MAX || due >= gateway_clock(g) + GATEWAY_TRAFFIC_MS)
		loop_timer_cancel(g->loop, &g->silence_timer);
	else
		loop_timer_set(g->loop, &g->silence_timer, due);
}

void gateway_look_at_silent(struct gateway *g)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		struct tunnel *t = container_of(m, struct tunnel, node);

		if (health_deadline(&t->health) <= gateway_clock(g))
			look(t, false);
	}
}
