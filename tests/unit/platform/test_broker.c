/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to the privileged half: their form, and what of them is allowed. */
#include "platform/base/mem.h"
#include "platform/os/broker_policy.h"
#include "tests/unit/platform/suite.h"

#include <linux/netlink.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct err_msg e;
static const struct broker_settings settings = {.ike_port = 500,
						.natt_port = 4500,
						.socket = "/nowhere/s",
						.state_dir = "/nowhere"};

static struct broker_request example(uint8_t word)
{
	struct broker_request q = {.word = word};

	q.at.addr = ip_addr_v4(0xc0000201);
	q.at.port = 500;
	q.kind = word == BROKER_BIRD_SIGNAL ? SIGTERM : 0;
	strcpy(q.name, "ips12"); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy) */
	q.groups[0] = 1;
	q.group_count = 1;
	q.number = 65536;
	return q;
}

static size_t written(const struct broker_request *q, uint8_t *buf, size_t cap)
{
	struct writer w = writer_of(buf, cap);

	broker_request_write(q, &w);
	ck_assert(!w.failed);
	return w.len;
}

/* Each word comes back as it went, and not when an octet is missing or too much. */
START_TEST(test_form_of_requests)
{
	for (unsigned n = 1; n <= BROKER_WORD_MAX; n++) {
		uint8_t word = (uint8_t)n;
		struct broker_request q = example(word), out;
		uint8_t buf[BROKER_HEADER + BROKER_SMALL_MAX + 1] = {0}, said = 0;
		size_t len = written(&q, buf, sizeof(buf) - 1) - BROKER_HEADER;
		const uint8_t *body = buf + BROKER_HEADER;
		uint32_t rest = 0;

		ck_assert_int_eq(broker_header_parse(view_of(buf, BROKER_HEADER), &said, &rest), 0);
		ck_assert_uint_eq(said, word);
		ck_assert_uint_eq(rest, len);
		ck_assert_int_eq(broker_request_parse(word, view_of(body, len), &out), 0);
		if (word == BROKER_TUN)
			ck_assert_str_eq(out.name, "ips12");
		if (word == BROKER_UDP_AT)
			ck_assert(ip_endpoint_equal(&out.at, &q.at));
		if (word == BROKER_NETLINK)
			ck_assert(out.groups[0] == 1 && out.number == 65536);
		if (word == BROKER_SEND)
			continue; /* what follows is data */
		for (size_t cut = 0; cut < len; cut++)
			ck_assert_int_eq(broker_request_parse(word, view_of(body, cut), &out),
					 ERR_INVALID);
		ck_assert_int_eq(broker_request_parse(word, view_of(body, len + 1), &out),
				 ERR_INVALID);
	}
}
END_TEST

START_TEST(test_form_of_headers)
{
	const uint8_t good[] = {BROKER_VERSION, BROKER_BIRD, 0, 0, 0, 0, 0, 0};
	uint8_t bad[sizeof(good)], word;
	uint32_t len;

	ck_assert_int_eq(broker_header_parse(view_of(good, 8), &word, &len), 0);
	ck_assert_int_eq(broker_header_parse(view_of(good, 7), &word, &len), ERR_INVALID);
	for (size_t i = 0; i < 4; i++) {
		memcpy(bad, good, sizeof(bad));
		bad[i] = 0xee;
		ck_assert_int_eq(broker_header_parse(view_of(bad, 8), &word, &len), ERR_INVALID);
	}
	memcpy(bad, good, sizeof(bad));
	bad[5] = 1; /* 65536 octets for a request without data */
	ck_assert_int_eq(broker_header_parse(view_of(bad, 8), &word, &len), ERR_INVALID);
	bad[1] = BROKER_SEND;
	ck_assert_int_eq(broker_header_parse(view_of(bad, 8), &word, &len), 0);
	bad[4] = 0x80;
	ck_assert_int_eq(broker_header_parse(view_of(bad, 8), &word, &len), ERR_INVALID);
}
END_TEST

START_TEST(test_form_of_fields)
{
	struct broker_request q = example(BROKER_TUN), out;
	uint8_t buf[BROKER_HEADER + BROKER_SMALL_MAX];
	size_t len;

	memset(q.name, 'x', sizeof(q.name)); /* without an end */
	len = written(&q, buf, sizeof(buf)) - BROKER_HEADER;
	ck_assert_int_eq(broker_request_parse(BROKER_TUN, view_of(buf + BROKER_HEADER, len), &out),
			 ERR_INVALID);
	q = example(BROKER_TCP);
	q.at.addr.family = 5;
	len = written(&q, buf, sizeof(buf)) - BROKER_HEADER;
	ck_assert_int_eq(broker_request_parse(BROKER_TCP, view_of(buf + BROKER_HEADER, len), &out),
			 ERR_INVALID);
	q = example(BROKER_NETLINK);
	len = written(&q, buf, sizeof(buf)) - BROKER_HEADER;
	buf[BROKER_HEADER + 5] = BROKER_GROUPS_MAX + 1;
	ck_assert_int_eq(broker_request_parse(BROKER_NETLINK, view_of(buf + BROKER_HEADER, len),
					      &out),
			 ERR_INVALID);
	ck_assert_int_eq(broker_request_parse(0, view_of(buf, 0), &out), ERR_INVALID);
	ck_assert_int_eq(broker_request_parse(BROKER_WORD_MAX + 1, view_of(buf, 0), &out),
			 ERR_INVALID);
}
END_TEST

