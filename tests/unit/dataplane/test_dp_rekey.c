/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rekeying, and changes under load, of any backend of dataplane.h: not one packet may be lost.
 * Needs root and TUN; exits 77 without.
 */
#include "platform/base/mem.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#define GCM (&(const struct ike_suite){.encr = 20, .key_bits = 128})

static struct dp_pair pair;
static uint8_t out[2048], in[2048];

static void set_up(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(dp_pair_open(&pair, dp_pair_backend(), &e), "%s", e.text);
	dp_side_site(&pair.a, 1);
	dp_side_site(&pair.b, 1);
}

static void tear_down(void)
{
	dp_pair_close(&pair);
}

/* ---- Rekeying -------------------------------------------------------------------------------- */

/* RFC 7296 section 2.8: b, the responder of the rekeying, sends on the new SA only when a does. */
START_TEST(test_child_rekey_steps)
{
	const struct dp_pair_event *ev;
	struct ike_child_install install;

	dp_pair_child(&pair, GCM, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	install = dp_side_install(&pair.b, &pair.a, GCM, 2, 0xb2, 0xa2);
	install.outbound_now = false;
	install.replaces = 1;
	dp_side_add(&pair.b, 1, &install);
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 2));
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 3));
	ck_assert_uint_eq(dp_side_child(&pair.b, 2).tx_packets, 0);
	install = dp_side_install(&pair.a, &pair.b, GCM, 2, 0xa2, 0xb2);
	install.replaces = 1;
	dp_side_add(&pair.a, 1, &install);
	ck_assert_ptr_null(dp_side_event(&pair, &pair.b, 0, DP_PAIR_QUIET_MS));
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 4));
	ev = dp_side_event(&pair, &pair.b, 0, DP_PAIR_WAIT_MS);
	ck_assert_ptr_nonnull(ev);
	ck_assert_int_eq(ev->type, ON_USED);
	ck_assert_uint_eq(ev->id, 2);
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 5));
	ck_assert_uint_eq(dp_side_child(&pair.b, 2).tx_packets, 1);
	ck_assert_uint_eq(dp_side_child(&pair.a, 2).tx_packets, 1);
	pair.a.dp->ops->child_remove(pair.a.dp, 1);
	pair.b.dp->ops->child_remove(pair.b.dp, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 6));
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 7));
	ck_assert_uint_eq(pair.b.event_count, 1);
	ck_assert_uint_eq(pair.a.event_count, 0);
}
END_TEST

/* Without the new SA the older one sends again; without any, nothing does. */
START_TEST(test_child_remove)
{
	dp_pair_child(&pair, GCM, 1);
	dp_pair_child(&pair, GCM, 2);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	ck_assert_uint_eq(dp_side_child(&pair.a, 2).tx_packets, 1);
	pair.a.dp->ops->child_remove(pair.a.dp, 2);
	dp_pair_run(&pair, 200); /* its memory is gone */
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, 1);
	pair.a.dp->ops->child_remove(pair.a.dp, 1);
	dp_pair_run(&pair, 200);
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 3));
	/* and inbound, the SPI is not known any more */
	dp_pair_stays_out(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 4));
	ck_assert_uint_eq(dp_side_counter(&pair.a, "rx_unknown_spi"), 1);
}
END_TEST

/* The engine may order the switch before any packet came. */
START_TEST(test_child_update_outbound_now)
{
	struct ike_child_install install = dp_side_install(&pair.a, &pair.b, GCM, 1, 0xa1, 0xb1);
	struct ike_child_update update = {.child = 1,
					  .local = pair.a.v4,
					  .remote = pair.b.v4,
					  .udp_encap = true,
					  .outbound_now = true};
	struct err_msg e = {.text = ""};

	install.outbound_now = false;
	dp_side_add(&pair.a, 1, &install);
	install = dp_side_install(&pair.b, &pair.a, GCM, 1, 0xb1, 0xa1);
	dp_side_add(&pair.b, 1, &install);
	dp_pair_stays_out(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	ck_assert_msg(pair.a.dp->ops->child_update(pair.a.dp, &update, &e) == 0, "%s", e.text);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
}
END_TEST

/* Of two that may be sent on, the last one that the engine named: when both sides begin at once the
 * newer IKE SA may be the one that goes, and its inbound SA stays for stragglers. */
START_TEST(test_child_update_back_to_the_older)
{
	struct ike_child_update update = {.local = pair.a.v4,
					  .remote = pair.b.v4,
					  .udp_encap = true,
					  .outbound_now = true};
	static const uint32_t order[] = {1, 2, 1};
	struct err_msg e = {.text = ""};

	for (uint32_t child = 1; child <= 3; child++)
		dp_pair_child(&pair, GCM, child);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct dp_child_counters before = dp_side_child(&pair.b, order[i]);

		update.child = order[i];
		ck_assert_msg(pair.a.dp->ops->child_update(pair.a.dp, &update, &e) == 0, "%s",
			      e.text);
		dp_pair_crosses(&pair, &pair.a, &pair.b,
				dp_packet(out, IP_V4, 100, 1000, (uint8_t)i));
		ck_assert_uint_eq(dp_side_child(&pair.b, order[i]).rx_packets,
				  before.rx_packets + 1);
	}
	/* What comes in on another one changes nothing. */
	dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V4, 100, 1000, 10));
	ck_assert_uint_eq(dp_side_child(&pair.b, 3).tx_packets, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 11));
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).tx_packets, 3);
	/* Without it, the newest again. */
	pair.a.dp->ops->child_remove(pair.a.dp, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 12));
}
END_TEST

/* ---- Under load ------------------------------------------------------------------------------ */

