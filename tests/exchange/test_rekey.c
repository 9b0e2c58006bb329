/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rekeying of Child SA and IKE SA, both roles, with and without PFS, under traffic without loss. */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>

static void rekey_child(int node)
{
	uint32_t before = w.node[0].installs;

	ck_assert_int_eq(sim_command(&w, node, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 1000);
	ck_assert_uint_eq(w.node[0].installs, before + 1);
	sim_run(&w, 8000); /* stragglers' time is over */
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	ck_assert_uint_eq(sim_alive(&w, 1), 1);
	sim_finish();
}

static void rekey_ike(int node)
{
	uint64_t before = sim_status(&w, 0, 1).spi_i;

	ck_assert_int_eq(sim_command(&w, node, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	ck_assert_uint_ne(sim_status(&w, 0, 1).spi_i, before);
	ck_assert_uint_eq(sim_status(&w, 0, 1).child_count, 1);
	ck_assert_uint_eq(sim_status(&w, 1, 1).child_count, 1);
	ck_assert(sim_status(&w, node, 1).initiator);
	ck_assert(!sim_status(&w, !node, 1).initiator);
	sim_finish();
}

static void no_loss(void)
{
	ck_assert_uint_gt(w.node[0].esp_sent, 0);
	ck_assert_uint_eq(w.node[0].esp_lost, 0);
	ck_assert_uint_eq(w.node[1].esp_lost, 0);
	ck_assert_uint_eq(w.node[0].downs, 0);
	ck_assert_uint_eq(w.node[1].downs, 0);
}

START_TEST(test_rekey_child_by_initiator)
{
	sim_bring_up_default();
	w.traffic_ms = 7;
	rekey_child(0);
	rekey_child(0);
	no_loss();
	/* --> REKEY_SA, Ni, KEi; <-- Nr, KEr; then the initiator of the rekeying deletes. */
	ck_assert_uint_eq(sim_lines(&w,
				    "A --> B  CREATE_CHILD_SA 2 { N(REKEY_SA), SA, Ni, KEi, "
				    "TSi, TSr }",
				    NULL),
			  1);
	ck_assert_uint_eq(sim_lines(&w,
				    "B --> A  CREATE_CHILD_SA response 2 { SA, Nr, KEr, TSi, TSr }",
				    NULL),
			  1);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  INFORMATIONAL 3 { D(ESP", NULL), 1);
}
END_TEST

START_TEST(test_rekey_child_by_responder)
{
	sim_bring_up_default();
	w.traffic_ms = 7;
	rekey_child(1);
	rekey_child(0);
	rekey_child(1);
	no_loss();
}
END_TEST

/* The responder of a rekeying keeps sending on the old one until its DELETE. */
START_TEST(test_rekey_child_lossless_switch)
{
	uint32_t old;

	sim_bring_up_default();
	old = sim_sending(&w, 1, 0)->child;
	sim_rule(&w, (struct sim_rule){.from = 0,
				       .exchange = IKE_EXCH_INFORMATIONAL,
				       .response = 0,
				       .count = 1,
				       .delay_ms = 700});
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 500);
	ck_assert_uint_eq(sim_alive(&w, 1), 2);
	ck_assert_uint_eq(sim_sending(&w, 1, 0)->child, old);
	sim_run(&w, 500); /* DELETE came */
	ck_assert_uint_ne(sim_sending(&w, 1, 0)->child, old);
	ck_assert_uint_eq(sim_alive(&w, 1), 2); /* inbound stays 5 s */
	sim_run(&w, 6000);
	ck_assert_uint_eq(sim_alive(&w, 1), 1);
	sim_finish();
}
END_TEST

static void with_child_group(uint16_t ke_a, uint16_t ke_b, uint16_t expected)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.child.ke = ke_a;
	b.child.ke = ke_b;
	sim_bring_up(&a, &b);
	rekey_child(0);
	ck_assert_uint_eq(sim_sending(&w, 0, 0)->suite.ke, expected);
	rekey_child(1);
	ck_assert_uint_eq(sim_sending(&w, 0, 0)->suite.ke, expected);
}

START_TEST(test_rekey_child_pfs_fixed)
{
	with_child_group(14, 14, 14);
	ck_assert_uint_eq(sim_lines(&w, "N(INVALID_KE_PAYLOAD)", NULL), 0);
}
END_TEST

START_TEST(test_rekey_child_pfs_other_group)
{
	with_child_group(0, 14, 14);
	ck_assert_uint_ge(sim_lines(&w, "N(INVALID_KE_PAYLOAD)", NULL), 1);
}
END_TEST

START_TEST(test_rekey_ike_by_initiator)
{
	sim_bring_up_default();
	w.traffic_ms = 7;
	rekey_ike(0);
	rekey_ike(0);
	no_loss();
	ck_assert_uint_eq(sim_lines(&w, "A --> B  CREATE_CHILD_SA 2 { SA, Ni, KEi }", NULL), 1);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  CREATE_CHILD_SA response 2 { SA, Nr, KEr }",
				    NULL),
			  1);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  INFORMATIONAL 3 { D(IKE)", NULL), 1);
}
END_TEST

START_TEST(test_rekey_ike_by_responder)
{
	sim_bring_up_default();
	w.traffic_ms = 7;
	rekey_ike(1);
	rekey_child(0);
	rekey_child(1);
	rekey_ike(0);
	rekey_child(1);
	no_loss();
}
END_TEST

/* Lifetimes: rekeyed between 80 % and 90 % of them, never expired. */
START_TEST(test_rekey_by_lifetime)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	struct ike_child_status c;
	uint64_t life_ms;

	a.ike_lifetime_s = 3600;
	a.child_lifetime_s = 600;
	sim_bring_up(&a, &b);
	ck_assert_int_eq(ike_engine_child_status(w.node[0].engine, 1, 0, &c), 0);
	life_ms = c.expire_at_ms - c.since_ms;
	ck_assert_uint_eq(life_ms, 600000);
	ck_assert_uint_ge(c.rekey_at_ms - c.since_ms, life_ms * 8 / 10);
	ck_assert_uint_le(c.rekey_at_ms - c.since_ms, life_ms * 9 / 10);
	w.traffic_ms = 2000;
	sim_run(&w, 14400000);
	ck_assert_uint_ge(sim_counter(&w, 0, "child_rekeyed"), 4 * 3600 / 540);
	ck_assert_uint_ge(sim_counter(&w, 0, "ike_rekeyed"), 4);
	w.traffic_ms = 0;
	sim_run(&w, 10000);
	no_loss();
	sim_assert(&w);
}
END_TEST

/* Lost messages of a rekeying are repeated; nothing is lost meanwhile. */
START_TEST(test_rekey_child_loss_of_each_message)
{
	const struct {
		int from, exchange, response;
	} cases[] = {{0, IKE_EXCH_CREATE_CHILD_SA, 0},
		     {1, IKE_EXCH_CREATE_CHILD_SA, 1},
		     {0, IKE_EXCH_INFORMATIONAL, 0},
		     {1, IKE_EXCH_INFORMATIONAL, 1}};

	sim_bring_up_default();
	w.traffic_ms = 11;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		w.rule_count = 0;
		sim_rule(&w, (struct sim_rule){.from = cases[i].from,
					       .exchange = cases[i].exchange,
					       .response = cases[i].response,
					       .count = 1,
					       .drop = true});
		ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
		sim_run(&w, 30000);
		ck_assert_uint_eq(w.rules[0].count, 0);
		sim_finish();
	}
	no_loss();
}
END_TEST

