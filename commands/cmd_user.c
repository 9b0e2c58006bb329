/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may what: the enable secret, and users with their privilege and secret.  Secrets become
 * hashes at once; no function here keeps or prints a clear one.
 */
#include "commands/config_line.h"
#include "commands/new_secret.h"
#include "commands/password_hash.h"
#include "commands/row.h"
#include "commands/session_place.h"
#include "commands/writer.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_SHORT 8

static int store_clear(struct config_line *l, const struct secret *clear,
		       char hash[PASSWORD_HASH_MAX], struct err_msg *e)
{
	/* The same secret again keeps its salt: nothing changes. */
	if (password_hash_type(hash) == PASSWORD_HASH_STRONG && password_hash_verify(hash, clear))
		return 0;
	if (clear->len < SECRET_SHORT)
		strbuf_printf(l->notes, "%% Warning: the secret is shorter than %d characters\n",
			      SECRET_SHORT);
	return password_hash_make(PASSWORD_HASH_STRONG, clear, hash, e);
}

/* From whichever argument the line has. */
static int store_secret(struct config_line *l, char hash[PASSWORD_HASH_MAX], struct err_msg *e)
{
	static const struct {
		const char *arg;
		unsigned type;
	} hashes[] = {{"secret-hash-5", 5}, {"secret-hash-8", 8}, {"secret-hash-9", 9}};
	const struct value *v = config_arg(l, "secret");
	struct err_msg why = {.code = 0};

	if (v != NULL && v->secret.len == 8 && memcmp(v->secret.data, "<hidden>", 8) == 0)
		return err_set(e, ERR_INVALID,
			       "secret <hidden>: this configuration was saved without its secrets");
	if (v != NULL)
		return store_clear(l, &v->secret, hash, e);
	for (size_t i = 0; i < ARRAY_LEN(hashes); i++) {
		v = config_arg(l, hashes[i].arg);
		if (v == NULL)
			continue;
		if (password_hash_check(hashes[i].type, v->text, &why) != 0)
			return err_set(e, why.code, "secret %u: %s", hashes[i].type, why.text);
		memset(hash, 0, PASSWORD_HASH_MAX);
		memcpy(hash, v->text, strlen(v->text));
		if (hashes[i].type == 5)
			strbuf_add(l->notes, "% Warning: type 5 is weak, enter the secret again "
					     "without a type\n");
	}
	return 0;
}

static void write_hash(struct config_writer *w, const char *words, const char *hash)
{
	if (w->hide_secrets)
		writer_line(w, "%s secret <hidden>", words);
	else
		writer_line(w, "%s secret %u %s", words, password_hash_type(hash), hash);
}

static int refuse_type_7(struct cmd *c)
{
	return cmd_fail(c, ERR_UNSUPPORTED,
			"Type 7 can be decrypted by anybody and is not taken: use type 8 or 9, or "
			"type the clear secret");
}

/* ---- enable secret --------------------------------------------------------------------------- */

static int set_enable(struct config_line *l, struct err_msg *e)
{
	return store_secret(l, l->box->enable_secret, e);
}

static int unset_enable(struct config_line *l, struct err_msg *e)
{
	(void)e;
	memset(l->box->enable_secret, 0, sizeof(l->box->enable_secret));
	return 0;
}

static void write_enable(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;

	(void)row;
	if (b->enable_secret[0] != '\0')
		write_hash(w, "enable", b->enable_secret);
	else if (w->all)
		writer_line(w, "no enable secret");
}

static int edit_enable(struct config_line *l, struct err_msg *e)
{
	return store_clear(l, l->arg, l->box->enable_secret, e);
}

static int take_enable(struct cmd *c, const struct secret *secret, void *arg)
{
	(void)arg;
	return place_edit(c, CMD_CONFIG, edit_enable, (void *)(uintptr_t)secret);
}

static int ask_enable(struct cmd *c)
{
	return new_secret_ask(c, &(struct new_secret){.arg_name = "secret",
						      .first = "Secret: ",
						      .again = "Secret again: ",
						      .mismatch = "Secrets do not match",
						      .fn = take_enable});
}

/* ---- username -------------------------------------------------------------------------------- */

static struct box_user *user_of(struct config_line *l, struct err_msg *e)
{
	const struct value *privilege = config_arg(l, "user-privilege");
	struct box_user *u = box_user_add(l->box, config_arg(l, "username")->text);

	if (u == NULL)
		err_set(e, ERR_NO_SPACE, "There are %d users, that is all there can be", BOX_USERS);
	else if (privilege != NULL)
		u->privilege = privilege->number;
	return u;
}

static int set_user(struct config_line *l, struct err_msg *e)
{
	return user_of(l, e) == NULL ? ERR_NO_SPACE : 0;
}

static int set_user_secret(struct config_line *l, struct err_msg *e)
{
	struct box_user *u = user_of(l, e);

	return u == NULL ? ERR_NO_SPACE : store_secret(l, u->secret, e);
}

