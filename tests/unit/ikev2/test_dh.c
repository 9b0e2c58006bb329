/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dh.c: RFC 5903 section 8, RFC 7748 section 6.1, MODP against integer arithmetic (vectors.py),
 * leading zeros, and the peer values that RFC 6989 wants refused. */
#include "ikev2/dh.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/ikev2/vectors.h"
#include "tests/unit/platform/suite.h"

#include <pthread.h>
#include <string.h>

struct row {
	uint16_t group;
	const char *private_key, *public_value, *peer, *shared;
};

static const struct row rows[] = {
	{2, V_DH2_PRIVATE, V_DH2_PUBLIC, V_DH2_PEER, V_DH2_SHARED},
	{5, V_DH5_PRIVATE, V_DH5_PUBLIC, V_DH5_PEER, V_DH5_SHARED},
	{14, V_DH14_PRIVATE, V_DH14_PUBLIC, V_DH14_PEER, V_DH14_SHARED},
	{15, V_DH15_PRIVATE, V_DH15_PUBLIC, V_DH15_PEER, V_DH15_SHARED},
	{16, V_DH16_PRIVATE, V_DH16_PUBLIC, V_DH16_PEER, V_DH16_SHARED},
	/* secrets that begin with a zero octet (RFC 7296 section 2.14) */
	{2, V_DH2_PRIVATE, V_DH2_PUBLIC, V_DH2_ZERO_PEER, V_DH2_ZERO_SHARED},
	{14, V_DH14_PRIVATE, V_DH14_PUBLIC, V_DH14_ZERO_PEER, V_DH14_ZERO_SHARED},
	/* RFC 5903 section 8.1, both directions */
	{19, "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433",
	 "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
	 "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
	 "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
	 "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
	 "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"},
	{19, "C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53",
	 "D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63"
	 "56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB",
	 "DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"
	 "5271A0461CDB8252D61F1C456FA3E59AB1F45B33ACCF5F58389E0577B8990BB3",
	 "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"},
	/* RFC 5903 section 8.2 */
	{20,
	 "099F3C7034D4A2C699884D73A375A67F7624EF7C6B3C0F160647B67414DCE655E35B538041E649EE3FAEF8"
	 "96783AB194",
	 "667842D7D180AC2CDE6F74F37551F55755C7645C20EF73E31634FE72B4C55EE6DE3AC808ACB4BDB4C88732"
	 "AEE95F41AA"
	 "9482ED1FC0EEB9CAFC4984625CCFC23F65032149E0E144ADA024181535A0F38EEB9FCFF3C2C947DAE69B4C"
	 "634573A81C",
	 "E558DBEF53EECDE3D3FCCFC1AEA08A89A987475D12FD950D83CFA41732BC509D0D1AC43A0336DEF96FDA41"
	 "D0774A3571"
	 "DCFBEC7AACF3196472169E838430367F66EEBE3C6E70C416DD5F0C68759DD1FFF83FA40142209DFF5EAAD9"
	 "6DB9E6386C",
	 "11187331C279962D93D604243FD592CB9D0A926F422E47187521287E7156C5C4D603135569B9E9D09CF5D4"
	 "A270F59746"},
	/* RFC 7748 section 6.1 */
	{31, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
	 "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	 "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	 "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
	{31, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	 "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	 "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	 "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"},
};

static const uint16_t groups[] = {2, 5, 14, 15, 16, 19, 20, 31};

static struct ike_dh_job *job_of(struct crypto *c, uint16_t group, const char *private_key)
{
	struct fixed_random f;
	struct ike_random random = random_of(&f, private_key);
	struct ike_dh_job *job = dh_job_new(c, group, &random, 77);

	ck_assert_ptr_nonnull(job);
	assert_octets(secret_view(&job->private_key), private_key);
	return job;
}

/* Responder: one run makes both. */
START_TEST(test_dh_job_run_public_and_shared)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_dh_job *job = job_of(c, rows[i].group, rows[i].private_key);
		struct octets peer = hex(rows[i].peer);

		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&peer)), 0);
		ike_dh_job_run(job);
		ck_assert(!job->failed);
		ck_assert_uint_eq(job->token, 77);
		assert_octets(dh_job_public(job), rows[i].public_value);
		assert_octets(secret_view(&job->shared), rows[i].shared);
		ike_dh_job_free(job);
	}
	crypto_free(c);
}
END_TEST

