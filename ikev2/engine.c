/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine as its callers see it: inputs come in here, find their object, and leave as queued
 * actions; timers fire.  Never decides anything about an exchange.
 */
#include "ikev2/engine.h"

#include "ikev2/child.h"
#include "ikev2/crypto.h"
#include "ikev2/exchange.h"
#include "ikev2/liveness.h"
#include "ikev2/natt.h"
#include "ikev2/payload_notify.h"
#include "ikev2/place.h"
#include "ikev2/qcd.h"
#include "ikev2/source.h"
#include "ikev2/suspect.h"
#include "ikev2/trace.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NON_ESP_MARKER_LEN 4

struct ike_limits ike_limits_default(void)
{
	return (struct ike_limits){.max_ike_sas = 4096,
				   .max_half_open = 1024,
				   .max_children_per_ike = 64,
				   .retransmit_ms = 10000,
				   .retransmit_count = 5,
				   .half_open_ms = 60000};
}

/* ---- Randomness and timers ------------------------------------------------------------------- */

void engine_random(struct ike_engine *e, void *buf, size_t len)
{
	e->random.bytes(e->random.arg, buf, len);
}

uint32_t engine_random_below(struct ike_engine *e, uint32_t bound)
{
	uint64_t r;

	engine_random(e, &r, sizeof(r));
	return (uint32_t)(r % bound); /* the bias is below 2^-32 */
}

void engine_timer_init(struct timer *t, enum timer_kind kind, void *owner)
{
	t->node = (struct heap_node){0};
	t->kind = kind;
	t->owner = owner;
}

void engine_timer_at(struct ike_engine *e, struct timer *t, uint64_t due_ms)
{
	heap_set(&e->timers, &t->node, due_ms);
}

void engine_timer_in(struct ike_engine *e, struct timer *t, uint64_t delay_ms)
{
	heap_set(&e->timers, &t->node, e->now_ms + delay_ms);
}

void engine_timer_stop(struct ike_engine *e, struct timer *t)
{
	heap_remove(&e->timers, &t->node);
}

/* ---- New and free ---------------------------------------------------------------------------- */

struct ike_engine *ike_engine_new(const struct ike_limits *limits, const struct ike_random *random)
{
	struct ike_engine *e = mem_zalloc(sizeof(*e));

	e->limits = *limits;
	e->random = *random;
	engine_random(e, e->hash_key, sizeof(e->hash_key));
	heap_init(&e->timers);
	list_init(&e->actions);
	list_init(&e->half_opens);
	list_init(&e->lingering);
	list_init(&e->closed);
	map_init(&e->tunnels, NULL);
	map_init(&e->identities, e->hash_key);
	map_init(&e->places, e->hash_key);
	policies_init(&e->policies);
	map_init(&e->sas, NULL);
	map_init(&e->inits, NULL);
	map_init(&e->children, NULL);
	map_init(&e->spis, NULL);
	map_init(&e->jobs, NULL);
	halfopen_init(&e->halfopen, limits->max_ike_sas, limits->max_half_open, e->hash_key);
	e->crypto = crypto_new();
	return e;
}

static void free_all_sas(struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->children.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct child_sa *c = container_of(node, struct child_sa, by_number);

		if (c->state != CHILD_NEW) /* those belong to a task */
			child_free(e, c);
	}
	/* Freeing one frees those that its requests were making. */
	for (;;) {
		struct ike_sa *sa = NULL;

		list_for_each(n, after, &e->sas.order)
		{
			struct map_node *node = container_of(n, struct map_node, order);

			sa = container_of(node, struct ike_sa, by_spi);
			if (sa->state != SA_NEW)
				break;
			sa = NULL;
		}
		if (!sa)
			return;
		ike_sa_free(e, sa);
	}
}

void ike_engine_free(struct ike_engine *e)
{
	if (!e)
		return;
	free_all_sas(e);
	tunnels_clear(e);
	engine_drop_actions(e);
	halfopen_clear(&e->halfopen);
	map_clear(&e->tunnels);
	map_clear(&e->identities);
	map_clear(&e->places);
	map_clear(&e->sas);
	map_clear(&e->inits);
	map_clear(&e->children);
	map_clear(&e->spis);
	map_clear(&e->jobs);
	heap_clear(&e->timers);
	secret_clear(&e->cookie.now);
	secret_clear(&e->cookie.before);
	secret_clear(&e->qcd_secret);
	crypto_free(e->crypto);
	free(e->early);
	free(e);
}

/* Every entry passes here ... */
static void enter(struct ike_engine *e, uint64_t now_ms)
{
	engine_release_action(e);
	if (now_ms > e->now_ms)
		e->now_ms = now_ms;
	e->at_hand.valid = false;
	e->at_hand.sa = NULL;
	e->at_hand.tunnel = 0;
}

