/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pace of a worker; see pace.h.  Never sleeps itself. */
#include "dataplane/esp/pace.h"

#define STREAK	   8   /* fast turns before the first nap */
#define SMALL_MEAN 512 /* octets */

/* What a nap is for, and what makes turns fast enough for it. */
static const struct pace_kind {
	uint64_t fast_ns; /* between two turns, at most */
	size_t packets;	  /* that a nap must have gathered for another one */
	size_t octets;	  /* in each turn */
	uint32_t nap_ns;
} kinds[] = {
	[ESP_PACE_SMALL] = {40000, 3, 0, 50000},
	[ESP_PACE_BULK] = {200000, 0, 16384, 60000},
};

static enum esp_pace_kind kind_of(const struct esp_turn *t)
{
	if (t->more || t->packets == 0)
		return ESP_PACE_NONE;
	if (t->octets <= t->packets * SMALL_MEAN)
		return ESP_PACE_SMALL;
	return t->octets >= kinds[ESP_PACE_BULK].octets ? ESP_PACE_BULK : ESP_PACE_NONE;
}

/* Acknowledgements and the like between turns of a stream: they neither wait nor end it. */
static bool is_between(struct esp_pace *p, enum esp_pace_kind kind, const struct esp_turn *t)
{
	return p->kind == ESP_PACE_BULK && p->streak != 0 && kind != ESP_PACE_BULK &&
	       t->woke_ns - p->woke_ns < kinds[ESP_PACE_BULK].fast_ns && ++p->between < STREAK;
}

uint32_t esp_pace_turn(struct esp_pace *p, const struct esp_turn *t)
{
	enum esp_pace_kind kind = kind_of(t);
	const struct pace_kind *k = &kinds[kind];
	bool busy;

	if (is_between(p, kind, t)) {
		p->napped = false;
		return 0;
	}
	busy = p->napped ? t->packets >= k->packets : t->woke_ns - p->woke_ns < k->fast_ns;
	p->streak = kind != ESP_PACE_NONE && busy && (kind == p->kind || p->streak == 0)
			    ? p->streak + 1
			    : 0;
	p->kind = kind;
	p->between = 0;
	p->woke_ns = t->woke_ns;
	p->napped = p->streak >= STREAK;
	return p->napped ? k->nap_ns : 0;
}

void esp_pace_rested(struct esp_pace *p, uint64_t now_ns)
{
	p->woke_ns = now_ns;
}
