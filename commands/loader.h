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
/* The same for lines that belong together: whether they contradict each other is looked at when all
 * are in (before: as config_check takes it). */
size_t loader_run_block(struct commands *c, struct config *target, const struct config *before,
			const char *name, const char *text, struct strbuf *report);
/* Lines on top of target: refused ones are left out.  Returns how many; e is set when what is left
 * contradicts itself. */
size_t loader_merge(struct commands *c, struct config *target, const char *name, const char *text,
		    struct strbuf *report, struct err_msg *e);
/* Is the last line `end`, so that the text is complete? */
bool loader_is_complete(const char *text);

#endif