/* ... and here. */
static void leave(struct ike_engine *e)
{
	while (!list_is_empty(&e->closed))
		ike_sa_free(e, container_of(e->closed.next, struct ike_sa, closed));
}

/* ---- Configuration and commands -------------------------------------------------------------- */

int ike_engine_tunnel_set(struct ike_engine *e, uint64_t now_ms, const struct ike_tunnel *t,
			  uint32_t *conflict)
{
	int rc;

	enter(e, now_ms);
	rc = tunnel_set(e, t, conflict);
	leave(e);
	return rc;
}

void ike_engine_tunnel_remove(struct ike_engine *e, uint64_t now_ms, uint32_t id)
{
	struct tunnel *t;

	enter(e, now_ms);
	t = tunnel_find(e, id);
	if (t)
		tunnel_remove(e, t);
	leave(e);
}

int ike_engine_command(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel, enum ike_command c)
{
	struct tunnel *t;
	int rc;

	enter(e, now_ms);
	t = tunnel_find(e, tunnel);
	rc = t ? tunnel_command(e, t, c) : ERR_NOT_FOUND;
	leave(e);
	return rc;
}

void ike_engine_source(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel,
		       const struct ip_addr *source)
{
	struct tunnel *t;

	enter(e, now_ms);
	t = tunnel_find(e, tunnel);
	if (t && ip_addr_is_set(source) && !ip_addr_is_set(&t->profile.local))
		source_known(e, t, source);
	leave(e);
}

int ike_engine_probe(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel)
{
	const struct tunnel *t;
	struct ike_sa *sa;
	int rc;

	enter(e, now_ms);
	t = tunnel_find(e, tunnel);
	sa = t ? tunnel_current(t) : NULL;
	if (!t)
		rc = ERR_NOT_FOUND;
	else
		rc = sa ? liveness_probe(e, sa) : ERR_WRONG_STATE;
	leave(e);
	return rc;
}

void ike_engine_set_keylog(struct ike_engine *e, bool on)
{
	struct list *n, *after;

	if (on == e->keylog)
		return;
	e->keylog = on;
	list_for_each(n, after, &e->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);

		ike_sa_keylog(e, container_of(node, struct ike_sa, by_spi));
	}
}

void ike_engine_set_qcd_secret(struct ike_engine *e, uint64_t now_ms, const struct secret *secret)
{
	enter(e, now_ms);
	qcd_secret_set(e, secret);
	leave(e);
}

/* ---- Datagrams ------------------------------------------------------------------------------- */

/* Without these an honest peer does not get in.  They are the defence itself, cost one hash at
 * most, and are smaller than what they answer: never held back, whatever floods come. */
static bool helps_initiator(uint16_t notify)
{
	return notify == IKE_N_COOKIE || notify == IKE_N_INVALID_KE_PAYLOAD ||
	       notify == IKE_N_REDIRECT;
}

/* token: empty, or goes along (RFC 6290). */
static void reply_clear(struct ike_engine *e, const struct message_in *in, uint16_t notify,
			struct view data, struct view token)
{
	uint8_t buf[512 + NON_ESP_MARKER_LEN]; /* a REDIRECT with the longest name and nonce */
	struct message_header h = in->header;
	struct message_builder b;
	struct view message;
	size_t marker = in->natt ? NON_ESP_MARKER_LEN : 0;
	size_t largest = in->bytes.len;

	if (token.len > 0 && largest < QCD_ANSWER_LEN)
		largest = QCD_ANSWER_LEN;
	if (!helps_initiator(notify) &&
	    !halfopen_may_reply(&e->halfopen, e->now_ms, &in->remote.addr)) {
		engine_count(e, COUNTER_REPLIES_SUPPRESSED);
		return;
	}
	memset(buf, 0, marker);
	h.flags = (uint8_t)(MESSAGE_RESPONSE | (~h.flags & MESSAGE_INITIATOR));
	message_start(&b, buf + marker, sizeof(buf) - marker, &h);
	payload_notify_write(&b, notify, data);
	if (token.len > 0)
		payload_notify_write_ike(&b, IKE_N_QUICK_CRASH_DETECTION, token);
	if (message_finish(&b, &message) || message.len > largest)
		return;
	if (token.len > 0)
		engine_count(e, COUNTER_QCD_SENT);
	engine_send(e, 0, &in->local, &in->remote, view_of(buf, message.len + marker));
	trace_clear_out(e, NULL, message, &in->local, &in->remote);
}

void exchange_reply_clear(struct ike_engine *e, const struct message_in *in, uint16_t notify,
			  struct view data)
{
	reply_clear(e, in, notify, data, view_of(NULL, 0));
}

