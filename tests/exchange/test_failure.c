/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a tunnel is not up: every failure has a reason and its evidence on both sides. */
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

static void expect(int node, enum ike_reason reason, bool by_peer, const char *evidence)
{
	struct ike_failure f = sim_status(&w, node, 1).failure;

	if (f.reason != reason || f.by_peer != by_peer || !strstr(f.evidence, evidence))
		ck_abort_msg("node %d: %s, by_peer %d, \"%s\"\n%s", node, ike_reason_name(f.reason),
			     f.by_peer, f.evidence, w.ladder.text);
}

static void nothing_left(void)
{
	sim_run(&w, 80000); /* half-open ones expire */
	ck_assert_uint_eq(w.node[0].ups + w.node[1].ups, 0);
	ck_assert_uint_eq(sim_alive(&w, 0) + sim_alive(&w, 1), 0);
	sim_assert(&w);
}

START_TEST(test_failure_wrong_psk)
{
	static uint8_t other[] = "correct horse battery stapler";

	profiles();
	a.psk = (struct secret){.data = other, .len = sizeof(other) - 1};
	go(5000);
	expect(1, IKE_REASON_AUTH_FAILED, false, "pre-shared key");
	expect(0, IKE_REASON_AUTH_FAILED, true, "peer sent AUTHENTICATION_FAILED in IKE_AUTH");
	ck_assert_ptr_nonnull(sim_event(&w, 0, IKE_ACTION_EVENT, IKE_EVENT_ATTEMPT_FAILED));
	ck_assert_ptr_nonnull(sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_ATTEMPT_FAILED));
	nothing_left();
}
END_TEST

START_TEST(test_failure_unknown_initiator)
{
	const struct sim_event *ev;

	profiles();
	a.local_id = sim_id(IKE_ID_FQDN, "stranger.example.net");
	go(5000);
	expect(0, IKE_REASON_AUTH_FAILED, true, "AUTHENTICATION_FAILED");
	ev = sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_UNKNOWN_PEER);
	ck_assert_ptr_nonnull(ev);
	ck_assert_uint_eq(ev->tunnel, 0);
	ck_assert(ike_id_equal(&ev->failure.id_seen, &a.local_id));
	/* the tunnel that waits for this address shows who came */
	expect(1, IKE_REASON_ID_MISMATCH, false, "stranger.example.net");
	nothing_left();
}
END_TEST

/* The responder calls itself otherwise than the initiator expects. */
START_TEST(test_failure_responder_identity)
{
	struct ike_id seen;

	profiles();
	b.local_id = sim_id(IKE_ID_RFC822_ADDR, "gate@example.net");
	go(5000);
	expect(0, IKE_REASON_ID_MISMATCH, false,
	       "peer presents email gate@example.net, expected fqdn "
	       "node1-1.example.net");
	seen = sim_status(&w, 0, 1).failure.id_seen;
	ck_assert(ike_id_equal(&seen, &b.local_id));
	/* B had the tunnel up for a moment, and is told */
	expect(1, IKE_REASON_AUTH_FAILED, true, "AUTHENTICATION_FAILED");
	ck_assert_uint_eq(w.node[1].downs, 1);
	sim_run(&w, 10000);
	ck_assert_uint_eq(sim_alive(&w, 1), 0);
}
END_TEST

START_TEST(test_failure_no_proposal)
{
	profiles();
	a.ike = (struct ike_parameters){
		.encr = 12, .key_bits = 256, .prf = 5, .integ = 12, .ke = 14};
	b.ike = (struct ike_parameters){.encr = 20, .key_bits = 256, .prf = 5, .ke = 14};
	go(5000);
	expect(0, IKE_REASON_NO_PROPOSAL_CHOSEN, true,
	       "peer sent NO_PROPOSAL_CHOSEN in IKE_SA_INIT");
	expect(1, IKE_REASON_NO_PROPOSAL_CHOSEN, false,
	       "encryption differs: here aes-gcm-256, peer aes-cbc-256");
	ck_assert_ptr_nonnull(strstr(sim_status(&w, 1, 1).peer_offer, "aes-cbc-256"));
	nothing_left();
}
END_TEST

