/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file.c in a temporary directory: contents, modes, failures that leave the old file alone. */
#include "platform/base/mem.h"
#include "platform/os/file.h"
#include "tests/unit/platform/suite.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	char dir[64];
	char path[128]; /* dir/config */
};

static struct place make_place(void)
{
	struct place p = {.dir = "/tmp/ikesh-file-XXXXXX"};

	ck_assert_ptr_nonnull(mkdtemp(p.dir));
	(void)snprintf(p.path, sizeof(p.path), "%s/config", p.dir);
	return p;
}

/* Removes everything and tells how many names were in the directory. */
static int remove_place(const struct place *p)
{
	DIR *dir = opendir(p->dir);
	const struct dirent *entry;
	int names = 0;

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		names++;
		ck_assert_int_eq(unlinkat(dirfd(dir), entry->d_name, 0), 0);
	}
	closedir(dir);
	ck_assert_int_eq(rmdir(p->dir), 0);
	return names;
}

static void write_file(const char *path, const char *text, bool keep)
{
	struct err_msg e;

	ck_assert_msg(file_write_atomic(path, text, strlen(text), 0640, keep, &e) == 0, "%s",
		      e.text);
}

static void check_file(const char *path, const char *suffix, const char *expected)
{
	char name[160];
	struct strbuf s;
	struct err_msg e;

	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);
	strbuf_init(&s);
	ck_assert_msg(file_read(name, 1 << 20, &s, &e) == 0, "%s", e.text);
	ck_assert_str_eq(s.text, expected);
	strbuf_clear(&s);
}

START_TEST(test_write_and_replace)
{
	struct place p = make_place();
	mode_t old_mask = umask(0077);
	struct stat st;

	write_file(p.path, "one", false);
	check_file(p.path, "", "one");
	ck_assert_int_eq(stat(p.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640); /* whatever the umask */
	write_file(p.path, "a longer second", false);
	write_file(p.path, "3", false);
	check_file(p.path, "", "3");
	write_file(p.path, "", false);
	check_file(p.path, "", "");
	umask(old_mask);
	ck_assert_int_eq(remove_place(&p), 1);
}
END_TEST

START_TEST(test_keep_previous)
{
	struct place p = make_place();

	write_file(p.path, "one", true); /* nothing to keep */
	write_file(p.path, "two", true);
	check_file(p.path, "", "two");
	check_file(p.path, ".1", "one");
	write_file(p.path, "three", true);
	check_file(p.path, ".1", "two");
	write_file(p.path, "four", false);
	check_file(p.path, ".1", "two");
	ck_assert_int_eq(remove_place(&p), 2);
}
END_TEST

/* What a crash may leave: a long temporary, and path.1 already linked to path. */
START_TEST(test_leftovers_of_a_crash)
{
	struct place p = make_place();
	char name[160];

	write_file(p.path, "one", false);
	(void)snprintf(name, sizeof(name), "%s.tmp", p.path);
	write_file(name, "half of something much longer", false);
	(void)snprintf(name, sizeof(name), "%s.1", p.path);
	ck_assert_int_eq(link(p.path, name), 0);
	(void)snprintf(name, sizeof(name), "%s.1.tmp", p.path);
	ck_assert_int_eq(link(p.path, name), 0);
	write_file(p.path, "two", true);
	check_file(p.path, "", "two");
	check_file(p.path, ".1", "one");
	ck_assert_int_eq(remove_place(&p), 2);
}
END_TEST

START_TEST(test_failures_name_the_path)
{
	struct place p = make_place();
	char name[160];
	char expected[ERR_TEXT_MAX];
	struct err_msg e;

	(void)snprintf(name, sizeof(name), "%s/none/config", p.dir);
	ck_assert_int_eq(file_write_atomic(name, "x", 1, 0600, false, &e), ERR_SYSTEM);
	(void)snprintf(expected, sizeof(expected), "%s: create %s.tmp: No such file or directory",
		       name, name);
	ck_assert_str_eq(e.text, expected);
	write_file(p.path, "old", false);
	(void)snprintf(name, sizeof(name), "%s/config", p.path); /* below a file */
	ck_assert_int_eq(file_write_atomic(name, "x", 1, 0600, true, &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, "Not a directory"));
	check_file(p.path, "", "old");
	ck_assert_int_eq(remove_place(&p), 1);
}
END_TEST

/* rename fails because a directory has the name: the temporary is gone afterwards. */
START_TEST(test_failing_rename_cleans_up)
{
	struct place p = make_place();
	struct err_msg e;

	ck_assert_int_eq(mkdir(p.path, 0700), 0);
	ck_assert_int_eq(file_write_atomic(p.path, "x", 1, 0600, false, &e), ERR_SYSTEM);
	ck_assert_ptr_nonnull(strstr(e.text, p.path));
	ck_assert_int_eq(rmdir(p.path), 0);
	ck_assert_int_eq(remove_place(&p), 0);
}
END_TEST

START_TEST(test_second_writer_is_refused)
{
	struct place p = make_place();
	char name[160];
	struct err_msg e;
	int fd;

	write_file(p.path, "old", false);
	(void)snprintf(name, sizeof(name), "%s.tmp", p.path);
	fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(flock(fd, LOCK_EX), 0);
	ck_assert_int_eq(file_write_atomic(p.path, "x", 1, 0600, false, &e), ERR_BUSY);
	check_file(p.path, "", "old");
	close(fd);
	write_file(p.path, "new", false);
	check_file(p.path, "", "new");
	ck_assert_int_eq(remove_place(&p), 1);
}
END_TEST

/* A symbolic link in place of the temporary would have us write somewhere else. */
START_TEST(test_temporary_is_no_link)
{
	struct place p = make_place();
	char name[160];
	char victim[160];
	struct err_msg e;

	(void)snprintf(victim, sizeof(victim), "%s/victim", p.dir);
	write_file(victim, "precious", false);
	(void)snprintf(name, sizeof(name), "%s.tmp", p.path);
	ck_assert_int_eq(symlink(victim, name), 0);
	ck_assert_int_eq(file_write_atomic(p.path, "x", 1, 0600, false, &e), ERR_SYSTEM);
	check_file(victim, "", "precious");
	(void)remove_place(&p);
}
END_TEST

/* A reader beside a busy writer sees only whole contents. */
START_TEST(test_reader_sees_whole_contents)
{
	struct place p = make_place();
	static char text[20001];
	pid_t child;
	int status;

	memset(text, 'a', sizeof(text) - 1);
	write_file(p.path, text, false);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		for (int i = 0; i < 60; i++) {
			memset(text, 'a' + i % 26, sizeof(text) - 1);
			if (file_write_atomic(p.path, text, sizeof(text) - 1, 0600, false, NULL) !=
			    0)
				_exit(1);
		}
		_exit(0);
	}
	do {
		struct strbuf s;

		strbuf_init(&s);
		ck_assert_int_eq(file_read(p.path, sizeof(text), &s, NULL), 0);
		ck_assert_uint_eq(s.len, sizeof(text) - 1);
		ck_assert_uint_eq(strspn(s.text, (char[]){s.text[0], '\0'}), s.len);
		strbuf_clear(&s);
	} while (waitpid(child, &status, WNOHANG) == 0);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(remove_place(&p), 1);
}
END_TEST

