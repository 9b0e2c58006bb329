/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What outlives the process, for restarts that nobody notices: each tunnel's part of the engine's
 * state, and what the supervisor knows of sites, as records of a state_log that a keeper holds
 * beside sockets and devices.  Everything is written before the messages go out that follow from
 * it: a process that is killed at any moment has told its peers nothing that its successor does not
 * know.
 *
 * All functions do nothing when nothing is kept (g->keep NULL).
 */
#ifndef DATAPLANE_SITE_KEEP_H
#define DATAPLANE_SITE_KEEP_H

#include "dataplane/site/gateway_state.h"

struct keep;

/* keep.c: writing */
void keep_start(struct gateway *g);
void keep_stop(struct gateway *g);
/* Something about the tunnel may have changed. */
void keep_touch(struct gateway *g, uint32_t tunnel);
void keep_forget_tunnel(struct gateway *g, uint32_t tunnel);
void keep_site(const struct site *s);
void keep_forget_site(const struct site *s);
/* False: nothing is kept, send at once.  Otherwise a copy goes out with the next keep_flush. */
bool keep_send(struct gateway *g, const struct ike_send *send);
/* Writes what was touched, then sends.  The engine has no actions left. */
void keep_flush(struct gateway *g);
/* Once a second: counters and the like, which need not be right to the last moment. */
void keep_tick(struct gateway *g);
/* Everything, for the first time. */
void keep_all(struct gateway *g);

/* taken.c: reading what an earlier process left */
struct taken;

/* The engine goes on as it was, and the gateway holds still (g->held) until taken_end.  False:
 * nothing is there, or it cannot be taken over, which was said. */
bool taken_begin(struct gateway *g, const struct ike_limits *limits,
		 const struct ike_random *random);
/* The index of a site of this name; 0: it is new. */
uint32_t taken_index(const struct gateway *g, const char *site);
void taken_site(struct site *s); /* new, without tunnels yet */
/* The number of a tunnel; 0: it is new. */
uint32_t taken_tunnel_id(const struct site *s, uint8_t slot);
void taken_tunnel(struct tunnel *t);
/* All sites are configured: what nobody wants any more leaves the engine, which tells the peers. */
void taken_remove_surplus(struct gateway *g);
/* What is there goes on, the rest goes. */
void taken_end(struct gateway *g);
void taken_free(struct gateway *g);

/* Of both. */
enum { KEEP_BASE = 1, KEEP_TUNNEL, KEEP_SITE, KEEP_GATEWAY };

#define KEEP_STATE "state" /* name of the memory at the keeper */

/* What is kept of a tunnel beside the engine's part; plain data of this machine. */
struct kept_tunnel {
	uint32_t id; /* 0: there is none in this slot */
	bool up, engine_up, terminated;
	uint64_t since_ms, rx_done, tx_done;
	struct ike_failure why, last_down;
	enum ike_cause said;
	struct ip_addr toward, source; /* as in struct tunnel.path */
};

struct kept_site {
	uint32_t len; /* of this struct: another version has another one */
	uint32_t index;
	char name[SITE_NAME_MAX];
	struct ha ha;
	struct net_shape shape;
	int ifindex;
	bool prepared, shaped, carrier, carrier_set;
	struct dp_steering steering;
	struct device_pair pairs[DP_SLOTS];
	struct kept_tunnel tunnels[DP_SLOTS];
};

struct kept_gateway {
	uint32_t len;
	uint32_t last_tunnel_id;
	struct gateway_counters counters;
	char dataplane[16];
	char version[32];
};

#endif
