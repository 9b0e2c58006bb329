/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Updates as octets (RFC 2136 section 2), their signatures as RFC 8945 section 4.3 has them,
 * computed here by OpenSSL alone, and a server that is played.
 */
#include "dataplane/dns/dns_updater.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/udp.h"
#include "tests/unit/dataplane/run_suite.h"

#include <fcntl.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define UPDATE_FLAGS 0x2800 /* opcode 5 */

static struct dns_key key;
static const struct ip_addr first = {.family = IP_V4, .bytes = {203, 0, 113, 10}},
			    second = {.family = IP_V4, .bytes = {203, 0, 113, 11}};

static void set_up(void)
{
	memset(&key, 0, sizeof(key));
	snprintf(key.name, sizeof(key.name), "ikesh");
	secret_set(&key.secret, "0123456789abcdef0123456789abcdef", 32);
}

static void tear_down(void)
{
	secret_clear(&key.secret);
}

static struct dns_update_message message(enum dns_update_kind kind, bool is_signed)
{
	const struct dns_key none = {.name = ""};
	const struct dns_update u = {.kind = kind,
				     .zone = "example.net",
				     .name = "p1.example.net",
				     .addr = first};
	struct dns_update_message m;

	ck_assert_int_eq(dns_update_write(&u, is_signed ? &key : &none, 0x1234, &m), 0);
	return m;
}

/* A name that may end in a pointer. */
static void skip_name(struct reader *r)
{
	uint8_t len;

	while ((len = reader_u8(r)) != 0 && !r->failed) {
		if (len >= 0xc0) {
			reader_skip(r, 1);
			return;
		}
		reader_skip(r, len);
	}
}

/* "type class ttl length;" of the next records. */
static const char *records(struct reader *r, unsigned count, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned i = 0; i < count; i++) {
		unsigned type, class, ttl, len;

		skip_name(r);
		type = reader_u16(r);
		class = reader_u16(r);
		ttl = reader_u32(r);
		len = reader_u16(r);
		reader_skip(r, len);
		at += (size_t)snprintf(buf + at, size - at, "%u %u %u %u;", type, class, ttl, len);
	}
	ck_assert(!r->failed);
	return buf;
}

