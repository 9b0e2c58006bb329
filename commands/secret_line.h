/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which part of a typed or shown line is a secret.  Works on the words alone, so that a mistyped
 * line does not give away what a correct one would have kept.
 */
#ifndef COMMANDS_SECRET_LINE_H
#define COMMANDS_SECRET_LINE_H

#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

#define SECRET_LINE_NONE ((size_t)-1)

/* Offset of the secret in the line; SECRET_LINE_NONE when there is none. */
size_t secret_line_at(const char *line);
/* The line with "<hidden>" in place of the secret, up to its end. */
void secret_line_mask(const char *line, size_t len, struct strbuf *out);

#endif
