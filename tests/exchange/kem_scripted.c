/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key encapsulation of no strength in the place of ikev2/kem.c, with the shape of ML-KEM: values
 * of its lengths, another one for each role, a secret that both get only from what was sent.  So
 * the negotiation and the keys are tested where libcrypto has no ML-KEM.
 */
#include "ikev2/kem.h"

#include "ikev2/number.h"

#include <openssl/evp.h>
#include <string.h>

bool kem_is_available(uint16_t group)
{
	return group >= IKE_KE_ML_KEM_512 && group <= IKE_KE_ML_KEM_1024;
}

/* SHAKE-256 of up to two parts. */
static int digest(struct view a, struct view b, uint8_t *out, size_t len)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c && EVP_DigestInit_ex(c, EVP_shake256(), NULL) &&
		  EVP_DigestUpdate(c, a.data, a.len) &&
		  (b.len == 0 || EVP_DigestUpdate(c, b.data, b.len)) &&
		  EVP_DigestFinalXOF(c, out, len);

	EVP_MD_CTX_free(c);
	return ok ? 0 : ERR_CRYPTO;
}

int kem_public(uint16_t group, const struct secret *seed, uint8_t *out, size_t len)
{
	(void)group;
	return digest(secret_view(seed), view_of(NULL, 0), out, len);
}

int kem_encapsulate(uint16_t group, struct view key, const struct secret *random, uint8_t *out,
		    size_t len, struct secret *shared)
{
	struct view m = view_of(random->data, KEM_RANDOM_LEN);

	(void)group;
	if (key.data[0] == 0xff && key.data[1] == 0xff) /* "not reduced" */
		return ERR_CRYPTO;
	if (digest(m, key, out, len))
		return ERR_CRYPTO;
	secret_alloc(shared, KEM_SECRET_LEN);
	return digest(key, view_of(out, len), shared->data, shared->len);
}

int kem_decapsulate(uint16_t group, const struct secret *seed, struct view ciphertext,
		    struct secret *shared)
{
	uint8_t key[1568];
	size_t len = group == IKE_KE_ML_KEM_512	  ? 800
		     : group == IKE_KE_ML_KEM_768 ? 1184
						  : sizeof(key);

	if (kem_public(group, seed, key, len))
		return ERR_CRYPTO;
	secret_alloc(shared, KEM_SECRET_LEN);
	return digest(view_of(key, len), ciphertext, shared->data, shared->len);
}
