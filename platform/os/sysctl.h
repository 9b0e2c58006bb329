/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernel settings of this network namespace, by their sysctl(8) names. */
#ifndef PLATFORM_OS_SYSCTL_H
#define PLATFORM_OS_SYSCTL_H

#include "platform/base/err.h"

/* A number such as "net.ipv4.ip_forward".  ERR_SYSTEM names it and the cause, ERR_INVALID: no
 * number. */
int sysctl_get(const char *name, long *value, struct err_msg *e) WARN_UNUSED;
int sysctl_set(const char *name, long value, struct err_msg *e) WARN_UNUSED;

#endif
