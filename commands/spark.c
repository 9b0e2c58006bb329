/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars in eight heights; only 0 has the lowest, so that small values differ from none. */
#include "commands/spark.h"

#include "platform/base/mem.h"

static const char *const blocks[] = {
	"\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587", "\u2588",
};
static const char *const marks[] = {"_", ".", ":", "-", "=", "+", "*", "#"};

_Static_assert(ARRAY_LEN(blocks) == ARRAY_LEN(marks), "as many heights");

static size_t height(uint32_t value, uint32_t top)
{
	const uint64_t steps = ARRAY_LEN(marks) - 1;

	if (value == 0 || top == 0)
		return 0;
	if (value >= top)
		return steps;
	return 1 + (size_t)(value * (steps - 1) / top);
}

void spark_add(struct strbuf *out, const uint32_t *values, size_t count, uint32_t top, bool utf8)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i] == SPARK_DOWN)
			strbuf_add(out, utf8 ? "\u00d7" : "x");
		else if (values[i] == SPARK_UNKNOWN)
			strbuf_add(out, utf8 ? "\u00b7" : "?");
		else
			strbuf_add(out, (utf8 ? blocks : marks)[height(values[i], top)]);
	}
}
