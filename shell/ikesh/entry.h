/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Entry from outside: ikesh as login shell, as forced command of sshd, or both.  Decides what was
 * asked for; who asks is the appliance's business (SO_PEERCRED), never that of the environment.
 *
 *   login shell                `ssh gw1`               no argument
 *                              `ssh gw1 'show clock'`  -c 'show clock'
 *   forced command of a shell  `ssh gw1 'show clock'`  no argument, SSH_ORIGINAL_COMMAND
 *   both                       `ssh gw1 'show clock'`  -c /usr/bin/ikesh, SSH_ORIGINAL_COMMAND
 *   subsystems, scp, rsync     as a command that names a program: refused
 */
#ifndef SHELL_IKESH_ENTRY_H
#define SHELL_IKESH_ENTRY_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct entry {
	char **commands; /* of -c, room for one at least; entries are borrowed */
	size_t count;
	bool has_input;	      /* -f, --merge or --check was given */
	char *original;	      /* SSH_ORIGINAL_COMMAND or NULL, borrowed */
	const char *own_path; /* of this program, as the system knows it */
	bool sftp;	      /* out: refused, and the other side speaks SFTP */
};

/* Settles commands and count.  ERR_DENIED with e: a program was asked for, which this is no shell
 * for. */
int entry_settle(struct entry *x, struct err_msg *e) WARN_UNUSED;

#endif
