/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations as text.  Never reads a clock. */
#include "platform/base/duration.h"

#include <inttypes.h>
#include <stdio.h>

#define MINUTE_S UINT64_C(60)
#define HOUR_S	 (60 * MINUTE_S)
#define DAY_S	 (24 * HOUR_S)
#define WEEK_S	 (7 * DAY_S)

const char *duration_text(uint64_t ms, char *buf, size_t size)
{
	uint64_t s = ms / 1000;

	if (s < DAY_S)
		(void)snprintf(buf, size, "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, s / HOUR_S,
			       s % HOUR_S / MINUTE_S, s % MINUTE_S);
	else if (s < WEEK_S)
		(void)snprintf(buf, size, "%" PRIu64 "d%02" PRIu64 "h", s / DAY_S,
			       s % DAY_S / HOUR_S);
	else
		(void)snprintf(buf, size, "%" PRIu64 "w%" PRIu64 "d", s / WEEK_S,
			       s % WEEK_S / DAY_S);
	return buf;
}

const char *duration_short(uint64_t ms, char *buf, size_t size)
{
	uint64_t s = ms / 1000;

	if (s >= DAY_S)
		return duration_text(ms, buf, size);
	if (s < MINUTE_S)
		(void)snprintf(buf, size, "%" PRIu64 " s", s);
	else if (s < HOUR_S)
		(void)snprintf(buf, size, "%" PRIu64 "m%02" PRIu64 "s", s / MINUTE_S, s % MINUTE_S);
	else
		(void)snprintf(buf, size, "%" PRIu64 "h%02" PRIu64 "m", s / HOUR_S,
			       s % HOUR_S / MINUTE_S);
	return buf;
}
