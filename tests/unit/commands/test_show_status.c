/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show ipsec connection-status, with and without detail, as text and as JSON. */
#include "tests/unit/commands/fixture_show.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct fixture_show fixture;
static const struct event *stranger;

static void setup(void)
{
	fixture_show_init(&fixture);
	stranger = NULL;
}

static void teardown(void)
{
	fixture_show_clear(&fixture);
}

static struct answer *render(enum answer_format format, unsigned width, bool detail,
			     const struct show_site *const *sites, size_t count)
{
	struct answer *a = answer_new(format, width);
	struct show_totals totals;

	show_status_begin(a, &totals, detail);
	for (size_t i = 0; i < count; i++)
		show_status_site(a, &totals, &fixture.clock, sites[i], detail);
	show_status_end(a, &totals, stranger, detail);
	return a;
}

static json_t *parse(struct answer *a)
{
	char *text = fixture_finish(a);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root != NULL, "%s: %s", error.text, text);
	free(text);
	return root;
}

static const char *string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	ck_assert_msg(s != NULL, "%s is no string", key);
	return s;
}

static json_int_t number(const json_t *object, const char *key)
{
	ck_assert_msg(json_is_integer(json_object_get(object, key)), "%s is no number", key);
	return json_integer_value(json_object_get(object, key));
}

/* The screen of the command line's contract, for a terminal that is narrower and one that is wider
 * than the table. */
START_TEST(test_status_table)
{
	static const unsigned widths[] = {80, 511, 0};
	const struct show_site *sites[] = {&fixture.aws_site, &fixture.lyon_site};

	fixture_expect(
		render(ANSWER_TEXT, widths[_i], false, sites, 2),
		"Site            HA role    #  Name       State       PoP  Peer           Uptime   "
		" "
		"Rx/Tx Mbps  Reason\n"
		"AWS-eu-central  primary*   1  aws-vpn-a  UP          -    198.51.100.21  3d04h    "
		" "
		"41.2/12.8   -\n"
		"AWS-eu-central  secondary  1  aws-vpn-b  UP          -    198.51.100.77  3d04h    "
		" "
		"0.0/0.0     -\n"
		"Branch-Lyon     primary*   1  fiber      UP          -    203.0.113.201  00:41:07 "
		" "
		"9.9/3.1     -\n"
		"Branch-Lyon     primary*   2  vdsl       DOWN        -    203.0.113.202  -        "
		" "
		"-           auth-failed\n"
		"Branch-Lyon     primary*   3  lte        INCOMPLETE  -    -              -        "
		" "
		"-           psk missing\n"
		"Sites 2: 2 connected, 0 down.  Tunnels 5: 3 up, 1 down, 1 incomplete.  * = active "
		"HA role\n");
}
END_TEST

START_TEST(test_status_empty)
{
	fixture_expect(render(ANSWER_TEXT, 80, false, NULL, 0), "No site is configured.\n");
	fixture_expect(render(ANSWER_TEXT, 80, true, NULL, 0), "No site is configured.\n");
	fixture_expect(render(ANSWER_JSON, 80, false, NULL, 0), "{\"sites\":[]}\n");
}
END_TEST

/* Nothing is active in a site that is down. */
START_TEST(test_status_site_down)
{
	const struct show_site *sites[] = {&fixture.lyon_site};
	json_t *root, *site;

	fixture.lyon.connected = false;
	fixture.lyon.tunnel_count = 2;
	fixture.lyon.tunnels[0].state = TUNNEL_CONNECTING;
	fixture.lyon.tunnels[1].state = TUNNEL_ADMIN_DOWN;
	(void)snprintf(fixture.lyon.tunnels[1].reason, sizeof(fixture.lyon.tunnels[1].reason),
		       "admin-down");
	fixture_expect(render(ANSWER_TEXT, 511, false, sites, 1),
		       "Site         HA role  #  Name   State       PoP  Peer           Uptime  "
		       "Rx/Tx Mbps  Reason\n"
		       "Branch-Lyon  primary  1  fiber  CONNECTING  -    203.0.113.201  -       "
		       "-           -\n"
		       "Branch-Lyon  primary  2  vdsl   ADMIN-DOWN  -    203.0.113.202  -       "
		       "-           admin-down\n"
		       "Sites 1: 0 connected, 1 down.  Tunnels 2: 0 up, 1 connecting, 0 down, "
		       "1 admin-down.\n");
	root = parse(render(ANSWER_JSON, 0, false, sites, 1));
	site = json_array_get(json_object_get(root, "sites"), 0);
	ck_assert_str_eq(string(site, "state"), "down");
	ck_assert(json_is_null(json_object_get(site, "activeRole")));
	ck_assert_str_eq(string(json_array_get(json_object_get(site, "tunnels"), 1), "state"),
			 "admin-down");
	ck_assert_int_eq(number(json_object_get(root, "summary"), "adminDown"), 1);
	json_decref(root);
}
END_TEST

