/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The postquantum preshared key of a tunnel (RFC 8784): its name, which both sides agree on, and
 * its key, typed hidden, clear (type 0), hexadecimal, or encrypted (type 6).  Never shown in clear.
 */
#include "commands/new_secret.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/tunnel_secret.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define PPK_SHORT 32 /* RFC 8784 section 6: 256 bits of entropy at least */

static void set_id(struct site_ppk *p, const char *id)
{
	size_t len = strlen(id); /* as long as the argument allows */

	memset(p->id, 0, sizeof(p->id));
	memcpy(p->id, id, len < sizeof(p->id) ? len : sizeof(p->id) - 1);
}

static int store_key(struct config_line *l, const char *id, const struct secret *key,
		     struct err_msg *e)
{
	struct site_ppk *p = &config_line_tunnel(l)->ppk;
	bool same = p->secret.key.len == key->len && secret_equal(&p->secret.key, key);
	int r = tunnel_secret_store(l, &p->secret, key, e);

	if (r != 0)
		return r;
	set_id(p, id);
	if (!same && key->len < PPK_SHORT)
		strbuf_printf(l->notes,
			      "%% Warning: the postquantum preshared key is shorter than %d "
			      "characters\n",
			      PPK_SHORT);
	return 0;
}

static int set_ppk(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "ppk-key");

	if (v == NULL)
		v = config_arg(l, "ppk-hex");
	else if (tunnel_secret_is_hidden(&v->secret))
		return err_set(e, ERR_INVALID,
			       "ppk id %s key <hidden>: this configuration was saved without its "
			       "keys",
			       config_arg(l, "ppk-id")->text);
	return store_key(l, config_arg(l, "ppk-id")->text, &v->secret, e);
}

static int set_sealed(struct config_line *l, struct err_msg *e)
{
	struct site_ppk *p = &config_line_tunnel(l)->ppk;
	int r = tunnel_secret_store_sealed(l, &p->secret, config_arg(l, "ppk-sealed")->text,
					   "ppk key", e);

	if (r == 0)
		set_id(p, config_arg(l, "ppk-id")->text);
	return r;
}

static int unset_ppk(struct config_line *l, struct err_msg *e)
{
	struct site_ppk *p = &config_line_tunnel(l)->ppk;
	const struct value *id = config_arg(l, "ppk-id");

	if (id != NULL && strcmp(id->text, p->id) != 0)
		return err_set(e, ERR_NOT_FOUND, "This tunnel has no ppk id %s", id->text);
	tunnel_secret_forget(&p->secret);
	set_id(p, "");
	if (id == NULL)
		p->required = false;
	return 0;
}

static void write_ppk(const struct row *row, const void *object, struct config_writer *w)
{
	const struct tunnel_config *t = object;
	struct tunnel_secret_words words = tunnel_secret_words(&t->ppk.secret, w);

	(void)row;
	if (tunnel_secret_is_set(&t->ppk.secret))
		writer_line(w, "ppk id %s key %s%s", t->ppk.id, words.type, words.text);
	else if (w->all)
		writer_line(w, "no ppk id");
}

static int set_required(struct config_line *l, struct err_msg *e)
{
	(void)e;
	config_line_tunnel(l)->ppk.required = true;
	return 0;
}

static int unset_required(struct config_line *l, struct err_msg *e)
{
	(void)e;
	config_line_tunnel(l)->ppk.required = false;
	return 0;
}

static void write_required(const struct row *row, const void *object, struct config_writer *w)
{
	const struct tunnel_config *t = object;

	(void)row;
	if (t->ppk.required)
		writer_line(w, "ppk required");
	else if (w->all)
		writer_line(w, "no ppk required");
}

/* ---- Typed hidden ---------------------------------------------------------------------------- */

struct typed {
	char *id;
	const struct secret *key;
};

static int edit_ppk(struct config_line *l, struct err_msg *e)
{
	const struct typed *t = l->arg;

	return store_key(l, t->id, t->key, e);
}

static int take_ppk(struct cmd *c, const struct secret *key, void *arg)
{
	struct typed t = {.id = arg, .key = key};
	int r = place_edit(c, CMD_TUNNEL, edit_ppk, &t);

	free(t.id);
	return r;
}

static int ask_ppk(struct cmd *c)
{
	return new_secret_ask(c, &(struct new_secret){.arg_name = "ppk-key",
						      .first = "Postquantum preshared key: ",
						      .again = "Postquantum preshared key again: ",
						      .mismatch = "Keys do not match",
						      .fn = take_ppk,
						      .drop = free,
						      .arg = mem_strdup(cmd_text(c, "ppk-id"))});
}

static const struct row rows[] = {
	{
		.words = "ppk id <ppk-id>",
		.modes = IN_TUNNEL,
		.flags = ROW_NO_NO,
		.handler = ask_ppk,
		.help = "Postquantum preshared key, asked for without showing it",
		.manual = "Asks for the postquantum preshared key twice, without showing it.",
		.reference = "RFC 8784",
	},
	{
		.words = "ppk id <ppk-id> key <ppk-key>",
		.no_words = "ppk [id [<ppk-id> [<rest>]]]",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET,
		.set = set_ppk,
		.unset = unset_ppk,
		.write = write_ppk,
		.help = "Postquantum preshared key",
		.manual = "Sets a postquantum preshared key and the name under which the peer has "
			  "the same one.  It is mixed into the keys of the tunnel, beside the "
			  "pre-shared key, so that traffic recorded today stays secret even when "
			  "key exchanges can be broken one day.  A peer without it is still "
			  "accepted, unless ppk required says otherwise.  The key should be "
			  "random, with 32 characters at least; it is shown and saved encrypted.",
		.reference = "RFC 8784",
	},
	{
		.words = "ppk id <ppk-id> key 0 <ppk-key>",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_ppk,
		.help = "A key in clear text follows",
		.manual = "The same; for keys that begin with a word that key would take.",
	},
	{
		.words = "ppk id <ppk-id> key 6 <ppk-sealed>",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_sealed,
		.help = "An encrypted key follows",
		.manual = "Sets the postquantum preshared key from its encrypted form, as it "
			  "stands in configurations.",
	},
	{
		.words = "ppk id <ppk-id> key hex <ppk-hex>",
		.modes = IN_TUNNEL,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_ppk,
		.help = "A key in hexadecimal digits follows",
		.manual = "Sets a postquantum preshared key of any octets, two hexadecimal digits "
			  "each.",
	},
	{
		.words = "ppk required",
		.no_words = "ppk required",
		.modes = IN_TUNNEL,
		.set = set_required,
		.unset = unset_required,
		.write = write_required,
		.help = "No tunnel without the postquantum preshared key",
		.manual = "The tunnel comes up only with a peer that has the postquantum preshared "
			  "key, too.",
		.reference = "RFC 8784 section 3",
	},
};

const struct row_table table_ppk = {
	.family = "postquantum preshared key",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
