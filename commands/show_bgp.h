/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screens of show bgp, in this order. */
#ifndef COMMANDS_SHOW_BGP_H
#define COMMANDS_SHOW_BGP_H

#include "commands/show.h"
#include "dataplane/site/bgp.h"

void show_bgp_daemon(struct answer *a, const struct bgp_daemon_status *d);
void show_bgp_neighbours(struct answer *a, const struct show_clock *clock,
			 const struct bgp_neighbour_status *list, size_t count);
void show_bgp_routes(struct answer *a, const struct bgp_route *list, size_t count, bool all);

#endif
