/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec network-rule`: the rules in order, what they match, and how much they have decided.
 *
 * JSON: {"rules":[{number, name, site (null: every one), siteConfigured, match {source,
 * destination, protocol, sourcePort, destinationPort, dscp}, wanRole ("wan1", null: not in force),
 * fallback
 *   ("none", "any", "wan2"), qosPriority, packets}...]}
 */
#include "commands/args.h"
#include "commands/config.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>

static const struct answer_column columns[] = {
	{"Rule", false},     {"Name", true},	  {"Site", false},
	{"Match", false},    {"WAN role", false}, {"Fallback", false},
	{"Priority", false}, {"Packets", false},  {"State", false},
};

static const char *named(const char *arg, uint32_t value, char *buf, size_t size)
{
	for (const struct arg_choice *c = arg_find(arg)->choices; c->word != NULL; c++) {
		if (c->value == value)
			return c->word;
	}
	(void)snprintf(buf, size, "%" PRIu32, value);
	return buf;
}

static const char *range_of(const struct ip_range *r, char *buf, size_t size)
{
	return r->first.family == IP_NONE ? NULL : ip_range_text(r, buf, size);
}

static const char *ports_of(const struct net_ports *p, char *buf, size_t size)
{
	if (!p->set)
		return NULL;
	if (p->first == p->last)
		(void)snprintf(buf, size, "%u", (unsigned)p->first);
	else
		(void)snprintf(buf, size, "%u-%u", (unsigned)p->first, (unsigned)p->last);
	return buf;
}

static void add_part(struct strbuf *s, const char *what, const char *value)
{
	if (value != NULL)
		strbuf_printf(s, "%s%s %s", s->len == 0 ? "" : ", ", what, value);
}

static void match_members(struct answer *a, const struct net_match *m)
{
	char source[IP_RANGE_TEXT_MAX], destination[IP_RANGE_TEXT_MAX], protocol[16], dscp[16];
	char from[16], to[16];
	const struct {
		const char *key, *word, *value;
	} parts[] = {
		{"source", "from", range_of(&m->source, source, sizeof(source))},
		{"destination", "to", range_of(&m->destination, destination, sizeof(destination))},
		{"protocol", "protocol",
		 m->has_protocol ? named("protocol-name", m->protocol, protocol, sizeof(protocol))
				 : NULL},
		{"sourcePort", "source-port", ports_of(&m->source_port, from, sizeof(from))},
		{"destinationPort", "destination-port",
		 ports_of(&m->destination_port, to, sizeof(to))},
		{"dscp", "dscp",
		 m->has_dscp ? named("dscp-name", m->dscp, dscp, sizeof(dscp)) : NULL},
	};
	struct strbuf text;

	strbuf_init(&text);
	answer_object(a, "match");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		answer_text(a, parts[i].key, NULL, parts[i].value);
		add_part(&text, parts[i].word, parts[i].value);
	}
	answer_object_end(a);
	answer_show(a, "Match", "%s", text.len == 0 ? "everything" : text.text);
	strbuf_clear(&text);
}

static const char *fallback_of(const struct net_rule *r, char *buf, size_t size)
{
	switch (r->fallback) {
	case NET_FALLBACK_NONE:
		return "none";
	case NET_FALLBACK_ANY:
		return "any";
	case NET_FALLBACK_WAN:
		break;
	}
	(void)snprintf(buf, size, "wan%" PRIu32, r->fallback_wan);
	return buf;
}

static void rule(struct cmd *c, struct answer *a, const struct net_rule *r)
{
	const struct config *running = commands_running(cmd_commands(c));
	struct gateway *g = commands_gateway(cmd_commands(c));
	bool known = r->site[0] == '\0' || config_site(running, r->site) != NULL;
	char text[16], wan[16];

	(void)snprintf(wan, sizeof(wan), "wan%" PRIu32, r->wan_role);
	answer_object(a, NULL);
	answer_row(a);
	answer_number(a, "number", "Rule", r->priority);
	answer_text(a, "name", "Name", r->name);
	answer_text(a, "site", NULL, r->site);
	answer_show(a, "Site", "%s", r->site[0] == '\0' ? "every" : r->site);
	answer_bool(a, "siteConfigured", NULL, known);
	match_members(a, &r->match);
	answer_text(a, "wanRole", "WAN role", r->wan_role == 0 ? NULL : wan);
	answer_text(a, "fallback", "Fallback", fallback_of(r, text, sizeof(text)));
	if (r->qos_priority == 0)
		answer_null(a, "qosPriority");
	else
		answer_number(a, "qosPriority", "Priority", r->qos_priority);
	answer_number(a, "packets", "Packets", g == NULL ? 0 : gateway_rule_hits(g, r->priority));
	answer_show(a, "State", "%s",
		    !known		    ? "its site is gone"
		    : !net_rule_in_force(r) ? "sets nothing"
					    : "in force");
	answer_object_end(a);
}

static int show_rules(struct cmd *c)
{
	const struct net_rule_list *rules = &commands_running(cmd_commands(c))->rules;
	uint32_t only = cmd_u32(c, "rule-priority", 0);
	struct answer *a;

	if (only != 0 && net_rules_find(rules, only) == NULL)
		return cmd_fail(c, ERR_NOT_FOUND, "There is no network rule %" PRIu32, only);
	a = show_begin(c);
	answer_array(a, "rules");
	answer_table(a, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < rules->count; i++) {
		if (only == 0 || rules->items[i].priority == only)
			rule(c, a, &rules->items[i]);
	}
	answer_table_end(a);
	answer_array_end(a);
	if (rules->count == 0)
		answer_line(a, "There is no network rule.");
	return show_end(c, a);
}

static const struct row rows[] = {
	{
		.words = "show ipsec network-rule [<rule-priority>] [json]",
		.modes = IN_EXEC,
		.handler = show_rules,
		.help = "Network rules and how much they have decided",
		.manual = "The rules in the order in which they are looked at, with the packets "
			  "that each has decided since it is in force.",
	},
};

const struct row_table table_show_rule = {
	.family = "show ipsec network-rule",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
