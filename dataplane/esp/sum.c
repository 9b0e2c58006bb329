/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Internet checksum by vectors: halves of 64-bit words are added up in separate accumulators that
 * cannot overflow within a packet.  Pure.
 */
#include "dataplane/esp/sum.h"

#include <string.h>

#define STEP 64

/* A vector of any processor, read from anywhere, whatever lies there.  (Twice as wide is hardly
 * faster: loading is what takes the time.) */
typedef uint64_t lanes __attribute__((vector_size(16), aligned(1), may_alias));

static uint64_t add_steps(const uint8_t *data, size_t steps)
{
	lanes a = {0}, b = {0}, c = {0}, d = {0};

	for (size_t i = 0; i < steps; i++) {
		const lanes *v = (const void *)(data + i * STEP);

		a += (v[0] & UINT32_MAX) + (v[0] >> 32);
		b += (v[1] & UINT32_MAX) + (v[1] >> 32);
		c += (v[2] & UINT32_MAX) + (v[2] >> 32);
		d += (v[3] & UINT32_MAX) + (v[3] >> 32);
	}
	a += b + c + d;
	return a[0] + a[1];
}

uint64_t esp_sum(uint64_t sum, const uint8_t *data, size_t len)
{
	size_t steps = len / STEP;
	uint32_t word;
	uint16_t half;

	if (steps != 0)
		sum += add_steps(data, steps);
	data += steps * STEP;
	for (len %= STEP; len >= sizeof(word); len -= sizeof(word), data += sizeof(word)) {
		memcpy(&word, data, sizeof(word));
		sum += word;
	}
	if (len >= sizeof(half)) {
		memcpy(&half, data, sizeof(half));
		sum += half;
		data += sizeof(half);
		len -= sizeof(half);
	}
	if (len != 0) {
		half = 0;
		memcpy(&half, data, 1);
		sum += half;
	}
	return sum;
}

uint64_t esp_sum_pseudo(const uint8_t *addrs, size_t addr_len, uint8_t protocol, size_t len)
{
	uint8_t rest[8] = {0, 0, (uint8_t)(len >> 8), (uint8_t)len, 0, 0, 0, protocol};

	return esp_sum(esp_sum(0, addrs, 2 * addr_len), rest, sizeof(rest));
}

uint16_t esp_sum_fold(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

void esp_sum_put(uint8_t *at, uint16_t folded)
{
	memcpy(at, &folded, sizeof(folded));
}
