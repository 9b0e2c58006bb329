/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cookie.c and natd.c against vectors.py; RFC 7296 sections 2.6 and 2.23. */
#include "ikev2/cookie.h"
#include "ikev2/natd.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/ikev2/vectors.h"
#include "tests/unit/platform/suite.h"

#define SPI_I UINT64_C(0x0123456789abcdef)
#define SPI_R UINT64_C(0xfedcba9876543210)

START_TEST(test_natd_hash)
{
	struct crypto *c = crypto_new();
	struct ip_endpoint v4 = {ip_addr_v4(0xc0000201), 500}, v6 = {.port = 4500};
	uint8_t out[NATD_HASH_LEN];

	natd_hash(c, SPI_I, SPI_R, &v4, out);
	assert_octets(view_of(out, sizeof(out)), V_NATD_V4);
	ck_assert_int_eq(ip_addr_parse("2001:db8::1", &v6.addr), 0);
	natd_hash(c, SPI_I, SPI_R, &v6, out);
	assert_octets(view_of(out, sizeof(out)), V_NATD_V6);
	crypto_free(c);
}
END_TEST

START_TEST(test_cookie_make_and_check)
{
	struct crypto *c = crypto_new();
	uint8_t ni[32], key[32], cookie[COOKIE_LEN + 1] = {0};
	struct secret secret = SECRET_NONE;
	struct cookie_input in = {.version = 7,
				  .secret = &secret,
				  .ni = count_up(ni, 0x10, sizeof(ni)),
				  .addr = ip_addr_v4(0xc0000201),
				  .spi_i = SPI_I};
	struct cookie_input other;

	secret_set(&secret, count_up(key, 0, sizeof(key)).data, sizeof(key));
	ck_assert_int_eq(cookie_make(c, &in, cookie), 0);
	assert_octets(view_of(cookie, COOKIE_LEN), V_COOKIE);
	ck_assert(cookie_check(c, &in, view_of(cookie, COOKIE_LEN)));
	for (size_t len = 0; len <= COOKIE_LEN + 1; len++)
		ck_assert(cookie_check(c, &in, view_of(cookie, len)) == (len == COOKIE_LEN));
	for (size_t bit = 0; bit < 8 * (size_t)COOKIE_LEN; bit++) {
		cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert(!cookie_check(c, &in, view_of(cookie, COOKIE_LEN)));
		cookie[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	other = in;
	other.version = 8;
	ck_assert(!cookie_check(c, &other, view_of(cookie, COOKIE_LEN)));
	other = in;
	other.spi_i++;
	ck_assert(!cookie_check(c, &other, view_of(cookie, COOKIE_LEN)));
	other = in;
	other.addr = ip_addr_v4(0xc0000202);
	ck_assert(!cookie_check(c, &other, view_of(cookie, COOKIE_LEN)));
	other = in;
	other.ni.len--;
	ck_assert(!cookie_check(c, &other, view_of(cookie, COOKIE_LEN)));
	secret.data[0] ^= 1;
	ck_assert(!cookie_check(c, &in, view_of(cookie, COOKIE_LEN)));
	secret_clear(&secret);
	crypto_free(c);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_natd_hash,
		test_cookie_make_and_check,
	};

	return run_cases("cookie", tests, ARRAY_LEN(tests));
}
