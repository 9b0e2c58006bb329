/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Datagrams in batches: recvmmsg and sendmmsg with packet info and TOS on the sockets of
 * platform/os/udp.h.  One thread at a time; the sockets stay the caller's.
 */
#ifndef DATAPLANE_ESP_UDP_BATCH_H
#define DATAPLANE_ESP_UDP_BATCH_H

#include "dataplane/esp/sa.h"
#include "platform/base/bytes.h"

#define ESP_BATCH 64 /* datagrams at most */

/* ---- Receiving ------------------------------------------------------------------------------- */

struct esp_udp_rx;

struct esp_udp_rx *esp_udp_rx_new(void);
void esp_udp_rx_free(struct esp_udp_rx *rx);

/* Makes the system report on fd how many datagrams it had to drop. */
void esp_udp_watch_overflow(int fd);

/* Takes what waits on fd, at most ESP_BATCH datagrams; 0: nothing. */
size_t esp_udp_receive(struct esp_udp_rx *rx, int fd);

/* Datagrams that the socket dropped since it was opened, as of the i-th one, modulo 2^32. */
uint32_t esp_udp_overflow(struct esp_udp_rx *rx, size_t i);

/* The i-th datagram: its octets (writable, valid until the next receive), and whether it was cut.
 */
uint8_t *esp_udp_payload(struct esp_udp_rx *rx, size_t i, size_t *len, bool *truncated);
uint8_t esp_udp_tos(struct esp_udp_rx *rx, size_t i);
/* Address that it was sent to, without port. */
struct ip_addr esp_udp_local(struct esp_udp_rx *rx, size_t i);
struct ip_endpoint esp_udp_remote(const struct esp_udp_rx *rx, size_t i);

/* ---- Sending --------------------------------------------------------------------------------- */

struct esp_udp_tx;

struct esp_udp_tx *esp_udp_tx_new(void);
void esp_udp_tx_free(struct esp_udp_tx *tx);

/* Queue one datagram, ESP_BATCH at most; path and data are borrowed until the flush. */
void esp_udp_queue(struct esp_udp_tx *tx, struct esp_path *path, uint8_t tos, uint8_t *data,
		   size_t len);

/* Send all that is queued on fd; what the system refuses is counted and forgotten. */
void esp_udp_flush(struct esp_udp_tx *tx, int fd, struct esp_stats *stats);

#endif
