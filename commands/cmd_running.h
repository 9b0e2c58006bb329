/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saving, for every command that offers it. */
#ifndef COMMANDS_CMD_RUNNING_H
#define COMMANDS_CMD_RUNNING_H

struct cmd;

/* Running to startup, with a copy to the archive; says how it went, and gives what a handler
 * gives. */
int running_save(struct cmd *c);

#endif
