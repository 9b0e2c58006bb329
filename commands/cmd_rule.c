/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Network rules: which WAN link carries which traffic towards a site. */
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int network_rule(struct cmd *c)
{
	uint32_t priority = cmd_u32(c, "rule-priority", 0);

	return cmd_is_no(c) ? place_remove_rule(c, priority)
			    : place_enter_rule(c, priority, cmd_text(c, "rule-name"));
}

/* Ports say something about protocols that have some. */
static int check_ports(struct config_line *l, struct err_msg *e)
{
	static const uint8_t with_ports[] = {6, 17, 33, 132, 136};
	const struct net_match *m = &l->rule->match;

	(void)e;
	if (!m->has_protocol || (!m->source_port.set && !m->destination_port.set) ||
	    memchr(with_ports, m->protocol, sizeof(with_ports)) != NULL)
		return 0;
	strbuf_printf(l->notes,
		      "%% Warning: network rule %" PRIu32
		      " never matches: protocol %u has no ports\n",
		      l->rule->priority, m->protocol);
	return 0;
}

static int set_protocol(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "protocol-name");

	(void)e;
	if (v == NULL)
		v = config_arg(l, "protocol-number");
	l->rule->match.has_protocol = true;
	l->rule->match.protocol = (uint8_t)v->number;
	return 0;
}

static int unset_protocol(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->rule->match.has_protocol = false;
	l->rule->match.protocol = 0;
	return 0;
}

/* By its name when it has one. */
static void write_choice(const char *words, const char *arg, uint32_t number,
			 struct config_writer *w)
{
	const struct arg_choice *c = arg_find(arg)->choices;

	while (c->word != NULL && c->value != number)
		c++;
	if (c->word != NULL)
		writer_line(w, "%s %s", words, c->word);
	else
		writer_line(w, "%s %" PRIu32, words, number);
}

static void write_protocol(const struct row *row, const void *object, struct config_writer *w)
{
	const struct net_rule *r = object;

	(void)row;
	if (r->match.has_protocol)
		write_choice("match protocol", "protocol-name", r->match.protocol, w);
	else if (w->all)
		writer_line(w, "no match protocol");
}

static int set_dscp(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "dscp-name");

	(void)e;
	if (v == NULL)
		v = config_arg(l, "dscp");
	l->rule->match.has_dscp = true;
	l->rule->match.dscp = (uint8_t)v->number;
	return 0;
}

static int unset_dscp(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->rule->match.has_dscp = false;
	l->rule->match.dscp = 0;
	return 0;
}

static void write_dscp(const struct row *row, const void *object, struct config_writer *w)
{
	const struct net_rule *r = object;

	(void)row;
	if (r->match.has_dscp)
		write_choice("match dscp", "dscp-name", r->match.dscp, w);
	else if (w->all)
		writer_line(w, "no match dscp");
}

static void store_ports(struct net_ports *ports, const struct value *v)
{
	ports->set = v != NULL;
	ports->first = v == NULL ? 0 : (uint16_t)(v->number >> 16);
	ports->last = v == NULL ? 0 : (uint16_t)v->number;
}

static int set_source_port(struct config_line *l, struct err_msg *e)
{
	(void)e;
	store_ports(&l->rule->match.source_port, config_arg(l, "ports"));
	return 0;
}

static int set_destination_port(struct config_line *l, struct err_msg *e)
{
	(void)e;
	store_ports(&l->rule->match.destination_port, config_arg(l, "ports"));
	return 0;
}

static int unset_source_port(struct config_line *l, struct err_msg *e)
{
	(void)e;
	store_ports(&l->rule->match.source_port, NULL);
	return 0;
}

static int unset_destination_port(struct config_line *l, struct err_msg *e)
{
	(void)e;
	store_ports(&l->rule->match.destination_port, NULL);
	return 0;
}

static void write_ports(const char *words, const struct net_ports *p, struct config_writer *w)
{
	if (!p->set && w->all)
		writer_line(w, "no %s", words);
	else if (p->set && p->first == p->last)
		writer_line(w, "%s %u", words, p->first);
	else if (p->set)
		writer_line(w, "%s %u-%u", words, p->first, p->last);
}

static void write_source_port(const struct row *row, const void *object, struct config_writer *w)
{
	(void)row;
	write_ports("match source-port", &((const struct net_rule *)object)->match.source_port, w);
}

static void write_destination_port(const struct row *row, const void *object,
				   struct config_writer *w)
{
	(void)row;
	write_ports("match destination-port",
		    &((const struct net_rule *)object)->match.destination_port, w);
}

static int check_site(struct config_line *l, struct err_msg *e)
{
	(void)e;
	if (l->rule->site[0] != '\0' && config_site(l->config, l->rule->site) == NULL)
		strbuf_printf(l->notes, "%% Warning: there is no site %s\n", l->rule->site);
	return 0;
}

static int set_wan(struct config_line *l, struct err_msg *e)
{
	const struct value *wan = config_arg(l, "wan-role"),
			   *fallback = config_arg(l, "rule-fallback");
	struct net_rule *r = l->rule;

	if (fallback != NULL && fallback->number == wan->number)
		return err_set(e, ERR_INVALID,
			       "wan-role %s fallback %s: the fallback must be another WAN link",
			       wan->text, fallback->text);
	r->wan_role = wan->number;
	r->fallback = NET_FALLBACK_NONE;
	r->fallback_wan = 0;
	if (fallback != NULL && fallback->number == 0) {
		r->fallback = NET_FALLBACK_ANY;
	} else if (fallback != NULL) {
		r->fallback = NET_FALLBACK_WAN;
		r->fallback_wan = fallback->number;
	}
	return 0;
}

