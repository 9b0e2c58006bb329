/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole configuration: the box and its sites in order of name.  Plain data with lookups; it knows
 * no text (writer.c) and no engine (apply.c).
 */
#ifndef COMMANDS_CONFIG_H
#define COMMANDS_CONFIG_H

#include "commands/box_config.h"
#include "dataplane/site/site_config.h"

struct config {
	struct box_config box;
	struct site_config **sites; /* sorted by name */
	size_t count;
};

void config_init(struct config *c); /* factory state */
void config_clear(struct config *c);
void config_copy(struct config *dst, const struct config *src); /* dst must be initialised */
bool config_equal(const struct config *a, const struct config *b);
/* NULL when there is none of this name. */
struct site_config *config_site(const struct config *c, const char *name);
struct site_config *config_site_add(struct config *c, const char *name); /* must be new */
bool config_site_remove(struct config *c, const char *name);

#endif
