/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configuration text into a configuration, without a terminal: boot, --check, merges, proofs. */
#ifndef COMMANDS_LOADER_H
#define COMMANDS_LOADER_H

#include "platform/base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct commands;
struct config;

/* Lines of text change target; refused ones are skipped and reported as "name:12: text" (report
 * may be NULL).  Reading ends at `end`.  Returns the number of refused lines. */
size_t loader_run(struct commands *c, struct config *target, const char *name, const char *text,
		  struct strbuf *report);
/* Is the last line `end`, so that the text is complete? */
bool loader_is_complete(const char *text);

#endif
