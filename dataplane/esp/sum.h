/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Internet checksum (RFC 1071): sums of 16-bit words as they lie in memory, so that a folded
 * sum is stored as it is, whatever the order of octets of the machine.
 */
#ifndef DATAPLANE_ESP_SUM_H
#define DATAPLANE_ESP_SUM_H

#include <stddef.h>
#include <stdint.h>

/* sum and the octets at data; an odd one counts as if a zero followed it. */
uint64_t esp_sum(uint64_t sum, const uint8_t *data, size_t len);

/* The pseudo header of TCP, UDP and ICMPv6 (RFC 9293 section 3.1, RFC 8200 section 8.1): addresses
 * of addr_len octets each, one behind the other. */
uint64_t esp_sum_pseudo(const uint8_t *addrs, size_t addr_len, uint8_t protocol, size_t len);

/* All carries added: 16 bits, not complemented. */
uint16_t esp_sum_fold(uint64_t sum);

/* Store the folded, or complemented folded, sum at the two octets. */
void esp_sum_put(uint8_t *at, uint16_t folded);

#endif
