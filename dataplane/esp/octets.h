/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers in the headers of a packet that is changed where it lies, in network order.  The caller
 * has checked that the packet is long enough; what comes from the wire is taken apart with bytes.h
 * first.
 */
#ifndef DATAPLANE_ESP_OCTETS_H
#define DATAPLANE_ESP_OCTETS_H

#include <stdint.h>

static inline uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static inline void put_u16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

static inline uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static inline void put_u32(uint8_t *at, uint32_t v)
{
	put_u16(at, (uint16_t)(v >> 16));
	put_u16(at + 2, (uint16_t)v);
}

#endif