/* Types: A 1, SOA 6, TXT 16, AAAA 28, ANY 255.  Classes: IN 1, NONE 254, ANY 255. */
START_TEST(test_messages)
{
	static const struct {
		enum dns_update_kind kind;
		unsigned conditions, changes;
		const char *condition, *change;
	} rows[] = {
		{DNS_UPDATE_CREATE, 1, 2, "255 254 0 0;", "16 1 30 15;1 1 30 4;"},
		{DNS_UPDATE_REPLACE, 1, 3, "16 1 0 15;", "1 255 0 0;28 255 0 0;1 1 30 4;"},
		{DNS_UPDATE_REMOVE, 1, 1, "16 1 0 15;", "255 255 0 0;"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dns_update_message m = message(rows[i].kind, false);
		struct reader r = reader_of(view_of(m.wire, m.len));
		char text[128];

		ck_assert_uint_eq(reader_u16(&r), 0x1234);
		ck_assert_uint_eq(reader_u16(&r), UPDATE_FLAGS);
		ck_assert_uint_eq(reader_u16(&r), 1); /* zone */
		ck_assert_uint_eq(reader_u16(&r), rows[i].conditions);
		ck_assert_uint_eq(reader_u16(&r), rows[i].changes);
		ck_assert_uint_eq(reader_u16(&r), 0);
		skip_name(&r);
		ck_assert_uint_eq(reader_u16(&r), 6);
		ck_assert_uint_eq(reader_u16(&r), 1);
		ck_assert_str_eq(records(&r, rows[i].conditions, text, sizeof(text)),
				 rows[i].condition);
		ck_assert_str_eq(records(&r, rows[i].changes, text, sizeof(text)), rows[i].change);
		ck_assert_uint_eq(reader_left(&r), 0);
	}
}
END_TEST

#define TSIG_NAME "\5ikesh\0"
#define ALGORITHM "\13hmac-sha256\0"

/* RFC 8945 section 4.3.3: name, class ANY, TTL, algorithm, time, fudge, error, other. */
static size_t variables(uint8_t *buf, uint64_t time, unsigned error)
{
	struct writer w = writer_of(buf, 128);

	writer_bytes(&w, TSIG_NAME, 7);
	writer_u16(&w, 255);
	writer_u32(&w, 0);
	writer_bytes(&w, ALGORITHM, 13);
	writer_u16(&w, (uint16_t)(time >> 32));
	writer_u32(&w, (uint32_t)time);
	writer_u16(&w, 300);
	writer_u16(&w, (uint16_t)error);
	writer_u16(&w, 0);
	ck_assert(!w.failed);
	return w.len;
}

static void hmac(const uint8_t *data, size_t len, uint8_t mac[32])
{
	unsigned n = 32;

	ck_assert_ptr_nonnull(
		HMAC(EVP_sha256(), key.secret.data, (int)key.secret.len, data, len, mac, &n));
}

START_TEST(test_signature)
{
	struct dns_update_message m = message(DNS_UPDATE_REPLACE, true);
	uint8_t data[DNS_ANSWER_MAX + 128], mac[32];
	struct reader r;
	uint64_t time;
	size_t at = m.len - (7 + 10 + 13 + 8 + 2 + 32 + 6); /* the record is the last */

	ck_assert_uint_eq(m.mac_len, 32);
	ck_assert_int_eq(memcmp(m.wire + at, TSIG_NAME, 7), 0);
	r = reader_of(view_of(m.wire + at + 7 + 10 + 13, 10));
	time = (uint64_t)reader_u16(&r) << 32;
	time |= reader_u32(&r);
	ck_assert_uint_eq(reader_u16(&r), 300);
	ck_assert_uint_eq(reader_u16(&r), 32);
	memcpy(data, m.wire, at);
	data[11] = 0; /* without the record */
	hmac(data, at + variables(data + at, time, 0), mac);
	ck_assert_mem_eq(m.mac, mac, 32);
	ck_assert_mem_eq(m.wire + m.len - 6 - 32, mac, 32);
}
END_TEST

/* An answer to m with this code; signed unless secret is NULL. */
static size_t answer(const struct dns_update_message *m, unsigned code, unsigned error,
		     bool is_signed, bool with_tsig, uint8_t *out)
{
	struct writer w = writer_of(out, DNS_ANSWER_MAX);
	uint8_t data[DNS_ANSWER_MAX], mac[32];
	struct writer d = writer_of(data, sizeof(data));
	const uint64_t now = loop_wall_ms() / 1000;

	writer_u16(&w, m->id);
	writer_u16(&w, (uint16_t)(0x8000 | UPDATE_FLAGS | code));
	writer_u64(&w, 0);
	writer_u16(&d, (uint16_t)m->mac_len);
	writer_bytes(&d, m->mac, m->mac_len);
	writer_bytes(&d, out, w.len);
	d.len += variables(data + d.len, now, error);
	hmac(data, d.len, mac);
	if (with_tsig) {
		writer_set_u16(&w, 10, 1);
		writer_bytes(&w, TSIG_NAME, 7);
		writer_u16(&w, 250);
		writer_u16(&w, 255);
		writer_u32(&w, 0);
		writer_u16(&w, (uint16_t)(13 + 10 + (is_signed ? 32 : 0) + 6));
		writer_bytes(&w, ALGORITHM, 13);
		writer_u16(&w, (uint16_t)(now >> 32));
		writer_u32(&w, (uint32_t)now);
		writer_u16(&w, 300);
		writer_u16(&w, is_signed ? 32 : 0);
		writer_bytes(&w, mac, is_signed ? 32 : 0);
		writer_u16(&w, m->id);
		writer_u16(&w, (uint16_t)error);
		writer_u16(&w, 0);
	}
	ck_assert(!w.failed);
	return w.len;
}

START_TEST(test_answers)
{
	static const struct {
		unsigned code, error;
		bool is_signed, with_tsig;
		enum dns_update_result result;
	} rows[] = {
		{0, 0, true, true, DNS_UPDATE_DONE},
		{6, 0, true, true, DNS_UPDATE_NAME_IN_USE},
		{8, 0, true, true, DNS_UPDATE_NOT_OURS},
		{5, 0, true, true, DNS_UPDATE_REFUSED},
		{10, 0, true, true, DNS_UPDATE_NOT_IN_ZONE},
		{2, 0, true, true, DNS_UPDATE_SERVER_FAILED},
		{4, 0, false, false, DNS_UPDATE_NOT_IMPLEMENTED},
		{9, 0, false, false, DNS_UPDATE_NOT_AUTHORITATIVE},
		{9, 16, false, true, DNS_UPDATE_BAD_SIGNATURE},
		{9, 17, false, true, DNS_UPDATE_BAD_KEY},
		{9, 18, true, true, DNS_UPDATE_BAD_TIME},
		{0, 0, false, false, DNS_UPDATE_UNSIGNED},
		{0, 0, false, true, DNS_UPDATE_UNSIGNED},
		{6, 0, false, false, DNS_UPDATE_UNSIGNED},
	};
	struct dns_update_message m = message(DNS_UPDATE_CREATE, true);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t out[DNS_ANSWER_MAX];
		size_t len = answer(&m, rows[i].code, rows[i].error, rows[i].is_signed,
				    rows[i].with_tsig, out);

		ck_assert_msg(dns_update_read(view_of(out, len), &m, &key) == rows[i].result,
			      "row %zu", i);
		out[0] ^= 1; /* of another message */
		ck_assert_int_eq(dns_update_read(view_of(out, len), &m, &key), DNS_UPDATE_IGNORED);
	}
}
END_TEST

