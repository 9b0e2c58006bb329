/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Postquantum preshared keys (RFC 8784 section 3); see ppk.h. */
#include "ikev2/ppk.h"

#include "ikev2/auth_claim.h"
#include "ikev2/payload_notify.h"

#include <string.h>

#define ID_FIXED 2 /* RFC 8784 section 5.1: agreed on beforehand, any octets */

bool ppk_equal(const struct ike_ppk *a, const struct ike_ppk *b)
{
	return a->id_len == b->id_len && memcmp(a->id, b->id, a->id_len) == 0 &&
	       a->required == b->required && secret_equal(&a->key, &b->key);
}

int ppk_keys(struct ike_engine *e, const struct ike_sa *sa, const struct ike_ppk *p,
	     struct keymat_ike *out)
{
	secret_copy(&out->sk_d, &sa->keys.sk_d);
	secret_copy(&out->sk_pi, &sa->keys.sk_pi);
	secret_copy(&out->sk_pr, &sa->keys.sk_pr);
	return keymat_ppk_mix(e->crypto, sa->suite.prf, &p->key, out);
}

void ppk_adopt(struct ike_sa *sa, struct keymat_ike *keys)
{
	secret_move(&sa->keys.sk_d, &keys->sk_d);
	secret_move(&sa->keys.sk_pi, &keys->sk_pi);
	secret_move(&sa->keys.sk_pr, &keys->sk_pr);
	sa->ppk = true;
}

void ppk_write_identity(const struct ike_ppk *p, struct message_builder *b)
{
	uint8_t data[1 + IKE_PPK_ID_MAX] = {ID_FIXED};

	memcpy(data + 1, p->id, p->id_len);
	payload_notify_write(b, IKE_N_PPK_IDENTITY, view_of(data, 1u + p->id_len));
}

static bool names(struct view identity, const struct ike_ppk *p)
{
	struct reader r = reader_of(identity);

	return reader_u8(&r) == ID_FIXED && view_equal(reader_rest(&r), view_of(p->id, p->id_len));
}

enum ppk_way ppk_way(const struct ike_sa *sa, const struct ike_ppk *own, const struct claim *c)
{
	bool asked = sa->initial->ppk && c->ppk_identity.len > 0;
	bool have = ppk_is_set(own);

	if (!asked)
		return have && own->required ? PPK_IMPOSSIBLE : PPK_WITHOUT;
	if (have && names(c->ppk_identity, own))
		return PPK_WITH;
	if (c->no_ppk_auth.len == 0 || (have && own->required))
		return PPK_IMPOSSIBLE;
	return PPK_INSTEAD;
}
