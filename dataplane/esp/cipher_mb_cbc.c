/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AES-CBC (RFC 3602) with HMAC (RFC 2404, RFC 4868), encrypt-then-MAC, as jobs of libipsec-mb.
 * HMAC starts from the states behind the inner and the outer padded key, which are made once
 * (RFC 2104 section 4).
 */
#include "dataplane/esp/cipher_mb.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"

#include <stdlib.h>
#include <string.h>

#define IV_LEN	     16
#define SCHEDULE_LEN (15 * 16)
#define HASH_BLOCK   128
#define HIGH_LEN     4 /* of an extended sequence number */

struct hash {
	uint16_t integ;
	IMB_HASH_ALG alg;
	uint8_t block;
};

static const struct hash hashes[] = {
	{2, IMB_AUTH_HMAC_SHA_1, 64},
	{12, IMB_AUTH_HMAC_SHA_256, 64},
	{13, IMB_AUTH_HMAC_SHA_384, 128},
	{14, IMB_AUTH_HMAC_SHA_512, 128},
};

struct cbc_mb {
	struct esp_cipher base;
	IMB_HASH_ALG alg;
	struct esp_iv_source *ivs; /* sealing only */
	_Alignas(ESP_MB_ALIGN) uint8_t encrypt[SCHEDULE_LEN];
	_Alignas(ESP_MB_ALIGN) uint8_t decrypt[SCHEDULE_LEN];
	_Alignas(ESP_MB_ALIGN) uint8_t inner[ESP_MB_MAC_MAX];
	_Alignas(ESP_MB_ALIGN) uint8_t outer[ESP_MB_MAC_MAX];
};

static struct cbc_mb *cbc_of(struct esp_cipher *c)
{
	return (struct cbc_mb *)(void *)c;
}

static void cbc_free(struct esp_cipher *c)
{
	struct cbc_mb *k = cbc_of(c);

	esp_iv_source_free(k->ivs);
	bytes_wipe(k, sizeof(*k));
	free(k);
}

static void put_high(uint8_t *at, uint64_t seq)
{
	struct writer w = writer_of(at, HIGH_LEN);

	writer_u32(&w, (uint32_t)(seq >> 32));
}

/* What sealing and opening have in common: `packet` begins at the SPI, covered octets of it are
 * authenticated. */
static IMB_JOB *begin(struct esp_mb *mb, const struct cbc_mb *k, struct esp_mb_pending *p,
		      const uint8_t *packet, size_t covered)
{
	IMB_JOB *j = IMB_GET_NEXT_JOB(mb->mgr);

	j->user_data = p;
	j->enc_keys = k->encrypt;
	j->dec_keys = k->decrypt;
	j->key_len_in_bytes = k->base.transform.key_bits / 8u;
	j->cipher_mode = IMB_CIPHER_CBC;
	j->hash_alg = k->alg;
	j->iv = packet + ESP_HEADER_LEN;
	j->iv_len_in_bytes = IV_LEN;
	j->msg_len_to_cipher_in_bytes = covered - ESP_HEADER_LEN - IV_LEN;
	j->msg_len_to_hash_in_bytes = k->base.esn ? covered + HIGH_LEN : covered;
	j->u.HMAC._hashed_auth_key_xor_ipad = k->inner;
	j->u.HMAC._hashed_auth_key_xor_opad = k->outer;
	j->auth_tag_output_len_in_bytes = k->base.transform.icv_len;
	return j;
}

/* The library finds the octets to authenticate at an offset to the source of encryption: of the
 * packet, that is where the source is not. */
static void cbc_seal(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct cbc_mb *k = cbc_of(c);
	uint8_t *text = job->out + ESP_HEADER_LEN + IV_LEN;
	size_t covered = ESP_HEADER_LEN + IV_LEN + job->len;
	struct esp_mb_pending *p;
	IMB_JOB *j;

	job->result = ERR_CRYPTO;
	if (esp_iv_next(k->ivs, job->out + ESP_HEADER_LEN) != 0)
		return;
	if (job->in != text)
		memcpy(text, job->in, job->len);
	put_high(text + job->len, job->seq); /* the ICV takes its place */
	p = esp_mb_next(engine->mb);
	p->job = job;
	p->open = false;
	j = begin(engine->mb, k, p, job->out, covered);
	j->src = job->out;
	j->dst = text;
	j->cipher_start_src_offset_in_bytes = ESP_HEADER_LEN + IV_LEN;
	j->hash_start_src_offset_in_bytes = 0;
	j->cipher_direction = IMB_DIR_ENCRYPT;
	j->chain_order = IMB_ORDER_CIPHER_HASH;
	j->auth_tag_output = text + job->len;
	esp_mb_submit(engine->mb);
}

