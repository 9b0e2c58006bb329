/* SPDX-License-Identifier: GPL-3.0-or-later */
/* REDIRECT (RFC 5685 sections 3 to 8); see redirect.h. */
#include "ikev2/redirect.h"

#include "ikev2/exchange.h"
#include "ikev2/payload_notify.h"
#include "ikev2/tunnel.h"

#include <stdio.h>
#include <string.h>

#define LOOP_MAX       5      /* MAX_REDIRECTS */
#define LOOP_WITHIN_MS 300000 /* REDIRECT_LOOP_DETECT_PERIOD */

/* GW Identity types, section 8. */
enum { GATEWAY_IPV4 = 1, GATEWAY_IPV6 = 2, GATEWAY_FQDN = 3 };

bool gateway_is_set(const struct ike_gateway *g)
{
	return ip_addr_is_set(&g->addr) || g->name[0] != '\0';
}

bool gateway_equal(const struct ike_gateway *a, const struct ike_gateway *b)
{
	return ip_addr_equal(&a->addr, &b->addr) && strcmp(a->name, b->name) == 0;
}

const char *gateway_text(const struct ike_gateway *g, char *buf, size_t size)
{
	if (ip_addr_is_set(&g->addr))
		return ip_addr_text(&g->addr, buf, size);
	snprintf(buf, size, "%s", g->name);
	return buf;
}

/* ---- Payloads -------------------------------------------------------------------------------- */

static bool is_name(struct view v)
{
	if (v.len == 0 || v.len >= sizeof(((struct ike_gateway *)0)->name))
		return false;
	for (size_t i = 0; i < v.len; i++)
		if (v.data[i] <= ' ' || v.data[i] >= 0x7f)
			return false;
	return true;
}

int redirect_read(struct view data, struct ike_gateway *g, struct view *nonce)
{
	struct reader r = reader_of(data);
	uint8_t type = reader_u8(&r), len = reader_u8(&r);
	struct view id = reader_view(&r, len);

	*g = (struct ike_gateway){.addr = {.family = IP_NONE}};
	if (r.failed)
		return ERR_INVALID;
	*nonce = reader_rest(&r);
	if ((type == GATEWAY_IPV4 && len == 4) || (type == GATEWAY_IPV6 && len == 16))
		g->addr = ip_addr_from_bytes(id.data, len);
	else if (type == GATEWAY_FQDN && is_name(id))
		memcpy(g->name, id.data, len);
	else
		return ERR_INVALID;
	return 0;
}

static void write_gateway(struct writer *w, const struct ike_gateway *g)
{
	size_t len = ip_addr_is_set(&g->addr) ? ip_addr_len(&g->addr) : strlen(g->name);

	writer_u8(w, !ip_addr_is_set(&g->addr) ? GATEWAY_FQDN
		     : len == 4		       ? GATEWAY_IPV4
					       : GATEWAY_IPV6);
	writer_u8(w, (uint8_t)len);
	if (ip_addr_is_set(&g->addr))
		writer_bytes(w, g->addr.bytes, len);
	else
		writer_bytes(w, g->name, len);
}

void redirect_data(struct writer *w, const struct ike_gateway *g, struct view nonce)
{
	write_gateway(w, g);
	writer_put(w, nonce);
}

void redirect_write(const struct ike_gateway *g, struct view nonce, struct message_builder *b)
{
	uint8_t data[2 + sizeof(g->name) + NONCE_MAX];
	struct writer w = writer_of(data, sizeof(data));

	redirect_data(&w, g, nonce);
	payload_notify_write(b, IKE_N_REDIRECT, writer_view(&w));
}

void redirect_announce(const struct ike_sa *sa, struct message_builder *b)
{
	struct ike_gateway from = {.addr = sa->redirected_from};
	uint8_t data[32];
	struct writer w = writer_of(data, sizeof(data));

	if (!sa->tunnel->profile.follow_redirects)
		return;
	if (!gateway_is_set(&from)) {
		payload_notify_write(b, IKE_N_REDIRECT_SUPPORTED, view_of(NULL, 0));
		return;
	}
	write_gateway(&w, &from);
	payload_notify_write(b, IKE_N_REDIRECTED_FROM, writer_view(&w));
}

