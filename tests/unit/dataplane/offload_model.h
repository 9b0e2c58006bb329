/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A naive model of TCP and UDP packets, for tests of segmentation and coalescing: builds each
 * packet from its fields, octet by octet, with checksums of its own.  Shares no code with what it
 * tests.
 */
#ifndef TESTS_UNIT_DATAPLANE_OFFLOAD_MODEL_H
#define TESTS_UNIT_DATAPLANE_OFFLOAD_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_PACKET_MAX 66000

struct model_packet {
	int version; /* 4, 6 */
	uint8_t tos, ttl;
	uint16_t id; /* IPv4 */
	bool df;
	uint32_t label; /* IPv6 */
	uint8_t host;	/* last octet of the source */
	uint16_t port;	/* of the source */
	uint8_t protocol;
	/* TCP: */
	uint32_t seq, ack;
	uint8_t flags;
	uint16_t window;
	size_t options; /* octets, a multiple of 4 */
	uint8_t option; /* what they are made of */
	/* both: */
	const uint8_t *payload;
	size_t len;
};

/* Random numbers that are the same in each run. */
uint32_t model_random(uint64_t *state);

/* The whole packet; returns its length. */
size_t model_build(const struct model_packet *m, uint8_t *out);
size_t model_header_len(const struct model_packet *m); /* of all headers */
/* As the kernel leaves it to others: the checksum of TCP or UDP is the sum of the pseudo header. */
void model_leave_sum(const struct model_packet *m, uint8_t *packet);
/* Are the checksums of IPv4, TCP and UDP right? */
bool model_sums_right(const uint8_t *packet, size_t len);

#endif
