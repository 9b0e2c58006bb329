/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Additional key exchanges of CREATE_CHILD_SA in IKE_FOLLOWUP_KE (RFC 9370 section 2.2.4). */
#include "sim.h"

#include "ikev2/exchange.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum { A, B };

static struct ike_tunnel a, b;

/* Both SAs want so many additional key exchanges. */
static void up(unsigned rounds)
{
	static const uint16_t groups[] = {19, 31, 20};

	a = sim_tunnel(&w, 1, A, B);
	b = sim_tunnel(&w, 1, B, A);
	a.ike.ke = b.ike.ke = a.child.ke = b.child.ke = 31;
	for (unsigned i = 0; i < rounds && i < ARRAY_LEN(groups); i++)
		a.ike.addke[i] = b.ike.addke[i] = a.child.addke[i] = b.child.addke[i] = groups[i];
	sim_bring_up(&a, &b);
	w.delay_ms = 5;
}

static unsigned followups(int from)
{
	return sim_lines(&w, from == A ? "A --> B  IKE_FOLLOWUP_KE" : "B --> A  IKE_FOLLOWUP_KE",
			 "{ KEi, N(ADDITIONAL_KEY_EXCHANGE) }");
}

static void rekeyed(int node, const char *counter, uint64_t times)
{
	if (sim_counter(&w, node, counter) == times)
		return;
	printf("%s\n", w.ladder.text);
	ck_abort_msg("%c: %s %u, not %u", 'A' + node, counter,
		     (unsigned)sim_counter(&w, node, counter), (unsigned)times);
}

/* Either side, either kind of SA, one to three rounds; twice, so that the new SAs have them too. */
START_TEST(test_followup_rounds)
{
	unsigned rounds = (unsigned)_i % 3 + 1;
	bool ike = _i >= 6;
	int node = _i / 3 % 2;

	up(rounds);
	for (unsigned n = 1; n <= 2; n++) {
		ck_assert_int_eq(sim_command(&w, node, 1,
					     ike ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD),
				 0);
		sim_run(&w, 20000);
		ck_assert_uint_eq(followups(node), n * rounds);
		rekeyed(node, ike ? "ike_rekeyed" : "child_rekeyed", n);
		rekeyed(!node, ike ? "ike_rekeyed" : "child_rekeyed", n);
	}
	sim_run(&w, 60000);
	ck_assert_uint_eq(sim_lines(&w, "STATE_NOT_FOUND", NULL), 0);
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	sim_finish();
}
END_TEST

/* The answers carry the link as long as another exchange follows, and the first Child SA has none.
 */
START_TEST(test_followup_messages)
{
	up(2);
	ck_assert_int_eq(sim_command(&w, A, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 30000);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  CREATE_CHILD_SA response",
				    "KEr, TSi, TSr, N(ADDITIONAL_KEY_EXCHANGE) }"),
			  1);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  IKE_FOLLOWUP_KE response",
				    "{ KEr, N(ADDITIONAL_KEY_EXCHANGE) }"),
			  1);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  IKE_FOLLOWUP_KE response", "{ KEr }"), 1);
	sim_finish();
}
END_TEST

