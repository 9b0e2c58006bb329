/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Table, chains, sets and the rules that never change. */
#include "dataplane/net/nft_skeleton.h"

#include "dataplane/dataplane.h"
#include "dataplane/net/net.h"
#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_expr.h"
#include "dataplane/net/nft_guard.h"
#include "dataplane/net/shape.h"
#include "platform/base/mem.h"

#include <netinet/in.h>
#include <stdio.h> /* before those of libnftnl, which need FILE */

#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#define PRIORITY_MANGLE (-150) /* as nft(8) calls it */

#define MAP_GO		"go"
#define MAP_FIRST	"first"
#define MAP_REPLY	"back"
#define SET_PORTS	"ports"

/* Type numbers of nft(8), so that it prints keys as what they are; two fields are joined. */
#define TYPE_NONE      0U
#define TYPE_VERDICT   0xffffff00U
#define TYPE_PROTOCOL  12U
#define TYPE_MARK      19U
#define TYPE_IFINDEX   20U
#define TYPE_IFNAME    41U
#define HOST_ORDER     1U
#define TYPES(a, b)    ((a) << 6 | (b))

#define TCP_OPTION_MSS 2
#define LEN_OF_PREFIX  3 /* "ips" */

static void *need(void *p)
{
	if (p == NULL) /* out of memory */
		abort();
	return p;
}

/* ---- Objects -----------------------------------------------------------------------------------
 */

static void put_table(struct nft_batch *b, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *m = nft_batch_add(b, type, flags, "table");

	mnl_attr_put_strz(m, NFTA_TABLE_NAME, NFT_TABLE);
}

static void put_chain_at(struct nft_batch *b, const char *name, int hook, int priority)
{
	struct nftnl_chain *c = need(nftnl_chain_alloc());

	nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, NFT_TABLE);
	nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name);
	if (hook >= 0) {
		nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, (uint32_t)hook);
		nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, priority);
		nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, "filter");
		nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	}
	nftnl_chain_nlmsg_build_payload(nft_batch_add(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE, name), c);
	nftnl_chain_free(c);
}

void nft_chain_put(struct nft_batch *b, const char *name)
{
	put_chain_at(b, name, -1, 0);
}

void nft_base_chain_put(struct nft_batch *b, const char *name, int hook)
{
	put_chain_at(b, name, hook, PRIORITY_MANGLE);
}

void nft_base_chain_put_at(struct nft_batch *b, const char *name, int hook, int priority)
{
	put_chain_at(b, name, hook, priority);
}

/* Numbers of sets in a transaction. */
#define SET_ID_PORTS   1U
#define SET_ID_SERVICE 2U
#define SET_ID_ACCOUNT 3U
#define SET_ID_DEVICE  4U
#define SET_ID_DF      5U
#define SET_ID_FIRST   6U

/* nft(8) keeps in there how numbers are stored, and prints them accordingly. */
static void put_byte_orders(struct nftnl_set *s, const struct nft_set_spec *spec)
{
	struct nftnl_udata_buf *u = need(nftnl_udata_buf_alloc(64));

	if (spec->key_type == TYPE_MARK || spec->key_type == TYPE_IFINDEX ||
	    spec->key_type == TYPE_IFNAME)
		nftnl_udata_put_u32(u, NFTNL_UDATA_SET_KEYBYTEORDER, HOST_ORDER);
	if (spec->data_type == TYPE_MARK)
		nftnl_udata_put_u32(u, NFTNL_UDATA_SET_DATABYTEORDER, HOST_ORDER);
	if (nftnl_udata_buf_len(u) != 0)
		nftnl_set_set_data(s, NFTNL_SET_USERDATA, nftnl_udata_buf_data(u),
				   nftnl_udata_buf_len(u));
	nftnl_udata_buf_free(u);
}

/* A set whose size is known is a plain hash table: one that grows while hundreds of thousands of
 * elements come takes twice as long. */
