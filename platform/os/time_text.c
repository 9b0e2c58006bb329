/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points in time as text, independent of locale and time zone.  Never reads a clock. */
#include "platform/os/time_text.h"

#include <stdio.h>
#include <time.h>

static struct tm broken_down(uint64_t wall_ms)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm = {.tm_mday = 1, .tm_year = 70};

	(void)gmtime_r(&s, &tm);
	return tm;
}

const char *time_text_iso(uint64_t wall_ms, char *buf, size_t size)
{
	struct tm tm = broken_down(wall_ms);

	(void)snprintf(buf, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		       tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return buf;
}

const char *time_text_log(uint64_t wall_ms, char *buf, size_t size)
{
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm = broken_down(wall_ms);

	(void)snprintf(buf, size, "%s %2d %02d:%02d:%02d.%03u", months[tm.tm_mon], tm.tm_mday,
		       tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(wall_ms % 1000));
	return buf;
}
