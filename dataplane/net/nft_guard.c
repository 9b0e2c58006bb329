/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules that spare us strangers, and whom they spare. */
#include "dataplane/net/nft_guard.h"

#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_skeleton.h"
#include "platform/base/mem.h"

#include <netinet/in.h>
#include <stdio.h> /* before those of libnftnl, which need FILE */

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_STRANGERS "strangers"
#define SET_ID		100U /* no other set of the transaction has it */

/* What a peer with a new address needs until we have followed it, and what one that lost an SA
 * needs to be told so; a small part of what a socket takes. */
#define STRANGERS_PER_SECOND 1000U
#define STRANGERS_BURST	     1000U

struct peer {
	struct map_node node; /* key: addr */
	struct ip_addr addr;
	unsigned held;
};

void nft_guard_init(struct nft_guard *g, uint16_t port)
{
	map_init(&g->peers, NULL);
	g->port = port;
	g->count4 = g->count6 = 0;
}

static struct peer *peer_of(struct list *node)
{
	return container_of(container_of(node, struct map_node, order), struct peer, node);
}

void nft_guard_clear(struct nft_guard *g)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &g->peers.order)
	{
		struct peer *p = peer_of(node);

		map_remove(&g->peers, &p->node);
		free(p);
	}
	map_clear(&g->peers);
	g->count4 = g->count6 = 0;
}

static const char *set_of(const struct ip_addr *a)
{
	return a->family == IP_V4 ? NFT_SET_PEERS4 : NFT_SET_PEERS6;
}

static void put_element(struct nft_batch *b, const struct ip_addr *a, bool remove)
{
	struct nft_elements x = nft_elements_of(b, set_of(a), remove);

	nft_elements_put(&x, a->bytes, ip_addr_len(a), NULL, 0);
	nft_elements_end(&x);
}

static void count(struct nft_guard *g, const struct ip_addr *a, bool more)
{
	size_t *n = a->family == IP_V4 ? &g->count4 : &g->count6;

	*n = more ? *n + 1 : *n - 1;
}

static struct peer *find(const struct nft_guard *g, const struct ip_addr *a)
{
	struct map_node *node = map_find(&g->peers, a, sizeof(*a));

	return node == NULL ? NULL : container_of(node, struct peer, node);
}

void nft_guard_hold(struct nft_guard *g, const struct ip_addr *peer, struct nft_batch *batch)
{
	struct peer *p = find(g, peer);

	if (!ip_addr_is_set(peer))
		return;
	if (p != NULL) {
		p->held++;
		return;
	}
	p = mem_zalloc(sizeof(*p));
	p->addr = *peer;
	p->held = 1;
	(void)map_insert(&g->peers, &p->node, &p->addr, sizeof(p->addr));
	count(g, peer, true);
	if (batch != NULL)
		put_element(batch, peer, false);
}

void nft_guard_drop(struct nft_guard *g, const struct ip_addr *peer, struct nft_batch *batch)
{
	struct peer *p = find(g, peer);

	if (p == NULL || --p->held > 0)
		return;
	if (batch != NULL)
		put_element(batch, peer, true);
	count(g, peer, false);
	map_remove(&g->peers, &p->node);
	free(p);
}

/* ---- Rules -------------------------------------------------------------------------------------
 */

static void put_protocol(struct nftnl_rule *r, uint8_t protocol)
{
	nft_put_meta(r, NFT_META_L4PROTO, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &protocol, sizeof(protocol));
}

static void put_port(struct nftnl_rule *r, uint16_t port)
{
	const uint16_t to = htons(port);

	put_protocol(r, IPPROTO_UDP);
	nft_put_payload(r, NFT_TRANSPORT, 2, 2, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &to, sizeof(to));
}

/* IKE begins with four zero octets in place of an SPI (RFC 3948 section 2.2).  A datagram too short
 * to have an SPI is no IKE. */
static void put_entry(const struct nft_guard *g, struct nft_batch *b)
{
	const uint32_t marker = 0;
	struct nftnl_rule *r = nft_rule_new("guard");

	put_port(r, g->port);
	nft_put_payload(r, NFT_TRANSPORT, 8, sizeof(marker), 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &marker, sizeof(marker));
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "guard");
	r = nft_rule_new("guard");
	put_port(r, g->port);
	nft_put_verdict(r, NFT_GOTO, CHAIN_STRANGERS);
	nft_rule_put(b, r, "guard");
	r = nft_rule_new("guard");
	put_protocol(r, IPPROTO_ESP);
	nft_put_verdict(r, NFT_GOTO, CHAIN_STRANGERS);
	nft_rule_put(b, r, "guard");
}

static void put_known(struct nft_batch *b, uint8_t family)
{
	struct nftnl_rule *r = nft_rule_new(CHAIN_STRANGERS);
	bool v4 = family == NFPROTO_IPV4;

	nft_put_meta(r, NFT_META_NFPROTO, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &family, sizeof(family));
	nft_put_payload(r, NFT_NETWORK, v4 ? 12 : 8, v4 ? 4 : 16, 0);
	nft_put_lookup(r, v4 ? NFT_SET_PEERS4 : NFT_SET_PEERS6, 0);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "peers");
}

static void put_limit(struct nft_batch *b)
{
	struct nftnl_rule *r = nft_rule_new(CHAIN_STRANGERS);

	nft_put_limit_over(r, STRANGERS_PER_SECOND, STRANGERS_BURST);
	nft_put_counter(r, 0, 0);
	nft_put_verdict(r, NF_DROP, NULL);
	nft_rule_put(b, r, "strangers");
}

static void put_sets(struct nft_batch *b)
{
	static const struct nft_set_spec peers4 = {NFT_SET_PEERS4, NFT_TYPE_IP4, 4, 0, 0, 0};
	static const struct nft_set_spec peers6 = {NFT_SET_PEERS6, NFT_TYPE_IP6, 16, 0, 0, 0};

	nft_set_put(b, &peers4, SET_ID, 0);
	nft_set_put(b, &peers6, SET_ID + 1, 0);
}

void nft_guard_put(const struct nft_guard *g, struct nft_batch *b)
{
	struct list *node;
	struct list *after;

	put_sets(b);
	nft_chain_put(b, CHAIN_STRANGERS);
	put_known(b, NFPROTO_IPV4);
	put_known(b, NFPROTO_IPV6);
	put_limit(b);
	nft_base_chain_put(b, "guard", NF_INET_LOCAL_IN);
	put_entry(g, b);
	list_for_each(node, after, &g->peers.order)
	{
		put_element(b, &peer_of(node)->addr, false);
	}
}

static int take_counter(struct nftnl_expr *x, void *arg)
{
	uint64_t *dropped = arg;

	if (strcmp(nftnl_expr_get_str(x, NFTNL_EXPR_NAME), "counter") == 0)
		*dropped = nftnl_expr_get_u64(x, NFTNL_EXPR_CTR_PACKETS);
	return 0;
}

bool nft_guard_read(const struct nlmsghdr *m, uint64_t *dropped)
{
	struct nftnl_rule *r = nftnl_rule_alloc();
	bool ours = r != NULL && nftnl_rule_nlmsg_parse(m, r) == 0 &&
		    strcmp(nftnl_rule_get_str(r, NFTNL_RULE_CHAIN), CHAIN_STRANGERS) == 0;

	if (ours)
		(void)nftnl_expr_foreach(r, take_counter, dropped);
	if (r != NULL)
		nftnl_rule_free(r);
	return ours;
}
