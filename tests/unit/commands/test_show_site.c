/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show ipsec site, show ipsec parameters and the worksheet for the peer. */
#include "commands/service_routes.h"
#include "tests/unit/commands/fixture_show.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct fixture_show fixture;

/* The branch of the command line's contract: FQDN identities, two networks on our side. */
static void setup(void)
{
	struct site_config *c = &fixture.lyon_config;
	struct ip_range hq, dc;

	fixture_show_init(&fixture);
	hq = fixture_range("10.0.0.0/16");
	dc = fixture_range("10.1.0.0/16");
	c->type = SITE_BRANCH;
	(void)snprintf(c->country, sizeof(c->country), "France");
	c->license_mbps = 90;
	ck_assert_int_eq(ip_prefix_parse("10.20.0.0/16", &c->native_range), 0);
	c->identifier = SITE_ID_FQDN;
	c->bandwidth_down = 90;
	c->bandwidth_up = 40;
	site_network_list_set(&c->network_ranges, "hq", &hq);
	site_network_list_set(&c->network_ranges, "dc", &dc);
	c->destination[SITE_PRIMARY].kind = SITE_DEST_ADDRESS;
	c->destination[SITE_PRIMARY].addr = fixture_addr("203.0.113.10");
	for (unsigned i = 0; i < 3; i++) {
		struct tunnel_config *t = &c->tunnels[SITE_PRIMARY][i];

		t->present = true;
		(void)snprintf(t->name, sizeof(t->name), "%s", fixture.lyon.tunnels[i].name);
		(void)snprintf(t->local_id, sizeof(t->local_id), "lyon-p%u.id.example.net", i + 1);
	}
	c->tunnels[SITE_PRIMARY][1].wan_role = 2;
	secret_set(&c->tunnels[SITE_PRIMARY][0].psk.key, "fiber-key-with-24-chars!", 24);
	secret_set(&c->tunnels[SITE_PRIMARY][1].psk.key, "vdsl-key-with-24-charss!", 24);
}

static void teardown(void)
{
	fixture_show_clear(&fixture);
}

static struct answer *full(enum answer_format format)
{
	struct answer *a = answer_new(format, 0);

	answer_array(a, "sites");
	show_site_full(a, &fixture.lyon_site);
	answer_array_end(a);
	return a;
}

static json_t *parse(struct answer *a)
{
	char *text = fixture_finish(a);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root != NULL, "%s: %s", error.text, text);
	ck_assert_ptr_null(strstr(text, "-key-with-"));
	free(text);
	return root;
}

static const char *string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	ck_assert_msg(s != NULL, "%s is no string", key);
	return s;
}

START_TEST(test_site_full)
{
	fixture_expect(
		full(ANSWER_TEXT),
		"Site Branch-Lyon: connected, active HA role primary\n"
		" Type            branch\n"
		" Country         France\n"
		" License         90 Mbps\n"
		" Bandwidth       90 Mbps downstream, 40 Mbps upstream (best effort)\n"
		" Device          ips2\n"
		" Connection      responder-only, initiated by the peer\n"
		" Peer ID type    fqdn\n"
		" Init message    automatic\n"
		" Auth message    automatic\n"
		" Timers          keep-alive 10 s, dead after 60 s, rebuild every 90 s\n"
		" Lifetimes       IKE SA 19800 s, Child SA 3600 s\n"
		" Destination     primary: 203.0.113.10\n"
		"                 secondary: any own address\n"
		" Native range    10.20.0.0/16\n"
		" Network ranges  hq:10.0.0.0/16\n"
		"                 dc:10.1.0.0/16\n"
		" Selectors       10.0.0.0/16, 10.1.0.0/16 <> 10.20.0.0/16\n"
		"\n"
		"HA role  #  Name   WAN role  State       Peer  Peer ID                 Lacks\n"
		"primary  1  fiber  -         UP          -     lyon-p1.id.example.net  -\n"
		"primary  2  vdsl   wan2      DOWN        -     lyon-p2.id.example.net  -\n"
		"primary  3  lte    -         INCOMPLETE  -     lyon-p3.id.example.net  psk "
		"missing\n");
}
END_TEST

START_TEST(test_site_full_not_applied)
{
	char *text;

	fixture.lyon_site.status = NULL;
	text = fixture_finish(full(ANSWER_TEXT));
	ck_assert_int_eq(strncmp(text, "Site Branch-Lyon: DOWN (not applied yet)\n", 41), 0);
	free(text);
}
END_TEST

