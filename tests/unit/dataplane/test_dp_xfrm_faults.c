/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel backend when netlink fails: every send and every answer fails once, for several
 * reasons.  Operations may be refused with a text; what was not refused works in the end, and
 * nothing stays behind.  Needs root and a kernel with ESP; exits 77 without.
 *
 * recvmsg and sendto here stand in for those of the C library.
 */
#include "dataplane/xfrm/rule.h"
#include "dataplane/xfrm/state.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/netlink.h"
#include "tests/unit/dataplane/dp_pair.h"
#include "tests/unit/dataplane/run_suite.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SETTLE_MS 1500

/* ---- The injector ---------------------------------------------------------------------------- */

enum fault_call { NO_CALL, SEND, RECEIVE };

static struct {
	enum fault_call call;
	unsigned countdown; /* calls until it fails, 1: the next */
	int errnum;
} fault;

static bool fails(int fd, enum fault_call call)
{
	struct sockaddr_storage a = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(a);

	if (fault.call != call || fault.countdown == 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0 || a.ss_family != AF_NETLINK)
		return false;
	fault.countdown--;
	if (fault.countdown != 0)
		return false;
	errno = fault.errnum;
	return true;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	return fails(fd, RECEIVE) ? -1 : syscall(SYS_recvmsg, fd, message, flags);
}

ssize_t sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *addr,
	       socklen_t addr_len)
{
	return fails(fd, SEND) ? -1 : syscall(SYS_sendto, fd, buf, n, flags, addr, addr_len);
}

/* ---- The scenario ---------------------------------------------------------------------------- */

static const struct ike_suite suite_gcm = {.encr = 20, .key_bits = 128};

static struct dp_pair pair;

/* What a side should have at the end. */
struct outcome {
	bool site;
	bool child[4];
	unsigned refused;
};

static void note(struct outcome *o, int rc, const struct err_msg *e)
{
	if (rc == 0)
		return;
	o->refused++;
	ck_assert_uint_ne(strlen(e->text), 0);
}

static void add_child(struct outcome *o, uint32_t child, bool outbound_now)
{
	struct ike_child_install install =
		dp_side_install(&pair.a, &pair.b, &suite_gcm, child, 0xa0 + child, 0xb0 + child);
	struct err_msg e = {.text = ""};
	int rc;

	install.outbound_now = outbound_now;
	rc = pair.a.dp->ops->child_add(pair.a.dp, 1, 1, &install, &e);
	note(o, rc, &e);
	o->child[child] = rc == 0;
	ck_assert_ptr_null(install.encr_in.data);
}

static void update(struct outcome *o, uint32_t child, const char *local)
{
	struct ike_child_update u = {.child = child,
				     .local = pair.a.v4,
				     .remote = pair.b.v4,
				     .udp_encap = true,
				     .outbound_now = true};
	struct err_msg e = {.text = ""};
	int rc;

	ck_assert_int_eq(ip_addr_parse(local, &u.local.addr), 0);
	rc = pair.a.dp->ops->child_update(pair.a.dp, &u, &e);
	if (!o->child[child])
		return;
	note(o, rc, &e);
	if (rc != 0) { /* as the supervisor does */
		pair.a.dp->ops->child_remove(pair.a.dp, child);
		o->child[child] = false;
	}
}

static void play(struct outcome *o)
{
	const struct dp_ops *ops = pair.a.dp->ops;
	struct dp_steering steering = {.bucket_slot = {0}};
	struct err_msg e = {.text = ""};
	int rc = ops->site_add(pair.a.dp, 1, &e);

	note(o, rc, &e);
	o->site = rc == 0;
	if (!o->site)
		return;
	memset(steering.bucket_slot, 1, sizeof(steering.bucket_slot));
	note(o, ops->site_steer(pair.a.dp, 1, &steering, &e), &e);
	note(o, ops->site_carrier(pair.a.dp, 1, true, &e), &e);
	add_child(o, 1, true);
	add_child(o, 2, false);
	update(o, 2, "192.0.2.1");
	ops->child_remove(pair.a.dp, 1);
	o->child[1] = false;
	update(o, 2, "192.0.2.3");
	add_child(o, 3, true);
	dp_pair_run(&pair, 30);
}

/* ---- What the kernel has --------------------------------------------------------------------- */

static struct netlink *kernel; /* of side a */

static int count_state(void *arg, const struct nlmsghdr *m)
{
	struct xfrm_state_info info;

	*(unsigned *)arg += xfrm_state_parse(m, &info) && info.usable;
	return 0;
}

