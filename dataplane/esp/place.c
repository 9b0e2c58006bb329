/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Place of a worker; see place.h.  Never moves itself. */
#include "dataplane/esp/place.h"

#define PERIOD_NS  UINT64_C(20000000)
#define PERIODS	   4	/* so many times longer at most */
#define AWAKE_NS   5000 /* between two turns: it did not sleep */
#define BUSY_SHARE 4	/* one part of so many of the time is much */
#define IDLE_SHARE 8	/* and one of so many little */
#define TURNS	   8	/* at least, before it moves */
#define TRY_ONE_OF 3

/* Workers that follow each other must not do so in step: periods differ. */
static void begin(struct esp_place *p, uint64_t now_ns)
{
	p->random = p->random * 1103515245 + 12345;
	p->period_ns = PERIOD_NS + (p->random >> 16) % ((PERIODS - 1) * PERIOD_NS);
	p->began_ns = p->ended_ns = now_ns;
	p->busy_ns = 0;
	p->other = -1;
	p->turns = p->there = 0;
}

void esp_place_init(struct esp_place *p, unsigned seed)
{
	p->pinned = false;
	p->random = seed;
	begin(p, 0);
}

/* Only what woke the worker counts: it often brings the answer by itself. */
static void count(struct esp_place *p, const struct esp_visit *v)
{
	p->busy_ns += v->ended_ns - v->woke_ns;
	if (v->woke_ns - p->ended_ns > AWAKE_NS) {
		p->turns++;
		if (p->other < 0 && v->origin != v->own)
			p->other = v->origin;
		p->there += p->other >= 0 && v->origin == p->other;
	}
	p->ended_ns = v->ended_ns;
}

/* Half of the packets are no reason to move, as long as the other half comes from a worker that may
 * follow; but to try is the way to a processor where both halves come. */
static bool is_better(const struct esp_place *p)
{
	return p->there * 4 >= p->turns * 3 ||
	       (p->there * 2 >= p->turns && (p->random >> 16) % TRY_ONE_OF == 0);
}

int esp_place_turn(struct esp_place *p, const struct esp_visit *v)
{
	uint64_t elapsed = v->ended_ns - p->began_ns;
	int to = ESP_PLACE_KEEP;

	count(p, v);
	if (v->more || (elapsed >= PERIOD_NS && p->busy_ns * BUSY_SHARE > elapsed)) {
		to = p->pinned ? ESP_PLACE_ANY : ESP_PLACE_KEEP;
		p->pinned = false;
		begin(p, v->ended_ns);
	} else if (elapsed >= p->period_ns && p->turns >= TURNS) {
		if (p->other >= 0 && p->busy_ns * IDLE_SHARE < elapsed && is_better(p)) {
			to = p->other;
			p->pinned = true;
		}
		begin(p, v->ended_ns);
	}
	return to;
}
