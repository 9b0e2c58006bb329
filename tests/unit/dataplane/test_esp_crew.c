/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several receivers and senders at work on the same SAs: no packet twice, none lost, none out of
 * order, whichever thread has it.  Needs root; exits 77 where it cannot run.
 */
#include "dataplane/esp/userspace.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <linux/if_packet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define THREADS	  6
#define IP_AT	  14
#define UDP_AT	  (IP_AT + 20)
#define ESP_AT	  (UDP_AT + 8)
#define PORTS	  100
#define FLOWS	  5
#define PER_FLOW  200
#define REKEYS	  30
#define IN_FLIGHT 20

static const struct ike_suite gcm = {.encr = 20, .key_bits = 128};
static const struct ike_suite cbc = {.encr = 12, .key_bits = 256, .integ = 12, .esn = true};

static struct dp_pair pair;
static uint8_t out[2048], in[2048];

static struct dataplane *make(struct loop *loop, const struct dp_sockets *sockets,
			      const struct dp_callbacks *callbacks, const struct log *log,
			      struct err_msg *e)
{
	return esp_userspace_new(loop, sockets, callbacks, log, THREADS, e);
}

static void set_up(void)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(dp_pair_open(&pair, make, &e), "%s", e.text);
	dp_side_site(&pair.a, 1);
	dp_side_site(&pair.b, 1);
}

static void tear_down(void)
{
	dp_pair_close(&pair);
}

START_TEST(test_crew_crosses)
{
	dp_pair_child(&pair, _i == 0 ? &gcm : &cbc, 1);
	for (uint16_t port = 1000; port < 1010; port++) {
		dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, port, 1));
		dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, 100, port, 2));
	}
}
END_TEST

static void from_port(uint8_t *frame, uint16_t port)
{
	frame[UDP_AT] = (uint8_t)(port >> 8);
	frame[UDP_AT + 1] = (uint8_t)port;
	frame[UDP_AT + 6] = frame[UDP_AT + 7] = 0; /* no checksum */
}

/* What really comes from the peer gets lost. */
static void drop_port_4500(const struct dp_side *s)
{
	dp_side_run(s, "nft add table ip t && nft 'add chain ip t c { type filter hook input "
		       "priority 0; }' && nft add rule ip t c udp sport 4500 drop");
}

/* The same ESP packet from many ports comes to all receivers: one takes it. */
START_TEST(test_crew_replay)
{
	uint8_t frame[1600];
	size_t n;

	dp_pair_child(&pair, _i == 0 ? &gcm : &cbc, 1);
	drop_port_4500(&pair.b);
	dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, 1));
	n = dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), DP_PAIR_WAIT_MS);
	ck_assert_uint_ne(n, 0);
	for (uint16_t port = 2000; port < 2000 + PORTS; port++) {
		from_port(frame, port);
		dp_side_inject(&pair.a, view_of(frame, n));
	}
	while (dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS) != 0)
		;
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, 1);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).replay_drops, PORTS - 1);
}
END_TEST

/* Packets of one SA that come from many ports: each is taken, and counted, once. */
START_TEST(test_crew_many_ports)
{
	static uint8_t frames[PORTS][400];
	size_t len[PORTS], got = 0;

	dp_pair_child(&pair, _i == 0 ? &gcm : &cbc, 1);
	drop_port_4500(&pair.b);
	for (size_t i = 0; i < PORTS; i++) {
		dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, (uint8_t)i));
		len[i] = dp_side_sniff(&pair, &pair.a, frames[i], sizeof(frames[i]),
				       DP_PAIR_WAIT_MS);
		ck_assert_uint_ne(len[i], 0);
		from_port(frames[i], (uint16_t)(2000 + i));
	}
	for (size_t i = 0; i < PORTS; i++)
		dp_side_inject(&pair.a, view_of(frames[i], len[i]));
	while (got < PORTS &&
	       dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_WAIT_MS) == 100)
		got++;
	ck_assert_uint_eq(got, PORTS);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_packets, PORTS);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).rx_bytes, PORTS * 100u);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).replay_drops, 0);
}
END_TEST

/* Each flow's packets come out in the order in which they went in. */
START_TEST(test_crew_order)
{
	unsigned next[FLOWS] = {0}, got = 0;

	dp_pair_child(&pair, _i == 0 ? &gcm : &cbc, 1);
	/* while it looks for a neighbour, the kernel drops the oldest packets */
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	for (unsigned i = 0; i < PER_FLOW; i++) {
		for (uint16_t flow = 0; flow < FLOWS; flow++)
			dp_side_send(&pair.a, 1,
				     dp_packet(out, IP_V4, 60 + flow, (uint16_t)(1000 + flow),
					       (uint8_t)i));
	}
	while (got < FLOWS * PER_FLOW) {
		size_t n = dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_WAIT_MS);
		unsigned flow = (unsigned)n - 60;

		ck_assert_uint_ge(n, 60);
		ck_assert_uint_lt(flow, FLOWS);
		ck_assert_uint_eq(in[28], next[flow] & 0xff);
		next[flow]++;
		got++;
	}
}
END_TEST

