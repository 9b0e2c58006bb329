/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The screen of health, and its bars. */
#include "commands/show_health.h"
#include "commands/spark.h"
#include "tests/unit/commands/fixture_show.h"

#include <check.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct fixture_show fixture;
static struct show_health_points points[SITE_ROLES * SITE_TUNNELS];

static void setup(void)
{
	struct tunnel_status *t;

	fixture_show_init(&fixture);
	memset(points, 0, sizeof(points));
	fixture.lyon_site.config = &fixture.lyon_config;
	t = &fixture.lyon.tunnels[0];
	t->health = HEALTH_DEGRADED;
	t->buckets = 48;
	t->figures = (struct health_figures){.loss_known = true,
					     .delay_known = true,
					     .loss = 1234,
					     .delay_us = 20400,
					     .jitter_us = 1500,
					     .score = 17};
	for (unsigned i = 0; i < 8; i++)
		points[0].seconds[i] = (struct health_point){.state = HEALTH_GOOD,
							     .score = (uint8_t)(100 - 10 * i),
							     .loss = (uint16_t)(i * 100),
							     .delay_ms = 20,
							     .jitter_ms = (uint16_t)i};
	points[0].seconds[3].state = HEALTH_DOWN;
	points[0].second_count = 8;
	points[0].tens[0] = points[0].seconds[0];
	points[0].ten_count = 1;
}

static void teardown(void)
{
	fixture_show_clear(&fixture);
}

static char *bars(const uint32_t *v, size_t count, uint32_t top, bool utf8)
{
	struct strbuf s;
	char *text;

	strbuf_init(&s);
	spark_add(&s, v, count, top, utf8);
	text = strbuf_take(&s);
	strbuf_clear(&s);
	return text;
}

START_TEST(test_bars)
{
	const uint32_t v[] = {0, 1, 15, 50, 99, 100, 5000, SPARK_DOWN, SPARK_UNKNOWN};
	char *text = bars(v, 9, 100, false);

	ck_assert_str_eq(text, "_..=*##x?");
	free(text);
	text = bars(v, 9, 100, true);
	ck_assert_str_eq(text, "▁▂▂▅▇██×·");
	free(text);
	text = bars(v, 2, 0, false); /* nothing to measure by */
	ck_assert_str_eq(text, "__");
	free(text);
}
END_TEST

START_TEST(test_table)
{
	struct answer *a = answer_new(ANSWER_TEXT, 0);
	struct show_health h = {.utf8 = true};
	char *text, *line;

	show_health_begin(a, &h);
	show_health_site(a, &h, &fixture.lyon_site, points);
	show_health_end(a, &h);
	text = fixture_finish(a);
	line = strstr(text, "\nBranch-Lyon");
	ck_assert_ptr_nonnull(line);
	ck_assert_msg(strstr(line, "degraded  17     12.3    20.4      1.5        75       "
				   "█▇▆×▅▅▄▃\n") != NULL,
		      "%s", text);
	free(text);
}
END_TEST

START_TEST(test_history)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);
	struct show_health h = {.history = true, .width = 80};
	char *text;

	show_health_begin(a, &h);
	show_health_site(a, &h, &fixture.lyon_site, points);
	show_health_end(a, &h);
	text = fixture_finish(a);
	ck_assert_msg(strstr(text, ": degraded, share of new flows 75 %\n"
				   " Last 8 s, a second each\n"
				   "  Score   #*+x==-:  30-100\n"
				   "  Loss    _.:x-==+  0.0-7.0 %\n"
				   "  Delay   ###x####  20-20 ms\n"
				   "  Jitter  _..x.:::  0-7 ms\n"
				   " Last 0 min 10 s, ten seconds each\n") != NULL,
		      "%s", text);
	ck_assert_ptr_nonnull(strstr(text, ": not up, share of new flows 0 %\n"
					   " It was not up since the appliance started.\n"));
	for (const char *c = text; *c != '\0'; c++)
		ck_assert_int_lt((unsigned char)*c, 0x80);
	free(text);
}
END_TEST

START_TEST(test_json)
{
	struct answer *a = answer_new(ANSWER_JSON, 0);
	struct show_health h = {.utf8 = true};
	json_t *document, *root, *tunnel;
	char *text;

	show_health_begin(a, &h);
	show_health_site(a, &h, &fixture.lyon_site, points);
	show_health_end(a, &h);
	text = fixture_finish(a);
	document = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(document);
	root = json_array_get(json_object_get(document, "sites"), 0);
	ck_assert_int_eq(json_integer_value(
				 json_object_get(json_object_get(root, "limits"), "latencyMs")),
			 600);
	tunnel = json_array_get(json_object_get(root, "tunnels"), 0);
	ck_assert_str_eq(json_string_value(json_object_get(tunnel, "health")), "degraded");
	ck_assert_int_eq(json_integer_value(json_object_get(tunnel, "lossHundredthPercent")), 1234);
	ck_assert_int_eq(json_integer_value(json_object_get(tunnel, "sharePercent")), 75);
	ck_assert_uint_eq(json_array_size(
				  json_object_get(json_object_get(tunnel, "history"), "seconds")),
			  8);
	tunnel = json_array_get(json_object_get(root, "tunnels"), 1);
	ck_assert(json_is_null(json_object_get(tunnel, "health")));
	ck_assert(json_is_null(json_object_get(tunnel, "delayUs")));
	json_decref(document);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("show health");
	TCase *c = tcase_create("all");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, test_bars);
	tcase_add_test(c, test_table);
	tcase_add_test(c, test_history);
	tcase_add_test(c, test_json);
	suite_add_tcase(s, c);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
