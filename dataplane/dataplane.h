/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The data plane: what both backends (userspace ESP, kernel xfrm) implement.  It knows sites (one
 * network device each), slots (the tunnels of a site, 1..6: primary 1-3, secondary 4-6), and Child
 * SAs in those slots.  It knows nothing of IKE, configuration or health.
 *
 * All calls come from the main loop's thread.  Callbacks come on that thread too, never from inside
 * a call.
 */
#ifndef DATAPLANE_DATAPLANE_H
#define DATAPLANE_DATAPLANE_H

#include "dataplane/net_match.h"
#include "ikev2/ike.h"
#include "platform/base/err.h"
#include "platform/base/ip.h"

#include <stdbool.h>
#include <stdint.h>

struct dataplane;
struct keeper;
struct log;
struct loop;

#define DP_SLOTS      6
#define DP_BUCKETS    64
#define DP_DEVICE_MAX 16 /* "ips12" with NUL */

/* IKE's sockets, borrowed; -1 where the family is not available.  The data plane receives on the
 * 4500 ones, takes ESP out, and hands IKE messages to on_ike. */
struct dp_sockets {
	int natt_v4, natt_v6;
	/* What outlives the process, borrowed; NULL: nothing does.  adopt: an earlier process may
	 * have left devices and SAs, which wait to be added again (ike_child_install.restored). */
	struct keeper *keeper;
	bool adopt;
};

struct dp_callbacks {
	void *arg;
	/* An IKE message on port 4500; payload begins with the non-ESP marker. */
	void (*on_ike)(void *arg, const struct ip_endpoint *local, const struct ip_endpoint *remote,
		       struct view payload);
	/* First authenticated inbound packet on a child that was installed with outbound_now false;
	 * the data plane has switched its outbound to it already. */
	void (*on_used)(void *arg, uint32_t child);
	/* Authenticated ESP came from elsewhere; the outbound endpoint is not changed by this. */
	void (*on_moved)(void *arg, uint32_t child, const struct ip_endpoint *remote);
	/* The SA cannot be used any more (sequence numbers at their end, kernel expiry). */
	void (*on_broken)(void *arg, uint32_t child);
	/* Traffic for a site whose chosen slot has no usable Child SA; at most once a second. */
	void (*on_acquire)(void *arg, uint32_t site);
	/* The device of the site was lost or down (somebody did that).  problem NULL: it is there
	 * again, and what others had attached to it, such as routes, is gone; site_carrier has to
	 * be called anew.  Otherwise it cannot be made now, which is tried again; said once.  May
	 * be NULL. */
	void (*on_device)(void *arg, uint32_t site, const char *problem);
};

/*
 * Which slot carries a packet of a site.  In this order:
 *  1. its destination is pinned: that slot;
 *  2. the first rule that matches it names a slot: that slot (DP_RULES);
 *  3. its flow has a slot already, and that slot is usable: the same one (DP_STICKY);
 *  4. the bucket of its hash; 0: none (drop and count).
 * dataplane/flow_table.h does all of it for backends that look at each packet.
 */
struct dp_steering {
	uint8_t bucket_slot[DP_BUCKETS];
	/* Slots that a flow which is on them may keep: bit slot - 1. */
	uint8_t usable;
	/* The site has one tunnel only: nothing is remembered of its flows. */
	bool single;
	/* Packets to pin[slot - 1] go to that slot, whatever its state (the peer's private address
	 * of BGP and of probes; DP_PINS); family IP_NONE: not set. */
	struct ip_addr pin[DP_SLOTS];
};

/* What a backend does of the above by itself. */
enum dp_feature {
	DP_PINS = 1,
	DP_RULES = 2,
	DP_STICKY = 4,
	/* It selects the SA by packet mark (slot in the lowest octet): nftables decides all of the
	 * above for it (dataplane/net/nft.h); site_steer still says where unmarked packets go. */
	DP_BY_MARK = 8,
	/* ESP without UDP (protocol 50), for peers with no NAT in between. */
	DP_RAW_ESP = 16,
	/* ESP in UDP is faster: it is asked for without a NAT, too. */
	DP_FASTER_IN_UDP = 32,
	/* It holds each tunnel to a cap of its own (site_cap); otherwise classes of the device's
	 * shaper do so by the mark. */
	DP_CAPS = 64,
};

