/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sk.c: messages protected by another implementation (vectors.py) open, and ours are octet for
 * octet the same; damaged ones do not open. */
#include "ikev2/sk.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/ikev2/vectors.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

#define CHAIN "0000000800004000"
#define IV16  "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"

struct row {
	uint16_t encr, bits, integ;
	const char *message;
};

static const struct row rows[] = {
	{IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA1_96, V_SK_CBC128_SHA1},
	{IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA2_256_128, V_SK_CBC128_SHA256},
	{IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA2_384_192, V_SK_CBC128_SHA384},
	{IKE_ENCR_AES_CBC, 128, IKE_INTEG_HMAC_SHA2_512_256, V_SK_CBC128_SHA512},
	{IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA1_96, V_SK_CBC256_SHA1},
	{IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, V_SK_CBC256_SHA256},
	{IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_384_192, V_SK_CBC256_SHA384},
	{IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_512_256, V_SK_CBC256_SHA512},
	{IKE_ENCR_AES_GCM_16, 128, 0, V_SK_GCM128},
	{IKE_ENCR_AES_GCM_16, 256, 0, V_SK_GCM256},
};

static const struct row cbc = {IKE_ENCR_AES_CBC, 256, IKE_INTEG_HMAC_SHA2_256_128, NULL};
static const struct row gcm = {IKE_ENCR_AES_GCM_16, 256, 0, NULL};

static const struct message_header header = {
	.spi_i = UINT64_C(0x0123456789abcdef),
	.spi_r = UINT64_C(0xfedcba9876543210),
	.exchange = IKE_EXCH_INFORMATIONAL,
	.flags = MESSAGE_INITIATOR,
	.id = 7,
};

static struct sk_key key_of(const struct row *row)
{
	struct ike_suite suite = {.encr = row->encr, .key_bits = row->bits, .integ = row->integ};
	const struct ike_algorithm *integ = algorithm_find(IKE_TRANSFORM_INTEG, row->integ, 0);
	struct secret e = SECRET_NONE, a = SECRET_NONE;
	static const uint8_t salt[] = {'s', 'a', 'l', 't'};
	struct sk_key k;
	uint8_t buf[64];
	size_t len = row->bits / 8;

	count_up(buf, 0x61, len);
	if (!integ) {
		memcpy(buf + len, salt, sizeof(salt));
		len += 4;
	}
	secret_set(&e, buf, len);
	if (integ)
		secret_set(&a, count_up(buf, 0x41, integ->key_len).data, integ->key_len);
	ck_assert_int_eq(sk_key_init(&k, &suite, &e, &a), 0);
	k.counter = 5;
	secret_clear(&e);
	secret_clear(&a);
	return k;
}

static int open_bytes(const struct crypto *c, const struct sk_key *k, struct view message,
		      uint8_t *plain, size_t cap, struct view *out, uint8_t *first)
{
	struct message_header h;
	struct payload_list *l = mem_zalloc(sizeof(*l));
	const struct payload *sk;
	int rc = message_header_read(message, &h);

	if (rc == 0)
		rc = message_payloads_read(message, &h, l);
	if (rc == 0) {
		sk = payload_find(l, IKE_PAYLOAD_SK);
		rc = sk ? sk_open(c, k, message, sk, plain, cap, out) : ERR_NOT_FOUND;
		if (sk && first)
			*first = sk->next;
	}
	free(l);
	return rc;
}

static int open_hex(const struct crypto *c, const struct row *row, const char *text, uint8_t *plain,
		    struct view *out)
{
	struct octets message = hex(text);
	struct sk_key k = key_of(row);
	int rc = open_bytes(c, &k, octets_view(&message), plain, 2048, out, NULL);

	sk_key_clear(&k);
	return rc;
}

