/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "platform/base/by_name.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

struct thing {
	char name[8];
	int value;
};

static struct thing *things;
static size_t count;

static void add(const char *name, int value)
{
	size_t at;

	things = by_name_insert(things, &count, sizeof(*things), name, &at);
	ck_assert_str_eq(things[at].name, "");
	ck_assert_int_eq(things[at].value, 0);
	snprintf(things[at].name, sizeof(things[at].name), "%s", name);
	things[at].value = value;
}

static struct thing *find(const char *name)
{
	return by_name_find(things, count, sizeof(*things), name);
}

START_TEST(test_in_order)
{
	static const char *const order[] = {"a", "b", "b1", "z"};

	ck_assert_ptr_null(find("a"));
	add("z", 4);
	add("b", 2);
	add("a", 1);
	add("b1", 3);
	ck_assert_uint_eq(count, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_str_eq(things[i].name, order[i]);
		ck_assert_ptr_eq(find(order[i]), &things[i]);
		ck_assert_int_eq(things[i].value, (int)i + 1);
	}
	ck_assert(!by_name_remove(things, &count, sizeof(*things), "c"));
	ck_assert(by_name_remove(things, &count, sizeof(*things), "z"));
	ck_assert(by_name_remove(things, &count, sizeof(*things), "a"));
	ck_assert_uint_eq(count, 2);
	ck_assert_str_eq(things[0].name, "b");
	ck_assert_int_eq(things[1].value, 3);
	ck_assert_ptr_null(find("z"));
	free(things);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("by_name");
	TCase *t = tcase_create("by_name");
	SRunner *r;
	int failed;

	tcase_add_test(t, test_in_order);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
