/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of modes. */
#include "commands/mode.h"

static const struct {
	const char *prompt;
	enum cmd_mode parent;
} modes[CMD_MODES] = {
	[CMD_EXEC] = {"", CMD_EXEC},
	[CMD_CONFIG] = {"(config)", CMD_EXEC},
	[CMD_SITE] = {"(config-site)", CMD_CONFIG},
	[CMD_TUNNEL] = {"(config-site-tunnel)", CMD_SITE},
	[CMD_INIT] = {"(config-site-init)", CMD_SITE},
	[CMD_AUTH] = {"(config-site-auth)", CMD_SITE},
};

const char *mode_prompt(enum cmd_mode m)
{
	return modes[m].prompt;
}

enum cmd_mode mode_parent(enum cmd_mode m)
{
	return modes[m].parent;
}
