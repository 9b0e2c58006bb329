/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HA roles.  Pure decisions over counts and time:
 *
 *   disconnected --any up--> primary or secondary (primary when both)
 *   primary   --all primary down, a secondary up--> secondary
 *   secondary --all secondary down, a primary up--> primary
 *   secondary --a primary up and fit for the failback delay--> primary
 *   any       --none up--> disconnected, remembers the role
 */
#include "dataplane/site/ha.h"

void ha_init(struct ha *h)
{
	*h = (struct ha){.active = SITE_PRIMARY};
}

static void note_primary(struct ha *h, uint64_t now_ms, bool fit)
{
	if (fit && !h->primary_fit)
		h->primary_since_ms = now_ms;
	h->primary_fit = fit;
}

static bool failback_due(const struct ha *h, uint64_t now_ms, uint64_t failback_ms)
{
	return !h->primary_was_up ||
	       (h->primary_fit && now_ms - h->primary_since_ms >= failback_ms);
}

enum ha_change ha_decide(struct ha *h, uint64_t now_ms, const unsigned up[SITE_ROLES],
			 bool primary_fit, uint64_t failback_ms)
{
	bool primary = up[SITE_PRIMARY] > 0;
	bool secondary = up[SITE_SECONDARY] > 0;
	bool was_connected = h->connected;
	enum site_role before = h->active;

	note_primary(h, now_ms, primary && primary_fit);
	h->connected = primary || secondary;
	if (primary && (!secondary || !was_connected || failback_due(h, now_ms, failback_ms)))
		h->active = SITE_PRIMARY;
	else if (secondary && !primary)
		h->active = SITE_SECONDARY;
	if (primary)
		h->primary_was_up = true;
	if (h->connected != was_connected)
		return h->connected ? HA_CONNECTED : HA_DISCONNECTED;
	return h->active == before ? HA_SAME : HA_SWITCHED;
}

uint64_t ha_deadline(const struct ha *h, uint64_t failback_ms)
{
	if (!h->connected || h->active == SITE_PRIMARY || !h->primary_fit)
		return UINT64_MAX;
	return h->primary_since_ms + failback_ms;
}
