/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Coalescing by the rules of the kernel's receive offload: same flow, same headers but for lengths,
 * checksums and numbers that count on, no IP options or extension headers, no fragments, checksums
 * right.  TCP: nothing but ACK, PSH and ECE; a packet with PSH, or a shorter one, is the last of
 * its super-packet.  IPv4 identification counts on by one, or stays, where DF says that nobody
 * looks at it (RFC 6864 section 4.1).
 */
#include "dataplane/esp/coalesce.h"

#include "dataplane/esp/octets.h"
#include "dataplane/esp/sum.h"
#include "platform/base/ip.h"
#include "platform/base/mem.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS	   8 /* flows that are open at a time */
#define IPV4_LEN   20
#define IPV6_LEN   40
#define TCP_LEN	   20
#define UDP_LEN	   8
#define TCP_SUM_AT 16
#define UDP_SUM_AT 6
#define PACKET_MAX 65535

enum { PROTO_TCP = 6, PROTO_UDP = 17 };
enum { TCP_PSH = 0x08, TCP_ACK = 0x10, TCP_ECE = 0x40 };

struct group {
	void *device; /* NULL: not in use */
	uint8_t *head;
	struct esp_inner inner; /* of the head */
	size_t header;		/* octets in front of the payload */
	size_t size;		/* payload of the head */
	size_t len;		/* of the super-packet so far */
	size_t count;
	uint32_t next_seq; /* TCP */
	uint16_t id_step;  /* IPv4: 0 or 1, known from the second packet on */
	bool head_checked;
	bool last_pushed;
	struct iovec parts[2 + ESP_COALESCE_MAX];
};

struct esp_coalesce {
	esp_coalesce_emit_fn *emit;
	void *arg;
	size_t recent; /* group that was used last */
	size_t victim; /* the next one to make room */
	struct virtio_net_hdr vnet;
	struct group groups[GROUPS];
};

struct esp_coalesce *esp_coalesce_new(esp_coalesce_emit_fn *emit, void *arg)
{
	struct esp_coalesce *c = mem_zalloc(sizeof(*c));

	c->emit = emit;
	c->arg = arg;
	return c;
}

void esp_coalesce_free(struct esp_coalesce *c)
{
	free(c);
}

/* ---- Emitting -------------------------------------------------------------------------------- */

static void emit_single(struct esp_coalesce *c, void *device, uint8_t *packet, size_t len)
{
	struct iovec parts[2] = {{&c->vnet, sizeof(c->vnet)}, {packet, len}};

	memset(&c->vnet, 0, sizeof(c->vnet));
	c->emit(c->arg, device, parts, 2, 1);
}

static uint64_t pseudo(const struct esp_inner *p, size_t upper_len)
{
	return esp_sum_pseudo(p->src, p->family == IP_V4 ? 4 : 16, p->protocol, upper_len);
}

/* The head becomes the header of the whole. */
static void finish_head(struct esp_coalesce *c, struct group *g)
{
	const struct esp_inner *p = &g->inner;
	bool tcp = p->protocol == PROTO_TCP;
	uint8_t *upper = g->head + p->upper;
	size_t upper_len = g->len - p->upper;

	if (p->family == IP_V4) {
		put_u16(g->head + 2, (uint16_t)g->len);
		put_u16(g->head + 10, 0);
		esp_sum_put(g->head + 10, (uint16_t)~esp_sum_fold(esp_sum(0, g->head, IPV4_LEN)));
	} else {
		put_u16(g->head + 4, (uint16_t)(g->len - IPV6_LEN));
	}
	if (!tcp)
		put_u16(upper + 4, (uint16_t)upper_len);
	else if (g->last_pushed)
		upper[13] |= TCP_PSH;
	c->vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	c->vnet.gso_type = VIRTIO_NET_HDR_GSO_UDP_L4;
	if (tcp)
		c->vnet.gso_type =
			p->family == IP_V4 ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	c->vnet.hdr_len = (uint16_t)g->header;
	c->vnet.gso_size = (uint16_t)g->size;
	c->vnet.csum_start = (uint16_t)p->upper;
	c->vnet.csum_offset = tcp ? TCP_SUM_AT : UDP_SUM_AT;
	esp_sum_put(upper + c->vnet.csum_offset, esp_sum_fold(pseudo(p, upper_len)));
}

