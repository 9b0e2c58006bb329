/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MOBIKE as the responder (RFC 4555): the peer moves, and ESP follows when it has answered from its
 * new address.  The test is the peer. */
#include "matrix.h"

#include "ikev2/ikesa.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"

#include <check.h>
#include <string.h>

static struct mx m;
static struct ip_addr elsewhere, third;

/* An established IKE SA whose initiator announced MOBIKE. */
static void up(bool natt, bool fixed)
{
	struct payload_list l;

	mx_start(&m, natt);
	elsewhere = ip_addr_v4(0xc6336409u);
	third = ip_addr_v4(0xcb007163u);
	if (!fixed)
		m.b.remote.addr = (struct ip_addr){.family = IP_NONE};
	m.a.force_encap = m.b.force_encap = false;
	mx_open(&m, MX_HALF_OPEN);
	mx_begin(&m, IKE_EXCH_AUTH, false);
	ck_assert_int_eq(payload_list_read(m.auth_first, view_of(m.auth_chain, m.auth_chain_len),
					   true, &l),
			 0);
	for (size_t i = 0; i < l.count; i++)
		mx_payload(&m.chain, l.item[i].type, 0, l.item[i].body.data, l.item[i].body.len);
	payload_notify_write(&m.chain, IKE_N_MOBIKE_SUPPORTED, view_of(NULL, 0));
	mx_mark(&m);
	mx_send(&m);
	mx_expect(&m, O_ADMITTED, "IKE_AUTH");
	m.next_id++;
}

static void down(void)
{
	mx_unrelated_untouched(&m, "MOBIKE");
	mx_close(&m);
	mx_end(&m);
}

static bool answered(uint16_t notify, struct payload_notify *n)
{
	struct payload_list l;
	bool sealed;

	return mx_read(&m, true, &l, &sealed) && sealed && notify_find(&l, notify, n);
}

/* INFORMATIONAL with these notifies; 0 ends the list. */
static void inform(const uint16_t *notifies)
{
	static const uint8_t hash[20];

	mx_begin(&m, IKE_EXCH_INFORMATIONAL, false);
	for (; *notifies; notifies++) {
		bool natd = *notifies == IKE_N_NAT_DETECTION_SOURCE_IP ||
			    *notifies == IKE_N_NAT_DETECTION_DESTINATION_IP;
		size_t len = natd ? 20 : *notifies == IKE_N_COOKIE2 ? 8 : 0;

		payload_notify_write(&m.chain, *notifies, view_of(hash, len));
	}
	mx_mark(&m);
	mx_send(&m);
	m.next_id++;
}

static struct sim_child *child(void)
{
	struct sim_child *c;

	for (size_t i = 0; (c = sim_sending(&w, 1, i)); i++)
		if (c->tunnel == 1)
			return c;
	ck_abort_msg("no child");
}

/* B's open request holds COOKIE2; answer it, with another one when wrong. */
static void answer_check(bool wrong)
{
	struct payload_list l;
	struct payload_notify n = {0};
	uint8_t cookie[64];
	size_t len;
	bool sealed;

	ck_assert(mx_read(&m, false, &l, &sealed));
	ck_assert(notify_find(&l, IKE_N_COOKIE2, &n));
	ck_assert_uint_ge(n.data.len, 8);
	ck_assert_uint_le(n.data.len, 64);
	len = n.data.len;
	memcpy(cookie, n.data.data, len);
	cookie[0] ^= wrong;
	m.open_id = mx_sa(&m)->request.id;
	mx_begin(&m, IKE_EXCH_INFORMATIONAL, true);
	payload_notify_write(&m.chain, IKE_N_COOKIE2, view_of(cookie, len));
	mx_mark(&m);
	mx_send(&m);
}

static const uint16_t update[] = {IKE_N_UPDATE_SA_ADDRESSES, 0};

START_TEST(test_mobike_announced)
{
	struct payload_notify n;

	up(_i % 2, _i / 2);
	/* an address that is configured does not change */
	ck_assert_int_eq(answered(IKE_N_MOBIKE_SUPPORTED, &n), _i / 2 == 0);
	ck_assert_int_eq(mx_sa(&m)->mobike, _i / 2 == 0);
	m.peer = elsewhere;
	inform(update);
	ck_assert_int_eq(ip_addr_equal(&mx_sa(&m)->remote.addr, &elsewhere), _i / 2 == 0);
	down();
}
END_TEST

