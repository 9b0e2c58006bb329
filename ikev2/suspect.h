/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may it be?  A peer that fails before it has authenticated belongs to no tunnel.  To explain
 * the failure it is shown at the tunnels that it may belong to: those that wait for its address,
 * or, when there are few, those that wait for any.  Changes nothing but what is shown.
 */
#ifndef IKEV2_SUSPECT_H
#define IKEV2_SUSPECT_H

#include "ikev2/exchange.h"
#include "ikev2/tunnel.h"

#define SUSPECTS_MAX 4

/* Tunnels that are not up and may belong to a peer at remote; out takes SUSPECTS_MAX. */
size_t suspects_find(const struct ike_engine *e, const struct ip_addr *local,
		     const struct ip_endpoint *remote, struct tunnel **out);
/* Is it known of this tunnel's own peer, at another address, why it failed lately? */
bool suspect_is_covered(const struct ike_engine *e, const struct tunnel *t,
			const struct ip_addr *remote);
/* Remember and tell the failure at all of them; compare may be NULL. */
void suspects_failed(struct ike_engine *e, const struct ip_addr *local, const struct ike_failure *f,
		     const struct ike_comparison *compare);

/* A datagram that is not IKEv2: a peer that speaks IKEv1 is told from noise. */
void suspects_old_version(struct ike_engine *e, const struct message_in *in);

/* What the network said while an attempt waits for an answer: becomes the cause when no answer
 * comes. */
void trouble_note(struct ike_engine *e, struct tunnel *t, enum ike_cause cause, const char *text);
/* The same for all tunnels that wait for an answer from there. */
void trouble_at(struct ike_engine *e, const struct ip_endpoint *remote, enum ike_cause cause,
		const char *text);
/* Appends what was noted since the peer was last heard. */
void trouble_append(const struct tunnel *t, uint64_t heard_ms, struct ike_failure *f);
/* Why nobody answers our open request in IKE_SA_INIT or IKE_AUTH, as far as it can be known. */
struct ike_failure silence_failure(const struct ike_engine *e, const struct ike_sa *sa);
/* The request is to be repeated: after some repetitions it is said that nobody answers, long before
 * the attempt is given up. */
void silence_note(struct ike_engine *e, struct ike_sa *sa);
/* A half-open IKE SA of a peer waits for IKE_AUTH in vain. */
void silence_of_peer(struct ike_engine *e, const struct ike_sa *sa);

#endif
