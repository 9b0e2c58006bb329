/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * UTF-8 as answers need it: printable copies, and widths on a terminal.  Independent of locales, so
 * that the same answer looks the same on every machine.  RFC 3629 section 3.
 */
#include "commands/answer.h"
#include "commands/answer_writer.h"
#include "platform/base/mem.h"

#include <string.h>

struct span {
	uint32_t first, last;
};

/* Combining marks and joiners take no column of their own. */
static const struct span zero_width[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a},
	{0x064b, 0x065f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200d},
	{0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

/* East Asian wide and emoji take two. */
static const struct span double_width[] = {
	{0x1100, 0x115f},   {0x2e80, 0x303e},	{0x3041, 0xa4cf},   {0xac00, 0xd7a3},
	{0xf900, 0xfaff},   {0xfe30, 0xfe6f},	{0xff00, 0xff60},   {0xffe0, 0xffe6},
	{0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

/* Invisible, but they change the order in which a terminal shows other characters. */
static const struct span unprintable[] = {
	{0x0000, 0x001f}, {0x007f, 0x009f}, {0x200e, 0x200f}, {0x2028, 0x202e},
	{0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

static bool within(const struct span *spans, size_t count, uint32_t c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= spans[i].first && c <= spans[i].last)
			return true;
	return false;
}

/* Octets of the character at p (at least 1), its code point in *c; false when it is broken. */
static bool next_char(const unsigned char *p, size_t *len, uint32_t *c)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	*len = 1;
	*c = p[0];
	if (n == 1)
		return true;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return false;
	*c = p[0] & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return false;
		*c = *c << 6 | (p[i] & 0x3fU);
	}
	if (*c < smallest[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return false;
	*len = n;
	return true;
}

char *answer_clean(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	struct strbuf out;
	uint32_t c;
	size_t len;
	char *clean;

	strbuf_init(&out);
	while (*p) {
		if (next_char(p, &len, &c) && !within(unprintable, ARRAY_LEN(unprintable), c))
			strbuf_add_bytes(&out, p, len);
		else
			strbuf_add_char(&out, '?');
		p += len;
	}
	clean = strbuf_take(&out);
	strbuf_clear(&out);
	return clean;
}

static size_t char_width(uint32_t c)
{
	if (within(zero_width, ARRAY_LEN(zero_width), c))
		return 0;
	return within(double_width, ARRAY_LEN(double_width), c) ? 2 : 1;
}

size_t answer_text_width(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t width = 0, len;
	uint32_t c;

	while (*p) {
		width += next_char(p, &len, &c) ? char_width(c) : 1;
		p += len;
	}
	return width;
}

size_t answer_text_cut(const char *text, size_t width)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t used = 0, len, w;
	uint32_t c;

	while (*p) {
		w = next_char(p, &len, &c) ? char_width(c) : 1;
		if (used + w > width)
			break;
		used += w;
		p += len;
	}
	return (size_t)((const char *)p - text);
}
