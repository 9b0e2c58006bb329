/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key exchange computation (RFC 7296 sections 2.14, 3.4; RFC 5903, 8031) and the checks of RFC
 * 6989; see dh.h.  MODP uses short exponents and a range check instead of libcrypto's subgroup
 * check: the primes are safe primes, so that 1 < y < p - 1 is all that is to be checked for
 * ephemeral keys.
 */
#include "ikev2/dh.h"

#include "ikev2/kem.h"
#include "platform/base/mem.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const struct ike_algorithm *group_of(const struct ike_dh_job *job)
{
	return algorithm_find(IKE_TRANSFORM_KE, job->group, 0);
}

size_t dh_public_len(uint16_t group)
{
	const struct ike_algorithm *a = algorithm_find(IKE_TRANSFORM_KE, group, 0);

	return a ? a->out_len : 0;
}

/* Section 2 of RFC 5903 wants 0 < private < order: draw again otherwise.  A random source that does
 * not get there ends with a cleared top bit, so that the loop is bounded. */
static void ecp_private(const EC_GROUP *ecp, const struct ike_random *random, struct secret *key)
{
	bool ok = false;

	for (int tries = 0; tries < 4 && !ok; tries++) {
		BIGNUM *k;

		random->bytes(random->arg, key->data, key->len);
		k = BN_bin2bn(key->data, (int)key->len, NULL);
		ok = k && !BN_is_zero(k) && BN_cmp(k, EC_GROUP_get0_order(ecp)) < 0;
		BN_clear_free(k);
	}
	if (!ok) {
		key->data[0] &= 0x7f;
		key->data[key->len - 1] |= 1;
	}
}

struct ike_dh_job *dh_job_blank(struct crypto *c, uint16_t group)
{
	struct ike_dh_job *job;

	if (!algorithm_find(IKE_TRANSFORM_KE, group, 0))
		return NULL;
	job = mem_zalloc(sizeof(*job));
	job->group = group;
	job->crypto = crypto_ref(c);
	return job;
}

struct dh_spare {
	uint16_t group;
	uint16_t public_len, peer_len;
	struct secret private_key;
	uint8_t values[]; /* public, then peer's */
};

struct dh_spare *dh_spare_new(const struct ike_dh_job *job)
{
	struct dh_spare *s = mem_zalloc(sizeof(*s) + job->public_len + job->peer_len);

	s->group = job->group;
	s->public_len = (uint16_t)job->public_len;
	s->peer_len = (uint16_t)job->peer_len;
	secret_copy(&s->private_key, &job->private_key);
	memcpy(s->values, job->public_value, s->public_len);
	memcpy(s->values + s->public_len, job->peer_value, s->peer_len);
	return s;
}

void dh_spare_free(struct dh_spare *s)
{
	if (!s)
		return;
	secret_clear(&s->private_key);
	free(s);
}

struct ike_dh_job *dh_spare_job(const struct dh_spare *s, struct crypto *c)
{
	struct ike_dh_job *job = mem_zalloc(sizeof(*job));

	job->group = s->group;
	job->crypto = crypto_ref(c);
	job->public_len = s->public_len;
	job->peer_len = s->peer_len;
	secret_copy(&job->private_key, &s->private_key);
	memcpy(job->public_value, s->values, s->public_len);
	memcpy(job->peer_value, s->values + s->public_len, s->peer_len);
	return job;
}

struct ike_dh_job *dh_job_new(struct crypto *c, uint16_t group, const struct ike_random *random,
			      uint64_t token)
{
	const struct ike_algorithm *a = algorithm_find(IKE_TRANSFORM_KE, group, 0);
	const EC_GROUP *ecp = crypto_ecp(c, group);
	struct ike_dh_job *job = dh_job_blank(c, group);

	if (!job)
		return NULL;
	job->token = token;
	secret_alloc(&job->private_key, a->private_len);
	if (ecp)
		ecp_private(ecp, random, &job->private_key);
	else
		random->bytes(random->arg, job->private_key.data, a->private_len);
	if (crypto_modp(c, group))
		job->private_key.data[0] |= 0x80; /* never a small exponent */
	return job;
}

void ike_dh_job_free(struct ike_dh_job *job)
{
	if (!job)
		return;
	secret_clear(&job->private_key);
	secret_clear(&job->shared);
	crypto_free(job->crypto);
	free(job);
}

