/* SPDX-License-Identifier: GPL-3.0-or-later */
/* payload_sa.c by the figures of RFC 7296 section 3.3. */
#include "ikev2/payload_sa.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

/* Two proposals: 1 IKE, no SPI, AES-CBC-256 and PRF SHA2-256; 2 ESP, SPI, AES-GCM-128, no ESN. */
#define EXAMPLE                             \
	"02 00 001c 01 01 00 02"            \
	"  03 00 000c 01 00 000c 800e 0100" \
	"  00 00 0008 02 00 0005"           \
	"00 00 0020 02 03 04 02 c0ffee01"   \
	"  03 00 000c 01 00 0014 800e 0080" \
	"  00 00 0008 05 00 0000"

static struct sa_transform transform_at(const struct sa_proposal *p, size_t index)
{
	struct reader r = reader_of(p->transforms);
	struct sa_transform t;

	for (size_t i = 0; i <= index; i++)
		ck_assert(sa_transform_next(&r, &t));
	return t;
}

START_TEST(test_payload_sa_read_example)
{
	struct octets body = hex(EXAMPLE);
	struct payload_sa sa;
	struct sa_transform t;
	struct reader r;

	ck_assert_int_eq(payload_sa_read(octets_view(&body), &sa), 0);
	ck_assert_uint_eq(sa.count, 2);
	ck_assert_uint_eq(sa.item[0].number, 1);
	ck_assert_uint_eq(sa.item[0].protocol, IKE_PROTO_IKE);
	ck_assert_uint_eq(sa.item[0].spi.len, 0);
	ck_assert_uint_eq(sa.item[0].transform_count, 2);
	t = transform_at(&sa.item[0], 0);
	ck_assert_uint_eq(t.type, IKE_TRANSFORM_ENCR);
	ck_assert_uint_eq(t.id, IKE_ENCR_AES_CBC);
	ck_assert_uint_eq(t.key_bits, 256);
	ck_assert(!t.odd);
	ck_assert_uint_eq(sa.item[1].number, 2);
	ck_assert_uint_eq(sa.item[1].protocol, IKE_PROTO_ESP);
	assert_octets(sa.item[1].spi, "c0ffee01");
	t = transform_at(&sa.item[1], 1);
	ck_assert_uint_eq(t.type, IKE_TRANSFORM_ESN);
	ck_assert_uint_eq(t.id, 0);
	r = reader_of(sa.item[1].transforms);
	ck_assert(sa_transform_next(&r, &t));
	ck_assert(sa_transform_next(&r, &t));
	ck_assert(!sa_transform_next(&r, &t));
}
END_TEST

START_TEST(test_payload_sa_write_is_the_example)
{
	struct sa_offer offers[2] = {
		{.number = 1, .protocol = IKE_PROTO_IKE},
		{.number = 2,
		 .protocol = IKE_PROTO_ESP,
		 .spi_len = 4,
		 .spi = {0xc0, 0xff, 0xee, 1}},
	};
	struct message_builder b;
	struct view out;
	uint8_t buf[256];

	sa_offer_add(&offers[0], IKE_TRANSFORM_ENCR, IKE_ENCR_AES_CBC, 256);
	sa_offer_add(&offers[0], IKE_TRANSFORM_PRF, IKE_PRF_HMAC_SHA2_256, 0);
	sa_offer_add(&offers[1], IKE_TRANSFORM_ENCR, IKE_ENCR_AES_GCM_16, 128);
	sa_offer_add(&offers[1], IKE_TRANSFORM_ESN, 0, 0);
	message_chain_start(&b, buf, sizeof(buf));
	payload_sa_write(&b, offers, 2);
	ck_assert_int_eq(message_finish(&b, &out), 0);
	assert_octets(out, "00 00 0040" EXAMPLE);
}
END_TEST

START_TEST(test_sa_offer_add_is_bounded)
{
	struct sa_offer o = {0};

	for (size_t i = 0; i < 2 * (size_t)SA_TRANSFORMS_MAX; i++)
		sa_offer_add(&o, IKE_TRANSFORM_KE, 19, 0);
	ck_assert_uint_eq(o.count, SA_TRANSFORMS_MAX);
}
END_TEST