START_TEST(test_site_json)
{
	json_t *root = parse(full(ANSWER_JSON));
	json_t *site = json_array_get(json_object_get(root, "sites"), 0);
	json_t *tunnels = json_object_get(site, "tunnels");

	ck_assert_str_eq(string(site, "type"), "branch");
	ck_assert_str_eq(string(site, "state"), "connected");
	ck_assert_str_eq(string(site, "nativeRange"), "10.20.0.0/16");
	ck_assert_uint_eq(json_array_size(json_object_get(site, "localTs")), 2);
	ck_assert_uint_eq(json_array_size(tunnels), 3);
	ck_assert_str_eq(string(json_array_get(tunnels, 2), "missing"), "psk missing");
	ck_assert(json_is_null(json_object_get(json_array_get(tunnels, 0), "missing")));
	json_decref(root);
}
END_TEST

START_TEST(test_site_list)
{
	struct answer *a = answer_new(ANSWER_TEXT, 80);

	show_site_list_begin(a);
	show_site_list_site(a, &fixture.lyon_site);
	show_site_list_end(a, 1);
	fixture_expect(a, "Site         State      Tunnels up  Type    Mode            Peer ID  "
			  "Native range  Device\n"
			  "Branch-Lyon  connected  1 of 3      branch  responder-only  fqdn     "
			  "10.20.0.0/16  ips2\n");
	a = answer_new(ANSWER_TEXT, 80);
	show_site_list_begin(a);
	show_site_list_end(a, 0);
	fixture_expect(a, "No site is configured.\n");
	a = answer_new(ANSWER_JSON, 80);
	show_site_list_begin(a);
	show_site_list_end(a, 0);
	fixture_expect(a, "{\"sites\":[]}\n");
}
END_TEST

/* The defaults of the article. */
static const struct {
	const char *name, *value;
} standard[] = {
	{"init encryption", "automatic"},
	{"auth dh-group", "automatic"},
	{"keepalive", "10"},
	{"dead-interval", "60"},
	{"rebuild-interval", "90"},
	{"ike-lifetime", "19800"},
	{"child-lifetime", "3600"},
	{"retransmit-interval", "10 seconds"},
	{"retransmissions", "5"},
};

START_TEST(test_parameters_defaults)
{
	struct answer *a = answer_new(ANSWER_JSON, 0);
	json_t *root, *rows, *found = NULL, *one;
	size_t i;

	show_parameters(a, NULL);
	root = parse(a);
	ck_assert(json_is_null(json_object_get(root, "site")));
	rows = json_object_get(root, "parameters");
	json_array_foreach(rows, i, one) if (strcmp(string(one, "name"), standard[_i].name) == 0)
		found = one;
	ck_assert_msg(found != NULL, "%s is not listed", standard[_i].name);
	ck_assert_str_eq(string(found, "value"), standard[_i].value);
	ck_assert_str_eq(string(found, "default"), standard[_i].value);
	json_decref(root);
}
END_TEST

