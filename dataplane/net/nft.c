/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table as it shall be, and the transaction that leads there.  While nothing is wrong, changes
 * are written into the batch as they come; otherwise the next commit writes everything.
 */
#include "dataplane/net/nft.h"

#include "dataplane/net/nft_account.h"
#include "dataplane/net/nft_batch.h"
#include "dataplane/net/nft_class.h"
#include "dataplane/net/nft_df.h"
#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_guard.h"
#include "dataplane/net/nft_look.h"
#include "dataplane/net/nft_rule.h"
#include "dataplane/net/nft_site.h"
#include "dataplane/net/nft_skeleton.h"
#include "platform/base/mem.h"

#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 64

struct nft {
	struct mnl_socket *socket;
	struct nft_batch *batch;
	struct nft_options options;
	struct nft_guard guard;
	bool unmade; /* the table is not there, or nobody knows: make it anew */
	struct map sites;
	uint32_t room;	       /* sites that the table can hold */
	struct dp_rule *rules; /* number and match; in order */
	size_t rule_count;
	struct net_class *classes; /* in order */
	size_t class_count;
	struct nft_accounts accounts;
	uint32_t *df_sites; /* whose packets lose DF */
	size_t df_count;
	struct ip_addr *services;
	size_t service_count;
	struct nft_hits *hits; /* as last read from the kernel */
	size_t hit_count;
	uint32_t generation; /* of the ruleset, after our last transaction; 0: not known */
};

struct nft *nft_open(const struct nft_options *o, struct err_msg *e)
{
	struct mnl_socket *s = nft_socket_open(e);
	struct nft *n;

	if (s == NULL)
		return NULL;
	n = mem_zalloc(sizeof(*n));
	n->socket = s;
	n->batch = nft_batch_new();
	n->options = *o;
	nft_guard_init(&n->guard, o->natt_port);
	n->unmade = true;
	map_init(&n->sites, NULL);
	return n;
}

static void site_free(struct nft *n, struct nft_site *s)
{
	map_remove(&n->sites, &s->node);
	free(s->ways);
	free(s);
}

int nft_close(struct nft *n, struct err_msg *e)
{
	struct list *node;
	struct list *after;
	int r;

	if (n == NULL)
		return 0;
	nft_batch_free(n->batch);
	n->batch = nft_batch_new();
	nft_skeleton_remove(n->batch);
	r = nft_batch_send(n->batch, n->socket, e);
	list_for_each(node, after, &n->sites.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		site_free(n, container_of(m, struct nft_site, node));
	}
	map_clear(&n->sites);
	nft_guard_clear(&n->guard);
	nft_batch_free(n->batch);
	free(n->rules);
	free(n->classes);
	free(n->services);
	free(n->df_sites);
	nft_accounts_clear(&n->accounts);
	free(n->hits);
	mnl_socket_close(n->socket);
	free(n);
	return r;
}

/* ---- What it shall hold ------------------------------------------------------------------------
 */

static struct nft_site *find(const struct nft *n, uint32_t site)
{
	struct map_node *m = map_find(&n->sites, &site, sizeof(site));

	return m == NULL ? NULL : container_of(m, struct nft_site, node);
}

static struct nft_site *get(struct nft *n, uint32_t site)
{
	struct nft_site *s = find(n, site);

	if (s != NULL)
		return s;
	s = mem_zalloc(sizeof(*s));
	s->site = site;
	(void)map_insert(&n->sites, &s->node, &s->site, sizeof(s->site));
	if (n->sites.count > n->room)
		n->unmade = true; /* a larger table */
	return s;
}

static uint32_t way_of(uint8_t slot)
{
	if (slot == DP_RULE_DROP)
		return NFT_WAY_WAIT;
	return slot == 0 ? NFT_WAY_FLOW : slot;
}

static struct nft_way *ways_of(const struct dp_rule *rules, size_t count)
{
	struct nft_way *w = count == 0 ? NULL : mem_calloc(count, sizeof(*w));

	for (size_t i = 0; i < count; i++)
		w[i] = (struct nft_way){rules[i].number, way_of(rules[i].slot)};
	return w;
}

void nft_site_set(struct nft *n, uint32_t site, int ifindex, const struct dp_steering *s,
		  const struct dp_rule *rules, size_t count)
{
	struct nft_site *has = get(n, site);
	struct nft_site want = {.site = site, .ifindex = ifindex, .steering = *s};

	want.way_count = count;
	want.ways = ways_of(rules, count);
	if (!n->unmade)
		nft_site_write(n->batch, has, &want);
	free(has->ways);
	has->ifindex = ifindex;
	has->steering = *s;
	has->way_count = count;
	has->ways = want.ways;
}

void nft_site_remove(struct nft *n, uint32_t site)
{
	const struct nft_site none = {.site = site};
	struct nft_site *s = find(n, site);

	if (s == NULL)
		return;
	if (!n->unmade)
		nft_site_write(n->batch, s, &none);
	site_free(n, s);
}

