/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Encrypted payload SK (RFC 7296 section 3.14, AES-GCM by RFC 5282) and the Encrypted Fragment
 * payload SKF (RFC 7383): seal and open.  Constant-time ICV.  Never keeps plaintext.
 */
#ifndef IKEV2_SK_H
#define IKEV2_SK_H

#include "ikev2/crypto.h"
#include "ikev2/message.h"

/* Keys of one direction of one IKE SA. */
struct sk_key {
	uint16_t encr, key_bits, integ;
	struct secret encr_key;	 /* AES-GCM: key, then salt */
	struct secret integ_key; /* empty with AES-GCM */
	uint64_t counter;	 /* AES-GCM: IV of the next message; never goes back */
};

/* Copies the keys.  ERR_UNSUPPORTED, ERR_RANGE (key lengths do not fit the suite). */
int sk_key_init(struct sk_key *k, const struct ike_suite *suite, const struct secret *encr,
		const struct secret *integ) WARN_UNUSED;
void sk_key_clear(struct sk_key *k);
void sk_key_move(struct sk_key *dst, struct sk_key *src);

/* Make a whole protected message: header h (next payload and length are filled in), then SK around
 * the chain from message_chain_start (first is its first type).  ERR_NO_SPACE, ERR_CRYPTO. */
int sk_seal(const struct crypto *c, struct sk_key *k, const struct ike_random *random,
	    const struct message_header *h, uint8_t first, struct view chain, void *out, size_t cap,
	    size_t *out_len) WARN_UNUSED;

/* Open the SK payload `sk` of the message (from message_payloads_read on the same bytes).  plain
 * takes sk->body.len octets at most; out looks into it.  ERR_CRYPTO: did not verify, or lengths
 * that no honest peer sends: drop without reply.  ERR_INVALID: authentic, but the padding does not
 * fit: INVALID_SYNTAX.  ERR_NO_SPACE: cap too small. */
int sk_open(const struct crypto *c, const struct sk_key *k, struct view message,
	    const struct payload *sk, uint8_t *plain, size_t cap, struct view *out) WARN_UNUSED;

/* One fragment of a chain; number and total count from 1 (RFC 7383 section 2.5). */
int sk_seal_fragment(const struct crypto *c, struct sk_key *k, const struct ike_random *random,
		     const struct message_header *h, uint8_t first, uint16_t number, uint16_t total,
		     struct view part, void *out, size_t cap, size_t *out_len) WARN_UNUSED;

/* The fragment's numbers without opening it.  ERR_INVALID: too short, number 0 or above total. */
int sk_fragment_numbers(const struct payload *skf, uint16_t *number, uint16_t *total) WARN_UNUSED;
/* As sk_open; the type of the first inner payload is skf->next (of fragment 1 only). */
int sk_open_fragment(const struct crypto *c, const struct sk_key *k, struct view message,
		     const struct payload *skf, uint8_t *plain, size_t cap,
		     struct view *out) WARN_UNUSED;

/* Octets of the message that sk_seal makes of a chain of that length. */
size_t sk_sealed_len(const struct sk_key *k, size_t chain_len);
/* Most octets of chain that fit a fragment whose IKE message has at most message_len octets. */
size_t sk_fragment_room(const struct sk_key *k, size_t message_len);

#endif
