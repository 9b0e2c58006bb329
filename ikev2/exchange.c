/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sending side of the exchange driver: requests and their repetition, responses and their cache,
 * the queue of own requests.  Window 1 (RFC 7296 section 2.3): one request of ours is open.
 */
#include "ikev2/exchange.h"

#include "ikev2/followup.h"
#include "ikev2/intermediate.h"
#include "ikev2/payload_notify.h"
#include "ikev2/suspect.h"
#include "ikev2/trace.h"
#include "platform/base/mem.h"

#include <stdlib.h>

#define NON_ESP_MARKER_LEN   4
#define FRAGMENT_MESSAGE_MAX 1216 /* 1280 less IPv6, UDP and the non-ESP marker; RFC 7383 2.5.1 */
#define HEADER_LENGTH_AT     24

void draft_start(struct draft *d)
{
	message_chain_start(&d->b, d->buf, sizeof(d->buf));
}

/* ---- Messages out ---------------------------------------------------------------------------- */

/* From where to where a message goes; natt: with the non-ESP marker. */
struct path {
	const struct ip_endpoint *local, *remote;
	bool natt;
};

static void send_datagram(struct ike_engine *e, uint32_t tunnel_id, const struct path *path,
			  struct view message)
{
	uint8_t buf[EXCHANGE_MESSAGE_MAX + NON_ESP_MARKER_LEN];
	struct writer w = writer_of(buf, sizeof(buf));

	if (path->natt)
		writer_zero(&w, NON_ESP_MARKER_LEN);
	writer_put(&w, message);
	if (!w.failed)
		engine_send(e, tunnel_id, path->local, path->remote, writer_view(&w));
}

static void send_message(struct ike_engine *e, uint32_t tunnel_id, const struct path *path,
			 const struct message_out *m)
{
	struct reader r = reader_of(view_of(m->bytes, m->len));

	while (reader_left(&r) >= MESSAGE_HEADER_LEN) {
		struct reader head = r;
		uint32_t len;

		reader_skip(&head, HEADER_LENGTH_AT);
		len = reader_u32(&head);
		send_datagram(e, tunnel_id, path, reader_view(&r, len));
		if (r.failed)
			return;
	}
}

static void send_request(struct ike_engine *e, struct ike_sa *sa)
{
	struct path path = {&sa->local, &sa->remote, sa->natt};

	send_message(e, sa->tunnel_id, &path, &sa->request.message);
}

static void send_response(struct ike_engine *e, struct ike_sa *sa)
{
	struct path path = {&sa->answer.local, &sa->answer.remote, sa->answer.natt};

	send_message(e, sa->tunnel_id, &path, &sa->response.message);
}

void exchange_resend_request(struct ike_engine *e, struct ike_sa *sa)
{
	trace_again(e, sa, true, false, sa->request.id);
	send_request(e, sa);
}

void exchange_resend_response(struct ike_engine *e, struct ike_sa *sa)
{
	trace_again(e, sa, false, false, sa->response.id);
	trace_again(e, sa, true, true, sa->response.id);
	send_response(e, sa);
}

void exchange_answer_to(struct ike_sa *sa, const struct message_in *in)
{
	sa->answer.local = in->local;
	sa->answer.remote = in->remote;
	sa->answer.natt = in->natt;
}

static int seal_fragments(struct ike_engine *e, struct ike_sa *sa, const struct message_header *h,
			  uint8_t first, struct view chain, struct writer *w, unsigned *count)
{
	size_t room = sk_fragment_room(&sa->seal, FRAGMENT_MESSAGE_MAX);
	size_t total = (chain.len + room - 1) / room;
	struct reader r = reader_of(chain);

	*count = (unsigned)total;
	for (size_t i = 1; i <= total; i++) {
		size_t left = reader_left(&r), len = 0;
		struct view part = reader_view(&r, left < room ? left : room);
		int rc = sk_seal_fragment(e->crypto, &sa->seal, &e->random, h,
					  i == 1 ? first : IKE_PAYLOAD_NONE, (uint16_t)i,
					  (uint16_t)total, part, w->data + w->len, w->cap - w->len,
					  &len);

		if (rc)
			return rc;
		w->len += len;
	}
	return 0;
}

