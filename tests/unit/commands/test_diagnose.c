/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diagnose*.c: findings of each check, their order, and the lines that mend them. */
#include "commands/diagnose.h"
#include "platform/base/mem.h"
#include "tests/unit/commands/fixture_show.h"
#include "tests/unit/platform/suite.h"

#include <jansson.h>
#include <string.h>

static struct config config;
static struct site_config *site;
static struct site_status status;
static struct diagnose_input in;
static struct findings found;

static struct ip_addr addr(const char *text)
{
	struct ip_addr a;

	ck_assert_int_eq(ip_addr_parse(text, &a), 0);
	return a;
}

/* A complete site with a primary and a secondary tunnel, both up, traffic both ways. */
static void setup(void)
{
	static uint8_t key[] = "a key that is long enough";

	config_init(&config);
	site = config_site_add(&config, "Lyon");
	ck_assert_int_eq(ip_prefix_parse("10.20.0.0/16", &site->native_range), 0);
	memset(&status, 0, sizeof(status));
	memset(&in, 0, sizeof(in));
	status.connected = true;
	for (unsigned r = 0; r < SITE_ROLES; r++) {
		struct tunnel_config *c = &site->tunnels[r][0];
		struct tunnel_status *t = &status.tunnels[status.tunnel_count++];

		c->present = true;
		c->public_ip = addr(r ? "198.51.100.77" : "198.51.100.21");
		secret_set(&c->psk.key, key, sizeof(key) - 1);
		t->role = (enum site_role)r;
		t->index = 1;
		t->slot = site_slot(t->role, 0);
		t->state = TUNNEL_UP;
		(void)strcpy(t->reason, "-");
		t->peer = (struct ip_endpoint){.addr = c->public_ip, .port = 4500};
		in.tunnels[t->slot - 1].rx_packets = in.tunnels[t->slot - 1].tx_packets = 1000;
	}
	in.running = &config;
	in.site = site;
	in.status = &status;
	in.clock = (struct show_clock){.now_ms = FIXTURE_NOW_MS, .wall_ms = FIXTURE_WALL_MS};
	findings_init(&found);
}

static void teardown(void)
{
	findings_clear(&found);
	config_clear(&config);
}

static const struct finding *first(const char *check)
{
	findings_clear(&found);
	findings_init(&found);
	diagnose(&in, &found);
	ck_assert_uint_gt(found.count, 0);
	ck_assert_str_eq(found.items[0].check, check);
	return &found.items[0];
}

static void fails(enum ike_cause cause, const char *evidence)
{
	struct tunnel_status *t = &status.tunnels[0];
	struct ike_failure *f = &t->ike.failure;

	t->state = TUNNEL_DOWN;
	t->cause = f->cause = cause;
	f->reason = ike_cause_row(cause)->reason;
	(void)snprintf(t->reason, sizeof(t->reason), "%s", ike_reason_name(f->reason));
	(void)snprintf(f->evidence, sizeof(f->evidence), "%s", evidence);
	f->at_ms = FIXTURE_NOW_MS - 43000;
	f->exchange = 35;
	f->remote = t->peer;
}

START_TEST(test_nothing_wrong)
{
	diagnose(&in, &found);
	ck_assert_uint_eq(found.count, 0);
	ck_assert_ptr_nonnull(strstr(found.fine.text, "configuration complete"));
	ck_assert_ptr_nonnull(strstr(found.fine.text, "data both ways on secondary 1"));
}
END_TEST

START_TEST(test_incomplete)
{
	secret_clear(&site->tunnels[SITE_PRIMARY][0].psk.key);
	ck_assert_str_eq(first("configuration")->text,
			 "The configuration is incomplete: psk missing");
	ck_assert_str_eq(found.items[0].commands, "ipsec site Lyon\n tunnel primary 1\n  psk\n");
	site->tunnels[SITE_PRIMARY][0].present = site->tunnels[SITE_SECONDARY][0].present = false;
	ck_assert_str_eq(first("configuration")->text, "The site has no tunnel");
}
END_TEST

START_TEST(test_overlap)
{
	struct site_config *other = config_site_add(&config, "Paris");
	const struct finding *f;

	site = config_site(&config, "Lyon");
	in.site = site;
	ck_assert_int_eq(ip_prefix_parse("10.21.0.0/16", &other->native_range), 0);
	diagnose(&in, &found);
	ck_assert_uint_eq(found.count, 0);
	ck_assert_int_eq(ip_prefix_parse("10.20.7.0/24", &other->native_range), 0);
	f = first("networks");
	ck_assert_str_eq(f->evidence, "10.20.0.0/16 of Lyon overlaps 10.20.7.0/24 of Paris");
	(void)strcpy(other->account, "beta"); /* Lyon has none */
	f = first("networks");
	ck_assert_uint_eq(f->slot, 0);
	findings_clear(&found);
	findings_init(&found);
	(void)strcpy(site->account, "acme");
	diagnose(&in, &found);
	ck_assert_uint_eq(found.count, 0);
}
END_TEST

