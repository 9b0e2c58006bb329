/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ESP transforms against published packets: draft-mcgrew-gcm-test-01 for RFC 4106, RFC 3602 section
 * 4 for AES-CBC (those have no ICV: it is added here with OpenSSL's one-shot HMAC), and every
 * truncation and bit flip of packets of each suite; all of it with each engine, and the engines
 * against each other.
 */
#include "dataplane/esp/cipher.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/hex.h"
#include "tests/unit/dataplane/run_suite.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

static const struct ike_suite suites[] = {
	{.encr = 20, .key_bits = 128},
	{.encr = 20, .key_bits = 256},
	{.encr = 20, .key_bits = 128, .esn = true},
	{.encr = 12, .key_bits = 128, .integ = 2},
	{.encr = 12, .key_bits = 128, .integ = 12},
	{.encr = 12, .key_bits = 256, .integ = 13},
	{.encr = 12, .key_bits = 256, .integ = 14},
	{.encr = 12, .key_bits = 128, .integ = 12, .esn = true},
};

/* Octets after the key in its field are the salt; text ends with padding and trailer. */
struct gcm_vector {
	const char *key, *nonce, *aad, *text, *sealed;
};

static const struct gcm_vector gcm_vectors[] = {
	{"4c80cdefbb5d10da906ac73c3613a634", "2e443b684956ed7e3b244cfe", "000043218765432100000000",
	 "45000048699a000080114db7c0a80102c0a801010a9bf15638d3010000010000000000000"
	 "45f736970045f756470037369700963796265726369747902646b000021000101020201",
	 "fecf537e729d5b07dc30df528dd22b768d1b98736696a6fd348509fa13ceac34cfa2436f14a3f3cf65925bf1f"
	 "4"
	 "a13c5d15b21e1884f5ff6247aeabb786b93bce61bc17d768fd9732459018148f6cbe722fd04796562dfdb4"},
	{"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "0000a5f80000000a",
	 "4500003e698f000080114dccc0a80102c0a801010a980035002a2343b2d001000001000000000000037369700"
	 "9"
	 "63796265726369747902646b00000100010001",
	 "deb22cd9b07c72c16e3a65beeb8df304a5a5897d33ae530f1ba76d5d114d2a5c3de81827c10e9a4f51330d0ee"
	 "c"
	 "416642cfbb85a5b47e48a4ec3b9ba95d918bd183b70d3aa8bc6ee4c309e9d85a41ad4a"},
	{"abbccddef00112233445566778899aababbccddef00112233445566778899aab",
	 "112233440102030405060708", "4a2cbfe300000002",
	 "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40"
	 "1"
	 "01040201020201",
	 "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659"
	 "f"
	 "14e99def842d8eb335f4eecfdbf831824b4c4915956c96"},
	{"00000000000000000000000000000000", "000000000000000000000000", "0000000000000001",
	 "4500003c99c500008001cb7a40679318010101010800075c020044006162636465666768696a6b6c6d6e6f707"
	 "1"
	 "72737475767761626364656667686901020201",
	 "4688daf2f973a392732909c331d56d60f694abaa414b5e7ff5fdcdfff5e9a284456476492719ffb64de7d9dca"
	 "1"
	 "e1d894bc3bd57873ed4d181d19d4d5c8c18af3f821d496eeb096e98ad2b69e4799c71d"},
	{"3de09874b388e6491988d0c3607eae1f", "57690e434e280000a2fca1a3", "42f67e3f1010101010101010",
	 "4500001c42a200008001441f406793b6e00000020a00f5ff01020201",
	 "fba2ca845e5df9f0f22c3e6e86dd831e1fc65792cd1af9130e1379ed369f071f35e034be95f112e4e7d05d3"
	 "5"},
	{"abbccddef00112233445566778899aababbccddef00112233445566778899aab",
	 "73616c74616e640169766563", "17405e67156f3126dd0db99b",
	 "45080028732c00004006e9f90a0106120a01038f06b88023dd6bafbecb71260250101f646d540001",
	 "f2d69ecdbd5a0d5b8d5ef38bad4da58d1f278fde98ef67549d524a3018d9a57ff4d3a31ce673119e451626c24"
	 "1"
	 "5771e3b7eebca614c89b35"},
	{"7d773d00c144c525ac619d18c84a3f47", "d966426743457e9182443bc6", "335467aeffffffff",
	 "01020201", "437f866bcb3f699fe9b0822bac961c4504bef270"},
	{"6c6567616c697a656d6172696a75616e61616e64646f69746265666f72656961",
	 "7475726e333021696765746d", "796b6963ffffffffffffffff",
	 "45000030da3a00008001df3bc0a80005c0a800010800c6cd020007006162636465666768696a6b6c6d6e6f707"
	 "1"
	 "72737401020201",
	 "f97ab2aa356d8edce17644ac8c78e25dd24dedbb29ebf1b64a274b39b49c3a864cd3d78ca4ae68a32b42458fb"
	 "5"
	 "7dbe821dcc63b9d0937ba2945f669368661a329fb4c053"},
};

static struct esp_engine *engine;

static struct esp_cipher *cipher(const struct ike_suite *suite, enum esp_direction direction,
				 struct view encr, struct view integ)
{
	struct esp_cipher *c;
	struct err_msg e = {.text = ""};

	ck_assert_msg(esp_cipher_new(engine, suite, direction, encr, integ, &c, &e) == 0, "%s",
		      e.text);
	return c;
}

/* An SA's key: 1, 2, 3, ... */
static struct esp_cipher *counting_cipher(const struct ike_suite *suite,
					  enum esp_direction direction)
{
	uint8_t octets[64];
	struct esp_transform t;

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (uint8_t)(i + 1);
	ck_assert_int_eq(esp_transform_of(suite, &t), 0);
	return cipher(suite, direction, view_of(octets, t.encr_key_len),
		      view_of(octets, t.integ_key_len));
}

static int open_one(struct esp_cipher *c, const uint8_t *packet, size_t len, uint64_t seq,
		    uint8_t *out)
{
	struct esp_job job = {.cipher = c, .in = packet, .out = out, .len = len, .seq = seq};

	esp_cipher_open(engine, &job, 1);
	return job.result;
}

START_TEST(test_esp_cipher_open_gcm_vectors)
{
	const struct gcm_vector *v = &gcm_vectors[_i];
	uint8_t key[36], nonce[12], aad[12], text[128], packet[192], out[192];
	size_t key_len = hex_to_bytes(v->key, key, 32);
	size_t aad_len = hex_to_bytes(v->aad, aad, sizeof(aad));
	size_t text_len = hex_to_bytes(v->text, text, sizeof(text));
	struct ike_suite suite = {.encr = 20,
				  .key_bits = (uint16_t)(key_len * 8),
				  .esn = aad_len == 12};
	struct reader r = reader_of(view_of(aad, aad_len));
	struct esp_cipher *c;
	uint64_t seq;
	size_t len;

	ck_assert_uint_eq(hex_to_bytes(v->nonce, nonce, sizeof(nonce)), 12);
	memcpy(key + key_len, nonce, 4);
	memcpy(packet, aad, 4);
	memcpy(packet + 4, aad + aad_len - 4, 4);
	memcpy(packet + 8, nonce + 4, 8);
	len = 16 + hex_to_bytes(v->sealed, packet + 16, sizeof(packet) - 16);
	(void)reader_u32(&r);
	seq = suite.esn ? reader_u64(&r) : reader_u32(&r);
	c = cipher(&suite, ESP_OPEN, view_of(key, key_len + 4), view_of(NULL, 0));
	ck_assert_int_eq(open_one(c, packet, len, seq, out), 0);
	ck_assert_uint_eq(text_len, len - 16 - 16);
	ck_assert_mem_eq(out, text, text_len);
	if (suite.esn)
		ck_assert_int_eq(open_one(c, packet, len, seq ^ UINT64_C(1) << 32, out),
				 ERR_CRYPTO);
	esp_cipher_free(c);
}
END_TEST

struct cbc_vector {
	const char *key, *packet, *text;
};

/* RFC 3602 section 4, cases 5 to 8: SPI, sequence number, IV, ciphertext; text up to next header.
 */
static const struct cbc_vector cbc_vectors[] = {
	{"90d382b410eeba7ad938c46cec1a82bf",
	 "0000432100000001e96e8c08ab465763fd098d45dd3ff893f663c25d325c18c6a9453e194e120849a4870b66c"
	 "c"
	 "6b9965330013b4898dc856a4699e523a55db080b59ec3a8e4b7e52775b07d1db34ed9c538ab50c551b874aa26"
	 "9"
	 "add047ad2d5913ac19b7cfbad4a6",
	 "08000ebda70a00008e9c083db95b070008090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232"
	 "4"
	 "25262728292a2b2c2d2e2f30313233343536370102030405060708090a0b0c0d0e0e01"},
	{"90d382b410eeba7ad938c46cec1a82bf",
	 "000043210000000869d08df7d203329db093fc4924e5bd80f51995881ec4e0c4488987ce742e8109689bb379d"
	 "2"
	 "d750c0d915dca346a89f75",
	 "0800b5e8a80a0500a69c083d0b660e0077777777777777777777777701020201"},
	{"0123456789abcdef0123456789abcdef",
	 "0000876500000002f4e765244f6407adf13dc1380f673f37773b5241a4c449225e4f3ce5ed611b0c237ca96cf"
	 "7"
	 "4a93013c1b0ea1a0cf70f8e4ecaec78ac53aad7a0f022b859243c647752e94a859352b8a4d4d2decd136e5c17"
	 "7"
	 "f132ad3fbfb2201ac9904c74ee0a109e0ca1e4dfe9d5a100b842f1c22f0d",
	 "45000054090400004001f988c0a87b03c0a87bc808009f76a90a0100b49c083d02a2040008090a0b0c0d0e0f1"
	 "0"
	 "1112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363701020304050"
	 "6"
	 "0708090a0a04"},
	{"0123456789abcdef0123456789abcdef",
	 "000087650000000585d47224b5f3dd5d2101d4ea8dffab2215b92683819596a8047232cc00f7048fe45318e11"
	 "f"
	 "8a0f62ede3c3fc61203bb50f980a08c9843fd3a1b06d5c07ff9639b7eb7dfb3512e5de435e7207ed971ef3d27"
	 "2"
	 "6d9b5ef6affc6d17a0decbb13892",
	 "45000044090c00004001f990c0a87b03c0a87bc80800d63caa0a0200c69c083da3de0300ffffffffffffffff"
	 "ffffffffffffffffffffffffffffffffffffffffffffffff0102030405060708090a0a04"},
};

struct mac_case {
	uint16_t integ;
	const EVP_MD *(*md)(void);
	size_t key_len, icv_len;
};

static const struct mac_case macs[] = {
	{2, EVP_sha1, 20, 12},
	{12, EVP_sha256, 32, 16},
	{13, EVP_sha384, 48, 24},
	{14, EVP_sha512, 64, 32},
};

START_TEST(test_esp_cipher_open_cbc_vectors)
{
	const struct cbc_vector *v = &cbc_vectors[_i];
	uint8_t key[16], packet[256], text[128], out[128], mac_key[64], mac[64];
	size_t len, text_len;
	unsigned n;

	(void)hex_to_bytes(v->key, key, sizeof(key));
	len = hex_to_bytes(v->packet, packet, sizeof(packet));
	text_len = hex_to_bytes(v->text, text, sizeof(text));
	memset(mac_key, 0x5a, sizeof(mac_key));
	for (size_t i = 0; i < ARRAY_LEN(macs); i++) {
		const struct mac_case *m = &macs[i];
		struct ike_suite suite = {.encr = 12, .key_bits = 128, .integ = m->integ};
		struct esp_cipher *c = cipher(&suite, ESP_OPEN, view_of(key, sizeof(key)),
					      view_of(mac_key, m->key_len));

		ck_assert_ptr_nonnull(
			HMAC(m->md(), mac_key, (int)m->key_len, packet, len, mac, &n));
		memcpy(packet + len, mac, m->icv_len);
		ck_assert_int_eq(open_one(c, packet, len + m->icv_len, 0, out), 0);
		ck_assert_uint_eq(text_len, len - 24);
		ck_assert_mem_eq(out, text, text_len);
		esp_cipher_free(c);
	}
}
END_TEST

/* RFC 4303 section 2.2.1: the high half goes into the HMAC behind the packet, but not on the wire.
 */
START_TEST(test_esp_cipher_cbc_extended_sequence)
{
	struct ike_suite suite = {.encr = 12, .key_bits = 128, .integ = 12, .esn = true};
	struct esp_cipher *c = counting_cipher(&suite, ESP_SEAL);
	static const uint8_t high[] = {1, 2, 3, 4};
	uint8_t packet[128] = {0}, text[32] = {0}, input[128], key[32], mac[64];
	struct esp_job job = {.cipher = c,
			      .in = text,
			      .out = packet,
			      .len = sizeof(text),
			      .seq = UINT64_C(0x0102030400000007)};
	unsigned n;

	esp_cipher_seal(engine, &job, 1);
	ck_assert_int_eq(job.result, 0);
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i + 1);
	memcpy(input, packet, 24 + 32);
	memcpy(input + 56, high, sizeof(high));
	ck_assert_ptr_nonnull(HMAC(EVP_sha256(), key, 32, input, 60, mac, &n));
	ck_assert_mem_eq(packet + 56, mac, 16);
	esp_cipher_free(c);
}
END_TEST

