/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a match to expressions.  A rule looks its number up in map `way` for the packet's site: a
 * site to which it does not apply has no such element, and the packet goes on to the next rule.
 */
#include "dataplane/net/nft_rule.h"

#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_skeleton.h"

#include <stdio.h> /* before those of libnftnl, which need FILE */

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#define COMMENT "network-rule "

static void put_family(struct nftnl_rule *r, uint8_t family)
{
	const uint8_t proto = family == IP_V4 ? NFPROTO_IPV4 : NFPROTO_IPV6;

	nft_put_meta(r, NFT_META_NFPROTO, 2);
	nft_put_cmp(r, 2, NFT_CMP_EQ, &proto, sizeof(proto));
}

/* offset: of the address in the IPv4 and IPv6 header */
static void put_address(struct nftnl_rule *r, const struct ip_range *range, uint32_t offset4,
			uint32_t offset6)
{
	bool v4 = range->first.family == IP_V4;
	uint32_t len = v4 ? 4 : 16;

	if (range->first.family == IP_NONE)
		return;
	put_family(r, range->first.family);
	nft_put_payload(r, NFT_NETWORK, v4 ? offset4 : offset6, len, 2);
	nft_put_range(r, 2, range->first.bytes, range->last.bytes, len);
}

static void put_ports(struct nftnl_rule *r, const struct net_ports *p, uint32_t offset)
{
	const uint16_t first = htons(p->first), last = htons(p->last);

	if (!p->set)
		return;
	nft_put_meta(r, NFT_META_L4PROTO, 2);
	nft_put_lookup(r, "ports", 2);
	nft_put_payload(r, NFT_TRANSPORT, offset, 2, 2);
	nft_put_range(r, 2, &first, &last, sizeof(first));
}

/* RFC 2474: the upper six bits of the TOS octet, or of the traffic class, which begins at bit 4. */
static struct nftnl_rule *put_dscp(struct nftnl_rule *r, uint8_t family, uint8_t dscp)
{
	const uint8_t mask4 = 0xfc, want4 = (uint8_t)(dscp << 2), none = 0;
	const uint8_t mask6[2] = {0x0f, 0xc0}, none6[2] = {0, 0};
	const uint8_t want6[2] = {(uint8_t)(dscp >> 2), (uint8_t)(dscp << 6)};

	put_family(r, family);
	if (family == IP_V4) {
		nft_put_payload(r, NFT_NETWORK, 1, 1, 2);
		nft_put_and_xor(r, 2, 1, &mask4, &none);
		nft_put_cmp(r, 2, NFT_CMP_EQ, &want4, 1);
	} else {
		nft_put_payload(r, NFT_NETWORK, 0, 2, 2);
		nft_put_and_xor(r, 2, 2, mask6, none6);
		nft_put_cmp(r, 2, NFT_CMP_EQ, want6, 2);
	}
	return r;
}

void nft_match_put(struct nftnl_rule *r, const struct net_match *m, uint8_t family)
{
	put_address(r, &m->source, 12, 8);
	put_address(r, &m->destination, 16, 24);
	if (m->has_protocol) {
		nft_put_meta(r, NFT_META_L4PROTO, 2);
		nft_put_cmp(r, 2, NFT_CMP_EQ, &m->protocol, sizeof(m->protocol));
	}
	put_ports(r, &m->source_port, 0);
	put_ports(r, &m->destination_port, 2);
	if (m->has_dscp)
		(void)put_dscp(r, family, m->dscp);
}

static void put_comment(struct nftnl_rule *r, uint32_t number)
{
	struct nftnl_udata_buf *u = nftnl_udata_buf_alloc(64);
	char text[32];

	if (u == NULL) /* out of memory */
		abort();
	snprintf(text, sizeof(text), COMMENT "%u", number);
	nftnl_udata_put_strz(u, NFTNL_UDATA_RULE_COMMENT, text);
	nftnl_rule_set_data(r, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(u),
			    nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
}

static void put_one(struct nft_batch *b, const struct dp_rule *rule, uint8_t family,
		    const struct nft_hits *hits)
{
	struct nftnl_rule *r = nft_rule_new(NFT_CHAIN_RULES);

	nft_match_put(r, &rule->match, family);
	nft_put_meta(r, NFT_META_OIF, 0);
	nft_put_immediate(r, 1, &rule->number, sizeof(rule->number));
	nft_put_map(r, NFT_MAP_WAY, 0, 2);
	nft_put_counter(r, hits == NULL ? 0 : hits->packets, hits == NULL ? 0 : hits->octets);
	nft_put_vmap(r, "go", 2);
	put_comment(r, rule->number);
	nft_rule_put(b, r, "network rule");
}

unsigned nft_match_families(const struct net_match *m, uint8_t families[2])
{
	families[0] = m->source.first.family != IP_NONE ? m->source.first.family
							: m->destination.first.family;
	if (!m->has_dscp || families[0] != IP_NONE)
		return 1;
	families[0] = IP_V4;
	families[1] = IP_V6;
	return 2;
}

void nft_network_rule_put(struct nft_batch *b, const struct dp_rule *rule,
			  const struct nft_hits *hits)
{
	uint8_t families[2];
	unsigned count = nft_match_families(&rule->match, families);

	for (unsigned i = 0; i < count; i++)
		put_one(b, rule, families[i], i == 0 ? hits : NULL);
}

void nft_network_rules_flush(struct nft_batch *b)
{
	struct nlmsghdr *m = nft_batch_add(b, NFT_MSG_DELRULE, 0, "network rules");

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, NFT_CHAIN_RULES);
}

static int take_counter(struct nftnl_expr *x, void *arg)
{
	struct nft_hits *h = arg;

	if (strcmp(nftnl_expr_get_str(x, NFTNL_EXPR_NAME), "counter") == 0) {
		h->packets = nftnl_expr_get_u64(x, NFTNL_EXPR_CTR_PACKETS);
		h->octets = nftnl_expr_get_u64(x, NFTNL_EXPR_CTR_BYTES);
	}
	return 0;
}

static int take_comment(const struct nftnl_udata *attr, void *arg)
{
	char *text = arg;

	if (nftnl_udata_type(attr) == NFTNL_UDATA_RULE_COMMENT && nftnl_udata_len(attr) < 64)
		memcpy(text, nftnl_udata_get(attr), nftnl_udata_len(attr));
	return 0;
}

static bool read_number(const struct nftnl_rule *r, uint32_t *number)
{
	const size_t prefix = sizeof(COMMENT) - 1;
	char text[64] = "";
	uint32_t len;
	const void *data = nftnl_rule_get_data(r, NFTNL_RULE_USERDATA, &len);

	if (data == NULL || nftnl_udata_parse(data, len, take_comment, text) < 0 ||
	    strncmp(text, COMMENT, prefix) != 0)
		return false;
	*number = (uint32_t)strtoul(text + prefix, NULL, 10);
	return true;
}

bool nft_network_rule_read(const struct nlmsghdr *m, struct nft_hits *out)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	bool ok;

	memset(out, 0, sizeof(*out));
	ok = r != NULL && nftnl_rule_nlmsg_parse(m, r) == 0 && read_number(r, &out->number);
	if (ok)
		(void)nftnl_expr_foreach(r, take_counter, out);
	if (r != NULL)
		nftnl_rule_free(r);
	return ok;
}
