/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SK and SKF payloads; see sk.h.  Layout (RFC 7296 section 3.14, RFC 7383 section 2.5):
 *
 *   IKE header | generic header | [fragment number, total] | IV | ciphertext | ICV
 *
 * where the plaintext is chain | padding | pad length.  With AES-CBC the ICV is an HMAC over all
 * octets before it; with AES-GCM (RFC 5282) everything before the IV is associated data.
 */
#include "ikev2/sk.h"

#include "ikev2/prf.h"

#include <openssl/evp.h>
#include <string.h>

#define SKF_HEADER    4	 /* fragment number, total fragments */
#define GCM_NONCE_LEN 12 /* salt and IV */

static const struct ike_algorithm *encr_of(const struct sk_key *k)
{
	return algorithm_find(IKE_TRANSFORM_ENCR, k->encr, k->key_bits);
}

static size_t icv_len_of(const struct sk_key *k)
{
	const struct ike_algorithm *encr = encr_of(k);

	return encr->aead ? encr->icv_len
			  : algorithm_find(IKE_TRANSFORM_INTEG, k->integ, 0)->icv_len;
}

int sk_key_init(struct sk_key *k, const struct ike_suite *suite, const struct secret *encr,
		const struct secret *integ)
{
	const struct ike_algorithm *e =
		algorithm_find(IKE_TRANSFORM_ENCR, suite->encr, suite->key_bits);
	const struct ike_algorithm *i = algorithm_find(IKE_TRANSFORM_INTEG, suite->integ, 0);

	if (!e || (!e->aead && !i))
		return ERR_UNSUPPORTED;
	if (encr->len != e->key_len || (!e->aead && integ->len != i->key_len))
		return ERR_RANGE;
	*k = (struct sk_key){.encr = suite->encr, .key_bits = suite->key_bits};
	secret_copy(&k->encr_key, encr);
	if (!e->aead) {
		k->integ = suite->integ;
		secret_copy(&k->integ_key, integ);
	}
	return 0;
}

void sk_key_clear(struct sk_key *k)
{
	secret_clear(&k->encr_key);
	secret_clear(&k->integ_key);
}

void sk_key_move(struct sk_key *dst, struct sk_key *src)
{
	sk_key_clear(dst);
	*dst = *src;
	*src = (struct sk_key){0};
}

/* ---- Cipher and HMAC ------------------------------------------------------------------------- */

/* A context with key and IV; NULL on failure.  CBC padding is ours, not libcrypto's. */
static EVP_CIPHER_CTX *cipher_start(const struct crypto *c, const struct sk_key *k,
				    const uint8_t *iv, bool encrypt)
{
	const struct ike_algorithm *a = encr_of(k);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t nonce[GCM_NONCE_LEN];

	if (a->aead) { /* RFC 5282 section 4: salt, then the explicit IV */
		memcpy(nonce, k->encr_key.data + a->key_len - a->salt_len, a->salt_len);
		memcpy(nonce + a->salt_len, iv, a->iv_len);
		iv = nonce;
	}
	if (ctx && (!EVP_CipherInit_ex2(ctx, crypto_cipher(c, k->encr, k->key_bits),
					k->encr_key.data, iv, encrypt, NULL) ||
		    !EVP_CIPHER_CTX_set_padding(ctx, 0))) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

static bool hmac_icv(const struct crypto *c, const struct sk_key *k, struct view covered,
		     uint8_t icv[PRF_LEN_MAX])
{
	struct prf hmac;
	bool ok;

	if (prf_init(&hmac, c, IKE_TRANSFORM_INTEG, k->integ, secret_view(&k->integ_key)))
		return false;
	ok = prf_run(&hmac, &covered, 1, icv) == 0;
	prf_clear(&hmac);
	return ok;
}

/* Where the parts of a protected message are: offsets from its first octet. */
struct layout {
	uint8_t *base;
	size_t iv, cipher, icv, end;
};

static bool encrypt(const struct crypto *c, const struct sk_key *k, const struct layout *l)
{
	const struct ike_algorithm *a = encr_of(k);
	EVP_CIPHER_CTX *ctx = cipher_start(c, k, l->base + l->iv, true);
	uint8_t *text = l->base + l->cipher;
	int text_len = (int)(l->icv - l->cipher), n = 0, tail = 0;
	uint8_t icv[PRF_LEN_MAX];
	bool ok = ctx != NULL;

	if (ok && a->aead)
		ok = EVP_EncryptUpdate(ctx, NULL, &n, l->base, (int)l->iv);
	ok = ok && EVP_EncryptUpdate(ctx, text, &n, text, text_len) &&
	     EVP_EncryptFinal_ex(ctx, text + n, &tail) && n + tail == text_len;
	if (ok && a->aead)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, a->icv_len, l->base + l->icv);
	EVP_CIPHER_CTX_free(ctx);
	if (ok && !a->aead) {
		ok = hmac_icv(c, k, view_of(l->base, l->icv), icv);
		if (ok)
			memcpy(l->base + l->icv, icv, l->end - l->icv);
	}
	return ok;
}

