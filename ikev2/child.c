/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child SAs: numbers and SPIs, keys to the data plane, who sends when, the end with time for
 * stragglers.  Never looks into a message.
 */
#include "ikev2/child.h"

#include "ikev2/exchange.h"
#include "ikev2/natt.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <inttypes.h>

#include <stdlib.h>

#define SPI_FIRST 256  /* smaller ones are reserved (RFC 4303 section 2.1) */
#define WORKED_MS 1000 /* a replacement that lasted this long was usable */

static bool number_is_free(struct ike_engine *e, struct child_sa *c)
{
	return c->number != 0 &&
	       map_insert(&e->children, &c->by_number, &c->number, sizeof(c->number));
}

static bool spi_is_free(struct ike_engine *e, struct child_sa *c)
{
	return c->spi_in >= SPI_FIRST &&
	       map_insert(&e->spis, &c->by_spi, &c->spi_in, sizeof(c->spi_in));
}

static void join(struct ike_engine *e, struct child_sa *c, struct ike_sa *sa)
{
	c->sa = sa;
	list_init(&c->of_tunnel);
	list_init(&c->of_sa);
	engine_timer_init(&c->rekey, TIMER_CHILD_REKEY, c);
	engine_timer_init(&c->expire, TIMER_CHILD_EXPIRE, c);
	engine_timer_init(&c->remove, TIMER_CHILD_REMOVE, c);
	list_append(sa ? &sa->children : &e->lingering, &c->of_sa);
	if (!sa)
		return;
	c->tunnel_id = sa->tunnel_id;
	if (sa->tunnel)
		list_append(&sa->tunnel->children, &c->of_tunnel);
}

struct child_sa *child_new(struct ike_engine *e, struct ike_sa *sa)
{
	struct child_sa *c = mem_zalloc(sizeof(*c));

	do {
		c->number = ++e->next_child;
	} while (!number_is_free(e, c));
	do {
		engine_random(e, &c->spi_in, sizeof(c->spi_in));
	} while (!spi_is_free(e, c));
	join(e, c, sa);
	return c;
}

struct child_sa *child_restore(struct ike_engine *e, struct ike_sa *sa, uint32_t number,
			       uint32_t spi_in)
{
	struct child_sa *c = mem_zalloc(sizeof(*c));

	c->number = number;
	c->spi_in = spi_in;
	if (!number_is_free(e, c)) {
		free(c);
		return NULL;
	}
	if (!spi_is_free(e, c)) {
		map_remove(&e->children, &c->by_number);
		free(c);
		return NULL;
	}
	join(e, c, sa);
	return c;
}

struct child_sa *child_find(const struct ike_engine *e, uint32_t number)
{
	struct map_node *n = map_find(&e->children, &number, sizeof(number));

	return n ? container_of(n, struct child_sa, by_number) : NULL;
}

static struct child_sa *find_out(const struct ike_sa *sa, uint32_t spi_out)
{
	struct list *n, *after;

	list_for_each(n, after, &sa->children)
	{
		struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (c->state != CHILD_NEW && c->spi_out == spi_out)
			return c;
	}
	return NULL;
}

struct child_sa *child_by_spi_out(const struct ike_sa *sa, uint32_t spi_out)
{
	return find_out(sa, spi_out);
}

int child_event(struct ike_engine *e, struct child_sa *c, enum child_event ev)
{
	static const struct ip_endpoint nowhere;
	enum child_state from = c->state;
	const char *story = "";
	int rc = fsm_child_next(from, ev, &c->state, &story);

	if (rc) {
		engine_count(e, COUNTER_ILLEGAL_TRANSITIONS);
		return rc;
	}
	trace_state(e, c->tunnel_id, c->sa ? &c->sa->remote : &nowhere,
		    "Child SA in %08" PRIx32 " out %08" PRIx32 ": %s -> %s, %s", c->spi_in,
		    c->spi_out, fsm_child_state_name(from), fsm_child_state_name(c->state), story);
	return 0;
}

void child_free(struct ike_engine *e, struct child_sa *c)
{
	engine_timer_stop(e, &c->rekey);
	engine_timer_stop(e, &c->expire);
	engine_timer_stop(e, &c->remove);
	list_remove(&c->of_sa);
	list_remove(&c->of_tunnel);
	map_remove(&e->children, &c->by_number);
	map_remove(&e->spis, &c->by_spi);
	ts_kept_clear(&c->local_ts);
	ts_kept_clear(&c->remote_ts);
	secret_clear(&c->keys);
	free(c);
}

