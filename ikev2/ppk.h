/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Postquantum preshared keys, RFC 8784: what both sides say of them in IKE_SA_INIT and IKE_AUTH,
 * and the keys that come of it.  The computation itself is in keymat.h.
 */
#ifndef IKEV2_PPK_H
#define IKEV2_PPK_H

#include "ikev2/keymat.h"
#include "ikev2/message.h"

struct claim;
struct ike_engine;
struct ike_sa;

static inline bool ppk_is_set(const struct ike_ppk *p)
{
	return p->id_len > 0 && p->key.len > 0;
}

bool ppk_equal(const struct ike_ppk *a, const struct ike_ppk *b);

/* Copies of SK_d, SK_pi and SK_pr with the PPK mixed in; the others stay empty.  Free with
 * keymat_ike_clear. */
int ppk_keys(struct ike_engine *e, const struct ike_sa *sa, const struct ike_ppk *p,
	     struct keymat_ike *out) WARN_UNUSED;
/* These are the keys of the IKE SA from now on. */
void ppk_adopt(struct ike_sa *sa, struct keymat_ike *keys);

/* PPK_IDENTITY of the request. */
void ppk_write_identity(const struct ike_ppk *p, struct message_builder *b);

/* The responder's decision, table 1 of RFC 8784 section 3. */
enum ppk_way {
	PPK_WITHOUT,	/* as if there were no PPK: the AUTH payload counts */
	PPK_WITH,	/* mixed in: the AUTH payload counts */
	PPK_INSTEAD,	/* not mixed in: NO_PPK_AUTH counts */
	PPK_IMPOSSIBLE, /* one side insists, the other does not have it */
};
enum ppk_way ppk_way(const struct ike_sa *sa, const struct ike_ppk *own, const struct claim *c);

#endif
