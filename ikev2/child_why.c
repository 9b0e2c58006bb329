/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a Child SA was not made or not rekeyed, or the IKE SA not rekeyed: what was offered and asked
 * for beside what is configured here.  RFC 7296 sections 1.3, 2.9, 2.17 and 2.21.
 */
#include "ikev2/child_deal.h"

#include "ikev2/explain.h"
#include "ikev2/payload_notify.h"
#include "ikev2/payload_ts.h"
#include "ikev2/proposal_explain.h"
#include "ikev2/tunnel.h"

#include <stdio.h>
#include <string.h>

/* What failed, and what can be said of it. */
struct why {
	enum ike_cause cause;
	char text[sizeof(((struct ike_failure *)0)->evidence)];
	struct ike_comparison cmp;
};

static enum ike_cause cause_of(unsigned notify, bool by_peer, bool rekey)
{
	switch (notify) {
	case IKE_N_NO_PROPOSAL_CHOSEN:
		if (rekey)
			return IKE_CAUSE_REKEY_ALGORITHMS;
		return by_peer ? IKE_CAUSE_CHILD_REFUSED : IKE_CAUSE_CHILD_ALGORITHMS;
	case IKE_N_INVALID_KE_PAYLOAD:
		return IKE_CAUSE_REKEY_GROUP;
	case IKE_N_TS_UNACCEPTABLE:
		return by_peer ? IKE_CAUSE_SELECTORS_REFUSED : IKE_CAUSE_SELECTORS;
	case IKE_N_SINGLE_PAIR_REQUIRED:
		return IKE_CAUSE_SINGLE_PAIR;
	case IKE_N_INVALID_SYNTAX:
		return by_peer ? IKE_CAUSE_SYNTAX_REFUSED : IKE_CAUSE_INVALID_SYNTAX;
	case IKE_N_NO_ADDITIONAL_SAS:
		return by_peer ? IKE_CAUSE_PEER_LIMIT : IKE_CAUSE_LIMIT;
	default:
		return IKE_CAUSE_PEER_ERROR;
	}
}

/* Only the group keeps the sides apart. */
static bool only_group_differs(const struct ike_comparison *c)
{
	bool group = false;

	for (size_t i = 0; i < c->count; i++) {
		bool is_group = strcmp(c->row[i].attribute, "dh-group") == 0;

		if (c->row[i].differs && !is_group)
			return false;
		group |= c->row[i].differs;
	}
	return group;
}

/* ---- Refused here ---------------------------------------------------------------------------- */

static void explain_offer(const struct ike_sa *sa, const struct message_in *in, bool ike,
			  struct why *w)
{
	const struct profile *p = &sa->tunnel->profile;
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	struct proposal_list accepted;
	struct payload_sa offers;

	if (!psa || payload_sa_read(psa->body, &offers))
		return;
	proposal_accepted(ike ? IKE_PROTO_IKE : IKE_PROTO_ESP, ike ? &p->ike : &p->child, p->esn,
			  &accepted);
	proposal_explain(&accepted, &offers, in->header.exchange == IKE_EXCH_AUTH, &w->cmp);
	comparison_text(&w->cmp, w->text, sizeof(w->text));
	if (w->cause == IKE_CAUSE_REKEY_ALGORITHMS && only_group_differs(&w->cmp))
		w->cause = IKE_CAUSE_REKEY_GROUP;
}

static void explain_selectors(const struct ike_sa *sa, const struct message_in *in, struct why *w)
{
	const struct profile *p = &sa->tunnel->profile;
	const struct payload *pi = payload_find(&in->payloads, IKE_PAYLOAD_TSI);
	const struct payload *pr = payload_find(&in->payloads, IKE_PAYLOAD_TSR);
	struct ike_ts_list local = ts_kept_list(&p->local_ts), remote = ts_kept_list(&p->remote_ts);
	struct payload_ts tsi, tsr;

	if (!pi || !pr || payload_ts_read(pi->body, &tsi) || payload_ts_read(pr->body, &tsr))
		return;
	selectors_explain(&local, &remote, &tsr.list, &tsi.list, &w->cmp);
	snprintf(w->text, sizeof(w->text), "peer asks for %.40s to %.40s, ours are %.40s to %.40s",
		 w->cmp.row[1].peer, w->cmp.row[0].peer, w->cmp.row[1].here, w->cmp.row[0].here);
}

