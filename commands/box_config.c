/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Factory state and comparison of the box's own configuration. */
#include "commands/box_config.h"

#include <stdio.h>
#include <string.h>

void box_config_init(struct box_config *b)
{
	memset(b, 0, sizeof(*b));
	snprintf(b->hostname, sizeof(b->hostname), "%s", BOX_HOSTNAME_DEFAULT);
	b->archive_maximum = BOX_ARCHIVE_DEFAULT;
}

bool box_config_equal(const struct box_config *a, const struct box_config *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}
