/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network rules as values: the list, the first match, and which slot a rule means now.  Pure. */
#include "dataplane/site/net_rule.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

void net_rules_clear(struct net_rule_list *l)
{
	free(l->items);
	*l = (struct net_rule_list){.count = 0};
}

void net_rules_copy(struct net_rule_list *dst, const struct net_rule_list *src)
{
	if (dst == src)
		return;
	net_rules_clear(dst);
	dst->count = src->count;
	dst->items = mem_dup(src->items, src->count * sizeof(*src->items));
}

/* Position of the first rule whose priority is not smaller. */
static size_t place(const struct net_rule_list *l, uint32_t priority)
{
	size_t at = 0;

	while (at < l->count && l->items[at].priority < priority)
		at++;
	return at;
}

struct net_rule *net_rules_find(const struct net_rule_list *l, uint32_t priority)
{
	size_t at = place(l, priority);

	return at < l->count && l->items[at].priority == priority ? &l->items[at] : NULL;
}

void net_rules_set(struct net_rule_list *l, const struct net_rule *r)
{
	size_t at = place(l, r->priority);

	if (at == l->count || l->items[at].priority != r->priority) {
		l->items = mem_realloc_array(l->items, l->count + 1, sizeof(*l->items));
		memmove(l->items + at + 1, l->items + at, (l->count - at) * sizeof(*l->items));
		l->count++;
	}
	l->items[at] = *r;
}

bool net_rules_remove(struct net_rule_list *l, uint32_t priority)
{
	struct net_rule *r = net_rules_find(l, priority);

	if (r == NULL)
		return false;
	memmove(r, r + 1, (size_t)(l->items + l->count - r - 1) * sizeof(*r));
	if (--l->count == 0)
		net_rules_clear(l);
	return true;
}

bool net_rule_equal(const struct net_rule *a, const struct net_rule *b)
{
	return a->priority == b->priority && strcmp(a->name, b->name) == 0 &&
	       net_match_equal(&a->match, &b->match) && strcmp(a->site, b->site) == 0 &&
	       a->wan_role == b->wan_role && a->fallback == b->fallback &&
	       (a->fallback != NET_FALLBACK_WAN || a->fallback_wan == b->fallback_wan) &&
	       a->qos_priority == b->qos_priority;
}

bool net_rules_equal(const struct net_rule_list *a, const struct net_rule_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!net_rule_equal(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}

bool net_rule_in_force(const struct net_rule *r)
{
	return r->wan_role != 0 || r->qos_priority != 0;
}

/* Those beyond the last band share it. */
struct net_bands net_rules_bands(const struct net_rule_list *l)
{
	struct net_bands b = {.of = {0}};
	uint8_t next = 1;

	for (size_t i = 0; i < l->count; i++)
		b.of[l->items[i].qos_priority & 0xff] = 1;
	b.of[0] = 0;
	for (size_t p = 1; p < ARRAY_LEN(b.of); p++) {
		if (b.of[p] == 0)
			continue;
		b.of[p] = next;
		next = next < NET_BANDS ? (uint8_t)(next + 1) : NET_BANDS;
	}
	return b;
}

bool net_rule_is_for(const struct net_rule *r, const char *site)
{
	return net_rule_in_force(r) && (r->site[0] == '\0' || strcmp(r->site, site) == 0);
}

const struct net_rule *net_rules_first(const struct net_rule_list *l, const char *site,
				       const struct net_packet *p)
{
	for (size_t i = 0; i < l->count; i++) {
		if (net_rule_is_for(&l->items[i], site) && net_match_packet(&l->items[i].match, p))
			return &l->items[i];
	}
	return NULL;
}

/* The lowest of the slots whose tunnel has this WAN role, 0: none. */
static uint8_t slot_of_wan(const struct site_config *c, uint32_t wan, unsigned slots)
{
	for (unsigned i = 0; i < DP_SLOTS; i++) {
		const struct tunnel_config *t = &c->tunnels[i / SITE_TUNNELS][i % SITE_TUNNELS];

		if ((slots & (1U << i)) != 0 && t->wan_role == wan)
			return (uint8_t)(i + 1);
	}
	return 0;
}

uint8_t net_rule_slot(const struct net_rule *r, const struct site_config *c, unsigned slots)
{
	uint8_t slot = r->wan_role == 0 ? 0 : slot_of_wan(c, r->wan_role, slots);

	if (slot != 0 || r->wan_role == 0)
		return slot;
	switch (r->fallback) {
	case NET_FALLBACK_ANY:
		return 0;
	case NET_FALLBACK_WAN:
		slot = slot_of_wan(c, r->fallback_wan, slots);
		return slot != 0 ? slot : DP_RULE_DROP;
	case NET_FALLBACK_NONE:
		break;
	}
	return DP_RULE_DROP;
}

struct dp_rule *net_rules_for_site(const struct net_rule_list *l, const struct site_config *c,
				   unsigned slots, size_t *count)
{
	struct net_bands bands = net_rules_bands(l);
	struct dp_rule *out = NULL;

	*count = 0;
	for (size_t i = 0; i < l->count; i++) {
		const struct net_rule *r = &l->items[i];

		if (!net_rule_is_for(r, c->name))
			continue;
		out = mem_realloc_array(out, *count + 1, sizeof(*out));
		memset(&out[*count], 0, sizeof(*out)); /* comparable by octets */
		out[*count].match = r->match;
		out[*count].number = r->priority;
		out[*count].slot = net_rule_slot(r, c, slots);
		out[*count].band = bands.of[r->qos_priority];
		(*count)++;
	}
	return out;
}
