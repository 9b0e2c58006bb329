/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers: columns, blocks, UTF-8 and JSON, with texts written by hand. */
#include "commands/answer.h"
#include "platform/base/mem.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const struct answer_column columns[] = {{"Site", false}, {"Name", true}, {"Reason", false}};

/* Finishes and frees a; the caller frees the text. */
static char *finish(struct answer *a)
{
	struct strbuf out;
	char *text;

	strbuf_init(&out);
	answer_finish(a, &out);
	answer_free(a);
	text = strbuf_take(&out);
	strbuf_clear(&out);
	return text;
}

static void row(struct answer *a, const char *site, const char *name, const char *reason)
{
	answer_object(a, NULL);
	answer_row(a);
	answer_text(a, "site", "Site", site);
	answer_text(a, "name", "Name", name);
	answer_text(a, "reason", "Reason", reason);
	answer_object_end(a);
}

static void expect_text(struct answer *a, const char *expected)
{
	char *text = finish(a);

	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(test_table_fits_content)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	answer_table(a, columns, ARRAY_LEN(columns));
	row(a, "Lyon", "fiber", "-");
	row(a, "AWS-eu-central", "b", "auth-failed");
	answer_table_end(a);
	expect_text(a, "Site            Name   Reason\n"
		       "Lyon            fiber  -\n"
		       "AWS-eu-central  b      auth-failed\n");
}
END_TEST

START_TEST(test_table_missing_cells_are_dashes)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	answer_table(a, columns, ARRAY_LEN(columns));
	answer_row(a);
	answer_text(a, NULL, "Name", "");
	answer_text(a, NULL, "Reason", NULL);
	answer_table_end(a);
	expect_text(a, "Site  Name  Reason\n"
		       "-     -     -\n");
}
END_TEST

START_TEST(test_table_without_rows_prints_nothing)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	answer_table(a, columns, ARRAY_LEN(columns));
	answer_table_end(a);
	expect_text(a, "");
}
END_TEST

/* 30 characters of name are cut only when the line would be wider than the terminal; a site's name,
 * which operators type, never is. */
START_TEST(test_table_cuts_free_names_only)
{
	static const char site[] = "a-site-with-a-very-long-name-1";
	static const char name[] = "link of the carrier, floor two";
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	answer_table(a, columns, ARRAY_LEN(columns));
	row(a, site, name, "no-proposal-chosen");
	answer_table_end(a);
	expect_text(a,
		    "Site                            Name                  Reason\n"
		    "a-site-with-a-very-long-name-1  link of the carri...  no-proposal-chosen\n");

	a = answer_new(ANSWER_TEXT, 511);
	answer_table(a, columns, ARRAY_LEN(columns));
	row(a, site, name, "no-proposal-chosen");
	answer_table_end(a);
	expect_text(a, "Site                            Name                            Reason\n"
		       "a-site-with-a-very-long-name-1  link of the carrier, floor two  "
		       "no-proposal-chosen\n");

	/* Twenty characters are not cut. */
	a = answer_new(ANSWER_TEXT, 20);
	answer_table(a, columns, ARRAY_LEN(columns));
	row(a, "x", "twenty-characters-aa", "-");
	answer_table_end(a);
	expect_text(a, "Site  Name                  Reason\n"
		       "x     twenty-characters-aa  -\n");
}
END_TEST

/* u-umlaut and e-acute take one column and two octets, the CJK characters two columns. */
START_TEST(test_table_counts_characters)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	answer_table(a, columns, ARRAY_LEN(columns));
	row(a, "a", "M\xc3\xbcnchen", "-");
	row(a, "b", "caf\x65\xcc\x81", "-");
	row(a, "c", "\xe6\x9d\xb1\xe4\xba\xac", "-");
	answer_table_end(a);
	expect_text(a, "Site  Name     Reason\n"
		       "a     M\xc3\xbcnchen  -\n"
		       "b     caf\x65\xcc\x81     -\n"
		       "c     \xe6\x9d\xb1\xe4\xba\xac     -\n");
}
END_TEST

/* Cutting never splits a character. */
START_TEST(test_table_cuts_between_characters)
{
	struct answer *a = answer_new(ANSWER_TEXT, 20);
	char name[64] = "", expected[128];

	for (int i = 0; i < 21; i++)
		strcat(name, "\xc3\xbc");
	answer_table(a, columns, ARRAY_LEN(columns));
	row(a, "x", name, "-");
	answer_table_end(a);
	(void)snprintf(expected, sizeof(expected),
		       "Site  Name                  Reason\nx     %.34s...  -\n", name);
	expect_text(a, expected);
}
END_TEST

