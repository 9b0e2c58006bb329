/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Internet checksum: the example of RFC 1071 section 3, and a loop over octets for all lengths. */
#include "dataplane/esp/sum.h"
#include "tests/unit/dataplane/run_suite.h"

#include <string.h>

START_TEST(test_sum_rfc_1071)
{
	static const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
	uint8_t stored[2];

	esp_sum_put(stored, esp_sum_fold(esp_sum(0, data, sizeof(data))));
	ck_assert_uint_eq(stored[0], 0xdd);
	ck_assert_uint_eq(stored[1], 0xf2);
}
END_TEST

static unsigned naive(const uint8_t *data, size_t len)
{
	unsigned long total = 0;

	for (size_t i = 0; i < len; i++)
		total += i % 2 == 0 ? (unsigned long)data[i] << 8 : data[i];
	while (total > 0xffff)
		total = (total & 0xffff) + (total >> 16);
	return (unsigned)total;
}

START_TEST(test_sum_lengths)
{
	uint8_t data[300], stored[2];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(255 - i * 11);
	for (size_t at = 0; at < 4; at++) {
		for (size_t len = 0; len + at <= sizeof(data); len++) {
			esp_sum_put(stored, esp_sum_fold(esp_sum(0, data + at, len)));
			ck_assert_uint_eq((unsigned)stored[0] << 8 | stored[1],
					  naive(data + at, len));
		}
	}
}
END_TEST

/* No carry is lost in the longest packet of the largest octets. */
START_TEST(test_sum_long)
{
	static uint8_t data[65536];

	memset(data, 0xff, sizeof(data));
	ck_assert_uint_eq(esp_sum_fold(esp_sum(0, data, sizeof(data))), 0xffff);
	data[1] = 0xfe;
	ck_assert_uint_ne(esp_sum_fold(esp_sum(0, data, sizeof(data))), 0xffff);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("esp_sum");
	TCase *t = tcase_create("sum");

	tcase_add_test(t, test_sum_rfc_1071);
	tcase_add_test(t, test_sum_lengths);
	tcase_add_test(t, test_sum_long);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