START_TEST(test_failure_and_its_commands)
{
	struct ike_comparison *c = &status.tunnels[0].ike.comparison;
	const struct finding *f;

	fails(IKE_CAUSE_IKE_ALGORITHMS, "dh-group differs: here dh20, peer dh14");
	c->count = 2;
	(void)strcpy(c->row[0].attribute, "encryption");
	(void)strcpy(c->row[0].peer, "aes-cbc-192, aes-gcm-128");
	(void)strcpy(c->row[1].attribute, "dh-group");
	(void)strcpy(c->row[1].peer, "dh21, dh14");
	c->row[0].differs = c->row[1].differs = true;
	f = first("last exchanges");
	ck_assert_str_eq(f->text, "No IKE proposal of the peer is accepted here");
	ck_assert_str_eq(f->commands, "ipsec site Lyon\n init-parameters\n"
				      "  encryption aes-gcm-128\n  dh-group 14\n");
	ck_assert_ptr_nonnull(strstr(f->evidence, "peer 198.51.100.21:4500, IKE_AUTH"));
	/* nothing in common that we have: only the peer can change */
	(void)strcpy(c->row[1].peer, "dh21, dh24");
	ck_assert_str_eq(first("last exchanges")->commands, "");
}
END_TEST

START_TEST(test_identity_commands)
{
	fails(IKE_CAUSE_ID_PRIVATE, "peer presents ipv4 192.168.1.2");
	ck_assert_int_eq(ike_id_parse(IKE_ID_IPV4_ADDR, "192.168.1.2",
				      &status.tunnels[0].ike.failure.id_seen),
			 0);
	ck_assert_str_eq(first("last exchanges")->commands,
			 "ipsec site Lyon\n tunnel primary 1\n  remote-id ipv4 192.168.1.2\n");
}
END_TEST

START_TEST(test_selector_commands)
{
	struct ike_comparison *c = &status.tunnels[0].ike.comparison;

	fails(IKE_CAUSE_SELECTORS, "");
	c->count = 2;
	(void)strcpy(c->row[0].attribute, "networks here");
	(void)strcpy(c->row[0].peer, "10.9.0.0/16, 10.8.0.0/16");
	(void)strcpy(c->row[1].attribute, "networks of the peer");
	(void)strcpy(c->row[1].peer, "192.168.7.0/24");
	c->row[0].differs = c->row[1].differs = true;
	ck_assert_str_eq(first("last exchanges")->commands,
			 "ipsec site Lyon\n network-range LABEL:10.9.0.0/16\n"
			 " network LABEL 192.168.7.0/24\n");
}
END_TEST

/* Every cause has a finding; what it says to type is in the words of the configuration. */
START_TEST(test_every_cause)
{
	for (int c = 1; c < IKE_CAUSE_COUNT; c++) {
		const struct finding *f;

		fails((enum ike_cause)c, "");
		f = first("last exchanges");
		ck_assert_str_eq(f->text, ike_cause_row((enum ike_cause)c)->sentence);
		ck_assert(f->commands[0] == '\0' ||
			  strncmp(f->commands, "ipsec site Lyon\n", 16) == 0 ||
			  strncmp(f->commands, "do ipsec initiate", 17) == 0);
	}
}
END_TEST

START_TEST(test_route)
{
	struct diagnose_tunnel *d = &in.tunnels[0];

	d->route.looked = true;
	(void)strcpy(d->route.why, "no route towards 198.51.100.21");
	ck_assert_str_eq(first("route")->text, "There is no route to the peer 198.51.100.21");
	d->route.found = true;
	d->route.source = addr("203.0.113.10");
	(void)strcpy(d->route.device, "ips3");
	ck_assert_ptr_nonnull(strstr(first("route")->text, "leads into the tunnel ips3"));
	(void)strcpy(d->route.device, "wan0");
	findings_clear(&found);
	findings_init(&found);
	diagnose(&in, &found);
	ck_assert_uint_eq(found.count, 0);
	ck_assert_ptr_nonnull(
		strstr(found.fine.text, "route to 198.51.100.21 by wan0 from 203.0.113.10"));
}
END_TEST

START_TEST(test_packet_size_and_reachability)
{
	struct diagnose_tunnel *d = &in.tunnels[0];

	site->tunnels[SITE_PRIMARY][0].private_site = addr("169.254.21.1");
	d->inner = (struct diagnose_echo){.sent = 3, .answered = 0};
	ck_assert_str_eq(first("inner reachability")->text,
			 "169.254.21.1 does not answer ping through the tunnel");
	d->inner.answered = 2;
	d->mtu_probed = true;
	d->passed = 1200;
	d->lost = 1300;
	ck_assert_str_eq(first("packet size")->text,
			 "Packets of 1200 octets pass the tunnel, packets of 1300 do not");
	ck_assert_ptr_nonnull(strstr(found.items[0].fix_peer, "1160"));
}
END_TEST

