/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the maps hold of one site, and the elements that a change of it needs. */
#ifndef DATAPLANE_NET_NFT_SITE_H
#define DATAPLANE_NET_NFT_SITE_H

#include "dataplane/dataplane.h"
#include "dataplane/net/nft_batch.h"
#include "platform/base/map.h"

struct nft_way {
	uint32_t number, way;
};

/* Plain data but for ways, which is owned. */
struct nft_site {
	struct map_node node; /* key: site */
	uint32_t site;
	int ifindex; /* 0: nothing in the maps */
	struct dp_steering steering;
	size_t way_count;
	struct nft_way *ways; /* in order of number */
};

/* Elements that lead from `has` to `want`. */
void nft_site_write(struct nft_batch *b, const struct nft_site *has, const struct nft_site *want);

/* Key of device and a number, as the maps have it. */
struct nft_key {
	uint32_t ifindex, number;
};

#endif