/* Initiator: the public value first, the secret in a second run. */
START_TEST(test_dh_job_run_twice)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_dh_job *job = job_of(c, rows[i].group, rows[i].private_key);
		struct octets peer = hex(rows[i].peer);

		ck_assert_uint_eq(dh_job_public(job).len, 0);
		ike_dh_job_run(job);
		ck_assert(!job->failed);
		assert_octets(dh_job_public(job), rows[i].public_value);
		ck_assert_ptr_null(job->shared.data);
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&peer)), 0);
		ike_dh_job_run(job);
		ck_assert(!job->failed);
		assert_octets(dh_job_public(job), rows[i].public_value);
		assert_octets(secret_view(&job->shared), rows[i].shared);
		ike_dh_job_free(job);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_dh_public_value_with_leading_zero)
{
	static const struct row zero[] = {
		{2, V_DH2_ZERO_PRIVATE, V_DH2_ZERO_PUBLIC, NULL, NULL},
		{14, V_DH14_ZERO_PRIVATE, V_DH14_ZERO_PUBLIC, NULL, NULL},
	};
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(zero); i++) {
		struct ike_dh_job *job = job_of(c, zero[i].group, zero[i].private_key);

		ike_dh_job_run(job);
		ck_assert_uint_eq(job->public_value[0], 0);
		assert_octets(dh_job_public(job), zero[i].public_value);
		ike_dh_job_free(job);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_dh_two_jobs_agree_and_differ_from_others)
{
	struct crypto *c = crypto_new();
	struct fixed_random f;
	struct ike_random random = random_of(&f, "");

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		struct ike_dh_job *a = dh_job_new(c, groups[i], &random, 1);
		struct ike_dh_job *b = dh_job_new(c, groups[i], &random, 2);

		ike_dh_job_run(a);
		ck_assert_uint_eq(dh_job_public(a).len, dh_public_len(groups[i]));
		ck_assert_int_eq(dh_job_set_peer(b, dh_job_public(a)), 0);
		ike_dh_job_run(b);
		ck_assert_int_eq(dh_job_set_peer(a, dh_job_public(b)), 0);
		ike_dh_job_run(a);
		ck_assert(!a->failed && !b->failed);
		ck_assert(secret_equal(&a->shared, &b->shared));
		ck_assert(!view_equal(dh_job_public(a), dh_job_public(b)));
		ike_dh_job_free(a);
		ike_dh_job_free(b);
	}
	crypto_free(c);
}
END_TEST

/* The group's length exactly (RFC 7296 section 3.4). */
START_TEST(test_dh_job_set_peer_length)
{
	struct crypto *c = crypto_new();
	uint8_t value[DH_PUBLIC_MAX + 1];

	memset(value, 0x11, sizeof(value));
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		struct fixed_random f;
		struct ike_random random = random_of(&f, "");
		struct ike_dh_job *job = dh_job_new(c, groups[i], &random, 0);

		for (size_t len = 0; len <= sizeof(value); len++)
			ck_assert_int_eq(dh_job_set_peer(job, view_of(value, len)),
					 len == dh_public_len(groups[i]) ? 0 : ERR_INVALID);
		ike_dh_job_free(job);
	}
	crypto_free(c);
}
END_TEST

/* p of the group, plus or minus a small number. */
static struct octets near_prime(const char *prime, int offset)
{
	struct octets o = hex(prime);

	/* all primes end in ff octets, so that only the last one changes for -2..0 */
	ck_assert_uint_eq(o.data[o.len - 1], 0xff);
	o.data[o.len - 1] = (uint8_t)(o.data[o.len - 1] + offset);
	return o;
}

START_TEST(test_dh_modp_bad_values)
{
	static const struct {
		uint16_t group;
		const char *prime;
	} primes[] = {{2, V_DH2_P}, {5, V_DH5_P}, {14, V_DH14_P}, {15, V_DH15_P}, {16, V_DH16_P}};
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(primes); i++) {
		struct fixed_random f;
		struct ike_random random = random_of(&f, "");
		struct ike_dh_job *job = dh_job_new(c, primes[i].group, &random, 0);
		size_t len = dh_public_len(primes[i].group);
		struct octets small = {.len = len}, huge = {.len = len};
		struct octets p = near_prime(primes[i].prime, 0);
		struct octets p_1 = near_prime(primes[i].prime, -1);
		struct octets p_2 = near_prime(primes[i].prime, -2);

		memset(huge.data, 0xff, len);
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&small)), ERR_INVALID); /* 0 */
		small.data[len - 1] = 1;
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&small)), ERR_INVALID);
		small.data[len - 1] = 2;
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&small)), 0);
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&p_2)), 0);
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&p_1)), ERR_INVALID);
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&p)), ERR_INVALID);
		ck_assert_int_eq(dh_job_set_peer(job, octets_view(&huge)), ERR_INVALID);
		ike_dh_job_free(job);
	}
	crypto_free(c);
}
END_TEST

static void assert_refused(struct crypto *c, uint16_t group, struct view value)
{
	struct fixed_random f;
	struct ike_random random = random_of(&f, "");
	struct ike_dh_job *job = dh_job_new(c, group, &random, 0);

	if (dh_job_set_peer(job, value) == 0) {
		ike_dh_job_run(job);
		ck_assert(job->failed);
		ck_assert_ptr_null(job->shared.data);
	}
	ike_dh_job_free(job);
}

/* Off the curve, the origin, and coordinates at or above p that would be reduced to a good point.
 */
