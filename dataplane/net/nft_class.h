/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network rules with a QoS priority in nftables: chain `classes`, which chooses the queue. */
#ifndef DATAPLANE_NET_NFT_CLASS_H
#define DATAPLANE_NET_NFT_CLASS_H

#include "dataplane/net/net.h"
#include "dataplane/net/nft_batch.h"

void nft_classes_put(struct nft_batch *b, const struct net_class *classes, size_t count);
void nft_classes_flush(struct nft_batch *b);
/* How many rules of nftables these are. */
unsigned nft_classes_rules(const struct net_class *classes, size_t count);

#endif
