/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which PoP a site is sent to: by distance, by measured round trip, never both roles to one. */
#include "dataplane/site/place.h"
#include "dataplane/site/pop_choice.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct pop_list pops;
static struct site_config site;
static struct pop_choice choice;

static void add_pop(const char *name, uint32_t last_octet, const char *lat, const char *lon)
{
	struct pop *p = pops_add(&pops, name);

	p->address_count = 1;
	p->addresses[0] = ip_addr_v4(0xcb007100 + last_octet);
	snprintf(p->latitude, sizeof(p->latitude), "%s", lat);
	snprintf(p->longitude, sizeof(p->longitude), "%s", lon);
}

static void set_up(void)
{
	memset(&choice, 0, sizeof(choice));
	add_pop("Ashburn", 1, "39.04", "-77.49");
	add_pop("Frankfurt", 2, "50.11", "8.68");
	add_pop("SanJose", 3, "37.34", "-121.89");
	site_config_init(&site, "Lyon");
	site.destination[SITE_PRIMARY].kind = site.destination[SITE_SECONDARY].kind =
		SITE_DEST_FQDN;
	snprintf(site.country, sizeof(site.country), "France");
}

static void tear_down(void)
{
	pops_clear(&pops);
	site_config_clear(&site);
}

static const char *of(enum site_role role)
{
	const struct pop *p = pop_of_role(&choice, &pops, &site, role);

	return p == NULL ? "-" : p->name;
}

static bool choose(bool settling, uint64_t now_ms)
{
	return pop_choose(&choice, &pops, &site, settling, now_ms);
}

START_TEST(test_by_distance)
{
	ck_assert(choose(false, 1000));
	ck_assert_str_eq(of(SITE_PRIMARY), "Frankfurt");
	ck_assert_str_eq(of(SITE_SECONDARY), "Ashburn");
	ck_assert(!choose(false, 2000));
}
END_TEST

/* The middle of the United States is nearer to Virginia than California's is. */
START_TEST(test_by_state)
{
	static const struct {
		const char *state, *nearest;
	} rows[] = {{"", "Ashburn"},	    {"California", "SanJose"}, {"ca", "SanJose"},
		    {"Florida", "Ashburn"}, {"washington", "SanJose"}, {"NY", "Ashburn"},
		    {"Nowhere", "Ashburn"}};

	snprintf(site.country, sizeof(site.country), "United States");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(site.state, sizeof(site.state), "%s", rows[i].state);
		(void)choose(false, 1000);
		ck_assert_msg(strcmp(of(SITE_PRIMARY), rows[i].nearest) == 0, "%s: %s",
			      rows[i].state, of(SITE_PRIMARY));
	}
}
END_TEST

/* Great-circle distances as published for these airports' cities, within 2 %. */
START_TEST(test_distance)
{
	double km = place_distance_km("United States", "Hawaii", "37.62", "-122.38");

	ck_assert_msg(km > 3700 && km < 3950, "%f", km); /* Honolulu - San Francisco 3,854 km */
	ck_assert(place_distance_km("Nowhere", "", "0", "0") >= PLACE_UNKNOWN_KM);
}
END_TEST

/* They are found by bisection. */
START_TEST(test_countries_are_sorted)
{
	for (size_t i = 0; place_country(i) != NULL; i++) {
		if (i > 0)
			ck_assert_msg(strcmp(place_country(i - 1), place_country(i)) < 0, "%s",
				      place_country(i));
		ck_assert(place_distance_km(place_country(i), "", "0", "0") < PLACE_UNKNOWN_KM);
	}
	ck_assert_ptr_nonnull(place_country(100));
}
END_TEST

START_TEST(test_a_dead_pop_is_left_at_once)
{
	(void)choose(false, 1000);
	pops_find(&pops, "Frankfurt")->shutdown = true;
	ck_assert(choose(false, 2000));
	ck_assert_str_eq(of(SITE_PRIMARY), "Ashburn");
	ck_assert_str_eq(of(SITE_SECONDARY), "SanJose");
	pops_find(&pops, "Frankfurt")->shutdown = false;
	ck_assert(choose(false, 3000));
	ck_assert_str_eq(of(SITE_PRIMARY), "Frankfurt");
}
END_TEST

