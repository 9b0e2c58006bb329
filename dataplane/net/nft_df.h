/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IPv4's DF bit of packets towards some sites in nftables, chain `df`: it is taken off before the
 * kernel looks for a route, so that a packet longer than the tunnel allows goes in fragments in
 * place of an ICMP error (RFC 4301 section 8.1).
 */
#ifndef DATAPLANE_NET_NFT_DF_H
#define DATAPLANE_NET_NFT_DF_H

#include "dataplane/net/nft_batch.h"

#include <stddef.h>
#include <stdint.h>

#define NFT_DF_RULES 1U /* while there is a site */

/* Numbers of sites, in set `df`.  No sites: nothing is written. */
void nft_df_put(struct nft_batch *b, const uint32_t *sites, size_t count);
void nft_df_remove(struct nft_batch *b, const uint32_t *sites, size_t count);

#endif
