/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/dataplane/dp_packet.h"

#include <check.h>

void dp_packet_fix(uint8_t *packet)
{
	uint32_t sum = 0;

	packet[10] = packet[11] = 0;
	for (size_t i = 0; i < 4 * (size_t)(packet[0] & 15); i += 2)
		sum += (uint32_t)(packet[i] << 8 | packet[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	packet[10] = (uint8_t)(~sum >> 8);
	packet[11] = (uint8_t)~sum;
}

struct view dp_packet(uint8_t *buf, enum ip_family family, size_t len, uint16_t port, uint8_t seed)
{
	size_t header = family == IP_V4 ? 20 : 40;
	struct writer w = writer_of(buf, len);

	if (family == IP_V4) {
		writer_u16(&w, 0x4500);
		writer_u16(&w, (uint16_t)len);
		writer_u32(&w, 0);
		writer_u32(&w, 0x40110000); /* TTL, UDP, checksum */
		writer_u32(&w, 0x0a010001);
		writer_u32(&w, 0x0a020001);
		dp_packet_fix(buf);
	} else {
		writer_u32(&w, 0x60000000);
		writer_u16(&w, (uint16_t)(len - header));
		writer_u16(&w, 0x1140);
		writer_u64(&w, UINT64_C(0xfd00000100000000));
		writer_u64(&w, 1);
		writer_u64(&w, UINT64_C(0xfd00000200000000));
		writer_u64(&w, 1);
	}
	writer_u16(&w, port);
	writer_u16(&w, 7);
	writer_u16(&w, (uint16_t)(len - header));
	writer_u16(&w, 0);
	while (w.len < len)
		writer_u8(&w, seed++);
	ck_assert(!w.failed);
	return view_of(buf, len);
}
