/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show qos`: what caps the traffic to a site, and what is in force of it.
 *
 * JSON: {"sites":[{site, downstreamMbps, upstreamMbps, inForceMbps (null: no cap), priorities,
 * effective, tunnels [{role, index, name, downstreamMbps, upstreamMbps, inForceMbps}...]}...]}
 */
#include "commands/cmd_site.h"
#include "commands/config.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <string.h>

static const struct answer_column columns[] = {
	{"Site", true},		  {"Tunnel", false},
	{"Name", true},		  {"Downstream Mbps", false},
	{"Upstream Mbps", false}, {"In force", false},
	{"Priorities", false},
};

static void rate(struct answer *a, const char *key, const char *label, uint32_t mbps)
{
	if (mbps != 0)
		answer_number(a, key, label, mbps);
	else
		answer_text(a, key, label, NULL);
}

static void tunnel(struct answer *a, const struct site_config *s, unsigned slot0,
		   const struct net_shape *shape)
{
	enum site_role role = (enum site_role)(slot0 / SITE_TUNNELS);
	const struct tunnel_config *t = &s->tunnels[role][slot0 % SITE_TUNNELS];

	if (!t->present)
		return;
	answer_object(a, NULL);
	answer_row(a);
	answer_show(a, "Site", "%s", s->name);
	answer_text(a, "role", NULL, site_role_name(role));
	answer_number(a, "index", NULL, slot0 % SITE_TUNNELS + 1);
	answer_show(a, "Tunnel", "%s %u", site_role_name(role), slot0 % SITE_TUNNELS + 1);
	answer_text(a, "name", "Name", t->name);
	rate(a, "downstreamMbps", "Downstream Mbps", t->last_mile_down);
	rate(a, "upstreamMbps", "Upstream Mbps", t->last_mile_up);
	rate(a, "inForceMbps", "In force", shape->tunnel_mbps[slot0]);
	answer_show(a, "Priorities", "-");
	answer_object_end(a);
}

/* Warnings of all sites that are shown. */
static bool is_effective(const struct site_config *s, struct strbuf *notes)
{
	size_t before = notes->len;

	site_note_bandwidth(s, notes);
	return notes->len == before;
}

static void site(struct cmd *c, struct answer *a, const struct site_config *s, struct strbuf *notes)
{
	struct gateway *g = commands_gateway(cmd_commands(c));
	struct net_shape shape;

	memset(&shape, 0, sizeof(shape));
	if (g != NULL)
		gateway_site_shape(g, s->name, &shape);
	answer_object(a, NULL);
	answer_row(a);
	answer_text(a, "site", "Site", s->name);
	answer_show(a, "Tunnel", "all");
	answer_show(a, "Name", "-");
	rate(a, "downstreamMbps", "Downstream Mbps", s->bandwidth_down);
	rate(a, "upstreamMbps", NULL, s->bandwidth_up);
	if (s->bandwidth_up != 0)
		answer_show(a, "Upstream Mbps", "%" PRIu32 " (best effort)", s->bandwidth_up);
	else
		answer_show(a, "Upstream Mbps", "-");
	rate(a, "inForceMbps", "In force", shape.site_mbps);
	answer_number(a, "priorities", "Priorities", shape.bands);
	answer_bool(a, "effective", NULL, is_effective(s, notes));
	answer_array(a, "tunnels");
	for (unsigned i = 0; i < DP_SLOTS; i++)
		tunnel(a, s, i, &shape);
	answer_array_end(a);
	answer_object_end(a);
}

static int show_qos(struct cmd *c)
{
	const struct config *running = commands_running(cmd_commands(c));
	const char *only = cmd_text(c, "site");
	struct strbuf notes;
	struct answer *a;

	if (only != NULL && config_site(running, only) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s is not configured", only);
	strbuf_init(&notes);
	a = show_begin(c);
	answer_array(a, "sites");
	answer_table(a, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < running->count; i++) {
		if (only == NULL || strcmp(running->sites[i]->name, only) == 0)
			site(c, a, running->sites[i], &notes);
	}
	answer_table_end(a);
	answer_array_end(a);
	if (running->count == 0)
		answer_line(a, "No site is configured.");
	if (notes.len != 0)
		answer_line(a, "%.*s", (int)notes.len - 1, notes.text);
	strbuf_clear(&notes);
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "show qos [site <site>] [json]",
		.modes = IN_EXEC,
		.handler = show_qos,
		.help = "Caps of bandwidth, and what is in force of them",
		.manual = "What bandwidth and last-mile-bandwidth say of each site and tunnel, and "
			  "the rate that its packets are held to now.  Downstream is towards the "
			  "site; upstream is best effort.  Priorities are those of network rules.",
	},
};

const struct row_table table_show_qos = {
	.family = "show qos",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
