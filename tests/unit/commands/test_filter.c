/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pipeline behind `|`. */
#include "commands/filter.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

static const char text[] = "hostname gw1\n"
			   "!\n"
			   "ipsec site A\n"
			   " type branch\n"
			   " tunnel primary 1\n"
			   "  name fiber\n"
			   "  psk 6 AAAA\n"
			   " tunnel primary 2\n"
			   "!\n"
			   "ipsec site B\n"
			   " tunnel primary 1\n"
			   "end\n";

START_TEST(test_filter_stages)
{
	static const struct {
		const char *filters, *output;
	} cases[] = {
		{"include tunnel", " tunnel primary 1\n tunnel primary 2\n tunnel primary 1\n"},
		{" inc  tunnel.*2 ", " tunnel primary 2\n"},
		{"i ^(hostname|end)", "hostname gw1\nend\n"},
		{"exclude ^ | exclude x", ""},
		{"e ^[ !]", "hostname gw1\nipsec site A\nipsec site B\nend\n"},
		{"begin site B", "ipsec site B\n tunnel primary 1\nend\n"},
		{"section site B", "ipsec site B\n tunnel primary 1\n"},
		{"sec primary 1 | inc name", "  name fiber\n"},
		{"count tunnel", "Number of lines which match regexp = 3\n"},
		{"section site A | count tunnel", "Number of lines which match regexp = 2\n"},
		{"count tunnel | include 3", "Number of lines which match regexp = 3\n"},
		{"count tunnel | include 4", ""},
		{"redact | inc psk", "  psk <hidden>\n"},
		{"no-more | include host", "hostname gw1\n"},
		{"include \"site B\"", "ipsec site B\n"},
		{"include gw1|end", "hostname gw1\nend\n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		/* In pieces of every size the result is the same. */
		for (size_t piece = 1; piece <= sizeof(text); piece += 7) {
			struct filter_wishes wishes = {.json = false};
			struct err_msg e = {.code = 0};
			struct strbuf out;
			size_t column;
			struct filter_chain *f =
				filter_parse(cases[i].filters, &wishes, &column, &e);

			ck_assert_msg(f != NULL, "%s: %s", cases[i].filters, e.text);
			strbuf_init(&out);
			for (size_t at = 0; at < strlen(text); at += piece) {
				size_t left = strlen(text) - at;

				filter_feed(f, text + at, left < piece ? left : piece, &out);
			}
			filter_end(f, &out);
			ck_assert_msg(strcmp(out.text, cases[i].output) == 0, "%s:\n%s",
				      cases[i].filters, out.text);
			strbuf_clear(&out);
			filter_free(f);
		}
	}
}
END_TEST

START_TEST(test_filter_errors)
{
	static const struct {
		const char *filters;
		size_t column;
	} cases[] = {
		{"", 0},	  {"foo x", 0},	 {" foo x", 1},	       {"include", 7},
		{"include (", 8}, {"json x", 5}, {"include x | ", 12}, {"e x | q", 6},
		{"json|json", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct filter_wishes wishes = {.json = false};
		struct err_msg e = {.code = 0};
		size_t column = 99;

		ck_assert_msg(filter_parse(cases[i].filters, &wishes, &column, &e) == NULL, "%s",
			      cases[i].filters);
		ck_assert_msg(e.text[0] != '\0', "%s", cases[i].filters);
		ck_assert_msg(column == cases[i].column, "%s: %zu", cases[i].filters, column);
	}
}
END_TEST

START_TEST(test_filter_wishes)
{
	struct filter_wishes wishes = {.json = false};
	struct err_msg e;
	size_t column;
	struct filter_chain *f = filter_parse("json | no-more", &wishes, &column, &e);

	ck_assert_ptr_nonnull(f);
	ck_assert(wishes.json && wishes.no_more);
	filter_free(f);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("filter");
	TCase *tc = tcase_create("filter");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_filter_stages);
	tcase_add_test(tc, test_filter_errors);
	tcase_add_test(tc, test_filter_wishes);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
