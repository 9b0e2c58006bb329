/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The choice of a slot, in the order that dataplane.h gives, and the table of flows: sets of eight
 * places, a flow's set follows from its key.  A flow is known by 64 bit of hash; two flows with
 * the same key share their slot, which harms neither.
 */
#include "dataplane/flow_table.h"

#include "platform/base/mem.h"

#include <stdlib.h>

#define WAYS   8
#define IDLE_S 3600 /* a flow that was quiet for so long is a new one */

struct flow {
	uint64_t key;
	uint32_t seen_s;
	uint8_t slot; /* 0: place is free */
};

struct flow_table {
	size_t mask; /* of set numbers */
	struct flow places[];
};

struct flow_table *flow_table_new(size_t flows)
{
	size_t count = 64;
	struct flow_table *t;

	while (count < flows)
		count *= 2;
	t = mem_zalloc(sizeof(*t) + count * sizeof(struct flow));
	t->mask = count / WAYS - 1;
	return t;
}

void flow_table_free(struct flow_table *t)
{
	free(t);
}

static uint64_t key_of(uint32_t site, uint64_t hash)
{
	uint64_t x = hash ^ site * UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

/* The flow's place, or the one that it may take. */
static struct flow *place_of(struct flow_table *t, uint64_t key, uint32_t now_s)
{
	struct flow *set = &t->places[(key & t->mask) * WAYS];
	struct flow *victim = set;

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].slot != 0 && set[i].key == key)
			return &set[i];
		if (set[i].slot == 0 ||
		    (victim->slot != 0 && now_s - set[i].seen_s > now_s - victim->seen_s))
			victim = &set[i];
	}
	return victim;
}

static uint8_t keep_or_spread(struct flow_table *t, const struct dp_steering *s, uint64_t key,
			      unsigned bucket, uint32_t now_s)
{
	struct flow *f = place_of(t, key, now_s);
	bool known = f->slot != 0 && f->key == key && now_s - f->seen_s < IDLE_S &&
		     (s->usable & 1U << (f->slot - 1)) != 0;

	if (!known)
		*f = (struct flow){.key = key, .slot = s->bucket_slot[bucket]};
	f->seen_s = now_s;
	return f->slot;
}

static uint8_t pinned_slot(const struct dp_steering *s, const struct ip_addr *to)
{
	for (uint8_t i = 0; i < DP_SLOTS; i++) {
		if (s->pin[i].family != IP_NONE && ip_addr_equal(&s->pin[i], to))
			return (uint8_t)(i + 1);
	}
	return 0;
}

static uint32_t first_rule(const struct flow_rules *rules, const struct net_packet *p)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (net_match_packet(&rules->rules[i].match, p))
			return (uint32_t)i;
	}
	return FLOW_NO_RULE;
}

uint8_t flow_choose(struct flow_table *t, uint32_t site, const struct dp_steering *s,
		    const struct flow_rules *rules, const struct net_packet *p, uint64_t hash,
		    unsigned bucket, uint32_t now_s, uint32_t *rule)
{
	uint8_t slot = pinned_slot(s, &p->destination);

	*rule = FLOW_NO_RULE;
	if (slot != 0)
		return slot;
	*rule = first_rule(rules, p);
	if (*rule != FLOW_NO_RULE && rules->rules[*rule].slot != 0)
		return rules->rules[*rule].slot;
	return keep_or_spread(t, s, key_of(site, hash), bucket, now_s);
}
