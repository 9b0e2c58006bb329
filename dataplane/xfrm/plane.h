/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of the kernel backend, shared by its files.
 *
 * What is wanted is kept here: sites with their devices, Child SAs with two states each, and per
 * site the sorted list of policies that follows from its Child SAs and its steering (rules.c).  An
 * operation changes the wish, sends the difference in one batch, and undoes the wish when the
 * kernel refuses it.  audit.c compares the wish with the kernel once in a while and repairs what is
 * missing; keys are in the kernel only, so a Child SA whose state is gone is reported as broken.
 *
 * Callbacks never come from inside a call: reports are queued and delivered from timers and events.
 */
#ifndef DATAPLANE_XFRM_PLANE_H
#define DATAPLANE_XFRM_PLANE_H

#include "dataplane/dataplane.h"
#include "dataplane/esp/cipher.h"
#include "dataplane/xfrm/rule.h"
#include "dataplane/xfrm/selector.h"
#include "dataplane/xfrm/state.h"
#include "platform/base/list.h"
#include "platform/base/log.h"
#include "platform/base/map.h"
#include "platform/os/loop.h"

#include <stdio.h>

struct netlink;
struct netlink_batch;
struct netlink_watch;

#define XFRM_DEVICE_MTU 1400 /* until something is known of its tunnels */
#define XFRM_PATH_MTU	1500 /* the same */

enum xfrm_report {
	XFRM_REPORT_USED = 1,
	XFRM_REPORT_MOVED = 2,
	XFRM_REPORT_BROKEN = 4,
};

/* One of the two kernel states of a Child SA. */
struct xfrm_sa {
	struct map_node node; /* key: key */
	struct xfrm_state_key key;
	struct xfrm_child *child;
	bool in;
	uint32_t seen; /* number of the dump that had it last */
};

struct xfrm_child {
	struct map_node by_id;
	struct list of_site; /* in order of arrival */
	struct xfrm_site *site;
	uint32_t id;
	uint8_t slot;
	struct xfrm_sa in, out;
	struct ip_endpoint local, remote; /* local port: that of the socket */
	bool udp_encap;
	bool outbound; /* may be sent on */
	struct esp_transform transform;
	uint32_t path_mtu;
	bool broken; /* a state is gone, and that was said */
	struct xfrm_pairs *pairs;
	struct dp_child_counters counters; /* as last read */
	struct list reported;		   /* in plane.reports */
	unsigned reports;		   /* enum xfrm_report */
	struct ip_endpoint moved_to;
};

/* Sorted policies of a site, without duplicates. */
struct xfrm_rules {
	struct xfrm_rule *items;
	size_t count, cap;
};

struct xfrm_site {
	struct map_node by_index;
	uint32_t index;
	int ifindex;
	uint32_t mtu; /* of the device */
	bool carrier, carrier_known;
	bool device_seen;   /* scratch of an audit */
	bool device_remade; /* to be told */
	struct dp_steering steering;
	bool steered;	      /* somebody said how */
	struct list children; /* struct xfrm_child.of_site */
	struct xfrm_rules rules;
	struct list rearmed; /* in plane.rearm: its trap sprang */
	uint64_t acquire_ms;
	uint32_t trap_number; /* makes a new trap different from one that sprang */
};

struct xfrm_plane {
	struct dataplane base;
	struct loop *loop;     /* borrowed */
	const struct log *log; /* borrowed */
	struct dp_callbacks callbacks;
	struct dp_sockets sockets; /* borrowed */
	uint16_t port_v4, port_v6; /* own ports of the sockets */
	struct netlink *links;	   /* rtnetlink */
	struct netlink *query;	   /* xfrm: single questions and dumps */
	struct netlink_batch *batch;
	struct netlink_watch *xfrm_watch, *link_watch;
	struct map sites;    /* struct xfrm_site by index */
	struct map children; /* struct xfrm_child by id */
	struct map states;   /* struct xfrm_sa by key */
	struct list reports;
	struct list rearm;
	struct loop_timer audit_timer, pending_timer, report_timer;
	size_t pending;	      /* children that wait for their first packet */
	uint32_t dump_number; /* of the last dump of states */
	uint32_t mtu_last;    /* Child SA whose path was looked at last */
	uint64_t states_ms;   /* when states were last dumped */
	uint64_t policies_ms; /* when policies and devices were last looked through */
	bool look_now;	      /* something may differ from the wish */
	uint64_t removed_ms;  /* loop turn of the last removal of a device */
	bool devices_doomed;  /* some wait for their deletion */
	FILE *stat;	      /* counters of the kernel, of this network namespace */
	uint64_t *counters;
	uint64_t rx_ike, rx_short;
	uint8_t *datagram;
};

/* plane.c */
struct xfrm_plane *xfrm_plane_of(struct dataplane *dp);
struct xfrm_site *xfrm_find_site(struct xfrm_plane *p, uint32_t index);		      /* or NULL */
struct xfrm_child *xfrm_find_child(struct xfrm_plane *p, uint32_t id);		      /* or NULL */
struct xfrm_sa *xfrm_find_sa(struct xfrm_plane *p, const struct xfrm_state_key *key); /* or NULL */
/* To be told to the owner of the backend, soon. */
void xfrm_report(struct xfrm_plane *p, struct xfrm_child *c, enum xfrm_report what);
void xfrm_deliver_reports(struct xfrm_plane *p);
/* Send the batch; a missing object is deleted already.  When the answer was lost, the next audit
 * comes at once. */
int xfrm_send(struct xfrm_plane *p, const char *what, struct err_msg *e) WARN_UNUSED;

