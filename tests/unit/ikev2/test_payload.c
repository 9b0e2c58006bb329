/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The small payloads by their figures in RFC 7296 sections 3.4 to 3.11: KE, Nonce, ID, AUTH,
 * Notify, Delete.  Example, malformed, every truncation, every flipped bit. */
#include "ikev2/payload_auth.h"
#include "ikev2/payload_delete.h"
#include "ikev2/payload_id.h"
#include "ikev2/payload_ke.h"
#include "ikev2/payload_nonce.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static struct message_builder chain(uint8_t buf[128])
{
	struct message_builder b;

	message_chain_start(&b, buf, 128);
	return b;
}

static void assert_chain(struct message_builder *b, uint8_t type, const char *expected)
{
	struct view out;

	ck_assert_int_eq(message_finish(b, &out), 0);
	ck_assert_uint_eq(b->first, type);
	assert_octets(out, expected);
}

/* ---- Damaged input for all of them ------------------------------------------------------------
 */

typedef int (*read_fn)(struct view body);

static int read_ke(struct view body)
{
	struct payload_ke ke;

	return payload_ke_read(body, &ke);
}

static int read_id(struct view body)
{
	struct payload_id p;
	struct ike_id id;
	int rc = payload_id_read(body, &p);

	if (rc == 0)
		payload_id_value(&p, &id);
	return rc;
}

static int read_auth(struct view body)
{
	struct payload_auth auth;

	return payload_auth_read(body, &auth);
}

static int read_notify(struct view body)
{
	struct payload_notify n;
	uint16_t group;
	int rc = payload_notify_read(body, &n);

	if (rc == 0) {
		(void)notify_spi(&n);
		(void)notify_ke_group(&n, &group);
	}
	return rc;
}

static int read_delete(struct view body)
{
	struct payload_delete d;
	int rc = payload_delete_read(body, &d);

	for (unsigned i = 0; rc == 0 && i < d.count; i++)
		(void)payload_delete_spi(&d, (uint16_t)i);
	return rc;
}

static void read_any(void *arg, struct view bytes)
{
	const read_fn *fn = arg;

	(void)(*fn)(bytes);
}

START_TEST(test_payload_damaged)
{
	static const struct {
		read_fn fn;
		const char *body;
		size_t least; /* shortest legal body of this kind */
	} rows[] = {
		{read_ke, "0013 0000 aabbccdd", 5},
		{read_id, "02000000 6777312e6578616d706c65", 4},
		{read_id, "01000000 c0000201", 8},
		{read_auth, "02000000 0102030405060708", 5},
		{read_notify, "03 04 4009 c0ffee01", 8},
		{read_notify, "00 00 4006 0102030405", 4},
		{read_delete, "03 04 0002 c0ffee01 c0ffee02", 12},
		{read_delete, "01 00 0000", 4},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct octets body = hex(rows[i].body);
		read_fn fn = rows[i].fn;

		ck_assert_int_eq(fn(octets_view(&body)), 0);
		for (size_t len = 0; len < body.len; len++)
			ck_assert_msg((fn(view_of(body.data, len)) == 0) == (len >= rows[i].least),
				      "row %zu length %zu", i, len);
		walk_prefixes(octets_view(&body), read_any, &fn);
		walk_bit_flips(octets_view(&body), read_any, &fn);
	}
}
END_TEST

/* ---- One by one --------------------------------------------------------------------------------
 */

START_TEST(test_payload_ke)
{
	struct octets body = hex("0013 ffff aabbcc");
	uint8_t space[128];
	struct message_builder b = chain(space);
	struct payload_ke ke;

	ck_assert_int_eq(payload_ke_read(octets_view(&body), &ke), 0);
	ck_assert_uint_eq(ke.group, 19);
	assert_octets(ke.data, "aabbcc");
	payload_ke_write(&b, 19, ke.data);
	assert_chain(&b, IKE_PAYLOAD_KE, "00 00 000b 0013 0000 aabbcc");
}
END_TEST

START_TEST(test_payload_nonce_lengths)
{
	uint8_t data[300];
	struct view out;

	for (size_t len = 0; len <= sizeof(data); len++)
		ck_assert_int_eq(payload_nonce_read(count_up(data, 0, len), &out),
				 len >= 16 && len <= 256 ? 0 : ERR_INVALID);
}
END_TEST

