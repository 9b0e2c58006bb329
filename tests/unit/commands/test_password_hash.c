/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hashes that routers and password tools have made must verify here. */
#include "commands/password_hash.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

static const struct {
	const char *hash, *clear;
} known[] = {
	/* Cisco IOS Security Command Reference, username and enable secret */
	{"$8$dsYGNam3K1SIJO$7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs", "cisco"},
	{"$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM", "cisco"},
	/* hashcat's examples of modes 9200, 9300 and 500 */
	{"$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk", "hashcat"},
	{"$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6", "hashcat"},
	{"$1$28772684$iEwNOgGugqO9.bIz5sk8k/", "hashcat"},
	/* written by an ASR920 with IOS XE 16.9.5 */
	{"$9$plz/kf0e3.dns.$cKvJDd6bXmyaUWdx42dgcRwpdDs0djBEqzjlmMbYEW6", "0foo0"},
	{"$9$8Yn1IbhUG.YOGk$B0Tce.G3lMqSLb.qhSwQwxyi4qBU3jSlH2qTIelK.A2", "1foo1"},
};

static bool verify(const char *hash, const char *clear)
{
	struct secret s = SECRET_NONE;
	bool same;

	secret_set(&s, clear, strlen(clear));
	same = password_hash_verify(hash, &s);
	secret_clear(&s);
	return same;
}

START_TEST(test_hash_known)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct err_msg e = {.code = 0};

		ck_assert_msg(verify(known[i].hash, known[i].clear), "%s", known[i].hash);
		ck_assert(!verify(known[i].hash, "cisco1"));
		ck_assert(!verify(known[i].hash, ""));
		ck_assert_int_eq(password_hash_check(password_hash_type(known[i].hash),
						     known[i].hash, &e),
				 0);
	}
}
END_TEST

START_TEST(test_hash_of_our_own)
{
	static const unsigned types[] = {8, 9};
	struct secret s = SECRET_NONE;
	struct err_msg e = {.code = 0};
	char one[PASSWORD_HASH_MAX], two[PASSWORD_HASH_MAX];

	secret_set(&s, "S3cret?|#", 9);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		ck_assert_int_eq(password_hash_make(types[i], &s, one, &e), 0);
		ck_assert_int_eq(password_hash_make(types[i], &s, two, &e), 0);
		ck_assert_str_ne(one, two);
		ck_assert_int_eq(password_hash_check(types[i], one, &e), 0);
		ck_assert(verify(one, "S3cret?|#") && verify(two, "S3cret?|#"));
		ck_assert(!verify(one, "S3cret?|"));
	}
	secret_clear(&s);
}
END_TEST

START_TEST(test_hash_check)
{
	static const struct {
		unsigned type;
		const char *text;
	} bad[] = {
		{9, ""},
		{9, "cisco"},
		{9, "$9$"},
		{9, "$9$nhEmQVczB7dqsO$"},
		{9, "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk"},
		{9, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkK"},
		{9, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKMM"},
		{9, "$9$nhEmQVczB7dqsO$X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxk+M"},
		{5, "$1$28772684$iEwNOgGugqO9.bIz5sk8k"},
		{5, "$1$$iEwNOgGugqO9.bIz5sk8k/"},
		{5, "$1$287726841$iEwNOgGugqO9.bIz5sk8k/"},
		{5, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6"},
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err_msg e = {.code = 0};

		ck_assert_msg(password_hash_check(bad[i].type, bad[i].text, &e) == ERR_INVALID,
			      "%s", bad[i].text);
		ck_assert(!verify(bad[i].text, "cisco"));
	}
	ck_assert_uint_eq(password_hash_type("$7$x"), 0);
}
END_TEST

/* RFC 7914 section 12, third vector */
START_TEST(test_scrypt)
{
	struct secret s = SECRET_NONE;
	uint8_t out[64];

	static const uint8_t please[64] = {0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48,
					   0x46, 0x1c, 0x06, 0xcd, 0x81, 0xfd, 0x38, 0xeb,
					   0xfd, 0xa8, 0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e,
					   0xa9, 0xb5, 0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2,
					   0xd5, 0x43, 0x29, 0x55, 0x61, 0x3f, 0x0f, 0xcf,
					   0x62, 0xd4, 0x97, 0x05, 0x24, 0x2a, 0x9a, 0xf9,
					   0xe6, 0x1e, 0x85, 0xdc, 0x0d, 0x65, 0x1e, 0x40,
					   0xdf, 0xcf, 0x01, 0x7b, 0x45, 0x57, 0x58, 0x87};

	secret_set(&s, "pleaseletmein", 13);
	ck_assert_int_eq(password_scrypt(&s, "SodiumChloride", 16384, 8, out, sizeof(out)), 0);
	ck_assert_mem_eq(out, please, sizeof(please));
	secret_clear(&s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("password_hash");
	TCase *tc = tcase_create("password_hash");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_hash_known);
	tcase_add_test(tc, test_hash_of_our_own);
	tcase_add_test(tc, test_hash_check);
	tcase_add_test(tc, test_scrypt);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
