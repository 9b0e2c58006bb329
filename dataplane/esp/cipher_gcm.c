/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AES-GCM with a 16-octet ICV (RFC 4106) on OpenSSL.  The context is keyed once; a packet only sets
 * the nonce.  The IV on the wire is the 64-bit sequence number, which never repeats under a key.
 */
#include "dataplane/esp/cipher_impl.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define SALT_LEN  4
#define NONCE_LEN 12
#define IV_LEN	  8
#define ICV_LEN	  16

struct gcm_evp {
	struct esp_cipher base;
	EVP_CIPHER_CTX *ctx;
	uint8_t salt[SALT_LEN];
};

static struct gcm_evp *gcm_of(struct esp_cipher *c)
{
	return (struct gcm_evp *)(void *)c;
}

static void gcm_free(struct esp_cipher *c)
{
	struct gcm_evp *g = gcm_of(c);

	EVP_CIPHER_CTX_free(g->ctx);
	bytes_wipe(g, sizeof(*g));
	free(g);
}

/* RFC 4106 section 4. */
static void make_nonce(const struct gcm_evp *g, const uint8_t *iv, uint8_t nonce[NONCE_LEN])
{
	memcpy(nonce, g->salt, SALT_LEN);
	memcpy(nonce + SALT_LEN, iv, IV_LEN);
}

static void gcm_seal(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct gcm_evp *g = gcm_of(c);
	uint8_t *iv = job->out + ESP_HEADER_LEN;
	uint8_t *text = iv + IV_LEN;
	struct writer w = writer_of(iv, IV_LEN);
	uint8_t nonce[NONCE_LEN], aad[ESP_AAD_MAX];
	int n, aad_len = (int)esp_gcm_aad(c, job->out, job->seq, aad);

	(void)engine;
	job->result = ERR_CRYPTO;
	writer_u64(&w, job->seq);
	make_nonce(g, iv, nonce);
	if (EVP_EncryptInit_ex2(g->ctx, NULL, NULL, nonce, NULL) == 1 &&
	    EVP_EncryptUpdate(g->ctx, NULL, &n, aad, aad_len) == 1 &&
	    EVP_EncryptUpdate(g->ctx, text, &n, job->in, (int)job->len) == 1 &&
	    EVP_EncryptFinal_ex(g->ctx, text + job->len, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_GET_TAG, ICV_LEN, text + job->len) == 1)
		job->result = 0;
}

static void gcm_open(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct gcm_evp *g = gcm_of(c);
	const uint8_t *iv = job->in + ESP_HEADER_LEN;
	const uint8_t *text = iv + IV_LEN;
	size_t len = job->len - ESP_HEADER_LEN - IV_LEN - ICV_LEN;
	uint8_t nonce[NONCE_LEN], aad[ESP_AAD_MAX], icv[ICV_LEN];
	int n, aad_len = (int)esp_gcm_aad(c, job->in, job->seq, aad);

	(void)engine;
	job->result = ERR_CRYPTO;
	make_nonce(g, iv, nonce);
	memcpy(icv, text + len, ICV_LEN);
	if (EVP_DecryptInit_ex2(g->ctx, NULL, NULL, nonce, NULL) == 1 &&
	    EVP_DecryptUpdate(g->ctx, NULL, &n, aad, aad_len) == 1 &&
	    EVP_DecryptUpdate(g->ctx, job->out, &n, text, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_SET_TAG, ICV_LEN, icv) == 1 &&
	    EVP_DecryptFinal_ex(g->ctx, job->out + len, &n) == 1)
		job->result = 0;
}

static const struct esp_cipher_ops gcm_ops = {
	.free = gcm_free,
	.seal = gcm_seal,
	.open = gcm_open,
};

struct esp_cipher *esp_gcm_evp_new(const struct esp_transform *t, enum esp_direction direction,
				   struct view encr_key)
{
	struct gcm_evp *g = mem_zalloc(sizeof(*g));
	EVP_CIPHER *cipher =
		EVP_CIPHER_fetch(NULL, t->key_bits == 128 ? "AES-128-GCM" : "AES-256-GCM", NULL);
	size_t key_len = encr_key.len - SALT_LEN;
	int ok;

	g->base.ops = &gcm_ops;
	g->ctx = EVP_CIPHER_CTX_new();
	memcpy(g->salt, encr_key.data + key_len, SALT_LEN);
	ok = cipher != NULL && g->ctx != NULL &&
	     EVP_CipherInit_ex2(g->ctx, cipher, encr_key.data, NULL, direction == ESP_SEAL, NULL);
	EVP_CIPHER_free(cipher);
	if (!ok) {
		gcm_free(&g->base);
		return NULL;
	}
	return &g->base;
}
