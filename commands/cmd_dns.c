/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of tunnels' destinations: zone, name server, new names.
 *
 * JSON of show dns: {"zone", "listen", "running", "problem", "names":[{site, role, index, fqdn,
 *   state ("settling", "published", "unavailable"), pop, address}], "counters":{udp, tcp, answered,
 *   nxdomain, refused, malformed, unsupported, failed, limited}}
 */
#include "commands/config_line.h"
#include "commands/fqdn.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/show_cmd.h"
#include "commands/writer.h"
#include "dataplane/site/names.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define ZONE_MAX 96 /* with room for the names below it */

static bool is_zone(const char *text)
{
	size_t label = 0;

	for (const char *p = text; *p != '\0'; p++) {
		bool dot = *p == '.';

		if (dot ? label == 0 : !isalnum((unsigned char)*p) && *p != '-')
			return false;
		label = dot ? 0 : label + 1;
		if (label >= DNS_LABEL_MAX)
			return false;
	}
	return label != 0;
}

static int set_zone(struct config_line *l, struct err_msg *e)
{
	const char *text = config_arg(l, "dns-zone")->text;

	if (!is_zone(text))
		return err_set(e, ERR_INVALID,
			       "dns zone %s: allowed is a domain name of letters, digits and "
			       "hyphens, such as ipsec.example.net",
			       text);
	memset(l->box->dns_zone, 0, sizeof(l->box->dns_zone));
	snprintf(l->box->dns_zone, sizeof(l->box->dns_zone), "%s", text);
	return 0;
}

static int unset_zone(struct config_line *l, struct err_msg *e)
{
	(void)e;
	memset(l->box->dns_zone, 0, sizeof(l->box->dns_zone));
	return 0;
}

static void write_zone(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;

	(void)row;
	if (b->dns_zone[0] != '\0')
		writer_line(w, "dns zone %s", b->dns_zone);
	else if (w->all)
		writer_line(w, "no dns zone");
}

static int set_listen(struct config_line *l, struct err_msg *e)
{
	const char *text = config_arg(l, "dns-address")->text;
	struct ip_endpoint at;

	memset(&at, 0, sizeof(at));
	if (ip_addr_parse(text, &at.addr) == 0)
		at.port = DNS_PORT;
	else if (ip_endpoint_parse(text, &at) != 0)
		return err_set(e, ERR_INVALID,
			       "dns listen %s: allowed is ADDRESS or ADDRESS:PORT, such as "
			       "203.0.113.10 or [2001:db8::1]:5353",
			       text);
	l->box->dns_listen = at;
	return 0;
}

static int unset_listen(struct config_line *l, struct err_msg *e)
{
	(void)e;
	memset(&l->box->dns_listen, 0, sizeof(l->box->dns_listen));
	return 0;
}

static void write_listen(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;
	char text[IP_TEXT_MAX];

	(void)row;
	if (!ip_addr_is_set(&b->dns_listen.addr)) {
		if (w->all)
			writer_line(w, "no dns listen");
	} else if (b->dns_listen.port == DNS_PORT) {
		writer_line(w, "dns listen %s",
			    ip_addr_text(&b->dns_listen.addr, text, sizeof(text)));
	} else {
		writer_line(w, "dns listen %s",
			    ip_endpoint_text(&b->dns_listen, text, sizeof(text)));
	}
}

/* ---- New names --------------------------------------------------------------------------------
 */

static int regenerate(struct cmd *c)
{
	const char *name = cmd_text(c, "site"), *role_name = cmd_text(c, "role");
	enum site_role role = strcmp(role_name, "primary") == 0 ? SITE_PRIMARY : SITE_SECONDARY;
	unsigned index0 = cmd_u32(c, "tunnel-number", 1) - 1;
	struct err_msg e = {.code = 0};
	int r = fqdn_renew(cmd_commands(c), name, role, index0, &e);

	if (r != 0)
		return cmd_fail(c, r, "%s", e.text);
	cmd_print(c, "The new name is %s; it is settling for 3 minutes\n",
		  config_site(commands_running(cmd_commands(c)), name)->tunnels[role][index0].fqdn);
	return 0;
}

/* ---- Show -------------------------------------------------------------------------------------
 */

static const struct answer_column columns[] = {
	{"Name", false},  {"Site", true}, {"Tunnel", false},
	{"State", false}, {"PoP", true},  {"Address", false},
};

static void show_name(struct answer *a, const struct pop_list *pops, const struct site_config *s,
		      enum site_role role, unsigned index0)
{
	const struct tunnel_config *t = &s->tunnels[role][index0];
	const struct pop *p = pop_of_role(pops, s, role);
	bool usable = p != NULL && pop_in_service(p);
	bool settling = t->fqdn_made_ms != 0 && loop_wall_ms() < t->fqdn_made_ms + NAMES_SETTLE_MS;
	char text[IP_TEXT_MAX];