/* Nothing that is changed on the way is taken for a success. */
START_TEST(test_flips_and_truncations)
{
	struct dns_update_message m = message(DNS_UPDATE_CREATE, true);
	uint8_t out[DNS_ANSWER_MAX];
	size_t len = answer(&m, 0, 0, true, true, out);

	for (size_t i = 0; i < len * 8; i++) {
		size_t at = i / 8 - 12;
		/* names have no case; class, TTL and original number count as what they must be */
		bool harmless = (i / 8 >= 12 && at < 30 && i % 8 == 5) || (at >= 9 && at < 15) ||
				at == 72 || at == 73;

		out[i / 8] = (uint8_t)(out[i / 8] ^ 1U << i % 8);
		if (!harmless)
			ck_assert_msg(dns_update_read(view_of(out, len), &m, &key) !=
					      DNS_UPDATE_DONE,
				      "bit %zu", i);
		out[i / 8] = (uint8_t)(out[i / 8] ^ 1U << i % 8);
	}
	for (size_t i = 0; i < len; i++) {
		uint8_t *copy = mem_dup(out, i);

		ck_assert_int_ne(dns_update_read(view_of(copy, i), &m, &key), DNS_UPDATE_DONE);
		free(copy);
	}
	ck_assert_int_eq(dns_update_read(view_of(out, len), &m, &key), DNS_UPDATE_DONE);
}
END_TEST

/* libldns would keep the last one and leak the others (found by the fuzzer, seen by the sanitizer).
 */
START_TEST(test_two_signatures)
{
	static const uint8_t tsig[] = {0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 17, 0, 0, 0,
				       0, 0, 0,	  0, 0,	  0, 0, 0, 0, 0, 0,  0, 0, 0};
	struct dns_update_message m = message(DNS_UPDATE_CREATE, true);
	uint8_t answer[12 + 2 * sizeof(tsig)] = {(uint8_t)(m.id >> 8), (uint8_t)m.id, 0xa8, 0};

	for (uint8_t count = 1; count <= 2; count++) {
		answer[11] = count;
		memcpy(answer + 12 + (count - 1) * sizeof(tsig), tsig, sizeof(tsig));
		ck_assert_int_eq(dns_update_read(view_of(answer, 12 + count * sizeof(tsig)), &m,
						 &key),
				 count == 1 ? DNS_UPDATE_UNSIGNED : DNS_UPDATE_IGNORED);
	}
}
END_TEST

