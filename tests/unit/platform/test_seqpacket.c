/* SPDX-License-Identifier: GPL-3.0-or-later */
/* seqpacket.c: a listening node, both ends of a connection, sizes and ends. */
#include "platform/base/mem.h"
#include "platform/os/seqpacket.h"
#include "tests/unit/platform/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pair {
	char dir[64];
	char path[96];
	int listener;
	int client;
	int server;
	struct seqpacket_peer peer;
};

static struct pair open_listener(void)
{
	struct pair p = {.dir = "/tmp/ikesh-seq-XXXXXX", .client = -1, .server = -1};
	struct err_msg e;

	ck_assert_ptr_nonnull(mkdtemp(p.dir));
	(void)snprintf(p.path, sizeof(p.path), "%s/cli.sock", p.dir);
	p.listener = seqpacket_listen(p.path, 0660, &e);
	ck_assert_msg(p.listener >= 0, "%s", e.text);
	return p;
}

static struct pair open_pair(void)
{
	struct pair p = open_listener();
	struct err_msg e;

	ck_assert_int_eq(seqpacket_accept(p.listener, &p.peer), ERR_BUSY);
	p.client = seqpacket_connect(p.path, &e);
	ck_assert_msg(p.client >= 0, "%s", e.text);
	p.server = seqpacket_accept(p.listener, &p.peer);
	ck_assert_int_ge(p.server, 0);
	return p;
}

static void close_pair(struct pair *p)
{
	if (p->client >= 0)
		close(p->client);
	if (p->server >= 0)
		close(p->server);
	close(p->listener);
	ck_assert_int_eq(unlink(p->path), 0);
	ck_assert_int_eq(rmdir(p->dir), 0);
}