static int count_policy(void *arg, const struct nlmsghdr *m)
{
	struct xfrm_rule rule;

	*(unsigned *)arg += xfrm_rule_parse(m, &rule);
	return 0;
}

static unsigned states(void)
{
	union xfrm_request q;
	unsigned count = 0;
	struct err_msg e;

	xfrm_state_request_all(&q);
	ck_assert_int_eq(netlink_dump(kernel, &q.header, count_state, &count, "states", &e), 0);
	return count;
}

static unsigned policies(void)
{
	union xfrm_request q;
	unsigned count = 0;
	struct err_msg e;

	xfrm_rule_request_all(&q);
	ck_assert_int_eq(netlink_dump(kernel, &q.header, count_policy, &count, "policies", &e), 0);
	return count;
}

/* Flags of ips1; -1: there is none. */
static int device(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {.ifr_name = "ips1"};
	int rc = ioctl(fd, SIOCGIFFLAGS, &r);

	(void)close(fd);
	return rc != 0 ? -1 : r.ifr_flags;
}

/* A Child SA that was called broken is removed, as the engine would. */
static void take_events(struct outcome *o)
{
	for (size_t i = 0; i < pair.a.event_count; i++) {
		const struct dp_pair_event *ev = &pair.a.events[i];

		if (ev->type != ON_BROKEN || !o->child[ev->id])
			continue;
		pair.a.dp->ops->child_remove(pair.a.dp, ev->id);
		o->child[ev->id] = false;
	}
	pair.a.event_count = 0;
}

static bool is_as_wanted(const struct outcome *o)
{
	unsigned children = (unsigned)(o->child[1] + o->child[2] + o->child[3]);
	unsigned wanted = !o->site ? 0 : children > 0 ? 8 : 4;

	return states() == 2 * children && policies() == wanted && (device() < 0) == !o->site &&
	       (!o->site || (device() & IFF_UP) != 0);
}

static void settle(struct outcome *o, const char *what)
{
	uint64_t end = loop_clock_ms() + SETTLE_MS;

	do {
		dp_pair_run(&pair, 5);
		take_events(o);
		if (is_as_wanted(o))
			return;
	} while (loop_clock_ms() < end);
	dp_side_run(&pair.a, "ip xfrm state; ip xfrm policy; ip link");
	ck_abort_msg("%s: not as wanted: children %d %d %d, %u refused", what, o->child[1],
		     o->child[2], o->child[3], o->refused);
}

static void all_gone(const char *what)
{
	struct outcome none = {.site = false};

	pair.a.dp->ops->site_remove(pair.a.dp, 1);
	settle(&none, what);
}

static const struct {
	enum fault_call call;
	int errnum;
} faults[] = {
	{RECEIVE, ENOBUFS}, {RECEIVE, EAGAIN}, {RECEIVE, EINTR}, {SEND, ENOMEM}, {SEND, EPERM},
};

START_TEST(test_each_call_fails_once)
{
	struct err_msg e = {.text = ""};
	struct outcome o;
	char what[64];
	unsigned k = 0;

	ck_assert_msg(dp_pair_open(&pair, dp_xfrm_new, &e), "%s", e.text);
	dp_side_run(&pair.a, "true"); /* enters */
	kernel = netlink_open(NETLINK_XFRM, &e);
	ck_assert_ptr_nonnull(kernel);
	for (;;) {
		k++;
		(void)snprintf(what, sizeof(what), "%s %u: errno %d",
			       faults[_i].call == SEND ? "send" : "receive", k, faults[_i].errnum);
		o = (struct outcome){.site = false};
		fault.call = faults[_i].call;
		fault.errnum = faults[_i].errnum;
		fault.countdown = k;
		play(&o);
		if (fault.countdown != 0) /* there are not so many */
			break;
		fault.call = NO_CALL;
		ck_assert_msg(o.refused <= 1, "%s: one fault, %u refusals", what, o.refused);
		ck_assert_msg(faults[_i].errnum != EINTR || o.refused == 0, "%s: refused", what);
		settle(&o, what);
		all_gone(what);
	}
	ck_assert_uint_gt(k, 10);
	(void)printf("errno %d: %u faults\n", faults[_i].errnum, k - 1);
	fault.call = NO_CALL;
	netlink_close(kernel);
	dp_pair_close(&pair);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dp_xfrm_faults");
	TCase *t = tcase_create("xfrm");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, test_each_call_fails_once, 0, ARRAY_LEN(faults));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	(void)setenv("IKESH_TEST_DATAPLANE", "xfrm", 1);
	return dp_pair_can_run() ? run_suite(suite()) : DP_PAIR_SKIPPED;
}
