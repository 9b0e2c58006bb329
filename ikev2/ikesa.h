/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The IKE SA: SPIs, keys, endpoints, the message ID window of one request each way, the cached
 * last response, the queue of own requests.  All of it is plain data.
 * RFC 7296 sections 2.1 to 2.4, 2.6 and 2.18.
 */
#ifndef IKEV2_IKESA_H
#define IKEV2_IKESA_H

#include "ikev2/cookie.h"
#include "ikev2/dh.h"
#include "ikev2/engine.h"
#include "ikev2/frag.h"
#include "ikev2/fsm.h"
#include "ikev2/keymat.h"
#include "ikev2/message.h"
#include "ikev2/payload_nonce.h"
#include "ikev2/proposal.h"
#include "ikev2/sk.h"
#include "ikev2/trace.h"
#include "ikev2/ts.h"

struct nonce {
	uint16_t len;
	uint8_t data[NONCE_MAX];
};

struct view nonce_view(const struct nonce *n);
void nonce_set(struct nonce *n, struct view v); /* at most NONCE_MAX octets */
void nonce_make(struct ike_engine *e, struct nonce *n);

/* A message as it goes out: one IKE message, or all its fragments one behind the other (each has
 * its length in its header). */
struct message_out {
	uint8_t *bytes;
	size_t len;
};

/* Somebody waits for a DH job that is at the caller's. */
enum dh_purpose { DH_FOR_INITIAL, DH_FOR_OWN_REQUEST, DH_FOR_PEER_REQUEST };

struct dh_wait {
	struct map_node by_token;
	uint64_t token; /* 0: not waiting */
	enum dh_purpose purpose;
	struct ike_sa *sa;
	struct dh_spare *spare; /* of the job that is out, so that it can be saved */
};

/* Hand the job out; the wait must be idle. */
void dh_wait_start(struct ike_engine *e, struct dh_wait *w, struct ike_sa *sa,
		   enum dh_purpose purpose, struct ike_dh_job *job);
void dh_wait_cancel(struct ike_engine *e, struct dh_wait *w); /* harmless when idle */

/* What only the initiator of the first exchanges keeps: half-open IKE SAs stay small without it. */
struct asking {
	struct proposal_list offer;
	uint8_t cookie[COOKIE_MAX];
	size_t cookie_len;
	unsigned cookie_rounds, group_rounds;
	bool doubted;		  /* an unprotected error came; it is asked again */
	struct ike_failure doubt; /* that error */
	struct message_out own;	  /* IKE_SA_INIT as sent, goes into AUTH (RFC 7296 section 2.15) */
	struct ike_ts_list tsi, tsr;
	struct proposal_list child_offer;
};

/* Additional key exchanges (RFC 9370), see intermediate.h. */
struct more_keys {
	unsigned rounds;				/* that are done */
	struct secret int_auth_i, int_auth_r, int_auth; /* RFC 9242 section 3.3.2 */
	struct message_header
		asked;		/* responder: request that waits for its job; exchange 0: none */
	struct message_out own; /* responder: IKE_SA_INIT as sent, goes into AUTH */
};

/* Scratch of IKE_SA_INIT and IKE_AUTH; freed once the IKE SA is established or closed. */
struct initial {
	struct asking *asking; /* initiator */
	struct nonce ni, nr;
	struct message_out peer; /* IKE_SA_INIT as received; our answer is the last response */
	struct dh_wait wait;
	struct ike_dh_job *job;	       /* own key pair, while it is here */
	struct proposal_choice choice; /* responder */
	struct ip_endpoint from;       /* responder: where IKE_SA_INIT came from */
	char *peer_offer;	/* responder: in words, for the tunnel that it turns out to be */
	bool inquiry;		/* only asks what the peer would take */
	bool ppk;		/* both sides have announced RFC 8784 */
	struct more_keys *more; /* additional key exchanges; NULL: none yet */
	bool lie;		/* falsify the NAT detection hash of our address */
	struct child_sa *child; /* the first one, still without keys */
};

enum task_kind {
	TASK_CHILD_CREATE,
	TASK_CHILD_REKEY,
	TASK_CHILD_DELETE,
	TASK_IKE_REKEY,
	TASK_IKE_DELETE,
	TASK_LIVENESS,
	TASK_ROUTABILITY, /* MOBIKE: does the peer answer from its new address? */
	TASK_REDIRECT,	  /* the peer is to go to another gateway */
	TASK_TOKEN,	  /* the peer gets our token of this IKE SA (RFC 6290) */
	TASK_KIND_COUNT
};

enum task_step {
	STEP_QUEUED,
	STEP_KEY,    /* own DH key is being computed */
	STEP_SENT,   /* request is out */
	STEP_SECRET, /* shared secret is being computed */
};

struct followup;