START_TEST(test_mobike_move)
{
	static const uint16_t all[] = {IKE_N_UPDATE_SA_ADDRESSES, IKE_N_NAT_DETECTION_SOURCE_IP,
				       IKE_N_NAT_DETECTION_DESTINATION_IP, IKE_N_COOKIE2, 0};
	struct payload_notify n;

	up(_i, false);
	m.peer = elsewhere;
	inform(all);
	ck_assert(answered(IKE_N_NAT_DETECTION_SOURCE_IP, &n));
	ck_assert(answered(IKE_N_NAT_DETECTION_DESTINATION_IP, &n));
	ck_assert(answered(IKE_N_COOKIE2, &n));
	ck_assert_uint_eq(n.data.len, 8);
	ck_assert(ip_addr_equal(&mx_sa(&m)->remote.addr, &elsewhere));
	ck_assert(mx_sa(&m)->nat_remote); /* the hashes did not fit */
	ck_assert(ip_addr_equal(&child()->remote.addr, &w.node[0].addr));
	answer_check(false);
	ck_assert(ip_addr_equal(&child()->remote.addr, &elsewhere));
	ck_assert_uint_eq(child()->remote.port, _i ? 4500 : 500);
	ck_assert_uint_eq(sim_counter(&w, 1, "address_updates"), 1);
	ck_assert_ptr_nonnull(sim_event(&w, 1, IKE_ACTION_EVENT, IKE_EVENT_NAT_CHANGED));
	down();
}
END_TEST

/* Without an answer from there ESP stays where it was, and the IKE SA ends in the end. */
START_TEST(test_mobike_unreachable)
{
	up(_i, false);
	m.peer = elsewhere;
	inform(update);
	m.said_count = 0;
	sim_run(&w, 30000);
	ck_assert(ip_addr_equal(&child()->remote.addr, &w.node[0].addr));
	m.said_count = 0;
	sim_run(&w, 60000);
	ck_assert_ptr_null(mx_sa(&m));
	down();
}
END_TEST

START_TEST(test_mobike_wrong_cookie)
{
	up(_i, false);
	m.peer = elsewhere;
	inform(update);
	answer_check(true);
	ck_assert(!sim_is_up(&w, 1, 1));
	ck_assert_ptr_nonnull(strstr(sim_status(&w, 1, 1).failure.evidence, "COOKIE2"));
	down();
}
END_TEST

/* It moves on before it has answered: the answer to the first check counts for nothing. */
START_TEST(test_mobike_moves_twice)
{
	up(_i, false);
	m.peer = elsewhere;
	inform(update);
	m.peer = third;
	inform(update);
	ck_assert(ip_addr_equal(&child()->remote.addr, &w.node[0].addr));
	answer_check(false);
	ck_assert(ip_addr_equal(&child()->remote.addr, &w.node[0].addr));
	answer_check(false);
	ck_assert(ip_addr_equal(&child()->remote.addr, &third));
	down();
}
END_TEST

/* There and back again. */
START_TEST(test_mobike_returns)
{
	up(_i, false);
	m.peer = elsewhere;
	inform(update);
	answer_check(false);
	m.peer = w.node[0].addr;
	inform(update);
	answer_check(false);
	ck_assert(ip_addr_equal(&child()->remote.addr, &w.node[0].addr));
	ck_assert(ip_addr_equal(&mx_sa(&m)->remote.addr, &w.node[0].addr));
	down();
}
END_TEST

/* A request from elsewhere that does not say so moves nothing; it is answered there. */
START_TEST(test_mobike_probe)
{
	static const uint16_t natd[] = {IKE_N_NAT_DETECTION_SOURCE_IP, 0};
	struct payload_notify n;

	up(_i, false);
	mx_sa(&m)->nat_remote = true; /* without MOBIKE this would follow */
	m.peer = elsewhere;
	inform(natd);
	ck_assert(answered(IKE_N_NAT_DETECTION_DESTINATION_IP, &n));
	ck_assert(ip_addr_equal(&mx_sa(&m)->remote.addr, &w.node[0].addr));
	ck_assert(ip_addr_equal(&child()->remote.addr, &w.node[0].addr));
	down();
}
END_TEST

/* ESP from a new port behind the NAT is followed by ESP alone (section 3.8). */
START_TEST(test_mobike_esp_rebinding)
{
	struct ip_endpoint now = {.addr = w.node[0].addr, .port = 33333};

	up(true, false);
	now.addr = w.node[0].addr;
	mx_sa(&m)->nat_remote = mx_sa(&m)->natt = true;
	ike_engine_child_moved(mx_engine(), w.now_ms, child()->child, &now);
	sim_run(&w, 1);
	ck_assert_uint_eq(child()->remote.port, 33333);
	ck_assert_uint_ne(mx_sa(&m)->remote.port, 33333);
	down();
}
END_TEST