static size_t seal_counting(struct esp_cipher *c, const struct esp_transform *t, uint8_t *packet,
			    size_t text_len, uint64_t seq)
{
	uint8_t *text = packet + ESP_HEADER_LEN + t->iv_len;
	struct esp_job job = {.cipher = c, .in = text, .out = packet, .len = text_len, .seq = seq};

	memset(packet, 0x11, ESP_HEADER_LEN);
	for (size_t i = 0; i < text_len; i++)
		text[i] = (uint8_t)i;
	esp_cipher_seal(engine, &job, 1);
	ck_assert_int_eq(job.result, 0);
	return ESP_HEADER_LEN + t->iv_len + text_len + t->icv_len;
}

/* In place, buffer to buffer, and as one batch of several SAs. */
START_TEST(test_esp_cipher_round_trip)
{
	struct esp_cipher *sealers[ARRAY_LEN(suites)], *openers[ARRAY_LEN(suites)];
	struct esp_job seal[ARRAY_LEN(suites)], open[ARRAY_LEN(suites)];
	uint8_t text[96], packets[ARRAY_LEN(suites)][192], outs[ARRAY_LEN(suites)][192];
	struct esp_transform t;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 3);
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		sealers[i] = counting_cipher(&suites[i], ESP_SEAL);
		openers[i] = counting_cipher(&suites[i], ESP_OPEN);
		memset(packets[i], 0x22, ESP_HEADER_LEN);
		seal[i] = (struct esp_job){sealers[i], text, packets[i], sizeof(text), 77, -1};
	}
	esp_cipher_seal(engine, seal, ARRAY_LEN(suites));
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		ck_assert_int_eq(seal[i].result, 0);
		ck_assert_int_eq(esp_transform_of(&suites[i], &t), 0);
		open[i] = (struct esp_job){openers[i],
					   packets[i],
					   outs[i],
					   24u + sizeof(text) + t.icv_len - (16u - t.iv_len),
					   77,
					   -1};
	}
	esp_cipher_open(engine, open, ARRAY_LEN(suites));
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		ck_assert_int_eq(open[i].result, 0);
		ck_assert_mem_eq(outs[i], text, sizeof(text));
		/* in place */
		open[i].out = packets[i] + ESP_HEADER_LEN + (suites[i].encr == 20 ? 8 : 16);
		esp_cipher_open(engine, &open[i], 1);
		ck_assert_int_eq(open[i].result, 0);
		ck_assert_mem_eq(open[i].out, text, sizeof(text));
		esp_cipher_free(sealers[i]);
		esp_cipher_free(openers[i]);
	}
}
END_TEST

