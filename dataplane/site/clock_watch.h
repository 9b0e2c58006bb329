/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Was the clock of this machine set?  Everything here runs by a clock that nobody sets, but what
 * operators read has the times of the other one: they are told when it jumped, or stands still.
 * Pure.
 */
#ifndef DATAPLANE_SITE_CLOCK_WATCH_H
#define DATAPLANE_SITE_CLOCK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_WATCH_JUMP_MS  2000  /* less is what daemons of time do, and not told */
#define CLOCK_WATCH_AGAIN_MS 60000 /* told at most once in so long */

struct clock_watch {
	int64_t offset_ms; /* of the two clocks, as last known */
	uint64_t told_ms;
	bool told;
};

void clock_watch_init(struct clock_watch *w, uint64_t now_ms, uint64_t wall_ms);
/* Once a second: by how much it was set, to be told now; 0: it was not. */
int64_t clock_watch_look(struct clock_watch *w, uint64_t now_ms, uint64_t wall_ms);

#endif