START_TEST(test_sk_open_foreign_messages)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct octets message = hex(rows[i].message);
		struct sk_key k = key_of(&rows[i]);
		uint8_t plain[256], first = 0;
		struct view out;

		ck_assert_int_eq(open_bytes(c, &k, octets_view(&message), plain, sizeof(plain),
					    &out, &first),
				 0);
		assert_octets(out, CHAIN);
		ck_assert_uint_eq(first, IKE_PAYLOAD_NOTIFY);
		sk_key_clear(&k);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_seal_same_octets)
{
	struct crypto *c = crypto_new();
	struct octets chain = hex(CHAIN);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sk_key k = key_of(&rows[i]);
		struct fixed_random f;
		struct ike_random random = random_of(&f, IV16);
		uint8_t out[256];
		size_t len = 0;

		ck_assert_int_eq(sk_seal(c, &k, &random, &header, IKE_PAYLOAD_NOTIFY,
					 octets_view(&chain), out, sizeof(out), &len),
				 0);
		assert_octets(view_of(out, len), rows[i].message);
		ck_assert_uint_eq(len, sk_sealed_len(&k, chain.len));
		/* a counter moves on, a random IV was drawn */
		ck_assert_uint_eq(k.counter, rows[i].integ ? 5 : 6);
		ck_assert_uint_eq(f.at, rows[i].integ ? 16 : 0);
		sk_key_clear(&k);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_empty_chain)
{
	struct crypto *c = crypto_new();
	uint8_t plain[2048], sealed[256];
	struct view out;
	struct sk_key k = key_of(&gcm);
	size_t len;

	ck_assert_int_eq(open_hex(c, &cbc, V_SK_CBC_EMPTY, plain, &out), 0);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_int_eq(open_hex(c, &gcm, V_SK_GCM_EMPTY, plain, &out), 0);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_int_eq(sk_seal(c, &k, NULL, &header, 0, view_of(NULL, 0), sealed, sizeof(sealed),
				 &len),
			 0);
	assert_octets(view_of(sealed, len), V_SK_GCM_EMPTY);
	sk_key_clear(&k);
	crypto_free(c);
}
END_TEST

/* Section 3.14: any padding content and length is legal. */
START_TEST(test_sk_open_unusual_padding)
{
	struct crypto *c = crypto_new();
	uint8_t plain[2048];
	struct view out;

	ck_assert_int_eq(open_hex(c, &cbc, V_SK_CBC_LONG_PAD, plain, &out), 0);
	assert_octets(out, CHAIN);
	ck_assert_int_eq(open_hex(c, &gcm, V_SK_GCM_PAD, plain, &out), 0);
	assert_octets(out, CHAIN);
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_open_pad_length_beyond_plaintext)
{
	struct crypto *c = crypto_new();
	uint8_t plain[2048];
	struct view out;

	ck_assert_int_eq(open_hex(c, &cbc, V_SK_CBC_PAD_TOO_LONG, plain, &out), ERR_INVALID);
	ck_assert_int_eq(open_hex(c, &gcm, V_SK_GCM_PAD_TOO_LONG, plain, &out), ERR_INVALID);
	crypto_free(c);
}
END_TEST

struct damage {
	const struct crypto *c;
	const struct sk_key *key;
	unsigned opened, tried;
};

static void try_open(void *arg, struct view bytes)
{
	struct damage *d = arg;
	uint8_t plain[2048];
	struct view out;

	d->tried++;
	d->opened += open_bytes(d->c, d->key, bytes, plain, sizeof(plain), &out, NULL) == 0;
}

/* Everything up to the last octet is authentic, also the header and the generic header. */
START_TEST(test_sk_open_damaged)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct octets message = hex(rows[i].message);
		struct sk_key k = key_of(&rows[i]);
		struct damage d = {.c = c, .key = &k};

		walk_bit_flips(octets_view(&message), try_open, &d);
		walk_prefixes(octets_view(&message), try_open, &d);
		ck_assert_uint_eq(d.tried, 9 * message.len);
		ck_assert_uint_eq(d.opened, 0);
		sk_key_clear(&k);
	}
	crypto_free(c);
}
END_TEST

/* Shortened with both lengths made to fit: every length of the body, too short for IV, block or
 * ICV. */
