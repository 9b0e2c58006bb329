/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both sides' proposals beside each other; see proposal_explain.h.  A proposal of ours and one of
 * the peer's make a pair; the pair with the fewest differences is the one that the operators of
 * both sides most likely mean.  RFC 7296 sections 1.2, 3.3.2, 3.3.3 and 3.3.6.
 */
#include "ikev2/proposal_explain.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

#define ALGORITHMS_MAX 64 /* of one type in one proposal; further ones are not compared */

/* The transforms of one type in one proposal. */
struct column {
	size_t count;
	struct sa_transform item[ALGORITHMS_MAX];
};

static const struct attribute {
	unsigned type;
	const char *name;
} attributes[] = {
	{IKE_TRANSFORM_ENCR, "encryption"}, {IKE_TRANSFORM_INTEG, "integrity"},
	{IKE_TRANSFORM_PRF, "prf"},	    {IKE_TRANSFORM_KE, "dh-group"},
	{IKE_TRANSFORM_ESN, "esn"},	    {IKE_TRANSFORM_ADDKE1, "additional-ke"},
};
#define ATTRIBUTES ARRAY_LEN(attributes)
#define GROUP	   3 /* row of attributes */
#define ADDITIONAL 5

struct sides {
	struct column here[ATTRIBUTES], peer[ATTRIBUTES];
	bool differs[ATTRIBUTES];
};

/* Additional key exchanges are shown together. */
static unsigned type_of(const struct sa_transform *t)
{
	return t->type > IKE_TRANSFORM_ADDKE1 && t->type <= IKE_TRANSFORM_ADDKE7
		       ? IKE_TRANSFORM_ADDKE1
		       : t->type;
}

static void take(struct column *columns, const struct sa_transform *t)
{
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		struct column *c = &columns[i];

		if (attributes[i].type == type_of(t) && c->count < ALGORITHMS_MAX)
			c->item[c->count++] = *t;
	}
}

static bool is_same(const struct sa_transform *a, const struct sa_transform *b)
{
	return a->id == b->id && a->key_bits == b->key_bits && !a->odd && !b->odd;
}

static void take_once(struct column *columns, const struct sa_transform *t)
{
	for (size_t i = 0; i < ATTRIBUTES; i++)
		for (size_t k = 0; k < columns[i].count; k++)
			if (attributes[i].type == type_of(t) && is_same(&columns[i].item[k], t))
				return;
	take(columns, t);
}

static bool have_common(const struct column *a, const struct column *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (is_same(&a->item[i], &b->item[k]))
				return true;
	return false;
}

static bool is_aead(const struct sa_transform *t)
{
	return t->id == IKE_ENCR_CHACHA20_POLY1305 ||
	       (t->id >= IKE_ENCR_AES_CCM_16 - 2 && t->id <= IKE_ENCR_AES_GCM_16);
}

static bool any_cipher_is(const struct column *c, bool aead)
{
	for (size_t i = 0; i < c->count; i++)
		if (is_aead(&c->item[i]) == aead)
			return true;
	return false;
}

static bool has_id(const struct column *c, uint16_t id)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->item[i].id == id)
			return true;
	return false;
}

/* Integrity matters where both take a cipher without its own; AES-GCM must come without
 * (section 3.3). */
static bool integrity_differs(const struct column *encr_here, const struct column *encr_peer,
			      const struct column *here, const struct column *peer)
{
	if (any_cipher_is(encr_here, false) && any_cipher_is(encr_peer, false))
		return !have_common(here, peer);
	if (any_cipher_is(encr_here, true) && any_cipher_is(encr_peer, true))
		return peer->count > 0 && !has_id(peer, IKE_INTEG_NONE);
	return false;
}

/* For ESP, no group at all says NONE. */
static bool group_differs(const struct column *here, const struct column *peer, bool esp)
{
	if (esp && peer->count == 0)
		return here->count > 0 && !has_id(here, IKE_KE_NONE);
	if (esp && here->count == 0)
		return !has_id(peer, IKE_KE_NONE);
	return !have_common(here, peer);
}

/* RFC 9370: each one that this side wants must be there, and the others must be optional. */
static bool additional_differs(const struct column *here, const struct column *peer)
{
	for (size_t i = 0; i < here->count; i++) {
		bool found = false;

		for (size_t k = 0; k < peer->count; k++)
			found |= here->item[i].type == peer->item[k].type &&
				 is_same(&here->item[i], &peer->item[k]);
		if (!found)
			return true;
	}
	for (size_t k = 0; k < peer->count; k++) {
		bool optional = false;

		for (size_t i = 0; i < here->count; i++)
			optional |= here->item[i].type == peer->item[k].type;
		for (size_t i = 0; i < peer->count; i++)
			optional |=
				peer->item[i].type == peer->item[k].type && peer->item[i].id == 0;
		if (!optional)
			return true;
	}
	return false;
}

static size_t compare(struct sides *s, uint8_t protocol, bool ike_auth)
{
	bool esp = protocol == IKE_PROTO_ESP;
	size_t count = 0;

	for (size_t i = 0; i < ATTRIBUTES; i++) {
		const struct column *here = &s->here[i], *peer = &s->peer[i];

		switch ((enum ike_transform_type)attributes[i].type) {
		case IKE_TRANSFORM_ENCR:
			s->differs[i] = !have_common(here, peer);
			break;
		case IKE_TRANSFORM_INTEG:
			s->differs[i] = integrity_differs(&s->here[0], &s->peer[0], here, peer);
			break;
		case IKE_TRANSFORM_PRF:
			s->differs[i] = !esp && !have_common(here, peer);
			break;
		case IKE_TRANSFORM_KE:
			s->differs[i] = !(esp && ike_auth) && group_differs(here, peer, esp);
			break;
		case IKE_TRANSFORM_ESN:
			s->differs[i] = esp && !have_common(here, peer);
			break;
		}
		if (i == ADDITIONAL)
			s->differs[i] = !(esp && ike_auth) && additional_differs(here, peer);
		count += s->differs[i];
	}
	return count;
}