/* Each message lost once, doubled, late; engines that become others after each step. */
START_TEST(test_followup_bad_network)
{
	bool ike = _i & 1;

	up(2);
	w.dh_ms = 30;
	if (_i / 2 < 4)
		sim_rule(&w, (struct sim_rule){.from = _i / 2 & 1,
					       .exchange = IKE_EXCH_FOLLOWUP_KE,
					       .response = _i / 2 & 1,
					       .skip = (unsigned)_i / 4,
					       .count = 1,
					       .drop = true});
	w.duplicate_percent = _i / 2 == 4 ? 100 : 0;
	w.jitter_ms = _i / 2 == 4 ? 100 : 0;
	w.restore_percent = _i / 2 == 5 ? 100 : 0;
	ck_assert_int_eq(sim_command(&w, A, 1, ike ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 40000);
	w.duplicate_percent = w.jitter_ms = w.restore_percent = 0;
	sim_run(&w, 60000);
	rekeyed(A, ike ? "ike_rekeyed" : "child_rekeyed", 1);
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	sim_finish();
}
END_TEST

/* Both sides at once. */
START_TEST(test_followup_collision)
{
	static const enum ike_command kinds[][2] = {
		{IKE_CMD_REKEY_CHILD, IKE_CMD_REKEY_CHILD},
		{IKE_CMD_REKEY_IKE, IKE_CMD_REKEY_IKE},
		{IKE_CMD_REKEY_CHILD, IKE_CMD_REKEY_IKE},
	};

	up(2);
	w.dh_ms = (uint32_t)(_i / 6) * 20;
	w.node[_i & 1].nonce_first = 0;
	ck_assert_int_eq(sim_command(&w, A, 1, kinds[_i % 3][0]), 0);
	ck_assert_int_eq(sim_command(&w, B, 1, kinds[_i % 3][1]), 0);
	sim_run(&w, 90000);
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	sim_finish();
}
END_TEST

/* ---- Peers that do it wrong -------------------------------------------------------------------
 */

/* A request of A beside its engine, which hears and says nothing. */
static void ask(uint16_t group, const char *link)
{
	static uint8_t public_value[64] = {1};
	struct draft d;
	struct view chain;

	draft_start(&d);
	payload_ke_write(&d.b, group, view_of(public_value, group == 31 ? 32 : 64));
	if (link)
		payload_notify_write(&d.b, IKE_N_ADDITIONAL_KEY_EXCHANGE,
				     view_of(link, strlen(link)));
	ck_assert_int_eq(message_finish(&d.b, &chain), 0);
	sim_forge(&w, A, B, IKE_EXCH_FOLLOWUP_KE, 0, false, d.b.first, chain);
	sim_run(&w, 100);
}

/* No such series, a wrong link, none at all: the answer says so, and nothing else happens. */
START_TEST(test_followup_unknown_link)
{
	up(1);
	ask(19, _i == 0 ? "somebody" : _i == 1 ? "x" : NULL);
	ck_assert_uint_eq(sim_lines(&w, "IKE_FOLLOWUP_KE response", "N(STATE_NOT_FOUND)"), 1);
	ck_assert(sim_is_up(&w, B, 1));
	ck_assert_uint_eq(sim_alive(&w, B), 1);
	sim_assert(&w);
}
END_TEST

/* The peer begins and never goes on: what it has begun is forgotten, and our own turn comes. */
START_TEST(test_followup_abandoned)
{
	up(1);
	sim_rule(&w, (struct sim_rule){.from = A,
				       .exchange = IKE_EXCH_FOLLOWUP_KE,
				       .response = 0,
				       .count = 4,
				       .drop = true});
	ck_assert_int_eq(sim_command(&w, A, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 1000);
	ck_assert_int_eq(sim_command(&w, B, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 10000);
	rekeyed(B, "child_rekeyed", 0); /* it would cross */
	sim_run(&w, 90000);
	ck_assert_uint_ge(sim_counter(&w, B, "child_rekeyed"), 1);
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	sim_finish();
}
END_TEST

/* Later than the peer is waited for: it says so, and the rekeying begins anew. */
START_TEST(test_followup_too_late)
{
	bool ike = _i;

	up(1);
	a.dead_s = b.dead_s = 600;
	ck_assert_int_eq(sim_set(&w, A, &a), 0);
	ck_assert_int_eq(sim_set(&w, B, &b), 0);
	ck_assert_int_eq(sim_command(&w, A, 1, ike ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD), 0);
	while (sim_lines(&w, "CREATE_CHILD_SA response", NULL) == 0)
		sim_run(&w, 1);
	w.dh_ms = 31000; /* for the secret, and for the next key */
	while (followups(A) == 0)
		sim_run(&w, 1);
	w.dh_ms = 0;
	sim_run(&w, 20);
	ck_assert_uint_eq(sim_lines(&w, "IKE_FOLLOWUP_KE response", "N(STATE_NOT_FOUND)"), 1);
	sim_run(&w, 60000);
	rekeyed(A, ike ? "ike_rekeyed" : "child_rekeyed", 1);
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	sim_finish();
}
END_TEST

/* An answer of B, instead of the one that its engine gives. */
static void answer(uint8_t exchange, bool ke, bool link)
{
	static const uint8_t zero[64];
	struct draft d;
	struct view chain;

	draft_start(&d);
	if (ke)
		payload_ke_write(&d.b, 19, view_of(zero, 64));
	if (link)
		payload_notify_write(&d.b, IKE_N_ADDITIONAL_KEY_EXCHANGE, view_of("12345678", 8));
	ck_assert_int_eq(message_finish(&d.b, &chain), 0);
	w.node[B].dead = false;
	sim_forge(&w, B, A, exchange, UINT32_MAX, true, d.b.first, chain);
	sim_run(&w, 50);
}

/* Without a link where one is needed, without a key, with a key that is none: the old one stays. */
START_TEST(test_followup_bad_answers)
{
	up(2);
	ck_assert_int_eq(sim_command(&w, A, 1, IKE_CMD_REKEY_CHILD), 0);
	while (followups(A) == 0)
		sim_run(&w, 1);
	w.node[B].dead = true; /* it does not hear the request */
	sim_run(&w, 50);
	answer(IKE_EXCH_FOLLOWUP_KE, _i != 1, _i != 0);
	ck_assert(sim_is_up(&w, A, 1));
	ck_assert_uint_ge(sim_alive(&w, A), 1);
	rekeyed(A, "child_rekeyed", 0);
	ck_assert_uint_eq(w.node[A].engine->jobs.count, 0);
	sim_assert(&w);
}
END_TEST

/* The Child SA goes while the peer rekeys it. */
START_TEST(test_followup_deleted_meanwhile)
{
	up(2);
	sim_rule(&w, (struct sim_rule){.from = A,
				       .exchange = IKE_EXCH_FOLLOWUP_KE,
				       .response = 0,
				       .skip = 1,
				       .count = 1,
				       .drop = true});
	ck_assert_int_eq(sim_command(&w, A, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 2000);
	ck_assert_int_eq(sim_command(&w, B, 1, _i ? IKE_CMD_CLEAR : IKE_CMD_TERMINATE), 0);
	sim_run(&w, 100000);
	if (_i == 0)
		ck_assert_int_eq(sim_command(&w, B, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 100000);
	sim_finish();
}
END_TEST

/* Only one side wants them for Child SAs: refused when they are rekeyed, and the reason is named.
 */
START_TEST(test_followup_disagreement)
{
	a = sim_tunnel(&w, 1, A, B);
	b = sim_tunnel(&w, 1, B, A);
	*(_i ? &a : &b)->child.addke = 19;
	sim_bring_up(&a, &b);
	ck_assert_int_eq(sim_command(&w, A, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 10000);
	rekeyed(A, "child_rekeyed", 0);
	ck_assert(strstr(w.ladder.text, _i ? "additional-ke differs: here none, peer dh19"
					   : "additional-ke differs: here dh19, peer none"));
	ck_assert(sim_is_up(&w, A, 1));
	sim_assert(&w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("followup");
	TCase *tc = sim_case("followup");

	tcase_add_loop_test(tc, test_followup_rounds, 0, 12);
	tcase_add_test(tc, test_followup_messages);
	tcase_add_loop_test(tc, test_followup_bad_network, 0, 12);
	tcase_add_loop_test(tc, test_followup_collision, 0, 18);
	tcase_add_loop_test(tc, test_followup_unknown_link, 0, 3);
	tcase_add_test(tc, test_followup_abandoned);
	tcase_add_loop_test(tc, test_followup_too_late, 0, 2);
	tcase_add_loop_test(tc, test_followup_bad_answers, 0, 3);
	tcase_add_loop_test(tc, test_followup_deleted_meanwhile, 0, 2);
	tcase_add_loop_test(tc, test_followup_disagreement, 0, 2);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