static void remove_now(struct ike_engine *e, struct child_sa *c)
{
	if (c->installed)
		engine_child_delete(e, c->tunnel_id, c->number);
	child_free(e, c);
}

/* ---- Installing ------------------------------------------------------------------------------ */

static void take_keys(struct ike_child_install *in, struct keymat_child *k, bool initiator)
{
	secret_move(&in->encr_out, initiator ? &k->encr_i : &k->encr_r);
	secret_move(&in->integ_out, initiator ? &k->integ_i : &k->integ_r);
	secret_move(&in->encr_in, initiator ? &k->encr_r : &k->encr_i);
	secret_move(&in->integ_in, initiator ? &k->integ_r : &k->integ_i);
	keymat_child_clear(k);
}

uint32_t child_spi_of(const struct proposal_choice *choice)
{
	struct reader r = reader_of(view_of(choice->peer_spi, sizeof(choice->peer_spi)));

	return reader_u32(&r);
}

static void fill(struct child_sa *c, const struct child_result *r)
{
	c->spi_out = child_spi_of(r->choice);
	c->suite = r->choice->suite;
	ts_keep(&c->local_ts, r->local_ts);
	ts_keep(&c->remote_ts, r->remote_ts);
	c->initiator = r->initiator;
}

static bool same_networks(const struct child_sa *a, const struct child_sa *b)
{
	return a->tunnel_id == b->tunnel_id && ts_kept_equal(&a->local_ts, &b->local_ts) &&
	       ts_kept_equal(&a->remote_ts, &b->remote_ts);
}

/* The next one after `o` of the same tunnel and for the same networks as c, which it is not; o
 * NULL: the first one.  None when the tunnel is not there any more. */
static struct child_sa *sibling(const struct ike_engine *e, const struct child_sa *c,
				const struct child_sa *o)
{
	const struct tunnel *t = tunnel_find(e, c->tunnel_id);
	struct list *n;

	if (!t)
		return NULL;
	for (n = o ? o->of_tunnel.next : t->children.next; n != &t->children; n = n->next) {
		struct child_sa *s = container_of(n, struct child_sa, of_tunnel);

		if (s != c && same_networks(s, c))
			return s;
	}
	return NULL;
}

/* From now on c sends for its networks, and nobody else. */
static void mark_sender(struct ike_engine *e, struct child_sa *c)
{
	for (struct child_sa *o = sibling(e, c, NULL); o; o = sibling(e, c, o))
		o->outbound = false;
	c->outbound = true;
	c->pending = false;
}

/* Who sends for the networks of c until it does: the sender there is, or what it rekeys. */
static uint32_t predecessor(const struct ike_engine *e, const struct child_sa *c, uint32_t rekeys)
{
	const struct child_sa *old = child_find(e, rekeys);
	uint32_t other = 0;

	for (const struct child_sa *o = sibling(e, c, NULL); o; o = sibling(e, c, o)) {
		if (!o->installed)
			continue;
		if (o->outbound)
			return o->number;
		if (o->state == CHILD_LIVE && !o->redundant)
			other = o->number;
	}
	return old && old->installed ? old->number : other;
}

static void keep_keys(struct child_sa *c, const struct ike_child_install *in)
{
	const struct secret *parts[] = {&in->encr_in, &in->integ_in, &in->encr_out, &in->integ_out};
	struct writer w;
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		len += parts[i]->len;
	secret_alloc(&c->keys, len);
	w = writer_of(c->keys.data, len);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		writer_put(&w, secret_view(parts[i]));
}

bool child_keys_fit(const struct child_sa *c)
{
	size_t encr_len, integ_len;

	return keymat_child_lengths(&c->suite, &encr_len, &integ_len) == 0 &&
	       c->keys.len == 2 * (encr_len + integ_len);
}

/* Not only its stragglers are waited for. */
static bool is_there(const struct ike_engine *e, uint32_t number)
{
	const struct child_sa *c = child_find(e, number);

	return c && c->sa;
}

static struct ike_child_install *install_of(const struct child_sa *c, const struct ike_sa *sa)
{
	struct ike_child_install *in = mem_zalloc(sizeof(*in));

