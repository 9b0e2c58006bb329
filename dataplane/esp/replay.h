/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anti-replay window of one inbound SA (RFC 4303 section 3.4.3, bitmap as RFC 6479), with inference
 * of the high half of extended sequence numbers (RFC 4303 appendix A2).  Pure; one thread at a
 * time.
 */
#ifndef DATAPLANE_ESP_REPLAY_H
#define DATAPLANE_ESP_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define ESP_REPLAY_WORDS  32
#define ESP_REPLAY_WINDOW 1984 /* all but one word, which is being reused: RFC 6479 section 2 */

struct esp_replay {
	uint64_t top; /* highest sequence number authenticated; 0: none */
	bool esn;
	uint64_t bits[ESP_REPLAY_WORDS];
};

void esp_replay_init(struct esp_replay *r, bool esn);

/* The whole sequence number that `low` on the wire stands for; false when it is a replay, left of
 * the window or not valid.  Changes nothing. */
bool esp_replay_check(const struct esp_replay *r, uint32_t low, uint64_t *seq);

/* After authentication: takes seq in; false when it came in since the check. */
bool esp_replay_commit(struct esp_replay *r, uint64_t seq);

#endif