void nft_set_put(struct nft_batch *b, const struct nft_set_spec *spec, uint32_t id, uint32_t sites)
{
	struct nftnl_set *s = need(nftnl_set_alloc());

	nftnl_set_set_str(s, NFTNL_SET_TABLE, NFT_TABLE);
	nftnl_set_set_str(s, NFTNL_SET_NAME, spec->name);
	nftnl_set_set_u32(s, NFTNL_SET_ID, id);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_TYPE, spec->key_type);
	nftnl_set_set_u32(s, NFTNL_SET_KEY_LEN, spec->key_len);
	if (spec->data_type != TYPE_NONE) {
		nftnl_set_set_u32(s, NFTNL_SET_FLAGS, NFT_SET_MAP);
		nftnl_set_set_u32(s, NFTNL_SET_DATA_TYPE, spec->data_type);
		nftnl_set_set_u32(s, NFTNL_SET_DATA_LEN, spec->data_len);
	}
	if (spec->per_site != 0)
		nftnl_set_set_u32(s, NFTNL_SET_DESC_SIZE, spec->per_site * sites);
	put_byte_orders(s, spec);
	nftnl_set_nlmsg_build_payload(nft_batch_add(b, NFT_MSG_NEWSET, NLM_F_CREATE, spec->name),
				      s);
	nftnl_set_free(s);
}

void nft_device_map_put(struct nft_batch *b, const char *name)
{
	const struct nft_set_spec spec = {name, TYPE_IFNAME, 16, TYPE_VERDICT, 0, 0};

	nft_set_put(b, &spec, SET_ID_DEVICE, 0);
}

void nft_device_set_put(struct nft_batch *b, const char *name, uint32_t id)
{
	const struct nft_set_spec spec = {name, TYPE_IFNAME, 16, TYPE_NONE, 0, 0};

	nft_set_put(b, &spec, id, 0);
}

void nft_rules_delete(struct nft_batch *b, const char *chain)
{
	struct nlmsghdr *m = nft_batch_add(b, NFT_MSG_DELRULE, 0, chain);

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, chain);
}

void nft_chain_delete(struct nft_batch *b, const char *name)
{
	struct nlmsghdr *m = nft_batch_add(b, NFT_MSG_DELCHAIN, 0, name);

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name);
}

void nft_set_delete(struct nft_batch *b, const char *name)
{
	struct nlmsghdr *m = nft_batch_add(b, NFT_MSG_DELSET, 0, name);

	mnl_attr_put_strz(m, NFTA_SET_TABLE, NFT_TABLE);
	mnl_attr_put_strz(m, NFTA_SET_NAME, name);
}

struct nftnl_rule *nft_rule_new(const char *chain)
{
	struct nftnl_rule *r = need(nftnl_rule_alloc());

	nftnl_rule_set_str(r, NFTNL_RULE_TABLE, NFT_TABLE);
	nftnl_rule_set_str(r, NFTNL_RULE_CHAIN, chain);
	return r;
}

void nft_rule_put(struct nft_batch *b, struct nftnl_rule *r, const char *what)
{
	nftnl_rule_nlmsg_build_payload(nft_batch_add(b, NFT_MSG_NEWRULE,
						     NLM_F_CREATE | NLM_F_APPEND, what),
				       r);
	nftnl_rule_free(r);
}

/* ---- TCP MSS -----------------------------------------------------------------------------------
 */

/* Packets from or to a device of ours. */
static void put_clamp_entry(struct nft_batch *b, uint32_t meta)
{
	struct nftnl_rule *r = nft_rule_new("clamp");

	nft_put_meta(r, meta, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, "ips", LEN_OF_PREFIX);
	nft_put_verdict(r, NFT_GOTO, "mss");
	nft_rule_put(b, r, "clamp");
}

/* To what the routes of both directions take: the MTU of the device, which follows its tunnels, or
 * less where the kernel has learned it.  A lower one stays. */
