/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A name server of somebody else that the names of destinations are kept at: where it is, and the
 * key of the updates. */
#include "commands/box_secret.h"
#include "commands/config_line.h"
#include "commands/row.h"
#include "commands/tunnel_secret.h"
#include "commands/writer.h"
#include "dataplane/dns/dns_update.h"
#include "platform/base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PORT 53

static int take_address(const char *text, struct ip_endpoint *out, struct err_msg *e)
{
	struct ip_endpoint at;

	memset(&at, 0, sizeof(at));
	if (ip_addr_parse(text, &at.addr) == 0)
		at.port = PORT;
	else if (ip_endpoint_parse(text, &at) != 0)
		return err_set(e, ERR_INVALID,
			       "dns update server %s: allowed is ADDRESS or ADDRESS:PORT, such as "
			       "192.0.2.53 or [2001:db8::53]:5353",
			       text);
	*out = at;
	return 0;
}

static int set_server(struct config_line *l, struct err_msg *e)
{
	struct box_dns_update *u = &l->box->dns_update;
	const struct value *zone = config_arg(l, "dns-zone");
	struct ip_endpoint at = {.port = 0};
	int r = take_address(config_arg(l, "dns-address")->text, &at, e);

	if (r == 0 && zone != NULL && !dns_is_domain(zone->text))
		r = err_set(e, ERR_INVALID,
			    "dns update server: %s is no domain name; allowed are letters, digits "
			    "and hyphens, such as example.net",
			    zone->text);
	if (r != 0)
		return r;
	u->server = at;
	memset(u->zone, 0, sizeof(u->zone));
	if (zone != NULL)
		snprintf(u->zone, sizeof(u->zone), "%s", zone->text);
	return 0;
}

static int unset_server(struct config_line *l, struct err_msg *e)
{
	struct box_dns_update *u = &l->box->dns_update;

	(void)e;
	memset(&u->server, 0, sizeof(u->server));
	memset(u->zone, 0, sizeof(u->zone));
	return 0;
}

static void write_server(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_dns_update *u = &((const struct box_config *)object)->dns_update;
	char text[IP_TEXT_MAX];

	(void)row;
	if (!ip_addr_is_set(&u->server.addr)) {
		if (w->all)
			writer_line(w, "no dns update server");
		return;
	}
	if (u->server.port == PORT)
		ip_addr_text(&u->server.addr, text, sizeof(text));
	else
		ip_endpoint_text(&u->server, text, sizeof(text));
	writer_line(w, "dns update server %s%s%s", text, u->zone[0] == '\0' ? "" : " zone ",
		    u->zone);
}

static int take_secret(struct config_line *l, struct err_msg *e)
{
	const struct value *sealed = config_arg(l, "notify-sealed"), *clear;
	char *text = l->box->dns_update.secret;
	struct secret key = SECRET_NONE;
	int r;

	if (sealed != NULL)
		return box_secret_store_sealed(l, text, sealed->text, "dns update key", e);
	clear = config_arg(l, "dns-secret");
	if (tunnel_secret_is_hidden(&clear->secret))
		return err_set(e, ERR_INVALID,
			       "dns update key <hidden>: this configuration was saved without its "
			       "secrets");
	if (dns_key_decode(&clear->secret, &key) != 0)
		return err_set(e, ERR_INVALID,
			       "dns update key: the secret is base64 of 1 to %d octets, as "
			       "tsig-keygen or keymgr print it",
			       DNS_KEY_SECRET_MAX);
	r = box_secret_store(l, text, &key, e);
	secret_clear(&key);
	return r;
}

static int set_key(struct config_line *l, struct err_msg *e)
{
	struct box_dns_update *u = &l->box->dns_update;
	const char *name = config_arg(l, "dns-key")->text;
	int r;

	if (!dns_is_domain(name))
		return err_set(e, ERR_INVALID,
			       "dns update key %s: allowed is a name of letters, digits, hyphens "
			       "and dots, as the server knows it",
			       name);
	r = take_secret(l, e);
	if (r != 0)
		return r;
	memset(u->key, 0, sizeof(u->key));
	for (size_t i = 0; name[i] != '\0' && i + 1 < sizeof(u->key); i++)
		u->key[i] = (char)tolower((unsigned char)name[i]);
	u->hmac = config_arg(l, "dns-hmac")->number;
	return 0;
}

static int unset_key(struct config_line *l, struct err_msg *e)
{
	struct box_dns_update *u = &l->box->dns_update;

	(void)e;
	memset(u->key, 0, sizeof(u->key));
	memset(u->secret, 0, sizeof(u->secret));
	u->hmac = DNS_HMAC_SHA256;
	return 0;
}

static void write_key(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_dns_update *u = &((const struct box_config *)object)->dns_update;
	char secret[BOX_SECRET_WORDS];

	(void)row;
	if (u->key[0] == '\0')
		return;
	box_secret_words(u->secret, w, secret);
	writer_line(w, "dns update key %s %s %s", u->key, dns_hmac_name((enum dns_hmac)u->hmac),
		    secret);
}

static const struct row rows[] = {
	{
		.words = "dns update server <dns-address> [zone <dns-zone>]",
		.no_words = "dns update server [<rest>]",
		.modes = IN_CONFIG,
		.set = set_server,
		.unset = unset_server,
		.write = write_server,
		.help = "Name server that the names of destinations are kept at",
		.manual =
			"For those who have a name server: each name is kept there by dynamic "
			"update, with the address of its PoP and a TTL of 30 seconds, changed when "
			"another PoP is chosen and removed with its tunnel.  The server must be "
			"the primary of the zone, which is that of dns zone or one above it.  "
			"Names "
			"carry a TXT record \"heritage=ikesh\"; a name that is there without it is "
			"left alone.  dns listen is not needed for this.  A server that fails is "
			"tried again, at the longest every 30 seconds; see show dns.",
		.reference = "RFC 2136",
	},
	{
		.words = "dns update key <dns-key> <dns-hmac> <dns-secret>",
		.no_words = "dns update key [<rest>]",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET,
		.set = set_key,
		.unset = unset_key,
		.write = write_key,
		.help = "Key that updates are signed with",
		.manual = "The name, algorithm and secret that the name server has for us (TSIG).  "
			  "The secret is shown and saved encrypted.  Answers that it does not sign "
			  "are not believed.",
		.reference = "RFC 8945",
	},
	{
		.words = "dns update key <dns-key> <dns-hmac> 0 <dns-secret>",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_key,
		.help = "A secret in clear text follows",
		.manual = "The same; for secrets that begin with a word that it would take.",
	},
	{
		.words = "dns update key <dns-key> <dns-hmac> 6 <notify-sealed>",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_key,
		.help = "An encrypted secret follows",
		.manual = "Sets the secret from its encrypted form, as it stands in "
			  "configurations.",
	},
};

const struct row_table table_dns_update = {
	.family = "dynamic update",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
