/* SPDX-License-Identifier: GPL-3.0-or-later */
/* REDIRECT (RFC 5685): node B sends its peer A to node C; in IKE_SA_INIT, in IKE_AUTH, and while
 * the tunnel is up; in circles, to nowhere, and by somebody else. */
#include "sim.h"

#include "ikev2/auth_own.h"
#include "ikev2/exchange.h"
#include "ikev2/payload_notify.h"
#include "ikev2/redirect.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { A, B, C };

static struct ike_tunnel at_a, at_b, at_c;

/* A knows B only; C has the same tunnel under the same name. */
static void three(void)
{
	sim_clear(&w);
	sim_init(&w, 3, 3);
	at_a = sim_tunnel(&w, 1, A, B);
	at_b = sim_tunnel(&w, 1, B, A);
	at_c = sim_tunnel(&w, 1, C, A);
	at_c.local_id = at_b.local_id;
	at_c.local_ts = at_b.local_ts;
	at_c.remote_id = at_b.remote_id;
	at_a.follow_redirects = true;
	at_a.initiate = true;
}

static void begin(void)
{
	ck_assert_int_eq(sim_set(&w, C, &at_c), 0);
	ck_assert_int_eq(sim_set(&w, B, &at_b), 0);
	ck_assert_int_eq(sim_set(&w, A, &at_a), 0);
}

static struct ike_gateway to(int node)
{
	return (struct ike_gateway){.addr = w.node[node].addr};
}

static void is_at(int node)
{
	struct ike_tunnel_status st = sim_status(&w, A, 1);

	if (st.state != IKE_TUNNEL_UP || !ip_addr_equal(&st.remote.addr, &w.node[node].addr))
		ck_abort_msg("not up at %c: %s\n%s", 'A' + node, st.failure.evidence,
			     w.ladder.text);
	for (int i = B; i <= C; i++)
		ck_assert_int_eq(sim_is_up(&w, i, 1), i == node);
	sim_check_quiet(&w);
	sim_check_agree(&w, A, node, 1);
	sim_assert(&w);
}

/* All tunnels of B are elsewhere: it keeps no state. */
START_TEST(test_redirect_in_init)
{
	three();
	at_b.redirect = to(C);
	begin();
	sim_run(&w, 20000);
	is_at(C);
	ck_assert_uint_eq(sim_counter(&w, B, "peers_redirected"), 1);
	ck_assert_uint_eq(sim_counter(&w, A, "redirects_followed"), 1);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_AUTH", NULL), 0);
	ck_assert_uint_eq(sim_lines(&w, "A --> C  IKE_SA_INIT", "REDIRECTED_FROM"), 1);
}
END_TEST

/* Another tunnel of B at that address stays: which one it is shows in IKE_AUTH. */
START_TEST(test_redirect_after_auth)
{
	struct ike_tunnel other;

	three();
	other = sim_tunnel(&w, 2, B, A);
	at_b.redirect = to(C);
	begin();
	ck_assert_int_eq(sim_set(&w, B, &other), 0);
	sim_run(&w, 60000);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  INFORMATIONAL 0", "REDIRECT"), 1);
	ck_assert_uint_eq(w.node[A].downs, 0);
	ck_assert_uint_eq(w.node[A].ups, 1);
	is_at(C);
}
END_TEST

/* Other gateways send away in IKE_AUTH: what B answers is made here. */
START_TEST(test_redirect_in_auth)
{
	struct message_header h = {.exchange = IKE_EXCH_AUTH, .id = 1};
	struct ike_gateway gateway;
	struct ike_engine *e;
	struct draft d;
	struct ike_sa *sa;

	three();
	gateway = to(C);
	sim_rule(&w, (struct sim_rule){.from = A,
				       .exchange = IKE_EXCH_AUTH,
				       .response = 0,
				       .count = 1,
				       .drop = true});
	begin();
	sim_run(&w, 100);
	e = w.node[B].engine;
	sa = container_of(container_of(e->sas.order.next, struct map_node, order), struct ike_sa,
			  by_spi);
	ck_assert_int_eq(sa->state, SA_HALF_OPEN);
	ike_sa_set_tunnel(sa, tunnel_find(e, 1));
	draft_start(&d);
	ck_assert_int_eq(auth_own_write(e, sa, &sa->keys, &d.b), 0);
	redirect_write(&gateway, view_of(NULL, 0), &d.b);
	ck_assert_int_eq(exchange_respond(e, sa, &h, &d), 0);
	ike_sa_set_tunnel(sa, NULL);
	sim_run(&w, 500);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  INFORMATIONAL 2 { D(IKE) }", NULL), 1);
	sim_run(&w, 100000);
	ck_assert_uint_eq(w.node[A].ups, 1);
	is_at(C);
}
END_TEST

/* A gateway is drained while the tunnel is up: nothing is lost, the old one ends. */
START_TEST(test_redirect_while_up)
{
	three();
	w.traffic_ms = 20;
	begin();
	sim_run(&w, 20000);
	ck_assert(sim_is_up(&w, B, 1));
	at_b.redirect = to(C);
	ck_assert_int_eq(sim_set(&w, B, &at_b), 0);
	sim_run(&w, 30000);
	w.traffic_ms = 0;
	sim_run(&w, 20000);
	ck_assert_uint_eq(w.node[A].downs, 0);
	ck_assert_uint_eq(w.node[A].ups, 1);
	is_at(C);
	at_c.redirect = to(B); /* and back */
	at_b.redirect = (struct ike_gateway){.addr = {.family = IP_NONE}};
	ck_assert_int_eq(sim_set(&w, B, &at_b), 0);
	ck_assert_int_eq(sim_set(&w, C, &at_c), 0);
	sim_run(&w, 30000);
	is_at(B);
}
END_TEST

