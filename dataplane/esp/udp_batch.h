/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datagrams in batches on the sockets of platform/os/udp.h: many equal ones of one path are handed
 * to the system as one message (UDP_SEGMENT) and come from it as one (UDP_GRO).  One thread at a
 * time; the sockets stay the caller's.
 */
#ifndef DATAPLANE_ESP_UDP_BATCH_H
#define DATAPLANE_ESP_UDP_BATCH_H

#include "dataplane/esp/sa.h"
#include "platform/base/bytes.h"

/* ---- Receiving ------------------------------------------------------------------------------- */

#define ESP_UDP_MESSAGES 32 /* taken at a time */

/* One or more datagrams from the same sender with the same TOS, one behind the other. */
struct esp_udp_message {
	uint8_t *data; /* writable, valid until the next receive */
	size_t len;
	size_t segment; /* length of each datagram; the last one may be shorter */
	bool truncated; /* longer than any buffer; data is its beginning */
	uint8_t tos;
	uint32_t overflow; /* datagrams that the socket has dropped so far, modulo 2^32 */
	struct ip_endpoint remote;
};

struct esp_udp_rx;

struct esp_udp_rx *esp_udp_rx_new(void);
void esp_udp_rx_free(struct esp_udp_rx *rx);

/* Makes the system put datagrams together on fd, and count the ones that it drops; and ends it.
 * fd -1: nothing. */
void esp_udp_prepare(int fd);
void esp_udp_restore(int fd);

/* Takes what waits on fd, at most max messages (up to ESP_UDP_MESSAGES); 0: nothing. */
size_t esp_udp_receive(struct esp_udp_rx *rx, int fd, size_t max);

const struct esp_udp_message *esp_udp_message(const struct esp_udp_rx *rx, size_t i);
/* Address that the i-th message was sent to, without port. */
struct ip_addr esp_udp_local(struct esp_udp_rx *rx, size_t i);

/* ---- Sending --------------------------------------------------------------------------------- */

#define ESP_UDP_QUEUE	     64	   /* messages */
#define ESP_UDP_SEGMENTS_MAX 64	   /* datagrams in one message, UDP_MAX_SEGMENTS of the system */
#define ESP_UDP_RUN_MAX	     65507 /* octets in one message */

struct esp_udp_tx;

struct esp_udp_tx *esp_udp_tx_new(void);
void esp_udp_tx_free(struct esp_udp_tx *tx);

/* Queue datagrams of `segment` octets, the last one perhaps shorter, len octets in all; at most
 * ESP_UDP_QUEUE times.  path and data are borrowed until the flush. */
void esp_udp_queue(struct esp_udp_tx *tx, struct esp_path *path, uint8_t tos, uint8_t *data,
		   size_t len, size_t segment);

/* Send all that is queued on fd, in order; what the system refuses is counted and forgotten. */
void esp_udp_flush(struct esp_udp_tx *tx, int fd, struct esp_stats *stats);

#endif
