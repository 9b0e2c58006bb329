/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ML-KEM as an additional key exchange (draft-ietf-ipsecme-ikev2-mlkem), with a scripted method. */
#include "sim.h"

#include "ikev2/dh.h"
#include "ikev2/exchange.h"
#include "ikev2/kem.h"

#include <check.h>
#include <string.h>

enum { A, B };

static struct ike_tunnel a, b;

static void both(uint16_t group)
{
	a = sim_tunnel(&w, 1, A, B);
	b = sim_tunnel(&w, 1, B, A);
	a.ike.ke = b.ike.ke = 31;
	a.ike.addke[0] = b.ike.addke[0] = a.child.addke[0] = b.child.addke[0] = group;
}

/* IKE_INTERMEDIATE and IKE_FOLLOWUP_KE, in fragments, whoever begins. */
START_TEST(test_mlkem_lives)
{
	both((uint16_t)(IKE_KE_ML_KEM_512 + _i % 3));
	w.restore_percent = _i >= 3 ? 100 : 0;
	sim_bring_up(&a, &b);
	ck_assert_uint_ge(sim_lines(&w, "IKE_INTERMEDIATE", NULL), 2);
	ck_assert_uint_eq(sim_status(&w, B, 1).suite.addke[0],
			  (unsigned)(IKE_KE_ML_KEM_512 + _i % 3));
	ck_assert_int_eq(sim_command(&w, B, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 20000);
	ck_assert_int_eq(sim_command(&w, A, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 20000);
	ck_assert_uint_ge(sim_lines(&w, "A --> B  IKE_FOLLOWUP_KE", NULL), 2);
	ck_assert_uint_ge(sim_lines(&w, "B --> A  IKE_FOLLOWUP_KE", NULL), 2);
	ck_assert_uint_eq(sim_counter(&w, B, "child_rekeyed"), 1);
	ck_assert_uint_eq(sim_counter(&w, A, "ike_rekeyed"), 1);
	ck_assert_uint_eq(w.node[A].downs + w.node[B].downs, 0);
	w.restore_percent = 0;
	sim_run(&w, 60000);
	sim_finish();
}
END_TEST

/* Never by itself, and never as the only one. */
START_TEST(test_mlkem_not_automatic)
{
	a = sim_tunnel(&w, 1, A, B);
	b = sim_tunnel(&w, 1, B, A);
	if (_i)
		a.ike.ke = IKE_KE_ML_KEM_768;
	a.initiate = true;
	ck_assert_int_eq(sim_set(&w, B, &b), 0);
	ck_assert_int_eq(sim_set(&w, A, &a), 0);
	sim_run(&w, 60000);
	ck_assert_int_eq(sim_is_up(&w, A, 1), _i == 0);
	if (_i == 0)
		ck_assert_ptr_null(strstr(sim_status(&w, B, 1).peer_offer, "ml-kem"));
	sim_assert(&w);
}
END_TEST

static void bytes(void *arg, void *buf, size_t len)
{
	memset(buf, ++*(uint8_t *)arg, len);
}

/* Lengths of both roles (FIPS 203 section 8), and what a job may be given. */
START_TEST(test_mlkem_job)
{
	static const struct {
		uint16_t group;
		size_t key, ciphertext;
	} rows[] = {{35, 800, 768}, {36, 1184, 1088}, {37, 1568, 1568}};
	uint8_t state = 0;
	struct ike_random random = {.bytes = bytes, .arg = &state};
	struct crypto *c = crypto_new();
	struct ike_dh_job *i = dh_job_new(c, rows[_i].group, &random, 0);
	struct ike_dh_job *r = dh_job_new(c, rows[_i].group, &random, 0);
	uint8_t bad[1568];

	ike_dh_job_run(i);
	ck_assert_uint_eq(dh_job_public(i).len, rows[_i].key);
	ck_assert_int_eq(dh_job_set_peer(r, view_of(dh_job_public(i).data, rows[_i].key - 1)),
			 ERR_INVALID);
	ck_assert_int_eq(dh_job_set_peer(r, dh_job_public(i)), 0);
	ike_dh_job_run(r);
	ck_assert_uint_eq(dh_job_public(r).len, rows[_i].ciphertext);
	ck_assert_int_eq(dh_job_set_peer(i, view_of(bad, rows[_i].ciphertext - 1)), ERR_INVALID);
	ck_assert_int_eq(dh_job_set_peer(i, dh_job_public(r)), 0);
	ike_dh_job_run(i);
	ck_assert(!i->failed && !r->failed);
	ck_assert_uint_eq(i->shared.len, 32);
	ck_assert(secret_equal(&i->shared, &r->shared));
	ike_dh_job_free(r);
	r = dh_job_new(c, rows[_i].group, &random, 0);
	memset(bad, 0xff, sizeof(bad)); /* a key that is none */
	ck_assert_int_eq(dh_job_set_peer(r, view_of(bad, rows[_i].key)), 0);
	ike_dh_job_run(r);
	ck_assert(r->failed && r->shared.len == 0);
	ike_dh_job_free(r);
	ike_dh_job_free(i);
	crypto_free(c);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mlkem");
	TCase *tc = sim_case("mlkem");

	tcase_add_loop_test(tc, test_mlkem_lives, 0, 6);
	tcase_add_loop_test(tc, test_mlkem_not_automatic, 0, 2);
	tcase_add_loop_test(tc, test_mlkem_job, 0, 3);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
