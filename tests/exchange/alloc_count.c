/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The counters behind malloc and its relatives; see alloc_count.h. */
#include "alloc_count.h"

#include <malloc.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *p, size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *p);

static struct alloc_count now;

struct alloc_count alloc_count_now(void)
{
	return now;
}

static void *took(void *p)
{
	if (p) {
		now.blocks++;
		now.bytes += (long)malloc_usable_size(p);
	}
	return p;
}

static void gave(void *p)
{
	if (p) {
		now.blocks--;
		now.bytes -= (long)malloc_usable_size(p);
	}
}

void *__wrap_malloc(size_t size)
{
	return took(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return took(__real_calloc(count, size));
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
	gave(p);
	return took(__real_reallocarray(p, count, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	gave(p);
	return took(__real_realloc(p, size));
}

char *__wrap_strdup(const char *text)
{
	return took(__real_strdup(text));
}

void __wrap_free(void *p)
{
	gave(p);
	__real_free(p);
}