struct view dh_job_public(const struct ike_dh_job *job)
{
	return view_of(job->public_value, job->public_len);
}

/* RFC 6989 section 2.1: 1 < y < p - 1. */
static bool modp_value_ok(const struct crypto_modp *m, struct view value)
{
	BIGNUM *y = BN_bin2bn(value.data, (int)value.len, NULL);
	BIGNUM *top = BN_dup(m->p);
	bool ok;

	ok = y && top && BN_sub_word(top, 1) && !BN_is_zero(y) && !BN_is_one(y) &&
	     BN_cmp(y, top) < 0;
	BN_free(y);
	BN_free(top);
	return ok;
}

int dh_job_set_peer(struct ike_dh_job *job, struct view value)
{
	const struct crypto_modp *modp = crypto_modp(job->crypto, job->group);

	if (value.len != (job->public_len ? group_of(job)->reply_len : group_of(job)->out_len))
		return ERR_INVALID;
	if (modp && !modp_value_ok(modp, value))
		return ERR_INVALID;
	memcpy(job->peer_value, value.data, value.len);
	job->peer_len = value.len;
	return 0;
}

/* base ^ private mod p, left-padded to the length of p (section 2.14). */
static bool modp_power(const struct crypto_modp *m, const BIGNUM *base, const struct secret *key,
		       uint8_t *out, size_t len)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *x = BN_bin2bn(key->data, (int)key->len, NULL);
	BIGNUM *r = BN_new();
	bool ok = ctx && x && r && BN_mod_exp_mont_consttime(r, base, x, m->p, ctx, m->mont) &&
		  BN_bn2binpad(r, out, (int)len) == (int)len;

	BN_clear_free(r);
	BN_clear_free(x);
	BN_CTX_free(ctx);
	return ok;
}

static bool modp_public(const struct crypto_modp *m, struct ike_dh_job *job, size_t len)
{
	return modp_power(m, m->g, &job->private_key, job->public_value, len);
}

static bool modp_shared(const struct crypto_modp *m, struct ike_dh_job *job, struct secret *out)
{
	BIGNUM *y = BN_bin2bn(job->peer_value, (int)job->peer_len, NULL);
	bool ok = y && modp_power(m, y, &job->private_key, out->data, out->len);

	BN_free(y);
	return ok;
}

/* RFC 5903 section 7: the public value is x | y. */
static bool ecp_public(const EC_GROUP *g, struct ike_dh_job *job, size_t len)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *k = BN_bin2bn(job->private_key.data, (int)job->private_key.len, NULL);
	EC_POINT *point = EC_POINT_new(g);
	BIGNUM *x = BN_new(), *y = BN_new();
	int half = (int)len / 2;
	bool ok = ctx && k && point && x && y && EC_POINT_mul(g, point, k, NULL, NULL, ctx) &&
		  EC_POINT_get_affine_coordinates(g, point, x, y, ctx) &&
		  BN_bn2binpad(x, job->public_value, half) == half &&
		  BN_bn2binpad(y, job->public_value + half, half) == half;

	BN_free(x);
	BN_free(y);
	EC_POINT_free(point);
	BN_clear_free(k);
	BN_CTX_free(ctx);
	return ok;
}

/* RFC 6989 section 2.3: both coordinates below p, the point on the curve (libcrypto checks that
 * while it sets the coordinates, once).  The cofactor is 1, and infinity cannot be written as x |
 * y. */
static bool ecp_peer(const EC_GROUP *g, const struct ike_dh_job *job, EC_POINT *point, BN_CTX *ctx)
{
	int half = (int)job->peer_len / 2;
	BIGNUM *x = BN_bin2bn(job->peer_value, half, NULL);
	BIGNUM *y = BN_bin2bn(job->peer_value + half, half, NULL);
	const BIGNUM *p = EC_GROUP_get0_field(g);
	bool ok = x && y && BN_cmp(x, p) < 0 && BN_cmp(y, p) < 0 &&
		  EC_POINT_set_affine_coordinates(g, point, x, y, ctx);

	BN_free(x);
	BN_free(y);
	return ok;
}

