/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intrusive hash map from byte keys to objects.  The node lives in the object and borrows the key
 * bytes from it, so that a lookup allocates nothing.  Iteration is in insertion order, which keeps
 * everything built on it deterministic.  The hash is keyed (SipHash-2-4), so that a peer who
 * chooses keys cannot choose collisions.
 */
#ifndef PLATFORM_BASE_MAP_H
#define PLATFORM_BASE_MAP_H

#include "platform/base/bytes.h"
#include "platform/base/list.h"

struct map_node {
	struct list order;
	struct map_node *chain;
	const void *key;
	size_t key_len;
	uint64_t hash;
};

struct map {
	struct list order; /* iterate with list_for_each and container_of(node, struct map_node,
			      order) */
	struct map_node **buckets;
	size_t bucket_count;
	size_t count;
	uint8_t hash_key[16];
};

/* hash_key: 16 random bytes, or NULL for a fixed key (no hostile keys). */
void map_init(struct map *m, const uint8_t hash_key[16]);
void map_clear(struct map *m); /* forgets all nodes, frees the buckets; objects are the caller's */
/* False when the key is already there; the map is unchanged then. */
bool map_insert(struct map *m, struct map_node *node, const void *key, size_t key_len);
struct map_node *map_find(const struct map *m, const void *key, size_t key_len); /* or NULL */
void map_remove(struct map *m, struct map_node *node);
/* SipHash-2-4 (Aumasson, Bernstein 2012). */
uint64_t siphash(const uint8_t key[16], const void *data, size_t len);

#endif