/* The ICV of AES-CBC is checked before anything is decrypted. */
static bool decrypt(const struct crypto *c, const struct sk_key *k, const uint8_t *base,
		    const struct layout *l, uint8_t *plain)
{
	const struct ike_algorithm *a = encr_of(k);
	int text_len = (int)(l->icv - l->cipher), n = 0, tail = 0;
	uint8_t icv[PRF_LEN_MAX];
	EVP_CIPHER_CTX *ctx;
	bool ok;

	if (!a->aead && (!hmac_icv(c, k, view_of(base, l->icv), icv) ||
			 !bytes_equal_ct(icv, base + l->icv, l->end - l->icv)))
		return false;
	memcpy(icv, base + l->icv, l->end - l->icv);
	ctx = cipher_start(c, k, base + l->iv, false);
	ok = ctx != NULL;
	if (ok && a->aead)
		ok = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, a->icv_len, icv) &&
		     EVP_DecryptUpdate(ctx, NULL, &n, base, (int)l->iv);
	ok = ok && EVP_DecryptUpdate(ctx, plain, &n, base + l->cipher, text_len) &&
	     EVP_DecryptFinal_ex(ctx, plain + n, &tail) && n + tail == text_len;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		bytes_wipe(plain, (size_t)text_len);
	return ok;
}

/* ---- Seal ------------------------------------------------------------------------------------ */

/* Padding octets in front of the pad length octet. */
static size_t pad_len(const struct ike_algorithm *a, size_t chain_len)
{
	size_t over = (chain_len + 1) % a->block_len;

	return over ? a->block_len - over : 0;
}

static void write_iv(struct writer *w, struct sk_key *k, const struct ike_random *random)
{
	uint8_t iv[16];

	if (encr_of(k)->aead) { /* RFC 5282 section 3.1: unique is enough */
		writer_u64(w, k->counter++);
		return;
	}
	random->bytes(random->arg, iv, sizeof(iv)); /* RFC 3602: unpredictable */
	writer_bytes(w, iv, sizeof(iv));
}

static int seal(const struct crypto *c, struct sk_key *k, const struct ike_random *random,
		const struct message_header *h, uint8_t type, uint8_t first, struct view fragment,
		struct view chain, struct writer *w)
{
	const struct ike_algorithm *a = encr_of(k);
	size_t padding = pad_len(a, chain.len);
	struct message_header own = *h;
	struct layout l = {.base = w->data};

	l.iv = MESSAGE_HEADER_LEN + MESSAGE_GENERIC_LEN + fragment.len;
	l.cipher = l.iv + a->iv_len;
	l.icv = l.cipher + chain.len + padding + 1;
	l.end = l.icv + icv_len_of(k);
	if (l.end - MESSAGE_HEADER_LEN > UINT16_MAX || l.end > w->cap)
		return ERR_NO_SPACE;
	own.next_payload = type;
	own.length = (uint32_t)l.end;
	message_header_write(w, &own);
	writer_u8(w, first);
	writer_u8(w, 0);
	writer_u16(w, (uint16_t)(l.end - MESSAGE_HEADER_LEN));
	writer_put(w, fragment);
	write_iv(w, k, random);
	writer_put(w, chain);
	writer_zero(w, padding);
	writer_u8(w, (uint8_t)padding);
	writer_zero(w, l.end - l.icv);
	if (w->failed)
		return ERR_NO_SPACE;
	return encrypt(c, k, &l) ? 0 : ERR_CRYPTO;
}

int sk_seal(const struct crypto *c, struct sk_key *k, const struct ike_random *random,
	    const struct message_header *h, uint8_t first, struct view chain, void *out, size_t cap,
	    size_t *out_len)
{
	struct writer w = writer_of(out, cap);
	int rc = seal(c, k, random, h, IKE_PAYLOAD_SK, first, view_of(NULL, 0), chain, &w);

	if (rc == 0)
		*out_len = w.len;
	return rc;
}

