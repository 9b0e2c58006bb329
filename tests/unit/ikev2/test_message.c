/* SPDX-License-Identifier: GPL-3.0-or-later */
/* message.c: header and chain by the figures of RFC 7296 sections 3.1 and 3.2. */
#include "ikev2/message.h"
#include "ikev2/payload_nonce.h"
#include "ikev2/payload_notify.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

/* SPIi, SPIr; next payload, version, exchange, flags; Message ID; Length */
#define HEAD "0102030405060708 1112131415161718 29 20 25 28 00000005"
/* N(16384) critical, V "ab", unknown payload 200 */
#define CHAIN "2b 80 0008 00004000  c8 00 0006 6162  00 00 0004"

START_TEST(test_header_read_figure)
{
	struct octets m = hex(HEAD "0000001c");
	struct message_header h;

	ck_assert_int_eq(message_header_read(octets_view(&m), &h), 0);
	ck_assert(h.spi_i == UINT64_C(0x0102030405060708));
	ck_assert(h.spi_r == UINT64_C(0x1112131415161718));
	ck_assert_uint_eq(h.next_payload, IKE_PAYLOAD_NOTIFY);
	ck_assert_uint_eq(h.version, 0x20);
	ck_assert_uint_eq(h.exchange, IKE_EXCH_INFORMATIONAL);
	/* section 3.1: X X R V I X X X */
	ck_assert(h.flags & MESSAGE_RESPONSE);
	ck_assert(h.flags & MESSAGE_INITIATOR);
	ck_assert(!(h.flags & MESSAGE_VERSION_BIT));
	ck_assert_uint_eq(h.id, 5);
	ck_assert_uint_eq(h.length, 28);
}
END_TEST

START_TEST(test_header_read_refuses)
{
	struct message_header h;
	struct octets m = hex(HEAD "0000001c");

	m.data[27] = 29;
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), ERR_TRUNCATED);
	m.len = 29;
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), 0);
	m.len = 30;
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), ERR_TRUNCATED);
	m = hex(HEAD "0000001c");
	memset(m.data, 0, 8);
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), ERR_INVALID);
}
END_TEST

START_TEST(test_header_read_versions)
{
	struct octets m = hex(HEAD "0000001c");
	struct message_header h = {0};

	m.data[17] = 0x10; /* IKEv1 */
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), ERR_INVALID);
	ck_assert_uint_eq(h.version, 0);
	m.data[17] = 0x30;
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), ERR_UNSUPPORTED);
	ck_assert_uint_eq(h.version, 0x30); /* filled for the reply */
	ck_assert_uint_eq(h.id, 5);
	m.data[17] = 0x2f; /* minor versions are ignored */
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), 0);
	m.data[19] = 0xff; /* reserved flags too */
	ck_assert_int_eq(message_header_read(octets_view(&m), &h), 0);
}
END_TEST

static void header_never_passes(void *arg, struct view bytes)
{
	struct message_header h;

	(void)arg;
	ck_assert_int_eq(message_header_read(bytes, &h), ERR_TRUNCATED);
}

START_TEST(test_header_every_truncation)
{
	struct octets m = hex(HEAD "0000001c");

	walk_prefixes(octets_view(&m), header_never_passes, NULL);
}
END_TEST

START_TEST(test_chain_read)
{
	struct octets chain = hex(CHAIN);
	struct payload_list l;

	ck_assert_int_eq(payload_list_read(41, octets_view(&chain), false, &l), 0);
	ck_assert_uint_eq(l.count, 3);
	ck_assert_uint_eq(l.item[0].type, IKE_PAYLOAD_NOTIFY);
	ck_assert(l.item[0].critical);
	ck_assert_uint_eq(l.item[0].at, 0);
	assert_octets(l.item[0].body, "00004000");
	ck_assert_uint_eq(l.item[1].type, IKE_PAYLOAD_VENDOR);
	ck_assert(!l.item[1].critical);
	ck_assert_uint_eq(l.item[1].at, 8);
	assert_octets(l.item[1].body, "6162");
	ck_assert_uint_eq(l.item[2].type, 200);
	ck_assert_uint_eq(l.item[2].body.len, 0);
	ck_assert_ptr_eq(payload_find(&l, IKE_PAYLOAD_VENDOR), &l.item[1]);
	ck_assert_ptr_null(payload_find(&l, IKE_PAYLOAD_SA));
	ck_assert_ptr_null(payload_next(&l, IKE_PAYLOAD_NOTIFY, &l.item[0]));
}
END_TEST

