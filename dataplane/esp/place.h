/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * On which processor a worker stays.  While it has little to do, on the one that its packets come
 * to: to be woken on another one, which sleeps, costs several times what it does with a packet.
 * While it has much to do, wherever the system finds room.  Pure: the caller reads the clock and
 * moves.
 */
#ifndef DATAPLANE_ESP_PLACE_H
#define DATAPLANE_ESP_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#define ESP_PLACE_ANY  (-1)
#define ESP_PLACE_KEEP (-2)

struct esp_place {
	bool pinned;
	uint32_t random;
	uint64_t began_ns, period_ns; /* the period; at least so long */
	uint64_t ended_ns;	      /* the turn before */
	uint64_t busy_ns;	      /* in the period */
	unsigned turns;		      /* in it, after a sleep */
	unsigned there;		      /* of them, brought by packets of `other` */
	int other;		      /* a processor that is not the worker's; -1: none yet */
};

/* What is known of a turn. */
struct esp_visit {
	uint64_t woke_ns, ended_ns;
	bool more;  /* it ended before all was taken */
	int origin; /* processor of the packet that began it; -1: not known */
	int own;    /* processor of the worker */
};

/* seed: another one for each worker. */
void esp_place_init(struct esp_place *p, unsigned seed);
/* Where to run from now on: a processor, ESP_PLACE_ANY, or ESP_PLACE_KEEP. */
int esp_place_turn(struct esp_place *p, const struct esp_visit *v);

#endif
