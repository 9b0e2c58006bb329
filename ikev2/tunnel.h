/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tunnels: the configured profile, the IKE SAs that belong to it, when it tries to come up, and
 * why it last failed.  Found by number, or by who the peer says it is.
 */
#ifndef IKEV2_TUNNEL_H
#define IKEV2_TUNNEL_H

#include "ikev2/engine.h"
#include "ikev2/profile.h"

struct identity;
struct steps;
struct place;

struct tunnel {
	struct map_node by_id;
	struct list by_identity; /* in struct identity */
	struct identity *identity;
	struct list by_place; /* in struct place */
	struct place *place;
	struct profile profile;
	struct ike_id remote_id; /* effective: configured, or of the remote address */
	struct list sas;	 /* struct ike_sa.of_tunnel */
	struct list children;	 /* struct child_sa.of_tunnel */
	bool admin_down;
	bool weak_offer; /* the peer refused the first tier (automatic parameters) */
	bool weak_child; /* the same for Child SAs */
	bool learned_single_ts;
	bool names_peer; /* the peer has presented another identity: it is told whom we want */
	bool childless;	 /* an error about the first Child SA cost the IKE SA: without it (RFC 6023)
			  */
	enum ike_tunnel_state state;
	uint64_t state_since_ms;
	uint32_t attempts;
	bool attempted;
	uint64_t attempt_at_ms;	 /* start of the last attempt */
	struct timer attempt;	 /* start of the next one */
	uint64_t asked_until_ms; /* its peer has used up so much, see tunnel_may_ask */
	struct timer settle;	 /* look for redundant IKE SAs */
	struct ike_failure failure;
	struct steps *steps; /* the last messages; or NULL */
	struct {
		struct ip_endpoint now, before; /* where the tunnel came up from */
		uint64_t at_ms;
		unsigned count; /* changes back and forth */
	} swaps;
	struct {
		struct ip_addr to, from; /* for the next attempt; IP_NONE: to the configured one */
		uint64_t since_ms;
		unsigned count; /* since then */
	} away;			/* RFC 5685 */
	uint64_t inquired_ms;	/* when the peer was asked what it takes */
	enum ike_cause told;	/* of the last ATTEMPT_FAILED that a peer caused */
	uint64_t told_at_ms;
	struct ike_comparison *comparison; /* belongs to the failure; or NULL */
	struct {
		enum ike_cause cause;
		uint64_t at_ms;
		char text[100];
	} trouble; /* noted during an attempt, see suspect.h */
	char peer_offer[PEER_OFFER_MAX];
};

struct tunnel *tunnel_find(const struct ike_engine *e, uint32_t id); /* or NULL */

/* The tunnel for a peer that presents id_i (and asked for id_r, which may be IKE_ID_NONE) from
 * remote to local.  NULL when there is none.  A tunnel that expects another remote address is
 * returned only when no better one is there. */
struct tunnel *tunnel_identify(const struct ike_engine *e, const struct ip_addr *local,
			       const struct ip_addr *remote, const struct ike_id *id_i,
			       const struct ike_id *id_r);

/* Whether an IKE_SA_INIT request between these addresses can belong to the tunnel. */
bool tunnel_may_match(const struct tunnel *t, const struct ip_addr *local,
		      const struct ip_addr *remote);
/* The identity that we present on this tunnel when our address is local. */
struct ike_id tunnel_local_id(const struct tunnel *t, const struct ip_addr *local);

/* An established IKE SA that has not been replaced, newest first; or NULL. */
struct ike_sa *tunnel_current(const struct tunnel *t);
/* An attempt of ours that is not established yet; or NULL. */
struct ike_sa *tunnel_attempt_sa(const struct tunnel *t);

/* Computes the state from the IKE SAs, and emits UP or DOWN when it changed. */
void tunnel_refresh(struct ike_engine *e, struct tunnel *t);

/* Start an attempt now, if the profile and the commands allow it and none is running. */
void tunnel_attempt(struct ike_engine *e, struct tunnel *t);
/* The same beside an IKE SA that is up, which goes when the new one has come up. */
void tunnel_attempt_beside(struct ike_engine *e, struct tunnel *t);
/* The peer does not rekey (NO_ADDITIONAL_SAS): everything anew, beside what is up, if we may begin,
 * and not more often than attempts are made. */
void tunnel_renew(struct ike_engine *e, struct tunnel *t);
/* Plan the next attempt as the profile says; harmless when the tunnel is up or may not. */
void tunnel_plan(struct ike_engine *e, struct tunnel *t);
/* The next attempt may start at once (commands, changed profile). */
void tunnel_plan_now(struct ike_engine *e, struct tunnel *t);
/* The peer has lost what it had: at once, but not over and over. */
void tunnel_plan_again(struct ike_engine *e, struct tunnel *t);
/* Takes its share for one more CREATE_CHILD_SA of the peer, which costs us a key exchange; false:
 * it has none left for now. */
bool tunnel_may_ask(const struct ike_engine *e, struct tunnel *t);
/* Two IKE SAs of this tunnel: decide soon which one goes. */
void tunnel_settle_soon(struct ike_engine *e, struct tunnel *t);
void tunnel_settle(struct ike_engine *e, struct tunnel *t);

/* Fills a failure; text is the evidence. */
struct ike_failure failure_make(const struct ike_engine *e, enum ike_reason reason,
				unsigned exchange, bool by_peer, const struct ip_endpoint *remote,
				const char *fmt, ...) PRINTF_LIKE(6, 7);
/* The same from a cause. */
struct ike_failure failure_of(const struct ike_engine *e, enum ike_cause cause, unsigned exchange,
			      bool by_peer, const struct ip_endpoint *remote, const char *fmt, ...)
	PRINTF_LIKE(6, 7);
/* Remembers the failure; t may be NULL. */
void tunnel_failed(struct tunnel *t, const struct ike_failure *failure);
/* A peer's attempt came to nothing: as above, with ATTEMPT_FAILED, the same one not too often,
 * because strangers can cause it. */
void tunnel_peer_failed(struct ike_engine *e, struct tunnel *t, const struct ike_failure *failure);
/* Where both sides differ, for the failure that was just remembered; t and c may be NULL. */
void tunnel_compare(struct ike_engine *e, struct tunnel *t, const struct ike_comparison *c);

/* What ike_engine_tunnel_set, _tunnel_remove and _command say (ike.h). */
int tunnel_set(struct ike_engine *e, const struct ike_tunnel *p, uint32_t *conflict) WARN_UNUSED;
void tunnel_remove(struct ike_engine *e, struct tunnel *t);
int tunnel_command(struct ike_engine *e, struct tunnel *t, enum ike_command c) WARN_UNUSED;
void tunnels_clear(struct ike_engine *e); /* frees all, without a word */

#endif
