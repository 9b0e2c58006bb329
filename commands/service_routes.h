/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer that sends only a part of its traffic here routes into the tunnel all the same. */
#ifndef COMMANDS_SERVICE_ROUTES_H
#define COMMANDS_SERVICE_ROUTES_H

#include "commands/config.h"

#define SERVICE_ROUTES_MAX (4 + SERVICES_MAX)

struct service_routes {
	size_t count;
	struct ip_prefix item[SERVICE_ROUTES_MAX];
};

/* The standard ones, those of service-address, and the VPN users of the site's account. */
void service_routes(const struct config *c, const struct site_config *s,
		    struct service_routes *out);

#endif
