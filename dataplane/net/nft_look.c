/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dumps of our table. */
#include "dataplane/net/nft_look.h"

#include "dataplane/net/nft_skeleton.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

static int take_generation_attr(const struct nlattr *attr, void *data)
{
	uint32_t *generation = data;

	if (mnl_attr_get_type(attr) == NFTA_GEN_ID && mnl_attr_get_payload_len(attr) >= 4)
		*generation = ntohl(mnl_attr_get_u32(attr));
	return MNL_CB_OK;
}

static void take_generation(void *arg, const struct nlmsghdr *m)
{
	(void)mnl_attr_parse(m, sizeof(struct nfgenmsg), take_generation_attr, arg);
}

uint32_t nft_look_generation(struct mnl_socket *s)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NFT_REQUEST_MAX];
	struct nlmsghdr *m = nft_request(buf, NFT_MSG_GETGEN, 0);
	uint32_t generation = 0;
	struct err_msg e;

	return nft_dump(s, m, take_generation, &generation, &e) == 0 ? generation : 0;
}

struct rule_walk {
	nft_answer_fn *fn;
	void *arg;
	bool any;
};

static void take_rule(void *arg, const struct nlmsghdr *m)
{
	struct rule_walk *w = arg;

	w->any = true;
	w->fn(w->arg, m);
}

int nft_look_rules(struct mnl_socket *s, nft_answer_fn *fn, void *arg)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NFT_REQUEST_MAX];
	struct nlmsghdr *m = nft_request(buf, NFT_MSG_GETRULE, NLM_F_DUMP);
	struct rule_walk w = {.fn = fn, .arg = arg};
	struct err_msg e;
	int r;

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	r = nft_dump(s, m, take_rule, &w, &e);
	return r == 0 && !w.any ? ERR_NOT_FOUND : r; /* a table that is not there is an empty one */
}

static int count_one(const struct nlattr *attr, void *data)
{
	size_t *count = data;

	(void)attr;
	++*count;
	return MNL_CB_OK;
}

static int take_list(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_SET_ELEM_LIST_ELEMENTS)
		(void)mnl_attr_parse_nested(attr, count_one, data);
	return MNL_CB_OK;
}

static void take_elements(void *arg, const struct nlmsghdr *m)
{
	(void)mnl_attr_parse(m, sizeof(struct nfgenmsg), take_list, arg);
}

int nft_look_elements(struct mnl_socket *s, const char *set, size_t *count)
{
	_Alignas(struct nlmsghdr) uint8_t buf[NFT_REQUEST_MAX];
	struct nlmsghdr *m = nft_request(buf, NFT_MSG_GETSETELEM, NLM_F_DUMP);
	struct err_msg e;

	*count = 0;
	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_SET_ELEM_LIST_SET, set);
	return nft_dump(s, m, take_elements, count, &e);
}