/* What was asked for: in a request of its own, or beside IKE_AUTH. */
struct asked {
	const struct ike_ts_list *local, *remote;
	const struct proposal_list *offer;
};

static struct asked asked_for(const struct ike_sa *sa)
{
	const struct task *t = sa->own;

	if (t && t->step != STEP_QUEUED)
		return (struct asked){&t->local_ts, &t->remote_ts, &t->offer};
	if (sa->initial)
		return (struct asked){&sa->initial->asking->tsi, &sa->initial->asking->tsr,
				      &sa->initial->asking->child_offer};
	return (struct asked){NULL, NULL, NULL};
}

/* The answer has more than the question: wider selectors (2.9), or other algorithms (3.3.6). */
static void explain_answer(const struct ike_sa *sa, const struct message_in *in, struct why *w)
{
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	const struct payload *pi = payload_find(&in->payloads, IKE_PAYLOAD_TSI);
	const struct payload *pr = payload_find(&in->payloads, IKE_PAYLOAD_TSR);
	struct asked a = asked_for(sa);
	struct proposal_choice choice;
	struct payload_sa answer;
	struct payload_ts tsi, tsr;

	if (!a.offer || !psa || !pi || !pr || payload_sa_read(psa->body, &answer) ||
	    payload_ts_read(pi->body, &tsi) || payload_ts_read(pr->body, &tsr))
		return;
	if (proposal_verify(a.offer, &answer, &choice)) {
		w->cause = IKE_CAUSE_NOT_OFFERED;
		snprintf(w->text, sizeof(w->text),
			 "the proposal in the answer is none of those that were offered");
	} else if (ts_check_answer(a.local, a.remote, &tsi.list, &tsr.list)) {
		w->cause = IKE_CAUSE_SELECTORS_WIDENED;
		selectors_explain(a.local, a.remote, &tsi.list, &tsr.list, &w->cmp);
		snprintf(w->text, sizeof(w->text),
			 "peer answers with %.40s to %.40s, offered were %.40s to %.40s",
			 w->cmp.row[1].peer, w->cmp.row[0].peer, w->cmp.row[1].here,
			 w->cmp.row[0].here);
	}
}

static void refused_here(const struct ike_sa *sa, const struct message_in *in, unsigned notify,
			 bool ike, struct why *w)
{
	char name[40];

	if (notify == IKE_N_NO_PROPOSAL_CHOSEN)
		explain_offer(sa, in, ike, w);
	else if (notify == IKE_N_TS_UNACCEPTABLE)
		explain_selectors(sa, in, w);
	else if (in->header.flags & MESSAGE_RESPONSE)
		explain_answer(sa, in, w);
	if (w->text[0] == '\0')
		snprintf(w->text, sizeof(w->text), "%s of the peer was answered with %s",
			 enum_name(ike_exchange_names, in->header.exchange),
			 ike_notify_name(notify, name, sizeof(name)));
}

/* ---- Refused by the peer --------------------------------------------------------------------- */

/* What was offered; what the peer has, it did not tell. */
static void show_ours(const struct ike_sa *sa, unsigned notify, struct why *w)
{
	const struct profile *p = &sa->tunnel->profile;
	const struct task *t = sa->own;
	struct ike_ts_list local = ts_kept_list(&p->local_ts), remote = ts_kept_list(&p->remote_ts);
	const struct proposal_list *offer = NULL;

	if (t && t->step != STEP_QUEUED)
		offer = &t->offer;
	else if (sa->initial)
		offer = &sa->initial->asking->child_offer;
	if (notify == IKE_N_TS_UNACCEPTABLE || notify == IKE_N_SINGLE_PAIR_REQUIRED)
		selectors_explain(&local, &remote, NULL, NULL, &w->cmp);
	else if (notify == IKE_N_NO_PROPOSAL_CHOSEN && offer && offer->count > 0)
		proposal_show_ours(offer, t == NULL, &w->cmp);
}

