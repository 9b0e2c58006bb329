/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sending datagrams in batches; raw IP packets, which nobody segments for us, one by one.  Where
 * the system cannot segment for a path (no checksum offload, or datagrams beyond the MTU of the
 * link, which it must fragment), they are sent one by one, and it is asked again only after some
 * messages.
 */
#include "dataplane/esp/udp_batch.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define SPLIT		 16   /* datagrams in one call */
#define ONE_BY_ONE_AGAIN 1024 /* messages */

union control {
	struct cmsghdr align;
	uint8_t bytes[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct in6_pktinfo)) +
		      CMSG_SPACE(sizeof(uint16_t))];
};

struct queued {
	struct esp_path *path;
	size_t segment;
	size_t plain_len; /* of the control data, without the segment length, which is the last */
};

struct esp_udp_tx {
	size_t count;
	struct mmsghdr messages[ESP_UDP_QUEUE];
	struct iovec parts[ESP_UDP_QUEUE];
	union control control[ESP_UDP_QUEUE];
	struct queued queue[ESP_UDP_QUEUE];
	struct mmsghdr split[SPLIT];
	struct iovec split_parts[SPLIT];
};

struct esp_udp_tx *esp_udp_tx_new(void)
{
	return mem_zalloc(sizeof(struct esp_udp_tx));
}

void esp_udp_tx_free(struct esp_udp_tx *tx)
{
	free(tx);
}

