/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The running configuration replaced as a whole: by a pasted block, an archived or saved one, a
 * committed session, or the state before an unconfirmed change.  The engine is told the difference
 * only, so that tunnels that are the same in both stay up.
 */
#ifndef COMMANDS_RUNNING_H
#define COMMANDS_RUNNING_H

#include "commands/config.h"
#include "platform/base/err.h"

struct commands;

/* target is moved: it holds the old configuration afterwards.  Sessions that are inside of
 * something that is gone move up.  e: what the engine refused; the configuration is in place all
 * the same. */
int running_replace(struct commands *c, struct config *target, struct err_msg *e) WARN_UNUSED;
/* The text of a configuration, as it is shown and saved. */
void running_text(const struct config *config, struct strbuf *out);
/* Text that every terminal shows at once. */
void running_broadcast(struct commands *c, const char *text);

#endif