START_TEST(test_sk_open_every_body_length)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct octets whole = hex(rows[i].message);
		struct sk_key k = key_of(&rows[i]);

		for (size_t len = MESSAGE_HEADER_LEN + MESSAGE_GENERIC_LEN; len < whole.len;
		     len++) {
			struct octets m = whole;
			uint8_t plain[256];
			struct view out;

			m.data[27] = (uint8_t)len;
			m.data[31] = (uint8_t)(len - MESSAGE_HEADER_LEN);
			ck_assert_int_eq(open_bytes(c, &k, view_of(m.data, len), plain,
						    sizeof(plain), &out, NULL),
					 ERR_CRYPTO);
		}
		sk_key_clear(&k);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_open_with_another_key)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct octets message = hex(rows[i].message);
		struct sk_key k = key_of(&rows[i]);
		struct secret *used = rows[i].integ ? &k.integ_key : &k.encr_key;
		uint8_t plain[256];
		struct view out;

		used->data[used->len - 1] ^= 1; /* with AES-GCM the salt */
		ck_assert_int_eq(open_bytes(c, &k, octets_view(&message), plain, sizeof(plain),
					    &out, NULL),
				 ERR_CRYPTO);
		sk_key_clear(&k);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_seal_every_chain_length)
{
	struct crypto *c = crypto_new();
	static const struct row *const both[] = {&cbc, &gcm};
	uint8_t chain[64];

	count_up(chain, 1, sizeof(chain));
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		for (size_t n = 0; n <= sizeof(chain); n++) {
			struct sk_key k = key_of(both[i]);
			struct fixed_random f;
			struct ike_random random = random_of(&f, "");
			uint8_t sealed[256], plain[256];
			size_t len = 0, need = sk_sealed_len(&k, n);
			struct view out;

			ck_assert_int_eq(sk_seal(c, &k, &random, &header, 33, view_of(chain, n),
						 sealed, need - 1, &len),
					 ERR_NO_SPACE);
			ck_assert_int_eq(sk_seal(c, &k, &random, &header, 33, view_of(chain, n),
						 sealed, need, &len),
					 0);
			ck_assert_uint_eq(len, need);
			ck_assert_int_eq(open_bytes(c, &k, view_of(sealed, len), plain,
						    sizeof(plain), &out, NULL),
					 0);
			ck_assert(view_equal(out, view_of(chain, n)));
			sk_key_clear(&k);
		}
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_fragments_foreign)
{
	struct crypto *c = crypto_new();
	static const struct {
		const struct row *row;
		const char *message;
		uint16_t number;
		uint8_t first;
	} cases[] = {{&cbc, V_SKF_CBC_1, 1, IKE_PAYLOAD_NOTIFY}, {&gcm, V_SKF_GCM_2, 2, 0}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets message = hex(cases[i].message), chain = hex(CHAIN);
		struct sk_key k = key_of(cases[i].row);
		struct fixed_random f;
		struct ike_random random = random_of(&f, IV16);
		struct message_header h;
		struct payload_list l;
		uint8_t plain[256], sealed[256];
		uint16_t number, total;
		struct view out;
		size_t len;

		ck_assert_int_eq(message_header_read(octets_view(&message), &h), 0);
		ck_assert_int_eq(message_payloads_read(octets_view(&message), &h, &l), 0);
		ck_assert_uint_eq(l.count, 1);
		ck_assert_uint_eq(l.item[0].type, IKE_PAYLOAD_SKF);
		ck_assert_int_eq(sk_fragment_numbers(&l.item[0], &number, &total), 0);
		ck_assert_uint_eq(number, cases[i].number);
		ck_assert_uint_eq(total, 2);
		ck_assert_uint_eq(l.item[0].next, cases[i].first);
		ck_assert_int_eq(sk_open_fragment(c, &k, octets_view(&message), &l.item[0], plain,
						  sizeof(plain), &out),
				 0);
		assert_octets(out, CHAIN);
		/* number and total are authentic */
		message.data[l.item[0].at + MESSAGE_GENERIC_LEN + 3] ^= 4;
		ck_assert_int_eq(sk_open_fragment(c, &k, octets_view(&message), &l.item[0], plain,
						  sizeof(plain), &out),
				 ERR_CRYPTO);
		ck_assert_int_eq(sk_seal_fragment(c, &k, &random, &header, IKE_PAYLOAD_NOTIFY,
						  cases[i].number, 2, octets_view(&chain), sealed,
						  sizeof(sealed), &len),
				 0);
		assert_octets(view_of(sealed, len), cases[i].message);
		sk_key_clear(&k);
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_fragment_numbers)
{
	static const struct {
		const char *body;
		int rc;
	} cases[] = {
		{"", ERR_INVALID},	   {"000100", ERR_INVALID}, {"00000001", ERR_INVALID},
		{"00020001", ERR_INVALID}, {"00010001", 0},	    {"ffffffff", 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct octets body = hex(cases[i].body);
		struct payload skf = {.type = IKE_PAYLOAD_SKF, .body = octets_view(&body)};
		uint16_t number, total;

		ck_assert_int_eq(sk_fragment_numbers(&skf, &number, &total), cases[i].rc);
	}
}
END_TEST

/* The room is exact: one octet more would not fit. */
START_TEST(test_sk_fragment_room)
{
	struct crypto *c = crypto_new();
	static const struct row *const both[] = {&cbc, &gcm};
	uint8_t part[1280] = {0}, out[2048];

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		for (size_t limit = 0; limit <= 1280; limit += 1 + limit / 40) {
			struct sk_key k = key_of(both[i]);
			struct fixed_random f;
			struct ike_random random = random_of(&f, "");
			size_t room = sk_fragment_room(&k, limit), len = 0;

			if (room) {
				ck_assert_int_eq(sk_seal_fragment(c, &k, &random, &header, 33, 1, 2,
								  view_of(part, room), out,
								  sizeof(out), &len),
						 0);
				ck_assert_uint_le(len, limit);
			}
			ck_assert_int_eq(sk_seal_fragment(c, &k, &random, &header, 33, 1, 2,
							  view_of(part, room + 1), out, sizeof(out),
							  &len),
					 0);
			ck_assert_uint_gt(len, limit);
			sk_key_clear(&k);
		}
	}
	crypto_free(c);
}
END_TEST

START_TEST(test_sk_key_init_checks_lengths)
{
	struct ike_suite suite = {.encr = IKE_ENCR_AES_GCM_16, .key_bits = 256};
	struct secret good = SECRET_NONE, shorter = SECRET_NONE, none = SECRET_NONE;
	struct sk_key k, moved = {0};

	secret_alloc(&good, 36);
	secret_alloc(&shorter, 32);
	ck_assert_int_eq(sk_key_init(&k, &suite, &shorter, &none), ERR_RANGE);
	suite.key_bits = 0;
	ck_assert_int_eq(sk_key_init(&k, &suite, &good, &none), ERR_UNSUPPORTED);
	suite = (struct ike_suite){.encr = IKE_ENCR_AES_CBC, .key_bits = 256};
	ck_assert_int_eq(sk_key_init(&k, &suite, &shorter, &none), ERR_UNSUPPORTED);
	suite.integ = IKE_INTEG_HMAC_SHA1_96;
	ck_assert_int_eq(sk_key_init(&k, &suite, &shorter, &none), ERR_RANGE);
	suite = (struct ike_suite){.encr = IKE_ENCR_AES_GCM_16, .key_bits = 256};
	ck_assert_int_eq(sk_key_init(&k, &suite, &good, &none), 0);
	sk_key_move(&moved, &k);
	ck_assert_ptr_null(k.encr_key.data);
	ck_assert_uint_eq(moved.encr_key.len, 36);
	sk_key_clear(&moved);
	secret_clear(&good);
	secret_clear(&shorter);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_sk_open_foreign_messages,
		test_sk_seal_same_octets,
		test_sk_empty_chain,
		test_sk_open_unusual_padding,
		test_sk_open_pad_length_beyond_plaintext,
		test_sk_open_damaged,
		test_sk_open_every_body_length,
		test_sk_open_with_another_key,
		test_sk_seal_every_chain_length,
		test_sk_fragments_foreign,
		test_sk_fragment_numbers,
		test_sk_fragment_room,
		test_sk_key_init_checks_lengths,
	};

	return run_cases("sk", tests, ARRAY_LEN(tests));
}
