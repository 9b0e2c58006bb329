/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The network device of a site: made once, then carrier and steering follow what site_evaluate
 * wants.  Each step is done only when it is due, in an order in which a later one needs the
 * earlier.
 */
#include "dataplane/site/gateway_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int add(struct site *s, struct err_msg *e)
{
	struct dataplane *dp = s->g->dp;
	int before = s->device.ifindex; /* of an earlier process */
	int r;

	if (s->device.added)
		return 0;
	r = dp->ops->site_add(dp, s->index, e);
	if (r != 0)
		return r;
	s->device.added = true;
	s->device.ifindex = dp->ops->site_ifindex(dp, s->index);
	if (before != s->device.ifindex)
		site_device_renewed(s);
	return 0;
}

static int prepare(struct site *s, struct err_msg *e)
{
	struct net *net = s->g->net;
	int r;

	if (s->device.prepared)
		return 0;
	r = net->ops->link_prepare(net, s->device.ifindex, e);
	s->device.prepared = r == 0;
	return r;
}

/* Private address of ours and of the peer, or none of both. */
static struct device_pair pair_of(const struct site *s, unsigned slot0)
{
	const struct tunnel_config *t =
		&s->config.tunnels[slot0 / SITE_TUNNELS][slot0 % SITE_TUNNELS];
	struct device_pair p;

	memset(&p, 0, sizeof(p));
	if (t->present && t->private_pop.family != IP_NONE &&
	    t->private_pop.family == t->private_site.family) {
		p.local = t->private_pop;
		p.peer = t->private_site;
	}
	return p;
}

static int addresses(struct site *s, struct err_msg *e)
{
	struct net *net = s->g->net;
	int ifindex = s->device.ifindex;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		struct device_pair want = pair_of(s, i);
		struct device_pair *has = &s->device.pairs[i];
		int r = 0;

		if (memcmp(has, &want, sizeof(want)) == 0)
			continue;
		if (ip_addr_is_set(&has->local))
			r = net->ops->address_delete(net, ifindex, &has->local, &has->peer, e);
		if (r == 0)
			memset(has, 0, sizeof(*has));
		if (r == 0 && ip_addr_is_set(&want.local))
			r = net->ops->address_add(net, ifindex, &want.local, &want.peer, e);
		if (r != 0)
			return r;
		*has = want;
	}
	return 0;
}

static bool has(const struct site *s, enum dp_feature f)
{
	return (s->g->dp->ops->features & (unsigned)f) != 0;
}

static bool has_several_tunnels(const struct site *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < DP_SLOTS; i++)
		count += s->tunnels[i] != NULL;
	return count > 1;
}

/* A site with one tunnel needs no marks: the data plane knows where unmarked packets go.  Rules
 * count their hits all the same. */
static bool needs_marks(const struct site *s)
{
	return has(s, DP_BY_MARK) && (has_several_tunnels(s) || s->device.rule_count > 0);
}

static bool tunnels_are_capped(const struct net_shape *shape)
{
	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if (shape->tunnel_mbps[i] != 0)
			return true;
	}
	return false;
}

/* What the shaper of the device has to do. */
static bool needs_classes(const struct net_shape *shape)
{
	return shape->site_mbps != 0 || (shape->tunnel_classes && tunnels_are_capped(shape));
}

static uint32_t last_mile(const struct site *s, unsigned slot0)
{
	const struct tunnel_config *t =
		&s->config.tunnels[slot0 / SITE_TUNNELS][slot0 % SITE_TUNNELS];

	return t->present ? t->last_mile_down : 0;
}

/* What all the tunnels that carry traffic can take together; 0: not known of each. */
static uint32_t last_miles(const struct site *s)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if ((s->steered_slots & (1U << i)) == 0)
			continue;
		if (last_mile(s, i) == 0)
			return 0;
		sum += last_mile(s, i);
	}
	return sum;
}

/* The last miles are caps, too: of each tunnel, and together, unless packets reach the shaper
 * before it is known which tunnel takes them: one that is full must not hold up the others.
 * Priorities mean something where there is a cap. */
static struct net_shape shape_of(const struct site *s)
{
	bool later = has(s, DP_CAPS) && has_several_tunnels(s);
	uint32_t sum = later ? 0 : last_miles(s);
	struct net_shape shape;

	memset(&shape, 0, sizeof(shape)); /* comparable by octets */
	shape.site_mbps = s->config.bandwidth_down;
	if (sum != 0 && (shape.site_mbps == 0 || sum < shape.site_mbps))
		shape.site_mbps = sum;
	shape.tunnel_classes = needs_marks(s);
	for (unsigned i = 0; (shape.tunnel_classes || later) && i < DP_SLOTS; i++)
		shape.tunnel_mbps[i] = last_mile(s, i);
	if (shape.site_mbps != 0 || tunnels_are_capped(&shape))
		shape.bands = (uint8_t)site_bands(s);
	return shape;
}

static int caps(struct site *s, const struct net_shape *want, struct err_msg *e)
{
	struct dataplane *dp = s->g->dp;

	return has(s, DP_CAPS) ? dp->ops->site_cap(dp, s->index, want->tunnel_mbps, e) : 0;
}

static int shape(struct site *s, struct err_msg *e)
{
	struct net_shape want = shape_of(s);
	struct site_device *d = &s->device;
	int r;

	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): shape_of clears what is between */
	if (memcmp(&want, &d->shape, sizeof(want)) == 0 && d->capped)
		return 0;
	r = caps(s, &want, e);
	if (r == 0 && (d->shaped || needs_classes(&want))) {
		r = s->g->net->ops->shape(s->g->net, d->ifindex, !d->shaped, &want, e);
		d->shaped = d->shaped || r == 0;
	}
	if (r != 0)
		return r;
	d->shape = want;
	d->capped = true;
	return 0;
}

