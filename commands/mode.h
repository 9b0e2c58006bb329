/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modes as operators see them: prompt and parent. */
#ifndef COMMANDS_MODE_H
#define COMMANDS_MODE_H

#include "commands/row.h"

/* "(config-site)"; "" in EXEC. */
const char *mode_prompt(enum cmd_mode m);
/* "-site": what it adds to "(config". */
const char *mode_suffix(enum cmd_mode m, char *buf, size_t size);
/* "init-parameters": the line that the section begins with, where it is a fixed one. */
const char *mode_section(enum cmd_mode m);
/* One level up; EXEC is its own parent. */
enum cmd_mode mode_parent(enum cmd_mode m);
/* Is the object of the mode a site, or a part of one? */
bool mode_is_in_site(enum cmd_mode m);

#endif
