/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers and rows of the `show ipsec` commands that look at running tunnels. */
#include "commands/commands_state.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

struct status_screen {
	struct answer *answer;
	struct show_totals totals;
	bool detail;
};

static void status_site(void *arg, const struct show_clock *clock, const struct show_site *site)
{
	struct status_screen *s = arg;

	show_status_site(s->answer, &s->totals, clock, site, s->detail);
}

static int connection_status(struct cmd *c)
{
	struct status_screen s = {.answer = show_begin(c), .detail = cmd_has(c, "detail")};
	int err;

	show_status_begin(s.answer, &s.totals, s.detail);
	err = show_each_site(c, s.detail, status_site, &s);
	if (err) {
		answer_free(s.answer);
		return err;
	}
	show_status_end(s.answer, &s.totals, show_stranger(c), s.detail);
	return show_end(c, s.answer);
}

struct sa_screen {
	struct answer *answer;
	struct show_sa_totals totals;
};

static void sa_site(void *arg, const struct show_clock *clock, const struct show_site *site)
{
	struct sa_screen *s = arg;

	show_sa_site(s->answer, &s->totals, clock, site);
}

static int sa(struct cmd *c)
{
	struct sa_screen s = {.answer = show_begin(c)};
	int err;

	show_sa_begin(s.answer, &s.totals);
	err = show_each_site(c, true, sa_site, &s);
	if (err) {
		answer_free(s.answer);
		return err;
	}
	show_sa_end(s.answer, &s.totals);
	return show_end(c, s.answer);
}

static int statistics(struct cmd *c)
{
	const struct counters *counters = cmd_commands(c)->counters;
	struct gateway *g = show_gateway(c);
	struct answer *a;
	const char *name;
	uint64_t value;
	size_t zero;

	if (!g)
		return ERR_WRONG_STATE;
	a = show_begin(c);
	show_statistics_begin(a, &zero);
	for (size_t i = 0; (name = counters_at(counters, g, i, &value)) != NULL; i++)
		show_statistics_counter(a, &zero, name, value);
	show_statistics_end(a, zero);
	return show_end(c, a);
}

static int clear_statistics(struct cmd *c)
{
	struct gateway *g = show_gateway(c);

	if (!g)
		return ERR_WRONG_STATE;
	counters_clear(cmd_commands(c)->counters, g);
	return 0;
}

static const struct row rows[] = {
	{
		.words = "show ipsec connection-status [site <site>] [detail] [json]",
		.modes = IN_EXEC,
		.handler = connection_status,
		.help = "State of all tunnels, and why one is down",
		.manual = "One line per tunnel with its state, peer, uptime and traffic, and the "
			  "reason when it is not up.  With detail, everything that is known of "
			  "each tunnel: what the peer presented and offered, the SAs, the last "
			  "data, why it last went down, and its last messages with their "
			  "payloads and what came of them.",
	},
	{
		.words = "show ipsec site <site> detail [json]",
		.modes = IN_EXEC,
		.handler = connection_status,
		.help = "Everything that is known of its tunnels, with the last exchanges",
		.manual = "The same as show ipsec connection-status site NAME detail.",
	},
	{
		.words = "show ipsec sa [site <site>] [json]",
		.modes = IN_EXEC,
		.handler = sa,
		.help = "IKE SAs and Child SAs with their SPIs, selectors and counters",
		.manual = "The SAs of each tunnel: SPIs, algorithms, lifetimes, traffic selectors, "
			  "packet and drop counters.",
		.reference = "RFC 7296 section 2.8",
	},
	{
		.words = "show ipsec { statistics | counters } [json]",
		.modes = IN_EXEC,
		.handler = statistics,
		.help = "Counters of the IKE engine and the data plane",
		.manual =
			"All counters by name, since the start of the appliance or the last clear "
			"ipsec statistics.",
	},
	{
		.words = "clear ipsec statistics",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = clear_statistics,
		.help = "Let the counters begin at zero again",
		.manual = "What show ipsec statistics counts from; metrics go on counting.",
	},
};

const struct row_table table_show_ipsec = {
	.family = "show ipsec",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