/* device.c */
int xfrm_device_add(struct xfrm_plane *p, struct xfrm_site *s, struct err_msg *e) WARN_UNUSED;
/* The second and further ones of a loop turn are collected and deleted together. */
void xfrm_device_remove(struct xfrm_plane *p, struct xfrm_site *s);
void xfrm_devices_flush(struct xfrm_plane *p);
/* Make lost or bent devices as wanted again. */
void xfrm_devices_audit(struct xfrm_plane *p);
/* Index of the site whose device has this name, 0: none. */
uint32_t xfrm_device_index(const char *name);

/* rules.c */
/* Put what turns the site's policies into the wanted ones into the batch; they count as set. */
void xfrm_rules_sync(struct xfrm_plane *p, struct xfrm_site *s);
/* The same, and send the batch. */
int xfrm_rules_apply(struct xfrm_plane *p, struct xfrm_site *s, struct err_msg *e) WARN_UNUSED;
/* Compare all sites' policies with the kernel's, put the difference into the batch. */
int xfrm_rules_audit(struct xfrm_plane *p, size_t *missing, size_t *surplus,
		     struct err_msg *e) WARN_UNUSED;
void xfrm_rules_clear(struct xfrm_rules *r);
/* The slot that carries packets without a mark: 0 none.  *usable: it has a Child SA. */
uint8_t xfrm_default_slot(const struct xfrm_site *s, bool *usable);

/* site.c, child.c, child_count.c, child_move.c: operations */
int xfrm_site_add(struct dataplane *dp, uint32_t site, struct err_msg *e);
void xfrm_site_remove(struct dataplane *dp, uint32_t site);
int xfrm_site_carrier(struct dataplane *dp, uint32_t site, bool on, struct err_msg *e);
int xfrm_site_steer(struct dataplane *dp, uint32_t site, const struct dp_steering *steering,
		    struct err_msg *e);
int xfrm_site_ifindex(struct dataplane *dp, uint32_t site);
int xfrm_child_add(struct dataplane *dp, uint32_t site, uint8_t slot,
		   struct ike_child_install *install, struct err_msg *e);
int xfrm_child_update(struct dataplane *dp, const struct ike_child_update *u, struct err_msg *e);
void xfrm_child_remove(struct dataplane *dp, uint32_t child);
int xfrm_child_counters(struct dataplane *dp, uint32_t child, struct dp_child_counters *out);
/* All of a site, with their states. */
void xfrm_children_remove(struct xfrm_plane *p, struct xfrm_site *s);
/* What the kernel said of one of its states. */
void xfrm_child_take(struct xfrm_plane *p, struct xfrm_sa *sa, const struct xfrm_state_info *info);
void xfrm_child_link_states(struct xfrm_plane *p, struct xfrm_child *c);
void xfrm_child_unlink_states(struct xfrm_plane *p, struct xfrm_child *c);
/* Can a Child SA have these endpoints here? */
int xfrm_child_check(struct xfrm_plane *p, const struct ip_endpoint *local,
		     const struct ip_endpoint *remote, bool udp_encap,
		     struct err_msg *e) WARN_UNUSED;
/* Set them, and the keys of the states; the own port is that of the socket, whatever the engine
 * calls it. */
void xfrm_child_set_path(const struct xfrm_plane *p, struct xfrm_child *c,
			 const struct ip_endpoint *local, const struct ip_endpoint *remote,
			 bool udp_encap);

/* child_count.c */
/* Is the state in the kernel?  Then its counters are taken. */
bool xfrm_child_ask(struct xfrm_plane *p, struct xfrm_sa *sa);
/* Look soon whether those that wait for their first packet have got it. */
void xfrm_child_await_use(struct xfrm_plane *p);
/* Look at once, for one site. */
void xfrm_child_look_for_use(struct xfrm_plane *p, struct xfrm_site *s);
/* Send on it from now on. */
int xfrm_child_use_outbound(struct xfrm_plane *p, struct xfrm_child *c,
			    struct err_msg *e) WARN_UNUSED;

/* mtu.c */
/* The Child SA is new: its path is looked at unless another one takes it, and the device's MTU
 * follows. */
void xfrm_mtu_begin(struct xfrm_plane *p, struct xfrm_child *c);
/* Look at its path anew. */
void xfrm_mtu_look(struct xfrm_plane *p, struct xfrm_child *c);
/* Look at the paths of some more Child SAs. */
void xfrm_mtu_audit(struct xfrm_plane *p);

/* audit.c */
/* Read all states: counters, what is gone, what is not ours to have. */
void xfrm_audit_states(struct xfrm_plane *p);
void xfrm_audit_soon(struct xfrm_plane *p);
void xfrm_audit_start(struct xfrm_plane *p);
/* Remove states and policies of an earlier run. */
int xfrm_audit_clean(struct xfrm_plane *p, struct err_msg *e) WARN_UNUSED;

/* event.c: expiries, acquires, moved peers, lost devices */
int xfrm_events_open(struct xfrm_plane *p, struct err_msg *e) WARN_UNUSED;
void xfrm_events_close(struct xfrm_plane *p);

/* ike.c: what the kernel leaves on the 4500 sockets */
int xfrm_ike_open(struct xfrm_plane *p, struct err_msg *e) WARN_UNUSED;
void xfrm_ike_close(struct xfrm_plane *p);

/* stat.c */
const char *xfrm_counter(struct dataplane *dp, size_t index, uint64_t *value);
void xfrm_stat_open(struct xfrm_plane *p);
void xfrm_stat_close(struct xfrm_plane *p);

#endif
