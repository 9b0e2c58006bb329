/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points in time as text, always UTC. */
#ifndef PLATFORM_OS_TIME_TEXT_H
#define PLATFORM_OS_TIME_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_MAX 40 /* any time as text, with NUL */

/* Both take milliseconds since 1970 (loop_wall_ms), write at most size bytes with NUL and return
 * buf. */
const char *time_text_iso(uint64_t wall_ms, char *buf, size_t size); /* 2026-11-23T14:00:02Z */
const char *time_text_log(uint64_t wall_ms, char *buf, size_t size); /* Nov 23 14:02:32.118 */

#endif
