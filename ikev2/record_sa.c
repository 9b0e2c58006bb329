/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IKE SAs as records; see record_object.h. */
#include "ikev2/record_object.h"

#include "ikev2/keymat.h"
#include "ikev2/qcd.h"
#include "ikev2/tunnel.h"

#define SAS_MAX (1u << 24)
#define KEY_MAX 256
/* Octets of AES-GCM IVs that what was sent after the last save may have used. */
#define COUNTER_AHEAD (1u << 20)

/* ---- Members --------------------------------------------------------------------------------- */

static void record_path(struct record *r, struct ike_sa *sa)
{
	record_endpoint(r, &sa->local);
	record_endpoint(r, &sa->remote);
	record_endpoint(r, &sa->esp);
	record_octets(r, sa->check.cookie, sizeof(sa->check.cookie));
	record_endpoint(r, &sa->check.remote);
	record_bool(r, &sa->natt);
	record_bool(r, &sa->nat_local);
	record_bool(r, &sa->nat_remote);
	record_bool(r, &sa->forced_encap);
	record_endpoint(r, &sa->answer.local);
	record_endpoint(r, &sa->answer.remote);
	record_bool(r, &sa->answer.natt);
}

static void record_abilities(struct record *r, struct ike_sa *sa)
{
	record_bool(r, &sa->mobike);
	record_bool(r, &sa->peer_fragments);
	record_bool(r, &sa->peer_childless);
	record_bool(r, &sa->child_refused);
	record_bool(r, &sa->ppk);
	record_bool(r, &sa->peer_redirects);
	record_addr(r, &sa->redirected_from);
	record_bool(r, &sa->wants_children);
}

static void record_sk(struct record *r, const struct ike_suite *suite, struct sk_key *k)
{
	struct secret encr = SECRET_NONE, integ = SECRET_NONE;
	uint64_t counter = k->counter;
	bool there = k->encr_key.len > 0;

	record_bool(r, &there);
	if (!there)
		return;
	record_u64(r, &counter);
	if (!r->loading) {
		record_secret(r, &k->encr_key, KEY_MAX);
		record_secret(r, &k->integ_key, KEY_MAX);
		return;
	}
	record_secret(r, &encr, KEY_MAX);
	record_secret(r, &integ, KEY_MAX);
	if (sk_key_init(k, suite, &encr, &integ))
		record_fail(r);
	k->counter = suite_is_aead(suite) ? counter + COUNTER_AHEAD : counter;
	secret_clear(&encr);
	secret_clear(&integ);
}

static void record_keys(struct record *r, struct ike_sa *sa)
{
	record_suite(r, &sa->suite);
	record_secret(r, &sa->keys.sk_d, KEY_MAX);
	record_secret(r, &sa->keys.sk_pi, KEY_MAX);
	record_secret(r, &sa->keys.sk_pr, KEY_MAX);
	record_secret(r, &sa->peer_token, QCD_TOKEN_MAX);
	record_sk(r, &sa->suite, &sa->seal);
	record_sk(r, &sa->suite, &sa->open);
}

static void record_window(struct record *r, struct ike_sa *sa)
{
	record_u32(r, &sa->send_id);
	record_u32(r, &sa->recv_id);
	record_bool(r, &sa->request.open);
	record_u32(r, &sa->request.id);
	record_u8(r, &sa->request.exchange);
	record_u32(r, &sa->request.sent);
	record_u32(r, &sa->request.pushed);
	record_u64(r, &sa->request.first_ms);
	record_message(r, &sa->request.message);
	record_bool(r, &sa->response.valid);
	record_u32(r, &sa->response.id);
	record_u64(r, &sa->response.hash);
	record_message(r, &sa->response.message);
	record_u64(r, &sa->peer_hash);
}

