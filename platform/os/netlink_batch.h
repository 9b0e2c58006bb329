/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many netlink requests in few system calls: the kernel works them off in order and tells only of
 * those that it refuses; the last one of each call is acknowledged.  Messages may hold keys: they
 * are wiped once they are sent.
 */
#ifndef PLATFORM_OS_NETLINK_BATCH_H
#define PLATFORM_OS_NETLINK_BATCH_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_batch;
struct nlmsghdr;

#define NETLINK_BATCH_MESSAGE_MAX 2048 /* octets of one message */

/* bus: NETLINK_XFRM, ...; NULL with e filled. */
struct netlink_batch *netlink_batch_open(int bus, struct err_msg *e);
void netlink_batch_close(struct netlink_batch *b); /* NULL is allowed; what was not sent is lost */

/* One more request, to be filled in before the next call on b. */
struct nlmsghdr *netlink_batch_add(struct netlink_batch *b, uint16_t type, uint16_t flags);
size_t netlink_batch_count(const struct netlink_batch *b);
void netlink_batch_drop(struct netlink_batch *b); /* forget all requests */

/* The kernel refused request number `index` (from 0): errnum, and e in words.  Return false to
 * take it as done. */
typedef bool netlink_refused_fn(void *arg, size_t index, int errnum, const struct err_msg *e);

/* Send all requests and empty the batch.  0: all were done, or the refusals taken as done; the code
 * and text of the first other refusal (ERR_SYSTEM, "what: ..."); ERR_NO_SPACE or ERR_SYSTEM when
 * answers were lost: the caller must look what the kernel has, *unknown is true then.  refused and
 * unknown may be NULL. */
int netlink_batch_send(struct netlink_batch *b, netlink_refused_fn *refused, void *arg,
		       const char *what, bool *unknown, struct err_msg *e) WARN_UNUSED;

#endif
