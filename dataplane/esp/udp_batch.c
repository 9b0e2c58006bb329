/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Receiving datagrams in batches; all memory is taken once. */
#include "dataplane/esp/udp_batch.h"

#include "platform/base/mem.h"
#include "platform/os/udp.h"

#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* All that the sockets' options make the system report: packet info, original destination, TOS,
 * overflow and segment length. */
#define CONTROL_LEN                                                                         \
	(CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct sockaddr_in6)) + \
	 3 * CMSG_SPACE(sizeof(uint32_t)))

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
	struct mmsghdr headers[ESP_UDP_MESSAGES];
	struct iovec parts[ESP_UDP_MESSAGES];
	union address from[ESP_UDP_MESSAGES];
	union control control[ESP_UDP_MESSAGES];
	struct esp_udp_message messages[ESP_UDP_MESSAGES];
	uint8_t *buffers; /* ESP_UDP_MESSAGES of UDP_DATAGRAM_MAX */
};

struct esp_udp_rx *esp_udp_rx_new(void)
{
	struct esp_udp_rx *rx = mem_zalloc(sizeof(*rx));

	rx->buffers = mem_calloc(ESP_UDP_MESSAGES, UDP_DATAGRAM_MAX);
	for (size_t i = 0; i < ESP_UDP_MESSAGES; i++) {
		struct msghdr *m = &rx->headers[i].msg_hdr;

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

/* Where one is refused, there is less speed, or less is counted: no more. */
static void set_options(int fd, int on)
{
	(void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on));
	(void)setsockopt(fd, SOL_UDP, UDP_GRO, &on, sizeof(on));
}

void esp_udp_prepare(int fd)
{
	set_options(fd, 1);
}

void esp_udp_restore(int fd)
{
	set_options(fd, 0);
}

static struct ip_endpoint endpoint_of(const union address *a)
{
	if (a->any.sa_family == AF_INET)
		return (struct ip_endpoint){ip_addr_v4(ntohl(a->v4.sin_addr.s_addr)),
					    ntohs(a->v4.sin_port)};
	return (struct ip_endpoint){ip_addr_from_bytes(a->v6.sin6_addr.s6_addr, 16),
				    ntohs(a->v6.sin6_port)};
}

static void take_control(const struct cmsghdr *c, struct esp_udp_message *m)
{
	int value;

	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
		m->tos = *CMSG_DATA(c);
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
		memcpy(&value, CMSG_DATA(c), sizeof(value));
		m->tos = (uint8_t)value;
	} else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
		memcpy(&m->overflow, CMSG_DATA(c), sizeof(m->overflow));
	} else if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
		memcpy(&value, CMSG_DATA(c), sizeof(value));
		if (value > 0)
			m->segment = (size_t)value;
	}
}

static void take_message(struct esp_udp_rx *rx, size_t i)
{
	struct esp_udp_message *m = &rx->messages[i];
	struct msghdr *h = &rx->headers[i].msg_hdr;

	m->data = rx->parts[i].iov_base;
	m->len = m->segment = rx->headers[i].msg_len;
	m->truncated = (h->msg_flags & MSG_TRUNC) != 0;
	m->tos = 0;
	m->overflow = 0;
	m->remote = endpoint_of(&rx->from[i]);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c))
		take_control(c, m);
}

size_t esp_udp_receive(struct esp_udp_rx *rx, int fd, size_t max)
{
	int n;

	for (size_t i = 0; i < max; i++) {
		rx->headers[i].msg_hdr.msg_namelen = sizeof(rx->from[i]);
		rx->headers[i].msg_hdr.msg_controllen = sizeof(rx->control[i]);
	}
	n = recvmmsg(fd, rx->headers, (unsigned)max, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		take_message(rx, (size_t)i);
	return n > 0 ? (size_t)n : 0;
}

const struct esp_udp_message *esp_udp_message(const struct esp_udp_rx *rx, size_t i)
{
	return &rx->messages[i];
}

struct ip_addr esp_udp_local(struct esp_udp_rx *rx, size_t i)
{
	struct msghdr *h = &rx->headers[i].msg_hdr;
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
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
