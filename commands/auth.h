/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secrets that operators give, and how often they may be wrong.  After three wrong ones a user
 * waits, longer each time, whichever terminal he tries it from.
 */
#ifndef COMMANDS_AUTH_H
#define COMMANDS_AUTH_H

#include "platform/base/err.h"

#include <stdint.h>

struct auth;

#define AUTH_TRIES 3 /* until the first wait */

struct auth *auth_new(void);
void auth_free(struct auth *a);
/* May user try now?  ERR_BUSY: e says how long he has to wait. */
int auth_may_try(struct auth *a, const char *user, uint64_t now_ms, struct err_msg *e) WARN_UNUSED;
void auth_failed(struct auth *a, const char *user, uint64_t now_ms);
void auth_passed(struct auth *a, const char *user);

#endif
