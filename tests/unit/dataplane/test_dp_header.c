/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Outer headers of any backend of dataplane.h: ECN (RFC 6040), DSCP and DF on the way out and in,
 * and ESP that the network takes apart.  Needs root and TUN or a kernel with ESP; exits 77 without.
 *
 * The kernel keeps to RFC 3168 and RFC 4301: it sends CE as ECT(0), knows of what comes in only
 * whether it is CE, and drops nothing.
 */
#include "platform/base/mem.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define ETHERNET 14
#define IPV4_LEN 20
#define DROPPED	 0xff

enum { NOT_ECT, ECT1, ECT0, CE };

static const struct ike_suite gcm = {.encr = 20, .key_bits = 128};
static const char *const ecn_name[] = {"not-ect", "ect1", "ect0", "ce"};

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

/* Bit 0 of a test's number: IPv6 inside; bit 1: IPv6 outside. */
static enum ip_family inside(int i)
{
	return i & 1 ? IP_V6 : IP_V4;
}

static void tunnel(int i)
{
	if (i & 2)
		dp_pair_child_v6(&pair, &gcm, 1);
	else
		dp_pair_child(&pair, &gcm, 1);
}

static uint8_t tos_of(const uint8_t *packet)
{
	return packet[0] >> 4 == 4 ? packet[1] : (uint8_t)((packet[0] & 15) << 4 | packet[1] >> 4);
}

static struct view with_tos(enum ip_family family, uint8_t tos)
{
	(void)dp_packet(out, family, 100, 1000, tos);
	if (family == IP_V4) {
		out[1] = tos;
		dp_packet_fix(out);
	} else {
		out[0] = (uint8_t)(0x60 | tos >> 4);
		out[1] = (uint8_t)(tos << 4);
	}
	return view_of(out, 100);
}

/* From now on the network makes this of each outer header. */
static void network_sets(int i, const char *what)
{
	char command[256];

	(void)snprintf(command, sizeof(command),
		       "nft 'add table inet way; add chain inet way c { type filter hook "
		       "prerouting priority -300; }; flush chain inet way c; "
		       "add rule inet way c udp dport 4500 %s %s'",
		       i & 2 ? "ip6" : "ip", what);
	dp_side_run(&pair.b, command);
}

/* ---- ECN ------------------------------------------------------------------------------------- */

START_TEST(test_ecn_out)
{
	uint8_t frame[1600];

	tunnel(_i);
	for (unsigned i = NOT_ECT; i <= CE; i++) {
		uint8_t ecn = (uint8_t)i;
		uint8_t wanted = dp_pair_is_xfrm() && ecn == CE ? ECT0 : ecn;

		dp_pair_crosses(&pair, &pair.a, &pair.b, with_tos(inside(_i), 0xb8 | ecn));
		ck_assert_uint_ne(dp_side_sniff(&pair, &pair.a, frame, sizeof(frame),
						DP_PAIR_WAIT_MS),
				  0);
		ck_assert_uint_eq(tos_of(frame + ETHERNET), 0xb8 | wanted);
	}
}
END_TEST

/* RFC 6040 figure 4, by inner and outer. */
static const uint8_t rfc6040[4][4] = {
	[NOT_ECT] = {[NOT_ECT] = NOT_ECT, [ECT0] = NOT_ECT, [ECT1] = NOT_ECT, [CE] = DROPPED},
	[ECT0] = {[NOT_ECT] = ECT0, [ECT0] = ECT0, [ECT1] = ECT1, [CE] = CE},
	[ECT1] = {[NOT_ECT] = ECT1, [ECT0] = ECT1, [ECT1] = ECT1, [CE] = CE},
	[CE] = {[NOT_ECT] = CE, [ECT0] = CE, [ECT1] = CE, [CE] = CE},
};

static uint8_t ecn_behind(uint8_t inner, uint8_t outer)
{
	if (!dp_pair_is_xfrm())
		return rfc6040[inner][outer];
	return inner != NOT_ECT && outer == CE ? CE : inner;
}

