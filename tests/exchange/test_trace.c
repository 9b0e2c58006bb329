/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last messages of a tunnel, and what operators can watch. */
#include "sim.h"

#include "ikev2/number.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

static struct ike_step step[IKE_STEPS_MAX];

static size_t steps(int node)
{
	return ike_engine_steps(w.node[node].engine, 1, step, IKE_STEPS_MAX);
}

static void expect(size_t at, bool out, uint8_t exchange, bool response, const char *payloads,
		   const char *outcome)
{
	char text[IKE_STEP_TEXT_MAX];

	ck_assert_int_eq(step[at].out, out);
	ck_assert_uint_eq(step[at].exchange, exchange);
	ck_assert_int_eq(step[at].response, response);
	ck_assert_msg(strstr(ike_step_payloads(&step[at], text, sizeof(text)), payloads) != NULL,
		      "%s is not in %s", payloads, text);
	ck_assert_str_eq(ike_step_outcome(&step[at], text, sizeof(text)), outcome);
}

START_TEST(test_both_sides_keep_the_first_exchanges)
{
	sim_bring_up_default();
	for (int node = 0; node < 2; node++) {
		bool first = node == 0;

		ck_assert_uint_ge(steps(node), 4);
		expect(0, first, IKE_EXCH_SA_INIT, false, "SA, KEi, Ni, N(NAT_DETECTION", "");
		expect(1, !first, IKE_EXCH_SA_INIT, true, "SA, KEr, Nr", "");
		expect(2, first, IKE_EXCH_AUTH, false, "IDi", first ? "" : "Child SA up");
		expect(3, !first, IKE_EXCH_AUTH, true, "IDr, AUTH, SA, TSi, TSr",
		       "IKE SA established");
	}
	sim_finish();
}
END_TEST

START_TEST(test_repetitions_are_counted)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	sim_rule(&w, (struct sim_rule){.from = 0,
				       .exchange = IKE_EXCH_AUTH,
				       .response = 0,
				       .count = 2,
				       .drop = true});
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 30000);
	steps(0);
	ck_assert_uint_eq(step[2].exchange, IKE_EXCH_AUTH);
	ck_assert_uint_eq(step[2].times, 3);
	ck_assert_uint_eq(step[2].again_ms, step[2].at_ms + 20000);
	sim_finish();
}
END_TEST

/* The responder does not know whose messages these are until it reads the identity, or never. */
START_TEST(test_a_refused_peer_leaves_its_steps_at_the_tunnel)
{
	static uint8_t other[] = "another key";
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	b.psk = (struct secret){.data = other, .len = sizeof(other) - 1};
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1000);
	ck_assert_uint_eq(steps(1), 4);
	expect(2, false, IKE_EXCH_AUTH, false, "IDi", "auth-failed (psk-mismatch)");
	expect(3, true, IKE_EXCH_AUTH, true, "N(AUTHENTICATION_FAILED)", "");
	steps(0);
	expect(3, false, IKE_EXCH_AUTH, true, "N(AUTHENTICATION_FAILED)",
	       "auth-failed (refused-by-peer)");
	sim_assert(&w);
}
END_TEST

START_TEST(test_a_refused_proposal_leaves_its_step)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.ike = (struct ike_parameters){.encr = IKE_ENCR_AES_CBC, .key_bits = 128};
	b.ike = (struct ike_parameters){.encr = IKE_ENCR_AES_CBC, .key_bits = 256};
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1000);
	ck_assert_uint_ge(steps(1), 2);
	expect(0, false, IKE_EXCH_SA_INIT, false, "SA, KEi, Ni",
	       "no-proposal-chosen (ike-algorithms)");
	expect(1, true, IKE_EXCH_SA_INIT, true, "N(NO_PROPOSAL_CHOSEN)", "");
	sim_assert(&w);
}
END_TEST

/* Days of liveness checks take two places of the ring. */
START_TEST(test_liveness_checks_are_folded)
{
	uint32_t checks = 0;

	sim_bring_up_default();
	for (int i = 0; i < 30; i++) {
		ck_assert_int_eq(ike_engine_probe(w.node[0].engine, w.now_ms, 1), 0);
		sim_run(&w, 1000);
	}
	for (size_t i = 0, n = steps(0); i < n; i++)
		checks = step[i].checks > checks ? step[i].checks : checks;
	ck_assert_uint_eq(checks, 29);
	expect(0, true, IKE_EXCH_SA_INIT, false, "SA", "");
	sim_finish();
}
END_TEST

START_TEST(test_the_ring_is_bounded)
{
	sim_bring_up_default();
	for (int i = 0; i < 20; i++) {
		ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
		sim_run(&w, 3000);
	}
	ck_assert_uint_eq(steps(0), IKE_STEPS_MAX);
	for (size_t i = 1; i < IKE_STEPS_MAX; i++)
		ck_assert_uint_ge(step[i].at_ms, step[i - 1].at_ms);
	sim_run(&w, 60000);
	sim_finish();
}
END_TEST

START_TEST(test_nothing_is_said_unless_watched)
{
	sim_bring_up_default();
	ck_assert_uint_eq(w.traces.len, 0);
	ike_engine_set_trace(w.node[1].engine, 1u << IKE_TRACE_STATE);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 3000);
	ck_assert_ptr_nonnull(
		strstr(w.traces.text, ": new -> established, new IKE SA by rekeying"));
	ck_assert_ptr_nonnull(strstr(w.traces.text, "B IKE SA rekeyed\n"));
	ck_assert_ptr_null(strstr(w.traces.text, "CREATE_CHILD_SA request"));
	ck_assert_ptr_null(strstr(w.traces.text, "\nA "));
	sim_run(&w, 60000);
	sim_finish();
}
END_TEST

START_TEST(test_messages_and_proposals_are_named)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	ike_engine_set_trace(w.node[1].engine, 1u << IKE_TRACE_PACKET | 1u << IKE_TRACE_PROPOSAL |
						       1u << IKE_TRACE_CLEAR);
	a.child = (struct ike_parameters){.encr = IKE_ENCR_AES_GCM_16, .key_bits = 256};
	sim_bring_up(&a, &b);
	ck_assert_ptr_nonnull(strstr(w.traces.text, "B received IKE_SA_INIT request 0 from "));
	ck_assert_ptr_nonnull(strstr(w.traces.text, "B sent IKE_AUTH response 1 to "));
	ck_assert_ptr_nonnull(
		strstr(w.traces.text,
		       "B the peer offers for the Child SA in IKE_AUTH: aes-gcm-256"));
	ck_assert_ptr_nonnull(
		strstr(w.traces.text, "B we choose for the Child SA in IKE_AUTH: aes-gcm-256"));
	ck_assert_ptr_nonnull(strstr(w.traces.text, "B clear"));
	sim_finish();
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_both_sides_keep_the_first_exchanges,
				      test_repetitions_are_counted,
				      test_a_refused_peer_leaves_its_steps_at_the_tunnel,
				      test_a_refused_proposal_leaves_its_step,
				      test_liveness_checks_are_folded,
				      test_the_ring_is_bounded,
				      test_nothing_is_said_unless_watched,
				      test_messages_and_proposals_are_named};

	return sim_suite("trace", tests, ARRAY_LEN(tests));
}
