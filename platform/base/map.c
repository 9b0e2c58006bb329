/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intrusive hash map and its hash.  Owns the bucket array, never nodes or keys; deterministic for
 * the same hash key.
 */
#include "platform/base/map.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

void map_init(struct map *m, const uint8_t hash_key[16])
{
	*m = (struct map){.buckets = NULL};
	list_init(&m->order);
	if (hash_key != NULL)
		memcpy(m->hash_key, hash_key, sizeof(m->hash_key));
}

void map_clear(struct map *m)
{
	struct list *node;
	struct list *after;

	list_for_each(node, after, &m->order) list_remove(node);
	free(m->buckets);
	m->buckets = NULL;
	m->bucket_count = 0;
	m->count = 0;
}

static struct map_node **bucket(const struct map *m, uint64_t hash)
{
	return &m->buckets[hash & (m->bucket_count - 1)];
}

static void grow(struct map *m)
{
	struct list *node;
	struct list *after;

	free(m->buckets);
	m->bucket_count = m->bucket_count == 0 ? 16 : m->bucket_count * 2;
	m->buckets = mem_calloc(m->bucket_count, sizeof(struct map_node *));
	list_for_each(node, after, &m->order)
	{
		struct map_node *n = container_of(node, struct map_node, order);
		struct map_node **head = bucket(m, n->hash);

		n->chain = *head;
		*head = n;
	}
}

static struct map_node *find(const struct map *m, uint64_t hash, const void *key, size_t key_len)
{
	struct map_node *n;

	if (m->bucket_count == 0)
		return NULL;
	for (n = *bucket(m, hash); n != NULL; n = n->chain) {
		if (n->hash == hash &&
		    view_equal(view_of(n->key, n->key_len), view_of(key, key_len)))
			return n;
	}
	return NULL;
}

bool map_insert(struct map *m, struct map_node *node, const void *key, size_t key_len)
{
	uint64_t hash = siphash(m->hash_key, key, key_len);
	struct map_node **head;

	if (find(m, hash, key, key_len) != NULL)
		return false;
	if (m->count == m->bucket_count)
		grow(m);
	node->key = key;
	node->key_len = key_len;
	node->hash = hash;
	head = bucket(m, hash);
	node->chain = *head;
	*head = node;
	list_append(&m->order, &node->order);
	m->count++;
	return true;
}

struct map_node *map_find(const struct map *m, const void *key, size_t key_len)
{
	return find(m, siphash(m->hash_key, key, key_len), key, key_len);
}

void map_remove(struct map *m, struct map_node *node)
{
	struct map_node **link;

	for (link = bucket(m, node->hash); *link != node; link = &(*link)->chain)
		;
	*link = node->chain;
	node->chain = NULL;
	list_remove(&node->order);
	m->count--;
}

static uint64_t rotl(uint64_t v, unsigned by)
{
	return v << by | v >> (64 - by);
}

static uint64_t load_le(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	for (size_t i = 0; i < len; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* Rounds of figure 2.1 of the paper. */
static void sip_rounds(uint64_t v[4], unsigned rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

static void sip_block(uint64_t v[4], uint64_t block)
{
	v[3] ^= block;
	sip_rounds(v, 2);
	v[0] ^= block;
}

uint64_t siphash(const uint8_t key[16], const void *data, size_t len)
{
	const uint64_t k0 = load_le(key, 8);
	const uint64_t k1 = load_le(key + 8, 8);
	const uint8_t *p = data;
	size_t left = len;
	uint64_t v[4] = {
		k0 ^ UINT64_C(0x736f6d6570736575),
		k1 ^ UINT64_C(0x646f72616e646f6d),
		k0 ^ UINT64_C(0x6c7967656e657261),
		k1 ^ UINT64_C(0x7465646279746573),
	};

	for (; left >= 8; left -= 8, p += 8)
		sip_block(v, load_le(p, 8));
	sip_block(v, (uint64_t)len << 56 | load_le(p, left));
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
