/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Health of a tunnel in virtual time: a path with a peer behind it, looked at once a second. */
#include "dataplane/site/history.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

/* What the test plays: time goes in steps of 100 ms. */
static struct {
	uint64_t now_ms, random;
	bool dead;	  /* nothing comes through */
	unsigned loss;	  /* percent, of IKE and of inbound ESP */
	uint32_t rtt_ms;  /* up to 100 */
	uint32_t out, in; /* ESP packets per step */
	bool echoes;
	uint64_t heard_ms, sent_ms, asked_ms, rtt_at_ms;
	uint32_t rtt, expected, received;
	bool pushed;
	unsigned probes;
	uint64_t echo_ms;
	uint32_t swing_ms; /* every other echo takes so much longer */
	unsigned echo_count;
	uint64_t unusable_ms, down_ms, back_ms;
	unsigned changes;
} path;
static struct health h;
static struct health_limits limits;

static void set_up(void)
{
	memset(&path, 0, sizeof(path));
	path.now_ms = 100000;
	path.random = 42;
	path.rtt_ms = 40;
	path.heard_ms = path.now_ms;
	limits = health_limits_default();
	health_start(&h, path.now_ms);
}

static bool gets_through(void)
{
	return !path.dead && next_random(&path.random) % 100 >= path.loss;
}

/* The answer to a probe counts within the same step. */
static void probe(void)
{
	path.probes++;
	path.pushed = path.asked_ms != 0;
	if (path.asked_ms == 0)
		path.asked_ms = path.now_ms;
	if (!gets_through())
		return;
	if (!gets_through()) /* the answer */
		return;
	path.heard_ms = path.now_ms + path.rtt_ms;
	if (!path.pushed) {
		path.rtt_at_ms = path.now_ms + path.rtt_ms;
		path.rtt = path.rtt_ms;
	}
	path.asked_ms = 0;
}

static void look(bool tick)
{
	struct health_look in = {.now_ms = path.now_ms,
				 .tick = tick,
				 .heard_ms = path.heard_ms,
				 .sent_ms = path.sent_ms,
				 .asked_ms = path.asked_ms,
				 .rtt_at_ms = path.rtt_at_ms,
				 .rtt_ms = path.rtt,
				 .expected = path.expected,
				 .received = path.received,
				 .echoes = path.echoes};
	enum health_state before = health_state_of(&h), after;
	bool ask = health_look(&h, &in, &limits);

	after = health_state_of(&h);
	if (tick)
		path.expected = path.received = 0;
	if (ask)
		probe();
	path.changes += before != after;
	if (before != after && after == HEALTH_UNUSABLE)
		path.unusable_ms = path.now_ms;
	if (before != after && after == HEALTH_DOWN)
		path.down_ms = path.now_ms;
	if (before >= HEALTH_UNUSABLE && after < HEALTH_UNUSABLE)
		path.back_ms = path.now_ms;
}

static void echo(void)
{
	if (!path.echoes || path.now_ms - path.echo_ms < health_echo_interval_ms(&h, path.now_ms))
		return;
	path.echo_ms = path.now_ms;
	if (gets_through()) {
		path.echo_count++;
		health_answered(&h, 1000 * (path.rtt_ms + path.echo_count % 2 * path.swing_ms));
		path.heard_ms = path.now_ms;
	} else {
		health_lost(&h, path.now_ms);
	}
}

static void esp(void)
{
	if (path.out != 0)
		path.sent_ms = path.now_ms;
	for (uint32_t i = 0; i < path.in && !path.dead; i++) {
		path.expected++;
		if (gets_through()) {
			path.received++;
			path.heard_ms = path.now_ms;
		}
	}
}

static void run(uint64_t ms)
{
	for (uint64_t end = path.now_ms + ms; path.now_ms < end;) {
		path.now_ms += 100;
		esp();
		echo();
		if (path.now_ms % 1000 == 0)
			look(true);
		else if (health_deadline(&h) <= path.now_ms)
			look(false);
	}
}

