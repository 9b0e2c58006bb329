/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ML-KEM by libcrypto; see kem.h.  Parameters are named by their texts, so that this compiles with
 * versions that do not have it, where it says so. */
#include "ikev2/kem.h"

#include "ikev2/number.h"

#ifdef IKESH_ML_KEM
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

static const char *name_of(uint16_t group)
{
	switch (group) {
	case IKE_KE_ML_KEM_512:
		return "ML-KEM-512";
	case IKE_KE_ML_KEM_768:
		return "ML-KEM-768";
	case IKE_KE_ML_KEM_1024:
		return "ML-KEM-1024";
	default:
		return NULL;
	}
}

bool kem_is_available(uint16_t group)
{
	const char *name = name_of(group);
	EVP_KEM *kem = name ? EVP_KEM_fetch(NULL, name, NULL) : NULL;

	EVP_KEM_free(kem);
	return kem != NULL;
}

static EVP_PKEY *key_of_seed(uint16_t group, const struct secret *seed)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, name_of(group), NULL);
	OSSL_PARAM params[] = {OSSL_PARAM_octet_string("seed", seed->data, seed->len),
			       OSSL_PARAM_END};
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

int kem_public(uint16_t group, const struct secret *seed, uint8_t *out, size_t len)
{
	EVP_PKEY *key = key_of_seed(group, seed);
	size_t got = 0;
	bool ok = key &&
		  EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out, len, &got) &&
		  got == len;

	EVP_PKEY_free(key);
	return ok ? 0 : ERR_CRYPTO;
}

int kem_encapsulate(uint16_t group, struct view key, const struct secret *random, uint8_t *out,
		    size_t len, struct secret *shared)
{
	EVP_PKEY *peer =
		EVP_PKEY_new_raw_public_key_ex(NULL, name_of(group), NULL, key.data, key.len);
	EVP_PKEY_CTX *ctx = peer ? EVP_PKEY_CTX_new_from_pkey(NULL, peer, NULL) : NULL;
	OSSL_PARAM params[] = {OSSL_PARAM_octet_string("ikme", random->data, KEM_RANDOM_LEN),
			       OSSL_PARAM_END};
	size_t out_len = len, shared_len = KEM_SECRET_LEN;
	bool ok;

	secret_alloc(shared, KEM_SECRET_LEN);
	ok = ctx && EVP_PKEY_encapsulate_init(ctx, params) > 0 &&
	     EVP_PKEY_encapsulate(ctx, out, &out_len, shared->data, &shared_len) > 0 &&
	     out_len == len && shared_len == KEM_SECRET_LEN;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	if (!ok)
		secret_clear(shared);
	return ok ? 0 : ERR_CRYPTO;
}

int kem_decapsulate(uint16_t group, const struct secret *seed, struct view ciphertext,
		    struct secret *shared)
{
	EVP_PKEY *key = key_of_seed(group, seed);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	size_t len = KEM_SECRET_LEN;
	bool ok;

	secret_alloc(shared, KEM_SECRET_LEN);
	ok = ctx && EVP_PKEY_decapsulate_init(ctx, NULL) > 0 &&
	     EVP_PKEY_decapsulate(ctx, shared->data, &len, ciphertext.data, ciphertext.len) > 0 &&
	     len == KEM_SECRET_LEN;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	if (!ok)
		secret_clear(shared);
	return ok ? 0 : ERR_CRYPTO;
}
#else
bool kem_is_available(uint16_t group)
{
	(void)group;
	return false;
}

int kem_public(uint16_t group, const struct secret *seed, uint8_t *out, size_t len)
{
	(void)group;
	(void)seed;
	(void)out;
	(void)len;
	return ERR_UNSUPPORTED;
}

int kem_encapsulate(uint16_t group, struct view key, const struct secret *random, uint8_t *out,
		    size_t len, struct secret *shared)
{
	(void)key;
	(void)shared;
	return kem_public(group, random, out, len);
}

int kem_decapsulate(uint16_t group, const struct secret *seed, struct view ciphertext,
		    struct secret *shared)
{
	(void)ciphertext;
	(void)shared;
	return kem_public(group, seed, NULL, 0);
}
#endif
