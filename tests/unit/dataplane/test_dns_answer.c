/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers to queries as octets: codes and counts of RFC 1035 section 4.1.1, RFC 6891; every
 * truncation, and each bit turned. */
#include "dataplane/dns/dns_answer.h"
#include "dataplane/dns/dns_limit.h"
#include "platform/base/mem.h"
#include "tests/unit/dataplane/run_suite.h"

#include <stdlib.h>
#include <string.h>

enum { A = 1, SOA = 6, AAAA = 28, ANY = 255 };

/* In whose name it was asked. */
static struct ip_addr last_asker;

static enum dns_found find(void *arg, const char *label, const struct ip_addr *asker,
			   struct ip_addr *out)
{
	(void)arg;
	last_asker = *asker;
	if (strcmp(label, "gone") == 0)
		return DNS_NO_DATA;
	if (strcmp(label, "p1-abc") != 0)
		return DNS_NO_NAME;
	*out = ip_addr_v4(0xcb00710a);
	return DNS_ADDRESS;
}

static const struct dns_zone zone = {.name = "ipsec.example.net", .serial = 7, .find = find};

/* Query 0x1234 with RD for name; with EDNS of this version when it is not negative. */
static size_t query(uint8_t *buf, const char *name, uint16_t type, int edns)
{
	struct writer w = writer_of(buf, 512);

	writer_u16(&w, 0x1234);
	writer_u16(&w, 0x0100);
	writer_u16(&w, 1);
	writer_u32(&w, 0);
	writer_u16(&w, edns >= 0);
	while (*name != '\0') {
		size_t len = strcspn(name, ".");

		writer_u8(&w, (uint8_t)len);
		writer_bytes(&w, name, len);
		name += len + (name[len] == '.');
	}
	writer_u8(&w, 0);
	writer_u16(&w, type);
	writer_u16(&w, 1);
	if (edns >= 0) {
		writer_u8(&w, 0);
		writer_u16(&w, 41);
		writer_u16(&w, 4096);
		writer_u8(&w, 0);
		writer_u8(&w, (uint8_t)edns);
		writer_u32(&w, 0);
	}
	ck_assert(!w.failed);
	return w.len;
}

struct said {
	unsigned flags, code, questions, answers, authorities, additional;
	size_t len;
	uint8_t bytes[DNS_ANSWER_MAX];
};

static struct said ask_bytes(const uint8_t *bytes, size_t len, bool truncate)
{
	/* Its own memory, so that reading beyond the end is noticed. */
	const struct ip_addr from = ip_addr_v4(0xc0000207);
	uint8_t *copy = mem_dup(bytes, len);
	enum dns_outcome outcome;
	struct said s = {.flags = 0};
	struct reader r;

	s.len = dns_answer(&zone, view_of(copy, len), &from, truncate, s.bytes, &outcome);
	free(copy);
	r = reader_of(view_of(s.bytes, s.len));
	(void)reader_u16(&r);
	s.flags = reader_u16(&r);
	s.code = s.flags & 0xf;
	s.questions = reader_u16(&r);
	s.answers = reader_u16(&r);
	s.authorities = reader_u16(&r);
	s.additional = reader_u16(&r);
	return s;
}

static struct said ask(const char *name, uint16_t type, int edns)
{
	uint8_t buf[512];

	return ask_bytes(buf, query(buf, name, type, edns), false);
}

START_TEST(test_address)
{
	static const uint8_t end[] = {0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 203, 0, 113, 10};
	struct said s = ask("P1-abc.ipsec.EXAMPLE.net", A, -1);

	ck_assert_uint_eq(s.flags, 0x8500); /* answer, authoritative, RD copied, NOERROR */
	ck_assert_uint_eq(s.questions, 1);
	ck_assert_uint_eq(s.answers, 1);
	ck_assert_mem_eq(s.bytes + s.len - sizeof(end), end, sizeof(end));
	ck_assert_ptr_nonnull(memmem(s.bytes, s.len, "P1-abc", 6)); /* case is kept */
	s = ask("p1-abc.ipsec.example.net", A, 0);
	ck_assert_uint_eq(s.additional, 1);
}
END_TEST

START_TEST(test_negative)
{
	struct said s = ask("p1-abc.ipsec.example.net", AAAA, -1);

	ck_assert_uint_eq(s.code, 0);
	ck_assert_uint_eq(s.answers, 0);
	ck_assert_uint_eq(s.authorities, 1);
	s = ask("p1-abd.ipsec.example.net", A, -1);
	ck_assert_uint_eq(s.code, 3);
	ck_assert_uint_eq(s.authorities, 1);
	ck_assert_uint_eq(ask("x.p1-abc.ipsec.example.net", A, -1).code, 3);
	ck_assert_uint_eq(ask("gone.ipsec.example.net", A, -1).code, 2);
	ck_assert_uint_eq(ask("p1-abc.ipsec.example.org", A, -1).code, 5);
	ck_assert_uint_eq(ask("example.net", A, -1).code, 5);
	ck_assert_uint_eq(ask("xipsec.example.net", A, -1).code, 5);
	ck_assert_uint_eq(ask("", A, -1).code, 5);
	ck_assert_uint_eq(ask("p1-abc.ipsec.example.net", ANY, -1).code, 5);
	ck_assert_uint_eq(ask("ipsec.example.net", SOA, -1).answers, 1);
}
END_TEST

