/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person at a terminal: lines, keys and output between the editor, the pager and the appliance.
 */
#ifndef SHELL_IKESH_TERMINAL_H
#define SHELL_IKESH_TERMINAL_H

struct link;

/* Returns the exit status. */
int terminal_run(struct link *l);

#endif
