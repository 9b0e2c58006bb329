/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of health; as show.h. */
#ifndef COMMANDS_SHOW_HEALTH_H
#define COMMANDS_SHOW_HEALTH_H

#include "commands/show.h"

struct show_health_points {
	struct health_point seconds[HEALTH_SECONDS_KEPT], tens[HEALTH_TENS_KEPT];
	size_t second_count, ten_count;
};

struct show_health {
	bool history; /* in full; otherwise one line per tunnel */
	bool utf8;
	unsigned width; /* columns, 0: unlimited */
	size_t sites;
};

void show_health_begin(struct answer *a, const struct show_health *h);
/* points: of each tunnel, in the order of status->tunnels. */
void show_health_site(struct answer *a, struct show_health *h, const struct show_site *site,
		      const struct show_health_points *points);
void show_health_end(struct answer *a, const struct show_health *h);

#endif
