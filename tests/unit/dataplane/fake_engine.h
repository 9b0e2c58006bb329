/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An engine that does what the test says, a data plane and a kernel that write down what they are
 * told: the supervisor alone under test.  fake_engine.c defines the functions of ike.h that belong
 * to the engine itself, so a program that links it must not need the real one.
 */
#ifndef TESTS_UNIT_DATAPLANE_FAKE_ENGINE_H
#define TESTS_UNIT_DATAPLANE_FAKE_ENGINE_H

#include "dataplane/site/gateway_state.h"

#define FAKE_TUNNELS  32
#define FAKE_CHILDREN 64
#define FAKE_SITES    8
#define FAKE_ROUTES   32

struct fake_tunnel {
	bool used;
	struct ike_tunnel profile; /* PSK not kept */
	struct ike_tunnel_status status;
	unsigned sets, removes; /* calls that changed something */
	enum ike_command last_command;
	unsigned commands;
	struct ike_pulse pulse; /* told while the tunnel is up */
	unsigned probes;
	struct ip_addr source; /* as told last */
	unsigned sources;
};

/* The one engine of this process. */
struct fake_engine {
	struct fake_tunnel tunnels[FAKE_TUNNELS]; /* by id */
	uint32_t broken, used_child, moved_child;
	uint64_t traffic_ms;
	unsigned dh_done, datagrams;
	uint64_t deadline_ms;
};
extern struct fake_engine fake;

void fake_engine_reset(void);
/* Queue actions; the test calls gateway_pump afterwards. */
void fake_up(uint32_t tunnel);
void fake_down(uint32_t tunnel, enum ike_reason r);
void fake_event(uint32_t tunnel, enum ike_event ev, enum ike_reason r, const char *evidence);
void fake_unknown_peer(const char *fqdn);
/* Where the peer of a child is; after an update that of child + 100. */
struct ip_endpoint fake_remote(uint32_t child);
void fake_install(uint32_t tunnel, uint32_t child);
void fake_update(uint32_t child);
void fake_delete(uint32_t child);
void fake_dh(uint32_t tunnel);
void fake_source(uint32_t tunnel, const struct ip_addr *toward);
void fake_send(uint32_t tunnel, const struct ip_endpoint *remote, uint16_t local_port);

struct fake_dp {
	struct dataplane base;
	struct {
		bool there, carrier;
		struct dp_steering steering;
		unsigned steers;
		size_t rules;
		uint8_t rule_slot, rule_band;
		uint32_t caps[DP_SLOTS];
	} sites[FAKE_SITES];
	struct {
		bool there;
		uint32_t site;
		uint8_t slot;
		struct dp_child_counters counters;
	} children[FAKE_CHILDREN];
	bool fail_site_add, fail_child_add;
	struct dp_callbacks callbacks;
};
extern unsigned fake_dp_features; /* of the next one */
struct dataplane *fake_dp_new(void *arg, struct loop *loop, const struct dp_sockets *sockets,
			      const struct dp_callbacks *callbacks, const struct log *log,
			      struct err_msg *e);

struct fake_net {
	struct net base;
	struct net_route routes[FAKE_ROUTES];
	size_t route_count;
	bool fail_routes;
	unsigned calls, cleans, addresses, shapes;
	bool by_mark;
	struct ip_addr peer; /* last one held */
	unsigned peers;
	uint32_t steered; /* site, 0: none */
	struct dp_steering steering;
	struct dp_rule steer_rule; /* its first */
	size_t steer_rules, classes, services, accounts, reach, df_sites;
	uint32_t df_site;	    /* the last one */
	struct net_account account; /* the last one */
	struct net_reach reach_last;
	struct ip_addr service; /* the first one */
	struct net_class class; /* the first one */
	struct ip_addr source;	/* of all routes; IP_NONE: there are none */
	unsigned lookups;
	size_t table_count;
	uint32_t table_last;
	bool no_tables;
	void (*changed)(void *arg);
	void *arg;
	struct net_shape shape; /* the last one; of one device only */
};
void fake_net_init(struct fake_net *n);
/* "10.0.0.0/8@1 10.1.0.0/16@2", sorted, ifindex behind @; devices ips<n> have ifindex 100 + n. */
const char *fake_net_text(const struct fake_net *n, char buf[512]);

#endif