START_TEST(test_mobike_no_nats_allowed)
{
	uint8_t path[12];
	struct writer wr = writer_of(path, sizeof(path));
	struct payload_notify n;

	up(_i % 2, false);
	m.peer = elsewhere;
	writer_bytes(&wr, (_i / 2 ? &third : &elsewhere)->bytes, 4);
	writer_bytes(&wr, w.node[1].addr.bytes, 4);
	writer_u16(&wr, m.natt ? 4500 : 500);
	writer_u16(&wr, m.natt ? 4500 : 500);
	mx_begin(&m, IKE_EXCH_INFORMATIONAL, false);
	payload_notify_write(&m.chain, IKE_N_UPDATE_SA_ADDRESSES, view_of(NULL, 0));
	payload_notify_write(&m.chain, IKE_N_NO_NATS_ALLOWED, view_of(path, sizeof(path)));
	mx_mark(&m);
	mx_send(&m);
	ck_assert_int_eq(answered(IKE_N_UNEXPECTED_NAT_DETECTED, &n), _i / 2);
	ck_assert_int_eq(ip_addr_equal(&mx_sa(&m)->remote.addr, &elsewhere), _i / 2 == 0);
	down();
}
END_TEST

/* Our own address must be the configured one. */
START_TEST(test_mobike_other_local_address)
{
	static uint8_t out[FORGE_MAX + 4];
	struct ip_endpoint from, to;
	struct view chain;
	size_t len;

	up(true, false);
	m.peer = elsewhere;
	from = (struct ip_endpoint){.addr = elsewhere, .port = 4500};
	to = (struct ip_endpoint){.addr = third, .port = 4500};
	mx_begin(&m, IKE_EXCH_INFORMATIONAL, false);
	payload_notify_write(&m.chain, IKE_N_UPDATE_SA_ADDRESSES, view_of(NULL, 0));
	ck_assert_int_eq(message_finish(&m.chain, &chain), 0);
	memset(out, 0, 4);
	len = forge_seal(&m.f, &m.to_b, m.chain.first, chain, out + 4) + 4;
	mx_mark(&m);
	ike_engine_datagram(mx_engine(), w.now_ms, &to, &from, true, view_of(out, len));
	sim_run(&w, 1);
	ck_assert_int_eq(mx_answer(&m, &(bool){false}), IKE_N_UNACCEPTABLE_ADDRESSES);
	ck_assert(ip_addr_equal(&mx_sa(&m)->remote.addr, &w.node[0].addr));
	down();
}
END_TEST

/* What is not understood or not allowed is passed over. */
START_TEST(test_mobike_odd)
{
	static const uint16_t additional[] = {IKE_N_ADDITIONAL_IP4_ADDRESS,
					      IKE_N_ADDITIONAL_IP6_ADDRESS,
					      IKE_N_NO_ADDITIONAL_ADDRESSES, 0};
	static const uint8_t cookie[65] = {0};
	static const size_t lens[] = {0, 7, 65};
	struct payload_notify n;

	up(_i, false);
	inform(additional);
	ck_assert_int_eq(mx_answer(&m, &(bool){false}), 0);
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		mx_begin(&m, IKE_EXCH_INFORMATIONAL, false);
		payload_notify_write(&m.chain, IKE_N_COOKIE2, view_of(cookie, lens[i]));
		mx_mark(&m);
		mx_send(&m);
		m.next_id++;
		ck_assert(!answered(IKE_N_COOKIE2, &n));
	}
	ck_assert(ip_addr_equal(&mx_sa(&m)->remote.addr, &w.node[0].addr));
	down();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("mobike");
	TCase *tc = sim_case("mobike");

	tcase_add_loop_test(tc, test_mobike_announced, 0, 4);
	tcase_add_loop_test(tc, test_mobike_move, 0, 2);
	tcase_add_loop_test(tc, test_mobike_unreachable, 0, 2);
	tcase_add_loop_test(tc, test_mobike_wrong_cookie, 0, 2);
	tcase_add_loop_test(tc, test_mobike_moves_twice, 0, 2);
	tcase_add_loop_test(tc, test_mobike_returns, 0, 2);
	tcase_add_loop_test(tc, test_mobike_probe, 0, 2);
	tcase_add_test(tc, test_mobike_esp_rebinding);
	tcase_add_loop_test(tc, test_mobike_no_nats_allowed, 0, 4);
	tcase_add_test(tc, test_mobike_other_local_address);
	tcase_add_loop_test(tc, test_mobike_odd, 0, 2);
	suite_add_tcase(suite, tc);
	return sim_run_suite(srunner_create(suite));
}
