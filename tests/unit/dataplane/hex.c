/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/dataplane/hex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static unsigned digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *d = strchr(digits, tolower((unsigned char)c));

	if (d == NULL)
		abort();
	return (unsigned)(d - digits);
}

size_t hex_to_bytes(const char *text, uint8_t *buf, size_t cap)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		if (n / 2 >= cap)
			abort();
		buf[n / 2] =
			(uint8_t)((n % 2 == 0 ? 0u : (unsigned)buf[n / 2] << 4) | digit(*text));
		n++;
	}
	if (n % 2 != 0)
		abort();
	return n / 2;
}
