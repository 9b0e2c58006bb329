/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batches of datagrams; all memory is taken once. */
#include "dataplane/esp/udp_batch.h"

#include "platform/base/mem.h"
#include "platform/os/udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* All that the sockets' options make the system report: packet info, original destination, TOS and
 * overflow. */
#define CONTROL_LEN                                                                         \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct sockaddr_in6)) + \
	 CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(uint32_t)))

union control {
	struct cmsghdr align;
	uint8_t bytes[CONTROL_LEN];
};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct esp_udp_rx {
	struct mmsghdr messages[ESP_BATCH];
	struct iovec parts[ESP_BATCH];
	union address from[ESP_BATCH];
	union control control[ESP_BATCH];
	uint8_t *buffers; /* ESP_BATCH of UDP_DATAGRAM_MAX */
};

struct esp_udp_rx *esp_udp_rx_new(void)
{
	struct esp_udp_rx *rx = mem_zalloc(sizeof(*rx));

	rx->buffers = mem_calloc(ESP_BATCH, UDP_DATAGRAM_MAX);
	for (size_t i = 0; i < ESP_BATCH; i++) {
		struct msghdr *m = &rx->messages[i].msg_hdr;

		rx->parts[i].iov_base = rx->buffers + i * UDP_DATAGRAM_MAX;
		rx->parts[i].iov_len = UDP_DATAGRAM_MAX;
		m->msg_iov = &rx->parts[i];
		m->msg_iovlen = 1;
		m->msg_name = &rx->from[i];
		m->msg_control = &rx->control[i];
	}
	return rx;
}

void esp_udp_rx_free(struct esp_udp_rx *rx)
{
	if (rx == NULL)
		return;
	free(rx->buffers);
	free(rx);
}

size_t esp_udp_receive(struct esp_udp_rx *rx, int fd)
{
	int n;

	for (size_t i = 0; i < ESP_BATCH; i++) {
		rx->messages[i].msg_hdr.msg_namelen = sizeof(rx->from[i]);
		rx->messages[i].msg_hdr.msg_controllen = sizeof(rx->control[i]);
	}
	n = recvmmsg(fd, rx->messages, ESP_BATCH, MSG_DONTWAIT, NULL);
	return n > 0 ? (size_t)n : 0;
}

uint8_t *esp_udp_payload(struct esp_udp_rx *rx, size_t i, size_t *len, bool *truncated)
{
	*len = rx->messages[i].msg_len;
	*truncated = (rx->messages[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
	return rx->parts[i].iov_base;
}

void esp_udp_watch_overflow(int fd)
{
	int on = 1;

	/* Counting less is all that happens where this is refused. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
}

uint32_t esp_udp_overflow(struct esp_udp_rx *rx, size_t i)
{
	struct msghdr *m = &rx->messages[i].msg_hdr;
	uint32_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
			memcpy(&count, CMSG_DATA(c), sizeof(count));
	}
	return count;
}

uint8_t esp_udp_tos(struct esp_udp_rx *rx, size_t i)
{
	struct msghdr *m = &rx->messages[i].msg_hdr;
	struct cmsghdr *c;
	int class;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			return *CMSG_DATA(c);
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
			memcpy(&class, CMSG_DATA(c), sizeof(class));
			return (uint8_t) class;
		}
	}
	return 0;
}

struct ip_addr esp_udp_local(struct esp_udp_rx *rx, size_t i)
{
	struct msghdr *m = &rx->messages[i].msg_hdr;
	struct cmsghdr *c;
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&v4, CMSG_DATA(c), sizeof(v4));
			return ip_addr_v4(ntohl(v4.ipi_addr.s_addr));
		}
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&v6, CMSG_DATA(c), sizeof(v6));
			return ip_addr_from_bytes(v6.ipi6_addr.s6_addr, 16);
		}
	}
	return (struct ip_addr){.family = IP_NONE};
}

struct ip_endpoint esp_udp_remote(const struct esp_udp_rx *rx, size_t i)
{
	const union address *a = &rx->from[i];

	if (a->any.sa_family == AF_INET)
		return (struct ip_endpoint){ip_addr_v4(ntohl(a->v4.sin_addr.s_addr)),
					    ntohs(a->v4.sin_port)};
	return (struct ip_endpoint){ip_addr_from_bytes(a->v6.sin6_addr.s6_addr, 16),
				    ntohs(a->v6.sin6_port)};
}

struct esp_udp_tx {
	size_t count;
	struct mmsghdr messages[ESP_BATCH];
	struct iovec parts[ESP_BATCH];
	union control control[ESP_BATCH];
};

struct esp_udp_tx *esp_udp_tx_new(void)
{
	return mem_zalloc(sizeof(struct esp_udp_tx));
}

void esp_udp_tx_free(struct esp_udp_tx *tx)
{
	free(tx);
}

static struct cmsghdr *add_control(struct msghdr *m, struct cmsghdr *c, int level, int type,
				   const void *data, size_t len)
{
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
	return (struct cmsghdr *)(void *)((uint8_t *)c + CMSG_SPACE(len));
}

static void fill_control(struct msghdr *m, union control *control, const struct esp_path *path,
			 uint8_t tos)
{
	struct cmsghdr *c = &control->align;
	struct in_pktinfo v4 = {.ipi_ifindex = 0};
	struct in6_pktinfo v6 = {.ipi6_ifindex = 0};
	int class = tos;

	m->msg_control = control;
	m->msg_controllen = 0;
	if (path->remote.addr.family == IP_V4) {
		c = add_control(m, c, IPPROTO_IP, IP_TOS, &class, sizeof(class));
		memcpy(&v4.ipi_spec_dst, path->local.addr.bytes, 4);
		if (ip_addr_is_set(&path->local.addr))
			(void)add_control(m, c, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else {
		c = add_control(m, c, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof(class));
		memcpy(&v6.ipi6_addr, path->local.addr.bytes, 16);
		if (ip_addr_is_set(&path->local.addr))
			(void)add_control(m, c, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	}
}

void esp_udp_queue(struct esp_udp_tx *tx, struct esp_path *path, uint8_t tos, uint8_t *data,
		   size_t len)
{
	size_t i = tx->count++;
	struct msghdr *m = &tx->messages[i].msg_hdr;

	tx->parts[i] = (struct iovec){.iov_base = data, .iov_len = len};
	m->msg_iov = &tx->parts[i];
	m->msg_iovlen = 1;
	m->msg_name = &path->to;
	m->msg_namelen = path->to_len;
	fill_control(m, &tx->control[i], path, tos);
}

void esp_udp_flush(struct esp_udp_tx *tx, int fd, struct esp_stats *stats)
{
	size_t at = 0;

	while (at < tx->count) {
		int n = sendmmsg(fd, tx->messages + at, (unsigned)(tx->count - at), MSG_DONTWAIT);

		if (n > 0) {
			esp_stats_add(stats, ESP_TX_PACKETS, (uint64_t)n);
			at += (size_t)n;
		} else if (errno == EAGAIN || errno == ENOBUFS) {
			esp_stats_add(stats, ESP_TX_BUSY, tx->count - at);
			break;
		} else if (errno != EINTR) {
			/* The first one was refused; a pending error of an earlier datagram
			 * (ICMP) also ends here, once. */
			esp_stats_add(stats, ESP_TX_ERROR, 1);
			at++;
		}
	}
	tx->count = 0;
}
