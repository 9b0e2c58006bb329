/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exponential smoothing of byte counters in integers.  Pure. */
#include "dataplane/site/rates.h"

void rate_sample(struct rate *r, uint64_t now_ms, uint64_t bytes)
{
	uint64_t span = now_ms - r->at_ms;
	uint64_t current;

	if (r->at_ms == 0 || bytes < r->bytes) {
		*r = (struct rate){.bytes = bytes, .at_ms = now_ms};
		return;
	}
	if (span == 0)
		return;
	current = (bytes - r->bytes) * 8000 / span;
	if (current >= r->bps)
		r->bps += ((current - r->bps) * 3 + 7) / 8;
	else
		r->bps -= ((r->bps - current) * 3 + 7) / 8;
	r->bytes = bytes;
	r->at_ms = now_ms;
}