START_TEST(test_nonce_compare)
{
	struct view a = view_of("aaaa", 4), ab = view_of("aaaab", 5), b = view_of("b", 1);
	struct view high = view_of("\xff", 1), low = view_of("\x01\xff", 2);

	ck_assert_int_eq(nonce_compare(a, a), 0);
	ck_assert_int_lt(nonce_compare(a, ab), 0); /* shorter prefix is lower */
	ck_assert_int_gt(nonce_compare(ab, a), 0);
	ck_assert_int_lt(nonce_compare(ab, b), 0);     /* octets before lengths */
	ck_assert_int_gt(nonce_compare(high, low), 0); /* octets are unsigned */
	ck_assert_int_lt(nonce_compare(view_of(NULL, 0), a), 0);
}
END_TEST

START_TEST(test_payload_id)
{
	struct octets body = hex("0b a1b2c3 00ff41"); /* reserved octets are kept for AUTH */
	uint8_t space[128];
	struct message_builder b = chain(space);
	struct payload_id p;
	struct ike_id id;
	uint8_t buf[4 + IKE_ID_MAX];

	ck_assert_int_eq(payload_id_read(octets_view(&body), &p), 0);
	ck_assert_uint_eq(p.type, IKE_ID_KEY_ID);
	assert_octets(p.body, "0ba1b2c300ff41");
	ck_assert(payload_id_value(&p, &id));
	ck_assert_uint_eq(id.len, 3);
	ck_assert_uint_eq(id.data[1], 0xff);
	payload_id_write(&b, IKE_PAYLOAD_IDR, &id);
	assert_chain(&b, IKE_PAYLOAD_IDR, "00 00 000b 0b000000 00ff41");
	assert_octets(payload_id_body(&id, buf), "0b000000 00ff41");
}
END_TEST

