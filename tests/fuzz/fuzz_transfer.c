/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What receivers of notifications answer: each transfer ends once, is taken as well only when it
 * was, and what went wrong is said without the path.  The first octet says HTTP or SMTP, the others
 * are the answer, all at once (HTTP), or a line for each that was sent (SMTP).
 */
#include "platform/os/loop.h"
#include "platform/os/transfer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURNS 40000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct loop *loop;
static int listener = -1, peer = -1;
static uint16_t port;
static const uint8_t *input;
static size_t left;
static bool by_line;

static void hang_up(void)
{
	if (peer < 0)
		return;
	loop_fd_remove(loop, peer);
	close(peer);
	peer = -1;
}

static void answer(void)
{
	const uint8_t *end = by_line ? memchr(input, '\n', left) : NULL;
	size_t n = end == NULL ? left : (size_t)(end - input) + 1;

	if (n > 0 && send(peer, input, n, MSG_NOSIGNAL) != (ssize_t)n)
		left = n;
	input += n;
	left -= n;
	if (left == 0)
		hang_up();
}

static void on_request(void *arg, int fd, unsigned events)
{
	char buf[65536];

	(void)arg;
	(void)events;
	if (recv(fd, buf, sizeof(buf), 0) <= 0)
		hang_up();
	else
		answer();
}

static void on_caller(void *arg, int fd, unsigned events)
{
	int next = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)arg;
	(void)events;
	hang_up();
	peer = next;
	if (loop_fd_add(loop, peer, LOOP_READ, on_request, NULL) != 0)
		abort();
	if (by_line)
		answer();
}

static void start(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	struct err_msg e;

	loop = loop_new(&e);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (loop == NULL || bind(listener, (struct sockaddr *)&a, len) != 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &len) != 0 || listen(listener, 8) != 0 ||
	    loop_fd_add(loop, listener, LOOP_READ, on_caller, NULL) != 0)
		abort();
	port = ntohs(a.sin_port);
}

static void on_done(void *arg, const struct transfer_result *r)
{
	unsigned *done = arg;

	++*done;
	if (memchr(r->text, '\0', sizeof(r->text)) == NULL || r->ok != (r->text[0] == '\0') ||
	    strstr(r->text, "hidden-path") != NULL)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char url[64];
	struct transfer_request r = {.url = url, .body = "{}\r\n", .body_len = 4};
	struct transfers *all;
	struct err_msg e;
	unsigned done = 0;

	if (size < 1)
		return 0;
	if (loop == NULL)
		start();
	by_line = (data[0] & 1) != 0;
	input = data + 1;
	left = size - 1;
	(void)snprintf(url, sizeof(url), "%s://127.0.0.1:%u/hidden-path", by_line ? "smtp" : "http",
		       port);
	if (by_line) {
		r.from = "gw1@example.net";
		r.to[0] = "noc@example.net";
		r.to[1] = "boss@example.net";
	}
	all = transfers_new(loop, &e);
	if (all == NULL || transfer_start(all, &r, on_done, &done) == NULL)
		abort();
	for (unsigned i = 0; i < TURNS && done == 0; i++) {
		if (loop_turn(loop, 1) != 0)
			abort();
		if (i > 20 && peer >= 0)
			hang_up(); /* both wait for more: nobody does so for half a minute here */
	}
	if (done != 1)
		abort();
	transfers_free(all);
	hang_up();
	return 0;
}
