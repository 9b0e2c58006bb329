/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Offers, choices and their checks (RFC 7296 sections 2.7, 3.3); see proposal.h.  All judgement of
 * one algorithm under one set of parameters is in `allowed`.
 */
#include "ikev2/proposal.h"

#include "platform/base/mem.h"

#include <string.h>

#define ANY_TIER PROPOSAL_TIER_2

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

/* The algorithm when the parameters allow it in this tier, otherwise NULL. */
static const struct ike_algorithm *allowed(const struct ike_parameters *p, enum proposal_tier tier,
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

static void add(struct sa_offer *o, enum ike_transform_type type, uint16_t id, uint16_t key_bits)
{
	if (o->count < SA_TRANSFORMS_MAX)
		o->transform[o->count++] = (struct sa_transform){.type = (uint8_t)type,
								 .id = id,
								 .key_bits = key_bits};
}

static void add_allowed(struct sa_offer *o, const struct proposal_request *rq,
			enum ike_transform_type type, const uint16_t *order, size_t count,
			uint16_t except)
{
	for (size_t i = 0; i < count; i++)
		if (order[i] != except && allowed(rq->params, rq->tier, type, order[i], 0))
			add(o, type, order[i], 0);
}

/* Does an ESP offer with KE end in NONE? */
static bool offers_ke_none(const struct proposal_request *rq)
{
	return rq->protocol == IKE_PROTO_ESP && rq->params->ke == 0;
}

static void add_ke(struct sa_offer *o, const struct proposal_request *rq, bool only_first)
{
	if (!rq->ke)
		return;
	if (allowed(rq->params, ANY_TIER, IKE_TRANSFORM_KE, rq->ke, 0))
		add(o, IKE_TRANSFORM_KE, rq->ke, 0);
	if (!only_first)
		add_allowed(o, rq, IKE_TRANSFORM_KE, ke_order, ARRAY_LEN(ke_order), rq->ke);
	if (offers_ke_none(rq))
		add(o, IKE_TRANSFORM_KE, IKE_KE_NONE, 0);
}

static void add_esn(struct sa_offer *o, const struct proposal_request *rq)
{
	if (rq->protocol != IKE_PROTO_ESP)
		return;
	if (rq->esn)
		add(o, IKE_TRANSFORM_ESN, 1, 0);
	add(o, IKE_TRANSFORM_ESN, 0, 0);
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
		    allowed(rq->params, rq->tier, IKE_TRANSFORM_ENCR, a->id, a->key_bits))
			add(o, IKE_TRANSFORM_ENCR, a->id, a->key_bits);
	if (!o->count)
		return;
	if (rq->protocol == IKE_PROTO_IKE)
		add_allowed(o, rq, IKE_TRANSFORM_PRF, prf_order, ARRAY_LEN(prf_order), 0);
	if (!aead)
		add_allowed(o, rq, IKE_TRANSFORM_INTEG, integ_order, ARRAY_LEN(integ_order), 0);
	add_ke(o, rq, false);
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
	add(o, IKE_TRANSFORM_ENCR, s->encr, s->key_bits);
	if (rq->protocol == IKE_PROTO_IKE)
		add(o, IKE_TRANSFORM_PRF, s->prf, 0);
	if (!suite_is_aead(s))
		add(o, IKE_TRANSFORM_INTEG, s->integ, 0);
	add_ke(o, rq, true);
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

uint16_t proposal_first_ke(const struct ike_parameters *params, enum proposal_tier tier)
{
	if (params->ke)
		return params->ke;
	/* Who refused tier 1 has rarely an elliptic curve. */
	return tier == PROPOSAL_TIER_1 ? IKE_KE_ECP_256 : IKE_KE_MODP_2048;
}

bool proposal_ke_allowed(const struct ike_parameters *params, uint16_t ke)
{
	if (ke == IKE_KE_NONE)
		return params->ke == 0;
	return allowed(params, ANY_TIER, IKE_TRANSFORM_KE, ke, 0) != NULL;
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

/* ---- The responder's choice ------------------------------------------------------------------ */

#define TYPES 6 /* transform types 1 to 5 by their number */

/* The best transform of each type so far. */
struct pick {
	bool seen[TYPES]; /* the peer named the type at all */
	bool none[TYPES]; /* and NONE (0) among it: INTEG and KE */
	const struct ike_algorithm *best[TYPES];
	const struct ike_algorithm *aead, *cipher; /* the two kinds of ENCR */
	bool plain_sn, esn;
};

static bool is_better(const struct ike_algorithm *a, const struct ike_algorithm *best)
{
	return !best || a < best; /* rows of a type are in order of preference */
}

/* The received KE's group saves a round trip: it wins unless it is legacy and a better one is on
 * offer. */
static bool ke_is_better(const struct ike_algorithm *a, const struct ike_algorithm *best,
			 uint16_t received)
{
	if (!best)
		return true;
	if (a->legacy != best->legacy)
		return !a->legacy;
	if (a->id == received || best->id == received)
		return a->id == received;
	return a < best;
}

static void pick_algorithm(struct pick *p, const struct proposal_policy *policy,
			   const struct ike_algorithm *a)
{
	if (a->type == IKE_TRANSFORM_ENCR) {
		const struct ike_algorithm **kind = a->aead ? &p->aead : &p->cipher;

		if (is_better(a, *kind))
			*kind = a;
	} else if (a->type == IKE_TRANSFORM_KE) {
		if (ke_is_better(a, p->best[a->type], policy->ke))
			p->best[a->type] = a;
	} else if (is_better(a, p->best[a->type])) {
		p->best[a->type] = a;
	}
}

/* Sort one transform in.  False when its type makes the whole proposal unacceptable. */
static bool pick_transform(struct pick *p, const struct proposal_policy *policy,
			   const struct ike_parameters *params, const struct sa_transform *t)
{
	const struct ike_algorithm *a;

	if (t->type < IKE_TRANSFORM_ENCR || t->type > IKE_TRANSFORM_ESN)
		return false; /* section 3.3.6 */
	p->seen[t->type] = true;
	if (t->odd || (t->key_bits && t->type != IKE_TRANSFORM_ENCR))
		return true; /* the transform alone is unacceptable */
	if (t->type == IKE_TRANSFORM_ESN) {
		p->plain_sn |= t->id == 0;
		p->esn |= t->id == 1;
		return true;
	}
	if (t->id == 0 && (t->type == IKE_TRANSFORM_INTEG || t->type == IKE_TRANSFORM_KE))
		p->none[t->type] = true;
	a = allowed(params, ANY_TIER, (enum ike_transform_type)t->type, t->id, t->key_bits);
	if (a)
		pick_algorithm(p, policy, a);
	return true;
}

/* Encryption and integrity belong together: AEAD without INTEG or with NONE, others with one. */
static bool choose_encr(struct pick *p)
{
	bool aead_fits = p->aead && (!p->seen[IKE_TRANSFORM_INTEG] || p->none[IKE_TRANSFORM_INTEG]);
	bool cipher_fits = p->cipher && p->best[IKE_TRANSFORM_INTEG];

	if (aead_fits) {
		p->best[IKE_TRANSFORM_ENCR] = p->aead;
		p->best[IKE_TRANSFORM_INTEG] = NULL;
	} else if (cipher_fits) {
		p->best[IKE_TRANSFORM_ENCR] = p->cipher;
	}
	return aead_fits || cipher_fits;
}

/* Child SA: which group, or none (p->best[KE] NULL)?  False: not acceptable. */
static bool choose_child_ke(struct pick *p, const struct proposal_policy *policy,
			    const struct ike_parameters *params)
{
	const struct ike_algorithm **best = &p->best[IKE_TRANSFORM_KE];
	bool none_allowed = params->ke == 0;

	if (policy->ike_auth) {
		*best = NULL;
		p->seen[IKE_TRANSFORM_KE] = false; /* it is left out of the answer */
		return true;
	}
	if (!p->seen[IKE_TRANSFORM_KE])
		return none_allowed;
	if (none_allowed && p->none[IKE_TRANSFORM_KE] && !policy->ke)
		*best = NULL; /* the peer does not want PFS */
	return *best || (none_allowed && p->none[IKE_TRANSFORM_KE]);
}

static bool choose(struct pick *p, const struct proposal_policy *policy,
		   const struct ike_parameters *params)
{
	if (!choose_encr(p))
		return false;
	if (policy->protocol == IKE_PROTO_IKE)
		return p->best[IKE_TRANSFORM_PRF] && p->best[IKE_TRANSFORM_KE] &&
		       !p->seen[IKE_TRANSFORM_ESN];
	p->esn = p->esn && policy->esn;
	return !p->seen[IKE_TRANSFORM_PRF] && (p->esn || p->plain_sn) &&
	       choose_child_ke(p, policy, params);
}

static bool evaluate(const struct proposal_policy *policy, const struct ike_parameters *params,
		     const struct sa_proposal *proposal, struct pick *out)
{
	struct reader r = reader_of(proposal->transforms);
	struct sa_transform t;

	*out = (struct pick){0};
	if (proposal->protocol != policy->protocol || proposal->spi.len != policy->spi_len)
		return false;
	while (sa_transform_next(&r, &t))
		if (!pick_transform(out, policy, params, &t))
			return false;
	return choose(out, policy, params);
}

/* Lower is better: legacy algorithms, then the cipher, the round trip, the rest. */
static uint64_t score(const struct pick *p, const struct proposal_policy *policy)
{
	uint64_t legacy = 0, ranks = 0;
	const struct ike_algorithm *ke = p->best[IKE_TRANSFORM_KE];
	bool retry = (ke ? ke->id : 0) != policy->ke;

	for (size_t type = IKE_TRANSFORM_ENCR; type <= IKE_TRANSFORM_KE; type++) {
		const struct ike_algorithm *a = p->best[type];

		legacy += a && a->legacy;
		ranks = ranks << 8 | (a ? (uint64_t)(a - algorithm_at(0)) : 0);
	}
	/* ranks: ENCR, PRF, INTEG, KE from the top */
	return legacy << 48 | (ranks >> 24) << 40 | (uint64_t)retry << 32 | (ranks & 0xffffff);
}

static uint16_t id_of(const struct ike_algorithm *a)
{
	return a ? a->id : 0;
}

static void fill_choice(const struct sa_proposal *proposal, const struct pick *p,
			struct proposal_choice *out)
{
	struct sa_offer *o = &out->answer;
	struct reader spi = reader_of(proposal->spi);

	memset(out, 0, sizeof(*out));
	out->suite.encr = id_of(p->best[IKE_TRANSFORM_ENCR]);
	out->suite.key_bits = p->best[IKE_TRANSFORM_ENCR]->key_bits;
	out->suite.prf = id_of(p->best[IKE_TRANSFORM_PRF]);
	out->suite.integ = id_of(p->best[IKE_TRANSFORM_INTEG]);
	out->suite.ke = id_of(p->best[IKE_TRANSFORM_KE]);
	out->suite.esn = p->esn;
	out->peer_spi_len = (uint8_t)proposal->spi.len;
	reader_copy(&spi, out->peer_spi, proposal->spi.len);
	o->number = proposal->number;
	o->protocol = proposal->protocol;
	/* One transform of every type that the peer named. */
	add(o, IKE_TRANSFORM_ENCR, out->suite.encr, out->suite.key_bits);
	if (out->suite.prf)
		add(o, IKE_TRANSFORM_PRF, out->suite.prf, 0);
	if (p->seen[IKE_TRANSFORM_INTEG])
		add(o, IKE_TRANSFORM_INTEG, out->suite.integ, 0);
	if (p->seen[IKE_TRANSFORM_KE])
		add(o, IKE_TRANSFORM_KE, out->suite.ke, 0);
	if (p->seen[IKE_TRANSFORM_ESN])
		add(o, IKE_TRANSFORM_ESN, out->suite.esn, 0);
}

int proposal_select(const struct proposal_policy *policy, const struct payload_sa *sa,
		    struct proposal_choice *out)
{
	uint64_t best = UINT64_MAX;

	for (size_t i = 0; i < sa->count; i++) {
		for (size_t n = 0; n < policy->count; n++) {
			struct pick p;
			uint64_t s;

			if (!evaluate(policy, &policy->params[n], &sa->item[i], &p))
				continue;
			s = score(&p, policy);
			if (s < best) { /* equal: the peer's earlier proposal stays */
				best = s;
				fill_choice(&sa->item[i], &p, out);
			}
		}
	}
	return best == UINT64_MAX ? ERR_NOT_FOUND : 0;
}

void proposal_write_answer(struct message_builder *b, const struct proposal_choice *choice,
			   const uint8_t *spi, uint8_t spi_len)
{
	struct sa_offer answer = choice->answer;
	struct writer w = writer_of(answer.spi, sizeof(answer.spi));

	writer_bytes(&w, spi, spi_len);
	answer.spi_len = (uint8_t)w.len;
	payload_sa_write(b, &answer, 1);
}

/* ---- The initiator's check ------------------------------------------------------------------- */

static bool offers(const struct sa_offer *o, const struct sa_transform *t)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->transform[i].type == t->type && o->transform[i].id == t->id &&
		    o->transform[i].key_bits == t->key_bits)
			return true;
	return false;
}

