/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When a worker lets packets gather: waking up for each of many small packets costs several times
 * what moving them costs, and for each of many long messages a quarter of it.  A packet that comes
 * alone, and a few long ones, never wait.  Pure: the caller reads the clock and sleeps.
 */
#ifndef DATAPLANE_ESP_PACE_H
#define DATAPLANE_ESP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Kinds of turns: of many small packets, and of so many octets that one turn is much like another.
 */
enum esp_pace_kind { ESP_PACE_NONE, ESP_PACE_SMALL, ESP_PACE_BULK };

struct esp_pace {
	uint64_t woke_ns; /* of the turn before, or the end of the nap after it */
	unsigned streak;  /* turns in a row that came fast and were of this kind */
	enum esp_pace_kind kind;
	unsigned between; /* turns of another kind since */
	bool napped;	  /* after the turn before */
};

/* What a turn of the worker moved. */
struct esp_turn {
	uint64_t woke_ns; /* when it began */
	size_t packets, octets;
	bool more; /* it ended before all was taken */
};

/* So many nanoseconds to sleep before the next turn, then call esp_pace_rested; 0: none. */
uint32_t esp_pace_turn(struct esp_pace *p, const struct esp_turn *t);
void esp_pace_rested(struct esp_pace *p, uint64_t now_ns);

#endif