START_TEST(test_payload_sa_read_malformed)
{
	static const char *const cases[] = {
		"",
		"00 00 0008 01 01 00",				 /* short header */
		"00 00 0007 01 01 00",				 /* length below the header */
		"00 00 0003 01 01 00 00",			 /* length below its own field */
		"02 00 0008 01 01 00 00",			 /* announces another proposal */
		"00 00 0008 01 01 00 00 00 00 0008 02 01 00 00", /* first is marked last */
		"03 00 0008 01 01 00 00 00 00 0008 02 01 00 00", /* mark of transforms */
		"00 00 0008 01 01 00 01",			 /* claims a transform */
		"00 00 0010 01 01 00 02 00 00 0008 02 00 0005",	 /* claims two */
		"00 00 0010 01 01 00 00 00 00 0008 02 00 0005",	 /* claims none */
		"00 00 0008 01 01 04 00",			 /* SPI beyond the proposal */
		"00 00 0010 01 01 00 01 03 00 0008 02 00 0005",	 /* not marked last */
		"00 00 0010 01 01 00 01 00 00 0009 02 00 0005",	 /* transform runs past the end */
		"00 00 0010 01 01 00 01 00 00 0007 02 00 0005",	 /* transform too short */
		"00 00 0012 01 01 00 01 00 00 000a 01 00 000c 800e",	  /* attribute cut */
		"00 00 0014 01 01 00 01 00 00 000c 01 00 000c 000e 0002", /* TLV past the end */
		"00 00 0010 01 01 00 01 00 00 0008 02 00 0005 00", /* octet behind the last */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets body = hex(cases[i]);
		struct payload_sa sa;

		ck_assert_msg(payload_sa_read(octets_view(&body), &sa) == ERR_INVALID, "case %zu",
			      i);
	}
}
END_TEST

/* Sections 3.3.5 and 3.3.6: the transform is unacceptable, the payload is not malformed. */
START_TEST(test_payload_sa_odd_attributes)
{
	static const struct {
		const char *transform;
		uint16_t key_bits;
		bool odd;
	} cases[] = {
		{"00 00 000c 01 00 000c 800e 0080", 128, false},
		{"00 00 0008 01 00 000c", 0, false},
		{"00 00 000c 01 00 000c 800d 0080", 0, true},		  /* another attribute */
		{"00 00 000e 01 00 000c 000e 0002 0080", 0, true},	  /* key length as TLV */
		{"00 00 000c 01 00 000c 800e 0000", 0, true},		  /* key length 0 */
		{"00 00 0010 01 00 000c 800e 0080 800e 0100", 128, true}, /* twice */
		{"00 00 0010 01 00 000c 800e 0080 0063 0000", 128, true}, /* empty TLV beside it */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets transform = hex(cases[i].transform);
		struct octets body = hex("00 00 0000 01 01 00 01");
		struct payload_sa sa;
		struct sa_transform t;

		memcpy(body.data + body.len, transform.data, transform.len);
		body.len += transform.len;
		body.data[3] = (uint8_t)body.len;
		ck_assert_int_eq(payload_sa_read(octets_view(&body), &sa), 0);
		t = transform_at(&sa.item[0], 0);
		ck_assert_msg(t.key_bits == cases[i].key_bits && t.odd == cases[i].odd, "case %zu",
			      i);
	}
}
END_TEST

START_TEST(test_payload_sa_more_proposals_than_kept)
{
	uint8_t buf[8 * 300];
	struct payload_sa sa;
	struct writer w = writer_of(buf, sizeof(buf));

	for (unsigned i = 0; i < 300; i++) {
		writer_u32(&w, i == 299 ? 0x00000008 : 0x02000008);
		writer_u32(&w, 0x01010000 | i << 24);
	}
	ck_assert_int_eq(payload_sa_read(writer_view(&w), &sa), 0);
	ck_assert_uint_eq(sa.count, SA_PROPOSALS_MAX);
	buf[8 * 299 + 3] = 9; /* those that are not kept are checked all the same */
	ck_assert_int_eq(payload_sa_read(writer_view(&w), &sa), ERR_INVALID);
}
END_TEST

static void read_and_touch(void *arg, struct view bytes)
{
	unsigned *good = arg;
	struct payload_sa sa;

	if (payload_sa_read(bytes, &sa))
		return;
	++*good;
	for (size_t i = 0; i < sa.count; i++) {
		struct reader r = reader_of(sa.item[i].transforms);
		struct sa_transform t;
		unsigned n = 0;

		while (sa_transform_next(&r, &t))
			n++;
		ck_assert_uint_eq(n, sa.item[i].transform_count);
		ck_assert(!r.failed);
	}
}

START_TEST(test_payload_sa_damaged)
{
	struct octets body = hex(EXAMPLE);
	unsigned good = 0;

	walk_prefixes(octets_view(&body), read_and_touch, &good);
	ck_assert_uint_eq(good, 0); /* the first is marked "more follow" */
	walk_bit_flips(octets_view(&body), read_and_touch, &good);
	ck_assert_uint_gt(good, 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_payload_sa_read_example,	test_payload_sa_write_is_the_example,
		test_sa_offer_add_is_bounded,	test_payload_sa_read_malformed,
		test_payload_sa_odd_attributes, test_payload_sa_more_proposals_than_kept,
		test_payload_sa_damaged,
	};

	return run_cases("payload_sa", tests, ARRAY_LEN(tests));
}
