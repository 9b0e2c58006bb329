/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a PoP is from a country, by the country's middle. */
#ifndef DATAPLANE_SITE_PLACE_H
#define DATAPLANE_SITE_PLACE_H

#include <stdbool.h>

#define PLACE_UNKNOWN_KM 30000.0 /* farther than anything on earth */

/* Great-circle distance; PLACE_UNKNOWN_KM when the country (English name of ISO 3166) or the
 * coordinates (decimal degrees) are not known. */
double place_distance_km(const char *country, const char *latitude, const char *longitude);
/* Decimal degrees between -limit and limit. */
bool place_degrees(const char *text, double limit, double *out);

#endif
