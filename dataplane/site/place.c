/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Middles of countries in whole degrees, good enough to tell near PoPs from far ones. */
#include "dataplane/site/place.h"

#include "platform/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EARTH_KM 6371.0
#define RADIANS	 0.017453292519943295

struct country {
	const char *name;
	double latitude, longitude;
};

/* Sorted by name. */
static const struct country countries[] = {
	{"Afghanistan", 33, 65},
	{"Albania", 41, 20},
	{"Algeria", 28, 3},
	{"Andorra", 43, 2},
	{"Angola", -13, 19},
	{"Argentina", -34, -64},
	{"Armenia", 40, 45},
	{"Australia", -27, 133},
	{"Austria", 47, 13},
	{"Azerbaijan", 41, 48},
	{"Bahamas", 24, -76},
	{"Bahrain", 26, 51},
	{"Bangladesh", 24, 90},
	{"Belarus", 53, 28},
	{"Belgium", 51, 4},
	{"Belize", 17, -89},
	{"Benin", 10, 2},
	{"Bhutan", 28, 91},
	{"Bolivia", -17, -65},
	{"Bolivia, Plurinational State of", -17, -65},
	{"Bosnia and Herzegovina", 44, 18},
	{"Botswana", -22, 24},
	{"Brazil", -10, -55},
	{"Bulgaria", 43, 25},
	{"Burkina Faso", 13, -2},
	{"Burundi", -4, 30},
	{"Cambodia", 13, 105},
	{"Cameroon", 6, 12},
	{"Canada", 54, -100},
	{"Chad", 15, 19},
	{"Chile", -30, -71},
	{"China", 35, 105},
	{"Colombia", 4, -72},
	{"Costa Rica", 10, -84},
	{"Croatia", 45, 16},
	{"Cuba", 22, -80},
	{"Cyprus", 35, 33},
	{"Czechia", 50, 15},
	{"Denmark", 56, 10},
	{"Dominican Republic", 19, -71},
	{"Ecuador", -2, -78},
	{"Egypt", 27, 30},
	{"El Salvador", 14, -89},
	{"Estonia", 59, 26},
	{"Ethiopia", 8, 38},
	{"Fiji", -18, 178},
	{"Finland", 64, 26},
	{"France", 46, 2},
	{"Gabon", -1, 12},
	{"Georgia", 42, 44},
	{"Germany", 51, 9},
	{"Ghana", 8, -2},
	{"Greece", 39, 22},
	{"Guatemala", 16, -90},
	{"Honduras", 15, -87},
	{"Hong Kong", 22, 114},
	{"Hungary", 47, 20},
	{"Iceland", 65, -18},
	{"India", 20, 77},
	{"Indonesia", -5, 120},
	{"Iran", 32, 53},
	{"Iran, Islamic Republic of", 32, 53},
	{"Iraq", 33, 44},
	{"Ireland", 53, -8},
	{"Israel", 32, 35},
	{"Italy", 43, 12},
	{"Jamaica", 18, -78},
	{"Japan", 36, 138},
	{"Jordan", 31, 36},
	{"Kazakhstan", 48, 68},
	{"Kenya", 1, 38},
	{"Korea", 37, 128},
	{"Korea, Democratic People's Republic of", 37, 128},
	{"Korea, Republic of", 37, 128},
	{"Kuwait", 29, 48},
	{"Kyrgyzstan", 41, 75},
	{"Laos", 18, 105},
	{"Latvia", 57, 25},
	{"Lebanon", 34, 36},
	{"Liechtenstein", 47, 10},
	{"Lithuania", 56, 24},
	{"Luxembourg", 50, 6},
	{"Madagascar", -20, 47},
	{"Malaysia", 3, 113},
	{"Malta", 36, 14},
	{"Mauritius", -20, 58},
	{"Mexico", 23, -102},
	{"Moldova", 47, 29},
	{"Moldova, Republic of", 47, 29},
	{"Monaco", 44, 7},
	{"Mongolia", 46, 105},
	{"Montenegro", 43, 19},
	{"Morocco", 32, -5},
	{"Mozambique", -18, 35},
	{"Myanmar", 22, 98},
	{"Namibia", -22, 17},
	{"Nepal", 28, 84},
	{"Netherlands", 52, 6},
	{"New Zealand", -41, 174},
	{"Nicaragua", 13, -85},
	{"Nigeria", 10, 8},
	{"North Macedonia", 42, 22},
	{"Norway", 62, 10},
	{"Oman", 21, 57},
	{"Pakistan", 30, 70},
	{"Panama", 9, -80},
	{"Paraguay", -23, -58},
	{"Peru", -10, -76},
	{"Philippines", 13, 122},
	{"Poland", 52, 20},
	{"Portugal", 39, -8},
	{"Qatar", 25, 51},
	{"Romania", 46, 25},
	{"Russia", 60, 100},
	{"Rwanda", -2, 30},
	{"Saudi Arabia", 25, 45},
	{"Senegal", 14, -14},
	{"Serbia", 44, 21},
	{"Singapore", 1, 104},
	{"Slovakia", 49, 20},
	{"Slovenia", 46, 15},
	{"South Africa", -29, 24},
	{"South Korea", 37, 128},
	{"Spain", 40, -4},
	{"Sri Lanka", 7, 81},
	{"Sudan", 15, 30},
	{"Sweden", 62, 15},
	{"Switzerland", 47, 8},
	{"Syria", 35, 38},
	{"Taiwan", 24, 121},
	{"Taiwan, Province of China", 24, 121},
	{"Tajikistan", 39, 71},
	{"Tanzania", -6, 35},
	{"Tanzania, United Republic of", -6, 35},
	{"Thailand", 15, 100},
	{"Tunisia", 34, 9},
	{"Turkey", 39, 35},
	{"Turkmenistan", 40, 60},
	{"Türkiye", 39, 35},
	{"Uganda", 1, 32},
	{"Ukraine", 49, 32},
	{"United Arab Emirates", 24, 54},
	{"United Kingdom", 54, -2},
	{"United States", 38, -97},
	{"United States of America", 38, -97},
	{"Uruguay", -33, -56},
	{"Uzbekistan", 41, 64},
	{"Venezuela", 8, -66},
	{"Venezuela, Bolivarian Republic of", 8, -66},
	{"Viet Nam", 16, 106},
	{"Vietnam", 16, 106},
	{"Yemen", 15, 48},
	{"Zambia", -15, 30},
	{"Zimbabwe", -20, 30},
};

