/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cryptographic objects that are costly to make and constant afterwards: fetched ciphers and
 * digests, MAC templates, key exchange groups.  One per engine; reference-counted, because DH jobs
 * on other threads use it too.  Holds no keys.
 */
#ifndef IKEV2_CRYPTO_H
#define IKEV2_CRYPTO_H

#include "ikev2/algorithm.h"

/* libcrypto types, so that its headers stay out of the others. */
struct evp_cipher_st;
struct evp_md_st;
struct evp_mac_ctx_st;
struct bignum_st;
struct bn_mont_ctx_st;
struct ec_group_st;

struct crypto;

/* Never NULL: a libcrypto without the algorithms of algorithm.c aborts, as out of memory does. */
struct crypto *crypto_new(void);
struct crypto *crypto_ref(struct crypto *c); /* any thread */
void crypto_free(struct crypto *c);	     /* drops one reference; any thread; accepts NULL */

/* Borrowed objects; NULL when the product does not have the algorithm. */
const struct evp_cipher_st *crypto_cipher(const struct crypto *c, uint16_t encr, uint16_t key_bits);
const struct evp_md_st *crypto_sha1(const struct crypto *c);
/* A template without key; to be duplicated.  For a PRF, or for the HMAC below an integrity ID. */
const struct evp_mac_ctx_st *crypto_hmac(const struct crypto *c, enum ike_transform_type type,
					 uint16_t id);

/* MODP (modulus, generator, Montgomery context) or ECP group; NULL when it is not of that kind. */
struct crypto_modp {
	struct bignum_st *p;
	struct bignum_st *g;
	struct bn_mont_ctx_st *mont;
};
const struct crypto_modp *crypto_modp(const struct crypto *c, uint16_t ke);
const struct ec_group_st *crypto_ecp(const struct crypto *c, uint16_t ke);

#endif