#define REKEYS 40

/* Sends numbered packets until told to stop. */
struct traffic {
	const struct dp_side *from;
	atomic_bool stop;
	uint32_t sent;
};

static void *send_traffic(void *arg)
{
	const struct timespec pause = {.tv_nsec = 300000};
	struct traffic *t = arg;
	uint8_t packet[200];

	(void)dp_packet(packet, IP_V4, sizeof(packet), 1000, 0);
	while (!atomic_load(&t->stop)) {
		memcpy(packet + 28, &t->sent, sizeof(t->sent));
		dp_side_send(t->from, 1, view_of(packet, sizeof(packet)));
		t->sent++;
		(void)nanosleep(&pause, NULL);
	}
	return NULL;
}

/* The old SA has nothing under way any more. */
static void wait_for_stragglers(const struct dp_side *from, const struct dp_side *to,
				uint32_t child)
{
	for (int i = 0; i < 500; i++) {
		dp_pair_run(&pair, 5);
		if (dp_side_child(from, child).tx_packets == dp_side_child(to, child).rx_packets)
			return;
	}
	ck_abort_msg("packets of child %u were lost", child);
}

static void rekey(uint32_t old, uint32_t new)
{
	struct ike_child_install install =
		dp_side_install(&pair.b, &pair.a, GCM, new, 0xb0000 + new, 0xa0000 + new);

	install.outbound_now = false;
	dp_side_add(&pair.b, 1, &install);
	install = dp_side_install(&pair.a, &pair.b, GCM, new, 0xa0000 + new, 0xb0000 + new);
	dp_side_add(&pair.a, 1, &install);
	ck_assert_ptr_nonnull(dp_side_event(&pair, &pair.b, old - 1, DP_PAIR_WAIT_MS));
	wait_for_stragglers(&pair.a, &pair.b, old);
	wait_for_stragglers(&pair.b, &pair.a, old);
	pair.a.dp->ops->child_remove(pair.a.dp, old);
	pair.b.dp->ops->child_remove(pair.b.dp, old);
}

/* Every number from 0 to count - 1, in order; the kernel's processors may overtake each other at a
 * change of SA. */
static void all_arrived(struct dp_side *s, uint32_t count)
{
	uint32_t number, late = UINT32_MAX;

	for (uint32_t i = 0, next = 0; i < count; i++) {
		ck_assert_uint_eq(dp_side_receive(&pair, s, 1, in, sizeof(in), DP_PAIR_WAIT_MS),
				  200);
		memcpy(&number, in + 28, sizeof(number));
		if (number == late) {
			late = UINT32_MAX;
			continue;
		}
		if (number == next + 1 && late == UINT32_MAX && dp_pair_is_xfrm())
			late = next++;
		ck_assert_uint_eq(number, next);
		next++;
	}
	ck_assert_uint_eq(late, UINT32_MAX);
}

START_TEST(test_rekey_under_traffic)
{
	struct traffic to_b = {.from = &pair.a}, to_a = {.from = &pair.b};
	pthread_t threads[2];

	dp_pair_child(&pair, GCM, 1);
	ck_assert_int_eq(pthread_create(&threads[0], NULL, send_traffic, &to_b), 0);
	ck_assert_int_eq(pthread_create(&threads[1], NULL, send_traffic, &to_a), 0);
	for (uint32_t i = 1; i <= REKEYS; i++)
		rekey(i, i + 1);
	atomic_store(&to_b.stop, true);
	atomic_store(&to_a.stop, true);
	ck_assert_int_eq(pthread_join(threads[0], NULL), 0);
	ck_assert_int_eq(pthread_join(threads[1], NULL), 0);
	ck_assert_uint_gt(to_b.sent, REKEYS);
	all_arrived(&pair.b, to_b.sent);
	all_arrived(&pair.a, to_a.sent);
	for (uint32_t i = 0; i < pair.b.event_count; i++)
		ck_assert_int_eq(pair.b.events[i].type, ON_USED);
	ck_assert_uint_eq(pair.b.event_count, REKEYS);
}
END_TEST

/* Removing and adding whole sites while packets come in for them. */
START_TEST(test_churn_under_traffic)
{
	struct traffic to_b = {.from = &pair.a};
	struct err_msg e = {.text = ""};
	pthread_t thread;

	dp_pair_child(&pair, GCM, 1);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_traffic, &to_b), 0);
	for (uint32_t i = 0; i < 20; i++) {
		struct ike_child_install install =
			dp_side_install(&pair.b, &pair.a, GCM, 1, 0xb0001, 0xa0001);

		pair.b.dp->ops->site_remove(pair.b.dp, 1);
		dp_pair_run(&pair, 3);
		ck_assert_int_eq(setns(pair.b.ns, CLONE_NEWNET), 0);
		ck_assert_msg(pair.b.dp->ops->site_add(pair.b.dp, 1, &e) == 0, "%s", e.text);
		dp_side_add(&pair.b, 1, &install);
		dp_pair_run(&pair, 3);
	}
	atomic_store(&to_b.stop, true);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_uint_gt(dp_side_counter(&pair.b, "rx_unknown_spi"), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dp_rekey");
	TCase *t = tcase_create(dp_pair_is_xfrm() ? "xfrm" : "userspace");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, test_child_rekey_steps);
	tcase_add_test(t, test_child_remove);
	tcase_add_test(t, test_child_update_outbound_now);
	tcase_add_test(t, test_child_update_back_to_the_older);
	tcase_add_test(t, test_rekey_under_traffic);
	tcase_add_test(t, test_churn_under_traffic);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return dp_pair_can_run() ? run_suite(suite()) : DP_PAIR_SKIPPED;
}