/* NONE says the same as leaving the type out. */
static bool is_none(const struct sa_transform *t)
{
	return t->id == 0 && (t->type == IKE_TRANSFORM_INTEG || t->type == IKE_TRANSFORM_KE);
}

static bool offers_type(const struct sa_offer *o, uint8_t type)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->transform[i].type == type)
			return true;
	return false;
}

static void suite_take(struct ike_suite *s, const struct sa_transform *t)
{
	switch ((enum ike_transform_type)t->type) {
	case IKE_TRANSFORM_ENCR:
		s->encr = t->id;
		s->key_bits = t->key_bits;
		break;
	case IKE_TRANSFORM_PRF:
		s->prf = t->id;
		break;
	case IKE_TRANSFORM_INTEG:
		s->integ = t->id;
		break;
	case IKE_TRANSFORM_KE:
		s->ke = t->id;
		break;
	case IKE_TRANSFORM_ESN:
		s->esn = t->id == 1;
		break;
	}
}

/* One transform of every type that we offered, each as offered. */
static bool answer_fits(const struct sa_offer *ours, const struct sa_proposal *answer,
			struct ike_suite *suite)
{
	struct reader r = reader_of(answer->transforms);
	bool seen[TYPES] = {false};
	struct ike_suite s = {0};
	struct sa_transform t;

