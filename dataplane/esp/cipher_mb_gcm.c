/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AES-GCM with a 16-octet ICV (RFC 4106) on libipsec-mb, one call per packet.  The key schedule and
 * the powers of the hash key are made once and only read afterwards.
 */
#include "dataplane/esp/cipher_mb.h"

#include "platform/base/secret.h"

#include <stdlib.h>
#include <string.h>

#define SALT_LEN  4
#define NONCE_LEN 12
#define IV_LEN	  8
#define ICV_LEN	  16

struct gcm_mb {
	struct esp_cipher base;
	uint8_t salt[SALT_LEN];
	aes_gcm_enc_dec_t seal, open;
	_Alignas(ESP_MB_ALIGN) struct gcm_key_data key;
};

static struct gcm_mb *gcm_of(struct esp_cipher *c)
{
	return (struct gcm_mb *)(void *)c;
}

static void gcm_free(struct esp_cipher *c)
{
	bytes_wipe(gcm_of(c), sizeof(struct gcm_mb));
	free(c);
}

/* RFC 4106 section 4. */
static void make_nonce(const struct gcm_mb *g, const uint8_t *iv, uint8_t nonce[NONCE_LEN])
{
	memcpy(nonce, g->salt, SALT_LEN);
	memcpy(nonce + SALT_LEN, iv, IV_LEN);
}

static void gcm_seal(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct gcm_mb *g = gcm_of(c);
	uint8_t *iv = job->out + ESP_HEADER_LEN;
	uint8_t *text = iv + IV_LEN;
	struct writer w = writer_of(iv, IV_LEN);
	uint8_t nonce[NONCE_LEN], aad[ESP_AAD_MAX];
	size_t aad_len = esp_gcm_aad(c, job->out, job->seq, aad);
	struct gcm_context_data context;

	(void)engine;
	writer_u64(&w, job->seq);
	make_nonce(g, iv, nonce);
	g->seal(&g->key, &context, text, job->in, job->len, nonce, aad, aad_len, text + job->len,
		ICV_LEN);
	job->result = 0;
}

static void gcm_open(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct gcm_mb *g = gcm_of(c);
	const uint8_t *iv = job->in + ESP_HEADER_LEN;
	const uint8_t *text = iv + IV_LEN;
	size_t len = job->len - ESP_HEADER_LEN - IV_LEN - ICV_LEN;
	uint8_t nonce[NONCE_LEN], aad[ESP_AAD_MAX], icv[ICV_LEN];
	size_t aad_len = esp_gcm_aad(c, job->in, job->seq, aad);
	struct gcm_context_data context;

	(void)engine;
	make_nonce(g, iv, nonce);
	g->open(&g->key, &context, job->out, text, len, nonce, aad, aad_len, icv, ICV_LEN);
	job->result = bytes_equal_ct(icv, text + len, ICV_LEN) ? 0 : ERR_CRYPTO;
}

static const struct esp_cipher_ops gcm_ops = {
	.free = gcm_free,
	.seal = gcm_seal,
	.open = gcm_open,
	.shareable = true,
};

struct esp_cipher *esp_gcm_mb_new(struct esp_mb *mb, const struct esp_transform *t,
				  struct view encr_key)
{
	struct gcm_mb *g = esp_mb_zalloc(sizeof(*g));

	g->base.ops = &gcm_ops;
	memcpy(g->salt, encr_key.data + encr_key.len - SALT_LEN, SALT_LEN);
	if (t->key_bits == 128) {
		IMB_AES128_GCM_PRE(mb->mgr, encr_key.data, &g->key);
		g->seal = mb->mgr->gcm128_enc;
		g->open = mb->mgr->gcm128_dec;
	} else {
		IMB_AES256_GCM_PRE(mb->mgr, encr_key.data, &g->key);
		g->seal = mb->mgr->gcm256_enc;
		g->open = mb->mgr->gcm256_dec;
	}
	return &g->base;
}
