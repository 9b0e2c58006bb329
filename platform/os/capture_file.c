/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Captures: see capture_file.h.  The format is that of draft-ietf-opsawg-pcapng: blocks in host
 * byte order.  Headers by RFC 791, 8200 and 768.
 */
#include "platform/os/capture_file.h"

#include "platform/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BLOCK_SECTION	 0x0a0d0d0au
#define BLOCK_INTERFACE	 1
#define BLOCK_PACKET	 6
#define BLOCK_SECRETS	 10
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define SECRETS_IKE	 0x494b4532u /* "IKE2"; no type is assigned, readers skip it */
#define LINK_RAW_IP	 101	     /* LINKTYPE_RAW */
#define OPTION_NAME	 2
#define SNAP_LEN	 65535
#define PARTS_MAX	 6
#define IPV4_HEADER	 20
#define IPV6_HEADER	 40
#define UDP_HEADER	 8
#define PROTOCOL_UDP	 17
#define HOPS		 64
#define SIZE_MAX_FILE	 (64u << 20)

struct capture_file {
	int packets, keys;
	size_t written;
	bool ended;
	char path[PATH_MAX];
};

enum interface { ON_WIRE, IN_CLEAR };

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

/* A block: type, length, body, padding to 4 octets, length again. */
static bool put_block(struct capture_file *f, uint32_t type, const struct iovec *body, int count,
		      struct err_msg *e)
{
	static const uint8_t zero[4];
	struct iovec parts[PARTS_MAX + 3];
	uint32_t head[2] = {type, 12};
	size_t len = 0, padding;

	for (int i = 0; i < count; i++) {
		parts[i + 1] = body[i];
		len += body[i].iov_len;
	}
	padding = (4 - len % 4) % 4;
	head[1] += (uint32_t)(len + padding);
	parts[0] = (struct iovec){head, sizeof(head)};
	parts[count + 1] = (struct iovec){(void *)(uintptr_t)zero, padding};
	parts[count + 2] = (struct iovec){&head[1], sizeof(head[1])};
	return put(f, f->packets, parts, count + 3, e);
}

static bool put_section(struct capture_file *f, struct err_msg *e)
{
	struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t length[2]; /* not known */
	} h = {BYTE_ORDER_MAGIC, 1, 0, {UINT32_MAX, UINT32_MAX}};

	return put_block(f, BLOCK_SECTION, &(struct iovec){&h, sizeof(h)}, 1, e);
}

/* name: of 4 or 5 letters. */
static bool put_interface(struct capture_file *f, const char *name, struct err_msg *e)
{
	struct {
		uint16_t link, reserved;
		uint32_t snap_len;
		uint16_t option, len;
		char name[8];
		uint32_t end;
	} h = {.link = LINK_RAW_IP, .snap_len = SNAP_LEN, .option = OPTION_NAME};
	size_t len = strlen(name), used;

	memcpy(h.name, name, len);
	h.len = (uint16_t)len;
	used = offsetof(typeof(h), name) + (len + 3) / 4 * 4;
	return put_block(f, BLOCK_INTERFACE, (struct iovec[]){{&h, used}, {&h.end, sizeof(h.end)}},
			 2, e);
}

int capture_file_open(const char *path, struct capture_file **out, struct err_msg *e)
{
	struct capture_file *f = mem_zalloc(sizeof(*f));
	int rc = 0;

	f->packets = f->keys = -1;
	snprintf(f->path, sizeof(f->path), "%s", path);
	f->packets = create(path, ".pcapng", e);
	if (f->packets < 0)
		rc = f->packets;
	else
		f->keys = create(path, ".keys", e);
	if (!rc && f->keys < 0)
		rc = f->keys;
	if (!rc &&
	    !(put_section(f, e) && put_interface(f, "wire", e) && put_interface(f, "clear", e)))
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
		       const struct ip_endpoint *to, size_t len, struct view payload)
{
	size_t udp_len = UDP_HEADER + len, start = w->len, addr_len = v6 ? 16 : 4;
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

/* marker: put the non-ESP marker in front. */
static bool put_packet(struct capture_file *f, enum interface interface, uint64_t wall_ms,
		       const struct ip_endpoint *from, const struct ip_endpoint *to, bool marker,
		       struct view payload, struct err_msg *e)
{
	static const uint8_t zero[4];
	bool v6 = from->addr.family == IP_V6 || to->addr.family == IP_V6;
	uint8_t head[IPV6_HEADER + UDP_HEADER];
	struct writer w = writer_of(head, sizeof(head));
	size_t front = marker ? sizeof(zero) : 0, len = front + payload.len;
	uint64_t us = wall_ms * 1000;
	uint32_t p[5] = {interface, (uint32_t)(us >> 32), (uint32_t)us};

	if (len > SNAP_LEN - IPV4_HEADER - UDP_HEADER)
		return true; /* no such datagram exists */
	ip_header(&w, v6, from, to, UDP_HEADER + len);
	udp_header(&w, v6, from, to, len, payload);
	p[3] = p[4] = (uint32_t)(w.len + len);
	return put_block(f, BLOCK_PACKET,
			 (struct iovec[]){{p, sizeof(p)},
					  {head, w.len},
					  {(void *)(uintptr_t)zero, front},
					  {(void *)(uintptr_t)payload.data, payload.len}},
			 4, e);
}

bool capture_file_datagram(struct capture_file *f, uint64_t wall_ms, const struct ip_endpoint *from,
			   const struct ip_endpoint *to, struct view payload, struct err_msg *e)
{
	return put_packet(f, ON_WIRE, wall_ms, from, to, false, payload, e);
}

bool capture_file_clear(struct capture_file *f, uint64_t wall_ms, const struct ip_endpoint *from,
			const struct ip_endpoint *to, struct view message, struct err_msg *e)
{
	bool natt = from->port == 4500 || to->port == 4500;

	return put_packet(f, IN_CLEAR, wall_ms, from, to, natt, message, e);
}

bool capture_file_key(struct capture_file *f, const char *text, struct err_msg *e)
{
	uint32_t h[2] = {SECRETS_IKE, (uint32_t)strlen(text) + 1};
	struct iovec line[] = {{(void *)(uintptr_t)text, strlen(text)},
			       {(void *)(uintptr_t) "\n", 1}};

	if (!put(f, f->keys, line, 2, e))
		return false;
	return put_block(f, BLOCK_SECRETS, (struct iovec[]){{h, sizeof(h)}, line[0], line[1]}, 3,
			 e);
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
