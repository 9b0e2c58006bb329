/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers and rows of show bgp and clear bgp.  Routes are asked of BIRD while the line waits. */
#include "commands/config.h"
#include "commands/row.h"
#include "commands/show_bgp.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A line that waits for routes. */
struct wait {
	struct cmd *cmd;
	struct gateway *gateway;
	struct answer *answer;
};

static struct bgp_neighbour_status *collect(const struct gateway *g, const char *site,
					    size_t *count)
{
	struct bgp_neighbour_status *list = NULL;
	struct bgp_neighbour_status one;

	*count = 0;
	for (size_t i = 0; gateway_bgp_at(g, i, &one) == 0; i++) {
		if (site != NULL && strcmp(site, one.site) != 0)
			continue;
		list = mem_realloc_array(list, *count + 1, sizeof(*list));
		list[(*count)++] = one;
	}
	return list;
}

static void finish(void *arg, const struct bgp_route *routes, size_t count, bool all)
{
	struct wait *w = arg;
	struct cmd *c = w->cmd;

	if (routes != NULL)
		show_bgp_routes(w->answer, routes, count, all);
	(void)show_end(c, w->answer);
	free(w);
	cmd_done(c, 0);
}

static void key(struct cmd *c, const char *typed, void *arg)
{
	struct wait *w = arg;

	(void)c;
	if (typed != NULL)
		return;
	gateway_bgp_routes_cancel(w->gateway, w);
	answer_free(w->answer);
	free(w);
}

static int ask_routes(struct cmd *c, struct gateway *g, struct answer *a, const char *site)
{
	struct wait *w = mem_zalloc(sizeof(*w));

	w->cmd = c;
	w->gateway = g;
	w->answer = a;
	if (gateway_bgp_routes(g, site, finish, w) == 0)
		return cmd_work(c, key, w);
	free(w);
	return show_end(c, a);
}

static int show_bgp(struct cmd *c)
{
	struct gateway *g = show_gateway(c);
	const char *site = cmd_text(c, "site");
	struct show_clock clock = show_now(c);
	struct bgp_daemon_status d;
	struct bgp_neighbour_status *list;
	struct answer *a;
	size_t count;

	if (g == NULL)
		return ERR_WRONG_STATE;
	if (site != NULL && config_site(commands_running(cmd_commands(c)), site) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s is not configured", site);
	a = show_begin(c);
	gateway_bgp_daemon(g, &d);
	show_bgp_daemon(a, &d);
	list = collect(g, site, &count);
	show_bgp_neighbours(a, &clock, list, count);
	free(list);
	if (count == 0 || cmd_has(c, "summary"))
		return show_end(c, a);
	return ask_routes(c, g, a, site);
}

static int clear_bgp(struct cmd *c)
{
	struct gateway *g = show_gateway(c);
	const char *role = cmd_text(c, "role");
	struct err_msg e = {.code = 0};
	uint8_t slot = 0;
	int r;

	if (g == NULL)
		return ERR_WRONG_STATE;
	if (role != NULL)
		slot = site_slot(strcmp(role, "primary") == 0 ? SITE_PRIMARY : SITE_SECONDARY,
				 cmd_u32(c, "tunnel-number", 1) - 1);
	r = gateway_bgp_clear(g, cmd_text(c, "site"), slot, &e);
	return r == 0 ? 0 : cmd_fail(c, r, "%s", e.text);
}

static const struct row rows[] = {
	{
		.words = "show bgp [site <site>] [summary] [json]",
		.modes = IN_EXEC,
		.handler = show_bgp,
		.help = "BGP neighbors and the routes that they announce",
		.manual =
			"The state of BIRD, one line per neighbor with why it is not established, "
			"and the routes that peers announce with those that were refused and why; "
			"with summary no routes.",
		.reference = "RFC 4271 section 8",
	},
	{
		.words = "clear bgp site <site> [<role> [<tunnel-number>]]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = clear_bgp,
		.help = "End BGP sessions so that they begin anew",
		.manual = "Ends the BGP sessions of a site, or of one of its tunnels; they begin "
			  "anew at once.",
	},
};

const struct row_table table_show_bgp = {
	.family = "show bgp",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
