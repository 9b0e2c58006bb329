/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parsing of inner packets, bounded and without allocation.  IPv4: RFC 791; IPv6 and its extension
 * headers: RFC 8200 section 4; ports of ICMP and MH as selectors see them: RFC 4301
 * section 4.4.1.1.
 */
#include "dataplane/esp/inner.h"

#include "platform/base/ip.h"

#define IPV4_HEADER_MIN 20
#define IPV6_HEADER_LEN 40
#define IPV6_CHAIN_MAX	8 /* extension headers followed; a longer chain stays unknown */

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_AH = 51,
	PROTO_ICMPV6 = 58,
	PROTO_DSTOPTS = 60,
	PROTO_SCTP = 132,
	PROTO_MH = 135,
	PROTO_UDPLITE = 136,
};

static void parse_upper(struct reader *r, struct esp_inner *p)
{
	uint16_t first, second;

	switch (p->protocol) {
	case PROTO_TCP:
	case PROTO_UDP:
	case PROTO_DCCP:
	case PROTO_SCTP:
	case PROTO_UDPLITE:
		first = reader_u16(r);
		second = reader_u16(r);
		p->has_ports = !r->failed;
		break;
	case PROTO_ICMP:
	case PROTO_ICMPV6:
		first = second = reader_u16(r);
		p->has_type = !r->failed;
		break;
	case PROTO_MH:
		reader_skip(r, 2);
		first = second = (uint16_t)(reader_u8(r) << 8);
		p->has_type = !r->failed;
		break;
	default:
		return;
	}
	if (!r->failed) {
		p->src_port = first;
		p->dst_port = second;
	}
}

static int parse_v4(struct view packet, struct esp_inner *p)
{
	struct reader r = reader_of(packet);
	size_t header = (size_t)(reader_u8(&r) & 0x0f) * 4;
	uint16_t flags;

	p->family = IP_V4;
	p->tos = reader_u8(&r);
	p->len = reader_u16(&r);
	reader_skip(&r, 2);
	flags = reader_u16(&r);
	reader_skip(&r, 1);
	p->protocol = p->flow_protocol = reader_u8(&r);
	reader_skip(&r, 2);
	p->src = reader_view(&r, 4).data;
	p->dst = reader_view(&r, 4).data;
	if (r.failed || header < IPV4_HEADER_MIN || p->len < header || p->len > packet.len)
		return ERR_INVALID;
	p->df = (flags & 0x4000) != 0;
	p->later = (flags & 0x1fff) != 0;
	p->fragment = p->later || (flags & 0x2000) != 0;
	p->upper = header;
	if (!p->later) {
		r = reader_of(view_of(packet.data + header, p->len - header));
		parse_upper(&r, p);
	}
	return 0;
}

/* One extension header at r; false when `protocol` is none, or nothing behind it can be known. */
static bool skip_extension(struct reader *r, struct esp_inner *p)
{
	uint8_t next, units;
	uint16_t offset;

	switch (p->protocol) {
	case PROTO_HOPOPTS:
	case PROTO_ROUTING:
	case PROTO_DSTOPTS:
		next = reader_u8(r);
		units = reader_u8(r);
		reader_skip(r, 6 + (size_t)units * 8);
		break;
	case PROTO_AH:
		next = reader_u8(r);
		units = reader_u8(r);
		reader_skip(r, 2 + (size_t)units * 4 + 4);
		break;
	case PROTO_FRAGMENT:
		next = reader_u8(r);
		reader_skip(r, 1);
		offset = reader_u16(r);
		reader_skip(r, 4);
		if (r->failed)
			return false;
		p->later = (offset & 0xfff8) != 0;
		p->fragment = p->later || (offset & 1) != 0;
		if (p->fragment)
			p->flow_protocol = next;
		break;
	default:
		return false;
	}
	if (r->failed)
		return false;
	p->protocol = next;
	return !p->later;
}

static int parse_v6(struct view packet, struct esp_inner *p)
{
	struct reader r = reader_of(packet);
	uint32_t word = reader_u32(&r);
	uint16_t payload = reader_u16(&r);
	bool more = true;

	p->family = IP_V6;
	p->tos = (uint8_t)(word >> 20);
	p->protocol = reader_u8(&r);
	reader_skip(&r, 1);
	p->src = reader_view(&r, 16).data;
	p->dst = reader_view(&r, 16).data;
	p->len = (size_t)IPV6_HEADER_LEN + payload;
	if (r.failed || p->len > packet.len)
		return ERR_INVALID;
	r = reader_of(view_of(packet.data, p->len));
	reader_skip(&r, IPV6_HEADER_LEN);
	for (int i = 0; i < IPV6_CHAIN_MAX && more; i++)
		more = skip_extension(&r, p);
	if (!p->fragment)
		p->flow_protocol = p->protocol;
	p->upper = r.at;
	if (!p->later && !r.failed)
		parse_upper(&r, p);
	return 0;
}

int esp_inner_parse(struct view packet, struct esp_inner *out)
{
	*out = (struct esp_inner){.family = IP_NONE};
	if (packet.len == 0)
		return ERR_INVALID;
	switch (packet.data[0] >> 4) {
	case 4:
		return parse_v4(packet, out);
	case 6:
		return parse_v6(packet, out);
	default:
		return ERR_INVALID;
	}
}
