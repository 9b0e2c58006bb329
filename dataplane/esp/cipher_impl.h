/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an implementation of the ESP transforms provides; only cipher*.c include this. */
#ifndef DATAPLANE_ESP_CIPHER_IMPL_H
#define DATAPLANE_ESP_CIPHER_IMPL_H

#include "dataplane/esp/cipher.h"

struct esp_cipher_ops {
	void (*free)(struct esp_cipher *c);
	/* Lengths are checked already; return 0 or ERR_CRYPTO. */
	int (*seal)(struct esp_cipher *c, const struct esp_job *job);
	int (*open)(struct esp_cipher *c, const struct esp_job *job);
};

/* First member of an implementation's own struct. */
struct esp_cipher {
	const struct esp_cipher_ops *ops;
	struct esp_transform transform;
	bool esn; /* the high half of the sequence number is authenticated (RFC 4303 2.2.1) */
};

/* OpenSSL EVP; key lengths are checked already.  NULL when OpenSSL refuses. */
struct esp_cipher *esp_gcm_evp_new(const struct esp_transform *t, enum esp_direction direction,
				   struct view encr_key);
struct esp_cipher *esp_cbc_evp_new(const struct esp_transform *t, enum esp_direction direction,
				   struct view encr_key, struct view integ_key);

#endif
