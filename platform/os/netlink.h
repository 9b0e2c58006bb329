/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A netlink socket over libmnl: request with acknowledgement, and dumps. */
#ifndef PLATFORM_OS_NETLINK_H
#define PLATFORM_OS_NETLINK_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct netlink;
struct nlmsghdr;

/* Is there a whole message in so many octets?  (mnl_nlmsg_ok takes lengths from 2 GiB on for
 * negative ones, which always fit.) */
bool netlink_is_whole(const struct nlmsghdr *m, int len);

struct netlink *netlink_open(int bus,
			     struct err_msg *e); /* bus: NETLINK_ROUTE, ...; NULL on error */
void netlink_close(struct netlink *n);
/* From now on answers may hold keys: the copies made here are wiped after use. */
void netlink_holds_secrets(struct netlink *n);
/* Send one message (NLM_F_ACK is added, sequence filled in) and wait for its acknowledgement.
 * Returns 0, or ERR_SYSTEM with e holding what and the kernel's extended text; *errnum (may be
 * NULL) gets the positive errno. */
int netlink_request(struct netlink *n, struct nlmsghdr *m, const char *what, int *errnum,
		    struct err_msg *e) WARN_UNUSED;
/* answer is borrowed; a negative result ends the walk and becomes the result of the call. */
typedef int netlink_answer_fn(void *arg, const struct nlmsghdr *answer);
/* As netlink_request, and calls fn for each answer before the acknowledgement. */
int netlink_query(struct netlink *n, struct nlmsghdr *m, netlink_answer_fn *fn, void *arg,
		  const char *what, int *errnum, struct err_msg *e) WARN_UNUSED;
/* Send a dump request and call fn for each answer, after the whole dump has come in: fn may use n.
 * ERR_BUSY when the kernel's table changed during each of several attempts. */
int netlink_dump(struct netlink *n, struct nlmsghdr *m,
		 int (*fn)(void *arg, const struct nlmsghdr *answer), void *arg, const char *what,
		 struct err_msg *e) WARN_UNUSED;

#endif