	in->child = c->number;
	in->replaces = c->replaces;
	in->spi_in = c->spi_in;
	in->spi_out = c->spi_out;
	in->local = sa->local;
	in->remote = natt_esp_remote(sa);
	in->udp_encap = c->udp_encap;
	in->initiator = c->initiator;
	in->suite = c->suite;
	in->local_ts = ts_kept_list(&c->local_ts);
	in->remote_ts = ts_kept_list(&c->remote_ts);
	return in;
}

static void hand_over(struct ike_engine *e, struct child_sa *c, const struct child_result *r,
		      struct keymat_child *k)
{
	struct ike_child_install *in;

	c->replaces = predecessor(e, c, r->rekeys);
	c->udp_encap = natt_encap(c->sa);
	in = install_of(c, c->sa);
	in->outbound_now = r->outbound_now || !is_there(e, in->replaces);
	take_keys(in, k, c->initiator);
	keep_keys(c, in);
	c->installed = true;
	c->pending = !in->outbound_now;
	if (in->outbound_now)
		mark_sender(e, c);
	engine_child_install(e, c->tunnel_id, in);
	engine_count(e, COUNTER_CHILD_INSTALLED);
}

/* One that lingers has no IKE SA of its own any more; its heir has. */
static const struct ike_sa *sa_of(const struct ike_engine *e, const struct child_sa *c)
{
	const struct tunnel *t = c->sa ? NULL : tunnel_find(e, c->tunnel_id);

	return t ? tunnel_current(t) : c->sa;
}

void child_install_again(struct ike_engine *e, const struct child_sa *c)
{
	const struct ike_sa *sa = sa_of(e, c);
	struct ike_child_install *in;
	size_t encr_len, integ_len;
	const uint8_t *at = c->keys.data;

	if (!sa) /* stragglers of a peer that is gone */
		return;
	in = install_of(c, sa);
	keymat_child_lengths(&c->suite, &encr_len, &integ_len);
	secret_set(&in->encr_in, at, encr_len);
	secret_set(&in->integ_in, at + encr_len, integ_len);
	at += encr_len + integ_len;
	secret_set(&in->encr_out, at, encr_len);
	secret_set(&in->integ_out, at + encr_len, integ_len);
	in->restored = true;
	in->outbound_now = c->outbound;
	if (!c->pending)
		in->replaces = 0;
	engine_child_install(e, c->tunnel_id, in);
}

int child_install(struct ike_engine *e, struct child_sa *c, const struct child_result *r)
{
	struct keymat_child k = {0};
	int rc = keymat_child(e->crypto, c->sa->suite.prf, &c->sa->keys.sk_d, &r->choice->suite,
			      r->ni, r->nr, r->shared, r->more, &k);

	if (!rc)
		rc = child_event(e, c, CHILD_EV_INSTALL);
	if (rc) {
		keymat_child_clear(&k);
		return rc;
	}
	fill(c, r);
	hand_over(e, c, r, &k);
	c->since_ms = e->now_ms;
	child_start_timers(e, c);
	return 0;
}

/* ---- Handing over ---------------------------------------------------------------------------- */

static void send_on(struct ike_engine *e, struct child_sa *c)
{
	struct ike_child_update u = {.child = c->number,
				     .local = c->sa->local,
				     .remote = natt_esp_remote(c->sa),
				     .udp_encap = c->udp_encap,
				     .outbound_now = true};

	mark_sender(e, c);
	engine_child_update(e, c->tunnel_id, &u);
}

/* Who sends when c is gone: who sends already, what rekeyed c, or another one for its networks. */
static struct child_sa *heir_of(const struct ike_engine *e, const struct child_sa *c)
{
	struct child_sa *successor = child_find(e, c->successor), *other = NULL;

	for (struct child_sa *o = sibling(e, c, NULL); o; o = sibling(e, c, o)) {
		if (!o->sa || !o->installed)
			continue;
		if (o->outbound && (o->state == CHILD_LIVE || o->state == CHILD_REKEYED))
			return o;
		if (o->state == CHILD_LIVE && !o->redundant)
			other = o;
	}
	if (successor && successor->sa && successor->state == CHILD_LIVE)
		return successor;
	return other;
}

