/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * INFORMATIONAL: liveness, DELETE of Child SAs and of the IKE SA, errors that a peer reports late.
 * RFC 7296 sections 1.4, 1.4.1, 2.4, 2.21 and 2.25.
 */
#include "ikev2/exchange.h"

#include "ikev2/mobike.h"
#include "ikev2/payload_delete.h"
#include "ikev2/payload_notify.h"
#include "ikev2/qcd.h"
#include "ikev2/redirect.h"
#include "ikev2/tunnel.h"

#define AT_ONCE_MS  5000
#define DELETES_MAX 64 /* Child SAs answered in one message */

/* ---- Ours ------------------------------------------------------------------------------------ */

static bool write_request(struct ike_engine *e, struct ike_sa *sa, const struct task *t,
			  struct draft *d)
{
	const struct child_sa *c;

	switch (t->kind) {
	case TASK_LIVENESS:
		return sa->state == SA_ESTABLISHED;
	case TASK_ROUTABILITY:
		mobike_check_write(e, sa, &d->b);
		return sa->state == SA_ESTABLISHED;
	case TASK_REDIRECT:
		if (sa->state != SA_ESTABLISHED || !gateway_is_set(&sa->tunnel->profile.redirect))
			return false;
		redirect_write(&sa->tunnel->profile.redirect, view_of(NULL, 0), &d->b);
		engine_count(e, COUNTER_PEERS_REDIRECTED);
		return true;
	case TASK_TOKEN:
		qcd_write(e, sa->spi_i, sa->spi_r, &d->b);
		return sa->state == SA_ESTABLISHED;
	case TASK_IKE_DELETE:
		if (t->notify)
			payload_notify_write(&d->b, (uint16_t)t->notify, view_of(NULL, 0));
		payload_delete_write_ike(&d->b);
		return sa->state == SA_DELETING;
	case TASK_CHILD_DELETE:
		c = child_find(e, t->child);
		if (!c || c->sa != sa || c->state != CHILD_DELETING)
			return false;
		payload_delete_write_esp(&d->b, &c->spi_in, 1);
		return true;
	case TASK_CHILD_CREATE:
	case TASK_CHILD_REKEY:
	case TASK_IKE_REKEY:
	case TASK_KIND_COUNT:
		break;
	}
	return false;
}

void info_task_start(struct ike_engine *e, struct ike_sa *sa, struct task *t)
{
	struct draft d;

	draft_start(&d);
	t->step = STEP_SENT;
	if (!write_request(e, sa, t, &d) || exchange_request(e, sa, IKE_EXCH_INFORMATIONAL, &d))
		task_done(e, sa);
}

static void child_is_gone(struct ike_engine *e, struct ike_sa *sa, struct child_sa *c)
{
	bool wanted = c->installed && c->successor == 0 && !c->redundant;
	uint64_t since_ms = c->since_ms;

	child_closed(e, c, true);
	if (wanted)
		child_lost(e, sa, since_ms);
}

void info_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct task *t = sa->own;
	struct ike_failure f;
	struct child_sa *c;

	switch (t->kind) {
	case TASK_IKE_DELETE:
		ike_sa_close(e, sa, 0);
		return;
	case TASK_CHILD_DELETE:
		c = child_find(e, t->child);
		if (c && c->sa == sa && c->state == CHILD_DELETING)
			child_is_gone(e, sa, c);
		break;
	case TASK_ROUTABILITY:
		if (!ike_sa_is_usable(sa) || mobike_check_answered(e, sa, in))
			break;
		task_done(e, sa);
		f = failure_make(e, IKE_REASON_INVALID_SYNTAX, IKE_EXCH_INFORMATIONAL, false,
				 &in->remote, "peer does not repeat our COOKIE2 (RFC 4555)");
		ike_sa_fail(e, sa, &f, true);
		return;
	case TASK_LIVENESS: /* that it came is all there is to know */
	case TASK_REDIRECT:
	case TASK_TOKEN:
	case TASK_CHILD_CREATE:
	case TASK_CHILD_REKEY:
	case TASK_IKE_REKEY:
	case TASK_KIND_COUNT:
		break;
	}
	task_done(e, sa);
}

/* ---- The peer's ------------------------------------------------------------------------------ */

struct info {
	bool delete_ike;
	bool auth_failed;
	uint16_t error; /* another error notify */
	uint16_t count; /* Child SAs to name in the answer */
	uint32_t spis[DELETES_MAX];
};

static void delete_child(struct ike_engine *e, struct ike_sa *sa, uint32_t spi_out,
			 struct info *info)
{
	struct child_sa *c = child_by_spi_out(sa, spi_out);
	bool crossing;

