/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Networks of sites by account.  Accounts that no `reach` joins with others are groups of their
 * own, whose networks may be those of other such accounts; all other sites are one group, whose
 * networks nobody else may have.  Part of the index, see config_index.h.
 */
#ifndef COMMANDS_CONFIG_GROUPS_H
#define COMMANDS_CONFIG_GROUPS_H

#include "commands/cloud_config.h"
#include "commands/config_ranges.h"

struct config_group;

struct config_groups {
	struct config_group *list; /* by account; owned */
	size_t count;
	struct config_ranges shared;
	char (*joined)[SITE_NAME_MAX]; /* accounts in `reach`, on either side, sorted; owned */
	size_t joined_count;
};

void config_groups_init(struct config_groups *x, const struct account_list *accounts);
void config_groups_clear(struct config_groups *x);
/* As config_ranges_put, _drop, _replace, _find. */
void config_groups_put(struct config_groups *x, const struct site_config *s,
		       struct strbuf *clashes);
void config_groups_drop(struct config_groups *x, const struct site_config *s);
void config_groups_replace(struct config_groups *x, const struct site_config *old,
			   const struct site_config *now);
bool config_groups_find(const struct config_groups *x, const struct site_config *s,
			struct config_overlap *out);

#endif
