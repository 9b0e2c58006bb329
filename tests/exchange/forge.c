/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sealing of hostile messages; see forge.h. */
#include "forge.h"

#include <check.h>
#include <openssl/evp.h>
#include <string.h>

#define GCM_ICV 16
#define GCM_IV	8
#define CBC_IV	16

void forge_key_take(struct forge_key *k, const struct sk_key *from)
{
	forge_key_clear(k);
	k->valid = from->encr_key.len > 0;
	k->encr = from->encr;
	k->key_bits = from->key_bits;
	k->integ = from->integ;
	k->iv = 1ull << 60;
	secret_copy(&k->encr_key, &from->encr_key);
	secret_copy(&k->integ_key, &from->integ_key);
}

void forge_key_clear(struct forge_key *k)
{
	secret_clear(&k->encr_key);
	secret_clear(&k->integ_key);
	*k = (struct forge_key){0};
}

static bool is_gcm(const struct forge_key *k)
{
	return k->encr == IKE_ENCR_AES_GCM_16;
}

static size_t icv_len(const struct forge_key *k)
{
	return is_gcm(k) ? GCM_ICV : k->integ == IKE_INTEG_HMAC_SHA1_96 ? 12 : k->integ_key.len / 2;
}

static size_t padding(const struct forge *f, const struct forge_key *k, size_t chain_len)
{
	if (is_gcm(k))
		return f->pad_blocks;
	return (16 - (chain_len + 1) % 16) % 16 + (size_t)16 * f->pad_blocks;
}

static void gcm(const struct forge_key *k, const uint8_t *iv, struct view aad, uint8_t *text,
		size_t len, uint8_t *icv)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t nonce[12];
	int n;

	memcpy(nonce, k->encr_key.data + k->encr_key.len - 4, 4);
	memcpy(nonce + 4, iv, GCM_IV);
	ck_assert(EVP_EncryptInit_ex(c, k->key_bits == 256 ? EVP_aes_256_gcm() : EVP_aes_128_gcm(),
				     NULL, k->encr_key.data, nonce) &&
		  EVP_EncryptUpdate(c, NULL, &n, aad.data, (int)aad.len) &&
		  EVP_EncryptUpdate(c, text, &n, text, (int)len) &&
		  EVP_EncryptFinal_ex(c, text + n, &n) &&
		  EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, GCM_ICV, icv));
	EVP_CIPHER_CTX_free(c);
}

static void cbc(const struct forge_key *k, const uint8_t *iv, uint8_t *text, size_t len)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n;

	ck_assert(EVP_EncryptInit_ex(c, k->key_bits == 256 ? EVP_aes_256_cbc() : EVP_aes_128_cbc(),
				     NULL, k->encr_key.data, iv) &&
		  EVP_CIPHER_CTX_set_padding(c, 0) &&
		  EVP_EncryptUpdate(c, text, &n, text, (int)len) &&
		  EVP_EncryptFinal_ex(c, text + n, &n));
	EVP_CIPHER_CTX_free(c);
}

static void hmac(const struct forge_key *k, struct view covered, uint8_t *icv)
{
	static const char *const digests[] = {[IKE_INTEG_HMAC_SHA1_96] = "SHA1",
					      [IKE_INTEG_HMAC_SHA2_256_128] = "SHA256",
					      [IKE_INTEG_HMAC_SHA2_384_192] = "SHA384",
					      [IKE_INTEG_HMAC_SHA2_512_256] = "SHA512"};
	uint8_t mac[64];
	size_t len;

	ck_assert_ptr_nonnull(EVP_Q_mac(NULL, "HMAC", NULL, digests[k->integ], NULL,
					k->integ_key.data, k->integ_key.len, covered.data,
					covered.len, mac, sizeof(mac), &len));
	memcpy(icv, mac, icv_len(k));
}

/* Everything up to the IV, with lengths for end octets of message. */
static void headers(const struct forge *f, uint8_t first, size_t sk_len, size_t end,
		    struct writer *w)
{
	uint8_t type = f->total ? IKE_PAYLOAD_SKF : IKE_PAYLOAD_SK;

	writer_u64(w, f->spi_i);
	writer_u64(w, f->spi_r);
	writer_u8(w, f->before.len ? f->before_type : type);
	writer_u8(w, f->version);
	writer_u8(w, f->exchange);
	writer_u8(w, f->flags);
	writer_u32(w, f->id);
	writer_u32(w, (uint32_t)end);
	if (f->before.len) {
		size_t at = w->len;

		writer_put(w, f->before);
		writer_set_u8(w, at, type);
	}
	writer_u8(w, first);
	writer_u8(w, f->generic);
	writer_u16(w, (uint16_t)sk_len);
	if (f->total) {
		writer_u16(w, f->number);
		writer_u16(w, f->total);
	}
}

size_t forge_seal(const struct forge *f, struct forge_key *k, uint8_t first, struct view chain,
		  uint8_t *out)
{
	struct writer w = writer_of(out, FORGE_MAX);
	size_t pad = padding(f, k, chain.len), icv = icv_len(k),
	       iv_len = is_gcm(k) ? GCM_IV : CBC_IV;
	size_t text_len = chain.len + pad + 1;
	size_t sk_len = 4u + (f->total ? 4u : 0u) + iv_len + text_len + f->odd + icv - f->cut;
	size_t end = 28 + f->before.len + sk_len + f->behind.len, iv_at, text_at;

	headers(f, f->number > 1 ? 0 : first, sk_len, end, &w);
	iv_at = w.len;
	writer_u64(&w, ++k->iv);
	writer_zero(&w, iv_len - 8);
	text_at = w.len;
	writer_put(&w, chain);
	for (size_t i = 0; i < pad; i++)
		writer_u8(&w, (uint8_t)(0xa0 + i)); /* any content is legal */
	writer_u8(&w, f->pad < 0 ? (uint8_t)pad : (uint8_t)f->pad);
	writer_zero(&w, f->odd);
	writer_zero(&w, icv);
	ck_assert(!w.failed);
	if (is_gcm(k)) {
		gcm(k, out + iv_at, view_of(out, iv_at), out + text_at, text_len + f->odd,
		    out + w.len - icv);
	} else {
		cbc(k, out + iv_at, out + text_at, text_len);
		hmac(k, view_of(out, w.len - icv), out + w.len - icv);
	}
	if (f->wrong_icv)
		out[w.len - 1] ^= 1;
	w.len -= f->cut;
	writer_put(&w, f->behind);
	ck_assert(!w.failed);
	return w.len;
}