START_TEST(test_protocol)
{
	uint8_t buf[512];
	size_t len = query(buf, "p1-abc.ipsec.example.net", A, 1);
	struct said s = ask_bytes(buf, len, false);

	ck_assert_uint_eq(s.code, 0); /* BADVERS is 16: its upper bits are in the OPT record */
	ck_assert_uint_eq(s.bytes[s.len - 6], 1);
	len = query(buf, "p1-abc.ipsec.example.net", A, -1);
	s = ask_bytes(buf, len, true);
	ck_assert_uint_eq(s.flags & 0x0200, 0x0200);
	ck_assert_uint_eq(s.answers, 0);
	buf[2] |= 0x80;
	ck_assert_uint_eq(ask_bytes(buf, len, false).len, 0); /* an answer is not answered */
	buf[2] = 0x21;
	ck_assert_uint_eq(ask_bytes(buf, len, false).code, 4);
	buf[2] = 1;
	buf[5] = 2;
	ck_assert_uint_eq(ask_bytes(buf, len, false).code, 1);
}
END_TEST

START_TEST(test_truncations_and_flips)
{
	uint8_t buf[512];
	size_t len = query(buf, "p1-abc.ipsec.example.net", A, 0);

	for (size_t n = 0; n < len; n++) {
		struct said s = ask_bytes(buf, n, false);

		ck_assert(n < 12 ? s.len == 0 : s.code == 1);
	}
	for (size_t bit = 0; bit < len * 8; bit++) {
		buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
		ck_assert_uint_le(ask_bytes(buf, len, false).len, DNS_ANSWER_MAX);
		buf[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}
END_TEST

START_TEST(test_limit)
{
	struct dns_limit *l = mem_zalloc(sizeof(*l));
	struct ip_addr flood = ip_addr_v4(0xc6336401), beside = ip_addr_v4(0xc63364fe),
		       other = ip_addr_v4(0xc0000201);
	unsigned given = 0, truncated = 0;

	for (int i = 0; i < 200; i++) {
		enum dns_limit_verdict v = dns_limit_take(l, 1000, &flood);

		given += v == DNS_LIMIT_ANSWER;
		truncated += v == DNS_LIMIT_TRUNCATE;
	}
	ck_assert_uint_eq(given, DNS_LIMIT_BURST);
	ck_assert_uint_eq(truncated, 50);
	ck_assert(dns_limit_take(l, 1000, &beside) != DNS_LIMIT_ANSWER);
	ck_assert(dns_limit_take(l, 1000, &other) == DNS_LIMIT_ANSWER);
	ck_assert(dns_limit_take(l, 1050, &flood) == DNS_LIMIT_ANSWER); /* 20 a second */
	ck_assert(dns_limit_take(l, 1050, &flood) != DNS_LIMIT_ANSWER);
	free(l);
}
END_TEST

/* RFC 7871 section 6: family, source and scope prefix length, the octets that count. */
START_TEST(test_client_subnet)
{
	static const uint8_t option[] = {0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100};
	uint8_t buf[512];
	size_t len = query(buf, "p1-abc.ipsec.example.net", A, 0);
	struct ip_addr resolver = ip_addr_v4(0xc0000207), client = ip_addr_v4(0xc6336400);

	ck_assert_uint_eq(ask_bytes(buf, len, false).answers, 1);
	ck_assert(ip_addr_equal(&last_asker, &resolver));
	memcpy(buf + len, option, sizeof(option));
	buf[len - 1] = sizeof(option);
	ck_assert_uint_eq(ask_bytes(buf, len + sizeof(option), false).answers, 1);
	ck_assert(ip_addr_equal(&last_asker, &client));
	buf[len + 6] = 33; /* bits of an IPv4 address */
	ck_assert_uint_eq(ask_bytes(buf, len + sizeof(option), false).answers, 1);
	ck_assert(ip_addr_equal(&last_asker, &resolver));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dns_answer");
	TCase *t = tcase_create("dns");

	tcase_add_test(t, test_address);
	tcase_add_test(t, test_negative);
	tcase_add_test(t, test_protocol);
	tcase_add_test(t, test_truncations_and_flips);
	tcase_add_test(t, test_limit);
	tcase_add_test(t, test_client_subnet);
	suite_add_tcase(s, t);
	return run_suite(s);
}
