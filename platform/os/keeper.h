/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small process that holds descriptors for us while we are not there: sockets, devices, memory.
 * It is started by us, does nothing but hold, and hands everything to whoever comes back under the
 * same name: after a kill, a restart or an upgrade.  When nobody comes for KEEPER_WAIT_S it ends,
 * and with it what it holds.
 *
 * It is found by a name in the abstract socket space of the network namespace, which nobody needs
 * to clean up; both sides look at the other one's user (SO_PEERCRED).
 */
#ifndef PLATFORM_OS_KEEPER_H
#define PLATFORM_OS_KEEPER_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define KEEPER_NAME_MAX 32
#define KEEPER_WAIT_S	20

struct keeper;

/* A connection to who holds under this name, for the user uid or root; a negative enum err with e
 * when there is nobody. */
int keeper_reach(const char *name, uid_t uid, struct err_msg *e) WARN_UNUSED;
/* Takes what is held under this name over, or starts a new process.  Before there are threads.
 * NULL with e: nothing can be kept, which is no reason not to go on. */
struct keeper *keeper_open(const char *name, struct err_msg *e);
/* Leaves everything to whoever comes next; NULL is allowed. */
void keeper_leave(struct keeper *k);
/* Ends the process and what it holds; NULL is allowed. */
void keeper_end(struct keeper *k);

/* What was held when we came and was neither taken nor dropped since: the name at this position;
 * NULL past the end. */
const char *keeper_found(const struct keeper *k, size_t index);
bool keeper_has(const struct keeper *k, const char *name); /* found, and not taken */
/* The descriptor found under this name, the caller's from now on (it is held on, too); -1: none. */
int keeper_take(struct keeper *k, const char *name);
/* Hold fd as well, instead of what had this name; secret: its memory is never written to a swap
 * area.  k NULL: nothing is done.  False: it is not held. */
bool keeper_put(struct keeper *k, const char *name, int fd, bool secret);
void keeper_drop(struct keeper *k, const char *name);
/* Everything that was found and not taken goes. */
void keeper_drop_rest(struct keeper *k);

#endif
