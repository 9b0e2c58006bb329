/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Liveness, dead peers, rebuilding, deletion, restarts of a peer, NAT, changes of the profile. */
#include "sim.h"

#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

/* ---- Liveness -------------------------------------------------------------------------------- */

START_TEST(test_liveness_probe_after_silence)
{
	uint64_t sent;

	sim_bring_up_default();
	sim_run(&w, 100000);
	/* with nothing else going on, somebody is asked every ten seconds */
	ck_assert_uint_ge(sim_counter(&w, 0, "liveness_probes") +
				  sim_counter(&w, 1, "liveness_probes"),
			  9);
	/* traffic of the data plane is a sign of life */
	w.traffic_ms = 2000;
	sim_run(&w, 15000);
	sent = w.node[0].sent;
	sim_run(&w, 100000);
	ck_assert_uint_eq(w.node[0].sent, sent);
	sim_assert(&w);
}
END_TEST

/* Last sign of life at t: probe at t + 10, repeated each 10 s, dead at t + 60. */
START_TEST(test_liveness_dead_peer)
{
	struct ike_failure f;
	uint64_t rx, sent;

	sim_bring_up_default();
	w.traffic_ms = 1000;
	sim_run(&w, 20000);
	w.traffic_ms = 0;
	sim_run(&w, 100);
	w.node[1].dead = true;
	rx = sim_status(&w, 0, 1).last_rx_ms;
	sent = w.node[0].sent;
	sim_run(&w, rx + 9999 - w.now_ms);
	ck_assert_uint_eq(w.node[0].sent, sent);
	sim_run(&w, 1);
	ck_assert_uint_eq(w.node[0].sent, sent + 1);
	sim_run(&w, 49999);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert_uint_eq(w.node[0].sent, sent + 5); /* t + 10, 20, 30, 40, 50 */
	sim_run(&w, 1);
	ck_assert(!sim_is_up(&w, 0, 1));
	f = sim_status(&w, 0, 1).failure;
	ck_assert_int_eq(f.reason, IKE_REASON_DEAD_PEER);
	ck_assert_ptr_nonnull(strstr(f.evidence, "nothing received for 60 s"));
	ck_assert_uint_eq(sim_event(&w, 0, IKE_ACTION_DOWN, 0)->failure.reason,
			  IKE_REASON_DEAD_PEER);
	ck_assert_uint_eq(sim_alive(&w, 0), 0);
	sim_assert(&w);
}
END_TEST

/* The peer returns with everything forgotten; within 90 s the tunnel is up again. */
START_TEST(test_liveness_returns_after_dead_peer)
{
	struct ike_tunnel b = sim_tunnel(&w, 1, 1, 0);
	struct ike_limits limits = ike_limits_default();

	sim_bring_up_default();
	w.node[1].dead = true;
	sim_run(&w, 200000);
	ck_assert(!sim_is_up(&w, 0, 1));
	sim_limits(&w, 1, &limits); /* a new engine */
	sim_plane_forget(&w.node[1]);
	w.node[1].dead = false;
	ck_assert_int_eq(sim_set(&w, 1, &b), 0);
	ck_assert(sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, 90000));
	sim_run(&w, 10000);
	sim_finish();
}
END_TEST

/* Loss is repaired by repetition: the tunnel never goes down. */
START_TEST(test_liveness_survives_loss)
{
	sim_bring_up_default();
	w.loss_percent = 30;
	sim_run(&w, 1000000);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	ck_assert_uint_gt(sim_counter(&w, 0, "retransmits"), 0);
	sim_assert(&w);
}
END_TEST

/* ---- The end --------------------------------------------------------------------------------- */