static void unknown_spi(struct ike_engine *e, const struct message_in *in)
{
	uint8_t token[QCD_TOKEN_LEN];
	size_t len;

	engine_count(e, COUNTER_RX_UNKNOWN_SPI);
	trace_dropped(e, in, "no IKE SA has these SPIs");
	/* RFC 7296 section 2.21.4: never an answer to a response. */
	if (in->header.flags & MESSAGE_RESPONSE)
		return;
	len = qcd_answer(e, in, token) ? sizeof(token) : 0;
	reply_clear(e, in, IKE_N_INVALID_IKE_SPI, view_of(NULL, 0), view_of(token, len));
}

static void demux_init(struct ike_engine *e, struct message_in *in)
{
	bool initiator = in->header.flags & MESSAGE_INITIATOR;
	struct ike_sa *sa;

	if (in->header.id != 0 || message_payloads_read(in->bytes, &in->header, &in->payloads)) {
		engine_count(e, COUNTER_RX_MALFORMED);
		trace_dropped(e, in, "malformed");
		return;
	}
	if (!(in->header.flags & MESSAGE_RESPONSE)) {
		if (!initiator || in->header.spi_r != 0)
			engine_count(e, COUNTER_RX_MALFORMED);
		else if (ike_sa_find(e, in->header.spi_i)) /* our own request, thrown back */
			engine_count(e, COUNTER_RX_UNEXPECTED);
		else
			init_request(e, in);
		return;
	}
	sa = initiator ? NULL : ike_sa_find(e, in->header.spi_i);
	if (sa && sa->initiator && sa->state == SA_INIT_SENT) {
		trace_clear_in(e, sa, in);
		init_response(e, sa, in);
	} else {
		engine_count(e, COUNTER_RX_UNEXPECTED);
	}
}

static void demux(struct ike_engine *e, struct message_in *in)
{
	bool from_initiator = in->header.flags & MESSAGE_INITIATOR;
	struct ike_sa *sa;

	if (in->header.exchange == IKE_EXCH_SA_INIT) {
		demux_init(e, in);
		return;
	}
	sa = ike_sa_find(e, from_initiator ? in->header.spi_r : in->header.spi_i);
	if (!sa || sa->initiator == from_initiator || sa->spi_i != in->header.spi_i ||
	    sa->spi_r != in->header.spi_r) {
		unknown_spi(e, in);
		return;
	}
	exchange_receive(e, sa, in);
}

static void datagram(struct ike_engine *e, struct message_in *in, struct view payload)
{
	static const uint8_t marker[NON_ESP_MARKER_LEN];
	struct reader r = reader_of(payload);
	int rc;

	engine_count(e, COUNTER_RX);
	if (in->natt &&
	    !view_equal(reader_view(&r, NON_ESP_MARKER_LEN), view_of(marker, sizeof(marker)))) {
		engine_count(e, COUNTER_RX_MALFORMED);
		return;
	}
	in->bytes = reader_rest(&r);
	rc = message_header_read(in->bytes, &in->header);
	if (rc == ERR_UNSUPPORTED) {
		engine_count(e, COUNTER_RX_MAJOR_VERSION);
		trace_dropped(e, in, "major version");
		if (!(in->header.flags & MESSAGE_RESPONSE))
			exchange_reply_clear(e, in, IKE_N_INVALID_MAJOR_VERSION, view_of(NULL, 0));
		return;
	}
	if (rc) {
		engine_count(e, COUNTER_RX_MALFORMED);
		trace_dropped(e, in, "not an IKEv2 message");
		suspects_old_version(e, in);
		return;
	}
	demux(e, in);
}

void ike_engine_datagram(struct ike_engine *e, uint64_t now_ms, const struct ip_endpoint *local,
			 const struct ip_endpoint *remote, bool natt, struct view payload)
{
	struct message_in in = {.local = *local, .remote = *remote, .natt = natt};

	enter(e, now_ms);
	datagram(e, &in, payload);
	leave(e);
}

/* ---- News of the data plane ------------------------------------------------------------------ */

void ike_engine_child_traffic(struct ike_engine *e, uint64_t now_ms, uint32_t child,
			      uint64_t last_rx_ms)
{
	struct child_sa *c;

	enter(e, now_ms);
	c = child_find(e, child);
	if (c && c->sa)
		ike_sa_heard(e, c->sa, last_rx_ms);
}

void ike_engine_child_moved(struct ike_engine *e, uint64_t now_ms, uint32_t child,
			    const struct ip_endpoint *remote)
{
	struct child_sa *c;

	enter(e, now_ms);
	c = child_find(e, child);
	if (c && c->sa && ike_sa_is_usable(c->sa))
		natt_follow_esp(e, c->sa, remote);
	leave(e);
}

static void child_trouble(struct ike_engine *e, uint64_t now_ms, uint32_t child,
			  void (*handler)(struct ike_engine *, struct child_sa *))
{
	struct child_sa *c;

	enter(e, now_ms);
	c = child_find(e, child);
	if (c && c->sa)
		handler(e, c);
	leave(e);
}

