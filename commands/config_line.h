/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One configuration line at work.  The object that it changes is a copy; only when the row's hooks
 * and checks are content does the copy take the place of the original, so that a refused line has
 * changed nothing.
 */
#ifndef COMMANDS_CONFIG_LINE_H
#define COMMANDS_CONFIG_LINE_H

#include "commands/config.h"
#include "commands/resolve.h"

struct sealer;

/* Which object the session is in. */
struct config_place {
	enum cmd_mode mode;
	char site[SITE_NAME_MAX]; /* SITE and below */
	enum site_role role;	  /* TUNNEL */
	unsigned index0;
	uint32_t rule;		    /* NETRULE: its priority */
	char object[SITE_NAME_MAX]; /* POP, ACCOUNT */
};

struct config_line {
	const struct row *row;
	const struct resolution *values;
	const struct config *config; /* unchanged, for comparisons with other sites */
	const struct config_place *place;
	struct box_config *box;	  /* copy */
	struct site_config *site; /* copy; NULL outside of sites */
	struct net_rule *rule;	  /* copy; NULL outside of rules */
	struct pop *pop;	  /* copy; NULL outside of PoPs */
	struct account *account;  /* copy; NULL outside of accounts */
	void *object;		  /* in the copies: what the row's fields are offsets into */
	struct sealer *sealer;
	bool in_block;	      /* what contradicts the rest may still be mended: site_check */
	struct strbuf *notes; /* "% Warning: ..." lines for the operator */
	void *arg;	      /* of config_edit */
};

typedef int config_edit_fn(struct config_line *l, struct err_msg *e);

/* Set, or with values->no unset, what values->row says.  *changed: is anything different now?
 * ERR_NOT_FOUND: the site or tunnel of place is gone. */
int config_line_apply(struct config *c, const struct config_place *place,
		      const struct resolution *values, struct sealer *sealer, struct strbuf *notes,
		      bool in_block, bool *changed, struct err_msg *e) WARN_UNUSED;
/* The same with a function instead of a row. */
int config_edit(struct config *c, const struct config_place *place, config_edit_fn *fn, void *arg,
		struct sealer *sealer, struct strbuf *notes, bool *changed,
		struct err_msg *e) WARN_UNUSED;

/* For hooks: the argument of this name, NULL when it was left out. */
const struct value *config_arg(const struct config_line *l, const char *name);
struct tunnel_config *config_line_tunnel(struct config_line *l); /* in TUNNEL */
#endif