static void put_mss(struct nft_batch *b)
{
	struct nftnl_rule *r = nft_rule_new("mss");
	const uint8_t tcp = IPPROTO_TCP, syn = 0x02, none = 0;

	nft_put_meta(r, NFT_META_L4PROTO, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &tcp, sizeof(tcp));
	nft_put_payload(r, NFT_TRANSPORT, 13, 1, 0);
	nft_put_and_xor(r, 0, 1, &syn, &none);
	nft_put_cmp(r, 0, NFT_CMP_NEQ, &none, 1);
	nft_put_route_mss(r, 0);
	nft_put_tcp_option_set(r, TCP_OPTION_MSS, 2, 2, 0);
	nft_rule_put(b, r, "TCP MSS");
}

static void put_clamp(struct nft_batch *b)
{
	nft_base_chain_put(b, "clamp", NF_INET_FORWARD);
	nft_chain_put(b, "mss");
	put_clamp_entry(b, NFT_META_OIFNAME);
	put_clamp_entry(b, NFT_META_IIFNAME);
	put_mss(b);
}

/* ---- Steering ----------------------------------------------------------------------------------
 */

static void put_sets(struct nft_batch *b, uint32_t sites)
{
	static const struct nft_set_spec sets[] = {
		{NFT_SET_SITE, TYPE_IFINDEX, 4, TYPE_NONE, 0, 1},
		{NFT_MAP_PIN4, TYPES(TYPE_IFINDEX, NFT_TYPE_IP4), 8, TYPE_MARK, 4, DP_SLOTS},
		{NFT_MAP_PIN6, TYPES(TYPE_IFINDEX, NFT_TYPE_IP6), 20, TYPE_MARK, 4, DP_SLOTS},
		{NFT_MAP_KEEP, TYPES(TYPE_IFINDEX, TYPE_MARK), 8, TYPE_MARK, 4, 2 * DP_SLOTS},
		{NFT_MAP_BUCKET, TYPES(TYPE_IFINDEX, TYPE_MARK), 8, TYPE_MARK, 4, DP_BUCKETS},
		{NFT_MAP_WAY, TYPES(TYPE_IFINDEX, TYPE_MARK), 8, TYPE_MARK, 4, 0},
		{MAP_GO, TYPE_MARK, 4, TYPE_VERDICT, 0, 0},
		{MAP_FIRST, TYPE_MARK, 4, TYPE_VERDICT, 0, 0},
		{MAP_REPLY, TYPE_MARK, 4, TYPE_VERDICT, 0, 0},
	};

	for (uint32_t i = 0; i < ARRAY_LEN(sets); i++)
		nft_set_put(b, &sets[i], SET_ID_FIRST + i, sites);
}

static void put_protocols_with_ports(struct nft_batch *b)
{
	static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_DCCP,
					    IPPROTO_UDPLITE};
	const struct nft_set_spec spec = {SET_PORTS, TYPE_PROTOCOL, 1, TYPE_NONE, 0, 0};
	struct nft_elements x;

	nft_set_put(b, &spec, SET_ID_PORTS, 0);
	x = nft_elements_of(b, SET_PORTS, false);
	for (size_t i = 0; i < sizeof(protocols); i++)
		nft_elements_put(&x, &protocols[i], 1, NULL, 0);
	nft_elements_end(&x);
}

const char *nft_chain_numbered(char buf[8], char kind, unsigned n)
{
	snprintf(buf, 8, "%c%u", kind, n % 10);
	return buf;
}

/* Chains s1..s6: the slot is decided, the connection keeps what it has. */
static void put_decided(struct nft_batch *b, unsigned slot)
{
	char name[8];
	struct nftnl_rule *r;
	uint32_t mark = slot;

	nft_chain_put(b, nft_chain_numbered(name, 's', slot));
	r = nft_rule_new(name);
	nft_put_immediate(r, 0, &mark, sizeof(mark));
	nft_put_meta_set(r, NFT_META_MARK, 0);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "slot");
}