static void add_control(struct msghdr *m, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c =
		(struct cmsghdr *)(void *)((uint8_t *)m->msg_control + m->msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
}

static void fill_control(struct msghdr *m, const struct esp_path *path, uint8_t tos)
{
	struct in_pktinfo v4 = {.ipi_ifindex = 0};
	struct in6_pktinfo v6 = {.ipi6_ifindex = 0};
	int class = tos;

	if (path->remote.addr.family == IP_V4) {
		add_control(m, IPPROTO_IP, IP_TOS, &class, sizeof(class));
		memcpy(&v4.ipi_spec_dst, path->local.addr.bytes, 4);
		if (ip_addr_is_set(&path->local.addr))
			add_control(m, IPPROTO_IP, IP_PKTINFO, &v4, sizeof(v4));
	} else {
		add_control(m, IPPROTO_IPV6, IPV6_TCLASS, &class, sizeof(class));
		memcpy(&v6.ipi6_addr, path->local.addr.bytes, 16);
		if (ip_addr_is_set(&path->local.addr))
			add_control(m, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof(v6));
	}
}

void esp_udp_queue(struct esp_udp_tx *tx, struct esp_path *path, uint8_t tos, uint8_t *data,
		   size_t len, size_t segment)
{
	size_t i = tx->count++;
	struct msghdr *m = &tx->messages[i].msg_hdr;
	uint16_t gso = (uint16_t)segment;

	tx->parts[i] = (struct iovec){.iov_base = data, .iov_len = len};
	*m = (struct msghdr){.msg_name = &path->to,
			     .msg_namelen = path->to_len,
			     .msg_iov = &tx->parts[i],
			     .msg_iovlen = 1,
			     .msg_control = &tx->control[i]};
	fill_control(m, path, tos);
	tx->queue[i] = (struct queued){path, segment, m->msg_controllen};
	if (len > segment)
		add_control(m, SOL_UDP, UDP_SEGMENT, &gso, sizeof(gso));
}

static size_t datagrams_of(const struct esp_udp_tx *tx, size_t i)
{
	return (tx->parts[i].iov_len + tx->queue[i].segment - 1) / tx->queue[i].segment;
}

/* At most `count` messages at `messages`; how many went out, or a negative errno. */
static int send_some(int fd, struct mmsghdr *messages, size_t count)
{
	int n;

	do
		n = sendmmsg(fd, messages, (unsigned)count, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static bool is_busy(int rc)
{
	return rc == -EAGAIN || rc == -ENOBUFS;
}

/* The next datagrams of message i from offset at on; how many. */
static size_t fill_split(struct esp_udp_tx *tx, size_t i, size_t at)
{
	const struct iovec *whole = &tx->parts[i];
	size_t n = 0;

	for (; n < SPLIT && at < whole->iov_len; n++) {
		struct msghdr *m = &tx->split[n].msg_hdr;
		size_t left = whole->iov_len - at;

		tx->split_parts[n].iov_base = (uint8_t *)whole->iov_base + at;
		tx->split_parts[n].iov_len =
			left < tx->queue[i].segment ? left : tx->queue[i].segment;
		at += tx->split_parts[n].iov_len;
		*m = tx->messages[i].msg_hdr;
		m->msg_iov = &tx->split_parts[n];
		m->msg_controllen = tx->queue[i].plain_len;
	}
	return n;
}

/* The datagrams of message i one by one. */
static void send_split(struct esp_udp_tx *tx, size_t i, int fd, struct esp_stats *stats)
{
	size_t at = 0, n, done;

	while ((n = fill_split(tx, i, at)) != 0) {
		for (done = 0; done < n;) {
			int rc = send_some(fd, tx->split + done, n - done);

			esp_stats_add(stats, ESP_TX_PACKETS, rc > 0 ? (uint64_t)rc : 0);
			if (rc < 0)
				esp_stats_add(stats, is_busy(rc) ? ESP_TX_BUSY : ESP_TX_ERROR, 1);
			done += rc > 0 ? (size_t)rc : 1;
		}
		at += n * tx->queue[i].segment;
	}
}

/* Message i was refused as a whole. */
static void refused(struct esp_udp_tx *tx, size_t i, int rc, int fd, struct esp_stats *stats)
{
	size_t datagrams = datagrams_of(tx, i);

	if (datagrams > 1 && (rc == -EIO || rc == -EINVAL || rc == -EMSGSIZE)) {
		tx->queue[i].path->one_by_one = ONE_BY_ONE_AGAIN;
		send_split(tx, i, fd, stats);
	} else {
		/* A pending error of an earlier datagram (ICMP) also ends here, once. */
		esp_stats_add(stats, ESP_TX_ERROR, datagrams);
	}
}

/* There is no room for message i, and none for those behind it. */
static void drop_rest(const struct esp_udp_tx *tx, size_t i, struct esp_stats *stats)
{
	for (; i < tx->count; i++)
		esp_stats_add(stats, ESP_TX_BUSY, datagrams_of(tx, i));
}

/* Must message i be sent one by one, as far as is known? */
static bool is_one_by_one(const struct esp_udp_tx *tx, size_t i)
{
	const struct esp_path *path = tx->queue[i].path;

	return (path->one_by_one != 0 || esp_way_is_raw(path->way)) && datagrams_of(tx, i) > 1;
}

/* Messages from i on that go out together. */
static size_t together(const struct esp_udp_tx *tx, size_t i)
{
	size_t n = 0;

	while (i + n < tx->count && !is_one_by_one(tx, i + n))
		n++;
	return n;
}

void esp_udp_flush(struct esp_udp_tx *tx, int fd, struct esp_stats *stats)
{
	for (size_t i = 0; i < tx->count;) {
		size_t n = together(tx, i);
		int rc;

		if (n == 0) {
			if (tx->queue[i].path->one_by_one != 0)
				tx->queue[i].path->one_by_one--;
			send_split(tx, i++, fd, stats);
			continue;
		}
		rc = send_some(fd, tx->messages + i, n);
		for (int k = 0; k < rc; k++, i++)
			esp_stats_add(stats, ESP_TX_PACKETS, datagrams_of(tx, i));
		if (is_busy(rc)) {
			drop_rest(tx, i, stats);
			break;
		}
		if (rc < 0)
			refused(tx, i++, rc, fd, stats);
	}
	tx->count = 0;
}
