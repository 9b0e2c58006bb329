/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of an engine: its tables, its clock, its queue of actions, its counters.  Shared by
 * the files of the state machine; never seen by callers (ike.h is theirs).
 */
#ifndef IKEV2_ENGINE_H
#define IKEV2_ENGINE_H

#include "ikev2/halfopen.h"
#include "ikev2/ike.h"
#include "ikev2/recall.h"
#include "ikev2/step.h"
#include "platform/base/heap.h"
#include "platform/base/list.h"
#include "platform/base/map.h"

#define PEER_OFFER_MAX 320 /* what a peer offered, in words */

struct child_sa;
struct crypto;
struct ike_sa;
struct tunnel;

enum counter {
	COUNTER_RX,
	COUNTER_TX,
	COUNTER_RX_MALFORMED,	  /* not an IKE message, or cut short */
	COUNTER_RX_MAJOR_VERSION, /* other major version */
	COUNTER_RX_UNKNOWN_SPI,
	COUNTER_RX_UNEXPECTED,	  /* not possible in the state of its SA, or outside the window */
	COUNTER_RX_RETRANSMIT,	  /* answered from the cache */
	COUNTER_RX_NOT_AUTHENTIC, /* integrity check failed */
	COUNTER_RX_INVALID_SYNTAX,
	COUNTER_RX_UNPROTECTED_NOTIFY,
	COUNTER_RX_TOO_OFTEN,	 /* CREATE_CHILD_SA that an authenticated peer asks over and over */
	COUNTER_RX_DROPPED_LOAD, /* half-open or SA limit */
	COUNTER_RETRANSMITS,
	COUNTER_TIMEOUTS,
	COUNTER_COOKIES_SENT,
	COUNTER_COOKIES_REPLAYED, /* as initiator */
	COUNTER_REPLIES_SUPPRESSED,
	COUNTER_INIT_REQUESTS,
	COUNTER_AUTH_FAILED,
	COUNTER_UNKNOWN_PEER,
	COUNTER_IKE_ESTABLISHED,
	COUNTER_IKE_REKEYED,
	COUNTER_CHILD_INSTALLED,
	COUNTER_CHILD_REKEYED,
	COUNTER_COLLISIONS,
	COUNTER_TEMPORARY_FAILURES,
	COUNTER_LIVENESS_PROBES,
	COUNTER_PEER_RESTARTS,
	COUNTER_QCD_SENT,     /* in clear, with INVALID_IKE_SPI */
	COUNTER_QCD_ACCEPTED, /* the peer has proved that it lost the IKE SA */
	COUNTER_QCD_WRONG,
	COUNTER_DEAD_PEERS,
	COUNTER_NAT_CHANGES,
	COUNTER_ADDRESS_UPDATES, /* MOBIKE */
	COUNTER_REDIRECTS,	 /* followed */
	COUNTER_PEERS_REDIRECTED,
	COUNTER_ILLEGAL_TRANSITIONS,
	COUNTER_COUNT
};

enum timer_kind {
	TIMER_TUNNEL_ATTEMPT,
	TIMER_TUNNEL_SETTLE,
	TIMER_SA_DEAD, /* before retransmission: a tie at the same moment ends the SA */
	TIMER_SA_RETRANSMIT,
	TIMER_SA_HALF_OPEN,
	TIMER_SA_LIVENESS,
	TIMER_SA_DOUBT,
	TIMER_SA_REKEY,
	TIMER_SA_EXPIRE,
	TIMER_SA_NAT_KEEPALIVE,
	TIMER_SA_FREE,
	TIMER_SA_WORK, /* look at the queue of own requests again */
	TIMER_CHILD_REKEY,
	TIMER_CHILD_EXPIRE,
	TIMER_CHILD_REMOVE,
};

struct timer {
	struct heap_node node;
	enum timer_kind kind;
	void *owner; /* struct tunnel, ike_sa or child_sa, as the kind says */
};

struct action; /* queued action with the memory that it owns */

