/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets by hand from draft-ietf-secsh-filexfer-02, sections 3, 4, 6.11 and 7. */
#include "shell/ikesh/no_sftp.h"

#include <check.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the server answers to all of in; in fits into a pipe. */
static size_t answers(const uint8_t *in, size_t len, uint8_t *out, size_t cap)
{
	int to[2], from[2];
	ssize_t n;

	ck_assert_int_eq(pipe2(to, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(from, O_CLOEXEC), 0);
	ck_assert_int_eq(write(to[1], in, len), (ssize_t)len);
	close(to[1]);
	no_sftp_serve(to[0], from[1], "no");
	close(to[0]);
	close(from[1]);
	n = read(from[0], out, cap);
	close(from[0]);
	ck_assert_int_ge(n, 0);
	return (size_t)n;
}

static const uint8_t init[] = {0, 0, 0, 5, 1, 0, 0, 0, 3};
static const uint8_t version[] = {0, 0, 0, 5, 2, 0, 0, 0, 3};
static const uint8_t realpath_dot[] = {0, 0, 0, 10, 16, 0, 0, 0, 7, 0, 0, 0, 1, '.'};
static const uint8_t denied[] = {0, 0, 0, 21, 101, 0,	0, 0, 7, 0, 0,	 0,  3,
				 0, 0, 0, 2,  'n', 'o', 0, 0, 0, 2, 'e', 'n'};

START_TEST(test_greeting_and_refusal)
{
	uint8_t in[sizeof(init) + sizeof(realpath_dot)], out[256];

	memcpy(in, init, sizeof(init));
	memcpy(in + sizeof(init), realpath_dot, sizeof(realpath_dot));
	ck_assert_uint_eq(answers(in, sizeof(in), out, sizeof(out)),
			  sizeof(version) + sizeof(denied));
	ck_assert_mem_eq(out, version, sizeof(version));
	ck_assert_mem_eq(out + sizeof(version), denied, sizeof(denied));
}
END_TEST

/* Every truncation ends without an answer to the cut packet. */
START_TEST(test_truncated)
{
	uint8_t out[256];

	ck_assert_uint_eq(answers(realpath_dot, (size_t)_i, out, sizeof(out)), 0);
}
END_TEST

static const uint8_t bad[][4] = {{0, 0, 0, 0}, {0, 0, 0, 4}, {0, 4, 0, 1}, {255, 255, 255, 255}};

START_TEST(test_bad_length)
{
	uint8_t in[32] = {0}, out[256];

	memcpy(in, bad[_i], 4);
	ck_assert_uint_eq(answers(in, sizeof(in), out, sizeof(out)), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("no_sftp");
	TCase *t = tcase_create("no_sftp");
	SRunner *r;
	int failed;

	tcase_add_test(t, test_greeting_and_refusal);
	tcase_add_loop_test(t, test_truncated, 0, sizeof(realpath_dot));
	tcase_add_loop_test(t, test_bad_length, 0, 4);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
