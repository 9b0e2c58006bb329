/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "platform/base/by_name.h"

#include "platform/base/mem.h"

#include <stdint.h>
#include <string.h>

static char *item(const void *items, size_t at, size_t size)
{
	return (char *)(uintptr_t)items + at * size;
}

void *by_name_find(const void *items, size_t count, size_t size, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(item(items, i, size), name) == 0)
			return item(items, i, size);
	}
	return NULL;
}

void *by_name_insert(void *items, size_t *count, size_t size, const char *name, size_t *at)
{
	size_t i = 0;

	while (i < *count && strcmp(item(items, i, size), name) < 0)
		i++;
	items = mem_realloc_array(items, *count + 1, size);
	memmove(item(items, i + 1, size), item(items, i, size), (*count - i) * size);
	memset(item(items, i, size), 0, size);
	(*count)++;
	*at = i;
	return items;
}

bool by_name_remove(void *items, size_t *count, size_t size, const char *name)
{
	char *gone = by_name_find(items, *count, size, name);

	if (gone == NULL)
		return false;
	(*count)--;
	memmove(gone, gone + size, (size_t)(item(items, *count, size) - gone));
	return true;
}
