/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Our nftables table as an object: what it shall hold is kept here, changes are collected and done
 * in one transaction by nft_commit.  After a refusal, a loss of answers or a change by somebody
 * else the whole table is made anew from what is kept.
 */
#ifndef DATAPLANE_NET_NFT_H
#define DATAPLANE_NET_NFT_H

#include "dataplane/dataplane.h"
#include "dataplane/net/net.h"

struct nft;

struct nft_options {
	bool steering; /* the data plane selects by packet mark; otherwise only TCP MSS is clamped
			*/
	uint16_t natt_port; /* where ESP in UDP arrives: strangers may not flood it */
};

/* NULL with e when there is no nftables here; the table is made by the first commit. */
struct nft *nft_open(const struct nft_options *o, struct err_msg *e);
/* Removes the table; NULL is allowed.  An error tells that it is still there. */
int nft_close(struct nft *n, struct err_msg *e) WARN_UNUSED;

/* All of these only collect. */
void nft_site_set(struct nft *n, uint32_t site, int ifindex, const struct dp_steering *s,
		  const struct dp_rule *rules, size_t count); /* number and slot of the rules */
void nft_site_remove(struct nft *n, uint32_t site);
/* Somebody with a Child SA is no stranger; as often as it is said, it has to be taken back. */
void nft_peer_hold(struct nft *n, const struct ip_addr *peer);
void nft_peer_drop(struct nft *n, const struct ip_addr *peer);
void nft_rules_set(struct nft *n, const struct dp_rule *rules, size_t count); /* number and match */
void nft_classes_set(struct nft *n, const struct net_class *classes, size_t count);
/* Addresses of ours that only packets from sites, and of this machine, may go to. */
void nft_services_set(struct nft *n, const struct ip_addr *list, size_t count);
/* sites none: nobody is kept apart. */
void nft_accounts_set(struct nft *n, const struct net_account *sites, size_t count,
		      const struct net_reach *reach, size_t reach_count);
/* Sites to which packets go without DF. */
void nft_df_set(struct nft *n, const uint32_t *sites, size_t count);

/* One transaction; 0 also when there was nothing to do.  Errors: try again later. */
int nft_commit(struct nft *n, struct err_msg *e) WARN_UNUSED;
/* Is the table what we made it?  False: the next commit makes it anew. */
bool nft_audit(struct nft *n);
/* Packets that the rule decided, since it was set. */
uint64_t nft_rule_hits(struct nft *n, uint32_t number);
/* Packets of strangers that were over the limit. */
uint64_t nft_strangers_dropped(struct nft *n);

#endif