START_TEST(test_liveness_terminate)
{
	sim_bring_up_default();
	ck_assert_int_eq(sim_command(&w, _i, 1, IKE_CMD_TERMINATE), 0);
	sim_run(&w, 1000);
	ck_assert(!sim_is_up(&w, 0, 1) && !sim_is_up(&w, 1, 1));
	ck_assert_int_eq(sim_status(&w, _i, 1).failure.reason, IKE_REASON_ADMIN_DOWN);
	ck_assert_int_eq(sim_status(&w, !_i, 1).failure.reason, IKE_REASON_PEER_DELETED);
	ck_assert(sim_status(&w, !_i, 1).failure.by_peer);
	ck_assert(sim_status(&w, _i, 1).admin_down);
	sim_run(&w, 30000);
	ck_assert_uint_eq(sim_alive(&w, 0) + sim_alive(&w, 1), 0);
	sim_check_quiet(&w);
	sim_run(&w, 300000); /* A tries again, B refuses, or A is down itself */
	ck_assert(!sim_is_up(&w, 0, 1) && !sim_is_up(&w, 1, 1));
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_INITIATE), 0);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 120000);
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	sim_assert(&w);
}
END_TEST

START_TEST(test_liveness_clear_comes_back)
{
	sim_bring_up_default();
	ck_assert_int_eq(sim_command(&w, _i, 1, IKE_CMD_CLEAR), 0);
	sim_run(&w, 19);
	ck_assert_uint_eq(w.node[_i].downs, 1);
	if (_i)
		sim_run(&w, 5);
	/* cleared here: at once; cleared there: at the next start of an attempt */
	ck_assert(sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, _i ? 91000 : 1000));
	sim_run(&w, 40000);
	sim_finish();
}
END_TEST

START_TEST(test_liveness_remove_tells_the_peer)
{
	sim_bring_up_default();
	sim_remove(&w, 0, 1);
	sim_run(&w, 1000);
	ck_assert(!sim_is_up(&w, 1, 1));
	ck_assert_int_eq(sim_status(&w, 1, 1).failure.reason, IKE_REASON_PEER_DELETED);
	ck_assert_uint_eq(sim_alive(&w, 0) + sim_alive(&w, 1), 0);
	sim_run(&w, 60000);
	ck_assert_uint_eq(w.node[0].engine->sas.count, 0);
	sim_assert(&w);
}
END_TEST

START_TEST(test_liveness_attempts_every_90_s)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1);

	a.initiate = true;
	w.node[1].dead = true;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 10 * 90000 - 1);
	ck_assert_uint_eq(sim_status(&w, 0, 1).attempts, 10);
	ck_assert_uint_eq(sim_lines(&w, "A negotiating", NULL), 10);
	sim_assert(&w);
}
END_TEST

/* ---- Profiles -------------------------------------------------------------------------------- */

START_TEST(test_liveness_same_profile_changes_nothing)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	uint64_t sent;

	sim_bring_up(&a, &b);
	sent = w.node[0].sent;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	a.child_lifetime_s = 1800;
	a.keepalive_s = 20;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 100);
	ck_assert_uint_eq(w.node[0].sent, sent);
	ck_assert_uint_eq(w.node[0].downs, 0);
	sim_finish();
}
END_TEST

START_TEST(test_liveness_changed_profile_starts_anew)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	sim_bring_up(&a, &b);
	a.ike.encr = 20;
	a.ike.key_bits = 128;
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1000);
	ck_assert_uint_eq(w.node[0].downs, 1);
	ck_assert_int_eq(sim_event(&w, 0, IKE_ACTION_DOWN, 0)->failure.reason,
			 IKE_REASON_CONFIG_CHANGED);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert_uint_eq(sim_status(&w, 0, 1).suite.key_bits, 128);
	sim_run(&w, 30000);
	sim_finish();
}
END_TEST

/* ---- A peer that comes back ------------------------------------------------------------------ */

/* A restarts and says INITIAL_CONTACT: B replaces the old one at once and never goes down; a
 * second tunnel between the same addresses is not touched. */
