/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole state of an engine as bytes, and an engine from such bytes: tunnels with what was
 * learned of them, IKE SAs and Child SAs with their keys, message IDs and timers, requests under
 * way.  Only fragments that still wait for others are left out: who sent them sends again.
 */
#include "ikev2/record_object.h"

#include "ikev2/record_value.h"
#include "ikev2/source.h"
#include "ikev2/tunnel.h"

static const uint8_t magic[8] = {'I', 'K', 'E', 'S', 'H', '-', 'S', 'A'};

#define VERSION	     3
#define ASK_AGAIN_MS 200

static void record_cookie(struct record *r, struct ike_engine *e)
{
	record_u8(r, &e->cookie.version);
	record_u64(r, &e->cookie.since_ms);
	record_secret(r, &e->cookie.now, COOKIE_SECRET_LEN);
	record_secret(r, &e->cookie.before, COOKIE_SECRET_LEN);
	record_secret(r, &e->qcd_secret, COOKIE_SECRET_LEN);
}

static void record_counters(struct record *r, struct ike_engine *e)
{
	size_t count = record_count(r, COUNTER_COUNT, COUNTER_COUNT);

	for (size_t i = 0; i < count; i++)
		record_u64(r, &e->counters[i]);
}

/* Rows are taken from the first one on. */
static void record_recall(struct record *r, struct recall *k)
{
	size_t used = 0;

	while (used < RECALL_ROWS && k->row[used].until_ms != 0)
		used++;
	used = record_count(r, used, RECALL_ROWS);
	for (size_t i = 0; i < used; i++) {
		record_endpoint(r, &k->row[i].remote);
		record_parameters(r, &k->row[i].ike);
		record_u64(r, &k->row[i].until_ms);
	}
	k->next = record_below(r, k->next, RECALL_ROWS);
}

static void record_engine(struct record *r, struct ike_engine *e)
{
	record_octets(r, e->hash_key, sizeof(e->hash_key));
	record_u32(r, &e->next_child);
	record_u64(r, &e->next_token);
	record_u64(r, &e->unknown_told_ms);
	record_cookie(r, e);
	record_recall(r, &e->recall);
	record_counters(r, e);
}

static void record_objects(struct record *r, struct ike_engine *e)
{
	record_tunnels(r, e);
	record_sas(r, e);
	record_lingering(r, e);
	record_tunnel_order(r, e);
}

static int save(struct ike_engine *e, bool tunnels, struct secret *out)
{
	uint32_t version = VERSION;
	struct record r;

	if (!list_is_empty(&e->actions))
		return ERR_WRONG_STATE;
	record_write(&r);
	r.scope = tunnels ? RECORD_ALL : RECORD_NO_TUNNEL;
	record_octets(&r, (void *)magic, sizeof(magic));
	record_u32(&r, &version);
	record_u64(&r, &e->now_ms);
	record_engine(&r, e);
	record_objects(&r, e);
	record_take(&r, out);
	return 0;
}

int ike_engine_save(struct ike_engine *e, struct secret *out)
{
	return save(e, true, out);
}

int ike_engine_save_base(struct ike_engine *e, struct secret *out)
{
	return save(e, false, out);
}

int ike_engine_save_tunnel(struct ike_engine *e, uint32_t id, struct secret *out)
{
	const struct tunnel *t = tunnel_find(e, id);
	struct record r;

	if (!list_is_empty(&e->actions))
		return ERR_WRONG_STATE;
	if (!t)
		return ERR_NOT_FOUND;
	record_write(&r);
	r.scope = RECORD_ONE_TUNNEL;
	r.tunnel = t;
	record_u32(&r, &id);
	record_objects(&r, e);
	record_take(&r, out);
	return 0;
}

/* ---- Restoring ------------------------------------------------------------------------------- */

/* The answer may have come, which changed nothing that had to be saved: what waits for it, a DELETE
 * for example, shall not wait for the next repetition in its time. */
