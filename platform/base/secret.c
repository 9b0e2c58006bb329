/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owned key material.  Every byte is overwritten before its memory is given back. */
#include "platform/base/secret.h"

#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

void secret_set(struct secret *s, const void *data, size_t len)
{
	uint8_t *copy = mem_dup(data, len); /* before the wipe: data may lie inside s */

	secret_clear(s);
	s->data = copy;
	s->len = len;
}

void secret_alloc(struct secret *s, size_t len)
{
	secret_clear(s);
	s->data = len == 0 ? NULL : mem_zalloc(len);
	s->len = len;
}

void secret_copy(struct secret *dst, const struct secret *src)
{
	secret_set(dst, src->data, src->len);
}

void secret_move(struct secret *dst, struct secret *src)
{
	if (dst == src)
		return;
	secret_clear(dst);
	*dst = *src;
	*src = SECRET_NONE;
}

void secret_clear(struct secret *s)
{
	if (s->data != NULL)
		bytes_wipe(s->data, s->len);
	free(s->data);
	*s = SECRET_NONE;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
	return a->len == b->len && bytes_equal_ct(a->data, b->data, a->len);
}

bool bytes_equal_ct(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *pa = a;
	const volatile uint8_t *pb = b;
	unsigned diff = 0;

	for (size_t i = 0; i < n; i++)
		diff |= (unsigned)pa[i] ^ (unsigned)pb[i];
	return diff == 0;
}

void bytes_wipe(void *p, size_t n)
{
	if (n != 0)
		explicit_bzero(p, n);
}
