/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user as whom the main half runs.  That of its folders when they have another one than root;
 * otherwise the system user ikesh, or a number of nobody where there is none, and the folders are
 * given to it.  Where it could not reach them, or its own program, there is none.
 */
#ifndef PLATFORM_OS_USER_H
#define PLATFORM_OS_USER_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define USER_NAME   "ikesh"
#define USER_NUMBER 65533 /* Debian gives it to nobody */

struct user {
	uid_t uid;
	gid_t gid;
};

/* For root; the folders are its own afterwards.  False with e: it has to stay who it is. */
bool user_choose(const char *const *folders, size_t count, const char *program, struct user *out,
		 struct err_msg *e);
/* Are all of them root's? */
bool user_owns(const char *const *folders, size_t count);
/* For good, without capabilities; ERR_SYSTEM with e. */
int user_become(const struct user *u, struct err_msg *e) WARN_UNUSED;
/* The same with the capabilities that BIRD needs, also for what is executed. */
int user_become_for_bird(const struct user *u, struct err_msg *e) WARN_UNUSED;

#endif
