/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a service manager is told: sd_notify(3)'s protocol, datagrams of "NAME=value" lines to the
 * socket that $NOTIFY_SOCKET names.  Works with systemd and everything else that speaks it; without
 * one, every call does nothing.
 */
#ifndef PLATFORM_OS_SERVICE_MANAGER_H
#define PLATFORM_OS_SERVICE_MANAGER_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct service_manager;

/* Takes $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID out of the environment, so that children
 * cannot speak for us.  Never NULL. */
struct service_manager *service_manager_new(void);
void service_manager_free(struct service_manager *m);
/* Puts back into the environment what service_manager_new took from it, before an exec. */
void service_manager_bequeath(const struct service_manager *m);
bool service_manager_is_there(const struct service_manager *m);
/* Time within which the manager wants to hear service_manager_alive; 0: it does not. */
uint64_t service_manager_watchdog_ms(const struct service_manager *m);

/* None of these waits: what the manager does not take at once is lost, and said again later. */
void service_manager_ready(struct service_manager *m, const char *status);
void service_manager_status(struct service_manager *m, const char *status); /* one line */
void service_manager_alive(struct service_manager *m);
void service_manager_reloading(struct service_manager *m);
void service_manager_stopping(struct service_manager *m);

#endif
