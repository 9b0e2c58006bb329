/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qcd.c against vectors.py; the payload from the figure of RFC 6290 section 4.1. */
#include "ikev2/payload_notify.h"
#include "ikev2/qcd.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/ikev2/vectors.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

#define SPI_I UINT64_C(0x0123456789abcdef)
#define SPI_R UINT64_C(0xfedcba9876543210)

START_TEST(test_qcd_token)
{
	struct crypto *c = crypto_new();
	uint8_t key[32], token[QCD_TOKEN_LEN], other[QCD_TOKEN_LEN];
	struct secret secret = SECRET_NONE;

	secret_set(&secret, count_up(key, 0, sizeof(key)).data, sizeof(key));
	ck_assert_int_eq(qcd_token_make(c, &secret, SPI_I, SPI_R, token), 0);
	assert_octets(view_of(token, sizeof(token)), V_QCD_TOKEN);
	ck_assert_int_eq(qcd_token_make(c, &secret, SPI_R, SPI_I, other), 0);
	ck_assert_mem_ne(token, other, sizeof(token));
	secret.data[31] ^= 1;
	ck_assert_int_eq(qcd_token_make(c, &secret, SPI_I, SPI_R, other), 0);
	ck_assert_mem_ne(token, other, sizeof(token));
	secret_clear(&secret);
	crypto_free(c);
}
END_TEST

/* Notify body: protocol, SPI size, type, TOKEN_SECRET_DATA of len octets. */
static size_t token_len_of(uint8_t protocol, uint8_t spi_len, uint16_t type, size_t len)
{
	uint8_t body[4 + 8 + 200] = {protocol, spi_len, (uint8_t)(type >> 8), (uint8_t)type};
	struct payload p = {.type = IKE_PAYLOAD_NOTIFY, .body = view_of(body, 4 + spi_len + len)};

	return qcd_token_read(&p).len;
}

START_TEST(test_qcd_read)
{
	for (size_t len = 0; len <= 200; len++)
		ck_assert_uint_eq(token_len_of(1, 0, 16419, len),
				  len >= 16 && len <= 128 ? len : 0);
	ck_assert_uint_eq(token_len_of(0, 0, 16419, 16), 16); /* protocol: read by nobody */
	ck_assert_uint_eq(token_len_of(1, 8, 16419, 16), 0);
	ck_assert_uint_eq(token_len_of(1, 0, 16418, 16), 0);
	ck_assert_uint_eq(token_len_of(1, 3, 16419, 16), 0);
}
END_TEST

START_TEST(test_qcd_write)
{
	static const uint8_t expected[] = {0, 0, 0, 24, 1, 0, 0x40, 0x23};
	uint8_t buf[100], token[QCD_TOKEN_LEN];
	struct message_builder b;
	struct view out;

	memset(token, 0xab, sizeof(token));
	message_chain_start(&b, buf, sizeof(buf));
	payload_notify_write_ike(&b, IKE_N_QUICK_CRASH_DETECTION, view_of(token, sizeof(token)));
	ck_assert_int_eq(message_finish(&b, &out), 0);
	ck_assert_uint_eq(out.len, sizeof(expected) + sizeof(token));
	ck_assert_mem_eq(out.data, expected, sizeof(expected));
	ck_assert_mem_eq(out.data + sizeof(expected), token, sizeof(token));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_qcd_token,
		test_qcd_read,
		test_qcd_write,
	};

	return run_cases("qcd", tests, ARRAY_LEN(tests));
}