static int set_rules(struct site *s, const struct dp_rule *rules, size_t count, struct err_msg *e)
{
	return has(s, DP_RULES) ? s->g->dp->ops->site_rules(s->g->dp, s->index, rules, count, e)
				: 0;
}

/* True when the rules are not as they were set last; they are then. */
static bool take_rules(struct site_device *d, struct dp_rule *rules, size_t count)
{
	if (count == d->rule_count &&
	    (count == 0 || memcmp(rules, d->rules, count * sizeof(*rules)) == 0)) {
		free(rules);
		return false;
	}
	free(d->rules);
	d->rules = rules;
	d->rule_count = count;
	return true;
}

static int rules(struct site *s, struct err_msg *e)
{
	size_t count;
	struct dp_rule *list =
		net_rules_for_site(&s->g->rules, &s->config, site_rule_slots(s), &count);
	int r;

	if (!take_rules(&s->device, list, count))
		return 0;
	s->device.steered = false; /* nftables has both together */
	r = set_rules(s, s->device.rules, count, e);
	if (r != 0)
		(void)take_rules(&s->device, NULL, 0);
	return r;
}

static void mark(struct site *s)
{
	struct site_device *d = &s->device;
	struct net *net = s->g->net;

	if (needs_marks(s))
		net->ops->steer_site(net, s->index, d->ifindex, &d->want_steering, d->rules,
				     d->rule_count);
	else if (d->marked)
		net->ops->steer_forget(net, s->index);
	d->marked = needs_marks(s);
}

static int steer(struct site *s, struct err_msg *e)
{
	struct site_device *d = &s->device;
	int r;

	if (d->steered && d->marked == needs_marks(s) &&
	    memcmp(&d->steering, &d->want_steering, sizeof(d->steering)) == 0)
		return 0;
	r = s->g->dp->ops->site_steer(s->g->dp, s->index, &d->want_steering, e);
	if (r != 0)
		return r;
	mark(s);
	d->steering = d->want_steering;
	d->steered = true;
	return 0;
}

static int carrier(struct site *s, struct err_msg *e)
{
	struct site_device *d = &s->device;
	int r;

	if (d->carrier == d->want_carrier && d->carrier_known)
		return 0;
	r = s->g->dp->ops->site_carrier(s->g->dp, s->index, d->want_carrier, e);
	if (r != 0)
		return r;
	d->carrier = d->want_carrier;
	d->carrier_known = true;
	return 0;
}

bool site_device_sync_now(struct site *s)
{
	static int (*const steps[])(struct site * s,
				    struct err_msg * e) = {add,	  prepare, addresses, rules,
							   shape, steer,   carrier};
	struct err_msg e = {.text = ""};
	char what[DP_DEVICE_MAX + 8];
	int r = 0;

	list_remove(&s->unbuilt);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && r == 0; i++)
		r = steps[i](s, &e);
	s->device.failed = r != 0;
	if (r == 0) {
		s->device.error_said = false;
		return true;
	}
	if (!s->device.error_said) {
		snprintf(what, sizeof(what), "device ips%u", s->index);
		gateway_dp_error(s->g, s, 0, what, e.text);
	}
	s->device.error_said = true;
	gateway_retry_soon(s->g);
	return false;
}

/* Making a device takes a tenth of a millisecond and more, and nobody may wait for thousands. */
static bool has_time(struct gateway *g)
{
	uint64_t now_ms = loop_clock_ms();

	if (g->build_turn_ms != gateway_clock(g)) {
		g->build_turn_ms = gateway_clock(g);
		g->build_began_ms = now_ms;
	}
	return now_ms - g->build_began_ms < GATEWAY_BUILD_MS;
}

bool site_device_sync(struct site *s)
{
	struct gateway *g = s->g;

	if (s->device.added || has_time(g))
		return site_device_sync_now(s);
	if (list_is_empty(&s->unbuilt))
		list_append(&g->unbuilt, &s->unbuilt);
	if (!heap_contains(&g->build_timer.node))
		loop_timer_set(g->loop, &g->build_timer, gateway_clock(g) + 1);
	return true;
}

void gateway_build_devices(struct gateway *g)
{
	while (!list_is_empty(&g->unbuilt) && has_time(g)) {
		struct site *s = container_of(g->unbuilt.next, struct site, unbuilt);

		list_remove(&s->unbuilt);
		gateway_mark(s); /* routes follow the device */
		(void)site_device_sync_now(s);
	}
	gateway_pump(g);
	if (!list_is_empty(&g->unbuilt))
		loop_timer_set(g->loop, &g->build_timer, gateway_clock(g) + 1);
}

void site_device_renewed(struct site *s)
{
	struct site_device *d = &s->device;

	d->ifindex = s->g->dp->ops->site_ifindex(s->g->dp, s->index);
	d->prepared = d->carrier_known = d->shaped = d->capped = d->steered = false;
	memset(d->pairs, 0, sizeof(d->pairs));
	memset(&d->shape, 0, sizeof(d->shape));
}

void site_device_remove(struct site *s)
{
	if (s->device.marked)
		s->g->net->ops->steer_forget(s->g->net, s->index);
	free(s->device.rules);
	if (s->device.added)
		s->g->dp->ops->site_remove(s->g->dp, s->index);
	memset(&s->device, 0, sizeof(s->device));
}
