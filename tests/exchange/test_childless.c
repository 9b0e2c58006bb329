/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The IKE SA without a Child SA (RFC 6023): as the responder always, as the initiator once an error
 * about the first Child SA has cost the IKE SA. */
#include "matrix.h"

#include "ikev2/ikesa.h"
#include "ikev2/payload_notify.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

/* Two engines, one of which leaves the Child SA out. */
START_TEST(test_childless_two_engines)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	tunnel_find(w.node[_i].engine, 1)->childless = true;
	ck_assert_int_eq(sim_command(&w, _i, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 1000);
	ck_assert_uint_eq(sim_lines(&w, "IKE_AUTH 1 { ", "SA, TS"), 0);
	ck_assert_uint_eq(sim_lines(&w, "IKE_AUTH response 1 { IDr, AUTH }", NULL), 1);
	ck_assert_uint_eq(sim_lines(&w, "CREATE_CHILD_SA 2 { SA, Ni, KEi, TSi, TSr }", NULL), 1);
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 30000);
	sim_finish();
}
END_TEST

/* A peer that does not announce it is not asked for it. */
START_TEST(test_childless_not_announced)
{
	static struct mx m;

	mx_start(&m, false);
	mx_open(&m, MX_AUTH_SENT);
	tunnel_find(mx_engine(), 1)->childless = true;
	mx_sa(&m)->peer_childless = false;
	ck_assert_uint_gt(m.last.len, 250); /* with SA and selectors */
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* The peer answers IKE_AUTH with nothing but an error about the Child SA: at once again without. */
static const uint16_t errors[] = {IKE_N_TS_UNACCEPTABLE, IKE_N_NO_PROPOSAL_CHOSEN,
				  IKE_N_SINGLE_PAIR_REQUIRED, IKE_N_FAILED_CP_REQUIRED};

START_TEST(test_childless_after_refusal)
{
	static struct mx m;

	mx_start(&m, _i % 2);
	w.quiet = false;
	mx_open(&m, MX_AUTH_SENT);
	mx_begin(&m, IKE_EXCH_AUTH, true);
	payload_notify_write(&m.chain, errors[_i / 2], view_of(NULL, 0));
	mx_send(&m);
	ck_assert_ptr_null(mx_sa(&m));
	w.node[0].dead = false;
	w.rule_count = 0;
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, 1, 1));
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_AUTH response 1 { IDr, AUTH }", NULL), 1);
	ck_assert_ptr_nonnull(sim_sending(&w, 0, 0));
	/* changed parameters: from the beginning */
	m.b.child.ke = 31;
	ck_assert_int_eq(sim_set(&w, 1, &m.b), 0);
	ck_assert(!tunnel_find(mx_engine(), 1)->childless);
	w.quiet = true;
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* Errors that are not about the Child SA change nothing. */
START_TEST(test_childless_not_after_other_errors)
{
	static struct mx m;

	mx_start(&m, false);
	mx_open(&m, MX_AUTH_SENT);
	mx_begin(&m, IKE_EXCH_AUTH, true);
	payload_notify_write(&m.chain, IKE_N_AUTHENTICATION_FAILED, view_of(NULL, 0));
	mx_send(&m);
	ck_assert(!tunnel_find(mx_engine(), 1)->childless);
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* The peer takes the IKE SA, refuses the Child SA and then closes all: the next IKE SA is childless
 * and stays, the Child SA is asked for now and then. */
START_TEST(test_childless_after_deletion)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.initiate = true;
	b.remote_ts.ts[0] = sim_ts("192.168.0.0/16");
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_CLEAR), 0);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert_uint_eq(sim_lines(&w, "IKE_AUTH response 1 { IDr, AUTH }", NULL), 1);
	sim_run(&w, 600000);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert_uint_eq(w.node[0].downs, 1);
	ck_assert_uint_ge(sim_lines(&w, "N(TS_UNACCEPTABLE)", NULL), 3);
	ck_assert_uint_le(sim_lines(&w, "N(TS_UNACCEPTABLE)", NULL), 6);
	sim_assert(&w);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("childless");
	TCase *tc = sim_case("childless");

	tcase_add_loop_test(tc, test_childless_two_engines, 0, 2);
	tcase_add_test(tc, test_childless_not_announced);
	tcase_add_loop_test(tc, test_childless_after_refusal, 0, 2 * (int)ARRAY_LEN(errors));
	tcase_add_test(tc, test_childless_not_after_other_errors);
	tcase_add_test(tc, test_childless_after_deletion);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
