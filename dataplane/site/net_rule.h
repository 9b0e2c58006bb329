/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network rules: which WAN link carries which traffic towards a site, instead of the distribution
 * over all tunnels.  Ordered by priority, the first match decides.
 */
#ifndef DATAPLANE_SITE_NET_RULE_H
#define DATAPLANE_SITE_NET_RULE_H

#include "dataplane/dataplane.h"
#include "dataplane/net/net.h"
#include "dataplane/site/site_config.h"

enum net_fallback { NET_FALLBACK_NONE, NET_FALLBACK_WAN, NET_FALLBACK_ANY };

struct net_rule {
	uint32_t priority;	  /* 1..65535, unique */
	char name[SITE_TEXT_MAX]; /* what an operator calls it */
	struct net_match match;
	char site[SITE_NAME_MAX]; /* "": every site */
	uint32_t wan_role;	  /* 1..3; 0: any tunnel, as without a rule */
	/* While no usable tunnel of the active HA role has wan_role: wait (the traffic is dropped
	 * and counted), take fallback_wan (and wait when it is not usable either), or any tunnel.
	 */
	enum net_fallback fallback;
	uint32_t fallback_wan;
	/* 1 (first) .. 255; 0: not set, after all others.  A rule that has neither this nor a
	 * wan_role is not in force. */
	uint32_t qos_priority;
};

/* In order of priority; owned. */
struct net_rule_list {
	size_t count;
	struct net_rule *items;
};

void net_rules_clear(struct net_rule_list *l);
void net_rules_copy(struct net_rule_list *dst, const struct net_rule_list *src);
/* Replaces the rule with the same priority. */
void net_rules_set(struct net_rule_list *l, const struct net_rule *r);
bool net_rules_remove(struct net_rule_list *l, uint32_t priority);
struct net_rule *net_rules_find(const struct net_rule_list *l, uint32_t priority); /* or NULL */
bool net_rule_equal(const struct net_rule *a, const struct net_rule *b);
bool net_rules_equal(const struct net_rule_list *a, const struct net_rule_list *b);

bool net_rule_in_force(const struct net_rule *r);
/* Queues of the rules' priorities: as many as there are different ones, NET_BANDS at most. */
struct net_bands {
	uint8_t of[256]; /* by qos_priority; [0] is 0 */
};

struct net_bands net_rules_bands(const struct net_rule_list *l);
/* Does the rule apply to this site at all? */
bool net_rule_is_for(const struct net_rule *r, const char *site);
/* The first rule in force that matches a packet to the site; NULL: none. */
const struct net_rule *net_rules_first(const struct net_rule_list *l, const char *site,
				       const struct net_packet *p);
/* Where the traffic of a rule goes: a slot, 0 (as if there were no rule) or DP_RULE_DROP.  slots:
 * usable ones of the active role, as bits slot - 1. */
uint8_t net_rule_slot(const struct net_rule *r, const struct site_config *c, unsigned slots);
/* All rules that are in force for the site as its data plane needs them; caller frees. */
struct dp_rule *net_rules_for_site(const struct net_rule_list *l, const struct site_config *c,
				   unsigned slots, size_t *count);

#endif
