/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IVs of AES-CBC: a key stream that nobody else can know, sixteen IVs per call of OpenSSL. */
#include "dataplane/esp/cipher_impl.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/rng.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define IV_LEN	16
#define IV_POOL 16

struct esp_iv_source {
	EVP_CIPHER_CTX *ctx;
	size_t left; /* unused IVs at the end of the pool */
	uint8_t pool[IV_POOL][IV_LEN];
};

struct esp_iv_source *esp_iv_source_new(void)
{
	struct esp_iv_source *s = mem_zalloc(sizeof(*s));
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-128-CTR", NULL);
	uint8_t seed[2 * 16]; /* key and first counter block */
	int ok;

	rng_bytes(seed, sizeof(seed));
	s->ctx = EVP_CIPHER_CTX_new();
	ok = cipher != NULL && s->ctx != NULL &&
	     EVP_EncryptInit_ex2(s->ctx, cipher, seed, seed + 16, NULL) == 1;
	bytes_wipe(seed, sizeof(seed));
	EVP_CIPHER_free(cipher);
	if (!ok) {
		esp_iv_source_free(s);
		return NULL;
	}
	return s;
}

void esp_iv_source_free(struct esp_iv_source *s)
{
	if (s == NULL)
		return;
	EVP_CIPHER_CTX_free(s->ctx);
	bytes_wipe(s, sizeof(*s));
	free(s);
}

int esp_iv_next(struct esp_iv_source *s, uint8_t iv[16])
{
	static const uint8_t zero[IV_POOL * IV_LEN];
	int n;

	if (s->left == 0) {
		if (EVP_EncryptUpdate(s->ctx, s->pool[0], &n, zero, sizeof(zero)) != 1)
			return ERR_CRYPTO;
		s->left = IV_POOL;
	}
	memcpy(iv, s->pool[IV_POOL - s->left], IV_LEN);
	s->left--;
	return 0;
}
