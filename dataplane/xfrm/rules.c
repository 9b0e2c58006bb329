/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which policies a site wants, and how to get there.
 *
 * Of each Child SA, for each pair of its selectors:
 *   in, forward   any state of the site may have brought the packet
 *   out, mark T   slot T: the newest Child SA that may be sent on
 *   out, no mark  the same for the slot that most buckets have (the first one with a Child SA when
 *                 nobody steers), so that a site with one tunnel needs no marks
 * A site whose chosen slots have no usable Child SA has a trap instead, behind a policy that keeps
 * multicast from springing it.  Kernels ask once in 30 s for the same template: a trap that sprang
 * is replaced by one with another reqid.
 */
#include "dataplane/xfrm/plane.h"

#include "platform/base/mem.h"
#include "platform/os/netlink.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TRAP_NUMBER_SHIFT 4
#define TRAP_NUMBER_MASK  0xfffU

uint8_t xfrm_default_slot(const struct xfrm_site *s, bool *usable)
{
	unsigned buckets[DP_SLOTS + 1] = {0};
	bool has_child[DP_SLOTS + 1] = {false};
	struct list *node, *after;
	uint8_t best = 0;

	for (size_t i = 0; i < DP_BUCKETS; i++)
		buckets[s->steering.bucket_slot[i]]++;
	for (uint8_t slot = 1; slot <= DP_SLOTS && !s->steered; slot++)
		buckets[slot] = 1;
	list_for_each(node, after, &s->children)
	{
		const struct xfrm_child *c = container_of(node, struct xfrm_child, of_site);

		if (c->outbound && !c->broken)
			has_child[c->slot] = true;
	}
	for (uint8_t slot = 1; slot <= DP_SLOTS; slot++) {
		if (buckets[slot] == 0)
			continue;
		if (best == 0 || (has_child[slot] && !has_child[best]) ||
		    (has_child[slot] == has_child[best] && buckets[slot] > buckets[best]))
			best = slot;
	}
	*usable = best != 0 && has_child[best];
	return best;
}

/* ---- The wish -------------------------------------------------------------------------------- */

static struct xfrm_rule *append(struct xfrm_rules *r)
{
	if (r->count == r->cap) {
		r->cap = r->cap == 0 ? 8 : r->cap * 2;
		r->items = mem_realloc_array(r->items, r->cap, sizeof(*r->items));
	}
	memset(&r->items[r->count], 0, sizeof(*r->items));
	return &r->items[r->count++];
}

static struct xfrm_rule *append_rule(struct xfrm_rules *r, const struct xfrm_site *s, uint32_t dir,
				     const struct xfrm_selector *selector, uint32_t band)
{
	struct xfrm_rule *rule = append(r);

	rule->if_id = XFRM_IF_ID_OF(s->index);
	rule->dir = dir;
	rule->selector = *selector;
	rule->priority = XFRM_PRIORITY_BASE + band + xfrm_selector_breadth(selector);
	return rule;
}

static void want_in(struct xfrm_rules *r, const struct xfrm_child *c)
{
	struct xfrm_selector selector;

	for (size_t i = 0; i < c->pairs->count; i++) {
		selector = xfrm_selector_turned(&c->pairs->items[i]);
		(void)append_rule(r, c->site, XFRM_POLICY_IN, &selector, XFRM_BAND_CHILD);
		(void)append_rule(r, c->site, XFRM_POLICY_FWD, &selector, XFRM_BAND_CHILD);
	}
}

static void want_out(struct xfrm_rules *r, const struct xfrm_child *c, uint32_t mark,
		     uint32_t order)
{
	uint32_t band = mark == 0 ? XFRM_BAND_DEFAULT : XFRM_BAND_CHILD;

	for (size_t i = 0; i < c->pairs->count; i++) {
		struct xfrm_rule *rule =
			append_rule(r, c->site, XFRM_POLICY_OUT, &c->pairs->items[i], band);

		rule->mark = mark;
		rule->spi = c->out.key.spi;
		rule->reqid = XFRM_REQID_BASE | c->slot;
		rule->src = c->local.addr;
		rule->dst = c->remote.addr;
		rule->order = order;
	}
}

static void want_trap(struct xfrm_rules *r, const struct xfrm_site *s)
{
	static const uint16_t families[] = {AF_INET, AF_INET6};
	const struct ip_addr dummy = ip_addr_v4(0xc0000008); /* RFC 7600: no host has it */

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct xfrm_selector any = xfrm_selector_any(families[i]);
		struct xfrm_selector multicast = any;
		struct xfrm_rule *trap = append_rule(r, s, XFRM_POLICY_OUT, &any, XFRM_BAND_TRAP);

		trap->reqid = XFRM_REQID_BASE | (s->trap_number & TRAP_NUMBER_MASK)
							<< TRAP_NUMBER_SHIFT;
		trap->src = trap->dst = dummy;
		((uint8_t *)&multicast.daddr)[0] = families[i] == AF_INET ? 0xe0 : 0xff;
		multicast.prefixlen_d = families[i] == AF_INET ? 4 : 8;
		append_rule(r, s, XFRM_POLICY_OUT, &multicast, XFRM_BAND_MULTICAST)->block = true;
	}
}