START_TEST(test_failure_child_no_proposal)
{
	profiles();
	a.child = (struct ike_parameters){.encr = 12, .key_bits = 256, .integ = 12};
	b.child = (struct ike_parameters){.encr = 20, .key_bits = 256};
	go(5000);
	/* the IKE SA stays up */
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	expect(0, IKE_REASON_NO_PROPOSAL_CHOSEN, true, "NO_PROPOSAL_CHOSEN in IKE_AUTH");
	expect(1, IKE_REASON_NO_PROPOSAL_CHOSEN, false, "aes-cbc-256");
	ck_assert_ptr_nonnull(sim_event(&w, 0, IKE_ACTION_EVENT, IKE_EVENT_CHILD_FAILED));
	ck_assert_uint_eq(sim_alive(&w, 0) + sim_alive(&w, 1), 0);
	/* asked again by CREATE_CHILD_SA after the rebuild time, then after 2 and 4 times as long
	 */
	sim_run(&w, 80000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  CREATE_CHILD_SA", NULL), 0);
	sim_run(&w, 20000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  CREATE_CHILD_SA", NULL), 1);
	sim_run(&w, 180000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  CREATE_CHILD_SA", NULL), 2);
	sim_run(&w, 720000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  CREATE_CHILD_SA", NULL), 4);
	/* or when the operator says so */
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 1000);
	ck_assert_uint_eq(sim_lines(&w, "A --> B  CREATE_CHILD_SA", NULL), 5);
	sim_assert(&w);
}
END_TEST

START_TEST(test_failure_ts_unacceptable)
{
	profiles();
	b.remote_ts.ts[0] = sim_ts("192.168.0.0/16");
	go(5000);
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	expect(0, IKE_REASON_TS_UNACCEPTABLE, true, "TS_UNACCEPTABLE in IKE_AUTH");
	expect(1, IKE_REASON_TS_UNACCEPTABLE, false, "peer asks for 10.0.1.0/24");
	/* repaired on one side: it comes up without a new IKE SA */
	b.remote_ts.ts[0] = sim_ts("10.0.1.0/24");
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	sim_run(&w, 200000);
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	sim_finish();
}
END_TEST

/* 1 + 5 transmissions, ten seconds apart, then the end; attempts start every 90 s. */
START_TEST(test_failure_no_response)
{
	profiles();
	w.node[1].dead = true;
	go(59999);
	ck_assert_uint_eq(w.node[0].sent, 6);
	ck_assert_int_eq(sim_status(&w, 0, 1).state, IKE_TUNNEL_CONNECTING);
	sim_run(&w, 1);
	expect(0, IKE_REASON_NO_RESPONSE, false, "IKE_SA_INIT after 6 transmissions");
	ck_assert_int_eq(sim_status(&w, 0, 1).state, IKE_TUNNEL_DOWN);
	ck_assert_uint_eq(sim_status(&w, 0, 1).next_attempt_ms, 1000 + 90000);
	sim_run(&w, 29999);
	ck_assert_uint_eq(w.node[0].sent, 6);
	sim_run(&w, 1);
	ck_assert_uint_eq(w.node[0].sent, 7);
	ck_assert_uint_eq(sim_status(&w, 0, 1).attempts, 2);
	w.node[1].dead = false;
	sim_run(&w, 10500);
	ck_assert(sim_is_up(&w, 0, 1));
}
END_TEST

/* Retransmissions are the same octets. */
START_TEST(test_failure_retransmissions_are_identical)
{
	uint8_t first[sizeof(w.node[0].last_sent)];
	size_t len;

	profiles();
	w.node[1].dead = true;
	go(1);
	len = w.node[0].last_sent_len;
	memcpy(first, w.node[0].last_sent, len);
	for (int i = 0; i < 5; i++) {
		sim_run(&w, 10000);
		ck_assert_uint_eq(w.node[0].last_sent_len, len);
		ck_assert_mem_eq(w.node[0].last_sent, first, len);
	}
	ck_assert_uint_eq(w.node[0].sent, 6);
}
END_TEST

/* IKE_AUTH is not answered (UDP 4500 or fragments are blocked). */
START_TEST(test_failure_auth_unanswered)
{
	profiles();
	sim_rule(&w, (struct sim_rule){.from = 1,
				       .exchange = IKE_EXCH_AUTH,
				       .response = 1,
				       .count = 100,
				       .drop = true});
	go(65000);
	expect(0, IKE_REASON_NO_RESPONSE, false, "no answer to IKE_AUTH on UDP port 500");
}
END_TEST

/* Forged errors do not stop a handshake; the real answer counts. */
START_TEST(test_failure_forged_error)
{
	uint8_t forged[36] = {0};

	profiles();
	w.delay_ms = 200;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1);
	memcpy(forged, w.node[0].last_sent, 8);
	forged[16] = 41;   /* Notify */
	forged[17] = 0x20; /* version */
	forged[18] = 34;
	forged[19] = 0x20; /* response of the responder */
	forged[27] = 36;
	forged[31] = 8;
	forged[35] = 14; /* NO_PROPOSAL_CHOSEN */
	sim_inject(&w, 1, 0, false, forged, sizeof(forged));
	sim_inject(&w, 1, 0, false, forged, sizeof(forged));
	sim_run(&w, 5000);
	ck_assert(sim_is_up(&w, 0, 1));
	sim_finish();
}
END_TEST

/* An authenticated peer from another address than the configured one. */
START_TEST(test_failure_other_address)
{
	profiles();
	b.remote.addr = ip_addr_v4(0xc6336401u);
	go(5000);
	expect(1, IKE_REASON_ID_MISMATCH, false, "comes from 192.0.2.1, expected 198.51.100.1");
	expect(0, IKE_REASON_AUTH_FAILED, true, "AUTHENTICATION_FAILED");
	nothing_left();
}
END_TEST

START_TEST(test_failure_admin_down_refuses)
{
	profiles();
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_TERMINATE), 0);
	go(5000);
	ck_assert(!sim_is_up(&w, 0, 1));
	expect(0, IKE_REASON_AUTH_FAILED, true, "AUTHENTICATION_FAILED");
	ck_assert(sim_status(&w, 1, 1).admin_down);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 5000);
	ck_assert(sim_is_up(&w, 0, 1));
}
END_TEST