START_TEST(test_last_pop_is_one_roles_alone)
{
	pops_find(&pops, "Frankfurt")->shutdown = true;
	pops_find(&pops, "SanJose")->shutdown = true;
	(void)choose(false, 1000);
	ck_assert_str_eq(of(SITE_PRIMARY), "Ashburn");
	ck_assert_str_eq(of(SITE_SECONDARY), "-");
}
END_TEST

/* Clearly shorter for ten minutes, and not a moment before. */
START_TEST(test_round_trip_wins_in_time)
{
	(void)choose(false, 1000);
	pop_choice_measured(&choice, "Frankfurt", 120000);
	pop_choice_measured(&choice, "Ashburn", 40000);
	ck_assert(!choose(false, 10000));
	ck_assert(!choose(false, 10000 + POP_BETTER_MS - 1));
	ck_assert_str_eq(of(SITE_PRIMARY), "Frankfurt");
	ck_assert(choose(false, 10000 + POP_BETTER_MS));
	ck_assert_str_eq(of(SITE_PRIMARY), "Ashburn");
	ck_assert_str_eq(of(SITE_SECONDARY), "Frankfurt");
}
END_TEST

START_TEST(test_an_interruption_begins_anew)
{
	(void)choose(false, 1000);
	pop_choice_measured(&choice, "Frankfurt", 120000);
	pop_choice_measured(&choice, "Ashburn", 40000);
	(void)choose(false, 10000);
	for (int i = 0; i < 20; i++)
		pop_choice_measured(&choice, "Ashburn", 110000);
	(void)choose(false, 20000);
	for (int i = 0; i < 20; i++)
		pop_choice_measured(&choice, "Ashburn", 40000);
	(void)choose(false, 30000);
	ck_assert(!choose(false, 10000 + POP_BETTER_MS));
	ck_assert(choose(false, 30000 + POP_BETTER_MS));
}
END_TEST

START_TEST(test_equal_ones_never_flap)
{
	unsigned changes = 0;

	(void)choose(false, 1000);
	for (uint64_t t = 10000; t < 100 * POP_BETTER_MS; t += 60000) {
		pop_choice_measured(&choice, "Frankfurt", t / 60000 % 2 == 0 ? 60000 : 50000);
		pop_choice_measured(&choice, "Ashburn", t / 60000 % 2 == 0 ? 45000 : 55000);
		changes += choose(false, t);
	}
	ck_assert_uint_eq(changes, 0);
}
END_TEST

START_TEST(test_settling_waits_for_nothing)
{
	(void)choose(true, 1000);
	pop_choice_measured(&choice, "Frankfurt", 120000);
	pop_choice_measured(&choice, "Ashburn", 40000);
	ck_assert(choose(true, 11000));
	ck_assert_str_eq(of(SITE_PRIMARY), "Ashburn");
}
END_TEST

START_TEST(test_fixed_ones_are_not_chosen)
{
	snprintf(site.destination[SITE_SECONDARY].pop, SITE_NAME_MAX, "Frankfurt");
	(void)choose(false, 1000);
	ck_assert_str_eq(of(SITE_SECONDARY), "Frankfurt");
	ck_assert_str_eq(of(SITE_PRIMARY), "Ashburn");
	site.destination[SITE_SECONDARY] =
		(struct site_destination){.kind = SITE_DEST_ADDRESS,
					  .addr = ip_addr_v4(0xcb007101)};
	(void)choose(false, 2000);
	ck_assert_str_eq(of(SITE_SECONDARY), "Ashburn");
	ck_assert_str_eq(of(SITE_PRIMARY), "Frankfurt");
}
END_TEST

int main(void)
{
	const struct TTest *const tests[] = {
		test_by_distance,
		test_by_state,
		test_distance,
		test_countries_are_sorted,
		test_a_dead_pop_is_left_at_once,
		test_last_pop_is_one_roles_alone,
		test_round_trip_wins_in_time,
		test_an_interruption_begins_anew,
		test_equal_ones_never_flap,
		test_settling_waits_for_nothing,
		test_fixed_ones_are_not_chosen,
	};
	Suite *s = suite_create("pop_choice");
	TCase *t = tcase_create("pop_choice");

	tcase_add_checked_fixture(t, set_up, tear_down);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	return run_suite(s);
}
