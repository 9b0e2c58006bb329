/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anti-replay window of one inbound SA (RFC 4303 section 3.4.3), with inference of the high half of
 * extended sequence numbers (RFC 4303 appendix A2).  Several threads may use a window at a time,
 * without a lock: of all that commit a number, one succeeds.
 */
#ifndef DATAPLANE_ESP_REPLAY_H
#define DATAPLANE_ESP_REPLAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define ESP_REPLAY_SLOTS  128
#define ESP_REPLAY_WINDOW 2032 /* all slots but one, which may be in use for a newer block */

struct esp_replay {
	_Atomic uint64_t top; /* highest sequence number authenticated; 0: none */
	bool esn;
	/* Slot of a block of 16 numbers: the block's number, modulo 2^48, and a bit for each that
	 * came; 0: nothing yet. */
	_Atomic uint64_t slots[ESP_REPLAY_SLOTS];
};

void esp_replay_init(struct esp_replay *r, bool esn);

/* The whole sequence number that `low` on the wire stands for; false when it is a replay, left of
 * the window or not valid.  Changes nothing. */
bool esp_replay_check(struct esp_replay *r, uint32_t low, uint64_t *seq);

/* After authentication: takes seq in; false when it came in since the check, or the window moved
 * beyond it. */
bool esp_replay_commit(struct esp_replay *r, uint64_t seq);

uint64_t esp_replay_top(const struct esp_replay *r);

#endif