START_TEST(test_read_limits)
{
	struct place p = make_place();
	struct strbuf s;
	struct err_msg e;

	strbuf_init(&s);
	strbuf_add(&s, "before ");
	ck_assert_int_eq(file_read(p.path, 10, &s, &e), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(e.text, p.path));
	write_file(p.path, "0123456789", false);
	ck_assert_int_eq(file_read(p.path, 9, &s, &e), ERR_RANGE);
	ck_assert_str_eq(s.text, "before ");
	ck_assert_int_eq(file_read(p.path, 10, &s, &e), 0);
	ck_assert_str_eq(s.text, "before 0123456789");
	ck_assert_int_eq(file_read(p.dir, 10, &s, &e), ERR_SYSTEM); /* a directory */
	ck_assert_str_eq(s.text, "before 0123456789");
	strbuf_clear(&s);
	(void)remove_place(&p);
}
END_TEST

START_TEST(test_mkdirs_and_remove)
{
	struct place p = make_place();
	char name[160];
	struct stat st;
	struct err_msg e;

	(void)snprintf(name, sizeof(name), "%s/a/b//c/", p.dir);
	ck_assert_int_eq(file_mkdirs(name, 0700, &e), 0);
	ck_assert_int_eq(file_mkdirs(name, 0700, &e), 0); /* there already */
	ck_assert_int_eq(stat(name, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0700);
	ck_assert_int_eq(rmdir(name), 0);
	(void)snprintf(name, sizeof(name), "%s/a/b", p.dir);
	ck_assert_int_eq(rmdir(name), 0);
	(void)snprintf(name, sizeof(name), "%s/a", p.dir);
	ck_assert_int_eq(rmdir(name), 0);
	write_file(p.path, "x", false);
	(void)snprintf(name, sizeof(name), "%s/sub", p.path);
	ck_assert_int_eq(file_mkdirs(name, 0700, &e), ERR_SYSTEM);
	ck_assert_int_eq(file_mkdirs(p.path, 0700, &e), ERR_SYSTEM);
	ck_assert_int_eq(file_mkdirs("", 0700, &e), ERR_SYSTEM);
	ck_assert_int_eq(file_mkdirs("/", 0700, &e), 0);
	ck_assert_int_eq(file_remove(p.path, &e), 0);
	ck_assert_int_eq(file_remove(p.path, &e), 0);
	ck_assert_int_eq(file_remove(p.dir, &e), ERR_SYSTEM);
	ck_assert_int_eq(remove_place(&p), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_write_and_replace,
		test_keep_previous,
		test_leftovers_of_a_crash,
		test_failures_name_the_path,
		test_failing_rename_cleans_up,
		test_second_writer_is_refused,
		test_temporary_is_no_link,
		test_reader_sees_whole_contents,
		test_read_limits,
		test_mkdirs_and_remove,
	};

	return run_cases("file", tests, ARRAY_LEN(tests));
}