/* Chains f1..f6 and b1..b6: the connection notes its slot for its first direction, and back. */
static void put_noted(struct nft_batch *b, unsigned slot, bool reply)
{
	char name[8];
	struct nftnl_rule *r;
	uint32_t value = nft_keep_value(slot, reply);
	uint32_t mask = ~nft_keep_value(0xf, reply);

	nft_chain_put(b, nft_chain_numbered(name, reply ? 'b' : 'f', slot));
	r = nft_rule_new(name);
	nft_put_ct(r, NFT_CT_MARK, 0);
	nft_put_and_xor(r, 0, sizeof(mask), &mask, &value);
	nft_put_ct_set(r, NFT_CT_MARK, 0);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "connection mark");
}

static void put_wait(struct nft_batch *b)
{
	struct nftnl_rule *r;

	nft_chain_put(b, "wait");
	r = nft_rule_new("wait");
	nft_put_counter(r, 0, 0);
	nft_put_verdict(r, NF_DROP, NULL);
	nft_rule_put(b, r, "wait");
}

static void put_ways(struct nft_batch *b)
{
	struct nft_elements go, first, back;
	const uint32_t flow = NFT_WAY_FLOW, wait = NFT_WAY_WAIT;
	char name[8];

	go = nft_elements_of(b, MAP_GO, false);
	for (uint32_t slot = 1; slot <= DP_SLOTS; slot++)
		nft_elements_put_goto(&go, &slot, 4, nft_chain_numbered(name, 's', slot));
	nft_elements_put_goto(&go, &flow, 4, "spread");
	nft_elements_put_goto(&go, &wait, 4, "wait");
	nft_elements_end(&go);
	first = nft_elements_of(b, MAP_FIRST, false);
	for (uint32_t slot = 1; slot <= DP_SLOTS; slot++)
		nft_elements_put_goto(&first, &slot, 4, nft_chain_numbered(name, 'f', slot));
	nft_elements_end(&first);
	back = nft_elements_of(b, MAP_REPLY, false);
	for (uint32_t slot = 1; slot <= DP_SLOTS; slot++)
		nft_elements_put_goto(&back, &slot, 4, nft_chain_numbered(name, 'b', slot));
	nft_elements_end(&back);
}

static void put_direction(struct nftnl_rule *r, bool reply)
{
	const uint8_t direction = reply ? 1 : 0; /* enum ip_conntrack_dir */

	nft_put_ct(r, NFT_CT_DIRECTION, 15);
	nft_put_cmp(r, 15, NFT_CMP_EQ, &direction, sizeof(direction));
}

static void put_fix(struct nft_batch *b)
{
	for (int reply = 0; reply < 2; reply++) {
		struct nftnl_rule *r = nft_rule_new("fix");

		put_direction(r, reply);
		nft_put_meta(r, NFT_META_MARK, 0);
		nft_put_vmap(r, reply ? MAP_REPLY : MAP_FIRST, 0);
		nft_rule_put(b, r, "fix");
	}
}

/* A flow that has a slot stays on it. */
static void put_keep(struct nft_batch *b, bool reply)
{
	struct nftnl_rule *r = nft_rule_new("spread");
	const uint32_t mask = nft_keep_value(0xf, reply), none = 0;

	put_direction(r, reply);
	nft_put_meta(r, NFT_META_OIF, 0);
	nft_put_ct(r, NFT_CT_MARK, 1);
	nft_put_and_xor(r, 1, sizeof(mask), &mask, &none);
	nft_put_map(r, NFT_MAP_KEEP, 0, 2);
	nft_put_meta_set(r, NFT_META_MARK, 2);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "keep");
}

