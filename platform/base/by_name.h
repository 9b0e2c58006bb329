/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arrays of plain structs that begin with their name (char name[N]), kept in the order of names.
 * For the few of a configuration; thousands belong in a map.
 */
#ifndef PLATFORM_BASE_BY_NAME_H
#define PLATFORM_BASE_BY_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The element of that name, or NULL; size: octets of an element. */
void *by_name_find(const void *items, size_t count, size_t size, const char *name);
/* The array with room for one more: a zeroed element at *at, whose name the caller sets.  The old
 * array is gone. */
void *by_name_insert(void *items, size_t *count, size_t size, const char *name, size_t *at);
/* False: there is none of that name. */
bool by_name_remove(void *items, size_t *count, size_t size, const char *name);

#endif
