/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three-way merge of configurations: what changed from base to mine, on top of theirs.  Works on
 * the tree of lines; what a line is about (its stem) follows from its row, so that two values of
 * the same setting are seen as the same thing.
 */
#ifndef COMMANDS_CONFIG_MERGE_H
#define COMMANDS_CONFIG_MERGE_H

#include "commands/config_text.h"
#include "commands/grammar.h"

/* out: the merged configuration as text.  conflicts: one block per setting that both sides changed
 * differently, with its section, "mine:" and "theirs:" lines.  Returns how many there are; out is
 * not complete then. */
size_t config_merge(const struct grammar *g, const struct config_text *base,
		    const struct config_text *mine, const struct config_text *theirs,
		    struct strbuf *out, struct strbuf *conflicts);

#endif
