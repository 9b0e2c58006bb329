/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The secret of quick crash detection: made once, kept, readable by nobody else (RFC 6290 section
 * 9.1). */
#include "dataplane/site/crash_secret.h"
#include "platform/base/mem.h"
#include "tests/unit/platform/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[64], path[128];

static void setup(void)
{
	strcpy(dir, "/tmp/crash-secret-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/" CRASH_SECRET_FILE, dir);
}

static void teardown(void)
{
	(void)unlink(path);
	ck_assert_int_eq(rmdir(dir), 0); /* and no temporary file is left */
}

static struct secret load(int expected)
{
	struct secret s = SECRET_NONE;
	struct err_msg e = {.text = ""};

	ck_assert_int_eq(crash_secret_load(dir, &s, &e), expected);
	ck_assert_uint_eq(s.len, CRASH_SECRET_LEN);
	ck_assert(expected == 0 || strstr(e.text, expected == ERR_INVALID ? path : dir) != NULL);
	return s;
}

START_TEST(test_crash_secret_is_kept)
{
	struct secret first, again;
	uint8_t zero[CRASH_SECRET_LEN] = {0};
	struct stat st;

	setup();
	first = load(0);
	ck_assert_mem_ne(first.data, zero, sizeof(zero));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(st.st_size, CRASH_SECRET_LEN);
	again = load(0);
	ck_assert(secret_equal(&first, &again));
	ck_assert_int_eq(unlink(path), 0);
	secret_clear(&again);
	again = load(0);
	ck_assert(!secret_equal(&first, &again));
	secret_clear(&first);
	secret_clear(&again);
	teardown();
}
END_TEST

START_TEST(test_crash_secret_damaged)
{
	static const size_t lens[] = {0, 1, 31, 33, 4096};
	char bytes[4096] = "x";

	setup();
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		struct secret s, again;
		FILE *f = fopen(path, "w");

		ck_assert_ptr_nonnull(f);
		ck_assert_uint_eq(fwrite(bytes, 1, lens[i], f), lens[i]);
		ck_assert_int_eq(fclose(f), 0);
		s = load(ERR_INVALID);
		again = load(0); /* the new one is there */
		ck_assert(secret_equal(&s, &again));
		secret_clear(&s);
		secret_clear(&again);
	}
	teardown();
}
END_TEST

/* Nowhere to write: there is one all the same, until the end. */
START_TEST(test_crash_secret_nowhere)
{
	struct secret s = SECRET_NONE;
	struct err_msg e = {.text = ""};

	ck_assert_int_lt(crash_secret_load("/proc/self", &s, &e), 0);
	ck_assert_uint_eq(s.len, CRASH_SECRET_LEN);
	ck_assert_ptr_nonnull(strstr(e.text, "/proc/self"));
	secret_clear(&s);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_crash_secret_is_kept,
		test_crash_secret_damaged,
		test_crash_secret_nowhere,
	};

	return run_cases("crash_secret", tests, ARRAY_LEN(tests));
}
