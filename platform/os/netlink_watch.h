/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listening to what the kernel tells of itself: multicast groups of a netlink bus, on the loop. */
#ifndef PLATFORM_OS_NETLINK_WATCH_H
#define PLATFORM_OS_NETLINK_WATCH_H

#include "platform/base/err.h"

#include <stddef.h>

struct loop;
struct netlink_watch;
struct nlmsghdr;

struct netlink_watch_callbacks {
	void *arg;
	void (*on_message)(void *arg, const struct nlmsghdr *m); /* m is borrowed */
	void (*on_lost)(void *arg); /* messages were lost: look for yourself */
};

/* groups: numbers such as XFRMNLGRP_EXPIRE.  NULL with e filled. */
struct netlink_watch *netlink_watch_open(struct loop *loop, int bus, const unsigned *groups,
					 size_t count,
					 const struct netlink_watch_callbacks *callbacks,
					 struct err_msg *e);
void netlink_watch_close(struct netlink_watch *w); /* NULL is allowed; not from a callback */

#endif
