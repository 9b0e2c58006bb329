/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Segmentation: IPv4 identification and TCP sequence number count on, FIN and PSH stay with the
 * last segment, CWR with the first one (RFC 3168 section 6.1.2), lengths and checksums are made
 * anew.
 */
#include "dataplane/esp/super.h"

#include "dataplane/esp/octets.h"
#include "dataplane/esp/sum.h"
#include "platform/base/ip.h"

#include <arpa/inet.h>
#include <string.h>

#define IPV6_HEADER_LEN 40
#define TCP_HEADER_MIN	20
#define UDP_HEADER_LEN	8
#define TCP_SUM_AT	16
#define UDP_SUM_AT	6

enum { PROTO_TCP = 6, PROTO_UDP = 17 };
enum { TCP_FIN = 0x01, TCP_PSH = 0x08, TCP_CWR = 0x80 };

/* The field holds the sum of the pseudo header.  UDP: 0 would say that there is none. */
static int complete_sum(const struct virtio_net_hdr *vnet, uint8_t *packet, size_t len)
{
	size_t at = (size_t)vnet->csum_start + vnet->csum_offset;
	uint16_t sum;

	if (vnet->csum_start >= len || at + 2 > len)
		return ERR_INVALID;
	sum = (uint16_t)~esp_sum_fold(
		esp_sum(0, packet + vnet->csum_start, len - vnet->csum_start));
	if (sum == 0 && vnet->csum_offset == UDP_SUM_AT)
		sum = UINT16_MAX;
	esp_sum_put(packet + at, sum);
	return 0;
}

static int parse_header(struct esp_super *s, uint8_t protocol, size_t least)
{
	const struct esp_inner *p = &s->inner;

	if (p->protocol != protocol || p->fragment || p->len < p->upper + least)
		return ERR_INVALID;
	s->header = p->upper + least;
	if (protocol == PROTO_TCP)
		s->header = p->upper + (size_t)(s->packet[p->upper + 12] >> 4) * 4;
	return s->header < p->upper + least || s->header >= p->len ? ERR_INVALID : 0;
}

static int parse_kind(uint8_t gso_type, struct esp_super *s)
{
	switch (gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
	case VIRTIO_NET_HDR_GSO_TCPV6:
		s->kind = ESP_SUPER_TCP;
		return parse_header(s, PROTO_TCP, TCP_HEADER_MIN);
	case VIRTIO_NET_HDR_GSO_UDP_L4:
		s->kind = ESP_SUPER_UDP;
		return parse_header(s, PROTO_UDP, UDP_HEADER_LEN);
	default:
		return ERR_INVALID;
	}
}

int esp_super_parse(const struct virtio_net_hdr *vnet, uint8_t *packet, size_t len,
		    struct esp_super *out)
{
	bool partial = (vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
	int rc = esp_inner_parse(view_of(packet, len), &out->inner);

	out->packet = packet;
	out->kind = ESP_SUPER_SINGLE;
	out->header = 0;
	out->size = out->inner.len;
	out->count = 1;
	if (rc != 0)
		return rc;
	if (vnet->gso_type == VIRTIO_NET_HDR_GSO_NONE)
		return partial ? complete_sum(vnet, packet, out->inner.len) : 0;
	rc = parse_kind(vnet->gso_type, out);
	if (rc != 0)
		return rc;
	if (vnet->gso_size == 0)
		return ERR_INVALID;
	out->size = vnet->gso_size;
	out->count = (out->inner.len - out->header + out->size - 1) / out->size;
	return 0;
}

static size_t payload_len(const struct esp_super *s, size_t i)
{
	size_t rest = s->inner.len - s->header - i * s->size;

	return rest < s->size ? rest : s->size;
}

size_t esp_super_len(const struct esp_super *s, size_t i)
{
	return s->kind == ESP_SUPER_SINGLE ? s->inner.len : s->header + payload_len(s, i);
}

static void fix_ip(const struct esp_super *s, size_t i, uint8_t *out, size_t len)
{
	size_t header = s->inner.upper;

	if (s->inner.family == IP_V6) {
		put_u16(out + 4, (uint16_t)(len - IPV6_HEADER_LEN));
		return;
	}
	put_u16(out + 2, (uint16_t)len);
	put_u16(out + 4, (uint16_t)(get_u16(out + 4) + i));
	put_u16(out + 10, 0);
	esp_sum_put(out + 10, (uint16_t)~esp_sum_fold(esp_sum(0, out, header)));
}

static void fix_tcp(const struct esp_super *s, size_t i, uint8_t *tcp)
{
	put_u32(tcp + 4, (uint32_t)(get_u32(tcp + 4) + i * s->size));
	if (i != 0)
		tcp[13] &= (uint8_t)~TCP_CWR;
	if (i != s->count - 1)
		tcp[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
}

/* The field of the whole holds the sum of its pseudo header; only the length in it changes. */
static void fix_sum(const struct esp_super *s, uint8_t *upper, size_t len, size_t sum_at)
{
	uint16_t whole_len = htons((uint16_t)(s->inner.len - s->inner.upper));
	uint16_t sum;

	memcpy(&sum, upper + sum_at, sizeof(sum));
	put_u16(upper + sum_at, 0);
	sum = esp_sum_fold((uint64_t)sum + (uint16_t)~whole_len + htons((uint16_t)len));
	sum = (uint16_t)~esp_sum_fold(esp_sum(sum, upper, len));
	if (sum == 0 && s->kind == ESP_SUPER_UDP)
		sum = UINT16_MAX; /* 0 would say that there is none */
	esp_sum_put(upper + sum_at, sum);
}

void esp_super_write(const struct esp_super *s, size_t i, uint8_t *out)
{
	size_t len = esp_super_len(s, i), upper_len = len - s->inner.upper;
	uint8_t *upper = out + s->inner.upper;

	if (s->kind == ESP_SUPER_SINGLE) {
		memcpy(out, s->packet, len);
		return;
	}
	memcpy(out, s->packet, s->header);
	memcpy(out + s->header, s->packet + s->header + i * s->size, len - s->header);
	fix_ip(s, i, out, len);
	if (s->kind == ESP_SUPER_TCP) {
		fix_tcp(s, i, upper);
		fix_sum(s, upper, upper_len, TCP_SUM_AT);
	} else {
		put_u16(upper + 4, (uint16_t)upper_len);
		fix_sum(s, upper, upper_len, UDP_SUM_AT);
	}
}
