/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shell/ikesh/entry.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Any file will do as "this program". */
#define OWN "/proc/self/exe"

static char text[256];

static struct entry entry_of(char **commands, size_t count, const char *original)
{
	struct entry x = {.commands = commands, .count = count, .own_path = OWN};

	if (original != NULL) {
		strcpy(text, original);
		x.original = text;
	}
	return x;
}

START_TEST(test_login_without_command)
{
	char *commands[1] = {NULL};
	struct entry x = entry_of(commands, 0, NULL);
	struct err_msg e;

	ck_assert_int_eq(entry_settle(&x, &e), 0);
	ck_assert_uint_eq(x.count, 0);
}
END_TEST

START_TEST(test_login_with_command)
{
	char command[] = "show clock";
	char *commands[1] = {command};
	struct entry x = entry_of(commands, 1, NULL);
	struct err_msg e;

	ck_assert_int_eq(entry_settle(&x, &e), 0);
	ck_assert_uint_eq(x.count, 1);
	ck_assert_ptr_eq(x.commands[0], command);
}
END_TEST

START_TEST(test_forced_command)
{
	char *commands[1] = {NULL};
	struct entry x = entry_of(commands, 0, "show clock");
	struct err_msg e;

	ck_assert_int_eq(entry_settle(&x, &e), 0);
	ck_assert_uint_eq(x.count, 1);
	ck_assert_str_eq(x.commands[0], "show clock");
}
END_TEST

START_TEST(test_forced_command_through_login_shell)
{
	char *own = realpath(OWN, NULL);
	char *commands[1] = {own};
	struct entry x = entry_of(commands, 1, "show clock");
	struct err_msg e;

	ck_assert_int_eq(entry_settle(&x, &e), 0);
	ck_assert_uint_eq(x.count, 1);
	ck_assert_str_eq(x.commands[0], "show clock");
	x = entry_of((char *[]){own}, 1, NULL);
	ck_assert_int_eq(entry_settle(&x, &e), 0);
	ck_assert_uint_eq(x.count, 0);
	free(own);
}
END_TEST

/* `ikesh -f file` inside of a forced command is what it says. */
START_TEST(test_file_beats_original_command)
{
	char *commands[1] = {NULL};
	struct entry x = entry_of(commands, 0, "show clock");
	struct err_msg e;

	x.has_input = true;
	ck_assert_int_eq(entry_settle(&x, &e), 0);
	ck_assert_uint_eq(x.count, 0);
}
END_TEST

static const struct {
	const char *command;
	bool sftp;
} programs[] = {
	{"/usr/lib/openssh/sftp-server", true},
	{"internal-sftp", true},
	{"internal-sftp -f AUTH -l INFO", true},
	{"scp -t .", false},
	{"  scp -f /etc/passwd", false},
	{"/usr/bin/scp -t .", false},
	{"rsync --server -e.LsfxCIvu . /tmp", false},
	{"/bin/sh", false},
	{"/bin/sh\nshow clock", false},
	{"/", false},
};

START_TEST(test_program_refused)
{
	char *commands[1] = {NULL};
	struct entry x = entry_of(commands, 0, programs[_i].command);
	struct err_msg e = {.code = 0};

	ck_assert_int_eq(entry_settle(&x, &e), ERR_DENIED);
	ck_assert_uint_ne(strlen(e.text), 0);
	ck_assert_int_eq(x.sftp, programs[_i].sftp);
}
END_TEST

static const char *const harmless[] = {
	"show clock",
	"show running-config | section scp",
	"ping 192.0.2.1",
	"",
	" ",
	"\n/bin/sh",
	"scpx",
	"sftp",
};

START_TEST(test_line_is_no_program)
{
	char *commands[1] = {NULL};
	struct entry x = entry_of(commands, 0, harmless[_i]);
	struct err_msg e;

	ck_assert_int_eq(entry_settle(&x, &e), 0);
	ck_assert(!x.sftp);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("entry");
	TCase *t = tcase_create("entry");
	SRunner *r;
	int failed;

	tcase_add_test(t, test_login_without_command);
	tcase_add_test(t, test_login_with_command);
	tcase_add_test(t, test_forced_command);
	tcase_add_test(t, test_forced_command_through_login_shell);
	tcase_add_test(t, test_file_beats_original_command);
	tcase_add_loop_test(t, test_program_refused, 0, sizeof(programs) / sizeof(programs[0]));
	tcase_add_loop_test(t, test_line_is_no_program, 0, sizeof(harmless) / sizeof(harmless[0]));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
