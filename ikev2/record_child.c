/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Child SAs as records; see record_object.h. */
#include "ikev2/record_object.h"

#include "ikev2/tunnel.h"

#define KEYS_MAX     512
#define CHILDREN_MAX 65536

static void record_members(struct record *r, struct ike_engine *e, struct child_sa *c)
{
	c->state = (enum child_state)record_below(r, c->state, CHILD_STATE_COUNT);
	record_u32(r, &c->tunnel_id);
	record_bool(r, &c->initiator);
	record_bool(r, &c->installed);
	record_bool(r, &c->outbound);
	record_bool(r, &c->pending);
	record_bool(r, &c->udp_encap);
	record_bool(r, &c->redundant);
	record_u32(r, &c->spi_out);
	record_u32(r, &c->successor);
	record_u32(r, &c->replaces);
	record_suite(r, &c->suite);
	record_secret(r, &c->keys, KEYS_MAX);
	record_ts_kept(r, &c->local_ts);
	record_ts_kept(r, &c->remote_ts);
	record_u64(r, &c->since_ms);
	record_u64(r, &c->rekey_at_ms);
	record_u64(r, &c->expire_at_ms);
	record_timer(r, e, &c->rekey);
	record_timer(r, e, &c->expire);
	record_timer(r, e, &c->remove);
}

static bool is_sound(const struct child_sa *c, const struct ike_sa *sa)
{
	bool lingers = c->state == CHILD_LINGERING;
	bool removes = heap_contains(&c->remove.node);

	if (c->state == CHILD_NEW || lingers != !sa || lingers != removes)
		return false;
	if (sa && c->tunnel_id != sa->tunnel_id)
		return false;
	if (lingers && (heap_contains(&c->rekey.node) || heap_contains(&c->expire.node)))
		return false;
	return !c->installed || child_keys_fit(c);
}

/* Number and inbound SPI make one. */
static struct child_sa *record_identity(struct record *r, struct ike_engine *e, struct ike_sa *sa,
					struct child_sa *c)
{
	uint32_t number = c ? c->number : 0, spi_in = c ? c->spi_in : 0;

	record_u32(r, &number);
	record_u32(r, &spi_in);
	if (!r->loading)
		return c;
	if (!r->failed && !r->in.failed)
		c = child_restore(e, sa, number, spi_in);
	if (!c)
		record_fail(r);
	return c;
}

static void record_child(struct record *r, struct ike_engine *e, struct ike_sa *sa,
			 struct child_sa *c)
{
	c = record_identity(r, e, sa, c);
	if (!c)
		return;
	record_members(r, e, c);
	if (!r->loading)
		return;
	list_remove(&c->of_tunnel); /* record_tunnel_order puts it in its place */
	record_check(r, is_sound(c, sa));
	if (c->state == CHILD_NEW) /* nobody would free it */
		child_free(e, c);
}

void record_new_child(struct record *r, struct ike_engine *e, struct ike_sa *sa,
		      struct child_sa **c)
{
	bool there = *c != NULL;

	record_bool(r, &there);
	if (there)
		*c = record_identity(r, e, sa, *c);
}

/* One without IKE SA may belong to another tunnel than the one that is recorded. */
static bool is_meant(const struct record *r, const struct child_sa *c, const struct ike_sa *sa)
{
	if (c->state == CHILD_NEW || (!sa && r->scope == RECORD_NO_TUNNEL))
		return false;
	return sa || r->scope == RECORD_ALL || c->tunnel_id == r->tunnel->profile.id;
}

static void record_list(struct record *r, struct ike_engine *e, struct ike_sa *sa, struct list *l)
{
	struct list *n, *after;
	size_t count = 0;

	if (!r->loading) {
		list_for_each(n, after, l)
		{
			count += is_meant(r, container_of(n, struct child_sa, of_sa), sa);
		}
	}
	count = record_count(r, count, CHILDREN_MAX);
	if (r->loading) {
		for (size_t i = 0; i < count && !r->failed && !r->in.failed; i++)
			record_child(r, e, sa, NULL);
		return;
	}
	list_for_each(n, after, l)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (is_meant(r, c, sa))
			record_child(r, e, sa, c);
	}
}

void record_children(struct record *r, struct ike_engine *e, struct ike_sa *sa)
{
	record_list(r, e, sa, &sa->children);
}

void record_lingering(struct record *r, struct ike_engine *e)
{
	record_list(r, e, NULL, &e->lingering);
}