static void record_times(struct record *r, struct ike_engine *e, struct ike_sa *sa)
{
	struct timer *timers[] = {&sa->retransmit, &sa->half_open_end, &sa->liveness, &sa->dead,
				  &sa->doubt,	   &sa->rekey,	       &sa->expire,   &sa->release,
				  &sa->work,	   &sa->nat_keepalive};

	for (size_t i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		record_timer(r, e, timers[i]);
	record_u64(r, &sa->created_ms);
	record_u64(r, &sa->established_ms);
	record_u64(r, &sa->since_ms);
	record_u64(r, &sa->last_rx_ms);
	record_u64(r, &sa->rtt_at_ms);
	record_u32(r, &sa->rtt_ms);
	record_u64(r, &sa->hint.next_ms);
	record_u64(r, &sa->hint.since_ms);
	record_u8(r, &sa->hint.seen);
	record_u8(r, &sa->hint.asked);
	record_u64(r, &sa->hold_until_ms);
	record_u64(r, &sa->want_after_ms);
	sa->refusals = record_below(r, sa->refusals, 16);
	record_u64(r, &sa->stuck_since_ms);
	record_u64(r, &sa->rekey_at_ms);
	record_u64(r, &sa->expire_at_ms);
}

static void record_members(struct record *r, struct ike_engine *e, struct ike_sa *sa)
{
	sa->state = (enum sa_state)record_below(r, sa->state, SA_STATE_COUNT);
	record_u64(r, &sa->spi_i);
	record_u64(r, &sa->spi_r);
	record_bool(r, &sa->in_inits);
	record_octets(r, sa->init_key, sizeof(sa->init_key));
	record_path(r, sa);
	record_abilities(r, sa);
	record_keys(r, sa);
	record_id(r, &sa->peer_id);
	record_window(r, sa);
	record_times(r, e, sa);
	record_bool(r, &sa->lineage_initiator);
	sa->low.len = (uint8_t)record_count(r, sa->low.len, sizeof(sa->low.data));
	record_octets(r, sa->low.data, sa->low.len);
	record_bool(r, &sa->redundant);
	record_u64(r, &sa->replaces);
	record_children(r, e, sa);
	record_tasks(r, e, sa);
	record_theirs(r, e, sa);
	record_initial(r, e, sa);
}

/* ---- Reading --------------------------------------------------------------------------------- */

enum need { NEVER, MAYBE, ALWAYS };

/* What an IKE SA has in each state. */
static const struct {
	enum need tunnel, keys, initial, answers; /* answers: may have given one */
} needs[SA_STATE_COUNT] = {
	[SA_KEY] = {ALWAYS, NEVER, ALWAYS, NEVER},
	[SA_INIT_SENT] = {ALWAYS, NEVER, ALWAYS, NEVER},
	[SA_SECRET] = {ALWAYS, NEVER, ALWAYS, NEVER},
	[SA_MORE_KEY] = {ALWAYS, ALWAYS, ALWAYS, NEVER},
	[SA_MORE_SENT] = {ALWAYS, ALWAYS, ALWAYS, NEVER},
	[SA_MORE_SECRET] = {ALWAYS, ALWAYS, ALWAYS, NEVER},
	[SA_AUTH_SENT] = {ALWAYS, ALWAYS, ALWAYS, NEVER},
	[SA_RESPONDING] = {NEVER, NEVER, ALWAYS, NEVER},
	[SA_HALF_OPEN] = {NEVER, ALWAYS, ALWAYS, MAYBE},
	[SA_ESTABLISHED] = {ALWAYS, ALWAYS, NEVER, MAYBE},
	[SA_REKEYED] = {ALWAYS, ALWAYS, NEVER, MAYBE},
	[SA_DELETING] = {NEVER, ALWAYS, NEVER, MAYBE},
	[SA_CLOSED] = {NEVER, MAYBE, NEVER, MAYBE},
};

static bool meets(enum need need, bool has)
{
	return need == MAYBE || (need == ALWAYS) == has;
}

/* Timers whose work needs more than every IKE SA has. */
static bool timers_are_sound(const struct ike_sa *sa)
{
	const struct profile *p = sa->tunnel ? &sa->tunnel->profile : NULL;
	bool up = sa->state == SA_ESTABLISHED && p;
	bool half = sa->state == SA_RESPONDING || sa->state == SA_HALF_OPEN;

	if (heap_contains(&sa->liveness.node) && (!up || p->keepalive_s == 0))
		return false;
	if (heap_contains(&sa->dead.node) && (!up || p->keepalive_s == 0 || p->dead_s == 0))
		return false;
	if ((heap_contains(&sa->doubt.node) || heap_contains(&sa->rekey.node) ||
	     heap_contains(&sa->nat_keepalive.node)) &&
	    !up)
		return false;
	if (heap_contains(&sa->expire.node) && !up && sa->state != SA_REKEYED)
		return false;
	return heap_contains(&sa->half_open_end.node) == half &&
	       heap_contains(&sa->release.node) == (sa->state == SA_CLOSED);
}

static bool has_children(const struct ike_sa *sa)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
	{
		if (container_of(n, struct child_sa, of_sa)->state != CHILD_NEW)
			return true;
	}
	return false;
}

