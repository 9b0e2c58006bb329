/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Failures of peers that have not authenticated, and of attempts that nobody answers; see
 * suspect.h. */
#include "ikev2/suspect.h"

#include "ikev2/ikesa.h"
#include "ikev2/liveness.h"
#include "ikev2/place.h"

#include <stdio.h>
#include <string.h>

#define RECENT_MS  120000 /* what is known for certain is not covered by a guess for so long */
#define PACKET_MAX 1440	  /* octets of IKE that fit into one packet of 1500 */
#define VERSION_AT 17	  /* offset in the header */
#define SAID_AFTER 2	  /* transmissions */

static size_t find(const struct ike_engine *e, const struct ip_addr *local,
		   const struct ip_addr *remote, bool any, struct tunnel **out)
{
	const struct ip_addr anywhere = {.family = IP_NONE};
	const struct place *place = place_find(e, any ? &anywhere : remote);
	struct list *n, *after;
	size_t count = 0;

	if (!place)
		return 0;
	list_for_each(n, after, &place->tunnels)
	{
		struct tunnel *t = container_of(n, struct tunnel, by_place);

		if (t->state == IKE_TUNNEL_UP || count > SUSPECTS_MAX)
			break;
		if (!tunnel_may_match(t, local, remote))
			continue;
		if (count < SUSPECTS_MAX)
			out[count] = t;
		count++;
	}
	return count;
}

size_t suspects_find(const struct ike_engine *e, const struct ip_addr *local,
		     const struct ip_endpoint *remote, struct tunnel **out)
{
	size_t count = find(e, local, &remote->addr, false, out);

	if (count > 0)
		return count < SUSPECTS_MAX ? count : SUSPECTS_MAX;
	count = find(e, local, &remote->addr, true, out);
	return count <= SUSPECTS_MAX ? count : 0; /* too many to guess */
}

/* Somebody else's failure must not cover what is known of this tunnel's own peer. */
bool suspect_is_covered(const struct ike_engine *e, const struct tunnel *t,
			const struct ip_addr *remote)
{
	return !ip_addr_is_set(&t->profile.remote.addr) && t->failure.reason != IKE_REASON_NONE &&
	       t->failure.at_ms + RECENT_MS > e->now_ms &&
	       !ip_addr_equal(&t->failure.remote.addr, remote);
}

void suspects_failed(struct ike_engine *e, const struct ip_addr *local, const struct ike_failure *f,
		     const struct ike_comparison *compare)
{
	struct tunnel *t[SUSPECTS_MAX];
	size_t count = suspects_find(e, local, &f->remote, t);

	for (size_t i = 0; i < count; i++) {
		if (suspect_is_covered(e, t[i], &f->remote.addr))
			continue;
		tunnel_peer_failed(e, t[i], f);
		tunnel_compare(e, t[i], compare);
	}
}

/* ISAKMP, RFC 2408 section 3.1: the same header, with major version 1. */
void suspects_old_version(struct ike_engine *e, const struct message_in *in)
{
	struct reader r = reader_of(in->bytes);
	uint8_t version, exchange;
	uint32_t length;
	struct ike_failure f;

	reader_skip(&r, VERSION_AT);
	version = reader_u8(&r);
	exchange = reader_u8(&r);
	reader_skip(&r, 5); /* flags and message ID */
	length = reader_u32(&r);
	if (r.failed || version >> 4 != 1 || length != in->bytes.len)
		return;
	f = failure_of(e, IKE_CAUSE_IKEV1_ONLY, 0, false, &in->remote,
		       "peer sent an IKEv1 message (%s)",
		       exchange == 2   ? "Main Mode"
		       : exchange == 4 ? "Aggressive Mode"
		       : exchange == 5 ? "Informational"
				       : "Quick Mode or other");
	suspects_failed(e, &in->local.addr, &f, NULL);
}

/* ---- Attempts of ours ------------------------------------------------------------------------ */

void trouble_note(struct ike_engine *e, struct tunnel *t, enum ike_cause cause, const char *text)
{
	t->trouble.cause = cause;
	t->trouble.at_ms = e->now_ms;
	snprintf(t->trouble.text, sizeof(t->trouble.text), "%s", text);
}

static bool is_waiting(const struct ike_sa *sa, const struct ip_endpoint *remote)
{
	return sa && sa->request.open && ip_endpoint_equal(&sa->remote, remote);
}

void trouble_at(struct ike_engine *e, const struct ip_endpoint *remote, enum ike_cause cause,
		const char *text)
{
	struct list *n, *after;

	list_for_each(n, after, &e->tunnels.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);
		struct tunnel *t = container_of(node, struct tunnel, by_id);

		struct ike_sa *sa = tunnel_current(t);

		if (is_waiting(tunnel_attempt_sa(t), remote) || is_waiting(sa, remote))
			trouble_note(e, t, cause, text);
		if (sa && ip_endpoint_equal(&sa->remote, remote))
			liveness_on_hint(e, sa, false);
	}
}

