/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Netlink requests.  One request is under way at a time; answers are collected until the exchange
 * is complete and only then handed on, so that a callback may use the same socket, and so that an
 * interrupted dump is repeated without the caller seeing half of it.
 */
#include "platform/os/netlink.h"

#include "platform/base/mem.h"
#include "platform/base/secret.h"
#include "platform/os/netlink_error.h"
#include "platform/os/netlink_socket.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <limits.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define RECEIVE_BYTES (64 * 1024) /* a dump block of the kernel has at most 32 KiB */
#define BUFFER_BYTES  (1024 * 1024)
#define DUMP_TRIES    5

struct netlink {
	struct mnl_socket *socket;
	int bus;
	uint32_t next_seq;
	bool dirty;  /* an exchange ended early: answers or an error may be left in the socket */
	bool secret; /* answers may hold keys */
	_Alignas(struct nlmsghdr) uint8_t receive[RECEIVE_BYTES];
};

/* Collected answers, each a whole message with its padding. */
struct answers {
	uint8_t *data;
	size_t len;
	size_t cap;
	bool interrupted;
	bool secret;
};

bool netlink_is_whole(const struct nlmsghdr *m, int len)
{
	return mnl_nlmsg_ok(m, len) && m->nlmsg_len <= (uint32_t)len;
}

static size_t aligned(size_t len)
{
	return (len + MNL_ALIGNTO - 1) / MNL_ALIGNTO * MNL_ALIGNTO;
}

static void answers_clear(struct answers *a)
{
	if (a->secret && a->data != NULL)
		bytes_wipe(a->data, a->cap);
	free(a->data);
	a->data = NULL;
}

/* Room for size more; an old copy is not left behind. */
static void answers_grow(struct answers *a, size_t size)
{
	struct answers old = *a;

	while (a->cap - a->len < size)
		a->cap = a->cap == 0 ? 4096 : a->cap * 2;
	a->data = mem_calloc(a->cap, 1);
	if (old.data != NULL)
		memcpy(a->data, old.data, old.len);
	answers_clear(&old);
}

static void answers_add(struct answers *a, const struct nlmsghdr *m)
{
	size_t size = aligned(m->nlmsg_len);

	if (a->data == NULL || a->cap - a->len < size)
		answers_grow(a, size);
	memset(a->data + a->len, 0, size);
	memcpy(a->data + a->len, m, m->nlmsg_len);
	a->len += size;
}

struct netlink *netlink_open(int bus, struct err_msg *e)
{
	struct netlink *n = mem_zalloc(sizeof(*n));
	char what[32];

	(void)snprintf(what, sizeof(what), "netlink socket %d", bus);
	n->bus = bus;
	n->next_seq = (uint32_t)time(NULL);
	n->socket = netlink_socket_open(bus, NULL, 0, BUFFER_BYTES, what, e);
	if (n->socket == NULL) {
		netlink_close(n);
		return NULL;
	}
	return n;
}

void netlink_holds_secrets(struct netlink *n)
{
	n->secret = true;
}

void netlink_close(struct netlink *n)
{
	if (n == NULL)
		return;
	if (n->socket != NULL)
		mnl_socket_close(n->socket);
	free(n);
}

/* Forget what an earlier exchange left behind. */
static void drain(struct netlink *n)
{
	int fd = mnl_socket_get_fd(n->socket);

	while (recv(fd, n->receive, sizeof(n->receive), MSG_DONTWAIT) >= 0 || errno == EINTR ||
	       errno == ENOBUFS)
		;
	n->dirty = false;
}

static int say(struct err_msg *e, const char *what, int errnum, const char *text)
{
	const char *why = strerrordesc_np(errnum);

	if (text[0] == '\0')
		return err_sys(e, errnum, "%s", what);
	return err_set(e, ERR_SYSTEM, "%s: %s (%s)", what, why == NULL ? "error" : why, text);
}

/* An acknowledgement or the end of a dump: 0 or the error that it carries. */
static int take_result(const struct nlmsghdr *m, const char *what, int *errnum, struct err_msg *e)
{
	bool ack = m->nlmsg_type == NLMSG_ERROR;
	size_t fixed = ack ? sizeof(struct nlmsgerr) : sizeof(int);
	char text[NETLINK_ERROR_TEXT_MAX];
	int code;

	if (mnl_nlmsg_get_payload_len(m) < fixed) {
		*errnum = ack ? EBADMSG : 0; /* an old kernel ends a dump without a code */
		return ack ? say(e, what, EBADMSG, "") : 0;
	}
	memcpy(&code, mnl_nlmsg_get_payload(m), sizeof(code));
	if (code >= 0 || code == INT_MIN) {
		*errnum = 0;
		return 0;
	}
	*errnum = -code;
	netlink_error_text(m, fixed, text);
	return say(e, what, -code, text);
}

