/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an implementation of the ESP transforms provides; only cipher*.c include this. */
#ifndef DATAPLANE_ESP_CIPHER_IMPL_H
#define DATAPLANE_ESP_CIPHER_IMPL_H

#include "dataplane/esp/cipher.h"

struct esp_mb;

struct esp_engine {
	struct esp_mb *mb; /* NULL: OpenSSL */
};

struct esp_cipher_ops {
	void (*free)(struct esp_cipher *c);
	/* Lengths are checked already.  Set job->result to 0 or ERR_CRYPTO, now or in
	 * esp_mb_flush. */
	void (*seal)(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job);
	void (*open)(struct esp_engine *engine, struct esp_cipher *c, struct esp_job *job);
	bool shareable;
};

/* First member of an implementation's own struct. */
struct esp_cipher {
	const struct esp_cipher_ops *ops;
	struct esp_transform transform;
	bool esn; /* the high half of the sequence number is authenticated (RFC 4303 2.2.1) */
};

/* Additional authenticated data of AES-GCM, RFC 4106 section 5: SPI and 32- or 64-bit sequence
 * number; returns its length. */
#define ESP_AAD_MAX 12
size_t esp_gcm_aad(const struct esp_cipher *c, const uint8_t *packet, uint64_t seq,
		   uint8_t aad[ESP_AAD_MAX]);

/* Unpredictable IVs (RFC 3602 section 3) without a system call each: the key stream of AES-128-CTR
 * under a random key of its own, made several IVs ahead. */
struct esp_iv_source;

struct esp_iv_source *esp_iv_source_new(void); /* NULL: refused by OpenSSL */
void esp_iv_source_free(struct esp_iv_source *s);
int esp_iv_next(struct esp_iv_source *s, uint8_t iv[16]);

/* OpenSSL EVP; key lengths are checked already.  NULL when OpenSSL refuses. */
struct esp_cipher *esp_gcm_evp_new(const struct esp_transform *t, enum esp_direction direction,
				   struct view encr_key);
struct esp_cipher *esp_cbc_evp_new(const struct esp_transform *t, enum esp_direction direction,
				   struct view encr_key, struct view integ_key);

/* libipsec-mb; NULL when it is not built in, or the processor lacks what makes it fast. */
struct esp_mb *esp_mb_new(void);
void esp_mb_free(struct esp_mb *mb);
const char *esp_mb_name(const struct esp_mb *mb);
/* Ends all jobs that are still under way; the buffers of jobs are in use until then. */
void esp_mb_flush(struct esp_mb *mb);
struct esp_cipher *esp_gcm_mb_new(struct esp_mb *mb, const struct esp_transform *t,
				  struct view encr_key);
struct esp_cipher *esp_cbc_mb_new(struct esp_mb *mb, const struct esp_transform *t,
				  enum esp_direction direction, struct view encr_key,
				  struct view integ_key);

#endif
