/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Grace periods: objects that workers read without a lock are unpublished first, retired here, and
 * freed when no worker can still hold them.  A worker may hold published pointers only between
 * grace_enter and grace_leave.  Publishing and reading pointers must be sequentially consistent
 * (plain C11 atomic operations).  Retiring and reclaiming belong to the main thread.
 */
#ifndef DATAPLANE_ESP_GRACE_H
#define DATAPLANE_ESP_GRACE_H

#include "platform/base/list.h"

#include <stdatomic.h>
#include <stdint.h>

#define GRACE_READERS 16 /* workers at most */

struct grace_reader {
	_Atomic uint64_t entered; /* epoch; 0: holds nothing */
	uint8_t pad[56]; /* each worker writes its own all the time: no shared cache lines */
};

struct grace {
	_Atomic uint64_t epoch;
	struct list retired; /* oldest first */
	struct grace_reader readers[GRACE_READERS];
};

/* Embedded in the object. */
struct grace_node {
	struct list node;
	uint64_t epoch;
	void (*release)(struct grace_node *n);
};

void grace_init(struct grace *g);

/* Worker number `reader` begins or ends holding pointers; enter again to let go of the old ones. */
void grace_enter(struct grace *g, unsigned reader);
void grace_leave(struct grace *g, unsigned reader);

/* release(n) is called by a later grace_reclaim, in the order of retiring. */
void grace_retire(struct grace *g, struct grace_node *n, void (*release)(struct grace_node *n));

/* Releases what nobody can hold any more; false while something is left. */
bool grace_reclaim(struct grace *g);

#endif