static void emit_group(struct esp_coalesce *c, struct group *g)
{
	if (g->count == 1) {
		emit_single(c, g->device, g->head, g->inner.len);
	} else {
		finish_head(c, g);
		g->parts[0] = (struct iovec){&c->vnet, sizeof(c->vnet)};
		c->emit(c->arg, g->device, g->parts, (int)(1 + g->count), g->count);
	}
	g->device = NULL;
}

void esp_coalesce_flush(struct esp_coalesce *c)
{
	for (size_t i = 0; i < GROUPS; i++) {
		if (c->groups[i].device != NULL)
			emit_group(c, &c->groups[i]);
	}
}

/* ---- What fits together ---------------------------------------------------------------------- */

/* Length of all headers when the packet may be part of a super-packet, otherwise 0. */
static size_t header_of(const uint8_t *packet, const struct esp_inner *p, bool udp)
{
	const uint8_t *upper = packet + p->upper;
	size_t header;

	if (p->fragment || p->upper != (p->family == IP_V4 ? IPV4_LEN : IPV6_LEN))
		return 0;
	if (p->protocol == PROTO_TCP && p->len > p->upper + TCP_LEN) {
		header = p->upper + (size_t)(upper[12] >> 4) * 4;
		if ((upper[13] & ~(TCP_PSH | TCP_ECE)) != TCP_ACK || header < p->upper + TCP_LEN)
			return 0;
	} else if (udp && p->protocol == PROTO_UDP && p->len > p->upper + UDP_LEN) {
		header = p->upper + UDP_LEN;
		if (get_u16(upper + 4) != p->len - p->upper || get_u16(upper + UDP_SUM_AT) == 0)
			return 0;
	} else {
		return 0;
	}
	return header < p->len ? header : 0;
}

static bool same_flow(const struct group *g, const void *device, const struct esp_inner *p)
{
	const struct esp_inner *q = &g->inner;
	size_t addr = p->family == IP_V4 ? 4 : 16;

	/* source and destination lie one behind the other */
	return g->device == device && q->src_port == p->src_port && q->dst_port == p->dst_port &&
	       q->protocol == p->protocol && q->family == p->family &&
	       memcmp(q->src, p->src, 2 * addr) == 0;
}

/* Everything in front of the addresses but lengths, identification and checksum. */
static bool same_ip_header(const uint8_t *a, const uint8_t *b, enum ip_family family)
{
	if (family == IP_V4)
		return memcmp(a, b, 2) == 0 && memcmp(a + 6, b + 6, 4) == 0;
	return memcmp(a, b, 4) == 0 && memcmp(a + 6, b + 6, 2) == 0;
}

/* Acknowledgement, data offset, flags but PSH, window, urgent pointer, options. */
static bool same_tcp_header(const uint8_t *a, const uint8_t *b, size_t len)
{
	return memcmp(a + 8, b + 8, 5) == 0 && ((a[13] ^ b[13]) & ~TCP_PSH) == 0 &&
	       memcmp(a + 14, b + 14, 2) == 0 && memcmp(a + 18, b + 18, len - 18) == 0;
}

static bool sums_are_right(const uint8_t *packet, const struct esp_inner *p)
{
	size_t upper_len = p->len - p->upper;

	if (p->family == IP_V4 && esp_sum_fold(esp_sum(0, packet, IPV4_LEN)) != UINT16_MAX)
		return false;
	return esp_sum_fold(esp_sum(pseudo(p, upper_len), packet + p->upper, upper_len)) ==
	       UINT16_MAX;
}

/* Identification of the packet that would be the next one. */
static bool id_fits(struct group *g, const uint8_t *packet)
{
	uint16_t step = (uint16_t)(get_u16(packet + 4) - get_u16(g->head + 4));

	if (g->inner.family != IP_V4)
		return true;
	if (g->count == 1) {
		g->id_step = step;
		return step == 1 || (step == 0 && g->inner.df);
	}
	return step == (uint16_t)(g->id_step * g->count);
}