bool redirect_is_announced(const struct message_in *in)
{
	struct payload_notify n;

	return notify_find(&in->payloads, IKE_N_REDIRECT_SUPPORTED, &n) ||
	       notify_find(&in->payloads, IKE_N_REDIRECTED_FROM, &n);
}

/* ---- As the peer that is sent away ----------------------------------------------------------- */

bool redirect_fits_init(const struct ike_sa *sa, const struct message_in *in)
{
	struct ike_gateway g;
	struct payload_notify n;
	struct view nonce;

	return sa->tunnel->profile.follow_redirects && !sa->initial->inquiry &&
	       notify_find(&in->payloads, IKE_N_REDIRECT, &n) &&
	       redirect_read(n.data, &g, &nonce) == 0 &&
	       view_equal(nonce, nonce_view(&sa->initial->ni));
}

static bool is_loop(const struct ike_engine *e, struct tunnel *t)
{
	if (t->away.count > 0 && e->now_ms >= t->away.since_ms + LOOP_WITHIN_MS)
		t->away.count = 0;
	if (t->away.count == 0)
		t->away.since_ms = e->now_ms;
	return ++t->away.count > LOOP_MAX;
}

static bool refuse(struct ike_engine *e, const struct ike_sa *sa, const struct message_in *in,
		   const struct ike_gateway *g, const char *why)
{
	char text[IKE_GATEWAY_NAME_MAX];
	struct ike_failure f =
		failure_of(e, IKE_CAUSE_REDIRECTED, in->header.exchange, true, &in->remote,
			   "peer sends us to %.120s: %s", gateway_text(g, text, sizeof(text)), why);

	tunnel_failed(sa->tunnel, &f);
	engine_event(e, sa->tunnel_id, IKE_EVENT_ATTEMPT_FAILED, &f);
	return false;
}

bool redirect_follow(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct tunnel *t = sa->tunnel;
	struct ike_gateway g;
	struct payload_notify n;
	struct view nonce;

	if (!t || !t->profile.follow_redirects || !sa->lineage_initiator ||
	    !notify_find(&in->payloads, IKE_N_REDIRECT, &n) ||
	    redirect_read(n.data, &g, &nonce) != 0)
		return false;
	if (!ip_addr_is_set(&g.addr))
		return refuse(e, sa, in, &g, "names are not followed");
	if (g.addr.family != sa->remote.addr.family || ip_addr_is_multicast(&g.addr) ||
	    ip_addr_equal(&g.addr, &sa->remote.addr))
		return refuse(e, sa, in, &g, "this is no other gateway");
	if (is_loop(e, t))
		return refuse(e, sa, in, &g, "5 times within 5 minutes is enough");
	engine_count(e, COUNTER_REDIRECTS);
	t->away.to = g.addr;
	t->away.from = sa->remote.addr;
	return true;
}

void redirect_start(struct ike_engine *e, struct tunnel *t)
{
	tunnel_attempt_beside(e, t);
}

bool redirect_explains_id(const struct ike_sa *sa, const struct ike_id *id)
{
	const struct profile *p = &sa->tunnel->profile;
	struct ike_id home = ike_id_of_addr(&p->remote.addr);
	struct ike_id here = ike_id_of_addr(&sa->remote.addr);

	return ip_addr_is_set(&sa->redirected_from) &&
	       ike_id_equal(&sa->tunnel->remote_id, &home) && ike_id_equal(id, &here);
}

/* ---- As the gateway that sends away ---------------------------------------------------------- */

void redirect_peer(struct ike_engine *e, struct tunnel *t)
{
	struct ike_sa *sa = tunnel_current(t);

	if (sa && sa->peer_redirects && gateway_is_set(&t->profile.redirect) &&
	    !task_is_pending(sa, TASK_REDIRECT, 0))
		task_queue(e, sa, task_new(TASK_REDIRECT));
}
