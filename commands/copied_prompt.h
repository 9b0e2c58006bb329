/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prompts that were copied along with the lines behind them. */
#ifndef COMMANDS_COPIED_PROMPT_H
#define COMMANDS_COPIED_PROMPT_H

#include <stddef.h>

/* Length of "gw1#", "gw1>" or "gw1(config-site)#" that line begins with, with the blanks behind it;
 * 0: there is none.  *depth: 0 for none and EXEC, 1 for (config), 2 for (config-site), and so on.
 */
size_t copied_prompt_len(const char *line, size_t *depth);

#endif
