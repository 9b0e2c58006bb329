/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bad input as a matrix: each input below, in each state of the IKE SA (none, init-sent, auth-sent,
 * half-open, established, rekeying, IKE rekeying, deleting), on port 500 with AES-GCM and on port
 * 4500 with AES-CBC, whole and, where it is sealed, in fragments.  Each time: the right counter,
 * the right answer or none, the IKE SA as it was or ended as the RFC says, everything freed
 * afterwards (objects of the engine and blocks of memory), and another tunnel's packets never stop.
 *
 *  1 datagram shorter than a header, Length that is not its size
 *  2 ESP of an unknown SPI		  3 non-ESP marker on port 500
 *  4 NAT keepalive			  5 SPIi 0
 *  6 IKE_SA_INIT with SPIr or Message ID 7 other major and minor versions
 *  8 reserved bits and flags		  9 unknown payloads, critical and not
 * 10 payload lengths, 1,000 payloads	 11 SA payload that does not add up
 * 12 proposals that lack something	 13 GCM with INTEG, CBC without
 * 14 KE of another group		 15 key exchange values (RFC 6989)
 * 16 nonces: size, number		 17 cookies: wrong, stale, long, not asked for
 * 18 forged errors to the initiator	 19 answers with what was not offered
 * 20 IKE_SA_INIT again			 21 ICV, block size, padding
 * 22 payloads around and inside SK	 23 exchanges before IKE_AUTH
 * 24 IKE_AUTH that proves nothing	 25 IKE_AUTH again
 * 26 Message ID outside the window	 27 responses that nobody waits for
 * 28 I flag, reflections		 29 IKE_AUTH whose Child SA is not possible
 * 30 Traffic Selectors			 31 REKEY_SA of something else
 * 32 two rekeyings of one Child SA	 33 crossing Child SA rekeyings: test_collision.c
 * 34 crossing IKE SA rekeyings: test_collision.c
 * 35 TEMPORARY_FAILURE for ever	 36 DELETE in all forms
 * 37 fragments				 38 unprotected errors, ICMP (also test_liveness.c)
 * 39 authentic packets from elsewhere (also test_liveness.c)
 * 40 floods and duplicates: test_hostile.c and test_crowd.c (half-open, Child SAs),
 *    test_establish.c (both at once), test_liveness.c (INITIAL_CONTACT), here: expiry while a
 *    rekeying is pending
 *
 * The rows are in matrix_clear.c, matrix_sealed.c and matrix_child.c; what needs several steps is
 * here.
 */
#include "matrix.h"

#include "ikev2/ikesa.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mx m;

static void row(const struct mx_input *in, bool natt)
{
	if (in->port && (in->port[0] == '4') != natt)
		return;
	mx_start(&m, natt);
	for (unsigned s = 0; s < MX_STATES; s++) {
		mx_case(&m, in, (enum mx_state)s, false);
		if (in->sealed)
			mx_case(&m, in, (enum mx_state)s, true);
	}
	mx_end(&m);
}

START_TEST(test_matrix_clear)
{
	row(&mx_clear_rows[_i / 2], _i % 2);
}
END_TEST

START_TEST(test_matrix_sealed)
{
	row(&mx_sealed_rows[_i / 2], _i % 2);
}
END_TEST

START_TEST(test_matrix_child)
{
	row(&mx_child_rows[_i / 2], _i % 2);
}
END_TEST

/* All forty are somewhere in rows, or named above. */
START_TEST(test_matrix_is_complete)
{
	static const unsigned elsewhere[] = {32, 33, 34, 35, 39, 40};
	bool seen[41] = {false};

	for (size_t i = 0; i < mx_clear_count; i++)
		seen[mx_clear_rows[i].number] = true;
	for (size_t i = 0; i < mx_sealed_count; i++)
		seen[mx_sealed_rows[i].number] = true;
	for (size_t i = 0; i < mx_child_count; i++)
		seen[mx_child_rows[i].number] = true;
	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++)
		seen[elsewhere[i]] = true;
	for (unsigned n = 1; n <= 40; n++)
		ck_assert_msg(seen[n], "input %u is nowhere", n);
}
END_TEST

/* ---- Steps --------------------------------------------------------------------------------- */

static void send_and_expect(enum mx_outcome o, const char *name)
{
	mx_mark(&m);
	mx_send(&m);
	mx_expect(&m, o, name);
}

