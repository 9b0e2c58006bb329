/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keymat.c against the independent computation in vectors.py. */
#include "ikev2/keymat.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/ikev2/vectors.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

#define SPI_I UINT64_C(0x0123456789abcdef)
#define SPI_R UINT64_C(0xfedcba9876543210)

static const struct ike_suite gcm256_sha384 = {.encr = IKE_ENCR_AES_GCM_16,
					       .key_bits = 256,
					       .prf = IKE_PRF_HMAC_SHA2_384};
static const struct ike_suite cbc128_sha1 = {.encr = IKE_ENCR_AES_CBC,
					     .key_bits = 128,
					     .prf = IKE_PRF_HMAC_SHA1,
					     .integ = IKE_INTEG_HMAC_SHA1_96};
static const struct ike_suite cbc256_sha256 = {.encr = IKE_ENCR_AES_CBC,
					       .key_bits = 256,
					       .prf = IKE_PRF_HMAC_SHA2_256,
					       .integ = IKE_INTEG_HMAC_SHA2_256_128};
static const struct ike_suite cbc256_sha512 = {.encr = IKE_ENCR_AES_CBC,
					       .key_bits = 256,
					       .prf = IKE_PRF_HMAC_SHA2_512,
					       .integ = IKE_INTEG_HMAC_SHA2_512_256};

struct fixture {
	struct crypto *c;
	uint8_t ni[32], nr[40];
	struct secret shared;
	struct secret sk_d;
	struct keymat_ike_input in;
};

static struct fixture *setup(void)
{
	struct fixture *f = mem_zalloc(sizeof(*f));
	uint8_t sk_d[32];

	f->c = crypto_new();
	f->shared = secret_of(V_SHARED);
	secret_set(&f->sk_d, count_up(sk_d, 0xc0, 32).data, 32);
	f->in = (struct keymat_ike_input){
		.ni = count_up(f->ni, 0x10, sizeof(f->ni)),
		.nr = count_up(f->nr, 0x50, sizeof(f->nr)),
		.spi_i = SPI_I,
		.spi_r = SPI_R,
		.shared = &f->shared,
	};
	return f;
}

static void teardown(struct fixture *f)
{
	secret_clear(&f->shared);
	secret_clear(&f->sk_d);
	crypto_free(f->c);
	free(f);
}

/* The seven keys one after the other, as section 2.14 lists them. */
static void assert_ike_keys(const struct keymat_ike *k, const char *expected)
{
	uint8_t all[1024];
	struct writer w = writer_of(all, sizeof(all));

	writer_put(&w, secret_view(&k->sk_d));
	writer_put(&w, secret_view(&k->sk_ai));
	writer_put(&w, secret_view(&k->sk_ar));
	writer_put(&w, secret_view(&k->sk_ei));
	writer_put(&w, secret_view(&k->sk_er));
	writer_put(&w, secret_view(&k->sk_pi));
	writer_put(&w, secret_view(&k->sk_pr));
	assert_octets(writer_view(&w), expected);
}

START_TEST(test_keymat_ike_initial)
{
	static const struct {
		const struct ike_suite *suite;
		const char *expected;
		size_t prf_len, encr_len, integ_len;
	} rows[] = {
		{&gcm256_sha384, V_IKE_GCM256_SHA384, 48, 36, 0},
		{&cbc128_sha1, V_IKE_CBC128_SHA1, 20, 16, 20},
		{&cbc256_sha256, V_IKE_CBC256_SHA256, 32, 32, 32},
		{&cbc256_sha512, V_IKE_CBC256_SHA512, 64, 32, 64},
	};
	struct fixture *f = setup();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct keymat_ike k = {0};

		f->in.suite = rows[i].suite;
		ck_assert_int_eq(keymat_ike_initial(f->c, &f->in, &k), 0);
		assert_ike_keys(&k, rows[i].expected);
		ck_assert_uint_eq(k.sk_d.len, rows[i].prf_len);
		ck_assert_uint_eq(k.sk_pi.len, rows[i].prf_len);
		ck_assert_uint_eq(k.sk_pr.len, rows[i].prf_len);
		ck_assert_uint_eq(k.sk_ei.len, rows[i].encr_len);
		ck_assert_uint_eq(k.sk_er.len, rows[i].encr_len);
		ck_assert_uint_eq(k.sk_ai.len, rows[i].integ_len);
		ck_assert_uint_eq(k.sk_ar.len, rows[i].integ_len);
		keymat_ike_clear(&k);
	}
	teardown(f);
}
END_TEST