bool place_degrees(const char *text, double limit, double *out)
{
	char *end;
	double value;

	if (text[strspn(text, "0123456789.-")] != '\0')
		return false;
	value = strtod(text, &end);
	if (end == text || *end != '\0' || value < -limit || value > limit)
		return false;
	*out = value;
	return true;
}

/* The haversine formula. */
static double distance(double lat1, double lon1, double lat2, double lon2)
{
	double a = sin((lat2 - lat1) * RADIANS / 2), b = sin((lon2 - lon1) * RADIANS / 2);
	double h = a * a + cos(lat1 * RADIANS) * cos(lat2 * RADIANS) * b * b;

	return 2 * EARTH_KM * asin(sqrt(h > 1 ? 1 : h));
}

const char *place_country(size_t index)
{
	return index < ARRAY_LEN(countries) ? countries[index].name : NULL;
}

static int by_name(const void *key, const void *item)
{
	return strcmp(key, ((const struct country *)item)->name);
}

double place_distance_km(const char *country, const char *state, const char *latitude,
			 const char *longitude)
{
	double lat, lon, state_lat, state_lon;
	const struct country *c;

	if (!place_degrees(latitude, 90, &lat) || !place_degrees(longitude, 180, &lon))
		return PLACE_UNKNOWN_KM;
	if (place_of_state(country, state, &state_lat, &state_lon))
		return distance(state_lat, state_lon, lat, lon);
	c = bsearch(country, countries, ARRAY_LEN(countries), sizeof(countries[0]), by_name);
	return c == NULL ? PLACE_UNKNOWN_KM : distance(c->latitude, c->longitude, lat, lon);
}
