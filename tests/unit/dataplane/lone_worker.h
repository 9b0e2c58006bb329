/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The packet paths of a worker without its thread: a socket pair stands for the device, loopback
 * for the network, and the peer is made of a cipher and sockets here.  Needs no rights.
 */
#ifndef TESTS_UNIT_DATAPLANE_LONE_WORKER_H
#define TESTS_UNIT_DATAPLANE_LONE_WORKER_H

#include "dataplane/esp/worker_impl.h"
#include "tests/unit/dataplane/dp_packet.h"

#define LONE_SITE 7 /* index of its site; all buckets on slot 1 */

struct lone_worker {
	struct esp_shared shared;
	struct esp_worker worker; /* the time is 50000 */
	struct esp_site *site;
	struct esp_child *child;	  /* number 1 in slot 1, IPv4 only, outbound at once */
	int device;			  /* the kernel's end of it, not blocking */
	int peer, elsewhere;		  /* the peer's sockets, not blocking */
	struct ip_endpoint own;		  /* the worker's, */
	struct ip_endpoint peer_endpoint; /* the peer's */
	struct esp_cipher *peer_sealer;	  /* for the inbound SA of the latest child */
};

extern const struct ike_suite lone_gcm, lone_cbc;

void lone_open(struct lone_worker *l, const struct ike_suite *suite);
void lone_close(struct lone_worker *l);

struct ike_child_install lone_install(const struct lone_worker *l, const struct ike_suite *suite,
				      uint32_t id, uint32_t spi_in);
/* Another child of the site; the peer seals for it from now on. */
struct esp_child *lone_add_child(struct lone_worker *l, struct ike_child_install *in, uint8_t slot);

struct ip_endpoint lone_endpoint_of(int fd);
uint64_t lone_stat(const struct lone_worker *l, enum esp_stat s);

/* A datagram from one of the peer's sockets. */
void lone_peer_sends_raw(struct lone_worker *l, int fd, const void *data, size_t len, int tos);
/* text with its own padding and trailer, in an ESP packet for c; returns its length. */
size_t lone_peer_seals(struct lone_worker *l, const struct esp_child *c, uint64_t seq,
		       struct view text, uint8_t *packet);
/* An inner packet, properly encapsulated. */
void lone_peer_sends(struct lone_worker *l, int fd, uint64_t seq, struct view inner, uint8_t next,
		     int tos);
/* One of 100 octets that must arrive. */
void lone_peer_sends_good(struct lone_worker *l, int fd, uint64_t seq);
/* The worker takes what waits on its socket. */
void lone_receive(struct lone_worker *l);

/* A packet goes into the device. */
void lone_device_queues(struct lone_worker *l, struct view packet);
/* And the worker takes it. */
void lone_device_sends(struct lone_worker *l, struct view packet);
/* The single packet that came out of the device; -1: nothing. */
ssize_t lone_device_gets(struct lone_worker *l, uint8_t *buf, size_t cap);

#endif
