/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The network device of a site: made once, then carrier and steering follow what site_evaluate
 * wants.  Each step is done only when it is due, in an order in which a later one needs the
 * earlier.
 */
#include "dataplane/site/gateway_state.h"

#include <stdio.h>
#include <string.h>

static int add(struct site *s, struct err_msg *e)
{
	struct dataplane *dp = s->g->dp;
	int r;

	if (s->device.added)
		return 0;
	r = dp->ops->site_add(dp, s->index, e);
	if (r != 0)
		return r;
	s->device.added = true;
	s->device.ifindex = dp->ops->site_ifindex(dp, s->index);
	return 0;
}

static int prepare(struct site *s, struct err_msg *e)
{
	struct net *net = s->g->net;
	int r;

	if (s->device.prepared)
		return 0;
	r = net->ops->link_prepare(net, s->device.ifindex, GATEWAY_DEVICE_MTU, e);
	s->device.prepared = r == 0;
	return r;
}

static int steer(struct site *s, struct err_msg *e)
{
	struct site_device *d = &s->device;
	int r;

	if (d->steered && memcmp(&d->steering, &d->want_steering, sizeof(d->steering)) == 0)
		return 0;
	r = s->g->dp->ops->site_steer(s->g->dp, s->index, &d->want_steering, e);
	if (r != 0)
		return r;
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

bool site_device_sync(struct site *s)
{
	static int (*const steps[])(struct site * s, struct err_msg * e) = {add, prepare, steer,
									    carrier};
	struct err_msg e = {.text = ""};
	char what[DP_DEVICE_MAX + 8];
	int r = 0;

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

void site_device_remove(struct site *s)
{
	if (s->device.added)
		s->g->dp->ops->site_remove(s->g->dp, s->index);
	memset(&s->device, 0, sizeof(s->device));
}