static bool fits(struct group *g, const uint8_t *packet, const struct esp_inner *p, size_t header)
{
	size_t upper = p->upper, payload = p->len - header;

	if (header != g->header || payload > g->size || g->count == ESP_COALESCE_MAX ||
	    g->len + payload > PACKET_MAX || !same_ip_header(g->head, packet, p->family))
		return false;
	if (p->protocol == PROTO_TCP &&
	    (get_u32(packet + upper + 4) != g->next_seq ||
	     !same_tcp_header(g->head + upper, packet + upper, header - upper)))
		return false;
	if (!id_fits(g, packet))
		return false;
	if (!g->head_checked && !sums_are_right(g->head, &g->inner))
		return false;
	g->head_checked = true;
	return sums_are_right(packet, p);
}

/* ---- Adding ---------------------------------------------------------------------------------- */

static bool is_last(const struct group *g, const uint8_t *packet, const struct esp_inner *p,
		    size_t payload)
{
	return payload < g->size ||
	       (p->protocol == PROTO_TCP && (packet[p->upper + 13] & TCP_PSH) != 0);
}

static void append(struct esp_coalesce *c, struct group *g, uint8_t *packet,
		   const struct esp_inner *p, size_t header)
{
	size_t payload = p->len - header;

	g->parts[1 + g->count++] = (struct iovec){packet + header, payload};
	g->len += payload;
	g->next_seq += (uint32_t)payload;
	if (!is_last(g, packet, p, payload))
		return;
	g->last_pushed = p->protocol == PROTO_TCP && (packet[p->upper + 13] & TCP_PSH) != 0;
	emit_group(c, g);
}

static void begin(struct esp_coalesce *c, struct group *g, void *device, uint8_t *packet,
		  const struct esp_inner *p, size_t header)
{
	size_t payload = p->len - header;

	g->device = device;
	g->head = packet;
	g->inner = *p;
	g->header = header;
	g->size = payload;
	g->len = p->len;
	g->count = 1;
	g->head_checked = false;
	g->last_pushed = false;
	g->parts[1] = (struct iovec){packet, p->len};
	if (p->protocol == PROTO_TCP)
		g->next_seq = get_u32(packet + p->upper + 4) + (uint32_t)payload;
	if (is_last(g, packet, p, payload))
		emit_group(c, g);
}

static struct group *find(struct esp_coalesce *c, const void *device, const struct esp_inner *p)
{
	for (size_t i = 0; i < GROUPS; i++) {
		size_t at = (c->recent + i) % GROUPS;

		if (same_flow(&c->groups[at], device, p)) {
			c->recent = at;
			return &c->groups[at];
		}
	}
	return NULL;
}

/* A free place, or that of the group that was made longest ago. */
static struct group *make_room(struct esp_coalesce *c)
{
	struct group *g = &c->groups[c->victim];

	c->recent = c->victim;
	c->victim = (c->victim + 1) % GROUPS;
	if (g->device != NULL)
		emit_group(c, g);
	return g;
}

/* What cannot be part of a super-packet must still not overtake: packets without ports may belong
 * to any flow (fragments), the others to one of their ports. */
static void pass(struct esp_coalesce *c, void *device, uint8_t *packet, const struct esp_inner *p)
{
	struct group *g;

	if (p->has_ports && !p->fragment) {
		g = find(c, device, p);
		if (g != NULL)
			emit_group(c, g);
	} else {
		esp_coalesce_flush(c);
	}
	emit_single(c, device, packet, p->len);
}

void esp_coalesce_add(struct esp_coalesce *c, void *device, bool udp, uint8_t *packet,
		      const struct esp_inner *p)
{
	size_t header = header_of(packet, p, udp);
	struct group *g;

	if (header == 0) {
		pass(c, device, packet, p);
		return;
	}
	g = find(c, device, p);
	if (g != NULL && fits(g, packet, p, header)) {
		append(c, g, packet, p, header);
		return;
	}
	if (g != NULL)
		emit_group(c, g);
	else
		g = make_room(c);
	begin(c, g, device, packet, p, header);
}
