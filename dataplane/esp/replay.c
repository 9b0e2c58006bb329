/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anti-replay: a ring of slots, each for a block of sequence numbers and saying which one, so that
 * one compare-and-swap takes a number in, and empties the slot of an older block on the way.  A
 * slot never goes back to an older block: what was accepted once is never accepted again, whatever
 * top a thread has seen.  Never allocates, never looks at packets.
 */
#include "dataplane/esp/replay.h"

#include <stddef.h>

#define BLOCK	 16 /* numbers in a slot */
#define TAG_BITS 48

_Static_assert(ESP_REPLAY_WINDOW == (ESP_REPLAY_SLOTS - 1) * BLOCK, "window");

void esp_replay_init(struct esp_replay *r, bool esn)
{
	atomic_init(&r->top, 0);
	r->esn = esn;
	for (size_t i = 0; i < ESP_REPLAY_SLOTS; i++)
		atomic_init(&r->slots[i], 0);
}

uint64_t esp_replay_top(const struct esp_replay *r)
{
	return atomic_load_explicit(&r->top, memory_order_relaxed);
}

/* RFC 4303 appendix A2.1; false when the number would lie before the first. */
static bool infer(const struct esp_replay *r, uint64_t top, uint32_t low, uint64_t *seq)
{
	uint32_t top_low = (uint32_t)top;
	uint32_t high = (uint32_t)(top >> 32);
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

static bool is_in_window(uint64_t top, uint64_t seq)
{
	return seq != 0 && (seq > top || top - seq < ESP_REPLAY_WINDOW);
}

static size_t slot_of(uint64_t seq)
{
	return seq / BLOCK % ESP_REPLAY_SLOTS;
}

/* What the slot must become for seq to be in; 0: seq is in already, or the slot is newer. */
static uint64_t with(uint64_t slot, uint64_t seq)
{
	uint64_t tag = seq / BLOCK << (64 - TAG_BITS);
	uint64_t bit = UINT64_C(1) << (seq % BLOCK);
	int64_t ahead = (int64_t)(tag - (slot & ~(uint64_t)UINT16_MAX));

	if (slot == 0 || ahead > 0)
		return tag | bit;
	if (ahead < 0 || (slot & bit) != 0)
		return 0;
	return slot | bit;
}

bool esp_replay_check(struct esp_replay *r, uint32_t low, uint64_t *seq)
{
	uint64_t top = esp_replay_top(r), whole;

	if (!infer(r, top, low, &whole) || !is_in_window(top, whole) ||
	    with(atomic_load_explicit(&r->slots[slot_of(whole)], memory_order_relaxed), whole) == 0)
		return false;
	*seq = whole;
	return true;
}

static void raise_top(struct esp_replay *r, uint64_t seq)
{
	uint64_t top = esp_replay_top(r);

	while (top < seq && !atomic_compare_exchange_weak(&r->top, &top, seq))
		;
}

bool esp_replay_commit(struct esp_replay *r, uint64_t seq)
{
	_Atomic uint64_t *slot = &r->slots[slot_of(seq)];
	uint64_t before = atomic_load(slot), after;

	if (!is_in_window(esp_replay_top(r), seq))
		return false;
	do {
		after = with(before, seq);
		if (after == 0)
			return false;
	} while (!atomic_compare_exchange_weak(slot, &before, after));
	raise_top(r, seq);
	return true;
}
