/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person at a terminal: lines, keys and output between the editor, the pager and the appliance.
 */
#ifndef SHELL_IKESH_TERMINAL_H
#define SHELL_IKESH_TERMINAL_H

#include <stdint.h>

struct link;

/* Size of the window, of an ordinary terminal when it is unknown. */
void terminal_window(uint16_t *rows, uint16_t *columns);

/* Returns the exit status. */
int terminal_run(struct link *l);

#endif