START_TEST(test_liveness_initial_contact_is_scoped)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);
	struct ike_tunnel b2 = sim_tunnel(&w, 2, 1, 0), a2 = sim_tunnel(&w, 2, 0, 1);
	struct ike_limits limits = ike_limits_default();
	uint64_t other;

	ck_assert_int_eq(sim_set(&w, 1, &b2), 0);
	a2.initiate = true;
	ck_assert_int_eq(sim_set(&w, 0, &a2), 0);
	sim_bring_up(&a, &b);
	other = sim_status(&w, 1, 2).spi_i;
	ck_assert_uint_eq(sim_alive(&w, 1), 2);
	sim_limits(&w, 0, &limits);
	sim_plane_forget(&w.node[0]);
	ck_assert_int_eq(sim_set(&w, 0, &a), 0);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, 0, 1));
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	ck_assert_uint_eq(w.node[1].downs, 0);
	ck_assert_uint_eq(sim_status(&w, 1, 2).spi_i, other);
	ck_assert_uint_eq(sim_status(&w, 1, 1).spi_i, sim_status(&w, 0, 1).spi_i);
	sim_assert(&w);
}
END_TEST

/* ---- A peer that has forgotten --------------------------------------------------------------- */

static void forget(int node)
{
	struct ike_limits limits = ike_limits_default();
	struct ike_tunnel t = sim_tunnel(&w, 1, node, !node);

	sim_limits(&w, node, &limits);
	sim_plane_forget(&w.node[node]);
	ck_assert_int_eq(sim_set(&w, node, &t), 0);
}

/* B restarts without a word: what A asks next is answered with INVALID_IKE_SPI, and A is there
 * again long before the dead timer. */
START_TEST(test_liveness_peer_restarted)
{
	uint64_t at;

	sim_bring_up_default();
	sim_run(&w, 95000);
	forget(1);
	at = w.now_ms;
	if (_i == 1)
		ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_CHILD), 0);
	if (_i == 2)
		ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	while (w.node[0].downs == 0 && w.now_ms < at + 60000)
		sim_run(&w, 10);
	ck_assert_uint_le(w.now_ms, at + 10000 + 7500 + 100);
	ck_assert_int_eq(ike_failure_cause(&sim_event(&w, 0, IKE_ACTION_DOWN, 0)->failure),
			 IKE_CAUSE_PEER_RESTARTED);
	ck_assert_uint_eq(sim_counter(&w, 0, "peer_restarts"), 1);
	ck_assert(sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, 1000));
	sim_run(&w, 10000);
	sim_finish();
}
END_TEST

/* It comes back by itself, with INITIAL_CONTACT, while we still believe in the old IKE SA. */
START_TEST(test_liveness_peer_restarted_and_initiates)
{
	sim_bring_up_default();
	w.traffic_ms = 500;
	sim_run(&w, 20000);
	forget(1);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_INITIATE), 0);
	sim_run(&w, 1000);
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	ck_assert_uint_eq(w.node[0].downs, 0);
	sim_run(&w, 10000); /* stragglers of the old one */
	ck_assert_uint_eq(sim_alive(&w, 0), 1);
	w.traffic_ms = 0;
	sim_run(&w, 1000);
	sim_finish();
}
END_TEST

/* An unprotected INVALID_IKE_SPI of somebody who has seen the SPIs. */
static void forge_denial(void)
{
	struct ike_tunnel_status st = sim_status(&w, 0, 1);
	uint8_t m[36] = {0};
	struct writer wr = writer_of(m, sizeof(m));

	writer_u64(&wr, st.spi_i);
	writer_u64(&wr, st.spi_r);
	writer_bytes(&wr, "\x29\x20\x25\x20", 4); /* N, 2.0, INFORMATIONAL, response of B */
	writer_u32(&wr, 7);
	writer_u32(&wr, sizeof(m));
	writer_bytes(&wr, "\0\0\0\10\0\0\0\4", 8); /* INVALID_IKE_SPI */
	sim_inject(&w, 1, 0, false, m, sizeof(m));
}

