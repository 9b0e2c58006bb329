/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ESP header, padding, trailer and sizes against RFC 4303 section 2 and the figures of RFC 3602. */
#include "dataplane/esp/packet.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/hex.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

static struct esp_transform transform(uint16_t encr, uint16_t integ)
{
	struct ike_suite suite = {.encr = encr, .key_bits = 128, .integ = integ};
	struct esp_transform t;

	ck_assert_int_eq(esp_transform_of(&suite, &t), 0);
	return t;
}

START_TEST(test_esp_header_write)
{
	static const uint8_t expected[] = {0x12, 0x34, 0x56, 0x78, 0x89, 0xab, 0xcd, 0xef};
	uint8_t packet[ESP_HEADER_LEN];

	esp_header_write(packet, 0x12345678, UINT64_C(0x0000000789abcdef));
	ck_assert_mem_eq(packet, expected, sizeof(packet));
}
END_TEST

/* Lengths and endings as RFC 3602 section 4 prints them for AES-CBC (cases 6, 7 and 8), and by RFC
 * 4303 section 2.4 for a block of 4. */
START_TEST(test_esp_trailer_write)
{
	static const struct {
		uint16_t encr, integ;
		uint16_t inner_len;
		uint8_t next;
		const char *ending;
	} cases[] = {
		{12, 2, 28, 1, "01020201"},
		{12, 2, 84, 4, "0102030405060708090a0a04"},
		{12, 2, 68, 4, "0102030405060708090a0a04"},
		{12, 2, 64, 1, "0102030405060708090a0b0c0d0e0e01"},
		{12, 2, 30, 41, "0029"},
		{20, 0, 72, 4, "01020204"},
		{20, 0, 74, 4, "0004"},
		{20, 0, 73, 4, "010104"},
		{20, 0, 75, 41, "0102030329"},
	};
	uint8_t text[128], ending[32];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct esp_transform t = transform(cases[i].encr, cases[i].integ);
		size_t len = cases[i].inner_len;
		size_t ending_len = hex_to_bytes(cases[i].ending, ending, sizeof(ending));

		memset(text, 0xee, sizeof(text));
		ck_assert_uint_eq(esp_trailer_write(&t, text, len, cases[i].next),
				  len + ending_len);
		ck_assert_mem_eq(text + len, ending, ending_len);
		ck_assert_uint_eq(text[len + ending_len], 0xee);
		ck_assert_uint_eq((len + ending_len) % t.block, 0);
		ck_assert_uint_eq(esp_sealed_len(&t, len),
				  8u + t.iv_len + len + ending_len + t.icv_len);
	}
}
END_TEST

START_TEST(test_esp_trailer_read)
{
	static const struct {
		const char *text;
		int rc;
		uint16_t inner_len;
		uint8_t next;
	} cases[] = {
		{"0004", 0, 0, 4},
		{"aabb01020204", 0, 2, 4},
		{"aabb0029", 0, 2, 41},
		{"01020304043b", 0, 0, 59},
		{"", ERR_INVALID, 0, 0},
		{"04", ERR_INVALID, 0, 0},
		{"01020304", ERR_INVALID, 0, 0}, /* pad length 3 of 2 */
		{"ff04", ERR_INVALID, 0, 0},
		{"aabb01030204", ERR_INVALID, 0, 0}, /* not 1, 2, 3, ... */
		{"aabb00000204", ERR_INVALID, 0, 0},
		{"aabb02030204", ERR_INVALID, 0, 0},
	};
	uint8_t text[32];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len = hex_to_bytes(cases[i].text, text, sizeof(text));
		size_t inner_len = 0;
		uint8_t next = 0;

		ck_assert_int_eq(esp_trailer_read(view_of(text, len), &inner_len, &next),
				 cases[i].rc);
		ck_assert_uint_eq(inner_len, cases[i].inner_len);
		ck_assert_uint_eq(next, cases[i].next);
	}
}
END_TEST

/* 255 octets of padding are allowed (RFC 4303 section 2.4). */
START_TEST(test_esp_trailer_read_longest)
{
	uint8_t text[260], next;
	size_t len;

	for (size_t i = 0; i < 255; i++)
		text[3 + i] = (uint8_t)(i + 1);
	text[258] = 255;
	text[259] = 4;
	ck_assert_int_eq(esp_trailer_read(view_of(text, sizeof(text)), &len, &next), 0);
	ck_assert_uint_eq(len, 3);
}
END_TEST

/* Worked out by hand: 20 IP + 8 UDP + 8 ESP + 8 IV + 1400 + 2 + 2 pad + 16 ICV = 1464; with CBC and
 * SHA2-512: 40 + 8 + 8 + 16 + 1408 + 32 = 1512. */
START_TEST(test_esp_overhead)
{
	struct esp_transform gcm = transform(20, 0), cbc = transform(12, 14);

	ck_assert_uint_eq(esp_overhead(&gcm, IP_V4, true, 1400), 64);
	ck_assert_uint_eq(esp_overhead(&gcm, IP_V4, false, 1400), 56);
	ck_assert_uint_eq(esp_overhead(&cbc, IP_V6, true, 1400), 112);
}
END_TEST

/* The inner MTU is exact for each path MTU: it fits, and one octet more does not. */
START_TEST(test_esp_inner_mtu)
{
	static const uint16_t algorithms[][2] = {{20, 0}, {12, 2}, {12, 12}, {12, 13}, {12, 14}};

	for (size_t a = 0; a < ARRAY_LEN(algorithms); a++) {
		struct esp_transform t = transform(algorithms[a][0], algorithms[a][1]);

		for (unsigned variant = 0; variant < 4; variant++) {
			enum ip_family outer = (variant & 1) != 0 ? IP_V6 : IP_V4;
			bool udp = (variant & 2) != 0;

			for (size_t mtu = 200; mtu <= 1520; mtu++) {
				size_t n = esp_inner_mtu(&t, outer, udp, mtu);

				ck_assert_uint_le(n + esp_overhead(&t, outer, udp, n), mtu);
				n++;
				ck_assert_uint_gt(n + esp_overhead(&t, outer, udp, n), mtu);
			}
		}
		ck_assert_uint_eq(esp_inner_mtu(&t, IP_V4, true, 40), 0);
		ck_assert_uint_eq(esp_inner_mtu(&t, IP_V4, true, 0), 0);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_packet");
	TCase *t = tcase_create("packet");

	tcase_add_test(t, test_esp_header_write);
	tcase_add_test(t, test_esp_trailer_write);
	tcase_add_test(t, test_esp_trailer_read);
	tcase_add_test(t, test_esp_trailer_read_longest);
	tcase_add_test(t, test_esp_overhead);
	tcase_add_test(t, test_esp_inner_mtu);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
