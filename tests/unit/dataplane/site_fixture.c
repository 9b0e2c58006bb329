/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See site_fixture.h. */
#include "tests/unit/dataplane/site_fixture.h"

#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loop *loop;
struct event_log *events;
struct gateway *g;
struct fake_dp dp;
struct fake_net net;
struct site_status st;
char routes[512];

static uint64_t wall(void)
{
	return 0;
}

void set_up(void)
{
	const struct gateway_options options = {.ike_port = 0};
	const struct gateway_parts parts = {.dp_new = fake_dp_new, .dp_arg = &dp, .net = &net.base};
	struct err_msg e = {.text = ""};

	fake_engine_reset();
	fake_net_init(&net);
	loop = loop_new(&e);
	events = event_log_new(wall, 200);
	g = gateway_new_with(loop, &options, events, NULL, &parts, &e);
	ck_assert_msg(g != NULL, "%s", e.text);
	ck_assert_uint_eq(net.cleans, 1);
}

void tear_down(void)
{
	gateway_free(g);
	event_log_free(events);
	loop_free(loop);
}

void add_tunnel(struct site_config *c, enum site_role role, unsigned index0, const char *peer)
{
	struct tunnel_config *t = &c->tunnels[role][index0];

	t->present = true;
	ck_assert_int_eq(ip_addr_parse(peer, &t->public_ip), 0);
	secret_set(&t->psk.key, "a key for the test", 18);
}

void init_site(struct site_config *c, const char *name, const char *native)
{
	site_config_init(c, name);
	ck_assert_int_eq(ip_prefix_parse(native, &c->native_range), 0);
}

void set_site(const struct site_config *c)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(gateway_site_set(g, c, &e) == 0, "%s", e.text);
}

/* Lyon: primary 1 and 2 (tunnels 1, 2), secondary 1 (tunnel 3); device ips1. */
void set_lyon(struct site_config *c)
{
	init_site(c, "Lyon", "10.20.0.0/16");
	add_tunnel(c, SITE_PRIMARY, 0, "203.0.113.1");
	add_tunnel(c, SITE_PRIMARY, 1, "203.0.113.2");
	add_tunnel(c, SITE_SECONDARY, 0, "203.0.113.3");
	snprintf(c->tunnels[SITE_PRIMARY][1].name, SITE_TEXT_MAX, "vdsl");
	set_site(c);
}

void up(uint32_t tunnel, uint32_t child)
{
	fake_install(tunnel, child);
	fake_up(tunnel);
	gateway_pump(g);
}

void down(uint32_t tunnel, uint32_t child, enum ike_reason r)
{
	fake_down(tunnel, r);
	fake_delete(child);
	gateway_pump(g);
}

const struct tunnel_status *tunnel(const char *site, uint8_t slot)
{
	ck_assert_int_eq(gateway_site_find(g, site, &st), 0);
	for (size_t i = 0; i < st.tunnel_count; i++) {
		if (st.tunnels[i].slot == slot)
			return &st.tunnels[i];
	}
	ck_abort_msg("no tunnel in slot %u", slot);
}

unsigned bucket_count(uint32_t site, uint8_t slot)
{
	unsigned n = 0;

	for (unsigned i = 0; i < DP_BUCKETS; i++)
		n += dp.sites[site].steering.bucket_slot[i] == slot;
	return n;
}

/* Events since the last call, one line each: "MNEMONIC text\n". */
const char *said(void)
{
	static char text[4096];
	static uint64_t seen_of_log;
	static const struct event_log *last;
	const struct list *head = event_log_entries(events);
	size_t at = 0;

	if (last != events)
		seen_of_log = 0;
	last = events;
	text[0] = '\0';
	for (const struct list *n = head->next; n != head; n = n->next) {
		const struct event *ev = container_of(n, struct event, node);

		if (ev->number <= seen_of_log)
			continue;
		seen_of_log = ev->number;
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s\n",
				       event_row(ev->id)->mnemonic, ev->text);
	}
	return text;
}

int site_fixture_run(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
