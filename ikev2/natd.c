/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAT detection hash (RFC 7296 section 2.23); see natd.h. */
#include "ikev2/natd.h"

#include <openssl/evp.h>
#include <string.h>

void natd_hash(const struct crypto *c, uint64_t spi_i, uint64_t spi_r,
	       const struct ip_endpoint *endpoint, uint8_t out[NATD_HASH_LEN])
{
	uint8_t buf[16 + 16 + 2];
	struct writer w = writer_of(buf, sizeof(buf));

	writer_u64(&w, spi_i);
	writer_u64(&w, spi_r);
	writer_bytes(&w, endpoint->addr.bytes, ip_addr_len(&endpoint->addr));
	writer_u16(&w, endpoint->port);
	if (!EVP_Digest(buf, w.len, out, NULL, crypto_sha1(c), NULL))
		memset(out, 0,
		       NATD_HASH_LEN); /* no memory: as if there were a NAT, which works, too */
}
