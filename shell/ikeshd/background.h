/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Going to the background without losing the result of the start: the parent waits until the child
 * has started or failed, and ends with the matching status.
 */
#ifndef SHELL_IKESHD_BACKGROUND_H
#define SHELL_IKESHD_BACKGROUND_H

#include "platform/base/err.h"

/* Forks.  Returns in the child only, with a descriptor for background_ready; ERR_SYSTEM with e when
 * that is not possible.  Call before anything else is opened. */
int background_enter(struct err_msg *e) WARN_UNUSED;
/* The child has started: leave the terminal and let the parent end with status 0. */
void background_ready(int fd);

#endif
