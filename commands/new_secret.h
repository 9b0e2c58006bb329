/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A new secret typed twice, without being shown. */
#ifndef COMMANDS_NEW_SECRET_H
#define COMMANDS_NEW_SECRET_H

#include "commands/cmd.h"
#include "platform/base/secret.h"

/* The secret is valid during the call only.  What it returns is the handler's result. */
typedef int new_secret_fn(struct cmd *c, const struct secret *secret, void *arg);

/* what: "Pre-shared key" or "Secret"; mismatch: "Keys do not match".  arg is borrowed until fn was
 * called; when the operator gives up, drop (may be NULL) is called instead. */
struct new_secret {
	const char *arg_name; /* in args.c: how the value is checked */
	const char *first, *again;
	const char *mismatch;
	new_secret_fn *fn;
	void (*drop)(void *arg);
	void *arg;
};

/* Gives what a handler returns; fails where nobody can be asked. */
int new_secret_ask(struct cmd *c, const struct new_secret *wanted);

#endif