START_TEST(test_node_and_credentials)
{
	struct pair p = open_pair();
	struct stat st;

	ck_assert_int_eq(p.peer.pid, getpid());
	ck_assert_uint_eq(p.peer.uid, geteuid());
	ck_assert_uint_eq(p.peer.gid, getegid());
	ck_assert_int_eq(stat(p.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0660);
	ck_assert_int_ne(fcntl(p.server, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_eq(fcntl(p.client, F_GETFL) & O_NONBLOCK, 0);
	ck_assert_int_ne(fcntl(p.server, F_GETFD) & FD_CLOEXEC, 0);
	close_pair(&p);
}
END_TEST

START_TEST(test_messages_keep_their_bounds)
{
	struct pair p = open_pair();
	char buf[16];
	size_t len = 99;

	ck_assert_int_eq(seqpacket_receive(p.server, buf, sizeof(buf), &len), ERR_BUSY);
	ck_assert_uint_eq(len, 99);
	ck_assert_int_eq(seqpacket_send(p.client, view_of("one", 3)), 0);
	ck_assert_int_eq(seqpacket_send(p.client, view_of("three", 5)), 0);
	ck_assert_int_eq(seqpacket_receive(p.server, buf, sizeof(buf), &len), 0);
	ck_assert_uint_eq(len, 3);
	ck_assert_mem_eq(buf, "one", 3);
	ck_assert_int_eq(seqpacket_receive(p.server, buf, 4, &len), ERR_TRUNCATED);
	ck_assert_int_eq(seqpacket_send(p.client, view_of(NULL, 0)), ERR_INVALID);
	ck_assert_int_eq(seqpacket_receive(p.server, buf, sizeof(buf), &len), ERR_BUSY);
	close_pair(&p);
}
END_TEST

START_TEST(test_large_messages)
{
	static uint8_t out[64 * 1024];
	static uint8_t in[64 * 1024 + 1];
	static uint8_t huge[4 * 1024 * 1024];
	struct pair p = open_pair();
	size_t len;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7 >> 3);
	for (int direction = 0; direction < 2; direction++) {
		int from = direction == 0 ? p.client : p.server;
		int to = direction == 0 ? p.server : p.client;

		ck_assert_int_eq(seqpacket_send(from, view_of(out, sizeof(out))), 0);
		ck_assert_int_eq(seqpacket_send(from, view_of(out, sizeof(out))), 0);
		for (int i = 0; i < 2; i++) {
			ck_assert_int_eq(seqpacket_receive(to, in, sizeof(in), &len), 0);
			ck_assert_uint_eq(len, sizeof(out));
			ck_assert_mem_eq(in, out, sizeof(out));
		}
	}
	ck_assert_int_eq(seqpacket_send(p.server, view_of(huge, sizeof(huge))), ERR_RANGE);
	close_pair(&p);
}
END_TEST

START_TEST(test_full_socket_is_busy)
{
	static uint8_t block[32 * 1024];
	struct pair p = open_pair();
	int sent = 0;
	int rc;
	size_t len;

	while ((rc = seqpacket_send(p.server, view_of(block, sizeof(block)))) == 0)
		ck_assert_int_lt(sent++, 1000);
	ck_assert_int_eq(rc, ERR_BUSY);
	ck_assert_int_gt(sent, 2);
	ck_assert_int_eq(seqpacket_receive(p.client, block, sizeof(block), &len), 0);
	ck_assert_int_eq(seqpacket_send(p.server, view_of(block, sizeof(block))), 0);
	close_pair(&p);
}
END_TEST

START_TEST(test_ends)
{
	struct pair p = open_pair();
	char buf[8];
	size_t len = 99;

	ck_assert_int_eq(seqpacket_send(p.client, view_of("last", 4)), 0);
	close(p.client);
	p.client = -1;
	ck_assert_int_eq(seqpacket_receive(p.server, buf, sizeof(buf), &len), 0);
	ck_assert_uint_eq(len, 4);
	ck_assert_int_eq(seqpacket_receive(p.server, buf, sizeof(buf), &len), 0);
	ck_assert_uint_eq(len, 0);
	ck_assert_int_eq(seqpacket_send(p.server, view_of("x", 1)), ERR_SYSTEM); /* no SIGPIPE */
	close_pair(&p);
}
END_TEST

/* Closed while our message lay unread there: an end as well. */
START_TEST(test_end_with_unread_message)
{
	struct pair p = open_pair();
	char buf[8];
	size_t len = 99;

	ck_assert_int_eq(seqpacket_send(p.server, view_of("x", 1)), 0);
	close(p.client);
	p.client = -1;
	ck_assert_int_eq(seqpacket_receive(p.server, buf, sizeof(buf), &len), 0);
	ck_assert_uint_eq(len, 0);
	close_pair(&p);
}
END_TEST

START_TEST(test_stale_node_is_replaced)
{
	struct pair p = open_listener();
	struct err_msg e;

	ck_assert_int_eq(seqpacket_listen(p.path, 0600, &e), ERR_EXISTS);
	ck_assert_ptr_nonnull(strstr(e.text, p.path));
	close(p.listener); /* as after a crash: the node stays */
	ck_assert_int_eq(seqpacket_connect(p.path, &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "Connection refused"));
	p.listener = seqpacket_listen(p.path, 0600, &e);
	ck_assert_msg(p.listener >= 0, "%s", e.text);
	close_pair(&p);
}
END_TEST

START_TEST(test_other_files_stay)
{
	char dir[] = "/tmp/ikesh-seq-XXXXXX";
	char path[96];
	struct err_msg e;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(seqpacket_listen(path, 0600, &e), ERR_EXISTS);
	ck_assert_int_eq(access(path, F_OK), 0);
	ck_assert_int_eq(unlink(path), 0);
	(void)snprintf(path, sizeof(path), "%s/none/cli.sock", dir);
	ck_assert_int_eq(seqpacket_listen(path, 0600, &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "No such file or directory"));
	ck_assert_int_eq(seqpacket_connect(path, &e), ERR_SYSTEM);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

START_TEST(test_paths_too_long)
{
	char path[200];
	struct err_msg e;

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_eq(seqpacket_listen(path, 0600, &e), ERR_INVALID);
	ck_assert_int_eq(seqpacket_connect(path, &e), ERR_INVALID);
	ck_assert_int_eq(seqpacket_connect("", &e), ERR_INVALID);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_node_and_credentials,
		test_messages_keep_their_bounds,
		test_large_messages,
		test_full_socket_is_busy,
		test_ends,
		test_end_with_unread_message,
		test_stale_node_is_replaced,
		test_other_files_stay,
		test_paths_too_long,
	};

	return run_cases("seqpacket", tests, ARRAY_LEN(tests));
}
