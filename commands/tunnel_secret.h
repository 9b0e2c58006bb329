/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key of a tunnel that must be had in clear: kept beside its encrypted (type 6) form, which is
 * the only one that is shown and saved.  No function here prints a key.
 */
#ifndef COMMANDS_TUNNEL_SECRET_H
#define COMMANDS_TUNNEL_SECRET_H

#include "commands/config_line.h"
#include "platform/base/err.h"

struct config_writer;

/* Wipes both forms. */
void tunnel_secret_forget(struct site_psk *p);
/* A key in clear: encrypts it, unless it is the one that is there already.  e: the master key
 * cannot be had. */
int tunnel_secret_store(struct config_line *l, struct site_psk *p, const struct secret *key,
			struct err_msg *e) WARN_UNUSED;
/* The encrypted form.  One that cannot be decrypted is kept, with a warning.  word: "psk". */
int tunnel_secret_store_sealed(struct config_line *l, struct site_psk *p, const char *sealed,
			       const char *word, struct err_msg *e) WARN_UNUSED;
/* Where a configuration was saved without its keys, this stands for one. */
bool tunnel_secret_is_hidden(const struct secret *key);
bool tunnel_secret_is_set(const struct site_psk *p);
/* "6 <text>", or "<hidden>" where keys are not to be shown; valid as long as p. */
struct tunnel_secret_words {
	const char *type, *text;
};
struct tunnel_secret_words tunnel_secret_words(const struct site_psk *p,
					       const struct config_writer *w);

#endif
