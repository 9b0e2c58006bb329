/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seals secrets: base64url of version (1), nonce (12), ciphertext of the padded secret (1 + 64) and
 * tag (16).  The padding hides the length.  HKDF: RFC 5869; AES-GCM: NIST SP 800-38D.
 */
#include "commands/seal.h"

#include "commands/password_hash.h"
#include "platform/base/mem.h"
#include "platform/os/file.h"
#include "platform/os/rng.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEAL_VERSION 1
#define MASTER_LEN   32
#define OLD_MAX	     ((size_t)64) /* earlier keys that are kept */
#define SCRYPT_N     32768
#define SCRYPT_R     8
#define NONCE_LEN    12
#define TAG_LEN	     16
#define PLAIN_LEN    (1 + SEAL_SECRET_MAX)
#define BLOB_LEN     (1 + NONCE_LEN + PLAIN_LEN + TAG_LEN)

struct sealer {
	char *path; /* of the master key, or NULL */
	uint8_t master[MASTER_LEN];
	struct secret key; /* empty: not loaded */
	struct secret old; /* earlier master keys, one behind the other, newest first */
	bool old_is_loaded;
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
	secret_clear(&s->old);
	bytes_wipe(s->master, sizeof(s->master));
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

/* Takes a master key into use. */
static int use_key(struct sealer *s, const uint8_t master[MASTER_LEN], struct err_msg *e)
{
	uint8_t key[32];

	if (derive(master, key) != 0)
		return err_set(e, ERR_CRYPTO, "HKDF-SHA256 is not available");
	secret_set(&s->key, key, sizeof(key));
	memcpy(s->master, master, MASTER_LEN);
	bytes_wipe(key, sizeof(key));
	return 0;
}

static int load_key(struct sealer *s, struct err_msg *e)
{
	uint8_t master[MASTER_LEN];
	int r;

	if (s->key.len != 0)
		return 0;
	r = s->path == NULL ? ERR_NOT_FOUND : read_master(s, master, e);
	if (r == ERR_NOT_FOUND)
		r = make_master(s, master, e);
	if (r == 0)
		r = use_key(s, master, e);
	bytes_wipe(master, sizeof(master));
	return r;
}

static void old_path(const struct sealer *s, struct strbuf *out)
{
	strbuf_init(out);
	strbuf_printf(out, "%s.old", s->path);
}

/* What cannot be read are no keys. */
static void load_old(struct sealer *s)
{
	struct strbuf path, text;

	if (s->old_is_loaded)
		return;
	s->old_is_loaded = true;
	if (s->path == NULL)
		return;
	old_path(s, &path);
	strbuf_init(&text);
	if (file_read(path.text, OLD_MAX * MASTER_LEN, &text, NULL) == 0)
		secret_set(&s->old, text.text, text.len - text.len % MASTER_LEN);
	strbuf_wipe(&text);
	strbuf_clear(&path);
}

/* The key in use becomes the newest of the old ones. */
static int retire_key(struct sealer *s, struct err_msg *e)
{
	struct secret all = SECRET_NONE;
	struct strbuf path;
	size_t keep;
	int r = 0;

	load_old(s);
	keep = s->old.len < (OLD_MAX - 1) * MASTER_LEN ? s->old.len : (OLD_MAX - 1) * MASTER_LEN;
	secret_alloc(&all, MASTER_LEN + keep);
	memcpy(all.data, s->master, MASTER_LEN);
	if (keep != 0)
		memcpy(all.data + MASTER_LEN, s->old.data, keep);
	if (s->path != NULL) {
		old_path(s, &path);
		r = file_write_atomic(path.text, all.data, all.len, 0600, false, e);
		strbuf_clear(&path);
	}
	if (r == 0)
		secret_move(&s->old, &all);
	secret_clear(&all);
	return r;
}

/* The salt is fixed: the same pass phrase opens the same configurations on every box. */
static int key_of_phrase(const struct secret *phrase, uint8_t master[MASTER_LEN], struct err_msg *e)
{
	if (password_scrypt(phrase, "ikesh config-key", SCRYPT_N, SCRYPT_R, master, MASTER_LEN) ==
	    0)
		return 0;
	return err_set(e, ERR_CRYPTO, "scrypt is not available");
}

int sealer_change(struct sealer *s, const struct secret *phrase, bool *changed, struct err_msg *e)
{
	uint8_t master[MASTER_LEN];
	int r = load_key(s, e);

	*changed = false;
	if (r == 0 && phrase == NULL)
		rng_bytes(master, MASTER_LEN);
	else if (r == 0)
		r = key_of_phrase(phrase, master, e);
	if (r != 0 || bytes_equal_ct(master, s->master, MASTER_LEN))
		return r;
	/* First the old key is safe, then the new one is in force. */
	r = retire_key(s, e);
	if (r == 0 && s->path != NULL)
		r = file_write_atomic(s->path, master, MASTER_LEN, 0600, false, e);
	if (r == 0)
		r = use_key(s, master, e);
	*changed = r == 0;
	bytes_wipe(master, sizeof(master));
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

/* ERR_CRYPTO: this key does not fit. */
static int open_with(const struct secret *key, uint8_t blob[BLOB_LEN], struct secret *clear)
{
	uint8_t plain[PLAIN_LEN];
	uint8_t *nonce = blob + 1, *body = nonce + NONCE_LEN;
	int r = ERR_CRYPTO;

	if (decrypt(key, nonce, body, body + PLAIN_LEN, plain) && plain[0] <= SEAL_SECRET_MAX) {
		secret_set(clear, plain + 1, plain[0]);
		r = 0;
	}
	bytes_wipe(plain, sizeof(plain));
	return r;
}

static int open_with_old(struct sealer *s, uint8_t blob[BLOB_LEN], struct secret *clear)
{
	int r = ERR_CRYPTO;

	load_old(s);
	for (size_t at = 0; r != 0 && at + MASTER_LEN <= s->old.len; at += MASTER_LEN) {
		struct secret key = SECRET_NONE;

		secret_alloc(&key, 32);
		if (derive(s->old.data + at, key.data) == 0)
			r = open_with(&key, blob, clear);
		secret_clear(&key);
	}
	return r;
}

int sealer_open(struct sealer *s, const char *text, struct secret *clear, struct err_msg *e)
{
	uint8_t blob[BLOB_LEN];
	int r;

	if (!decode(text, blob, sizeof(blob)) || blob[0] != SEAL_VERSION)
		return err_set(e, ERR_INVALID,
			       "this is no encrypted key of type 6 of this appliance");
	r = load_key(s, e);
	if (r != 0)
		return r;
	r = open_with(&s->key, blob, clear);
	if (r != 0)
		r = open_with_old(s, blob, clear);
	if (r != 0)
		err_set(e, r, "it was encrypted with another master key");
	return r;
}
