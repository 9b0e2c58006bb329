/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The elements of a site.  Of two states only what differs is written: removals first, since a key
 * has to be free before it gets another value.
 */
#include "dataplane/net/nft_site.h"

#include "dataplane/net/nft_element.h"
#include "dataplane/net/nft_skeleton.h"

#include <string.h>

struct change {
	struct nft_batch *b;
	const struct nft_site *has, *want;
	bool moved; /* another device: nothing stays */
	bool remove;
};

/* In `from` (the one to be removed from, or the one to be added), and not the same in the other. */
static const struct nft_site *side(const struct change *c)
{
	return c->remove ? c->has : c->want;
}

static const struct nft_site *other(const struct change *c)
{
	return c->remove ? c->want : c->has;
}

static struct nft_key key_of(const struct change *c, uint32_t number)
{
	return (struct nft_key){.ifindex = (uint32_t)side(c)->ifindex, .number = number};
}

static void write_site(const struct change *c)
{
	struct nft_elements x = nft_elements_of(c->b, NFT_SET_SITE, c->remove);
	uint32_t ifindex = (uint32_t)side(c)->ifindex;

	if (c->moved)
		nft_elements_put(&x, &ifindex, sizeof(ifindex), NULL, 0);
	nft_elements_end(&x);
}

static void write_buckets(const struct change *c)
{
	struct nft_elements x = nft_elements_of(c->b, NFT_MAP_BUCKET, c->remove);

	for (uint32_t i = 0; i < DP_BUCKETS; i++) {
		uint32_t slot = side(c)->steering.bucket_slot[i];
		struct nft_key key = key_of(c, i);

		if (slot != 0 && (c->moved || other(c)->steering.bucket_slot[i] != slot))
			nft_elements_put(&x, &key, sizeof(key), &slot, sizeof(slot));
	}
	nft_elements_end(&x);
}

static void write_keep(const struct change *c)
{
	struct nft_elements x = nft_elements_of(c->b, NFT_MAP_KEEP, c->remove);

	for (uint32_t slot = 1; slot <= DP_SLOTS; slot++) {
		unsigned bit = 1U << (slot - 1);

		if ((side(c)->steering.usable & bit) == 0 ||
		    (!c->moved && (other(c)->steering.usable & bit) != 0))
			continue;
		for (int reply = 0; reply < 2; reply++) {
			struct nft_key key = key_of(c, nft_keep_value(slot, reply));

			nft_elements_put(&x, &key, sizeof(key), &slot, sizeof(slot));
		}
	}
	nft_elements_end(&x);
}

static bool is_pinned_before(const struct dp_steering *s, unsigned slot0)
{
	for (unsigned i = 0; i < slot0; i++) {
		if (ip_addr_equal(&s->pin[i], &s->pin[slot0]))
			return true;
	}
	return false;
}

static void write_pins(const struct change *c, enum ip_family family)
{
	struct nft_elements x =
		nft_elements_of(c->b, family == IP_V4 ? NFT_MAP_PIN4 : NFT_MAP_PIN6, c->remove);
	const struct dp_steering *s = &side(c)->steering;

	for (uint32_t slot = 1; slot <= DP_SLOTS; slot++) {
		const struct ip_addr *a = &s->pin[slot - 1];
		uint8_t key[4 + 16];
		uint32_t ifindex = (uint32_t)side(c)->ifindex;

		if (a->family != family || is_pinned_before(s, slot - 1))
			continue;
		memcpy(key, &ifindex, 4);
		memcpy(key + 4, a->bytes, ip_addr_len(a));
		nft_elements_put(&x, key, 4 + ip_addr_len(a), &slot, sizeof(slot));
	}
	nft_elements_end(&x);
}

static bool pins_differ(const struct change *c)
{
	return c->moved || memcmp(c->has->steering.pin, c->want->steering.pin,
				  sizeof(c->has->steering.pin)) != 0;
}

static bool has_way(const struct nft_site *s, const struct nft_way *w)
{
	for (size_t i = 0; i < s->way_count; i++) {
		if (s->ways[i].number == w->number)
			return s->ways[i].way == w->way;
	}
	return false;
}

static void write_ways(const struct change *c)
{
	struct nft_elements x = nft_elements_of(c->b, NFT_MAP_WAY, c->remove);

	for (size_t i = 0; i < side(c)->way_count; i++) {
		const struct nft_way *w = &side(c)->ways[i];
		struct nft_key key = key_of(c, w->number);

		if (c->moved || !has_way(other(c), w))
			nft_elements_put(&x, &key, sizeof(key), &w->way, sizeof(w->way));
	}
	nft_elements_end(&x);
}

static void write_all(const struct change *c)
{
	if (side(c)->ifindex == 0)
		return;
	write_site(c);
	write_buckets(c);
	write_keep(c);
	if (pins_differ(c)) {
		write_pins(c, IP_V4);
		write_pins(c, IP_V6);
	}
	write_ways(c);
}

void nft_site_write(struct nft_batch *b, const struct nft_site *has, const struct nft_site *want)
{
	struct change c = {.b = b,
			   .has = has,
			   .want = want,
			   .moved = has->ifindex != want->ifindex};

	c.remove = true;
	write_all(&c);
	c.remove = false;
	write_all(&c);
}