struct ike_engine {
	struct ike_limits limits;
	struct ike_random random;
	uint64_t now_ms;
	struct heap timers;
	struct list actions;
	struct action *handed_out; /* the caller looks at this one */
	struct map tunnels;	   /* struct tunnel by id */
	struct map identities;	   /* struct identity by (local address, peer's ID) */
	struct map places;	   /* struct place by remote address */
	struct policies {
		struct list list; /* struct policy */
		size_t count;
	} policies;	       /* of all tunnels */
	struct map sas;	       /* struct ike_sa by own SPI */
	struct map inits;      /* struct ike_sa by the IKE_SA_INIT request that made it */
	struct map children;   /* struct child_sa by number */
	struct map spis;       /* struct child_sa by inbound SPI */
	struct map jobs;       /* struct dh_wait by token */
	struct list lingering; /* struct child_sa without IKE SA */
	struct list closed;    /* struct ike_sa: to be freed when this call ends */
	struct halfopen halfopen;
	struct list half_opens; /* struct ike_sa, oldest first */
	struct recall recall;
	struct crypto *crypto;
	struct {
		uint8_t version;
		uint64_t since_ms;
		struct secret now, before;
	} cookie;
	struct secret qcd_secret; /* of our tokens, see qcd.h; empty: none are given */
	uint64_t counters[COUNTER_COUNT];
	uint32_t next_child;
	uint64_t next_token;
	uint64_t unknown_told_ms; /* last event about a stranger */
	size_t ppk_tunnels;	  /* that have a PPK */
	uint8_t hash_key[16];
	bool keylog;
	unsigned trace; /* of 1 << enum ike_trace_kind */
	struct {
		bool valid;
		const struct ike_sa *sa; /* or NULL */
		struct ike_step step;
		uint32_t tunnel;   /* that it turned out to concern */
	} at_hand;		   /* a message of nobody that is known, see trace.h */
	struct early_steps *early; /* NULL: none yet; see trace.h */
};

/* Randomness. */
void engine_random(struct ike_engine *e, void *buf, size_t len);
uint32_t engine_random_below(struct ike_engine *e, uint32_t bound); /* 0..bound-1; bound > 0 */

static inline void engine_count(struct ike_engine *e, enum counter c)
{
	e->counters[c]++;
}

/* Timers. */
void engine_timer_init(struct timer *t, enum timer_kind kind, void *owner);
void engine_timer_at(struct ike_engine *e, struct timer *t, uint64_t due_ms);
void engine_timer_in(struct ike_engine *e, struct timer *t, uint64_t delay_ms);
void engine_timer_stop(struct ike_engine *e, struct timer *t);

/* Actions.  Each call queues one.  Pointers are copied or moved as ike.h says for the caller. */
void engine_send(struct ike_engine *e, uint32_t tunnel, const struct ip_endpoint *local,
		 const struct ip_endpoint *remote, struct view payload);
void engine_child_install(struct ike_engine *e, uint32_t tunnel, struct ike_child_install *install);
void engine_child_update(struct ike_engine *e, uint32_t tunnel, const struct ike_child_update *u);
void engine_child_delete(struct ike_engine *e, uint32_t tunnel, uint32_t child);
void engine_dh(struct ike_engine *e, uint32_t tunnel, struct ike_dh_job *job);
void engine_source(struct ike_engine *e, uint32_t tunnel, const struct ip_addr *toward);
void engine_up(struct ike_engine *e, uint32_t tunnel);
void engine_up_again(struct ike_engine *e, uint32_t tunnel); /* it was up before */
void engine_down(struct ike_engine *e, uint32_t tunnel, const struct ike_failure *failure);
/* failure may be NULL for events that have none. */
void engine_event(struct ike_engine *e, uint32_t tunnel, enum ike_event event,
		  const struct ike_failure *failure);
void engine_keylog(struct ike_engine *e, uint32_t tunnel, struct ike_keylog *keylog);
void engine_trace(struct ike_engine *e, uint32_t tunnel,
		  const struct ike_trace *trace); /* copied */
/* Frees what the caller has looked at; every entry into the engine begins with it. */
void engine_release_action(struct ike_engine *e);
void engine_drop_actions(struct ike_engine *e);

#endif
