/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ESP from strangers, in front of everything that looks at packets one by one: whoever has no Child
 * SA with us may send some, since a peer behind NAT can come from a new address at any moment
 * (RFC 7296 section 2.23), but not so many that datagrams of peers are lost in a full socket.
 *
 *   chain guard      (input)  ESP, alone or in UDP; IKE passes
 *   chain strangers  all but the addresses in `peers4` and `peers6`: so many packets a second
 */
#ifndef DATAPLANE_NET_NFT_GUARD_H
#define DATAPLANE_NET_NFT_GUARD_H

#include "dataplane/net/nft_batch.h"
#include "platform/base/ip.h"
#include "platform/base/map.h"

#include <stdbool.h>
#include <stdint.h>

#define NFT_SET_PEERS4	"peers4"
#define NFT_SET_PEERS6	"peers6"
#define NFT_GUARD_RULES 6U

/* Addresses of peers, each as often as it was held. */
struct nft_guard {
	struct map peers;
	uint16_t port; /* ESP in UDP */
	size_t count4, count6;
};

void nft_guard_init(struct nft_guard *g, uint16_t port);
void nft_guard_clear(struct nft_guard *g);
/* batch: where the change of the set goes; NULL: it is not there yet. */
void nft_guard_hold(struct nft_guard *g, const struct ip_addr *peer, struct nft_batch *batch);
void nft_guard_drop(struct nft_guard *g, const struct ip_addr *peer, struct nft_batch *batch);

/* Sets, chains and rules into a new table, and all that is held. */
void nft_guard_put(const struct nft_guard *g, struct nft_batch *b);

struct nlmsghdr;
/* Is it the rule that drops?  Then how many packets it dropped. */
bool nft_guard_read(const struct nlmsghdr *m, uint64_t *dropped);

#endif
