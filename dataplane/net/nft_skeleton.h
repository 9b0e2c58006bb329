/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table `inet ikesh`: what does not change while we run.
 *
 *   chain clamp    (forward)      TCP MSS of what passes a site's device
 *   chain steer    (postrouting)  sites of set `site` only: pins, rules, flow
 *   chain rules    network rules in order: map `way` -> slot, spread or wait
 *   chain spread    the flow's slot while map `keep` has it, else its hash in map `bucket`
 *   chain fix      notes the slot in the connection mark
 *   chain guard    (input)        ESP from strangers is limited (nft_guard.h)
 *   chain class    (postrouting)  packet priority for the shaper: its tunnel's class
 *   chain classes  network rules with a QoS priority, in order; first match only
 *   chains q1..q7  the queue of that priority in the tunnel's class
 *   chain apart    (forward)  between sites: map `account` of both, and the pair in set `reach`
 *   chain df       (prerouting)  sites of set `df`: IPv4 without its DF bit (nft_df.h)
 *   chain inside   (input)  addresses of set `service` are for sites only
 *
 * Keys begin with the device's ifindex.  The packet mark is the slot (1..6).  A connection has two
 * slots, one per direction, since both ends may be sites: bits 0-3 and 4-7 of its mark.
 */
#ifndef DATAPLANE_NET_NFT_SKELETON_H
#define DATAPLANE_NET_NFT_SKELETON_H

#include "dataplane/net/nft_batch.h"
#include "platform/os/own.h"

struct nft_guard;

#define NFT_TABLE	  OWN_TABLE
#define NFT_SET_SITE	  "site"
#define NFT_SET_SERVICE	  "service"
#define NFT_MAP_ACCOUNT	  "account"
#define NFT_CHAIN_APART	  "apart"
#define NFT_SET_DF	  "df"
#define NFT_CHAIN_DF	  "df"
#define NFT_MAP_PIN4	  "pin4"
#define NFT_MAP_PIN6	  "pin6"
#define NFT_MAP_KEEP	  "keep"
#define NFT_MAP_BUCKET	  "bucket"
#define NFT_MAP_WAY	  "way"
#define NFT_CHAIN_RULES	  "rules"
#define NFT_CHAIN_CLASSES "classes"

/* Values of map `way` beside the slots. */
#define NFT_WAY_FLOW 7U
#define NFT_WAY_WAIT 8U

/* What a connection mark has for the slot in the direction of its first packet, and back. */
static inline uint32_t nft_keep_value(unsigned slot, bool reply)
{
	return reply ? slot << 4 : slot;
}

/* A new, empty table in place of whatever there was, for at most so many sites; 0: no steering at
 * all, only the clamp and the guard. */
void nft_skeleton_put(struct nft_batch *b, uint32_t sites, const struct nft_guard *guard);
void nft_skeleton_remove(struct nft_batch *b);
/* Rules that the skeleton has, for the audit; those of chain `rules` not counted. */
unsigned nft_skeleton_rules(bool steering);

/* What tables are made of. */
#define NFT_TYPE_IP4 7U /* type numbers of nft(8), so that it prints keys as what they are */
#define NFT_TYPE_IP6 8U

struct nft_set_spec {
	const char *name;
	uint32_t key_type, key_len;
	uint32_t data_type, data_len; /* type 0: no map */
	uint32_t per_site;	      /* elements at most, 0: not known */
};

/* id: any, once in a transaction. */
void nft_set_put(struct nft_batch *b, const struct nft_set_spec *spec, uint32_t id, uint32_t sites);
void nft_chain_put(struct nft_batch *b, const char *name);
void nft_base_chain_put(struct nft_batch *b, const char *name, int hook); /* NF_INET_... */
/* The same at any priority. */
void nft_base_chain_put_at(struct nft_batch *b, const char *name, int hook, int priority);
/* A map from names of devices to verdicts. */
void nft_device_map_put(struct nft_batch *b, const char *name);
/* A set of names of devices; id: any, once in a transaction. */
void nft_device_set_put(struct nft_batch *b, const char *name, uint32_t id);
void nft_rules_delete(struct nft_batch *b, const char *chain); /* all of the chain */
void nft_chain_delete(struct nft_batch *b, const char *name);
void nft_set_delete(struct nft_batch *b, const char *name);
/* Name of one of several chains of a kind: "q1". */
const char *nft_chain_numbered(char buf[8], char kind, unsigned n);

struct nftnl_rule;
struct nftnl_rule *nft_rule_new(const char *chain);
/* Appends it to its chain and frees it. */
void nft_rule_put(struct nft_batch *b, struct nftnl_rule *r, const char *what);

#endif
