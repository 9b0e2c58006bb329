/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ikev2/kem.c as it is with IKESH_ML_KEM, also where libcrypto is too old for it: then it says so.
 */
#include "ikev2/kem.h"

#include "ikev2/number.h"

#include <check.h>
#include <string.h>

static const struct {
	uint16_t group;
	size_t key, ciphertext;
} rows[] = {{IKE_KE_ML_KEM_512, 800, 768},
	    {IKE_KE_ML_KEM_768, 1184, 1088},
	    {IKE_KE_ML_KEM_1024, 1568, 1568}};

START_TEST(test_kem_round)
{
	uint8_t key[1568], again[1568], ciphertext[1568];
	struct secret seed = SECRET_NONE, m = SECRET_NONE, here = SECRET_NONE, there = SECRET_NONE;
	struct view k = {.data = key, .len = rows[_i].key};
	int have = kem_is_available(rows[_i].group) ? 0 : ERR_CRYPTO;

	secret_alloc(&seed, KEM_SEED_LEN);
	secret_alloc(&m, KEM_RANDOM_LEN);
	memset(seed.data, 3, seed.len);
	memset(m.data, 5, m.len);
	ck_assert_int_eq(kem_public(rows[_i].group, &seed, key, rows[_i].key), have);
	ck_assert_int_eq(kem_encapsulate(rows[_i].group, k, &m, ciphertext, rows[_i].ciphertext,
					 &here),
			 have);
	ck_assert_int_eq(kem_decapsulate(rows[_i].group, &seed,
					 view_of(ciphertext, rows[_i].ciphertext), &there),
			 have);
	ck_assert_uint_eq(here.len, have == 0 ? KEM_SECRET_LEN : 0);
	ck_assert(secret_equal(&here, &there));
	if (have == 0) {
		ck_assert_int_eq(kem_public(rows[_i].group, &seed, again, rows[_i].key), 0);
		ck_assert_mem_eq(key, again, rows[_i].key); /* the seed decides */
		ciphertext[7] ^= 1;
		ck_assert_int_eq(kem_decapsulate(rows[_i].group, &seed,
						 view_of(ciphertext, rows[_i].ciphertext), &there),
				 0);
		ck_assert(!secret_equal(&here, &there));
		memset(key, 0xff, sizeof(key)); /* coefficients above q */
		ck_assert_int_eq(kem_encapsulate(rows[_i].group, k, &m, ciphertext,
						 rows[_i].ciphertext, &here),
				 ERR_CRYPTO);
	}
	secret_clear(&seed);
	secret_clear(&m);
	secret_clear(&here);
	secret_clear(&there);
}
END_TEST

START_TEST(test_kem_names)
{
	ck_assert(!kem_is_available(0));
	ck_assert(!kem_is_available(IKE_KE_CURVE25519));
	ck_assert(!kem_is_available(38));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kem");
	TCase *tc = tcase_create("kem");
	SRunner *r;
	int failed;

	tcase_add_loop_test(tc, test_kem_round, 0, 3);
	tcase_add_test(tc, test_kem_names);
	suite_add_tcase(suite, tc);
	r = srunner_create(suite);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