/* The peer is well: it is asked now and then, and that is all. */
START_TEST(test_liveness_forged_denials)
{
	uint64_t probes;

	sim_bring_up_default();
	w.traffic_ms = 1000;
	sim_run(&w, 1000);
	probes = sim_counter(&w, 0, "liveness_probes");
	for (unsigned i = 0; i < 100; i++) {
		forge_denial();
		sim_run(&w, 50);
	}
	ck_assert_uint_eq(sim_counter(&w, 0, "rx_unprotected_notify"), 100);
	ck_assert_uint_eq(sim_counter(&w, 0, "liveness_probes"), probes + 1);
	for (unsigned i = 0; i < 3000; i++) {
		forge_denial();
		sim_run(&w, 100);
	}
	ck_assert_uint_le(sim_counter(&w, 0, "liveness_probes"), probes + 1 + 11);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	ck_assert_uint_eq(sim_counter(&w, 0, "peer_restarts"), 0);
	w.traffic_ms = 0;
	sim_run(&w, 1000);
	sim_finish();
}
END_TEST

/* The peer is cut off for a while, and somebody repeats one denial: that is not enough. */
START_TEST(test_liveness_one_denial_is_not_enough)
{
	sim_bring_up_default();
	sim_run(&w, 1000);
	w.node[1].dead = true;
	forge_denial();
	sim_run(&w, 30000);
	w.node[1].dead = false;
	sim_run(&w, 20000);
	ck_assert_uint_eq(w.node[0].downs, 0);
	sim_finish();
}
END_TEST

/* ICMP errors are a reason to ask too, not more often. */
START_TEST(test_liveness_unreachable_hint)
{
	struct ip_endpoint b = {.addr = w.node[1].addr, .port = 500};
	uint64_t probes;

	sim_bring_up_default();
	w.traffic_ms = 1000;
	sim_run(&w, 1000);
	probes = sim_counter(&w, 0, "liveness_probes");
	for (unsigned i = 0; i < 590; i++) {
		ike_engine_unreachable(w.node[0].engine, w.now_ms, &b, IKE_CAUSE_PORT_UNREACHABLE,
				       "ICMP port unreachable from 192.0.2.2");
		sim_run(&w, 100);
	}
	ck_assert_uint_eq(sim_counter(&w, 0, "liveness_probes"), probes + 2);
	ck_assert_uint_eq(w.node[0].downs, 0);
	w.traffic_ms = 0;
	sim_run(&w, 1000);
	sim_finish();
}
END_TEST

/* ---- NAT ------------------------------------------------------------------------------------- */

static void behind_nat(int node)
{
	w.node[node].nat = true;
	w.node[node].nat_addr = ip_addr_v4(0xcb007101u);
	w.node[node].port_shift = 20000;
}

static void nat_up(struct ike_tunnel *a, struct ike_tunnel *b)
{
	*a = sim_tunnel(&w, 1, 0, 1);
	*b = sim_tunnel(&w, 1, 1, 0);
	b->remote.addr = (struct ip_addr){.family = IP_NONE};
	sim_bring_up(a, b);
}

START_TEST(test_liveness_nat_of_initiator)
{
	struct ike_tunnel a, b;
	struct ike_tunnel_status sa, sb;

	behind_nat(0);
	nat_up(&a, &b);
	sa = sim_status(&w, 0, 1);
	sb = sim_status(&w, 1, 1);
	ck_assert(sa.nat_local && !sa.nat_remote);
	ck_assert(!sb.nat_local && sb.nat_remote);
	ck_assert_uint_eq(sa.local.port, 4500);
	ck_assert_uint_eq(sa.remote.port, 4500);
	ck_assert_uint_eq(sb.remote.port, 24500);
	ck_assert(sim_sending(&w, 0, 0)->udp_encap && sim_sending(&w, 1, 0)->udp_encap);
	ck_assert_uint_eq(sim_sending(&w, 1, 0)->remote.port, 24500);
	sim_run(&w, 100000);
	/* only the side behind the NAT keeps the mapping alive, every 20 s */
	ck_assert_uint_eq(w.node[0].keepalives, 5);
	ck_assert_uint_eq(w.node[1].keepalives, 0);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 30000);
	ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_CHILD), 0);
	sim_run(&w, 10000);
	ck_assert(sim_sending(&w, 1, 0)->udp_encap);
	sim_finish();
}
END_TEST

