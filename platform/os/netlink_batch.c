/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Batches of netlink requests on a socket of their own.  netlink(7): the kernel works off a
 * datagram of several messages before sendmsg returns, so that answers wait in the socket then.
 */
#include "platform/os/netlink_batch.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_error.h"
#include "platform/os/netlink_socket.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define RECEIVE_BYTES (64 * 1024)
#define BUFFER_BYTES  (1024 * 1024)
#define CALL_BYTES    ((size_t)64 * 1024) /* of requests in one system call */

struct netlink_batch {
	struct mnl_socket *socket;
	int bus;
	uint32_t next_seq;
	bool dirty; /* answers may be left in the socket */
	uint8_t *data;
	size_t len; /* without the last message */
	size_t cap;
	size_t count;
	struct nlmsghdr *last;
	_Alignas(struct nlmsghdr) uint8_t receive[RECEIVE_BYTES];
};

/* One netlink_batch_send. */
struct sending {
	struct netlink_batch *b;
	netlink_refused_fn *refused;
	void *arg;
	const char *what;
	uint32_t first_seq;
	int rc;
	struct err_msg *e;
};

static size_t aligned(size_t len)
{
	return (len + MNL_ALIGNTO - 1) / MNL_ALIGNTO * MNL_ALIGNTO;
}

struct netlink_batch *netlink_batch_open(int bus, struct err_msg *e)
{
	struct netlink_batch *b = mem_zalloc(sizeof(*b));
	char what[32];

	(void)snprintf(what, sizeof(what), "netlink socket %d", bus);
	b->bus = bus;
	b->next_seq = (uint32_t)time(NULL);
	b->socket = netlink_socket_open(bus, NULL, 0, BUFFER_BYTES, what, e);
	if (b->socket == NULL) {
		netlink_batch_close(b);
		return NULL;
	}
	return b;
}

void netlink_batch_close(struct netlink_batch *b)
{
	if (b == NULL)
		return;
	netlink_batch_drop(b);
	free(b->data);
	if (b->socket != NULL)
		mnl_socket_close(b->socket);
	free(b);
}

/* The message under construction has its length now. */
static void finish_last(struct netlink_batch *b)
{
	if (b->last != NULL)
		b->len += aligned(b->last->nlmsg_len);
	b->last = NULL;
}

static void make_room(struct netlink_batch *b)
{
	uint8_t *old = b->data;

	if (b->cap - b->len >= NETLINK_BATCH_MESSAGE_MAX)
		return;
	b->cap = b->cap * 2 + (size_t)4 * NETLINK_BATCH_MESSAGE_MAX;
	b->data = mem_calloc(b->cap, 1);
	if (old != NULL) {
		memcpy(b->data, old, b->len);
		bytes_wipe(old, b->len);
	}
	free(old);
}

struct nlmsghdr *netlink_batch_add(struct netlink_batch *b, uint16_t type, uint16_t flags)
{
	finish_last(b);
	make_room(b);
	b->last = mnl_nlmsg_put_header(b->data + b->len);
	b->last->nlmsg_type = type;
	b->last->nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	b->count++;
	return b->last;
}

size_t netlink_batch_count(const struct netlink_batch *b)
{
	return b->count;
}

void netlink_batch_drop(struct netlink_batch *b)
{
	finish_last(b);
	if (b->data != NULL)
		bytes_wipe(b->data, b->len);
	b->len = 0;
	b->count = 0;
}

static void drain(struct netlink_batch *b)
{
	int fd = mnl_socket_get_fd(b->socket);

	while (recv(fd, b->receive, sizeof(b->receive), MSG_DONTWAIT) >= 0 || errno == EINTR ||
	       errno == ENOBUFS)
		;
	b->dirty = false;
}

static void take_refusal(struct sending *s, const struct nlmsghdr *m, int errnum)
{
	char text[NETLINK_ERROR_TEXT_MAX];
	struct err_msg e = {.text = ""};
	const char *why = strerrordesc_np(errnum);

	netlink_error_text(m, sizeof(struct nlmsgerr), text);
	if (text[0] == '\0')
		err_sys(&e, errnum, "%s", s->what);
	else
		err_set(&e, ERR_SYSTEM, "%s: %s (%s)", s->what, why == NULL ? "error" : why, text);
	if (s->refused != NULL && !s->refused(s->arg, m->nlmsg_seq - s->first_seq, errnum, &e))
		return;
	if (s->rc == 0)
		s->rc = err_set(s->e, e.code, "%s", e.text);
}

/* True when the answer to the message with number last_seq is among these. */
static bool walk(struct sending *s, int len, uint32_t last_seq)
{
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)s->b->receive;
	bool over = false;
	int code;

	for (; netlink_is_whole(m, len); m = mnl_nlmsg_next(m, &len)) {
		if (m->nlmsg_type != NLMSG_ERROR ||
		    m->nlmsg_pid != mnl_socket_get_portid(s->b->socket) ||
		    mnl_nlmsg_get_payload_len(m) < sizeof(code) ||
		    m->nlmsg_seq - s->first_seq > last_seq - s->first_seq)
			continue;
		memcpy(&code, mnl_nlmsg_get_payload(m), sizeof(code));
		if (code < 0 && code != INT_MIN)
			take_refusal(s, m, -code);
		if (m->nlmsg_seq == last_seq)
			over = true;
	}
	return over;
}

static int collect(struct sending *s, uint32_t last_seq)
{
	ssize_t len;

	for (;;) {
		do
			len = mnl_socket_recvfrom(s->b->socket, s->b->receive,
						  sizeof(s->b->receive));
		while (len < 0 && errno == EINTR);
		if (len < 0)
			return errno == EAGAIN ? ETIMEDOUT : errno;
		if (walk(s, (int)len, last_seq))
			return 0;
	}
}

/* As many messages from offset as fit into one call; numbers them, asks for one acknowledgement. */
static size_t next_call(struct netlink_batch *b, size_t offset)
{
	struct nlmsghdr *m = NULL;
	size_t at = offset;

	while (at < b->len) {
		struct nlmsghdr *next = (struct nlmsghdr *)(void *)(b->data + at);
		size_t size = aligned(next->nlmsg_len);

		if (m != NULL && at + size - offset > CALL_BYTES)
			break;
		m = next;
		m->nlmsg_seq = b->next_seq++;
		m->nlmsg_pid = 0;
		at += size;
	}
	if (m != NULL)
		m->nlmsg_flags |= NLM_F_ACK;
	return at - offset;
}

int netlink_batch_send(struct netlink_batch *b, netlink_refused_fn *refused, void *arg,
		       const char *what, bool *unknown, struct err_msg *e)
{
	struct sending s = {.b = b, .refused = refused, .arg = arg, .what = what, .e = e};
	int errnum = 0;

	finish_last(b);
	if (b->dirty)
		drain(b);
	if (unknown != NULL)
		*unknown = false;
	s.first_seq = b->next_seq;
	for (size_t at = 0, size; at < b->len && errnum == 0; at += size) {
		size = next_call(b, at);
		if (netlink_socket_send(b->socket, b->bus, b->data + at, size) < 0)
			errnum = errno;
		else
			errnum = collect(&s, b->next_seq - 1);
	}
	netlink_batch_drop(b);
	if (errnum == 0)
		return s.rc;
	b->dirty = true;
	if (unknown != NULL)
		*unknown = true;
	return err_set(e, errnum == ENOBUFS ? ERR_NO_SPACE : ERR_SYSTEM,
		       "%s: no answer from the kernel (%s)", what, strerrordesc_np(errnum));
}
