/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec site`: what is configured, and what follows from it.
 *
 * JSON: {"sites":[SITE...]}
 *	SITE	name, state ("connected", "down"), device, type, country, countryState,
 *		licenseMbps, nativeRange, connectionMode, initiateConnection, identifier,
 *		bandwidthDownMbps, bandwidthUpMbps, localTs [range...], peerTs [range...],
 *		tunnels [TUNNEL...]
 *	TUNNEL	role, index, name, wanRole, publicIp, peerId, state, missing
 */
#include "commands/show.h"
#include "commands/show_names.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct answer_column site_columns[] = {
	{"Site", false}, {"State", false},   {"Tunnels up", false},   {"Type", false},
	{"Mode", false}, {"Peer ID", false}, {"Native range", false}, {"Device", false},
};

static const struct answer_column tunnel_columns[] = {
	{"HA role", false}, {"#", false},    {"Name", true},	 {"WAN role", false},
	{"State", false},   {"Peer", false}, {"Peer ID", false}, {"Lacks", false},
};

/* Tunnels that are up, and all of the configuration. */
static void count_tunnels(const struct show_site *site, unsigned *up, unsigned *all)
{
	*up = *all = 0;
	for (unsigned r = 0; r < SITE_ROLES; r++)
		for (unsigned i = 0; i < SITE_TUNNELS; i++)
			*all += site->config->tunnels[r][i].present ? 1 : 0;
	for (size_t i = 0; site->status && i < site->status->tunnel_count; i++)
		*up += site->status->tunnels[i].state == TUNNEL_UP ? 1 : 0;
}

static void number_or_null(struct answer *a, const char *key, uint32_t value)
{
	if (value)
		answer_number(a, key, NULL, value);
	else
		answer_null(a, key);
}

static void selector_array(struct answer *a, const char *key, const struct ike_ts_list *list)
{
	char text[IP_RANGE_TEXT_MAX];

	answer_array(a, key);
	for (size_t i = 0; i < list->count; i++)
		answer_text(a, NULL, NULL, ip_range_text(&list->ts[i].range, text, sizeof(text)));
	answer_array_end(a);
}

/* What programs read of a site; its tunnels array follows. */
static void site_members(struct answer *a, const struct show_site *site)
{
	const struct site_config *c = site->config;
	struct ike_ts_list local, peer;
	char text[IP_TEXT_MAX];

	answer_text(a, "name", NULL, c->name);
	answer_text(a, "state", NULL,
		    site->status && site->status->connected ? "connected" : "down");
	answer_text(a, "device", NULL, site->status ? site->status->device : NULL);
	answer_text(a, "type", NULL, show_site_type(c->type));
	answer_text(a, "country", NULL, c->country);
	answer_text(a, "countryState", NULL, c->state);
	number_or_null(a, "licenseMbps", c->license_mbps);
	answer_text(a, "nativeRange", NULL,
		    ip_addr_is_set(&c->native_range.addr)
			    ? ip_prefix_text(&c->native_range, text, sizeof(text))
			    : NULL);
	answer_text(a, "connectionMode", NULL, show_connection_mode(c->connection_mode));
	answer_bool(a, "initiateConnection", NULL, c->initiate_connection);
	answer_text(a, "identifier", NULL, show_identifier(c->identifier));
	number_or_null(a, "bandwidthDownMbps", c->bandwidth_down);
	number_or_null(a, "bandwidthUpMbps", c->bandwidth_up);
	site_selectors(c, &local, &peer);
	selector_array(a, "localTs", &local);
	selector_array(a, "peerTs", &peer);
}

static const struct tunnel_status *status_of(const struct show_site *site, enum site_role role,
					     unsigned index)
{
	for (size_t i = 0; site->status && i < site->status->tunnel_count; i++) {
		const struct tunnel_status *t = &site->status->tunnels[i];

		if (t->role == role && t->index == index)
			return t;
	}
	return NULL;
}

static void tunnel(struct answer *a, const struct show_site *site, enum site_role role,
		   unsigned index0, bool table)
{
	const struct site_config *c = site->config;
	const struct tunnel_config *t = &c->tunnels[role][index0];
	const struct tunnel_status *s = status_of(site, role, index0 + 1);
	const char *lacks = site_tunnel_missing(c, role, index0);
	char text[2 * IKE_ID_MAX + 8];

	answer_object(a, NULL);
	if (table)
		answer_row(a);
	answer_text(a, "role", table ? "HA role" : NULL, site_role_name(role));
	answer_number(a, "index", table ? "#" : NULL, index0 + 1);
	answer_text(a, "name", table ? "Name" : NULL, t->name);
	(void)snprintf(text, sizeof(text), "wan%" PRIu32, t->wan_role);
	answer_text(a, "wanRole", table ? "WAN role" : NULL, t->wan_role ? text : NULL);
	(void)ip_addr_text(&t->public_ip, text, sizeof(text));
	answer_text(a, "publicIp", table ? "Peer" : NULL,
		    ip_addr_is_set(&t->public_ip) ? text : NULL);
	answer_text(a, "peerId", table ? "Peer ID" : NULL, show_peer_id(c, t, text, sizeof(text)));
	answer_text(a, "state", NULL, s ? tunnel_state_name(s->state) : NULL);
	if (table)
		answer_show(a, "State", "%s", s ? show_state(s->state, text, sizeof(text)) : "-");
	answer_text(a, "missing", table ? "Lacks" : NULL, lacks);
	answer_object_end(a);
}

static void tunnels(struct answer *a, const struct show_site *site, bool table)
{
	answer_array(a, "tunnels");
	if (table)
		answer_table(a, tunnel_columns, ARRAY_LEN(tunnel_columns));
	for (unsigned r = 0; r < SITE_ROLES; r++)
		for (unsigned i = 0; i < SITE_TUNNELS; i++)
			if (site->config->tunnels[r][i].present)
				tunnel(a, site, (enum site_role)r, i, table);
	if (table)
		answer_table_end(a);
	answer_array_end(a);
}

void show_site_list_begin(struct answer *a)
{
	answer_array(a, "sites");
	answer_table(a, site_columns, ARRAY_LEN(site_columns));
}

void show_site_list_site(struct answer *a, const struct show_site *site)
{
	const struct site_config *c = site->config;
	unsigned up, all;
	char text[IP_TEXT_MAX];

	count_tunnels(site, &up, &all);
	answer_object(a, NULL);
	site_members(a, site);
	answer_row(a);
	answer_show(a, "Site", "%s", c->name);
	answer_show(a, "State", "%s",
		    site->status && site->status->connected ? "connected" : "DOWN");
	answer_show(a, "Tunnels up", "%u of %u", up, all);
	answer_show(a, "Type", "%s", show_site_type(c->type));
	answer_show(a, "Mode", "%s", show_connection_mode(c->connection_mode));
	answer_show(a, "Peer ID", "%s", show_identifier(c->identifier));
	if (ip_addr_is_set(&c->native_range.addr))
		answer_show(a, "Native range", "%s",
			    ip_prefix_text(&c->native_range, text, sizeof(text)));
	answer_text(a, NULL, "Device", site->status ? site->status->device : NULL);
	if (answer_is_json(a))
		tunnels(a, site, false);
	answer_object_end(a);
}

void show_site_list_end(struct answer *a, size_t count)
{
	answer_table_end(a);
	answer_array_end(a);
	if (count == 0)
		answer_line(a, "No site is configured.");
}

/* ---- One site -------------------------------------------------------------------------------- */

static void place_lines(struct answer *a, const struct site_config *c)
{
	if (c->type != SITE_TYPE_NONE)
		answer_show(a, "Type", "%s", show_site_type(c->type));
	if (c->country[0])
		answer_show(a, "Country", "%s%s%s", c->country, c->state[0] ? ", " : "", c->state);
	if (c->license_mbps)
		answer_show(a, "License", "%" PRIu32 " Mbps", c->license_mbps);
	if (c->bandwidth_down || c->bandwidth_up)
		answer_show(a, "Bandwidth",
			    "%" PRIu32 " Mbps downstream, %" PRIu32 " Mbps upstream (best effort)",
			    c->bandwidth_down, c->bandwidth_up);
}

static void connection_lines(struct answer *a, const struct site_config *c)
{
	const char *initiates = "the peer";
	char text[SHOW_PARAMETERS_MAX];

	if (c->connection_mode == SITE_BIDIRECTIONAL)
		initiates = c->initiate_connection ? "both sides"
						   : "the peer, and this side on request";
	answer_show(a, "Connection", "%s, initiated by %s",
		    show_connection_mode(c->connection_mode), initiates);
	answer_show(a, "Peer ID type", "%s", show_identifier(c->identifier));
	answer_show(a, "Init message", "%s",
		    show_parameters_text(&c->init_parameters, true, text, sizeof(text)));
	answer_show(a, "Auth message", "%s",
		    show_parameters_text(&c->auth_parameters, false, text, sizeof(text)));
	answer_show(a, "Timers",
		    "keep-alive %" PRIu32 " s, dead after %" PRIu32 " s, rebuild every %" PRIu32
		    " s",
		    c->keepalive_s, c->dead_s, c->rebuild_s);
	answer_show(a, "Lifetimes", "IKE SA %" PRIu32 " s, Child SA %" PRIu32 " s",
		    c->ike_lifetime_s, c->child_lifetime_s);
}

static void destination_lines(struct answer *a, const struct site_config *c)
{
	static const char *const labels[SITE_ROLES] = {"Destination", ""};
	char text[IP_TEXT_MAX] = "any own address";

	for (unsigned r = 0; r < SITE_ROLES; r++) {
		const struct site_destination *d = &c->destination[r];

		if (d->kind == SITE_DEST_ADDRESS)
			(void)ip_addr_text(&d->addr, text, sizeof(text));
		else
			(void)snprintf(text, sizeof(text), "%s",
				       d->kind == SITE_DEST_FQDN ? "a name per tunnel"
								 : "any own address");
		answer_show(a, labels[r], "%s: %s", site_role_name((enum site_role)r), text);
	}
}

static void network_lines(struct answer *a, const struct site_config *c)
{
	struct ike_ts_list local, peer;
	struct strbuf text;
	char range[IP_RANGE_TEXT_MAX];

	if (ip_addr_is_set(&c->native_range.addr))
		answer_show(a, "Native range", "%s",
			    ip_prefix_text(&c->native_range, range, sizeof(range)));
	for (size_t i = 0; i < c->networks.count; i++)
		answer_show(a, i ? "" : "Networks", "%s %s", c->networks.items[i].label,
			    ip_range_text(&c->networks.items[i].range, range, sizeof(range)));
	for (size_t i = 0; i < c->network_ranges.count; i++)
		answer_show(a, i ? "" : "Network ranges", "%s:%s", c->network_ranges.items[i].label,
			    ip_range_text(&c->network_ranges.items[i].range, range, sizeof(range)));
	site_selectors(c, &local, &peer);
	strbuf_init(&text);
	show_selectors(&local, &peer, &text);
	answer_show(a, "Selectors", "%s%s", text.text,
		    c->network_ranges.count == 0 && c->ts_local.count == 0 ? " (route-based)" : "");
	strbuf_clear(&text);
}

void show_site_full(struct answer *a, const struct show_site *site)
{
	const struct site_config *c = site->config;
	const struct site_status *s = site->status;

	answer_object(a, NULL);
	site_members(a, site);
	answer_line(a, "Site %s: %s%s%s%s", c->name, s && s->connected ? "connected" : "DOWN",
		    s && s->connected ? ", active HA role " : "",
		    s && s->connected ? site_role_name(s->active) : "",
		    s ? "" : " (not applied yet)");
	answer_block(a, 1);
	place_lines(a, c);
	if (s)
		answer_text(a, NULL, "Device", s->device);
	connection_lines(a, c);
	destination_lines(a, c);
	network_lines(a, c);
	answer_block_end(a);
	answer_line(a, "%s", "");
	tunnels(a, site, !answer_is_json(a));
	answer_object_end(a);
}
