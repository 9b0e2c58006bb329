/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key exchange groups: MODP (RFC 2409, 3526), ECP (RFC 5903), Curve25519 (RFC 8031), ML-KEM
 * (kem.h), and the checks of the peer's value (RFC 6989).  A job is one key pair and what is to be
 * computed with it; making it draws the random bytes, running it is pure and may happen on any
 * thread.
 *
 * Initiator: dh_job_new, run -> public value; later dh_job_set_peer, run -> shared secret.
 * Responder: dh_job_new, dh_job_set_peer, run -> both.
 */
#ifndef IKEV2_DH_H
#define IKEV2_DH_H

#include "ikev2/crypto.h"

#define DH_PUBLIC_MAX 1568 /* ML-KEM-1024 */

struct ike_dh_job {
	uint64_t token; /* the engine's, untouched here */
	uint16_t group;
	bool failed;			     /* after a run: the peer's value is not acceptable */
	struct secret private_key;	     /* made by dh_job_new */
	size_t public_len;		     /* 0 until a run made it */
	size_t peer_len;		     /* 0: no peer value, only the public value is wanted */
	struct secret shared;		     /* empty until a run with a peer value succeeded */
	uint8_t public_value[DH_PUBLIC_MAX]; /* as it goes into KE, padded */
	uint8_t peer_value[DH_PUBLIC_MAX];
	struct crypto *crypto; /* a reference */
};

/* NULL when the product does not have the group.  Free with ike_dh_job_free (ike.h). */
struct ike_dh_job *dh_job_new(struct crypto *c, uint16_t group, const struct ike_random *random,
			      uint64_t token);

/* One without a private value; NULL as above. */
struct ike_dh_job *dh_job_blank(struct crypto *c, uint16_t group);
/* What a job needs to be done once more, without what a run has found out; as small as it can be.
 */
struct dh_spare;
struct dh_spare *dh_spare_new(const struct ike_dh_job *job);
void dh_spare_free(struct dh_spare *s);					     /* accepts NULL */
struct ike_dh_job *dh_spare_job(const struct dh_spare *s, struct crypto *c); /* never NULL */

/* Check and keep the peer's KE data: length exactly the group's (with ML-KEM that of the other
 * role: who has a public value is the initiator) and, for MODP, 1 < y < p - 1; whether an ECP point
 * is on the curve shows in the run (job->failed).  ERR_INVALID: not acceptable. */
int dh_job_set_peer(struct ike_dh_job *job, struct view value) WARN_UNUSED;

/* The public value for KE; empty before the run. */
struct view dh_job_public(const struct ike_dh_job *job);

/* Octets of the group's KE data; 0 when the product does not have it. */
size_t dh_public_len(uint16_t group);

#endif
