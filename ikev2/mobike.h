/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * MOBIKE as the responder (RFC 4555): a peer whose address is not configured may change it.  The
 * IKE SA follows at once; ESP follows when an answer has come from the new address (section 3.7),
 * so that nobody can point our packets at a third party.  Additional addresses are ignored.
 */
#ifndef IKEV2_MOBIKE_H
#define IKEV2_MOBIKE_H

#include "ikev2/exchange.h"

/* IKE_AUTH: does the peer want it, and may it?  Then MOBIKE_SUPPORTED goes into the answer. */
bool mobike_accept(struct ike_sa *sa, const struct message_in *in);
/* What an INFORMATIONAL request asks for, done, and written into its answer. */
void mobike_request(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		    struct message_builder *b);

/* The routability check is to be sent, and was answered.  False: the answer is not the one, and
 * the IKE SA must end. */
void mobike_check_write(struct ike_engine *e, struct ike_sa *sa, struct message_builder *b);
bool mobike_check_answered(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in);
/* sa has just taken over from old, which may have waited for a check. */
void mobike_inherit(struct ike_engine *e, struct ike_sa *sa, const struct ike_sa *old);

#endif
