/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets from sites of accounts that have a table of their own: the mark by which the kernel looks
 * into it, and a conntrack zone, so that equal addresses of two accounts are two connections. */
#ifndef DATAPLANE_NET_NFT_TABLE_H
#define DATAPLANE_NET_NFT_TABLE_H

#include "dataplane/net/net.h"
#include "dataplane/net/nft_batch.h"

/* Nothing when no site has a table. */
void nft_tables_put(struct nft_batch *b, const struct net_account *sites, size_t count);
void nft_tables_remove(struct nft_batch *b, const struct net_account *sites, size_t count);
unsigned nft_tables_rules(const struct net_account *sites, size_t count);

#endif
