/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Steering: the share of each tunnel by largest remainders (equal remainders go to the tunnel that
 * holds more buckets now, then to the lower slot), then only surplus buckets change hands, so that
 * flows keep their tunnel.  Pure; both data planes use the result.
 */
#include "dataplane/site/steer.h"

static uint64_t mean_bandwidth(const struct tunnel_config *tunnels, unsigned up)
{
	uint64_t sum = 0;
	unsigned known = 0;

	for (unsigned i = 0; i < SITE_TUNNELS; i++) {
		if ((up & (1U << i)) != 0 && tunnels[i].last_mile_down != 0) {
			sum += tunnels[i].last_mile_down;
			known++;
		}
	}
	return known == 0 ? 1 : (sum + known / 2) / known;
}

struct steer_weights steer_weights_of(const struct site_config *c, enum site_role role,
				      unsigned up_slots)
{
	const struct tunnel_config *tunnels = c->tunnels[role];
	unsigned first = site_slot(role, 0) - 1U;
	unsigned up = (up_slots >> first) & ((1U << SITE_TUNNELS) - 1);
	uint64_t mean = mean_bandwidth(tunnels, up);
	struct steer_weights w = {.slot = {0}};

	for (unsigned i = 0; i < SITE_TUNNELS; i++) {
		uint64_t bandwidth =
			tunnels[i].last_mile_down != 0 ? tunnels[i].last_mile_down : mean;

		if ((up & (1U << i)) != 0)
			w.slot[first + i] = bandwidth * tunnels[i].link_preference;
	}
	return w;
}

static void count_held(const struct dp_steering *s, unsigned held[DP_SLOTS + 1])
{
	for (unsigned i = 0; i <= DP_SLOTS; i++)
		held[i] = 0;
	for (unsigned b = 0; b < DP_BUCKETS; b++)
		held[s->bucket_slot[b] <= DP_SLOTS ? s->bucket_slot[b] : 0]++;
}

/* The slot (1..6) with the largest remainder left, 0 when none has any. */
static unsigned next_by_remainder(const uint64_t remainder[DP_SLOTS + 1],
				  const unsigned held[DP_SLOTS + 1])
{
	unsigned best = 0;

	for (unsigned i = 1; i <= DP_SLOTS; i++) {
		if (remainder[i] == 0)
			continue;
		if (best == 0 || remainder[i] > remainder[best] ||
		    (remainder[i] == remainder[best] && held[i] > held[best]))
			best = i;
	}
	return best;
}

/* Targets add up to 64 when any weight is set. */
static bool shares(const struct steer_weights *w, const unsigned held[DP_SLOTS + 1],
		   unsigned target[DP_SLOTS + 1])
{
	uint64_t remainder[DP_SLOTS + 1] = {0};
	uint64_t total = 0;
	unsigned given = 0;

	for (unsigned i = 0; i <= DP_SLOTS; i++)
		target[i] = 0;
	for (unsigned i = 0; i < DP_SLOTS; i++)
		total += w->slot[i];
	if (total == 0)
		return false;
	for (unsigned i = 1; i <= DP_SLOTS; i++) {
		uint64_t scaled = w->slot[i - 1] * DP_BUCKETS;

		target[i] = (unsigned)(scaled / total);
		remainder[i] = scaled % total;
		given += target[i];
	}
	while (given < DP_BUCKETS) {
		unsigned i = next_by_remainder(remainder, held);

		target[i]++;
		remainder[i] = 0;
		given++;
	}
	return true;
}

unsigned steer_step(struct dp_steering *s, const struct steer_weights *w, unsigned moves_max)
{
	unsigned held[DP_SLOTS + 1];
	unsigned target[DP_SLOTS + 1];
	unsigned receiver = 1;
	unsigned moved = 0;
	bool any;

	count_held(s, held);
	any = shares(w, held, target);
	for (unsigned b = 0; b < DP_BUCKETS && moved < moves_max; b++) {
		unsigned holder = s->bucket_slot[b] <= DP_SLOTS ? s->bucket_slot[b] : 0;

		if (holder != 0 && held[holder] <= target[holder])
			continue;
		if (!any && holder == 0)
			continue;
		held[holder]--;
		while (any && held[receiver] >= target[receiver])
			receiver++;
		s->bucket_slot[b] = any ? (uint8_t)receiver : 0;
		held[any ? receiver : 0]++;
		moved++;
	}
	return moved;
}

unsigned steer_update(struct dp_steering *s, const struct steer_weights *w)
{
	return steer_step(s, w, DP_BUCKETS);
}

bool steer_is_off(const struct dp_steering *s, const struct steer_weights *w)
{
	unsigned held[DP_SLOTS + 1];
	uint64_t total = 0;

	count_held(s, held);
	for (unsigned i = 0; i < DP_SLOTS; i++)
		total += w->slot[i];
	if (total == 0)
		return held[0] != DP_BUCKETS;
	for (unsigned i = 1; i <= DP_SLOTS; i++) {
		/* shares in percent points, times total and 64 */
		uint64_t has = (uint64_t)held[i] * 100 * total;
		uint64_t wants = w->slot[i - 1] * 100 * DP_BUCKETS;
		uint64_t apart = has > wants ? has - wants : wants - has;

		if (apart >= STEER_SHARE_POINTS * DP_BUCKETS * total)
			return true;
	}
	return false;
}

unsigned steer_held(const struct dp_steering *s, uint8_t slot)
{
	unsigned held[DP_SLOTS + 1];

	count_held(s, held);
	return slot <= DP_SLOTS ? held[slot] : 0;
}
