/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration of BGP over the tunnels of a site. */
#include "commands/config_line.h"
#include "commands/new_secret.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/tunnel_secret.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADVERTISED_MAX 256
#define HOLD_LEAST     3 /* RFC 4271 section 4.2 */

static int enable_bgp(struct config_line *l, struct err_msg *e)
{
	(void)e;
	l->site->bgp.enabled = true;
	return 0;
}

static int remove_bgp(struct config_line *l, struct err_msg *e)
{
	(void)e;
	site_bgp_clear(&l->site->bgp);
	return 0;
}

static int bgp(struct cmd *c)
{
	int r = place_edit(c, CMD_SITE, cmd_is_no(c) ? remove_bgp : enable_bgp, NULL);

	return r != 0 || cmd_is_no(c) ? r : place_enter(c, CMD_BGP);
}

static int check_timers(struct config_line *l, struct err_msg *e)
{
	const struct site_bgp *b = l->object;

	if (b->hold_s != 0 && b->hold_s < HOLD_LEAST)
		return err_set(e, ERR_RANGE,
			       "timers: the hold time is 0 (never) or %d to 65535 seconds",
			       HOLD_LEAST);
	if (b->hold_s != 0 && b->keepalive_s >= b->hold_s)
		return err_set(e, ERR_RANGE,
			       "timers %" PRIu32 " %" PRIu32
			       ": keepalive must be below the hold time, a third of it is usual",
			       b->keepalive_s, b->hold_s);
	return 0;
}

static int set_advertise(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "range");
	struct site_range_list *list = &l->site->bgp.advertise;

	if (v->range.first.family != IP_V4)
		return err_set(e, ERR_UNSUPPORTED, "advertise %s: only IPv4 networks are announced",
			       v->text);
	if (list->count >= ADVERTISED_MAX)
		return err_set(e, ERR_NO_SPACE, "Site %s advertises %d networks, that is the limit",
			       l->site->name, ADVERTISED_MAX);
	(void)site_range_list_add(list, &v->range);
	return 0;
}

static int unset_advertise(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "range");
	struct site_range_list *list = &l->site->bgp.advertise;

	if (v == NULL) {
		free(list->items);
		*list = (struct site_range_list){.count = 0};
		return 0;
	}
	if (!site_range_list_remove(list, &v->range))
		return err_set(e, ERR_NOT_FOUND, "Site %s does not advertise %s", l->site->name,
			       v->text);
	return 0;
}

static void write_advertise(const struct row *row, const void *object, struct config_writer *w)
{
	const struct site_bgp *b = object;
	char range[IP_RANGE_TEXT_MAX];

	(void)row;
	for (size_t i = 0; i < b->advertise.count; i++)
		writer_line(w, "advertise %s",
			    ip_range_text(&b->advertise.items[i], range, sizeof(range)));
}

/* ---- Password ---------------------------------------------------------------------------------
 */

/* It goes into a quoted text of BIRD, which knows no escapes. */
static int check_password(const struct secret *key, struct err_msg *e)
{
	for (size_t i = 0; i < key->len; i++) {
		if (key->data[i] < ' ' || key->data[i] > '~' || key->data[i] == '"')
			return err_set(e, ERR_INVALID,
				       "password: printable ASCII characters except \" are "
				       "possible");
	}
	return 0;
}

static int store(struct config_line *l, const struct secret *key, struct err_msg *e)
{
	int r = check_password(key, e);

	return r == 0 ? tunnel_secret_store(l, &l->site->bgp.password, key, e) : r;
}

static int set_password(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "bgp-password");

	if (tunnel_secret_is_hidden(&v->secret))
		return err_set(e, ERR_INVALID,
			       "password <hidden>: this configuration was saved without its keys");
	return store(l, &v->secret, e);
}

static int set_sealed(struct config_line *l, struct err_msg *e)
{
	return tunnel_secret_store_sealed(l, &l->site->bgp.password,
					  config_arg(l, "psk-sealed")->text, "password", e);
}

static int unset_password(struct config_line *l, struct err_msg *e)
{
	(void)e;
	tunnel_secret_forget(&l->site->bgp.password);
	return 0;
}

static void write_password(const struct row *row, const void *object, struct config_writer *w)
{
	const struct site_psk *p = &((const struct site_bgp *)object)->password;
	struct tunnel_secret_words words = tunnel_secret_words(p, w);

	(void)row;
	if (tunnel_secret_is_set(p))
		writer_line(w, "password %s%s", words.type, words.text);
	else if (w->all)
		writer_line(w, "no password");
}