START_TEST(test_status_site_without_tunnels)
{
	const struct show_site *sites[] = {&fixture.aws_site};

	fixture.aws.tunnel_count = 0;
	fixture.aws.connected = false;
	fixture_expect(
		render(ANSWER_TEXT, 511, false, sites, 1),
		"Site            HA role  #  Name  State       PoP  Peer  Uptime  Rx/Tx Mbps  "
		"Reason\n"
		"AWS-eu-central  -        -  -     INCOMPLETE  -    -     -       -           "
		"tunnel missing\n"
		"Sites 1: 0 connected, 1 down.  Tunnels 0: 0 up, 0 down.\n");
}
END_TEST

/* IPv6 peers, names of other scripts, names that are too long for the terminal. */
START_TEST(test_status_wide_values)
{
	const struct show_site *sites[] = {&fixture.aws_site};

	fixture.aws.tunnels[0].peer.addr = fixture_addr("2001:db8:85a3:1111:2222:8a2e:370:7334");
	(void)snprintf(fixture.aws.tunnels[0].name, sizeof(fixture.aws.tunnels[0].name),
		       "M\xc3\xbcnchen, Anschluss im Keller");
	fixture_expect(
		render(ANSWER_TEXT, 80, false, sites, 1),
		"Site            HA role    #  Name                  State  PoP  Peer              "
		"  "
		"                   Uptime  Rx/Tx Mbps  Reason\n"
		"AWS-eu-central  primary*   1  M\xc3\xbcnchen, Anschlus...  UP     -    "
		"2001:db8:85a3:1111:2222:8a2e:370:7334  3d04h   41.2/12.8   -\n"
		"AWS-eu-central  secondary  1  aws-vpn-b             UP     -    198.51.100.77     "
		"  "
		"                   3d04h   0.0/0.0     -\n"
		"Sites 1: 1 connected, 0 down.  Tunnels 2: 2 up, 0 down.  * = active HA role\n");
}
END_TEST

START_TEST(test_status_json)
{
	const struct show_site *sites[] = {&fixture.aws_site, &fixture.lyon_site};
	json_t *root = parse(render(ANSWER_JSON, 0, false, sites, 2));
	json_t *lyon = json_array_get(json_object_get(root, "sites"), 1);
	json_t *tunnels = json_object_get(lyon, "tunnels"), *t = json_array_get(tunnels, 1);
	json_t *summary = json_object_get(root, "summary");

	ck_assert_uint_eq(json_array_size(json_object_get(root, "sites")), 2);
	ck_assert_uint_eq(json_array_size(tunnels), 3);
	ck_assert_str_eq(string(lyon, "name"), "Branch-Lyon");
	ck_assert_str_eq(string(lyon, "state"), "connected");
	ck_assert_str_eq(string(lyon, "activeRole"), "primary");
	ck_assert_str_eq(string(t, "role"), "primary");
	ck_assert_int_eq(number(t, "index"), 2);
	ck_assert_str_eq(string(t, "name"), "vdsl");
	ck_assert_str_eq(string(t, "wanRole"), "wan2");
	ck_assert_str_eq(string(t, "state"), "down");
	ck_assert_str_eq(string(t, "since"), "2026-11-23T14:00:02Z");
	ck_assert_str_eq(string(t, "reason"), "auth-failed");
	ck_assert_str_eq(string(t, "hint"), "check the PSK on both sides");
	ck_assert_str_eq(string(t, "peer"), "203.0.113.202");
	ck_assert_int_eq(number(t, "attempts"), 3);
	ck_assert_int_eq(number(t, "nextAttemptSec"), 41);
	ck_assert(json_is_null(json_object_get(t, "pop")));
	t = json_array_get(tunnels, 0);
	ck_assert_str_eq(string(t, "state"), "up");
	ck_assert(json_is_null(json_object_get(t, "reason")));
	ck_assert(json_is_null(json_object_get(t, "nextAttemptSec")));
	ck_assert_int_eq(number(t, "rxBytes"), 1200000000);
	ck_assert_int_eq(number(t, "rxBps"), 9900000);
	ck_assert_str_eq(string(json_array_get(tunnels, 2), "state"), "incomplete");
	ck_assert_int_eq(number(summary, "sites"), 2);
	ck_assert_int_eq(number(summary, "connected"), 2);
	ck_assert_int_eq(number(summary, "tunnels"), 5);
	ck_assert_int_eq(number(summary, "up"), 3);
	ck_assert_int_eq(number(summary, "down"), 1);
	ck_assert_int_eq(number(summary, "incomplete"), 1);
	json_decref(root);
}
END_TEST