START_TEST(test_data_flow)
{
	in.tunnels[0].tx_packets = 0;
	ck_assert_ptr_nonnull(strstr(first("data flow")->text, "none goes in"));
	in.tunnels[0].tx_packets = 5;
	in.tunnels[0].replay_drops = 500;
	ck_assert_ptr_nonnull(strstr(first("data flow")->text, "too late or twice"));
}
END_TEST

START_TEST(test_bgp)
{
	struct diagnose_tunnel *d = &in.tunnels[status.tunnels[0].slot - 1];
	const struct finding *f;

	d->has_bgp = true;
	d->bgp = (struct bgp_neighbour_status){.peer = addr("169.254.21.1"),
					       .state = "Active",
					       .reason = "as-mismatch",
					       .hint = "Compare local-as and peer-as",
					       .detail = "Error: Bad peer AS: 64513"};
	f = first("BGP");
	ck_assert_str_eq(f->text, "The BGP session with 169.254.21.1 is Active: as-mismatch");
	ck_assert_str_eq(f->fix_here, "Compare local-as and peer-as");
	ck_assert_str_eq(f->evidence, "Error: Bad peer AS: 64513");
	ck_assert_str_eq(f->commands, "ipsec site Lyon\n bgp\n  peer-as NUMBER\n");
	d->bgp.established = true;
	d->bgp.received = 7;
	findings_clear(&found);
	findings_init(&found);
	diagnose(&in, &found);
	ck_assert_uint_eq(found.count, 0);
	ck_assert_ptr_nonnull(strstr(found.fine.text,
				     "BGP with 169.254.21.1 on primary 1 established, 7 routes"));
	/* a tunnel that is down says enough */
	d->bgp.established = false;
	fails(IKE_CAUSE_SILENT, "");
	f = first("last exchanges");
	ck_assert_str_ne(f->check, "BGP");
}
END_TEST

START_TEST(test_waiting)
{
	struct event stranger = {.text = "peer 192.0.2.9:500 presented identity x (fqdn)"};
	struct tunnel_status *t = &status.tunnels[0];

	t->state = TUNNEL_DOWN;
	(void)strcpy(t->reason, "waiting-for-peer");
	ck_assert_ptr_nonnull(strstr(first("last exchanges")->text, "Nothing has come"));
	in.stranger = &stranger;
	ck_assert_str_eq(first("last exchanges")->evidence, stranger.text);
}
END_TEST

/* What was seen for certain comes before what may be. */
START_TEST(test_order)
{
	site->tunnels[SITE_SECONDARY][0].present = false;
	status.tunnel_count = 1;
	fails(IKE_CAUSE_SILENT, "no answer");
	in.tunnels[0].outer = (struct diagnose_echo){.sent = 3};
	diagnose(&in, &found);
	ck_assert_uint_eq(found.count, 3);
	ck_assert_str_eq(found.items[0].check, "last exchanges");
	ck_assert_str_eq(found.items[1].check, "reachability");
	ck_assert_str_eq(found.items[2].check, "high availability");
	findings_clear(&found);
	in.tunnels[0].route.looked = true; /* none: no wonder that nobody answers */
	diagnose(&in, &found);
	ck_assert_uint_eq(found.count, 3);
	ck_assert_str_eq(found.items[0].check, "route");
	ck_assert_str_eq(found.items[1].check, "last exchanges");
	ck_assert_str_eq(found.items[2].check, "high availability");
}
END_TEST

START_TEST(test_json)
{
	struct answer *a = answer_new(ANSWER_JSON, 0);
	json_t *doc, *one;
	char *text;

	fails(IKE_CAUSE_PSK_MISMATCH, "AUTH of the peer does not fit");
	diagnose(&in, &found);
	show_diagnosis(a, &in, &found);
	text = fixture_finish(a);
	doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(doc != NULL, "%s", text);
	one = json_array_get(json_object_get(doc, "findings"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(one, "rank")), 1);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(one, "tunnel"), "role")),
			 "primary");
	ck_assert_str_eq(json_string_value(json_array_get(json_object_get(one, "commands"), 2)),
			 "  psk");
	json_decref(doc);
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("diagnose");
	TCase *t = tcase_create("diagnose");
	SRunner *r;
	int failed;
	const TTest *const tests[] = {
		test_nothing_wrong,
		test_incomplete,
		test_overlap,
		test_failure_and_its_commands,
		test_identity_commands,
		test_selector_commands,
		test_every_cause,
		test_route,
		test_packet_size_and_reachability,
		test_data_flow,
		test_bgp,
		test_waiting,
		test_order,
		test_json,
	};

	tcase_add_checked_fixture(t, setup, teardown);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
