/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of modes. */
#include "commands/mode.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *prompt;
	enum cmd_mode parent;
	const char *section;
} modes[CMD_MODES] = {
	[CMD_EXEC] = {"", CMD_EXEC, NULL},
	[CMD_CONFIG] = {"(config)", CMD_EXEC, NULL},
	[CMD_SITE] = {"(config-site)", CMD_CONFIG, NULL},
	[CMD_TUNNEL] = {"(config-site-tunnel)", CMD_SITE, NULL},
	[CMD_INIT] = {"(config-site-init)", CMD_SITE, "init-parameters"},
	[CMD_AUTH] = {"(config-site-auth)", CMD_SITE, "auth-parameters"},
	[CMD_ARCHIVE] = {"(config-archive)", CMD_CONFIG, "archive"},
	[CMD_NETRULE] = {"(config-netrule)", CMD_CONFIG, NULL},
	[CMD_BGP] = {"(config-site-bgp)", CMD_SITE, "bgp"},
	[CMD_POP] = {"(config-pop)", CMD_CONFIG, NULL},
	[CMD_ACCOUNT] = {"(config-account)", CMD_CONFIG, NULL},
};

const char *mode_prompt(enum cmd_mode m)
{
	return modes[m].prompt;
}

const char *mode_suffix(enum cmd_mode m, char *buf, size_t size)
{
	const char *text = modes[m].prompt;
	size_t begin = strlen("(config"), len = strlen(text);

	snprintf(buf, size, "%.*s", len > begin ? (int)(len - begin - 1) : 0,
		 len > begin ? text + begin : "");
	return buf;
}

const char *mode_section(enum cmd_mode m)
{
	return modes[m].section == NULL ? "" : modes[m].section;
}

enum cmd_mode mode_parent(enum cmd_mode m)
{
	return modes[m].parent;
}

bool mode_is_in_site(enum cmd_mode m)
{
	while (m != CMD_SITE && m > CMD_CONFIG)
		m = mode_parent(m);
	return m == CMD_SITE;
}