START_TEST(test_secrets)
{
	static const struct {
		const char *text;
		size_t len; /* 0: refused */
	} rows[] = {
		{"QUJD", 3},
		{"QUI=", 2},
		{"QQ==", 1},
		{"QQ=", 0},
		{"====", 0},
		{"no base64!", 0},
		{"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFi"
		 "Y2RlZg==",
		 64},
		{"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFi"
		 "Y2RlZjA=",
		 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct secret text = SECRET_NONE, out = SECRET_NONE;
		int r;

		secret_set(&text, rows[i].text, strlen(rows[i].text));
		r = dns_key_decode(&text, &out);
		ck_assert_msg((r == 0) == (rows[i].len != 0), "%s", rows[i].text);
		ck_assert_uint_eq(out.len, rows[i].len);
		secret_clear(&text);
		secret_clear(&out);
	}
}
END_TEST

/* ---- The updater and a server that is played --------------------------------------------------
 */

static struct loop *loop;
static struct dns_updater *updater;
static int server;
static char said[256];

static void hear(void *arg, const char *name, enum dns_update_result r)
{
	size_t len = strlen(said);

	(void)arg;
	snprintf(said + len, sizeof(said) - len, "%s:%s ", name == NULL ? "server" : name,
		 dns_update_row(r)->name);
}

static void start(void)
{
	struct dns_updater_options o = {.zone = "example.net", .key = key, .said = hear};
	struct err_msg e = {.text = ""};
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	uint16_t port;

	said[0] = '\0';
	loop = loop_new(&e);
	o.server.addr = ip_addr_v4(0x7f000001);
	server = udp_open_at(&o.server, &e);
	ck_assert_int_ge(server, 0);
	ck_assert_int_eq(getsockname(server, (struct sockaddr *)&sa, &len), 0);
	memcpy(&port, (uint8_t *)&sa + 2, 2);
	o.server.port = (uint16_t)(port >> 8 | port << 8);
	updater = dns_updater_new(loop, &o);
}

static void stop(void)
{
	dns_updater_free(updater);
	close(server);
	loop_free(loop);
}

static void put(const struct ip_addr *a, const struct ip_addr *b)
{
	dns_updater_begin(updater);
	if (a != NULL)
		dns_updater_put(updater, "p1.example.net", a);
	if (b != NULL)
		dns_updater_put(updater, "s1.example.net", b);
	dns_updater_end(updater);
}

/* The next message: 'C', 'R' or 'X' (remove) with the name's first letter, answered with code; "":
 * none came. */
static const char *serve(unsigned code)
{
	static char what[4];
	static uint8_t buf[DNS_ANSWER_MAX], out[DNS_ANSWER_MAX];
	struct udp_datagram d;
	struct dns_update_message m = {.len = 0};
	struct reader r;
	struct view part;
	unsigned conditions, changes, class;

	(void)!loop_turn(loop, 0);
	if (udp_receive(server, buf, sizeof(buf), &d) != 0)
		return "";
	r = reader_of(d.payload);
	m.id = reader_u16(&r);
	reader_skip(&r, 4);
	conditions = reader_u16(&r);
	changes = reader_u16(&r);
	ck_assert_uint_eq(conditions, 1);
	m.mac_len = 32;
	memcpy(m.mac, d.payload.data + d.payload.len - 6 - 32, 32);
	reader_skip(&r, 2);
	skip_name(&r);
	reader_skip(&r, 4);
	what[1] = (char)d.payload.data[r.at + 1];
	skip_name(&r);
	reader_skip(&r, 2);
	class = reader_u16(&r);
	what[0] = class == 254 ? 'C' : changes == 1 ? 'X' : 'R';
	part = view_of(out, answer(&m, code, 0, true, true, out));
	ck_assert_int_eq(udp_send(server, &d.local, &d.remote, 0, &part, 1), 0);
	(void)!loop_turn(loop, 100);
	return what;
}

static const char *state(const char *name)
{
	const char *s = dns_updater_state(updater, name);

	return s == NULL ? "-" : s;
}

START_TEST(test_life_of_a_name)
{
	start();
	put(&first, NULL);
	ck_assert_str_eq(state("p1.example.net"), "waiting");
	ck_assert_str_eq(serve(0), "Cp");
	ck_assert_str_eq(state("P1.example.NET"), "published");
	put(&first, NULL); /* nothing has changed */
	ck_assert_str_eq(serve(0), "");
	put(&second, NULL);
	ck_assert_str_eq(serve(0), "Rp");
	put(&second, &first);
	ck_assert_str_eq(serve(0), "Cs");
	put(NULL, &first);
	ck_assert_str_eq(serve(0), "Xp");
	ck_assert_str_eq(state("p1.example.net"), "-");
	ck_assert_str_eq(said, "");
	stop();
}
END_TEST

START_TEST(test_names_of_an_earlier_run)
{
	start();
	put(&first, NULL);
	ck_assert_str_eq(serve(6), "Cp");
	ck_assert_str_eq(serve(0), "Rp");
	ck_assert_str_eq(state("p1.example.net"), "published");
	stop();
}
END_TEST

START_TEST(test_names_of_others)
{
	start();
	put(&first, NULL);
	ck_assert_str_eq(serve(6), "Cp");
	ck_assert_str_eq(serve(8), "Rp");
	ck_assert_str_eq(state("p1.example.net"), "conflict");
	ck_assert_str_eq(said, "p1.example.net:name-in-use ");
	ck_assert_str_eq(serve(0), "");
	put(NULL, NULL); /* nothing of it is removed */
	ck_assert_str_eq(serve(8), "Xp");
	ck_assert(dns_updater_is_empty(updater));
	stop();
}
END_TEST

START_TEST(test_a_name_that_went)
{
	start();
	put(&first, NULL);
	ck_assert_str_eq(serve(0), "Cp");
	put(&second, NULL);
	ck_assert_str_eq(serve(8), "Rp");
	ck_assert_str_eq(serve(0), "Cp");
	ck_assert_str_eq(state("p1.example.net"), "published");
	stop();
}
END_TEST

START_TEST(test_refusal_and_another_key)
{
	struct dns_updater_status st;

	start();
	put(&first, &second);
	ck_assert_str_eq(serve(5), "Cp");
	ck_assert_str_eq(said, "server:refused ");
	dns_updater_status(updater, &st);
	ck_assert_int_eq(st.problem, DNS_UPDATE_REFUSED);
	ck_assert_uint_eq(st.waiting, 2);
	ck_assert_uint_eq(st.counts.failed, 1);
	ck_assert(st.next_ms > loop_now_ms(loop));
	while (serve(0)[0] != '\0') /* what was under way already */
		;
	dns_updater_key(updater, &key);
	ck_assert_str_ne(serve(0), "");
	while (serve(0)[0] != '\0')
		;
	dns_updater_status(updater, &st);
	ck_assert_int_eq(st.problem, DNS_UPDATE_DONE);
	ck_assert_uint_eq(st.published, 2);
	ck_assert_str_eq(said, "server:refused server:ok ");
	stop();
}
END_TEST

START_TEST(test_a_closed_port)
{
	struct dns_updater_status st;

	start();
	close(server);
	put(&first, NULL);
	for (int i = 0; i < 50 && said[0] == '\0'; i++)
		(void)!loop_turn(loop, 20);
	ck_assert_str_eq(said, "server:port-closed ");
	dns_updater_status(updater, &st);
	ck_assert_uint_eq(st.waiting, 1);
	server = fcntl(0, F_DUPFD_CLOEXEC, 0);
	stop();
}
END_TEST

int main(void)
{
	const struct TTest *const tests[] = {
		test_messages,
		test_signature,
		test_answers,
		test_flips_and_truncations,
		test_two_signatures,
		test_secrets,
		test_life_of_a_name,
		test_names_of_an_earlier_run,
		test_names_of_others,
		test_a_name_that_went,
		test_refusal_and_another_key,
		test_a_closed_port,
	};
	Suite *s = suite_create("dns_update");
	TCase *t = tcase_create("dns_update");

	tcase_add_checked_fixture(t, set_up, tear_down);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	return run_suite(s);
}
