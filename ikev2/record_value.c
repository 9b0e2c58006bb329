/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as records; see record_value.h. */
#include "ikev2/record_value.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define MESSAGE_MAX 65536

void record_addr(struct record *r, struct ip_addr *a)
{
	record_u8(r, &a->family);
	record_octets(r, a->bytes, sizeof(a->bytes));
	record_check(r, a->family == IP_NONE || ip_addr_len(a) > 0);
}

void record_endpoint(struct record *r, struct ip_endpoint *p)
{
	record_addr(r, &p->addr);
	record_u16(r, &p->port);
}

void record_id(struct record *r, struct ike_id *id)
{
	record_u8(r, &id->type);
	id->len = (uint8_t)record_count(r, id->len, IKE_ID_MAX);
	record_octets(r, id->data, id->len);
	if (r->loading)
		memset(id->data + id->len, 0, IKE_ID_MAX - id->len);
}

static void record_ts(struct record *r, struct ike_ts *ts)
{
	record_u8(r, &ts->protocol);
	record_u16(r, &ts->port_first);
	record_u16(r, &ts->port_last);
	record_addr(r, &ts->range.first);
	record_addr(r, &ts->range.last);
	record_check(r, ip_addr_is_set(&ts->range.first) &&
				ts->range.first.family == ts->range.last.family &&
				ip_addr_compare(&ts->range.first, &ts->range.last) <= 0);
}

void record_ts_list(struct record *r, struct ike_ts_list *l)
{
	l->count = (uint16_t)record_count(r, l->count, IKE_TS_MAX);
	for (size_t i = 0; i < l->count; i++)
		record_ts(r, &l->ts[i]);
}

void record_ts_kept(struct record *r, struct ts_kept *k)
{
	struct ike_ts_list l = ts_kept_list(k);

	record_ts_list(r, &l);
	if (r->loading)
		ts_keep(k, &l);
}

static void record_addke(struct record *r, uint16_t addke[IKE_ADDKE_MAX])
{
	for (size_t i = 0; i < IKE_ADDKE_MAX; i++)
		record_u16(r, &addke[i]);
}

void record_parameters(struct record *r, struct ike_parameters *p)
{
	record_u16(r, &p->encr);
	record_u16(r, &p->key_bits);
	record_u16(r, &p->prf);
	record_u16(r, &p->integ);
	record_u16(r, &p->ke);
	record_addke(r, p->addke);
	record_bool(r, &p->aead_only);
}

void record_suite(struct record *r, struct ike_suite *s)
{
	record_u16(r, &s->encr);
	record_u16(r, &s->key_bits);
	record_u16(r, &s->prf);
	record_u16(r, &s->integ);
	record_u16(r, &s->ke);
	record_addke(r, s->addke);
	record_bool(r, &s->esn);
}

static void record_offer(struct record *r, struct sa_offer *o)
{
	record_u8(r, &o->number);
	record_u8(r, &o->protocol);
	o->spi_len = (uint8_t)record_count(r, o->spi_len, sizeof(o->spi));
	record_octets(r, o->spi, sizeof(o->spi));
	o->count = (uint8_t)record_count(r, o->count, SA_TRANSFORMS_MAX);
	for (size_t i = 0; i < o->count; i++) {
		struct sa_transform *t = &o->transform[i];

		record_u8(r, &t->type);
		record_u16(r, &t->id);
		record_u16(r, &t->key_bits);
		record_bool(r, &t->odd);
	}
}

void record_offers(struct record *r, struct proposal_list *l)
{
	l->count = record_count(r, l->count, PROPOSAL_OFFERS_MAX);
	for (size_t i = 0; i < l->count; i++)
		record_offer(r, &l->item[i]);
}

void record_choice(struct record *r, struct proposal_choice *c)
{
	record_suite(r, &c->suite);
	record_offer(r, &c->answer);
	c->peer_spi_len = (uint8_t)record_count(r, c->peer_spi_len, sizeof(c->peer_spi));
	record_octets(r, c->peer_spi, sizeof(c->peer_spi));
}

void record_nonce(struct record *r, struct nonce *n)
{
	n->len = (uint16_t)record_count(r, n->len, NONCE_MAX);
	record_octets(r, n->data, n->len);
}

