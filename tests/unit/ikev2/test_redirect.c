/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notify data of REDIRECT, made from the figure of RFC 5685 section 8.1. */
#include "ikev2/payload_notify.h"
#include "ikev2/redirect.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t by_v4[] = {1, 4, 192, 0, 2, 3, 0xaa, 0xbb};
static const uint8_t by_v6[] = {2, 16, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
static const uint8_t by_name[] = {3, 6, 'g', '2', '.', 'n', 'e', 't', 0xcc};

START_TEST(test_redirect_read)
{
	struct ike_gateway g;
	struct view nonce;
	char text[IKE_GATEWAY_NAME_MAX];

	ck_assert_int_eq(redirect_read(view_of(by_v4, sizeof(by_v4)), &g, &nonce), 0);
	ck_assert_str_eq(gateway_text(&g, text, sizeof(text)), "192.0.2.3");
	ck_assert_uint_eq(nonce.len, 2);
	ck_assert_uint_eq(nonce.data[0], 0xaa);
	ck_assert_int_eq(redirect_read(view_of(by_v6, sizeof(by_v6)), &g, &nonce), 0);
	ck_assert_str_eq(gateway_text(&g, text, sizeof(text)), "2001:db8::1");
	ck_assert_uint_eq(nonce.len, 0);
	ck_assert_int_eq(redirect_read(view_of(by_name, sizeof(by_name)), &g, &nonce), 0);
	ck_assert_str_eq(gateway_text(&g, text, sizeof(text)), "g2.net");
	ck_assert_uint_eq(nonce.len, 1);
}
END_TEST

START_TEST(test_redirect_write)
{
	const struct {
		const uint8_t *data;
		size_t len;
	} all[] = {{by_v4, sizeof(by_v4)}, {by_v6, sizeof(by_v6)}, {by_name, sizeof(by_name)}};
	uint8_t buf[512];

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct writer w = writer_of(buf, sizeof(buf));
		struct ike_gateway g;
		struct view nonce;

		ck_assert_int_eq(redirect_read(view_of(all[i].data, all[i].len), &g, &nonce), 0);
		redirect_data(&w, &g, nonce);
		ck_assert_uint_eq(w.len, all[i].len);
		ck_assert_mem_eq(buf, all[i].data, w.len);
	}
}
END_TEST

START_TEST(test_redirect_malformed)
{
	static const uint8_t wrong[][8] = {
		{1, 5, 192, 0, 2, 3, 1},
		{2, 4, 192, 0, 2, 3},
		{0, 4, 192, 0, 2, 3},
		{4, 4, 192, 0, 2, 3},
		{3, 0},
		{3, 2, 'a', ' '},
		{3, 2, 'a', 0x80},
	};
	struct ike_gateway g;
	struct view nonce;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_int_eq(redirect_read(view_of(wrong[i], sizeof(wrong[i])), &g, &nonce),
				 ERR_INVALID);
	for (size_t len = 0; len < 2u + by_name[1]; len++)
		ck_assert_int_eq(redirect_read(view_of(by_name, len), &g, &nonce), ERR_INVALID);
}
END_TEST

START_TEST(test_redirect_longest_name)
{
	uint8_t data[260] = {3, IKE_GATEWAY_NAME_MAX - 1};
	struct ike_gateway g;
	struct view nonce;

	memset(data + 2, 'a', sizeof(data) - 2);
	ck_assert_int_eq(redirect_read(view_of(data, sizeof(data)), &g, &nonce), 0);
	ck_assert_uint_eq(strlen(g.name), IKE_GATEWAY_NAME_MAX - 1);
	for (unsigned len = IKE_GATEWAY_NAME_MAX; len < 256; len++) {
		data[1] = (uint8_t)len;
		ck_assert_int_eq(redirect_read(view_of(data, sizeof(data)), &g, &nonce),
				 ERR_INVALID);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("redirect");
	TCase *tc = tcase_create("redirect");
	SRunner *r;
	int failed;

	tcase_add_test(tc, test_redirect_read);
	tcase_add_test(tc, test_redirect_write);
	tcase_add_test(tc, test_redirect_malformed);
	tcase_add_test(tc, test_redirect_longest_name);
	suite_add_tcase(suite, tc);
	r = srunner_create(suite);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