/* A's place is A's again. */
static void release_a(void)
{
	w.node[0].dead = false;
	w.rule_count = 0;
}

/* 17: a cookie that was good lives two periods of its secret at most. */
START_TEST(test_matrix_stale_cookie)
{
	static const uint32_t ages_s[] = {1, 119, 200, 250, 1000};
	static const bool good[] = {true, true, true, false, false};
	struct halfopen *h;
	struct message_builder b;
	struct payload_notify n = {0};
	struct payload_list l;
	struct message_header hd;
	struct mx_init i;
	uint8_t buf[1000], cookie[64];
	size_t len;

	mx_start(&m, _i % 2);
	h = &w.node[1].engine->halfopen;
	mx_open(&m, MX_NONE);
	sim_run(&w, 241000); /* nobody has asked for a cookie for long */
	h->loaded = true;
	h->calm_at_ms = UINT64_MAX;
	mx_init_default(&i);
	mx_init_build(&i, &b, buf, sizeof(buf));
	mx_mark(&m);
	mx_init_send(&m, &b);
	mx_expect(&m, O_CLEAR_COOKIE, "request");
	ck_assert_int_eq(message_header_read(view_of(m.said[0].bytes, m.said[0].len), &hd), 0);
	ck_assert_int_eq(message_payloads_read(view_of(m.said[0].bytes, m.said[0].len), &hd, &l),
			 0);
	ck_assert(notify_find(&l, IKE_N_COOKIE, &n));
	len = n.data.len;
	memcpy(cookie, n.data.data, len);
	sim_run(&w, ages_s[_i / 2] * 1000ull);
	message_start(&b, buf, sizeof(buf), &i.header);
	payload_notify_write(&b, IKE_N_COOKIE, view_of(cookie, len));
	payload_sa_write(&b, i.offer, i.offers);
	mx_payload(&b, IKE_PAYLOAD_KE, 0, "\0\37\0\0\11", 5);
	writer_zero(&b.w, 31);
	message_payload_close(&b);
	mx_payload(&b, IKE_PAYLOAD_NONCE, 0, "ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ", 32);
	mx_mark(&m);
	mx_init_send(&m, &b);
	mx_expect(&m, good[_i / 2] ? O_CLEAR_ACCEPTED : O_CLEAR_COOKIE, "cookie");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* 18, 19: what anybody can say to an initiator does not keep it from its peer. */
START_TEST(test_matrix_forged_answers)
{
	static const uint16_t forged[] = {IKE_N_COOKIE,
					  IKE_N_INVALID_KE_PAYLOAD,
					  IKE_N_NO_PROPOSAL_CHOSEN,
					  IKE_N_AUTHENTICATION_FAILED,
					  IKE_N_INVALID_SYNTAX,
					  IKE_N_INVALID_IKE_SPI};
	static const uint8_t group[2] = {0, 2};
	struct message_header h = {.exchange = IKE_EXCH_SA_INIT, .flags = MESSAGE_RESPONSE};
	struct message_builder b;
	uint8_t buf[200];

	mx_start(&m, _i % 2);
	mx_open(&m, MX_INIT_SENT);
	h.spi_i = m.spi_i;
	for (unsigned round = 0; round < 20; round++) {
		uint16_t type = forged[((unsigned)_i / 2 + round) % ARRAY_LEN(forged)];

		message_start(&b, buf, sizeof(buf), &h);
		payload_notify_write(&b, type, view_of(group, sizeof(group)));
		mx_mark(&m);
		mx_init_send(&m, &b);
		ck_assert_ptr_nonnull(mx_sa(&m));
		ck_assert_uint_le(m.said_count, 1); /* one cookie, one answer */
	}
	release_a();
	ck_assert(
		sim_run_until(&w, 1, 1, IKE_TUNNEL_UP, 95000)); /* the next attempt at the latest */
	mx_unrelated_untouched(&m, "forged answers");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* 19: the answer to a rekeying names a suite that was not asked for: the new one is deleted, the
 * old one stays in use. */
START_TEST(test_matrix_child_downgrade)
{
	struct sa_offer o = {.number = 1,
			     .protocol = IKE_PROTO_ESP,
			     .spi_len = 4,
			     .spi = {9, 8, 7, 6}};
	static const uint8_t ts[2][20] = {{1,	 0,    0,  0, 7, 0, 0,	16, 0, 0,
					   0xff, 0xff, 10, 1, 1, 0, 10, 1,  1, 255},
					  {1,	 0,    0,  0, 7, 0, 0,	16, 0, 0,
					   0xff, 0xff, 10, 0, 1, 0, 10, 0,  1, 255}};
	uint8_t nonce[32] = {1};
	uint32_t installs;

	mx_start(&m, _i);
	mx_open(&m, MX_REKEYING);
	sa_offer_add(&o, IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 128);
	sa_offer_add(&o, IKE_TRANSFORM_INTEG, IKE_INTEG_HMAC_SHA1_96, 0);
	sa_offer_add(&o, IKE_TRANSFORM_ESN, 0, 0);
	mx_begin(&m, IKE_EXCH_CREATE_CHILD_SA, true);
	payload_sa_write(&m.chain, &o, 1);
	mx_payload(&m.chain, IKE_PAYLOAD_NONCE, 0, nonce, sizeof(nonce));
	mx_payload(&m.chain, IKE_PAYLOAD_TSI, 0, ts[0], sizeof(ts[0]));
	mx_payload(&m.chain, IKE_PAYLOAD_TSR, 0, ts[1], sizeof(ts[1]));
	mx_mark(&m);
	installs = w.node[1].installs;
	mx_send(&m);
	ck_assert_ptr_nonnull(mx_sa(&m));
	ck_assert_uint_eq(w.node[1].installs, installs); /* nothing new */
	ck_assert_ptr_nonnull(sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_CHILD_FAILED));
	ck_assert_ptr_nonnull(sim_sending(&w, 1, 1)); /* both tunnels send */
	mx_unrelated_untouched(&m, "downgrade");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* 32: the second rekeying of a Child SA that has its successor. */
START_TEST(test_matrix_rekeyed_twice)
{
	static const uint8_t sa[] = {0, 0, 0, 32, 1,	3,  4, 2, 1, 2, 3, 4, 3, 0, 0, 12,
				     1, 0, 0, 20, 0x80, 14, 1, 0, 0, 0, 0, 8, 5, 0, 0, 0};
	static const uint8_t ts[2][20] = {{1,	 0,    0,  0, 7, 0, 0,	16, 0, 0,
					   0xff, 0xff, 10, 0, 1, 0, 10, 0,  1, 255},
					  {1,	 0,    0,  0, 7, 0, 0,	16, 0, 0,
					   0xff, 0xff, 10, 1, 1, 0, 10, 1,  1, 255}};
	uint8_t rekey[8] = {3, 4, 0x40, 0x09}, nonce[32] = {1};
	struct ike_child_status c;
	struct writer spi = writer_of(rekey + 4, 4);

	mx_start(&m, _i);
	mx_open(&m, MX_ESTABLISHED);
	ck_assert_int_eq(ike_engine_child_status(w.node[1].engine, 1, 0, &c), 0);
	writer_u32(&spi, c.spi_out);
	for (unsigned i = 0; i < 3; i++) {
		uint8_t offer[sizeof(sa)];

		memcpy(offer, sa, sizeof(sa));
		offer[11] = (uint8_t)(i + 1);
		m.next_id = mx_sa(&m)->recv_id;
		mx_begin(&m, IKE_EXCH_CREATE_CHILD_SA, false);
		mx_payload(&m.chain, IKE_PAYLOAD_NOTIFY, 0, rekey, sizeof(rekey));
		if (m.natt)
			offer[19] = 20;
		mx_payload(&m.chain, IKE_PAYLOAD_SA, 0, offer, sizeof(offer));
		mx_payload(&m.chain, IKE_PAYLOAD_NONCE, 0, nonce, sizeof(nonce));
		mx_payload(&m.chain, IKE_PAYLOAD_TSI, 0, ts[0], sizeof(ts[0]));
		mx_payload(&m.chain, IKE_PAYLOAD_TSR, 0, ts[1], sizeof(ts[1]));
		send_and_expect(i == 0 ? O_FINE : O_TEMPORARY, "rekeying");
	}
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* 35: the peer says TEMPORARY_FAILURE again and again: asked seldom, and not for ever. */
START_TEST(test_matrix_temporary_for_ever)
{
	uint64_t begun, last = 0;
	unsigned asked = 0;

	mx_start(&m, _i % 2);
	mx_open(&m, _i / 2 ? MX_IKE_REKEYING : MX_REKEYING);
	begun = w.now_ms;
	while (mx_sa(&m) && w.now_ms < begun + 600000) {
		struct ike_sa *sa = mx_sa(&m);

		if (sa->request.open && sa->request.exchange == IKE_EXCH_CREATE_CHILD_SA) {
			ck_assert_uint_ge(w.now_ms, last + (asked ? 5000 : 0));
			last = w.now_ms;
			asked++;
			m.open_id = sa->request.id;
			mx_begin(&m, IKE_EXCH_CREATE_CHILD_SA, true);
			payload_notify_write(&m.chain, IKE_N_TEMPORARY_FAILURE, view_of(NULL, 0));
			mx_send(&m);
		} else if (sa->request.open && sa->state == SA_ESTABLISHED) { /* liveness */
			m.open_id = sa->request.id;
			mx_begin(&m, IKE_EXCH_INFORMATIONAL, true);
			mx_send(&m);
		} else if (sa->state == SA_DELETING) {
			break;
		}
		m.said_count = 0;
		sim_run(&w, 100);
	}
	ck_assert_uint_ge(asked, 15);
	ck_assert_uint_ge(w.now_ms, begun + 170000);
	ck_assert_uint_le(w.now_ms, begun + 200000);
	ck_assert_ptr_nonnull(strstr(sim_status(&w, 1, 1).failure.evidence, "TEMPORARY_FAILURE"));
	mx_unrelated_untouched(&m, "TEMPORARY_FAILURE");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* ---- 37: fragments ------------------------------------------------------------------------- */

static void fragment(uint16_t number, uint16_t total, const void *part, size_t len, uint32_t id)
{
	static uint8_t out[FORGE_MAX];
	size_t size;

	mx_begin(&m, m.state == MX_HALF_OPEN ? IKE_EXCH_AUTH : IKE_EXCH_INFORMATIONAL, false);
	m.f.id = id;
	m.f.number = number;
	m.f.total = total;
	size = forge_seal(&m.f, &m.to_b, IKE_PAYLOAD_VENDOR, view_of(part, len), out);
	mx_say(&m, out, size);
}

/* "V 8 abcd" in two parts. */
static const uint8_t whole[] = {0, 0, 0, 8, 'a', 'b', 'c', 'd'};

START_TEST(test_matrix_fragments)
{
	uint64_t before;
	uint32_t id;

	mx_start(&m, _i);
	mx_open(&m, MX_ESTABLISHED);
	id = m.next_id;
	/* the total grows: begun anew; it shrinks: dropped; the same again: dropped */
	mx_mark(&m);
	fragment(1, 2, whole, 3, id);
	fragment(1, 3, whole, 3, id);
	ck_assert_uint_eq(mx_usage().reassembly_bytes, 3);
	before = sim_counter(&w, 1, "rx_unexpected");
	fragment(2, 2, whole + 3, 5, id);
	fragment(1, 3, whole, 3, id);
	ck_assert_uint_eq(sim_counter(&w, 1, "rx_unexpected"), before + 2);
	ck_assert_uint_eq(m.said_count, 0);
	fragment(2, 3, whole + 3, 3, id);
	fragment(3, 3, whole + 6, 2, id);
	ck_assert_uint_eq(m.said_count, 1); /* complete, and answered */
	ck_assert_uint_eq(mx_usage().reassembly_bytes, 0);
	/* of what is repeated only fragment 1 brings the answer again (RFC 7383 section 2.6.1) */
	before = sim_counter(&w, 1, "rx_retransmit");
	fragment(2, 3, whole + 3, 3, id);
	ck_assert_uint_eq(m.said_count, 1);
	ck_assert_uint_eq(sim_counter(&w, 1, "rx_retransmit"), before);
	mx_unrelated_untouched(&m, "fragments");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* The very datagrams again: fragment 2 alone brings nothing, fragment 1 does. */
START_TEST(test_matrix_fragments_repeated)
{
	static uint8_t out[2][FORGE_MAX];
	size_t len[2];

	mx_start(&m, _i);
	mx_open(&m, MX_ESTABLISHED);
	for (uint16_t i = 0; i < 2; i++) {
		mx_begin(&m, IKE_EXCH_INFORMATIONAL, false);
		m.f.number = (uint16_t)(i + 1);
		m.f.total = 2;
		len[i] = forge_seal(&m.f, &m.to_b, IKE_PAYLOAD_VENDOR,
				    view_of(whole + (size_t)4 * i, 4), out[i]);
		mx_mark(&m);
		mx_say(&m, out[i], len[i]);
	}
	ck_assert_uint_eq(m.said_count, 1);
	mx_mark(&m);
	mx_say(&m, out[1], len[1]);
	ck_assert_uint_eq(m.said_count, 0);
	mx_say(&m, out[0], len[0]);
	mx_expect(&m, O_REPEATED, "fragment 1 again");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* A gap: the parts wait 30 s; and what was not negotiated is not taken. */
START_TEST(test_matrix_fragments_gap)
{
	static const enum mx_state states[] = {MX_HALF_OPEN, MX_ESTABLISHED, MX_REKEYING,
					       MX_DELETING};
	uint32_t id;

	mx_start(&m, _i % 2);
	mx_open(&m, states[_i / 2]);
	id = m.next_id;
	fragment(2, 3, whole, 4, id);
	fragment(3, 3, whole, 4, id);
	ck_assert_uint_eq(mx_usage().reassembly_bytes, 8);
	if (m.state == MX_ESTABLISHED) {
		sim_run(&w, 31000);
		fragment(3, 3, whole, 4, id); /* the first of a new assembly */
		ck_assert_uint_eq(mx_usage().reassembly_bytes, 4);
	}
	mx_sa(&m)->peer_fragments = false;
	mx_mark(&m);
	fragment(1, 3, whole, 4, id);
	mx_expect(&m, O_UNEXPECTED, "fragment that was not negotiated");
	mx_close(&m);
	ck_assert_uint_eq(mx_usage().reassembly_bytes, 0);
	mx_end(&m);
}
END_TEST

/* 64 fragments of 1,000 octets: more than is ever kept. */
START_TEST(test_matrix_fragments_too_much)
{
	static uint8_t part[1000];
	uint32_t id;

	mx_start(&m, _i);
	mx_open(&m, MX_ESTABLISHED);
	id = m.next_id;
	mx_mark(&m);
	for (uint16_t round = 0; round < 2; round++)
		for (uint16_t i = 64; i >= 1; i--) {
			fragment(i, 64, part, sizeof(part), id);
			ck_assert_uint_le(mx_usage().reassembly_bytes, 16384);
		}
	ck_assert_uint_eq(m.said_count, 0);
	ck_assert_ptr_nonnull(mx_sa(&m));
	mx_begin(&m, IKE_EXCH_INFORMATIONAL, false);
	send_and_expect(O_FINE, "request after a flood of fragments");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* ---- 38 to 40 ------------------------------------------------------------------------------ */

/* 38: a hundred unprotected INVALID_IKE_SPI: one probe; then the peer is there again. */
START_TEST(test_matrix_denials)
{
	static const enum mx_state states[] = {MX_ESTABLISHED, MX_REKEYING, MX_IKE_REKEYING,
					       MX_DELETING};
	struct message_header h = {.exchange = IKE_EXCH_INFORMATIONAL};
	struct message_builder b;
	uint8_t buf[100];
	uint64_t probes;

	mx_start(&m, _i % 2);
	mx_open(&m, states[_i / 2]);
	h.spi_i = m.spi_i;
	h.spi_r = m.spi_r;
	h.flags = (uint8_t)(MESSAGE_RESPONSE | (m.a_is_initiator ? MESSAGE_INITIATOR : 0));
	h.id = m.open_id;
	probes = sim_counter(&w, 1, "liveness_probes");
	for (unsigned i = 0; i < 100; i++) {
		message_start(&b, buf, sizeof(buf), &h);
		payload_notify_write(&b, IKE_N_INVALID_IKE_SPI, view_of(NULL, 0));
		mx_mark(&m);
		mx_init_send(&m, &b);
		ck_assert_ptr_nonnull(mx_sa(&m));
	}
	ck_assert_uint_le(sim_counter(&w, 1, "liveness_probes"), probes + 1);
	release_a();
	sim_run(&w, 20000);
	if (m.state == MX_ESTABLISHED || m.state == MX_REKEYING)
		ck_assert_ptr_nonnull(mx_sa(&m));
	ck_assert_uint_eq(sim_counter(&w, 1, "peer_restarts"), 0);
	mx_unrelated_untouched(&m, "denials");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* 39: a fresh authentic request from another address is answered there; without a NAT the IKE SA
 * stays where it is; with one it follows.  Replayed, it moves nothing. */
START_TEST(test_matrix_from_elsewhere)
{
	struct ip_endpoint to = {.addr = w.node[1].addr, .port = m.natt ? 4500 : 500};
	struct ip_endpoint elsewhere = {.addr = ip_addr_v4(0xc6336409u), .port = 4711};
	static uint8_t out[FORGE_MAX + 4];
	struct ike_sa *sa;
	size_t len, at;
	bool follows = _i == 2;

	mx_start(&m, _i > 0);
	to.addr = w.node[1].addr;
	to.port = m.natt ? 4500 : 500;
	mx_open(&m, MX_ESTABLISHED);
	sa = mx_sa(&m);
	if (m.natt) /* forced encapsulation looks like a NAT on both sides */
		sa->nat_local = !follows;
	at = m.natt ? 4 : 0;
	memset(out, 0, 4);
	mx_begin(&m, IKE_EXCH_INFORMATIONAL, false);
	len = forge_seal(&m.f, &m.to_b, 0, view_of(NULL, 0), out + at) + at;
	ike_engine_datagram(w.node[1].engine, w.now_ms, &to, &elsewhere, m.natt, view_of(out, len));
	for (struct ike_action a; ike_engine_next_action(w.node[1].engine, &a);)
		if (a.type == IKE_ACTION_SEND)
			ck_assert(ip_endpoint_equal(&a.send.remote, &elsewhere));
	ck_assert(ip_addr_equal(&sa->remote.addr, &w.node[0].addr) == !follows);
	sa->remote = (struct ip_endpoint){.addr = w.node[0].addr, .port = to.port};
	ike_engine_datagram(w.node[1].engine, w.now_ms, &to, &elsewhere, m.natt, view_of(out, len));
	sim_run(&w, 1);
	ck_assert(ip_addr_equal(&sa->remote.addr, &w.node[0].addr));
	mx_unrelated_untouched(&m, "from elsewhere");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

/* 40: the hard lifetime ends while the peer has not answered the rekeying: nobody uses it longer.
 */
START_TEST(test_matrix_expiry_while_rekeying)
{
	uint64_t expire_ms;

	mx_start(&m, _i % 2);
	m.b.keepalive_s = 0;
	if (_i / 2)
		m.b.ike_lifetime_s = 60;
	else
		m.b.child_lifetime_s = 60;
	mx_open(&m, MX_ESTABLISHED);
	expire_ms = w.now_ms + 60000;
	while (w.now_ms < expire_ms - 1000) { /* all but the rekeying is answered */
		struct ike_sa *sa = mx_sa(&m);

		ck_assert_ptr_nonnull(sa);
		m.said_count = 0;
		sim_run(&w, 500);
	}
	ck_assert_uint_ge(mx_sa(&m)->request.sent, 1);
	sim_run(&w, 2000);
	if (_i / 2)
		ck_assert(!sim_is_up(&w, 1, 1));
	else
		ck_assert_ptr_nonnull(sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_CHILD_FAILED));
	mx_unrelated_untouched(&m, "expiry");
	mx_close(&m);
	mx_end(&m);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("matrix");
	TCase *tc = sim_case("matrix");

	tcase_add_test(tc, test_matrix_is_complete);
	tcase_add_loop_test(tc, test_matrix_clear, 0, (int)mx_clear_count * 2);
	tcase_add_loop_test(tc, test_matrix_sealed, 0, (int)mx_sealed_count * 2);
	tcase_add_loop_test(tc, test_matrix_child, 0, (int)mx_child_count * 2);
	tcase_add_loop_test(tc, test_matrix_stale_cookie, 0, 10);
	tcase_add_loop_test(tc, test_matrix_forged_answers, 0, 12);
	tcase_add_loop_test(tc, test_matrix_child_downgrade, 0, 2);
	tcase_add_loop_test(tc, test_matrix_rekeyed_twice, 0, 2);
	tcase_add_loop_test(tc, test_matrix_temporary_for_ever, 0, 4);
	tcase_add_loop_test(tc, test_matrix_fragments, 0, 2);
	tcase_add_loop_test(tc, test_matrix_fragments_repeated, 0, 2);
	tcase_add_loop_test(tc, test_matrix_fragments_gap, 0, 8);
	tcase_add_loop_test(tc, test_matrix_fragments_too_much, 0, 2);
	tcase_add_loop_test(tc, test_matrix_denials, 0, 8);
	tcase_add_loop_test(tc, test_matrix_from_elsewhere, 0, 3);
	tcase_add_loop_test(tc, test_matrix_expiry_while_rekeying, 0, 4);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