int sk_seal_fragment(const struct crypto *c, struct sk_key *k, const struct ike_random *random,
		     const struct message_header *h, uint8_t first, uint16_t number, uint16_t total,
		     struct view part, void *out, size_t cap, size_t *out_len)
{
	uint8_t numbers[SKF_HEADER];
	struct writer n = writer_of(numbers, sizeof(numbers));
	struct writer w = writer_of(out, cap);
	int rc;

	writer_u16(&n, number);
	writer_u16(&n, total);
	/* RFC 7383 section 2.5: only the first fragment names the first payload. */
	rc = seal(c, k, random, h, IKE_PAYLOAD_SKF, number == 1 ? first : IKE_PAYLOAD_NONE,
		  writer_view(&n), part, &w);
	if (rc == 0)
		*out_len = w.len;
	return rc;
}

size_t sk_sealed_len(const struct sk_key *k, size_t chain_len)
{
	const struct ike_algorithm *a = encr_of(k);

	return MESSAGE_HEADER_LEN + MESSAGE_GENERIC_LEN + a->iv_len + chain_len +
	       pad_len(a, chain_len) + 1 + icv_len_of(k);
}

size_t sk_fragment_room(const struct sk_key *k, size_t message_len)
{
	const struct ike_algorithm *a = encr_of(k);
	size_t fixed =
		MESSAGE_HEADER_LEN + MESSAGE_GENERIC_LEN + SKF_HEADER + a->iv_len + icv_len_of(k);
	size_t text;

	if (message_len <= fixed)
		return 0;
	text = (message_len - fixed) / a->block_len * a->block_len;
	return text ? text - 1 : 0;
}

/* ---- Open ------------------------------------------------------------------------------------ */

/* The ciphertext must be whole blocks and hold the pad length octet at least. */
static int find_layout(const struct sk_key *k, struct view message, const struct payload *sk,
		       size_t extra, struct layout *l)
{
	const struct ike_algorithm *a = encr_of(k);
	size_t icv_len = icv_len_of(k);

	if (sk->body.len < extra + a->iv_len + a->block_len + icv_len)
		return ERR_CRYPTO;
	l->end = sk->at + MESSAGE_GENERIC_LEN + sk->body.len;
	if (l->end != message.len) /* it is the last payload */
		return ERR_CRYPTO;
	l->iv = sk->at + MESSAGE_GENERIC_LEN + extra;
	l->cipher = l->iv + a->iv_len;
	l->icv = l->end - icv_len;
	return (l->icv - l->cipher) % a->block_len ? ERR_CRYPTO : 0;
}

static int open_message(const struct crypto *c, const struct sk_key *k, struct view message,
			const struct payload *sk, size_t extra, uint8_t *plain, size_t cap,
			struct view *out)
{
	struct layout l = {0};
	size_t text_len, padding;
	int rc = find_layout(k, message, sk, extra, &l);

	if (rc)
		return rc;
	text_len = l.icv - l.cipher;
	if (text_len > cap)
		return ERR_NO_SPACE;
	if (!decrypt(c, k, message.data, &l, plain))
		return ERR_CRYPTO;
	padding = plain[text_len - 1]; /* its content does not matter, section 3.14 */
	if (padding + 1 > text_len)
		return ERR_INVALID;
	*out = view_of(plain, text_len - 1 - padding);
	return 0;
}

int sk_open(const struct crypto *c, const struct sk_key *k, struct view message,
	    const struct payload *sk, uint8_t *plain, size_t cap, struct view *out)
{
	return open_message(c, k, message, sk, 0, plain, cap, out);
}

int sk_fragment_numbers(const struct payload *skf, uint16_t *number, uint16_t *total)
{
	struct reader r = reader_of(skf->body);
	uint16_t n = reader_u16(&r);
	uint16_t t = reader_u16(&r);

	if (r.failed || n == 0 || n > t)
		return ERR_INVALID;
	*number = n;
	*total = t;
	return 0;
}

int sk_open_fragment(const struct crypto *c, const struct sk_key *k, struct view message,
		     const struct payload *skf, uint8_t *plain, size_t cap, struct view *out)
{
	return open_message(c, k, message, skf, SKF_HEADER, plain, cap, out);
}
