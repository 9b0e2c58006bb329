/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tunnels as records; see record_object.h. */
#include "ikev2/record_object.h"

#include "ikev2/place.h"
#include "ikev2/profile.h"
#include "ikev2/tunnel.h"

#define KEY_MAX	  1024
#define COUNT_MAX (1u << 24)

static void record_ppk(struct record *r, struct ike_ppk *p)
{
	p->id_len = (uint8_t)record_count(r, p->id_len, IKE_PPK_ID_MAX);
	record_octets(r, p->id, p->id_len);
	record_secret(r, &p->key, KEY_MAX);
	record_bool(r, &p->required);
}

static void record_profile(struct record *r, struct ike_tunnel *p)
{
	record_u32(r, &p->id);
	record_addr(r, &p->local);
	record_endpoint(r, &p->remote);
	record_id(r, &p->local_id);
	record_id(r, &p->remote_id);
	record_secret(r, &p->psk, KEY_MAX);
	record_ppk(r, &p->ppk);
	record_parameters(r, &p->ike);
	record_parameters(r, &p->child);
	record_ts_list(r, &p->local_ts);
	record_ts_list(r, &p->remote_ts);
	record_bool(r, &p->initiate);
	record_bool(r, &p->may_initiate);
	record_bool(r, &p->single_ts);
	record_bool(r, &p->force_encap);
	record_bool(r, &p->esn);
	record_bool(r, &p->follow_redirects);
	record_addr(r, &p->redirect.addr);
	record_text(r, p->redirect.name, sizeof(p->redirect.name));
	record_u32(r, &p->keepalive_s);
	record_u32(r, &p->dead_s);
	record_u32(r, &p->rebuild_s);
	record_u32(r, &p->ike_lifetime_s);
	record_u32(r, &p->child_lifetime_s);
	record_check(r, p->rebuild_s > 0);
}

static void record_knowledge(struct record *r, struct ike_engine *e, struct tunnel *t)
{
	record_bool(r, &t->admin_down);
	record_bool(r, &t->weak_offer);
	record_bool(r, &t->weak_child);
	record_bool(r, &t->learned_single_ts);
	record_bool(r, &t->names_peer);
	record_bool(r, &t->childless);
	t->state = (enum ike_tunnel_state)record_below(r, t->state, IKE_TUNNEL_UP + 1);
	record_u64(r, &t->state_since_ms);
	record_u32(r, &t->attempts);
	record_bool(r, &t->attempted);
	record_u64(r, &t->attempt_at_ms);
	record_timer(r, e, &t->attempt);
	record_timer(r, e, &t->settle);
	record_failure(r, &t->failure);
	record_endpoint(r, &t->swaps.now);
	record_endpoint(r, &t->swaps.before);
	record_u64(r, &t->swaps.at_ms);
	t->swaps.count = record_below(r, t->swaps.count, COUNT_MAX);
	record_addr(r, &t->away.to);
	record_addr(r, &t->away.from);
	record_u64(r, &t->away.since_ms);
	t->away.count = record_below(r, t->away.count, COUNT_MAX);
	record_u64(r, &t->inquired_ms);
	t->told = (enum ike_cause)record_below(r, t->told, IKE_CAUSE_COUNT);
	record_u64(r, &t->told_at_ms);
	record_comparison(r, &t->comparison);
	t->trouble.cause = (enum ike_cause)record_below(r, t->trouble.cause, IKE_CAUSE_COUNT);
	record_u64(r, &t->trouble.at_ms);
	record_text(r, t->trouble.text, sizeof(t->trouble.text));
	record_text(r, t->peer_offer, sizeof(t->peer_offer));
}

static void load_tunnel(struct record *r, struct ike_engine *e)
{
	struct ike_tunnel p = {.id = 0};
	struct tunnel *t;

	record_profile(r, &p);
	record_check(r, !tunnel_find(e, p.id));
	if (!r->failed && !r->in.failed && tunnel_set(e, &p, NULL))
		record_fail(r);
	t = r->failed || r->in.failed ? NULL : tunnel_find(e, p.id);
	secret_clear(&p.psk);
	secret_clear(&p.ppk.key);
	if (!t)
		return;
	record_knowledge(r, e, t);
	place_state(t, t->state == IKE_TUNNEL_UP);
}