static void cbc_open(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job)
{
	struct cbc_mb *k = cbc_of(c);
	uint8_t icv_len = k->base.transform.icv_len;
	size_t covered = job->len - icv_len;
	uint8_t *icv = (uint8_t *)(uintptr_t)job->in + covered;
	struct esp_mb_pending *p = esp_mb_next(engine->mb);
	IMB_JOB *j;

	p->job = job;
	p->open = true;
	p->icv_len = icv_len;
	p->icv = icv;
	memcpy(p->expected, icv, icv_len);
	if (k->base.esn)
		put_high(icv, job->seq);
	j = begin(engine->mb, k, p, job->in, covered);
	j->src = job->in;
	j->dst = job->out;
	j->cipher_start_src_offset_in_bytes = ESP_HEADER_LEN + IV_LEN;
	j->hash_start_src_offset_in_bytes = 0;
	j->cipher_direction = IMB_DIR_DECRYPT;
	j->chain_order = IMB_ORDER_HASH_CIPHER;
	j->auth_tag_output = p->computed;
	esp_mb_submit(engine->mb);
}

static const struct esp_cipher_ops cbc_ops = {
	.free = cbc_free,
	.seal = cbc_seal,
	.open = cbc_open,
	.shareable = true, /* when opening; only a sealer has a state, and one thread seals */
};

static void one_block(IMB_MGR *mgr, IMB_HASH_ALG alg, const uint8_t *block, uint8_t *state)
{
	if (alg == IMB_AUTH_HMAC_SHA_1)
		IMB_SHA1_ONE_BLOCK(mgr, block, state);
	else if (alg == IMB_AUTH_HMAC_SHA_256)
		IMB_SHA256_ONE_BLOCK(mgr, block, state);
	else if (alg == IMB_AUTH_HMAC_SHA_384)
		IMB_SHA384_ONE_BLOCK(mgr, block, state);
	else
		IMB_SHA512_ONE_BLOCK(mgr, block, state);
}

/* Keys are not longer than a block (RFC 4868 section 2.1). */
static void key_hmac(IMB_MGR *mgr, struct cbc_mb *k, const struct hash *h, struct view key)
{
	uint8_t block[HASH_BLOCK] = {0};

	memcpy(block, key.data, key.len);
	for (size_t i = 0; i < h->block; i++)
		block[i] ^= 0x36;
	one_block(mgr, h->alg, block, k->inner);
	for (size_t i = 0; i < h->block; i++)
		block[i] ^= 0x36 ^ 0x5c;
	one_block(mgr, h->alg, block, k->outer);
	bytes_wipe(block, sizeof(block));
}

static const struct hash *hash_of(uint16_t integ)
{
	for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
		if (hashes[i].integ == integ)
			return &hashes[i];
	}
	return NULL;
}

struct esp_cipher *esp_cbc_mb_new(struct esp_mb *mb, const struct esp_transform *t,
				  enum esp_direction direction, struct view encr_key,
				  struct view integ_key)
{
	const struct hash *h = hash_of(t->integ);
	struct cbc_mb *k;

	if (h == NULL)
		return NULL;
	k = esp_mb_zalloc(sizeof(*k));
	k->base.ops = &cbc_ops;
	k->alg = h->alg;
	if (direction == ESP_SEAL)
		k->ivs = esp_iv_source_new();
	if (direction == ESP_SEAL && k->ivs == NULL) {
		cbc_free(&k->base);
		return NULL;
	}
	if (t->key_bits == 128)
		IMB_AES_KEYEXP_128(mb->mgr, encr_key.data, k->encrypt, k->decrypt);
	else
		IMB_AES_KEYEXP_256(mb->mgr, encr_key.data, k->encrypt, k->decrypt);
	key_hmac(mb->mgr, k, h, integ_key);
	return &k->base;
}
