/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Service addresses: own addresses that every site reaches through its tunnels, whatever PoP those
 * end at.  They answer echo requests, and queries for the zone of destinations' names.
 */
#ifndef DATAPLANE_SITE_SERVICES_H
#define DATAPLANE_SITE_SERVICES_H

#include "dataplane/site/gateway.h"

#define SERVICES_MAX 8

/* In place of those before; IPv4, SERVICES_MAX at most.  An error with e: tried again by itself. */
int gateway_services_set(struct gateway *g, const struct ip_addr *list, size_t count,
			 struct err_msg *e) WARN_UNUSED;

#endif
