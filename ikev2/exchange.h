/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The driver of exchanges: requests and responses of one IKE SA go out, are repeated, come in, are
 * opened, matched and handed to the exchange that they belong to; own requests wait in a queue.
 * RFC 7296 sections 1.4, 2.1 to 2.5 and 2.21.
 */
#ifndef IKEV2_EXCHANGE_H
#define IKEV2_EXCHANGE_H

#include "ikev2/child.h"
#include "ikev2/collision.h"

#define EXCHANGE_CHAIN_MAX   8192 /* payloads inside SK */
#define EXCHANGE_MESSAGE_MAX 9216

/* An open message as the exchanges see it. */
struct message_in {
	struct message_header header;
	struct payload_list payloads; /* inner ones of protected messages */
	struct view bytes;	      /* the whole message as received */
	uint8_t first;		      /* type of the first payload inside SK */
	struct view chain;	      /* the inside of SK */
	struct ip_endpoint local, remote;
	bool natt;
};

/* The inside of a message being built. */
struct draft {
	uint8_t buf[EXCHANGE_CHAIN_MAX];
	struct message_builder b;
};

void draft_start(struct draft *d);

/* Seal the draft as our next request, send it, and repeat it until it is answered. */
int exchange_request(struct ike_engine *e, struct ike_sa *sa, uint8_t exchange,
		     struct draft *d) WARN_UNUSED;
/* The same with a finished message (IKE_SA_INIT). */
void exchange_request_clear(struct ike_engine *e, struct ike_sa *sa, uint8_t exchange,
			    struct view message);
/* Seal the draft as the response to the request with this header, send it, and keep it. */
int exchange_respond(struct ike_engine *e, struct ike_sa *sa, const struct message_header *request,
		     struct draft *d);
void exchange_respond_clear(struct ike_engine *e, struct ike_sa *sa, struct view message);
/* A response that holds one notify only. */
void exchange_respond_notify(struct ike_engine *e, struct ike_sa *sa,
			     const struct message_header *request, unsigned notify,
			     struct view data);
/* A request that cannot be read: INVALID_SYNTAX, and the IKE SA ends (RFC 7296 section 2.21.3).
 * why: "lengths of payloads", goes into the evidence. */
void exchange_refuse_syntax(struct ike_engine *e, struct ike_sa *sa,
			    const struct message_header *request, const char *why);
/* The open request is answered or abandoned. */
void exchange_request_done(struct ike_engine *e, struct ike_sa *sa);
/* The open request, or the last response, once more. */
void exchange_resend_request(struct ike_engine *e, struct ike_sa *sa);
void exchange_resend_response(struct ike_engine *e, struct ike_sa *sa);
/* Responses go where the request came from (RFC 7296 section 2.11). */
void exchange_answer_to(struct ike_sa *sa, const struct message_in *in);

/* A message for this IKE SA (not IKE_SA_INIT). */
void exchange_receive(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);

/* An unprotected response with one notify, never larger than the request, and not too often. */
void exchange_reply_clear(struct ike_engine *e, const struct message_in *in, uint16_t notify,
			  struct view data);

/* Retransmission timer. */
void exchange_on_retransmit(struct ike_engine *e, struct ike_sa *sa);

/* Own requests.  The task is adopted. */
struct task *task_new(enum task_kind kind);
void task_queue(struct ike_engine *e, struct ike_sa *sa, struct task *t);
void task_queue_first(struct ike_engine *e, struct ike_sa *sa, struct task *t);
/* Back to the front of the queue; it is started from the beginning. */
void task_requeue(struct ike_engine *e, struct ike_sa *sa, struct task *t);
/* Is one of this kind (about this Child SA, 0: any) queued or under way? */
bool task_is_pending(const struct ike_sa *sa, enum task_kind kind, uint32_t child);
/* Starts the next one when nothing is open. */
void task_work(struct ike_engine *e, struct ike_sa *sa);
/* The one under way ended. */
void task_done(struct ike_engine *e, struct ike_sa *sa);
void task_free(struct ike_engine *e, struct task *t);
void tasks_drop(struct ike_engine *e, struct ike_sa *sa); /* all, also the one under way */
void peer_request_free(struct ike_engine *e, struct ike_sa *sa);

