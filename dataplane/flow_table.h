/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a worker of a backend without packet marks needs to obey struct dp_steering: which slot a
 * packet takes, and a table of flows that have one.  One table per worker serves all of its sites;
 * its size is fixed, the flow that was quiet for longest makes room.  No lock, no allocation after
 * flow_table_new, no system call.
 */
#ifndef DATAPLANE_FLOW_TABLE_H
#define DATAPLANE_FLOW_TABLE_H

#include "dataplane/dataplane.h"

struct flow_table;

/* flows is rounded up to a power of two, at least 64; 16 octets each. */
struct flow_table *flow_table_new(size_t flows);
void flow_table_free(struct flow_table *t); /* NULL is allowed */

struct flow_rules {
	const struct dp_rule *rules; /* in order */
	size_t count;
};

#define FLOW_NO_RULE UINT32_MAX

/* The slot (1..DP_SLOTS) for a packet of a site, 0: none, DP_RULE_DROP: a rule says drop.  hash: of
 * the flow, well mixed; bucket: hash modulo DP_BUCKETS or as the backend likes, the same for all
 * packets of a flow.  now_s: any clock of seconds.  *rule: place of the rule that decided or let
 * through, FLOW_NO_RULE when none matched (count it). */
uint8_t flow_choose(struct flow_table *t, uint32_t site, const struct dp_steering *s,
		    const struct flow_rules *rules, const struct net_packet *p, uint64_t hash,
		    unsigned bucket, uint32_t now_s, uint32_t *rule);

#endif
