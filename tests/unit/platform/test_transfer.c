/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receiver that leaves us waiting never holds the loop. */
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/transfer.h"
#include "tests/unit/platform/suite.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FREE_MAX_MS 3000
#define TURNS	    200
#define TURN_MAX_MS 500 /* libcurl waits for a second at least where it waits */

static struct loop *loop;
static int listener, peer;
static const char *script; /* a line for each that comes */
static bool saw_quit, over;

static void answer(void)
{
	size_t n = strcspn(script, "\n");

	if (*script == '\0')
		return;
	ck_assert_int_eq(send(peer, script, n + 1, MSG_NOSIGNAL), (ssize_t)n + 1);
	script += n + 1;
}

static void on_request(void *arg, int fd, unsigned events)
{
	char buf[4096];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, 0);

	(void)arg;
	(void)events;
	if (n <= 0) {
		loop_fd_remove(loop, fd);
		return;
	}
	buf[n] = '\0';
	saw_quit = saw_quit || strstr(buf, "QUIT") != NULL;
	answer();
}

static void on_caller(void *arg, int fd, unsigned events)
{
	(void)arg;
	(void)events;
	peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	ck_assert_int_ge(peer, 0);
	ck_assert_int_eq(loop_fd_add(loop, peer, LOOP_READ, on_request, NULL), 0);
	answer();
}

static void on_done(void *arg, const struct transfer_result *r)
{
	*(struct transfer_result *)arg = *r;
	over = true;
}

static void turn(void)
{
	uint64_t before = loop_clock_ms();

	ck_assert_int_ge(loop_turn(loop, 50), 0);
	ck_assert_uint_le(loop_clock_ms() - before, TURN_MAX_MS);
}

/* How it ended, or that it has not after so many turns, none of which may take long. */
static struct transfer_result mail(const char *lines, unsigned turns)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct transfer_request r = {.from = "gw1@example.net",
				     .to = {"noc@example.net"},
				     .body = "hello\r\n",
				     .body_len = 7};
	struct transfer_result result = {.ok = false};
	socklen_t len = sizeof(a);
	struct transfers *all;
	struct err_msg e;
	char url[64];
	uint64_t before;

	loop = loop_new(&e);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&a, len), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	ck_assert_int_eq(listen(listener, 4), 0);
	ck_assert_int_eq(loop_fd_add(loop, listener, LOOP_READ, on_caller, NULL), 0);
	(void)snprintf(url, sizeof(url), "smtp://127.0.0.1:%u", ntohs(a.sin_port));
	r.url = url;
	script = lines;
	saw_quit = over = false;
	all = transfers_new(loop, &e);
	ck_assert_ptr_nonnull(transfer_start(all, &r, on_done, &result));
	while (!over && turns-- > 0)
		turn();
	before = loop_clock_ms();
	transfers_free(all);
	ck_assert_uint_le(loop_clock_ms() - before, FREE_MAX_MS);
	for (int i = 0; i < 5; i++) /* what was sent last */
		turn();
	close(peer);
	loop_fd_remove(loop, listener);
	close(listener);
	loop_free(loop);
	return result;
}

START_TEST(test_transfer_refused_and_no_answer_to_quit)
{
	struct transfer_result r = mail("220 mx\n250 mx\n250 ok\n550 nobody\n", TURNS);

	ck_assert(!r.ok);
	ck_assert_ptr_nonnull(strstr(r.text, "550"));
	ck_assert(saw_quit);
}
END_TEST

START_TEST(test_transfer_taken_and_no_answer_to_quit)
{
	struct transfer_result r =
		mail("220 mx\n250 mx\n250 ok\n250 ok\n354 go\n250 queued\n", TURNS);

	ck_assert_msg(r.ok, "%s", r.text);
	ck_assert(saw_quit);
}
END_TEST

/* As long as it looks at the body for viruses, we have other things to do; and we can end. */
START_TEST(test_transfer_no_answer_to_the_body)
{
	(void)mail("220 mx\n250 mx\n250 ok\n250 ok\n354 go\n", 10);
	ck_assert(!over);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {test_transfer_refused_and_no_answer_to_quit,
				test_transfer_taken_and_no_answer_to_quit,
				test_transfer_no_answer_to_the_body};

	return run_cases("transfer", tests, ARRAY_LEN(tests));
}
