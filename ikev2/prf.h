/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The negotiated pseudorandom function: HMAC, with the key kept between uses, and prf+ (RFC 7296
 * section 2.13).  HMAC of the integrity transforms goes through here too. */
#ifndef IKEV2_PRF_H
#define IKEV2_PRF_H

#include "ikev2/crypto.h"

#define PRF_LEN_MAX 64 /* octets of the longest output, HMAC-SHA2-512 */

/* A keyed HMAC; holds key material, clear it. */
struct prf {
	struct evp_mac_ctx_st *ctx;
	size_t len; /* octets of output, untruncated */
};

/* type is IKE_TRANSFORM_PRF or IKE_TRANSFORM_INTEG.  ERR_UNSUPPORTED: no such algorithm;
 * ERR_CRYPTO: libcrypto refused.  p needs no prf_clear after a failure. */
int prf_init(struct prf *p, const struct crypto *c, enum ike_transform_type type, uint16_t id,
	     struct view key) WARN_UNUSED;
void prf_clear(struct prf *p); /* safe on a zeroed or cleared one */

/* HMAC over the concatenated parts; out takes p->len octets.  May be called again and again. */
int prf_run(struct prf *p, const struct view *parts, size_t count, uint8_t *out) WARN_UNUSED;

/* prf+(K, S) of RFC 7296 section 2.13 for the key of p; at most 255 blocks (ERR_RANGE). */
int prf_plus(struct prf *p, const struct view *seed, size_t count, uint8_t *out,
	     size_t len) WARN_UNUSED;

/* One use of a PRF with one key. */
int prf_once(const struct crypto *c, uint16_t id, struct view key, const struct view *parts,
	     size_t count, struct secret *out) WARN_UNUSED;

#endif