START_TEST(test_rekey_ike_loss_of_each_message)
{
	const struct {
		int from, exchange, response;
	} cases[] = {{0, IKE_EXCH_CREATE_CHILD_SA, 0},
		     {1, IKE_EXCH_CREATE_CHILD_SA, 1},
		     {0, IKE_EXCH_INFORMATIONAL, 0},
		     {1, IKE_EXCH_INFORMATIONAL, 1}};

	sim_bring_up_default();
	w.traffic_ms = 11;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		w.rule_count = 0;
		sim_rule(&w, (struct sim_rule){.from = cases[i].from,
					       .exchange = cases[i].exchange,
					       .response = cases[i].response,
					       .count = 1,
					       .drop = true});
		ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
		sim_run(&w, 60000);
		ck_assert_uint_eq(w.rules[0].count, 0);
		sim_finish();
	}
	no_loss();
}
END_TEST

/* A minimal peer refuses every CREATE_CHILD_SA (RFC 7296 section 4): a new IKE SA is made beside
 * the old one before the lifetimes end, and no packet is lost. */
START_TEST(test_rekey_no_additional_sas)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	struct ike_limits limits = ike_limits_default();
	uint64_t first;

	limits.max_children_per_ike = 1;
	sim_limits(&w, 1, &limits);
	a.child_lifetime_s = 200;
	sim_bring_up(&a, &b);
	first = sim_status(&w, 0, 1).spi_i;
	w.traffic_ms = 20;
	sim_run(&w, 500000);
	w.traffic_ms = 0;
	sim_run(&w, 1000);
	ck_assert_uint_ge(sim_lines(&w, "N(NO_ADDITIONAL_SAS)", NULL), 2);
	ck_assert_uint_le(sim_lines(&w, "A --> B  IKE_SA_INIT", NULL), 5);
	ck_assert_uint_ne(sim_status(&w, 0, 1).spi_i, first);
	no_loss();
	a.child_lifetime_s = 36000;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 60000);
	sim_finish();
}
END_TEST

/* While a key is computed for the answer, the peer's answer to a request of our own comes: the
 * request is known all the same when it is sent again. */
START_TEST(test_rekey_answer_between_request_and_answer)
{
	sim_bring_up_default();
	w.dh_ms = 400;
	sim_rule(&w, (struct sim_rule){.from = 0,
				       .exchange = IKE_EXCH_INFORMATIONAL,
				       .response = 1,
				       .count = 1,
				       .delay_ms = 700});
	sim_rule(&w, (struct sim_rule){.from = 1,
				       .exchange = IKE_EXCH_CREATE_CHILD_SA,
				       .response = 1,
				       .count = 1,
				       .drop = true});
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	ck_assert_int_eq(ike_engine_probe(w.node[1].engine, w.now_ms, 1), 0);
	sim_run(&w, 60000); /* what is closed is forgotten, too */
	ck_assert_uint_eq(sim_lines(&w, "A --> B  CREATE_CHILD_SA", NULL), 2);
	ck_assert_uint_eq(sim_lines(&w, "B --> A  CREATE_CHILD_SA", "response"), 2);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  INFORMATIONAL", "D(IKE)"), 1);
	ck_assert(sim_is_up(&w, 0, 1));
	sim_finish();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_rekey_child_by_initiator,
		test_rekey_child_by_responder,
		test_rekey_child_lossless_switch,
		test_rekey_child_pfs_fixed,
		test_rekey_child_pfs_other_group,
		test_rekey_ike_by_initiator,
		test_rekey_ike_by_responder,
		test_rekey_by_lifetime,
		test_rekey_child_loss_of_each_message,
		test_rekey_ike_loss_of_each_message,
		test_rekey_answer_between_request_and_answer,
		test_rekey_no_additional_sas,
	};

	return sim_suite("rekey", tests, ARRAY_LEN(tests));
}
