/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cookie values, RFC 7296 section 2.6: secret version, HMAC-SHA2-256 of Ni, address and SPIi.  When
 * to ask for one, and the secrets' lifetime, are the engine's business. */
#ifndef IKEV2_COOKIE_H
#define IKEV2_COOKIE_H

#include "ikev2/crypto.h"

#define COOKIE_LEN	  33 /* ours: version and HMAC */
#define COOKIE_MAX	  64 /* of any peer, section 2.6 */
#define COOKIE_SECRET_LEN 32

struct cookie_input {
	uint8_t version; /* of the secret */
	const struct secret *secret;
	struct view ni; /* nonce data */
	struct ip_addr addr;
	uint64_t spi_i;
};

int cookie_make(const struct crypto *c, const struct cookie_input *in,
		uint8_t out[COOKIE_LEN]) WARN_UNUSED;
/* Constant time; false for any other length or version. */
bool cookie_check(const struct crypto *c, const struct cookie_input *in, struct view cookie);

#endif
