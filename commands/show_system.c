/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Screens of the box itself.
 *
 * JSON:
 *	show version	{"name","version","hostname","uptimeSec","started","dataPlane",
 *			"dataPlaneReason","openssl"}
 *	show logging	{"events":[{"number","time","facility","severity","mnemonic","site","role",
 *			"index","text"}...],"dropped"}
 *	show clock	{"time"}
 *	show ipsec statistics	{"counters":{NAME: number...}}
 */
#include "commands/show.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* "3 days, 4 hours, 12 minutes" as IOS says it; seconds only below a minute. */
static const char *uptime_text(uint64_t ms, char *buf, size_t size)
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = {{604800, "week"}, {86400, "day"}, {3600, "hour"}, {60, "minute"}};
	uint64_t s = ms / 1000;
	size_t used = 0;

	buf[0] = '\0';
	if (s < 60)
		(void)snprintf(buf, size, "%" PRIu64 " second%s", s, s == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		uint64_t n = s / units[i].seconds;

		s %= units[i].seconds;
		if (n == 0 || used >= size)
			continue;
		used += (size_t)snprintf(buf + used, size - used, "%s%" PRIu64 " %s%s",
					 used ? ", " : "", n, units[i].name, n == 1 ? "" : "s");
	}
	return buf;
}

/* The first two lines are what network automation reads: "Version X," and "NAME uptime is". */
void show_version(struct answer *a, const struct show_version *v)
{
	char text[96];

	answer_text(a, "name", NULL, "ikesh");
	answer_text(a, "version", NULL, IKESH_VERSION);
	answer_text(a, "hostname", NULL, v->hostname);
	answer_number(a, "uptimeSec", NULL, v->uptime_ms / 1000);
	answer_time(a, "started", v->started_wall_ms);
	answer_line(a, "ikesh, IPsec IKEv2 site gateway, Version %s", IKESH_VERSION);
	answer_line(a, "%s uptime is %s", v->hostname,
		    uptime_text(v->uptime_ms, text, sizeof(text)));
	answer_line(a, "%s", "");
	answer_block(a, 0);
	if (v->dataplane_reason && v->dataplane_reason[0])
		answer_show(a, "Data plane", "%s (%s)", v->dataplane, v->dataplane_reason);
	else
		answer_text(a, NULL, "Data plane", v->dataplane);
	answer_text(a, "dataPlane", NULL, v->dataplane);
	answer_text(a, "dataPlaneReason", NULL, v->dataplane_reason);
	answer_text(a, "openssl", "Cryptography", v->openssl);
	answer_block_end(a);
}

static void event_members(struct answer *a, const struct event *ev)
{
	const struct event_row *row = event_row(ev->id);

	answer_object(a, NULL);
	answer_number(a, "number", NULL, ev->number);
	answer_time(a, "time", ev->wall_ms);
	answer_text(a, "facility", NULL, row->facility);
	answer_number(a, "severity", NULL, row->severity);
	answer_text(a, "mnemonic", NULL, row->mnemonic);
	answer_text(a, "site", NULL, ev->site);
	if (ev->slot >= 1 && ev->slot <= SITE_ROLES * SITE_TUNNELS) {
		answer_text(a, "role", NULL,
			    site_role_name(ev->slot <= SITE_TUNNELS ? SITE_PRIMARY
								    : SITE_SECONDARY));
		answer_number(a, "index", NULL, (ev->slot - 1U) % SITE_TUNNELS + 1);
	} else {
		answer_null(a, "role");
		answer_null(a, "index");
	}
	answer_text(a, "text", NULL, ev->text);
	answer_object_end(a);
}

void show_logging(struct answer *a, const struct list *events, size_t dropped)
{
	const struct list *node;
	char line[EVENT_TEXT_MAX + 96];
	size_t count = 0;

	for (node = events->next; node != events; node = node->next)
		count++;
	(void)snprintf(line, sizeof(line), "; %zu older dropped", dropped);
	answer_line(a, "Log buffer: %zu event%s%s%s", count, count == 1 ? "" : "s",
		    count > 1 ? ", oldest first" : "", dropped ? line : "");
	if (count > 0)
		answer_line(a, "%s", "");
	answer_array(a, "events");
	for (node = events->next; node != events; node = node->next) {
		const struct event *ev =
			container_of((struct list *)(uintptr_t)node, struct event, node);

		if (answer_is_json(a))
			event_members(a, ev);
		else
			answer_line(a, "%s", event_line(ev, line, sizeof(line)));
	}
	answer_array_end(a);
	answer_number(a, "dropped", NULL, dropped);
}

/* "14:02:31.118 UTC Mon Nov 23 2026" */
void show_clock_screen(struct answer *a, const struct show_clock *clock)
{
	time_t seconds = (time_t)(clock->wall_ms / 1000);
	char time[16] = "", zone[32] = "", date[32] = "";
	struct tm tm;

	answer_time(a, "time", clock->wall_ms);
	if (!localtime_r(&seconds, &tm))
		return;
	(void)strftime(time, sizeof(time), "%H:%M:%S", &tm);
	(void)strftime(zone, sizeof(zone), "%Z", &tm);
	(void)strftime(date, sizeof(date), "%a %b %e %Y", &tm);
	answer_line(a, "%s.%03u %s %s", time, (unsigned)(clock->wall_ms % 1000), zone, date);
}

static const struct answer_column counter_columns[] = {{"Counter", false}, {"Value", false}};

void show_statistics_begin(struct answer *a, size_t *zero)
{
	*zero = 0;
	answer_object(a, "counters");
	answer_table(a, counter_columns, ARRAY_LEN(counter_columns));
}

void show_statistics_counter(struct answer *a, size_t *zero, const char *name, uint64_t value)
{
	*zero += value == 0 ? 1 : 0;
	if (value == 0 && !answer_is_json(a))
		return;
	answer_row(a);
	answer_text(a, NULL, "Counter", name);
	answer_number(a, name, "Value", value);
}

void show_statistics_end(struct answer *a, size_t zero)
{
	answer_table_end(a);
	answer_object_end(a);
	if (zero > 0)
		answer_line(a, "%zu more counter%s zero.", zero, zero == 1 ? " is" : "s are");
}