START_TEST(test_form_of_answers)
{
	struct broker_reply r = {.code = ERR_DENIED, .errnum = 17}, out;
	uint8_t buf[BROKER_HEADER + BROKER_REPLY_MAX];
	struct writer w = writer_of(buf, sizeof(buf));

	memset(r.text, 'x', sizeof(r.text) - 1);
	broker_reply_write(&r, &w);
	ck_assert(!w.failed);
	ck_assert_int_eq(broker_reply_parse(view_of(buf + 8, w.len - 8), &out), 0);
	ck_assert_int_eq(out.code, ERR_DENIED);
	ck_assert_uint_eq(out.errnum, 17);
	ck_assert_str_eq(out.text, r.text);
	for (size_t n = 0; n < 8; n++)
		ck_assert_int_eq(broker_reply_parse(view_of(buf + 8, n), &out), ERR_INVALID);
	ck_assert_int_eq(broker_reply_parse(view_of(buf + 8, w.len - 7), &out), ERR_INVALID);
	buf[20] = '\0';
	ck_assert_int_eq(broker_reply_parse(view_of(buf + 8, w.len - 8), &out), ERR_INVALID);
	memset(buf + 8, 0x80, 4); /* no error has this number */
	ck_assert_int_eq(broker_reply_parse(view_of(buf + 8, 8), &out), ERR_INVALID);
}
END_TEST

static void policy(const struct broker_request *q, int given, bool allowed)
{
	int rc = broker_policy_check(q, given, &settings, &e);

	ck_assert_msg(rc == (allowed ? 0 : ERR_DENIED), "word %u, kind %u, port %u, name %s: %d",
		      q->word, q->kind, q->at.port, q->name, rc);
}

START_TEST(test_ports)
{
	static const struct {
		uint8_t word;
		uint16_t port;
		bool allowed;
	} rows[] = {
		{BROKER_UDP, 500, true},     {BROKER_UDP, 4500, true},	 {BROKER_UDP, 53, false},
		{BROKER_UDP, 0, false},	     {BROKER_UDP, 5000, false},	 {BROKER_UDP_AT, 53, true},
		{BROKER_UDP_AT, 5353, true}, {BROKER_UDP_AT, 67, false}, {BROKER_TCP, 53, true},
		{BROKER_TCP, 443, true},     {BROKER_TCP, 9850, true},	 {BROKER_TCP, 22, false},
		{BROKER_TCP, 179, false},    {BROKER_TCP, 0, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct broker_request q = example(rows[i].word);

		q.at.port = rows[i].port;
		policy(&q, -1, rows[i].allowed);
		policy(&q, STDIN_FILENO, false); /* nothing comes along */
	}
}
END_TEST

START_TEST(test_names)
{
	static const struct {
		const char *name;
		bool allowed;
	} rows[] = {{"ips1", true},   {"ips99999", true},   {"ikprobe%d", true},  {"ikprobe", true},
		    {"ips", false},   {"ips%d", false},	    {"eth0", false},	  {"", false},
		    {"xips1", false}, {"ips1/../x", false}, {"ips123456", false}, {"tun%d", false}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct broker_request q = example(BROKER_TUN);

		strcpy(q.name, rows[i].name); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy)
					       */
		policy(&q, -1, rows[i].allowed);
	}
}
END_TEST

START_TEST(test_netlink)
{
	struct broker_request q = example(BROKER_NETLINK);
	int route = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	int other = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_ge(route, 0);
	policy(&q, -1, true);
	q.groups[0] = 65;
	policy(&q, -1, false);
	q = example(BROKER_NETLINK);
	q.number = 1U << 30;
	policy(&q, -1, false);
	q = example(BROKER_NETLINK);
	q.kind = NETLINK_NETFILTER; /* what others' tables do is nobody's business */
	policy(&q, -1, false);
	q.group_count = 0;
	policy(&q, -1, true);
	q.kind = NETLINK_AUDIT;
	policy(&q, -1, false);
	q = example(BROKER_SEND);
	policy(&q, route, true);
	policy(&q, other, false);
	policy(&q, -1, false);
	q.kind = NETLINK_XFRM; /* another bus than the socket's */
	policy(&q, route, false);
	close(route);
	close(other);
}
END_TEST

START_TEST(test_beside)
{
	struct broker_request q = example(BROKER_UDP_BESIDE);
	struct broker_settings mine = settings;
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	policy(&q, fd, false);
	mine.ike_port = ntohs(a.sin_port);
	ck_assert_int_eq(broker_policy_check(&q, fd, &mine, &e), 0);
	close(fd);
	policy(&q, STDIN_FILENO, false);
}
END_TEST

START_TEST(test_settings_and_marks)
{
	struct broker_request q = example(BROKER_SETTING);
	int other = socket(AF_INET, SOCK_DGRAM, 0);
	int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);

	ck_assert_str_eq(broker_setting_name(0), "net.ipv4.ip_forward");
	policy(&q, -1, true);
	while (broker_setting_name(q.kind) != NULL)
		q.kind++;
	policy(&q, -1, false);
	q = example(BROKER_MARK);
	policy(&q, other, false);
	if (raw >= 0) { /* root's */
		q.number = 0x700;
		policy(&q, raw, true);
		q.number = 0x701;
		policy(&q, raw, false);
		close(raw);
	}
	close(other);
}
END_TEST

START_TEST(test_signals)
{
	struct broker_request q = example(BROKER_BIRD_SIGNAL);
	int own = (int)syscall(SYS_pidfd_open, getpid(), 0);

	ck_assert_int_ge(own, 0);
	policy(&q, own, false);
	policy(&q, STDIN_FILENO, false);
	close(own);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
		test_form_of_requests, test_form_of_headers, test_form_of_fields,
		test_form_of_answers,  test_ports,	     test_names,
		test_netlink,	       test_beside,	     test_settings_and_marks,
		test_signals,
	};

	return run_cases("broker", tests, ARRAY_LEN(tests));
}
