/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The expressions that our rules are made of.  Each call appends one to the rule.  Registers are
 * counted in words of 32 bit, 0..15; a key of several fields lies in consecutive ones.
 */
#ifndef DATAPLANE_NET_NFT_EXPR_H
#define DATAPLANE_NET_NFT_EXPR_H

#include <stdint.h>

struct nftnl_rule;

enum nft_base { NFT_NETWORK, NFT_TRANSPORT };

void nft_put_meta(struct nftnl_rule *r, uint32_t key, unsigned to);
void nft_put_meta_set(struct nftnl_rule *r, uint32_t key, unsigned from);
void nft_put_ct(struct nftnl_rule *r, uint32_t key, unsigned to);
void nft_put_ct_set(struct nftnl_rule *r, uint32_t key, unsigned from);
void nft_put_payload(struct nftnl_rule *r, enum nft_base base, uint32_t offset, uint32_t len,
		     unsigned to);
void nft_put_cmp(struct nftnl_rule *r, unsigned reg, uint32_t op, const void *data, uint32_t len);
void nft_put_range(struct nftnl_rule *r, unsigned reg, const void *first, const void *last,
		   uint32_t len);
void nft_put_and_xor(struct nftnl_rule *r, unsigned reg, uint32_t len, const void *mask,
		     const void *exclusive);
void nft_put_immediate(struct nftnl_rule *r, unsigned to, const void *data, uint32_t len);
void nft_put_verdict(struct nftnl_rule *r, int verdict, const char *chain); /* chain: or NULL */
/* Goes on only with what is over the limit. */
void nft_put_limit_over(struct nftnl_rule *r, uint64_t packets_per_second, uint32_t burst);
void nft_put_counter(struct nftnl_rule *r, uint64_t packets, uint64_t octets);
/* jhash of len octets from a register on, modulo. */
void nft_put_hash(struct nftnl_rule *r, unsigned from, uint32_t len, uint32_t modulo, unsigned to);
void nft_put_lookup(struct nftnl_rule *r, const char *set, unsigned reg); /* must be in */
void nft_put_lookup_not(struct nftnl_rule *r, const char *set, unsigned reg);
void nft_put_map(struct nftnl_rule *r, const char *map, unsigned reg, unsigned to);
void nft_put_vmap(struct nftnl_rule *r, const char *map, unsigned reg);
/* The TCP MSS that the routes of both directions allow, in wire order. */
void nft_put_route_mss(struct nftnl_rule *r, unsigned to);
/* The name of the device that packets to this destination leave by. */
void nft_put_fib_oifname(struct nftnl_rule *r, unsigned to);
/* Writes a field of the IPv4 header, and the checksum. */
void nft_put_ipv4_set(struct nftnl_rule *r, uint32_t offset, uint32_t len, unsigned from);
/* TCP option: write a field of it; an MSS is never made greater. */
void nft_put_tcp_option_set(struct nftnl_rule *r, uint8_t type, uint32_t offset, uint32_t len,
			    unsigned from);

#endif
