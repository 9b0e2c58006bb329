/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One nftables transaction: messages between begin and end, sent in one piece, done as a whole or
 * not at all.  No message is acknowledged (thousands of answers overrun the socket although the
 * transaction was committed); only refusals are answered.
 */
#ifndef DATAPLANE_NET_NFT_BATCH_H
#define DATAPLANE_NET_NFT_BATCH_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFT_MESSAGE_MAX 65536 /* octets of one message */

struct mnl_socket;
struct nft_batch;
struct nlmsghdr;

/* The socket, for dumps as well; NULL with e. */
struct mnl_socket *nft_socket_open(struct err_msg *e);

struct nft_batch *nft_batch_new(void);
void nft_batch_free(struct nft_batch *b); /* NULL is allowed */
bool nft_batch_is_empty(const struct nft_batch *b);
/* One more message of the table's family (type: NFT_MSG_NEWRULE, ...); to be filled before the next
 * call.  what: for errors, borrowed. */
struct nlmsghdr *nft_batch_add(struct nft_batch *b, uint16_t type, uint16_t flags,
			       const char *what);

/* Send all and empty the batch.  0: done.  ERR_SYSTEM: nothing of it was done, e says what was
 * refused and why.  ERR_BUSY: nobody knows, the caller must look at what the kernel has. */
int nft_batch_send(struct nft_batch *b, struct mnl_socket *s, struct err_msg *e) WARN_UNUSED;

/* Send one request and hand each answer to fn until the end; type as above. */
typedef void nft_answer_fn(void *arg, const struct nlmsghdr *m);
int nft_dump(struct mnl_socket *s, struct nlmsghdr *request, nft_answer_fn *fn, void *arg,
	     struct err_msg *e) WARN_UNUSED;
/* A request outside of a batch, into buf of at least NFT_REQUEST_MAX octets. */
#define NFT_REQUEST_MAX 1024
struct nlmsghdr *nft_request(void *buf, uint16_t type, uint16_t flags);

#endif
