/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key material.  A secret owns its bytes, and wipes them when it is cleared or moved away.  Keys,
 * PSKs and everything derived from them live in secrets only; nothing prints one.
 */
#ifndef PLATFORM_BASE_SECRET_H
#define PLATFORM_BASE_SECRET_H

#include "platform/base/bytes.h"

struct secret {
	uint8_t *data; /* NULL when empty */
	size_t len;
};

#define SECRET_NONE ((struct secret){.data = 0, .len = 0})

/* Copy len bytes into s; wipes what s held before.  len 0 makes it empty. */
void secret_set(struct secret *s, const void *data, size_t len);

/* Make s hold len zero bytes for the caller to fill; wipes what it held before. */
void secret_alloc(struct secret *s, size_t len);

void secret_copy(struct secret *dst, const struct secret *src);

/* dst takes over src's bytes; src is empty afterwards.  dst's old bytes are wiped. */
void secret_move(struct secret *dst, struct secret *src);

/* Wipe and free; safe on an empty secret. */
void secret_clear(struct secret *s);

/* Constant-time comparison of equal-length secrets; lengths themselves are public. */
bool secret_equal(const struct secret *a, const struct secret *b);

/* Constant-time comparison of n bytes. */
bool bytes_equal_ct(const void *a, const void *b, size_t n);

/* Overwrite n bytes in a way that the compiler does not remove. */
void bytes_wipe(void *p, size_t n);

static inline struct view secret_view(const struct secret *s)
{
	return view_of(s->data, s->len);
}

#endif
