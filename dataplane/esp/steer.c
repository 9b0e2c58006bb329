/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looks at nothing where there is nothing to choose. */
#include "dataplane/esp/steer.h"

#include "dataplane/esp/flow.h"
#include "dataplane/esp/inner.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct esp_rules *esp_rules_new(const struct dp_rule *rules, size_t count,
				const struct esp_rules *before)
{
	struct esp_rules *r = mem_zalloc(sizeof(*r));

	r->count = count;
	r->items = mem_calloc(count + 1, sizeof(*r->items));
	r->hits = mem_calloc(count + 1, sizeof(*r->hits));
	for (size_t i = 0; i < count; i++) {
		r->items[i] = rules[i];
		atomic_init(&r->hits[i],
			    before == NULL ? 0 : esp_rules_hits(before, rules[i].number));
	}
	return r;
}

void esp_rules_free(struct esp_rules *r)
{
	if (r == NULL)
		return;
	free(r->items);
	free(r->hits);
	free(r);
}

static void rules_release(struct grace_node *n)
{
	esp_rules_free(container_of(n, struct esp_rules, grace));
}

void esp_rules_retire(struct grace *g, struct esp_rules *r)
{
	if (r != NULL)
		grace_retire(g, &r->grace, rules_release);
}

uint64_t esp_rules_hits(const struct esp_rules *r, uint32_t number)
{
	for (size_t i = 0; r != NULL && i < r->count; i++) {
		if (r->items[i].number == number)
			return esp_counter_get(&r->hits[i]);
	}
	return 0;
}

uint8_t esp_steer_only_slot(const struct dp_steering *s, const struct esp_rules *r)
{
	uint8_t slot = s->bucket_slot[0];

	if (!s->single || (r != NULL && r->count > 0))
		return 0;
	for (size_t i = 0; i < DP_BUCKETS; i++) {
		if (s->bucket_slot[i] != slot)
			return 0;
	}
	return slot;
}

static struct ip_addr addr_of(uint8_t family, const uint8_t *octets)
{
	struct ip_addr a = {.family = family};

	memcpy(a.bytes, octets, family == IP_V4 ? 4 : 16);
	return a;
}

uint8_t esp_steer(struct flow_table *flows, uint32_t site, const struct esp_steering *s,
		  const struct esp_inner *p, size_t packets, uint64_t now_ms, uint8_t *band)
{
	struct flow_rules rules = {.count = s->rules == NULL ? 0 : s->rules->count,
				   .rules = s->rules == NULL ? NULL : s->rules->items};
	struct net_packet packet;
	uint64_t hash;
	uint32_t rule;
	uint8_t slot;

	*band = 0;
	if (s->only_slot != 0)
		return s->only_slot;
	hash = esp_flow_hash(p);
	packet = (struct net_packet){.source = addr_of(p->family, p->src),
				     .destination = addr_of(p->family, p->dst),
				     .protocol = p->protocol,
				     .has_ports = p->has_ports,
				     .source_port = p->src_port,
				     .destination_port = p->dst_port,
				     .dscp = p->tos >> 2};
	slot = flow_choose(flows, site, &s->wanted, &rules, &packet, hash, esp_flow_bucket(hash),
			   (uint32_t)(now_ms / 1000), &rule);
	if (rule != FLOW_NO_RULE && s->rules != NULL) {
		esp_counter_add(&s->rules->hits[rule], packets);
		*band = s->rules->items[rule].band;
	}
	return slot;
}
