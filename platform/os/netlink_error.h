/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's own words about a netlink message that it refused (extended acknowledgement). */
#ifndef PLATFORM_OS_NETLINK_ERROR_H
#define PLATFORM_OS_NETLINK_ERROR_H

#include <stddef.h>

#define NETLINK_ERROR_TEXT_MAX 256

struct nlmsghdr;

/* m: NLMSG_ERROR or NLMSG_DONE with a fixed part of that many octets; text becomes "" when the
 * kernel said nothing. */
void netlink_error_text(const struct nlmsghdr *m, size_t fixed, char text[NETLINK_ERROR_TEXT_MAX]);

#endif
