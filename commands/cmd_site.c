/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration of a site: what it is, how it connects, its timers.  Networks are in
 * cmd_network.c, tunnels in cmd_tunnel.c, algorithms in cmd_parameters.c.
 */
#include "commands/cmd_site.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* They stay: the site may come back. */
static void warn_rules(struct cmd *c, const char *gone)
{
	const struct net_rule_list *rules = &place_config(c)->rules;

	for (size_t i = 0; i < rules->count; i++) {
		if (strcmp(rules->items[i].site, gone) == 0)
			cmd_print(c, "%% Warning: network rule %" PRIu32 " is for site %s\n",
				  rules->items[i].priority, gone);
	}
}

static int remove_site(struct cmd *c)
{
	const char *name = cmd_text(c, "site");
	int r = place_remove_site(c, name);

	if (r == 0)
		warn_rules(c, name);
	return r;
}

static int ipsec_site(struct cmd *c)
{
	const char *name = cmd_text(c, "site");
	char question[128];

	if (!cmd_is_no(c))
		return place_enter_site(c, name);
	if (config_site(place_config(c), name) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no site %s", name);
	snprintf(question, sizeof(question), "Remove site %s and its tunnels?", name);
	return cmd_confirm(c, question, remove_site);
}

static int check_license_of(const struct site_config *s, struct err_msg *e)
{
	const struct ike_parameters *p[] = {&s->init_parameters, &s->auth_parameters};

	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		if (s->license_mbps >= SITE_GCM_ONLY_MBPS && p[i]->encr == 12)
			return err_set(
				e, ERR_WRONG_STATE,
				"license bandwidth %" PRIu32
				": from %d Mbps on AES-GCM is needed, but %s-parameters have "
				"encryption aes-cbc-%u",
				s->license_mbps, SITE_GCM_ONLY_MBPS, i == 0 ? "init" : "auth",
				p[i]->key_bits);
	}
	return 0;
}

static int check_license(struct config_line *l, struct err_msg *e)
{
	return l->in_block ? 0 : check_license_of(l->site, e);
}

static int check_initiate_of(const struct site_config *s, struct err_msg *e)
{
	if (!s->initiate_connection || s->connection_mode == SITE_BIDIRECTIONAL)
		return 0;
	return err_set(e, ERR_WRONG_STATE,
		       "initiate-connection needs connection-mode bidirectional: site %s is "
		       "responder-only, where only the peer begins",
		       s->name);
}

static int check_initiate(struct config_line *l, struct err_msg *e)
{
	return l->in_block ? 0 : check_initiate_of(l->site, e);
}

static int check_mode(struct config_line *l, struct err_msg *e)
{
	if (l->in_block || check_initiate_of(l->site, NULL) == 0)
		return 0;
	return err_set(
		e, ERR_WRONG_STATE,
		"connection-mode responder-only: site %s has initiate-connection, remove that "
		"first (no initiate-connection)",
		l->site->name);
}

static int check_identifier_of(const struct site_config *s, struct err_msg *e)
{
	for (int role = SITE_PRIMARY; role <= SITE_SECONDARY; role++) {
		for (unsigned i = 0; i < SITE_TUNNELS; i++) {
			const struct tunnel_config *t = &s->tunnels[role][i];
			int r = t->local_id[0] == '\0'
					? 0
					: site_check_local_id(s->identifier, (enum site_role)role,
							      i, t->local_id, e);

			if (r != 0)
				return r;
		}
	}
	return 0;
}

static int check_identifier(struct config_line *l, struct err_msg *e)
{
	return l->in_block ? 0 : check_identifier_of(l->site, e);
}

static int check_destinations(const struct site_config *s, enum site_role role, struct err_msg *e)
{
	const struct site_destination *d = s->destination;
	char addr[IP_TEXT_MAX];

	if (d[SITE_PRIMARY].kind != SITE_DEST_ADDRESS ||
	    d[SITE_SECONDARY].kind != SITE_DEST_ADDRESS ||
	    !ip_addr_equal(&d[SITE_PRIMARY].addr, &d[SITE_SECONDARY].addr))
		return 0;
	return err_set(e, ERR_EXISTS,
		       "destination %s ipv4 %s: %s uses this address, the two roles must differ",
		       site_role_name(role), ip_addr_text(&d[role].addr, addr, sizeof(addr)),
		       site_role_name(role == SITE_PRIMARY ? SITE_SECONDARY : SITE_PRIMARY));
}

