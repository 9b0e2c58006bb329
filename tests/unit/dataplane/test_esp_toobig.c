/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ICMP "too big".  The first octets of the expected answers were made with scapy (IP/ICMP type 3
 * code 4, IPv6/ICMPv6PacketTooBig, checksums computed by it) for packets of 1,600 octets of payload
 * 0 to 199, again and again; the rest quotes the packet.
 */
#include "dataplane/esp/toobig.h"
#include "platform/base/ip.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/hex.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

static const char v4[] = "4500065c000040004011208d0a0100010a02000103e8000706480000";
static const char v4_answer[] = "45c0024000000000400163f90a0200010a0100010304652500000514";
static const char v6[] = "6000000006481140fd000001000000000000000000000001"
			 "fd00000200000000000000000000000103e8000706480000";
static const char v6_answer[] = "6000000004d83a40fd000002000000000000000000000001"
				"fd000001000000000000000000000001020088c900000514";

static struct view build(const char *head, uint8_t *packet, struct esp_inner *p)
{
	size_t len = hex_to_bytes(head, packet, 64);

	for (size_t i = 0; i < 1600; i++)
		packet[len + i] = (uint8_t)(i % 200);
	ck_assert_int_eq(esp_inner_parse(view_of(packet, len + 1600), p), 0);
	ck_assert_uint_eq(p->len, len + 1600);
	return view_of(packet, len + 1600);
}

static void answered(const char *head, const char *answer, size_t quote)
{
	uint8_t packet[1700], out[ESP_TOO_BIG_MAX], expected[64];
	struct esp_inner p;
	struct view v = build(head, packet, &p);
	size_t len = hex_to_bytes(answer, expected, sizeof(expected));

	ck_assert_uint_eq(esp_too_big(&p, v, 1300, out), len + quote);
	ck_assert_mem_eq(out, expected, len);
	ck_assert_mem_eq(out + len, packet, quote);
}

START_TEST(test_esp_too_big_answer)
{
	answered(v4, v4_answer, 576 - 28);
	answered(v6, v6_answer, 1280 - 48);
}
END_TEST

/* RFC 1122 section 3.2.2 and RFC 4443 section 2.4 (e): when there must be no answer. */
START_TEST(test_esp_too_big_silent)
{
	static const char *const heads[] = {
		"4500065c0000000040112 08d0a0100010a02000103e8000706480000", /* no DF */
		"4500065c0000400040012 08d0a0100010a0200010300000706480000", /* ICMP unreachable */
		"4500065c0000400040012 08d0a0100010a0200010b00000706480000", /* ICMP time exceeded
									      */
		"4500065c0000400040112 08d0a010001e000000103e8000706480000", /* to multicast */
		"4500065c0000400040112 08d000000000a02000103e8000706480000", /* from nobody */
		"4500065c0000400040112 08d7f0000010a02000103e8000706480000", /* from loopback */
		"4500065c0000400040112 08de00000010a02000103e8000706480000", /* from multicast */
		"4500065c0000400140112 08d0a0100010a02000103e8000706480000", /* later fragment */
		("6000000006483a40fd000001000000000000000000000001"
		 "fd0000020000000000000000000000010100000706480000"), /* ICMPv6 error */
		("6000000006481140fd000001000000000000000000000001"
		 "ff02000000000000000000000000000103e8000706480000"),
	};
	uint8_t packet[1700], out[ESP_TOO_BIG_MAX];
	struct esp_inner p;
	struct view v = build(heads[_i], packet, &p);

	ck_assert_uint_eq(esp_too_big(&p, v, 1300, out), 0);
}
END_TEST

/* An echo request is no error, and is answered. */
START_TEST(test_esp_too_big_echo)
{
	uint8_t packet[1700], out[ESP_TOO_BIG_MAX];
	struct esp_inner p;
	struct view v =
		build("4500065c000040004001208d0a0100010a0200010800000706480000", packet, &p);

	ck_assert_uint_gt(esp_too_big(&p, v, 1300, out), 0);
	v = build("6000000006483a40fd000001000000000000000000000001"
		  "fd0000020000000000000000000000018000000706480000",
		  packet, &p);
	ck_assert_uint_gt(esp_too_big(&p, v, 1300, out), 0);
}
END_TEST

/* RFC 8200 section 5: 1280 always passes; IPv4 hosts take 576 (RFC 791). */
START_TEST(test_esp_too_big_limit)
{
	struct esp_inner p4 = {.family = IP_V4}, p6 = {.family = IP_V6};

	ck_assert_uint_eq(esp_too_big_limit(&p4, 1300), 1300);
	ck_assert_uint_eq(esp_too_big_limit(&p4, 500), 576);
	ck_assert_uint_eq(esp_too_big_limit(&p6, 1300), 1300);
	ck_assert_uint_eq(esp_too_big_limit(&p6, 1279), 1280);
	ck_assert_uint_eq(esp_too_big_limit(&p6, 0), 1280);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_toobig");
	TCase *t = tcase_create("toobig");

	tcase_add_test(t, test_esp_too_big_answer);
	tcase_add_loop_test(t, test_esp_too_big_silent, 0, 10);
	tcase_add_test(t, test_esp_too_big_echo);
	tcase_add_test(t, test_esp_too_big_limit);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
