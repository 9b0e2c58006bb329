/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration texts as trees, and differences by section. */
#include "commands/config_text.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdlib.h>

static char *difference(const char *before, const char *after, size_t *count)
{
	struct config_text a, b;
	struct strbuf out;
	char *text;

	strbuf_init(&out);
	config_text_parse(before, &a);
	config_text_parse(after, &b);
	*count = config_text_diff(&a, &b, &out);
	ck_assert(config_text_equal(&a, &b) == (*count == 0));
	config_text_clear(&a);
	config_text_clear(&b);
	text = mem_strdup(out.text);
	strbuf_clear(&out);
	return text;
}

START_TEST(test_config_text_diff)
{
	static const struct {
		const char *before, *after, *diff;
		size_t count;
	} cases[] = {
		{"", "", "", 0},
		{"hostname a\nend\n", "! x\nhostname a\n\nend\n", "", 0},
		{"hostname a\n", "hostname b\n", "-hostname a\n+hostname b\n", 2},
		/* Order, comments and chatter do not matter. */
		{"a\nb\nc\n",
		 "Building configuration...\n\nCurrent configuration : 5 bytes\n!\nc\na\nb\n", "",
		 0},
		{"ipsec site A\n keepalive 10\n tunnel primary 1\n  name x\n",
		 "ipsec site A\n keepalive 20\n tunnel primary 1\n  name x\n",
		 "ipsec site A\n -keepalive 10\n +keepalive 20\n", 2},
		{"ipsec site A\n tunnel primary 1\n  name x\n",
		 "ipsec site A\n tunnel primary 1\n  name y\nipsec site B\n state z\n",
		 "ipsec site A\n tunnel primary 1\n  -name x\n  +name y\n+ipsec site B\n +state "
		 "z\n",
		 4},
		{"ipsec site A\n state x\nipsec site B\n", "ipsec site B\n",
		 "-ipsec site A\n -state x\n", 2},
		/* Tabs and deeper blanks indent as well; a line twice is a line. */
		{"ipsec site A\n\tkeepalive 20\n", "ipsec site A\n    keepalive 20\n", "", 0},
		{"a\na\n", "a\n", "", 0},
		/* A banner is one line, whatever it holds. */
		{"banner motd ^C\nhello\n end\n^C\nhostname a\n", "hostname a\n",
		 "-banner motd ^C\nhello\n end\n^C\n", 1},
		{"banner motd ^C open", "banner motd ^C open", "", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t count;
		char *diff = difference(cases[i].before, cases[i].after, &count);

		ck_assert_str_eq(diff, cases[i].diff);
		ck_assert_uint_eq(count, cases[i].count);
		free(diff);
	}
}
END_TEST

/* The indent of nothing but blanks, and a text that never comes back. */
START_TEST(test_config_text_odd)
{
	struct config_text t;
	struct strbuf deep;

	config_text_parse("   \n \t \n   x\n y\n", &t);
	ck_assert_uint_eq(t.count, 2);
	ck_assert_str_eq(t.items[0].line, "x");
	ck_assert_str_eq(t.items[1].line, "y");
	config_text_clear(&t);
	strbuf_init(&deep);
	for (size_t i = 0; i < 500; i++) {
		for (size_t k = 0; k < i; k++)
			strbuf_add_char(&deep, ' ');
		strbuf_add(&deep, "x\n");
	}
	config_text_parse(deep.text, &t);
	ck_assert_uint_eq(t.count, 1);
	config_text_clear(&t);
	strbuf_clear(&deep);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config_text");
	TCase *tc = tcase_create("config_text");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_config_text_diff);
	tcase_add_test(tc, test_config_text_odd);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