/* ---- Network rules -----------------------------------------------------------------------------
 */

static struct nft_hits *find_hits(const struct nft *n, uint32_t number)
{
	for (size_t i = 0; i < n->hit_count; i++) {
		if (n->hits[i].number == number)
			return &n->hits[i];
	}
	return NULL;
}

static void add_hits(struct nft *n, const struct nft_hits *h)
{
	struct nft_hits *known = find_hits(n, h->number);

	if (known != NULL) { /* one network rule may be two in nftables */
		known->packets += h->packets;
		known->octets += h->octets;
		return;
	}
	n->hits = mem_realloc_array(n->hits, n->hit_count + 1, sizeof(*n->hits));
	n->hits[n->hit_count++] = *h;
}

static void take_rule(void *arg, const struct nlmsghdr *m)
{
	struct nft_hits h;

	if (nft_network_rule_read(m, &h))
		add_hits(arg, &h);
}

static void read_hits(struct nft *n)
{
	struct nft_hits *before = n->hits;
	size_t count = n->hit_count;

	if (n->unmade)
		return;
	n->hits = NULL;
	n->hit_count = 0;
	if (nft_look_rules(n->socket, take_rule, n) == 0) {
		free(before);
		return;
	}
	free(n->hits);
	n->hits = before;
	n->hit_count = count;
}

uint64_t nft_rule_hits(struct nft *n, uint32_t number)
{
	const struct nft_hits *h;

	read_hits(n);
	h = find_hits(n, number);
	return h == NULL ? 0 : h->packets;
}

static void write_rules(struct nft *n)
{
	for (size_t i = 0; i < n->rule_count; i++)
		nft_network_rule_put(n->batch, &n->rules[i], find_hits(n, n->rules[i].number));
}

static bool rules_equal(const struct nft *n, const struct dp_rule *rules, size_t count)
{
	if (count != n->rule_count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (rules[i].number != n->rules[i].number ||
		    !net_match_equal(&rules[i].match, &n->rules[i].match))
			return false;
	}
	return true;
}

/* Hits of rules that are no more, or mean something else now. */
static void forget_hits(struct nft *n, const struct dp_rule *rules, size_t count)
{
	for (size_t i = 0; i < n->hit_count; i++) {
		const struct dp_rule *was = NULL, *is = NULL;

		for (size_t k = 0; k < n->rule_count; k++) {
			if (n->rules[k].number == n->hits[i].number)
				was = &n->rules[k];
		}
		for (size_t k = 0; k < count; k++) {
			if (rules[k].number == n->hits[i].number)
				is = &rules[k];
		}
		if (was == NULL || is == NULL || !net_match_equal(&was->match, &is->match))
			n->hits[i].packets = n->hits[i].octets = 0;
	}
}

void nft_rules_set(struct nft *n, const struct dp_rule *rules, size_t count)
{
	if (!n->options.steering || rules_equal(n, rules, count))
		return;
	read_hits(n);
	forget_hits(n, rules, count);
	free(n->rules);
	n->rules = count == 0 ? NULL : mem_dup(rules, count * sizeof(*rules));
	n->rule_count = count;
	if (n->unmade)
		return;
	nft_network_rules_flush(n->batch);
	write_rules(n);
}

/* ---- Strangers ---------------------------------------------------------------------------------
 */

void nft_peer_hold(struct nft *n, const struct ip_addr *peer)
{
	nft_guard_hold(&n->guard, peer, n->unmade ? NULL : n->batch);
}

void nft_peer_drop(struct nft *n, const struct ip_addr *peer)
{
	nft_guard_drop(&n->guard, peer, n->unmade ? NULL : n->batch);
}

static void take_dropped(void *arg, const struct nlmsghdr *m)
{
	(void)nft_guard_read(m, arg);
}

uint64_t nft_strangers_dropped(struct nft *n)
{
	uint64_t dropped = 0;

	if (n->unmade || nft_look_rules(n->socket, take_dropped, &dropped) != 0)
		return 0;
	return dropped;
}

/* ---- Priorities --------------------------------------------------------------------------------
 */

static bool classes_equal(const struct nft *n, const struct net_class *classes, size_t count)
{
	if (count != n->class_count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (classes[i].site != n->classes[i].site ||
		    classes[i].band != n->classes[i].band ||
		    !net_match_equal(&classes[i].match, &n->classes[i].match))
			return false;
	}
	return true;
}

void nft_classes_set(struct nft *n, const struct net_class *classes, size_t count)
{
	if (classes_equal(n, classes, count))
		return;
	free(n->classes);
	n->classes = count == 0 ? NULL : mem_dup(classes, count * sizeof(*classes));
	n->class_count = count;
	if (n->unmade)
		return;
	nft_classes_flush(n->batch);
	nft_classes_put(n->batch, n->classes, n->class_count);
}

/* ---- Service addresses -------------------------------------------------------------------------
 */

