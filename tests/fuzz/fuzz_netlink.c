/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Answers of the kernel, or of what passes for it: blocks of messages for each request of rtnetlink
 * and for batches, and single messages, in memory that ends where they end, for what reads states,
 * policies and refusals.  Blocks begin with their length in two octets; the first octet of all says
 * who asks.
 */
#include "dataplane/xfrm/rule.h"
#include "dataplane/xfrm/state.h"
#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_batch.h"
#include "platform/os/netlink_error.h"
#include "platform/os/rtnl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s, const void *req, size_t len);
ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *s, void *buf, size_t len);

static const uint8_t *input;
static size_t left;
static uint32_t asked; /* number of the last request */

/* ---- The kernel ------------------------------------------------------------------------------ */

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *s, const void *req, size_t len)
{
	const struct nlmsghdr *m = req;
	int rest = (int)len;

	(void)s;
	for (; netlink_is_whole(m, rest); m = mnl_nlmsg_next(m, &rest))
		asked = m->nlmsg_seq;
	return (ssize_t)len;
}

/* Most answers are to what was asked. */
static void address(const struct mnl_socket *s, void *buf, size_t len)
{
	struct nlmsghdr *m = buf;
	int rest = (int)len;

	while (netlink_is_whole(m, rest)) {
		size_t padded = (m->nlmsg_len + NLMSG_ALIGNTO - 1) / NLMSG_ALIGNTO * NLMSG_ALIGNTO;

		m->nlmsg_seq = asked - m->nlmsg_seq % 4;
		m->nlmsg_pid = mnl_socket_get_portid(s);
		rest -= (int)padded;
		m = (struct nlmsghdr *)(void *)((uint8_t *)m + padded);
	}
}

ssize_t __wrap_mnl_socket_recvfrom(const struct mnl_socket *s, void *buf, size_t cap)
{
	size_t len;

	if (left < 2) {
		errno = left == 0 ? EAGAIN : ENOBUFS;
		return -1;
	}
	len = (size_t)input[0] << 8 | input[1];
	input += 2;
	left -= 2;
	len = len < left ? len : left;
	len = len < cap ? len : cap;
	memcpy(buf, input, len);
	input += len;
	left -= len;
	address(s, buf, len);
	return (ssize_t)len;
}

/* ---- Who asks -------------------------------------------------------------------------------- */

static void on_route(void *arg, const struct rtnl_route *r)
{
	*(unsigned *)arg += r->dst.len;
}

static void on_addr(void *arg, int ifindex, const struct ip_prefix *p)
{
	*(unsigned *)arg += (unsigned)ifindex + p->len;
}

static bool on_refused(void *arg, size_t index, int errnum, const struct err_msg *e)
{
	if (errnum <= 0 || e->text[0] == '\0' || index >= 3)
		abort();
	++*(unsigned *)arg;
	return (index & 1) == 0;
}

static void batch(void)
{
	static struct netlink_batch *b;
	struct err_msg e = {.text = ""};
	unsigned refused = 0;
	bool unknown;

	if (b == NULL && (b = netlink_batch_open(NETLINK_XFRM, &e)) == NULL)
		abort();
	for (unsigned i = 0; i < 3; i++)
		(void)netlink_batch_add(b, XFRM_MSG_DELSA, 0);
	if (netlink_batch_send(b, on_refused, &refused, "batch", &unknown, &e) != 0 &&
	    e.text[0] == '\0')
		abort();
}

static void ask(unsigned what)
{
	static struct netlink *n;
	struct err_msg e = {.text = ""};
	struct ip_addr dst = {.family = IP_V4, .bytes = {192, 0, 2, 1}}, src;
	unsigned sum = 0;
	int ifindex, rc;
	bool up;

	if (n == NULL && (n = netlink_open(NETLINK_ROUTE, &e)) == NULL)
		abort();
	if (what == 0)
		rc = rtnl_link_index(n, "eth0", &ifindex, &e);
	else if (what == 1)
		rc = rtnl_link_is_up(n, 1, &up, &e);
	else if (what == 2)
		rc = rtnl_route_dump(n, on_route, &sum, &e);
	else if (what == 3)
		rc = rtnl_addr_dump(n, on_addr, &sum, &e);
	else if (what == 4)
		rc = rtnl_path_for(n, &dst, &src, &ifindex, &e);
	else if (what == 5)
		rc = rtnl_addr_delete_own(n, "lo:ikesh", &dst, 1, &e);
	else
		rc = rtnl_link_delete_group(n, 73, &e);
	if (rc < 0 && e.text[0] == '\0')
		abort();
}

/* ---- Single messages ------------------------------------------------------------------------- */

static void move(const struct nlmsghdr *m)
{
	static struct netlink_batch *b;
	struct err_msg e = {.text = ""};
	const struct xfrm_state_move to = {.message = XFRM_MSG_NEWSA,
					   .in = true,
					   .src = {.addr = {.family = IP_V4}, .port = 4500},
					   .dst = {.addr = {.family = IP_V4}, .port = 4500},
					   .udp_encap = true};

	if (b == NULL && (b = netlink_batch_open(NETLINK_XFRM, &e)) == NULL)
		abort();
	if (xfrm_state_put_moved(b, m, &to, &e) == 0 && netlink_batch_count(b) == 0)
		abort();
	netlink_batch_drop(b);
}

static void read_one(const uint8_t *data, size_t size)
{
	char text[NETLINK_ERROR_TEXT_MAX];
	struct xfrm_state_info info;
	struct xfrm_rule rule;
	struct nlmsghdr *m = malloc(size);

	if (m == NULL)
		abort();
	memcpy(m, data, size);
	m->nlmsg_len = (uint32_t)size;
	(void)xfrm_state_parse(m, &info);
	(void)xfrm_rule_parse(m, &rule);
	(void)rtnl_is_own(m, 73);
	move(m);
	if (size >= NLMSG_HDRLEN + sizeof(int)) {
		netlink_error_text(m, sizeof(struct nlmsgerr), text);
		if (memchr(text, '\0', sizeof(text)) == NULL || strstr(text, "not found") != NULL)
			abort();
		netlink_error_text(m, sizeof(int), text);
	}
	free(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	input = data + 1;
	left = size - 1;
	if (data[0] % 9 == 8) {
		if (left >= NLMSG_HDRLEN) /* padded, as all that is read */
			read_one(input, left / NLMSG_ALIGNTO * NLMSG_ALIGNTO);
	} else if (data[0] % 9 == 7) {
		batch();
	} else {
		ask(data[0] % 9);
	}
	return 0;
}
