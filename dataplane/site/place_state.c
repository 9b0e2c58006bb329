/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Middles of the states of countries that are so large that their own middle says little, in whole
 * degrees. */
#include "dataplane/site/place.h"

#include "platform/base/mem.h"

#include <string.h>
#include <strings.h>

struct state {
	const char *letters, *name;
	signed char latitude;
	short longitude;
};

/* clang-format off */
static const struct state usa[] = {
	{"AK", "Alaska", 64, -152}, {"AL", "Alabama", 33, -87}, {"AR", "Arkansas", 35, -92},
	{"AZ", "Arizona", 34, -112}, {"CA", "California", 37, -120}, {"CO", "Colorado", 39, -106},
	{"CT", "Connecticut", 42, -73}, {"DC", "District of Columbia", 39, -77},
	{"DE", "Delaware", 39, -75}, {"FL", "Florida", 28, -82}, {"GA", "Georgia", 33, -83},
	{"HI", "Hawaii", 21, -157}, {"IA", "Iowa", 42, -93}, {"ID", "Idaho", 44, -115},
	{"IL", "Illinois", 40, -89}, {"IN", "Indiana", 40, -86}, {"KS", "Kansas", 38, -98},
	{"KY", "Kentucky", 37, -85}, {"LA", "Louisiana", 31, -92}, {"MA", "Massachusetts", 42, -72},
	{"MD", "Maryland", 39, -77}, {"ME", "Maine", 45, -69}, {"MI", "Michigan", 44, -85},
	{"MN", "Minnesota", 46, -94}, {"MO", "Missouri", 38, -92}, {"MS", "Mississippi", 33, -90},
	{"MT", "Montana", 47, -110}, {"NC", "North Carolina", 36, -79},
	{"ND", "North Dakota", 47, -100}, {"NE", "Nebraska", 42, -100},
	{"NH", "New Hampshire", 44, -72}, {"NJ", "New Jersey", 40, -75},
	{"NM", "New Mexico", 34, -106}, {"NV", "Nevada", 39, -117}, {"NY", "New York", 43, -75},
	{"OH", "Ohio", 40, -83}, {"OK", "Oklahoma", 36, -98}, {"OR", "Oregon", 44, -121},
	{"PA", "Pennsylvania", 41, -78}, {"RI", "Rhode Island", 42, -72},
	{"SC", "South Carolina", 34, -81}, {"SD", "South Dakota", 44, -100},
	{"TN", "Tennessee", 36, -86}, {"TX", "Texas", 31, -99}, {"UT", "Utah", 39, -112},
	{"VA", "Virginia", 38, -79}, {"VT", "Vermont", 44, -73}, {"WA", "Washington", 47, -121},
	{"WI", "Wisconsin", 45, -90}, {"WV", "West Virginia", 39, -81}, {"WY", "Wyoming", 43, -108},
};
static const struct state canada[] = {
	{"AB", "Alberta", 55, -115}, {"BC", "British Columbia", 54, -125},
	{"MB", "Manitoba", 54, -97}, {"NB", "New Brunswick", 47, -66},
	{"NL", "Newfoundland and Labrador", 53, -60}, {"NS", "Nova Scotia", 45, -63},
	{"NT", "Northwest Territories", 65, -119}, {"NU", "Nunavut", 68, -95},
	{"ON", "Ontario", 50, -86}, {"PE", "Prince Edward Island", 46, -63},
	{"QC", "Quebec", 53, -72}, {"SK", "Saskatchewan", 54, -106}, {"YT", "Yukon", 63, -136},
};
static const struct state australia[] = {
	{"ACT", "Australian Capital Territory", -35, 149}, {"NSW", "New South Wales", -32, 147},
	{"NT", "Northern Territory", -19, 134}, {"QLD", "Queensland", -22, 145},
	{"SA", "South Australia", -30, 136}, {"TAS", "Tasmania", -42, 147},
	{"VIC", "Victoria", -37, 145}, {"WA", "Western Australia", -26, 122},
};
static const struct state brazil[] = {
	{"AC", "Acre", -9, -70}, {"AL", "Alagoas", -10, -37}, {"AM", "Amazonas", -4, -65},
	{"AP", "Amapá", 1, -52}, {"BA", "Bahia", -12, -42}, {"CE", "Ceará", -5, -40},
	{"DF", "Distrito Federal", -16, -48}, {"ES", "Espírito Santo", -20, -41},
	{"GO", "Goiás", -16, -50}, {"MA", "Maranhão", -5, -45}, {"MG", "Minas Gerais", -18, -45},
	{"MS", "Mato Grosso do Sul", -21, -55}, {"MT", "Mato Grosso", -13, -56},
	{"PA", "Pará", -4, -53}, {"PB", "Paraíba", -7, -37}, {"PE", "Pernambuco", -8, -38},
	{"PI", "Piauí", -7, -43}, {"PR", "Paraná", -25, -52}, {"RJ", "Rio de Janeiro", -22, -43},
	{"RN", "Rio Grande do Norte", -6, -37}, {"RO", "Rondônia", -11, -63},
	{"RR", "Roraima", 2, -61}, {"RS", "Rio Grande do Sul", -30, -53},
	{"SC", "Santa Catarina", -27, -50}, {"SE", "Sergipe", -11, -37},
	{"SP", "São Paulo", -22, -49}, {"TO", "Tocantins", -10, -48},
};
/* clang-format on */

static const struct {
	const char *country;
	const struct state *states;
	size_t count;
} countries[] = {
	{"Australia", australia, ARRAY_LEN(australia)},
	{"Brazil", brazil, ARRAY_LEN(brazil)},
	{"Canada", canada, ARRAY_LEN(canada)},
	{"United States", usa, ARRAY_LEN(usa)},
	{"United States of America", usa, ARRAY_LEN(usa)},
};

bool place_of_state(const char *country, const char *state, double *latitude, double *longitude)
{
	for (size_t i = 0; i < ARRAY_LEN(countries) && state[0] != '\0'; i++) {
		if (strcmp(countries[i].country, country) != 0)
			continue;
		for (size_t k = 0; k < countries[i].count; k++) {
			const struct state *s = &countries[i].states[k];

			if (strcasecmp(s->letters, state) != 0 && strcasecmp(s->name, state) != 0)
				continue;
			*latitude = s->latitude;
			*longitude = s->longitude;
			return true;
		}
	}
	return false;
}
