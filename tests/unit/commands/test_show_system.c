/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens of the box, and the small texts that all screens use. */
#include "tests/unit/commands/fixture_show.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct show_clock now = {.now_ms = FIXTURE_NOW_MS, .wall_ms = FIXTURE_WALL_MS};

START_TEST(test_version)
{
	struct show_version v = {
		.hostname = "gw1",
		.uptime_ms = UINT64_C(273120000), /* 3 days, 3 hours, 52 minutes */
		.started_wall_ms = FIXTURE_WALL_MS - UINT64_C(273120000),
		.dataplane = "userspace",
		.dataplane_reason = "the kernel has no ESP",
		.openssl = "OpenSSL 3.0.17 1 Jul 2025",
	};
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	show_version(a, &v);
	fixture_expect(a, "ikesh, IPsec IKEv2 site gateway, Version " IKESH_VERSION "\n"
			  "gw1 uptime is 3 days, 3 hours, 52 minutes\n"
			  "\n"
			  "Data plane    userspace (the kernel has no ESP)\n"
			  "Cryptography  OpenSSL 3.0.17 1 Jul 2025\n");
	a = answer_new(ANSWER_JSON, 80);
	show_version(a, &v);
	fixture_expect(a, "{\"name\":\"ikesh\",\"version\":\"" IKESH_VERSION
			  "\",\"hostname\":\"gw1\",\"uptimeSec\":273120,"
			  "\"started\":\"2026-11-20T10:11:14Z\",\"dataPlane\":\"userspace\","
			  "\"dataPlaneReason\":\"the kernel has no ESP\","
			  "\"openssl\":\"OpenSSL 3.0.17 1 Jul 2025\"}\n");
}
END_TEST

static const struct {
	uint64_t seconds;
	const char *text;
} uptimes[] = {
	{0, "0 seconds"},
	{1, "1 second"},
	{59, "59 seconds"},
	{60, "1 minute"},
	{3600, "1 hour"},
	{86400 + 61, "1 day, 1 minute"},
	{2 * 604800 + 86400, "2 weeks, 1 day"},
};

START_TEST(test_version_uptime)
{
	struct show_version v = {.hostname = "x", .uptime_ms = uptimes[_i].seconds * 1000};
	struct answer *a = answer_new(ANSWER_TEXT, 80);
	char expected[200];

	show_version(a, &v);
	(void)snprintf(expected, sizeof(expected),
		       "ikesh, IPsec IKEv2 site gateway, Version " IKESH_VERSION
		       "\nx uptime is %s\n\nData plane    -\nCryptography  -\n",
		       uptimes[_i].text);
	fixture_expect(a, expected);
}
END_TEST

static uint64_t fixed_wall(void)
{
	return UINT64_C(1795442402118);
}

START_TEST(test_logging)
{
	struct event_log *log = event_log_new(fixed_wall, 2);
	struct answer *a = answer_new(ANSWER_TEXT, 80);
	json_t *root, *event;
	char *text;

	show_logging(a, event_log_entries(log), event_log_dropped(log));
	fixture_expect(a, "Log buffer: 0 events\n");
	event_emit(log, EVENT_STARTED, NULL, 0, "first");
	event_emit(log, EVENT_LINK_DOWN, "Branch-Lyon", 2, "Branch-Lyon primary 2 is down");
	event_emit(log, EVENT_LINK_UP, "Branch-Lyon", 4, "it said \x1b[2J");
	a = answer_new(ANSWER_TEXT, 80);
	show_logging(a, event_log_entries(log), event_log_dropped(log));
	text = fixture_finish(a);
	ck_assert_msg(strncmp(text,
			      "Log buffer: 2 events, oldest first; 1 older dropped\n\n"
			      "Nov 23 14:00:02.118: %",
			      75) == 0,
		      "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "LINK_DOWN: Branch-Lyon primary 2 is down\n"));
	ck_assert_ptr_null(strchr(text, '\x1b'));
	free(text);

	a = answer_new(ANSWER_JSON, 80);
	show_logging(a, event_log_entries(log), event_log_dropped(log));
	text = fixture_finish(a);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(root != NULL, "%s", text);
	ck_assert_int_eq(json_integer_value(json_object_get(root, "dropped")), 1);
	event = json_array_get(json_object_get(root, "events"), 1);
	ck_assert_str_eq(json_string_value(json_object_get(event, "role")), "secondary");
	ck_assert_int_eq(json_integer_value(json_object_get(event, "index")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(event, "number")), 3);
	ck_assert_str_eq(json_string_value(json_object_get(event, "mnemonic")), "LINK_UP");
	ck_assert_str_eq(json_string_value(json_object_get(event, "time")), "2026-11-23T14:00:02Z");
	json_decref(root);
	free(text);
	event_log_free(log);
}
END_TEST

START_TEST(test_clock)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	show_clock_screen(a, &now);
	fixture_expect(a, "14:03:14.000 UTC Mon Nov 23 2026\n");
}
END_TEST

