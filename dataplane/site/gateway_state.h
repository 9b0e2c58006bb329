/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of the gateway, shared by the files of the supervisor: sites, their tunnels, the Child
 * SAs that are installed, and how inputs flow.
 *
 *   input (datagram, timer, command, configuration) -> engine -> gateway_pump
 *     -> actions change tunnels and mark their sites -> site_evaluate once per marked site
 *     -> links, HA role, device, steering, routes, events
 */
#ifndef DATAPLANE_SITE_GATEWAY_STATE_H
#define DATAPLANE_SITE_GATEWAY_STATE_H

#include "dataplane/net/net.h"
#include "dataplane/site/gateway.h"
#include "dataplane/site/ha.h"
#include "dataplane/site/health.h"
#include "dataplane/site/history.h"
#include "dataplane/site/net_rule.h"
#include "dataplane/site/pop_choice.h"
#include "dataplane/site/profile.h"
#include "dataplane/site/rates.h"
#include "dataplane/site/routes.h"
#include "dataplane/site/services.h"
#include "platform/base/list.h"
#include "platform/base/log.h"
#include "platform/base/map.h"
#include "platform/os/loop.h"
#include "platform/os/udp.h"

#define GATEWAY_RETRY_MS     5000
#define GATEWAY_TRAFFIC_MS   1000
#define GATEWAY_SHARES_TICKS 10 /* seconds between re-distributions */
#define GATEWAY_AUDIT_MS     30000
#define GATEWAY_BUILD_MS     20 /* of making devices per turn of the loop */
#define TUNNEL_REASON_MAX    48
#define TUNNEL_HINT_MAX	     160
#define TUNNEL_LABEL_MAX     (SITE_NAME_MAX + SITE_TEXT_MAX + 24)

struct bgp;
struct keep;
struct name_book;
struct names;
struct publish;
struct dns_updater;
struct taken;
struct bgp_neighbour;
struct tunnel;

/* One installed Child SA. */
struct child {
	struct map_node node; /* key: number */
	struct list in_tunnel;
	struct tunnel *tunnel;
	uint32_t number;
	struct ip_addr peer;
	struct dp_child_counters counters;    /* last sample */
	uint64_t seen_sequence, seen_packets; /* inbound, when gaps were last counted */
};

struct tunnel {
	struct map_node node; /* key: id */
	uint32_t id;	      /* engine's profile number, never used twice */
	struct site *site;
	enum site_role role;
	unsigned index0;
	uint8_t slot;
	bool in_engine;
	bool may_initiate, initiates;	 /* as in the profile */
	bool terminated;		 /* by an operator */
	bool pop_unavailable;		 /* where it ends is out of service */
	bool duplicate;			 /* the engine knows another tunnel with these identities */
	char problem[TUNNEL_REASON_MAX]; /* why it is not in the engine, "" none */
	char problem_hint[TUNNEL_HINT_MAX];
	bool engine_up;
	bool renewed;		/* the engine has a new IKE SA */
	bool up;		/* engine_up, a Child SA is installed, and not silent for long */
	uint64_t since_ms;	/* of up */
	struct list children;	/* struct child.in_tunnel */
	struct ike_failure why; /* it is not up; reason NONE: no attempt has failed yet */
	struct ike_failure last_down; /* why it last went from up to down */
	enum ike_cause said;	      /* in the last event while it was down */
	struct {		      /* the last CHILD_FAILED that was said while it was up */
		enum ike_cause cause;
		uint64_t at_ms;
	} child_said;
	uint64_t acquired_ms;	   /* when traffic last asked for it */
	uint64_t rx_done, tx_done; /* bytes of Child SAs that are gone */
	struct rate rx, tx;
	struct {
		uint64_t since_ms;    /* of the running minute */
		unsigned count, last; /* in it, in the one before */
	} rekeys;
	struct health health;
	struct {
		struct ip_addr toward; /* the engine wants to know; IP_NONE: it does not */
		struct ip_addr source; /* that it was told; IP_NONE: there was no route */
		unsigned seen;	       /* gateway.net_changes at that time */
	} path;
	struct history *history;       /* NULL: was never up */
	enum health_state said_health; /* in an event */
	struct echo *echo;	       /* NULL: it has no private address to ask */
	bool echoes;		       /* its answers count */
	struct bgp_neighbour *bgp;     /* NULL: no session runs over it */
};

/* A pair of private addresses of a tunnel. */
struct device_pair {
	struct ip_addr local, peer;
};

