/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expressions through libnftnl.  Knows nothing of what the rules mean. */
#include "dataplane/net/nft_expr.h"

#include "platform/base/mem.h"

#include <stdio.h> /* before those of libnftnl, which need FILE */

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>

#define HASH_SEED 0x696b6573U /* any; the same for ever, so that flows stay over a restart */

static struct nftnl_expr *make(const char *kind)
{
	struct nftnl_expr *x = nftnl_expr_alloc(kind);

	if (x == NULL) /* out of memory */
		abort();
	return x;
}

static uint32_t reg32(unsigned n)
{
	return NFT_REG32_00 + n;
}

void nft_put_meta(struct nftnl_rule *r, uint32_t key, unsigned to)
{
	struct nftnl_expr *x = make("meta");

	nftnl_expr_set_u32(x, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(x, NFTNL_EXPR_META_DREG, reg32(to));
	nftnl_rule_add_expr(r, x);
}

void nft_put_meta_set(struct nftnl_rule *r, uint32_t key, unsigned from)
{
	struct nftnl_expr *x = make("meta");

	nftnl_expr_set_u32(x, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(x, NFTNL_EXPR_META_SREG, reg32(from));
	nftnl_rule_add_expr(r, x);
}

void nft_put_ct(struct nftnl_rule *r, uint32_t key, unsigned to)
{
	struct nftnl_expr *x = make("ct");

	nftnl_expr_set_u32(x, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(x, NFTNL_EXPR_CT_DREG, reg32(to));
	nftnl_rule_add_expr(r, x);
}

void nft_put_ct_set(struct nftnl_rule *r, uint32_t key, unsigned from)
{
	struct nftnl_expr *x = make("ct");

	nftnl_expr_set_u32(x, NFTNL_EXPR_CT_KEY, key);
	nftnl_expr_set_u32(x, NFTNL_EXPR_CT_SREG, reg32(from));
	nftnl_rule_add_expr(r, x);
}

void nft_put_payload(struct nftnl_rule *r, enum nft_base base, uint32_t offset, uint32_t len,
		     unsigned to)
{
	struct nftnl_expr *x = make("payload");

	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_BASE,
			   base == NFT_NETWORK ? NFT_PAYLOAD_NETWORK_HEADER
					       : NFT_PAYLOAD_TRANSPORT_HEADER);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_DREG, reg32(to));
	nftnl_rule_add_expr(r, x);
}

void nft_put_cmp(struct nftnl_rule *r, unsigned reg, uint32_t op, const void *data, uint32_t len)
{
	struct nftnl_expr *x = make("cmp");

	nftnl_expr_set_u32(x, NFTNL_EXPR_CMP_SREG, reg32(reg));
	nftnl_expr_set_u32(x, NFTNL_EXPR_CMP_OP, op);
	nftnl_expr_set(x, NFTNL_EXPR_CMP_DATA, data, len);
	nftnl_rule_add_expr(r, x);
}

void nft_put_range(struct nftnl_rule *r, unsigned reg, const void *first, const void *last,
		   uint32_t len)
{
	struct nftnl_expr *x = make("range");

	nftnl_expr_set_u32(x, NFTNL_EXPR_RANGE_SREG, reg32(reg));
	nftnl_expr_set_u32(x, NFTNL_EXPR_RANGE_OP, NFT_RANGE_EQ);
	nftnl_expr_set(x, NFTNL_EXPR_RANGE_FROM_DATA, first, len);
	nftnl_expr_set(x, NFTNL_EXPR_RANGE_TO_DATA, last, len);
	nftnl_rule_add_expr(r, x);
}

void nft_put_and_xor(struct nftnl_rule *r, unsigned reg, uint32_t len, const void *mask,
		     const void *exclusive)
{
	struct nftnl_expr *x = make("bitwise");

	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_SREG, reg32(reg));
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_DREG, reg32(reg));
	nftnl_expr_set_u32(x, NFTNL_EXPR_BITWISE_LEN, len);
	nftnl_expr_set(x, NFTNL_EXPR_BITWISE_MASK, mask, len);
	nftnl_expr_set(x, NFTNL_EXPR_BITWISE_XOR, exclusive, len);
	nftnl_rule_add_expr(r, x);
}

void nft_put_immediate(struct nftnl_rule *r, unsigned to, const void *data, uint32_t len)
{
	struct nftnl_expr *x = make("immediate");

	nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_DREG, reg32(to));
	nftnl_expr_set(x, NFTNL_EXPR_IMM_DATA, data, len);
	nftnl_rule_add_expr(r, x);
}