void trouble_append(const struct tunnel *t, uint64_t heard_ms, struct ike_failure *f)
{
	size_t len = strlen(f->evidence);

	if (t && t->trouble.cause != IKE_CAUSE_NONE && t->trouble.at_ms > heard_ms)
		snprintf(f->evidence + len, sizeof(f->evidence) - len, "; %s", t->trouble.text);
}

/* What was noted during this attempt explains the silence. */
static struct ike_failure with_trouble(const struct tunnel *t, const struct ike_failure *f)
{
	struct ike_failure out = *f;

	if (t->trouble.cause == IKE_CAUSE_NONE || t->trouble.at_ms < t->attempt_at_ms)
		return out;
	out.cause = t->trouble.cause;
	out.reason = ike_cause_row(out.cause)->reason;
	snprintf(out.evidence, sizeof(out.evidence), "%.90s; %.100s", t->trouble.text, f->evidence);
	return out;
}

static struct ike_failure auth_silence(const struct ike_engine *e, const struct ike_sa *sa)
{
	unsigned sent = sa->request.sent;
	size_t len = sa->request.message.len;

	/* With fragments of RFC 7383 no packet is large. */
	if (len > PACKET_MAX && !sa->peer_fragments)
		return failure_of(e, IKE_CAUSE_FRAGMENTS_LOST, IKE_EXCH_AUTH, false, &sa->remote,
				  "no answer to IKE_AUTH of %zu octets after %u transmissions, "
				  "IKE_SA_INIT of %zu octets was answered",
				  len, sent, sa->initial->asking->own.len);
	if (sa->natt)
		return failure_of(e, IKE_CAUSE_NATT_BLOCKED, IKE_EXCH_AUTH, false, &sa->remote,
				  "no answer to IKE_AUTH on UDP port %u after %u transmissions, "
				  "IKE_SA_INIT on port 500 was answered",
				  sa->remote.port, sent);
	return failure_of(
		e, IKE_CAUSE_AUTH_UNANSWERED, IKE_EXCH_AUTH, false, &sa->remote,
		"no answer to IKE_AUTH on UDP port %u after %u transmissions, IKE_SA_INIT "
		"was answered",
		sa->remote.port, sent);
}

struct ike_failure silence_failure(const struct ike_engine *e, const struct ike_sa *sa)
{
	struct ike_failure f;

	if (sa->state == SA_AUTH_SENT) {
		f = auth_silence(e, sa);
	} else {
		if (sa->initial->asking->doubt.reason != IKE_REASON_NONE)
			return sa->initial->asking->doubt;
		f = failure_of(e, IKE_CAUSE_SILENT, IKE_EXCH_SA_INIT, false, &sa->remote,
			       "no answer to IKE_SA_INIT after %u transmissions", sa->request.sent);
	}
	return with_trouble(sa->tunnel, &f);
}

void silence_note(struct ike_engine *e, struct ike_sa *sa)
{
	struct tunnel *t = sa->tunnel;
	struct ike_failure f;

	if (!t || !sa->initial || sa->initial->inquiry ||
	    (sa->state != SA_INIT_SENT && sa->state != SA_AUTH_SENT) || t->state == IKE_TUNNEL_UP)
		return;
	f = silence_failure(e, sa);
	if (sa->request.sent < SAID_AFTER && f.cause == IKE_CAUSE_SILENT)
		return;
	tunnel_failed(t, &f);
	engine_event(e, t->profile.id, IKE_EVENT_ATTEMPT_FAILED, &f);
}

/* Silence is what is left when nothing better is known. */
static void nobody_heard(struct ike_engine *e, const struct ip_addr *local,
			 const struct ike_failure *f)
{
	struct tunnel *t[SUSPECTS_MAX];
	size_t count = suspects_find(e, local, &f->remote, t);

	for (size_t i = 0; i < count; i++) {
		const struct ike_failure *known = &t[i]->failure;
		bool told = known->reason != IKE_REASON_NONE &&
			    known->reason != IKE_REASON_NO_RESPONSE &&
			    known->at_ms + RECENT_MS > e->now_ms;

		if (!told)
			tunnel_peer_failed(e, t[i], f);
	}
}

void silence_of_peer(struct ike_engine *e, const struct ike_sa *sa)
{
	const struct frag *frag = &sa->request_fragments;
	struct ike_failure f;
	size_t largest = 0;

	for (unsigned i = 0; i < frag->total; i++)
		if (frag->part[i].len > largest)
			largest = frag->part[i].len;
	if (frag->total > 0)
		f = failure_of(
			e, IKE_CAUSE_FRAGMENTS_LOST, IKE_EXCH_AUTH, false, &sa->remote,
			"%u of %u fragments of IKE_AUTH arrived, the largest with %zu octets",
			frag->got, frag->total, largest);
	else
		f = failure_of(e, IKE_CAUSE_AUTH_MISSING, IKE_EXCH_AUTH, false, &sa->remote,
			       "IKE_SA_INIT of the peer was answered, its IKE_AUTH has not come%s",
			       sa->nat_local || sa->nat_remote ? " on UDP port 4500" : "");
	nobody_heard(e, &sa->local.addr, &f);
}
