/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this process uses of the machine. */
#ifndef PLATFORM_OS_USAGE_H
#define PLATFORM_OS_USAGE_H

#include <stddef.h>
#include <stdint.h>

struct usage {
	uint64_t cpu_us;	 /* user and system time since the start */
	uint64_t resident_bytes; /* 0: not known */
	uint64_t descriptors;	 /* open ones, 0: not known */
};

void usage_read(struct usage *out);

#endif
