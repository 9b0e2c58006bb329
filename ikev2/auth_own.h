/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our own identity and its proof in IKE_AUTH, as the initiator and as the responder.
 * RFC 7296 section 2.15. */
#ifndef IKEV2_AUTH_OWN_H
#define IKEV2_AUTH_OWN_H

#include "ikev2/exchange.h"

/* What is proved by whom: by_initiator is about the original initiator, sk_p is its SK_pi or the
 * responder's SK_pr, id_body its ID payload.  The input looks into sa and what is passed. */
struct keymat_auth_input auth_input(const struct ike_sa *sa, const struct secret *psk,
				    const struct keymat_ike *keys, bool by_initiator,
				    struct view id_body);

/* The AUTH data alone (NO_PPK_AUTH). */
int auth_own_make(struct ike_engine *e, const struct ike_sa *sa, const struct keymat_ike *keys,
		  struct secret *out) WARN_UNUSED;
/* IDi or IDr, and AUTH. */
int auth_own_write(struct ike_engine *e, const struct ike_sa *sa, const struct keymat_ike *keys,
		   struct message_builder *b) WARN_UNUSED;

#endif
