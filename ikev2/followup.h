/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Additional key exchanges of a CREATE_CHILD_SA exchange (RFC 9370 section 2.2.4): after its answer
 * IKE_FOLLOWUP_KE exchanges, one for each, tied together by what ADDITIONAL_KEY_EXCHANGE carries.
 * The SA is made when the last one is done.  One series of the peer at a time; while it lasts, we
 * begin none of our own.
 */
#ifndef IKEV2_FOLLOWUP_H
#define IKEV2_FOLLOWUP_H

#include "ikev2/exchange.h"

#define FOLLOWUP_LINK_MAX 64
#define FOLLOWUP_LINK_LEN 8	/* ours */
#define FOLLOWUP_WAIT_MS  60000 /* for the peer's next one */

/* What is known between the exchanges. */
struct followup {
	unsigned rounds;	   /* of additional key exchanges that are done */
	struct secret first, more; /* SK(0); SK(1) | SK(2) | ... */
	size_t link_len;
	uint8_t link[FOLLOWUP_LINK_MAX];
};

void followup_free(struct followup *f); /* accepts NULL */
/* SK(0) or NULL, and the others or NULL, for the keys: shared when there is no f. */
const struct secret *followup_first(const struct followup *f, const struct secret *shared);
const struct secret *followup_more(const struct followup *f);

/* ---- Ours: t is under way ---- */

/* The answer to CREATE_CHILD_SA fits, what about its ADDITIONAL_KEY_EXCHANGE?  ERR_INVALID: one is
 * needed, and is not there. */
int followup_begin(struct task *t, const struct message_in *in) WARN_UNUSED;
/* A secret was computed.  True: the next key is being made, or the task ended for lack of it. */
bool followup_goes_on(struct ike_engine *e, struct ike_sa *sa, struct task *t,
		      const struct ike_dh_job *job);
/* Its key is there: send it. */
void followup_send(struct ike_engine *e, struct ike_sa *sa, struct task *t);
/* The answer.  0: its secret is being computed; otherwise the Notify of the peer, or INVALID_SYNTAX
 * when the answer is not valid. */
unsigned followup_response(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in);

/* ---- The peer's ---- */

/* A secret was computed for sa->theirs.  True: another exchange follows, and d, which holds the
 * answer so far, was sent with its link. */
bool followup_continues(struct ike_engine *e, struct ike_sa *sa, const struct ike_dh_job *job,
			struct draft *d);
void followup_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
/* Do we wait for the peer's next one? */
bool followup_is_pending(const struct ike_engine *e, const struct ike_sa *sa);

#endif
