/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Operator connections over a real socket and the real loop, with the command layer of
 * fake_commands.c behind them.
 */
#include "commands/session.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/seqpacket.h"
#include "shell/ikeshd/vty.h"
#include "shell/wire.h"
#include "tests/unit/platform/suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char dir[64], path[96];
static struct loop *loop;
static struct commands *commands;
static struct vtys *vtys;

static void setup(void)
{
	struct err_msg e = {.code = 0};
	int fd;

	snprintf(dir, sizeof(dir), "/tmp/ikesh-vty-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/sock", dir);
	loop = loop_new(&e);
	ck_assert_ptr_nonnull(loop);
	commands = commands_new(loop, NULL, NULL, NULL, NULL);
	fd = seqpacket_listen(path, 0600, &e);
	ck_assert_int_ge(fd, 0);
	vtys = vtys_new(loop, fd, commands, NULL, &e);
	ck_assert_ptr_nonnull(vtys);
}

static void teardown(void)
{
	vtys_free(vtys, NULL);
	commands_free(commands);
	loop_free(loop);
	unlink(path);
	rmdir(dir);
}

static void turn(void)
{
	for (int i = 0; i < 4; i++)
		ck_assert_int_ge(loop_turn(loop, 0), 0);
}

static void put(int fd, const struct wire_message *m)
{
	uint8_t buf[WIRE_MESSAGE_MAX];
	size_t len = 0;

	ck_assert_int_eq(wire_encode(m, buf, sizeof(buf), &len), 0);
	ck_assert_int_eq(seqpacket_send(fd, view_of(buf, len)), 0);
}

static void put_text(int fd, enum wire_type type, const char *text)
{
	put(fd, &(struct wire_message){.type = type, .text = view_of(text, strlen(text))});
}

static uint8_t in[WIRE_MESSAGE_MAX + 1];

/* The next message, after as many turns of the loop as it takes; text ends with NUL. */
static struct wire_message get(int fd)
{
	struct wire_message m;
	size_t len = 0;
	int rc;

	for (int i = 0; i < 1000; i++) {
		rc = seqpacket_receive(fd, in, WIRE_MESSAGE_MAX, &len);
		if (rc != ERR_BUSY)
			break;
		ck_assert_int_ge(loop_turn(loop, 0), 0);
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(wire_decode(view_of(in, len), &m), 0);
	in[len] = '\0';
	return m;
}

static const char *text_of(const struct wire_message *m)
{
	return m->text.len == 0 ? "" : (const char *)m->text.data;
}

static void expect(int fd, enum wire_type type, const char *text)
{
	struct wire_message m = get(fd);

	ck_assert_str_eq(wire_type_name(m.type), wire_type_name(type));
	ck_assert_str_eq(text_of(&m), text);
}

static void expect_closed(int fd)
{
	size_t len = 1;

	turn();
	ck_assert_int_eq(seqpacket_receive(fd, in, WIRE_MESSAGE_MAX, &len), 0);
	ck_assert_uint_eq(len, 0);
}

static int dial(void)
{
	struct err_msg e = {.code = 0};
	int fd = seqpacket_connect(path, &e);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static int greet(void)
{
	int fd = dial();

	put(fd, &(struct wire_message){.type = WIRE_HELLO,
				       .version = WIRE_VERSION,
				       .privilege = WIRE_PRIVILEGE_DEFAULT});
	expect(fd, WIRE_WELCOME, "fake#");
	return fd;
}

START_TEST(test_line)
{
	int fd = greet();
	struct wire_message m;

	put_text(fd, WIRE_LINE, "echo hello");
	expect(fd, WIRE_OUTPUT, "hello\n");
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_DONE);
	ck_assert_uint_eq(m.status, 0);
	put_text(fd, WIRE_LINE, "nonsense");
	expect(fd, WIRE_OUTPUT, "% Invalid input\n");
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_DONE);
	ck_assert_uint_eq(m.status, 1);
	close(fd);
}
END_TEST

START_TEST(test_privilege)
{
	int fd = dial();
	struct wire_message m;

	put(fd,
	    &(struct wire_message){.type = WIRE_HELLO, .version = WIRE_VERSION, .privilege = 1});
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_WELCOME);
	ck_assert_uint_eq(m.privilege, 1);
	ck_assert_str_eq(text_of(&m), "fake>");
	close(fd);
}
END_TEST

START_TEST(test_other_version)
{
	int fd = dial();
	struct wire_message m;

	put(fd, &(struct wire_message){.type = WIRE_HELLO, .version = WIRE_VERSION + 1});
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_REFUSED);
	ck_assert_ptr_nonnull(strstr(text_of(&m), "version 2"));
	expect_closed(fd);
	ck_assert_uint_eq(vtys_count(vtys), 0);
	close(fd);
}
END_TEST