	if (!c) { /* 2.25.1: an empty answer */
		if (child_may_be_new(sa))
			sa->own->gone_spi = spi_out;
		return;
	}
	/* 1.4.1: both have sent DELETE; then the answer has no Delete payload. */
	crossing = c->state == CHILD_DELETING && sa->own && sa->own->kind == TASK_CHILD_DELETE &&
		   sa->own->child == c->number && sa->own->step == STEP_SENT;
	if (!crossing && info->count < DELETES_MAX)
		info->spis[info->count++] = c->spi_in;
	child_is_gone(e, sa, c);
}

static int read_deletes(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
			bool act, struct info *info)
{
	const struct payload *p = NULL;

	while ((p = payload_next(&in->payloads, IKE_PAYLOAD_DELETE, p))) {
		struct payload_delete d;

		if (payload_delete_read(p->body, &d))
			return ERR_INVALID;
		if (d.protocol == IKE_PROTO_IKE)
			info->delete_ike = true;
		if (d.protocol != IKE_PROTO_ESP || !act)
			continue;
		for (uint16_t i = 0; i < d.count; i++)
			delete_child(e, sa, payload_delete_spi(&d, i), info);
	}
	return 0;
}

static void read_errors(const struct message_in *in, struct info *info)
{
	struct payload_notify n;

	info->auth_failed = notify_find(&in->payloads, IKE_N_AUTHENTICATION_FAILED, &n);
	if (notify_find_error(&in->payloads, &n))
		info->error = n.type;
}

/* Own requests on the successor need not wait any longer. */
static void release_holds(struct ike_engine *e, struct tunnel *t)
{
	struct list *n, *after;

	if (!t)
		return;
	list_for_each(n, after, &t->sas)
	{
		struct ike_sa *sa = container_of(n, struct ike_sa, of_tunnel);

		if (sa->hold_until_ms == 0)
			continue;
		sa->hold_until_ms = 0;
		task_work(e, sa);
	}
}

static void peer_ends(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      const struct info *info)
{
	struct tunnel *t = sa->tunnel;
	bool without_child;
	char name[40];
	struct ike_failure f;

	if (info->auth_failed)
		f = failure_of(e, IKE_CAUSE_REFUSED_BY_PEER, IKE_EXCH_INFORMATIONAL, true,
			       &in->remote, "peer sent AUTHENTICATION_FAILED after IKE_AUTH");
	else if (info->error)
		f = failure_make(e, IKE_REASON_PEER_REFUSED, IKE_EXCH_INFORMATIONAL, true,
				 &in->remote, "peer sent %s and ended the IKE SA",
				 ike_notify_name(info->error, name, sizeof(name)));
	else if (e->now_ms < sa->established_ms + AT_ONCE_MS)
		f = failure_of(e, IKE_CAUSE_DELETED_AT_ONCE, IKE_EXCH_INFORMATIONAL, true,
			       &in->remote, "peer sent DELETE %u ms after the IKE SA came up",
			       (unsigned)(e->now_ms - sa->established_ms));
	else
		f = failure_make(e, IKE_REASON_PEER_DELETED, IKE_EXCH_INFORMATIONAL, true,
				 &in->remote, "peer sent DELETE for the IKE SA");
	if (sa->state == SA_ESTABLISHED && !sa->redundant && sa->replaces == 0)
		tunnel_failed(t, &f);
	without_child = sa->initiator && sa->child_refused && sa->peer_childless &&
			e->now_ms < sa->established_ms + AT_ONCE_MS;
	ike_sa_close(e, sa, 2 * e->limits.retransmit_ms);
	release_holds(e, t);
	auth_without_child(e, t, without_child);
}

void info_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in)
{
	struct info info = {0};
	struct draft d;

	if (read_deletes(e, sa, in, false, &info)) {
		exchange_refuse_syntax(e, sa, &in->header, "Delete payload");
		return;
	}
	read_errors(in, &info);
	if (ike_sa_is_usable(sa))
		qcd_keep(sa, &in->payloads);
	if (!info.delete_ike && !info.auth_failed) {
		if (sa->replaces != 0 && payload_find(&in->payloads, IKE_PAYLOAD_DELETE))
			rekey_ike_adopt(e, sa);
		read_deletes(e, sa, in, true, &info);
	}
	draft_start(&d);
	if (info.count > 0)
		payload_delete_write_esp(&d.b, info.spis, info.count);
	if (!info.delete_ike && !info.auth_failed)
		mobike_request(e, sa, in, &d.b);
	exchange_respond(e, sa, &in->header, &d);
	if (info.delete_ike || info.auth_failed)
		peer_ends(e, sa, in, &info);
	else if (ike_sa_is_usable(sa) && redirect_follow(e, sa, in))
		redirect_start(e, sa->tunnel);
}