/* A request of ours, from the wish to its end. */
struct task {
	struct list link; /* in ike_sa.tasks while queued */
	enum task_kind kind;
	enum task_step step;
	uint32_t child;	   /* the Child SA that it rekeys or deletes */
	uint16_t group;	   /* of our KE payload; 0: none */
	unsigned tries;	   /* INVALID_KE_PAYLOAD answers */
	uint32_t gone_spi; /* the peer deleted this one before we heard of it */
	bool wide;	   /* rekeying: everything is offered, not only what is in use */
	unsigned notify;   /* IKE_DELETE: error to name beside; 0: none */
	struct dh_wait wait;
	struct ike_dh_job *job;
	struct nonce ni, nr;
	struct proposal_list offer;
	struct proposal_choice choice;
	struct child_sa *new_child; /* without keys until the answer came */
	struct ike_sa *new_sa;
	struct ike_ts_list local_ts, remote_ts;
	struct followup *more; /* additional key exchanges; NULL: none */
	struct {
		bool seen; /* the peer rekeys the same SA, and we said yes */
		struct nonce ni, nr;
		uint64_t sa_spi; /* own SPI of the IKE SA that came of it; 0: not yet */
	} collision;
};

/* A request of the peer that waits for its DH job, or for the peer's next key exchange. */
struct peer_request {
	struct message_header header;
	struct dh_wait wait;
	struct nonce ni, nr;
	struct proposal_choice choice;
	struct ts_answer ts;
	uint32_t rekeys; /* Child SA; 0: a new one */
	bool is_ike;	 /* rekeys the IKE SA */
	struct child_sa *new_child;
	struct ike_sa *new_sa;
	struct followup *more; /* additional key exchanges; NULL: none yet */
	uint64_t until_ms;     /* as ike_sa.pending: that the next one is waited for */
};

struct ike_sa {
	struct map_node by_spi;
	uint64_t own_spi;
	struct map_node by_init; /* responder: in engine.inits */
	uint8_t init_key[16];
	bool in_inits;
	struct list of_tunnel; /* in tunnel.sas */
	struct list closed;    /* in engine.closed */
	struct tunnel *tunnel; /* NULL: not known yet, or not any more */
	uint32_t tunnel_id;    /* for actions */
	enum sa_state state;
	bool initiator;		  /* we are its original initiator */
	bool half_open;		  /* counted as such */
	struct list of_half_open; /* in engine.half_opens, oldest first */
	uint64_t spi_i, spi_r;
	struct ip_endpoint local, remote;
	struct ip_endpoint esp; /* the peer's for ESP, when it is another one; port 0: it is not */
	struct {
		uint8_t cookie[16];
		struct ip_endpoint remote; /* that it was sent to */
	} check;			   /* RFC 4555 section 3.7 */
	bool mobike;			   /* the peer may change its address (RFC 4555) */
	bool natt;			   /* messages carry the non-ESP marker */
	bool nat_local, nat_remote, forced_encap;
	bool peer_fragments;	  /* the peer can reassemble */
	bool peer_childless;	  /* the peer can do IKE_AUTH without Child SA */
	bool child_refused;	  /* the one in IKE_AUTH was */
	bool ppk;		  /* a PPK is in its keys (RFC 8784) */
	bool peer_redirects;	  /* the peer goes where it is sent (RFC 5685) */
	struct secret peer_token; /* that it gave us for this IKE SA, see qcd.h */
	struct {
		uint64_t until_ms; /* they are counted */
		uint8_t count;
	} wrong_tokens;
	struct ip_addr redirected_from; /* who sent us to this peer; IP_NONE: nobody */
	bool wants_children;		/* we see to it that the profile's networks are covered */
	struct ike_suite suite;
	struct keymat_ike keys; /* only SK_d, SK_pi and SK_pr stay */
	struct sk_key seal, open;
	struct ike_id peer_id;

	uint32_t send_id; /* of our next request */
	uint32_t recv_id; /* of the peer's next request */
	struct {
		bool open;
		uint32_t id;
		uint8_t exchange;
		uint32_t sent;	   /* times */
		uint32_t pushed;   /* times beside the plan (ike_engine_probe) */
		uint64_t first_ms; /* when it was first sent */
		struct message_out message;
	} request; /* ours */
	struct {
		bool valid;
		uint32_t id;
		uint64_t hash; /* of the request that it answers */
		struct message_out message;
	} response;	    /* the last one we gave */
	uint64_t peer_hash; /* of the request being answered */
	struct {
		struct ip_endpoint local, remote;
		bool natt;
	} answer; /* where the request being answered came from and to (section 2.11) */
	struct frag request_fragments, answer_fragments; /* of the peer's; ids are the same */

	struct list tasks; /* queued */
	struct task *own;  /* under way */
	struct peer_request *theirs;
	struct peer_request *pending; /* answered, but key exchanges follow (followup.h) */
	struct initial *initial;
	struct list children; /* struct child_sa.of_sa, in order of creation */