/* Seal the draft as a message of this IKE SA into m. */
static int seal(struct ike_engine *e, struct ike_sa *sa, const struct message_header *h,
		struct draft *d, struct message_out *m)
{
	uint8_t buf[2 * EXCHANGE_MESSAGE_MAX];
	struct writer w = writer_of(buf, sizeof(buf));
	bool response = h->flags & MESSAGE_RESPONSE;
	struct trace_message traced = {.header = h,
				       .datagrams = 1,
				       .local = response ? &sa->answer.local : &sa->local,
				       .remote = response ? &sa->answer.remote : &sa->remote,
				       .out = true};
	struct view chain;
	int rc = message_finish(&d->b, &chain);

	if (!rc && h->exchange == IKE_EXCH_INTERMEDIATE && sa->initial)
		rc = intermediate_note(e, sa, h, d->b.first, chain);
	if (rc)
		return rc;
	if (sa->peer_fragments && sk_sealed_len(&sa->seal, chain.len) > FRAGMENT_MESSAGE_MAX)
		rc = seal_fragments(e, sa, h, d->b.first, chain, &w, &traced.datagrams);
	else
		rc = sk_seal(e->crypto, &sa->seal, &e->random, h, d->b.first, chain, buf,
			     sizeof(buf), &w.len);
	if (rc)
		return rc;
	message_out_set(m, writer_view(&w));
	traced.first = d->b.first;
	traced.chain = chain;
	traced.octets = w.len;
	trace_message(e, sa, &traced);
	return 0;
}

static struct message_header header_of(const struct ike_sa *sa, uint8_t exchange, uint32_t id,
				       bool response)
{
	unsigned flags =
		(sa->initiator ? MESSAGE_INITIATOR : 0u) | (response ? MESSAGE_RESPONSE : 0u);

	return (struct message_header){.spi_i = sa->spi_i,
				       .spi_r = sa->spi_r,
				       .version = MESSAGE_VERSION,
				       .exchange = exchange,
				       .flags = (uint8_t)flags,
				       .id = id};
}

static void request_open(struct ike_engine *e, struct ike_sa *sa, uint8_t exchange)
{
	sa->request.open = true;
	sa->request.exchange = exchange;
	sa->request.sent = 1;
	sa->request.pushed = 0;
	sa->request.first_ms = e->now_ms;
	send_request(e, sa);
	engine_timer_in(e, &sa->retransmit, e->limits.retransmit_ms);
}

int exchange_request(struct ike_engine *e, struct ike_sa *sa, uint8_t exchange, struct draft *d)
{
	struct message_header h = header_of(sa, exchange, sa->send_id, false);
	int rc = seal(e, sa, &h, d, &sa->request.message);

	if (rc)
		return rc;
	sa->request.id = sa->send_id++;
	request_open(e, sa, exchange);
	return 0;
}

void exchange_request_clear(struct ike_engine *e, struct ike_sa *sa, uint8_t exchange,
			    struct view message)
{
	trace_clear_out(e, sa, message, &sa->local, &sa->remote);
	message_out_set(&sa->request.message, message);
	sa->request.id = 0;
	sa->send_id = 1;
	request_open(e, sa, exchange);
}

static void response_keep(struct ike_engine *e, struct ike_sa *sa, uint32_t id)
{
	sa->response.valid = true;
	sa->response.id = id;
	sa->response.hash = sa->peer_hash;
	sa->recv_id = id + 1;
	send_response(e, sa);
}

int exchange_respond(struct ike_engine *e, struct ike_sa *sa, const struct message_header *request,
		     struct draft *d)
{
	struct message_header h = header_of(sa, request->exchange, request->id, true);
	int rc = seal(e, sa, &h, d, &sa->response.message);