	if (answer->protocol != ours->protocol || answer->spi.len != ours->spi_len)
		return false;
	while (sa_transform_next(&r, &t)) {
		if (t.odd || t.type < IKE_TRANSFORM_ENCR || t.type > IKE_TRANSFORM_ESN ||
		    seen[t.type])
			return false;
		if (!offers(ours, &t) && !(is_none(&t) && !offers_type(ours, t.type)))
			return false;
		seen[t.type] = true;
		suite_take(&s, &t);
	}
	for (uint8_t type = IKE_TRANSFORM_ENCR; type <= IKE_TRANSFORM_ESN; type++) {
		struct sa_transform none = {.type = type};

		if (offers_type(ours, type) && !seen[type] &&
		    !(is_none(&none) && offers(ours, &none)))
			return false;
	}
	*suite = s;
	return true;
}

int proposal_verify(const struct proposal_list *ours, const struct payload_sa *answer,
		    struct proposal_choice *out)
{
	const struct sa_proposal *p = &answer->item[0];
	struct ike_suite suite;

	if (answer->count != 1)
		return ERR_INVALID;
	for (size_t i = 0; i < ours->count; i++) {
		struct reader spi = reader_of(p->spi);

		if (ours->item[i].number != p->number || !answer_fits(&ours->item[i], p, &suite))
			continue;
		memset(out, 0, sizeof(*out));
		out->suite = suite;
		out->peer_spi_len = (uint8_t)p->spi.len;
		reader_copy(&spi, out->peer_spi, p->spi.len);
		return 0;
	}
	return ERR_INVALID;
}

bool proposal_allows(uint8_t protocol, const struct ike_parameters *params,
		     const struct ike_suite *suite)
{
	const struct ike_algorithm *encr =
		allowed(params, ANY_TIER, IKE_TRANSFORM_ENCR, suite->encr, suite->key_bits);

	if (!encr)
		return false;
	if (!encr->aead && !allowed(params, ANY_TIER, IKE_TRANSFORM_INTEG, suite->integ, 0))
		return false;
	if (protocol == IKE_PROTO_IKE &&
	    !allowed(params, ANY_TIER, IKE_TRANSFORM_PRF, suite->prf, 0))
		return false;
	if (protocol == IKE_PROTO_ESP && suite->ke == 0)
		return true;
	return allowed(params, ANY_TIER, IKE_TRANSFORM_KE, suite->ke, 0) != NULL;
}
