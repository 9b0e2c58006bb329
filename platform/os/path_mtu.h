/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel knows of the MTU between two addresses: of devices, routes, and from ICMP errors
 * "too big" (RFC 1191, RFC 8201) that it has checked against our sockets. */
#ifndef PLATFORM_OS_PATH_MTU_H
#define PLATFORM_OS_PATH_MTU_H

#include "platform/base/ip.h"

/* local may be IP_NONE.  ERR_NOT_FOUND: there is no route, or local is not ours; ERR_SYSTEM. */
int path_mtu(const struct ip_addr *local, const struct ip_addr *remote, uint32_t *mtu) WARN_UNUSED;

#endif
