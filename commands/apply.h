/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the running configuration to the engine: per site, only what differs from the last time. */
#ifndef COMMANDS_APPLY_H
#define COMMANDS_APPLY_H

#include "platform/base/err.h"

struct commands;

/* One site by name: set, or removed when it is no longer configured. */
int apply_site(struct commands *c, const char *name, struct err_msg *e) WARN_UNUSED;
/* Network rules, when they differ from the last time. */
void apply_cloud(struct commands *c);
void apply_rules(struct commands *c);
/* What the box itself does differently now: prompts, idle times. */
void apply_box(struct commands *c);
/* All sites.  Goes on after errors; e keeps the first. */
int apply_all(struct commands *c, struct err_msg *e) WARN_UNUSED;

#endif
