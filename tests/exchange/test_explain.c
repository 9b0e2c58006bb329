/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of failures beyond their reason: the differing attribute, whose peer a stranger is,
 * why nobody answers. */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

static struct ike_tunnel a, b;

static void profiles(void)
{
	a = sim_tunnel(&w, 1, 0, 1);
	b = sim_tunnel(&w, 1, 1, 0);
	a.initiate = true;
}

static void go(uint64_t ms)
{
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, ms);
}

static void expect(int node, enum ike_cause cause, const char *evidence)
{
	struct ike_failure f = sim_status(&w, node, 1).failure;

	if (f.cause != cause || f.reason != ike_cause_row(cause)->reason ||
	    !strstr(f.evidence, evidence))
		ck_abort_msg("node %d: %s/%s, \"%s\"\n%s", node, ike_reason_name(f.reason),
			     ike_cause_row(f.cause)->name, f.evidence, w.ladder.text);
}

static const char *differing(int node)
{
	static struct ike_tunnel_status s;

	s = sim_status(&w, node, 1);
	for (size_t i = 0; i < s.comparison.count; i++)
		if (s.comparison.row[i].differs)
			return s.comparison.row[i].attribute;
	return "nothing";
}

static const struct ike_parameters base = {
	.encr = 12, .key_bits = 256, .prf = 5, .integ = 12, .ke = 14};

/* Both sides name the same attribute; the initiator has to ask for it. */
START_TEST(test_explain_ike_proposal)
{
	struct ike_parameters other = base;
	const char *attribute = "";

	switch (_i) {
	case 0:
		other.key_bits = 128;
		attribute = "encryption";
		break;
	case 1:
		other.prf = 7;
		attribute = "prf";
		break;
	case 2:
		other.integ = 14;
		attribute = "integrity";
		break;
	default:
		other.ke = 20;
		attribute = "dh-group";
		break;
	}
	profiles();
	a.ike = base;
	b.ike = other;
	go(5000);
	expect(1, IKE_CAUSE_IKE_ALGORITHMS, attribute);
	ck_assert_str_eq(differing(1), attribute);
	expect(0, IKE_CAUSE_IKE_REFUSED, attribute);
	ck_assert_str_eq(differing(0), attribute);
	/* not asked at the next attempt again, and nothing is left of it */
	sim_run(&w, 75000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  IKE_SA_INIT", NULL), 3 + (_i == 3));
	sim_run(&w, 20000);
	expect(0, IKE_CAUSE_IKE_REFUSED, attribute);
	ck_assert_uint_eq(w.node[0].ups + w.node[1].ups, 0);
	sim_assert(&w);
}
END_TEST

/* Repaired while the question is under way. */
START_TEST(test_explain_question_does_not_disturb)
{
	profiles();
	a.ike = base;
	b.ike = base;
	b.ike.ke = 20;
	go(2000);
	b.ike = base;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 5000);
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	sim_run(&w, 60000); /* what the question left half-open */
	sim_finish();
}
END_TEST

START_TEST(test_explain_child_proposal_and_selectors)
{
	profiles();
	a.child = (struct ike_parameters){.encr = 12, .key_bits = 256, .integ = 12};
	b.child = (struct ike_parameters){.encr = 20, .key_bits = 256};
	go(5000);
	expect(1, IKE_CAUSE_CHILD_ALGORITHMS, "encryption differs: here aes-gcm-256");
	expect(0, IKE_CAUSE_CHILD_REFUSED, "peer sent NO_PROPOSAL_CHOSEN in IKE_AUTH");
	ck_assert_str_eq(sim_status(&w, 0, 1).comparison.row[0].peer, "not told");
	b.child = a.child;
	b.remote_ts.ts[0] = sim_ts("192.168.0.0/16");
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	sim_run(&w, 100000);
	expect(1, IKE_CAUSE_SELECTORS, "peer asks for");
	ck_assert_str_eq(differing(1), "networks of the peer");
	expect(0, IKE_CAUSE_SELECTORS_REFUSED, "TS_UNACCEPTABLE");
}
END_TEST

/* The responder waits for any address; the key tells whose peer it is. */
START_TEST(test_explain_stranger_by_key)
{
	static uint8_t other[] = "the key of somebody else";
	struct ike_tunnel c;

	profiles();
	b.remote = (struct ip_endpoint){.port = 0};
	b.remote_id = sim_id(IKE_ID_FQDN, "expected.example.net");
	c = b;
	c.id = 2;
	c.remote_id = sim_id(IKE_ID_FQDN, "another.example.net");
	c.psk = (struct secret){.data = other, .len = sizeof(other) - 1};
	a.local_id = sim_id(IKE_ID_FQDN, "surprise.example.net");
	ck_assert_int_eq(sim_set(&w, 1, &c), 0);
	go(5000);
	expect(1, IKE_CAUSE_ID_VALUE, "its key is right");
	ck_assert_str_eq(differing(1), "value");
	ck_assert_int_eq(sim_status(&w, 1, 2).failure.reason, IKE_REASON_NONE);
	ck_assert_ptr_nonnull(sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_UNKNOWN_PEER));
}
END_TEST

