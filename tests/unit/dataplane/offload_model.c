/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/dataplane/offload_model.h"

#include <string.h>

uint32_t model_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33);
}

static uint8_t *u16(uint8_t *at, unsigned v)
{
	*at++ = (uint8_t)(v >> 8);
	*at++ = (uint8_t)v;
	return at;
}

static uint8_t *u32(uint8_t *at, uint32_t v)
{
	return u16(u16(at, v >> 16), v & 0xffff);
}

/* RFC 1071, as it is written there. */
static unsigned sum(const uint8_t *data, size_t len, unsigned start)
{
	unsigned long total = start;

	for (size_t i = 0; i < len; i++)
		total += i % 2 == 0 ? (unsigned long)data[i] << 8 : data[i];
	while (total > 0xffff)
		total = (total & 0xffff) + (total >> 16);
	return (unsigned)total;
}

static unsigned pseudo_sum(const uint8_t *packet, size_t upper, unsigned protocol, size_t len)
{
	bool v4 = packet[0] >> 4 == 4;

	(void)upper;
	return sum(packet + (v4 ? 12 : 8), v4 ? 8 : 32, 0) + protocol + (unsigned)len;
}

static size_t ip_len(const struct model_packet *m)
{
	return m->version == 4 ? 20 : 40;
}

size_t model_header_len(const struct model_packet *m)
{
	return ip_len(m) + (m->protocol == 6 ? 20 + m->options : 8);
}

static void build_ip(const struct model_packet *m, uint8_t *out, size_t whole)
{
	uint8_t *at = out;

	if (m->version == 6) {
		at = u32(at, 0x60000000u | (uint32_t)m->tos << 20 | m->label);
		at = u16(at, (unsigned)(whole - 40));
		*at++ = m->protocol;
		*at++ = m->ttl;
		memset(at, 0, 32);
		at[0] = at[16] = 0xfd;
		at[15] = m->host;
		at[31] = 1;
		return;
	}
	*at++ = 0x45;
	*at++ = m->tos;
	at = u16(at, (unsigned)whole);
	at = u16(at, m->id);
	at = u16(at, m->df ? 0x4000 : 0);
	*at++ = m->ttl;
	*at++ = m->protocol;
	at = u16(at, 0);
	at = u32(at, 0x0a010000u | m->host);
	(void)u32(at, 0x0a020001);
	(void)u16(out + 10, 0xffff - sum(out, 20, 0));
}

size_t model_build(const struct model_packet *m, uint8_t *out)
{
	size_t header = model_header_len(m), whole = header + m->len;
	uint8_t *upper = out + ip_len(m), *at = upper;
	size_t upper_len = whole - ip_len(m);
	unsigned check;

	build_ip(m, out, whole);
	at = u16(at, m->port);
	at = u16(at, 443);
	if (m->protocol == 6) {
		at = u32(at, m->seq);
		at = u32(at, m->ack);
		*at++ = (uint8_t)((20 + m->options) / 4 << 4);
		*at++ = m->flags;
		at = u16(at, m->window);
		at = u32(at, 0);
		memset(at, m->option, m->options);
	} else {
		at = u16(at, (unsigned)upper_len);
		(void)u16(at, 0);
	}
	if (m->len != 0)
		memcpy(out + header, m->payload, m->len);
	check = 0xffff - sum(upper, upper_len, pseudo_sum(out, ip_len(m), m->protocol, upper_len));
	if (check == 0 && m->protocol == 17)
		check = 0xffff;
	(void)u16(upper + (m->protocol == 6 ? 16 : 6), check);
	return whole;
}

void model_leave_sum(const struct model_packet *m, uint8_t *packet)
{
	size_t upper_len = model_header_len(m) + m->len - ip_len(m);
	unsigned total = pseudo_sum(packet, ip_len(m), m->protocol, upper_len);

	while (total > 0xffff)
		total = (total & 0xffff) + (total >> 16);
	(void)u16(packet + ip_len(m) + (m->protocol == 6 ? 16 : 6), total);
}

bool model_sums_right(const uint8_t *packet, size_t len)
{
	size_t ip = packet[0] >> 4 == 4 ? 20 : 40;
	unsigned protocol = packet[0] >> 4 == 4 ? packet[9] : packet[6];

	if (ip == 20 && sum(packet, 20, 0) != 0xffff)
		return false;
	return sum(packet + ip, len - ip, pseudo_sum(packet, ip, protocol, len - ip)) == 0xffff;
}
