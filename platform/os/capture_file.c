/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Captures: see capture_file.h.  The pcap format is that of draft-ietf-opsawg-pcap: a file header,
 * then a header and the packet each, in host byte order.  Headers by RFC 791, 8200 and 768.
 */
#include "platform/os/capture_file.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define PCAP_MAGIC    0xa1b2c3d4u
#define PCAP_RAW_IP   101 /* LINKTYPE_RAW */
#define SNAP_LEN      65535
#define IPV4_HEADER   20
#define IPV6_HEADER   40
#define UDP_HEADER    8
#define PROTOCOL_UDP  17
#define HOPS	      64
#define SIZE_MAX_FILE (64u << 20)

struct capture_file {
	int packets, keys;
	size_t written;
	bool ended;
	char path[PATH_MAX];
};

struct pcap_header {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snap_len, link_type;
};

struct pcap_packet {
	uint32_t seconds, microseconds, kept, len;
};

static int create(const char *path, const char *suffix, struct err_msg *e)
{
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name), "%s%s", path, suffix);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(name))
		return err_sys(e, ENAMETOOLONG, "%s%s", path, suffix);
	if (unlink(name) != 0 && errno != ENOENT)
		return err_sys(e, errno, "%s: replace", name);
	fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? err_sys(e, errno, "%s: create", name) : fd;
}

/* The end for any reason; what is there stays readable. */
static bool ended(struct capture_file *f, struct err_msg *e, int errnum)
{
	f->ended = true;
	if (errnum != 0)
		(void)err_sys(e, errnum, "%s: write", f->path);
	else
		(void)err_set(e, ERR_RANGE, "%s: %u MiB are written, the capture ends", f->path,
			      SIZE_MAX_FILE >> 20);
	return false;
}

static bool put(struct capture_file *f, int fd, const struct iovec *parts, int count,
		struct err_msg *e)
{
	size_t len = 0;
	ssize_t n;

	if (f->ended)
		return false;
	for (int i = 0; i < count; i++)
		len += parts[i].iov_len;
	if (f->written + len > SIZE_MAX_FILE)
		return ended(f, e, 0);
	n = writev(fd, parts, count);
	if (n < 0 || (size_t)n != len)
		return ended(f, e, n < 0 ? errno : ENOSPC);
	f->written += len;
	return true;
}

int capture_file_open(const char *path, struct capture_file **out, struct err_msg *e)
{
	struct pcap_header h = {.magic = PCAP_MAGIC,
				.major = 2,
				.minor = 4,
				.snap_len = SNAP_LEN,
				.link_type = PCAP_RAW_IP};
	struct iovec part = {&h, sizeof(h)};
	struct capture_file *f = mem_zalloc(sizeof(*f));
	int rc = 0;

	f->packets = f->keys = -1;
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->packets = create(path, ".pcap", e);
	if (f->packets < 0)
		rc = f->packets;
	else
		f->keys = create(path, ".keys", e);
	if (!rc && f->keys < 0)
		rc = f->keys;
	if (!rc && !put(f, f->packets, &part, 1, e))
		rc = ERR_SYSTEM;
	if (rc) {
		capture_file_close(f);
		return rc;
	}
	*out = f;
	return 0;
}

/* RFC 1071, over octets that need not be aligned. */
static uint32_t sum_of(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static const uint8_t *address(const struct ip_endpoint *p)
{
	static const uint8_t nowhere[16];

	return ip_addr_is_set(&p->addr) ? p->addr.bytes : nowhere;
}

static void ip_header(struct writer *w, bool v6, const struct ip_endpoint *from,
		      const struct ip_endpoint *to, size_t udp_len)
{
	size_t start = w->len;

	if (v6) {
		writer_u32(w, 6u << 28);
		writer_u16(w, (uint16_t)udp_len);
		writer_u8(w, PROTOCOL_UDP);
		writer_u8(w, HOPS);
		writer_put(w, view_of(address(from), 16));
		writer_put(w, view_of(address(to), 16));
		return;
	}
	writer_u16(w, 0x4500);
	writer_u16(w, (uint16_t)(IPV4_HEADER + udp_len));
	writer_u32(w, 0);
	writer_u8(w, HOPS);
	writer_u8(w, PROTOCOL_UDP);
	writer_u16(w, 0);
	writer_put(w, view_of(address(from), 4));
	writer_put(w, view_of(address(to), 4));
	writer_set_u16(w, start + 10, fold(sum_of(0, w->data + start, IPV4_HEADER)));
}

static void udp_header(struct writer *w, bool v6, const struct ip_endpoint *from,
		       const struct ip_endpoint *to, struct view payload)
{
	size_t udp_len = UDP_HEADER + payload.len, start = w->len, addr_len = v6 ? 16 : 4;
	uint32_t sum = PROTOCOL_UDP + (uint32_t)udp_len;
	uint16_t check;

	writer_u16(w, from->port);
	writer_u16(w, to->port);
	writer_u16(w, (uint16_t)udp_len);
	writer_u16(w, 0);
	sum = sum_of(sum, address(from), addr_len);
	sum = sum_of(sum, address(to), addr_len);
	sum = sum_of(sum, w->data + start, UDP_HEADER);
	check = fold(sum_of(sum, payload.data, payload.len));
	writer_set_u16(w, start + 6, check == 0 ? 0xffff : check);
}

bool capture_file_datagram(struct capture_file *f, uint64_t wall_ms, const struct ip_endpoint *from,
			   const struct ip_endpoint *to, struct view payload, struct err_msg *e)
{
	bool v6 = from->addr.family == IP_V6 || to->addr.family == IP_V6;
	uint8_t head[IPV6_HEADER + UDP_HEADER];
	struct writer w = writer_of(head, sizeof(head));
	struct pcap_packet p = {.seconds = (uint32_t)(wall_ms / 1000),
				.microseconds = (uint32_t)(wall_ms % 1000) * 1000};

	if (payload.len > SNAP_LEN - IPV4_HEADER - UDP_HEADER)
		return true; /* no such datagram exists */
	ip_header(&w, v6, from, to, UDP_HEADER + payload.len);
	udp_header(&w, v6, from, to, payload);
	p.kept = p.len = (uint32_t)(w.len + payload.len);
	return put(f, f->packets,
		   (struct iovec[]){{&p, sizeof(p)},
				    {head, w.len},
				    {(void *)(uintptr_t)payload.data, payload.len}},
		   3, e);
}

bool capture_file_key(struct capture_file *f, const char *text, struct err_msg *e)
{
	return put(f, f->keys,
		   (struct iovec[]){{(void *)(uintptr_t)text, strlen(text)},
				    {(void *)(uintptr_t) "\n", 1}},
		   2, e);
}

void capture_file_close(struct capture_file *f)
{
	if (!f)
		return;
	if (f->packets >= 0)
		close(f->packets);
	if (f->keys >= 0)
		close(f->keys);
	free(f);
}
