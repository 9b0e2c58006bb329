/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ECN on decapsulation against the table of RFC 6040 section 4.2, cell by cell. */
#include "dataplane/esp/ecn.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/dp_packet.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

#define DROP 0xff

/* RFC 3168 code points. */
enum { NOT_ECT = 0, ECT1 = 1, ECT0 = 2, CE = 3 };

/* Figure 4: rows inner, columns outer Not-ECT, ECT(0), ECT(1), CE. */
static const uint8_t figure4[4][5] = {
	{NOT_ECT, NOT_ECT, NOT_ECT, NOT_ECT, DROP},
	{ECT0, ECT0, ECT0, ECT1, CE},
	{ECT1, ECT1, ECT1, ECT1, CE},
	{CE, CE, CE, CE, CE},
};
static const uint8_t columns[] = {NOT_ECT, ECT0, ECT1, CE};

START_TEST(test_esp_ecn_outer)
{
	for (unsigned tos = 0; tos < 256; tos++)
		ck_assert_uint_eq(esp_ecn_outer((uint8_t)tos), tos);
}
END_TEST

static void set_tos(uint8_t *packet, enum ip_family family, uint8_t tos)
{
	if (family == IP_V4) {
		packet[1] = tos;
		dp_packet_fix(packet);
	} else {
		packet[0] = (uint8_t)(0x60 | tos >> 4);
		packet[1] = (uint8_t)(tos << 4 | (packet[1] & 15));
	}
}

START_TEST(test_esp_ecn_decapsulate)
{
	enum ip_family family = _i == 0 ? IP_V4 : IP_V6;
	uint8_t packet[64], expected[64];
	struct esp_inner p;

	for (size_t row = 0; row < 4; row++) {
		for (size_t column = 0; column < 4; column++) {
			for (unsigned dscp = 0; dscp < 64; dscp++) {
				uint8_t tos = (uint8_t)(dscp << 2 | figure4[row][0]);
				uint8_t outer = (uint8_t)((63 - dscp) << 2 | columns[column]);
				uint8_t ecn = figure4[row][column + 1];
				bool kept = ecn != DROP;

				(void)dp_packet(packet, family, sizeof(packet), 1000, 1);
				packet[3] = 0x40; /* IPv6: a flow label that must stay */
				set_tos(packet, family, tos);
				memcpy(expected, packet, sizeof(packet));
				if (kept)
					set_tos(expected, family, (uint8_t)(dscp << 2 | ecn));
				ck_assert_int_eq(esp_inner_parse(view_of(packet, sizeof(packet)),
								 &p),
						 0);
				ck_assert_int_eq(esp_ecn_decapsulate(packet, &p, outer), kept);
				ck_assert_mem_eq(packet, expected, sizeof(packet));
			}
		}
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_ecn");
	TCase *t = tcase_create("ecn");

	tcase_add_test(t, test_esp_ecn_outer);
	tcase_add_loop_test(t, test_esp_ecn_decapsulate, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
