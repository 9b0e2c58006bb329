/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modes as operators see them: prompt and parent. */
#ifndef COMMANDS_MODE_H
#define COMMANDS_MODE_H

#include "commands/row.h"

/* "(config-site)"; "" in EXEC. */
const char *mode_prompt(enum cmd_mode m);
/* One level up; EXEC is its own parent. */
enum cmd_mode mode_parent(enum cmd_mode m);

#endif
