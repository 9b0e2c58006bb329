/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handlers and rows of the commands that act on running tunnels. */
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A command, and what became of it on the tunnels that the line names. */
struct attempt {
	enum ike_command what;
	unsigned done;
	struct err_msg first; /* refusal */
};

static void try_slot(struct gateway *g, const char *site, uint8_t slot, struct attempt *try)
{
	struct err_msg e = {0};
	int err = gateway_command(g, site, slot, try->what, &e);

	if (!err) {
		try->done++;
	} else if (!try->first.code) {
		try->first = e;
		try->first.code = err;
	}
}

/* All tunnels of a role, or the one with the number. */
static int try_role(struct cmd *c, struct gateway *g, const char *site, enum site_role role,
		    struct attempt *try)
{
	unsigned number = cmd_u32(c, "tunnel-number", 0), present = 0;
	struct site_status *s = mem_zalloc(sizeof(*s));
	int err = gateway_site_find(g, site, s);

	for (size_t i = 0; !err && i < s->tunnel_count; i++) {
		if (s->tunnels[i].role != role || (number && s->tunnels[i].index != number))
			continue;
		present++;
		try_slot(g, site, s->tunnels[i].slot, try);
	}
	free(s);
	if (err)
		return cmd_fail(c, err, "Site %s is not configured", site);
	if (present == 0 && number)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s has no tunnel %s %u", site,
				site_role_name(role), number);
	if (present == 0)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s has no %s tunnel", site,
				site_role_name(role));
	return 0;
}

/* "site NAME [primary|secondary [<1-3>]]".  Fine when one tunnel at least took the command. */
static int on_site(struct cmd *c, enum ike_command what)
{
	struct gateway *g = show_gateway(c);
	const char *site = cmd_text(c, "site"), *role = cmd_text(c, "role");
	struct attempt try = {.what = what};
	int err = 0;

	if (!g)
		return ERR_WRONG_STATE;
	if (role && strcmp(role, site_role_name(SITE_PRIMARY)) == 0)
		err = try_role(c, g, site, SITE_PRIMARY, &try);
	else if (role)
		err = try_role(c, g, site, SITE_SECONDARY, &try);
	else
		try_slot(g, site, 0, &try);
	if (err || try.done > 0)
		return err;
	if (try.first.text[0])
		return cmd_fail(c, try.first.code, "%s", try.first.text);
	return cmd_fail(c, try.first.code, "Site %s is not configured", site);
}

static int initiate(struct cmd *c)
{
	return on_site(c, IKE_CMD_INITIATE);
}

static int terminate(struct cmd *c)
{
	return on_site(c, IKE_CMD_TERMINATE);
}

static int rekey(struct cmd *c)
{
	return on_site(c, cmd_has(c, "ike") ? IKE_CMD_REKEY_IKE : IKE_CMD_REKEY_CHILD);
}

static int clear_sa(struct cmd *c)
{
	struct attempt try = {.what = IKE_CMD_CLEAR};
	struct site_status *s;
	struct gateway *g;

	if (!cmd_has(c, "all"))
		return on_site(c, IKE_CMD_CLEAR);
	g = show_gateway(c);
	if (!g)
		return ERR_WRONG_STATE;
	s = mem_zalloc(sizeof(*s));
	for (size_t i = 0; gateway_site_at(g, i, s) == 0; i++)
		try_slot(g, s->name, 0, &try); /* sites without an SA have nothing to clear */
	free(s);
	return 0;
}

#define TUNNELS "site <site> [<role> [<tunnel-number>]]"

static const struct row rows[] = {
	{
		.words = "ipsec initiate " TUNNELS,
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = initiate,
		.help = "Bring tunnels up now",
		.manual =
			"Starts an attempt at once, also on a tunnel that was terminated before.  "
			"Without a role all tunnels of the site, without a number all of the "
			"role.  A tunnel whose site is responder-only cannot be initiated.",
		.reference = "RFC 7296 section 1.2",
	},
	{
		.words = "ipsec terminate " TUNNELS,
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = terminate,
		.help = "Delete the SAs of tunnels and keep them down",
		.manual = "Deletes the SAs, tells the peer, and refuses its new attempts until "
			  "ipsec initiate or a restart.",
		.reference = "RFC 7296 section 1.4.1",
	},
	{
		.words = "ipsec rekey " TUNNELS " [ike]",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = rekey,
		.help = "Exchange the keys of tunnels now",
		.manual = "Rekeys the Child SAs, with ike the IKE SA instead.  No packet is lost.",
		.reference = "RFC 7296 section 2.8",
	},
	{
		.words = "clear ipsec sa { all | " TUNNELS " }",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = clear_sa,
		.help = "Delete SAs; tunnels come back as they are configured",
		.manual = "Deletes the SAs and tells the peer.  Tunnels that initiate come back by "
			  "themselves, others when their peer initiates.",
		.reference = "RFC 7296 section 1.4.1",
	},
};

const struct row_table table_ipsec_exec = {
	.family = "ipsec",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
