/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations as operators read them on routers. */
#ifndef PLATFORM_BASE_DURATION_H
#define PLATFORM_BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

#define DURATION_TEXT_MAX 24 /* any duration as text, with NUL */

/* Both round down, write at most size bytes with NUL and return buf. */

/* Uptimes: "00:41:07" below a day, "3d04h" below a week, "2w3d" from then on. */
const char *duration_text(uint64_t ms, char *buf, size_t size);
/* Remaining times: "41 s" below a minute, "12m30s" below an hour, "4h48m" below a day, then as
 * duration_text. */
const char *duration_short(uint64_t ms, char *buf, size_t size);

#endif
