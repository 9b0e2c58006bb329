/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests as RFC 9112 sections 3 and 5 have them. */
#include "shell/ikeshd/http_request.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	int rc;
	struct http_request want;
} rows[] = {
	{"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 0, {.get = true, .path = "/metrics"}},
	{"GET /metrics HTTP/1.0\r\n\r\n", 0, {.get = true, .old = true, .path = "/metrics"}},
	{"GET /metrics HTTP/1.1\n\n", 0, {.get = true, .path = "/metrics"}},
	{"HEAD /metrics?a=b HTTP/1.1\r\n\r\n", 0, {.head = true, .path = "/metrics"}},
	{"GET / HTTP/1.1\r\nAccept: text/plain\r\n\r\n", 0, {.get = true, .path = "/"}},
	{"GET / HTTP/1.1\r\naccept:application/openmetrics-text;version=1.0.0\r\n\r\n",
	 0,
	 {.get = true, .openmetrics = true, .path = "/"}},
	{"GET / HTTP/1.1\r\nAccept: a/b, Application/OpenMetrics-Text\r\n\r\n",
	 0,
	 {.get = true, .openmetrics = true, .path = "/"}},
	{"GET / HTTP/1.1\r\nX-Accept: application/openmetrics-text\r\n\r\n",
	 0,
	 {.get = true, .path = "/"}},
	{"BREW /metrics HTTP/1.1\r\n\r\n", 0, {.path = "/metrics"}},
	{"GET /metrics HTTP/1.1\r\nHost: x\r\n", ERR_BUSY, {.get = false}},
	{"GET /metrics HTTP/1.1", ERR_BUSY, {.get = false}},
	{"", ERR_BUSY, {.get = false}},
	{"\r\n\r\n", ERR_INVALID, {.get = false}},
	{"GET /metrics\r\n\r\n", ERR_INVALID, {.get = false}},
	{"GET metrics HTTP/1.1\r\n\r\n", ERR_INVALID, {.get = false}},
	{"GET /metrics HTTP/1.12\r\n\r\n", ERR_INVALID, {.get = false}},
	{"GET /metrics HTTP/3.1\r\n\r\n", ERR_INVALID, {.get = false}},
	{"GET /metrics FTP/1.1\r\n\r\n", ERR_INVALID, {.get = false}},
	{" /metrics HTTP/1.1\r\n\r\n", ERR_INVALID, {.get = false}},
	{"GET  HTTP/1.1\r\n\r\n", ERR_INVALID, {.get = false}},
	{"GET /\x01 HTTP/1.1\r\n\r\n", ERR_INVALID, {.get = false}},
};

START_TEST(test_parse)
{
	struct http_request r;
	char *exact = malloc(strlen(rows[_i].text) + 1); /* a sanitizer sees what is behind */

	memset(&r, 0, sizeof(r));
	ck_assert_ptr_nonnull(exact);
	memcpy(exact, rows[_i].text, strlen(rows[_i].text));
	ck_assert_int_eq(http_request_parse(exact, strlen(rows[_i].text), &r), rows[_i].rc);
	free(exact);
	ck_assert_int_eq(r.get, rows[_i].want.get);
	ck_assert_int_eq(r.head, rows[_i].want.head);
	ck_assert_int_eq(r.old, rows[_i].want.old);
	ck_assert_int_eq(r.openmetrics, rows[_i].want.openmetrics);
	ck_assert_str_eq(r.path, rows[_i].want.path);
}
END_TEST

START_TEST(test_too_long)
{
	static const char line[] = "GET / HTTP/1.1\r\n";
	static char text[HTTP_HEAD_MAX];
	struct http_request r;

	memset(text, 'a', sizeof(text));
	ck_assert_int_eq(http_request_parse(text, sizeof(text), &r), ERR_NO_SPACE);
	memcpy(text, line, sizeof(line) - 1);
	ck_assert_int_eq(http_request_parse(text, sizeof(text), &r), ERR_NO_SPACE);
	ck_assert_int_eq(http_request_parse(text, sizeof(text) - 1, &r), ERR_BUSY);
}
END_TEST

/* A path that is cut is no page of ours. */
START_TEST(test_long_path)
{
	char text[256] = "GET /metrics";
	struct http_request r;

	memset(text + 12, 'x', 100);
	strcpy(text + 112, " HTTP/1.1\r\n\r\n");
	ck_assert_int_eq(http_request_parse(text, strlen(text), &r), 0);
	ck_assert_uint_eq(strlen(r.path), sizeof(r.path) - 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http_request");
	TCase *t = tcase_create("http_request");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, test_parse, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, test_too_long);
	tcase_add_test(t, test_long_path);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
