/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The initiator's check of the answer (RFC 7296 section 3.3.6); proposal_verify of proposal.h. */
#include "ikev2/proposal.h"

#include <string.h>

#define TYPES (IKE_TRANSFORM_ADDKE7 + 1) /* transform types by their number */

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
	return t->id == 0 && (t->type == IKE_TRANSFORM_INTEG || t->type == IKE_TRANSFORM_KE ||
			      t->type >= IKE_TRANSFORM_ADDKE1);
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
	if (t->type >= IKE_TRANSFORM_ADDKE1) {
		s->addke[t->type - IKE_TRANSFORM_ADDKE1] = t->id;
		return;
	}
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
		if (t.odd || t.type < IKE_TRANSFORM_ENCR || t.type > IKE_TRANSFORM_ADDKE7 ||
		    seen[t.type])
			return false;
		if (!offers(ours, &t) && !(is_none(&t) && !offers_type(ours, t.type)))
			return false;
		seen[t.type] = true;
		suite_take(&s, &t);
	}
	for (unsigned type = IKE_TRANSFORM_ENCR; type <= IKE_TRANSFORM_ADDKE7; type++) {
		struct sa_transform none = {.type = (uint8_t)type};

		if (offers_type(ours, none.type) && !seen[type] &&
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
