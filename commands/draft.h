/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Configuration sessions (`configure session NAME`): named copies of the configuration that are
 * edited apart and committed as a whole.  What others changed in the meantime is kept; where both
 * changed the same setting, the commit is refused.
 */
#ifndef COMMANDS_DRAFT_H
#define COMMANDS_DRAFT_H

#include "commands/config.h"
#include "commands/grammar.h"
#include "platform/base/list.h"

struct commands;
struct session_who;

#define DRAFTS_MAX     16
#define DRAFT_NAME_MAX 65

struct draft {
	struct list node; /* of struct commands */
	char name[DRAFT_NAME_MAX];
	char user[64], from[64]; /* who began it */
	uint64_t since_wall_ms;
	struct config base; /* the running configuration when it began */
	struct config work;
};

struct draft *draft_find(struct commands *c, const char *name); /* or NULL */
/* NULL: there are DRAFTS_MAX. */
struct draft *draft_new(struct commands *c, const char *name, const struct session_who *who);
/* Everybody who is in it is put back to EXEC and told why ("was committed"). */
void draft_free(struct commands *c, struct draft *d, const char *why);
void draft_free_all(struct commands *c); /* no session is left */
/* The configuration that a commit would make: the draft's changes on top of the running one.
 * report: conflicts, or lines that are refused by now; e: the first sentence. */
int draft_merge(struct commands *c, const struct draft *d, const struct grammar *g,
		struct config *out, struct strbuf *report, struct err_msg *e) WARN_UNUSED;

#endif
