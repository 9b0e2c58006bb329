/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inner packets written out by RFC 791, RFC 8200, RFC 792, RFC 4443 and RFC 6275; truncations. */
#include "dataplane/esp/inner.h"
#include "platform/base/ip.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/hex.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

#define V6_ADDRS "fd000001000000000000000000000001fd000002000000000000000000000001"

enum { FRAGMENT = 1, LATER = 2, DF = 4, PORTS = 8, TYPE = 16 };

struct inner_case {
	const char *packet;
	uint8_t family, tos, protocol, flow_protocol;
	unsigned flags;
	uint16_t src_port, dst_port;
	size_t len;
};

static const struct inner_case good[] = {
	/* UDP 1000 -> 53 */
	{"45b8001c 00000000 40110000 0a010001 0a020001 03e80035 00080000", 4, 0xb8, 17, 17, PORTS,
	 1000, 53, 28},
	/* TCP with DF and an IP option; 4 octets of TFC padding behind */
	{"46000020 00004000 40060000 0a010001 0a020001 01010100 0050ffff 00000001 deadbeef", 4, 0,
	 6, 6, DF | PORTS, 80, 65535, 32},
	/* ICMP echo request: type 8, code 0 */
	{"4500001c 00000000 40010000 0a010001 0a020001 08000000 00010001", 4, 0, 1, 1, TYPE, 0x800,
	 0x800, 28},
	/* first fragment, and a later one of the same packet */
	{"4500001c 12342000 40110000 0a010001 0a020001 03e80035 00080000", 4, 0, 17, 17,
	 FRAGMENT | PORTS, 1000, 53, 28},
	{"4500001c 12340001 40110000 0a010001 0a020001 03e80035 00080000", 4, 0, 17, 17,
	 FRAGMENT | LATER, 0, 0, 28},
	/* header only; UDP whose header is cut; GRE */
	{"45000014 00000000 40110000 0a010001 0a020001", 4, 0, 17, 17, 0, 0, 0, 20},
	{"45000017 00000000 40110000 0a010001 0a020001 03e800", 4, 0, 17, 17, 0, 0, 0, 23},
	{"45000018 00000000 402f0000 0a010001 0a020001 03e80035", 4, 0, 47, 47, 0, 0, 0, 24},
	/* IPv6 TCP, traffic class 0xb9 */
	{"6b900000 0004 06 40" V6_ADDRS "00500051", 6, 0xb9, 6, 6, PORTS, 80, 81, 44},
	/* ICMPv6 echo request: type 128 */
	{"60000000 0004 3a 40" V6_ADDRS "80000000", 6, 0, 58, 58, TYPE, 0x8000, 0x8000, 44},
	/* hop-by-hop, routing (24 octets), destination options, then UDP */
	{"60000000 002c 00 40" V6_ADDRS "2b00010400000000"
	 "3c02000000000000fd0000030000000000000000000000ff"
	 "1100010400000000 03e80035",
	 6, 0, 17, 17, PORTS, 1000, 53, 84},
	/* Fragment header: first (M set), later, atomic (RFC 6946) */
	{"60000000 000c 2c 40" V6_ADDRS "1100000100000007 03e80035", 6, 0, 17, 17, FRAGMENT | PORTS,
	 1000, 53, 52},
	{"60000000 000c 2c 40" V6_ADDRS "1100000800000007 03e80035", 6, 0, 17, 17, FRAGMENT | LATER,
	 0, 0, 52},
	{"60000000 000c 2c 40" V6_ADDRS "1100000000000007 03e80035", 6, 0, 17, 17, PORTS, 1000, 53,
	 52},
	/* first fragment that begins with destination options: all fragments agree on 60 only */
	{"60000000 0014 2c 40" V6_ADDRS "3c00000100000007 1100010400000000 03e80035", 6, 0, 17, 60,
	 FRAGMENT | PORTS, 1000, 53, 60},
	{"60000000 000c 2c 40" V6_ADDRS "3c00000800000007 03e80035", 6, 0, 60, 60, FRAGMENT | LATER,
	 0, 0, 52},
	/* AH (24 octets: length field 4), then TCP */
	{"60000000 001c 33 40" V6_ADDRS
	 "0604000000000100000000010000000000000000000000 00 00160017",
	 6, 0, 6, 6, PORTS, 22, 23, 68},
	/* Mobility header: type 5 in its third octet, RFC 6275 section 6.1.1 */
	{"60000000 0008 87 40" V6_ADDRS "3b00050000000000", 6, 0, 135, 135, TYPE, 0x500, 0x500, 48},
	/* no next header; extension header cut off */
	{"60000000 0000 3b 40" V6_ADDRS, 6, 0, 59, 59, 0, 0, 0, 40},
	{"60000000 0004 00 40" V6_ADDRS "11000104", 6, 0, 0, 0, 0, 0, 0, 44},
};

