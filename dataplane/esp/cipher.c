/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of ESP transforms, and the choice of an implementation.  Never touches key bytes
 * itself.  RFC 4106, RFC 3602, RFC 2404, RFC 4868.
 */
#include "dataplane/esp/cipher.h"

#include "dataplane/esp/cipher_impl.h"
#include "platform/base/mem.h"

#include <stdlib.h>

enum { ENCR_AES_CBC = 12, ENCR_AES_GCM_16 = 20 };

#define GCM_SALT_LEN 4

struct integ_row {
	uint16_t integ; /* RFC 7296 section 3.3.2, transform type 3 */
	uint8_t key_len;
	uint8_t icv_len;
};

static const struct integ_row integ_rows[] = {
	{2, 20, 12},  /* AUTH_HMAC_SHA1_96, RFC 2404 */
	{12, 32, 16}, /* AUTH_HMAC_SHA2_256_128, RFC 4868 */
	{13, 48, 24}, /* AUTH_HMAC_SHA2_384_192 */
	{14, 64, 32}, /* AUTH_HMAC_SHA2_512_256 */
};

static const struct integ_row *integ_row(uint16_t integ)
{
	for (size_t i = 0; i < ARRAY_LEN(integ_rows); i++) {
		if (integ_rows[i].integ == integ)
			return &integ_rows[i];
	}
	return NULL;
}

int esp_transform_of(const struct ike_suite *suite, struct esp_transform *out)
{
	const struct integ_row *row = integ_row(suite->integ);
	uint8_t key_len = (uint8_t)(suite->key_bits / 8);

	if (suite->key_bits != 128 && suite->key_bits != 256)
		return ERR_UNSUPPORTED;
	if (suite->encr == ENCR_AES_GCM_16) {
		*out = (struct esp_transform){
			.encr = suite->encr,
			.key_bits = suite->key_bits,
			.encr_key_len = (uint8_t)(key_len + GCM_SALT_LEN),
			.iv_len = 8,
			.icv_len = 16,
			.block = 4,
		};
		return 0;
	}
	if (suite->encr != ENCR_AES_CBC || row == NULL)
		return ERR_UNSUPPORTED;
	*out = (struct esp_transform){
		.encr = suite->encr,
		.key_bits = suite->key_bits,
		.integ = suite->integ,
		.encr_key_len = key_len,
		.integ_key_len = row->key_len,
		.iv_len = 16,
		.icv_len = row->icv_len,
		.block = 16,
	};
	return 0;
}

struct esp_engine *esp_engine_new(enum esp_engine_kind kind)
{
	struct esp_engine *engine = mem_zalloc(sizeof(*engine));

	if (kind == ESP_ENGINE_BEST)
		engine->mb = esp_mb_new();
	return engine;
}

void esp_engine_free(struct esp_engine *engine)
{
	if (engine == NULL)
		return;
	if (engine->mb != NULL)
		esp_mb_free(engine->mb);
	free(engine);
}

const char *esp_engine_name(const struct esp_engine *engine)
{
	return engine->mb != NULL ? esp_mb_name(engine->mb) : "OpenSSL";
}

static struct esp_cipher *make(struct esp_engine *engine, const struct esp_transform *t,
			       enum esp_direction direction, struct view encr_key,
			       struct view integ_key)
{
	bool gcm = t->encr == ENCR_AES_GCM_16;

	if (engine->mb != NULL)
		return gcm ? esp_gcm_mb_new(engine->mb, t, encr_key)
			   : esp_cbc_mb_new(engine->mb, t, direction, encr_key, integ_key);
	return gcm ? esp_gcm_evp_new(t, direction, encr_key)
		   : esp_cbc_evp_new(t, direction, encr_key, integ_key);
}

int esp_cipher_new(struct esp_engine *engine, const struct ike_suite *suite,
		   enum esp_direction direction, struct view encr_key, struct view integ_key,
		   struct esp_cipher **out, struct err_msg *e)
{
	struct esp_transform t;
	struct esp_cipher *c;

	if (esp_transform_of(suite, &t) != 0)
		return err_set(e, ERR_UNSUPPORTED, "ESP transform %u/%u with integrity %u",
			       suite->encr, suite->key_bits, suite->integ);
	if (encr_key.len != t.encr_key_len || integ_key.len != t.integ_key_len)
		return err_set(e, ERR_INVALID,
			       "ESP keys of %zu and %zu octets, transform %u/%u needs %u and %u",
			       encr_key.len, integ_key.len, t.encr, t.key_bits, t.encr_key_len,
			       t.integ_key_len);
	c = make(engine, &t, direction, encr_key, integ_key);
	if (c == NULL)
		return err_set(e, ERR_CRYPTO, "ESP transform %u/%u: refused by OpenSSL", t.encr,
			       t.key_bits);
	c->transform = t;
	c->esn = suite->esn;
	*out = c;
	return 0;
}

void esp_cipher_free(struct esp_cipher *c)
{
	if (c != NULL)
		c->ops->free(c);
}

bool esp_cipher_is_shareable(const struct esp_cipher *c)
{
	return c->ops->shareable;
}

size_t esp_gcm_aad(const struct esp_cipher *c, const uint8_t *packet, uint64_t seq,
		   uint8_t aad[ESP_AAD_MAX])
{
	struct writer w = writer_of(aad, ESP_AAD_MAX);

	writer_bytes(&w, packet, 4);
	if (c->esn)
		writer_u32(&w, (uint32_t)(seq >> 32));
	writer_bytes(&w, packet + 4, 4);
	return w.len;
}

void esp_cipher_seal(struct esp_engine *engine, struct esp_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct esp_job *job = &jobs[i];
		struct esp_cipher *c = job->cipher;

		if (job->len == 0 || job->len % c->transform.block != 0)
			job->result = ERR_TRUNCATED;
		else
			c->ops->seal(engine, c, job);
	}
	if (engine->mb != NULL)
		esp_mb_flush(engine->mb);
}

static bool length_is_possible(const struct esp_transform *t, size_t len)
{
	size_t overhead = (size_t)ESP_HEADER_LEN + t->iv_len + t->icv_len;

	return len >= overhead + t->block && (len - overhead) % t->block == 0;
}

void esp_cipher_open(struct esp_engine *engine, struct esp_job *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct esp_job *job = &jobs[i];
		struct esp_cipher *c = job->cipher;

		if (!length_is_possible(&c->transform, job->len))
			job->result = ERR_TRUNCATED;
		else
			c->ops->open(engine, c, job);
	}
	if (engine->mb != NULL)
		esp_mb_flush(engine->mb);
}
