/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gateway of names, which changes between the steps. */
#include "commands/survey.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned names[512];
static size_t name_count;

int gateway_site_at(struct gateway *g, size_t index, struct site_status *out)
{
	(void)g;
	if (index >= name_count)
		return ERR_NOT_FOUND;
	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "site%05u", names[index]);
	out->index = names[index] + 1;
	out->connected = names[index] % 2 == 0;
	out->tunnel_count = 2;
	for (unsigned i = 0; i < 2; i++) {
		out->tunnels[i].slot = (uint8_t)(1 + 3 * i);
		out->tunnels[i].state = i == 0 ? TUNNEL_UP : TUNNEL_DOWN;
		snprintf(out->tunnels[i].reason, sizeof(out->tunnels[i].reason), "reason%u",
			 names[index] % 100);
	}
	return 0;
}

static void insert(unsigned number)
{
	size_t at = 0;

	while (at < name_count && names[at] < number)
		at++;
	memmove(names + at + 1, names + at, (name_count - at) * sizeof(names[0]));
	names[at] = number;
	name_count++;
}

static void take_away(unsigned number)
{
	size_t at = 0;

	while (at < name_count && names[at] != number)
		at++;
	ck_assert_uint_lt(at, name_count);
	memmove(names + at, names + at + 1, (name_count - at - 1) * sizeof(names[0]));
	name_count--;
}

static void setup(unsigned count)
{
	name_count = 0;
	for (unsigned i = 0; i < count; i++)
		insert(10 * i);
}

static void finish(struct survey *s, size_t step)
{
	while (survey_step(s, NULL, step))
		;
}

START_TEST(test_whole)
{
	struct survey s;
	char text[128];

	setup(100);
	survey_init(&s);
	finish(&s, (size_t)_i);
	ck_assert_uint_eq(s.site_count, 100);
	ck_assert_uint_eq(s.tunnel_count, 200);
	for (unsigned i = 0; i < 100; i++) {
		char name[16];

		snprintf(name, sizeof(name), "site%05u", 10 * i);
		ck_assert_str_eq(s.sites[i].name, name);
		ck_assert_uint_eq(s.sites[i].first, 2 * i);
		ck_assert_uint_eq(s.sites[i].count, 2);
	}
	ck_assert_str_eq(survey_text(&s, text, sizeof(text)),
			 "100 sites, 100 connected; 200 tunnels, 100 up");
	survey_clear(&s);
}
END_TEST

/* Reasons are few, whatever the tunnels say. */
START_TEST(test_reasons_are_bounded)
{
	struct survey s;

	name_count = 0;
	for (unsigned i = 0; i < 90; i++)
		insert(i);
	survey_init(&s);
	finish(&s, 7);
	ck_assert_uint_eq(s.reason_count, SURVEY_REASONS);
	ck_assert_str_eq(s.reasons[0], "-");
	ck_assert_str_eq(s.reasons[1], "reason0");
	ck_assert_str_eq(s.reasons[SURVEY_REASONS - 1], "other");
	ck_assert_str_eq(s.reasons[s.tunnels[s.tunnel_count - 1].reason], "other");
	survey_clear(&s);
}
END_TEST

static bool has(const struct survey *s, unsigned number)
{
	char name[16];
	size_t found = 0;

	snprintf(name, sizeof(name), "site%05u", number);
	for (size_t i = 0; i < s->site_count; i++)
		found += strcmp(s->sites[i].name, name) == 0 ? 1 : 0;
	ck_assert_uint_le(found, 1);
	return found == 1;
}

/* Whatever happens between two steps: those that stay are in it, none is in it twice. */
START_TEST(test_changes_meanwhile)
{
	static const struct {
		unsigned added[3], removed[3];
	} changes[] = {
		{.added = {5, 15, 25}},
		{.added = {4995, 4996}},
		{.removed = {10, 20, 30}},
		{.removed = {490, 500, 510}},
		{.removed = {990}},
		{.added = {1, 2, 3}, .removed = {990, 980, 970}},
		{.added = {491, 492, 501}},
		{.added = {495}, .removed = {490, 10}},
		{.added = {2000}, .removed = {10, 490, 500}},
	};
	struct survey s;

	setup(100);
	survey_init(&s);
	ck_assert(survey_step(&s, NULL, 50));
	for (size_t i = 0; i < 3; i++) {
		if (changes[_i].added[i] != 0)
			insert(changes[_i].added[i]);
		if (changes[_i].removed[i] != 0)
			take_away(changes[_i].removed[i]);
	}
	finish(&s, 50);
	for (unsigned i = 0; i < 100; i++) {
		bool gone = false;

		for (size_t r = 0; r < 3; r++)
			gone = gone || (i != 0 && changes[_i].removed[r] == 10 * i);
		ck_assert(has(&s, 10 * i) || gone);
	}
	for (size_t i = 1; i < s.site_count; i++)
		ck_assert_int_lt(strcmp(s.sites[i - 1].name, s.sites[i].name), 0);
	survey_clear(&s);
}
END_TEST

START_TEST(test_all_removed)
{
	struct survey s;

	setup(100);
	survey_init(&s);
	ck_assert(survey_step(&s, NULL, 50));
	name_count = 0;
	ck_assert(!survey_step(&s, NULL, 50));
	ck_assert_uint_eq(s.site_count, 50);
	survey_clear(&s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("survey");
	TCase *t = tcase_create("survey");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, test_whole, 1, 120);
	tcase_add_test(t, test_reasons_are_bounded);
	tcase_add_loop_test(t, test_changes_meanwhile, 0, 9);
	tcase_add_test(t, test_all_removed);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