/* The site's network device and what it shall be. */
struct site_device {
	bool added;    /* in the data plane */
	bool prepared; /* link group, MTU, administratively up */
	int ifindex;
	bool carrier, carrier_known;	    /* as set */
	struct device_pair pairs[DP_SLOTS]; /* as set, by slot - 1 */
	struct net_shape shape;		    /* as set */
	bool shaped;			    /* the device has classes */
	bool capped;			    /* shape is in force */
	struct dp_steering steering;	    /* as set */
	bool steered;
	struct dp_rule *rules; /* as set, owned */
	size_t rule_count;
	bool marked; /* its packets are marked by nftables */
	bool want_carrier;
	struct dp_steering want_steering;
	bool failed; /* something is not as wanted; tried again */
	bool error_said;
};

struct site {
	struct gateway *g;
	struct site_config config;
	uint32_t index;
	struct tunnel *tunnels[DP_SLOTS]; /* by slot - 1; NULL: not configured */
	struct pop_choice choice;
	struct ha ha;
	struct loop_timer ha_timer;
	struct site_device device;
	unsigned steered_slots; /* that share the buckets */
	bool steer_anew;	/* something else about them changed */
	bool rebalancing;	/* the last step was not enough */
	struct list claims;	/* routes */
	struct routes_where where;
	struct list marked;  /* in gateway.marked */
	struct list unbuilt; /* in gateway.unbuilt */
	bool leaving;	     /* being removed: no events */
};

struct unknown_peers {
	struct {
		struct ike_id id;
		uint64_t at_ms;
	} seen[8];
	size_t next;
	uint64_t window_ms; /* start */
	unsigned in_window;
	uint64_t not_said; /* since the last one that was */
};

struct gateway_counters {
	uint64_t send_failed, dh_jobs, unknown_peer_not_said, acquires, dataplane_errors,
		unreachable, strangers_dropped;
};

/* `debug ike`: what is watched, of which site, and how much was said lately. */
struct gateway_debug {
	struct {
		bool on;
		char site[SITE_NAME_MAX]; /* "": all */
	} kind[IKE_TRACE_KINDS];
	uint64_t second;
	unsigned said, left_out;
};

struct gateway_services {
	struct ip_addr list[SERVICES_MAX];
	size_t count;
	bool failed; /* tried again from time to time */
};

struct gateway {
	struct loop *loop;
	struct gateway_options options;
	struct event_log *events;
	const struct log *log;
	struct ike_engine *engine;
	struct dataplane *dp;
	struct net *net;
	char dp_reason[ERR_TEXT_MAX];
	struct profile_box box;
	int ike_v4, ike_v6, natt_v4, natt_v6;
	int news_v4, news_v6; /* ICMP errors, see net_news.c */
	struct site **sites;  /* by name */
	size_t site_count, site_cap;
	struct site **by_index; /* 0 unused */
	size_t index_cap;
	size_t index_free;   /* none below is */
	struct map tunnels;  /* by id */
	struct map children; /* by number */
	uint32_t last_tunnel_id;
	size_t duplicates;   /* tunnels with duplicate set */
	struct list marked;  /* sites to evaluate */
	struct list unbuilt; /* sites whose device is made when there is time */
	struct loop_timer build_timer;
	uint64_t build_turn_ms, build_began_ms;
	struct routes routes;
	struct loop_timer engine_timer, traffic_timer, silence_timer, retry_timer, audit_timer;
	unsigned ticks;	      /* of the traffic timer */
	unsigned net_changes; /* of addresses, links and routes that are not ours */
	struct net_rule_list rules;
	struct pop_list pops;
	unsigned pops_seen; /* net_changes when their addresses were looked at */
	struct gateway_vpn_users *vpn_users;
	size_t vpn_user_count;
	struct gateway_reach *reach;
	size_t reach_count;
	bool all_sites_stale; /* nftables has not been told what concerns all sites */
	uint64_t all_sites_ms;
	struct loop_timer all_sites_timer;
	char overlap_problem[ERR_TEXT_MAX]; /* why accounts cannot have the same networks; "" */
	uint32_t *tables;		    /* of accounts, as set */
	size_t table_count;
	bool tables_failed; /* tried again from time to time */
	bool steer_failed;  /* tried again from time to time */
	struct unknown_peers unknown;
	struct gateway_counters counters;
	uint64_t strangers_dropped;	 /* as the kernel counted when last asked */
	struct echo_sockets *echo;	 /* NULL: none is needed */
	struct gateway_capture *capture; /* NULL: none is running */
	struct gateway_debug debug;
	struct gateway_services services;
	struct names *names;	/* NULL: no name server is wanted */
	struct name_book *book; /* NULL: not asked for yet */
	bool book_stale;
	struct publish *publish; /* NULL: no server is updated */
	bool publish_stale;
	struct dns_updater *leaving; /* removes names from a server that is left */
	struct loop_timer leave_timer;
	struct bgp *bgp;       /* NULL: there is no directory for it */
	char counter_name[64]; /* last one given out */
	struct keep *keep;     /* NULL: nothing outlives this process */
	struct taken *taken;   /* from an earlier one, until all sites are configured */
	bool held;	       /* until then nothing moves */
	bool pumping;
	bool closing;
	uint8_t datagram[UDP_DATAGRAM_MAX];
};