/* The Child SA of IKE_AUTH has no group on the wire: the others were agreed on then (1.2, 1.3.3).
 */
static bool only_group_is_new(const struct ike_sa *sa, const struct task *t)
{
	struct list *n, *after;

	if (!t || t->kind != TASK_CHILD_REKEY || t->group == 0)
		return false;
	list_for_each(n, after, &sa->children)
	{
		const struct child_sa *c = container_of(n, struct child_sa, of_sa);

		if (c->number == t->child)
			return c->suite.ke == 0;
	}
	return false;
}

static void refused_by_peer(const struct ike_sa *sa, const struct message_in *in, unsigned notify,
			    const char *what, struct why *w)
{
	const struct task *t = sa->own;
	struct payload_notify n;
	uint16_t group;
	char name[40];

	if (notify == IKE_N_INVALID_KE_PAYLOAD &&
	    notify_find(&in->payloads, IKE_N_INVALID_KE_PAYLOAD, &n) &&
	    notify_ke_group(&n, &group) && t) {
		snprintf(w->text, sizeof(w->text), "dh-group differs %s: here %u, peer %u", what,
			 t->group, group);
		comparison_groups(t->group, group, &w->cmp);
		return;
	}
	if (w->cause == IKE_CAUSE_REKEY_ALGORITHMS && only_group_is_new(sa, t)) {
		w->cause = IKE_CAUSE_REKEY_GROUP;
		snprintf(w->text, sizeof(w->text),
			 "peer refuses dh-group %u %s, all other algorithms are in use", t->group,
			 what);
		show_ours(sa, notify, w);
		return;
	}
	snprintf(w->text, sizeof(w->text), "peer sent %s %s",
		 ike_notify_name(notify, name, sizeof(name)), what);
	show_ours(sa, notify, w);
}

/* ---- Telling --------------------------------------------------------------------------------- */

static void tell(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		 const struct why *w, bool by_peer)
{
	struct ike_failure f =
		failure_of(e, w->cause, in->header.exchange, by_peer, &in->remote, "%s", w->text);

	tunnel_failed(sa->tunnel, &f);
	tunnel_compare(e, sa->tunnel, &w->cmp);
	engine_event(e, sa->tunnel_id, IKE_EVENT_CHILD_FAILED, &f);
}

void child_failed(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		  unsigned notify, bool by_peer)
{
	struct why w = {.text = ""};
	struct payload_notify n;
	bool rekey;

	if (!sa->tunnel)
		return;
	rekey = by_peer ? sa->own && sa->own->kind == TASK_CHILD_REKEY
			: notify_find(&in->payloads, IKE_N_REKEY_SA, &n);
	w.cause = cause_of(notify, by_peer, rekey);
	if (by_peer)
		refused_by_peer(sa, in, notify,
				rekey ? "when a Child SA was to be rekeyed"
				: in->header.exchange == IKE_EXCH_AUTH ? "in IKE_AUTH"
								       : "in CREATE_CHILD_SA",
				&w);
	else
		refused_here(sa, in, notify, false, &w);
	tell(e, sa, in, &w, by_peer);
}

void ike_rekey_failed(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      unsigned notify, bool by_peer)
{
	struct why w = {.cause = cause_of(notify, by_peer, true)};

	if (!sa->tunnel)
		return;
	if (by_peer)
		refused_by_peer(sa, in, notify, "when the IKE SA was to be rekeyed", &w);
	else
		refused_here(sa, in, notify, true, &w);
	tell(e, sa, in, &w, by_peer);
}
