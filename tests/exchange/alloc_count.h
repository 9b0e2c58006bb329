/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts what the engine and the simulation have allocated.  The program is linked with the
 * options of IKESH_ALLOC_COUNT (CMakeLists.txt), which lead their calls here; libraries keep
 * theirs.
 */
#ifndef TESTS_EXCHANGE_ALLOC_COUNT_H
#define TESTS_EXCHANGE_ALLOC_COUNT_H

#include <stddef.h>

struct alloc_count {
	long blocks;
	long bytes; /* as the allocator rounds them */
};

struct alloc_count alloc_count_now(void);

#endif