/* All that the network can do to each packet; everything else of it stays. */
START_TEST(test_ecn_in)
{
	char what[32];

	tunnel(_i);
	for (unsigned i = NOT_ECT; i <= CE; i++) {
		uint8_t outer = (uint8_t)i;

		(void)snprintf(what, sizeof(what), "ecn set %s", ecn_name[outer]);
		network_sets(_i, what);
		for (unsigned k = NOT_ECT; k <= CE; k++) {
			uint8_t inner = (uint8_t)k;
			uint8_t wanted = ecn_behind(inner, outer);
			struct view sent = with_tos(inside(_i), 0x28 | inner);
			size_t n;

			if (wanted == DROPPED) {
				dp_pair_stays_out(&pair, &pair.a, &pair.b, sent);
				ck_assert_uint_eq(dp_side_child(&pair.b, 1).malformed_drops, 1);
				continue;
			}
			dp_side_send(&pair.a, 1, sent);
			n = dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_WAIT_MS);
			ck_assert_uint_eq(n, sent.len);
			ck_assert_msg(tos_of(in) == (0x28 | wanted), "%s in, %s outside: %02x",
				      ecn_name[inner], ecn_name[outer], tos_of(in));
			(void)with_tos(inside(_i), 0x28 | wanted);
			ck_assert_mem_eq(in + 12, out + 12, 4); /* IPv4: behind the checksum */
			if (inside(_i) == IP_V4)
				ck_assert_mem_eq(in, out, IPV4_LEN); /* with the checksum */
		}
	}
}
END_TEST

/* ---- DSCP ------------------------------------------------------------------------------------ */

/* Copied outwards; what the network made of it stays outside. */
START_TEST(test_dscp)
{
	uint8_t frame[1600];

	tunnel(_i);
	network_sets(_i, "dscp set cs1");
	for (unsigned dscp = 0; dscp < 64; dscp += 5) {
		dp_pair_crosses(&pair, &pair.a, &pair.b,
				with_tos(inside(_i), (uint8_t)(dscp << 2)));
		ck_assert_uint_ne(dp_side_sniff(&pair, &pair.a, frame, sizeof(frame),
						DP_PAIR_WAIT_MS),
				  0);
		ck_assert_uint_eq(tos_of(frame + ETHERNET), dscp << 2);
	}
}
END_TEST

/* ---- Fragments ------------------------------------------------------------------------------- */

/* A frame of a's with this inner packet, which b does not get by itself. */
static size_t kept_frame(struct view packet, uint8_t *frame, size_t cap)
{
	size_t n;

	dp_side_run(&pair.b, "nft 'add table inet hold; add chain inet hold c { type filter hook "
			     "prerouting priority -500; }; add rule inet hold c udp dport 4500 "
			     "drop'");
	dp_pair_stays_out(&pair, &pair.a, &pair.b, packet);
	n = dp_side_sniff(&pair, &pair.a, frame, cap, DP_PAIR_WAIT_MS);
	ck_assert_uint_ne(n, 0);
	dp_side_run(&pair.b, "nft delete table inet hold");
	frame[ETHERNET + IPV4_LEN + 6] = frame[ETHERNET + IPV4_LEN + 7] = 0; /* UDP checksum */
	return n;
}

/* Octets [at, at + len) of the datagram in frame as a fragment. */
static void inject_fragment(const uint8_t *frame, size_t n, size_t at, size_t len, uint16_t id)
{
	uint8_t piece[1600];
	uint8_t *ip = piece + ETHERNET;
	size_t total = n - ETHERNET - IPV4_LEN;
	struct writer w = writer_of(ip, IPV4_LEN);

	if (len > total - at)
		len = total - at;
	memcpy(piece, frame, ETHERNET + IPV4_LEN);
	memcpy(ip + IPV4_LEN, frame + ETHERNET + IPV4_LEN + at, len);
	writer_u16(&w, 0x4500);
	writer_u16(&w, (uint16_t)(IPV4_LEN + len));
	writer_u16(&w, id);
	writer_u16(&w, (uint16_t)((at + len < total ? 0x2000 : 0) | at / 8));
	dp_packet_fix(ip);
	dp_side_inject(&pair.a, view_of(piece, ETHERNET + IPV4_LEN + len));
}