static const char *const bad[] = {
	"",
	"45",
	"35000014 00000000 40110000 0a010001 0a020001", /* version 3 */
	"44000014 00000000 40110000 0a010001 0a020001", /* header of 16 octets */
	"45000013 00000000 40110000 0a010001 0a020001", /* total length below the header */
	"45000015 00000000 40110000 0a010001 0a020001", /* and above the packet */
	"46000014 00000000 40110000 0a010001 0a020001", /* options beyond total length */
	"45000014 00000000 40110000 0a010001 0a0200",
	("60000000 0001 3b 40" V6_ADDRS), /* payload beyond the packet */
	"60000000 0000 3b 40 fd00",
};

START_TEST(test_esp_inner_parse_good)
{
	const struct inner_case *c = &good[_i];
	uint8_t packet[128];
	size_t len = hex_to_bytes(c->packet, packet, sizeof(packet));
	struct esp_inner p;

	ck_assert_int_eq(esp_inner_parse(view_of(packet, len), &p), 0);
	ck_assert_uint_eq(p.family, c->family);
	ck_assert_uint_eq(p.tos, c->tos);
	ck_assert_uint_eq(p.protocol, c->protocol);
	ck_assert_uint_eq(p.flow_protocol, c->flow_protocol);
	ck_assert_int_eq(p.fragment, (c->flags & FRAGMENT) != 0);
	ck_assert_int_eq(p.later, (c->flags & LATER) != 0);
	ck_assert_int_eq(p.df, (c->flags & DF) != 0);
	ck_assert_int_eq(p.has_ports, (c->flags & PORTS) != 0);
	ck_assert_int_eq(p.has_type, (c->flags & TYPE) != 0);
	ck_assert_uint_eq(p.src_port, c->src_port);
	ck_assert_uint_eq(p.dst_port, c->dst_port);
	ck_assert_uint_eq(p.len, c->len);
	ck_assert_ptr_eq(p.src, packet + (c->family == 4 ? 12 : 8));
	ck_assert_ptr_eq(p.dst, packet + (c->family == 4 ? 16 : 24));
}
END_TEST

/* Cut anywhere, a packet is refused: its length does not fit any more. */
START_TEST(test_esp_inner_parse_every_truncation)
{
	uint8_t packet[128];
	size_t len = hex_to_bytes(good[_i].packet, packet, sizeof(packet));
	struct esp_inner p;

	for (size_t n = 0; n < good[_i].len && n < len; n++) {
		uint8_t *exact = mem_dup(packet, n);

		ck_assert_int_eq(esp_inner_parse(view_of(exact, n), &p), ERR_INVALID);
		free(exact);
	}
}
END_TEST

START_TEST(test_esp_inner_parse_bad)
{
	uint8_t packet[128];
	size_t len = hex_to_bytes(bad[_i], packet, sizeof(packet));
	struct esp_inner p;

	ck_assert_int_eq(esp_inner_parse(view_of(packet, len), &p), ERR_INVALID);
}
END_TEST

/* A chain that never ends is followed for a bounded way only. */
START_TEST(test_esp_inner_parse_long_chain)
{
	uint8_t packet[40 + 8 * 100] = {0x60};
	struct esp_inner p;

	packet[4] = (8 * 100) >> 8;
	packet[5] = (8 * 100) & 0xff;
	for (size_t i = 0; i < 100; i++)
		packet[40 + i * 8] = 60;
	packet[6] = 60;
	ck_assert_int_eq(esp_inner_parse(view_of(packet, sizeof(packet)), &p), 0);
	ck_assert_uint_eq(p.protocol, 60);
	ck_assert(!p.has_ports);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_inner");
	TCase *t = tcase_create("inner");

	tcase_add_loop_test(t, test_esp_inner_parse_good, 0, ARRAY_LEN(good));
	tcase_add_loop_test(t, test_esp_inner_parse_every_truncation, 0, ARRAY_LEN(good));
	tcase_add_loop_test(t, test_esp_inner_parse_bad, 0, ARRAY_LEN(bad));
	tcase_add_test(t, test_esp_inner_parse_long_chain);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