START_TEST(test_explain_key_of_another_tunnel)
{
	static uint8_t other[] = "the key of somebody else";
	struct ike_tunnel c;

	profiles();
	c = b;
	c.id = 2;
	c.remote_id = sim_id(IKE_ID_FQDN, "another.example.net");
	c.psk = (struct secret){.data = other, .len = sizeof(other) - 1};
	a.psk = c.psk;
	ck_assert_int_eq(sim_set(&w, 1, &c), 0);
	go(5000);
	expect(1, IKE_CAUSE_PSK_OTHER_TUNNEL, "another.example.net");
	expect(0, IKE_CAUSE_REFUSED_BY_PEER, "AUTHENTICATION_FAILED");
}
END_TEST

/* Said long before the attempt ends, and taken back when an answer comes. */
START_TEST(test_explain_silence)
{
	profiles();
	w.node[1].dead = true;
	go(19999);
	ck_assert_int_eq(sim_status(&w, 0, 1).failure.reason, IKE_REASON_NONE);
	sim_run(&w, 2);
	expect(0, IKE_CAUSE_SILENT, "after 2 transmissions");
	ck_assert_int_eq(sim_status(&w, 0, 1).state, IKE_TUNNEL_CONNECTING);
	w.node[1].dead = false;
	sim_run(&w, 10500);
	ck_assert(sim_is_up(&w, 0, 1));
	sim_finish();
}
END_TEST

/* ICMP changes nothing but the words. */
START_TEST(test_explain_unreachable)
{
	struct ip_endpoint peer, elsewhere;

	profiles();
	w.node[1].dead = true;
	go(100);
	peer = sim_status(&w, 0, 1).remote;
	elsewhere = peer;
	elsewhere.port++;
	ike_engine_unreachable(w.node[0].engine, w.now_ms, &elsewhere, IKE_CAUSE_PROHIBITED,
			       "ICMP about somebody else");
	sim_run(&w, 10000);
	ck_assert_int_eq(sim_status(&w, 0, 1).failure.reason, IKE_REASON_NONE);
	ike_engine_unreachable(w.node[0].engine, w.now_ms, &peer, IKE_CAUSE_PORT_UNREACHABLE,
			       "ICMP port unreachable from the peer");
	ck_assert_int_eq(sim_status(&w, 0, 1).state, IKE_TUNNEL_CONNECTING);
	sim_run(&w, 10000);
	expect(0, IKE_CAUSE_PORT_UNREACHABLE, "ICMP port unreachable from the peer");
	sim_run(&w, 100000);
	/* the next attempt heard no such thing */
	expect(0, IKE_CAUSE_SILENT, "no answer");
}
END_TEST

/* The responder says it too when IKE_AUTH does not come. */
START_TEST(test_explain_auth_missing)
{
	profiles();
	sim_rule(&w, (struct sim_rule){.from = 0,
				       .exchange = IKE_EXCH_AUTH,
				       .response = 0,
				       .count = 100,
				       .drop = true});
	go(15000);
	ck_assert_int_eq(sim_status(&w, 1, 1).failure.reason, IKE_REASON_NONE);
	sim_run(&w, 10000);
	expect(1, IKE_CAUSE_AUTH_MISSING, "its IKE_AUTH has not come");
	expect(0, IKE_CAUSE_AUTH_UNANSWERED, "IKE_SA_INIT was answered");
}
END_TEST

/* RFC 2408 section 3.1: Main Mode of an IKEv1 peer. */
START_TEST(test_explain_ikev1)
{
	uint8_t isakmp[28] = {1, 2, 3, 4, 5, 6, 7, 8};

	profiles();
	a.initiate = false;
	go(10);
	isakmp[16] = 1;	   /* next payload: SA */
	isakmp[17] = 0x10; /* version 1.0 */
	isakmp[18] = 2;	   /* Identity Protection */
	isakmp[27] = sizeof(isakmp);
	sim_inject(&w, 0, 1, false, isakmp, sizeof(isakmp));
	sim_run(&w, 100);
	expect(1, IKE_CAUSE_IKEV1_ONLY, "Main Mode");
	ck_assert_uint_eq(w.node[1].sent, 0);
	/* noise is not taken for it */
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	isakmp[27]++;
	sim_inject(&w, 0, 1, false, isakmp, sizeof(isakmp));
	sim_run(&w, 100);
	ck_assert_uint_eq(w.node[1].sent, 0);
}
END_TEST

int main(void)
{
	TCase *loops = sim_case("each attribute");
	Suite *s = suite_create("explain");
	TCase *t = sim_case("explain");
	const TTest *const tests[] = {
		test_explain_question_does_not_disturb,
		test_explain_child_proposal_and_selectors,
		test_explain_stranger_by_key,
		test_explain_key_of_another_tunnel,
		test_explain_silence,
		test_explain_unreachable,
		test_explain_auth_missing,
		test_explain_ikev1,
	};

	tcase_add_loop_test(loops, test_explain_ike_proposal, 0, 4);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, loops);
	suite_add_tcase(s, t);
	return sim_run_suite(srunner_create(s));
}
