/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of the box as a whole, everything that is in no site. */
#ifndef COMMANDS_BOX_CONFIG_H
#define COMMANDS_BOX_CONFIG_H

#define BOX_HOSTNAME_MAX     64
#define BOX_HOSTNAME_DEFAULT "ikesh"

struct box_config {
	char hostname[BOX_HOSTNAME_MAX];
};

#endif
