/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `configure terminal lock`: one session changes the configuration, all others look. */
#ifndef COMMANDS_LOCK_H
#define COMMANDS_LOCK_H

#include "platform/base/err.h"

struct session;

/* ERR_BUSY with "Configuration locked by ops1 (vty 1)" when another session has the lock. */
int lock_check(const struct session *s, struct err_msg *e) WARN_UNUSED;
/* ERR_BUSY as well when another session is in configuration mode. */
int lock_take(struct session *s, struct err_msg *e) WARN_UNUSED;
void lock_release(struct session *s); /* nothing when it has none */

#endif