START_TEST(test_esp_cipher_open_every_truncation)
{
	struct esp_cipher *sealer = counting_cipher(&suites[_i], ESP_SEAL);
	struct esp_cipher *opener = counting_cipher(&suites[_i], ESP_OPEN);
	uint8_t packet[256], out[256];
	struct esp_transform t;
	size_t len;

	ck_assert_int_eq(esp_transform_of(&suites[_i], &t), 0);
	len = seal_counting(sealer, &t, packet, 64, 5);
	ck_assert_int_eq(open_one(opener, packet, len, 5, out), 0);
	for (size_t n = 0; n < len; n++) {
		uint8_t *exact = mem_dup(packet, n); /* reading behind it is an error */

		ck_assert_int_ne(open_one(opener, exact, n, 5, out), 0);
		free(exact);
	}
	esp_cipher_free(sealer);
	esp_cipher_free(opener);
}
END_TEST

START_TEST(test_esp_cipher_open_every_bit_flip)
{
	struct esp_cipher *sealer = counting_cipher(&suites[_i], ESP_SEAL);
	struct esp_cipher *opener = counting_cipher(&suites[_i], ESP_OPEN);
	uint8_t packet[256], out[256];
	struct esp_transform t;
	size_t len;

	ck_assert_int_eq(esp_transform_of(&suites[_i], &t), 0);
	len = seal_counting(sealer, &t, packet, 64, 5);
	for (size_t bit = 0; bit < len * 8; bit++) {
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(open_one(opener, packet, len, 5, out), ERR_CRYPTO);
		packet[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	if (suites[_i].esn)
		ck_assert_int_eq(open_one(opener, packet, len, 5 | UINT64_C(1) << 32, out),
				 ERR_CRYPTO);
	ck_assert_int_eq(open_one(opener, packet, len, 5, out), 0);
	esp_cipher_free(sealer);
	esp_cipher_free(opener);
}
END_TEST

/* RFC 4106 section 3.1: never the same IV twice under a key; here it is the sequence number. */
START_TEST(test_esp_cipher_seal_gcm_iv)
{
	struct esp_cipher *c = counting_cipher(&suites[0], ESP_SEAL);
	static const uint8_t iv[] = {0, 0, 0, 1, 0xfe, 0xdc, 0xba, 0x98};
	struct esp_transform t;
	uint8_t packet[128];

	ck_assert_int_eq(esp_transform_of(&suites[0], &t), 0);
	(void)seal_counting(c, &t, packet, 32, UINT64_C(0x1fedcba98));
	ck_assert_mem_eq(packet + ESP_HEADER_LEN, iv, 8);
	esp_cipher_free(c);
}
END_TEST

static int compare_iv(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* RFC 3602 section 3: unpredictable.  Here: all differ, also from those of an SA with equal keys.
 */
START_TEST(test_esp_cipher_seal_cbc_iv)
{
	struct esp_cipher *c[2];
	static uint8_t ivs[2000][16];
	struct esp_transform t;
	uint8_t packet[128];

	ck_assert_int_eq(esp_transform_of(&suites[3], &t), 0);
	for (size_t k = 0; k < 2; k++) {
		c[k] = counting_cipher(&suites[3], ESP_SEAL);
		for (size_t i = 0; i < 1000; i++) {
			(void)seal_counting(c[k], &t, packet, 32, i + 1);
			memcpy(ivs[k * 1000 + i], packet + ESP_HEADER_LEN, 16);
		}
		esp_cipher_free(c[k]);
	}
	qsort(ivs, 2000, 16, compare_iv);
	for (size_t i = 1; i < 2000; i++)
		ck_assert_int_ne(memcmp(ivs[i - 1], ivs[i], 16), 0);
}
END_TEST

START_TEST(test_esp_cipher_new_refuses)
{
	static const struct ike_suite bad[] = {
		{.encr = 20, .key_bits = 192},
		{.encr = 12, .key_bits = 128},		   /* no integrity */
		{.encr = 12, .key_bits = 128, .integ = 5}, /* AES-XCBC */
		{.encr = 3, .key_bits = 192, .integ = 12}, /* 3DES */
		{.encr = 0},
	};
	uint8_t key[64] = {0};
	struct esp_cipher *c = NULL;
	struct err_msg e = {.text = ""};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_int_eq(esp_cipher_new(engine, &bad[i], ESP_SEAL, view_of(key, 20),
						view_of(NULL, 0), &c, &e),
				 ERR_UNSUPPORTED);
	ck_assert_int_eq(esp_cipher_new(engine, &suites[0], ESP_SEAL, view_of(key, 16),
					view_of(NULL, 0), &c, &e),
			 ERR_INVALID);
	ck_assert_int_eq(esp_cipher_new(engine, &suites[3], ESP_SEAL, view_of(key, 16),
					view_of(key, 16), &c, NULL),
			 ERR_INVALID);
	ck_assert_ptr_null(c);
	ck_assert_uint_gt(strlen(e.text), 0);
}
END_TEST

/* The plaintext must be whole blocks. */
START_TEST(test_esp_cipher_seal_refuses_part_block)
{
	struct esp_cipher *c = counting_cipher(&suites[_i], ESP_SEAL);
	uint8_t text[64] = {0}, packet[128] = {0};
	struct esp_job job = {.cipher = c, .in = text, .out = packet, .len = 33};

	esp_cipher_seal(engine, &job, 1);
	ck_assert_int_eq(job.result, ERR_TRUNCATED);
	job.len = 0;
	esp_cipher_seal(engine, &job, 1);
	ck_assert_int_eq(job.result, ERR_TRUNCATED);
	esp_cipher_free(c);
}
END_TEST

/* What one engine seals the other one opens: each length up to some blocks more than any engine
 * works on at a time, in batches longer than any queue. */
#define CROSS_LENGTHS 600

static size_t prepare(struct esp_job *seal, struct esp_job *open, uint8_t *packets, size_t stride,
		      const struct esp_transform *t)
{
	size_t count = 0;

	for (size_t len = t->block; len <= CROSS_LENGTHS; len += t->block, count++) {
		uint8_t *packet = packets + count * stride;
		uint8_t *text = packet + ESP_HEADER_LEN + t->iv_len;

		memset(packet, (int)count, ESP_HEADER_LEN);
		for (size_t i = 0; i < len; i++)
			text[i] = (uint8_t)(i * 7 + len);
		seal[count].in = text;
		seal[count].out = packet;
		seal[count].len = len;
		seal[count].seq = open[count].seq = UINT64_C(0x100000000) + count;
		open[count].in = packet;
		open[count].out = text;
		open[count].len = ESP_HEADER_LEN + t->iv_len + len + t->icv_len;
	}
	return count;
}

static void check_texts(const struct esp_job *seal, const struct esp_job *open, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		ck_assert_int_eq(open[k].result, 0);
		for (size_t i = 0; i < seal[k].len; i++)
			ck_assert_uint_eq(open[k].out[i], (uint8_t)(i * 7 + seal[k].len));
	}
}

static void cross(const struct ike_suite *suite, enum esp_engine_kind from, enum esp_engine_kind to)
{
	static struct esp_job seal[CROSS_LENGTHS / 4], open[CROSS_LENGTHS / 4];
	static uint8_t packets[CROSS_LENGTHS / 4 * (CROSS_LENGTHS + 64)];
	struct esp_engine *first = esp_engine_new(from), *second = esp_engine_new(to);
	struct esp_cipher *sealer, *opener;
	struct esp_transform t;
	size_t count;

	ck_assert_int_eq(esp_transform_of(suite, &t), 0);
	engine = first;
	sealer = counting_cipher(suite, ESP_SEAL);
	engine = second;
	opener = counting_cipher(suite, ESP_OPEN);
	count = prepare(seal, open, packets, CROSS_LENGTHS + 64, &t);
	for (size_t i = 0; i < count; i++) {
		seal[i].cipher = sealer;
		open[i].cipher = opener;
	}
	esp_cipher_seal(first, seal, count);
	esp_cipher_open(second, open, count);
	check_texts(seal, open, count);
	esp_cipher_free(sealer);
	esp_cipher_free(opener);
	esp_engine_free(first);
	esp_engine_free(second);
	engine = NULL;
}

START_TEST(test_esp_cipher_engines_agree)
{
	cross(&suites[_i], ESP_ENGINE_BEST, ESP_ENGINE_OPENSSL);
	cross(&suites[_i], ESP_ENGINE_OPENSSL, ESP_ENGINE_BEST);
}
END_TEST

/* One wrong packet of a batch is told apart from the others. */
START_TEST(test_esp_cipher_open_one_wrong)
{
	struct esp_cipher *sealer = counting_cipher(&suites[_i], ESP_SEAL);
	struct esp_cipher *opener = counting_cipher(&suites[_i], ESP_OPEN);
	uint8_t packets[20][160], outs[20][160];
	struct esp_transform t;
	struct esp_job jobs[20];

	ck_assert_int_eq(esp_transform_of(&suites[_i], &t), 0);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
		size_t len = seal_counting(sealer, &t, packets[i], 64, i + 1);

		jobs[i] = (struct esp_job){opener, packets[i], outs[i], len, i + 1, -1};
		if (i == 7 || i == 19)
			packets[i][len - 1] ^= 0x80;
	}
	jobs[3].len = 20;
	esp_cipher_open(engine, jobs, ARRAY_LEN(jobs));
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		ck_assert_int_eq(jobs[i].result, i == 7 || i == 19 ? ERR_CRYPTO
						 : i == 3	   ? ERR_TRUNCATED
								   : 0);
	esp_cipher_free(sealer);
	esp_cipher_free(opener);
}
END_TEST

static void set_up_best(void)
{
	engine = esp_engine_new(ESP_ENGINE_BEST);
}

static void set_up_openssl(void)
{
	engine = esp_engine_new(ESP_ENGINE_OPENSSL);
	ck_assert_str_eq(esp_engine_name(engine), "OpenSSL");
}

static void tear_down(void)
{
	esp_engine_free(engine);
	engine = NULL;
}

static Suite *suite(void)
{
	static const struct {
		const char *name;
		SFun set_up;
	} engines[] = {{"best", set_up_best}, {"openssl", set_up_openssl}};
	Suite *s = suite_create("esp_cipher");
	TCase *t;

	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		t = tcase_create(engines[i].name);
		tcase_add_checked_fixture(t, engines[i].set_up, tear_down);
		tcase_add_loop_test(t, test_esp_cipher_open_gcm_vectors, 0, ARRAY_LEN(gcm_vectors));
		tcase_add_loop_test(t, test_esp_cipher_open_cbc_vectors, 0, ARRAY_LEN(cbc_vectors));
		tcase_add_test(t, test_esp_cipher_cbc_extended_sequence);
		tcase_add_test(t, test_esp_cipher_round_trip);
		tcase_add_loop_test(t, test_esp_cipher_open_every_truncation, 0, ARRAY_LEN(suites));
		tcase_add_loop_test(t, test_esp_cipher_open_every_bit_flip, 0, ARRAY_LEN(suites));
		tcase_add_test(t, test_esp_cipher_seal_gcm_iv);
		tcase_add_test(t, test_esp_cipher_seal_cbc_iv);
		tcase_add_test(t, test_esp_cipher_new_refuses);
		tcase_add_loop_test(t, test_esp_cipher_seal_refuses_part_block, 0,
				    ARRAY_LEN(suites));
		tcase_add_loop_test(t, test_esp_cipher_open_one_wrong, 0, ARRAY_LEN(suites));
		suite_add_tcase(s, t);
	}
	t = tcase_create("engines");
	tcase_add_loop_test(t, test_esp_cipher_engines_agree, 0, ARRAY_LEN(suites));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
