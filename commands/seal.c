/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seals secrets: base64url of version (1), nonce (12), ciphertext of the padded secret (1 + 64) and
 * tag (16).  The padding hides the length.  HKDF: RFC 5869; AES-GCM: NIST SP 800-38D.
 */
#include "commands/seal.h"

#include "platform/base/mem.h"
#include "platform/os/file.h"
#include "platform/os/rng.h"

/* libcrypto has a type of this name. */
#define ERR_STATE libcrypto_err_state
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#undef ERR_STATE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_VERSION 1
#define MASTER_LEN   32
#define NONCE_LEN    12
#define TAG_LEN	     16
#define PLAIN_LEN    (1 + SEAL_SECRET_MAX)
#define BLOB_LEN     (1 + NONCE_LEN + PLAIN_LEN + TAG_LEN)

struct sealer {
	char *path; /* of the master key, or NULL */
	struct secret key;
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(const uint8_t *in, size_t len, char *out)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8) | in[i];
		for (have += 8; have >= 6; have -= 6)
			*out++ = alphabet[(bits >> (have - 6)) & 63];
	}
	if (have > 0)
		*out++ = alphabet[(bits << (6 - have)) & 63];
	*out = '\0';
}

static bool decode(const char *text, uint8_t *out, size_t len)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;

	if (strlen(text) != (len * 8 + 5) / 6)
		return false;
	for (; *text != '\0'; text++) {
		const char *p = strchr(alphabet, *text);

		if (p == NULL)
			return false;
		bits = (bits << 6) | (uint32_t)(p - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (uint8_t)(bits >> have);
		}
	}
	/* Spare bits are zero, so that each blob has one text only. */
	return n == len && (bits & ((1u << have) - 1)) == 0;
}

struct sealer *sealer_new(const char *dir)
{
	struct sealer *s = mem_zalloc(sizeof(*s));
	struct strbuf path;

	if (dir != NULL) {
		strbuf_init(&path);
		strbuf_printf(&path, "%s/master-key", dir);
		s->path = strbuf_take(&path);
		strbuf_clear(&path);
	}
	return s;
}

void sealer_free(struct sealer *s)
{
	if (s == NULL)
		return;
	secret_clear(&s->key);
	free(s->path);
	free(s);
}

static int read_master(struct sealer *s, uint8_t master[MASTER_LEN], struct err_msg *e)
{
	struct strbuf text;
	int r;

	strbuf_init(&text);
	r = file_read(s->path, MASTER_LEN + 1, &text, e);
	if (r == 0 && text.len != MASTER_LEN)
		r = err_set(e, ERR_INVALID, "Master key %s is damaged: it has %zu octets, not %d",
			    s->path, text.len, MASTER_LEN);
	if (r == 0)
		memcpy(master, text.text, MASTER_LEN);
	strbuf_wipe(&text);
	return r;
}

static int make_master(struct sealer *s, uint8_t master[MASTER_LEN], struct err_msg *e)
{
	rng_bytes(master, MASTER_LEN);
	return s->path == NULL ? 0 : file_write_atomic(s->path, master, MASTER_LEN, 0600, false, e);
}

static int derive(const uint8_t master[MASTER_LEN], uint8_t key[32])
{
	static char digest[] = "SHA256", info[] = "ikesh type 6 secret";
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)master,
						  MASTER_LEN),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, sizeof(info) - 1),
		OSSL_PARAM_construct_end(),
	};
	int ok = ctx != NULL && EVP_KDF_derive(ctx, key, 32, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok ? 0 : ERR_CRYPTO;
}

static int load_key(struct sealer *s, struct err_msg *e)
{
	uint8_t master[MASTER_LEN], key[32];
	int r;

	if (s->key.len != 0)
		return 0;
	r = s->path == NULL ? ERR_NOT_FOUND : read_master(s, master, e);
	if (r == ERR_NOT_FOUND)
		r = make_master(s, master, e);
	if (r == 0 && derive(master, key) != 0)
		r = err_set(e, ERR_CRYPTO, "HKDF-SHA256 is not available");
	if (r == 0)
		secret_set(&s->key, key, sizeof(key));
	bytes_wipe(master, sizeof(master));
	bytes_wipe(key, sizeof(key));
	return r;
}

static bool encrypt(const struct secret *key, const uint8_t *nonce, const uint8_t *plain,
		    uint8_t *out, uint8_t *tag)
{
	static const uint8_t version = SEAL_VERSION;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;
	bool ok = c != NULL &&
		  EVP_EncryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->data, nonce) == 1 &&
		  EVP_EncryptUpdate(c, NULL, &n, &version, 1) == 1 &&
		  EVP_EncryptUpdate(c, out, &n, plain, PLAIN_LEN) == 1 &&
		  EVP_EncryptFinal_ex(c, out + n, &n) == 1 &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) == 1;

	EVP_CIPHER_CTX_free(c);
	return ok;
}

static bool decrypt(const struct secret *key, const uint8_t *nonce, const uint8_t *in, uint8_t *tag,
		    uint8_t *plain)
{
	static const uint8_t version = SEAL_VERSION;
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;
	bool ok = c != NULL &&
		  EVP_DecryptInit_ex(c, EVP_aes_256_gcm(), NULL, key->data, nonce) == 1 &&
		  EVP_DecryptUpdate(c, NULL, &n, &version, 1) == 1 &&
		  EVP_DecryptUpdate(c, plain, &n, in, PLAIN_LEN) == 1 &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1 &&
		  EVP_DecryptFinal_ex(c, plain + n, &n) == 1;

	EVP_CIPHER_CTX_free(c);
	return ok;
}

int sealer_seal(struct sealer *s, const struct secret *clear, char text[SEAL_TEXT_MAX],
		struct err_msg *e)
{
	uint8_t blob[BLOB_LEN] = {SEAL_VERSION}, plain[PLAIN_LEN] = {0};
	uint8_t *nonce = blob + 1, *body = nonce + NONCE_LEN;
	bool ok;
	int r = load_key(s, e);

	if (r != 0)
		return r;
	if (clear->len > SEAL_SECRET_MAX)
		return err_set(e, ERR_RANGE, "Secret is longer than %d octets", SEAL_SECRET_MAX);
	plain[0] = (uint8_t)clear->len;
	memcpy(plain + 1, clear->data, clear->len);
	rng_bytes(nonce, NONCE_LEN);
	ok = encrypt(&s->key, nonce, plain, body, body + PLAIN_LEN);
	bytes_wipe(plain, sizeof(plain));
	if (!ok)
		return err_set(e, ERR_CRYPTO, "AES-256-GCM is not available");
	encode(blob, sizeof(blob), text);
	return 0;
}

int sealer_open(struct sealer *s, const char *text, struct secret *clear, struct err_msg *e)
{
	uint8_t blob[BLOB_LEN], plain[PLAIN_LEN];
	uint8_t *nonce = blob + 1, *body = nonce + NONCE_LEN;
	int r;

	if (!decode(text, blob, sizeof(blob)) || blob[0] != SEAL_VERSION)
		return err_set(e, ERR_INVALID,
			       "this is no encrypted key of type 6 of this appliance");
	r = load_key(s, e);
	if (r != 0)
		return r;
	if (!decrypt(&s->key, nonce, body, body + PLAIN_LEN, plain) || plain[0] > SEAL_SECRET_MAX)
		r = err_set(e, ERR_CRYPTO, "it was encrypted with another master key");
	else
		secret_set(clear, plain + 1, plain[0]);
	bytes_wipe(plain, sizeof(plain));
	return r;
}
