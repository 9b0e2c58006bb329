/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/dataplane/hex.h"

#include <check.h>
#include <ctype.h>
#include <string.h>

size_t hex_to_bytes(const char *text, uint8_t *buf, size_t cap)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (; *text != '\0'; text++) {
		const char *d = strchr(digits, tolower((unsigned char)*text));

		if (*text == ' ')
			continue;
		ck_assert_ptr_nonnull(d);
		ck_assert_uint_lt(n / 2, cap);
		buf[n / 2] = (uint8_t)(n % 2 == 0 ? (d - digits) << 4
						  : buf[n / 2] | (uint8_t)(d - digits));
		n++;
	}
	ck_assert_uint_eq(n % 2, 0);
	return n / 2;
}
