/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers and rows of the `show ipsec` commands that look at the configuration of sites. */
#include "commands/config.h"
#include "commands/row.h"
#include "commands/service_routes.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <stdlib.h>

/* The configuration of <site>; NULL after it said that there is none. */
static const struct site_config *named_site(struct cmd *c)
{
	const char *name = cmd_text(c, "site");
	const struct site_config *site = config_site(commands_running(cmd_commands(c)), name);

	if (!site)
		(void)cmd_fail(c, ERR_NOT_FOUND, "Site %s is not configured", name);
	return site;
}

/* What the gateway knows of it; false when it does not know it yet. */
static bool status_of(struct cmd *c, const char *name, struct site_status *status)
{
	struct gateway *g = commands_gateway(cmd_commands(c));

	return g && gateway_site_find(g, name, status) == 0;
}

static int site_full(struct cmd *c)
{
	const struct site_config *config = named_site(c);
	struct site_status *status;
	struct show_site site = {.config = config};
	struct answer *a;

	if (!config)
		return ERR_NOT_FOUND;
	status = mem_zalloc(sizeof(*status));
	if (status_of(c, config->name, status))
		site.status = status;
	a = show_begin(c);
	answer_array(a, "sites");
	show_site_full(a, &site);
	answer_array_end(a);
	free(status);
	return show_end(c, a);
}

static int site_list(struct cmd *c)
{
	const struct config *running = commands_running(cmd_commands(c));
	struct site_status *status;
	struct answer *a;

	if (cmd_text(c, "site"))
		return site_full(c);
	status = mem_zalloc(sizeof(*status));
	a = show_begin(c);
	show_site_list_begin(a);
	for (size_t i = 0; i < running->count; i++) {
		struct show_site site = {.config = running->sites[i]};

		if (status_of(c, site.config->name, status))
			site.status = status;
		show_site_list_site(a, &site);
	}
	show_site_list_end(a, running->count);
	free(status);
	return show_end(c, a);
}

static int worksheet(struct cmd *c)
{
	const struct site_config *config = named_site(c);
	struct service_routes routes;
	struct answer *a;

	if (!config)
		return ERR_NOT_FOUND;
	service_routes(commands_running(cmd_commands(c)), config, &routes);
	a = show_begin(c);
	show_worksheet(a, config, &routes);
	return show_end(c, a);
}

static int parameters(struct cmd *c)
{
	const struct site_config *config = NULL;
	struct answer *a;

	if (cmd_text(c, "site")) {
		config = named_site(c);
		if (!config)
			return ERR_NOT_FOUND;
	}
	a = show_begin(c);
	show_parameters(a, config);
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "show ipsec site [<site>] [json]",
		.modes = IN_EXEC,
		.handler = site_list,
		.help = "Configured sites",
		.manual =
			"One line per site, or everything about one: how it connects, its "
			"parameters, the traffic selectors that follow, and its tunnels with what "
			"they still lack.",
	},
	{
		.words = "show ipsec site <site> peer-worksheet [json]",
		.modes = IN_EXEC,
		.handler = worksheet,
		.help = "What the operator of the peer has to configure",
		.manual = "Addresses, identities, algorithms, lifetimes, traffic selectors, routes "
			  "and notes, in the peer's view and without keys, to hand over to whoever "
			  "configures the other side.",
	},
	{
		.words = "show ipsec parameters [site <site>] [json]",
		.modes = IN_EXEC,
		.handler = parameters,
		.help = "Protocol parameters with defaults and what is allowed",
		.manual =
			"Algorithms, timers and lifetimes in effect for a site, or of a site that "
			"sets none of its own, and those that cannot be changed.",
		.reference = "RFC 7296 section 2.10",
	},
};

const struct row_table table_show_site = {
	.family = "show ipsec site",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
