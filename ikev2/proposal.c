/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Offers, choices and their checks (RFC 7296 sections 2.7, 3.3); see proposal.h.  All judgement of
 * one algorithm under one set of parameters is in proposal_algorithm; the choice of a responder is
 * in proposal_choice.c, the check of an answer in proposal_verify.c.
 */
#include "ikev2/proposal.h"

#include "platform/base/mem.h"

#include <string.h>

/* The order in which automatic offers; peers that take the first match get the quick ones. */
static const uint16_t prf_order[] = {
	IKE_PRF_HMAC_SHA2_256,
	IKE_PRF_HMAC_SHA2_384,
	IKE_PRF_HMAC_SHA2_512,
	IKE_PRF_HMAC_SHA1,
};
static const uint16_t integ_order[] = {
	IKE_INTEG_HMAC_SHA2_256_128,
	IKE_INTEG_HMAC_SHA2_384_192,
	IKE_INTEG_HMAC_SHA2_512_256,
	IKE_INTEG_HMAC_SHA1_96,
};
static const uint16_t ke_order[] = {
	IKE_KE_ECP_256,	  IKE_KE_ECP_384,    IKE_KE_MODP_2048, IKE_KE_MODP_3072,
	IKE_KE_MODP_4096, IKE_KE_CURVE25519, IKE_KE_MODP_1536, IKE_KE_MODP_1024,
};

const struct ike_algorithm *proposal_algorithm(const struct ike_parameters *p,
					       enum proposal_tier tier,
					       enum ike_transform_type type, uint16_t id,
					       uint16_t key_bits)
{
	const struct ike_algorithm *a = algorithm_find(type, id, key_bits);
	uint16_t wanted = 0;

	if (!a)
		return NULL;
	switch (type) {
	case IKE_TRANSFORM_ENCR:
		if (p->encr)
			return p->encr == id && p->key_bits == key_bits ? a : NULL;
		return a->aead || !p->aead_only ? a : NULL;
	case IKE_TRANSFORM_PRF:
		wanted = p->prf;
		break;
	case IKE_TRANSFORM_INTEG:
		wanted = p->integ;
		break;
	case IKE_TRANSFORM_KE:
		if (a->kem)
			return NULL;
		wanted = p->ke;
		break;
	case IKE_TRANSFORM_ESN:
		return NULL;
	}
	if (wanted)
		return wanted == id ? a : NULL;
	return !a->legacy || tier == PROPOSAL_TIER_2 ? a : NULL;
}

/* ---- Offer ----------------------------------------------------------------------------------- */

static void add_allowed(struct sa_offer *o, const struct proposal_request *rq,
			enum ike_transform_type type, const uint16_t *order, size_t count,
			uint16_t except)
{
	for (size_t i = 0; i < count; i++)
		if (order[i] != except &&
		    proposal_algorithm(rq->params, rq->tier, type, order[i], 0))
			sa_offer_add(o, type, order[i], 0);
}

/* Does an ESP offer with KE end in NONE? */
static bool offers_ke_none(const struct proposal_request *rq)
{
	return rq->protocol == IKE_PROTO_ESP && rq->params->ke == 0 &&
	       !proposal_has_addke(rq->params);
}

static void add_ke(struct sa_offer *o, const struct proposal_request *rq, bool only_first)
{
	if (!rq->ke)
		return;
	if (proposal_algorithm(rq->params, PROPOSAL_TIER_2, IKE_TRANSFORM_KE, rq->ke, 0))
		sa_offer_add(o, IKE_TRANSFORM_KE, rq->ke, 0);
	if (!only_first)
		add_allowed(o, rq, IKE_TRANSFORM_KE, ke_order, ARRAY_LEN(ke_order), rq->ke);
	if (offers_ke_none(rq))
		sa_offer_add(o, IKE_TRANSFORM_KE, IKE_KE_NONE, 0);
}