/* The secret is the x coordinate alone. */
static bool ecp_shared(const EC_GROUP *g, struct ike_dh_job *job, struct secret *out)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *k = BN_bin2bn(job->private_key.data, (int)job->private_key.len, NULL);
	EC_POINT *peer = EC_POINT_new(g), *point = EC_POINT_new(g);
	BIGNUM *x = BN_new();
	bool ok = ctx && k && peer && point && x && ecp_peer(g, job, peer, ctx) &&
		  EC_POINT_mul(g, point, NULL, peer, k, ctx) &&
		  EC_POINT_get_affine_coordinates(g, point, x, NULL, ctx) &&
		  BN_bn2binpad(x, out->data, (int)out->len) == (int)out->len;

	BN_clear_free(x);
	EC_POINT_clear_free(point);
	EC_POINT_free(peer);
	BN_clear_free(k);
	BN_CTX_free(ctx);
	return ok;
}

static EVP_PKEY *x25519_key(const struct ike_dh_job *job)
{
	return EVP_PKEY_new_raw_private_key_ex(NULL, "X25519", NULL, job->private_key.data,
					       job->private_key.len);
}

static bool x25519_public(struct ike_dh_job *job, size_t len)
{
	EVP_PKEY *key = x25519_key(job);
	size_t got = len;
	bool ok = key && EVP_PKEY_get_raw_public_key(key, job->public_value, &got) && got == len;

	EVP_PKEY_free(key);
	return ok;
}

/* RFC 8031 section 3.2, RFC 7748 section 6.1: an all-zero secret is refused (libcrypto does). */
static bool x25519_shared(struct ike_dh_job *job, struct secret *out)
{
	EVP_PKEY *key = x25519_key(job);
	EVP_PKEY *peer = EVP_PKEY_new_raw_public_key_ex(NULL, "X25519", NULL, job->peer_value,
							job->peer_len);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	size_t len = out->len;
	bool ok = ctx && peer && EVP_PKEY_derive_init(ctx) > 0 &&
		  EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) > 0 &&
		  EVP_PKEY_derive(ctx, out->data, &len) > 0 && len == out->len;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(key);
	return ok;
}

static bool make_public(struct ike_dh_job *job, size_t len)
{
	const struct crypto_modp *modp = crypto_modp(job->crypto, job->group);
	const EC_GROUP *ecp = crypto_ecp(job->crypto, job->group);

	if (modp)
		return modp_public(modp, job, len);
	return ecp ? ecp_public(ecp, job, len) : x25519_public(job, len);
}

static bool make_shared(struct ike_dh_job *job, struct secret *out)
{
	const struct crypto_modp *modp = crypto_modp(job->crypto, job->group);
	const EC_GROUP *ecp = crypto_ecp(job->crypto, job->group);

	if (modp)
		return modp_shared(modp, job, out);
	return ecp ? ecp_shared(ecp, job, out) : x25519_shared(job, out);
}

/* The responder's public value holds the secret: both are made together. */
static bool kem_run(struct ike_dh_job *job, const struct ike_algorithm *a)
{
	struct view peer = view_of(job->peer_value, job->peer_len);

	if (job->shared.len)
		return true;
	if (!peer.len) {
		job->public_len = a->out_len;
		return kem_public(a->id, &job->private_key, job->public_value, a->out_len) == 0;
	}
	if (job->public_len)
		return kem_decapsulate(a->id, &job->private_key, peer, &job->shared) == 0;
	job->public_len = a->reply_len;
	return kem_encapsulate(a->id, peer, &job->private_key, job->public_value, a->reply_len,
			       &job->shared) == 0;
}

void ike_dh_job_run(struct ike_dh_job *job)
{
	const struct ike_algorithm *a = group_of(job);

	job->failed = false;
	if (a->kem) {
		job->failed = !kem_run(job, a);
		if (job->failed)
			job->public_len = 0;
		return;
	}
	if (!job->public_len && make_public(job, a->out_len))
		job->public_len = a->out_len;
	if (!job->public_len)
		job->failed = true;
	if (job->peer_len && !job->shared.len && !job->failed) {
		struct secret shared = SECRET_NONE;

		secret_alloc(&shared, a->secret_len);
		if (make_shared(job, &shared))
			secret_move(&job->shared, &shared);
		else
			job->failed = true;
		secret_clear(&shared);
	}
}

bool ike_key_exchange_is_available(uint16_t ke)
{
	return algorithm_find(IKE_TRANSFORM_KE, ke, 0) != NULL;
}
