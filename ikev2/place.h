/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where peers are: the tunnels of each remote address, and the policies that they have between
 * them.  An IKE_SA_INIT request is known by its addresses only; with this its cost does not grow
 * with the number of tunnels.  RFC 7296 sections 2.7 and 2.9.
 */
#ifndef IKEV2_PLACE_H
#define IKEV2_PLACE_H

#include "ikev2/engine.h"

/* Equal for any number of tunnels. */
struct policy {
	struct list link;
	struct ip_addr local; /* IP_NONE: any */
	struct ike_parameters ike;
	bool force_encap;
	struct ike_gateway redirect;
	size_t tunnels;
};

struct place {
	struct map_node node;
	struct ip_addr remote; /* IP_NONE: tunnels whose peer may be anywhere */
	struct policies policies;
	struct list tunnels; /* struct tunnel.by_place; those that are up come last */
};

void policies_init(struct policies *p);

/* A tunnel comes, goes (also before its profile changes), came up or went down. */
void place_join(struct ike_engine *e, struct tunnel *t);
void place_leave(struct ike_engine *e, struct tunnel *t);
void place_state(struct tunnel *t, bool up);

/* The one with this address; NULL: no tunnel has it. */
const struct place *place_find(const struct ike_engine *e, const struct ip_addr *remote);

/* The distinct parameters of all tunnels that a request between these addresses may belong to; of
 * all at the local address, when there is none. */
struct candidates {
	struct ike_parameters *params; /* the caller frees them */
	size_t count;
	bool force_encap;	     /* at least one wants it */
	struct ike_gateway redirect; /* all of them send their peers there */
};
void candidates_of(const struct ike_engine *e, const struct ip_addr *local,
		   const struct ip_addr *remote, struct candidates *out);

#endif