	if (!rc)
		response_keep(e, sa, request->id);
	return rc;
}

void exchange_respond_clear(struct ike_engine *e, struct ike_sa *sa, struct view message)
{
	trace_clear_out(e, sa, message, &sa->answer.local, &sa->answer.remote);
	message_out_set(&sa->response.message, message);
	response_keep(e, sa, 0);
}

void exchange_respond_notify(struct ike_engine *e, struct ike_sa *sa,
			     const struct message_header *request, unsigned notify,
			     struct view data)
{
	struct draft d;

	draft_start(&d);
	payload_notify_write(&d.b, (uint16_t)notify, data);
	if (notify == IKE_N_TEMPORARY_FAILURE)
		engine_count(e, COUNTER_TEMPORARY_FAILURES);
	exchange_respond(e, sa, request, &d);
}

void exchange_request_done(struct ike_engine *e, struct ike_sa *sa)
{
	sa->request.open = false;
	message_out_clear(&sa->request.message);
	engine_timer_stop(e, &sa->retransmit);
}

/* ---- Repetition ------------------------------------------------------------------------------ */

static void no_answer(struct ike_engine *e, struct ike_sa *sa)
{
	struct ike_failure f;

	engine_count(e, COUNTER_TIMEOUTS);
	switch (sa->state) {
	case SA_INIT_SENT:
		init_timeout(e, sa);
		return;
	case SA_MORE_SENT:
	case SA_AUTH_SENT:
		f = silence_failure(e, sa);
		ike_sa_fail(e, sa, &f, false);
		return;
	case SA_ESTABLISHED:
		engine_count(e, COUNTER_DEAD_PEERS);
		f = failure_make(e, IKE_REASON_DEAD_PEER, sa->request.exchange, false, &sa->remote,
				 "no answer to %s after %u transmissions",
				 enum_name(ike_exchange_names, sa->request.exchange),
				 sa->request.sent);
		trouble_append(sa->tunnel, sa->last_rx_ms, &f);
		ike_sa_fail(e, sa, &f, false);
		return;
	case SA_NEW:
	case SA_KEY:
	case SA_SECRET:
	case SA_MORE_KEY:
	case SA_MORE_SECRET:
	case SA_RESPONDING:
	case SA_HALF_OPEN:
	case SA_REKEYED:
	case SA_DELETING:
	case SA_CLOSED:
	case SA_STATE_COUNT:
		break;
	}
	ike_sa_close(e, sa, 0);
}

void exchange_on_retransmit(struct ike_engine *e, struct ike_sa *sa)
{
	if (!sa->request.open)
		return;
	if (sa->state == SA_INIT_SENT && init_doubt_resend(e, sa))
		return;
	if (sa->request.sent > e->limits.retransmit_count) {
		no_answer(e, sa);
		return;
	}
	silence_note(e, sa);
	sa->request.sent++;
	engine_count(e, COUNTER_RETRANSMITS);
	exchange_resend_request(e, sa);
	engine_timer_in(e, &sa->retransmit, e->limits.retransmit_ms);
}

/* ---- Own requests ---------------------------------------------------------------------------- */

struct task *task_new(enum task_kind kind)
{
	struct task *t = mem_zalloc(sizeof(*t));

	t->kind = kind;
	list_init(&t->link);
	return t;
}

void task_free(struct ike_engine *e, struct task *t)
{
	if (!t)
		return;
	list_remove(&t->link);
	dh_wait_cancel(e, &t->wait);
	ike_dh_job_free(t->job);
	followup_free(t->more);
	if (t->new_child)
		child_free(e, t->new_child);
	if (t->new_sa)
		ike_sa_free(e, t->new_sa);
	free(t);
}

void task_queue(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	list_append(&sa->tasks, &t->link);
	task_work(e, sa);
}

