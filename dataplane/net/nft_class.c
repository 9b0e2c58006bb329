/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One rule per class and family; a site is named by its device, so that none has to be there. */
#include "dataplane/net/nft_class.h"

#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_rule.h"
#include "dataplane/net/nft_skeleton.h"

#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>

static void put_site(struct nftnl_rule *r, uint32_t site)
{
	char name[IFNAMSIZ] = ""; /* compared with all of its octets */

	if (site == 0)
		return;
	(void)snprintf(name, sizeof(name), "ips%u", site);
	nft_put_meta(r, NFT_META_OIFNAME, 2);
	nft_put_cmp(r, 2, NFT_CMP_EQ, name, sizeof(name));
}

static void put_one(struct nft_batch *b, const struct net_class *c, uint8_t family)
{
	struct nftnl_rule *r = nft_rule_new(NFT_CHAIN_CLASSES);
	char band[8];

	put_site(r, c->site);
	nft_match_put(r, &c->match, family);
	nft_put_counter(r, 0, 0);
	if (c->band == 0)
		nft_put_verdict(r, NF_ACCEPT, NULL);
	else
		nft_put_verdict(r, NFT_GOTO, nft_chain_numbered(band, 'q', c->band));
	nft_rule_put(b, r, "priority of a network rule");
}

void nft_classes_put(struct nft_batch *b, const struct net_class *classes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t families[2];
		unsigned rules = nft_match_families(&classes[i].match, families);

		for (unsigned k = 0; k < rules; k++)
			put_one(b, &classes[i], families[k]);
	}
}

void nft_classes_flush(struct nft_batch *b)
{
	struct nlmsghdr *m = nft_batch_add(b, NFT_MSG_DELRULE, 0, "priorities of network rules");

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, NFT_CHAIN_CLASSES);
}

unsigned nft_classes_rules(const struct net_class *classes, size_t count)
{
	unsigned sum = 0;
	uint8_t families[2];

	for (size_t i = 0; i < count; i++)
		sum += nft_match_families(&classes[i].match, families);
	return sum;
}
