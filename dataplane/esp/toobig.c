/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICMP and ICMPv6 "too big"; when not to answer: RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e).
 */
#include "dataplane/esp/toobig.h"

#include "platform/base/ip.h"

#define IPV4_HEADER_LEN 20
#define IPV6_HEADER_LEN 40
#define ICMP_HEADER_LEN 8
#define IPV4_QUOTE_MAX	(576 - IPV4_HEADER_LEN - ICMP_HEADER_LEN)  /* RFC 1812 section 4.3.2.3 */
#define IPV6_QUOTE_MAX	(1280 - IPV6_HEADER_LEN - ICMP_HEADER_LEN) /* RFC 4443 section 2.4 (c) */
#define HOP_LIMIT	64

enum { PROTO_ICMP = 1, PROTO_ICMPV6 = 58 };

size_t esp_too_big_limit(const struct esp_inner *p, size_t inner_mtu)
{
	size_t least = p->family == IP_V4 ? 576 : 1280;

	return inner_mtu > least ? inner_mtu : least;
}

static bool is_icmp_error(const struct esp_inner *p)
{
	unsigned type = p->src_port >> 8;

	if (p->family == IP_V4 && p->protocol == PROTO_ICMP)
		return !p->has_type || type == 3 || type == 4 || type == 5 || type == 11 ||
		       type == 12;
	if (p->family == IP_V6 && p->protocol == PROTO_ICMPV6)
		return !p->has_type || type < 128 || type == 137; /* errors, redirect */
	return false;
}

/* One host that an answer can go to. */
static bool is_unicast(const uint8_t *addr, size_t len)
{
	struct ip_addr a = ip_addr_from_bytes(addr, len);
	struct ip_addr none = ip_addr_from_bytes((const uint8_t[16]){0}, len);

	if (ip_addr_is_multicast(&a) || ip_addr_equal(&a, &none))
		return false;
	return len == 16 || (addr[0] != 0 && addr[0] != 127 && addr[0] < 224);
}

static bool may_answer(const struct esp_inner *p)
{
	size_t len = p->family == IP_V4 ? 4 : 16;

	if (p->later || is_icmp_error(p) || (p->family == IP_V4 && !p->df))
		return false;
	return is_unicast(p->src, len) && is_unicast(p->dst, len);
}

static uint32_t sum_words(uint32_t sum, struct view v)
{
	struct reader r = reader_of(v);

	while (reader_left(&r) >= 2)
		sum += reader_u16(&r);
	if (reader_left(&r) == 1)
		sum += (uint32_t)reader_u8(&r) << 8;
	return sum;
}

static uint16_t fold_sum(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static size_t answer_v4(const struct esp_inner *p, struct view packet, size_t mtu, uint8_t *out)
{
	size_t quote = p->len < IPV4_QUOTE_MAX ? p->len : IPV4_QUOTE_MAX;
	struct writer w = writer_of(out, ESP_TOO_BIG_MAX);

	writer_u8(&w, 0x45);
	writer_u8(&w, 0xc0); /* internetwork control, RFC 1812 section 4.3.2.5 */
	writer_u16(&w, (uint16_t)(IPV4_HEADER_LEN + ICMP_HEADER_LEN + quote));
	writer_u32(&w, 0); /* identification, flags, offset */
	writer_u8(&w, HOP_LIMIT);
	writer_u8(&w, PROTO_ICMP);
	writer_u16(&w, 0);
	writer_bytes(&w, p->dst, 4);
	writer_bytes(&w, p->src, 4);
	writer_u8(&w, 3);  /* destination unreachable */
	writer_u8(&w, 4);  /* fragmentation needed and DF set */
	writer_u32(&w, 0); /* checksum, unused */
	writer_u16(&w, (uint16_t)mtu);
	writer_bytes(&w, packet.data, quote);
	writer_set_u16(&w, 10, fold_sum(sum_words(0, view_of(out, IPV4_HEADER_LEN))));
	writer_set_u16(&w, IPV4_HEADER_LEN + 2,
		       fold_sum(sum_words(0, view_of(out + IPV4_HEADER_LEN,
						     w.len - IPV4_HEADER_LEN))));
	return w.len;
}

static size_t answer_v6(const struct esp_inner *p, struct view packet, size_t mtu, uint8_t *out)
{
	size_t quote = p->len < IPV6_QUOTE_MAX ? p->len : IPV6_QUOTE_MAX;
	size_t payload = ICMP_HEADER_LEN + quote;
	struct writer w = writer_of(out, ESP_TOO_BIG_MAX);
	uint32_t sum;

	writer_u32(&w, UINT32_C(0x60000000));
	writer_u16(&w, (uint16_t)payload);
	writer_u8(&w, PROTO_ICMPV6);
	writer_u8(&w, HOP_LIMIT);
	writer_bytes(&w, p->dst, 16);
	writer_bytes(&w, p->src, 16);
	writer_u8(&w, 2); /* packet too big */
	writer_u8(&w, 0);
	writer_u16(&w, 0);
	writer_u32(&w, (uint32_t)mtu);
	writer_bytes(&w, packet.data, quote);
	/* Pseudo header: addresses, length, next header (RFC 8200 section 8.1). */
	sum = (uint32_t)payload + PROTO_ICMPV6;
	sum = sum_words(sum, view_of(out + 8, w.len - 8));
	writer_set_u16(&w, IPV6_HEADER_LEN + 2, fold_sum(sum));
	return w.len;
}

size_t esp_too_big(const struct esp_inner *p, struct view packet, size_t mtu, uint8_t *out)
{
	if (!may_answer(p))
		return 0;
	return p->family == IP_V4 ? answer_v4(p, packet, mtu, out) : answer_v6(p, packet, mtu, out);
}