void ike_engine_child_refused(struct ike_engine *e, uint64_t now_ms, uint32_t child)
{
	child_trouble(e, now_ms, child, child_on_refused);
}

void ike_engine_child_broken(struct ike_engine *e, uint64_t now_ms, uint32_t child)
{
	child_trouble(e, now_ms, child, child_on_broken);
}

void ike_engine_unreachable(struct ike_engine *e, uint64_t now_ms, const struct ip_endpoint *remote,
			    enum ike_cause cause, const char *text)
{
	enter(e, now_ms);
	trouble_at(e, remote, cause, text);
	leave(e);
}

/* ---- DH jobs --------------------------------------------------------------------------------- */

static void dh_done(struct ike_engine *e, struct ike_dh_job *job)
{
	struct map_node *n = map_find(&e->jobs, &job->token, sizeof(job->token));
	struct dh_wait *w;
	struct ike_sa *sa;

	if (!n) { /* what waited for it is gone */
		ike_dh_job_free(job);
		return;
	}
	w = container_of(n, struct dh_wait, by_token);
	sa = w->sa;
	dh_wait_cancel(e, w);
	switch (w->purpose) {
	case DH_FOR_INITIAL:
		init_dh_done(e, sa, job);
		break;
	case DH_FOR_OWN_REQUEST:
		if (sa->own->kind == TASK_IKE_REKEY)
			rekey_ike_own_dh_done(e, sa, job);
		else
			child_own_dh_done(e, sa, job);
		break;
	case DH_FOR_PEER_REQUEST:
		if (sa->theirs->is_ike)
			rekey_ike_peer_dh_done(e, sa, job);
		else
			child_peer_dh_done(e, sa, job);
		break;
	}
	task_work(e, sa);
}

void ike_engine_dh_done(struct ike_engine *e, uint64_t now_ms, struct ike_dh_job *job)
{
	enter(e, now_ms);
	dh_done(e, job);
	leave(e);
}

/* ---- Timers ---------------------------------------------------------------------------------- */

static void expired(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_failure f;

	if (sa->state == SA_REKEYED) {
		ike_sa_delete(e, sa, 0);
		return;
	}
	f = failure_make(e, IKE_REASON_EXPIRED, 0, false, &sa->remote,
			 "lifetime of the IKE SA ended before it was rekeyed");
	ike_sa_fail(e, sa, &f, true);
}

static void want_rekey(struct ike_engine *e, struct ike_sa *sa)
{
	if (ike_sa_is_usable(sa) && !task_is_pending(sa, TASK_IKE_REKEY, 0))
		task_queue(e, sa, task_new(TASK_IKE_REKEY));
}

static void fire(struct ike_engine *e, struct timer *t)
{
	switch (t->kind) {
	case TIMER_TUNNEL_ATTEMPT:
		tunnel_attempt(e, t->owner);
		return;
	case TIMER_TUNNEL_SETTLE:
		tunnel_settle(e, t->owner);
		return;
	case TIMER_SA_DEAD:
		liveness_on_dead(e, t->owner);
		return;
	case TIMER_SA_RETRANSMIT:
		exchange_on_retransmit(e, t->owner);
		return;
	case TIMER_SA_HALF_OPEN:
		init_half_open_late(e, t->owner);
		return;
	case TIMER_SA_LIVENESS:
		liveness_on_silence(e, t->owner);
		return;
	case TIMER_SA_DOUBT:
		liveness_on_doubt(e, t->owner);
		return;
	case TIMER_SA_REKEY:
		want_rekey(e, t->owner);
		return;
	case TIMER_SA_EXPIRE:
		expired(e, t->owner);
		return;
	case TIMER_SA_NAT_KEEPALIVE:
		natt_on_keepalive(e, t->owner);
		return;
	case TIMER_SA_FREE:
		ike_sa_free(e, t->owner);
		return;
	case TIMER_SA_WORK:
		child_want(e, t->owner);
		task_work(e, t->owner);
		return;
	case TIMER_CHILD_REKEY:
		child_on_rekey(e, t->owner);
		return;
	case TIMER_CHILD_EXPIRE:
		child_on_expire(e, t->owner);
		return;
	case TIMER_CHILD_REMOVE:
		child_on_remove(e, t->owner);
		return;
	}
}

void ike_engine_tick(struct ike_engine *e, uint64_t now_ms)
{
	struct heap_node *n;

	enter(e, now_ms);
	while ((n = heap_pop_due(&e->timers, e->now_ms))) {
		fire(e, container_of(n, struct timer, node));
		leave(e);
	}
}

uint64_t ike_engine_deadline(const struct ike_engine *e)
{
	return heap_next_due(&e->timers);
}
