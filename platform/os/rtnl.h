/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links, addresses, routes and policy rules of this network namespace (rtnetlink). */
#ifndef PLATFORM_OS_RTNL_H
#define PLATFORM_OS_RTNL_H

#include "platform/base/ip.h"

#include <stdint.h>

struct netlink;
struct nlmsghdr;

/* Routes that ikesh makes carry this protocol number, so that they are found again. */
#define RTNL_PROTOCOL_IKESH 73

/* Tables of our own beside the main one: this one and the next RTNL_TABLES - 1. */
#define RTNL_TABLE_FIRST 730000000U
#define RTNL_TABLES	 16777216U
/* Where their policy rules stand: before those of the main table. */
#define RTNL_RULE_PRIORITY 31730U

struct rtnl_route {
	struct ip_prefix dst;
	int ifindex;		   /* output device */
	struct ip_addr prefer_src; /* IP_NONE: none */
	uint32_t metric;	   /* 0: kernel default (IPv6: 1024, which is told as 0, too) */
	uint32_t table;		   /* 0: main */
};

/* ERR_NOT_FOUND when there is no such device. */
int rtnl_link_index(struct netlink *n, const char *name, int *ifindex,
		    struct err_msg *e) WARN_UNUSED;
int rtnl_link_is_up(struct netlink *n, int ifindex, bool *up, struct err_msg *e) WARN_UNUSED;
int rtnl_link_up(struct netlink *n, int ifindex, bool up, uint32_t mtu,
		 struct err_msg *e) WARN_UNUSED; /* mtu 0: keep */
int rtnl_link_mtu(struct netlink *n, int ifindex, uint32_t mtu, struct err_msg *e) WARN_UNUSED;
int rtnl_link_group(struct netlink *n, int ifindex, uint32_t group, struct err_msg *e) WARN_UNUSED;
/* No IPv6 address by itself on the device, so that it sends nothing of its own; before it is up.  A
 * kernel without IPv6 is no error. */
int rtnl_link_no_autoaddress(struct netlink *n, int ifindex, struct err_msg *e) WARN_UNUSED;
int rtnl_link_delete(struct netlink *n, int ifindex, struct err_msg *e) WARN_UNUSED;
/* All devices of a link group at once: some hundred times faster than one by one. */
int rtnl_link_delete_group(struct netlink *n, uint32_t group, struct err_msg *e) WARN_UNUSED;
/* Existing equal objects are not an error for _add, missing ones not for _delete. */
int rtnl_addr_add(struct netlink *n, int ifindex, const struct ip_prefix *p,
		  struct err_msg *e) WARN_UNUSED;
int rtnl_addr_delete(struct netlink *n, int ifindex, const struct ip_prefix *p,
		     struct err_msg *e) WARN_UNUSED;
/* An IPv4 address of this machine itself, on its loopback device with this label ("lo:..."), by
 * which all of them are found again. */
int rtnl_addr_add_own(struct netlink *n, const struct ip_addr *a, const char *label,
		      struct err_msg *e) WARN_UNUSED;
/* Those of the label that are not in keep; how many were deleted, or an error. */
int rtnl_addr_delete_own(struct netlink *n, const char *label, const struct ip_addr *keep,
			 size_t keep_count, struct err_msg *e) WARN_UNUSED;
/* Point to point: packets to peer leave here and come from local. */
int rtnl_addr_add_peer(struct netlink *n, int ifindex, const struct ip_addr *local,
		       const struct ip_addr *peer, struct err_msg *e) WARN_UNUSED;
int rtnl_addr_delete_peer(struct netlink *n, int ifindex, const struct ip_addr *local,
			  const struct ip_addr *peer, struct err_msg *e) WARN_UNUSED;
/* Replaces an own route to the same prefix; ERR_EXISTS when a route of somebody else is there. */
int rtnl_route_add(struct netlink *n, const struct rtnl_route *r, struct err_msg *e) WARN_UNUSED;
int rtnl_route_delete(struct netlink *n, const struct rtnl_route *r, struct err_msg *e) WARN_UNUSED;
/* Packets with number << 8 in their mark (beside the lowest octet) look into the table
 * RTNL_TABLE_FIRST + number before the others; these numbers, and no others of ours. */
int rtnl_rules_set(struct netlink *n, const uint32_t *numbers, size_t count,
		   struct err_msg *e) WARN_UNUSED;
/* Can there be such rules?  Tries it. */
int rtnl_rules_probe(struct netlink *n, struct err_msg *e) WARN_UNUSED;
/* Calls fn for each route with protocol RTNL_PROTOCOL_IKESH in the main table and ours, after all
 * have been read: all or none, and fn may use n. */
int rtnl_route_dump(struct netlink *n, void (*fn)(void *arg, const struct rtnl_route *r), void *arg,
		    struct err_msg *e) WARN_UNUSED;
/* Source address that the kernel would use towards dst; ERR_NOT_FOUND when there is no route. */
int rtnl_source_for(struct netlink *n, const struct ip_addr *dst, struct ip_addr *src,
		    struct err_msg *e) WARN_UNUSED;
/* The same, and the device that the datagrams leave by (ifindex 0: none is told). */
int rtnl_path_for(struct netlink *n, const struct ip_addr *dst, struct ip_addr *src, int *ifindex,
		  struct err_msg *e) WARN_UNUSED;
/* Is the message about a device of this link group, or about a route that ikesh made? */
bool rtnl_is_own(const struct nlmsghdr *m, uint32_t link_group);
/* All addresses of this namespace, loopback included; p keeps its host bits (192.0.2.7/24). */
int rtnl_addr_dump(struct netlink *n, void (*fn)(void *arg, int ifindex, const struct ip_prefix *p),
		   void *arg, struct err_msg *e) WARN_UNUSED;

#endif