/* A peer with another identity than configured appears below the table. */
START_TEST(test_status_unknown_peer)
{
	const struct show_site *sites[] = {&fixture.aws_site};
	struct event ev = {
		.wall_ms = FIXTURE_WALL_MS - 1000,
		.id = EVENT_UNKNOWN_PEER,
		.text = "peer 203.0.113.7:500 presented identity x, which no tunnel expects",
	};
	json_t *root = parse(render(ANSWER_JSON, 0, false, sites, 1));
	char *text;

	ck_assert(json_is_null(json_object_get(root, "lastUnknownPeer")));
	json_decref(root);
	stranger = &ev;
	root = parse(render(ANSWER_JSON, 0, false, sites, 1));
	ck_assert_str_eq(string(json_object_get(root, "lastUnknownPeer"), "at"),
			 "2026-11-23T14:03:13Z");
	json_decref(root);
	text = fixture_finish(render(ANSWER_TEXT, 0, false, sites, 1));
	ck_assert_msg(strstr(text,
			     "\nNov 23 14:03:13.000: %IPSEC-4-UNKNOWN_PEER: peer "
			     "203.0.113.7:500 presented identity x, which no tunnel expects\n"),
		      "%s", text);
	free(text);
}
END_TEST

START_TEST(test_detail_text)
{
	const struct show_site *sites[] = {&fixture.lyon_site};

	fixture_expect(
		render(ANSWER_TEXT, 0, true, sites, 1),
		"Site Branch-Lyon: connected, active HA role primary, 1 of 3 tunnels up, device "
		"ips2\n"
		" Tunnel primary 1 (fiber), WAN role wan1  State UP for 00:41:07\n"
		"  Our ID        203.0.113.10\n"
		"  Peer ID seen  lyon-p1.9c41e7.id.example.net (fqdn, expected)\n"
		"  Addresses     203.0.113.10:4500 <> 203.0.113.201:4500, peer behind NAT or "
		"forcing UDP encapsulation\n"
		"  IKE SA        8f2c00112233a4b5/1b77ccddeeff0011 responder, aes-gcm-256 prf "
		"sha2-384 dh 20, rekey in 4h48m\n"
		"  Child SA      in c82f01aa out 4e1100b9 aes-gcm-256, TS 10.20.8.0/24 <> "
		"10.0.0.0/16, 2001:db8::1-2001:db8::5 protocol 6 port 443, rekey in 00:18:22, "
		"1.2 GB in / 388 MB out, replay drops 0\n"
		"  Last data     2 s ago, keep-alive 10 s, dead after 60 s\n"
		"  Last down     13:20:55 dead-peer (no data or reply for 60 s)\n"
		" Tunnel primary 2 (vdsl), WAN role wan2  State DOWN for 00:03:12\n"
		"  Reason               auth-failed: The pre-shared keys differ\n"
		"  Evidence             AUTH payload of peer did not verify\n"
		"  Noticed              by the peer\n"
		"  Fix here             Check the PSK on both sides, set it again with psk\n"
		"  Fix at the peer      Set the pre-shared key that is configured here\n"
		"  Last attempt         14:02:31 from 203.0.113.202:40001 (behind NAT), IKE_AUTH; "
		"attempts 3; next rebuild in 41 s\n"
		"  Our ID               p2-77aa01d3.ipsec.example.net\n"
		"  Peer ID seen         lyon-p2.9c41e7.id.example.net (fqdn, expected)\n"
		"  IKE offered by peer  aes-gcm-256/sha2-384/dh20, "
		"aes-cbc-256/sha2-256/sha2-256/dh14\n"
		"  IKE accepted here    automatic\n"
		" Tunnel primary 3 (lte)  State INCOMPLETE\n"
		"  Reason  psk missing\n"
		"\n"
		"Sites 1: 1 connected, 0 down.  Tunnels 3: 1 up, 1 down, 1 incomplete.\n");
}
END_TEST