START_TEST(test_block_aligns_and_wraps)
{
	struct answer *a = answer_new(ANSWER_TEXT, 40);

	answer_line(a, "Tunnel %d", 1);
	answer_block(a, 2);
	answer_text(a, "reason", "Reason", "auth-failed");
	answer_show(a, "Hint", "%s", "Make the key the same on both sides.");
	answer_number(a, "n", "Attempts", 3);
	answer_bool(a, "b", "Up", true);
	answer_text(a, NULL, "Word", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b");
	answer_block_end(a);
	expect_text(a, "Tunnel 1\n"
		       "  Reason    auth-failed\n"
		       "  Hint      Make the key the same on\n"
		       "            both sides.\n"
		       "  Attempts  3\n"
		       "  Up        yes\n"
		       "  Word      aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
		       "            b\n");
}
END_TEST

START_TEST(test_block_unlimited_does_not_wrap)
{
	struct answer *a = answer_new(ANSWER_TEXT, 0);
	char value[1001], expected[1100];

	for (size_t i = 0; i < 1000; i++)
		value[i] = i % 5 == 4 ? ' ' : 'x';
	value[1000] = '\0';
	answer_block(a, 0);
	answer_text(a, NULL, "L", value);
	answer_block_end(a);
	(void)snprintf(expected, sizeof(expected), "L  %s\n", value);
	expect_text(a, expected);
}
END_TEST

/* What a peer sends as its identity must not move the cursor, clear the screen or fake a line. */
START_TEST(test_control_characters_are_not_printed)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	answer_line(a, "%s", "a\x1b[2Jb\nc\rd\x7f");
	answer_line(a, "%s",
		    "csi \xc2\x9b"
		    "1m, override \xe2\x80\xae, bom \xef\xbb\xbf");
	answer_line(a, "%s",
		    "broken \xff\xc3;\xe2\x82 \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xc3");
	expect_text(a, "a?[2Jb?c?d?\n"
		       "csi ?1m, override ?, bom ?\n"
		       "broken ??;?? ?? ??? ???? ?\n");
}
END_TEST

START_TEST(test_json_types_and_order)
{
	struct answer *a = answer_new(ANSWER_JSON, 80);

	answer_array(a, "sites");
	answer_table(a, columns, ARRAY_LEN(columns));
	row(a, "Lyon", "quote \" and \\", "-");
	answer_table_end(a);
	answer_array_end(a);
	answer_object(a, "summary");
	answer_number(a, "sites", "Sites", 1);
	answer_number(a, "big", NULL, UINT64_MAX);
	answer_bool(a, "ok", NULL, false);
	answer_null(a, "pop");
	answer_time(a, "since", UINT64_C(1795442402000));
	answer_time(a, "never", 0);
	answer_object_end(a);
	answer_line(a, "Only text");
	answer_show(a, "Only", "text");
	answer_text(a, NULL, "Only", "text");
	expect_text(a, "{\"sites\":[{\"site\":\"Lyon\",\"name\":\"quote \\\" and "
		       "\\\\\",\"reason\":null}],\"summary\":{\"sites\":1,"
		       "\"big\":9223372036854775807,\"ok\":false,\"pop\":null,"
		       "\"since\":\"2026-11-23T14:00:02Z\",\"never\":null}}\n");
}
END_TEST

START_TEST(test_json_hostile_strings_stay_valid)
{
	struct answer *a = answer_new(ANSWER_JSON, 0);
	json_error_t error;
	json_t *root;
	char *text;

	answer_array(a, "ids");
	answer_text(a, NULL, NULL, "\x1b[31m\xff\xc3;");
	answer_text(a, NULL, NULL, "M\xc3\xbcnchen");
	answer_array_end(a);
	text = finish(a);
	root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	ck_assert_msg(root != NULL, "%s: %s", error.text, text);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(root, "ids"), 0)),
			 "?[31m??;");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(root, "ids"), 1)),
			 "M\xc3\xbcnchen");
	json_decref(root);
	free(text);
}
END_TEST

START_TEST(test_json_empty)
{
	struct answer *a = answer_new(ANSWER_JSON, 80);

	answer_array(a, "sites");
	answer_array_end(a);
	expect_text(a, "{\"sites\":[]}\n");
}
END_TEST

START_TEST(test_text_width)
{
	ck_assert_uint_eq(answer_text_width(""), 0);
	ck_assert_uint_eq(answer_text_width("abc"), 3);
	ck_assert_uint_eq(answer_text_width("\xc3\xbc"), 1);
	ck_assert_uint_eq(answer_text_width("e\xcc\x81"), 1);
	ck_assert_uint_eq(answer_text_width("\xe6\x9d\xb1"), 2);
	ck_assert_uint_eq(answer_text_width("\xf0\x9f\x98\x80"), 2);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("answer");
	TCase *tc = tcase_create("answer");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, test_table_fits_content);
	tcase_add_test(tc, test_table_missing_cells_are_dashes);
	tcase_add_test(tc, test_table_without_rows_prints_nothing);
	tcase_add_test(tc, test_table_cuts_free_names_only);
	tcase_add_test(tc, test_table_counts_characters);
	tcase_add_test(tc, test_table_cuts_between_characters);
	tcase_add_test(tc, test_block_aligns_and_wraps);
	tcase_add_test(tc, test_block_unlimited_does_not_wrap);
	tcase_add_test(tc, test_control_characters_are_not_printed);
	tcase_add_test(tc, test_json_types_and_order);
	tcase_add_test(tc, test_json_hostile_strings_stay_valid);
	tcase_add_test(tc, test_json_empty);
	tcase_add_test(tc, test_text_width);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
