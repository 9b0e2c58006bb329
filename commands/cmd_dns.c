/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of tunnels' destinations: zone, name server, new names.
 *
 * JSON of show dns: {"zone", "listen", "running", "problem", "names":[{site, role, index, fqdn,
 *   state ("settling", "published", "unavailable"), pop, address, rttMicroSec, update ("published",
 *   "waiting", "conflict")}], "update":{server, zone, key, algorithm, state ("off", "ok",
 *   "failing"), reason, detail, fix, since, nextTrySec, published, waiting, conflicts, sent, done,
 *   failed, timeouts}, "counters":{udp, tcp, answered, nxdomain, refused, malformed, unsupported,
 *   failed, limited}}
 */
#include "commands/config_line.h"
#include "commands/fqdn.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/show_cmd.h"
#include "commands/writer.h"
#include "dataplane/site/names.h"
#include "dataplane/site/publish.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"

#include <stdio.h>
#include <string.h>

static int set_zone(struct config_line *l, struct err_msg *e)
{
	const char *text = config_arg(l, "dns-zone")->text;

	if (!dns_is_domain(text))
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
	{"Name", false}, {"Site", true},     {"Tunnel", false}, {"State", false},
	{"PoP", true},	 {"Address", false}, {"RTT", false},	{"Update", false},
};

static void show_name(struct answer *a, const struct gateway *g, const struct site_config *s,
		      enum site_role role, unsigned index0)
{
	const struct tunnel_config *t = &s->tunnels[role][index0];
	uint32_t rtt_us = 0;
	const struct pop *p = gateway_pop_of(g, s->name, role, &rtt_us);
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
	if (rtt_us == 0) {
		answer_null(a, "rttMicroSec");
	} else {
		answer_number(a, "rttMicroSec", NULL, rtt_us);
		answer_show(a, "RTT", "%u.%u ms", rtt_us / 1000, rtt_us / 100 % 10);
	}
	answer_text(a, "update", "Update", gateway_dns_update_state(g, t->fqdn));
	answer_object_end(a);
}

static void show_names(struct answer *a, const struct config *config, const struct gateway *g)
{
	answer_array(a, "names");
	answer_table(a, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < config->count; i++) {
		for (unsigned k = 0; k < SITE_ROLES * SITE_TUNNELS; k++) {
			const struct tunnel_config *t =
				&config->sites[i]->tunnels[k / SITE_TUNNELS][k % SITE_TUNNELS];

			if (t->present && t->fqdn[0] != '\0')
				show_name(a, g, config->sites[i],
					  (enum site_role)(k / SITE_TUNNELS), k % SITE_TUNNELS);
		}
	}
	answer_table_end(a);
	answer_array_end(a);
}

static void show_problem(struct answer *a, const struct dns_updater_status *st, bool on,
			 const struct show_clock *clock)
{
	const struct dns_update_row *row = dns_update_row(st->problem);
	bool failing = st->problem != DNS_UPDATE_DONE;
	uint64_t next_s = failing ? (show_left_ms(clock, st->next_ms) + 999) / 1000 : 0;

	answer_text(a, "state", NULL, !on ? "off" : failing ? "failing" : "ok");
	answer_text(a, "reason", NULL, failing ? row->name : NULL);
	answer_text(a, "detail", NULL, failing ? row->what : NULL);
	answer_text(a, "fix", NULL, failing ? row->fix : NULL);
	answer_time(a, "since", failing ? show_wall_ms(clock, st->since_ms) : 0);
	answer_number(a, "nextTrySec", NULL, next_s);
	if (!failing)
		return;
	answer_line(a, "Updates fail, %s: %s; next try in %llu s", row->name, row->what,
		    (unsigned long long)next_s);
	answer_line(a, " %s", row->fix);
}

static void show_update_counts(struct answer *a, const struct dns_updater_status *st, bool on)
{
	answer_number(a, "published", NULL, st->published);
	answer_number(a, "waiting", NULL, st->waiting);
	answer_number(a, "conflicts", NULL, st->conflicts);
	answer_number(a, "sent", NULL, st->counts.sent);
	answer_number(a, "done", NULL, st->counts.done);
	answer_number(a, "failed", NULL, st->counts.failed);
	answer_number(a, "timeouts", NULL, st->counts.timeouts);
	if (on)
		answer_line(a,
			    "Names at that server: %zu published, %zu waiting, %zu of somebody "
			    "else; updates done %llu, failed %llu, without answer %llu",
			    st->published, st->waiting, st->conflicts,
			    (unsigned long long)st->counts.done,
			    (unsigned long long)st->counts.failed,
			    (unsigned long long)st->counts.timeouts);
}

static void show_update(struct answer *a, const struct box_config *b, const struct gateway *g,
			const struct show_clock *clock)
{
	const struct box_dns_update *u = &b->dns_update;
	const char *zone = u->zone[0] == '\0' ? b->dns_zone : u->zone;
	const char *hmac = u->key[0] == '\0' ? "" : dns_hmac_name((enum dns_hmac)u->hmac);
	struct dns_updater_status st = {.published = 0};
	bool on = gateway_dns_update_status(g, &st);
	char text[IP_TEXT_MAX];

	ip_endpoint_text(&u->server, text, sizeof(text));
	answer_object(a, "update");
	answer_text(a, "server", NULL, on ? text : NULL);
	answer_text(a, "zone", NULL, on ? zone : NULL);
	answer_text(a, "key", NULL, u->key);
	answer_text(a, "algorithm", NULL, hmac);
	if (on)
		answer_line(a, "Updates go to %s, zone %s, %s%s%s%s", text, zone,
			    hmac[0] == '\0' ? "not signed" : "signed with key ", u->key,
			    hmac[0] == '\0' ? "" : " ", hmac);
	show_problem(a, &st, on, clock);
	show_update_counts(a, &st, on);
	answer_object_end(a);
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
	const struct show_clock clock = show_now(c);
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
	show_names(a, config, g);
	show_update(a, &config->box, g, &clock);
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
			"The name server, the one that is updated, and each name with the PoP and "
			"address that it stands for now, and the round trip between them as far as "
			"it is measured.  A new name is settling for 3 minutes before it should be "
			"given "
			"to the peer.",
	},
};

const struct row_table table_dns = {
	.family = "names of destinations",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
