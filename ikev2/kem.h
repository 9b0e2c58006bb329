/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key encapsulation as a method of key exchange: ML-KEM (FIPS 203), numbers 35 to 37 of
 * draft-ietf-ipsecme-ikev2-mlkem.  The initiator's value is an encapsulation key, the responder's a
 * ciphertext.  Pure: all randomness is an argument.  A build option (IKESH_ML_KEM), for libcrypto
 * 3.5 and newer.
 */
#ifndef IKEV2_KEM_H
#define IKEV2_KEM_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"
#include "platform/base/secret.h"

#define KEM_SEED_LEN   64 /* d | z, FIPS 203 section 7.1 */
#define KEM_RANDOM_LEN 32 /* m, section 7.2 */
#define KEM_SECRET_LEN 32

bool kem_is_available(uint16_t group);
/* The encapsulation key that the seed makes; len: as long as the method's.  ERR_CRYPTO. */
int kem_public(uint16_t group, const struct secret *seed, uint8_t *out, size_t len) WARN_UNUSED;
/* Ciphertext and secret for the peer's key; random: the first KEM_RANDOM_LEN octets count.
 * ERR_CRYPTO: the key is not valid (section 7.2). */
int kem_encapsulate(uint16_t group, struct view key, const struct secret *random, uint8_t *out,
		    size_t len, struct secret *shared) WARN_UNUSED;
/* The secret in a ciphertext.  One that was tampered with gives another secret (section 6.3). */
int kem_decapsulate(uint16_t group, const struct secret *seed, struct view ciphertext,
		    struct secret *shared) WARN_UNUSED;

#endif
