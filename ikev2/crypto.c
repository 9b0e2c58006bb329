/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared libcrypto objects; see crypto.h.  Everything is made in crypto_new and only read later, so
 * that any thread may use it.
 */
#include "ikev2/crypto.h"

#include "platform/base/mem.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/params.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS_MAX 32

/* What the algorithm of the same position in the table needs. */
struct slot {
	EVP_CIPHER *cipher;
	EVP_MAC_CTX *mac;
	struct crypto_modp modp;
	EC_GROUP *ecp;
};

struct crypto {
	atomic_uint refs;
	EVP_MD *sha1;
	struct slot slot[SLOTS_MAX];
};

/* An installation of libcrypto without these algorithms cannot run this product at all. */
static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

static EVP_MAC_CTX *hmac_template(EVP_MAC *hmac, const char *digest)
{
	char *name = must(mem_strdup(digest));
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *ctx = must(EVP_MAC_CTX_new(hmac));

	if (!EVP_MAC_CTX_set_params(ctx, params))
		abort();
	free(name);
	return ctx;
}

static BIGNUM *modp_prime(uint16_t ke)
{
	switch (ke) {
	case IKE_KE_MODP_1024:
		return BN_get_rfc2409_prime_1024(NULL);
	case IKE_KE_MODP_1536:
		return BN_get_rfc3526_prime_1536(NULL);
	case IKE_KE_MODP_2048:
		return BN_get_rfc3526_prime_2048(NULL);
	case IKE_KE_MODP_3072:
		return BN_get_rfc3526_prime_3072(NULL);
	case IKE_KE_MODP_4096:
		return BN_get_rfc3526_prime_4096(NULL);
	default:
		return NULL;
	}
}

static struct crypto_modp modp_new(uint16_t ke)
{
	struct crypto_modp m = {
		.p = must(modp_prime(ke)),
		.g = must(BN_new()),
		.mont = must(BN_MONT_CTX_new()),
	};
	BN_CTX *ctx = must(BN_CTX_new());

	if (!BN_set_word(m.g, 2) || !BN_MONT_CTX_set(m.mont, m.p, ctx))
		abort();
	BN_CTX_free(ctx);
	return m;
}

static void ke_slot(struct slot *s, uint16_t ke)
{
	if (ke == IKE_KE_ECP_256)
		s->ecp = must(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
	else if (ke == IKE_KE_ECP_384)
		s->ecp = must(EC_GROUP_new_by_curve_name(NID_secp384r1));
	else if (ke != IKE_KE_CURVE25519)
		s->modp = modp_new(ke);
}

struct crypto *crypto_new(void)
{
	struct crypto *c = mem_zalloc(sizeof(*c));
	EVP_MAC *hmac = must(EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL));
	const struct ike_algorithm *a;

	atomic_init(&c->refs, 1);
	c->sha1 = must(EVP_MD_fetch(NULL, "SHA1", NULL));
	for (size_t i = 0; i < SLOTS_MAX && (a = algorithm_at(i)); i++) {
		struct slot *s = &c->slot[i];

		switch (a->type) {
		case IKE_TRANSFORM_ENCR:
			s->cipher = must(EVP_CIPHER_fetch(NULL, a->openssl, NULL));
			break;
		case IKE_TRANSFORM_KE:
			ke_slot(s, a->id);
			break;
		default:
			s->mac = hmac_template(hmac, a->openssl);
			break;
		}
	}
	EVP_MAC_free(hmac);
	return c;
}

struct crypto *crypto_ref(struct crypto *c)
{
	atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed);
	return c;
}

void crypto_free(struct crypto *c)
{
	if (!c || atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		struct slot *s = &c->slot[i];

		EVP_CIPHER_free(s->cipher);
		EVP_MAC_CTX_free(s->mac);
		BN_free(s->modp.p);
		BN_free(s->modp.g);
		BN_MONT_CTX_free(s->modp.mont);
		EC_GROUP_free(s->ecp);
	}
	EVP_MD_free(c->sha1);
	free(c);
}

static const struct slot *slot_of(const struct crypto *c, enum ike_transform_type type, uint16_t id,
				  uint16_t key_bits)
{
	static const struct slot none;
	const struct ike_algorithm *a = algorithm_find(type, id, key_bits);

	return a ? &c->slot[a - algorithm_at(0)] : &none;
}

const EVP_CIPHER *crypto_cipher(const struct crypto *c, uint16_t encr, uint16_t key_bits)
{
	return slot_of(c, IKE_TRANSFORM_ENCR, encr, key_bits)->cipher;
}

const EVP_MD *crypto_sha1(const struct crypto *c)
{
	return c->sha1;
}

const EVP_MAC_CTX *crypto_hmac(const struct crypto *c, enum ike_transform_type type, uint16_t id)
{
	return slot_of(c, type, id, 0)->mac;
}

const struct crypto_modp *crypto_modp(const struct crypto *c, uint16_t ke)
{
	const struct slot *s = slot_of(c, IKE_TRANSFORM_KE, ke, 0);

	return s->modp.p ? &s->modp : NULL;
}

const EC_GROUP *crypto_ecp(const struct crypto *c, uint16_t ke)
{
	return slot_of(c, IKE_TRANSFORM_KE, ke, 0)->ecp;
}
