/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which HA role of a site carries its traffic. */
#ifndef DATAPLANE_SITE_HA_H
#define DATAPLANE_SITE_HA_H

#include "dataplane/site/site_config.h"

#include <stdbool.h>
#include <stdint.h>

struct ha {
	enum site_role active;
	bool connected;	     /* any tunnel of the active role is up */
	bool primary_was_up; /* ever, since ha_init */
	bool primary_fit;
	uint64_t primary_since_ms; /* when primary_fit became true */
};

enum ha_change {
	HA_SAME,
	HA_CONNECTED,	 /* first tunnel came up; active says on which role */
	HA_DISCONNECTED, /* none is up; active stays */
	HA_SWITCHED,	 /* traffic moves to the other role, which is now active */
};

void ha_init(struct ha *h);

/* Decide with the number of tunnels that are up per role.  The active role changes only when all
 * its tunnels are down and the other has one up; back to primary after failback_ms in which a
 * primary tunnel was up and fit for traffic without interruption (at once when primary had never
 * been up before).  primary_fit: a primary tunnel is up and usable. */
enum ha_change ha_decide(struct ha *h, uint64_t now_ms, const unsigned up[SITE_ROLES],
			 bool primary_fit, uint64_t failback_ms);

/* When to decide again without a change of tunnels; UINT64_MAX: no need. */
uint64_t ha_deadline(const struct ha *h, uint64_t failback_ms);

#endif
