/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lookups in number-to-name tables, in both directions.  Never allocates. */
#include "platform/base/enum_name.h"

#include "platform/base/err.h"

#include <strings.h>

const char *enum_name(const struct enum_name *table, int value)
{
	for (; table->name != NULL; table++) {
		if (table->value == value)
			return table->name;
	}
	return "unknown";
}

int enum_value(const struct enum_name *table, const char *name, int *out)
{
	for (; table->name != NULL; table++) {
		if (strcasecmp(table->name, name) == 0) {
			*out = table->value;
			return 0;
		}
	}
	return ERR_NOT_FOUND;
}