START_TEST(test_both_directions_need_no_probe_but_for_the_delay)
{
	path.out = path.in = 1;
	run(60000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_GOOD);
	ck_assert_uint_le(path.probes, 6); /* one in ten seconds */
	ck_assert_uint_eq(h.figures.delay_us, 40000);
	ck_assert_uint_eq(h.figures.loss, 0);
	ck_assert_uint_ge(h.figures.score, 95);
	ck_assert_uint_eq(path.changes, 0);
}
END_TEST

/* A camera sends, the peer has nothing to say: asked, and alive. */
START_TEST(test_one_way_traffic_is_no_silence)
{
	path.out = 100;
	run(120000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_GOOD);
	ck_assert_uint_eq(path.changes, 0);
	ck_assert_uint_gt(path.probes, 50);
}
END_TEST

START_TEST(test_dead_under_traffic)
{
	uint64_t died;

	path.out = path.in = 5;
	run(20000);
	path.dead = true;
	died = path.heard_ms;
	run(20000);
	ck_assert_uint_ge(path.unusable_ms, died + 3000);
	ck_assert_uint_le(path.unusable_ms, died + 3200);
	ck_assert_uint_le(path.down_ms, died + 10200);
	ck_assert_uint_eq(path.changes, 2);
	ck_assert_uint_eq(h.figures.score, 0);
}
END_TEST

START_TEST(test_dead_while_idle)
{
	uint64_t died;

	run(20000);
	path.dead = true;
	died = path.heard_ms;
	run(40000);
	/* asked at the next measurement of the delay, at most 10 s later; then four times more */
	ck_assert_uint_le(path.unusable_ms, died + 15200);
	ck_assert_uint_le(path.down_ms, died + 30000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DOWN);
}
END_TEST

/* Echo requests spare the measurement by IKE; idle is asked after 20 s all the same. */
START_TEST(test_nothing_sent_by_anybody)
{
	path.echoes = true;
	path.echo_ms = UINT64_MAX / 2; /* the echo socket is broken */
	path.dead = true;
	run(40000);
	ck_assert_uint_le(path.down_ms - 100000, 30000 + 1000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DOWN);
}
END_TEST

START_TEST(test_return_needs_three_seconds)
{
	uint64_t back;

	path.out = path.in = 5;
	run(10000);
	path.dead = true;
	run(25000);
	path.dead = false;
	back = path.now_ms;
	run(10000);
	ck_assert_uint_ge(path.back_ms, back + 3000);
	ck_assert_uint_le(path.back_ms, back + 4200);
	ck_assert_uint_eq(path.changes, 3);
}
END_TEST

START_TEST(test_a_single_late_answer_does_not_flap)
{
	path.out = 5;
	run(10000);
	path.dead = true;
	run(15000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DOWN);
	path.heard_ms = path.now_ms; /* one answer, and silence again */
	run(30000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DOWN);
	ck_assert_uint_eq(path.changes, 2);
}
END_TEST

/* A short cut of two seconds is none. */
START_TEST(test_short_cut)
{
	path.out = path.in = 5;
	for (int i = 0; i < 20; i++) {
		path.dead = true;
		run(2500);
		path.dead = false;
		run(5000);
	}
	ck_assert_uint_eq(path.unusable_ms, 0);
	ck_assert_uint_eq(path.down_ms, 0);
}
END_TEST

START_TEST(test_loss_by_sequence_numbers)
{
	path.out = path.in = 10;
	run(30000);
	path.loss = 20;
	run(12000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DEGRADED);
	ck_assert_uint_ge(h.figures.loss, 1500);
	ck_assert_uint_le(h.figures.loss, 5000);
	ck_assert_uint_lt(h.figures.score, 40);
	path.loss = 0;
	run(15000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DEGRADED); /* good for 20 s first */
	run(20000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_GOOD);
	ck_assert_uint_eq(path.unusable_ms, 0);
}
END_TEST

START_TEST(test_loss_by_echo)
{
	path.echoes = true;
	path.loss = 20;
	run(30000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DEGRADED);
	ck_assert_uint_ge(h.figures.loss, 1000);
	ck_assert_uint_le(h.figures.loss, 3500);
}
END_TEST

