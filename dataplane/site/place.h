/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a PoP is from a country, or a state of it, by its middle. */
#ifndef DATAPLANE_SITE_PLACE_H
#define DATAPLANE_SITE_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define PLACE_UNKNOWN_KM 30000.0 /* farther than anything on earth */

/* Great-circle distance; PLACE_UNKNOWN_KM when the country (English name of ISO 3166) or the
 * coordinates (decimal degrees) are not known.  state: of large countries, by name or letters
 * ("TX"); others, and "", count as the whole country. */
double place_distance_km(const char *country, const char *state, const char *latitude,
			 const char *longitude);
/* Names of the countries whose place is known, in order; NULL past the end. */
const char *place_country(size_t index);
/* The middle of a state of a large country; false: not known. */
bool place_of_state(const char *country, const char *state, double *latitude, double *longitude);
/* Decimal degrees between -limit and limit. */
bool place_degrees(const char *text, double limit, double *out);

#endif