void task_queue_first(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	list_prepend(&sa->tasks, &t->link);
	task_work(e, sa);
}

void task_requeue(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	dh_wait_cancel(e, &t->wait);
	ike_dh_job_free(t->job);
	t->job = NULL;
	if (t->new_child)
		child_free(e, t->new_child);
	t->new_child = NULL;
	t->step = STEP_QUEUED;
	list_prepend(&sa->tasks, &t->link);
}

bool task_is_pending(const struct ike_sa *sa, enum task_kind kind, uint32_t child)
{
	struct list *n, *after;

	if (sa->own && sa->own->kind == kind && (child == 0 || sa->own->child == child))
		return true;
	list_for_each(n, after, &sa->tasks)
	{
		const struct task *t = container_of(n, struct task, link);

		if (t->kind == kind && (child == 0 || t->child == child))
			return true;
	}
	return false;
}

static void task_start(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	switch (t->kind) {
	case TASK_CHILD_CREATE:
	case TASK_CHILD_REKEY:
		child_task_start(e, sa, t);
		return;
	case TASK_IKE_REKEY:
		rekey_ike_task_start(e, sa, t);
		return;
	case TASK_CHILD_DELETE:
	case TASK_IKE_DELETE:
	case TASK_LIVENESS:
	case TASK_ROUTABILITY:
	case TASK_REDIRECT:
	case TASK_TOKEN:
	case TASK_KIND_COUNT:
		info_task_start(e, sa, t);
		return;
	}
}

/* Not beside key exchanges of the peer that are not over yet: they would cross. */
static bool must_wait(const struct task *t)
{
	return t->kind == TASK_CHILD_CREATE || t->kind == TASK_CHILD_REKEY ||
	       t->kind == TASK_IKE_REKEY;
}

static struct task *next_task(struct ike_engine *e, struct ike_sa *sa)
{
	bool pending = followup_is_pending(e, sa);
	struct list *n, *after;

	list_for_each(n, after, &sa->tasks)
	{
		struct task *t = container_of(n, struct task, link);

		if (!pending || !must_wait(t))
			return t;
	}
	engine_timer_at(e, &sa->work, sa->pending->until_ms);
	return NULL;
}

void task_work(struct ike_engine *e, struct ike_sa *sa)
{
	while (!sa->own && !sa->request.open && !sa->theirs && !list_is_empty(&sa->tasks)) {
		struct task *t = next_task(e, sa);
		bool may = sa->state == SA_ESTABLISHED || sa->state == SA_DELETING ||
			   sa->state == SA_REKEYED;

		if (!may || !t)
			return;
		if (e->now_ms < sa->hold_until_ms) {
			engine_timer_at(e, &sa->work, sa->hold_until_ms);
			return;
		}
		list_remove(&t->link);
		sa->own = t;
		task_start(e, sa, t);
	}
}

void task_done(struct ike_engine *e, struct ike_sa *sa)
{
	struct task *t = sa->own;

	sa->own = NULL;
	task_free(e, t);
	task_work(e, sa);
}

void tasks_drop(struct ike_engine *e, struct ike_sa *sa)
{
	struct task *t = sa->own;
	struct list *n, *after;

	sa->own = NULL;
	task_free(e, t);
	list_for_each(n, after, &sa->tasks) task_free(e, container_of(n, struct task, link));
}

static void request_free(struct ike_engine *e, struct peer_request *p)
{
	if (!p)
		return;
	dh_wait_cancel(e, &p->wait);
	followup_free(p->more);
	if (p->new_child)
		child_free(e, p->new_child);
	if (p->new_sa)
		ike_sa_free(e, p->new_sa);
	free(p);
}

void peer_request_free(struct ike_engine *e, struct ike_sa *sa)
{
	struct peer_request *theirs = sa->theirs, *pending = sa->pending;

	sa->theirs = sa->pending = NULL;
	request_free(e, theirs);
	request_free(e, pending);
}