/* The others: hash of addresses, and of ports where there are some. */
static void put_bucket(struct nft_batch *b, uint8_t family, bool ports)
{
	struct nftnl_rule *r = nft_rule_new("spread");
	uint32_t offset = family == NFPROTO_IPV4 ? 12 : 8;
	uint32_t len = family == NFPROTO_IPV4 ? 8 : 32;

	nft_put_meta(r, NFT_META_NFPROTO, 2);
	nft_put_cmp(r, 2, NFT_CMP_EQ, &family, sizeof(family));
	if (ports) {
		nft_put_meta(r, NFT_META_L4PROTO, 2);
		nft_put_lookup(r, SET_PORTS, 2);
	}
	nft_put_payload(r, NFT_NETWORK, offset, len, 2);
	if (ports) {
		nft_put_payload(r, NFT_TRANSPORT, 0, 4, 2 + len / 4);
		len += 4;
	}
	nft_put_hash(r, 2, len, DP_BUCKETS, 1);
	nft_put_meta(r, NFT_META_OIF, 0);
	nft_put_map(r, NFT_MAP_BUCKET, 0, 2);
	nft_put_meta_set(r, NFT_META_MARK, 2);
	nft_put_verdict(r, NFT_GOTO, "fix");
	nft_rule_put(b, r, "bucket");
}

static void put_flow(struct nft_batch *b)
{
	put_keep(b, false);
	put_keep(b, true);
	put_bucket(b, NFPROTO_IPV4, true);
	put_bucket(b, NFPROTO_IPV4, false);
	put_bucket(b, NFPROTO_IPV6, true);
	put_bucket(b, NFPROTO_IPV6, false);
}

static void put_pin(struct nft_batch *b, uint8_t family)
{
	struct nftnl_rule *r = nft_rule_new("steer");
	bool v4 = family == NFPROTO_IPV4;

	nft_put_meta(r, NFT_META_NFPROTO, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &family, sizeof(family));
	nft_put_meta(r, NFT_META_OIF, 0);
	nft_put_payload(r, NFT_NETWORK, v4 ? 16 : 24, v4 ? 4 : 16, 1);
	nft_put_map(r, v4 ? NFT_MAP_PIN4 : NFT_MAP_PIN6, 0, 8);
	nft_put_meta_set(r, NFT_META_MARK, 8);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "pin");
}

static void put_steer(struct nft_batch *b)
{
	struct nftnl_rule *r = nft_rule_new("steer");

	nft_put_meta(r, NFT_META_OIF, 0);
	nft_put_lookup_not(r, NFT_SET_SITE, 0);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "steer");
	put_pin(b, NFPROTO_IPV4);
	put_pin(b, NFPROTO_IPV6);
	r = nft_rule_new("steer");
	nft_put_verdict(r, NFT_JUMP, NFT_CHAIN_RULES);
	nft_rule_put(b, r, "steer");
	r = nft_rule_new("steer");
	nft_put_verdict(r, NFT_GOTO, "spread");
	nft_rule_put(b, r, "steer");
}

/* The queue of a band, of the tunnel that the mark names where our marks are used. */
static void put_band(struct nft_batch *b, unsigned band, bool marks)
{
	char name[8];
	struct nftnl_rule *r;
	const uint32_t mask = marks ? 0xff : 0, priority = shape_priority(0, band);

	nft_chain_put(b, nft_chain_numbered(name, 'q', band));
	r = nft_rule_new(name);
	nft_put_meta(r, NFT_META_MARK, 0);
	nft_put_and_xor(r, 0, sizeof(mask), &mask, &priority);
	nft_put_meta_set(r, NFT_META_PRIORITY, 0);
	nft_put_verdict(r, NF_ACCEPT, NULL);
	nft_rule_put(b, r, "priority");
}

static void put_class_rule(struct nft_batch *b, bool marks)
{
	struct nftnl_rule *r = nft_rule_new("class");
	const uint32_t mask = marks ? 0xff : 0, priority = SHAPE_PRIORITY;

	nft_put_meta(r, NFT_META_OIFNAME, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, "ips", LEN_OF_PREFIX);
	nft_put_meta(r, NFT_META_MARK, 0);
	nft_put_and_xor(r, 0, sizeof(mask), &mask, &priority);
	nft_put_meta_set(r, NFT_META_PRIORITY, 0);
	nft_put_verdict(r, NFT_GOTO, NFT_CHAIN_CLASSES);
	nft_rule_put(b, r, "class");
}