/* The receiver first, as the protocol has it (RFC 7296 section 2.8). */
static void rekey(const struct ike_suite *s, uint32_t child)
{
	uint32_t at_a = 0xa0000 + child, at_b = 0xb0000 + child;
	struct ike_child_install install = dp_side_install(&pair.b, &pair.a, s, child, at_b, at_a);

	dp_side_add(&pair.b, 1, &install);
	install = dp_side_install(&pair.a, &pair.b, s, child, at_a, at_b);
	dp_side_add(&pair.a, 1, &install);
}

/* SAs come and go while all threads are at work on them: nothing is lost, nothing comes twice. */
START_TEST(test_crew_rekey_under_traffic)
{
	unsigned sent = 0, got = 0;
	size_t n;

	dp_pair_child(&pair, _i == 0 ? &gcm : &cbc, 1);
	for (uint32_t child = 2; child <= REKEYS; child++) {
		for (unsigned i = 0; i < IN_FLIGHT; i++, sent++)
			dp_side_send(&pair.a, 1,
				     dp_packet(out, i % 2 == 0 ? IP_V4 : IP_V6, 100,
					       (uint16_t)(1000 + i), (uint8_t)i));
		rekey(_i == 0 ? &gcm : &cbc, child);
		while (got < sent) {
			n = dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_WAIT_MS);
			ck_assert_msg(n == 100, "%u of %u arrived", got, sent);
			got++;
		}
		pair.a.dp->ops->child_remove(pair.a.dp, child - 1);
		pair.b.dp->ops->child_remove(pair.b.dp, child - 1);
	}
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
	ck_assert_uint_eq(dp_side_counter(&pair.b, "rx_unknown_spi"), 0);
	ck_assert_uint_eq(dp_side_counter(&pair.b, "rx_replay"), 0);
}
END_TEST

/* Either side may send in UDP or without: both must be understood (RFC 7296 section 2.23), and
 * nobody has moved because of it. */
START_TEST(test_crew_udp_and_raw)
{
	struct ike_child_install install =
		dp_side_install(&pair.a, &pair.b, _i == 0 ? &gcm : &cbc, 1, 0xa1, 0xb1);

	install.udp_encap = false;
	install.local.port = install.remote.port = 500;
	dp_side_add(&pair.a, 1, &install);
	install = dp_side_install(&pair.b, &pair.a, _i == 0 ? &gcm : &cbc, 1, 0xb1, 0xa1);
	dp_side_add(&pair.b, 1, &install);
	for (uint8_t i = 0; i < 20; i++) {
		dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, i));
		dp_pair_crosses(&pair, &pair.b, &pair.a, dp_packet(out, IP_V6, 100, 1000, i));
	}
	ck_assert_ptr_null(dp_side_event(&pair, &pair.a, 0, DP_PAIR_QUIET_MS));
	ck_assert_ptr_null(dp_side_event(&pair, &pair.b, 0, DP_PAIR_QUIET_MS));
	ck_assert_uint_eq(dp_side_child(&pair.a, 1).replay_drops, 0);
	ck_assert_uint_eq(dp_side_child(&pair.b, 1).replay_drops, 0);
}
END_TEST

#define RAW_SAS	     9
#define RAW_EACH     40
#define RAW_REPLAYED 20

/* A side's next ESP frame without UDP that it sent. */
static size_t sniff_raw(const struct dp_side *s, uint8_t *frame, size_t cap)
{
	struct sockaddr_ll from = {.sll_family = AF_PACKET};
	socklen_t from_len = sizeof(from);
	ssize_t n;

	while ((n = recvfrom(s->wire, frame, cap, MSG_DONTWAIT, (struct sockaddr *)&from,
			     &from_len)) > 0) {
		if (from.sll_pkttype == PACKET_OUTGOING && n > ESP_AT && frame[12] == 8 &&
		    frame[IP_AT + 9] == IPPROTO_ESP)
			return (size_t)n;
	}
	return 0;
}

/* Many SAs of raw ESP, spread over the receivers: all arrives, once, in order, and what comes again
 * is refused whichever thread has it. */
