/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The algorithms that this product has, as one const table: sizes, names, strength.  Rows of one
 * transform type are in order of preference, strongest first.
 */
#ifndef IKEV2_ALGORITHM_H
#define IKEV2_ALGORITHM_H

#include "ikev2/ike.h"
#include "ikev2/number.h"

struct ike_algorithm {
	uint8_t type;	     /* enum ike_transform_type */
	uint16_t id;	     /* IANA number within the type */
	uint16_t key_bits;   /* ENCR: value of the Key Length attribute; otherwise 0 */
	const char *name;    /* "aes-gcm-256", "sha2-384", "dh20" */
	const char *openssl; /* name to fetch: cipher or digest; NULL for key exchange */
	uint16_t key_len;    /* octets of keying material; AES-GCM: with the salt; PRF: preferred */
	uint16_t salt_len;   /* AES-GCM: 4 */
	uint16_t iv_len;     /* octets of IV on the wire */
	uint16_t block_len;  /* what the ciphertext length is a multiple of; AES-GCM: 1 */
	uint16_t icv_len;    /* INTEG, and AES-GCM itself */
	uint16_t out_len;    /* PRF: output; KE: public value */
	uint16_t reply_len;  /* KE: the responder's public value */
	uint16_t secret_len; /* KE: shared secret */
	uint16_t private_len; /* KE: octets of the private value */
	bool aead;
	bool kem;    /* KE by encapsulation, only as an additional one; see kem.h */
	bool legacy; /* automatic offers it in tier 2 only: SHA-1, groups 2 and 5 */
};

/* The row, or NULL when this product does not have the algorithm.  key_bits is ignored for all
 * types but ENCR. */
const struct ike_algorithm *algorithm_find(enum ike_transform_type type, uint16_t id,
					   uint16_t key_bits);

/* Row by position over all types, for iteration; NULL past the end.  Without key encapsulation,
 * which is additional only. */
const struct ike_algorithm *algorithm_at(size_t index);

/* Position in the order of preference within its type, 0 is the strongest; SIZE_MAX: not there. */
size_t algorithm_rank(enum ike_transform_type type, uint16_t id, uint16_t key_bits);

/* True when the suite's encryption is AEAD; false for suites that we do not have. */
bool suite_is_aead(const struct ike_suite *s);

#endif
