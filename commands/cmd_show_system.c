/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers and rows of the show commands about the box itself. */
#include "commands/config.h"
#include "commands/row.h"
#include "commands/session.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <openssl/crypto.h>

static int version(struct cmd *c)
{
	struct commands *box = cmd_commands(c);
	struct gateway *g = commands_gateway(box);
	struct show_clock clock = show_now(c);
	struct answer *a = show_begin(c);

	show_version(a, &(struct show_version){
				.hostname = commands_hostname(box),
				.uptime_ms = show_age_ms(&clock, commands_started_ms(box)),
				.started_wall_ms = show_wall_ms(&clock, commands_started_ms(box)),
				.dataplane = g ? gateway_dataplane_name(g) : NULL,
				.dataplane_reason = g ? gateway_dataplane_reason(g) : NULL,
				.openssl = OpenSSL_version(OPENSSL_VERSION),
			});
	return show_end(c, a);
}

static int logging(struct cmd *c)
{
	struct event_log *events = commands_events(cmd_commands(c));
	struct answer *a;

	if (!events)
		return cmd_fail(c, ERR_WRONG_STATE, "No log is kept");
	a = show_begin(c);
	show_logging(a, event_log_entries(events), event_log_dropped(events));
	return show_end(c, a);
}

static int clock_screen(struct cmd *c)
{
	struct show_clock clock = show_now(c);
	struct answer *a = show_begin(c);

	show_clock_screen(a, &clock);
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "show version [json]",
		.modes = IN_EXEC,
		.handler = version,
		.help = "Version, uptime and data plane",
		.manual = "Name and version of the appliance, its uptime, which data plane is in "
			  "use and why, and the version of the cryptographic library.",
	},
	{
		.words = "show logging [json]",
		.modes = IN_EXEC,
		.handler = logging,
		.help = "Event lines since the start, oldest first",
		.manual = "The buffer of event lines.  ikesh-events(7) explains each of them.",
	},
	{
		.words = "show clock [json]",
		.modes = IN_EXEC,
		.handler = clock_screen,
		.help = "Date and time of the appliance",
		.manual = "Date and time of the appliance in its time zone.",
	},
};

const struct row_table table_show_system = {
	.family = "show",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
