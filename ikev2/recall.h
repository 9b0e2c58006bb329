/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Peers whose address does not tell their tunnel: the algorithms of IKE_SA_INIT are chosen among
 * those of all tunnels that may be meant, and the one that it turns out to be may not allow the
 * choice.  Such a peer, once it has authenticated itself, gets what its tunnel allows when it comes
 * again from the same place.  A few are remembered, for a while.  RFC 7296 section 2.7.
 */
#ifndef IKEV2_RECALL_H
#define IKEV2_RECALL_H

#include "ikev2/ike.h"

#define RECALL_ROWS 64
#define RECALL_MS   600000

struct recall {
	struct {
		struct ip_endpoint remote; /* of its IKE_SA_INIT */
		struct ike_parameters ike;
		uint64_t until_ms; /* 0: free */
	} row[RECALL_ROWS];
	unsigned next; /* the oldest one goes */
};

void recall_set(struct recall *r, uint64_t now_ms, const struct ip_endpoint *remote,
		const struct ike_parameters *ike);
/* What the peer there needed; NULL: nothing is known. */
const struct ike_parameters *recall_find(const struct recall *r, uint64_t now_ms,
					 const struct ip_endpoint *remote);

#endif