START_TEST(test_keymat_ike_rekey_uses_the_old_prf_for_the_seed)
{
	struct fixture *f = setup();
	struct keymat_ike k = {0};

	f->in.suite = &gcm256_sha384;
	ck_assert_int_eq(keymat_ike_rekey(f->c, IKE_PRF_HMAC_SHA2_256, &f->sk_d, &f->in, &k), 0);
	assert_ike_keys(&k, V_REKEY_SHA256_TO_GCM256_SHA384);
	keymat_ike_clear(&k);
	teardown(f);
}
END_TEST

START_TEST(test_keymat_ike_unsupported_suite_gives_no_keys)
{
	struct fixture *f = setup();
	struct ike_suite bad[3] = {gcm256_sha384, cbc256_sha256, gcm256_sha384};

	bad[0].prf = IKE_PRF_HMAC_MD5;
	bad[1].integ = IKE_INTEG_NONE;
	bad[2].key_bits = 192;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct keymat_ike k = {0};

		f->in.suite = &bad[i];
		ck_assert_int_eq(keymat_ike_initial(f->c, &f->in, &k), ERR_UNSUPPORTED);
		ck_assert_ptr_null(k.sk_d.data);
		ck_assert_ptr_null(k.sk_ei.data);
	}
	teardown(f);
}
END_TEST

static void assert_child_keys(const struct keymat_child *k, const char *expected)
{
	uint8_t all[512];
	struct writer w = writer_of(all, sizeof(all));

	writer_put(&w, secret_view(&k->encr_i));
	writer_put(&w, secret_view(&k->integ_i));
	writer_put(&w, secret_view(&k->encr_r));
	writer_put(&w, secret_view(&k->integ_r));
	assert_octets(writer_view(&w), expected);
}

START_TEST(test_keymat_child)
{
	static const struct ike_suite gcm128 = {.encr = IKE_ENCR_AES_GCM_16, .key_bits = 128};
	static const struct secret none = SECRET_NONE;
	struct fixture *f = setup();
	struct keymat_child k = {0};

	ck_assert_int_eq(keymat_child(f->c, IKE_PRF_HMAC_SHA2_256, &f->sk_d, &gcm128, f->in.ni,
				      f->in.nr, NULL, NULL, &k),
			 0);
	assert_child_keys(&k, V_CHILD_GCM128);
	ck_assert_uint_eq(k.encr_i.len, 20);
	ck_assert_uint_eq(k.integ_i.len, 0);
	keymat_child_clear(&k);
	ck_assert_int_eq(keymat_child(f->c, IKE_PRF_HMAC_SHA2_256, &f->sk_d, &gcm128, f->in.ni,
				      f->in.nr, &none, NULL, &k),
			 0);
	assert_child_keys(&k, V_CHILD_GCM128);
	keymat_child_clear(&k);
	ck_assert_int_eq(keymat_child(f->c, IKE_PRF_HMAC_SHA2_256, &f->sk_d, &cbc256_sha512,
				      f->in.ni, f->in.nr, &f->shared, NULL, &k),
			 0);
	assert_child_keys(&k, V_CHILD_CBC256_SHA512_PFS);
	ck_assert_uint_eq(k.encr_r.len, 32);
	ck_assert_uint_eq(k.integ_r.len, 64);
	keymat_child_clear(&k);
	teardown(f);
}
END_TEST

static const struct {
	uint16_t prf;
	size_t sk_p_len, psk_len;
	const char *expected;
} auth_rows[] = {
	/* 64 and 65 octets: one block of SHA-1 and SHA2-256, and beyond; 129: beyond all */
	{IKE_PRF_HMAC_SHA1, 20, 6, V_AUTH_SHA1_6},
	{IKE_PRF_HMAC_SHA1, 20, 64, V_AUTH_SHA1_64},
	{IKE_PRF_HMAC_SHA1, 20, 65, V_AUTH_SHA1_65},
	{IKE_PRF_HMAC_SHA1, 20, 129, V_AUTH_SHA1_129},
	{IKE_PRF_HMAC_SHA2_256, 32, 6, V_AUTH_SHA256_6},
	{IKE_PRF_HMAC_SHA2_256, 32, 64, V_AUTH_SHA256_64},
	{IKE_PRF_HMAC_SHA2_256, 32, 65, V_AUTH_SHA256_65},
	{IKE_PRF_HMAC_SHA2_256, 32, 129, V_AUTH_SHA256_129},
	{IKE_PRF_HMAC_SHA2_384, 48, 6, V_AUTH_SHA384_6},
	{IKE_PRF_HMAC_SHA2_384, 48, 64, V_AUTH_SHA384_64},
	{IKE_PRF_HMAC_SHA2_384, 48, 65, V_AUTH_SHA384_65},
	{IKE_PRF_HMAC_SHA2_384, 48, 129, V_AUTH_SHA384_129},
	{IKE_PRF_HMAC_SHA2_512, 64, 6, V_AUTH_SHA512_6},
	{IKE_PRF_HMAC_SHA2_512, 64, 64, V_AUTH_SHA512_64},
	{IKE_PRF_HMAC_SHA2_512, 64, 65, V_AUTH_SHA512_65},
	{IKE_PRF_HMAC_SHA2_512, 64, 129, V_AUTH_SHA512_129},
};

