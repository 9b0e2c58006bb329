/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages with elements (NFT_MSG_NEWSETELEM, NFT_MSG_DELSETELEM). */
#include "dataplane/net/nft_element.h"

#include "dataplane/net/nft_skeleton.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>

#define MESSAGE_FULL 60000 /* the length of a nested attribute has 16 bit */

struct nft_elements nft_elements_of(struct nft_batch *b, const char *set, bool remove)
{
	return (struct nft_elements){.batch = b, .set = set, .remove = remove};
}

void nft_elements_end(struct nft_elements *x)
{
	if (x->m != NULL)
		mnl_attr_nest_end(x->m, x->list);
	x->m = NULL;
}

static void begin(struct nft_elements *x)
{
	if (x->m != NULL && x->m->nlmsg_len < MESSAGE_FULL)
		return;
	nft_elements_end(x);
	x->m = x->remove ? nft_batch_add(x->batch, NFT_MSG_DELSETELEM, 0, x->set)
			 : nft_batch_add(x->batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE, x->set);
	mnl_attr_put_strz(x->m, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	mnl_attr_put_strz(x->m, NFTA_SET_ELEM_LIST_SET, x->set);
	x->list = mnl_attr_nest_start(x->m, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void put_value(struct nlmsghdr *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr *nest = mnl_attr_nest_start(m, type);

	mnl_attr_put(m, NFTA_DATA_VALUE, len, data);
	mnl_attr_nest_end(m, nest);
}

void nft_elements_put(struct nft_elements *x, const void *key, size_t key_len, const void *data,
		      size_t data_len)
{
	struct nlattr *element;

	begin(x);
	element = mnl_attr_nest_start(x->m, NFTA_LIST_ELEM);
	put_value(x->m, NFTA_SET_ELEM_KEY, key, key_len);
	if (data != NULL && !x->remove)
		put_value(x->m, NFTA_SET_ELEM_DATA, data, data_len);
	mnl_attr_nest_end(x->m, element);
}

void nft_elements_put_goto(struct nft_elements *x, const void *key, size_t key_len,
			   const char *chain)
{
	struct nlattr *element;
	struct nlattr *data;
	struct nlattr *verdict;

	begin(x);
	element = mnl_attr_nest_start(x->m, NFTA_LIST_ELEM);
	put_value(x->m, NFTA_SET_ELEM_KEY, key, key_len);
	data = mnl_attr_nest_start(x->m, NFTA_SET_ELEM_DATA);
	verdict = mnl_attr_nest_start(x->m, NFTA_DATA_VERDICT);
	mnl_attr_put_u32(x->m, NFTA_VERDICT_CODE, htonl((uint32_t)NFT_GOTO));
	mnl_attr_put_strz(x->m, NFTA_VERDICT_CHAIN, chain);
	mnl_attr_nest_end(x->m, verdict);
	mnl_attr_nest_end(x->m, data);
	mnl_attr_nest_end(x->m, element);
}
