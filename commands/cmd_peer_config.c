/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `show ipsec site NAME peer-config PRODUCT [include-secrets]`. */
#include "commands/config.h"
#include "commands/peer_config.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/rtnl.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>

/* Without destination the peer connects to any of our addresses: the one that we would use. */
static void complete_address(struct peer_tunnel *t)
{
	struct err_msg e;
	struct netlink *n;
	struct ip_addr own = {.family = IP_NONE};

	if (t->remote_address[0])
		return;
	(void)snprintf(t->remote_address, sizeof(t->remote_address), "ADDRESS_OF_THIS_APPLIANCE");
	if (!ip_addr_is_set(&t->own_address))
		return;
	n = netlink_open(NETLINK_ROUTE, &e);
	if (!n)
		return;
	if (rtnl_source_for(n, &t->own_address, &own, &e) == 0) {
		(void)ip_addr_text(&own, t->remote_address, sizeof(t->remote_address));
		if (t->remote_id.type == IKE_ID_NONE) {
			t->remote_id.type = ike_id_of_addr(&own).type;
			(void)ip_addr_text(&own, t->remote_id.text, sizeof(t->remote_id.text));
		}
	}
	netlink_close(n);
}

static int show_peer_config(struct cmd *c)
{
	const char *name = cmd_text(c, "site");
	const struct peer_product *product = peer_product(cmd_text(c, "peer-product"));
	const struct site_config *site = config_site(commands_running(cmd_commands(c)), name);
	bool secrets = cmd_has(c, "include-secrets");
	struct service_routes routes;
	struct peer_view *v;
	struct strbuf text;

	if (!site || !product)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s is not configured", name);
	if (secrets && cmd_privilege(c) < 15)
		return cmd_fail(c, ERR_WRONG_STATE, "Keys are shown at privilege 15 only");
	v = mem_zalloc(sizeof(*v));
	service_routes(commands_running(cmd_commands(c)), site, &routes);
	peer_view_of(site, &routes, secrets, v);
	for (size_t i = 0; i < v->count; i++)
		complete_address(&v->tunnels[i]);
	strbuf_init(&text);
	peer_config(product, v, &text);
	cmd_write(c, text.text, text.len);
	strbuf_wipe(&text);
	free(v);
	return 0;
}

static const struct row rows[] = {
	{
		.words = "show ipsec site <site> peer-config <peer-product> [include-secrets]",
		.modes = IN_EXEC,
		.handler = show_peer_config,
		.help = "Configuration of the peer, ready to paste",
		.manual = "The configuration of the other side of all tunnels of the site, in the "
			  "words of its product.  Algorithms that are automatic here become one "
			  "that each product has.  The pre-shared keys are placeholders; with "
			  "include-secrets, which takes privilege 15, they are shown.",
	},
};

const struct row_table table_peer_config = {
	.family = "show ipsec site peer-config",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
