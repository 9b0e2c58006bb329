/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Half-open counters per prefix, the cookie threshold with hysteresis, token buckets. */
#include "ikev2/halfopen.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define PER_PREFIX    3	    /* half-open SAs of one prefix before cookies */
#define GREEDY_PART   16    /* of the limit, when all places are taken */
#define CALM_MS	      10000 /* cookies stay on this long after the load went */
#define GLOBAL_BURST  100
#define GLOBAL_REFILL 10 /* ms per token */
#define PREFIX_BURST  5
#define PREFIX_REFILL 500
#define PREFIX_V6_LEN 8

struct prefix {
	struct map_node node;
	struct ip_addr addr;
	uint32_t count;
};

static struct ip_addr prefix_of(const struct ip_addr *a)
{
	struct ip_addr p = *a;

	if (p.family == IP_V6)
		memset(p.bytes + PREFIX_V6_LEN, 0, sizeof(p.bytes) - PREFIX_V6_LEN);
	return p;
}

static struct prefix *prefix_find(const struct halfopen *h, const struct ip_addr *peer)
{
	struct ip_addr key = prefix_of(peer);
	struct map_node *n = map_find(&h->prefixes, &key, sizeof(key));

	return n ? container_of(n, struct prefix, node) : NULL;
}

void halfopen_init(struct halfopen *h, uint32_t max_ike_sas, uint32_t max_half_open,
		   const uint8_t key[16])
{
	memset(h, 0, sizeof(*h));
	h->limit = max_half_open;
	h->threshold = max_ike_sas / 10 > 64 ? max_ike_sas / 10 : 64;
	if (h->threshold > max_half_open / 2)
		h->threshold = max_half_open / 2;
	map_init(&h->prefixes, key);
	memcpy(h->bucket_key, key, sizeof(h->bucket_key));
	h->global.tokens = GLOBAL_BURST;
	for (size_t i = 0; i < ARRAY_LEN(h->buckets); i++)
		h->buckets[i].tokens = PREFIX_BURST;
}

void halfopen_clear(struct halfopen *h)
{
	struct list *n, *after;

	list_for_each(n, after, &h->prefixes.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct prefix *p = container_of(node, struct prefix, node);

		map_remove(&h->prefixes, node);
		free(p);
	}
	map_clear(&h->prefixes);
}

bool halfopen_is_full(const struct halfopen *h)
{
	return h->total >= h->limit;
}

bool halfopen_is_greedy(const struct halfopen *h, const struct ip_addr *peer)
{
	const struct prefix *p = prefix_find(h, peer);

	return p && p->count > h->limit / GREEDY_PART;
}

void halfopen_add(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer)
{
	struct prefix *p = prefix_find(h, peer);

	if (!p) {
		p = mem_zalloc(sizeof(*p));
		p->addr = prefix_of(peer);
		map_insert(&h->prefixes, &p->node, &p->addr, sizeof(p->addr));
	}
	p->count++;
	h->total++;
	if (h->total >= h->threshold) {
		h->loaded = true;
		h->calm_at_ms = now_ms + CALM_MS;
	}
}

void halfopen_remove(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer)
{
	struct prefix *p = prefix_find(h, peer);

	if (!p)
		return;
	if (h->total >= h->threshold)
		h->calm_at_ms = now_ms + CALM_MS;
	h->total--;
	if (--p->count > 0)
		return;
	map_remove(&h->prefixes, &p->node);
	free(p);
}

bool halfopen_is_loaded(const struct halfopen *h, uint64_t now_ms)
{
	return h->total >= h->threshold || (h->loaded && now_ms < h->calm_at_ms);
}

bool halfopen_wants_cookie(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer)
{
	const struct prefix *p;

	if (halfopen_is_loaded(h, now_ms))
		return true;
	h->loaded = false;
	p = prefix_find(h, peer);
	return p && p->count >= PER_PREFIX;
}

static bool take(uint64_t *at_ms, uint32_t *tokens, uint64_t now_ms, uint32_t burst,
		 uint32_t refill_ms)
{
	uint64_t gained = (now_ms - *at_ms) / refill_ms;

	if (gained > 0) {
		*tokens = gained >= burst - *tokens ? burst : *tokens + (uint32_t)gained;
		*at_ms += gained * refill_ms;
	}
	if (*tokens == 0)
		return false;
	(*tokens)--;
	return true;
}

bool halfopen_may_reply(struct halfopen *h, uint64_t now_ms, const struct ip_addr *peer)
{
	struct ip_addr key = prefix_of(peer);
	size_t i = siphash(h->bucket_key, &key, sizeof(key)) % ARRAY_LEN(h->buckets);

	return take(&h->buckets[i].at_ms, &h->buckets[i].tokens, now_ms, PREFIX_BURST,
		    PREFIX_REFILL) &&
	       take(&h->global.at_ms, &h->global.tokens, now_ms, GLOBAL_BURST, GLOBAL_REFILL);
}
