/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Test vectors as text. */
#ifndef TESTS_UNIT_DATAPLANE_HEX_H
#define TESTS_UNIT_DATAPLANE_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Octets of a string of hex digits (blanks allowed) into buf; returns how many.  Aborts on anything
 * else. */
size_t hex_to_bytes(const char *text, uint8_t *buf, size_t cap);

#endif
