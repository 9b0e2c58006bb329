/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The difference of two clocks, followed while it changes slowly. */
#include "dataplane/site/clock_watch.h"

#include <stdlib.h>

static int64_t difference(uint64_t now_ms, uint64_t wall_ms)
{
	return (int64_t)wall_ms - (int64_t)now_ms;
}

void clock_watch_init(struct clock_watch *w, uint64_t now_ms, uint64_t wall_ms)
{
	*w = (struct clock_watch){.offset_ms = difference(now_ms, wall_ms)};
}

int64_t clock_watch_look(struct clock_watch *w, uint64_t now_ms, uint64_t wall_ms)
{
	int64_t jump = difference(now_ms, wall_ms) - w->offset_ms;

	if (llabs(jump) < CLOCK_WATCH_JUMP_MS) {
		w->offset_ms += (jump > 0) - (jump < 0); /* a daemon of time slews it */
		return 0;
	}
	if (w->told && now_ms - w->told_ms < CLOCK_WATCH_AGAIN_MS)
		return 0;
	w->offset_ms += jump;
	w->told_ms = now_ms;
	w->told = true;
	return jump;
}
