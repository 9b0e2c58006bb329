/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IKE_INTERMEDIATE (RFC 9242) with additional key exchanges (RFC 9370 section 2.2): between
 * IKE_SA_INIT and IKE_AUTH, one exchange for each ADDKE transform that was negotiated.  Each makes
 * the next generation of keys; what was said in them goes into AUTH.
 */
#ifndef IKEV2_INTERMEDIATE_H
#define IKEV2_INTERMEDIATE_H

#include "ikev2/exchange.h"

/* Is an additional key exchange still to come on this IKE SA? */
bool intermediate_is_due(const struct ike_sa *sa);

/* Initiator: the next one begins; its answer. */
void intermediate_start(struct ike_engine *e, struct ike_sa *sa);
void intermediate_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
/* Responder. */
void intermediate_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
/* A job of either is done; the state says which. */
void intermediate_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job);

/* What AUTH is about beside the first messages; empty: there was no IKE_INTERMEDIATE. */
struct view intermediate_auth(const struct ike_sa *sa);
void intermediate_free(struct more_keys *m); /* accepts NULL */

/* A message of an IKE_INTERMEDIATE exchange, before it is sealed or after it was opened: IntAuth
 * (RFC 9242 section 3.3.2) with the keys that protect it.  ERR_UNSUPPORTED, ERR_CRYPTO. */
int intermediate_note(struct ike_engine *e, struct ike_sa *sa, const struct message_header *h,
		      uint8_t first, struct view chain) WARN_UNUSED;

#endif
