/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending a site's peers to another gateway, and going where they send us (RFC 5685). */
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <ctype.h>
#include <string.h>

static int set_client(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->site->follow_redirects = true;
	return 0;
}

static int unset_client(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->site->follow_redirects = false;
	return 0;
}

static void write_client(const struct row *row, const void *object, struct config_writer *w)
{
	const struct site_config *c = object;

	(void)row;
	if (c->follow_redirects)
		writer_line(w, "redirect client");
	else if (w->all)
		writer_line(w, "no redirect client");
}

static bool is_domain_name(const char *text)
{
	size_t label = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '.' && label == 0)
			return false;
		if (*p != '.' && *p != '-' && !isalnum((unsigned char)*p))
			return false;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0;
}

static int set_gateway(struct config_line *l, struct err_msg *e)
{
	const char *text = config_arg(l, "redirect-gateway")->text;
	struct ike_gateway g = {.addr = {.family = IP_NONE}};
	size_t len = strlen(text);

	if (ip_addr_parse(text, &g.addr) != 0) {
		g.addr = (struct ip_addr){.family = IP_NONE};
		if (len >= sizeof(g.name) || !is_domain_name(text))
			return err_set(e, ERR_INVALID,
				       "redirect gateway %s: an address or a domain name is "
				       "allowed",
				       text);
		memcpy(g.name, text, len);
	}
	l->site->redirect = g;
	return 0;
}

static int unset_gateway(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->site->redirect = (struct ike_gateway){.addr = {.family = IP_NONE}};
	return 0;
}

static void write_gateway(const struct row *row, const void *object, struct config_writer *w)
{
	const struct ike_gateway *g = &((const struct site_config *)object)->redirect;
	char text[IP_TEXT_MAX];

	(void)row;
	if (ip_addr_is_set(&g->addr))
		writer_line(w, "redirect gateway %s", ip_addr_text(&g->addr, text, sizeof(text)));
	else if (g->name[0] != '\0')
		writer_line(w, "redirect gateway %s", g->name);
	else if (w->all)
		writer_line(w, "no redirect gateway");
}

static const struct row rows[] = {
	{
		.words = "redirect client",
		.no_words = "redirect client",
		.modes = IN_SITE,
		.set = set_client,
		.unset = unset_client,
		.write = write_client,
		.help = "Go to another gateway when the peer sends us there",
		.manual = "Where we initiate, a peer may send us to another gateway, which must "
			  "have the same pre-shared key and identity, or its own address where "
			  "that of the first one is the identity.  We follow five times within "
			  "five minutes at most, and to addresses only.",
		.reference = "RFC 5685",
	},
	{
		.words = "redirect gateway <redirect-gateway>",
		.no_words = "redirect gateway [<redirect-gateway>]",
		.modes = IN_SITE,
		.set = set_gateway,
		.unset = unset_gateway,
		.write = write_gateway,
		.help = "Send the peers of the site to another gateway",
		.manual = "Sends the peers of the site that can be sent to another gateway: those "
			  "that connect anew, and those that are connected, without a break.  "
			  "Peers that cannot stay here.",
		.reference = "RFC 5685",
	},
};

const struct row_table table_redirect = {
	.family = "redirect",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