static int unset_wan(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->rule->wan_role = 0;
	l->rule->fallback = NET_FALLBACK_NONE;
	l->rule->fallback_wan = 0;
	return 0;
}

static void write_wan(const struct row *row, const void *object, struct config_writer *w)
{
	const struct net_rule *r = object;

	(void)row;
	if (r->wan_role == 0) {
		if (w->all)
			writer_line(w, "no wan-role");
		return;
	}
	switch (r->fallback) {
	case NET_FALLBACK_NONE:
		writer_line(w, "wan-role wan%" PRIu32, r->wan_role);
		break;
	case NET_FALLBACK_WAN:
		writer_line(w, "wan-role wan%" PRIu32 " fallback wan%" PRIu32, r->wan_role,
			    r->fallback_wan);
		break;
	case NET_FALLBACK_ANY:
		writer_line(w, "wan-role wan%" PRIu32 " fallback any", r->wan_role);
		break;
	}
}

static const struct row rows[] = {
	{
		.words = "network-rule <rule-priority> [<rule-name>]",
		.no_words = "network-rule <rule-priority> [<rule-name>]",
		.modes = IN_CONFIG,
		.flags = ROW_ENTERS,
		.enters = CMD_NETRULE,
		.handler = network_rule,
		.help = "Which WAN link carries which traffic towards sites",
		.manual = "Enters a network rule, and makes it when it is new; then it needs a "
			  "name.  Rules are looked at in the order of their numbers, the first "
			  "one that matches decides, for traffic towards the site only.  Without "
			  "wan-role a rule is not in force.",
	},
	{
		.words = "site <site>",
		.modes = IN_NETRULE,
		.fields = {FIELD("site", struct net_rule, site)},
		.check = check_site,
		.help = "The site whose traffic it is about",
		.manual = "The rule is about the traffic towards this site; without it, towards "
			  "all sites.",
	},
	{
		.words = "match source <range>",
		.no_words = "match source [<range>]",
		.modes = IN_NETRULE,
		.fields = {FIELD("range", struct net_rule, match.source)},
		.help = "Where the traffic comes from",
		.manual = "Matches traffic from these addresses.",
	},
	{
		.words = "match destination <range>",
		.no_words = "match destination [<range>]",
		.modes = IN_NETRULE,
		.fields = {FIELD("range", struct net_rule, match.destination)},
		.help = "Where the traffic goes to",
		.manual = "Matches traffic to these addresses.",
	},
	{
		.words = "match protocol { <protocol-name> | <protocol-number> }",
		.no_words = "match protocol [{ <protocol-name> | <protocol-number> }]",
		.modes = IN_NETRULE,
		.set = set_protocol,
		.unset = unset_protocol,
		.write = write_protocol,
		.check = check_ports,
		.help = "IP protocol",
		.manual = "Matches an IP protocol, by name or number.",
	},
	{
		.words = "match source-port <ports>",
		.no_words = "match source-port [<ports>]",
		.modes = IN_NETRULE,
		.set = set_source_port,
		.unset = unset_source_port,
		.write = write_source_port,
		.check = check_ports,
		.help = "Port that the traffic comes from",
		.manual = "Matches a source port, or ports from first to last.",
	},
	{
		.words = "match destination-port <ports>",
		.no_words = "match destination-port [<ports>]",
		.modes = IN_NETRULE,
		.set = set_destination_port,
		.unset = unset_destination_port,
		.write = write_destination_port,
		.check = check_ports,
		.help = "Port that the traffic goes to",
		.manual = "Matches a destination port, or ports from first to last.",
	},
	{
		.words = "match dscp { <dscp-name> | <dscp> }",
		.no_words = "match dscp [{ <dscp-name> | <dscp> }]",
		.modes = IN_NETRULE,
		.set = set_dscp,
		.unset = unset_dscp,
		.write = write_dscp,
		.help = "Differentiated services code point",
		.manual = "Matches a code point of the inner packet, by name or number.",
		.reference = "RFC 2474, RFC 2597, RFC 3246",
	},
	{
		.words = "wan-role <wan-role> [fallback <rule-fallback>]",
		.no_words = "wan-role [<rest>]",
		.modes = IN_NETRULE,
		.set = set_wan,
		.unset = unset_wan,
		.write = write_wan,
		.help = "WAN link that carries the traffic",
		.manual = "The tunnel with this WAN role carries the traffic.  While it is not "
			  "usable the traffic waits, that is, it is dropped and counted; with a "
			  "fallback it takes another link, or any.",
	},
	{
		.words = "qos-priority <qos-priority>",
		.modes = IN_NETRULE,
		.fields = {FIELD("qos-priority", struct net_rule, qos_priority)},
		.help = "Priority in the bandwidth of the site, 1 is first",
		.manual =
			"Priority of the traffic where the bandwidth of the site is short "
			"(bandwidth of the site, last-mile-bandwidth of its tunnels): what is to "
			"spare goes to the lowest number first, and to traffic of no rule or of "
			"rules without it last; none starves.  The rules of a box can have seven "
			"different priorities, those beyond share the last.  A rule with this and "
			"no wan-role leaves the choice of the tunnel alone.",
	},
};

const struct row_table table_rule = {
	.family = "network rules",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
