/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The configuration of the box as a whole, everything that is in no site.  Plain data without
 * pointers: copied by assignment, compared by box_config_equal.  Unused octets are zero.
 */
#ifndef COMMANDS_BOX_CONFIG_H
#define COMMANDS_BOX_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#define BOX_HOSTNAME_MAX     64
#define BOX_HOSTNAME_DEFAULT "ikesh"
#define BOX_ARCHIVE_DEFAULT  14

struct box_config {
	char hostname[BOX_HOSTNAME_MAX];
	uint32_t archive_maximum; /* numbered copies that are kept */
};

void box_config_init(struct box_config *b); /* factory state */
bool box_config_equal(const struct box_config *a, const struct box_config *b);

#endif
