/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cookie values (RFC 7296 section 2.6); see cookie.h. */
#include "ikev2/cookie.h"

#include "ikev2/prf.h"
#include "platform/base/mem.h"

int cookie_make(const struct crypto *c, const struct cookie_input *in, uint8_t out[COOKIE_LEN])
{
	uint8_t spi[8], mac[PRF_LEN_MAX];
	struct writer w = writer_of(spi, sizeof(spi));
	struct writer cookie = writer_of(out, COOKIE_LEN);
	struct view parts[] = {
		in->ni,
		view_of(in->addr.bytes, ip_addr_len(&in->addr)),
		view_of(spi, sizeof(spi)),
	};
	struct prf hmac;
	int rc = prf_init(&hmac, c, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256,
			  secret_view(in->secret));

	if (rc)
		return rc;
	writer_u64(&w, in->spi_i);
	rc = prf_run(&hmac, parts, ARRAY_LEN(parts), mac);
	prf_clear(&hmac);
	if (rc)
		return rc;
	writer_u8(&cookie, in->version);
	writer_bytes(&cookie, mac, COOKIE_LEN - 1);
	return 0;
}

bool cookie_check(const struct crypto *c, const struct cookie_input *in, struct view cookie)
{
	uint8_t expected[COOKIE_LEN];

	return cookie.len == COOKIE_LEN && cookie.data[0] == in->version &&
	       cookie_make(c, in, expected) == 0 &&
	       bytes_equal_ct(expected, cookie.data, COOKIE_LEN);
}
