/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See octets.h. */
#include "tests/unit/ikev2/octets.h"

#include "platform/base/mem.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct octets hex(const char *text)
{
	struct octets o = {0};

	while (*text) {
		char digits[3] = {text[0], text[1], '\0'}, *end;

		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		ck_assert_uint_lt(o.len, sizeof(o.data));
		o.data[o.len++] = (uint8_t)strtoul(digits, &end, 16);
		ck_assert_ptr_eq(end, digits + 2);
		text += 2;
	}
	return o;
}

struct view octets_view(const struct octets *o)
{
	return view_of(o->data, o->len);
}

static char *hex_text(struct view v)
{
	char *text = mem_zalloc(2 * v.len + 1);

	for (size_t i = 0; i < v.len; i++)
		snprintf(text + 2 * i, 3, "%02x", v.data[i]);
	return text;
}

void assert_octets(struct view got, const char *expected)
{
	struct octets want = hex(expected);
	char *a = hex_text(got), *b = hex_text(octets_view(&want));

	ck_assert_str_eq(a, b);
	free(a);
	free(b);
}

struct secret secret_of(const char *text)
{
	struct octets o = hex(text);
	struct secret s = SECRET_NONE;

	secret_set(&s, o.data, o.len);
	return s;
}

struct view count_up(uint8_t *buf, uint8_t first, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(first + i);
	return view_of(buf, len);
}

static void call_exact(const uint8_t *data, size_t len, octets_fn fn, void *arg)
{
	uint8_t *exact = malloc(len ? len : 1);

	ck_assert_ptr_nonnull(exact);
	if (len)
		memcpy(exact, data, len);
	fn(arg, view_of(exact, len));
	free(exact);
}

void walk_prefixes(struct view bytes, octets_fn fn, void *arg)
{
	for (size_t len = 0; len < bytes.len; len++)
		call_exact(bytes.data, len, fn, arg);
}

void walk_bit_flips(struct view bytes, octets_fn fn, void *arg)
{
	uint8_t *copy = mem_dup(bytes.data, bytes.len);

	for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
		call_exact(copy, bytes.len, fn, arg);
		copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	free(copy);
}

static void fixed_bytes(void *arg, void *buf, size_t len)
{
	struct fixed_random *f = arg;
	uint8_t *out = buf;

	for (size_t i = 0; i < len; i++, f->at++)
		out[i] = f->at < f->octets.len ? f->octets.data[f->at] : (uint8_t)f->at;
}

struct ike_random random_of(struct fixed_random *f, const char *text)
{
	f->octets = hex(text);
	f->at = 0;
	return (struct ike_random){.bytes = fixed_bytes, .arg = f};
}
