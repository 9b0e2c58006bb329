/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two rings of health points, the coarse one made of the fine one. */
#include "dataplane/site/history.h"

#include "platform/base/mem.h"

#include <stdlib.h>

struct history {
	uint32_t seconds; /* ever added */
	uint32_t tens;
	struct health_point second[HEALTH_SECONDS_KEPT];
	struct health_point ten[HEALTH_TENS_KEPT];
};

struct history *history_new(void)
{
	return mem_zalloc(sizeof(struct history));
}

void history_free(struct history *h)
{
	free(h);
}

static uint16_t small(uint32_t v)
{
	return v > UINT16_MAX ? UINT16_MAX : (uint16_t)v;
}

/* How bad a state is, for the worst of several: not up is worst. */
static unsigned badness(uint8_t state)
{
	return state == HEALTH_NONE ? HEALTH_DOWN + 1U : state;
}

/* The last ten seconds as one point. */
static struct health_point fold(const struct history *s)
{
	struct health_point worst = {.state = HEALTH_GOOD};
	uint32_t score = 0, loss = 0, delay = 0, jitter = 0;

	for (uint32_t i = 1; i <= HEALTH_TENS_S; i++) {
		const struct health_point *p = &s->second[(s->seconds - i) % HEALTH_SECONDS_KEPT];

		if (badness(p->state) > badness(worst.state))
			worst.state = p->state;
		score += p->score;
		loss += p->loss;
		delay += p->delay_ms;
		jitter += p->jitter_ms;
	}
	worst.score = (uint8_t)(score / HEALTH_TENS_S);
	worst.loss = (uint16_t)(loss / HEALTH_TENS_S);
	worst.delay_ms = (uint16_t)(delay / HEALTH_TENS_S);
	worst.jitter_ms = (uint16_t)(jitter / HEALTH_TENS_S);
	return worst;
}

void history_add(struct history *s, const struct health *h)
{
	const struct health_figures *f = &h->figures;

	s->second[s->seconds++ % HEALTH_SECONDS_KEPT] =
		(struct health_point){.state = (uint8_t)health_state_of(h),
				      .score = f->score,
				      .loss = small(f->loss),
				      .delay_ms = small((f->delay_us + 500) / 1000),
				      .jitter_ms = small((f->jitter_us + 500) / 1000)};
	if (s->seconds % HEALTH_TENS_S == 0)
		s->ten[s->tens++ % HEALTH_TENS_KEPT] = fold(s);
}

static size_t read_ring(const struct health_point *ring, size_t kept, uint32_t ever,
			struct health_point *out, size_t max)
{
	size_t count = ever < kept ? ever : kept;

	if (count > max)
		count = max;
	for (size_t i = 0; i < count; i++)
		out[i] = ring[(ever - count + i) % kept];
	return count;
}

size_t history_read(const struct history *s, enum health_span span, struct health_point *out,
		    size_t max)
{
	switch (span) {
	case HEALTH_SECONDS:
		return read_ring(s->second, HEALTH_SECONDS_KEPT, s->seconds, out, max);
	case HEALTH_TENS:
		return read_ring(s->ten, HEALTH_TENS_KEPT, s->tens, out, max);
	}
	return 0;
}
