/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * May the main half have these netlink messages sent?  Only about what ikesh itself makes
 * (platform/os/own.h), and only with the attributes that it uses: what is not known is refused.
 */
#ifndef PLATFORM_OS_BROKER_NETLINK_H
#define PLATFORM_OS_BROKER_NETLINK_H

#include "platform/base/bytes.h"
#include "platform/base/err.h"

/* The name of a device, "" when there is none with this number. */
typedef const char *broker_device_fn(void *arg, int ifindex);

/* data: whole messages, aligned as uint32_t is; bus: NETLINK_ROUTE, _NETFILTER or _XFRM.
 * 0, or ERR_DENIED with e, which names the type and what is wrong with it; ERR_NOT_FOUND: it is
 * about a device that is not there. */
int broker_netlink_check(int bus, struct view data, broker_device_fn *device, void *arg,
			 struct err_msg *e) WARN_UNUSED;

/* Is this the name of a device that ikesh makes? */
bool broker_is_own_device(const char *name);

#endif