static const char id_body[] = "\x02\x00\x00\x00gw1.example.net";

START_TEST(test_keymat_psk_auth)
{
	struct fixture *f = setup();
	uint8_t message[300], sk_p[64], psk[129];

	memset(psk, 'k', sizeof(psk));
	for (size_t i = 0; i < ARRAY_LEN(auth_rows); i++) {
		struct secret key = SECRET_NONE, mac = SECRET_NONE, auth = SECRET_NONE;
		struct keymat_auth_input in = {
			.prf = auth_rows[i].prf,
			.psk = &key,
			.message = count_up(message, 0, sizeof(message)),
			.nonce = f->in.nr,
			.sk_p = &mac,
			.id_body = view_of(id_body, sizeof(id_body) - 1),
		};

		secret_set(&key, auth_rows[i].psk_len == 6 ? (const void *)"secret" : psk,
			   auth_rows[i].psk_len);
		secret_set(&mac, count_up(sk_p, 0x33, auth_rows[i].sk_p_len).data,
			   auth_rows[i].sk_p_len);
		ck_assert_int_eq(keymat_psk_auth(f->c, &in, &auth), 0);
		assert_octets(secret_view(&auth), auth_rows[i].expected);
		ck_assert_int_eq(keymat_psk_verify(f->c, &in, secret_view(&auth)), 0);
		ck_assert_int_eq(keymat_psk_verify(f->c, &in, view_of(auth.data, auth.len - 1)),
				 ERR_DENIED);
		ck_assert_int_eq(keymat_psk_verify(f->c, &in, view_of(NULL, 0)), ERR_DENIED);
		auth.data[auth.len - 1] ^= 1;
		ck_assert_int_eq(keymat_psk_verify(f->c, &in, secret_view(&auth)), ERR_DENIED);
		secret_clear(&key);
		secret_clear(&mac);
		secret_clear(&auth);
	}
	teardown(f);
}
END_TEST

START_TEST(test_keymat_ppk_mix)
{
	struct fixture *f = setup();
	struct secret ppk = SECRET_NONE;
	struct keymat_ike k = {0};
	uint8_t buf[32];

	secret_set(&ppk, "post-quantum", 12);
	secret_set(&k.sk_d, count_up(buf, 1, 32).data, 32);
	secret_set(&k.sk_pi, count_up(buf, 2, 32).data, 32);
	secret_set(&k.sk_pr, count_up(buf, 3, 32).data, 32);
	secret_set(&k.sk_ei, count_up(buf, 4, 32).data, 32);
	ck_assert_int_eq(keymat_ppk_mix(f->c, IKE_PRF_HMAC_SHA2_256, &ppk, &k), 0);
	assert_octets(secret_view(&k.sk_d), V_PPK_SK_D);
	assert_octets(secret_view(&k.sk_pi), V_PPK_SK_PI);
	assert_octets(secret_view(&k.sk_pr), V_PPK_SK_PR);
	ck_assert_uint_eq(k.sk_ei.data[0], 4); /* the others stay */
	keymat_ike_clear(&k);
	secret_clear(&ppk);
	teardown(f);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_keymat_ike_initial,
		test_keymat_ike_rekey_uses_the_old_prf_for_the_seed,
		test_keymat_ike_unsupported_suite_gives_no_keys,
		test_keymat_child,
		test_keymat_psk_auth,
		test_keymat_ppk_mix,
	};

	return run_cases("keymat", tests, ARRAY_LEN(tests));
}