	struct timer retransmit, half_open_end, liveness, dead, doubt, rekey, expire, nat_keepalive,
		work, release;
	uint64_t created_ms;	 /* first message of the lineage */
	uint64_t established_ms; /* first IKE SA of the lineage */
	uint64_t since_ms;	 /* this one */
	uint64_t last_rx_ms;	 /* authenticated, IKE or ESP */
	uint64_t rtt_at_ms;	 /* when the last round trip was measured, 0: never */
	uint32_t rtt_ms;
	struct {
		uint64_t next_ms;  /* before that no other one is believed */
		uint64_t since_ms; /* of the one that is looked into; 0: none */
		uint8_t seen, asked;
	} hint;			 /* that the peer has forgotten us, see liveness.h */
	uint64_t hold_until_ms;	 /* no own requests before */
	uint64_t want_after_ms;	 /* no new Child SAs before */
	unsigned refusals;	 /* of new Child SAs, one after the other */
	uint64_t stuck_since_ms; /* all our requests get TEMPORARY_FAILURE; 0: no */
	uint64_t rekey_at_ms, expire_at_ms;
	bool lineage_initiator; /* we initiated the first IKE SA of the lineage */
	struct {
		uint8_t len;
		uint8_t data[NONCE_LEN];
	} low;		   /* lower nonce of the lineage's IKE_SA_INIT; its first octets tell
			      it from others */
	bool redundant;	   /* lost a collision; the peer deletes it */
	uint64_t replaces; /* own SPI of the IKE SA whose Child SAs it gets when a collision is
			      decided; 0: none */
};

/* A new IKE SA with a fresh own SPI; NULL when max_ike_sas is reached. */
struct ike_sa *ike_sa_new(struct ike_engine *e, bool initiator);
/* One as it was; NULL: the SPI is not possible, or in use. */
struct ike_sa *ike_sa_restore(struct ike_engine *e, uint64_t own_spi, bool initiator);
/* By own SPI; or NULL. */
struct ike_sa *ike_sa_find(const struct ike_engine *e, uint64_t own_spi);
/* Both SPIs are known now: spi_i and spi_r follow the role. */
void ike_sa_set_peer_spi(struct ike_sa *sa, uint64_t peer_spi);
void ike_sa_set_tunnel(struct ike_sa *sa, struct tunnel *t); /* NULL: leaves it */

/* The one function that changes the state; ERR_WRONG_STATE: no such transition, nothing changed. */
int ike_sa_event(struct ike_engine *e, struct ike_sa *sa, enum sa_event ev);
bool ike_sa_is_usable(const struct ike_sa *sa); /* established and not replaced */

/* Take over derived keys: SK_d and SK_p stay in keys, the others go to seal and open. */
int ike_sa_set_keys(struct ike_engine *e, struct ike_sa *sa, struct keymat_ike *keys) WARN_UNUSED;
/* Hand the keys of its SK payloads out, if that is enabled and they are known. */
void ike_sa_keylog(struct ike_engine *e, const struct ike_sa *sa);

/* Lifetime, liveness and NAT timers of a fresh IKE SA. */
void ike_sa_start_timers(struct ike_engine *e, struct ike_sa *sa);
/* Profile changed: the same from now on. */
void ike_sa_restart_timers(struct ike_engine *e, struct ike_sa *sa);

/* IKE_SA_INIT and IKE_AUTH are done: counters, timers, UP, what follows from it. */
void ike_sa_established(struct ike_engine *e, struct ike_sa *sa);
/* sa takes over from old: Child SAs, queue, liveness.  old becomes REKEYED. */
void ike_sa_inherit(struct ike_engine *e, struct ike_sa *sa, struct ike_sa *old);
/* TEMPORARY_FAILURE came again: true when it has come for minutes (RFC 7296 section 2.25). */
bool ike_sa_is_stuck(struct ike_engine *e, struct ike_sa *sa);
/* Then both sides do not agree on what there is: it ends, and begins anew. */
void ike_sa_unstick(struct ike_engine *e, struct ike_sa *sa);
/* What both kinds of rekeyed IKE SAs copy from their predecessor when they are made. */
void ike_sa_copy_lineage(struct ike_sa *sa, const struct ike_sa *old);

/* End: no more words.  Child SAs go, the tunnel forgets it.  linger_ms: go on repeating the last
 * response that long.  The object is freed after the current call at the earliest. */
void ike_sa_close(struct ike_engine *e, struct ike_sa *sa, uint32_t linger_ms);
/* End with a DELETE to the peer; notify: error to name in it, 0: none. */
void ike_sa_delete(struct ike_engine *e, struct ike_sa *sa, unsigned notify);
/* End because of a failure that the tunnel shall show; tell: send DELETE. */
void ike_sa_fail(struct ike_engine *e, struct ike_sa *sa, const struct ike_failure *f, bool tell);
void ike_sa_free(struct ike_engine *e, struct ike_sa *sa);

/* Our IKE_SA_INIT message, during the initial exchanges: our answer is the last response until
 * another one is given. */
const struct message_out *first_own_message(const struct ike_sa *sa);
void initial_free(struct ike_engine *e, struct ike_sa *sa);
void message_out_set(struct message_out *m, struct view bytes);
void message_out_clear(struct message_out *m);
/* Authentic traffic came in. */
void ike_sa_heard(struct ike_engine *e, struct ike_sa *sa, uint64_t at_ms);

#endif