/* ---- The exchanges --------------------------------------------------------------------------- */

/* IKE_SA_INIT */
void init_start(struct ike_engine *e, struct tunnel *t);
void init_request(struct ike_engine *e, struct message_in *in);
void init_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
/* What would the peer take (exch_inquiry.c)? */
bool inquiry_is_due(const struct ike_engine *e, const struct tunnel *t);
void inquiry_write(const struct ike_sa *sa, struct message_builder *b);
/* False: no answer yet.  True: it was told, or is to be asked again with retry_group (not 0). */
bool inquiry_response(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		      uint16_t *retry_group);
/* The same refusal again: what was learnt still holds. */
void inquiry_recall(const struct tunnel *t, struct ike_failure *f);
bool inquiry_is_over(const struct ike_sa *sa);
/* IKE_AUTH of the peer is late: said first, the end later. */
void init_half_open_late(struct ike_engine *e, struct ike_sa *sa);
void init_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job);
/* Keys from the finished job of IKE_SA_INIT, or of an additional key exchange after it. */
int init_derive(struct ike_engine *e, struct ike_sa *sa, const struct ike_dh_job *job) WARN_UNUSED;
/* Responder: the job is finished, adopts it. */
void init_answer_ready(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job);
void init_timeout(struct ike_engine *e, struct ike_sa *sa);
/* Retransmission; true when it dealt with the timer itself. */
bool init_doubt_resend(struct ike_engine *e, struct ike_sa *sa);

/* IKE_AUTH */
void auth_start(struct ike_engine *e, struct ike_sa *sa);
void auth_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
void auth_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);

/* IKE_AUTH with a Child SA cost the IKE SA: once more without it, if the peer can. */
void auth_without_child(struct ike_engine *e, struct tunnel *t, bool possible);

/* CREATE_CHILD_SA */
/* What we have under way, seen from a request about the Child SA old (NULL: none). */
enum collision_mine collision_mine_of(const struct ike_sa *sa, const struct child_sa *old);
void create_child_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
void child_task_start(struct ike_engine *e, struct ike_sa *sa, struct task *t);
void child_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
void child_own_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job);
void child_peer_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job);
/* The Child SA of IKE_AUTH: what is offered first, how both sides deal with it. */
void child_first_selectors(const struct tunnel *t, struct ike_ts_list *local,
			   struct ike_ts_list *remote);
void child_first_answer(struct ike_engine *e, struct ike_sa *sa, struct child_sa *c,
			struct message_in *in);
void child_first_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in,
			 struct draft *d);
/* SA payload with the SPI of c; group 0: no KE; previous: offer these algorithms only. */
void child_write_offer(const struct ike_sa *sa, const struct child_sa *c, uint16_t group,
		       const struct ike_suite *previous, struct proposal_list *offer,
		       struct draft *d);
/* A request of ours for a Child SA is open: the peer may have one that we do not know yet. */
bool child_may_be_new(const struct ike_sa *sa);
/* The peer refused a new one. */
void child_refused(struct ike_engine *e, struct ike_sa *sa, const struct message_in *in,
		   unsigned notify);
/* One that is wanted went away without a successor; it had been there since since_ms. */
void child_lost(struct ike_engine *e, struct ike_sa *sa, uint64_t since_ms);
/* Queue requests for networks of the profile that no Child SA covers. */
void child_want(struct ike_engine *e, struct ike_sa *sa);

void rekey_ike_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
void rekey_ike_task_start(struct ike_engine *e, struct ike_sa *sa, struct task *t);
void rekey_ike_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
void rekey_ike_own_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job);
void rekey_ike_peer_dh_done(struct ike_engine *e, struct ike_sa *sa, struct ike_dh_job *job);
/* The peer uses an IKE SA that waits for the end of a collision: it is the survivor. */
void rekey_ike_adopt(struct ike_engine *e, struct ike_sa *sa);

/* INFORMATIONAL */
void info_request(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);
void info_task_start(struct ike_engine *e, struct ike_sa *sa, struct task *t);
void info_response(struct ike_engine *e, struct ike_sa *sa, struct message_in *in);

#endif