START_TEST(test_dh_ecp_bad_points)
{
	struct crypto *c = crypto_new();
	struct octets point = hex(rows[7].peer);
	/* y of x = 0 on P-256: sqrt(b), and 0 + p written out as x */
	struct octets above =
		hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
		    "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4");
	struct octets x_zero = above;
	struct octets zero = {.len = 64};
	struct fixed_random f;
	struct ike_random random = random_of(&f, "");
	struct ike_dh_job *job = dh_job_new(c, 19, &random, 0);

	for (size_t bit = 0; bit < 8 * point.len; bit += 5) {
		point.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_refused(c, 19, octets_view(&point));
		point.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_refused(c, 19, octets_view(&zero));
	assert_refused(c, 19, octets_view(&above));
	memset(x_zero.data, 0, 32); /* the same point in range is a good one */
	ck_assert_int_eq(dh_job_set_peer(job, octets_view(&x_zero)), 0);
	ike_dh_job_run(job);
	ck_assert(!job->failed);
	ike_dh_job_free(job);
	point = hex(rows[9].peer);
	point.data[95] ^= 1;
	assert_refused(c, 20, octets_view(&point));
	crypto_free(c);
}
END_TEST

/* Points of small order give an all-zero secret (RFC 7748 section 6.1). */
START_TEST(test_dh_x25519_small_order)
{
	struct crypto *c = crypto_new();
	struct octets zero = {.len = 32}, one = {.len = 32};
	struct octets order8 =
		hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800");

	one.data[0] = 1;
	assert_refused(c, 31, octets_view(&zero));
	assert_refused(c, 31, octets_view(&one));
	assert_refused(c, 31, octets_view(&order8));
	crypto_free(c);
}
END_TEST

START_TEST(test_dh_job_new_unknown_group)
{
	struct crypto *c = crypto_new();
	struct fixed_random f;
	struct ike_random random = random_of(&f, "");

	ck_assert_ptr_null(dh_job_new(c, 0, &random, 0));
	ck_assert_ptr_null(dh_job_new(c, 1, &random, 0));
	ck_assert_ptr_null(dh_job_new(c, 1025, &random, 0)); /* private use */
	ck_assert_uint_eq(dh_public_len(1025), 0);
	ike_dh_job_free(NULL);
	crypto_free(c);
}
END_TEST

/* A random source stuck at all ones is above every group order: the job must still come about. */
START_TEST(test_dh_job_new_stuck_random)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		struct fixed_random f;
		struct ike_random random = random_of(&f, "");
		struct ike_dh_job *job;

		memset(f.octets.data, 0xff, sizeof(f.octets.data));
		f.octets.len = sizeof(f.octets.data);
		job = dh_job_new(c, groups[i], &random, 0);
		ike_dh_job_run(job);
		ck_assert(!job->failed);
		ike_dh_job_free(job);
	}
	crypto_free(c);
}
END_TEST

/* A job keeps what it needs, also when the engine is gone. */
START_TEST(test_dh_job_outlives_the_engines_reference)
{
	struct crypto *c = crypto_new();
	struct ike_dh_job *job = job_of(c, 19, rows[7].private_key);

	crypto_free(c);
	ike_dh_job_run(job);
	assert_octets(dh_job_public(job), rows[7].public_value);
	ike_dh_job_free(job);
}
END_TEST

static void *run_rows(void *arg)
{
	struct ike_dh_job **jobs = arg;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ike_dh_job_run(jobs[i]);
	return NULL;
}

/* Jobs of one engine run at the same time on several workers. */
START_TEST(test_dh_jobs_on_threads)
{
	struct crypto *c = crypto_new();
	struct ike_dh_job *jobs[4][ARRAY_LEN(rows)];
	pthread_t threads[4];

	for (size_t t = 0; t < ARRAY_LEN(threads); t++) {
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct octets peer = hex(rows[i].peer);

			jobs[t][i] = job_of(c, rows[i].group, rows[i].private_key);
			ck_assert_int_eq(dh_job_set_peer(jobs[t][i], octets_view(&peer)), 0);
		}
		ck_assert_int_eq(pthread_create(&threads[t], NULL, run_rows, jobs[t]), 0);
	}
	crypto_free(c);
	for (size_t t = 0; t < ARRAY_LEN(threads); t++) {
		ck_assert_int_eq(pthread_join(threads[t], NULL), 0);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			assert_octets(secret_view(&jobs[t][i]->shared), rows[i].shared);
			ike_dh_job_free(jobs[t][i]);
		}
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_dh_job_run_public_and_shared,
		test_dh_job_run_twice,
		test_dh_public_value_with_leading_zero,
		test_dh_two_jobs_agree_and_differ_from_others,
		test_dh_job_set_peer_length,
		test_dh_modp_bad_values,
		test_dh_ecp_bad_points,
		test_dh_x25519_small_order,
		test_dh_job_new_unknown_group,
		test_dh_job_new_stuck_random,
		test_dh_job_outlives_the_engines_reference,
		test_dh_jobs_on_threads,
	};

	return run_cases("dh", tests, ARRAY_LEN(tests));
}
