/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What this process and its children can do from now on, whoever controls them: capabilities for
 * networks at most, no new ones, an allow-list of system calls, and no file is written or executed
 * outside of a few folders.  There is no way back.
 */
#ifndef PLATFORM_OS_SANDBOX_H
#define PLATFORM_OS_SANDBOX_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct log;
struct user;

/* Who enters it. */
enum sandbox_role {
	SANDBOX_WHOLE,	/* the appliance as one process */
	SANDBOX_MAIN,	/* the main half: no capability, nothing is executed but itself */
	SANDBOX_READER, /* the same, where it has to stay root and reads folders of others */
	SANDBOX_BROKER, /* the privileged half, and BIRD, which it starts */
	SANDBOX_KEEPER, /* passes descriptors on */
};

struct sandbox {
	enum sandbox_role role;
	const char *const *writable; /* folders that are there; devices and sysctls are added */
	size_t writable_count;
	const struct user *user; /* to be from now on; NULL: as it is */
};

/* For the main thread before others are started, who inherit it.  Each part that the kernel, the
 * libraries or the user's rights do not allow is left out and said in the log: the others hold. */
void sandbox_enter(const struct sandbox *s, const struct log *log);
/* The same for a process that only passes descriptors on: nothing can be opened or executed. */
void sandbox_enter_keeper(void);
/* Is there anything that a privileged half could do for another one? */
bool sandbox_has_rights(void);

/* False in builds with instruments, which need files and calls of their own: the user stays, too.
 */
bool sandbox_is_complete(void);

/* The parts; 0, or ERR_UNSUPPORTED, ERR_SYSTEM with e. */
int sandbox_capabilities(enum sandbox_role role, const struct user *user,
			 struct err_msg *e) WARN_UNUSED;
int sandbox_files(const struct sandbox *s, struct err_msg *e) WARN_UNUSED;
int sandbox_calls(enum sandbox_role role, struct err_msg *e) WARN_UNUSED;

#endif