/* After the slot is known: the class of the shaper. */
static void put_class(struct nft_batch *b, bool marks)
{
	nft_chain_put(b, NFT_CHAIN_CLASSES);
	for (unsigned band = 1; band <= NET_BANDS; band++)
		put_band(b, band, marks);
	put_chain_at(b, "class", NF_INET_POST_ROUTING, PRIORITY_MANGLE + 1);
	put_class_rule(b, marks);
}

/* Its rules come and go with the accounts (nft_account.c). */
static void put_apart(struct nft_batch *b)
{
	static const struct nft_set_spec account = {NFT_MAP_ACCOUNT, TYPE_IFNAME, 16,
						    TYPE_VERDICT,    0,		  0};

	nft_set_put(b, &account, SET_ID_ACCOUNT, 0);
	nft_base_chain_put(b, NFT_CHAIN_APART, NF_INET_FORWARD);
}

/* Its rule comes and goes with the sites (nft_df.c). */
static void put_df(struct nft_batch *b)
{
	static const struct nft_set_spec spec = {NFT_SET_DF, TYPE_IFNAME, 16, TYPE_NONE, 0, 0};

	nft_set_put(b, &spec, SET_ID_DF, 0);
	nft_base_chain_put(b, NFT_CHAIN_DF, NF_INET_PRE_ROUTING);
}

static void put_inside(struct nft_batch *b)
{
	const struct nft_set_spec spec = {NFT_SET_SERVICE, NFT_TYPE_IP4, 4, TYPE_NONE, 0, 0};
	const uint8_t family = NFPROTO_IPV4;
	struct nftnl_rule *r;

	nft_set_put(b, &spec, SET_ID_SERVICE, 0);
	nft_base_chain_put(b, "inside", NF_INET_LOCAL_IN);
	r = nft_rule_new("inside");
	nft_put_meta(r, NFT_META_NFPROTO, 0);
	nft_put_cmp(r, 0, NFT_CMP_EQ, &family, sizeof(family));
	nft_put_payload(r, NFT_NETWORK, 16, 4, 0);
	nft_put_lookup(r, NFT_SET_SERVICE, 0);
	nft_put_meta(r, NFT_META_IIFNAME, 0);
	nft_put_cmp(r, 0, NFT_CMP_NEQ, "ips", LEN_OF_PREFIX);
	nft_put_cmp(r, 0, NFT_CMP_NEQ, "lo", sizeof("lo"));
	nft_put_counter(r, 0, 0);
	nft_put_verdict(r, NF_DROP, NULL);
	nft_rule_put(b, r, "service addresses");
}

static void put_steering(struct nft_batch *b, uint32_t sites)
{
	static const char *const plain[] = {NFT_CHAIN_RULES, "spread", "fix"};

	put_sets(b, sites);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		nft_chain_put(b, plain[i]);
	for (unsigned slot = 1; slot <= DP_SLOTS; slot++) {
		put_decided(b, slot);
		put_noted(b, slot, false);
		put_noted(b, slot, true);
	}
	put_wait(b);
	put_ways(b);
	put_fix(b);
	put_flow(b);
	nft_base_chain_put(b, "steer", NF_INET_POST_ROUTING);
	put_steer(b);
}

void nft_skeleton_put(struct nft_batch *b, uint32_t sites, const struct nft_guard *guard)
{
	nft_skeleton_remove(b);
	put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	put_clamp(b);
	nft_guard_put(guard, b);
	put_protocols_with_ports(b);
	if (sites != 0)
		put_steering(b, sites);
	put_class(b, sites != 0);
	put_inside(b);
	put_apart(b);
	put_df(b);
}

/* Creating it first makes its removal succeed. */
void nft_skeleton_remove(struct nft_batch *b)
{
	put_table(b, NFT_MSG_NEWTABLE, NLM_F_CREATE);
	put_table(b, NFT_MSG_DELTABLE, 0);
}

unsigned nft_skeleton_rules(bool steering)
{
	/* clamp 2, mss 1, class 1, bands, inside 1; slots 18, wait 1, fix 2, flow 6, steer 5 */
	return NFT_GUARD_RULES + 5 + NET_BANDS + (steering ? 32 : 0);
}