	answer_object(a, NULL);
	answer_row(a);
	answer_show(a, "Tunnel", "%s %u", site_role_name(role), index0 + 1);
	answer_text(a, "fqdn", "Name", t->fqdn);
	answer_text(a, "site", "Site", s->name);
	answer_text(a, "role", NULL, site_role_name(role));
	answer_number(a, "index", NULL, index0 + 1);
	answer_text(a, "state", "State",
		    !usable    ? "unavailable"
		    : settling ? "settling"
			       : "published");
	answer_text(a, "pop", "PoP", usable ? p->name : NULL);
	answer_text(a, "address", "Address",
		    usable ? ip_addr_text(&p->addresses[0], text, sizeof(text)) : NULL);
	answer_object_end(a);
}

static void show_names(struct answer *a, const struct config *config, const struct pop_list *pops)
{
	answer_array(a, "names");
	answer_table(a, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < config->count; i++) {
		for (unsigned k = 0; k < SITE_ROLES * SITE_TUNNELS; k++) {
			const struct tunnel_config *t =
				&config->sites[i]->tunnels[k / SITE_TUNNELS][k % SITE_TUNNELS];

			if (t->present && t->fqdn[0] != '\0')
				show_name(a, pops, config->sites[i],
					  (enum site_role)(k / SITE_TUNNELS), k % SITE_TUNNELS);
		}
	}
	answer_table_end(a);
	answer_array_end(a);
}

static void show_counters(struct answer *a, const struct dns_counters *n)
{
	answer_object(a, "counters");
	answer_number(a, "udp", NULL, n->udp);
	answer_number(a, "tcp", NULL, n->tcp);
	answer_number(a, "answered", NULL, n->answered);
	answer_number(a, "nxdomain", NULL, n->nxdomain);
	answer_number(a, "refused", NULL, n->refused);
	answer_number(a, "malformed", NULL, n->malformed);
	answer_number(a, "unsupported", NULL, n->unsupported);
	answer_number(a, "failed", NULL, n->failed);
	answer_number(a, "limited", NULL, n->limited);
	answer_object_end(a);
	answer_line(a,
		    "Queries: %llu UDP, %llu TCP; answered %llu, no such name %llu, refused "
		    "%llu, malformed %llu, limited %llu",
		    (unsigned long long)n->udp, (unsigned long long)n->tcp,
		    (unsigned long long)n->answered, (unsigned long long)n->nxdomain,
		    (unsigned long long)n->refused, (unsigned long long)n->malformed,
		    (unsigned long long)n->limited);
}

static int show_dns(struct cmd *c)
{
	const struct config *config = commands_running(cmd_commands(c));
	struct gateway *g = show_gateway(c);
	struct gateway_dns_status st;
	char text[IP_TEXT_MAX];
	struct answer *a;

	if (g == NULL)
		return ERR_WRONG_STATE;
	gateway_dns_status(g, &st);
	a = show_begin(c);
	answer_text(a, "zone", NULL, config->box.dns_zone);
	ip_endpoint_text(&config->box.dns_listen, text, sizeof(text));
	answer_text(a, "listen", NULL, ip_addr_is_set(&config->box.dns_listen.addr) ? text : NULL);
	answer_bool(a, "running", NULL, st.running);
	answer_text(a, "problem", NULL, st.problem);
	if (st.running)
		answer_line(a, "The name server of %s is running at %s", config->box.dns_zone,
			    text);
	else
		answer_line(a, "The name server is off%s%s", st.problem[0] == '\0' ? "" : ": ",
			    st.problem[0] == '\0' ? "" : st.problem);
	show_names(a, config, gateway_pops(g));
	show_counters(a, &st.counters);
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "dns zone <dns-zone>",
		.modes = IN_CONFIG,
		.no_words = "dns zone [<rest>]",
		.set = set_zone,
		.unset = unset_zone,
		.write = write_zone,
		.help = "Zone that the names of destinations are in",
		.manual = "Tunnels whose role has destination fqdn get a random name in this "
			  "zone.  The zone above delegates it to the address of dns listen.",
		.reference = "RFC 1034",
	},
	{
		.words = "dns listen <dns-address>",
		.modes = IN_CONFIG,
		.no_words = "dns listen [<rest>]",
		.set = set_listen,
		.unset = unset_listen,
		.write = write_listen,
		.help = "Address of the name server of the zone",
		.manual =
			"Where the appliance answers queries for the zone, over UDP and TCP: "
			"each name with the address of the PoP that its tunnel shall use now, for "
			"30 seconds.  Without it no queries are answered.",
		.reference = "RFC 1035, RFC 6891",
	},
	{
		.words = "ipsec regenerate fqdn site <site> <role> <tunnel-number>",
		.modes = IN_EXEC,
		.privilege = 15,
		.handler = regenerate,
		.help = "A new name for the destination of a tunnel",
		.manual = "Gives the destination of a tunnel a new random name; the peer has to be "
			  "told.  Save the configuration afterwards.",
	},
	{
		.words = "show dns [json]",
		.modes = IN_EXEC,
		.handler = show_dns,
		.help = "Names of destinations and the name server",
		.manual =
			"The name server, and each name with the PoP and address that it stands "
			"for now.  A new name is settling for 3 minutes before it should be given "
			"to the peer.",
	},
};

const struct row_table table_dns = {
	.family = "names of destinations",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
