/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One rule, which asks the routing table for the device of packets with DF only. */
#include "dataplane/net/nft_df.h"

#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_skeleton.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>

#define FRAGMENT_AT 6 /* flags and offset in the IPv4 header */
#define DF	    0x4000

static void write_elements(struct nft_batch *b, const uint32_t *sites, size_t count, bool remove)
{
	struct nft_elements x = nft_elements_of(b, NFT_SET_DF, remove);

	for (size_t i = 0; i < count; i++) {
		char name[IFNAMSIZ] = "";

		(void)snprintf(name, sizeof(name), "ips%u", sites[i]);
		nft_elements_put(&x, name, sizeof(name), NULL, 0);
	}
	nft_elements_end(&x);
}

static void put_rule(struct nft_batch *b)
{
	struct nftnl_rule *r = nft_rule_new(NFT_CHAIN_DF);
	const uint8_t family = NFPROTO_IPV4;
	const uint16_t df = htons(DF), others = htons((uint16_t)~DF), none = 0;

	nft_put_meta(r, NFT_META_NFPROTO, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &family, sizeof(family));
	nft_put_payload(r, NFT_NETWORK, FRAGMENT_AT, sizeof(df), 0);
	nft_put_and_xor(r, 0, sizeof(df), &df, &none);
	nft_put_cmp(r, 0, NFT_CMP_NEQ, &none, sizeof(none));
	nft_put_fib_oifname(r, 0);
	nft_put_lookup(r, NFT_SET_DF, 0);
	nft_put_payload(r, NFT_NETWORK, FRAGMENT_AT, sizeof(df), 0);
	nft_put_and_xor(r, 0, sizeof(df), &others, &none);
	nft_put_ipv4_set(r, FRAGMENT_AT, sizeof(df), 0);
	nft_rule_put(b, r, "df-bit clear");
}

void nft_df_put(struct nft_batch *b, const uint32_t *sites, size_t count)
{
	if (count == 0)
		return;
	write_elements(b, sites, count, false);
	put_rule(b);
}

void nft_df_remove(struct nft_batch *b, const uint32_t *sites, size_t count)
{
	struct nlmsghdr *m;

	if (count == 0)
		return;
	m = nft_batch_add(b, NFT_MSG_DELRULE, 0, "df-bit");
	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, NFT_CHAIN_DF);
	write_elements(b, sites, count, true);
}
