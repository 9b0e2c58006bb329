/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gateway: the supervisor of all sites.  It owns the engine, the IKE sockets and the data plane
 * backend, and turns desired sites into engine profiles, and engine actions into SAs, devices,
 * routes and events.  Everything below is reconciliation: the desired state is kept, and failed
 * operations are tried again.
 */
#ifndef DATAPLANE_SITE_GATEWAY_H
#define DATAPLANE_SITE_GATEWAY_H

#include "dataplane/dataplane.h"
#include "dataplane/event.h"
#include "dataplane/site/history.h"
#include "dataplane/site/net_rule.h"
#include "dataplane/site/pop.h"
#include "dataplane/site/site_config.h"
#include "ikev2/step.h"

struct gateway;
struct keeper;

enum gateway_dataplane { GATEWAY_DP_AUTO, GATEWAY_DP_XFRM, GATEWAY_DP_USERSPACE };

struct gateway_options {
	uint16_t ike_port, natt_port; /* 500, 4500 */
	enum gateway_dataplane dataplane;
	bool single_ts;	       /* box-wide default of single-traffic-selector */
	const char *state_dir; /* of BGP's files and the crash secret; NULL: neither */
	struct keeper *keeper; /* what outlives this process; borrowed; NULL: nothing does */
};

/* Opens sockets and the backend.  NULL with e: one clear sentence (port in use, no TUN). */
struct gateway *gateway_new(struct loop *loop, const struct gateway_options *options,
			    struct event_log *events, const struct log *log, struct err_msg *e);
/* Lets this machine route, if it does not: for a start that has succeeded. */
void gateway_forward(struct gateway *g);
/* All sites are configured: what an earlier process left goes on, and from now on everything is
 * kept for a later one.  Call once, before the loop runs. */
void gateway_configured(struct gateway *g);
/* Writes down what is there, and leaves SAs, devices and routes as they are for a later process:
 * this one has to end now, and g is not freed. */
void gateway_leave(struct gateway *g);
/* Deletes all SAs (the peers are told), removes devices and routes. */
void gateway_free(struct gateway *g);

/* Add a site or bring its changes about; touches only tunnels whose parameters changed.  c is
 * copied.  Problems on the way are events and retried; only impossible input is refused. */
int gateway_site_set(struct gateway *g, const struct site_config *c, struct err_msg *e) WARN_UNUSED;
void gateway_site_remove(struct gateway *g, const char *name);

/* Network rules of all sites; copied.  Rules for sites that do not exist (yet) are allowed. */
void gateway_rules_set(struct gateway *g, const struct net_rule_list *rules);
/* Packets that the rule with this priority has decided. */
uint64_t gateway_rule_hits(struct gateway *g, uint32_t priority);

/* Where tunnels end; copied.  Call before gateway_site_set when both have changed. */
void gateway_pops_set(struct gateway *g, const struct pop_list *pops);
/* The same with what is known of their addresses; borrowed until the next change. */
const struct pop_list *gateway_pops(const struct gateway *g);

/* The PoP that names of the role lead to; NULL: none.  rtt_us: measured round trip between it and
 * the site, 0: none. */
const struct pop *gateway_pop_of(const struct gateway *g, const char *site, enum site_role role,
				 uint32_t *rtt_us);

/* Network of the VPN users of an account, announced to its sites. */
struct gateway_vpn_users {
	char account[SITE_NAME_MAX];
	struct ip_prefix range;
};
void gateway_vpn_users_set(struct gateway *g, const struct gateway_vpn_users *list, size_t count);

/* Why accounts cannot have the same networks here; "": they can. */
const char *gateway_overlap_problem(const struct gateway *g);
/* The routing table of the account's sites, as ip(8) knows it; 0: the main one. */
uint32_t gateway_account_table(const struct gateway *g, const char *account);
/* The mark of packets that look into it; 0: none is needed. */
uint32_t gateway_account_mark(const struct gateway *g, const char *account);

/* Sites of these two accounts may reach each other; others only within their account. */
struct gateway_reach {
	char from[SITE_NAME_MAX], to[SITE_NAME_MAX];
};
void gateway_reach_set(struct gateway *g, const struct gateway_reach *list, size_t count);

/* slot 0: all tunnels of the site.  ERR_NOT_FOUND, ERR_WRONG_STATE with e saying why. */
int gateway_command(struct gateway *g, const char *site, uint8_t slot, enum ike_command c,
		    struct err_msg *e) WARN_UNUSED;

enum tunnel_state {
	TUNNEL_UP,
	TUNNEL_CONNECTING,
	TUNNEL_DOWN,
	TUNNEL_INCOMPLETE,
	TUNNEL_ADMIN_DOWN
};
const char *tunnel_state_name(enum tunnel_state s); /* "up", "admin-down" */

