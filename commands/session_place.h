/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a session is in the configuration, for handlers that move it or edit there.  All give what
 * a handler returns.
 */
#ifndef COMMANDS_SESSION_PLACE_H
#define COMMANDS_SESSION_PLACE_H

#include "commands/cmd.h"
#include "commands/config_line.h"

struct draft;

/* The configuration that this session's lines change. */
struct config *place_config(struct cmd *c);
/* Make the site when it is new, and go into it. */
int place_enter_site(struct cmd *c, const char *name);
int place_remove_site(struct cmd *c, const char *name);
/* Make the tunnel of the current site when it is new, and go into it. */
int place_enter_tunnel(struct cmd *c, enum site_role role, unsigned index0);
/* Make the network rule when it is new (then it needs a name), and go into it. */
int place_enter_rule(struct cmd *c, uint32_t priority, const char *name);
int place_remove_rule(struct cmd *c, uint32_t priority);
/* Make the PoP or the account when it is new, and go into it. */
int place_enter_pop(struct cmd *c, const char *name);
int place_remove_pop(struct cmd *c, const char *name);
int place_enter_account(struct cmd *c, const char *name);
int place_remove_account(struct cmd *c, const char *name);
/* Another mode of the same site. */
int place_enter(struct cmd *c, enum cmd_mode mode);
/* Change the object of the current place, seen from mode, through config_edit. */
int place_edit(struct cmd *c, enum cmd_mode mode, config_edit_fn *fn, void *arg);
/* Into configuration mode of the running configuration, or of a copy. */
int place_configure(struct cmd *c, struct draft *d);
/* One level up, or to EXEC. */
int place_exit(struct cmd *c);
int place_end(struct cmd *c);
/* "% Warning: site X has no secondary tunnel" when it has a primary one only; 1 when it warned. */
size_t place_warn_secondary(struct cmd *c, const struct site_config *site);

#endif
