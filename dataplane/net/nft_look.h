/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel has of our table.  Reads only. */
#ifndef DATAPLANE_NET_NFT_LOOK_H
#define DATAPLANE_NET_NFT_LOOK_H

#include "dataplane/net/nft_batch.h"

/* Number of the ruleset's state: every transaction of anybody makes a new one.  0: not known. */
uint32_t nft_look_generation(struct mnl_socket *s);
/* fn for each rule of our table; an error when there is no such table. */
int nft_look_rules(struct mnl_socket *s, nft_answer_fn *fn, void *arg) WARN_UNUSED;
int nft_look_elements(struct mnl_socket *s, const char *set, size_t *count) WARN_UNUSED;

#endif