/* The NAT gives another port while the IKE SA is being rekeyed, and the request comes again from
 * there, on the old IKE SA: the new one is at the same place. */
START_TEST(test_liveness_nat_rebinding_while_rekeying)
{
	struct ike_tunnel a, b;

	behind_nat(0);
	nat_up(&a, &b);
	sim_rule(&w, (struct sim_rule){.from = 1,
				       .exchange = IKE_EXCH_CREATE_CHILD_SA,
				       .response = 1,
				       .count = 1,
				       .drop = true});
	if (_i) /* both rekey; ours never arrives */
		sim_rule(&w, (struct sim_rule){.from = 1,
					       .exchange = IKE_EXCH_CREATE_CHILD_SA,
					       .response = 0,
					       .count = 100,
					       .drop = true});
	ck_assert_int_eq(sim_command(&w, 0, 1, IKE_CMD_REKEY_IKE), 0);
	if (_i)
		ck_assert_int_eq(sim_command(&w, 1, 1, IKE_CMD_REKEY_IKE), 0);
	sim_run(&w, 200);
	w.node[0].port_shift = 21000;
	ck_assert(sim_run_until(&w, 0, 1, IKE_TUNNEL_UP, 1));
	sim_run(&w, 10200); /* A has the answer, nothing came on the new IKE SA yet */
	ck_assert_uint_eq(sim_status(&w, 1, 1).remote.port, 25500);
	ck_assert_uint_eq(sim_sending(&w, 1, 0)->remote.port, 25500);
	sim_run(&w, 100000);
	ck_assert_uint_eq(w.node[0].downs + w.node[1].downs, 0);
	sim_finish();
}
END_TEST

START_TEST(test_liveness_nat_rebinding)
{
	struct ike_tunnel a, b;

	behind_nat(0);
	nat_up(&a, &b);
	w.node[0].port_shift = 21000;
	sim_run(&w, 21000); /* a liveness probe of A comes from the new port */
	ck_assert_uint_eq(sim_status(&w, 1, 1).remote.port, 25500);
	ck_assert_uint_eq(sim_sending(&w, 1, 0)->remote.port, 25500);
	ck_assert_ptr_nonnull(sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_NAT_CHANGED));
	sim_run(&w, 100000);
	ck_assert(sim_is_up(&w, 0, 1) && sim_is_up(&w, 1, 1));
	sim_finish();
}
END_TEST

/* A replayed packet from another address moves nothing. */
START_TEST(test_liveness_nat_replay)
{
	struct ike_tunnel a, b;
	uint8_t copy[sizeof(w.node[0].last_sent)];
	size_t len;

	behind_nat(0);
	nat_up(&a, &b);
	sim_run(&w, 25000);
	len = w.node[0].last_sent_len;
	memcpy(copy, w.node[0].last_sent, len);
	sim_run(&w, 25000);
	w.node[0].port_shift = 22000;
	sim_inject(&w, 0, 1, true, copy, len);
	sim_run(&w, 5);
	ck_assert_uint_eq(sim_status(&w, 1, 1).remote.port, 24500);
	sim_assert(&w);
}
END_TEST

/* Without NAT there is no following. */
START_TEST(test_liveness_no_following_without_nat)
{
	struct ip_endpoint elsewhere = {.addr = ip_addr_v4(0xc6336407u), .port = 500};
	struct ike_tunnel_status st;
	struct ip_endpoint own;

	sim_bring_up_default();
	own = (struct ip_endpoint){.addr = w.node[1].addr, .port = 500};
	w.node[1].dead = true;
	sim_run(&w, 21000); /* A has sent a probe that B did not get */
	w.node[1].dead = false;
	ike_engine_datagram(w.node[1].engine, w.now_ms, &own, &elsewhere, false,
			    view_of(w.node[0].last_sent, w.node[0].last_sent_len));
	sim_run(&w, 1);
	st = sim_status(&w, 1, 1);
	ck_assert(ip_addr_equal(&st.remote.addr, &w.node[0].addr));
	sim_assert(&w);
}
END_TEST

