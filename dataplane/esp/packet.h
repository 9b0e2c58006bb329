/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clear parts of an ESP packet in tunnel mode: header, padding, trailer, and how much they cost
 * (RFC 4303 section 2).  Encryption is cipher.h, the inner packet inner.h.
 */
#ifndef DATAPLANE_ESP_PACKET_H
#define DATAPLANE_ESP_PACKET_H

#include "dataplane/esp/cipher.h"
#include "platform/base/ip.h"

enum { ESP_NEXT_IPV4 = 4, ESP_NEXT_IPV6 = 41, ESP_NEXT_DUMMY = 59 };

/* The most that sealing puts in front of and behind an inner packet. */
#define ESP_FRONT_MAX (ESP_HEADER_LEN + ESP_IV_MAX)
#define ESP_BACK_MAX  (ESP_BLOCK_MAX + ESP_TRAILER_LEN + ESP_ICV_MAX)

/* Length of the ESP packet that carries an inner packet of inner_len octets. */
size_t esp_sealed_len(const struct esp_transform *t, size_t inner_len);

/* Octets of all outer headers and of ESP around an inner packet of inner_len octets. */
size_t esp_overhead(const struct esp_transform *t, enum ip_family outer, bool udp,
		    size_t inner_len);

/* The longest inner packet that fits an outer packet of path_mtu octets unfragmented; 0: none. */
size_t esp_inner_mtu(const struct esp_transform *t, enum ip_family outer, bool udp,
		     size_t path_mtu);

/* Write SPI and the low half of the sequence number to the first ESP_HEADER_LEN octets of packet.
 */
void esp_header_write(uint8_t *packet, uint32_t spi, uint64_t seq);

/* Append padding 1, 2, 3, ..., pad length and next header to inner_len octets at text; returns the
 * whole length, a multiple of the block.  text has ESP_BLOCK_MAX + ESP_TRAILER_LEN octets of room.
 */
size_t esp_trailer_write(const struct esp_transform *t, uint8_t *text, size_t inner_len,
			 uint8_t next_header);

/* Takes padding and trailer off decrypted text: ERR_INVALID when the padding is not 1, 2, 3, ... or
 * longer than the text (RFC 4303 section 2.4). */
int esp_trailer_read(struct view text, size_t *inner_len, uint8_t *next_header) WARN_UNUSED;

#endif
