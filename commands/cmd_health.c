/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well tunnels work: the screen, and what is good enough. */
#include "commands/row.h"
#include "commands/session_state.h"
#include "commands/show_cmd.h"
#include "commands/show_health.h"
#include "platform/base/mem.h"

#include <stdlib.h>

struct screen {
	struct answer *answer;
	struct show_health health;
	struct gateway *gateway;
	struct show_health_points *points; /* of the tunnels of one site */
};

static void site(void *arg, const struct show_clock *clock, const struct show_site *s)
{
	struct screen *screen = arg;

	(void)clock;
	for (size_t i = 0; i < s->status->tunnel_count; i++) {
		struct show_health_points *p = &screen->points[i];
		uint8_t slot = s->status->tunnels[i].slot;

		p->second_count =
			gateway_health_history(screen->gateway, s->status->name, slot,
					       HEALTH_SECONDS, p->seconds, HEALTH_SECONDS_KEPT);
		p->ten_count = gateway_health_history(screen->gateway, s->status->name, slot,
						      HEALTH_TENS, p->tens, HEALTH_TENS_KEPT);
	}
	show_health_site(screen->answer, &screen->health, s, screen->points);
}

static int show_health(struct cmd *c)
{
	struct screen s = {
		.health = {.history = cmd_has(c, "history"),
			   .utf8 = cmd_session(c)->who.utf8,
			   .width = cmd_interactive(c) ? cmd_width(c) : 0},
		.gateway = show_gateway(c),
	};
	int err;

	if (s.gateway == NULL)
		return ERR_WRONG_STATE;
	s.answer = show_begin(c);
	s.points = mem_calloc(SITE_ROLES * SITE_TUNNELS, sizeof(*s.points));
	show_health_begin(s.answer, &s.health);
	err = show_each_site(c, false, site, &s);
	free(s.points);
	if (err != 0) {
		answer_free(s.answer);
		return err;
	}
	show_health_end(s.answer, &s.health);
	return show_end(c, s.answer);
}

static const struct row rows[] = {
	{
		.words = "show ipsec health [site <site>] [history] [json]",
		.modes = IN_EXEC,
		.handler = show_health,
		.help = "Loss, delay and jitter of tunnels, now and over time",
		.manual = "What was measured over the last ten seconds, and the share of new "
			  "flows that each tunnel gets for it; a bar of full height is a score of "
			  "100.  With history: the last minute and the last quarter of an hour "
			  "of each tunnel; a cross is a time when it was down.",
	},
	{
		.words = "link-sla loss <sla-loss>",
		.no_words = "link-sla loss [<sla-loss>]",
		.modes = IN_SITE,
		.fields = {FIELD("sla-loss", struct site_config, sla_loss_percent)},
		.help = "Loss above which new flows avoid a tunnel",
		.manual = "A tunnel that loses more counts as degraded: new flows avoid it while "
			  "there is a better one in its HA role.",
	},
	{
		.words = "link-sla jitter <sla-jitter>",
		.no_words = "link-sla jitter [<sla-jitter>]",
		.modes = IN_SITE,
		.fields = {FIELD("sla-jitter", struct site_config, sla_jitter_ms)},
		.help = "Jitter above which new flows avoid a tunnel",
		.manual = "A tunnel whose delay varies more counts as degraded.",
	},
	{
		.words = "link-sla latency <sla-latency>",
		.no_words = "link-sla latency [<sla-latency>]",
		.modes = IN_SITE,
		.fields = {FIELD("sla-latency", struct site_config, sla_latency_ms)},
		.help = "Round trip above which new flows avoid a tunnel",
		.manual = "A tunnel whose round trip takes longer counts as degraded.",
	},
};

const struct row_table table_health = {
	.family = "health of tunnels",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