/* A network rule as it applies to one site at present. */
struct dp_rule {
	struct net_match match;
	uint32_t number; /* for hits */
	uint8_t slot;	 /* 0: as if there were no rule, later ones are not looked at */
	uint8_t band;	 /* priority below a cap of the tunnel (DP_CAPS), as in struct net_class */
};

#define DP_RULE_DROP 0xff /* slot of a rule: the packet is dropped and counted */

struct dp_child_counters {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes; /* inner bytes */
	uint64_t rx_last_ms, tx_last_ms;		     /* loop clock; 0: never */
	uint64_t replay_drops, auth_drops, selector_drops, malformed_drops;
	uint64_t tx_sequence;
	uint64_t rx_sequence; /* highest one authenticated; 0: not known */
};

struct dp_ops {
	const char *name; /* "userspace", "xfrm" */
	void (*free)(struct dataplane *dp);
	/* Create the device ips<site> (down), index 1..99999.  ERR_SYSTEM says why not. */
	int (*site_add)(struct dataplane *dp, uint32_t site, struct err_msg *e);
	void (*site_remove)(struct dataplane *dp, uint32_t site); /* with all of its SAs */
	/* Usable or not: carrier of the device. */
	int (*site_carrier)(struct dataplane *dp, uint32_t site, bool on, struct err_msg *e);
	int (*site_steer)(struct dataplane *dp, uint32_t site, const struct dp_steering *s,
			  struct err_msg *e);
	int (*site_ifindex)(struct dataplane *dp, uint32_t site);
	/* Takes the secrets out of install.  slot 1..DP_SLOTS. */
	int (*child_add)(struct dataplane *dp, uint32_t site, uint8_t slot,
			 struct ike_child_install *install, struct err_msg *e);
	int (*child_update)(struct dataplane *dp, const struct ike_child_update *u,
			    struct err_msg *e);
	void (*child_remove)(struct dataplane *dp, uint32_t child);
	int (*child_counters)(struct dataplane *dp, uint32_t child, struct dp_child_counters *out);
	/* Global counters by name ("rx_unknown_spi", "rx_short", ...); NULL past the end. */
	const char *(*counter)(struct dataplane *dp, size_t index, uint64_t *value);
	unsigned features; /* enum dp_feature */
	/* DP_RULES: replaces the rules of a site, in order; they are copied.  A change moves only
	 * flows that match a changed rule. */
	int (*site_rules)(struct dataplane *dp, uint32_t site, const struct dp_rule *rules,
			  size_t count, struct err_msg *e);
	/* DP_RULES: packets that rule number of the site matched first. */
	uint64_t (*rule_hits)(struct dataplane *dp, uint32_t site, uint32_t number);
	/* DP_CAPS: what a tunnel may be sent, by slot - 1; 0: no cap.  Changes take effect at once
	 * and lose nothing. */
	int (*site_cap)(struct dataplane *dp, uint32_t site, const uint32_t mbps[DP_SLOTS],
			struct err_msg *e);
	/* All that was wanted of an earlier process was added again; what else it left goes.  May
	 * be NULL. */
	void (*settled)(struct dataplane *dp);
};

/* First member of each backend's own struct. */
struct dataplane {
	const struct dp_ops *ops;
};

/* Userspace ESP over TUN.  NULL with e filled when TUN is not available. */
struct dataplane *dp_userspace_new(struct loop *loop, const struct dp_sockets *sockets,
				   const struct dp_callbacks *callbacks, const struct log *log,
				   struct err_msg *e);

/* Kernel ESP: xfrm states, policies and interfaces.  NULL with e filled. */
struct dataplane *dp_xfrm_new(struct loop *loop, const struct dp_sockets *sockets,
			      const struct dp_callbacks *callbacks, const struct log *log,
			      struct err_msg *e);

/* Can this kernel do ESP, and may we?  Installs states, a policy and an xfrm interface and removes
 * them again.  e says what is missing. */
int dp_xfrm_probe(struct err_msg *e) WARN_UNUSED;

#endif
