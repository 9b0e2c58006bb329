/* SPDX-License-Identifier: GPL-3.0-or-later */
/* number.c and algorithm.c: numbers against the registries and RFC text, tables in order. */
#include "ikev2/algorithm.h"
#include "ikev2/crypto.h"
#include "ikev2/dh.h"
#include "ikev2/message.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static const struct enum_name *const tables[] = {
	ike_exchange_names,
	ike_payload_names,
	ike_notify_names,
	ike_protocol_names,
	ike_transform_type_names,
	ike_auth_method_names,
	ike_ts_type_names,
	ike_encr_names,
	ike_prf_names,
	ike_integ_names,
	ike_ke_names,
};

START_TEST(test_tables_sorted_and_unique)
{
	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		ck_assert_ptr_nonnull(tables[i][0].name);
		for (const struct enum_name *row = tables[i]; row[0].name && row[1].name; row++)
			ck_assert_msg(row[0].value < row[1].value, "table %zu: %s", i, row[1].name);
	}
}
END_TEST

/* RFC 7296 sections 3.1, 3.2, 3.3.1, 3.3.2, 3.8, 3.10.1, 3.13.1, spelled out once more by hand. */
START_TEST(test_names_by_rfc_number)
{
	static const struct {
		const struct enum_name *table;
		int value;
		const char *name;
	} rows[] = {
		{ike_exchange_names, 34, "IKE_SA_INIT"},
		{ike_exchange_names, 35, "IKE_AUTH"},
		{ike_exchange_names, 36, "CREATE_CHILD_SA"},
		{ike_exchange_names, 37, "INFORMATIONAL"},
		{ike_exchange_names, 43, "IKE_INTERMEDIATE"},
		{ike_payload_names, 33, "SA"},
		{ike_payload_names, 34, "KE"},
		{ike_payload_names, 35, "IDi"},
		{ike_payload_names, 36, "IDr"},
		{ike_payload_names, 37, "CERT"},
		{ike_payload_names, 38, "CERTREQ"},
		{ike_payload_names, 39, "AUTH"},
		{ike_payload_names, 40, "Nonce"},
		{ike_payload_names, 41, "N"},
		{ike_payload_names, 42, "D"},
		{ike_payload_names, 43, "V"},
		{ike_payload_names, 44, "TSi"},
		{ike_payload_names, 45, "TSr"},
		{ike_payload_names, 46, "SK"},
		{ike_payload_names, 47, "CP"},
		{ike_payload_names, 48, "EAP"},
		{ike_payload_names, 53, "SKF"},
		{ike_protocol_names, 1, "IKE"},
		{ike_protocol_names, 2, "AH"},
		{ike_protocol_names, 3, "ESP"},
		{ike_transform_type_names, 1, "ENCR"},
		{ike_transform_type_names, 2, "PRF"},
		{ike_transform_type_names, 3, "INTEG"},
		{ike_transform_type_names, 4, "KE"},
		{ike_transform_type_names, 5, "ESN"},
		{ike_auth_method_names, 2, "SHARED_KEY_MIC"},
		{ike_ts_type_names, 7, "IPV4_ADDR_RANGE"},
		{ike_ts_type_names, 8, "IPV6_ADDR_RANGE"},
		{ike_notify_names, 1, "UNSUPPORTED_CRITICAL_PAYLOAD"},
		{ike_notify_names, 4, "INVALID_IKE_SPI"},
		{ike_notify_names, 5, "INVALID_MAJOR_VERSION"},
		{ike_notify_names, 7, "INVALID_SYNTAX"},
		{ike_notify_names, 9, "INVALID_MESSAGE_ID"},
		{ike_notify_names, 11, "INVALID_SPI"},
		{ike_notify_names, 14, "NO_PROPOSAL_CHOSEN"},
		{ike_notify_names, 17, "INVALID_KE_PAYLOAD"},
		{ike_notify_names, 24, "AUTHENTICATION_FAILED"},
		{ike_notify_names, 34, "SINGLE_PAIR_REQUIRED"},
		{ike_notify_names, 35, "NO_ADDITIONAL_SAS"},
		{ike_notify_names, 36, "INTERNAL_ADDRESS_FAILURE"},
		{ike_notify_names, 37, "FAILED_CP_REQUIRED"},
		{ike_notify_names, 38, "TS_UNACCEPTABLE"},
		{ike_notify_names, 39, "INVALID_SELECTORS"},
		{ike_notify_names, 43, "TEMPORARY_FAILURE"},
		{ike_notify_names, 44, "CHILD_SA_NOT_FOUND"},
		{ike_notify_names, 16384, "INITIAL_CONTACT"},
		{ike_notify_names, 16385, "SET_WINDOW_SIZE"},
		{ike_notify_names, 16386, "ADDITIONAL_TS_POSSIBLE"},
		{ike_notify_names, 16388, "NAT_DETECTION_SOURCE_IP"},
		{ike_notify_names, 16389, "NAT_DETECTION_DESTINATION_IP"},
		{ike_notify_names, 16390, "COOKIE"},
		{ike_notify_names, 16391, "USE_TRANSPORT_MODE"},
		{ike_notify_names, 16393, "REKEY_SA"},
		{ike_notify_names, 16394, "ESP_TFC_PADDING_NOT_SUPPORTED"},
		{ike_notify_names, 16395, "NON_FIRST_FRAGMENTS_ALSO"},
		{ike_notify_names, 16396, "MOBIKE_SUPPORTED"},
		{ike_notify_names, 16400, "UPDATE_SA_ADDRESSES"},
		{ike_notify_names, 16401, "COOKIE2"},
		{ike_notify_names, 16418, "CHILDLESS_IKEV2_SUPPORTED"},
		{ike_notify_names, 16430, "IKEV2_FRAGMENTATION_SUPPORTED"},
		{ike_notify_names, 16435, "USE_PPK"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_str_eq(enum_name(rows[i].table, rows[i].value), rows[i].name);
}
END_TEST

START_TEST(test_header_bits)
{
	/* RFC 7296 section 3.1: |X|X|R|V|I|X|X|X| */
	ck_assert_uint_eq(MESSAGE_RESPONSE, 0x20);
	ck_assert_uint_eq(MESSAGE_VERSION_BIT, 0x10);
	ck_assert_uint_eq(MESSAGE_INITIATOR, 0x08);
	ck_assert_uint_eq(MESSAGE_VERSION, 0x20);
}
END_TEST

START_TEST(test_ike_notify_name)
{
	char buf[24];

	ck_assert_str_eq(ike_notify_name(14, buf, sizeof(buf)), "NO_PROPOSAL_CHOSEN");
	ck_assert_str_eq(ike_notify_name(8192, buf, sizeof(buf)), "error 8192");
	ck_assert_str_eq(ike_notify_name(16383, buf, sizeof(buf)), "error 16383");
	ck_assert_str_eq(ike_notify_name(65535, buf, sizeof(buf)), "status 65535");
}
END_TEST

/* ---- algorithm.c
 * --------------------------------------------------------------------------------- */

/* RFC 3602, 4106, 5282, 2404, 4868, 2409, 3526, 5903, 8031. */
START_TEST(test_algorithm_sizes)
{
	static const struct {
		uint8_t type;
		uint16_t id, bits;
		const char *name;
		uint16_t key, salt, iv, block, icv, out, secret;
		bool legacy;
	} rows[] = {
		{1, 12, 128, "aes-cbc-128", 16, 0, 16, 16, 0, 0, 0, false},
		{1, 12, 256, "aes-cbc-256", 32, 0, 16, 16, 0, 0, 0, false},
		{1, 20, 128, "aes-gcm-128", 20, 4, 8, 1, 16, 0, 0, false},
		{1, 20, 256, "aes-gcm-256", 36, 4, 8, 1, 16, 0, 0, false},
		{2, 2, 0, "sha1", 20, 0, 0, 0, 0, 20, 0, true},
		{2, 5, 0, "sha2-256", 32, 0, 0, 0, 0, 32, 0, false},
		{2, 6, 0, "sha2-384", 48, 0, 0, 0, 0, 48, 0, false},
		{2, 7, 0, "sha2-512", 64, 0, 0, 0, 0, 64, 0, false},
		{3, 2, 0, "sha1", 20, 0, 0, 0, 12, 20, 0, true},
		{3, 12, 0, "sha2-256", 32, 0, 0, 0, 16, 32, 0, false},
		{3, 13, 0, "sha2-384", 48, 0, 0, 0, 24, 48, 0, false},
		{3, 14, 0, "sha2-512", 64, 0, 0, 0, 32, 64, 0, false},
		{4, 2, 0, "dh2", 0, 0, 0, 0, 0, 128, 128, true},
		{4, 5, 0, "dh5", 0, 0, 0, 0, 0, 192, 192, true},
		{4, 14, 0, "dh14", 0, 0, 0, 0, 0, 256, 256, false},
		{4, 15, 0, "dh15", 0, 0, 0, 0, 0, 384, 384, false},
		{4, 16, 0, "dh16", 0, 0, 0, 0, 0, 512, 512, false},
		{4, 19, 0, "dh19", 0, 0, 0, 0, 0, 64, 32, false},
		{4, 20, 0, "dh20", 0, 0, 0, 0, 0, 96, 48, false},
		{4, 31, 0, "dh31", 0, 0, 0, 0, 0, 32, 32, false},
	};
	size_t count = 0;

	while (algorithm_at(count))
		count++;
	ck_assert_uint_eq(count, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct ike_algorithm *a =
			algorithm_find((enum ike_transform_type)rows[i].type, rows[i].id,
				       rows[i].bits);

		ck_assert_msg(a != NULL, "row %zu", i);
		ck_assert_str_eq(a->name, rows[i].name);
		ck_assert_uint_eq(a->key_len, rows[i].key);
		ck_assert_uint_eq(a->salt_len, rows[i].salt);
		ck_assert_uint_eq(a->iv_len, rows[i].iv);
		ck_assert_uint_eq(a->block_len, rows[i].block);
		ck_assert_uint_eq(a->icv_len, rows[i].icv);
		ck_assert_uint_eq(a->out_len, rows[i].out);
		ck_assert_uint_eq(a->secret_len, rows[i].secret);
		ck_assert_uint_eq(a->aead, rows[i].salt == 4);
		ck_assert_uint_eq(a->legacy, rows[i].legacy);
	}
}
END_TEST

START_TEST(test_algorithm_find_misses)
{
	ck_assert_ptr_null(algorithm_find(IKE_TRANSFORM_ENCR, 12, 0));
	ck_assert_ptr_null(algorithm_find(IKE_TRANSFORM_ENCR, 12, 192));
	ck_assert_ptr_null(algorithm_find(IKE_TRANSFORM_ENCR, 11, 0)); /* never ESP NULL */
	ck_assert_ptr_null(algorithm_find(IKE_TRANSFORM_INTEG, 0, 0));
	ck_assert_ptr_null(algorithm_find(IKE_TRANSFORM_KE, 0, 0));
	ck_assert_ptr_null(algorithm_find(IKE_TRANSFORM_PRF, 1, 0));
	ck_assert_uint_eq(algorithm_rank(IKE_TRANSFORM_KE, 21, 0), SIZE_MAX);
}
END_TEST

START_TEST(test_algorithm_rank_strongest_first)
{
	ck_assert_uint_eq(algorithm_rank(IKE_TRANSFORM_ENCR, 20, 256), 0);
	ck_assert_uint_eq(algorithm_rank(IKE_TRANSFORM_ENCR, 12, 128), 3);
	ck_assert_uint_eq(algorithm_rank(IKE_TRANSFORM_PRF, 7, 0), 0);
	ck_assert_uint_eq(algorithm_rank(IKE_TRANSFORM_PRF, 2, 0), 3);
	ck_assert_uint_eq(algorithm_rank(IKE_TRANSFORM_KE, 20, 0), 0);
	ck_assert_uint_eq(algorithm_rank(IKE_TRANSFORM_KE, 2, 0), 7);
	/* legacy ones are the weakest of their type */
	for (size_t i = 0; algorithm_at(i); i++)
		for (size_t j = i; algorithm_at(j); j++)
			if (algorithm_at(i)->type == algorithm_at(j)->type)
				ck_assert(!algorithm_at(i)->legacy || algorithm_at(j)->legacy);
}
END_TEST

/* Every algorithm of the table has what crypto.h and dh.h need for it. */
START_TEST(test_algorithm_backed_by_crypto)
{
	struct crypto *c = crypto_new();

	for (size_t i = 0; algorithm_at(i); i++) {
		const struct ike_algorithm *a = algorithm_at(i);

		if (a->type == IKE_TRANSFORM_ENCR)
			ck_assert_ptr_nonnull(crypto_cipher(c, a->id, a->key_bits));
		else if (a->type == IKE_TRANSFORM_KE)
			ck_assert_uint_le(dh_public_len(a->id), DH_PUBLIC_MAX);
		else
			ck_assert_ptr_nonnull(
				crypto_hmac(c, (enum ike_transform_type)a->type, a->id));
	}
	ck_assert_ptr_null(crypto_cipher(c, 12, 192));
	ck_assert_ptr_null(crypto_hmac(c, IKE_TRANSFORM_PRF, 1));
	crypto_free(crypto_ref(c));
	crypto_free(c);
	crypto_free(NULL);
}
END_TEST

START_TEST(test_ike_suite_text)
{
	static const struct {
		struct ike_suite suite;
		const char *text;
	} rows[] = {
		{{20, 256, 6, 0, 20, false, {0}}, "aes-gcm-256 prf sha2-384 dh 20"},
		{{12, 256, 0, 12, 0, false, {0}}, "aes-cbc-256 sha2-256"},
		{{12, 128, 2, 2, 2, false, {0}}, "aes-cbc-128 sha1 prf sha1 dh 2"},
		{{20, 128, 0, 0, 14, true, {0}}, "aes-gcm-128 dh 14 esn"},
		{{0, 0, 0, 0, 0, false, {0}}, "none"},
		{{99, 1, 99, 99, 99, true, {0}}, "unknown unknown prf unknown dh 99 esn"},
	};
	char buf[IKE_SUITE_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_str_eq(ike_suite_text(&rows[i].suite, buf, sizeof(buf)), rows[i].text);
	ck_assert(suite_is_aead(&rows[0].suite));
	ck_assert(!suite_is_aead(&rows[1].suite));
	ck_assert(!suite_is_aead(&rows[5].suite));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_tables_sorted_and_unique,
		test_names_by_rfc_number,
		test_header_bits,
		test_ike_notify_name,
		test_algorithm_sizes,
		test_algorithm_find_misses,
		test_algorithm_rank_strongest_first,
		test_algorithm_backed_by_crypto,
		test_ike_suite_text,
	};

	return run_cases("number", tests, ARRAY_LEN(tests));
}