/* What tests replace. */
struct gateway_parts {
	struct dataplane *(*dp_new)(void *arg, struct loop *loop, const struct dp_sockets *sockets,
				    const struct dp_callbacks *callbacks, const struct log *log,
				    struct err_msg *e);
	void *dp_arg;
	struct net *net; /* adopted, also on failure */
};
struct gateway *gateway_new_with(struct loop *loop, const struct gateway_options *options,
				 struct event_log *events, const struct log *log,
				 const struct gateway_parts *parts, struct err_msg *e);

/* sockets.c */
int gateway_sockets_open(struct gateway *g, struct err_msg *e);
void gateway_sockets_close(struct gateway *g);
void gateway_send(struct gateway *g, const struct ike_send *send);

/* net_news.c: why nobody answers */
void gateway_news_start(struct gateway *g);
void gateway_news_stop(struct gateway *g);
void gateway_not_sent(struct gateway *g, const struct ip_endpoint *remote, int errnum);

/* source.c: own addresses of tunnels that name none */
void gateway_sources_start(struct gateway *g);
void site_tunnel_find_source(struct tunnel *t, const struct ip_addr *toward);
void gateway_sources_tick(struct gateway *g); /* once a second */

/* pump.c: call after each input to the engine; evaluates the marked sites at the end. */
void gateway_pump(struct gateway *g);
void gateway_mark(struct site *s);
struct dp_callbacks gateway_callbacks(struct gateway *g);
void gateway_timers_start(struct gateway *g);
void gateway_timers_stop(struct gateway *g);
void gateway_retry_soon(struct gateway *g);
uint64_t gateway_clock(const struct gateway *g);
/* An operation was refused: counted, logged, and an event.  site may be NULL. */
void gateway_dp_error(struct gateway *g, const struct site *s, uint8_t slot, const char *what,
		      const char *text);

/* registry.c */
struct site *gateway_site(const struct gateway *g, const char *name); /* or NULL */
struct site *gateway_site_by_index(const struct gateway *g, uint32_t index);
struct tunnel *gateway_tunnel(const struct gateway *g, uint32_t id);
void gateway_insert_site(struct gateway *g, struct site *s); /* gives it its index */
void gateway_withdraw_site(struct gateway *g, struct site *s);

/* site.c */
struct site *site_new(struct gateway *g, const char *name);
void site_free(struct site *s); /* tunnels leave the engine, routes and device go */
void site_configure(struct site *s, const struct site_config *c);
void site_evaluate(struct site *s);
void site_route_again(struct site *s); /* its routes stand elsewhere now */
unsigned site_up_count(const struct site *s, enum site_role role);
/* Tunnels (bit slot - 1) that traffic shall bring up while the site is not connected. */
unsigned site_on_demand(const struct site *s);
void site_acquire(struct site *s);

/* device.c: bring the device to what it shall be.  False when something failed: an event was said
 * and it will be tried again.  With thousands of new sites their devices are made little by little;
 * _now does not wait. */
bool site_device_sync(struct site *s);
bool site_device_sync_now(struct site *s);
void gateway_build_devices(struct gateway *g); /* some of those that wait */
void site_device_remove(struct site *s);
/* The data plane made it anew: it came back bare, with no group, MTU, address, cap or route. */
void site_device_renewed(struct site *s);

/* steering.c: what the device's buckets shall be */
void site_steer(struct site *s, enum site_role role, unsigned on_demand);
void site_redistribute(struct site *s);
/* Slots that network rules may use now. */
unsigned site_rule_slots(const struct site *s);
/* rules.c */
void gateway_all_sites_due(void *arg);	   /* timer */
unsigned site_bands(const struct site *s); /* priorities that its traffic may have */
/* What was collected for nftables is done.  After a failure only with again. */
void gateway_steer_commit(struct gateway *g, bool again);
void gateway_steer_audit(struct gateway *g);
unsigned site_usable_slots(const struct site *s, enum site_role role); /* bits slot - 1 */

/* names.c */
void gateway_names_free(struct gateway *g);

/* publish.c */
void gateway_publish_free(struct gateway *g);
void gateway_publish_tick(struct gateway *g); /* once a second */