static size_t count_of(const struct record *r, const struct ike_engine *e)
{
	switch (r->scope) {
	case RECORD_ALL:
		return e->tunnels.count;
	case RECORD_NO_TUNNEL:
		return 0;
	case RECORD_ONE_TUNNEL:
		return 1;
	}
	return 0;
}

static void record_one(struct record *r, struct ike_engine *e, struct tunnel *t)
{
	struct ike_tunnel p;

	profile_borrow(&t->profile, &p);
	record_profile(r, &p);
	record_knowledge(r, e, t);
}

void record_tunnels(struct record *r, struct ike_engine *e)
{
	size_t count = record_count(r, count_of(r, e), COUNT_MAX);
	struct list *n, *after;

	if (r->loading) {
		for (size_t i = 0; i < count && !r->failed && !r->in.failed; i++)
			load_tunnel(r, e);
		return;
	}
	if (r->scope == RECORD_ONE_TUNNEL) {
		record_one(r, e, tunnel_find(e, r->tunnel->profile.id));
		return;
	}
	list_for_each(n, after, &e->tunnels.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct tunnel *t = container_of(node, struct tunnel, by_id);

		if (r->scope == RECORD_ALL)
			record_one(r, e, t);
	}
}

/* ---- Order ----------------------------------------------------------------------------------- */

static void save_order(struct record *r, struct tunnel *t)
{
	struct list *n, *after;
	size_t sas = 0, children = 0;

	list_for_each(n, after, &t->sas)
	{
		sas++;
	}
	record_count(r, sas, COUNT_MAX);
	list_for_each(n, after, &t->sas)
	{
		record_u64(r, &container_of(n, struct ike_sa, of_tunnel)->own_spi);
	}
	list_for_each(n, after, &t->children)
	{
		children += container_of(n, struct child_sa, of_tunnel)->state != CHILD_NEW;
	}
	record_count(r, children, COUNT_MAX);
	list_for_each(n, after, &t->children)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_tunnel);

		if (c->state != CHILD_NEW)
			record_u32(r, &c->number);
	}
}

static void load_order(struct record *r, const struct ike_engine *e, struct tunnel *t)
{
	size_t count = record_count(r, 0, COUNT_MAX);

	for (size_t i = 0; i < count && !r->failed && !r->in.failed; i++) {
		struct ike_sa *sa;
		uint64_t spi = 0;

		record_u64(r, &spi);
		sa = ike_sa_find(e, spi);
		record_check(r, sa && sa->tunnel == t);
		if (!r->failed)
			ike_sa_set_tunnel(sa, t);
	}
	count = record_count(r, 0, COUNT_MAX);
	for (size_t i = 0; i < count && !r->failed && !r->in.failed; i++) {
		struct child_sa *c;
		uint32_t number = 0;

		record_u32(r, &number);
		c = child_find(e, number);
		record_check(r, c && c->tunnel_id == t->profile.id && c->state != CHILD_NEW);
		if (r->failed || !c)
			return;
		list_remove(&c->of_tunnel);
		list_append(&t->children, &c->of_tunnel);
	}
}

static void record_order(struct record *r, struct ike_engine *e, struct tunnel *t)
{
	if (r->loading)
		load_order(r, e, t);
	else
		save_order(r, t);
}

void record_tunnel_order(struct record *r, struct ike_engine *e)
{
	struct list *n, *after;

	if (r->scope == RECORD_NO_TUNNEL)
		return;
	if (r->scope == RECORD_ONE_TUNNEL) {
		record_order(r, e, tunnel_find(e, r->tunnel->profile.id));
		return;
	}
	list_for_each(n, after, &e->tunnels.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);

		record_order(r, e, container_of(node, struct tunnel, by_id));
	}
}