/* Who does not follow says so, and is not sent away. */
START_TEST(test_redirect_not_followed)
{
	three();
	at_a.follow_redirects = false;
	at_b.redirect = to(C);
	begin();
	sim_run(&w, 20000);
	is_at(B);
	ck_assert_uint_eq(sim_lines(&w, "REDIRECT", NULL), 0);
}
END_TEST

START_TEST(test_redirect_loop)
{
	three();
	at_b.redirect = to(C);
	at_c.redirect = to(B);
	begin();
	sim_run(&w, 20000);
	ck_assert_uint_eq(sim_counter(&w, A, "redirects_followed"), 5);
	ck_assert_int_eq(sim_status(&w, A, 1).failure.cause, IKE_CAUSE_REDIRECTED);
	ck_assert(!sim_is_up(&w, A, 1));
	sim_run(&w, 400000); /* minutes later it may be worth a try again */
	ck_assert_uint_gt(sim_counter(&w, A, "redirects_followed"), 5);
	at_b.redirect = (struct ike_gateway){.addr = {.family = IP_NONE}};
	ck_assert_int_eq(sim_set(&w, B, &at_b), 0);
	sim_run(&w, 400000);
	ck_assert(sim_is_up(&w, A, 1));
	sim_assert(&w);
}
END_TEST

/* Names cannot be followed; nor the gateway itself, nor another family. */
START_TEST(test_redirect_to_nowhere)
{
	three();
	if (_i == 0)
		snprintf(at_b.redirect.name, sizeof(at_b.redirect.name), "gw2.example.net");
	else if (_i == 1)
		at_b.redirect = to(B);
	else
		ck_assert_int_eq(ip_addr_parse("2001:db8::1", &at_b.redirect.addr), 0);
	begin();
	sim_run(&w, 20000);
	ck_assert(!sim_is_up(&w, A, 1));
	ck_assert_int_eq(sim_status(&w, A, 1).failure.cause, IKE_CAUSE_REDIRECTED);
	ck_assert_uint_eq(sim_counter(&w, A, "redirects_followed"), 0);
	sim_assert(&w);
}
END_TEST

/* The other gateway is dead: the next attempt goes to the configured one. */
START_TEST(test_redirect_to_the_dead)
{
	three();
	at_b.redirect = to(C);
	w.node[C].dead = true;
	begin();
	sim_run(&w, 20000);
	at_b.redirect = (struct ike_gateway){.addr = {.family = IP_NONE}};
	ck_assert_int_eq(sim_set(&w, B, &at_b), 0);
	sim_run(&w, 200000);
	is_at(B);
}
END_TEST

/* The new gateway presents its own address where the old one's is configured. */
START_TEST(test_redirect_changes_the_address_as_identity)
{
	three();
	at_a.remote_id = ike_id_of_addr(&w.node[B].addr);
	at_b.local_id = ike_id_of_addr(&w.node[B].addr);
	at_c.local_id = ike_id_of_addr(&w.node[C].addr);
	at_b.redirect = to(C);
	begin();
	sim_run(&w, 20000);
	is_at(C);
}
END_TEST

/* Somebody who has not seen our nonce cannot send us away. */
START_TEST(test_redirect_forged)
{
	struct message_header h = {.exchange = IKE_EXCH_SA_INIT, .flags = MESSAGE_RESPONSE};
	struct ike_gateway gateway;
	uint8_t buf[512], nonce[32] = {1};
	struct message_builder b;
	struct view message;

	three();
	gateway = to(C);
	w.node[B].dead = true;
	begin();
	sim_run(&w, 100);
	h.spi_i = tunnel_attempt_sa(tunnel_find(w.node[A].engine, 1))->spi_i;
	message_start(&b, buf, sizeof(buf), &h);
	redirect_write(&gateway, view_of(nonce, sizeof(nonce)), &b);
	ck_assert_int_eq(message_finish(&b, &message), 0);
	sim_inject(&w, B, A, false, message.data, message.len);
	sim_run(&w, 5000);
	ck_assert_uint_eq(sim_counter(&w, A, "redirects_followed"), 0);
	w.node[B].dead = false;
	sim_run(&w, 20000);
	is_at(B);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("redirect");
	TCase *tc = sim_case("redirect");

	tcase_add_test(tc, test_redirect_in_init);
	tcase_add_test(tc, test_redirect_after_auth);
	tcase_add_test(tc, test_redirect_in_auth);
	tcase_add_test(tc, test_redirect_while_up);
	tcase_add_test(tc, test_redirect_not_followed);
	tcase_add_test(tc, test_redirect_loop);
	tcase_add_loop_test(tc, test_redirect_to_nowhere, 0, 3);
	tcase_add_test(tc, test_redirect_to_the_dead);
	tcase_add_test(tc, test_redirect_changes_the_address_as_identity);
	tcase_add_test(tc, test_redirect_forged);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
