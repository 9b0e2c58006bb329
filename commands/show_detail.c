/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec connection-status detail`: all that is known of one tunnel, cause first.
 *
 * JSON: members of TUNNEL beside those of show_status.c, each null when there is nothing to tell:
 *	those of show_reason.c
 *	lastAttempt	{at, remote ("192.0.2.1:4500"), exchange ("IKE_AUTH"), byPeer, reason,
 *cause, evidence}: the last failure ourId, peerIdExpected, peerIdSeen	{type, value}
 *	ikeOfferedByPeer, ikeAcceptedHere	texts
 *	ikeSa		see show_sa.c
 *	childSas	[CHILD...], see show_sa.c
 *	lastDataSec	seconds since anything authenticated came from the peer
 *	keepaliveSec, deadIntervalSec
 *	lastDown	as lastAttempt: why it last went from up to down
 *	lastExchanges	see show_ladder.c
 */
#include "commands/show.h"
#include "commands/show_names.h"
#include "ikev2/number.h"
#include "platform/base/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *next_text(const struct show_clock *clock, const struct tunnel_status *t,
			     const struct site_config *c, char *buf, size_t size)
{
	char left[DURATION_TEXT_MAX];

	if (t->ike.next_attempt_ms)
		(void)snprintf(buf, size, "; next rebuild in %s",
			       duration_short(show_left_ms(clock, t->ike.next_attempt_ms), left,
					      sizeof(left)));
	else if (t->ike.failure.reason != IKE_REASON_NONE &&
		 t->ike.failure.reason != IKE_REASON_ADMIN_DOWN && c &&
		 c->connection_mode == SITE_RESPONDER_ONLY)
		(void)snprintf(buf, size, "; the peer has to initiate again");
	else
		buf[0] = '\0';
	return buf;
}

/* Did it fail while it came up, or was it up before? */
static bool is_attempt(uint8_t exchange)
{
	return exchange != IKE_EXCH_CREATE_CHILD_SA && exchange != IKE_EXCH_INFORMATIONAL;
}

/* " from 203.0.113.202:40001 (behind NAT)" */
static const char *remote_text(const struct ike_failure *f, const struct site_config *c, char *buf,
			       size_t size)
{
	bool responder = c && c->connection_mode == SITE_RESPONDER_ONLY && is_attempt(f->exchange);
	uint16_t port = f->remote.port;
	char text[IP_TEXT_MAX];

	buf[0] = '\0';
	if (ip_addr_is_set(&f->remote.addr))
		(void)snprintf(buf, size, " %s %s%s", responder || f->by_peer ? "from" : "with",
			       ip_endpoint_text(&f->remote, text, sizeof(text)),
			       port != 500 && port != 4500 ? " (behind NAT)" : "");
	return buf;
}

static void attempt_line(struct answer *a, const struct show_clock *clock,
			 const struct tunnel_status *t, const struct site_config *c)
{
	const struct ike_failure *f = &t->ike.failure;
	const char *exchange = show_exchange(f->exchange);
	char when[SHOW_TEXT_MAX], next[64], remote[IP_TEXT_MAX + 24], attempts[32] = "";

	if (answer_is_json(a) || (t->state != TUNNEL_DOWN && t->state != TUNNEL_CONNECTING))
		return;
	(void)next_text(clock, t, c, next, sizeof(next));
	if (t->ike.attempts > 0)
		(void)snprintf(attempts, sizeof(attempts), "; attempts %u",
			       (unsigned)t->ike.attempts);
	if (f->reason == IKE_REASON_NONE || f->reason == IKE_REASON_ADMIN_DOWN)
		answer_show(a, "Last attempt", "%s%s%s",
			    t->ike.attempts ? "under way" : "none so far", attempts, next);
	else
		answer_show(a, is_attempt(f->exchange) ? "Last attempt" : "Ended", "%s%s%s%s%s%s",
			    show_moment(clock, f->at_ms, when, sizeof(when)),
			    remote_text(f, c, remote, sizeof(remote)), exchange ? ", " : "",
			    exchange ? exchange : "", attempts, next);
}

/* An identity as a JSON member. */
static void id_member(struct answer *a, const char *key, const struct ike_id *id)
{
	char text[2 * IKE_ID_MAX + 8];

	if (id->type == IKE_ID_NONE) {
		answer_null(a, key);
		return;
	}
	answer_object(a, key);
	answer_text(a, "type", NULL, ike_id_type_name(id->type));
	answer_text(a, "value", NULL, ike_id_text(id, text, sizeof(text)));
	answer_object_end(a);
}

/* The identity that we present: configured, or the own address in use. */
static struct ike_id our_id(const struct tunnel_status *t, const struct site_config *c)
{
	struct ike_id id = {.type = IKE_ID_NONE};

	if (c && t->index >= 1 && t->index <= SITE_TUNNELS)
		id = show_our_id(c, t->role, &c->tunnels[t->role][t->index - 1]);
	if (id.type == IKE_ID_NONE && ip_addr_is_set(&t->ike.local.addr))
		id = ike_id_of_addr(&t->ike.local.addr);
	return id;
}

static const struct ike_id *seen_id(const struct tunnel_status *t)
{
	return t->ike.peer_id.type != IKE_ID_NONE ? &t->ike.peer_id : &t->ike.failure.id_seen;
}

static void id_lines(struct answer *a, const struct tunnel_status *t, const struct site_config *c)
{
	struct ike_id ours = our_id(t, c);
	const struct ike_id *seen = seen_id(t), *expected = &t->peer_id_expected;
	char text[2 * IKE_ID_MAX + 8], other[2 * IKE_ID_MAX + 8];

	id_member(a, "ourId", &ours);
	id_member(a, "peerIdExpected", expected);
	id_member(a, "peerIdSeen", seen);
	if (answer_is_json(a) || t->state == TUNNEL_INCOMPLETE)
		return;
	answer_text(a, NULL, "Our ID",
		    ours.type != IKE_ID_NONE ? ike_id_text(&ours, text, sizeof(text))
					     : "the own address in use");
	if (seen->type == IKE_ID_NONE)
		answer_show(a, "Peer ID", "none seen; expected %s",
			    expected->type != IKE_ID_NONE
				    ? ike_id_text(expected, other, sizeof(other))
				    : "-");
	else if (expected->type == IKE_ID_NONE || ike_id_equal(seen, expected))
		answer_show(a, "Peer ID seen", "%s (%s, expected)",
			    ike_id_text(seen, text, sizeof(text)), ike_id_type_name(seen->type));
	else
		answer_show(a, "Peer ID seen", "%s (%s), but expected is %s (%s)",
			    ike_id_text(seen, text, sizeof(text)), ike_id_type_name(seen->type),
			    ike_id_text(expected, other, sizeof(other)),
			    ike_id_type_name(expected->type));
}

static void proposal_lines(struct answer *a, const struct tunnel_status *t,
			   const struct site_config *c)
{
	char here[SHOW_PARAMETERS_MAX] = "", chosen[IKE_SUITE_TEXT_MAX] = "";
	bool offered = t->ike.peer_offer[0] != '\0';

	if (c)
		(void)show_parameters_text(&c->init_parameters, true, here, sizeof(here));
	if (t->ike.suite.encr)
		(void)ike_suite_text(&t->ike.suite, chosen, sizeof(chosen));
	answer_text(a, "ikeOfferedByPeer", offered ? "IKE offered by peer" : NULL,
		    t->ike.peer_offer);
	/* While it is up, what was chosen says enough. */
	/* Nor where both sides are compared. */
	answer_text(a, "ikeAcceptedHere",
		    here[0] && !chosen[0] && t->state != TUNNEL_INCOMPLETE &&
				    t->ike.comparison.count == 0
			    ? "IKE accepted here"
			    : NULL,
		    here);
	if (offered && chosen[0] && t->state != TUNNEL_UP) /* then the IKE SA has it */
		answer_show(a, "Chosen", "%s", chosen);
}

static void ike_lines(struct answer *a, const struct show_clock *clock,
		      const struct tunnel_status *t)
{
	const struct ike_tunnel_status *i = &t->ike;
	char suite[IKE_SUITE_TEXT_MAX], left[DURATION_TEXT_MAX], addresses[SHOW_ADDRESSES_MAX];

	if (i->spi_i == 0 || t->state != TUNNEL_UP) {
		answer_null(a, "ikeSa");
		return;
	}
	answer_object(a, "ikeSa");
	show_ike_members(a, clock, i);
	answer_object_end(a);
	answer_show(a, "Addresses", "%s", show_addresses(i, addresses, sizeof(addresses)));
	answer_show(a, "IKE SA", "%016" PRIx64 "/%016" PRIx64 " %s, %s, rekey in %s", i->spi_i,
		    i->spi_r, i->initiator ? "initiator" : "responder",
		    ike_suite_text(&i->suite, suite, sizeof(suite)),
		    duration_short(show_left_ms(clock, i->rekey_at_ms), left, sizeof(left)));
	if (i->learned_single_ts)
		answer_show(a, "Selectors",
			    "one pair of networks per Child SA, the peer refused several at once");
}

/* "Child SA  in c82f01aa out 4e1100b9 aes-gcm-256, TS ..., rekey in ..., 1.2 GB in / ..." */
static void child_line(struct answer *a, const struct show_clock *clock,
		       const struct child_status *child)
{
	const struct ike_child_status *i = &child->ike;
	const struct dp_child_counters *n = &child->counters;
	char suite[IKE_SUITE_TEXT_MAX], left[DURATION_TEXT_MAX], in[SHOW_TEXT_MAX],
		out[SHOW_TEXT_MAX];
	struct strbuf selectors;

	strbuf_init(&selectors);
	show_selectors(&i->local_ts, &i->remote_ts, &selectors);
	answer_show(a, "Child SA",
		    "in %08" PRIx32 " out %08" PRIx32 " %s, TS %s, rekey in %s, %s in / %s out, "
		    "replay drops %" PRIu64,
		    i->spi_in, i->spi_out, ike_suite_text(&i->suite, suite, sizeof(suite)),
		    selectors.text,
		    duration_text(show_left_ms(clock, i->rekey_at_ms), left, sizeof(left)),
		    show_bytes(n->rx_bytes, in, sizeof(in)),
		    show_bytes(n->tx_bytes, out, sizeof(out)), n->replay_drops);
	strbuf_clear(&selectors);
}

static void child_lines(struct answer *a, const struct show_clock *clock,
			const struct show_children *children)
{
	answer_array(a, "childSas");
	for (size_t i = 0; i < children->count; i++) {
		answer_object(a, NULL);
		show_child_members(a, clock, &children->items[i]);
		answer_object_end(a);
		if (!answer_is_json(a))
			child_line(a, clock, &children->items[i]);
	}
	answer_array_end(a);
}

static void failure_member(struct answer *a, const struct show_clock *clock, const char *key,
			   const struct ike_failure *f)
{
	char text[IP_TEXT_MAX];

	if (f->reason == IKE_REASON_NONE) {
		answer_null(a, key);
		return;
	}
	answer_object(a, key);
	answer_time(a, "at", show_wall_ms(clock, f->at_ms));
	answer_text(a, "remote", NULL,
		    ip_addr_is_set(&f->remote.addr)
			    ? ip_endpoint_text(&f->remote, text, sizeof(text))
			    : NULL);
	answer_text(a, "exchange", NULL, show_exchange(f->exchange));
	answer_bool(a, "byPeer", NULL, f->by_peer);
	answer_text(a, "reason", NULL, ike_reason_name(f->reason));
	answer_text(a, "cause", NULL, ike_cause_row(ike_failure_cause(f))->name);
	answer_text(a, "evidence", NULL, f->evidence);
	answer_object_end(a);
}

static void data_line(struct answer *a, const struct show_clock *clock,
		      const struct tunnel_status *t, const struct site_config *c)
{
	bool heard = t->ike.last_rx_ms && t->state == TUNNEL_UP;
	uint64_t ago = heard ? show_age_ms(clock, t->ike.last_rx_ms) : 0;
	char text[DURATION_TEXT_MAX], timers[64] = "";

	if (heard)
		answer_number(a, "lastDataSec", NULL, ago / 1000);
	else
		answer_null(a, "lastDataSec");
	if (c) {
		answer_number(a, "keepaliveSec", NULL, c->keepalive_s);
		answer_number(a, "deadIntervalSec", NULL, c->dead_s);
		(void)snprintf(timers, sizeof(timers), ", keep-alive %u s, dead after %u s",
			       (unsigned)c->keepalive_s, (unsigned)c->dead_s);
	} else {
		answer_null(a, "keepaliveSec");
		answer_null(a, "deadIntervalSec");
	}
	if (heard)
		answer_show(a, "Last data", "%s ago%s", duration_short(ago, text, sizeof(text)),
			    timers);
}

static void down_line(struct answer *a, const struct show_clock *clock, const struct ike_failure *f)
{
	char when[SHOW_TEXT_MAX];

	failure_member(a, clock, "lastDown", f);
	if (f->reason == IKE_REASON_NONE)
		return;
	answer_show(a, "Last down", "%s %s%s%s%s", show_moment(clock, f->at_ms, when, sizeof(when)),
		    ike_reason_name(f->reason), f->evidence[0] ? " (" : "", f->evidence,
		    f->evidence[0] ? ")" : "");
}

/* " Tunnel primary 2 (vdsl), WAN role wan2: DOWN for 00:03:12" */
static void headline(struct answer *a, const struct show_clock *clock,
		     const struct tunnel_status *t)
{
	char state[SHOW_TEXT_MAX], age[DURATION_TEXT_MAX], wan[32] = "", since[48] = "";

	if (t->wan_role)
		(void)snprintf(wan, sizeof(wan), ", WAN role wan%u", (unsigned)t->wan_role);
	if (t->state_since_ms)
		(void)snprintf(since, sizeof(since), " for %s",
			       duration_text(show_age_ms(clock, t->state_since_ms), age,
					     sizeof(age)));
	answer_line(a, " Tunnel %s %u%s%s%s%s  State %s%s", site_role_name(t->role), t->index,
		    t->name[0] ? " (" : "", t->name, t->name[0] ? ")" : "", wan,
		    show_state(t->state, state, sizeof(state)), since);
}

void show_tunnel_detail(struct answer *a, const struct show_clock *clock,
			const struct show_site *site, size_t number)
{
	const struct tunnel_status *t = &site->status->tunnels[number];

	headline(a, clock, t);
	answer_block(a, 2);
	show_reason(a, t);
	attempt_line(a, clock, t, site->config);
	failure_member(a, clock, "lastAttempt", &t->ike.failure);
	id_lines(a, t, site->config);
	proposal_lines(a, t, site->config);
	ike_lines(a, clock, t);
	child_lines(a, clock, &site->children[number]);
	data_line(a, clock, t, site->config);
	down_line(a, clock, &t->last_down);
	answer_block_end(a);
	show_ladder(a, clock, &site->steps[number]);
}