/* One percent is within the limit; single losses must not push a tunnel out. */
START_TEST(test_little_loss_stays_good)
{
	path.echoes = true;
	path.loss = 1;
	run(600000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_GOOD);
	ck_assert_uint_eq(path.changes, 0);
}
END_TEST

/* Traffic went elsewhere: the probes go on to see the loss. */
START_TEST(test_degraded_and_idle_stays_degraded)
{
	path.out = path.in = 10;
	path.loss = 20;
	run(20000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DEGRADED);
	path.out = path.in = 0;
	for (int i = 0; i < 3000; i++) {
		run(100);
		ck_assert_int_ne(health_state_of(&h), HEALTH_GOOD);
	}
}
END_TEST

START_TEST(test_delay_and_jitter)
{
	path.echoes = true;
	path.rtt_ms = 650;
	run(5000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DEGRADED);
	path.rtt_ms = 20;
	run(40000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_GOOD);
	path.swing_ms = 60; /* 20, 80, 20, 80 */
	run(20000);
	ck_assert_uint_ge(h.figures.jitter_us, 59900);
	ck_assert_uint_le(h.figures.jitter_us, 60000);
	ck_assert_int_eq(health_state_of(&h), HEALTH_DEGRADED);
	ck_assert_uint_ge(h.figures.score, 33); /* 50 - (60 - 30) * 50 / 90 = 33.3 */
	ck_assert_uint_le(h.figures.score, 34);
}
END_TEST

/* One slow answer of a busy peer is asked again before it is believed. */
START_TEST(test_one_slow_answer)
{
	path.out = path.in = 1;
	run(20000);
	path.rtt_ms = 900;
	while (path.rtt != 900)
		run(100);
	path.rtt_ms = 40;
	run(30000);
	ck_assert_uint_eq(path.changes, 0);
}
END_TEST

START_TEST(test_history)
{
	struct history *kept = history_new();
	struct health_point p[HEALTH_TENS_KEPT + 1];

	ck_assert_uint_eq(history_read(kept, HEALTH_SECONDS, p, ARRAY_LEN(p)), 0);
	h.figures.loss = 1234;
	h.figures.delay_us = 40400;
	for (unsigned i = 1; i <= 1000; i++) {
		h.figures.score = (uint8_t)(i % 100);
		h.silent = i == 991;
		history_add(kept, &h);
	}
	ck_assert_uint_eq(history_read(kept, HEALTH_SECONDS, p, ARRAY_LEN(p)), 60);
	ck_assert_uint_eq(p[0].score, 41); /* of 941 */
	ck_assert_uint_eq(p[59].score, 0);
	ck_assert_uint_eq(p[50].state, HEALTH_UNUSABLE);
	ck_assert_uint_eq(p[59].state, HEALTH_GOOD);
	ck_assert_uint_eq(p[59].loss, 1234);
	ck_assert_uint_eq(p[59].delay_ms, 40);
	ck_assert_uint_eq(history_read(kept, HEALTH_TENS, p, ARRAY_LEN(p)), HEALTH_TENS_KEPT);
	ck_assert_uint_eq(p[89].state, HEALTH_UNUSABLE);
	ck_assert_uint_eq(p[88].state, HEALTH_GOOD);
	ck_assert_uint_eq(p[88].score, 85); /* 81..90 */
	ck_assert_uint_eq(history_read(kept, HEALTH_TENS, p, 2), 2);
	ck_assert_uint_eq(p[0].score, 85);
	history_free(kept);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_both_directions_need_no_probe_but_for_the_delay,
		test_one_way_traffic_is_no_silence,
		test_dead_under_traffic,
		test_dead_while_idle,
		test_nothing_sent_by_anybody,
		test_return_needs_three_seconds,
		test_a_single_late_answer_does_not_flap,
		test_short_cut,
		test_loss_by_sequence_numbers,
		test_loss_by_echo,
		test_little_loss_stays_good,
		test_degraded_and_idle_stays_degraded,
		test_delay_and_jitter,
		test_one_slow_answer,
		test_history,
	};
	Suite *s = suite_create("health");
	TCase *c = tcase_create("health");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(c, set_up, NULL);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(c, tests[i]);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
