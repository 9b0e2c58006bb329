/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A restart of the appliance at a later time, that everybody is told of and that can be cancelled.
 */
#ifndef COMMANDS_RELOAD_H
#define COMMANDS_RELOAD_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct commands;
struct reload;
struct session_who;

struct reload *reload_new(struct commands *c);
void reload_free(struct reload *r);
/* Replaces one that is scheduled already. */
void reload_schedule(struct reload *r, const struct session_who *who, uint32_t minutes);
/* ERR_WRONG_STATE: none is scheduled. */
int reload_cancel(struct reload *r, const struct session_who *who, struct err_msg *e) WARN_UNUSED;
/* False: none is scheduled.  user and from are borrowed. */
bool reload_scheduled(const struct reload *r, uint64_t *left_ms, const char **user,
		      const char **from);

#endif
