/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Users and privileges, as far as every system has them: root, and somebody whom nobody knows. */
#include "platform/base/mem.h"
#include "platform/os/seqpacket.h"
#include "shell/ikeshd/who.h"
#include "tests/unit/platform/suite.h"

#include <string.h>

START_TEST(test_root)
{
	const struct seqpacket_peer peer = {.pid = 1, .uid = 0, .gid = 0};
	struct err_msg e = {.code = 0};
	struct who w;

	ck_assert_int_eq(who_find(&peer, &w, &e), 0);
	ck_assert_str_eq(w.user, "root");
	ck_assert_uint_eq(w.privilege, 15);
}
END_TEST

START_TEST(test_stranger)
{
	const struct seqpacket_peer peer = {.pid = 1, .uid = 3999999001, .gid = 3999999001};
	struct err_msg e = {.code = 0};
	struct who w = {.user = "untouched"};

	ck_assert_int_eq(who_find(&peer, &w, &e), ERR_DENIED);
	ck_assert_str_eq(w.user, "untouched");
	ck_assert_ptr_nonnull(strstr(e.text, "uid-3999999001"));
	ck_assert_ptr_nonnull(strstr(e.text, "ikesh-admin"));
	ck_assert_ptr_nonnull(strstr(e.text, "ikesh-operator"));
}
END_TEST

/* Known to the system, and in none of our groups. */
START_TEST(test_nobody)
{
	const struct seqpacket_peer peer = {.pid = 1, .uid = 65534, .gid = 65534};
	struct err_msg e = {.code = 0};
	struct who w;

	ck_assert_int_eq(who_find(&peer, &w, &e), ERR_DENIED);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_root, test_stranger, test_nobody};

	return run_cases("who", tests, ARRAY_LEN(tests));
}