START_TEST(test_out_of_order)
{
	int fd = dial();

	put_text(fd, WIRE_LINE, "echo before hello");
	expect(fd, WIRE_REFUSED, "The client sent a message out of order");
	expect_closed(fd);
	close(fd);
	fd = greet();
	put_text(fd, WIRE_LINE, "wait");
	put_text(fd, WIRE_LINE, "echo second");
	expect(fd, WIRE_REFUSED, "The client sent a message out of order");
	expect_closed(fd);
	close(fd);
	fd = greet();
	put_text(fd, WIRE_OUTPUT, "of the other side");
	expect(fd, WIRE_REFUSED, "The client sent a message out of order");
	close(fd);
	fd = greet();
	ck_assert_int_eq(seqpacket_send(fd, view_of("\xffgarbage", 8)), 0);
	expect(fd, WIRE_REFUSED, "The client sent a message that is not understood");
	expect_closed(fd);
	close(fd);
}
END_TEST

START_TEST(test_question_and_interrupt)
{
	int fd = greet();
	struct wire_message m;

	put_text(fd, WIRE_LINE, "hide");
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_ASK);
	ck_assert_uint_eq(m.flags, WIRE_HIDDEN);
	put_text(fd, WIRE_ANSWER, "42");
	expect(fd, WIRE_OUTPUT, "answer <42>\n");
	expect(fd, WIRE_DONE, "fake#");
	put_text(fd, WIRE_ANSWER, "late"); /* nobody asks: nothing happens */
	put(fd, &(struct wire_message){.type = WIRE_INTERRUPT});
	put_text(fd, WIRE_LINE, "wait");
	turn();
	put(fd, &(struct wire_message){.type = WIRE_INTERRUPT});
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_DONE);
	ck_assert_uint_eq(m.status, 1);
	close(fd);
}
END_TEST

START_TEST(test_hold_takes_keys)
{
	int fd = greet();

	put_text(fd, WIRE_LINE, "hold");
	expect(fd, WIRE_HOLD, "");
	put_text(fd, WIRE_ANSWER, "x");
	expect(fd, WIRE_OUTPUT, "x");
	put_text(fd, WIRE_ANSWER, "q");
	expect(fd, WIRE_OUTPUT, "q");
	expect(fd, WIRE_DONE, "fake#");
	close(fd);
}
END_TEST

START_TEST(test_paste_in_pieces)
{
	int fd = greet();

	put_text(fd, WIRE_TEXT, "one\ntw");
	put_text(fd, WIRE_TEXT, "o\n");
	put(fd, &(struct wire_message){.type = WIRE_PASTE});
	expect(fd, WIRE_OUTPUT, "pasted 2 lines, 8 octets\n");
	expect(fd, WIRE_DONE, "fake#");
	put(fd, &(struct wire_message){.type = WIRE_PASTE});
	expect(fd, WIRE_OUTPUT, "pasted 0 lines, 0 octets\n");
	expect(fd, WIRE_DONE, "fake#");
	close(fd);
}
END_TEST

START_TEST(test_check_and_files)
{
	int fd = greet();
	struct wire_message m;

	put_text(fd, WIRE_TEXT, "good\nbad\n");
	put_text(fd, WIRE_CHECK, "f.conf");
	expect(fd, WIRE_OUTPUT, "f.conf: bad\n");
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_CHECKED);
	ck_assert_uint_eq(m.status, 1);
	put_text(fd, WIRE_BEGIN_FILE, "f");
	put(fd, &(struct wire_message){.type = WIRE_END_FILE});
	expect(fd, WIRE_OUTPUT, "begin f\n");
	expect(fd, WIRE_OUTPUT, "end of file\n");
	expect(fd, WIRE_DONE, "fake#");
	close(fd);
}
END_TEST

START_TEST(test_help_candidates_secrecy)
{
	int fd = greet();
	struct wire_message m;

	put_text(fd, WIRE_HELP, "sh");
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_HELP_TEXT);
	ck_assert_uint_eq(m.flags, WIRE_LAST);
	ck_assert_str_eq(text_of(&m), "  help for <sh>\n");
	put_text(fd, WIRE_COMPLETE, "la");
	expect(fd, WIRE_CANDIDATES, "later\n");
	put_text(fd, WIRE_COMPLETE, "zzz");
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_CANDIDATES);
	ck_assert_uint_eq(m.flags, WIRE_LAST);
	put_text(fd, WIRE_SECRET, "psk abc");
	ck_assert_uint_eq(get(fd).status, 1);
	put_text(fd, WIRE_LINES, "one\ntwo\n");
	expect(fd, WIRE_OUTPUT, "one\ntwo\n");
	expect(fd, WIRE_DONE, "fake#");
	put_text(fd, WIRE_SECRET, "show version");
	ck_assert_uint_eq(get(fd).status, 0);
	close(fd);
}
END_TEST

START_TEST(test_close_and_terminal)
{
	int fd = greet();
	struct wire_message m;

	put_text(fd, WIRE_LINE, "length 100000");
	m = get(fd);
	ck_assert_int_eq(m.type, WIRE_TERMINAL);
	ck_assert_uint_eq(m.rows, 512);
	expect(fd, WIRE_DONE, "fake#");
	put_text(fd, WIRE_LINE, "later news");
	expect(fd, WIRE_ASYNC, "news");
	expect(fd, WIRE_DONE, "fake#");
	put(fd, &(struct wire_message){.type = WIRE_WINDOW, .rows = 50, .columns = 132});
	expect(fd, WIRE_ASYNC, "window 50 132\n");
	put_text(fd, WIRE_LINE, "exit");
	expect(fd, WIRE_CLOSE, "");
	expect(fd, WIRE_DONE, "fake#");
	expect_closed(fd);
	ck_assert_uint_eq(vtys_count(vtys), 0);
	close(fd);
}
END_TEST