START_TEST(test_liveness_nat_of_responder)
{
	struct ike_tunnel a, b;

	behind_nat(1);
	w.node[1].port_shift = 0; /* forwarded ports */
	a = sim_tunnel(&w, 1, 0, 1);
	b = sim_tunnel(&w, 1, 1, 0);
	sim_bring_up(&a, &b);
	ck_assert(sim_status(&w, 0, 1).nat_remote);
	ck_assert(sim_status(&w, 1, 1).nat_local);
	ck_assert_uint_eq(sim_status(&w, 1, 1).local.port, 4500);
	ck_assert(sim_sending(&w, 0, 0)->udp_encap && sim_sending(&w, 1, 0)->udp_encap);
	sim_run(&w, 45000);
	ck_assert_uint_eq(w.node[1].keepalives, 2);
	sim_finish();
}
END_TEST

START_TEST(test_liveness_force_encap)
{
	struct ike_tunnel a = sim_tunnel(&w, 1, 0, 1), b = sim_tunnel(&w, 1, 1, 0);

	if (_i == 0)
		b.force_encap = true;
	else if (_i == 1)
		a.force_encap = true;
	else /* the initiator cannot say that there is no NAT: both sides must see it alike */
		a.local = (struct ip_addr){.family = IP_NONE};
	w.no_sources = true;
	sim_bring_up(&a, &b);
	ck_assert(sim_sending(&w, 0, 0)->udp_encap && sim_sending(&w, 1, 0)->udp_encap);
	ck_assert_uint_eq(sim_status(&w, 0, 1).remote.port, 4500);
	ck_assert_uint_eq(sim_status(&w, 1, 1).local.port, 4500);
	sim_finish();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("liveness");
	TCase *tc = sim_case("liveness");

	tcase_add_test(tc, test_liveness_probe_after_silence);
	tcase_add_test(tc, test_liveness_dead_peer);
	tcase_add_test(tc, test_liveness_returns_after_dead_peer);
	tcase_add_test(tc, test_liveness_survives_loss);
	tcase_add_loop_test(tc, test_liveness_terminate, 0, 2);
	tcase_add_loop_test(tc, test_liveness_clear_comes_back, 0, 2);
	tcase_add_test(tc, test_liveness_remove_tells_the_peer);
	tcase_add_test(tc, test_liveness_attempts_every_90_s);
	tcase_add_test(tc, test_liveness_same_profile_changes_nothing);
	tcase_add_test(tc, test_liveness_changed_profile_starts_anew);
	tcase_add_test(tc, test_liveness_initial_contact_is_scoped);
	tcase_add_loop_test(tc, test_liveness_peer_restarted, 0, 3);
	tcase_add_test(tc, test_liveness_peer_restarted_and_initiates);
	tcase_add_test(tc, test_liveness_forged_denials);
	tcase_add_test(tc, test_liveness_one_denial_is_not_enough);
	tcase_add_test(tc, test_liveness_unreachable_hint);
	tcase_add_test(tc, test_liveness_nat_of_initiator);
	tcase_add_test(tc, test_liveness_nat_rebinding);
	tcase_add_loop_test(tc, test_liveness_nat_rebinding_while_rekeying, 0, 2);
	tcase_add_test(tc, test_liveness_nat_replay);
	tcase_add_test(tc, test_liveness_no_following_without_nat);
	tcase_add_test(tc, test_liveness_nat_of_responder);
	tcase_add_loop_test(tc, test_liveness_force_encap, 0, 3);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
