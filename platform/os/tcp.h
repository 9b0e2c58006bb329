/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TCP sockets for small services on the event loop. */
#ifndef PLATFORM_OS_TCP_H
#define PLATFORM_OS_TCP_H

#include "platform/base/err.h"
#include "platform/base/ip.h"

/* Non-blocking; the address need not exist yet.  Descriptor, or ERR_SYSTEM with e naming address,
 * port and cause. */
int tcp_listen(const struct ip_endpoint *at, struct err_msg *e) WARN_UNUSED;
/* Non-blocking connection; ERR_BUSY when none waits; ERR_NO_SPACE when descriptors ran out: the
 * connection keeps waiting, so stop watching a while. */
int tcp_accept(int fd) WARN_UNUSED;
/* Whose connection it is; IP_NONE: it has ended. */
struct ip_addr tcp_peer(int fd);
/* A non-blocking connection under way: it is there, or has failed, when it can be written to.
 * Descriptor, or ERR_SYSTEM with e. */
int tcp_connect(const struct ip_endpoint *to, struct err_msg *e) WARN_UNUSED;
/* What has become of it: 0, or ERR_SYSTEM with e. */
int tcp_connected(int fd, struct err_msg *e) WARN_UNUSED;

#endif