/* They come after the first one, which the Child SA of IKE_AUTH does not have. */
static void add_addke(struct sa_offer *o, const struct proposal_request *rq)
{
	if (!rq->ke)
		return;
	for (uint8_t i = 0; i < IKE_ADDKE_MAX; i++)
		if (rq->params->addke[i])
			sa_offer_add(o, (enum ike_transform_type)(IKE_TRANSFORM_ADDKE1 + i),
				     rq->params->addke[i], 0);
}

static void add_esn(struct sa_offer *o, const struct proposal_request *rq)
{
	if (rq->protocol != IKE_PROTO_ESP)
		return;
	if (rq->esn)
		sa_offer_add(o, IKE_TRANSFORM_ESN, 1, 0);
	sa_offer_add(o, IKE_TRANSFORM_ESN, 0, 0);
}

static struct sa_offer *next_offer(struct proposal_list *l, const struct proposal_request *rq)
{
	struct sa_offer *o = &l->item[l->count];

	memset(o, 0, sizeof(*o));
	o->number = (uint8_t)(l->count + 1);
	o->protocol = rq->protocol;
	o->spi_len = rq->spi_len;
	memcpy(o->spi, rq->spi, sizeof(o->spi));
	return o;
}

/* AEAD and other ciphers go into separate proposals (section 3.3). */
static void add_offer(struct proposal_list *l, const struct proposal_request *rq, bool aead)
{
	struct sa_offer *o = next_offer(l, rq);
	const struct ike_algorithm *a;

	for (size_t i = 0; (a = algorithm_at(i)); i++)
		if (a->type == IKE_TRANSFORM_ENCR && a->aead == aead &&
		    proposal_algorithm(rq->params, rq->tier, IKE_TRANSFORM_ENCR, a->id,
				       a->key_bits))
			sa_offer_add(o, IKE_TRANSFORM_ENCR, a->id, a->key_bits);
	if (!o->count)
		return;
	if (rq->protocol == IKE_PROTO_IKE)
		add_allowed(o, rq, IKE_TRANSFORM_PRF, prf_order, ARRAY_LEN(prf_order), 0);
	if (!aead)
		add_allowed(o, rq, IKE_TRANSFORM_INTEG, integ_order, ARRAY_LEN(integ_order), 0);
	add_ke(o, rq, false);
	add_addke(o, rq);
	add_esn(o, rq);
	l->count++;
}

static bool same_transforms(const struct sa_offer *a, const struct sa_offer *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->transform[i].type != b->transform[i].type ||
		    a->transform[i].id != b->transform[i].id ||
		    a->transform[i].key_bits != b->transform[i].key_bits)
			return false;
	return true;
}

/* The suite in use, so that a rekey changes nothing when the peer agrees. */
static void add_previous(struct proposal_list *l, const struct proposal_request *rq)
{
	const struct ike_suite *s = rq->previous;
	struct ike_suite kept = *s;
	struct sa_offer *o = next_offer(l, rq);

	kept.ke = 0;
	if (!proposal_allows(rq->protocol, rq->params, &kept) &&
	    !(rq->protocol == IKE_PROTO_IKE && proposal_allows(rq->protocol, rq->params, s)))
		return;
	sa_offer_add(o, IKE_TRANSFORM_ENCR, s->encr, s->key_bits);
	if (rq->protocol == IKE_PROTO_IKE)
		sa_offer_add(o, IKE_TRANSFORM_PRF, s->prf, 0);
	if (!suite_is_aead(s))
		sa_offer_add(o, IKE_TRANSFORM_INTEG, s->integ, 0);
	add_ke(o, rq, true);
	add_addke(o, rq);
	add_esn(o, rq);
	l->count++;
}

void proposal_build(const struct proposal_request *rq, struct proposal_list *out)
{
	memset(out, 0, sizeof(*out));
	if (rq->previous)
		add_previous(out, rq);
	add_offer(out, rq, true);
	add_offer(out, rq, false);
	if (rq->previous && out->count == 2 && same_transforms(&out->item[0], &out->item[1]))
		out->count = 1;
}

