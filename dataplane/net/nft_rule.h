/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network rules in nftables: one rule per number in chain `rules`, with a counter. */
#ifndef DATAPLANE_NET_NFT_RULE_H
#define DATAPLANE_NET_NFT_RULE_H

#include "dataplane/dataplane.h"
#include "dataplane/net/nft_batch.h"

struct nft_hits {
	uint32_t number;
	uint64_t packets, octets;
};

struct nftnl_rule;

/* Where the octet of DSCP lies differs between the families: a match needs one rule, or two.  Their
 * families, IP_NONE for both at once; how many. */
unsigned nft_match_families(const struct net_match *m, uint8_t families[2]);
/* The expressions of a match; they use registers 2 and above. */
void nft_match_put(struct nftnl_rule *r, const struct net_match *m, uint8_t family);
void nft_network_rule_put(struct nft_batch *b, const struct dp_rule *rule,
			  const struct nft_hits *hits);
void nft_network_rules_flush(struct nft_batch *b);
/* The number and counter of a rule that the kernel told; false: another kind of rule. */
bool nft_network_rule_read(const struct nlmsghdr *m, struct nft_hits *out);

#endif
