/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two rules: what is of two accounts that may reach each other passes, what else goes from site to
 * site is dropped. */
#include "dataplane/net/nft_account.h"

#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_skeleton.h"
#include "platform/base/mem.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same(const void *a, size_t a_count, const void *b, size_t b_count, size_t size)
{
	return a_count == b_count && (a_count == 0 || memcmp(a, b, a_count * size) == 0);
}

bool nft_accounts_equal(const struct nft_accounts *a, const struct nft_accounts *b)
{
	return same(a->sites, a->count, b->sites, b->count, sizeof(*a->sites)) &&
	       same(a->reach, a->reach_count, b->reach, b->reach_count, sizeof(*a->reach));
}

void nft_accounts_clear(struct nft_accounts *a)
{
	free((void *)(uintptr_t)a->sites);
	free((void *)(uintptr_t)a->reach);
	*a = (struct nft_accounts){.count = 0};
}

void nft_accounts_copy(struct nft_accounts *dst, const struct nft_accounts *src)
{
	struct nft_accounts copy = *src;

	copy.sites = mem_dup(src->sites, src->count * sizeof(*src->sites));
	copy.reach = mem_dup(src->reach, src->reach_count * sizeof(*src->reach));
	nft_accounts_clear(dst);
	*dst = copy;
}

static void write_elements(struct nft_batch *b, const struct nft_accounts *a, bool remove)
{
	struct nft_elements x = nft_elements_of(b, NFT_MAP_ACCOUNT, remove);

	for (size_t i = 0; i < a->count; i++) {
		char name[IFNAMSIZ] = "";

		(void)snprintf(name, sizeof(name), "ips%u", a->sites[i].site);
		nft_elements_put(&x, name, sizeof(name), &a->sites[i].account,
				 sizeof(a->sites[i].account));
	}
	nft_elements_end(&x);
	x = nft_elements_of(b, NFT_SET_REACH, remove);
	for (size_t i = 0; i < a->reach_count; i++)
		nft_elements_put(&x, &a->reach[i], sizeof(a->reach[i]), NULL, 0);
	nft_elements_end(&x);
}

static void put_reach(struct nft_batch *b)
{
	struct nftnl_rule *r = nft_rule_new(NFT_CHAIN_APART);

	nft_put_meta(r, NFT_META_IIFNAME, 0);
	nft_put_map(r, NFT_MAP_ACCOUNT, 0, 4);
	nft_put_meta(r, NFT_META_OIFNAME, 0);
	nft_put_map(r, NFT_MAP_ACCOUNT, 0, 5);
	nft_put_lookup(r, NFT_SET_REACH, 4);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "accounts that may reach each other");
}

static void put_drop(struct nft_batch *b)
{
	struct nftnl_rule *r = nft_rule_new(NFT_CHAIN_APART);
	const uint32_t len = sizeof("ips") - 1;

	nft_put_meta(r, NFT_META_IIFNAME, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, "ips", len);
	nft_put_meta(r, NFT_META_OIFNAME, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, "ips", len);
	nft_put_counter(r, 0, 0);
	nft_put_verdict(r, NF_DROP, NULL);
	nft_rule_put(b, r, "accounts that are kept apart");
}

void nft_accounts_put(struct nft_batch *b, const struct nft_accounts *a)
{
	if (a->count == 0)
		return;
	write_elements(b, a, false);
	put_reach(b);
	put_drop(b);
}

void nft_accounts_remove(struct nft_batch *b, const struct nft_accounts *a)
{
	struct nlmsghdr *m;

	if (a->count == 0)
		return;
	m = nft_batch_add(b, NFT_MSG_DELRULE, 0, "accounts");
	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, NFT_CHAIN_APART);
	write_elements(b, a, true);
}

unsigned nft_accounts_rules(const struct nft_accounts *a)
{
	return a->count == 0 ? 0 : 2;
}
