/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables from numbers to names, used by log lines, shows and parsers alike. */
#ifndef PLATFORM_BASE_ENUM_NAME_H
#define PLATFORM_BASE_ENUM_NAME_H

#include <stddef.h>

/* Rows are sorted by value, without duplicates (a test holds it); the table ends with name NULL. */
struct enum_name {
	int value;
	const char *name;
};

/* The name, or "unknown" when the value has no row. */
const char *enum_name(const struct enum_name *table, int value);
/* Case-insensitive whole-word search; ERR_NOT_FOUND when no row has this name. */
int enum_value(const struct enum_name *table, const char *name, int *out);

#endif