struct tunnel_status {
	enum site_role role;
	unsigned index; /* 1..3 */
	uint8_t slot;
	char name[SITE_TEXT_MAX];
	uint32_t wan_role;
	char pop[SITE_NAME_MAX]; /* "" unknown */
	enum tunnel_state state;
	uint64_t state_since_ms; /* loop clock */
	char reason[48];	 /* "-" when all is well; stable name, "psk missing" for incomplete;
				    while up: what is about to go wrong */
	enum ike_cause cause;	 /* of the reason; NONE for reasons that the engine does not know */
	char hint[160];		 /* what to do, "" when none */
	struct ip_endpoint peer; /* in use, or configured; IP_NONE unknown */
	struct ike_id peer_id_expected;
	struct ike_tunnel_status ike;
	uint64_t rx_bytes, tx_bytes; /* since the tunnel is up, all children */
	uint64_t rx_bps, tx_bps;     /* smoothed, bits per second */
	uint64_t replay_drops;
	enum health_state health;      /* NONE unless up, or silent until it counted as down */
	struct health_figures figures; /* valid unless NONE */
	unsigned buckets;	       /* of DP_BUCKETS: share of the site's new flows */
	struct ike_failure last_down;  /* why it last went from up to down; reason NONE: never */
};

struct site_status {
	char name[SITE_NAME_MAX];
	uint32_t index; /* of the device */
	char device[DP_DEVICE_MAX];
	bool connected;
	enum site_role active;
	size_t tunnel_count;
	struct tunnel_status tunnels[SITE_ROLES * SITE_TUNNELS]; /* present ones, slot order */
};

struct child_status {
	struct ike_child_status ike;
	struct dp_child_counters counters;
};

/* Health of a tunnel over time, oldest first, at most max points; returns how many: 0 when it was
 * never up or does not exist. */
size_t gateway_health_history(struct gateway *g, const char *site, uint8_t slot,
			      enum health_span span, struct health_point *out, size_t max);

/* What the packets to a site are held to now; untouched when there is no cap. */
void gateway_site_shape(struct gateway *g, const char *name, struct net_shape *out);

/* Sites in order of name; ERR_NOT_FOUND past the end. */
int gateway_site_at(struct gateway *g, size_t index, struct site_status *out) WARN_UNUSED;
int gateway_site_find(struct gateway *g, const char *name, struct site_status *out) WARN_UNUSED;
/* Child SAs of a tunnel; ERR_NOT_FOUND past the end. */
int gateway_child_at(struct gateway *g, const char *site, uint8_t slot, size_t index,
		     struct child_status *out) WARN_UNUSED;
uint64_t gateway_now_ms(const struct gateway *g);
const char *gateway_dataplane_name(const struct gateway *g);   /* "userspace" */
const char *gateway_dataplane_reason(const struct gateway *g); /* why this one */
/* Own, engine and data plane counters by unique name ("gateway_send_failed", "ike_timeouts",
 * "esp_rx_replay"), valid until the next call; NULL past the end. */
const char *gateway_counter(struct gateway *g, size_t index, uint64_t *value);

/* `debug ike`: lines of this kind are told to the listeners of the events from now on, at most
 * GATEWAY_DEBUG_RATE a second; site NULL: of all.  The site need not exist. */
#define GATEWAY_DEBUG_RATE 200
void gateway_debug_on(struct gateway *g, enum ike_trace_kind kind, const char *site);
void gateway_debug_off(struct gateway *g, enum ike_trace_kind kind);
/* NULL: off; "": of all sites. */
const char *gateway_debug_site(const struct gateway *g, enum ike_trace_kind kind);

/* The last messages of a tunnel, oldest first; returns how many. */
size_t gateway_steps(struct gateway *g, const char *site, uint8_t slot, struct ike_step *out,
		     size_t max);

/* Write the IKE messages of a site (NULL: of all) to path.pcapng, as they are on the wire and as
 * they would be without encryption, with the keys that decrypt them; and the keys once more to
 * path.keys, rows of Wireshark's ikev2_decryption_table, those of living IKE SAs at once. ERR_BUSY:
 * one is running; ERR_NOT_FOUND: no such site; ERR_SYSTEM. */
int gateway_capture_start(struct gateway *g, const char *path, const char *site,
			  struct err_msg *e) WARN_UNUSED;
void gateway_capture_stop(struct gateway *g);
struct gateway_capture_counts {
	uint64_t messages, keys;
};
const struct gateway_capture_counts *gateway_capture_counts(const struct gateway *g); /* or NULL */

/* Is addr one of our own addresses? */
bool gateway_owns_address(struct gateway *g, const struct ip_addr *addr);

#endif