void record_message(struct record *r, struct message_out *m)
{
	record_buffer(r, &m->bytes, &m->len, MESSAGE_MAX);
}

void record_header(struct record *r, struct message_header *h)
{
	record_u64(r, &h->spi_i);
	record_u64(r, &h->spi_r);
	record_u8(r, &h->exchange);
	record_u8(r, &h->flags);
	record_u32(r, &h->id);
	h->version = MESSAGE_VERSION;
}

void record_failure(struct record *r, struct ike_failure *f)
{
	f->reason = (enum ike_reason)record_below(r, f->reason, IKE_REASON_COUNT);
	f->cause = (enum ike_cause)record_below(r, f->cause, IKE_CAUSE_COUNT);
	record_u64(r, &f->at_ms);
	record_u8(r, &f->exchange);
	record_bool(r, &f->by_peer);
	record_endpoint(r, &f->remote);
	record_id(r, &f->id_seen);
	record_text(r, f->evidence, sizeof(f->evidence));
}

void record_comparison(struct record *r, struct ike_comparison **c)
{
	bool there = *c != NULL;

	record_bool(r, &there);
	if (!there)
		return;
	if (!*c)
		*c = mem_zalloc(sizeof(**c));
	record_text(r, (*c)->subject, sizeof((*c)->subject));
	(*c)->count = (uint8_t)record_count(r, (*c)->count, IKE_COMPARISON_ROWS);
	for (size_t i = 0; i < (*c)->count; i++) {
		record_text(r, (*c)->row[i].attribute, sizeof((*c)->row[i].attribute));
		record_text(r, (*c)->row[i].here, sizeof((*c)->row[i].here));
		record_text(r, (*c)->row[i].peer, sizeof((*c)->row[i].peer));
		record_bool(r, &(*c)->row[i].differs);
	}
}

void record_timer(struct record *r, struct ike_engine *e, struct timer *t)
{
	bool runs = heap_contains(&t->node);
	uint64_t due_ms = t->node.due_ms;

	record_bool(r, &runs);
	if (runs)
		record_u64(r, &due_ms);
	if (!r->loading)
		return;
	if (runs && !r->failed)
		engine_timer_at(e, t, due_ms);
	else
		engine_timer_stop(e, t);
}

/* ---- Key exchange jobs ----------------------------------------------------------------------- */

/* What a job that was read must be, before anything is computed with it. */
static bool job_is_sound(struct ike_dh_job *job, size_t private_len, size_t public_len)
{
	struct view peer = view_of(job->peer_value, job->peer_len);

	return private_len > 0 && job->private_key.len == private_len &&
	       (job->public_len == 0 || job->public_len == public_len) &&
	       (peer.len == 0 || dh_job_set_peer(job, peer) == 0);
}

static void job_members(struct record *r, struct ike_dh_job *job)
{
	record_secret(r, &job->private_key, DH_PUBLIC_MAX);
	job->public_len = record_count(r, job->public_len, DH_PUBLIC_MAX);
	record_octets(r, job->public_value, job->public_len);
	job->peer_len = record_count(r, job->peer_len, DH_PUBLIC_MAX);
	record_octets(r, job->peer_value, job->peer_len);
}

void record_job(struct record *r, struct ike_engine *e, struct ike_dh_job **job)
{
	const struct ike_algorithm *a;
	bool there = *job != NULL;
	uint16_t group;

	record_bool(r, &there);
	if (!there)
		return;
	group = *job ? (*job)->group : 0;
	record_u16(r, &group);
	if (*job) {
		job_members(r, *job);
		return;
	}
	a = algorithm_find(IKE_TRANSFORM_KE, group, 0);
	*job = dh_job_blank(e->crypto, group);
	if (!a || !*job) {
		record_fail(r);
		return;
	}
	job_members(r, *job);
	record_check(r, job_is_sound(*job, a->private_len, a->out_len));
}

void record_wait(struct record *r, struct ike_engine *e, struct dh_wait *w, struct ike_sa *sa,
		 enum dh_purpose purpose)
{
	struct ike_dh_job *job = NULL;

	if (!r->loading && w->spare)
		job = dh_spare_job(w->spare, e->crypto);
	record_job(r, e, &job);
	if (r->loading && job && !r->failed && !r->in.failed)
		dh_wait_start(e, w, sa, purpose, job);
	else
		ike_dh_job_free(job);
}
