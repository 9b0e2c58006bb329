/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * After NO_PROPOSAL_CHOSEN to our IKE_SA_INIT: ask the peer once more, with an offer that widens
 * one attribute after the other, to learn which of them it does not accept.  The answer is only
 * looked at; no IKE SA comes of it, and nothing of it is ever used.  RFC 7296 sections 1.2, 2.7
 * and 3.3.6.
 */
#include "ikev2/exchange.h"

#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "ikev2/proposal_explain.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

#define EVERY_MS      600000 /* the same question again */
#define OFFERS_MAX    9
#define TRANSMISSIONS 2

/* What peers are known to use, also what this product does not have. */
static const struct sa_transform ciphers[] = {
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_CBC, .key_bits = 256},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_CBC, .key_bits = 192},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_CBC, .key_bits = 128},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_3DES},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_CTR, .key_bits = 256},
};
static const struct sa_transform aeads[] = {
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_GCM_16, .key_bits = 256},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_GCM_16, .key_bits = 192},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_GCM_16, .key_bits = 128},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_CHACHA20_POLY1305},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_GCM_8, .key_bits = 256},
	{.type = IKE_TRANSFORM_ENCR, .id = IKE_ENCR_AES_CCM_16, .key_bits = 256},
};
static const struct sa_transform prfs[] = {
	{.type = IKE_TRANSFORM_PRF, .id = IKE_PRF_HMAC_SHA2_256},
	{.type = IKE_TRANSFORM_PRF, .id = IKE_PRF_HMAC_SHA2_384},
	{.type = IKE_TRANSFORM_PRF, .id = IKE_PRF_HMAC_SHA2_512},
	{.type = IKE_TRANSFORM_PRF, .id = IKE_PRF_HMAC_SHA1},
	{.type = IKE_TRANSFORM_PRF, .id = IKE_PRF_HMAC_MD5},
	{.type = IKE_TRANSFORM_PRF, .id = IKE_PRF_AES128_XCBC},
};
static const struct sa_transform integs[] = {
	{.type = IKE_TRANSFORM_INTEG, .id = IKE_INTEG_HMAC_SHA2_256_128},
	{.type = IKE_TRANSFORM_INTEG, .id = IKE_INTEG_HMAC_SHA2_384_192},
	{.type = IKE_TRANSFORM_INTEG, .id = IKE_INTEG_HMAC_SHA2_512_256},
	{.type = IKE_TRANSFORM_INTEG, .id = IKE_INTEG_HMAC_SHA1_96},
	{.type = IKE_TRANSFORM_INTEG, .id = IKE_INTEG_HMAC_MD5_96},
	{.type = IKE_TRANSFORM_INTEG, .id = IKE_INTEG_AES_XCBC_96},
};
static const struct sa_transform groups[] = {
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_ECP_256},
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_ECP_384},
	{.type = IKE_TRANSFORM_KE, .id = 21},
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_MODP_2048},
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_MODP_3072},
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_MODP_4096},
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_CURVE25519},
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_MODP_1024},
	{.type = IKE_TRANSFORM_KE, .id = IKE_KE_MODP_1536},
	{.type = IKE_TRANSFORM_KE, .id = 24},
};

/* RFC 9370; most peers want none, and older ones pass over proposals with such a type. */
static const struct sa_transform additional[] = {
	{.id = IKE_KE_NONE},	    {.id = IKE_KE_ML_KEM_512}, {.id = IKE_KE_ML_KEM_768},
	{.id = IKE_KE_ML_KEM_1024}, {.id = IKE_KE_CURVE25519}, {.id = IKE_KE_ECP_256},
	{.id = IKE_KE_ECP_384},	    {.id = IKE_KE_MODP_2048},  {.id = IKE_KE_MODP_3072},
	{.id = IKE_KE_MODP_4096},
};

static const struct wide {
	unsigned type;
	const struct sa_transform *item;
	size_t count;
} wide[] = {
	/* The group first: it is what is configured wrongly most often. */
	{IKE_TRANSFORM_KE, groups, ARRAY_LEN(groups)},
	{IKE_TRANSFORM_PRF, prfs, ARRAY_LEN(prfs)},
	{IKE_TRANSFORM_INTEG, integs, ARRAY_LEN(integs)},
	{IKE_TRANSFORM_ENCR, ciphers, ARRAY_LEN(ciphers)},
	{IKE_TRANSFORM_ENCR, aeads, ARRAY_LEN(aeads)},
};
static const struct wide additional_wide = {IKE_TRANSFORM_ADDKE1, additional,
					    ARRAY_LEN(additional)};
#define CIPHERS 3
#define AEADS	4

static void add(struct sa_offer *o, const struct wide *w)
{
	for (size_t i = 0; i < w->count; i++)
		sa_offer_add(o, (enum ike_transform_type)w->type, w->item[i].id,
			     w->item[i].key_bits);
}

/* Ours, but this type is wide. */
static bool widened(const struct sa_offer *ours, const struct wide *w, struct sa_offer *out)
{
	bool any = false;

	*out = (struct sa_offer){.protocol = ours->protocol};
	for (size_t i = 0; i < ours->count; i++) {
		if (ours->transform[i].type == (uint8_t)w->type)
			any = true;
		else if (ours->transform[i].type <= IKE_TRANSFORM_ADDKE1 || w != &additional_wide)
			sa_offer_add(out, (enum ike_transform_type)ours->transform[i].type,
				     ours->transform[i].id, ours->transform[i].key_bits);
	}
	add(out, w);
	return any;
}

