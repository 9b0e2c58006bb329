/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nfnetlink batches.  The kernel works a batch off within sendmsg, so its refusals wait in the
 * socket afterwards.  A refused batch changes nothing; lost answers (ENOBUFS) say nothing.
 */
#include "dataplane/net/nft_batch.h"

#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_error.h"
#include "platform/os/netlink_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_BYTES 65536
#define BUFFER_BYTES  (4 * 1024 * 1024)

struct nft_batch {
	uint8_t *data;
	size_t len, cap;
	struct nlmsghdr *last; /* under construction */
	const char **what;     /* by message */
	uint32_t count, what_cap;
};

struct mnl_socket *nft_socket_open(struct err_msg *e)
{
	return netlink_socket_open(NETLINK_NETFILTER, NULL, 0, BUFFER_BYTES, "nftables socket", e);
}

struct nft_batch *nft_batch_new(void)
{
	return mem_zalloc(sizeof(struct nft_batch));
}

void nft_batch_free(struct nft_batch *b)
{
	if (b == NULL)
		return;
	free(b->data);
	free(b->what);
	free(b);
}

bool nft_batch_is_empty(const struct nft_batch *b)
{
	return b->count == 0;
}

static void finish_last(struct nft_batch *b)
{
	if (b->last != NULL)
		b->len +=
			((size_t)b->last->nlmsg_len + MNL_ALIGNTO - 1) / MNL_ALIGNTO * MNL_ALIGNTO;
	b->last = NULL;
}

static struct nlmsghdr *put(struct nft_batch *b, uint16_t type, uint16_t flags, uint8_t family,
			    uint16_t res_id)
{
	struct nfgenmsg *gen;

	finish_last(b);
	if (b->cap - b->len < NFT_MESSAGE_MAX) {
		b->cap = b->cap * 2 + 2UL * NFT_MESSAGE_MAX;
		b->data = mem_realloc_array(b->data, b->cap, 1);
	}
	b->last = mnl_nlmsg_put_header(b->data + b->len);
	b->last->nlmsg_type = type;
	b->last->nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	b->last->nlmsg_seq = b->count;
	gen = mnl_nlmsg_put_extra_header(b->last, sizeof(*gen));
	gen->nfgen_family = family;
	gen->version = NFNETLINK_V0;
	gen->res_id = htons(res_id);
	return b->last;
}

static void note(struct nft_batch *b, const char *what)
{
	if (b->count == b->what_cap) {
		b->what_cap = b->what_cap * 2 + 64;
		b->what = mem_realloc_array(b->what, b->what_cap, sizeof(*b->what));
	}
	b->what[b->count++] = what;
}

struct nlmsghdr *nft_batch_add(struct nft_batch *b, uint16_t type, uint16_t flags, const char *what)
{
	if (b->count == 0) {
		(void)put(b, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
		note(b, "begin");
	}
	(void)put(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, NFPROTO_INET, 0);
	note(b, what);
	return b->last;
}

static void empty(struct nft_batch *b)
{
	b->len = 0;
	b->count = 0;
	b->last = NULL;
	if (b->cap <= 16UL * NFT_MESSAGE_MAX)
		return;
	free(b->data); /* a large batch is rare: its memory is given back */
	b->data = NULL;
	b->cap = 0;
}

static void drain(const struct mnl_socket *s)
{
	uint8_t buf[256];

	while (recv(mnl_socket_get_fd(s), buf, sizeof(buf), MSG_DONTWAIT) >= 0 || errno == EINTR ||
	       errno == ENOBUFS)
		;
}

static int refusal(const struct nft_batch *b, const struct nlmsghdr *m, struct err_msg *e)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(m);
	const char *what = m->nlmsg_seq < b->count ? b->what[m->nlmsg_seq] : "transaction";
	char text[NETLINK_ERROR_TEXT_MAX];

	netlink_error_text(m, sizeof(*err), text);
	if (text[0] == '\0')
		return err_sys(e, -err->error, "nftables: %s", what);
	return err_set(e, ERR_SYSTEM, "nftables: %s: %s (%s)", what, strerrordesc_np(-err->error),
		       text);
}

/* The first refusal among the answers that wait; ERR_BUSY when some were lost. */
static int collect(const struct nft_batch *b, const struct mnl_socket *s, struct err_msg *e)
{
	_Alignas(struct nlmsghdr) uint8_t buf[RECEIVE_BYTES];
	int rc = 0;

	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(s), buf, sizeof(buf), MSG_DONTWAIT);
		const struct nlmsghdr *m = (const void *)buf;
		int left = (int)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS)
			return err_set(e, ERR_BUSY, "nftables: answers were lost");
		if (n < 0)
			return errno == EAGAIN ? rc : err_sys(e, errno, "nftables");
		for (; netlink_is_whole(m, left); m = mnl_nlmsg_next(m, &left)) {
			const struct nlmsgerr *err = mnl_nlmsg_get_payload(m);

			if (m->nlmsg_type == NLMSG_ERROR &&
			    mnl_nlmsg_get_payload_len(m) >= sizeof(err->error) && err->error != 0 &&
			    rc == 0)
				rc = refusal(b, m, e);
		}
	}
}

int nft_batch_send(struct nft_batch *b, struct mnl_socket *s, struct err_msg *e)
{
	int rc;

	if (b->count == 0)
		return 0;
	(void)put(b, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	finish_last(b);
	drain(s);
	if (netlink_socket_send(s, NETLINK_NETFILTER, b->data, b->len) < 0)
		rc = err_sys(e, errno, "nftables");
	else
		rc = collect(b, s, e);
	empty(b);
	return rc;
}

struct nlmsghdr *nft_request(void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *gen;

	m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	m->nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST);
	m->nlmsg_seq = 1;
	gen = mnl_nlmsg_put_extra_header(m, sizeof(*gen));
	gen->nfgen_family = NFPROTO_INET;
	gen->version = NFNETLINK_V0;
	return m;
}

/* True at the end, with the result in *rc. */
static bool walk(const uint8_t *buf, int left, nft_answer_fn *fn, void *arg, int *rc,
		 struct err_msg *e)
{
	const struct nlmsghdr *m = (const void *)buf;

	for (; netlink_is_whole(m, left); m = mnl_nlmsg_next(m, &left)) {
		const struct nlmsgerr *err = mnl_nlmsg_get_payload(m);

		if (m->nlmsg_type == NLMSG_ERROR &&
		    mnl_nlmsg_get_payload_len(m) >= sizeof(err->error)) {
			*rc = err->error == 0	      ? 0
			      : err->error == -ENOENT ? ERR_NOT_FOUND
						      : err_sys(e, -err->error, "nftables");
			return true;
		}
		if (m->nlmsg_type == NLMSG_DONE)
			return true;
		fn(arg, m);
		if ((m->nlmsg_flags & NLM_F_MULTI) == 0)
			return true;
	}
	return false;
}

int nft_dump(struct mnl_socket *s, struct nlmsghdr *request, nft_answer_fn *fn, void *arg,
	     struct err_msg *e)
{
	_Alignas(struct nlmsghdr) uint8_t buf[RECEIVE_BYTES];
	int rc = 0;

	drain(s);
	if (netlink_socket_send(s, NETLINK_NETFILTER, request, request->nlmsg_len) < 0)
		return err_sys(e, errno, "nftables");
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(s, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, errno, "nftables");
		if (walk(buf, (int)n, fn, arg, &rc, e))
			return rc;
	}
}