START_TEST(test_chain_reserved_bits_are_ignored)
{
	struct octets chain = hex("00 7f 0004");
	struct payload_list l;

	ck_assert_int_eq(payload_list_read(43, octets_view(&chain), false, &l), 0);
	ck_assert(!l.item[0].critical); /* critical is the most significant bit alone */
}
END_TEST

START_TEST(test_chain_bad)
{
	static const struct {
		const char *bytes;
		int rc;
		uint8_t first;
	} cases[] = {
		{"", ERR_TRUNCATED, 41},
		{"00", ERR_INVALID, 0},
		{"", 0, 0},
		{"00000000", ERR_TRUNCATED, 41}, /* Payload Length 0 to 3 */
		{"00000001", ERR_TRUNCATED, 41},
		{"00000003", ERR_TRUNCATED, 41},
		{"00000004", 0, 41},
		{"00000005", ERR_TRUNCATED, 41},
		{"0000000400", ERR_INVALID, 41}, /* octets behind the last */
		{"29000004", ERR_TRUNCATED, 41}, /* announces another */
		{"0000ffff", ERR_TRUNCATED, 41},
		{"29000005ab", 0, 46},			  /* SK: next is what is inside */
		{"29000005ab 00000004", ERR_INVALID, 46}, /* and nothing behind it */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets bytes = hex(cases[i].bytes);
		struct payload_list l;

		ck_assert_msg(payload_list_read(cases[i].first, octets_view(&bytes), false, &l) ==
				      cases[i].rc,
			      "case %zu", i);
	}
}
END_TEST

START_TEST(test_chain_sk_inside_sk)
{
	struct octets sk = hex("29000005ab"), skf = hex("29000008 00010001");
	struct payload_list l;

	ck_assert_int_eq(payload_list_read(46, octets_view(&sk), false, &l), 0);
	ck_assert_uint_eq(l.item[0].next, 41);
	ck_assert_int_eq(payload_list_read(46, octets_view(&sk), true, &l), ERR_INVALID);
	ck_assert_int_eq(payload_list_read(53, octets_view(&skf), true, &l), ERR_INVALID);
}
END_TEST

START_TEST(test_chain_length_cap)
{
	uint8_t bytes[1000 * 4];
	struct payload_list l;

	for (size_t n = 63; n <= 1000; n += n < 66 ? 1 : 300) {
		struct writer w = writer_of(bytes, sizeof(bytes));

		for (size_t i = 1; i <= n; i++)
			writer_u32(&w, i == n ? 0x00000004 : 0x2b000004);
		ck_assert_int_eq(payload_list_read(43, writer_view(&w), false, &l),
				 n <= MESSAGE_PAYLOADS_MAX ? 0 : ERR_NO_SPACE);
	}
}
END_TEST

/* Views stay inside; ASan watches the exact block. */
static void touch_all(void *arg, struct view bytes)
{
	struct payload_list l;
	unsigned *good = arg, sum = 0;

	if (payload_list_read(41, bytes, false, &l))
		return;
	++*good;
	for (size_t i = 0; i < l.count; i++)
		for (size_t j = 0; j < l.item[i].body.len; j++)
			sum ^= l.item[i].body.data[j];
	ck_assert_uint_le(sum, UINT8_MAX);
}

START_TEST(test_chain_damaged)
{
	struct octets chain = hex(CHAIN);
	unsigned good = 0;

	walk_prefixes(octets_view(&chain), touch_all, &good);
	ck_assert_uint_eq(good, 0);
	walk_bit_flips(octets_view(&chain), touch_all, &good);
	ck_assert_uint_gt(good, 0);
}
END_TEST

