/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chain own_in (prerouting, before conntrack) sends packets by their device to the chain of their
 * table, which sets zone and mark; own_out (postrouting) takes the mark away again before tunnels
 * are chosen by its lowest octet.
 */
#include "dataplane/net/nft_table.h"

#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_skeleton.h"

#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRIORITY_RAW	(-300)
#define PRIORITY_BEFORE (-151) /* the chain that chooses tunnels */
#define MAP_OWN		"own"
#define CHAIN_IN	"own_in"
#define CHAIN_OUT	"own_out"
#define SLOT_MASK	0xffU

static const char *chain_of(uint32_t table, char buf[16])
{
	snprintf(buf, 16, "own%u", table);
	return buf;
}

/* The site whose number the table has stands for it. */
static bool is_first(const struct net_account *sites, size_t i)
{
	return sites[i].table != 0 && sites[i].table == sites[i].site;
}

unsigned nft_tables_rules(const struct net_account *sites, size_t count)
{
	unsigned tables = 0;

	for (size_t i = 0; i < count; i++)
		tables += is_first(sites, i);
	return tables == 0 ? 0 : tables + 2;
}

static void put_table(struct nft_batch *b, uint32_t table)
{
	const uint32_t mask = SLOT_MASK, value = table << NET_TABLE_SHIFT;
	const uint16_t zone = (uint16_t)table;
	char name[16];
	struct nftnl_rule *r;

	nft_chain_put(b, chain_of(table, name));
	r = nft_rule_new(name);
	nft_put_immediate(r, 0, &zone, sizeof(zone));
	nft_put_ct_set(r, NFT_CT_ZONE, 0);
	nft_put_meta(r, NFT_META_MARK, 0);
	nft_put_and_xor(r, 0, sizeof(mask), &mask, &value);
	nft_put_meta_set(r, NFT_META_MARK, 0);
	nft_rule_put(b, r, "table of an account");
}

static void put_devices(struct nft_batch *b, const struct net_account *sites, size_t count)
{
	struct nft_elements x = nft_elements_of(b, MAP_OWN, false);

	for (size_t i = 0; i < count; i++) {
		char name[IFNAMSIZ] = "", chain[16];

		if (sites[i].table == 0)
			continue;
		(void)snprintf(name, sizeof(name), "ips%u", sites[i].site);
		nft_elements_put_goto(&x, name, sizeof(name), chain_of(sites[i].table, chain));
	}
	nft_elements_end(&x);
}

void nft_tables_put(struct nft_batch *b, const struct net_account *sites, size_t count)
{
	const uint32_t mask = SLOT_MASK, none = 0;
	struct nftnl_rule *r;

	if (nft_tables_rules(sites, count) == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		if (is_first(sites, i))
			put_table(b, sites[i].table);
	}
	nft_device_map_put(b, MAP_OWN);
	put_devices(b, sites, count);
	nft_base_chain_put_at(b, CHAIN_IN, NF_INET_PRE_ROUTING, PRIORITY_RAW);
	r = nft_rule_new(CHAIN_IN);
	nft_put_meta(r, NFT_META_IIFNAME, 0);
	nft_put_vmap(r, MAP_OWN, 0);
	nft_rule_put(b, r, "accounts with tables");
	nft_base_chain_put_at(b, CHAIN_OUT, NF_INET_POST_ROUTING, PRIORITY_BEFORE);
	r = nft_rule_new(CHAIN_OUT);
	nft_put_meta(r, NFT_META_OIFNAME, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, "ips", sizeof("ips") - 1);
	nft_put_meta(r, NFT_META_MARK, 0);
	nft_put_and_xor(r, 0, sizeof(mask), &mask, &none);
	nft_put_meta_set(r, NFT_META_MARK, 0);
	nft_rule_put(b, r, "mark");
}

static void delete_both(struct nft_batch *b, const char *name)
{
	nft_rules_delete(b, name);
	nft_chain_delete(b, name);
}

void nft_tables_remove(struct nft_batch *b, const struct net_account *sites, size_t count)
{
	char name[16];

	if (nft_tables_rules(sites, count) == 0)
		return;
	delete_both(b, CHAIN_IN);
	delete_both(b, CHAIN_OUT);
	nft_set_delete(b, MAP_OWN);
	for (size_t i = 0; i < count; i++) {
		if (is_first(sites, i))
			delete_both(b, chain_of(sites[i].table, name));
	}
}
