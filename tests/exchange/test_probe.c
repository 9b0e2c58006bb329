/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asking for a sign of life sooner than the keepalive says, and what the pulse tells of it. */
#include "sim.h"

#include "ikev2/number.h"
#include "platform/base/mem.h"

#include <check.h>

static struct ike_pulse pulse(void)
{
	struct ike_pulse p;

	ck_assert_int_eq(ike_engine_pulse(w.node[0].engine, 1, &p), 0);
	return p;
}

static int probe(void)
{
	return ike_engine_probe(w.node[0].engine, w.now_ms, 1);
}

START_TEST(test_probe_measures_the_round_trip)
{
	uint64_t before;

	sim_bring_up_default();
	sim_run(&w, 2000);
	before = w.now_ms;
	ck_assert_uint_eq(pulse().rtt_at_ms, 0);
	ck_assert_int_eq(probe(), 0);
	ck_assert_uint_eq(pulse().asked_ms, before);
	sim_run(&w, 1000);
	/* the network delays each datagram by 20 ms */
	ck_assert_uint_eq(pulse().rtt_ms, 40);
	ck_assert_uint_eq(pulse().rtt_at_ms, before + 40);
	ck_assert_uint_eq(pulse().last_rx_ms, before + 40);
	ck_assert_uint_eq(pulse().asked_ms, 0);
	sim_finish();
}
END_TEST

START_TEST(test_probe_again_repeats_the_open_request)
{
	uint64_t sent, before;

	sim_bring_up_default();
	sim_rule(&w, (struct sim_rule){.from = 0,
				       .exchange = IKE_EXCH_INFORMATIONAL,
				       .response = 0,
				       .count = 2,
				       .drop = true});
	sent = w.node[0].sent;
	before = w.now_ms;
	for (int i = 0; i < 3; i++) { /* the third one gets through */
		ck_assert_int_eq(probe(), 0);
		ck_assert_uint_eq(pulse().asked_ms, before);
		sim_run(&w, 1000);
	}
	ck_assert_uint_eq(w.node[0].sent, sent + 3);
	ck_assert_uint_eq(pulse().last_rx_ms, before + 2040);
	ck_assert_uint_eq(pulse().asked_ms, 0);
	ck_assert_uint_eq(pulse().rtt_at_ms, 0); /* which one was answered is not clear */
	ck_assert_uint_eq(w.node[1].ups, 1);
	sim_finish();
}
END_TEST

/* The dead timer counts as ever: repeating by hand neither delays nor hastens it. */
START_TEST(test_probes_do_not_change_the_dead_timer)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1);
	struct ike_tunnel b = sim_tunnel(&w, 1, 1, 0);
	uint64_t heard;

	sim_bring_up(&a, &b);
	sim_run(&w, 1000);
	heard = pulse().last_rx_ms;
	w.node[1].dead = true;
	while (sim_is_up(&w, 0, 1)) {
		ck_assert_int_eq(probe(), 0);
		sim_run(&w, 1000);
		ck_assert_uint_le(w.now_ms, heard + a.dead_s * 1000ULL + 10000);
	}
	ck_assert_uint_ge(w.now_ms, heard + 60000);
	ck_assert_int_eq(probe(), ERR_WRONG_STATE);
	ck_assert_int_eq(ike_engine_probe(w.node[0].engine, w.now_ms, 99), ERR_NOT_FOUND);
	sim_assert(&w);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_probe_measures_the_round_trip,
				      test_probe_again_repeats_the_open_request,
				      test_probes_do_not_change_the_dead_timer};

	return sim_suite("probe", tests, ARRAY_LEN(tests));
}