static int unset_user(struct config_line *l, struct err_msg *e)
{
	const char *name = config_arg(l, "username")->text;

	if (!box_user_remove(l->box, name))
		return err_set(e, ERR_NOT_FOUND, "There is no user %s", name);
	return 0;
}

static void write_users(const struct row *row, const void *object, struct config_writer *w)
{
	const struct box_config *b = object;

	(void)row;
	for (size_t i = 0; i < b->user_count; i++) {
		const struct box_user *u = &b->users[i];
		char words[BOX_USER_MAX + 40];

		snprintf(words, sizeof(words), "username %s privilege %" PRIu32, u->name,
			 u->privilege);
		if (u->secret[0] != '\0')
			write_hash(w, words, u->secret);
		else
			writer_line(w, "%s", words);
	}
}

/* A user whose secret is being asked for. */
struct new_user {
	char name[BOX_USER_MAX];
	bool has_privilege;
	uint32_t privilege;
	const struct secret *secret;
};

static int edit_user(struct config_line *l, struct err_msg *e)
{
	const struct new_user *n = l->arg;
	struct box_user *u = box_user_add(l->box, n->name);

	if (u == NULL)
		return err_set(e, ERR_NO_SPACE, "There are %d users, that is all there can be",
			       BOX_USERS);
	if (n->has_privilege)
		u->privilege = n->privilege;
	return store_clear(l, n->secret, u->secret, e);
}

static int take_user(struct cmd *c, const struct secret *secret, void *arg)
{
	struct new_user *n = arg;
	int r;

	n->secret = secret;
	r = place_edit(c, CMD_CONFIG, edit_user, n);
	free(n);
	return r;
}

static int ask_user(struct cmd *c)
{
	struct new_user *n = mem_zalloc(sizeof(*n));

	snprintf(n->name, sizeof(n->name), "%s", cmd_text(c, "username"));
	n->has_privilege = cmd_value(c, "user-privilege") != NULL;
	n->privilege = cmd_u32(c, "user-privilege", 1);
	return new_secret_ask(c, &(struct new_secret){.arg_name = "secret",
						      .first = "Secret: ",
						      .again = "Secret again: ",
						      .mismatch = "Secrets do not match",
						      .fn = take_user,
						      .drop = free,
						      .arg = n});
}

static const struct row rows[] = {
	{
		.words = "enable secret",
		.modes = IN_CONFIG,
		.flags = ROW_NO_NO,
		.handler = ask_enable,
		.help = "Secret that enable asks for",
		.manual = "Asks for the secret twice, without showing it.",
	},
	{
		.words = "enable secret { <secret> | 0 <secret> | 5 <secret-hash-5> | 8 "
			 "<secret-hash-8> | 9 <secret-hash-9> }",
		.no_words = "enable secret [<rest>]",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET,
		.set = set_enable,
		.unset = unset_enable,
		.write = write_enable,
		.help = "Secret that enable asks for",
		.manual = "The secret that enable asks for.  A clear one (without a type, or type "
			  "0) becomes a hash of type 9 at once; hashes of type 8 and 9, and to be "
			  "checked only of type 5, may be pasted as routers show them.  Type 7 is "
			  "refused.",
		.reference = "RFC 7914, RFC 8018",
	},
	{
		.words = "enable secret 7 <rest>",
		.modes = IN_CONFIG,
		.flags = ROW_NO_NO | ROW_HIDDEN,
		.handler = refuse_type_7,
		.help = "Not taken",
		.manual = "Refused: type 7 is no hash.",
	},
	{
		.words = "username <username> [privilege <user-privilege>]",
		.no_words = "username <username> [<rest>]",
		.modes = IN_CONFIG,
		.set = set_user,
		.unset = unset_user,
		.write = write_users,
		.help = "A user and what he may do",
		.manual = "Gives a user of this machine a privilege level: sessions of this user "
			  "begin with it, instead of the one that his group gives, and it is as "
			  "far as he comes without the enable secret.  root always begins at 15.",
	},
	{
		.words = "username <username> [privilege <user-privilege>] secret",
		.modes = IN_CONFIG,
		.flags = ROW_NO_NO,
		.handler = ask_user,
		.help = "Secret of the user, for login",
		.manual = "Asks for the secret of the user twice, without showing it.",
	},
	{
		.words = "username <username> [privilege <user-privilege>] secret { <secret> | 0 "
			 "<secret> | 5 <secret-hash-5> | 8 <secret-hash-8> | 9 <secret-hash-9> }",
		.modes = IN_CONFIG,
		.flags = ROW_SECRET | ROW_NO_NO,
		.set = set_user_secret,
		.help = "Secret of the user, for login",
		.manual = "The secret with which login makes a session that of this user.  It is "
			  "kept and shown like the enable secret.",
	},
	{
		.words = "username <username> [privilege <user-privilege>] secret 7 <rest>",
		.modes = IN_CONFIG,
		.flags = ROW_NO_NO | ROW_HIDDEN,
		.handler = refuse_type_7,
		.help = "Not taken",
		.manual = "Refused: type 7 is no hash.",
	},
};

const struct row_table table_user = {
	.family = "users",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
