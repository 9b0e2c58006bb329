/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of destinations at a name server of somebody else, kept up to date there by dynamic
 * update (RFC 2136). */
#ifndef DATAPLANE_SITE_PUBLISH_H
#define DATAPLANE_SITE_PUBLISH_H

#include "dataplane/dns/dns_updater.h"
#include "dataplane/site/gateway.h"

struct gateway_dns_update {
	struct ip_endpoint server; /* address not set: none */
	char zone[128];		   /* of the server that the names are in */
	struct dns_key key;	   /* borrowed */
};

/* Names at a server that is no longer wanted are removed there, as far as it can be reached. */
void gateway_dns_update_set(struct gateway *g, const struct gateway_dns_update *o);
/* False: there is no such server. */
bool gateway_dns_update_status(const struct gateway *g, struct dns_updater_status *out);
struct dns_update_counts gateway_dns_update_counts(const struct gateway *g);
/* "published", "waiting", "conflict"; NULL: it is not kept there. */
const char *gateway_dns_update_state(const struct gateway *g, const char *name);

#endif
