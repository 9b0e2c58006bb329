/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Elements of sets and maps, many in one message.  Written without libnftnl's objects, since there
 * are hundreds of thousands of them.
 */
#ifndef DATAPLANE_NET_NFT_ELEMENT_H
#define DATAPLANE_NET_NFT_ELEMENT_H

#include "dataplane/net/nft_batch.h"

struct nlattr;

struct nft_elements {
	struct nft_batch *batch;
	const char *set;
	bool remove;
	struct nlmsghdr *m; /* NULL: none begun */
	struct nlattr *list;
};

/* Elements of `set` (borrowed) are added, or removed. */
struct nft_elements nft_elements_of(struct nft_batch *b, const char *set, bool remove);
/* data may be NULL: of a set, or to be removed. */
void nft_elements_put(struct nft_elements *x, const void *key, size_t key_len, const void *data,
		      size_t data_len);
void nft_elements_put_goto(struct nft_elements *x, const void *key, size_t key_len,
			   const char *chain);
void nft_elements_end(struct nft_elements *x); /* before the batch is used otherwise */

#endif
