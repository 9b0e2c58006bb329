/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Screens of PoPs and accounts.
 *
 * JSON: {"pops":[{name, state ("up", "shutdown", "no-address", "address-lost"), addresses,
 * latitude, longitude, sites, tunnelsUp}]}; {"accounts":[{name, addresses [{address, pop}],
 * vpnUserRange, sites, table (null: main)}], sameNetworks ("tables", "refused"),
 * sameNetworksReason}
 */
#include "commands/config.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct answer_column pop_columns[] = {
	{"PoP", true},	     {"State", false}, {"Addresses", false},
	{"Location", false}, {"Sites", false}, {"Tunnels up", false},
};

static const struct answer_column account_columns[] = {
	{"Account", true},    {"Address", false}, {"PoP", true},
	{"VPN users", false}, {"Sites", false},	  {"Routing table", false},
};

struct usage {
	unsigned sites, tunnels_up;
};

/* Sites that use the PoP, and their tunnels that are up. */
static struct usage usage_of(struct cmd *c, const struct pop *p)
{
	struct gateway *g = commands_gateway(cmd_commands(c));
	struct site_status *s = mem_zalloc(sizeof(*s));
	struct usage u = {0};

	for (size_t i = 0; g != NULL && gateway_site_at(g, i, s) == 0; i++) {
		bool here = false;

		for (size_t k = 0; k < s->tunnel_count; k++) {
			if (strcmp(s->tunnels[k].pop, p->name) != 0)
				continue;
			here = true;
			u.tunnels_up += s->tunnels[k].state == TUNNEL_UP;
		}
		u.sites += here;
	}
	free(s);
	return u;
}

static bool has_lost(struct cmd *c, const struct pop *p)
{
	struct gateway *g = commands_gateway(cmd_commands(c));
	const struct pop *live = g == NULL ? NULL : pops_find(gateway_pops(g), p->name);

	return live != NULL && live->lost != 0;
}

static void show_pop(struct cmd *c, struct answer *a, const struct pop *p)
{
	struct usage u = usage_of(c, p);
	struct strbuf list;
	char text[IP_TEXT_MAX];

	strbuf_init(&list);
	answer_object(a, NULL);
	answer_row(a);
	answer_text(a, "name", "PoP", p->name);
	answer_text(a, "state", "State",
		    p->shutdown		    ? "shutdown"
		    : p->address_count == 0 ? "no-address"
		    : has_lost(c, p)	    ? "address-lost"
					    : "up");
	answer_array(a, "addresses");
	for (uint32_t i = 0; i < p->address_count; i++) {
		ip_addr_text(&p->addresses[i], text, sizeof(text));
		answer_text(a, NULL, NULL, text);
		strbuf_printf(&list, "%s%s", i == 0 ? "" : ", ", text);
	}
	answer_array_end(a);
	answer_show(a, "Addresses", "%s", list.len == 0 ? "-" : list.text);
	if (p->latitude[0] != '\0')
		answer_show(a, "Location", "%s %s", p->latitude, p->longitude);
	answer_text(a, "latitude", NULL, p->latitude);
	answer_text(a, "longitude", NULL, p->longitude);
	answer_number(a, "sites", "Sites", u.sites);
	answer_number(a, "tunnelsUp", "Tunnels up", u.tunnels_up);
	answer_object_end(a);
	strbuf_clear(&list);
}

static int show_pops(struct cmd *c)
{
	const struct pop_list *l = &commands_running(cmd_commands(c))->cloud.pops;
	const char *name = cmd_text(c, "pop");
	struct answer *a;

	if (name != NULL && pops_find(l, name) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no PoP %s", name);
	a = show_begin(c);
	answer_array(a, "pops");
	answer_table(a, pop_columns, ARRAY_LEN(pop_columns));
	for (size_t i = 0; i < l->count; i++) {
		if (name == NULL || strcmp(name, l->items[i].name) == 0)
			show_pop(c, a, &l->items[i]);
	}
	answer_table_end(a);
	answer_array_end(a);
	if (l->count == 0)
		answer_line(a, "No PoP is configured: tunnels end at any own address.");
	return show_end(c, a);
}

/* What happens where two accounts have the same networks. */
static void show_overlap(struct answer *a, const struct gateway *g)
{
	const char *problem = g == NULL ? "" : gateway_overlap_problem(g);

	answer_text(a, "sameNetworks", NULL, problem[0] == '\0' ? "tables" : "refused");
	answer_text(a, "sameNetworksReason", NULL, problem);
	if (problem[0] == '\0')
		answer_line(a, "Two accounts may have the same networks: each then has a routing "
			       "table of its own.");
	else
		answer_line(a, "Two accounts cannot have the same networks on this kernel: %s",
			    problem);
}

static void show_table(struct answer *a, uint32_t table)
{
	if (table == 0) {
		answer_null(a, "table");
		answer_show(a, "Routing table", "main");
	} else {
		answer_number(a, "table", "Routing table", table);
	}
}

static void show_account(struct answer *a, const struct gateway *g, const struct config *config,
			 const struct account *x)
{
	char text[IP_TEXT_MAX];
	uint64_t sites = 0;

	for (size_t i = 0; i < config->count; i++)
		sites += strcmp(config->sites[i]->account, x->name) == 0;
	answer_object(a, NULL);
	answer_row(a);
	answer_text(a, "name", "Account", x->name);
	answer_text(a, "vpnUserRange", "VPN users",
		    x->vpn_users.addr.family == IP_NONE
			    ? "10.41.0.0/16"
			    : ip_prefix_text(&x->vpn_users, text, sizeof(text)));
	answer_number(a, "sites", "Sites", sites);
	show_table(a, g == NULL ? 0 : gateway_account_table(g, x->name));
	answer_array(a, "addresses");
	for (uint32_t i = 0; i < x->address_count; i++) {
		if (i > 0)
			answer_row(a);
		answer_object(a, NULL);
		answer_text(a, "address", "Address",
			    ip_addr_text(&x->addresses[i].addr, text, sizeof(text)));
		answer_text(a, "pop", "PoP", x->addresses[i].pop);
		answer_object_end(a);
	}
	answer_array_end(a);
	answer_object_end(a);
}

static int show_accounts(struct cmd *c)
{
	const struct config *config = commands_running(cmd_commands(c));
	const struct account_list *l = &config->cloud.accounts;
	const char *name = cmd_text(c, "account");
	struct answer *a;

	if (name != NULL && accounts_find(l, name) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no account %s", name);
	a = show_begin(c);
	answer_array(a, "accounts");
	answer_table(a, account_columns, ARRAY_LEN(account_columns));
	for (size_t i = 0; i < l->count; i++) {
		if (name == NULL || strcmp(name, l->items[i].name) == 0)
			show_account(a, commands_gateway(cmd_commands(c)), config, &l->items[i]);
	}
	answer_table_end(a);
	answer_array_end(a);
	if (l->count == 0)
		answer_line(a, "No account is configured.");
	show_overlap(a, commands_gateway(cmd_commands(c)));
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "show ipsec pop [<pop>] [json]",
		.modes = IN_EXEC,
		.handler = show_pops,
		.help = "Points of presence",
		.manual = "One line per PoP: state, addresses, and what uses it.",
	},
	{
		.words = "show account [<account>] [json]",
		.modes = IN_EXEC,
		.handler = show_accounts,
		.help = "Accounts and their addresses",
		.manual = "Accounts with the addresses that are allocated to them, and the routing "
			  "table "
			  "of their sites: accounts with the same networks have one of their own.",
	},
};

const struct row_table table_show_pop = {
	.family = "show pop and account",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
