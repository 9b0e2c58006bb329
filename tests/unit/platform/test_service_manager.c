/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What arrives is compared with the lines of sd_notify(3) and of the journal's native protocol. */
#include "platform/base/mem.h"
#include "platform/os/journal.h"
#include "platform/os/service_manager.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static char path[64];

static int receiver(bool abstract)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	socklen_t len = sizeof(sa.sun_family);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(path, sizeof(path), "%s/tmp/ikesh-test-%ld", abstract ? "@" : "", (long)getpid());
	memcpy(sa.sun_path, path, strlen(path));
	if (abstract)
		sa.sun_path[0] = '\0';
	len += (socklen_t)strlen(path) + (abstract ? 0 : 1);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, len), 0);
	return fd;
}

static void done(int fd)
{
	close(fd);
	unlink(path);
}

static const char *next(int fd)
{
	static char text[8192];
	ssize_t n = recv(fd, text, sizeof(text) - 1, 0);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void check_notify(bool abstract)
{
	int fd = receiver(abstract);
	char ready[128];
	struct service_manager *m;

	setenv("NOTIFY_SOCKET", path, 1);
	setenv("WATCHDOG_USEC", "30000000", 1);
	m = service_manager_new();
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	ck_assert_ptr_null(getenv("WATCHDOG_USEC"));
	ck_assert(service_manager_is_there(m));
	ck_assert_uint_eq(service_manager_watchdog_ms(m), 30000);
	service_manager_ready(m, "Ready");
	snprintf(ready, sizeof(ready), "READY=1\nSTATUS=Ready\nMAINPID=%ld", (long)getpid());
	ck_assert_str_eq(next(fd), ready);
	service_manager_status(m, "2 sites");
	ck_assert_str_eq(next(fd), "STATUS=2 sites");
	service_manager_alive(m);
	ck_assert_str_eq(next(fd), "WATCHDOG=1");
	service_manager_stopping(m);
	ck_assert_int_eq(strncmp(next(fd), "STOPPING=1\n", 11), 0);
	service_manager_free(m);
	done(fd);
}

START_TEST(test_notify_path)
{
	check_notify(false);
}
END_TEST

START_TEST(test_notify_abstract)
{
	check_notify(true);
}
END_TEST

START_TEST(test_notify_nobody)
{
	struct service_manager *m = service_manager_new();

	ck_assert(!service_manager_is_there(m));
	service_manager_ready(m, "Ready");
	service_manager_free(m);
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	m = service_manager_new();
	service_manager_alive(m);
	service_manager_free(m);
	setenv("NOTIFY_SOCKET", "relative", 1);
	m = service_manager_new();
	ck_assert(!service_manager_is_there(m));
	service_manager_free(m);
}
END_TEST

START_TEST(test_watchdog_of_another_process)
{
	int fd = receiver(false);
	struct service_manager *m;

	setenv("NOTIFY_SOCKET", path, 1);
	setenv("WATCHDOG_USEC", "30000000", 1);
	setenv("WATCHDOG_PID", "1", 1);
	m = service_manager_new();
	ck_assert_uint_eq(service_manager_watchdog_ms(m), 0);
	service_manager_free(m);
	done(fd);
}
END_TEST

static void claim_journal(void)
{
	struct stat st;
	char stream[64];

	ck_assert_int_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
}

START_TEST(test_journal_entry)
{
	int fd = receiver(false);
	struct journal_entry e;
	struct journal *j;

	claim_journal();
	j = journal_open(path);
	ck_assert_ptr_nonnull(j);
	journal_begin(&e, 4, "%STORY-4-LINK_DOWN: down\nFAKE=1");
	journal_field(&e, "IKESH_SITE", "Lyon");
	journal_field(&e, "IKESH_ROLE", "");
	journal_number(&e, "IKESH_NUMBER", 17);
	journal_send(j, &e);
	ck_assert_str_eq(next(fd), "PRIORITY=4\nSYSLOG_IDENTIFIER=ikeshd\n"
				   "MESSAGE=%STORY-4-LINK_DOWN: down FAKE=1\nIKESH_SITE=Lyon\n"
				   "IKESH_NUMBER=17\n");
	ck_assert_uint_eq(journal_lost(j), 0);
	done(fd);
	journal_send(j, &e);
	ck_assert_uint_eq(journal_lost(j), 1);
	journal_close(j);
}
END_TEST

START_TEST(test_journal_field_too_long)
{
	static char text[JOURNAL_ENTRY_MAX + 1];
	struct journal_entry e;

	memset(text, 'x', sizeof(text) - 1);
	journal_begin(&e, 4, "short");
	journal_field(&e, "LONG", text);
	journal_field(&e, "AFTER", "1");
	ck_assert_str_eq(e.text, "PRIORITY=4\nSYSLOG_IDENTIFIER=ikeshd\nMESSAGE=short\nAFTER=1\n");
	ck_assert_uint_eq(e.len, strlen(e.text));
}
END_TEST

START_TEST(test_journal_not_ours)
{
	int fd = receiver(false);

	unsetenv("JOURNAL_STREAM");
	ck_assert_ptr_null(journal_open(path));
	setenv("JOURNAL_STREAM", "1:2", 1);
	ck_assert_ptr_null(journal_open(path));
	setenv("JOURNAL_STREAM", "rubbish", 1);
	ck_assert_ptr_null(journal_open(path));
	claim_journal();
	ck_assert_ptr_null(journal_open("/nowhere/at/all"));
	done(fd);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_notify_path,      test_notify_abstract,
		test_notify_nobody,    test_watchdog_of_another_process,
		test_journal_entry,    test_journal_field_too_long,
		test_journal_not_ours,
	};

	return run_cases("service_manager", tests, ARRAY_LEN(tests));
}
