/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an initiator claims in IKE_AUTH: who it is, whom it wants, and the AUTH that proves it; and
 * why a claim does not hold.  RFC 7296 sections 2.15 and 3.5.
 */
#ifndef IKEV2_AUTH_CLAIM_H
#define IKEV2_AUTH_CLAIM_H

#include "ikev2/exchange.h"
#include "ikev2/payload_auth.h"
#include "ikev2/payload_id.h"
#include "ikev2/ppk.h"

struct claim {
	struct payload_id id;
	struct ike_id id_i, id_r; /* id_r: what the peer wants us to be, or NONE */
	struct payload_auth auth;
	bool has_auth;
	struct view ppk_identity, no_ppk_auth; /* of RFC 8784; empty: not there */
};

/* False: a payload is missing or malformed. */
bool claim_read(const struct message_in *in, struct claim *c);
/* Does this AUTH data fit the key?  keys: those of the IKE SA, or with a PPK in them. */
bool claim_fits(struct ike_engine *e, const struct ike_sa *sa, const struct secret *psk,
		const struct keymat_ike *keys, struct view auth, const struct claim *c);
/* Why AUTH does not hold for the tunnel that the identity names. */
struct ike_failure claim_failure(struct ike_engine *e, const struct ike_sa *sa,
				 const struct message_in *in, const struct tunnel *t,
				 const struct claim *c, enum ppk_way way);
/* No tunnel has the identity: shows it at the tunnel that it may be meant for.  The key tells for
 * certain whose peer it is, the address makes it likely. */
void claim_explain_unknown(struct ike_engine *e, const struct ike_sa *sa,
			   const struct message_in *in, const struct claim *c);

#endif