static void ask_again(struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct ike_sa *sa = container_of(node, struct ike_sa, by_spi);

		if (heap_contains(&sa->retransmit.node) &&
		    sa->retransmit.node.due_ms > e->now_ms + ASK_AGAIN_MS)
			engine_timer_in(e, &sa->retransmit, ASK_AGAIN_MS);
	}
}

/* The data plane and the supervisor learn what there is; nothing happens in the world. */
static void announce(struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->tunnels.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct tunnel *t = container_of(node, struct tunnel, by_id);
		struct list *k, *next;

		list_for_each(k, next, &t->children)
		{
			struct child_sa *c = container_of(k, struct child_sa, of_tunnel);

			if (c->installed)
				child_install_again(e, c);
		}
		if (t->state == IKE_TUNNEL_UP)
			engine_up_again(e, t->profile.id);
		if (tunnel_attempt_sa(t))
			source_ask(e, tunnel_attempt_sa(t));
	}
}

/* A Child SA whose tunnel is gone: the data plane may still have it. */
static void drop_strays(struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->lingering)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (!list_is_empty(&c->of_tunnel))
			continue;
		if (c->installed)
			engine_child_delete(e, c->tunnel_id, c->number);
		child_free(e, c);
	}
}

/* Everything that is looked up by another number is there, and of the same tunnel. */
static bool references_hold(const struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		const struct ike_sa *sa = container_of(node, struct ike_sa, by_spi);
		const struct ike_sa *old = ike_sa_find(e, sa->replaces);

		if (old && sa->tunnel && old->tunnel && old->tunnel != sa->tunnel)
			return false;
	}
	return true;
}

/* What ike_engine_save_tunnel wrote, once for each tunnel. */
static void load_tunnels(struct record *r, struct ike_engine *e)
{
	uint32_t id = 0;

	while (!r->failed && !r->in.failed && reader_left(&r->in) > 0) {
		record_u32(r, &id);
		r->scope = RECORD_ALL;
		record_check(r, !tunnel_find(e, id));
		record_tunnels(r, e);
		record_sas(r, e);
		record_lingering(r, e);
		r->scope = RECORD_ONE_TUNNEL;
		r->tunnel = r->failed || r->in.failed ? NULL : tunnel_find(e, id);
		if (r->tunnel)
			record_tunnel_order(r, e);
		else
			record_fail(r);
	}
}

static int read_head(struct record *r, uint64_t now_ms, uint64_t *saved_ms)
{
	uint8_t start[sizeof(magic)];
	uint32_t version;

	record_octets(r, start, sizeof(start));
	record_u32(r, &version);
	record_u64(r, saved_ms);
	if (r->in.failed ||
	    !view_equal(view_of(start, sizeof(start)), view_of(magic, sizeof(magic))))
		return ERR_INVALID;
	if (version != VERSION)
		return ERR_UNSUPPORTED;
	return *saved_ms > now_ms ? ERR_RANGE : 0;
}

int ike_engine_restore(const struct ike_limits *limits, const struct ike_random *random,
		       uint64_t now_ms, struct view state, struct ike_engine **out)
{
	struct ike_engine *e;
	struct record r;
	uint64_t saved_ms;
	int rc;

	record_read(&r, state);
	rc = read_head(&r, now_ms, &saved_ms);
	if (rc)
		return rc;
	e = ike_engine_new(limits, random);
	e->now_ms = saved_ms;
	record_engine(&r, e);
	record_objects(&r, e);
	load_tunnels(&r, e);
	if (!record_is_complete(&r) || !references_hold(e)) {
		ike_engine_free(e);
		return ERR_INVALID;
	}
	e->now_ms = now_ms;
	drop_strays(e);
	announce(e);
	ask_again(e);
	*out = e;
	return 0;
}

uint32_t ike_engine_tunnel_at(const struct ike_engine *e, size_t index)
{
	struct list *n, *after;

	list_for_each(n, after, &e->tunnels.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);

		if (index-- == 0)
			return container_of(node, struct tunnel, by_id)->profile.id;
	}
	return 0;
}
