/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "$9$SALT$HASH" and "$8$SALT$HASH": 14 characters of salt, used as text, and 256 bits, in base64
 * over ./0-9A-Za-z.  scrypt: RFC 7914, N=16384 r=1 p=1; PBKDF2: RFC 8018, 20,000 rounds.
 * "$1$SALT$HASH" is crypt(3)'s.
 */
#include "commands/password_hash.h"

#include "platform/base/mem.h"
#include "platform/os/rng.h"

#include <crypt.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SALT_LEN      14
#define KEY_LEN	      32
#define KEY_TEXT_LEN  43 /* 256 bits, 6 each */
#define PBKDF2_ROUNDS 20000
#define SCRYPT_N      16384
#define SCRYPT_MEMORY ((uint64_t)128 << 20)

static const char alphabet[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

unsigned password_hash_type(const char *hash)
{
	static const struct {
		const char *prefix;
		unsigned type;
	} types[] = {{"$1$", 5}, {"$8$", 8}, {"$9$", 9}};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (strncmp(hash, types[i].prefix, 3) == 0)
			return types[i].type;
	}
	return 0;
}

static void encode(const uint8_t key[KEY_LEN], char out[KEY_TEXT_LEN + 1])
{
	for (size_t i = 0; i < KEY_TEXT_LEN; i++) {
		size_t bit = 6 * i;
		unsigned two = (unsigned)key[bit / 8] << 8;

		if (bit / 8 + 1 < KEY_LEN)
			two |= key[bit / 8 + 1];
		out[i] = alphabet[(two >> (10 - bit % 8)) & 63];
	}
	out[KEY_TEXT_LEN] = '\0';
}

int password_scrypt(const struct secret *clear, const char *salt, uint64_t n, uint32_t r,
		    uint8_t *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	EVP_KDF_CTX *ctx = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
	uint64_t memory = SCRYPT_MEMORY;
	uint32_t p = 1;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, clear->data, clear->len),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt,
						  strlen(salt)),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end(),
	};
	int ok = ctx != NULL && EVP_KDF_derive(ctx, out, len, params) == 1;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok ? 0 : ERR_CRYPTO;
}

static int derive(unsigned type, const struct secret *clear, const char *salt,
		  char text[KEY_TEXT_LEN + 1])
{
	uint8_t key[KEY_LEN];
	int r = 0;

	if (type == 9)
		r = password_scrypt(clear, salt, SCRYPT_N, 1, key, sizeof(key));
	else if (PKCS5_PBKDF2_HMAC((const char *)clear->data, (int)clear->len,
				   (const uint8_t *)salt, (int)strlen(salt), PBKDF2_ROUNDS,
				   EVP_sha256(), KEY_LEN, key) != 1)
		r = ERR_CRYPTO;
	if (r == 0)
		encode(key, text);
	bytes_wipe(key, sizeof(key));
	return r;
}

int password_hash_make(unsigned type, const struct secret *clear, char out[PASSWORD_HASH_MAX],
		       struct err_msg *e)
{
	uint8_t random[SALT_LEN];
	char salt[SALT_LEN + 1] = "", text[KEY_TEXT_LEN + 1];

	rng_bytes(random, sizeof(random));
	for (size_t i = 0; i < SALT_LEN; i++)
		salt[i] = alphabet[random[i] & 63];
	if (derive(type, clear, salt, text) != 0)
		return err_set(e, ERR_CRYPTO, "Hashes of type %u are not available", type);
	snprintf(out, PASSWORD_HASH_MAX, "$%u$%s$%s", type, salt, text);
	return 0;
}

static bool is_base64(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\0' || strchr(alphabet, text[i]) == NULL)
			return false;
	}
	return true;
}

/* "$1$", up to 8 characters of salt, "$", 22 of hash. */
static bool is_md5_crypt(const char *text)
{
	const char *salt = text + 3;
	size_t len = strcspn(salt, "$");

	return len >= 1 && len <= 8 && is_base64(salt, len) && salt[len] == '$' &&
	       strlen(salt + len + 1) == 22 && is_base64(salt + len + 1, 22);
}

int password_hash_check(unsigned type, const char *text, struct err_msg *e)
{
	bool good = password_hash_type(text) == type && strlen(text) < PASSWORD_HASH_MAX;

	if (good && type == 5)
		good = is_md5_crypt(text);
	else if (good)
		good = strlen(text) == 3 + SALT_LEN + 1 + KEY_TEXT_LEN &&
		       is_base64(text + 3, SALT_LEN) && text[3 + SALT_LEN] == '$' &&
		       is_base64(text + 4 + SALT_LEN, KEY_TEXT_LEN);
	if (good)
		return 0;
	return err_set(
		e, ERR_INVALID,
		"this is no hash of type %u, which begins with $%u$ and is to be pasted whole; "
		"a clear secret is typed without a type",
		type, type == 5 ? 1 : type);
}

static bool verify_md5_crypt(const char *hash, const struct secret *clear)
{
	struct crypt_data *data = mem_zalloc(sizeof(*data));
	char *text = mem_zalloc(clear->len + 1);
	const char *again;
	bool same;

	memcpy(text, clear->data, clear->len);
	again = crypt_r(text, hash, data);
	same = again != NULL && strlen(again) == strlen(hash) &&
	       bytes_equal_ct(again, hash, strlen(hash));
	bytes_wipe(data, sizeof(*data));
	bytes_wipe(text, clear->len);
	free(data);
	free(text);
	return same;
}

bool password_hash_verify(const char *hash, const struct secret *clear)
{
	unsigned type = password_hash_type(hash);
	char salt[SALT_LEN + 1], text[KEY_TEXT_LEN + 1];
	bool same;

	if (clear->len == 0 || type == 0 || password_hash_check(type, hash, NULL) != 0)
		return false;
	if (type == 5)
		return verify_md5_crypt(hash, clear);
	memcpy(salt, hash + 3, SALT_LEN);
	salt[SALT_LEN] = '\0';
	same = derive(type, clear, salt, text) == 0 &&
	       bytes_equal_ct(text, hash + 4 + SALT_LEN, KEY_TEXT_LEN);
	bytes_wipe(text, sizeof(text));
	return same;
}
