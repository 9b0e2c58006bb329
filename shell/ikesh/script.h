/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines without a person: -c, -f, standard input, --merge, --check.  Output goes to standard output
 * as it comes; nothing is asked. */
#ifndef SHELL_IKESH_SCRIPT_H
#define SHELL_IKESH_SCRIPT_H

#include <stddef.h>
#include <stdio.h>

struct link;

/* Exit statuses of ikesh. */
enum { SCRIPT_OK = 0, SCRIPT_REFUSED = 1, SCRIPT_UNREACHABLE = 2 };

int script_commands(struct link *l, char *const *commands, size_t count);
/* Keystroke lines, beginning in EXEC; name is what messages call the file. */
int script_lines(struct link *l, FILE *in, const char *name);
/* Configuration lines, as `copy file running-config`. */
int script_merge(struct link *l, FILE *in, const char *name);
/* Validates configuration and changes nothing. */
int script_check(struct link *l, FILE *in, const char *name);

#endif
