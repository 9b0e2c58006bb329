/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Routes to the networks of all sites.  A connected site claims its prefixes; when several sites
 * claim the same one, that with the lowest index has it, and the next one takes over when it lets
 * go.  What the kernel refuses is tried again by routes_retry.
 */
#ifndef DATAPLANE_SITE_ROUTES_H
#define DATAPLANE_SITE_ROUTES_H

#include "dataplane/net/net.h"
#include "dataplane/site/site_config.h"
#include "platform/base/list.h"
#include "platform/base/map.h"

struct routes {
	struct net *net; /* borrowed */
	struct map by_prefix;
	struct list pending; /* routes that differ from what the kernel has */
	/* A prefix could not be set: said once until it succeeds. */
	void (*on_error)(void *arg, uint32_t site, const char *text);
	void *arg;
};

void routes_init(struct routes *r, struct net *net,
		 void (*on_error)(void *arg, uint32_t site, const char *text), void *arg);
/* What an earlier process put into the kernel is there already; routes_audit removes what nobody
 * claims until then. */
void routes_adopt(struct routes *r);
void routes_clear(struct routes *r); /* all claims must be gone */

/* Where the routes of a site stand. */
struct routes_where {
	uint32_t table; /* of its account, 0: it has none */
	bool main;	/* whoever looks for the networks means this site */
};

/* Make claims (a list of one site's claims, owned by it) hold exactly these prefixes. */
void routes_claim(struct routes *r, struct list *claims, uint32_t site, int ifindex,
		  const struct ip_prefix *prefixes, size_t count, const struct routes_where *where);
static inline void routes_release(struct routes *r, struct list *claims)
{
	routes_claim(r, claims, 0, 0, 0, 0, 0);
}
/* True when nothing is left to be tried again. */
bool routes_retry(struct routes *r);
/* Compare with what the kernel has: what somebody deleted or bent comes back, what nobody wants
 * goes.  Result as routes_retry. */
bool routes_audit(struct routes *r);

/* What is behind a site: its native range and networks, or what `traffic-selector peer` says when
 * that is not everything.  Never a default route.  As it is configured; caller frees. */
struct ip_range *routes_ranges_of_site(const struct site_config *c, size_t *count);
/* The same as prefixes; caller frees. */
struct ip_prefix *routes_of_site(const struct site_config *c, size_t *count);

#endif
