/* SPDX-License-Identifier: GPL-3.0-or-later */
/* IP addresses between our form and the kernel's xfrm messages. */
#ifndef DATAPLANE_XFRM_ADDRESS_H
#define DATAPLANE_XFRM_ADDRESS_H

#include "platform/base/ip.h"

#include <linux/xfrm.h>
#include <string.h>
#include <sys/socket.h>

static inline uint8_t xfrm_address_family(const struct ip_addr *a)
{
	return a->family == IP_V6 ? AF_INET6 : AF_INET;
}

static inline xfrm_address_t xfrm_address_of(const struct ip_addr *a)
{
	xfrm_address_t out;

	memset(&out, 0, sizeof(out));
	memcpy(&out, a->bytes, ip_addr_len(a));
	return out;
}

static inline struct ip_addr xfrm_address_to_ip(const xfrm_address_t *a, unsigned family)
{
	return ip_addr_from_bytes((const uint8_t *)a, family == AF_INET6 ? 16 : 4);
}

#endif