/* Receive one block; its length or an errno value as a negative number. */
static int receive_block(struct netlink *n)
{
	ssize_t len;

	do
		len = mnl_socket_recvfrom(n->socket, n->receive, sizeof(n->receive));
	while (len < 0 && errno == EINTR);
	if (len >= 0)
		return (int)len;
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

/* Walk one block.  True when the exchange is over, with its result in *rc. */
static bool walk_block(struct netlink *n, int len, const struct nlmsghdr *request,
		       struct answers *answers, const char *what, int *rc, int *errnum,
		       struct err_msg *e)
{
	const struct nlmsghdr *m = (const struct nlmsghdr *)(const void *)n->receive;

	for (; netlink_is_whole(m, len); m = mnl_nlmsg_next(m, &len)) {
		if (m->nlmsg_seq != request->nlmsg_seq ||
		    m->nlmsg_pid != mnl_socket_get_portid(n->socket))
			continue;
		if (m->nlmsg_flags & NLM_F_DUMP_INTR && answers != NULL)
			answers->interrupted = true;
		if (m->nlmsg_type == NLMSG_ERROR || m->nlmsg_type == NLMSG_DONE) {
			*rc = take_result(m, what, errnum, e);
			return true;
		}
		if (m->nlmsg_type >= NLMSG_MIN_TYPE && answers != NULL)
			answers_add(answers, m);
	}
	return false;
}

static int exchange(struct netlink *n, struct nlmsghdr *request, struct answers *answers,
		    const char *what, int *errnum, struct err_msg *e)
{
	bool over;
	int rc = 0;

	if (n->dirty)
		drain(n);
	request->nlmsg_seq = n->next_seq++;
	request->nlmsg_pid = 0;
	if (netlink_socket_send(n->socket, n->bus, request, request->nlmsg_len) < 0) {
		*errnum = errno;
		return err_sys(e, *errnum, "%s", what);
	}
	for (;;) {
		int len = receive_block(n);

		if (len < 0) {
			/* ENOBUFS: the answer is lost, and nobody knows whether it was done */
			n->dirty = true;
			*errnum = -len;
			return err_sys(e, *errnum, "%s: no answer from the kernel", what);
		}
		over = walk_block(n, len, request, answers, what, &rc, errnum, e);
		if (n->secret)
			bytes_wipe(n->receive, (size_t)len);
		if (over)
			return rc;
	}
}

static int hand_on(const struct answers *answers, netlink_answer_fn *fn, void *arg)
{
	int rc = 0;

	for (size_t at = 0; rc >= 0 && at < answers->len;) {
		const struct nlmsghdr *m = (const void *)(answers->data + at);

		rc = fn(arg, m);
		at += aligned(m->nlmsg_len);
	}
	return rc < 0 ? rc : 0;
}

int netlink_request(struct netlink *n, struct nlmsghdr *m, const char *what, int *errnum,
		    struct err_msg *e)
{
	int ignored;

	m->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	return exchange(n, m, NULL, what, errnum == NULL ? &ignored : errnum, e);
}

int netlink_query(struct netlink *n, struct nlmsghdr *m, netlink_answer_fn *fn, void *arg,
		  const char *what, int *errnum, struct err_msg *e)
{
	struct answers answers = {.secret = n->secret};
	int ignored;
	int rc;

	m->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	rc = exchange(n, m, &answers, what, errnum == NULL ? &ignored : errnum, e);
	if (rc == 0)
		rc = hand_on(&answers, fn, arg);
	answers_clear(&answers);
	return rc;
}

int netlink_dump(struct netlink *n, struct nlmsghdr *m,
		 int (*fn)(void *arg, const struct nlmsghdr *answer), void *arg, const char *what,
		 struct err_msg *e)
{
	struct answers answers = {.secret = n->secret};
	int errnum = 0;
	int rc = ERR_BUSY;

	m->nlmsg_flags |= NLM_F_REQUEST | NLM_F_DUMP;
	for (int tries = 0; tries < DUMP_TRIES; tries++) {
		answers.len = 0;
		answers.interrupted = false;
		rc = exchange(n, m, &answers, what, &errnum, e);
		if (rc == 0 && answers.interrupted)
			rc = err_set(e, ERR_BUSY, "%s: changes faster than it can be read", what);
		else if (rc == 0 || (errnum != ENOBUFS && errnum != EINTR))
			break;
	}
	if (rc == 0)
		rc = hand_on(&answers, fn, arg);
	answers_clear(&answers);
	return rc;
}
