/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts of sites in nftables: who is kept apart from whom, in chain `apart`. */
#ifndef DATAPLANE_NET_NFT_ACCOUNT_H
#define DATAPLANE_NET_NFT_ACCOUNT_H

#include "dataplane/net/net.h"
#include "dataplane/net/nft_batch.h"

struct nft_accounts {
	const struct net_account *sites; /* none: nobody is kept apart */
	size_t count;
	const struct net_reach *reach;
	size_t reach_count;
};

bool nft_accounts_equal(const struct nft_accounts *a, const struct nft_accounts *b);
/* dst owns its arrays; src may borrow them. */
void nft_accounts_copy(struct nft_accounts *dst, const struct nft_accounts *src);
void nft_accounts_clear(struct nft_accounts *a); /* of a copy */

void nft_accounts_put(struct nft_batch *b, const struct nft_accounts *a);
void nft_accounts_remove(struct nft_batch *b, const struct nft_accounts *a);
unsigned nft_accounts_rules(const struct nft_accounts *a); /* of nftables */

#endif
