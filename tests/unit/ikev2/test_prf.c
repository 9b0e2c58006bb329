/* SPDX-License-Identifier: GPL-3.0-or-later */
/* prf.c: RFC 2202 and RFC 4231 vectors, the kept key, prf+ against vectors.py. */
#include "ikev2/prf.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/ikev2/vectors.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static const struct {
	uint16_t prf;
	const char *key, *data, *expected;
} rfc[] = {
	/* RFC 2202 section 3, cases 1, 2, 6 */
	{IKE_PRF_HMAC_SHA1, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	 "b617318655057264e28bc0b6fb378c8ef146be00"},
	{IKE_PRF_HMAC_SHA1, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
	{IKE_PRF_HMAC_SHA1,
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	 "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368"
	 "204b6579204669727374",
	 "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
	/* RFC 4231 section 4.2 */
	{IKE_PRF_HMAC_SHA2_256, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	 "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
	{IKE_PRF_HMAC_SHA2_384, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	 "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152"
	 "e8b2fa9cb6"},
	{IKE_PRF_HMAC_SHA2_512, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	 "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b27"
	 "4eaea3f4e4be9d914eeb61f1702e696c203a126854"},
	/* RFC 4231 section 4.3 */
	{IKE_PRF_HMAC_SHA2_256, "4a656665",
	 "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
	{IKE_PRF_HMAC_SHA2_384, "4a656665",
	 "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239"
	 "ecfab21649"},
	{IKE_PRF_HMAC_SHA2_512, "4a656665",
	 "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f"
	 "65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
};

START_TEST(test_prf_once_rfc_vectors)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(rfc); i++) {
		struct octets key = hex(rfc[i].key), data = hex(rfc[i].data);
		struct view whole = octets_view(&data);
		struct secret out = SECRET_NONE;

		ck_assert_int_eq(prf_once(c, rfc[i].prf, octets_view(&key), &whole, 1, &out), 0);
		assert_octets(secret_view(&out), rfc[i].expected);
		secret_clear(&out);
	}
	crypto_free(c);
}
END_TEST

/* Integrity transforms: what a message carries are the first octets. */
static const struct {
	uint16_t integ;
	const char *key, *data, *expected;
} integ[] = {
	/* RFC 2202 section 3, case 1, as RFC 2404 cuts it */
	{IKE_INTEG_HMAC_SHA1_96, "0b", "4869205468657265", "b617318655057264e28bc0b6"},
	/* RFC 4868 section 2.7.2, AUTH256-1 and 2, AUTH384-1 and 2, AUTH512-1 and 2 */
	{IKE_INTEG_HMAC_SHA2_256_128, "0b", "4869205468657265", "198a607eb44bfbc69903a0f1cf2bbdc5"},
	{IKE_INTEG_HMAC_SHA2_256_128, "4a656665",
	 "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 "167f928588c5cc2eef8e3093caa0e87c"},
	{IKE_INTEG_HMAC_SHA2_384_192, "0b", "4869205468657265",
	 "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973"},
	{IKE_INTEG_HMAC_SHA2_384_192, "4a656665",
	 "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 "2c7353974f1842fd66d53c452ca42122b28c0b594cfb184d"},
	{IKE_INTEG_HMAC_SHA2_512_256, "0b", "4869205468657265",
	 "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8"},
	{IKE_INTEG_HMAC_SHA2_512_256, "4a656665",
	 "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	 "cb370917ae8a7ce28cfd1d8f4705d6141c173b2a9362c15df235dfb251b15454"},
};

START_TEST(test_prf_run_integrity_rfc_vectors)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(integ); i++) {
		const struct ike_algorithm *a =
			algorithm_find(IKE_TRANSFORM_INTEG, integ[i].integ, 0);
		struct octets part = hex(integ[i].key), data = hex(integ[i].data);
		struct view whole = octets_view(&data);
		uint8_t key[64], out[PRF_LEN_MAX];
		struct prf p;

		ck_assert_uint_eq(a->icv_len * 2u, strlen(integ[i].expected));
		for (size_t k = 0; k < a->key_len; k++) /* the RFC repeats it to the key length */
			key[k] = octets_view(&part).data[k % octets_view(&part).len];
		ck_assert_int_eq(prf_init(&p, c, IKE_TRANSFORM_INTEG, integ[i].integ,
					  view_of(key, a->key_len)),
				 0);
		ck_assert_int_eq(prf_run(&p, &whole, 1, out), 0);
		assert_octets(view_of(out, a->icv_len), integ[i].expected);
		prf_clear(&p);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_prf_run_keeps_the_key_and_joins_parts)
{
	struct crypto *c = crypto_new();
	struct prf p;
	uint8_t out[PRF_LEN_MAX];
	struct view whole = view_of("what do ya want for nothing?", 28);
	struct view parts[] = {view_of("what do", 7), view_of(NULL, 0),
			       view_of(" ya want for ", 13), view_of("nothing?", 8)};

	ck_assert_int_eq(prf_init(&p, c, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256,
				  view_of("Jefe", 4)),
			 0);
	ck_assert_uint_eq(p.len, 32);
	for (int round = 0; round < 3; round++) {
		memset(out, 0, sizeof(out));
		ck_assert_int_eq(prf_run(&p, &whole, 1, out), 0);
		assert_octets(view_of(out, p.len), rfc[6].expected);
		memset(out, 0, sizeof(out));
		ck_assert_int_eq(prf_run(&p, parts, ARRAY_LEN(parts), out), 0);
		assert_octets(view_of(out, p.len), rfc[6].expected);
	}
	prf_clear(&p);
	prf_clear(&p);
	crypto_free(c);
}
END_TEST

START_TEST(test_prf_empty_key_is_a_key)
{
	struct crypto *c = crypto_new();
	struct view nothing = view_of(NULL, 0);
	struct secret out = SECRET_NONE;

	/* HMAC_SHA256("", "") */
	ck_assert_int_eq(prf_once(c, IKE_PRF_HMAC_SHA2_256, nothing, &nothing, 1, &out), 0);
	assert_octets(secret_view(&out),
		      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
	secret_clear(&out);
	crypto_free(c);
}
END_TEST

START_TEST(test_prf_unknown_algorithm)
{
	struct crypto *c = crypto_new();
	struct prf p;
	struct secret out = SECRET_NONE;

	ck_assert_int_eq(prf_init(&p, c, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_MD5, view_of("k", 1)),
			 ERR_UNSUPPORTED);
	ck_assert_int_eq(prf_init(&p, c, IKE_TRANSFORM_INTEG, IKE_INTEG_NONE, view_of("k", 1)),
			 ERR_UNSUPPORTED);
	ck_assert_int_eq(prf_once(c, 0, view_of("k", 1), NULL, 0, &out), ERR_UNSUPPORTED);
	ck_assert_ptr_null(out.data);
	crypto_free(c);
}
END_TEST

START_TEST(test_prf_plus_every_length)
{
	static const struct {
		uint16_t id;
		const char *expected; /* 200 octets */
	} rows[] = {
		{IKE_PRF_HMAC_SHA1, V_PLUS_SHA1},
		{IKE_PRF_HMAC_SHA2_256, V_PLUS_SHA256},
		{IKE_PRF_HMAC_SHA2_384, V_PLUS_SHA384},
		{IKE_PRF_HMAC_SHA2_512, V_PLUS_SHA512},
	};
	struct crypto *c = crypto_new();
	uint8_t key[20], seed[50], out[200 + 1];
	struct view parts[2];

	count_up(key, 1, sizeof(key));
	count_up(seed, 0x80, sizeof(seed));
	parts[0] = view_of(seed, 17);
	parts[1] = view_of(seed + 17, sizeof(seed) - 17);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct octets want = hex(rows[i].expected);
		struct prf p;

		ck_assert_int_eq(prf_init(&p, c, IKE_TRANSFORM_PRF, rows[i].id,
					  view_of(key, sizeof(key))),
				 0);
		for (size_t len = 0; len <= 200; len++) {
			memset(out, 0xee, sizeof(out));
			ck_assert_int_eq(prf_plus(&p, parts, 2, out, len), 0);
			ck_assert_int_eq(memcmp(out, want.data, len), 0);
			ck_assert_uint_eq(out[len], 0xee);
		}
		prf_clear(&p);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_prf_plus_at_most_255_blocks)
{
	struct crypto *c = crypto_new();
	size_t max = (size_t)255 * 20;
	uint8_t *out = mem_zalloc(max + 1);
	struct view seed = view_of("s", 1);
	struct prf p;

	ck_assert_int_eq(prf_init(&p, c, IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA1, view_of("k", 1)), 0);
	ck_assert_int_eq(prf_plus(&p, &seed, 1, out, max), 0);
	ck_assert_int_eq(prf_plus(&p, &seed, 1, out, max + 1), ERR_RANGE);
	prf_clear(&p);
	free(out);
	crypto_free(c);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_prf_run_integrity_rfc_vectors,
		test_prf_once_rfc_vectors,
		test_prf_run_keeps_the_key_and_joins_parts,
		test_prf_empty_key_is_a_key,
		test_prf_unknown_algorithm,
		test_prf_plus_every_length,
		test_prf_plus_at_most_255_blocks,
	};

	return run_cases("prf", tests, ARRAY_LEN(tests));
}