START_TEST(test_crew_raw_spread)
{
	uint8_t frame[1600];
	size_t len = 0, n;

	for (uint32_t i = 0; i < RAW_SAS; i++) {
		struct ike_child_install install =
			dp_side_install(&pair.a, &pair.b, _i == 0 ? &gcm : &cbc, 1 + i, 0xa1 + i,
					0xb1 + i);

		install.udp_encap = false;
		dp_side_add(&pair.a, 1, &install);
		install = dp_side_install(&pair.b, &pair.a, _i == 0 ? &gcm : &cbc, 1 + i, 0xb1 + i,
					  0xa1 + i);
		install.udp_encap = false;
		dp_side_add(&pair.b, 1, &install);
		for (unsigned k = 0; k < RAW_EACH; k++)
			dp_side_send(&pair.a, 1, dp_packet(out, IP_V4, 100, 1000, (uint8_t)k));
		for (unsigned k = 0; k < RAW_EACH; k++) {
			ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in),
							  DP_PAIR_WAIT_MS),
					  100);
			ck_assert_uint_eq(in[28], k);
		}
		while ((n = sniff_raw(&pair.a, frame, sizeof(frame))) != 0)
			len = n;
		ck_assert_uint_ne(len, 0);
		for (unsigned k = 0; k < RAW_REPLAYED; k++)
			dp_side_inject(&pair.a, view_of(frame, len));
		ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in),
						  DP_PAIR_QUIET_MS),
				  0);
		ck_assert_uint_eq(dp_side_child(&pair.b, 1 + i).rx_packets, RAW_EACH);
		ck_assert_uint_eq(dp_side_child(&pair.b, 1 + i).replay_drops, RAW_REPLAYED);
		while (sniff_raw(&pair.a, frame, sizeof(frame)) != 0)
			; /* the injected ones */
	}
}
END_TEST

/* What arrives on a raw socket without being ESP of ours is counted. */
START_TEST(test_crew_raw_garbage)
{
	dp_pair_child(&pair, &gcm, 1);
	dp_side_run(&pair.a, "/usr/bin/python3 -c '\n"
			     "import socket\n"
			     "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 50)\n"
			     "for n in range(0, 8): s.sendto(bytes(n), (\"192.0.2.2\", 0))\n"
			     "s.sendto(b\"none of ours\", (\"192.0.2.2\", 0))'");
	dp_pair_run(&pair, DP_PAIR_QUIET_MS);
	ck_assert_uint_eq(dp_side_counter(&pair.b, "rx_short"), 8);
	ck_assert_uint_eq(dp_side_counter(&pair.b, "rx_unknown_spi"), 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
}
END_TEST

/* IKE messages reach the main loop from each receiver. */
START_TEST(test_crew_ike)
{
	const struct dp_pair_event *ev;
	bool seen[50] = {false};
	uint8_t frame[100];

	dp_pair_child(&pair, &gcm, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 48, 1000, 1));
	ck_assert_uint_ge(dp_side_sniff(&pair, &pair.a, in, sizeof(in), DP_PAIR_WAIT_MS), 100);
	memcpy(frame, in, sizeof(frame));
	frame[IP_AT + 2] = 0; /* as long as the buffer */
	frame[IP_AT + 3] = sizeof(frame) - IP_AT;
	frame[UDP_AT + 4] = 0;
	frame[UDP_AT + 5] = sizeof(frame) - UDP_AT;
	dp_packet_fix(frame + IP_AT);
	memset(frame + ESP_AT, 0, 4);
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		from_port(frame, (uint16_t)(3000 + i));
		dp_side_inject(&pair.a, view_of(frame, sizeof(frame)));
	}
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		ev = dp_side_event(&pair, &pair.b, i, DP_PAIR_WAIT_MS);
		ck_assert_ptr_nonnull(ev);
		ck_assert_int_eq(ev->type, ON_IKE);
		ck_assert_uint_eq(ev->len, sizeof(frame) - ESP_AT);
		ck_assert(!seen[ev->remote.port - 3000]);
		seen[ev->remote.port - 3000] = true;
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_crew");
	TCase *t = tcase_create("crew");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, test_crew_crosses, 0, 2);
	tcase_add_loop_test(t, test_crew_replay, 0, 2);
	tcase_add_loop_test(t, test_crew_many_ports, 0, 2);
	tcase_add_loop_test(t, test_crew_order, 0, 2);
	tcase_add_loop_test(t, test_crew_rekey_under_traffic, 0, 2);
	tcase_add_loop_test(t, test_crew_udp_and_raw, 0, 2);
	tcase_add_loop_test(t, test_crew_raw_spread, 0, 2);
	tcase_add_test(t, test_crew_raw_garbage);
	tcase_add_test(t, test_crew_ike);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	if (!dp_pair_can_run())
		return DP_PAIR_SKIPPED;
	return run_suite(suite());
}
