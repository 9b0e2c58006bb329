/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The context guard: when a line that should enter a mode is refused, the lines that belong to it
 * are skipped, so that they never change another site.
 */
#ifndef COMMANDS_GUARD_H
#define COMMANDS_GUARD_H

#include "commands/resolve.h"

#include <stdbool.h>

struct session;

/* A line was refused: does it begin a guard?  indent: blanks in front of it. */
void guard_begin(struct session *s, const struct resolution *refused, size_t indent);
void guard_end(struct session *s);
void guard_comment(struct session *s); /* a line with `!`, which ends sections */
/* Is this line to be skipped?  Says so when it is; ends the guard when it is not. */
bool guard_skips(struct session *s, const struct resolution *r, size_t indent);

#endif