void child_closed(struct ike_engine *e, struct child_sa *c, bool linger)
{
	struct child_sa *heir;
	bool was_installed = c->installed;

	if (child_event(e, c, CHILD_EV_CLOSED))
		return;
	engine_timer_stop(e, &c->rekey);
	engine_timer_stop(e, &c->expire);
	/* One that was not to send at once may send meanwhile, because the peer does. */
	heir = was_installed ? heir_of(e, c) : NULL;
	if (heir && (!heir->outbound || c->pending))
		send_on(e, heir);
	list_remove(&c->of_sa);
	c->sa = NULL;
	/* Without an heir it would only go on sending what nobody takes. */
	if (!linger || !was_installed || !heir) {
		remove_now(e, c);
		return;
	}
	list_append(&e->lingering, &c->of_sa);
	engine_timer_in(e, &c->remove, CHILD_LINGER_MS);
}

void child_moved(struct ike_engine *e, const struct child_sa *c)
{
	struct ike_child_update u = {.child = c->number,
				     .local = c->sa->local,
				     .remote = natt_esp_remote(c->sa),
				     .udp_encap = c->udp_encap};

	if (c->installed)
		engine_child_update(e, c->tunnel_id, &u);
}

/* ---- Timers ---------------------------------------------------------------------------------- */

void child_start_timers(struct ike_engine *e, struct child_sa *c)
{
	uint64_t life_ms = c->sa->tunnel ? c->sa->tunnel->profile.child_lifetime_s * 1000ull : 0;

	c->rekey_at_ms = c->expire_at_ms = 0;
	if (life_ms == 0)
		return;
	c->rekey_at_ms = c->since_ms + life_ms * 9 / 10 -
			 engine_random_below(e, (uint32_t)(life_ms / 10) + 1);
	c->expire_at_ms = c->since_ms + life_ms;
	engine_timer_at(e, &c->rekey, c->rekey_at_ms);
	engine_timer_at(e, &c->expire, c->expire_at_ms);
}

void child_on_rekey(struct ike_engine *e, struct child_sa *c)
{
	struct task *t;

	if (!c->sa || c->state != CHILD_LIVE || c->successor != 0 ||
	    task_is_pending(c->sa, TASK_CHILD_REKEY, c->number))
		return;
	t = task_new(TASK_CHILD_REKEY);
	t->child = c->number;
	task_queue(e, c->sa, t);
}

void child_on_expire(struct ike_engine *e, struct child_sa *c)
{
	struct ike_sa *sa = c->sa;
	struct ike_failure f;
	struct task *t;

	if (!sa || c->state == CHILD_DELETING)
		return;
	if (c->state == CHILD_LIVE && c->successor == 0 && !c->redundant && sa->tunnel) {
		f = failure_of(e, IKE_CAUSE_CHILD_EXPIRED, 0, false, &sa->remote,
			       "lifetime of Child SA %08x ended before it was rekeyed", c->spi_in);
		tunnel_failed(sa->tunnel, &f);
		engine_event(e, c->tunnel_id, IKE_EVENT_CHILD_FAILED, &f);
	}
	if (child_event(e, c, CHILD_EV_DELETE))
		return;
	t = task_new(TASK_CHILD_DELETE);
	t->child = c->number;
	task_queue(e, sa, t);
}

void child_on_broken(struct ike_engine *e, struct child_sa *c)
{
	bool lasted = c->replaces == 0 || e->now_ms - c->since_ms >= WORKED_MS;

	if (c->sa->tunnel && c->state == CHILD_LIVE && lasted)
		child_on_rekey(e, c);
	else
		child_on_refused(e, c);
}

void child_on_refused(struct ike_engine *e, struct child_sa *c)
{
	struct ike_sa *sa = c->sa;
	struct ike_failure f;
	struct task *t;

	/* Any other is on its way out already. */
	if (!sa->tunnel || c->state != CHILD_LIVE || child_event(e, c, CHILD_EV_DELETE))
		return;
	f = failure_of(e, IKE_CAUSE_DATA_PLANE, 0, false, &sa->remote,
		       "the data plane cannot use Child SA %08x", c->spi_in);
	tunnel_failed(sa->tunnel, &f);
	engine_event(e, c->tunnel_id, IKE_EVENT_CHILD_FAILED, &f);
	engine_timer_stop(e, &c->rekey);
	t = task_new(TASK_CHILD_DELETE);
	t->child = c->number;
	task_queue(e, sa, t);
}

void child_on_remove(struct ike_engine *e, struct child_sa *c)
{
	remove_now(e, c);
}