static const struct {
	size_t size; /* of each fragment */
	bool backwards;
	bool hole; /* one of them is lost */
} breaks[] = {
	{552, false, false}, {552, true, false}, {8, false, false},
	{8, true, false},    {8, false, true},	 {552, false, true},
};

/* ESP that was fragmented on the way, even into the tiniest pieces, arrives when all of them do. */
START_TEST(test_fragments)
{
	uint8_t frame[1600], expected[1300];
	size_t size = breaks[_i].size, n, pieces, got;

	dp_pair_child(&pair, &gcm, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	while (dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), 0) != 0)
		;
	(void)dp_packet(expected, IP_V4, sizeof(expected), 1000, 3);
	n = kept_frame(view_of(expected, sizeof(expected)), frame, sizeof(frame));
	pieces = (n - ETHERNET - IPV4_LEN + size - 1) / size;
	for (size_t i = 0; i < pieces; i++) {
		size_t which = breaks[_i].backwards ? pieces - 1 - i : i;

		if (!breaks[_i].hole || which != 1)
			inject_fragment(frame, n, which * size, size, 77);
	}
	got = dp_side_receive(&pair, &pair.b, 1, in, sizeof(in),
			      breaks[_i].hole ? DP_PAIR_QUIET_MS : DP_PAIR_WAIT_MS);
	ck_assert_uint_eq(got, breaks[_i].hole ? 0 : sizeof(expected));
	ck_assert_mem_eq(in, expected, got);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
}
END_TEST

/* Fragments that overlap are an attack: nothing of them comes through, and the next one does. */
START_TEST(test_overlapping_fragments)
{
	uint8_t frame[1600];
	size_t n;

	dp_pair_child(&pair, &gcm, 1);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 1));
	while (dp_side_sniff(&pair, &pair.a, frame, sizeof(frame), 0) != 0)
		;
	n = kept_frame(dp_packet(out, IP_V4, 1300, 1000, 3), frame, sizeof(frame));
	inject_fragment(frame, n, 0, 800, 78);
	inject_fragment(frame, n, 400, 480, 78);
	inject_fragment(frame, n, 800, 2000, 78);
	ck_assert_uint_eq(dp_side_receive(&pair, &pair.b, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
	dp_pair_crosses(&pair, &pair.a, &pair.b, dp_packet(out, IP_V4, 100, 1000, 2));
}
END_TEST

/* Inner fragments belong to the tunnel as well as whole packets. */
START_TEST(test_inner_fragments)
{
	static const uint16_t offsets[] = {0x2000, 0x2001, 0x0002};

	dp_pair_child(&pair, &gcm, 1);
	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		(void)dp_packet(out, IP_V4, IPV4_LEN + 8, 1000, 1);
		out[6] = (uint8_t)(offsets[i] >> 8);
		out[7] = (uint8_t)offsets[i];
		dp_packet_fix(out);
		dp_pair_crosses(&pair, &pair.a, &pair.b, view_of(out, IPV4_LEN + 8));
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dp_header");
	TCase *t = tcase_create(dp_pair_is_xfrm() ? "xfrm" : "userspace");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, test_ecn_out, 0, 4);
	tcase_add_loop_test(t, test_ecn_in, 0, 4);
	tcase_add_loop_test(t, test_dscp, 0, 4);
	tcase_add_loop_test(t, test_fragments, 0, ARRAY_LEN(breaks));
	tcase_add_test(t, test_overlapping_fragments);
	tcase_add_test(t, test_inner_fragments);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return dp_pair_can_run() ? run_suite(suite()) : DP_PAIR_SKIPPED;
}