static void everything(bool aead, struct sa_offer *out)
{
	*out = (struct sa_offer){.protocol = IKE_PROTO_IKE};
	add(out, &wide[aead ? AEADS : CIPHERS]);
	add(out, &wide[1]);
	if (!aead)
		add(out, &wide[2]);
	add(out, &wide[0]);
}

/* Peers take the first proposal that they accept: that one tells the least that must change. */
static size_t inquiry_offers(const struct proposal_list *ours, struct sa_offer *out)
{
	size_t count = 0;

	/* With several proposals of ours, everything is offered already. */
	for (size_t k = 0; ours->count == 1 && k < ARRAY_LEN(wide); k++) {
		bool aead = ours->item[0].transform[0].id == IKE_ENCR_AES_GCM_16;

		if ((k == CIPHERS && aead) || (k == AEADS && !aead))
			continue;
		if (widened(&ours->item[0], &wide[k], &out[count]))
			count++;
	}
	for (size_t i = 0; i < ours->count; i++)
		(void)widened(&ours->item[i], &additional_wide, &out[count++]);
	everything(true, &out[count++]);
	everything(false, &out[count++]);
	for (size_t i = 0; i < count; i++)
		out[i].number = (uint8_t)(i + 1);
	return count;
}

void inquiry_write(const struct ike_sa *sa, struct message_builder *b)
{
	struct sa_offer offers[OFFERS_MAX];

	payload_sa_write(b, offers, inquiry_offers(&sa->initial->asking->offer, offers));
}

/* ---- What it answers ------------------------------------------------------------------------- */

/* The failure that is shown already gets more words. */
static void tell(struct ike_engine *e, struct ike_sa *sa, enum ike_cause cause, const char *found,
		 const struct ike_comparison *c)
{
	struct tunnel *t = sa->tunnel;
	struct ike_failure f = t->failure;

	if (f.cause != IKE_CAUSE_IKE_REFUSED || t->state == IKE_TUNNEL_UP)
		return;
	f.cause = cause;
	snprintf(f.evidence, sizeof(f.evidence), "peer sent NO_PROPOSAL_CHOSEN in IKE_SA_INIT; %s",
		 found);
	tunnel_failed(t, &f);
	tunnel_compare(e, t, c);
	engine_event(e, sa->tunnel_id, IKE_EVENT_ATTEMPT_FAILED, &f);
}

static void got_choice(struct ike_engine *e, struct ike_sa *sa, const struct payload *psa)
{
	struct payload_sa answer;
	struct ike_comparison c;
	char text[150];

	if (payload_sa_read(psa->body, &answer) || answer.count != 1 ||
	    proposal_explain(&sa->initial->asking->offer, &answer, false, &c) == 0)
		return;
	tell(e, sa, IKE_CAUSE_IKE_REFUSED, comparison_text(&c, text, sizeof(text)), &c);
}

/* It wants a group that we cannot compute. */
static void got_group(struct ike_engine *e, struct ike_sa *sa, uint16_t group)
{
	struct ike_comparison c;
	char text[150];

	comparison_groups(sa->initial->job->group, group, &c);
	tell(e, sa, IKE_CAUSE_IKE_REFUSED, comparison_text(&c, text, sizeof(text)), &c);
}

bool inquiry_response(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      uint16_t *retry_group)
{
	const struct payload *psa = payload_find(&in->payloads, IKE_PAYLOAD_SA);
	struct payload_notify n;
	uint16_t group;

	*retry_group = 0;
	if (psa) {
		got_choice(e, sa, psa);
	} else if (notify_find(&in->payloads, IKE_N_INVALID_KE_PAYLOAD, &n) &&
		   notify_ke_group(&n, &group)) {
		if (algorithm_find(IKE_TRANSFORM_KE, group, 0) &&
		    sa->initial->asking->group_rounds++ == 0)
			*retry_group = group;
		else
			got_group(e, sa, group);
	} else if (notify_find(&in->payloads, IKE_N_NO_PROPOSAL_CHOSEN, &n)) {
		tell(e, sa, IKE_CAUSE_NO_CONNECTION, "it refuses every other algorithm as well",
		     NULL);
	} else {
		return false;
	}
	return true;
}

void inquiry_recall(const struct tunnel *t, struct ike_failure *f)
{
	const struct ike_failure *known = &t->failure;

	if (t->inquired_ms == 0 || f->cause != IKE_CAUSE_IKE_REFUSED ||
	    (known->cause != IKE_CAUSE_IKE_REFUSED && known->cause != IKE_CAUSE_NO_CONNECTION))
		return;
	f->cause = known->cause;
	memcpy(f->evidence, known->evidence, sizeof(f->evidence));
}

/* ---- Asking ---------------------------------------------------------------------------------- */

bool inquiry_is_over(const struct ike_sa *sa)
{
	return sa->request.sent >= TRANSMISSIONS;
}

bool inquiry_is_due(const struct ike_engine *e, const struct tunnel *t)
{
	return !t->admin_down && t->state != IKE_TUNNEL_UP &&
	       (t->inquired_ms == 0 || e->now_ms >= t->inquired_ms + EVERY_MS);
}
