/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pre-shared key of a tunnel: typed hidden, clear (type 0), hexadecimal, or sealed (type 6).
 * It is shown and saved sealed only.  No function here prints a key.
 */
#include "commands/new_secret.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/tunnel_secret.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#define PSK_SHORT 16

static int store_key(struct config_line *l, const struct secret *key, struct err_msg *e)
{
	struct site_psk *p = &config_line_tunnel(l)->psk;
	bool same = p->key.len == key->len && secret_equal(&p->key, key);
	int r = tunnel_secret_store(l, p, key, e);

	if (r == 0 && !same && key->len < PSK_SHORT)
		strbuf_printf(l->notes,
			      "%% Warning: the pre-shared key is shorter than %d characters\n",
			      PSK_SHORT);
	return r;
}

static int set_psk(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "psk");

	if (v == NULL)
		v = config_arg(l, "psk-hex");
	else if (tunnel_secret_is_hidden(&v->secret))
		return err_set(e, ERR_INVALID,
			       "psk <hidden>: this configuration was saved without its keys");
	return store_key(l, &v->secret, e);
}

static int set_sealed(struct config_line *l, struct err_msg *e)
{
	return tunnel_secret_store_sealed(l, &config_line_tunnel(l)->psk,
					  config_arg(l, "psk-sealed")->text, "psk", e);
}

static int unset_psk(struct config_line *l, struct err_msg *e)
{
	(void)e;
	tunnel_secret_forget(&config_line_tunnel(l)->psk);
	return 0;
}

static void write_psk(const struct row *row, const void *object, struct config_writer *w)
{
	const struct tunnel_config *t = object;
	struct tunnel_secret_words words = tunnel_secret_words(&t->psk, w);

	(void)row;
	if (tunnel_secret_is_set(&t->psk))
		writer_line(w, "psk %s%s", words.type, words.text);
	else if (w->all)
		writer_line(w, "no psk");
}

static int edit_psk(struct config_line *l, struct err_msg *e)
{
	return store_key(l, l->arg, e);
}

static int take_psk(struct cmd *c, const struct secret *key, void *arg)
{
	(void)arg;
	return place_edit(c, CMD_TUNNEL, edit_psk, (void *)(uintptr_t)key);
}

static int ask_psk(struct cmd *c)
{
	return new_secret_ask(c, &(struct new_secret){.arg_name = "psk",
						      .first = "Pre-shared key: ",
						      .again = "Pre-shared key again: ",
						      .mismatch = "Keys do not match",
						      .fn = take_psk});
}

static const struct row rows[] = {
	{
		.words = "psk",
		.modes = IN_TUNNEL,
		.flags = ROW_NO_NO,
		.handler = ask_psk,
		.help = "Pre-shared key",
		.manual = "Asks for the pre-shared key twice, without showing it.",
		.reference = "RFC 7296 section 2.15",
	},
	{
		.words = "psk <psk>",
		.no_words = "psk [<rest>]",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET,
		.set = set_psk,
		.unset = unset_psk,
		.write = write_psk,
		.help = "Pre-shared key",
		.manual = "Sets the pre-shared key, 1 to 64 characters: the rest of the line, in "
			  "double quotes when it has blanks.  It is shown and saved encrypted.",
		.reference = "RFC 7296 section 2.15",
	},
	{
		.words = "psk 0 <psk>",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_psk,
		.help = "A pre-shared key in clear text follows",
		.manual = "The same; for keys that begin with a word that psk would take.",
	},
	{
		.words = "psk 6 <psk-sealed>",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_sealed,
		.help = "An encrypted pre-shared key follows",
		.manual = "Sets the pre-shared key from its encrypted form, as it stands in "
			  "configurations.  A key that was encrypted with another master key is "
			  "kept, and the tunnel stays incomplete.",
	},
	{
		.words = "psk hex <psk-hex>",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_psk,
		.help = "A pre-shared key in hexadecimal digits follows",
		.manual = "Sets a pre-shared key of any octets, two hexadecimal digits each.",
	},
};

const struct row_table table_psk = {
	.family = "pre-shared key",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
