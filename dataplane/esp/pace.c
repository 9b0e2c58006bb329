/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pace of a worker; see pace.h.  Never sleeps itself. */
#include "dataplane/esp/pace.h"

#define FAST_NS	   40000 /* between two turns */
#define STREAK	   8	 /* fast turns before the first nap */
#define WORTH	   3	 /* packets that a nap must have gathered for another one */
#define SMALL_MEAN 512	 /* octets */

static bool is_small(const struct esp_turn *t)
{
	return !t->more && t->packets != 0 && t->octets <= t->packets * SMALL_MEAN;
}

bool esp_pace_turn(struct esp_pace *p, const struct esp_turn *t)
{
	bool busy = p->napped ? t->packets >= WORTH : t->woke_ns - p->woke_ns < FAST_NS;

	p->streak = busy && is_small(t) ? p->streak + 1 : 0;
	p->woke_ns = t->woke_ns;
	p->napped = p->streak >= STREAK;
	return p->napped;
}

void esp_pace_rested(struct esp_pace *p, uint64_t now_ns)
{
	p->woke_ns = now_ns;
}
