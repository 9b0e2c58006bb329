/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between handlers and screens: an answer in the format that the line asked for, and its printing.
 */
#ifndef COMMANDS_SHOW_CMD_H
#define COMMANDS_SHOW_CMD_H

#include "commands/cmd.h"
#include "commands/show.h"

struct answer *show_begin(const struct cmd *c);
int show_end(struct cmd *c, struct answer *a); /* prints and frees; gives 0 */
/* Both clocks now. */
struct show_clock show_now(struct cmd *c);
/* The running gateway; NULL after it said that there is none. */
struct gateway *show_gateway(struct cmd *c);

/* Calls fn for the site that <site> names, or for all sites in order of name.  ERR_NOT_FOUND (said)
 * when the named one does not exist. */
int show_each_site(struct cmd *c, bool children,
		   void (*fn)(void *arg, const struct show_clock *clock, const struct show_site *s),
		   void *arg);
/* The last event of a peer that no tunnel expects, in the last 10 minutes; NULL: none.  Borrowed.
 */
const struct event *show_stranger(struct cmd *c);

#endif
