/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What this process and its children can do from now on, whoever controls them: capabilities for
 * networks only, no new ones, an allow-list of system calls, and no file is written or executed
 * outside of a few folders.  There is no way back.
 */
#ifndef PLATFORM_OS_SANDBOX_H
#define PLATFORM_OS_SANDBOX_H

#include "platform/base/err.h"

#include <stddef.h>

struct log;

struct sandbox {
	const char *const *writable; /* folders that are there; devices and sysctls are added */
	size_t writable_count;
};

/* For the main thread before others are started, who inherit it.  Each part that the kernel, the
 * libraries or the user's rights do not allow is left out and said in the log: the others hold. */
void sandbox_enter(const struct sandbox *s, const struct log *log);
/* The same for a process that only passes descriptors on: nothing can be opened or executed. */
void sandbox_enter_keeper(void);

/* The parts; 0, or ERR_UNSUPPORTED, ERR_SYSTEM with e. */
int sandbox_capabilities(struct err_msg *e) WARN_UNUSED;
int sandbox_files(const struct sandbox *s, struct err_msg *e) WARN_UNUSED;
int sandbox_calls(struct err_msg *e) WARN_UNUSED;

#endif
