/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that cannot fail.  Aborts when memory is out; never returns NULL for data. */
#include "platform/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mem_zalloc(size_t size)
{
	return mem_calloc(1, size);
}

void *mem_calloc(size_t count, size_t size)
{
	void *p;

	if (count == 0 || size == 0)
		count = size = 1;
	p = calloc(count, size); /* checks the product for overflow */
	if (p == NULL)
		abort();
	return p;
}

void *mem_realloc_array(void *p, size_t count, size_t size)
{
	void *grown;

	if (count == 0 || size == 0)
		count = size = 1;
	grown = reallocarray(p, count, size);
	if (grown == NULL)
		abort();
	return grown;
}

char *mem_strdup(const char *text)
{
	return text == NULL ? NULL : mem_dup(text, strlen(text) + 1);
}

void *mem_dup(const void *data, size_t len)
{
	void *copy;

	if (len == 0)
		return NULL;
	copy = malloc(len);
	if (copy == NULL)
		abort();
	return memcpy(copy, data, len);
}