/* The data plane gives up what is being deleted already. */
START_TEST(test_failure_broken_while_deleting)
{
	profiles();
	a.child_lifetime_s = b.child_lifetime_s = 40;
	sim_bring_up(&a, &b);
	sim_rule(&w, (struct sim_rule){.from = -1,
				       .exchange = IKE_EXCH_CREATE_CHILD_SA,
				       .response = -1,
				       .count = 100,
				       .drop = true});
	sim_run(&w, 40000); /* expired, DELETE waits for the rekeying */
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	ike_engine_child_broken(w.node[0].engine, w.now_ms, sim_sending(&w, 0, 0)->child);
	ike_engine_child_broken(w.node[1].engine, w.now_ms, sim_sending(&w, 1, 0)->child);
	sim_assert(&w);
	sim_run(&w, 1000);
	sim_assert(&w);
}
END_TEST

START_TEST(test_failure_reason_texts)
{
	for (int r = 0; r < IKE_REASON_COUNT; r++) {
		ck_assert_ptr_nonnull(ike_reason_name((enum ike_reason)r));
		ck_assert_ptr_nonnull(ike_reason_hint((enum ike_reason)r));
		for (int o = 0; o < r; o++)
			ck_assert_str_ne(ike_reason_name((enum ike_reason)r),
					 ike_reason_name((enum ike_reason)o));
	}
}
END_TEST

START_TEST(test_failure_profile_conflicts)
{
	struct ike_tunnel c;
	uint32_t conflict = 0;

	profiles();
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	c = a;
	c.id = 7;
	ck_assert_int_eq(ike_engine_tunnel_set(w.node[0].engine, w.now_ms, &c, &conflict),
			 ERR_EXISTS);
	ck_assert_uint_eq(conflict, 1);
	c.local_id = sim_id(IKE_ID_FQDN, "another.example.net"); /* another identity of ours */
	ck_assert_int_eq(sim_set(&w, 0, &c), 0);
	c.id = 8;
	c.remote = (struct ip_endpoint){0};
	c.remote_id.type = IKE_ID_NONE; /* nobody could ever match */
	ck_assert_int_eq(sim_set(&w, 0, &c), ERR_INVALID);
	ck_assert_int_eq(sim_command(&w, 0, 99, IKE_CMD_INITIATE), ERR_NOT_FOUND);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_failure_wrong_psk,
		test_failure_unknown_initiator,
		test_failure_responder_identity,
		test_failure_no_proposal,
		test_failure_child_no_proposal,
		test_failure_ts_unacceptable,
		test_failure_no_response,
		test_failure_retransmissions_are_identical,
		test_failure_auth_unanswered,
		test_failure_forged_error,
		test_failure_other_address,
		test_failure_admin_down_refuses,
		test_failure_reason_texts,
		test_failure_profile_conflicts,
		test_failure_broken_while_deleting,
	};

	return sim_suite("failure", tests, ARRAY_LEN(tests));
}