START_TEST(test_statistics)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);
	size_t zero;

	show_statistics_begin(a, &zero);
	show_statistics_counter(a, &zero, "esp_rx_unknown_spi", 12);
	show_statistics_counter(a, &zero, "esp_rx_short", 0);
	show_statistics_counter(a, &zero, "ike_rx", 7);
	show_statistics_end(a, zero);
	fixture_expect(a, "Counter             Value\n"
			  "esp_rx_unknown_spi  12\n"
			  "ike_rx              7\n"
			  "1 more counter is zero.\n");
	a = answer_new(ANSWER_JSON, 80);
	show_statistics_begin(a, &zero);
	show_statistics_counter(a, &zero, "esp_rx_unknown_spi", 12);
	show_statistics_counter(a, &zero, "esp_rx_short", 0);
	show_statistics_end(a, zero);
	fixture_expect(a, "{\"counters\":{\"esp_rx_unknown_spi\":12,\"esp_rx_short\":0}}\n");
}
END_TEST

static const struct {
	uint64_t bytes;
	const char *text;
} amounts[] = {
	{0, "0 B"},	     {999, "999 B"},	     {1000, "1.0 kB"},
	{99999, "99.9 kB"},  {100000, "100 kB"},     {999999, "999 kB"},
	{1000000, "1.0 MB"}, {1200000000, "1.2 GB"}, {UINT64_MAX, "18.4 EB"},
};

START_TEST(test_bytes)
{
	char buf[SHOW_TEXT_MAX];

	ck_assert_str_eq(show_bytes(amounts[_i].bytes, buf, sizeof(buf)), amounts[_i].text);
}
END_TEST

START_TEST(test_mbps_rounds)
{
	char buf[SHOW_TEXT_MAX];

	ck_assert_str_eq(show_mbps(0, 49999, buf, sizeof(buf)), "0.0/0.0");
	ck_assert_str_eq(show_mbps(50000, 41249999, buf, sizeof(buf)), "0.1/41.2");
	ck_assert_str_eq(show_mbps(UINT64_C(9950000000), 999950000, buf, sizeof(buf)),
			 "9950.0/1000.0");
}
END_TEST

START_TEST(test_moment)
{
	char buf[SHOW_TEXT_MAX];

	ck_assert_str_eq(show_moment(&now, FIXTURE_NOW_MS - 43000, buf, sizeof(buf)), "14:02:31");
	ck_assert_str_eq(show_moment(&now, FIXTURE_NOW_MS - 86400000, buf, sizeof(buf)),
			 "Nov 22 14:03:14");
	ck_assert_uint_eq(show_wall_ms(&now, 0), 0);
	ck_assert_uint_eq(show_wall_ms(&now, FIXTURE_NOW_MS + 1000), FIXTURE_WALL_MS + 1000);
	ck_assert_uint_eq(show_left_ms(&now, FIXTURE_NOW_MS - 1), 0);
	ck_assert_uint_eq(show_age_ms(&now, FIXTURE_NOW_MS + 1), 0);
}
END_TEST

START_TEST(test_slot)
{
	char buf[SHOW_TEXT_MAX];

	ck_assert_str_eq(show_slot(0, buf, sizeof(buf)), "");
	ck_assert_str_eq(show_slot(1, buf, sizeof(buf)), "primary 1");
	ck_assert_str_eq(show_slot(6, buf, sizeof(buf)), "secondary 3");
	ck_assert_str_eq(show_slot(7, buf, sizeof(buf)), "");
	ck_assert_str_eq(show_exchange(34), "IKE_SA_INIT");
	ck_assert_str_eq(show_exchange(37), "INFORMATIONAL");
	ck_assert_ptr_null(show_exchange(0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("show system");
	TCase *tc = tcase_create("system");
	SRunner *runner;
	int failed;

	(void)setenv("TZ", "UTC", 1);
	tzset();
	tcase_add_test(tc, test_version);
	tcase_add_loop_test(tc, test_version_uptime, 0,
			    (int)(sizeof(uptimes) / sizeof(uptimes[0])));
	tcase_add_test(tc, test_logging);
	tcase_add_test(tc, test_clock);
	tcase_add_test(tc, test_statistics);
	tcase_add_loop_test(tc, test_bytes, 0, (int)(sizeof(amounts) / sizeof(amounts[0])));
	tcase_add_test(tc, test_mbps_rounds);
	tcase_add_test(tc, test_moment);
	tcase_add_test(tc, test_slot);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