START_TEST(test_builder_message)
{
	struct message_header h = {.spi_i = UINT64_C(0x0102030405060708),
				   .exchange = IKE_EXCH_SA_INIT,
				   .flags = MESSAGE_INITIATOR};
	uint8_t buf[128], nonce[16];
	struct message_builder b;
	struct view out;

	message_start(&b, buf, sizeof(buf), &h);
	payload_nonce_write(&b, count_up(nonce, 1, sizeof(nonce)));
	payload_notify_write(&b, IKE_N_COOKIE, view_of("xy", 2));
	ck_assert_int_eq(message_finish(&b, &out), 0);
	assert_octets(out, "0102030405060708 0000000000000000 28 20 22 08 00000000 0000003a"
			   "29 00 0014 0102030405060708090a0b0c0d0e0f10"
			   "00 00 000a 00 00 4006 7879");
}
END_TEST

START_TEST(test_builder_message_without_payloads)
{
	struct message_header h = {.spi_i = 1, .exchange = 37, .next_payload = 99, .length = 99};
	uint8_t buf[28];
	struct message_builder b;
	struct view out;

	message_start(&b, buf, sizeof(buf), &h);
	ck_assert_int_eq(message_finish(&b, &out), 0);
	assert_octets(out, "0000000000000001 0000000000000000 00 20 25 00 00000000 0000001c");
}
END_TEST

START_TEST(test_builder_chain)
{
	uint8_t buf[128];
	struct message_builder b;
	struct view out;

	message_chain_start(&b, buf, sizeof(buf));
	ck_assert_int_eq(message_finish(&b, &out), 0);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_uint_eq(b.first, 0);
	payload_notify_write(&b, IKE_N_INITIAL_CONTACT, view_of(NULL, 0));
	payload_notify_write_spi(&b, IKE_N_REKEY_SA, 0xc0ffee01, view_of(NULL, 0));
	ck_assert_int_eq(message_finish(&b, &out), 0);
	ck_assert_uint_eq(b.first, IKE_PAYLOAD_NOTIFY);
	assert_octets(out, "29 00 0008 00 00 4000  00 00 000c 03 04 4009 c0ffee01");
}
END_TEST

START_TEST(test_builder_every_capacity)
{
	struct message_header h = {.spi_i = 1, .exchange = 37};
	size_t need = 28 + 8;

	for (size_t cap = 0; cap <= need; cap++) {
		uint8_t *buf = mem_zalloc(cap ? cap : 1);
		struct message_builder b;
		struct view out;

		message_start(&b, buf, cap, &h);
		payload_notify_write(&b, IKE_N_INITIAL_CONTACT, view_of(NULL, 0));
		ck_assert_int_eq(message_finish(&b, &out), cap < need ? ERR_NO_SPACE : 0);
		free(buf);
	}
}
END_TEST

START_TEST(test_builder_payload_too_long)
{
	size_t size = 70000;
	uint8_t *buf = mem_zalloc(2 * size);
	struct message_builder b;
	struct view out;

	message_chain_start(&b, buf + size, size);
	payload_notify_write(&b, IKE_N_COOKIE, view_of(buf, 65535 - 8));
	ck_assert_int_eq(message_finish(&b, &out), 0);
	message_chain_start(&b, buf + size, size);
	payload_notify_write(&b, IKE_N_COOKIE, view_of(buf, 65535 - 7));
	ck_assert_int_eq(message_finish(&b, &out), ERR_NO_SPACE);
	free(buf);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_header_read_figure,
		test_header_read_refuses,
		test_header_read_versions,
		test_header_every_truncation,
		test_chain_read,
		test_chain_reserved_bits_are_ignored,
		test_chain_bad,
		test_chain_sk_inside_sk,
		test_chain_length_cap,
		test_chain_damaged,
		test_builder_message,
		test_builder_message_without_payloads,
		test_builder_chain,
		test_builder_every_capacity,
		test_builder_payload_too_long,
	};

	return run_cases("message", tests, ARRAY_LEN(tests));
}
