/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anti-replay: a ring of words indexed by sequence number; the window moves by whole words.  Never
 * allocates, never looks at packets.
 */
#include "dataplane/esp/replay.h"

#include <string.h>

#define WORD_BITS 64

_Static_assert(ESP_REPLAY_WINDOW == (ESP_REPLAY_WORDS - 1) * WORD_BITS, "window");

void esp_replay_init(struct esp_replay *r, bool esn)
{
	memset(r, 0, sizeof(*r));
	r->esn = esn;
}

/* RFC 4303 appendix A2.1; false when the number would lie before the first. */
static bool infer(const struct esp_replay *r, uint32_t low, uint64_t *seq)
{
	uint32_t top_low = (uint32_t)r->top;
	uint32_t high = (uint32_t)(r->top >> 32);
	uint32_t bottom = top_low - (ESP_REPLAY_WINDOW - 1);

	if (!r->esn) {
		*seq = low;
		return true;
	}
	if (top_low >= ESP_REPLAY_WINDOW - 1) { /* window within one subspace */
		if (low < bottom) {
			if (high == UINT32_MAX)
				return false;
			high++;
		}
	} else if (low >= bottom) { /* window reaches back into the one before */
		if (high == 0)
			return false;
		high--;
	}
	*seq = (uint64_t)high << 32 | low;
	return true;
}

static bool is_new(const struct esp_replay *r, uint64_t seq)
{
	uint64_t bit = UINT64_C(1) << (seq % WORD_BITS);

	if (seq == 0)
		return false;
	if (seq > r->top)
		return true;
	if (r->top - seq >= ESP_REPLAY_WINDOW)
		return false;
	return (r->bits[seq / WORD_BITS % ESP_REPLAY_WORDS] & bit) == 0;
}

bool esp_replay_check(const struct esp_replay *r, uint32_t low, uint64_t *seq)
{
	uint64_t whole;

	if (!infer(r, low, &whole) || !is_new(r, whole))
		return false;
	*seq = whole;
	return true;
}

/* Words that the window moves onto are emptied. */
static void advance(struct esp_replay *r, uint64_t seq)
{
	uint64_t old = r->top / WORD_BITS, new = seq / WORD_BITS;

	if (new - old >= ESP_REPLAY_WORDS)
		memset(r->bits, 0, sizeof(r->bits));
	else
		for (uint64_t word = old + 1; word <= new; word++)
			r->bits[word % ESP_REPLAY_WORDS] = 0;
	r->top = seq;
}

bool esp_replay_commit(struct esp_replay *r, uint64_t seq)
{
	if (!is_new(r, seq))
		return false;
	if (seq > r->top)
		advance(r, seq);
	r->bits[seq / WORD_BITS % ESP_REPLAY_WORDS] |= UINT64_C(1) << (seq % WORD_BITS);
	return true;
}
