/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Postquantum preshared keys (RFC 8784): the table of section 3, both roles, what is said when they
 * do not agree.  The derivation has its vectors in tests/unit/ikev2/test_keymat.c. */
#include "sim.h"

#include "ikev2/ikesa.h"
#include "ikev2/tunnel.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

static uint8_t key_1[32] = "a key of thirty-two octets, one";
static uint8_t key_2[32] = "a key of thirty-two octets, two";

enum has { NOTHING, OPTIONAL, REQUIRED, OTHER_NAME, OTHER_NAME_REQUIRED, OTHER_KEY };

static void give(struct ike_tunnel *t, enum has has)
{
	const char *name = has == OTHER_NAME || has == OTHER_NAME_REQUIRED ? "ppk-2" : "ppk-1";

	if (has == NOTHING)
		return;
	t->ppk.id_len = (uint8_t)strlen(name);
	memcpy(t->ppk.id, name, t->ppk.id_len);
	t->ppk.key = (struct secret){.data = has == OTHER_KEY ? key_2 : key_1, .len = 32};
	t->ppk.required = has == REQUIRED || has == OTHER_NAME_REQUIRED;
}

static const struct {
	enum has initiator, responder;
	bool up, used;
	enum ike_cause cause; /* at the side that notices */
	int node;
} cases[] = {
	{NOTHING, NOTHING, true, false, IKE_CAUSE_NONE, 0},
	{OPTIONAL, NOTHING, true, false, IKE_CAUSE_NONE, 0},
	{NOTHING, OPTIONAL, true, false, IKE_CAUSE_NONE, 0},
	{OPTIONAL, OPTIONAL, true, true, IKE_CAUSE_NONE, 0},
	{REQUIRED, OPTIONAL, true, true, IKE_CAUSE_NONE, 0},
	{OPTIONAL, REQUIRED, true, true, IKE_CAUSE_NONE, 0},
	{REQUIRED, REQUIRED, true, true, IKE_CAUSE_NONE, 0},
	{OTHER_NAME, OPTIONAL, true, false, IKE_CAUSE_NONE, 0},
	{REQUIRED, NOTHING, false, false, IKE_CAUSE_PPK_MISSING, 0},
	{NOTHING, REQUIRED, false, false, IKE_CAUSE_PPK_MISSING, 1},
	{OTHER_NAME, REQUIRED, false, false, IKE_CAUSE_PPK_MISMATCH, 1},
	{OTHER_NAME_REQUIRED, OPTIONAL, false, false, IKE_CAUSE_PPK_MISMATCH, 1},
	{OTHER_KEY, OPTIONAL, false, false, IKE_CAUSE_PPK_MISMATCH, 1},
};

static void lives_on(bool used)
{
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 20000);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	ck_assert_int_eq(sim_status(&w, 0, 1).ppk, used);
	sim_finish();
}

static void stays_down(int node, enum ike_cause cause)
{
	ck_assert_int_eq(w.node[0].ups, 0);
	ck_assert_int_eq(w.node[1].ups, 0);
	if (sim_status(&w, node, 1).failure.cause != cause)
		ck_abort_msg("%s\n%s", sim_status(&w, node, 1).failure.evidence, w.ladder.text);
	sim_run(&w, 80000);
	sim_assert(&w);
}

START_TEST(test_ppk_table)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	a.initiate = true;
	give(&a, cases[_i].initiator);
	give(&b, cases[_i].responder);
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, cases[_i].up ? 5000 : 70000);
	ck_assert_int_eq(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1), cases[_i].up);
	ck_assert_int_eq(sim_status(&w, 0, 1).ppk, cases[_i].used);
	ck_assert_int_eq(sim_status(&w, 1, 1).ppk, cases[_i].used);
	if (cases[_i].up)
		lives_on(cases[_i].used);
	else
		stays_down(cases[_i].node, cases[_i].cause);
}
END_TEST

/* The keys of the Child SA are not those that the same exchange gives without a PPK. */
static void up_and_key(enum has has, uint8_t key[32])
{
	struct ike_tunnel a, b;

	sim_clear(&w);
	sim_init(&w, 5, 2);
	a = sim_tunnel(&w, 1, 0, 1);
	b = sim_tunnel(&w, 1, 1, 0);
	give(&a, has);
	give(&b, has);
	sim_bring_up(&a, &b);
	memcpy(key, sim_sending(&w, 0, 0)->key_out, 32);
}

START_TEST(test_ppk_changes_the_keys)
{
	uint8_t without[32], with[32], other[32];

	up_and_key(NOTHING, without);
	up_and_key(OPTIONAL, with);
	up_and_key(OTHER_KEY, other);
	ck_assert_mem_ne(without, with, 32);
	ck_assert_mem_ne(with, other, 32);
	ck_assert_mem_ne(without, other, 32);
}
END_TEST

/* A profile with another PPK is another profile. */
START_TEST(test_ppk_change_renegotiates)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	give(&a, OPTIONAL);
	give(&b, OPTIONAL);
	sim_bring_up(&a, &b);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1000);
	ck_assert_uint_eq(w.node[0].downs, 0);
	a.ppk.required = true;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 30000);
	ck_assert_uint_eq(w.node[0].downs, 1);
	ck_assert(sim_status(&w, 0, 1).ppk);
	sim_finish();
}
END_TEST

/* Somebody takes USE_PPK out of the answer: the initiator that requires a PPK waits for the real
 * one. */
START_TEST(test_ppk_downgrade)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	uint8_t copy[2000];
	size_t len;

	give(&a, REQUIRED);
	give(&b, OPTIONAL);
	a.initiate = true;
	w.delay_ms = 100;
	sim_rule(&w, (struct sim_rule){.from = 1,
				       .exchange = IKE_EXCH_SA_INIT,
				       .response = 1,
				       .count = 1,
				       .delay_ms = 3000});
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 150);
	len = w.node[1].last_sent_len;
	memcpy(copy, w.node[1].last_sent, len);
	copy[len - 1] ^= 1; /* USE_PPK is the last payload: another notify now */
	sim_inject(&w, 1, 0, false, copy, len);
	sim_run(&w, 1000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_AUTH", NULL), 0);
	sim_run(&w, 10000);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert(sim_status(&w, 1, 1).ppk);
	sim_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ppk");
	TCase *tc = sim_case("ppk");

	tcase_add_loop_test(tc, test_ppk_table, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(tc, test_ppk_changes_the_keys);
	tcase_add_test(tc, test_ppk_change_renegotiates);
	tcase_add_test(tc, test_ppk_downgrade);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