static int by_key_newest_first(const void *a, const void *b)
{
	const struct xfrm_rule *x = a, *y = b;
	int c = xfrm_rule_compare(x, y);

	if (c != 0)
		return c;
	return x->order > y->order ? -1 : x->order < y->order;
}

static void sort_unique(struct xfrm_rules *r)
{
	size_t kept = 0;

	if (r->count == 0)
		return;
	qsort(r->items, r->count, sizeof(*r->items), by_key_newest_first);
	for (size_t i = 1; i < r->count; i++) {
		if (xfrm_rule_compare(&r->items[kept], &r->items[i]) != 0)
			r->items[++kept] = r->items[i];
	}
	r->count = kept + 1;
}

static struct xfrm_rules wanted(const struct xfrm_site *s)
{
	struct xfrm_rules r = {.items = NULL};
	struct list *node, *after;
	uint32_t order = 0;
	bool usable;
	uint8_t unmarked = xfrm_default_slot(s, &usable);

	list_for_each(node, after, &s->children)
	{
		const struct xfrm_child *c = container_of(node, struct xfrm_child, of_site);

		want_in(&r, c);
		if (!c->outbound || c->broken)
			continue;
		want_out(&r, c, c->slot, ++order);
		if (c->slot == unmarked)
			want_out(&r, c, 0, order);
	}
	if (unmarked != 0 && !usable)
		want_trap(&r, s);
	sort_unique(&r);
	return r;
}

void xfrm_rules_clear(struct xfrm_rules *r)
{
	free(r->items);
	*r = (struct xfrm_rules){.items = NULL};
}

/* ---- Getting there --------------------------------------------------------------------------- */

/* New ones before old ones go: a packet finds one of them. */
void xfrm_rules_sync(struct xfrm_plane *p, struct xfrm_site *s)
{
	struct xfrm_rules now = wanted(s);
	const struct xfrm_rules *old = &s->rules;
	size_t at = 0;

	for (size_t i = 0; i < now.count; i++) {
		while (at < old->count && xfrm_rule_compare(&old->items[at], &now.items[i]) < 0)
			at++;
		if (at == old->count || xfrm_rule_compare(&old->items[at], &now.items[i]) != 0 ||
		    !xfrm_rule_equal(&old->items[at], &now.items[i]))
			xfrm_rule_put(p->batch, &now.items[i]);
	}
	at = 0;
	for (size_t i = 0; i < old->count; i++) {
		while (at < now.count && xfrm_rule_compare(&now.items[at], &old->items[i]) < 0)
			at++;
		if (at == now.count || xfrm_rule_compare(&now.items[at], &old->items[i]) != 0)
			xfrm_rule_put_delete(p->batch, &old->items[i]);
	}
	xfrm_rules_clear(&s->rules);
	s->rules = now;
}

int xfrm_rules_apply(struct xfrm_plane *p, struct xfrm_site *s, struct err_msg *e)
{
	xfrm_rules_sync(p, s);
	return xfrm_send(p, "xfrm policies", e);
}

/* ---- Audit ----------------------------------------------------------------------------------- */

struct comparing {
	struct xfrm_plane *plane;
	size_t surplus;
};

static struct xfrm_rule *find(struct xfrm_rules *r, const struct xfrm_rule *key)
{
	size_t low = 0, high = r->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int c = xfrm_rule_compare(&r->items[middle], key);

		if (c == 0)
			return &r->items[middle];
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static int compare_one(void *arg, const struct nlmsghdr *answer)
{
	struct comparing *c = arg;
	struct xfrm_rule is, *want = NULL;
	struct xfrm_site *s;

	if (!xfrm_rule_parse(answer, &is))
		return 0;
	s = xfrm_find_site(c->plane, is.if_id - 1);
	if (s != NULL)
		want = find(&s->rules, &is);
	if (want == NULL) {
		xfrm_rule_put_delete(c->plane->batch, &is);
		c->surplus++;
	} else {
		want->seen = xfrm_rule_equal(want, &is);
	}
	return 0;
}

static size_t put_unseen(struct xfrm_plane *p, struct xfrm_site *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->rules.count; i++) {
		if (s->rules.items[i].seen)
			continue;
		xfrm_rule_put(p->batch, &s->rules.items[i]);
		count++;
	}
	return count;
}

static void set_unseen(struct xfrm_site *s)
{
	for (size_t i = 0; i < s->rules.count; i++)
		s->rules.items[i].seen = false;
}

int xfrm_rules_audit(struct xfrm_plane *p, size_t *missing, size_t *surplus, struct err_msg *e)
{
	struct comparing c = {.plane = p};
	union xfrm_request q;
	struct list *node, *after;
	int rc;

	list_for_each(node, after, &p->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		set_unseen(container_of(n, struct xfrm_site, by_index));
	}
	xfrm_rule_request_all(&q);
	rc = netlink_dump(p->query, &q.header, compare_one, &c, "read the xfrm policies", e);
	if (rc != 0)
		return rc;
	*surplus = c.surplus;
	*missing = 0;
	list_for_each(node, after, &p->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		*missing += put_unseen(p, container_of(n, struct xfrm_site, by_index));
	}
	return 0;
}