static void fill(struct sides *s, const struct sa_offer *ours, const struct sa_proposal *theirs)
{
	struct reader r = reader_of(theirs->transforms);
	struct sa_transform t;

	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < ours->count; i++)
		take(s->here, &ours->transform[i]);
	while (sa_transform_next(&r, &t))
		take(s->peer, &t);
}

/* ---- Texts ----------------------------------------------------------------------------------- */

static void list_text(const struct column *c, char buf[IKE_COMPARISON_TEXT])
{
	char name[64];
	size_t len = 0;

	snprintf(buf, IKE_COMPARISON_TEXT, "none");
	for (size_t i = 0; i < c->count; i++) {
		size_t n = strlen(sa_transform_text(&c->item[i], name, sizeof(name)));

		if (len + n + 8 > IKE_COMPARISON_TEXT) { /* room for ", ..." stays */
			snprintf(buf + len, IKE_COMPARISON_TEXT - len, ", ...");
			return;
		}
		len += (size_t)snprintf(buf + len, IKE_COMPARISON_TEXT - len, "%s%s", i ? ", " : "",
					name);
	}
}

static void write_rows(const struct sides *s, bool ike_auth, struct ike_comparison *out)
{
	for (size_t i = 0; i < ATTRIBUTES; i++) {
		bool empty = s->here[i].count == 0 && s->peer[i].count == 0;

		if (empty || (ike_auth && attributes[i].type == IKE_TRANSFORM_KE))
			continue;
		snprintf(out->row[out->count].attribute, sizeof(out->row[0].attribute), "%s",
			 attributes[i].name);
		list_text(&s->here[i], out->row[out->count].here);
		list_text(&s->peer[i], out->row[out->count].peer);
		out->row[out->count].differs = s->differs[i];
		out->count++;
	}
}

size_t proposal_explain(const struct proposal_list *ours, const struct payload_sa *theirs,
			bool ike_auth, struct ike_comparison *out)
{
	size_t fewest = SIZE_MAX;
	struct sides s, best;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < ours->count; i++)
		for (size_t k = 0; k < theirs->count; k++) {
			size_t n;

			if (ours->item[i].protocol != theirs->item[k].protocol)
				continue;
			fill(&s, &ours->item[i], &theirs->item[k]);
			n = compare(&s, ours->item[i].protocol, ike_auth);
			if (n < fewest) {
				fewest = n;
				best = s;
			}
		}
	if (fewest == SIZE_MAX)
		return 0;
	snprintf(out->subject, sizeof(out->subject), "%s proposal",
		 ours->item[0].protocol == IKE_PROTO_IKE ? "IKE" : "ESP");
	write_rows(&best, ike_auth, out);
	return fewest;
}

void proposal_show_ours(const struct proposal_list *ours, bool ike_auth, struct ike_comparison *out)
{
	struct sides s = {.differs = {false}};

	memset(out, 0, sizeof(*out));
	snprintf(out->subject, sizeof(out->subject), "%s proposal",
		 ours->count > 0 && ours->item[0].protocol == IKE_PROTO_IKE ? "IKE" : "ESP");
	for (size_t i = 0; i < ours->count; i++)
		for (size_t k = 0; k < ours->item[i].count; k++)
			take_once(s.here, &ours->item[i].transform[k]);
	write_rows(&s, ike_auth, out);
	for (size_t i = 0; i < out->count; i++)
		snprintf(out->row[i].peer, sizeof(out->row[i].peer), "not told");
}

void comparison_groups(uint16_t here, uint16_t peer, struct ike_comparison *out)
{
	struct sides s = {.differs = {false}};
	struct sa_transform group = {.type = IKE_TRANSFORM_KE, .id = here};

	memset(out, 0, sizeof(*out));
	snprintf(out->subject, sizeof(out->subject), "key exchange");
	take(s.here, &group);
	group.id = peer;
	take(s.peer, &group);
	s.differs[GROUP] = here != peer;
	write_rows(&s, false, out);
}

void proposal_accepted(uint8_t protocol, const struct ike_parameters *params, bool esn,
		       struct proposal_list *out)
{
	struct proposal_request rq = {.protocol = protocol,
				      .params = params,
				      .tier = PROPOSAL_TIER_2,
				      .ke = proposal_first_ke(params, PROPOSAL_TIER_1),
				      .esn = esn};

	proposal_build(&rq, out);
}

const char *comparison_text(const struct ike_comparison *c, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < c->count; i++) {
		char one[200];
		size_t n;

		if (!c->row[i].differs)
			continue;
		n = (size_t)snprintf(one, sizeof(one), "%s%s differs: here %.60s, peer %.60s",
				     len ? "; " : "", c->row[i].attribute, c->row[i].here,
				     c->row[i].peer);
		if (len + n >= size) /* those that fit say enough */
			break;
		memcpy(buf + len, one, n + 1);
		len += n;
	}
	return buf;
}
