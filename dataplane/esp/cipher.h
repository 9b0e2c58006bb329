/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ESP transforms (RFC 4303 section 3.2): seals and opens packets with AES-GCM (RFC 4106) or AES-CBC
 * (RFC 3602) plus HMAC (RFC 2404, RFC 4868).  Works on batches of jobs of any mixture of SAs, so
 * that an implementation can run several packets side by side.  Knows nothing of inner packets,
 * padding, SPIs or replay.  Two implementations: libipsec-mb where the processor has what it needs,
 * OpenSSL everywhere.
 */
#ifndef DATAPLANE_ESP_CIPHER_H
#define DATAPLANE_ESP_CIPHER_H

#include "ikev2/ike.h"
#include "platform/base/bytes.h"
#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ESP_HEADER_LEN	8 /* SPI, sequence number */
#define ESP_TRAILER_LEN 2 /* pad length, next header */
#define ESP_IV_MAX	16
#define ESP_ICV_MAX	32
#define ESP_BLOCK_MAX	16

/* What a suite needs; all lengths in octets. */
struct esp_transform {
	uint16_t encr, key_bits, integ; /* IANA numbers; integ 0 with AES-GCM */
	uint8_t encr_key_len;		/* AES-GCM: with the 4 octets of salt */
	uint8_t integ_key_len;		/* 0 with AES-GCM */
	uint8_t iv_len;
	uint8_t icv_len;
	uint8_t block; /* plaintext with trailer is a multiple of this, at least 4 */
};

/* The transform of a negotiated suite; ERR_UNSUPPORTED when there is none. */
int esp_transform_of(const struct ike_suite *suite, struct esp_transform *out) WARN_UNUSED;

/* What a thread needs to run jobs: scratch memory, and the implementation that was chosen. */
struct esp_engine;

enum esp_engine_kind {
	ESP_ENGINE_BEST,    /* what the processor does fastest */
	ESP_ENGINE_OPENSSL, /* the portable one */
};

/* Never fails: OpenSSL is always there. */
struct esp_engine *esp_engine_new(enum esp_engine_kind kind);
void esp_engine_free(struct esp_engine *engine); /* may hold keys: wiped; NULL is allowed */
/* "libipsec-mb AVX512", "OpenSSL" */
const char *esp_engine_name(const struct esp_engine *engine);

enum esp_direction { ESP_SEAL, ESP_OPEN };

/* One direction of one SA with its expanded keys; used by one thread at a time, unless it is
 * shareable. */
struct esp_cipher;

/* For jobs of the engine and of others of its kind.  Keys are borrowed.  ERR_UNSUPPORTED,
 * ERR_INVALID (a key length does not fit the suite) or ERR_CRYPTO with e filled (may be NULL); *out
 * is then untouched.  Free with esp_cipher_free. */
int esp_cipher_new(struct esp_engine *engine, const struct ike_suite *suite,
		   enum esp_direction direction, struct view encr_key, struct view integ_key,
		   struct esp_cipher **out, struct err_msg *e) WARN_UNUSED;
void esp_cipher_free(struct esp_cipher *c);
/* May several threads use it at a time, each with an engine of its own? */
bool esp_cipher_is_shareable(const struct esp_cipher *c);

/*
 * One packet.
 * Seal: `in` is the padded plaintext, len its length (a multiple of the block); `out` begins with
 * SPI and sequence number, already written; IV, ciphertext and ICV are put behind them, in all
 * ESP_HEADER_LEN + iv_len + len + icv_len octets.  In place: in == out + ESP_HEADER_LEN + iv_len.
 * Open: `in` is the packet from SPI to ICV, len its length; `out` gets the plaintext with padding,
 * len - ESP_HEADER_LEN - iv_len - icv_len octets.  In place: out == in + ESP_HEADER_LEN + iv_len.
 * Other overlaps are not allowed; octets of `in` may change meanwhile, even if it is const.  seq is
 * the whole 64-bit sequence number; with AES-GCM it is the IV as well, so that a sealing SA must
 * never see the same one twice.
 */
struct esp_job {
	struct esp_cipher *cipher;
	const uint8_t *in;
	uint8_t *out;
	size_t len;
	uint64_t seq;
	int result; /* 0; ERR_CRYPTO: ICV wrong (out is garbage); ERR_TRUNCATED: length impossible
		     */
};

void esp_cipher_seal(struct esp_engine *engine, struct esp_job *jobs, size_t count);
void esp_cipher_open(struct esp_engine *engine, struct esp_job *jobs, size_t count);

#endif