/* pop_select.c */
void site_choose_pops(struct site *s); /* after its configuration or the PoPs changed */
void gateway_choose_pops_tick(
	struct gateway *g); /* once a second, for a tenth of the sites: round trips */
/* The PoP that an asker is sent to, who looks a name of the role up. */
const struct pop *site_pop_for(const struct site *s, enum site_role role,
			       const struct ip_addr *asker);

/* pop_watch.c */
void gateway_pops_apply(struct gateway *g); /* to all tunnels */
void gateway_pops_tick(struct gateway *g);  /* once a second */

/* accounts.c */
void gateway_accounts_sync(struct gateway *g);
/* account_tables.c: fills in the tables of sites, in the order of gateway.sites. */
void gateway_account_tables(struct gateway *g, struct net_account *sites);
void gateway_account_tables_audit(struct gateway *g); /* somebody may have removed them */
/* ERR_UNSUPPORTED: another account has networks of the site, and there can be no tables. */
int gateway_check_overlap(const struct gateway *g, const struct site_config *c,
			  struct err_msg *e) WARN_UNUSED;

/* services.c */
void gateway_services_retry(struct gateway *g);
/* What an earlier process has left, and nobody wants any more, goes. */
void gateway_services_again(struct gateway *g);

/* echo.c */
void site_echo_apply(struct tunnel *t); /* after its configuration or state changed */
void site_echo_stop(struct tunnel *t);
void gateway_echo_close(struct gateway *g);

/* watch.c */
void site_tunnel_tick(struct tunnel *t); /* once a second, after site_children_sample */
void gateway_watch_silence(struct gateway *g);
void gateway_look_at_silent(struct gateway *g);

/* tunnel.c */
struct tunnel *site_tunnel_new(struct site *s, enum site_role role, unsigned index0);
void site_tunnel_free(struct tunnel *t); /* leaves the engine before */
/* Hand the profile to the engine, or take it away when something is missing. */
void site_tunnel_apply(struct tunnel *t);
void site_tunnel_leave_engine(struct tunnel *t);
/* Actions of the engine. */
void site_tunnel_on_up(struct tunnel *t);
void site_tunnel_on_down(struct tunnel *t, const struct ike_failure *f);
void site_tunnel_on_event(struct tunnel *t, enum ike_event event, const struct ike_failure *f);
/* Is it up now?  Changes t->up and since_ms; true when it changed. */
bool site_tunnel_evaluate(struct tunnel *t);
/* SAs made and rekeyed in a minute, of late. */
unsigned site_tunnel_rekeys(struct tunnel *t);
const struct tunnel_config *site_tunnel_config_of(const struct tunnel *t);
const char *site_tunnel_lacks(const struct tunnel *t); /* or NULL */
const char *site_tunnel_label(const struct tunnel *t, char buf[TUNNEL_LABEL_MAX]);

/* link_event.c: what operators hear of links and sites */
void link_event_up(const struct tunnel *t);
void link_event_down(struct tunnel *t);
void link_event_attempt_failed(struct tunnel *t);
void link_event_health(struct tunnel *t);
void link_event_child_failed(struct tunnel *t, const struct ike_failure *f);
void link_event_ha(const struct site *s, enum ha_change change);
void link_event_unknown_peer(struct gateway *g, const struct ike_failure *f);

/* capture.c; both do nothing while no capture is running, but the keys are wiped. */
void gateway_capture_datagram(struct gateway *g, const struct ip_endpoint *from,
			      const struct ip_endpoint *to, const struct ip_addr *peer,
			      struct view payload);
void gateway_capture_keys(struct gateway *g, struct ike_keylog *k);
/* A message as it would be without encryption. */
void gateway_capture_clear(struct gateway *g, const struct ike_trace *t);

/* Can addr be the peer of a tunnel of the site?  Peers whose address is not known in advance may
 * come from anywhere but another site's. */
bool gateway_may_be_peer(const struct gateway *g, const char *site, const struct ip_addr *addr);

/* debug.c */
void gateway_trace(struct gateway *g, uint32_t tunnel, const struct ike_trace *t);
void gateway_trace_update(struct gateway *g); /* debug or capture began or ended */

/* child.c */
void site_child_install(struct gateway *g, uint32_t tunnel, struct ike_child_install *install);
void site_child_update(struct gateway *g, const struct ike_child_update *u);
void site_child_delete(struct gateway *g, uint32_t number);
void site_children_drop(struct tunnel *t); /* all of them */
void site_children_sample(struct tunnel *t, uint64_t now_ms);
void site_tunnel_bytes(const struct tunnel *t, uint64_t *rx, uint64_t *tx, uint64_t *replay_drops);

#endif
