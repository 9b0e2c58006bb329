/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A private network namespace for the calling (forked) test; and what ip(8) says in it. */
#ifndef TESTS_UNIT_PLATFORM_NETNS_H
#define TESTS_UNIT_PLATFORM_NETNS_H

#include "platform/os/netlink.h"

#include <check.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static inline struct netlink *enter_netns(void)
{
	struct netlink *n;
	struct err_msg e;

	ck_assert_int_eq(unshare(CLONE_NEWNET), 0);
	n = netlink_open(NETLINK_ROUTE, &e);
	ck_assert_msg(n != NULL, "%s", e.text);
	return n;
}

/* The whole output of a command, which must succeed. */
static inline const char *output_of(const char *command, char *buf, size_t size)
{
	FILE *f = popen(command, "r"); /* NOLINT(cert-env33-c): fixed commands of the test */
	size_t len;

	ck_assert_ptr_nonnull(f);
	len = fread(buf, 1, size - 1, f);
	buf[len] = '\0';
	ck_assert_msg(pclose(f) == 0, "%s", command);
	return buf;
}

static inline void check_output(const char *command, const char *part, int present)
{
	char out[8192];
	const char *found = strstr(output_of(command, out, sizeof(out)), part);

	ck_assert_msg((found != NULL) == (present != 0), "%s: \"%s\" is %s in:\n%s", command, part,
		      found == NULL ? "not" : "", out);
}

#endif