static void write_services(struct nft *n, bool remove)
{
	struct nft_elements x = nft_elements_of(n->batch, NFT_SET_SERVICE, remove);

	for (size_t i = 0; i < n->service_count; i++)
		nft_elements_put(&x, n->services[i].bytes, 4, NULL, 0);
	nft_elements_end(&x);
}

void nft_services_set(struct nft *n, const struct ip_addr *list, size_t count)
{
	if (!n->unmade)
		write_services(n, true);
	free(n->services);
	n->services = count == 0 ? NULL : mem_dup(list, count * sizeof(*list));
	n->service_count = count;
	if (!n->unmade)
		write_services(n, false);
}

void nft_accounts_set(struct nft *n, const struct net_account *sites, size_t count,
		      const struct net_reach *reach, size_t reach_count)
{
	struct nft_accounts want = {.sites = sites,
				    .count = count,
				    .reach = reach,
				    .reach_count = reach_count};

	if (nft_accounts_equal(&n->accounts, &want))
		return;
	if (!n->unmade) {
		nft_accounts_remove(n->batch, &n->accounts);
		nft_accounts_put(n->batch, &want);
	}
	nft_accounts_copy(&n->accounts, &want);
}

void nft_df_set(struct nft *n, const uint32_t *sites, size_t count)
{
	if (count == n->df_count &&
	    (count == 0 || memcmp(sites, n->df_sites, count * sizeof(*sites)) == 0))
		return;
	if (!n->unmade) {
		nft_df_remove(n->batch, n->df_sites, n->df_count);
		nft_df_put(n->batch, sites, count);
	}
	free(n->df_sites);
	n->df_sites = mem_dup(sites, count * sizeof(*sites));
	n->df_count = count;
}

/* ---- Transactions ------------------------------------------------------------------------------
 */

static void write_everything(struct nft *n)
{
	const struct nft_site none = {.site = 0};
	struct list *node;
	struct list *after;

	nft_batch_free(n->batch); /* what was collected is in there, too */
	n->batch = nft_batch_new();
	n->room = n->options.steering ? (uint32_t)n->sites.count * 5 / 4 + ROOM_MIN : 0;
	nft_skeleton_put(n->batch, n->room, &n->guard);
	write_rules(n);
	nft_classes_put(n->batch, n->classes, n->class_count);
	write_services(n, false);
	nft_accounts_put(n->batch, &n->accounts);
	nft_df_put(n->batch, n->df_sites, n->df_count);
	list_for_each(node, after, &n->sites.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);

		nft_site_write(n->batch, &none, container_of(m, struct nft_site, node));
	}
}

int nft_commit(struct nft *n, struct err_msg *e)
{
	int r;

	if (n->unmade)
		write_everything(n);
	if (nft_batch_is_empty(n->batch))
		return 0;
	r = nft_batch_send(n->batch, n->socket, e);
	n->unmade = r != 0;
	n->generation = r == 0 ? nft_look_generation(n->socket) : 0;
	return r;
}

static bool has_elements(struct nft *n, const char *set, size_t wanted)
{
	size_t count;

	return nft_look_elements(n->socket, set, &count) == 0 && count == wanted;
}

/* Of the large maps only the number of elements is compared. */
static bool peers_are_there(struct nft *n)
{
	return has_elements(n, NFT_SET_PEERS4, n->guard.count4) &&
	       has_elements(n, NFT_SET_PEERS6, n->guard.count6);
}

static bool steering_is_there(struct nft *n)
{
	size_t sites = 0, buckets = 0;
	struct list *node;
	struct list *after;

	list_for_each(node, after, &n->sites.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		const struct nft_site *s = container_of(m, struct nft_site, node);

		sites += s->ifindex != 0;
		for (unsigned i = 0; i < DP_BUCKETS && s->ifindex != 0; i++)
			buckets += s->steering.bucket_slot[i] != 0;
	}
	return !n->options.steering ||
	       (has_elements(n, NFT_SET_SITE, sites) && has_elements(n, NFT_MAP_BUCKET, buckets));
}

static void count_rule(void *arg, const struct nlmsghdr *m)
{
	struct nft_hits h;
	unsigned *count = arg;

	*count += !nft_network_rule_read(m, &h);
}

bool nft_audit(struct nft *n)
{
	unsigned rules = 0;
	uint32_t now;

	if (n->unmade)
		return false;
	now = nft_look_generation(n->socket);
	if (now != 0 && now == n->generation)
		return true; /* nobody has changed anything since */
	if (nft_look_rules(n->socket, count_rule, &rules) != 0 ||
	    rules != nft_skeleton_rules(n->options.steering) +
			     nft_classes_rules(n->classes, n->class_count) +
			     nft_accounts_rules(&n->accounts) +
			     (n->df_count != 0 ? NFT_DF_RULES : 0) ||
	    !steering_is_there(n) || !peers_are_there(n)) {
		n->unmade = true;
		return false;
	}
	n->generation = now;
	return true;
}
