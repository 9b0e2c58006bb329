/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which tunnels of a site carry its flows.  When the set of tunnels that may changes, all buckets
 * are brought in order at once; every ten seconds the shares follow bandwidth, health and
 * preference in small steps, and only when they are clearly off.
 */
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/steer.h"

#define MOVES_MAX 8 /* of 64 buckets per step */

static unsigned slots_of_role(enum site_role role)
{
	return ((1U << SITE_TUNNELS) - 1) << (site_slot(role, 0) - 1);
}

enum fitness { FIT_UP, FIT_USABLE, FIT_GOOD };

static bool is_fit(const struct tunnel *t, enum fitness f)
{
	enum health_state s;

	if (t == NULL || !t->up)
		return false;
	s = health_state_of(&t->health);
	return f == FIT_UP || s == HEALTH_GOOD || (f == FIT_USABLE && s == HEALTH_DEGRADED);
}

static unsigned slots_that(const struct site *s, enum site_role role, enum fitness f)
{
	unsigned slots = 0;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		if (is_fit(s->tunnels[i], f))
			slots |= 1U << i;
	}
	return slots & slots_of_role(role);
}

unsigned site_usable_slots(const struct site *s, enum site_role role)
{
	return slots_that(s, role, FIT_USABLE);
}

/* New flows go to the good tunnels; when there is none, to those that can be heard at least; else
 * to whichever is up. */
static unsigned choose_slots(const struct site *s, enum site_role role)
{
	unsigned slots = slots_that(s, role, FIT_GOOD);

	if (slots == 0)
		slots = slots_that(s, role, FIT_USABLE);
	return slots != 0 ? slots : slots_that(s, role, FIT_UP);
}

static struct steer_weights weights_now(const struct site *s, enum site_role role, unsigned slots)
{
	struct steer_weights w = steer_weights_of(&s->config, role, slots);

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		const struct tunnel *t = s->tunnels[i];
		uint64_t score = t == NULL || !t->up ? 100 : t->health.figures.score;

		w.slot[i] *= score == 0 ? 1 : score;
	}
	return w;
}

unsigned site_rule_slots(const struct site *s)
{
	unsigned slots = slots_that(s, s->ha.active, FIT_USABLE);

	return slots != 0 ? slots : slots_that(s, s->ha.active, FIT_UP);
}

static void pin(struct site *s)
{
	unsigned count = 0;

	for (unsigned i = 0; i < DP_SLOTS; i++) {
		const struct tunnel *t = s->tunnels[i];
		struct ip_addr *to = &s->device.want_steering.pin[i];

		*to = t == NULL ? (struct ip_addr){.family = IP_NONE}
				: site_tunnel_config_of(t)->private_site;
		count += t != NULL;
	}
	s->device.want_steering.single = count == 1;
}

static void steer(struct site *s, enum site_role role, unsigned slots, unsigned keep)
{
	struct steer_weights w = weights_now(s, role, slots);

	pin(s);
	s->device.want_steering.usable = (uint8_t)keep;
	if (s->steered_slots == slots && !s->steer_anew)
		return;
	steer_update(&s->device.want_steering, &w);
	s->steered_slots = slots;
	s->steer_anew = false;
	s->rebalancing = false;
}

void site_steer(struct site *s, enum site_role role, unsigned on_demand)
{
	unsigned keep;

	if (!s->ha.connected) {
		unsigned slots = on_demand & slots_of_role(role);

		steer(s, role, slots, slots);
		return;
	}
	keep = slots_that(s, role, FIT_USABLE);
	steer(s, role, choose_slots(s, role), keep != 0 ? keep : slots_that(s, role, FIT_UP));
}

void site_redistribute(struct site *s)
{
	struct dp_steering *d = &s->device.want_steering;
	struct steer_weights w;

	if (!s->ha.connected || (s->steered_slots & (s->steered_slots - 1)) == 0)
		return;
	w = weights_now(s, s->ha.active, s->steered_slots);
	if (!s->rebalancing && !steer_is_off(d, &w))
		return;
	s->rebalancing = steer_step(d, &w, MOVES_MAX) == MOVES_MAX;
	site_device_sync(s);
}
