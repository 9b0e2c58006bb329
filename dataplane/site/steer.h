/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which tunnel carries which hash bucket: weights to 64 buckets, with the fewest moves. */
#ifndef DATAPLANE_SITE_STEER_H
#define DATAPLANE_SITE_STEER_H

#include "dataplane/dataplane.h"
#include "dataplane/site/site_config.h"

#include <stdbool.h>
#include <stdint.h>

struct steer_weights {
	uint64_t slot[DP_SLOTS]; /* of slot 1..6 at index 0..5; 0: not usable; below 2^40 */
};

/* Weights of the tunnels of role that are up (bit slot - 1 in up_slots): downstream last-mile
 * bandwidth times link preference; a tunnel without bandwidth counts as the mean of those of the
 * role that have one. */
struct steer_weights steer_weights_of(const struct site_config *c, enum site_role role,
				      unsigned up_slots);

/* Bring s to the shares that w asks for: each slot gets its share of 64 rounded down or up, and
 * only as many buckets move as must.  All buckets become 0 when no slot has weight.  Returns how
 * many buckets changed. */
unsigned steer_update(struct dp_steering *s, const struct steer_weights *w);
/* The same, but at most moves_max buckets. */
unsigned steer_step(struct dp_steering *s, const struct steer_weights *w, unsigned moves_max);

/* Weights that wander a little move nothing: is the share of any slot this many percent points or
 * more away from what w asks for? */
#define STEER_SHARE_POINTS 5
bool steer_is_off(const struct dp_steering *s, const struct steer_weights *w);
/* Buckets of the slot. */
unsigned steer_held(const struct dp_steering *s, uint8_t slot);

#endif
