/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Value types: what is taken, what is refused and where, patterns and words around them. */
#include "commands/country.h"
#include "commands/lexer.h"
#include "commands/pattern.h"
#include "commands/value.h"
#include "dataplane/site/site_config.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static const char x65[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

START_TEST(test_value_accepts)
{
	static const struct {
		const char *arg, *text, *canonical;
	} cases[] = {
		{"keepalive", "5", "5"},
		{"keepalive", "060", "60"},
		{"site-type", "CL", "cloud-data-center"},
		{"dh-group", "2", "2"}, /* exact, although 20 begins with it */
		{"site", "AWS-eu_central.1", "AWS-eu_central.1"},
		{"country", "\"C\xc3\xb4te d'Ivoire\"", "C\xc3\xb4te d'Ivoire"},
		{"country", "New Zealand", "New Zealand"},
		{"address", "2001:DB8::1", "2001:db8::1"},
		{"native-range", "10.0.0.0/8", "10.0.0.0/8"},
		{"native-range", "2001:db8::/32", "2001:db8::/32"},
		{"range", "10.0.0.1-10.0.0.9", "10.0.0.1-10.0.0.9"},
		{"ports", "443", "443"},
		{"ports", "0-65535", "0-65535"},
		{"country", "Germany", "Germany"},
		{"country", "de", "Germany"},
		{"country", "DEU", "Germany"},
		{"country", "\"united states\"", "United States"},
		{"country", "USA", "United States"},
		{"country", "Korea, Republic of", "Korea, Republic of"},
		{"country", "South Korea", "Korea, Republic of"},
		{"country", "Ivory Coast", "C\xc3\xb4te d'Ivoire"},
		{"range", "10.0.0.0-10.0.0.255", "10.0.0.0/24"},
		{"network", "v6:2001:db8::/32", "v6"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct value v = {.arg = NULL};
		struct err_msg e = {.code = 0};
		size_t bad;

		ck_assert_msg(value_parse(arg_find(cases[i].arg), cases[i].text, &v, &bad, &e) == 0,
			      "%s: %s", cases[i].text, e.text);
		ck_assert_str_eq(v.text, cases[i].canonical);
		value_clear(&v);
	}
}
END_TEST

START_TEST(test_value_refuses)
{
	static const struct {
		const char *arg, *text;
		int code;
		size_t bad;
		const char *message;
	} cases[] = {
		{"keepalive", "4", ERR_RANGE, 0, "allowed is 5-60 seconds"},
		{"keepalive", "", ERR_RANGE, 0, "allowed is 5-60 seconds"},
		{"keepalive", "-5", ERR_INVALID, 0, "allowed is 5-60 seconds"},
		{"keepalive", "5s", ERR_INVALID, 1, "allowed is 5-60 seconds"},
		{"keepalive", "99999999999999999999999", ERR_RANGE, 0, "allowed is 5-60 seconds"},
		{"dh-group", "1", ERR_EXISTS, 0, "1 is ambiguous"},
		{"dh-group", "21", ERR_INVALID, 0,
		 "allowed is automatic, 2, 5, 14, 15, 16, 19, 20"},
		{"site", "a b", ERR_INVALID, 1,
		 "allowed are 1-64 letters, digits, '.', '-' and '_'"},
		{"site", "", ERR_RANGE, 0, "allowed are 1-64 characters"},
		{"site", x65, ERR_RANGE, 64, "allowed are 1-64 characters"},
		{"country", "a\tb", ERR_INVALID, 1, "only printable characters are allowed"},
		{"country", "a\xff", ERR_INVALID, 1, "only printable characters are allowed"},
		{"country", "a\xc3", ERR_INVALID, 1, "only printable characters are allowed"},
		{"country", "\"\"", ERR_RANGE, 0, "allowed are 1-64 characters"},
		{"local-id", "a\"b", ERR_INVALID, 1, "blanks and quotes are not allowed"},
		{"address", "1.2.3", ERR_INVALID, 0, "allowed is an IPv4 or IPv6 address"},
		{"address", "1.2.3.4/32", ERR_INVALID, 0, "allowed is an IPv4 or IPv6 address"},
		{"address", "0.0.0.0", ERR_RANGE, 0, "this is not the address of a host"},
		{"address", "255.255.255.255", ERR_RANGE, 0, "this is not the address of a host"},
		{"address", "ff02::1", ERR_RANGE, 0, "this is not the address of a host"},
		{"ipv4", "2001:db8::1", ERR_INVALID, 0, "allowed is an IPv4 address"},
		{"native-range", "10.1.2.3/8", ERR_RANGE, 0,
		 "host bits are set, the network is 10.0.0.0/8"},
		{"native-range", "10.0.0.0/33", ERR_INVALID, 0,
		 "allowed is A.B.C.D/len or X:X::X/len"},
		{"ports", "70000", ERR_INVALID, 0, "allowed is a port of 0-65535, or FIRST-LAST"},
		{"ports", "-1", ERR_INVALID, 0, "allowed is a port of 0-65535, or FIRST-LAST"},
		{"ports", "1-", ERR_INVALID, 0, "allowed is a port of 0-65535, or FIRST-LAST"},
		{"ports", "9-1", ERR_RANGE, 0, "the first port must not be above the last one"},
		{"country", "Atlantis", ERR_INVALID, 0,
		 "this is no country of ISO 3166: allowed is an English name or a code, such as "
		 "Germany or DE"},
		{"country", "Germani", ERR_INVALID, 0,
		 "this is no country of ISO 3166: allowed is an English name or a code, such as "
		 "Germany or DE (did you mean Germany?)"},
		{"range", "10.0.0.9-10.0.0.1", ERR_RANGE, 0,
		 "the first address must not be above the last one"},
		{"network", "10.0.0.0/8", ERR_INVALID, 0,
		 "allowed is LABEL:RANGE, such as hq:10.0.0.0/16"},
		{"network", "hq:10.0.0.1/8", ERR_RANGE, 3,
		 "host bits are set, the network is 10.0.0.0/8"},
		{"network", "h/q:10.0.0.0/8", ERR_INVALID, 1,
		 "allowed are 1-64 letters, digits, '.', '-' and '_'"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct value v = {.arg = NULL};
		struct err_msg e = {.code = 0};
		size_t bad = 99;

		ck_assert_msg(value_parse(arg_find(cases[i].arg), cases[i].text, &v, &bad, &e) ==
				      cases[i].code,
			      "%s: %s", cases[i].text, e.text);
		ck_assert_msg(bad == cases[i].bad, "%s: %zu", cases[i].text, bad);
		ck_assert_str_eq(e.text, cases[i].message);
		ck_assert_ptr_null(v.arg);
	}
}
END_TEST

START_TEST(test_value_fields)
{
	struct value v = {.arg = NULL};
	struct err_msg e;
	struct strbuf out;
	uint32_t n = 0;
	char text[65];
	size_t bad;

	strbuf_init(&out);
	value_store_standard(arg_find("keepalive"), &n, sizeof(n));
	ck_assert_uint_eq(n, 10);
	ck_assert(value_is_standard(arg_find("keepalive"), &n, sizeof(n)));
	n = 11;
	ck_assert(!value_is_standard(arg_find("keepalive"), &n, sizeof(n)));
	ck_assert(value_load(arg_find("keepalive"), &n, sizeof(n), &out));
	ck_assert_str_eq(out.text, "11");
	n = 0; /* no default: zero is not set */
	ck_assert(value_is_standard(arg_find("license"), &n, sizeof(n)));
	ck_assert(!value_load(arg_find("license"), &n, sizeof(n), &out));
	/* Every text comes back as it was. */
	for (size_t i = 0; i < 4; i++) {
		static const char *const texts[] = {"plain", "two words", "\"q\"", "a\"b c"};
		char quoted[80];

		snprintf(quoted, sizeof(quoted), "\"%s\"", texts[i]);
		ck_assert_int_eq(value_parse(arg_find("state"), quoted, &v, &bad, &e), 0);
		value_store(&v, text, sizeof(text));
		ck_assert_str_eq(text, texts[i]);
		strbuf_reset(&out);
		ck_assert(value_load(arg_find("state"), text, sizeof(text), &out));
		ck_assert_int_eq(value_parse(arg_find("state"), out.text, &v, &bad, &e), 0);
		ck_assert_str_eq(v.text, texts[i]);
	}
	value_clear(&v);
	strbuf_clear(&out);
}
END_TEST

/* 249 countries, by code, and no name of one is a code or name of another. */
START_TEST(test_countries)
{
	const char *before = "";
	size_t n = 0;

	for (const struct country *c; (c = country_at(n)) != NULL; n++) {
		ck_assert_msg(strcmp(before, c->alpha2) < 0, "%s", c->alpha2);
		ck_assert_uint_eq(strlen(c->alpha2), 2);
		ck_assert_uint_eq(strlen(c->alpha3), 3);
		ck_assert_uint_lt(strlen(c->name), SITE_TEXT_MAX);
		ck_assert_ptr_eq(country_find(c->alpha2), c);
		ck_assert_ptr_eq(country_find(c->alpha3), c);
		ck_assert_msg(country_find(c->name) == c, "%s", c->name);
		before = c->alpha2;
	}
	ck_assert_uint_eq(n, 249);
	ck_assert_str_eq(country_find("uk")->alpha2, "GB");
	ck_assert_str_eq(country_find("Turkey")->alpha2, "TR");
	ck_assert_ptr_null(country_find(""));
	ck_assert_ptr_null(country_find("XX"));
}
END_TEST

START_TEST(test_lexer_split)
{
	struct lexed l;
	struct strbuf rest;

	strbuf_init(&rest);
	lexer_split("  show  \"a b\" x\"c d\"e | inc \"|\" ", true, &l);
	ck_assert_uint_eq(l.count, 3);
	ck_assert_str_eq(l.words[0].text, "show");
	ck_assert_uint_eq(l.words[0].column, 2);
	ck_assert_str_eq(l.words[1].text, "a b");
	ck_assert(l.words[1].quoted);
	ck_assert_str_eq(l.words[2].text, "x\"c d\"e");
	ck_assert_str_eq(l.filters, " inc \"|\" ");
	lexer_rest(&l, 1, &rest);
	ck_assert_str_eq(rest.text, "\"a b\" x\"c d\"e");
	lexer_clear(&l);
	lexer_split("psk a|b \t\r", false, &l);
	ck_assert_uint_eq(l.count, 2);
	ck_assert_str_eq(l.words[1].text, "a|b");
	ck_assert_ptr_null(l.filters);
	ck_assert(l.blank_at_end);
	lexer_clear(&l);
	lexer_split("", true, &l);
	ck_assert_uint_eq(l.count, 0);
	ck_assert(l.blank_at_end);
	lexer_clear(&l);
	/* More words than any command has. */
	strbuf_reset(&rest);
	for (int i = 0; i < LEXER_WORDS + 5; i++)
		strbuf_add(&rest, "w ");
	lexer_split(rest.text, true, &l);
	ck_assert_uint_eq(l.count, LEXER_WORDS);
	ck_assert(l.surplus);
	lexer_clear(&l);
	strbuf_clear(&rest);
}
END_TEST

static void check_pattern(const char *pattern, const char *expected)
{
	struct pattern_paths p;
	struct strbuf out;

	strbuf_init(&out);
	ck_assert_int_eq(pattern_expand(pattern, &p), 0);
	for (size_t i = 0; i < p.count; i++) {
		for (size_t j = 0; j < p.paths[i].count; j++)
			strbuf_printf(&out, "%s%s", j == 0 ? "" : " ", p.paths[i].words[j]);
		strbuf_add(&out, ";");
	}
	ck_assert_str_eq(out.text, expected);
	strbuf_clear(&out);
	pattern_clear(&p);
}

START_TEST(test_pattern_expand)
{
	static const char *const bad[] = {"a [b", "a b]", "{a|b", "a }", "a ] b ["};
	struct pattern_paths p, prefixes;

	check_pattern("a <b>", "a <b>;");
	check_pattern("a [b]", "a b;a;");
	check_pattern("a [b] [c]", "a b c;a b;a c;a;");
	check_pattern("{ a x | b [y] } z", "a x z;b y z;b z;");
	check_pattern("a [{b|c} <n>]", "a b <n>;a c <n>;a;");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(pattern_expand(bad[i], &p) == ERR_INVALID, "%s", bad[i]);
	ck_assert_int_eq(pattern_expand("a b c d e f g h i j k l m n o p", &p), ERR_NO_SPACE);
	ck_assert_int_eq(pattern_expand("x [a] [b] [c] [d] [e] [f] [g]", &p), ERR_NO_SPACE);
	ck_assert_int_eq(pattern_expand("a b <c>", &p), 0);
	pattern_prefixes(&p, &prefixes);
	ck_assert_uint_eq(prefixes.count, 3);
	ck_assert_uint_eq(prefixes.paths[0].count, 1);
	pattern_clear(&p);
	pattern_clear(&prefixes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("value");
	TCase *tc = tcase_create("value");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_value_accepts);
	tcase_add_test(tc, test_value_refuses);
	tcase_add_test(tc, test_value_fields);
	tcase_add_test(tc, test_countries);
	tcase_add_test(tc, test_lexer_split);
	tcase_add_test(tc, test_pattern_expand);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
