/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NAT detection hash, RFC 7296 section 2.23. */
#ifndef IKEV2_NATD_H
#define IKEV2_NATD_H

#include "ikev2/crypto.h"

#define NATD_HASH_LEN 20

/* SHA-1 of SPIi, SPIr, address and port, as the data of NAT_DETECTION_*_IP. */
void natd_hash(const struct crypto *c, uint64_t spi_i, uint64_t spi_r,
	       const struct ip_endpoint *endpoint, uint8_t out[NATD_HASH_LEN]);

#endif
