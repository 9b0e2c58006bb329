/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arguments of network rules. */
#include "commands/args_table.h"

#include "platform/base/mem.h"

static const struct arg_choice dscps[] = {
	{"default", 0, "Best effort (0)"},	 {"cs1", 8, "Class selector 1 (8)"},
	{"af11", 10, "Assured forwarding (10)"}, {"af12", 12, "Assured forwarding (12)"},
	{"af13", 14, "Assured forwarding (14)"}, {"cs2", 16, "Class selector 2 (16)"},
	{"af21", 18, "Assured forwarding (18)"}, {"af22", 20, "Assured forwarding (20)"},
	{"af23", 22, "Assured forwarding (22)"}, {"cs3", 24, "Class selector 3 (24)"},
	{"af31", 26, "Assured forwarding (26)"}, {"af32", 28, "Assured forwarding (28)"},
	{"af33", 30, "Assured forwarding (30)"}, {"cs4", 32, "Class selector 4 (32)"},
	{"af41", 34, "Assured forwarding (34)"}, {"af42", 36, "Assured forwarding (36)"},
	{"af43", 38, "Assured forwarding (38)"}, {"cs5", 40, "Class selector 5 (40)"},
	{"ef", 46, "Expedited forwarding (46)"}, {"cs6", 48, "Class selector 6 (48)"},
	{"cs7", 56, "Class selector 7 (56)"},	 {0},
};

static const struct arg_choice fallbacks[] = {
	{"any", 0, "Any tunnel, as if there were no rule"},
	{"wan1", 1, "First WAN link of the site"},
	{"wan2", 2, "Second WAN link of the site"},
	{"wan3", 3, "Third WAN link of the site"},
	{0},
};

static const struct arg_choice protocols[] = {
	{"icmp", 1, "Internet control messages"},
	{"tcp", 6, "Transmission control protocol"},
	{"udp", 17, "User datagram protocol"},
	{"gre", 47, "Generic routing encapsulation"},
	{"esp", 50, "Encapsulating security payload"},
	{"ahp", 51, "Authentication header"},
	{"icmpv6", 58, "Internet control messages of IPv6"},
	{"ospf", 89, "Open shortest path first"},
	{"sctp", 132, "Stream control transmission protocol"},
	{0},
};

/* Sorted by name. */
static const struct arg args[] = {
	{.name = "dscp",
	 .type = VALUE_U32,
	 .min = 0,
	 .max = 63,
	 .help = "Differentiated services code point"},
	{.name = "dscp-name", .type = VALUE_CHOICE, .choices = dscps, .help = "Code point by name"},
	{.name = "ports", .type = VALUE_PORTS, .help = "Port, or FIRST-LAST"},
	{.name = "protocol-name",
	 .type = VALUE_CHOICE,
	 .choices = protocols,
	 .help = "IP protocol by name"},
	{.name = "protocol-number",
	 .type = VALUE_U32,
	 .min = 0,
	 .max = 255,
	 .help = "IP protocol by number"},
	{.name = "qos-priority",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = 255,
	 .help = "Priority, 1 goes first"},
	{.name = "rule-fallback",
	 .type = VALUE_CHOICE,
	 .choices = fallbacks,
	 .help = "What carries the traffic meanwhile"},
	{.name = "rule-name", .type = VALUE_NAME, .min = 1, .max = 64, .help = "Name of the rule"},
	{.name = "rule-priority",
	 .type = VALUE_U32,
	 .min = 1,
	 .max = 65535,
	 .help = "Number of the rule: lower ones are looked at first"},
};

const struct arg_table arg_table_rule = {args, ARRAY_LEN(args)};
