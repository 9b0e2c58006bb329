/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values as operators read them on screens: times, amounts, rates, states. */
#include "commands/show.h"
#include "ikev2/number.h"
#include "platform/base/enum_name.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

uint64_t show_wall_ms(const struct show_clock *c, uint64_t at_ms)
{
	if (at_ms == 0)
		return 0;
	return at_ms <= c->now_ms ? c->wall_ms - (c->now_ms - at_ms)
				  : c->wall_ms + (at_ms - c->now_ms);
}

const char *show_moment(const struct show_clock *c, uint64_t at_ms, char *buf, size_t size)
{
	return show_wall_moment(c, show_wall_ms(c, at_ms), buf, size);
}

const char *show_wall_moment(const struct show_clock *c, uint64_t wall_ms, char *buf, size_t size)
{
	time_t then = (time_t)(wall_ms / 1000), now = (time_t)(c->wall_ms / 1000);
	struct tm tm, today;

	buf[0] = '\0';
	if (!localtime_r(&then, &tm) || !localtime_r(&now, &today))
		return buf;
	if (tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday)
		(void)strftime(buf, size, "%H:%M:%S", &tm);
	else
		(void)strftime(buf, size, "%b %e %H:%M:%S", &tm);
	return buf;
}

uint64_t show_age_ms(const struct show_clock *c, uint64_t at_ms)
{
	return at_ms < c->now_ms ? c->now_ms - at_ms : 0;
}

uint64_t show_left_ms(const struct show_clock *c, uint64_t at_ms)
{
	return at_ms > c->now_ms ? at_ms - c->now_ms : 0;
}

const char *show_bytes(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t unit = 1;
	size_t i = 0;

	if (bytes < 1000) {
		(void)snprintf(buf, size, "%" PRIu64 " B", bytes);
		return buf;
	}
	while (bytes / unit >= 1000) {
		unit *= 1000;
		i++;
	}
	if (bytes / unit >= 100)
		(void)snprintf(buf, size, "%" PRIu64 " %s", bytes / unit, units[i]);
	else
		(void)snprintf(buf, size, "%" PRIu64 ".%" PRIu64 " %s", bytes / unit,
			       bytes % unit / (unit / 10), units[i]);
	return buf;
}

const char *show_mbps(uint64_t rx_bps, uint64_t tx_bps, char *buf, size_t size)
{
	uint64_t rx = (rx_bps + 50000) / 100000, tx = (tx_bps + 50000) / 100000;

	(void)snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "/%" PRIu64 ".%" PRIu64, rx / 10, rx % 10,
		       tx / 10, tx % 10);
	return buf;
}

const char *show_state(enum tunnel_state s, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s", tunnel_state_name(s));
	for (char *p = buf; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return buf;
}

const char *show_exchange(unsigned type)
{
	return type ? enum_name(ike_exchange_names, (int)type) : NULL;
}

const char *show_slot(uint8_t slot, char *buf, size_t size)
{
	buf[0] = '\0';
	if (slot >= 1 && slot <= SITE_ROLES * SITE_TUNNELS)
		(void)snprintf(buf, size, "%s %u", slot <= SITE_TUNNELS ? "primary" : "secondary",
			       (unsigned)(slot - 1) % SITE_TUNNELS + 1);
	return buf;
}
