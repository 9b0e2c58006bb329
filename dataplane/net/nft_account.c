/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Chain apart sends packets by the device that they came from to the chain of its account: what
 * goes to a device in the set of that account passes, what else goes from site to site is dropped.
 * (Looking both accounts up and then the pair in a set would be fewer rules, but nft(8) 1.0.6
 * aborts when it lists that.)
 */
#include "dataplane/net/nft_account.h"

#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_skeleton.h"
#include "dataplane/net/nft_table.h"
#include "platform/base/mem.h"

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

#define SET_IDS	  1000U /* beyond those of the skeleton */
#define NAME_SIZE 16

static const char *chain_of(uint32_t account, char buf[NAME_SIZE])
{
	snprintf(buf, NAME_SIZE, "from%u", account);
	return buf;
}

static const char *set_of(uint32_t account, char buf[NAME_SIZE])
{
	snprintf(buf, NAME_SIZE, "to%u", account);
	return buf;
}

/* Accounts are numbered from 1. */
static uint32_t account_count(const struct nft_accounts *a)
{
	uint32_t most = 0;

	for (size_t i = 0; i < a->count; i++)
		most = a->sites[i].account > most ? a->sites[i].account : most;
	return most;
}

static void device_name(uint32_t site, char name[IFNAMSIZ])
{
	memset(name, 0, IFNAMSIZ);
	(void)snprintf(name, IFNAMSIZ, "ips%u", site);
}

static void write_devices(struct nft_batch *b, const struct nft_accounts *a, bool remove)
{
	struct nft_elements x = nft_elements_of(b, NFT_MAP_ACCOUNT, remove);

	for (size_t i = 0; i < a->count; i++) {
		char name[IFNAMSIZ], chain[NAME_SIZE];

		device_name(a->sites[i].site, name);
		if (remove)
			nft_elements_put(&x, name, sizeof(name), NULL, 0);
		else
			nft_elements_put_goto(&x, name, sizeof(name),
					      chain_of(a->sites[i].account, chain));
	}
	nft_elements_end(&x);
}

/* Accounts that this one reaches, itself among them. */
static bool *reach_of(const struct nft_accounts *a, uint32_t from, uint32_t most)
{
	bool *to = mem_calloc(most + 1, sizeof(*to));

	for (size_t i = 0; i < a->reach_count; i++) {
		if (a->reach[i].a == from && a->reach[i].b <= most)
			to[a->reach[i].b] = true;
	}
	return to;
}

static void put_set(struct nft_batch *b, const struct nft_accounts *a, uint32_t account,
		    uint32_t most)
{
	char set[NAME_SIZE], name[IFNAMSIZ];
	bool *to = reach_of(a, account, most);
	struct nft_elements x;

	nft_device_set_put(b, set_of(account, set), SET_IDS + account);
	x = nft_elements_of(b, set, false);
	for (size_t i = 0; i < a->count; i++) {
		if (!to[a->sites[i].account])
			continue;
		device_name(a->sites[i].site, name);
		nft_elements_put(&x, name, sizeof(name), NULL, 0);
	}
	nft_elements_end(&x);
	free(to);
}

static void put_drop(struct nft_batch *b, const char *chain)
{
	struct nftnl_rule *r = nft_rule_new(chain);
	const uint32_t len = sizeof("ips") - 1;

	nft_put_meta(r, NFT_META_IIFNAME, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, "ips", len);
	nft_put_meta(r, NFT_META_OIFNAME, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, "ips", len);
	nft_put_counter(r, 0, 0);
	nft_put_verdict(r, NF_DROP, NULL);
	nft_rule_put(b, r, "accounts that are kept apart");
}

static void put_account(struct nft_batch *b, const struct nft_accounts *a, uint32_t account,
			uint32_t most)
{
	char chain[NAME_SIZE], set[NAME_SIZE];
	struct nftnl_rule *r;

	put_set(b, a, account, most);
	nft_chain_put(b, chain_of(account, chain));
	r = nft_rule_new(chain);
	nft_put_meta(r, NFT_META_OIFNAME, 0);
	nft_put_lookup(r, set_of(account, set), 0);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "accounts that may reach each other");
	put_drop(b, chain);
}

void nft_accounts_put(struct nft_batch *b, const struct nft_accounts *a)
{
	uint32_t most = account_count(a);
	struct nftnl_rule *r;

	if (a->count == 0)
		return;
	for (uint32_t i = 1; i <= most; i++)
		put_account(b, a, i, most);
	write_devices(b, a, false);
	r = nft_rule_new(NFT_CHAIN_APART);
	nft_put_meta(r, NFT_META_IIFNAME, 0);
	nft_put_vmap(r, NFT_MAP_ACCOUNT, 0);
	nft_rule_put(b, r, "accounts");
	put_drop(b, NFT_CHAIN_APART);
	nft_tables_put(b, a->sites, a->count);
}

void nft_accounts_remove(struct nft_batch *b, const struct nft_accounts *a)
{
	uint32_t most = account_count(a);
	char name[NAME_SIZE];

	if (a->count == 0)
		return;
	nft_tables_remove(b, a->sites, a->count);
	nft_rules_delete(b, NFT_CHAIN_APART);
	write_devices(b, a, true);
	for (uint32_t i = 1; i <= most; i++) {
		nft_rules_delete(b, chain_of(i, name));
		nft_chain_delete(b, name);
		nft_set_delete(b, set_of(i, name));
	}
}

unsigned nft_accounts_rules(const struct nft_accounts *a)
{
	return a->count == 0 ? 0 : 2 + 2 * account_count(a) + nft_tables_rules(a->sites, a->count);
}
