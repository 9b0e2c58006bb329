/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole configuration: the box, its sites in order of name, and network rules.  Plain data with
 * lookups; it knows no text (writer.c) and no engine (apply.c).
 */
#ifndef COMMANDS_CONFIG_H
#define COMMANDS_CONFIG_H

#include "commands/box_config.h"
#include "commands/cloud_config.h"
#include "dataplane/site/net_rule.h"
#include "dataplane/site/site_config.h"
#include "platform/base/strbuf.h"

struct config_index;

struct config {
	struct box_config box;
	struct site_config **sites; /* sorted by name */
	size_t count;
	struct net_rule_list rules;
	struct cloud_config cloud;
	struct config_index *index; /* NULL: made when a line needs it */
};

void config_init(struct config *c); /* factory state */
void config_clear(struct config *c);
void config_copy(struct config *dst, const struct config *src); /* dst must be initialised */
bool config_equal(const struct config *a, const struct config *b);
/* NULL when there is none of this name. */
struct site_config *config_site(const struct config *c, const char *name);
struct site_config *config_site_add(struct config *c, const char *name); /* must be new */
bool config_site_remove(struct config *c, const char *name);
/* Put s (moved: initialised and empty afterwards) in the place of the site with its name. */
void config_site_replace(struct config *c, struct site_config *old, struct site_config *s);
/* Contradictions within sites and between them, as far as before (may be NULL) does not have the
 * same site: one "% ..." line each, at most CONFIG_CHECK_LINES.  Returns how many there are. */
#define CONFIG_CHECK_LINES 20
size_t config_check(const struct config *c, const struct config *before, struct strbuf *report);

#endif