/* A client that reads nothing: its line's output waits, others are served, and nothing is lost. */
START_TEST(test_slow_client)
{
	int slow = greet();
	int other = greet();
	struct wire_message m;
	size_t got = 0;

	put_text(slow, WIRE_LINE, "long x3000000");
	turn();
	put_text(other, WIRE_LINE, "echo served");
	expect(other, WIRE_OUTPUT, "served\n");
	expect(other, WIRE_DONE, "fake#");
	while ((m = get(slow)).type == WIRE_OUTPUT)
		got += m.text.len;
	ck_assert_int_eq(m.type, WIRE_DONE);
	ck_assert_uint_eq(got, 3000000);
	put_text(slow, WIRE_LINE, "echo next");
	expect(slow, WIRE_OUTPUT, "next\n");
	close(slow);
	close(other);
}
END_TEST

START_TEST(test_output_limit)
{
	int fd = greet();
	struct wire_message m;
	char all[128] = "";

	put_text(fd, WIRE_LINE, "long y99999999");
	while ((m = get(fd)).type == WIRE_OUTPUT)
		snprintf(all, sizeof(all), "%.100s", text_of(&m));
	ck_assert_int_eq(m.type, WIRE_DONE);
	ck_assert_ptr_nonnull(strstr(all, "% Output cut here"));
	put_text(fd, WIRE_LINE, "echo after"); /* the next line is whole again */
	expect(fd, WIRE_OUTPUT, "after\n");
	close(fd);
}
END_TEST

START_TEST(test_hangup_while_running)
{
	int fd = greet();

	put_text(fd, WIRE_LINE, "wait");
	turn();
	ck_assert_uint_eq(vtys_count(vtys), 1);
	close(fd);
	turn();
	ck_assert_uint_eq(vtys_count(vtys), 0);
}
END_TEST

START_TEST(test_too_many)
{
	int fds[VTY_SESSIONS_MAX + 1];

	for (int i = 0; i < VTY_SESSIONS_MAX; i++)
		fds[i] = greet();
	fds[VTY_SESSIONS_MAX] = dial();
	put(fds[VTY_SESSIONS_MAX],
	    &(struct wire_message){.type = WIRE_HELLO, .version = WIRE_VERSION});
	expect(fds[VTY_SESSIONS_MAX], WIRE_REFUSED,
	       "All 64 terminals of this appliance are in use");
	close(fds[0]);
	turn();
	close(fds[VTY_SESSIONS_MAX]);
	turn();
	close(greet());
	for (int i = 1; i < VTY_SESSIONS_MAX; i++)
		close(fds[i]);
}
END_TEST

/* A session goes on, callers are told one by one, and come in when there is room again. */
START_TEST(test_no_descriptors)
{
	static const char said[] =
		"This appliance has no descriptors left (its limit of open files)";
	int old = greet(), first = dial(), second = dial();
	int lowest = fcntl(old, F_DUPFD_CLOEXEC, 0);
	struct rlimit before, none;

	close(lowest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)lowest;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	turn();
	put(first, &(struct wire_message){.type = WIRE_HELLO, .version = WIRE_VERSION});
	put(second, &(struct wire_message){.type = WIRE_HELLO, .version = WIRE_VERSION});
	expect(first, WIRE_REFUSED, said);
	expect(second, WIRE_REFUSED, said);
	put_text(old, WIRE_LINE, "echo still here");
	expect(old, WIRE_OUTPUT, "still here\n");
	expect(old, WIRE_DONE, "fake#");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	close(first);
	close(second);
	close(greet());
	close(old);
	turn();
}
END_TEST

START_TEST(test_farewell)
{
	struct err_msg e = {.code = 0};
	int fd = greet();

	vtys_free(vtys, "% The appliance ends\n");
	expect(fd, WIRE_ASYNC, "% The appliance ends\n");
	expect(fd, WIRE_CLOSE, "");
	close(fd);
	unlink(path);
	fd = seqpacket_listen(path, 0600, &e);
	ck_assert_int_ge(fd, 0);
	vtys = vtys_new(loop, fd, commands, NULL, &e);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_line,
		test_privilege,
		test_other_version,
		test_out_of_order,
		test_question_and_interrupt,
		test_hold_takes_keys,
		test_paste_in_pieces,
		test_check_and_files,
		test_help_candidates_secrecy,
		test_close_and_terminal,
		test_slow_client,
		test_output_limit,
		test_hangup_while_running,
		test_too_many,
		test_no_descriptors,
		test_farewell,
	};
	Suite *suite = suite_create("vty");
	TCase *tcase = tcase_create("vty");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(tcase, tests[i]);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
