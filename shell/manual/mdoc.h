/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mdoc(7) text on standard output: escapes, and one sentence per line. */
#ifndef SHELL_MANUAL_MDOC_H
#define SHELL_MANUAL_MDOC_H

#include <stdio.h>

/* Head of a page in section 7; description without full stop. */
void mdoc_head(FILE *out, const char *name, const char *description);
/* A paragraph of sentences; a full stop is put behind it when it has none. */
void mdoc_sentences(FILE *out, const char *text);
/* One line of text or of macro arguments: quotes, backslashes, and dots in front are escaped. */
void mdoc_line(FILE *out, const char *macro, const char *text);

void manual_commands(FILE *out);
void manual_events(FILE *out);

#endif