void proposal_write(struct message_builder *b, const struct proposal_list *l)
{
	payload_sa_write(b, l->item, l->count);
}

bool proposal_has_addke(const struct ike_parameters *params)
{
	for (size_t i = 0; i < IKE_ADDKE_MAX; i++)
		if (params->addke[i])
			return true;
	return false;
}

bool suite_has_addke(const struct ike_suite *suite)
{
	for (size_t i = 0; i < IKE_ADDKE_MAX; i++)
		if (suite->addke[i])
			return true;
	return false;
}

uint16_t suite_addke(const struct ike_suite *suite, unsigned n)
{
	for (size_t i = 0; i < IKE_ADDKE_MAX; i++)
		if (suite->addke[i] != 0 && n-- == 0)
			return suite->addke[i];
	return 0;
}

uint16_t proposal_first_ke(const struct ike_parameters *params, enum proposal_tier tier)
{
	if (params->ke)
		return params->ke;
	/* P-256 first: with libcrypto 3.0 it costs 58 us and P-384 1.07 ms, and a responder keeps
	 * the group of the KE that it gets unless that is legacy (score() in proposal_choice.c).
	 * So a hub of ten thousand peers that come back at once pays one second, not eighteen,
	 * and who wants more configures the group on either side.  Who refused tier 1 has
	 * rarely an elliptic curve. */
	return tier == PROPOSAL_TIER_1 ? IKE_KE_ECP_256 : IKE_KE_MODP_2048;
}

bool proposal_ke_allowed(const struct ike_parameters *params, uint16_t ke)
{
	if (ke == IKE_KE_NONE)
		return params->ke == 0;
	return proposal_algorithm(params, PROPOSAL_TIER_2, IKE_TRANSFORM_KE, ke, 0) != NULL;
}

bool proposal_has_tier2(uint8_t protocol, const struct ike_parameters *params)
{
	struct proposal_request rq = {.protocol = protocol, .params = params};
	struct proposal_list one, two;

	rq.tier = PROPOSAL_TIER_1;
	if (protocol == IKE_PROTO_IKE)
		rq.ke = proposal_first_ke(params, rq.tier);
	proposal_build(&rq, &one);
	rq.tier = PROPOSAL_TIER_2;
	proposal_build(&rq, &two);
	if (one.count != two.count)
		return true;
	for (size_t i = 0; i < one.count; i++)
		if (!same_transforms(&one.item[i], &two.item[i]))
			return true;
	return false;
}

bool proposal_parameters_equal(const struct ike_parameters *a, const struct ike_parameters *b)
{
	return a->encr == b->encr && a->key_bits == b->key_bits && a->prf == b->prf &&
	       a->integ == b->integ && a->ke == b->ke && a->aead_only == b->aead_only &&
	       memcmp(a->addke, b->addke, sizeof(a->addke)) == 0;
}

bool proposal_allows(uint8_t protocol, const struct ike_parameters *params,
		     const struct ike_suite *suite)
{
	const struct ike_algorithm *encr =
		proposal_algorithm(params, PROPOSAL_TIER_2, IKE_TRANSFORM_ENCR, suite->encr,
				   suite->key_bits);

	if (!encr)
		return false;
	if (!encr->aead &&
	    !proposal_algorithm(params, PROPOSAL_TIER_2, IKE_TRANSFORM_INTEG, suite->integ, 0))
		return false;
	if (protocol == IKE_PROTO_IKE &&
	    !proposal_algorithm(params, PROPOSAL_TIER_2, IKE_TRANSFORM_PRF, suite->prf, 0))
		return false;
	if (protocol == IKE_PROTO_IKE &&
	    memcmp(params->addke, suite->addke, sizeof(suite->addke)) != 0)
		return false;
	if (protocol == IKE_PROTO_ESP && suite->ke == 0)
		return true;
	return proposal_algorithm(params, PROPOSAL_TIER_2, IKE_TRANSFORM_KE, suite->ke, 0) != NULL;
}
