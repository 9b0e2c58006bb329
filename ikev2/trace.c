/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages, states and proposals in words; see trace.h.  RFC 7296 sections 1.2 and 3. */
#include "ikev2/trace.h"

#include "ikev2/exchange.h"
#include "ikev2/payload_delete.h"
#include "ikev2/payload_sa.h"
#include "ikev2/proposal.h"
#include "ikev2/tunnel.h"
#include "platform/base/enum_name.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_MAX_LEN 400

static bool is_watched(const struct ike_engine *e, enum ike_trace_kind kind)
{
	return e->trace & 1u << kind;
}

void ike_engine_set_trace(struct ike_engine *e, unsigned kinds)
{
	e->trace = kinds;
}

/* ---- Keeping --------------------------------------------------------------------------------- */

static struct tunnel *tunnel_of(const struct ike_engine *e, const struct ike_sa *sa)
{
	uint32_t id = sa ? sa->tunnel_id : 0;

	return tunnel_find(e, id ? id : e->at_hand.tunnel);
}

static void keep_early(struct ike_engine *e, const struct ike_sa *sa, const struct ike_step *step)
{
	struct early_steps *early = e->early;

	if (!early)
		early = e->early = mem_zalloc(sizeof(*early));
	early->item[early->next].spi = sa->own_spi;
	early->item[early->next].step = *step;
	early->next = (early->next + 1) % EARLY_STEPS;
}

void trace_early(const struct ike_engine *e, const struct ike_sa *sa, struct tunnel *t)
{
	const struct early_steps *early = e->early;

	for (size_t i = 0; early && i < EARLY_STEPS; i++) {
		size_t at = (early->next + i) % EARLY_STEPS;

		if (early->item[at].spi == sa->own_spi)
			steps_add(&t->steps, &early->item[at].step);
	}
}

static void keep(struct ike_engine *e, struct ike_sa *sa, const struct ike_step *step)
{
	struct tunnel *t = tunnel_of(e, sa);

	if (!step->out && (!sa || sa->tunnel_id == 0)) {
		e->at_hand.sa = sa;
		e->at_hand.step = *step;
		e->at_hand.valid = true;
	}
	if (t)
		steps_add(&t->steps, step);
	else if (sa)
		keep_early(e, sa, step);
}

void trace_adopt(struct ike_engine *e, struct tunnel *t)
{
	const struct ike_sa *sa = e->at_hand.sa;

	if (!e->at_hand.valid || e->at_hand.tunnel || (sa && sa->tunnel_id) ||
	    t->state == IKE_TUNNEL_UP)
		return;
	e->at_hand.tunnel = t->profile.id;
	if (!sa || !sa->initial)
		steps_add(&t->steps, &e->at_hand.step);
	else
		trace_early(e, sa, t);
}

void trace_failed(struct tunnel *t, enum ike_cause cause)
{
	struct ike_step *last = steps_last(t->steps);

	if (last)
		last->failed = cause;
}

static const char established[] = "IKE SA established"; /* the Child SA of IKE_AUTH too */

void trace_outcome(struct ike_engine *e, uint32_t tunnel, const char *text)
{
	struct tunnel *t = tunnel_find(e, tunnel);
	struct ike_step *last = t ? steps_last(t->steps) : NULL;

	if (last && last->outcome != established)
		last->outcome = text;
}