void nft_put_verdict(struct nftnl_rule *r, int verdict, const char *chain)
{
	struct nftnl_expr *x = make("immediate");

	nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(x, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (chain != NULL)
		nftnl_expr_set_str(x, NFTNL_EXPR_IMM_CHAIN, chain);
	nftnl_rule_add_expr(r, x);
}

void nft_put_counter(struct nftnl_rule *r, uint64_t packets, uint64_t octets)
{
	struct nftnl_expr *x = make("counter");

	nftnl_expr_set_u64(x, NFTNL_EXPR_CTR_PACKETS, packets);
	nftnl_expr_set_u64(x, NFTNL_EXPR_CTR_BYTES, octets);
	nftnl_rule_add_expr(r, x);
}

void nft_put_limit_over(struct nftnl_rule *r, uint64_t packets_per_second, uint32_t burst)
{
	struct nftnl_expr *x = make("limit");

	nftnl_expr_set_u64(x, NFTNL_EXPR_LIMIT_RATE, packets_per_second);
	nftnl_expr_set_u64(x, NFTNL_EXPR_LIMIT_UNIT, 1);
	nftnl_expr_set_u32(x, NFTNL_EXPR_LIMIT_BURST, burst);
	nftnl_expr_set_u32(x, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
	nftnl_expr_set_u32(x, NFTNL_EXPR_LIMIT_FLAGS, NFT_LIMIT_F_INV);
	nftnl_rule_add_expr(r, x);
}

void nft_put_hash(struct nftnl_rule *r, unsigned from, uint32_t len, uint32_t modulo, unsigned to)
{
	struct nftnl_expr *x = make("hash");

	nftnl_expr_set_u32(x, NFTNL_EXPR_HASH_TYPE, NFT_HASH_JENKINS);
	nftnl_expr_set_u32(x, NFTNL_EXPR_HASH_SREG, reg32(from));
	nftnl_expr_set_u32(x, NFTNL_EXPR_HASH_DREG, reg32(to));
	nftnl_expr_set_u32(x, NFTNL_EXPR_HASH_LEN, len);
	nftnl_expr_set_u32(x, NFTNL_EXPR_HASH_MODULUS, modulo);
	nftnl_expr_set_u32(x, NFTNL_EXPR_HASH_SEED, HASH_SEED);
	nftnl_rule_add_expr(r, x);
}

static struct nftnl_expr *lookup(const char *set, unsigned reg)
{
	struct nftnl_expr *x = make("lookup");

	nftnl_expr_set_str(x, NFTNL_EXPR_LOOKUP_SET, set);
	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_SREG, reg32(reg));
	return x;
}

void nft_put_lookup(struct nftnl_rule *r, const char *set, unsigned reg)
{
	nftnl_rule_add_expr(r, lookup(set, reg));
}

void nft_put_lookup_not(struct nftnl_rule *r, const char *set, unsigned reg)
{
	struct nftnl_expr *x = lookup(set, reg);

	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_FLAGS, NFT_LOOKUP_F_INV);
	nftnl_rule_add_expr(r, x);
}

void nft_put_map(struct nftnl_rule *r, const char *map, unsigned reg, unsigned to)
{
	struct nftnl_expr *x = lookup(map, reg);

	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_DREG, reg32(to));
	nftnl_rule_add_expr(r, x);
}

void nft_put_vmap(struct nftnl_rule *r, const char *map, unsigned reg)
{
	struct nftnl_expr *x = lookup(map, reg);

	nftnl_expr_set_u32(x, NFTNL_EXPR_LOOKUP_DREG, NFT_REG_VERDICT);
	nftnl_rule_add_expr(r, x);
}

void nft_put_route_mss(struct nftnl_rule *r, unsigned to)
{
	struct nftnl_expr *x = make("rt");

	nftnl_expr_set_u32(x, NFTNL_EXPR_RT_KEY, NFT_RT_TCPMSS);
	nftnl_expr_set_u32(x, NFTNL_EXPR_RT_DREG, reg32(to));
	nftnl_rule_add_expr(r, x);
	x = make("byteorder");
	nftnl_expr_set_u32(x, NFTNL_EXPR_BYTEORDER_SREG, reg32(to));
	nftnl_expr_set_u32(x, NFTNL_EXPR_BYTEORDER_DREG, reg32(to));
	nftnl_expr_set_u32(x, NFTNL_EXPR_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BYTEORDER_LEN, 2);
	nftnl_expr_set_u32(x, NFTNL_EXPR_BYTEORDER_SIZE, 2);
	nftnl_rule_add_expr(r, x);
}

void nft_put_fib_oifname(struct nftnl_rule *r, unsigned to)
{
	struct nftnl_expr *x = make("fib");

	nftnl_expr_set_u32(x, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR | NFTA_FIB_F_MARK);
	nftnl_expr_set_u32(x, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_OIFNAME);
	nftnl_expr_set_u32(x, NFTNL_EXPR_FIB_DREG, reg32(to));
	nftnl_rule_add_expr(r, x);
}

void nft_put_ipv4_set(struct nftnl_rule *r, uint32_t offset, uint32_t len, unsigned from)
{
	struct nftnl_expr *x = make("payload");

	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_LEN, len);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_SREG, reg32(from));
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
	nftnl_expr_set_u32(x, NFTNL_EXPR_PAYLOAD_CSUM_OFFSET, 10);
	nftnl_rule_add_expr(r, x);
}

void nft_put_tcp_option_set(struct nftnl_rule *r, uint8_t type, uint32_t offset, uint32_t len,
			    unsigned from)
{
	struct nftnl_expr *x = make("exthdr");

	nftnl_expr_set_u8(x, NFTNL_EXPR_EXTHDR_TYPE, type);
	nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_OFFSET, offset);
	nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_LEN, len);
	nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_OP, NFT_EXTHDR_OP_TCPOPT);
	nftnl_expr_set_u32(x, NFTNL_EXPR_EXTHDR_SREG, reg32(from));
	nftnl_rule_add_expr(r, x);
}