START_TEST(test_parameters_of_site)
{
	struct answer *a = answer_new(ANSWER_TEXT, 0);
	char *text;

	fixture.lyon_config.keepalive_s = 20;
	fixture.lyon_config.init_parameters =
		(struct ike_parameters){.encr = 20, .key_bits = 256, .prf = 6, .ke = 20};
	fixture.lyon_config.license_mbps = 100;
	show_parameters(a, &fixture.lyon_config);
	text = fixture_finish(a);
	ck_assert_msg(strstr(text, "\nkeepalive            20 seconds     10 "), "%s", text);
	ck_assert_msg(strstr(text, "\ninit encryption      aes-gcm-256    automatic "), "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "\ninit prf             sha2-384 "));
	ck_assert_ptr_nonnull(strstr(text, "\ninit integrity       none "));
	ck_assert_ptr_nonnull(strstr(text, "\ninit dh-group        20 "));
	ck_assert_ptr_nonnull(strstr(text, " 5-60\n"));
	ck_assert_ptr_nonnull(strstr(text, " fixed\n"));
	ck_assert_ptr_nonnull(strstr(text, "License 100 Mbps: automatic encryption uses AES-GCM"));
	free(text);
}
END_TEST

START_TEST(test_worksheet)
{
	struct answer *a = answer_new(ANSWER_TEXT, 0);
	struct config config;
	struct service_routes routes;
	struct account *acme;
	char *text;

	config_init(&config);
	config.box.services[0] = ip_addr_v4(0x0a630001);
	config.box.services[1] = ip_addr_v4(0x0afefe05); /* one that is there anyway */
	config.box.service_count = 2;
	acme = accounts_add(&config.cloud.accounts, "acme");
	ck_assert_int_eq(ip_prefix_parse("10.42.0.0/16", &acme->vpn_users), 0);
	snprintf(fixture.lyon_config.account, sizeof(fixture.lyon_config.account), "acme");
	fixture.lyon_config.init_parameters =
		(struct ike_parameters){.encr = 12, .key_bits = 256, .prf = 5, .integ = 12};
	service_routes(&config, &fixture.lyon_config, &routes);
	show_worksheet(a, &fixture.lyon_config, &routes);
	text = fixture_finish(a);
	ck_assert_ptr_null(strstr(text, "-key-with-"));
	ck_assert_msg(strstr(text, "Tunnel primary 1 (fiber)\n"
				   "  Remote address  203.0.113.10, UDP 500 and 4500\n"
				   "  Local ID        lyon-p1.id.example.net (type fqdn)\n"
				   "  Remote ID       203.0.113.10 (type ipv4)\n"
				   "  Pre-shared key  as agreed, never shown\n"),
		      "%s", text);
	ck_assert_ptr_nonnull(strstr(text, "  Pre-shared key  not configured yet\n"));
	ck_assert_ptr_nonnull(strstr(text, "IKE SA (init message)\n"
					   "  Encryption  aes-cbc-256\n"
					   "  PRF         sha2-256\n"
					   "  Integrity   sha2-256\n"
					   "  DH group    any of dh20,"));
	ck_assert_ptr_nonnull(strstr(text, "  Lifetime    19800 s\n"));
	ck_assert_ptr_nonnull(strstr(text, "  Local networks   10.20.0.0/16\n"
					   "  Remote networks  10.0.0.0/16\n"
					   "                   10.1.0.0/16\n"));
	ck_assert_ptr_nonnull(strstr(text, "Routes           10.254.254.1/32\n"
					   "                   10.254.254.5/32\n"
					   "                   10.254.254.253/32\n"
					   "                   10.99.0.1/32\n"
					   "                   10.42.0.0/16\n"));
	ck_assert_ptr_nonnull(strstr(text, "no secondary tunnel"));
	ck_assert_ptr_nonnull(strstr(text, "single-traffic-selector enable"));
	free(text);
	config_clear(&config);
}
END_TEST

START_TEST(test_worksheet_json)
{
	struct answer *a = answer_new(ANSWER_JSON, 0);
	json_t *root, *child, *tunnel;
	struct service_routes routes;
	struct config config;

	config_init(&config);
	fixture.lyon_config.license_mbps = 500;
	fixture.lyon_config.single_ts = SITE_ENABLE;
	service_routes(&config, &fixture.lyon_config, &routes);
	show_worksheet(a, &fixture.lyon_config, &routes);
	root = parse(a);
	tunnel = json_array_get(json_object_get(root, "tunnels"), 1);
	ck_assert_str_eq(string(tunnel, "peerId"), "lyon-p2.id.example.net");
	ck_assert_str_eq(string(tunnel, "ourId"), "p2-77aa01d3.ipsec.example.net");
	ck_assert(json_is_true(json_object_get(tunnel, "pskSet")));
	/* 100 Mbps and more: AES-GCM only, which needs no integrity algorithm. */
	child = json_object_get(root, "child");
	ck_assert_uint_eq(json_array_size(json_object_get(child, "encryption")), 2);
	ck_assert(json_is_null(json_object_get(child, "integrity")));
	ck_assert(json_is_true(json_object_get(root, "singleTrafficSelector")));
	ck_assert_uint_eq(json_array_size(json_object_get(root, "routes")), 4);
	json_decref(root);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("show site");
	TCase *tc = tcase_create("site");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_site_full);
	tcase_add_test(tc, test_site_full_not_applied);
	tcase_add_test(tc, test_site_json);
	tcase_add_test(tc, test_site_list);
	tcase_add_loop_test(tc, test_parameters_defaults, 0,
			    (int)(sizeof(standard) / sizeof(standard[0])));
	tcase_add_test(tc, test_parameters_of_site);
	tcase_add_test(tc, test_worksheet);
	tcase_add_test(tc, test_worksheet_json);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