/* A wrong identity names both. */
START_TEST(test_detail_identity_differs)
{
	const struct show_site *sites[] = {&fixture.lyon_site};
	struct ike_failure *f = &fixture.lyon.tunnels[1].ike.failure;
	char *text;

	f->reason = IKE_REASON_ID_MISMATCH;
	f->id_seen = fixture_fqdn("other\x1b[2J.example.net");
	text = fixture_finish(render(ANSWER_TEXT, 0, true, sites, 1));
	ck_assert_msg(strstr(text,
			     "(fqdn), but expected is lyon-p2.9c41e7.id.example.net (fqdn)\n"),
		      "%s", text);
	ck_assert_ptr_null(strchr(text, '\x1b'));
	free(text);
}
END_TEST

START_TEST(test_detail_json)
{
	const struct show_site *sites[] = {&fixture.lyon_site, &fixture.aws_site};
	json_t *root = parse(render(ANSWER_JSON, 0, true, sites, 2));
	json_t *tunnels =
		json_object_get(json_array_get(json_object_get(root, "sites"), 0), "tunnels");
	json_t *t = json_array_get(tunnels, 0), *part;

	ck_assert_str_eq(string(json_object_get(t, "peerIdSeen"), "type"), "fqdn");
	ck_assert_str_eq(string(json_object_get(t, "peerIdSeen"), "value"),
			 "lyon-p1.9c41e7.id.example.net");
	part = json_object_get(t, "ikeSa");
	ck_assert_str_eq(string(part, "spiInitiator"), "8f2c00112233a4b5");
	ck_assert_str_eq(string(part, "suite"), "aes-gcm-256 prf sha2-384 dh 20");
	ck_assert_int_eq(number(part, "rekeySec"), 17280);
	part = json_array_get(json_object_get(t, "childSas"), 0);
	ck_assert_str_eq(string(part, "spiIn"), "c82f01aa");
	ck_assert_uint_eq(json_array_size(json_object_get(part, "remoteTs")), 2);
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(part, "localTs"), 0)),
			 "10.20.8.0/24");
	ck_assert_int_eq(number(part, "rekeySec"), 1102);
	ck_assert_int_eq(number(part, "txBytes"), 388999999);
	ck_assert_int_eq(number(t, "lastDataSec"), 2);
	ck_assert_str_eq(string(json_object_get(t, "lastDown"), "reason"), "dead-peer");
	ck_assert_str_eq(string(json_object_get(t, "lastDown"), "at"), "2026-11-23T13:20:55Z");
	t = json_array_get(tunnels, 1);
	ck_assert(json_is_null(json_object_get(t, "ikeSa")));
	ck_assert(json_is_null(json_object_get(t, "lastDown")));
	part = json_object_get(t, "lastAttempt");
	ck_assert_str_eq(string(part, "exchange"), "IKE_AUTH");
	ck_assert_str_eq(string(part, "remote"), "203.0.113.202:40001");
	ck_assert_str_eq(string(json_object_get(t, "ourId"), "value"),
			 "p2-77aa01d3.ipsec.example.net");
	json_decref(root);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("show status");
	TCase *tc = tcase_create("status");
	SRunner *runner;
	int failed;

	(void)setenv("TZ", "UTC", 1);
	tzset();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_status_table, 0, 3);
	tcase_add_test(tc, test_status_empty);
	tcase_add_test(tc, test_status_site_down);
	tcase_add_test(tc, test_status_site_without_tunnels);
	tcase_add_test(tc, test_status_wide_values);
	tcase_add_test(tc, test_status_json);
	tcase_add_test(tc, test_status_unknown_peer);
	tcase_add_test(tc, test_detail_text);
	tcase_add_test(tc, test_detail_identity_differs);
	tcase_add_test(tc, test_detail_json);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
