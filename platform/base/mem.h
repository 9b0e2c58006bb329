/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Allocation that cannot fail: out of memory aborts.  Sizes from the wire are bounded before. */
#ifndef PLATFORM_BASE_MEM_H
#define PLATFORM_BASE_MEM_H

#include <stddef.h>

void *mem_zalloc(size_t size);		     /* zeroed; free() */
void *mem_calloc(size_t count, size_t size); /* zeroed; aborts on overflow */
void *mem_realloc_array(void *p, size_t count, size_t size);
char *mem_strdup(const char *text);	     /* NULL gives NULL */
void *mem_dup(const void *data, size_t len); /* len 0 gives NULL */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
