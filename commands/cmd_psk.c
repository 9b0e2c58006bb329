/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pre-shared key of a tunnel: typed hidden, clear (type 0), hexadecimal, or sealed (type 6).
 * It is shown and saved sealed only.  No function here prints a key.
 */
#include "commands/config_line.h"
#include "commands/new_secret.h"
#include "commands/row.h"
#include "commands/seal.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define PSK_SHORT 16

static void forget(struct site_psk *p)
{
	secret_clear(&p->key);
	if (p->sealed != NULL)
		bytes_wipe(p->sealed, strlen(p->sealed));
	free(p->sealed);
	p->sealed = NULL;
}

/* A clear key: seal it, unless it is the one that is there already. */
static int store_key(struct config_line *l, const struct secret *key, struct err_msg *e)
{
	struct site_psk *p = &config_line_tunnel(l)->psk;
	char sealed[SEAL_TEXT_MAX];
	int r;

	if (p->sealed != NULL && p->key.len == key->len && secret_equal(&p->key, key))
		return 0;
	r = sealer_seal(l->sealer, key, sealed, e);
	if (r != 0)
		return r;
	forget(p);
	secret_copy(&p->key, key);
	p->sealed = mem_strdup(sealed);
	if (key->len < PSK_SHORT)
		strbuf_printf(l->notes,
			      "%% Warning: the pre-shared key is shorter than %d characters\n",
			      PSK_SHORT);
	return 0;
}

static int set_psk(struct config_line *l, struct err_msg *e)
{
	const struct value *v = config_arg(l, "psk");

	if (v == NULL)
		v = config_arg(l, "psk-hex");
	else if (v->secret.len == 8 && memcmp(v->secret.data, "<hidden>", 8) == 0)
		return err_set(e, ERR_INVALID,
			       "psk <hidden>: this configuration was saved without its keys");
	return store_key(l, &v->secret, e);
}

static int set_sealed(struct config_line *l, struct err_msg *e)
{
	struct site_psk *p = &config_line_tunnel(l)->psk;
	const char *text = config_arg(l, "psk-sealed")->text;
	struct secret key = SECRET_NONE;
	struct err_msg why = {.code = 0};
	int r = sealer_open(l->sealer, text, &key, &why);

	if (r == ERR_INVALID)
		return err_set(e, r, "psk 6: %s", why.text);
	if (r != 0)
		strbuf_printf(l->notes,
			      "%% Warning: psk of tunnel %s %u of site %s cannot be "
			      "decrypted: %s\n",
			      site_role_name(l->place->role), l->place->index0 + 1, l->site->name,
			      why.text);
	forget(p);
	secret_move(&p->key, &key);
	p->sealed = mem_strdup(text);
	return 0;
}

static int unset_psk(struct config_line *l, struct err_msg *e)
{
	(void)e;
	forget(&config_line_tunnel(l)->psk);
	return 0;
}

static void write_psk(const struct row *row, const void *object, struct config_writer *w)
{
	const struct tunnel_config *t = object;

	(void)row;
	if (t->psk.sealed == NULL && t->psk.key.len == 0) {
		if (w->all)
			writer_line(w, "no psk");
	} else if (w->hide_secrets || t->psk.sealed == NULL) {
		writer_line(w, "psk <hidden>");
	} else {
		writer_line(w, "psk 6 %s", t->psk.sealed);
	}
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
