/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pager on a screen of a few rows: what is on it after which keys. */
#include "platform/base/mem.h"
#include "shell/ikesh/pager.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static struct strbuf screen;
static struct pager pager;

static void write_screen(void *arg, const char *text, size_t len)
{
	(void)arg;
	strbuf_add_bytes(&screen, text, len);
}

static void setup(unsigned rows, unsigned columns)
{
	strbuf_init(&screen);
	pager_init(&pager, write_screen, NULL);
	pager_size(&pager, rows, columns);
}

static void teardown(void)
{
	pager_clear(&pager);
	strbuf_clear(&screen);
}

static void feed(const char *text)
{
	pager_feed(&pager, text, strlen(text));
}

/* The screen since the last look, without the erasing of --More--. */
static void expect(const char *want)
{
	ck_assert_str_eq(screen.text, want);
	strbuf_reset(&screen);
}

#define ERASED "\r          \r" /* as wide as " --More-- " */

START_TEST(test_without_paging)
{
	setup(0, 80);
	for (int i = 0; i < 1000; i++)
		feed("x\n");
	ck_assert(!pager_waits(&pager));
	ck_assert_uint_eq(screen.len, 2000);
	teardown();
}
END_TEST

START_TEST(test_a_full_screen_without_more)
{
	setup(4, 80);
	feed("1\n2\n3\n");
	ck_assert(!pager_waits(&pager));
	pager_end(&pager);
	expect("1\n2\n3\n");
	teardown();
}
END_TEST

START_TEST(test_space_and_enter)
{
	setup(4, 80);
	feed("1\n2\n3\n4\n5\n6\n7\n8\n9\n");
	ck_assert(pager_waits(&pager));
	expect("1\n2\n3\n --More-- ");
	ck_assert(pager_key(&pager, ' '));
	expect(ERASED "4\n5\n6\n --More-- ");
	ck_assert(pager_key(&pager, '\r'));
	expect(ERASED "7\n --More-- ");
	ck_assert(pager_key(&pager, 'x'));
	expect("");
	ck_assert(pager_key(&pager, ' '));
	ck_assert(!pager_waits(&pager));
	expect(ERASED "8\n9\n");
	teardown();
}
END_TEST

START_TEST(test_pieces_are_as_one)
{
	setup(3, 80);
	for (const char *p = "1\n2\n3\n"; *p != '\0'; p++)
		pager_feed(&pager, p, 1);
	expect("1\n2\n --More-- ");
	ck_assert(pager_key(&pager, ' '));
	expect(ERASED "3\n");
	teardown();
}
END_TEST

START_TEST(test_long_lines_take_several_rows)
{
	setup(3, 10);
	feed("0123456789abcdefghij\nnext\n"); /* exactly two rows */
	expect("0123456789abcdefghij\n --More-- ");
	ck_assert(pager_key(&pager, ' '));
	expect(ERASED "next\n");
	teardown();
}
END_TEST

START_TEST(test_colour_and_utf8_take_no_room)
{
	setup(3, 5);
	feed("\033[1;31mab\xc3\xa4\xc3\xb6"
	     "e\033[0m\n2\n");
	ck_assert(!pager_waits(&pager));
	teardown();
}
END_TEST

START_TEST(test_quit_drops_up_to_the_end)
{
	static const char keys[] = {'q', 'Z' & 0x1f};

	for (size_t i = 0; i < sizeof(keys); i++) {
		setup(3, 80);
		feed("1\n2\n3\n4\n");
		strbuf_reset(&screen);
		ck_assert(!pager_key(&pager, keys[i]));
		expect(ERASED);
		feed("5\n6\n7\n");
		ck_assert(!pager_waits(&pager));
		expect("");
		pager_end(&pager);
		feed("new\n");
		expect("new\n");
		teardown();
	}
}
END_TEST

START_TEST(test_search)
{
	setup(4, 80);
	feed("1\n2\n3\n4\n5\nsite Lyon\n7\n8\n9\n");
	strbuf_reset(&screen);
	for (const char *key = "/L.on\r"; *key != '\0'; key++)
		ck_assert(pager_key(&pager, *key));
	expect(ERASED "/L.on\r     \rfiltering...\nsite Lyon\n7\n --More-- ");
	ck_assert(pager_key(&pager, ' '));
	expect(ERASED "8\n9\n");
	teardown();
}
END_TEST

START_TEST(test_search_over_later_output)
{
	setup(3, 80);
	feed("1\n2\n3\n");
	for (const char *key = "/yes\n"; *key != '\0'; key++)
		ck_assert(pager_key(&pager, *key));
	ck_assert(!pager_waits(&pager));
	strbuf_reset(&screen);
	feed("4\nand y");
	feed("es\n6\n");
	expect("and yes\n --More-- ");
	teardown();
}
END_TEST

START_TEST(test_search_without_match)
{
	setup(3, 80);
	feed("1\n2\n3\n");
	for (const char *key = "/none\n"; *key != '\0'; key++)
		ck_assert(pager_key(&pager, *key));
	strbuf_reset(&screen);
	pager_end(&pager);
	expect("(no line matches)\n");
	teardown();
}
END_TEST

START_TEST(test_bad_and_empty_patterns)
{
	setup(3, 80);
	feed("1\n2\n3\n");
	for (const char *key = "/a[\n"; *key != '\0'; key++)
		ck_assert(pager_key(&pager, *key));
	ck_assert(pager_waits(&pager));
	ck_assert_ptr_nonnull(strstr(screen.text, "(no regular expression)"));
	for (const char *key = "/ab\b\b\b\n"; *key != '\0'; key++)
		ck_assert(pager_key(&pager, *key));
	ck_assert(pager_waits(&pager));
	strbuf_reset(&screen);
	ck_assert(pager_key(&pager, ' '));
	expect(ERASED "3\n");
	teardown();
}
END_TEST

START_TEST(test_pause)
{
	setup(3, 80);
	feed("1\n2\n3\n");
	strbuf_reset(&screen);
	pager_pause(&pager, true);
	expect(ERASED "3\n");
	feed("4\n5\n6\n7\n");
	ck_assert(!pager_waits(&pager));
	pager_end(&pager);
	pager_pause(&pager, false);
	feed("1\n2\n3\n");
	ck_assert(pager_waits(&pager));
	teardown();
}
END_TEST

START_TEST(test_end_completes_the_last_line)
{
	setup(24, 80);
	feed("no line end");
	pager_end(&pager);
	expect("no line end\n");
	pager_end(&pager);
	expect("");
	teardown();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_without_paging,
		test_a_full_screen_without_more,
		test_space_and_enter,
		test_pieces_are_as_one,
		test_long_lines_take_several_rows,
		test_colour_and_utf8_take_no_room,
		test_quit_drops_up_to_the_end,
		test_search,
		test_search_over_later_output,
		test_search_without_match,
		test_bad_and_empty_patterns,
		test_pause,
		test_end_completes_the_last_line,
	};

	return run_cases("pager", tests, ARRAY_LEN(tests));
}