static int edit_password(struct config_line *l, struct err_msg *e)
{
	return store(l, l->arg, e);
}

static int take_password(struct cmd *c, const struct secret *key, void *arg)
{
	(void)arg;
	return place_edit(c, CMD_BGP, edit_password, (void *)(uintptr_t)key);
}

static int ask_password(struct cmd *c)
{
	return new_secret_ask(c, &(struct new_secret){.arg_name = "bgp-password",
						      .first = "Password: ",
						      .again = "Password again: ",
						      .mismatch = "Passwords do not match",
						      .fn = take_password});
}

static const struct row rows[] = {
	{
		.words = "bgp",
		.modes = IN_SITE,
		.flags = ROW_ENTERS,
		.enters = CMD_BGP,
		.handler = bgp,
		.help = "BGP over the tunnels of the site",
		.manual = "Enters BGP, and switches it on: one session over each tunnel that has "
			  "private addresses.  What the peer announces is routed to the site; "
			  "default routes, networks of other sites and addresses of the tunnels "
			  "themselves are refused.  The primary role is preferred in both "
			  "directions.  The no form switches BGP off and forgets its settings.  "
			  "The package bird2 has to be installed.",
		.reference = "RFC 4271",
	},
	{
		.words = "local-as <local-as>",
		.modes = IN_BGP,
		.fields = {FIELD("local-as", struct site_bgp, local_as)},
		.help = "AS number of this appliance towards the site",
		.manual = "AS number that this appliance has towards the site.",
		.reference = "RFC 6793",
	},
	{
		.words = "peer-as <peer-as>",
		.modes = IN_BGP,
		.fields = {FIELD("peer-as", struct site_bgp, peer_as)},
		.help = "AS number of the peer",
		.manual = "AS number of the peer.  A peer that says another one is refused "
			  "(as-mismatch).",
		.reference = "RFC 6793",
	},
	{
		.words = "advertise <range>",
		.no_words = "advertise [<range>]",
		.modes = IN_BGP,
		.set = set_advertise,
		.unset = unset_advertise,
		.write = write_advertise,
		.help = "Network that is announced to the peer",
		.manual =
			"A network that is announced to the peer; may be given several times, also "
			"as 0.0.0.0/0.  Without any, the site's network ranges are, and when there "
			"are none either, the networks of all other sites of the same account and "
			"its VPN users, 10.41.0.0/16.",
	},
	{
		.words = "timers <bgp-keepalive> <bgp-hold>",
		.modes = IN_BGP,
		.fields = {FIELD("bgp-keepalive", struct site_bgp, keepalive_s),
			   FIELD("bgp-hold", struct site_bgp, hold_s)},
		.check = check_timers,
		.help = "Keepalive interval and hold time",
		.manual = "Seconds between keepalives, and after which a silent session ends; the "
			  "smaller hold time of both sides is used.  A hold time of 0 means never.",
		.reference = "RFC 4271 section 4.2",
	},
	{
		.words = "maximum-prefix <maximum-prefix>",
		.modes = IN_BGP,
		.fields = {FIELD("maximum-prefix", struct site_bgp, maximum_prefix)},
		.help = "Routes that the peer may announce",
		.manual = "When the peer announces more routes the session ends (prefix-limit), "
			  "and is tried again later.",
	},
	{
		.words = "password",
		.modes = IN_BGP,
		.flags = ROW_NO_NO,
		.handler = ask_password,
		.help = "Password of the sessions",
		.manual = "Asks for the password twice, without showing it.",
		.reference = "RFC 2385",
	},
	{
		.words = "password <bgp-password>",
		.no_words = "password [<rest>]",
		.modes = IN_BGP,
		.flags = ROW_SECRET,
		.set = set_password,
		.unset = unset_password,
		.write = write_password,
		.help = "Password of the sessions",
		.manual = "Password that both sides sign the sessions with: the rest of the line, "
			  "in double quotes when it has blanks.  It is shown and saved encrypted.",
		.reference = "RFC 2385",
	},
	{
		.words = "password 0 <bgp-password>",
		.modes = IN_BGP,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_password,
		.help = "A password in clear text follows",
		.manual = "The same; for passwords that begin with 0 or 6 and a blank.",
	},
	{
		.words = "password 6 <psk-sealed>",
		.modes = IN_BGP,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_sealed,
		.help = "An encrypted password follows",
		.manual = "Sets the password from its encrypted form, as it stands in "
			  "configurations.",
	},
};

const struct row_table table_bgp = {
	.family = "BGP of a site",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