static int set_destination(struct config_line *l, struct err_msg *e)
{
	enum site_role role = (enum site_role)config_arg(l, "role")->number;

	const struct value *addr = config_arg(l, "ipv4"), *pop = config_arg(l, "pop");
	struct site_destination *d = &l->site->destination[role];
	int r;

	memset(d, 0, sizeof(*d));
	d->kind = addr != NULL ? SITE_DEST_ADDRESS : SITE_DEST_FQDN;
	if (addr != NULL)
		d->addr = addr->addr;
	if (pop != NULL)
		snprintf(d->pop, sizeof(d->pop), "%s", pop->text);
	if (pop != NULL && pops_find(&l->config->cloud.pops, pop->text) == NULL)
		strbuf_printf(l->notes, "%% Warning: there is no PoP %s\n", pop->text);
	if (l->in_block)
		return 0;
	r = check_destinations(l->site, role, e);
	return r != 0 ? r : cloud_check_site(&l->config->cloud, l->site, e);
}

static int unset_destination(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->site->destination[config_arg(l, "role")->number] =
		(struct site_destination){.kind = SITE_DEST_ANY};
	return 0;
}

static void write_destination(const struct row *row, const void *object, struct config_writer *w)
{
	const struct site_config *s = object;
	char addr[IP_TEXT_MAX];

	(void)row;
	for (int role = SITE_PRIMARY; role <= SITE_SECONDARY; role++) {
		const struct site_destination *d = &s->destination[role];
		const char *name = site_role_name((enum site_role)role);

		if (d->kind == SITE_DEST_ADDRESS)
			writer_line(w, "destination %s ipv4 %s", name,
				    ip_addr_text(&d->addr, addr, sizeof(addr)));
		else if (d->kind == SITE_DEST_FQDN)
			writer_line(w, "destination %s fqdn pop %s", name,
				    d->pop[0] == '\0' ? "automatic" : d->pop);
		else if (w->all)
			writer_line(w, "no destination %s", name);
	}
}

static int check_dead_of(const struct site_config *s, struct err_msg *e)
{
	if (s->dead_s > s->keepalive_s)
		return 0;
	return err_set(e, ERR_RANGE,
		       "dead-interval %" PRIu32 ": it must be above keepalive, which is %" PRIu32
		       " seconds",
		       s->dead_s, s->keepalive_s);
}

static int check_dead(struct config_line *l, struct err_msg *e)
{
	return l->in_block ? 0 : check_dead_of(l->site, e);
}

static int check_keepalive(struct config_line *l, struct err_msg *e)
{
	const struct site_config *s = l->site;

	if (l->in_block || check_dead_of(s, NULL) == 0)
		return 0;
	return err_set(e, ERR_RANGE,
		       "keepalive %" PRIu32 ": it must be below dead-interval, which is %" PRIu32
		       " seconds",
		       s->keepalive_s, s->dead_s);
}

int site_check(const struct site_config *s, struct err_msg *e)
{
	int r = check_license_of(s, e);

	if (r == 0)
		r = check_initiate_of(s, e);
	if (r == 0)
		r = check_destinations(s, SITE_SECONDARY, e);
	if (r == 0)
		r = check_identifier_of(s, e);
	if (r == 0)
		r = check_dead_of(s, e);
	if (r == 0)
		r = site_check_loop(s, e);
	return r;
}

void site_note_bandwidth(const struct site_config *s, struct strbuf *notes)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < SITE_TUNNELS; i++)
		sum += s->tunnels[SITE_PRIMARY][i].last_mile_down;
	if (sum != 0 && s->bandwidth_down > sum)
		strbuf_printf(notes,
			      "%% Warning: bandwidth downstream %" PRIu32
			      " Mbps is above the sum of the last-mile bandwidths (%" PRIu64
			      " Mbps): QoS becomes ineffective\n",
			      s->bandwidth_down, sum);
	if (s->license_mbps != 0 && s->bandwidth_down > s->license_mbps)
		strbuf_printf(notes,
			      "%% Warning: bandwidth downstream %" PRIu32
			      " Mbps is above the license (%" PRIu32 " Mbps)\n",
			      s->bandwidth_down, s->license_mbps);
}

