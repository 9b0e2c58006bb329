/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Test helpers of this folder: octets from hex text, and walks over damaged input. */
#ifndef TESTS_UNIT_IKEV2_OCTETS_H
#define TESTS_UNIT_IKEV2_OCTETS_H

#include "ikev2/ike.h"

struct octets {
	size_t len;
	uint8_t data[2048];
};

/* Hex digits, blanks are skipped; a mistake in the text fails the test. */
struct octets hex(const char *text);
struct view octets_view(const struct octets *o);
/* Fails the test, showing both, unless the octets are those of the hex text. */
void assert_octets(struct view got, const char *expected);
struct secret secret_of(const char *text); /* the caller clears it */
struct view count_up(uint8_t *buf, uint8_t first, size_t len);

/* Call fn with every proper prefix of bytes, and with every single bit of it flipped, each time in
 * a heap block of exactly that size. */
typedef void (*octets_fn)(void *arg, struct view bytes);
void walk_prefixes(struct view bytes, octets_fn fn, void *arg);
void walk_bit_flips(struct view bytes, octets_fn fn, void *arg);

/* A random source that hands out the given octets, then counts up. */
struct fixed_random {
	struct octets octets;
	size_t at;
};
struct ike_random random_of(struct fixed_random *f, const char *text);

#endif
