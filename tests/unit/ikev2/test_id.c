/* SPDX-License-Identifier: GPL-3.0-or-later */
/* id.c: identities of RFC 7296 section 3.5. */
#include "ikev2/ike.h"
#include "platform/base/mem.h"
#include "tests/unit/ikev2/octets.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

static struct ike_id id_of(enum ike_id_type type, const char *text)
{
	struct ike_id id;

	ck_assert_int_eq(ike_id_parse(type, text, &id), 0);
	return id;
}

START_TEST(test_ike_id_parse_and_text)
{
	static const struct {
		enum ike_id_type type;
		const char *text, *octets, *shown;
	} rows[] = {
		{IKE_ID_IPV4_ADDR, "192.0.2.1", "c0000201", "192.0.2.1"},
		{IKE_ID_IPV6_ADDR, "2001:db8::1", "20010db8000000000000000000000001",
		 "2001:db8::1"},
		{IKE_ID_FQDN, "gw1.example.net", "6777312e6578616d706c652e6e6574",
		 "gw1.example.net"},
		{IKE_ID_RFC822_ADDR, "a@b.example", "6140622e6578616d706c65", "a@b.example"},
		{IKE_ID_KEY_ID, "site 1", "736974652031", "site 1"},
		{IKE_ID_KEY_ID, "0x00ff7F", "00ff7f", "0x00ff7f"},
		{IKE_ID_KEY_ID, "0x6162", "6162", "ab"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_id id = id_of(rows[i].type, rows[i].text);
		char buf[300];

		ck_assert_uint_eq(id.type, rows[i].type);
		assert_octets(view_of(id.data, id.len), rows[i].octets);
		ck_assert_str_eq(ike_id_text(&id, buf, sizeof(buf)), rows[i].shown);
		for (size_t j = id.len; j < IKE_ID_MAX; j++)
			ck_assert_uint_eq(id.data[j], 0);
	}
}
END_TEST

START_TEST(test_ike_id_parse_refuses)
{
	static const struct {
		enum ike_id_type type;
		const char *text;
	} rows[] = {
		{IKE_ID_NONE, "x"},
		{IKE_ID_IPV4_ADDR, ""},
		{IKE_ID_IPV4_ADDR, "192.0.2"},
		{IKE_ID_IPV4_ADDR, "2001:db8::1"},
		{IKE_ID_IPV6_ADDR, "192.0.2.1"},
		{IKE_ID_FQDN, ""},
		{IKE_ID_FQDN, "gw1.example.net."},
		{IKE_ID_FQDN, ".example.net"},
		{IKE_ID_FQDN, "gw1..example.net"},
		{IKE_ID_FQDN, "gw 1.example.net"},
		{IKE_ID_FQDN, "a@example.net"},
		{IKE_ID_RFC822_ADDR, "example.net"},
		{IKE_ID_RFC822_ADDR, "@example.net"},
		{IKE_ID_RFC822_ADDR, "a@"},
		{IKE_ID_RFC822_ADDR, "a b@example.net"},
		{IKE_ID_KEY_ID, ""},
		{IKE_ID_KEY_ID, "0x"},
		{IKE_ID_KEY_ID, "0x1"},
		{IKE_ID_KEY_ID, "0x1g"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_id id = {.type = 99};

		ck_assert_msg(ike_id_parse(rows[i].type, rows[i].text, &id) == ERR_INVALID,
			      "row %zu", i);
		ck_assert_uint_eq(id.type, 99);
	}
}
END_TEST

START_TEST(test_ike_id_parse_length)
{
	char text[3 + 2 * IKE_ID_MAX + 2];
	struct ike_id id;

	memset(text, 'a', IKE_ID_MAX + 1);
	text[IKE_ID_MAX] = '\0';
	ck_assert_int_eq(ike_id_parse(IKE_ID_FQDN, text, &id), 0);
	ck_assert_uint_eq(id.len, IKE_ID_MAX);
	text[IKE_ID_MAX] = 'a';
	text[IKE_ID_MAX + 1] = '\0';
	ck_assert_int_eq(ike_id_parse(IKE_ID_FQDN, text, &id), ERR_RANGE);
	ck_assert_int_eq(ike_id_parse(IKE_ID_KEY_ID, text, &id), ERR_RANGE);
	memset(text, '0', sizeof(text));
	text[1] = 'x';
	text[2 + 2 * IKE_ID_MAX] = '\0';
	ck_assert_int_eq(ike_id_parse(IKE_ID_KEY_ID, text, &id), 0);
	text[2 + 2 * IKE_ID_MAX] = '0';
	text[4 + 2 * IKE_ID_MAX] = '\0';
	ck_assert_int_eq(ike_id_parse(IKE_ID_KEY_ID, text, &id), ERR_RANGE);
}
END_TEST

START_TEST(test_ike_id_equal)
{
	static const struct {
		const char *a, *b;
		enum ike_id_type type;
		bool equal;
	} rows[] = {
		{"GW1.Example.NET", "gw1.example.net", IKE_ID_FQDN, true},
		{"gw1.example.net", "gw2.example.net", IKE_ID_FQDN, false},
		{"gw1.example.net", "gw1.example.ne", IKE_ID_FQDN, false},
		{"user@EXAMPLE.net", "user@example.NET", IKE_ID_RFC822_ADDR, true},
		{"User@example.net", "user@example.net", IKE_ID_RFC822_ADDR, false},
		{"ABC", "abc", IKE_ID_KEY_ID, false},
		{"abc", "abc", IKE_ID_KEY_ID, true},
		{"192.0.2.1", "192.0.2.1", IKE_ID_IPV4_ADDR, true},
		{"192.0.2.65", "192.0.2.97", IKE_ID_IPV4_ADDR, false}, /* octets 'A' and 'a' */
	};
	struct ike_id fqdn = id_of(IKE_ID_FQDN, "abc"), key = id_of(IKE_ID_KEY_ID, "abc");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ike_id a = id_of(rows[i].type, rows[i].a),
			      b = id_of(rows[i].type, rows[i].b);

		ck_assert_msg(ike_id_equal(&a, &b) == rows[i].equal, "row %zu", i);
		ck_assert_msg(ike_id_equal(&b, &a) == rows[i].equal, "row %zu", i);
	}
	ck_assert(!ike_id_equal(&fqdn, &key));
}
END_TEST

START_TEST(test_ike_id_of_addr)
{
	struct ip_addr v4 = ip_addr_v4(0xc0000201), none = {0};
	struct ike_id id = ike_id_of_addr(&v4), parsed = id_of(IKE_ID_IPV4_ADDR, "192.0.2.1");

	ck_assert(ike_id_equal(&id, &parsed));
	ck_assert_uint_eq(ike_id_of_addr(&none).type, IKE_ID_NONE);
}
END_TEST

/* What a peer may send: anything. */
START_TEST(test_ike_id_text_of_odd_values)
{
	static const struct {
		struct ike_id id;
		const char *text;
	} rows[] = {
		{{.type = IKE_ID_NONE}, "none"},
		{{.type = IKE_ID_FQDN, .len = 2, .data = {'a', '\n'}}, "0x610a"},
		{{.type = IKE_ID_FQDN}, "0x"},
		{{.type = IKE_ID_IPV4_ADDR, .len = 3, .data = "abc"}, "0x616263"},
		{{.type = 9, .len = 2, .data = {0x30, 0x00}}, "0x3000"},
	};
	struct ike_id full = {.type = IKE_ID_KEY_ID, .len = IKE_ID_MAX};
	char buf[300];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_str_eq(ike_id_text(&rows[i].id, buf, sizeof(buf)), rows[i].text);
	for (size_t size = 1; size < 270; size++) {
		char *small = mem_zalloc(size);

		ike_id_text(&full, small, size);
		ck_assert_uint_lt(strlen(small), size);
		free(small);
	}
	ck_assert_uint_eq(strlen(ike_id_text(&full, buf, sizeof(buf))), 2 + 2 * IKE_ID_MAX);
}
END_TEST

START_TEST(test_ike_id_type_name)
{
	ck_assert_str_eq(ike_id_type_name(IKE_ID_IPV4_ADDR), "ipv4");
	ck_assert_str_eq(ike_id_type_name(IKE_ID_FQDN), "fqdn");
	ck_assert_str_eq(ike_id_type_name(IKE_ID_RFC822_ADDR), "email");
	ck_assert_str_eq(ike_id_type_name(IKE_ID_IPV6_ADDR), "ipv6");
	ck_assert_str_eq(ike_id_type_name(IKE_ID_KEY_ID), "key-id");
	ck_assert_str_eq(ike_id_type_name(200), "unknown");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_ike_id_parse_and_text, test_ike_id_parse_refuses,
		test_ike_id_parse_length,   test_ike_id_equal,
		test_ike_id_of_addr,	    test_ike_id_text_of_odd_values,
		test_ike_id_type_name,
	};

	return run_cases("id", tests, ARRAY_LEN(tests));
}