static int check_bandwidth(struct config_line *l, struct err_msg *e)
{
	(void)e;
	site_note_bandwidth(l->site, l->notes);
	return 0;
}

static int retransmit_interval(struct cmd *c)
{
	return cmd_fail(c, ERR_UNSUPPORTED, "retransmit-interval is fixed at 10 seconds");
}

static const struct row rows[] = {
	{
		.words = "ipsec site <site>",
		.no_words = "ipsec site <site>",
		.modes = IN_CONFIG,
		.flags = ROW_ENTERS,
		.enters = CMD_SITE,
		.handler = ipsec_site,
		.help = "A site that is connected by IPsec",
		.manual = "Enters the configuration of a site, and makes it when it is new.  The "
			  "no form removes the site and its tunnels.",
	},
	{
		.words = "type <site-type>",
		.modes = IN_SITE,
		.fields = {FIELD("site-type", struct site_config, type)},
		.help = "What the site is",
		.manual = "Describes the site; it changes no behaviour.",
	},
	{
		.words = "country <country>",
		.modes = IN_SITE,
		.fields = {FIELD("country", struct site_config, country)},
		.help = "Country of the site",
		.manual = "Country of the site by its English name or ISO 3166 code; the name is "
			  "kept.  Points of presence are chosen by it.",
	},
	{
		.words = "state <state>",
		.modes = IN_SITE,
		.fields = {FIELD("state", struct site_config, state)},
		.help = "State of the country",
		.manual = "State, where the country has states.",
	},
	{
		.words = "license bandwidth <license>",
		.modes = IN_SITE,
		.fields = {FIELD("license", struct site_config, license_mbps)},
		.check = check_license,
		.help = "Licensed bandwidth",
		.manual = "Licensed bandwidth of the site.  From 100 Mbps on AES-CBC is refused, "
			  "and automatic offers AES-GCM only.",
	},
	{
		.words = "native-range <native-range>",
		.modes = IN_SITE,
		.fields = {FIELD("native-range", struct site_config, native_range)},
		.check = site_check_networks,
		.help = "LAN subnet behind the peer",
		.manual = "The LAN subnet behind the peer; networks of different sites must not "
			  "overlap.",
	},
	{
		.words = "connection-mode <connection-mode>",
		.modes = IN_SITE,
		.fields = {FIELD("connection-mode", struct site_config, connection_mode)},
		.check = check_mode,
		.help = "Who may begin",
		.manual = "With responder-only the peer begins.  With bidirectional this side may "
			  "begin as well: by itself with initiate-connection, otherwise when an "
			  "operator asks for it.",
	},
	{
		.words = "initiate-connection",
		.modes = IN_SITE,
		.fields = {FIELD(NULL, struct site_config, initiate_connection)},
		.check = check_initiate,
		.help = "Bring the tunnels up by ourselves",
		.manual = "Tunnels are brought up, and up again after they went down, without "
			  "waiting for the peer.  Needs connection-mode bidirectional.",
	},
	{
		.words = "authentication-identifier <identifier>",
		.modes = IN_SITE,
		.fields = {FIELD("identifier", struct site_config, identifier)},
		.check = check_identifier,
		.help = "How the peer says who it is",
		.manual = "Type of the identity that the peer presents.  With ipv4 it is the "
			  "tunnel's public-ip, otherwise its local-id.",
		.reference = "RFC 7296 section 3.5",
	},
	{
		.words = "destination <role> { ipv4 <ipv4> | fqdn [pop { automatic | <pop> }] }",
		.no_words = "destination <role> [{ ipv4 [<ipv4>] | fqdn [<rest>] }]",
		.modes = IN_SITE,
		.set = set_destination,
		.unset = unset_destination,
		.write = write_destination,
		.help = "What the tunnels of a role end at",
		.manual = "What all tunnels of the role end at: an address of this appliance, or a "
			  "name of each tunnel that stands for a PoP, the best one or always the "
			  "same.  "
			  "Without it any own address serves.  The two roles must differ, also in "
			  "their PoPs.",
	},
	{
		.words = "bandwidth downstream <downstream> upstream <upstream>",
		.modes = IN_SITE,
		.fields = {FIELD("downstream", struct site_config, bandwidth_down),
			   FIELD("upstream", struct site_config, bandwidth_up)},
		.check = check_bandwidth,
		.help = "Bandwidth of the site",
		.manual =
			"Traffic towards the site is held below the downstream value; upstream is "
			"best effort.",
	},
	{
		.words = "single-traffic-selector <single-ts>",
		.modes = IN_SITE,
		.fields = {FIELD("single-ts", struct site_config, single_ts)},
		.help = "One pair of traffic selectors per Child SA",
		.manual = "For peers that accept only one pair of traffic selectors per Child SA.  "
			  "Without this line the box-wide setting holds.",
		.reference = "RFC 7296 section 2.9",
	},
	{
		.words = "udp-encapsulation <udp-encapsulation>",
		.modes = IN_SITE,
		.fields = {FIELD("udp-encapsulation", struct site_config, udp_encap)},
		.help = "Whether ESP goes in UDP where no NAT is",
		.manual =
			"Without a NAT in between, ESP can be an IP protocol of its own (50) or go "
			"in UDP as it does through a NAT.  What arrives is accepted either way.  "
			"Without this line ESP in the kernel takes protocol 50; ESP in userspace "
			"takes UDP, which is nearly twice as fast there.  A change negotiates the "
			"site's tunnels anew.",
		.reference = "RFC 7296 section 2.23",
	},
	{
		.words = "df-bit <df-bit>",
		.modes = IN_SITE,
		.fields = {FIELD("df-bit", struct site_config, df_bit)},
		.help = "Don't-fragment bit of packets towards the site",
		.manual =
			"With copy a packet that is too long for the tunnel and has the bit set is "
			"refused, and its sender is told what fits.  With clear it goes in "
			"fragments: for senders that never hear of it.  The packets of the tunnel "
			"itself never have the bit.",
		.reference = "RFC 4301 section 8.1",
	},
	{
		.words = "dead-interval <dead-interval>",
		.modes = IN_SITE,
		.fields = {FIELD("dead-interval", struct site_config, dead_s)},
		.check = check_dead,
		.help = "Silence after which the peer is dead",
		.manual = "A tunnel goes down when nothing was heard of the peer for this time.",
	},
	{
		.words = "keepalive <keepalive>",
		.modes = IN_SITE,
		.fields = {FIELD("keepalive", struct site_config, keepalive_s)},
		.check = check_keepalive,
		.help = "Silence after which the peer is probed",
		.manual = "After this silence the peer is asked whether it is alive.",
		.reference = "RFC 7296 section 2.4",
	},
	{
		.words = "rebuild-interval <rebuild-interval>",
		.modes = IN_SITE,
		.fields = {FIELD("rebuild-interval", struct site_config, rebuild_s)},
		.help = "Time between attempts to come up",
		.manual = "Time between the starts of two attempts to bring a tunnel up.",
	},
	{
		.words = "ike-lifetime <ike-lifetime>",
		.modes = IN_SITE,
		.fields = {FIELD("ike-lifetime", struct site_config, ike_lifetime_s)},
		.help = "Lifetime of an IKE SA",
		.manual = "IKE SAs are rekeyed before they are this old.",
		.reference = "RFC 7296 section 2.8",
	},
	{
		.words = "child-lifetime <child-lifetime>",
		.modes = IN_SITE,
		.fields = {FIELD("child-lifetime", struct site_config, child_lifetime_s)},
		.help = "Lifetime of a Child SA",
		.manual = "Child SAs are rekeyed before they are this old.",
		.reference = "RFC 7296 section 2.8",
	},
	{
		.words = "ha failback-delay <failback-delay>",
		.modes = IN_SITE,
		.fields = {FIELD("failback-delay", struct site_config, failback_delay_s)},
		.help = "Wait before traffic returns to the primary role",
		.manual = "After a primary tunnel came back, traffic stays on the secondary role "
			  "for this time.",
	},
	{
		.words = "retransmit-interval [<rest>]",
		.modes = IN_SITE,
		.flags = ROW_HIDDEN,
		.handler = retransmit_interval,
		.help = "Fixed at 10 seconds",
		.manual = "Not configurable: requests are retransmitted every 10 seconds, 5 times.",
		.reference = "RFC 7296 section 2.1",
	},
};

const struct row_table table_site = {
	.family = "ipsec site",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
