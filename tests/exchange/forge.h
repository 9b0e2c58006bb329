/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Protected messages as no honest peer makes them: any header, any padding, any ICV, SK or SKF.
 * Sealed here with libcrypto, not with the engine's code.  RFC 7296 section 3.14, RFC 5282, RFC
 * 7383.
 */
#ifndef TESTS_EXCHANGE_FORGE_H
#define TESTS_EXCHANGE_FORGE_H

#include "ikev2/sk.h"

#define FORGE_MAX 20000

/* Keys of one direction, copied from an engine. */
struct forge_key {
	bool valid;
	uint16_t encr, key_bits, integ;
	struct secret encr_key, integ_key;
	uint64_t iv; /* far from those of the engine that has the same key */
};

void forge_key_take(struct forge_key *k, const struct sk_key *from);
void forge_key_clear(struct forge_key *k);

struct forge {
	uint64_t spi_i, spi_r;
	uint8_t version, exchange, flags;
	uint32_t id;
	uint8_t generic;	/* second octet of the generic header of SK */
	uint16_t number, total; /* total not 0: SKF */
	int pad;		/* value of the pad length octet; -1: the right one */
	uint8_t pad_blocks;	/* octets (GCM) or blocks (CBC) of padding more than needed */
	bool wrong_icv;
	size_t cut;	    /* octets missing at the end, with all lengths right */
	size_t odd;	    /* octets more of ciphertext: not a multiple of the block */
	struct view before; /* a clear payload in front, from its generic header on */
	uint8_t before_type;
	struct view behind; /* octets behind SK */
};

/* The message around the chain into out, which takes FORGE_MAX octets; its length. */
size_t forge_seal(const struct forge *f, struct forge_key *k, uint8_t first, struct view chain,
		  uint8_t *out);

#endif
