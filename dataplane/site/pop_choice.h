/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which PoPs the roles of a site use whose destination is chosen by itself: by measured round trip,
 * or by distance as long as none is measured.  Plain data; knows nothing of running tunnels.
 */
#ifndef DATAPLANE_SITE_POP_CHOICE_H
#define DATAPLANE_SITE_POP_CHOICE_H

#include "dataplane/site/pop.h"

#define POP_MEASURES	   8
#define POP_BETTER_PERCENT 30 /* so much shorter a round trip must be, */
#define POP_BETTER_US	   20000
#define POP_BETTER_MS	   600000 /* for so long, before a PoP in service is left */

struct pop_measure {
	char pop[SITE_NAME_MAX];
	uint32_t rtt_us; /* smoothed */
};

struct pop_choice {
	size_t measure_count;
	struct pop_measure measures[POP_MEASURES];
	char chosen[SITE_ROLES][SITE_NAME_MAX]; /* "": none */
	uint64_t better_ms[SITE_ROLES];		/* since when another one is better; 0: none is */
};

/* A round trip between the PoP and the site. */
void pop_choice_measured(struct pop_choice *x, const char *pop, uint32_t rtt_us);
/* Measured round trip in microseconds; 0: none. */
uint32_t pop_choice_rtt_us(const struct pop_choice *x, const char *pop);
/* Choose anew; true when another PoP was chosen for a role.  settling: nobody depends on the
 * present choice yet. */
bool pop_choose(struct pop_choice *x, const struct pop_list *l, const struct site_config *c,
		bool settling, uint64_t now_ms);
/* The PoP that tunnels of the role end at: that of the destination's address, the named one, or the
 * chosen one.  NULL: any, or none is left. */
const struct pop *pop_of_role(const struct pop_choice *x, const struct pop_list *l,
			      const struct site_config *c, enum site_role role);
/* Why tunnels of the role cannot come up ("PoP Frankfurt is shut down"), false when they can. */
bool pop_is_unavailable(const struct pop_choice *x, const struct pop_list *l,
			const struct site_config *c, enum site_role role, char *why, size_t size);

#endif
