/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of tunnels' destinations, and the name server that answers them with the PoP that each
 * tunnel shall use now. */
#ifndef DATAPLANE_SITE_NAMES_H
#define DATAPLANE_SITE_NAMES_H

#include "dataplane/dns/dns_server.h"
#include "dataplane/site/gateway.h"

/* Where PoPs are chosen for a new name before it is given to the peer. */
#define NAMES_SETTLE_MS 180000

/* At `at` (or nowhere, when its address is not set) and at the service addresses; zone "": no name
 * server.  ERR_SYSTEM with e; it is tried again every 5 s. */
int gateway_dns_set(struct gateway *g, const char *zone, const struct ip_endpoint *at,
		    struct err_msg *e);
struct gateway_dns_status {
	bool running;
	char problem[160]; /* "" none */
	struct dns_counters counters;
};
void gateway_dns_status(const struct gateway *g, struct gateway_dns_status *out);

/* A name of its own for a tunnel: random, 16 letters and digits below the zone. */
void names_generate(enum site_role role, unsigned index0, const char *zone,
		    char out[SITE_TEXT_MAX]);

#endif
