/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AES-CBC (RFC 3602) with HMAC (RFC 2404, RFC 4868), encrypt-then-MAC, on OpenSSL.  Contexts are
 * keyed once; a packet only resets them.
 */
#include "dataplane/esp/cipher_impl.h"
#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IV_LEN	16
#define MAC_MAX 64

struct cbc_evp {
	struct esp_cipher base;
	EVP_CIPHER_CTX *ctx;
	EVP_MAC_CTX *mac;
	struct esp_iv_source *ivs; /* sealing only */
};

static struct cbc_evp *cbc_of(struct esp_cipher *c)
{
	return (struct cbc_evp *)(void *)c;
}

static void cbc_free(struct esp_cipher *c)
{
	struct cbc_evp *k = cbc_of(c);

	EVP_CIPHER_CTX_free(k->ctx);
	esp_iv_source_free(k->ivs);
	EVP_MAC_CTX_free(k->mac);
	bytes_wipe(k, sizeof(*k));
	free(k);
}

/* HMAC over the packet up to the ICV, and the high half of an extended sequence number behind it
 * (RFC 4303 section 2.2.1). */
static int make_mac(struct cbc_evp *k, const uint8_t *packet, size_t len, uint64_t seq,
		    uint8_t mac[MAC_MAX])
{
	uint8_t high[4];
	struct writer w = writer_of(high, sizeof(high));
	size_t n;

	writer_u32(&w, (uint32_t)(seq >> 32));
	if (EVP_MAC_init(k->mac, NULL, 0, NULL) != 1 || EVP_MAC_update(k->mac, packet, len) != 1)
		return ERR_CRYPTO;
	if (k->base.esn && EVP_MAC_update(k->mac, high, sizeof(high)) != 1)
		return ERR_CRYPTO;
	return EVP_MAC_final(k->mac, mac, &n, MAC_MAX) == 1 ? 0 : ERR_CRYPTO;
}

static void cbc_seal(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct cbc_evp *k = cbc_of(c);
	uint8_t *iv = job->out + ESP_HEADER_LEN;
	uint8_t *text = iv + IV_LEN;
	uint8_t mac[MAC_MAX];
	int n;

	(void)engine;
	job->result = ERR_CRYPTO;
	if (esp_iv_next(k->ivs, iv) != 0 ||
	    EVP_EncryptInit_ex2(k->ctx, NULL, NULL, iv, NULL) != 1 ||
	    EVP_EncryptUpdate(k->ctx, text, &n, job->in, (int)job->len) != 1 ||
	    make_mac(k, job->out, ESP_HEADER_LEN + IV_LEN + job->len, job->seq, mac) != 0)
		return;
	memcpy(text + job->len, mac, k->base.transform.icv_len);
	job->result = 0;
}

static void cbc_open(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct cbc_evp *k = cbc_of(c);
	size_t covered = job->len - k->base.transform.icv_len;
	const uint8_t *iv = job->in + ESP_HEADER_LEN;
	uint8_t mac[MAC_MAX];
	int n;

	(void)engine;
	job->result = ERR_CRYPTO;
	if (make_mac(k, job->in, covered, job->seq, mac) == 0 &&
	    bytes_equal_ct(mac, job->in + covered, k->base.transform.icv_len) &&
	    EVP_DecryptInit_ex2(k->ctx, NULL, NULL, iv, NULL) == 1 &&
	    EVP_DecryptUpdate(k->ctx, job->out, &n, iv + IV_LEN,
			      (int)(covered - ESP_HEADER_LEN - IV_LEN)) == 1)
		job->result = 0;
}

static const struct esp_cipher_ops cbc_ops = {
	.free = cbc_free,
	.seal = cbc_seal,
	.open = cbc_open,
};

/* NULL when the cipher is not available. */
static EVP_CIPHER_CTX *keyed_cipher(const char *name, const uint8_t *key, int enc)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (cipher == NULL || ctx == NULL ||
	    EVP_CipherInit_ex2(ctx, cipher, key, NULL, enc, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(ctx, 0) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

static const char *digest_name(uint16_t integ)
{
	switch (integ) {
	case 2:
		return "SHA1";
	case 12:
		return "SHA2-256";
	case 13:
		return "SHA2-384";
	default:
		return "SHA2-512";
	}
}

static EVP_MAC_CTX *keyed_mac(uint16_t integ, struct view key)
{
	char digest[16];
	OSSL_PARAM params[2];
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);

	(void)snprintf(digest, sizeof(digest), "%s", digest_name(integ));
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	if (ctx != NULL && EVP_MAC_init(ctx, key.data, key.len, params) != 1) {
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_MAC_free(mac);
	return ctx;
}

struct esp_cipher *esp_cbc_evp_new(const struct esp_transform *t, enum esp_direction direction,
				   struct view encr_key, struct view integ_key)
{
	struct cbc_evp *k = mem_zalloc(sizeof(*k));

	k->base.ops = &cbc_ops;
	k->ctx = keyed_cipher(t->key_bits == 128 ? "AES-128-CBC" : "AES-256-CBC", encr_key.data,
			      direction == ESP_SEAL);
	k->mac = keyed_mac(t->integ, integ_key);
	if (direction == ESP_SEAL)
		k->ivs = esp_iv_source_new();
	if (k->ctx == NULL || k->mac == NULL || (direction == ESP_SEAL && k->ivs == NULL)) {
		cbc_free(&k->base);
		return NULL;
	}
	return &k->base;
}
