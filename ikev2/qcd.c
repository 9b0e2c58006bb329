/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quick crash detection (RFC 6290); see qcd.h. */
#include "ikev2/qcd.h"

#include "ikev2/payload_notify.h"
#include "ikev2/prf.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#define WRONG_MAX	16 /* answers with wrong tokens that are looked at ... */
#define WRONG_WITHIN_MS 10000

int qcd_token_make(const struct crypto *c, const struct secret *secret, uint64_t spi_i,
		   uint64_t spi_r, uint8_t out[QCD_TOKEN_LEN])
{
	uint8_t spis[16], mac[PRF_LEN_MAX];
	struct writer w = writer_of(spis, sizeof(spis));
	struct writer token = writer_of(out, QCD_TOKEN_LEN);
	const struct view parts[] = {view_of(spis, sizeof(spis))};
	struct prf hmac;
	int rc = prf_init(&hmac, c, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, secret_view(secret));

	if (rc)
		return rc;
	writer_u64(&w, spi_i);
	writer_u64(&w, spi_r);
	rc = prf_run(&hmac, parts, ARRAY_LEN(parts), mac);
	prf_clear(&hmac);
	if (rc)
		return rc;
	writer_bytes(&token, mac, QCD_TOKEN_LEN);
	bytes_wipe(mac, sizeof(mac));
	return 0;
}

struct view qcd_token_read(const struct payload *p)
{
	struct payload_notify n;

	if (payload_notify_read(p->body, &n) || n.type != IKE_N_QUICK_CRASH_DETECTION ||
	    n.spi.len != 0 || n.data.len < QCD_TOKEN_MIN || n.data.len > QCD_TOKEN_MAX)
		return view_of(NULL, 0);
	return n.data;
}

/* ---- Giving ---------------------------------------------------------------------------------- */

void qcd_write(struct ike_engine *e, uint64_t spi_i, uint64_t spi_r, struct message_builder *b)
{
	uint8_t token[QCD_TOKEN_LEN];

	if (e->qcd_secret.len == 0 ||
	    qcd_token_make(e->crypto, &e->qcd_secret, spi_i, spi_r, token))
		return;
	payload_notify_write_ike(b, IKE_N_QUICK_CRASH_DETECTION, view_of(token, sizeof(token)));
	bytes_wipe(token, sizeof(token));
}

void qcd_renew(struct ike_engine *e, struct ike_sa *sa)
{
	if (e->qcd_secret.len > 0 && ike_sa_is_usable(sa) && !task_is_pending(sa, TASK_TOKEN, 0))
		task_queue_first(e, sa, task_new(TASK_TOKEN));
}

bool qcd_answer(const struct ike_engine *e, const struct message_in *in, uint8_t out[QCD_TOKEN_LEN])
{
	const struct message_header *h = &in->header;

	if (e->qcd_secret.len == 0 || h->spi_i == 0 || h->spi_r == 0 ||
	    (h->next_payload != IKE_PAYLOAD_SK && h->next_payload != IKE_PAYLOAD_SKF) ||
	    in->bytes.len < QCD_REQUEST_MIN)
		return false;
	/* Of each IKE SA that lives, or is being made, one SPI is ours: who sends that one with
	 * another one, or in the other role, learns nothing. */
	if (ike_sa_find(e, h->spi_i) || ike_sa_find(e, h->spi_r))
		return false;
	return qcd_token_make(e->crypto, &e->qcd_secret, h->spi_i, h->spi_r, out) == 0;
}

/* What was given before is not what we can make again (section 4.4). */
static void renew_all(struct ike_engine *e)
{
	struct list *n, *after;

	list_for_each(n, after, &e->sas.order)
	{
		struct map_node *node = container_of(n, struct map_node, order);

		qcd_renew(e, container_of(node, struct ike_sa, by_spi));
	}
}

void qcd_secret_set(struct ike_engine *e, const struct secret *secret)
{
	bool same = secret->len == e->qcd_secret.len && secret_equal(secret, &e->qcd_secret);

	if (same)
		return;
	secret_copy(&e->qcd_secret, secret);
	renew_all(e);
}

/* ---- Taking ---------------------------------------------------------------------------------- */

void qcd_keep(struct ike_sa *sa, const struct payload_list *payloads)
{
	const struct payload *p = NULL;

	while ((p = payload_next(payloads, IKE_PAYLOAD_NOTIFY, p))) {
		struct view token = qcd_token_read(p);

		if (token.len == 0)
			continue;
		secret_set(&sa->peer_token, token.data, token.len);
		return;
	}
}

/* Is one of the tokens the one that the peer gave us?  None: how many there are is in *count. */
static bool has_right_token(const struct ike_sa *sa, const struct payload_list *payloads,
			    unsigned *count)
{
	const struct payload *p = NULL;
	bool right = false;

	*count = 0;
	while (*count < QCD_TOKENS_MAX && (p = payload_next(payloads, IKE_PAYLOAD_NOTIFY, p))) {
		struct view token = qcd_token_read(p);

		if (token.len == 0)
			continue;
		(*count)++;
		if (token.len == sa->peer_token.len &&
		    bytes_equal_ct(token.data, sa->peer_token.data, token.len))
			right = true;
	}
	return right;
}

/* Nobody guesses 128 bits; who tries shall not cost us much either. */
static bool may_try(const struct ike_engine *e, struct ike_sa *sa)
{
	if (e->now_ms >= sa->wrong_tokens.until_ms)
		sa->wrong_tokens.count = 0;
	return sa->wrong_tokens.count < WRONG_MAX;
}

static void wrong_token(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	engine_count(e, COUNTER_QCD_WRONG);
	trace_dropped(e, in, "its token is not the one of this IKE SA");
	if (sa->wrong_tokens.count++ == 0)
		sa->wrong_tokens.until_ms = e->now_ms + WRONG_WITHIN_MS;
}

bool qcd_denied(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in)
{
	struct tunnel *t = sa->tunnel;
	struct ike_failure f;
	unsigned count;
	bool right;

	if (sa->peer_token.len == 0 || !ike_sa_is_usable(sa) || !may_try(e, sa))
		return false;
	right = has_right_token(sa, &in->payloads, &count);
	if (!right) {
		if (count > 0)
			wrong_token(e, sa, in);
		return false;
	}
	f = failure_of(e, IKE_CAUSE_PEER_RESTARTED, in->header.exchange, true, &in->remote,
		       "peer proves with its token that it has lost the IKE SA (RFC 6290)");
	engine_count(e, COUNTER_QCD_ACCEPTED);
	engine_count(e, COUNTER_PEER_RESTARTS);
	ike_sa_fail(e, sa, &f, false);
	tunnel_plan_again(e, t);
	return true;
}