static bool is_sound(const struct ike_sa *sa)
{
	bool sealed = sa->seal.encr_key.len > 0 && sa->open.encr_key.len > 0;
	bool lives = sa->state == SA_ESTABLISHED || sa->state == SA_REKEYED;
	bool asks = lives || sa->state == SA_DELETING;

	if (sa->state == SA_NEW || (sa->seal.encr_key.len > 0) != (sa->open.encr_key.len > 0))
		return false;
	if (!meets(needs[sa->state].tunnel, sa->tunnel != NULL) ||
	    !meets(needs[sa->state].keys, sealed) ||
	    !meets(needs[sa->state].initial, sa->initial != NULL) ||
	    !meets(needs[sa->state].answers, sa->response.valid))
		return false;
	if (sa->own_spi != (sa->initiator ? sa->spi_i : sa->spi_r) || sa->replaces == sa->own_spi)
		return false;
	if ((!lives && has_children(sa)) ||
	    (!asks && (sa->own || sa->theirs || sa->pending || !list_is_empty(&sa->tasks))))
		return false;
	return timers_are_sound(sa) && sa->request.open == (sa->request.message.len > 0);
}

static void load_sa(struct record *r, struct ike_engine *e)
{
	struct tunnel *t = NULL;
	struct ike_sa *sa;
	uint64_t own_spi = 0;
	uint32_t tunnel_id = 0;
	bool initiator = false, linked = false;

	record_u64(r, &own_spi);
	record_bool(r, &initiator);
	record_u32(r, &tunnel_id);
	record_bool(r, &linked);
	if (linked)
		t = tunnel_find(e, tunnel_id);
	record_check(r, !linked || t);
	sa = r->failed || r->in.failed ? NULL : ike_sa_restore(e, own_spi, initiator);
	if (!sa) {
		record_fail(r);
		return;
	}
	sa->tunnel_id = tunnel_id;
	ike_sa_set_tunnel(sa, t);
	record_members(r, e, sa);
	sa->in_inits = sa->in_inits &&
		       map_insert(&e->inits, &sa->by_init, sa->init_key, sizeof(sa->init_key));
	sa->half_open = sa->state == SA_RESPONDING || sa->state == SA_HALF_OPEN;
	if (sa->half_open) {
		halfopen_add(&e->halfopen, e->now_ms, &sa->remote.addr);
		list_append(&e->half_opens, &sa->of_half_open);
	}
	record_check(r, is_sound(sa));
	if (sa->state == SA_NEW) /* nobody would free it */
		sa->state = SA_CLOSED;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void save_sa(struct record *r, struct ike_engine *e, struct ike_sa *sa)
{
	bool linked = sa->tunnel != NULL;

	record_u64(r, &sa->own_spi);
	record_bool(r, &sa->initiator);
	record_u32(r, &sa->tunnel_id);
	record_bool(r, &linked);
	record_members(r, e, sa);
}

static void save_sas_of(struct record *r, struct ike_engine *e, const struct tunnel *t)
{
	struct list *n, *after;
	size_t count = 0;

	list_for_each(n, after, &t->sas)
	{
		count += container_of(n, struct ike_sa, of_tunnel)->state != SA_NEW;
	}
	(void)record_count(r, count, SAS_MAX);
	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (sa->state != SA_NEW)
			save_sa(r, e, sa);
	}
}

static size_t count_of(const struct record *r, const struct ike_engine *e)
{
	struct list *n, *after;
	size_t count = 0;

	if (r->loading || r->scope == RECORD_NO_TUNNEL)
		return 0;
	list_for_each(n, after, &e->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);

		count += container_of(node, struct ike_sa, by_spi)->state != SA_NEW;
	}
	return count;
}

static void save_all(struct record *r, struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct ike_sa *sa = container_of(node, struct ike_sa, by_spi);

		if (sa->state != SA_NEW)
			save_sa(r, e, sa);
	}
}

void record_sas(struct record *r, struct ike_engine *e)
{
	size_t count;

	if (!r->loading && r->scope == RECORD_ONE_TUNNEL) {
		save_sas_of(r, e, r->tunnel);
		return;
	}
	count = record_count(r, count_of(r, e), SAS_MAX);
	for (size_t i = 0; r->loading && i < count && !r->failed && !r->in.failed; i++)
		load_sa(r, e);
	if (!r->loading && r->scope == RECORD_ALL)
		save_all(r, e);
}