START_TEST(test_payload_id_addresses_have_their_length)
{
	static const struct {
		const char *body;
		int rc;
	} cases[] = {
		{"01000000 c0000201", 0},
		{"01000000 c00002", ERR_INVALID},
		{"01000000 c000020100", ERR_INVALID},
		{"05000000 20010db8000000000000000000000001", 0},
		{"05000000 c0000201", ERR_INVALID},
		{"02000000", 0}, /* an empty name is nobody's, but no syntax error */
		{"09000000 3000", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets body = hex(cases[i].body);
		struct payload_id p;

		ck_assert_msg(payload_id_read(octets_view(&body), &p) == cases[i].rc, "case %zu",
			      i);
	}
}
END_TEST

START_TEST(test_payload_id_too_long_is_no_value)
{
	struct octets body = {.len = 4 + IKE_ID_MAX, .data = {IKE_ID_FQDN}};
	struct payload_id p;
	struct ike_id id;

	memset(body.data + 4, 'a', sizeof(body.data) - 4);
	ck_assert_int_eq(payload_id_read(octets_view(&body), &p), 0);
	ck_assert(payload_id_value(&p, &id));
	ck_assert_uint_eq(id.len, IKE_ID_MAX);
	body.len = 1000;
	ck_assert_int_eq(payload_id_read(octets_view(&body), &p), 0);
	ck_assert(!payload_id_value(&p, &id));
	ck_assert_uint_eq(id.len, IKE_ID_MAX);
}
END_TEST

START_TEST(test_payload_auth)
{
	struct octets body = hex("02 ffffff 0102");
	uint8_t space[128];
	struct message_builder b = chain(space);
	struct payload_auth auth;

	ck_assert_int_eq(payload_auth_read(octets_view(&body), &auth), 0);
	ck_assert_uint_eq(auth.method, IKE_AUTH_SHARED_KEY_MIC);
	assert_octets(auth.data, "0102");
	payload_auth_write(&b, IKE_AUTH_SHARED_KEY_MIC, auth.data);
	assert_chain(&b, IKE_PAYLOAD_AUTH, "00 00 000a 02000000 0102");
}
END_TEST

START_TEST(test_payload_notify)
{
	struct octets body = hex("03 04 4009 c0ffee01 aa");
	struct payload_notify n;

	ck_assert_int_eq(payload_notify_read(octets_view(&body), &n), 0);
	ck_assert_uint_eq(n.protocol, IKE_PROTO_ESP);
	ck_assert_uint_eq(n.type, IKE_N_REKEY_SA);
	ck_assert_uint_eq(notify_spi(&n), 0xc0ffee01);
	assert_octets(n.data, "aa");
}
END_TEST

START_TEST(test_payload_notify_malformed)
{
	static const struct {
		const char *body;
		int rc;
	} cases[] = {
		{"00 00 4000", 0},
		{"00 04 4000 0102", ERR_INVALID},
		{"00 01 4000 01", ERR_INVALID},
		{"01 08 4000 0102030405060708", 0},
		{"00 04 4009 c0ffee01",
		 ERR_INVALID}, /* REKEY_SA: protocol 0, 1, no SPI, 8 octets */
		{"01 04 4009 c0ffee01", ERR_INVALID},
		{"04 04 4009 c0ffee01", ERR_INVALID},
		{"03 00 4009", ERR_INVALID},
		{"03 08 4009 0102030405060708", ERR_INVALID},
		{"02 04 4009 c0ffee01", 0},
		{"00 00 002c", ERR_INVALID}, /* CHILD_SA_NOT_FOUND likewise */
		{"03 04 002c c0ffee01", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets body = hex(cases[i].body);
		struct payload_notify n;

		ck_assert_msg(payload_notify_read(octets_view(&body), &n) == cases[i].rc,
			      "case %zu", i);
	}
}
END_TEST

START_TEST(test_notify_find)
{
	/* malformed REKEY_SA, status 16384, error 14, error 17 with group 14 */
	struct octets bytes = hex("29 00 0008 00 00 4009  29 00 0008 00 00 4000"
				  "29 00 0008 00 00 000e  00 00 000a 00 00 0011 000e");
	struct payload_list l;
	struct payload_notify n;
	uint16_t group = 0;

	ck_assert_int_eq(payload_list_read(IKE_PAYLOAD_NOTIFY, octets_view(&bytes), true, &l), 0);
	ck_assert(!notify_find(&l, IKE_N_REKEY_SA, &n));
	ck_assert(notify_find(&l, IKE_N_INITIAL_CONTACT, &n));
	ck_assert(!notify_ke_group(&n, &group));
	ck_assert(notify_find_error(&l, &n));
	ck_assert_uint_eq(n.type, IKE_N_NO_PROPOSAL_CHOSEN);
	ck_assert_uint_eq(notify_spi(&n), 0);
	ck_assert(notify_find(&l, IKE_N_INVALID_KE_PAYLOAD, &n));
	ck_assert(notify_ke_group(&n, &group));
	ck_assert_uint_eq(group, 14);
	ck_assert(notify_is_error(16383));
	ck_assert(!notify_is_error(16384)); /* section 3.10.1 */
}
END_TEST

START_TEST(test_payload_delete)
{
	struct octets body = hex("03 04 0002 c0ffee01 00000002");
	static const uint32_t spis[] = {0xc0ffee01, 2};
	uint8_t space[128];
	struct message_builder b = chain(space);
	struct payload_delete d;

	ck_assert_int_eq(payload_delete_read(octets_view(&body), &d), 0);
	ck_assert_uint_eq(d.protocol, IKE_PROTO_ESP);
	ck_assert_uint_eq(d.count, 2);
	ck_assert_uint_eq(payload_delete_spi(&d, 0), 0xc0ffee01);
	ck_assert_uint_eq(payload_delete_spi(&d, 1), 2);
	ck_assert_uint_eq(payload_delete_spi(&d, 2), 0);
	payload_delete_write_esp(&b, spis, 2);
	assert_chain(&b, IKE_PAYLOAD_DELETE, "00 00 0010 03 04 0002 c0ffee01 00000002");
	b = chain(space);
	payload_delete_write_ike(&b);
	assert_chain(&b, IKE_PAYLOAD_DELETE, "00 00 0008 01 00 0000");
}
END_TEST

START_TEST(test_payload_delete_malformed)
{
	static const struct {
		const char *body;
		int rc;
	} cases[] = {
		{"01 00 0000", 0},
		{"01 08 0001 0102030405060708", ERR_INVALID}, /* IKE with an SPI */
		{"01 00 0001", ERR_INVALID},
		{"01 08 0000", ERR_INVALID},
		{"03 04 ffff c0ffee01", ERR_INVALID}, /* 65,535 SPIs claimed */
		{"03 04 0000", 0},
		{"03 04 0001", ERR_INVALID},
		{"03 04 0001 c0ffee01 00", ERR_INVALID},
		{"03 08 0001 0102030405060708", ERR_INVALID},
		{"03 00 0001", ERR_INVALID},
		{"02 04 0001 c0ffee01", 0},
		{"00 04 0001 c0ffee01", ERR_INVALID},
		{"04 04 0001 c0ffee01", ERR_INVALID},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets body = hex(cases[i].body);
		struct payload_delete d;

		ck_assert_msg(payload_delete_read(octets_view(&body), &d) == cases[i].rc,
			      "case %zu", i);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_payload_damaged,
		test_payload_ke,
		test_payload_nonce_lengths,
		test_nonce_compare,
		test_payload_id,
		test_payload_id_addresses_have_their_length,
		test_payload_id_too_long_is_no_value,
		test_payload_auth,
		test_payload_notify,
		test_payload_notify_malformed,
		test_notify_find,
		test_payload_delete,
		test_payload_delete_malformed,
	};

	return run_cases("payload", tests, ARRAY_LEN(tests));
}
