/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BGP over the tunnels of sites, as shows see it.  BIRD speaks it (platform/os/bird.h); which
 * neighbours there are and when their sessions shall be up follows from the sites.
 */
#ifndef DATAPLANE_SITE_BGP_H
#define DATAPLANE_SITE_BGP_H

#include "dataplane/site/gateway.h"

#include <sys/types.h>

struct bgp_daemon_status {
	const char
		*state; /* "running", "missing", "refused", "hung", "failed", "starting", "off" */
	char text[256]; /* why, "" when all is well */
	char version[32];
	pid_t pid; /* 0: none */
	unsigned restarts;
	size_t neighbours, established;
};

struct bgp_neighbour_status {
	char site[SITE_NAME_MAX];
	enum site_role role;
	unsigned index; /* 1..3 */
	uint8_t slot;
	struct ip_addr local, peer;
	uint32_t local_as, peer_as;
	uint32_t keepalive_s, hold_s, maximum_prefix;
	bool established;
	char state[16];	   /* "Established", "Active", "Connect", "Idle", "Down", "Incomplete" */
	uint64_t since_s;  /* of the state, since 1970; 0 unknown */
	char reason[48];   /* "-" when established */
	char hint[160];	   /* "" none */
	char detail[96];   /* what BIRD says of the last error, "" none */
	uint32_t received; /* routes that are in use or wait as the second choice */
	uint32_t refused, sent;
};

void gateway_bgp_daemon(const struct gateway *g, struct bgp_daemon_status *out);
/* Tunnels of sites with BGP, in order of site and slot; ERR_NOT_FOUND past the end. */
int gateway_bgp_at(const struct gateway *g, size_t index,
		   struct bgp_neighbour_status *out) WARN_UNUSED;

struct bgp_route {
	char site[SITE_NAME_MAX];
	uint8_t slot;
	struct ip_prefix prefix;
	struct ip_addr next_hop;
	bool best;
	bool has_med;
	uint32_t med, local_pref;
	char path[128];
	char origin;	     /* 'i', 'e', '?' */
	const char *refused; /* why it is not used, NULL: it is */
};

#define BGP_ROUTES_SHOWN 5000

/* Ask BIRD for the routes that peers of a site (NULL: of all) announce.  fn is called once, later:
 * routes NULL when there is no answer; all: false when there are more than BGP_ROUTES_SHOWN.
 * ERR_WRONG_STATE: BIRD does not run; fn is not called then. */
typedef void gateway_bgp_routes_fn(void *arg, const struct bgp_route *routes, size_t count,
				   bool all);
int gateway_bgp_routes(struct gateway *g, const char *site, gateway_bgp_routes_fn *fn,
		       void *arg) WARN_UNUSED;
/* fn is not called any more. */
void gateway_bgp_routes_cancel(struct gateway *g, const void *arg);
/* End sessions so that they begin anew; slot 0: all of the site.  ERR_NOT_FOUND, ERR_WRONG_STATE.
 */
int gateway_bgp_clear(struct gateway *g, const char *site, uint8_t slot,
		      struct err_msg *e) WARN_UNUSED;

#endif
