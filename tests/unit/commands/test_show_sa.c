/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show ipsec sa as text and as JSON. */
#include "tests/unit/commands/fixture_show.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct fixture_show fixture;

static void setup(void)
{
	fixture_show_init(&fixture);
}

static void teardown(void)
{
	fixture_show_clear(&fixture);
}

static struct answer *render(enum answer_format format, unsigned width,
			     const struct show_site *site)
{
	struct answer *a = answer_new(format, width);
	struct show_sa_totals totals;

	show_sa_begin(a, &totals);
	if (site)
		show_sa_site(a, &totals, &fixture.clock, site);
	show_sa_end(a, &totals);
	return a;
}

START_TEST(test_sa_text)
{
	fixture_expect(
		render(ANSWER_TEXT, 0, &fixture.lyon_site),
		"Site Branch-Lyon, tunnel primary 1 (fiber)  UP for 00:41:07\n"
		"  IKE SA     8f2c00112233a4b5/1b77ccddeeff0011 responder, aes-gcm-256 prf "
		"sha2-384 "
		"dh 20\n"
		"  Addresses  203.0.113.10:4500 <> 203.0.113.201:4500, peer behind NAT or forcing "
		"UDP encapsulation\n"
		"  Peer ID    lyon-p1.9c41e7.id.example.net (fqdn)\n"
		"  Lifetime   rekey in 4h48m, expires in 5h00m\n"
		"  Child SA   in c82f01aa out 4e1100b9 aes-gcm-256, ESP in UDP, responder\n"
		"             10.20.8.0/24 <> 10.0.0.0/16, 2001:db8::1-2001:db8::5 protocol 6 port "
		"443\n"
		"             age 00:41:07, rekey in 18m22s, expires in 24m00s\n"
		"             in 912345 packets, 1.2 GB; out 401122 packets, 388 MB\n"
		"             drops: replay 0, authentication 1, selector 0, malformed 0\n"
		"IKE SAs 1, Child SAs 1\n");
}
END_TEST

/* At 80 columns lines break at blanks, behind their label. */
START_TEST(test_sa_text_80)
{
	char *text = fixture_finish(render(ANSWER_TEXT, 80, &fixture.lyon_site));
	char *save = NULL;

	ck_assert_ptr_nonnull(strstr(text, "\n             10.20.8.0/24 <> 10.0.0.0/16, "
					   "2001:db8::1-2001:db8::5 protocol 6\n"
					   "             port 443\n"));
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		ck_assert_msg(strlen(line) <= 80, "%s", line);
	free(text);
}
END_TEST

START_TEST(test_sa_none)
{
	fixture_expect(render(ANSWER_TEXT, 80, NULL), "No SA is established.\n");
	fixture_expect(render(ANSWER_JSON, 80, NULL), "{\"sites\":[]}\n");
	fixture.lyon_site.children[0].count = 0;
	fixture.lyon.tunnels[0].state = TUNNEL_DOWN;
	fixture_expect(render(ANSWER_JSON, 80, &fixture.lyon_site), "{\"sites\":[]}\n");
}
END_TEST

START_TEST(test_sa_json)
{
	char *text = fixture_finish(render(ANSWER_JSON, 0, &fixture.lyon_site));
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	json_t *site, *tunnel, *child;

	ck_assert_msg(root != NULL, "%s", text);
	site = json_array_get(json_object_get(root, "sites"), 0);
	ck_assert_uint_eq(json_array_size(json_object_get(site, "tunnels")), 1);
	tunnel = json_array_get(json_object_get(site, "tunnels"), 0);
	ck_assert_str_eq(json_string_value(
				 json_object_get(json_object_get(tunnel, "ikeSa"), "spiResponder")),
			 "1b77ccddeeff0011");
	ck_assert(json_is_true(json_object_get(json_object_get(tunnel, "ikeSa"), "natRemote")));
	child = json_array_get(json_object_get(tunnel, "childSas"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(child, "rxPackets")), 912345);
	ck_assert_int_eq(json_integer_value(json_object_get(child, "authDrops")), 1);
	ck_assert(json_is_true(json_object_get(child, "udpEncap")));
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(child, "remoteTs"), 1)),
			 "2001:db8::1-2001:db8::5 protocol 6 port 443");
	ck_assert_str_eq(json_string_value(json_object_get(child, "since")),
			 "2026-11-23T13:22:07Z");
	ck_assert_int_eq(json_integer_value(
				 json_object_get(json_object_get(root, "summary"), "childSas")),
			 1);
	json_decref(root);
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("show sa");
	TCase *tc = tcase_create("sa");
	SRunner *runner;
	int failed;

	(void)setenv("TZ", "UTC", 1);
	tzset();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_sa_text);
	tcase_add_test(tc, test_sa_text_80);
	tcase_add_test(tc, test_sa_none);
	tcase_add_test(tc, test_sa_json);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
