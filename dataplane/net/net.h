/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the supervisor needs of the kernel's network configuration beside the data plane: links,
 * routes, own addresses.  An interface, so that the supervisor runs in tests without touching the
 * machine.
 */
#ifndef DATAPLANE_NET_NET_H
#define DATAPLANE_NET_NET_H

#include "dataplane/dataplane.h"
#include "platform/base/ip.h"
#include "platform/os/own.h"

#include <stdint.h>

struct log;
struct loop;
struct net;
struct nft_options;

/* Devices of sites are in one link group, so that they can be seen and deleted together. */
#define NET_LINK_GROUP OWN_LINK_GROUP

struct net_route {
	struct ip_prefix dst;
	int ifindex;
	uint32_t table; /* 0: main, otherwise of an account */
};

/* Priorities in a site's bandwidth beside that of packets without one; 1 goes first. */
#define NET_BANDS 7

/* Caps of what leaves by a site's device. */
struct net_shape {
	uint32_t site_mbps;		/* 0: no cap */
	uint32_t tunnel_mbps[DP_SLOTS]; /* by slot - 1; 0: no cap of its own */
	uint8_t bands;			/* in use: 0..NET_BANDS */
	bool tunnel_classes;		/* packets are marked with their tunnel */
};

/* The first that matches a packet towards a site says its priority in the site's bandwidth. */
struct net_class {
	struct net_match match;
	uint32_t site; /* 0: every one */
	uint8_t band;  /* 1..NET_BANDS, 0: as if it matched none, and later ones do not count */
};

/* Marks have the number of a table above the octet that chooses the tunnel. */
#define NET_TABLE_SHIFT 8

/* Account of a site, as a number.  Packets that come from a site look into its account's table
 * first, where the account has one of its own, and its connections are no other account's. */
struct net_account {
	uint32_t site, account;
	uint32_t table; /* that of a site of the account; 0: none */
};

/* Sites of these two accounts may reach each other. */
struct net_reach {
	uint32_t a, b;
};

struct net_ops {
	void (*free)(struct net *n);
	/* Administratively up, in the link group.  Its MTU is the data plane's. */
	int (*link_prepare)(struct net *n, int ifindex, struct err_msg *e);
	/* All prepared devices at once, before the data plane closes them one by one: that takes 16
	 * ms each while they exist. */
	int (*links_delete)(struct net *n, struct err_msg *e);
	/* Point to point: packets to peer leave on the device and come from local.  Existing and
	 * missing ones are no errors. */
	int (*address_add)(struct net *n, int ifindex, const struct ip_addr *local,
			   const struct ip_addr *peer, struct err_msg *e);
	int (*address_delete)(struct net *n, int ifindex, const struct ip_addr *local,
			      const struct ip_addr *peer, struct err_msg *e);
	/* fresh: the device has no caps yet; otherwise rates change without losing a packet. */
	int (*shape)(struct net *n, int ifindex, bool fresh, const struct net_shape *s,
		     struct err_msg *e);
	/* nftables: what is said of sites and rules is collected and done by steer_commit in one
	 * transaction. */
	int (*steer_open)(struct net *n, const struct nft_options *o, struct err_msg *e);
	void (*steer_site)(struct net *n, uint32_t site, int ifindex, const struct dp_steering *s,
			   const struct dp_rule *rules, size_t count); /* number and slot */
	/* A Child SA with this address begins or ends: it is no stranger meanwhile. */
	void (*peer_hold)(struct net *n, const struct ip_addr *peer);
	void (*peer_drop)(struct net *n, const struct ip_addr *peer);
	uint64_t (*strangers_dropped)(struct net *n);
	void (*steer_forget)(struct net *n, uint32_t site);
	void (*steer_rules)(struct net *n, const struct dp_rule *rules,
			    size_t count); /* number and match, of all sites, in order */
	void (*classes)(struct net *n, const struct net_class *classes,
			size_t count); /* in order */
	/* Packets between sites pass only within an account and where reach says so; no sites: all
	 * pass.  In place of what was said before. */
	void (*accounts)(struct net *n, const struct net_account *sites, size_t count,
			 const struct net_reach *reach, size_t reach_count);
	/* Sites to which IPv4 packets go without their DF bit, in place of those of the last
	 * call. */
	void (*clear_df)(struct net *n, const uint32_t *sites, size_t count);
	/* Tables of accounts that there are, in place of those of the last call. */
	int (*tables)(struct net *n, const uint32_t *numbers, size_t count, struct err_msg *e);
	/* As ip(8) knows it. */
	uint32_t (*table_id)(uint32_t number);
	/* Can there be tables?  e says why not. */
	int (*can_separate)(struct net *n, struct err_msg *e);
	/* Own IPv4 addresses that are reached through devices of sites only, in place of those of
	 * the last call; whatever else has one stays. */
	int (*services)(struct net *n, const struct ip_addr *list, size_t count, struct err_msg *e);
	int (*steer_commit)(struct net *n, struct err_msg *e); /* error: try again later */
	bool (*steer_audit)(struct net *n); /* false: somebody changed it, commit again */
	uint64_t (*rule_hits)(struct net *n, uint32_t number);
	/* Replaces an own route to the same destination; a missing one is no error for delete. */
	int (*route_add)(struct net *n, const struct net_route *r, struct err_msg *e);
	int (*route_delete)(struct net *n, const struct net_route *r, struct err_msg *e);
	/* Calls fn for each route with our protocol number; fn may add and delete routes. */
	int (*route_dump)(struct net *n, void (*fn)(void *arg, const struct net_route *r),
			  void *arg, struct err_msg *e);
	bool (*owns_address)(struct net *n, const struct ip_addr *a);
	/* The own address that datagrams to dst leave from; ERR_NOT_FOUND: there is no route. */
	int (*source_for)(struct net *n, const struct ip_addr *dst, struct ip_addr *source,
			  struct err_msg *e);
	/* Calls changed after addresses, links or routes have changed that are not our own. */
	int (*watch)(struct net *n, struct loop *loop, void (*changed)(void *arg), void *arg,
		     struct err_msg *e);
	/* Let this machine route IPv4 between its devices.  IPv6 is left to the operator: switching
	 * it on ends the automatic configuration of the machine's own uplinks. */
	int (*forward)(struct net *n, const struct log *log, struct err_msg *e);
	/* Remove what an earlier run left behind: routes with our protocol number, ips* devices;
	 * with stays only devices of other sites than those that it names. */
	void (*clean)(struct net *n, bool (*stays)(void *arg, uint32_t site), void *arg,
		      const struct log *log);
};

/* First member of each implementation. */
struct net {
	const struct net_ops *ops;
};

/* The kernel of this network namespace.  NULL with e filled. */
struct net *net_kernel_new(struct err_msg *e);

#endif
