/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bits per second from byte counters, smoothed. */
#ifndef DATAPLANE_SITE_RATES_H
#define DATAPLANE_SITE_RATES_H

#include <stdint.h>

struct rate {
	uint64_t bytes; /* at the last sample */
	uint64_t at_ms; /* of the last sample, 0: none yet */
	uint64_t bps;	/* smoothed */
};

/* Take a sample of a growing counter at now_ms; a counter that went back starts anew.  Each second
 * closes 3/8 of the distance to the current rate, so a step shows to 90 % within 5 s. */
void rate_sample(struct rate *r, uint64_t now_ms, uint64_t bytes);

#endif
