/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the health of a tunnel was: each of the last 60 seconds, and each ten of the last quarter of
 * an hour. */
#ifndef DATAPLANE_SITE_HISTORY_H
#define DATAPLANE_SITE_HISTORY_H

#include "dataplane/site/health.h"

#include <stddef.h>

enum health_span { HEALTH_SECONDS, HEALTH_TENS };

#define HEALTH_SECONDS_KEPT 60
#define HEALTH_TENS_KEPT    90
#define HEALTH_TENS_S	    10

struct health_point {
	uint8_t state; /* enum health_state; of ten seconds the worst */
	uint8_t score; /* 0..100; of ten seconds the mean */
	uint16_t loss; /* hundredths of a percent */
	uint16_t delay_ms, jitter_ms;
};

struct history;

struct history *history_new(void);
void history_free(struct history *h); /* NULL is allowed */
/* Once a second, also while the tunnel is down (h off). */
void history_add(struct history *s, const struct health *h);
/* The latest points, oldest first, at most max; returns how many. */
size_t history_read(const struct history *s, enum health_span span, struct health_point *out,
		    size_t max);

#endif
