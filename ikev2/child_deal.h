/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Child SAs are negotiated with, in IKE_AUTH and CREATE_CHILD_SA alike: the responder's
 * decision, the initiator's check of the answer.  RFC 7296 sections 1.3.1, 2.9, 2.17 and 2.21.2.
 */
#ifndef IKEV2_CHILD_DEAL_H
#define IKEV2_CHILD_DEAL_H

#include "ikev2/exchange.h"
#include "ikev2/payload_ke.h"

struct child_deal {
	struct proposal_choice choice;
	struct ts_answer ts;
	struct payload_ke ke; /* of the peer; group 0: none came */
	struct view nonce;    /* of the peer; empty in IKE_AUTH */
};

/* Can the SA and TS payloads not be read?  Missing ones are no error here. */
bool child_deal_is_malformed(const struct message_in *in);

/* As the responder.  0, or the Notify to answer with.  For INVALID_KE_PAYLOAD the wanted group is
 * in choice.suite.ke. */
unsigned child_deal_accept(struct ike_engine *e, const struct ike_sa *sa,
			   const struct message_in *in, bool first, struct child_deal *out);

/* As the initiator: the answer keeps to what was offered. */
int child_deal_check(const struct ike_sa *sa, const struct message_in *in,
		     const struct proposal_list *offer, const struct ike_ts_list *local,
		     const struct ike_ts_list *remote, struct child_deal *out) WARN_UNUSED;

/* A positive answer: SA, [Nr, [KEr,]] TSi, TSr; nr and job may be NULL. */
void child_deal_write(const struct child_deal *deal, const struct child_sa *c,
		      const struct nonce *nr, const struct ike_dh_job *job, struct draft *d);

/* A Child SA could not be made: remember it and tell (child_why.c).  by_peer: in is the answer with
 * the error; otherwise in is what was refused here with this error. */
void child_failed(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		  unsigned notify, bool by_peer);
/* The same for rekeying the IKE SA. */
void ike_rekey_failed(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      unsigned notify, bool by_peer);

/* The group of the KE payload for a new one, or for rekeying old (may be NULL). */
uint16_t child_group(const struct ike_sa *sa, const struct child_sa *old);

#endif
