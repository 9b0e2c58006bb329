/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two data planes, each in a network namespace of its own, joined by a veth wire, and packet
 * sockets on their devices and on the wire.  Uses nothing but dp_ops of the backend, so that the
 * same tests run against each of them.
 */
#ifndef TESTS_UNIT_DATAPLANE_DP_PAIR_H
#define TESTS_UNIT_DATAPLANE_DP_PAIR_H

#include "dataplane/dataplane.h"
#include "tests/unit/dataplane/dp_packet.h"

#define DP_PAIR_EVENTS	 256
#define DP_PAIR_WAIT_MS	 3000 /* for what must come */
#define DP_PAIR_QUIET_MS 150  /* for what must not come */
#define DP_PAIR_SKIPPED	 77   /* exit status of a program that cannot run here */

struct dp_pair_event {
	enum { ON_IKE, ON_USED, ON_MOVED, ON_BROKEN, ON_ACQUIRE, ON_DEVICE } type;
	uint32_t id;
	struct ip_endpoint local, remote;
	size_t len;
	uint8_t data[64];
};

struct dp_side {
	int ns;
	struct dp_sockets sockets;
	struct dataplane *dp;
	struct ip_endpoint v4, v6; /* outer addresses, port 4500 */
	int wire;		   /* packet socket on the veth, whole frames */
	int device[4];		   /* packet sockets on ips1.. */
	size_t event_count;
	struct dp_pair_event events[DP_PAIR_EVENTS];
};

struct dp_pair {
	struct loop *loop;
	struct dp_side a, b;
};

typedef struct dataplane *dp_new_fn(struct loop *loop, const struct dp_sockets *sockets,
				    const struct dp_callbacks *callbacks, const struct log *log,
				    struct err_msg *e);

/* The backend under test: userspace, or what the environment's IKESH_TEST_DATAPLANE says. */
dp_new_fn *dp_pair_backend(void);
/* Does the kernel move the packets?  Then some drops are seen only in global counters. */
bool dp_pair_is_xfrm(void);
/* Are there rights, and what the backend needs?  Says so when not; leaves the caller in a namespace
 * of its own. */
bool dp_pair_can_run(void);

/* False with e: no rights, or no TUN here.  Makes both sides; no site yet. */
bool dp_pair_open(struct dp_pair *p, dp_new_fn *make, struct err_msg *e);
void dp_pair_close(struct dp_pair *p);

/* Runs a shell command in the side's namespace; it must succeed. */
void dp_side_run(const struct dp_side *s, const char *command);
/* Site with its device ips<site> (1..4), carrier on, all buckets on slot 1. */
void dp_side_site(struct dp_side *s, uint32_t site);
/* Opens the packet socket of its device, also after that was made anew. */
void dp_side_listen(struct dp_side *s, uint32_t site);
void dp_side_steer(struct dp_side *s, uint32_t site, uint8_t slot);
/* Packets sent from now on carry this mark. */
void dp_side_mark(const struct dp_side *s, uint32_t site, uint32_t mark);

/* Encapsulated Child SA from s to peer over IPv4, all traffic, keys derived from the SPIs. */
struct ike_child_install dp_side_install(const struct dp_side *s, const struct dp_side *peer,
					 const struct ike_suite *suite, uint32_t child,
					 uint32_t spi_in, uint32_t spi_out);
/* Adds it to site 1; it must succeed. */
void dp_side_add(struct dp_side *s, uint8_t slot, struct ike_child_install *install);
/* Adds `child` to slot 1 of site 1 on both sides, same number on both, outbound at once. */
void dp_pair_child(struct dp_pair *p, const struct ike_suite *suite, uint32_t child);
/* The same with IPv6 outside. */
void dp_pair_child_v6(struct dp_pair *p, const struct ike_suite *suite, uint32_t child);

/* Puts an inner packet onto the side's device ips<site>. */
void dp_side_send(const struct dp_side *s, uint32_t site, struct view packet);
/* The next inner packet that comes out of ips<site> within ms, without what the kernel says by
 * itself (IPv6 neighbour and multicast messages); 0: none.  The loop runs meanwhile. */
size_t dp_side_receive(struct dp_pair *p, struct dp_side *s, uint32_t site, uint8_t *buf,
		       size_t cap, int ms);
/* A side's next ESP-in-UDP frame on the wire that it sent, within ms; 0: none. */
size_t dp_side_sniff(struct dp_pair *p, struct dp_side *s, uint8_t *frame, size_t cap, int ms);
/* Puts a frame on the wire as if the side had sent it. */
void dp_side_inject(const struct dp_side *s, struct view frame);

/* Runs the loop until the side has its n-th event (from 0) or ms are over. */
const struct dp_pair_event *dp_side_event(struct dp_pair *p, struct dp_side *s, size_t n, int ms);
/* Runs the loop for ms. */
void dp_pair_run(struct dp_pair *p, int ms);
uint64_t dp_side_counter(const struct dp_side *s, const char *name);
struct dp_child_counters dp_side_child(const struct dp_side *s, uint32_t child);

/* The packet goes into ips1 of one side and comes out of the other's as it was; or it does not. */
void dp_pair_crosses(struct dp_pair *p, struct dp_side *from, struct dp_side *to,
		     struct view packet);
void dp_pair_stays_out(struct dp_pair *p, struct dp_side *from, struct dp_side *to,
		       struct view packet);

#endif
