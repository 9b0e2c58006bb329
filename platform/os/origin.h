/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * On which processor packets come to sockets and TUN devices: a program of six instructions, which
 * the kernel runs for each, writes it down.  Waking a thread on that processor costs a tenth of
 * waking it on another one that sleeps.
 */
#ifndef PLATFORM_OS_ORIGIN_H
#define PLATFORM_OS_ORIGIN_H

#include "platform/base/err.h"

struct origin;

/* NULL with e filled: not allowed, or not known to the kernel. */
struct origin *origin_new(struct err_msg *e);
/* Devices that are watched go on, and nobody looks; NULL is allowed. */
void origin_free(struct origin *o);

/* Also watch fd; every packet still arrives whole.  ERR_SYSTEM with e filled. */
int origin_watch_socket(struct origin *o, int fd, struct err_msg *e) WARN_UNUSED;
int origin_watch_tun(struct origin *o, int fd, struct err_msg *e) WARN_UNUSED;
/* No longer; -1 is allowed. */
void origin_leave_socket(int fd);

/* Where the last packet came; -1: none did. */
int origin_processor(const struct origin *o);

#endif
