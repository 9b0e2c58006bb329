/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The responder's choice among a peer's proposals (RFC 7296 sections 2.7, 3.3.6); proposal_select
 * of proposal.h.  Each candidate policy picks the best transform of each type in each proposal; the
 * best of all picks wins.
 */
#include "ikev2/proposal.h"

#include <string.h>

#define TYPES (IKE_TRANSFORM_ADDKE7 + 1) /* transform types by their number */

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

/* What the parameters want as this additional key exchange; 0: none. */
static uint16_t wanted_addke(const struct proposal_policy *policy,
			     const struct ike_parameters *params, unsigned type)
{
	return policy->ike_auth ? 0 : params->addke[type - IKE_TRANSFORM_ADDKE1];
}

static void pick_addke(struct pick *p, const struct proposal_policy *policy,
		       const struct ike_parameters *params, const struct sa_transform *t)
{
	if (t->id == 0)
		p->none[t->type] = true;
	else if (t->id == wanted_addke(policy, params, t->type))
		p->best[t->type] = algorithm_find(IKE_TRANSFORM_KE, t->id, 0);
}

static bool choose_addke(struct pick *p, const struct proposal_policy *policy,
			 const struct ike_parameters *params)
{
	for (unsigned type = IKE_TRANSFORM_ADDKE1; type <= IKE_TRANSFORM_ADDKE7; type++) {
		bool wanted = wanted_addke(policy, params, type) != 0;

		if (policy->ike_auth) /* like the first one, it does not count */
			p->seen[type] = false;
		else if (wanted ? !p->best[type] : p->seen[type] && !p->none[type])
			return false;
	}
	return true;
}

/* Sort one transform in.  False when its type makes the whole proposal unacceptable. */
static bool pick_transform(struct pick *p, const struct proposal_policy *policy,
			   const struct ike_parameters *params, const struct sa_transform *t)
{
	const struct ike_algorithm *a;

	if (t->type < IKE_TRANSFORM_ENCR || t->type > IKE_TRANSFORM_ADDKE7)
		return false; /* section 3.3.6 */
	p->seen[t->type] = true;
	if (t->odd || (t->key_bits && t->type != IKE_TRANSFORM_ENCR))
		return true; /* the transform alone is unacceptable */
	if (t->type == IKE_TRANSFORM_ESN) {
		p->plain_sn |= t->id == 0;
		p->esn |= t->id == 1;
		return true;
	}
	if (t->type >= IKE_TRANSFORM_ADDKE1) {
		pick_addke(p, policy, params, t);
		return true;
	}
	if (t->id == 0 && (t->type == IKE_TRANSFORM_INTEG || t->type == IKE_TRANSFORM_KE))
		p->none[t->type] = true;
	a = proposal_algorithm(params, PROPOSAL_TIER_2, (enum ike_transform_type)t->type, t->id,
			       t->key_bits);
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
	bool none_allowed = params->ke == 0 && !proposal_has_addke(params);

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
	if (!choose_encr(p) || !choose_addke(p, policy, params))
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
	sa_offer_add(o, IKE_TRANSFORM_ENCR, out->suite.encr, out->suite.key_bits);
	if (out->suite.prf)
		sa_offer_add(o, IKE_TRANSFORM_PRF, out->suite.prf, 0);
	if (p->seen[IKE_TRANSFORM_INTEG])
		sa_offer_add(o, IKE_TRANSFORM_INTEG, out->suite.integ, 0);
	if (p->seen[IKE_TRANSFORM_KE])
		sa_offer_add(o, IKE_TRANSFORM_KE, out->suite.ke, 0);
	for (unsigned type = IKE_TRANSFORM_ADDKE1; type <= IKE_TRANSFORM_ADDKE7; type++) {
		out->suite.addke[type - IKE_TRANSFORM_ADDKE1] = id_of(p->best[type]);
		if (p->seen[type])
			sa_offer_add(o, (enum ike_transform_type)type, id_of(p->best[type]), 0);
	}
	if (p->seen[IKE_TRANSFORM_ESN])
		sa_offer_add(o, IKE_TRANSFORM_ESN, out->suite.esn, 0);
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
