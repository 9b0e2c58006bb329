/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records by kind and key in memory that outlives the process (a memfd that somebody else holds,
 * keeper.h).  Each record is whole or not there, whenever the process dies: it is written behind
 * the others, and one store says that it is there.  Records may hold secrets: what was replaced is
 * wiped, and nothing ever goes to a disk.
 */
#ifndef PLATFORM_OS_STATE_LOG_H
#define PLATFORM_OS_STATE_LOG_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"

struct state_log;

/* held is called with each new memory before it is used; the descriptor is borrowed.  False: it
 * cannot be held, and nothing is written any more. */
struct state_log *state_log_new(bool (*held)(void *arg, int fd), void *arg);
void state_log_free(struct state_log *l); /* the memory stays with who holds it; NULL is allowed */

/* Writes the record or replaces it; kind is small. */
void state_log_put(struct state_log *l, uint32_t kind, uint64_t key, struct view bytes);
void state_log_drop(struct state_log *l, uint32_t kind, uint64_t key);
size_t state_log_size(const struct state_log *l); /* octets of memory in use */

/*
 * Calls fn for each record of an earlier process in fd, oldest first, of which the last one of a
 * kind and key counts; bytes are borrowed.  Nothing is called unless everything is sound.
 * ERR_UNSUPPORTED: of another format; ERR_INVALID: damaged; with e.
 */
int state_log_read(int fd, void (*fn)(void *arg, uint32_t kind, uint64_t key, struct view bytes),
		   void *arg, struct err_msg *e) WARN_UNUSED;

#endif
