/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Countries by name or code (ISO 3166-1). */
#ifndef COMMANDS_COUNTRY_H
#define COMMANDS_COUNTRY_H

#include <stddef.h>

struct country {
	const char *alpha2, *alpha3; /* "DE", "DEU" */
	const char *name;	     /* English short name, UTF-8 */
};

/* By either code, by the short name, or by another name in use; letters may be small or large.
 * NULL: no country. */
const struct country *country_find(const char *text);
const struct country *country_at(size_t index); /* by code; NULL past the end */
/* The only one that begins alike, for "did you mean"; NULL: none, or several. */
const struct country *country_nearest(const char *text);

#endif