void trace_established(struct ike_engine *e, uint32_t tunnel)
{
	trace_outcome(e, tunnel, established);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static void say(struct ike_engine *e, enum ike_trace_kind kind, uint32_t tunnel,
		const struct ip_endpoint *remote, const char *fmt, ...) PRINTF_LIKE(5, 6);

static void say(struct ike_engine *e, enum ike_trace_kind kind, uint32_t tunnel,
		const struct ip_endpoint *remote, const char *fmt, ...)
{
	struct ike_trace t = {.kind = kind, .remote = *remote};
	char line[LINE_MAX_LEN];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	t.text = line;
	engine_trace(e, tunnel, &t);
}

void trace_state(struct ike_engine *e, uint32_t tunnel, const struct ip_endpoint *remote,
		 const char *fmt, ...)
{
	char line[LINE_MAX_LEN];
	va_list ap;

	if (!is_watched(e, IKE_TRACE_STATE))
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	say(e, IKE_TRACE_STATE, tunnel, remote, "%s", line);
}

void trace_comparison(struct ike_engine *e, uint32_t tunnel, const struct ip_endpoint *remote,
		      const struct ike_comparison *c)
{
	if (!is_watched(e, IKE_TRACE_PROPOSAL))
		return;
	for (size_t i = 0; i < c->count; i++)
		say(e, IKE_TRACE_PROPOSAL, tunnel, remote, "%s, %s%s: here %s, peer %s", c->subject,
		    c->row[i].attribute, c->row[i].differs ? " differs" : "", c->row[i].here,
		    c->row[i].peer);
}

static const char *kind_of(const struct message_header *h)
{
	return h->flags & MESSAGE_RESPONSE ? "response" : "request";
}

static void say_packet(struct ike_engine *e, uint32_t tunnel, const struct trace_message *m,
		       const struct ike_step *s)
{
	char remote[IP_TEXT_MAX], payloads[IKE_STEP_TEXT_MAX], parts[32] = "";

	if (s->datagrams > 1)
		(void)snprintf(parts, sizeof(parts), " in %u fragments", s->datagrams);
	say(e, IKE_TRACE_PACKET, tunnel, m->remote,
	    "%s %s %s %" PRIu32 " %s %s, SPI %016" PRIx64 "/%016" PRIx64 ", %" PRIu32
	    " octets%s: %s",
	    m->out ? "sent" : "received", enum_name(ike_exchange_names, s->exchange),
	    kind_of(m->header), s->id, m->out ? "to" : "from",
	    ip_endpoint_text(m->remote, remote, sizeof(remote)), m->header->spi_i, m->header->spi_r,
	    s->octets, parts, ike_step_payloads(s, payloads, sizeof(payloads)));
}

static void say_proposals(struct ike_engine *e, uint32_t tunnel, const struct trace_message *m,
			  const struct payload_list *l)
{
	const struct payload *p = payload_find(l, IKE_PAYLOAD_SA);
	bool answer = m->header->flags & MESSAGE_RESPONSE;
	struct payload_sa sa;
	char text[320];

	if (!p || payload_sa_read(p->body, &sa))
		return;
	say(e, IKE_TRACE_PROPOSAL, tunnel, m->remote, "%s %s for the %s in %s: %s",
	    m->out ? "we" : "the peer",
	    answer ? (m->out ? "choose" : "chooses") : (m->out ? "offer" : "offers"),
	    sa.item[0].protocol == IKE_PROTO_ESP ? "Child SA" : "IKE SA",
	    enum_name(ike_exchange_names, m->header->exchange),
	    proposal_offer_text(&sa, text, sizeof(text)));
}

/* The message as it would be without encryption. */
static void hand_out_clear(struct ike_engine *e, uint32_t tunnel, const struct trace_message *m)
{
	struct message_header h = *m->header;
	struct ike_trace t = {.kind = IKE_TRACE_CLEAR,
			      .out = m->out,
			      .local = *m->local,
			      .remote = *m->remote,
			      .text = ""};
	uint8_t buf[MESSAGE_HEADER_LEN + FRAG_BYTES_MAX];
	struct writer w = writer_of(buf, sizeof(buf));

	h.next_payload = m->first;
	h.length = (uint32_t)(MESSAGE_HEADER_LEN + m->chain.len);
	message_header_write(&w, &h);
	writer_put(&w, m->chain);
	if (w.failed)
		return;
	t.clear = writer_view(&w);
	engine_trace(e, tunnel, &t);
	bytes_wipe(buf, w.len);
}

/* ---- Messages -------------------------------------------------------------------------------- */

void trace_message(struct ike_engine *e, struct ike_sa *sa, const struct trace_message *m)
{
	const struct message_header *h = m->header;
	uint32_t tunnel = sa ? sa->tunnel_id : 0;
	struct ike_step s = {.at_ms = e->now_ms,
			     .remote = *m->remote,
			     .id = h->id,
			     .octets = (uint32_t)(m->octets ? m->octets
							    : MESSAGE_HEADER_LEN + m->chain.len),
			     .times = 1,
			     .datagrams = (uint16_t)m->datagrams,
			     .exchange = h->exchange,
			     .out = m->out,
			     .response = h->flags & MESSAGE_RESPONSE};
	struct payload_list l;

	if (payload_list_read(m->first, m->chain, false, &l))
		l.count = 0;
	step_take_payloads(&s, &l);
	keep(e, sa, &s);
	if (is_watched(e, IKE_TRACE_PACKET))
		say_packet(e, tunnel, m, &s);
	if (is_watched(e, IKE_TRACE_PROPOSAL))
		say_proposals(e, tunnel, m, &l);
	if (is_watched(e, IKE_TRACE_CLEAR))
		hand_out_clear(e, tunnel, m);
}

static struct view behind_header(struct view message)
{
	struct reader r = reader_of(message);

	reader_skip(&r, MESSAGE_HEADER_LEN);
	return reader_rest(&r);
}

void trace_clear_in(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct trace_message m = {.header = &in->header,
				  .first = in->header.next_payload,
				  .chain = behind_header(in->bytes),
				  .datagrams = 1,
				  .local = &in->local,
				  .remote = &in->remote};

	trace_message(e, sa, &m);
}

void trace_clear_out(struct ike_engine *e, struct ike_sa *sa, struct view message,
		     const struct ip_endpoint *local, const struct ip_endpoint *remote)
{
	struct message_header h;
	struct trace_message m = {.header = &h,
				  .chain = behind_header(message),
				  .datagrams = 1,
				  .local = local,
				  .remote = remote,
				  .out = true};

	if (message_header_read(message, &h))
		return;
	m.first = h.next_payload;
	trace_message(e, sa, &m);
}

void trace_again(struct ike_engine *e, struct ike_sa *sa, bool out, bool response, uint32_t id)
{
	struct tunnel *t = tunnel_find(e, sa->tunnel_id);
	char remote[IP_TEXT_MAX];

	if (t)
		steps_again(t->steps, out, response, id, e->now_ms);
	if (is_watched(e, IKE_TRACE_PACKET))
		say(e, IKE_TRACE_PACKET, sa->tunnel_id, &sa->remote,
		    "%s %s %" PRIu32 " %s %s once more", out ? "sent" : "received",
		    response ? "response" : "request", id, out ? "to" : "from",
		    ip_endpoint_text(&sa->remote, remote, sizeof(remote)));
}

void trace_dropped(struct ike_engine *e, const struct message_in *in, const char *why)
{
	const struct message_header *h = &in->header;
	char remote[IP_TEXT_MAX];

	if (is_watched(e, IKE_TRACE_PACKET))
		say(e, IKE_TRACE_PACKET, 0, &in->remote,
		    "dropped %s %s %" PRIu32 " from %s, SPI %016" PRIx64 "/%016" PRIx64
		    ", %zu octets: %s",
		    enum_name(ike_exchange_names, h->exchange), kind_of(h), h->id,
		    ip_endpoint_text(&in->remote, remote, sizeof(remote)), h->spi_i, h->spi_r,
		    in->bytes.len, why);
}
