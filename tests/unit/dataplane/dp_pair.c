/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixture of two data planes; everything vanishes with the process, nothing is left outside. */
#include "tests/unit/dataplane/dp_pair.h"

#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/tun.h"
#include "platform/os/udp.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WIRE_PORT 4500

static void enter(const struct dp_side *s)
{
	ck_assert_int_eq(setns(s->ns, CLONE_NEWNET), 0);
}

void dp_side_run(const struct dp_side *s, const char *command)
{
	enter(s);
	/* NOLINTNEXTLINE(cert-env33-c): fixed commands of the test */
	ck_assert_msg(system(command) == 0, "%s", command);
}

static struct ip_endpoint endpoint(const char *text)
{
	struct ip_endpoint e = {.port = WIRE_PORT};

	ck_assert_int_eq(ip_addr_parse(text, &e.addr), 0);
	return e;
}

/* ---- Callbacks ------------------------------------------------------------------------------- */

static struct dp_pair_event *note(void *arg, uint32_t id)
{
	struct dp_side *s = arg;
	struct dp_pair_event *ev = &s->events[s->event_count];

	ck_assert_uint_lt(s->event_count, DP_PAIR_EVENTS);
	s->event_count++;
	ev->id = id;
	return ev;
}

static void on_ike(void *arg, const struct ip_endpoint *local, const struct ip_endpoint *remote,
		   struct view payload)
{
	struct dp_pair_event *ev = note(arg, 0);

	ev->type = ON_IKE;
	ev->local = *local;
	ev->remote = *remote;
	ev->len = payload.len;
	memcpy(ev->data, payload.data,
	       payload.len < sizeof(ev->data) ? payload.len : sizeof(ev->data));
}

static void on_used(void *arg, uint32_t child)
{
	note(arg, child)->type = ON_USED;
}

static void on_moved(void *arg, uint32_t child, const struct ip_endpoint *remote)
{
	struct dp_pair_event *ev = note(arg, child);

	ev->type = ON_MOVED;
	ev->remote = *remote;
}

static void on_broken(void *arg, uint32_t child)
{
	note(arg, child)->type = ON_BROKEN;
}

static void on_acquire(void *arg, uint32_t site)
{
	note(arg, site)->type = ON_ACQUIRE;
}

static void on_device(void *arg, uint32_t site, const char *problem)
{
	ck_assert_msg(problem == NULL, "%s", problem);
	note(arg, site)->type = ON_DEVICE;
}

/* ---- Setting up ------------------------------------------------------------------------------ */

static int packet_socket(const char *device, int type)
{
	int fd = socket(AF_PACKET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
	struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int size = 4 * 1024 * 1024;

	ck_assert_int_ge(fd, 0);
	a.sll_ifindex = (int)if_nametoindex(device);
	ck_assert_int_ne(a.sll_ifindex, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static bool new_ns(struct dp_side *s, struct err_msg *e)
{
	if (unshare(CLONE_NEWNET) != 0) {
		(void)err_sys(e, errno, "network namespace");
		return false;
	}
	s->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return s->ns >= 0;
}

static bool open_side(struct dp_pair *p, struct dp_side *s, dp_new_fn *make, struct err_msg *e)
{
	struct dp_callbacks callbacks = {
		.arg = s,
		.on_ike = on_ike,
		.on_used = on_used,
		.on_moved = on_moved,
		.on_broken = on_broken,
		.on_acquire = on_acquire,
		.on_device = on_device,
	};

	enter(s);
	s->sockets.natt_v4 = udp_open(IP_V4, WIRE_PORT, e);
	s->sockets.natt_v6 = udp_open(IP_V6, WIRE_PORT, e);
	ck_assert_int_ge(s->sockets.natt_v4, 0);
	ck_assert_int_ge(s->sockets.natt_v6, 0);
	s->dp = make(p->loop, &s->sockets, &callbacks, NULL, e);
	return s->dp != NULL;
}

bool dp_pair_is_xfrm(void)
{
	const char *name = getenv("IKESH_TEST_DATAPLANE");

	return name != NULL && strcmp(name, "xfrm") == 0;
}

dp_new_fn *dp_pair_backend(void)
{
	return dp_pair_is_xfrm() ? dp_xfrm_new : dp_userspace_new;
}

bool dp_pair_can_run(void)
{
	struct err_msg e = {.text = "no right to make network namespaces"};

	if (unshare(CLONE_NEWNET) == 0 &&
	    (dp_pair_is_xfrm() ? dp_xfrm_probe(&e) : tun_probe(&e)) == 0)
		return true;
	(void)printf("skipped: %s\n", e.text);
	return false;
}

bool dp_pair_open(struct dp_pair *p, dp_new_fn *make, struct err_msg *e)
{
	static const char quiet[] = "sysctl -qw net.ipv6.conf.default.router_solicitations=0 "
				    "net.ipv6.conf.default.addr_gen_mode=1";
	char command[160];

	memset(p, 0, sizeof(*p));
	p->loop = loop_new(e);
	if (p->loop == NULL || !new_ns(&p->a, e) || !new_ns(&p->b, e))
		return false;
	(void)snprintf(command, sizeof(command),
		       "ip link set lo up && ip link add wire type veth peer name wire netns "
		       "/proc/%d/fd/%d",
		       (int)getpid(), p->a.ns);
	dp_side_run(&p->b, command);
	dp_side_run(&p->a, "ip link set lo up && ip addr add 192.0.2.1/24 dev wire && "
			   "ip addr add 192.0.2.3/24 dev wire && "
			   "ip addr add 2001:db8::1/64 dev wire nodad && ip link set wire up");
	dp_side_run(&p->b, "ip addr add 192.0.2.2/24 dev wire && "
			   "ip addr add 2001:db8::2/64 dev wire nodad && ip link set wire up");
	/* packets that the kernel sends by itself on the sites' devices would be counted */
	dp_side_run(&p->a, quiet);
	dp_side_run(&p->b, quiet);
	p->a.v4 = endpoint("192.0.2.1");
	p->a.v6 = endpoint("2001:db8::1");
	p->b.v4 = endpoint("192.0.2.2");
	p->b.v6 = endpoint("2001:db8::2");
	enter(&p->a);
	p->a.wire = packet_socket("wire", SOCK_RAW);
	enter(&p->b);
	p->b.wire = packet_socket("wire", SOCK_RAW);
	return open_side(p, &p->a, make, e) && open_side(p, &p->b, make, e);
}

static void close_side(struct dp_side *s)
{
	enter(s);
	s->dp->ops->free(s->dp);
	(void)close(s->sockets.natt_v4);
	(void)close(s->sockets.natt_v6);
	(void)close(s->wire);
	for (size_t i = 0; i < ARRAY_LEN(s->device); i++) {
		if (s->device[i] > 0)
			(void)close(s->device[i]);
	}
	(void)close(s->ns);
}

void dp_pair_close(struct dp_pair *p)
{
	close_side(&p->a);
	close_side(&p->b);
	loop_free(p->loop);
}

/* The kernel looks for a route of the device before it encrypts IPv6. */
static void route_ipv6(const struct dp_side *s, const char *device, uint32_t site)
{
	char command[80];

	(void)snprintf(command, sizeof(command), "ip -6 route replace default dev %s metric %u",
		       device, 100 + site);
	dp_side_run(s, command);
}

void dp_side_listen(struct dp_side *s, uint32_t site)
{
	char name[DP_DEVICE_MAX];

	enter(s);
	(void)snprintf(name, sizeof(name), "ips%u", site);
	ck_assert_int_eq(s->dp->ops->site_ifindex(s->dp, site), (int)if_nametoindex(name));
	if (s->device[site - 1] > 0)
		(void)close(s->device[site - 1]);
	s->device[site - 1] = packet_socket(name, SOCK_DGRAM);
	if (dp_pair_is_xfrm())
		route_ipv6(s, name, site);
}

void dp_side_site(struct dp_side *s, uint32_t site)
{
	struct err_msg e = {.text = ""};

	enter(s);
	ck_assert_msg(s->dp->ops->site_add(s->dp, site, &e) == 0, "%s", e.text);
	ck_assert_msg(s->dp->ops->site_carrier(s->dp, site, true, &e) == 0, "%s", e.text);
	dp_side_steer(s, site, 1);
	dp_side_listen(s, site);
}

void dp_side_mark(const struct dp_side *s, uint32_t site, uint32_t mark)
{
	ck_assert_int_eq(setsockopt(s->device[site - 1], SOL_SOCKET, SO_MARK, &mark, sizeof(mark)),
			 0);
}

void dp_side_steer(struct dp_side *s, uint32_t site, uint8_t slot)
{
	struct dp_steering steering = {.bucket_slot = {0}};
	struct err_msg e = {.text = ""};

	memset(steering.bucket_slot, slot, sizeof(steering.bucket_slot));
	ck_assert_msg(s->dp->ops->site_steer(s->dp, site, &steering, &e) == 0, "%s", e.text);
}

static void key(struct secret *s, uint32_t spi, const char *purpose, size_t len)
{
	secret_alloc(s, len);
	for (size_t i = 0; i < len; i++)
		s->data[i] = (uint8_t)(spi + i * 7 + (uint8_t)purpose[0]);
}

struct ike_child_install dp_side_install(const struct dp_side *s, const struct dp_side *peer,
					 const struct ike_suite *suite, uint32_t child,
					 uint32_t spi_in, uint32_t spi_out)
{
	static const size_t integ_len[] = {[2] = 20, [12] = 32, [13] = 48, [14] = 64};
	size_t encr = suite->key_bits / 8u + (suite->encr == 20 ? 4 : 0);
	size_t integ = suite->encr == 20 ? 0 : integ_len[suite->integ];
	struct ip_range v4 = ip_range_any(IP_V4), v6 = ip_range_any(IP_V6);
	struct ike_child_install in = {
		.child = child,
		.spi_in = spi_in,
		.spi_out = spi_out,
		.local = s->v4,
		.remote = peer->v4,
		.udp_encap = true,
		.outbound_now = true,
		.suite = *suite,
	};

	in.local_ts.count = in.remote_ts.count = 2;
	in.local_ts.ts[0] = in.remote_ts.ts[0] = ike_ts_of_range(&v4);
	in.local_ts.ts[1] = in.remote_ts.ts[1] = ike_ts_of_range(&v6);
	key(&in.encr_in, spi_in, "encr", encr);
	key(&in.integ_in, spi_in, "integ", integ);
	key(&in.encr_out, spi_out, "encr", encr);
	key(&in.integ_out, spi_out, "integ", integ);
	return in;
}

void dp_side_add(struct dp_side *s, uint8_t slot, struct ike_child_install *in)
{
	struct err_msg e = {.text = ""};

	ck_assert_msg(s->dp->ops->child_add(s->dp, 1, slot, in, &e) == 0, "%s", e.text);
	ck_assert_ptr_null(in->encr_in.data);
	ck_assert_ptr_null(in->encr_out.data);
	ck_assert_ptr_null(in->integ_in.data);
	ck_assert_ptr_null(in->integ_out.data);
}

void dp_pair_child(struct dp_pair *p, const struct ike_suite *suite, uint32_t child)
{
	struct ike_child_install in =
		dp_side_install(&p->a, &p->b, suite, child, 0xa0000 + child, 0xb0000 + child);

	dp_side_add(&p->a, 1, &in);
	in = dp_side_install(&p->b, &p->a, suite, child, 0xb0000 + child, 0xa0000 + child);
	dp_side_add(&p->b, 1, &in);
}

void dp_pair_child_v6(struct dp_pair *p, const struct ike_suite *suite, uint32_t child)
{
	struct ike_child_install in =
		dp_side_install(&p->a, &p->b, suite, child, 0xa0000 + child, 0xb0000 + child);

	in.local = p->a.v6;
	in.remote = p->b.v6;
	dp_side_add(&p->a, 1, &in);
	in = dp_side_install(&p->b, &p->a, suite, child, 0xb0000 + child, 0xa0000 + child);
	in.local = p->b.v6;
	in.remote = p->a.v6;
	dp_side_add(&p->b, 1, &in);
}

/* ---- Packets --------------------------------------------------------------------------------- */

void dp_side_send(const struct dp_side *s, uint32_t site, struct view packet)
{
	struct sockaddr_ll a = {.sll_family = AF_PACKET};
	socklen_t len = sizeof(a);
	ssize_t n;

	ck_assert_int_eq(getsockname(s->device[site - 1], (struct sockaddr *)&a, &len), 0);
	a.sll_protocol = htons(packet.data[0] >> 4 == 4 ? ETH_P_IP : ETH_P_IPV6);
	n = sendto(s->device[site - 1], packet.data, packet.len, 0, (struct sockaddr *)&a,
		   sizeof(a));
	ck_assert_msg(n == (ssize_t)packet.len, "send: %s", strerror(errno));
}

/* IPv6 from or to link-local or multicast addresses. */
static bool is_noise(const uint8_t *packet, size_t len)
{
	return len >= 40 && packet[0] >> 4 == 6 &&
	       (packet[24] == 0xff || (packet[8] == 0xfe && packet[9] == 0x80));
}

/* Reads fd until `wanted` says yes or ms are over. */
static size_t await(struct dp_pair *p, int fd, bool outgoing,
		    bool (*wanted)(const uint8_t *, size_t), uint8_t *buf, size_t cap, int ms)
{
	uint64_t end = loop_clock_ms() + (uint64_t)ms;
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	for (;;) {
		struct sockaddr_ll from = {.sll_family = AF_PACKET};
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, cap, 0, (struct sockaddr *)&from, &from_len);

		if (n > 0 && (from.sll_pkttype == PACKET_OUTGOING) == outgoing &&
		    wanted(buf, (size_t)n))
			return (size_t)n;
		if (n > 0)
			continue;
		if (loop_clock_ms() >= end)
			return 0;
		ck_assert_int_eq(loop_turn(p->loop, 0), 0);
		(void)poll(&ready, 1, 2);
	}
}

static bool wanted_inner(const uint8_t *packet, size_t len)
{
	return !is_noise(packet, len);
}

size_t dp_side_receive(struct dp_pair *p, struct dp_side *s, uint32_t site, uint8_t *buf,
		       size_t cap, int ms)
{
	return await(p, s->device[site - 1], false, wanted_inner, buf, cap, ms);
}

static bool wanted_frame(const uint8_t *frame, size_t len)
{
	if (len > 34 && frame[12] == 8 && frame[13] == 0)
		return frame[14 + 9] == IPPROTO_UDP;
	return len > 54 && frame[12] == 0x86 && frame[13] == 0xdd && frame[14 + 6] == IPPROTO_UDP;
}

size_t dp_side_sniff(struct dp_pair *p, struct dp_side *s, uint8_t *frame, size_t cap, int ms)
{
	return await(p, s->wire, true, wanted_frame, frame, cap, ms);
}

void dp_side_inject(const struct dp_side *s, struct view frame)
{
	ck_assert_int_eq(send(s->wire, frame.data, frame.len, 0), (ssize_t)frame.len);
}

/* ---- What was seen --------------------------------------------------------------------------- */

const struct dp_pair_event *dp_side_event(struct dp_pair *p, struct dp_side *s, size_t n, int ms)
{
	uint64_t end = loop_clock_ms() + (uint64_t)ms;

	while (s->event_count <= n) {
		uint64_t now = loop_clock_ms();

		if (now >= end)
			return NULL;
		ck_assert_int_eq(loop_turn(p->loop, (int)(end - now)), 0);
	}
	return &s->events[n];
}

void dp_pair_run(struct dp_pair *p, int ms)
{
	uint64_t end = loop_clock_ms() + (uint64_t)ms, now;

	while ((now = loop_clock_ms()) < end)
		ck_assert_int_eq(loop_turn(p->loop, (int)(end - now)), 0);
}

uint64_t dp_side_counter(const struct dp_side *s, const char *name)
{
	const char *at;
	uint64_t value;

	for (size_t i = 0; (at = s->dp->ops->counter(s->dp, i, &value)) != NULL; i++) {
		if (strcmp(at, name) == 0)
			return value;
	}
	ck_abort_msg("no counter %s", name);
}

struct dp_child_counters dp_side_child(const struct dp_side *s, uint32_t child)
{
	struct dp_child_counters c;

	ck_assert_int_eq(s->dp->ops->child_counters(s->dp, child, &c), 0);
	return c;
}

void dp_pair_crosses(struct dp_pair *p, struct dp_side *from, struct dp_side *to,
		     struct view packet)
{
	uint8_t in[2048];
	size_t n;

	dp_side_send(from, 1, packet);
	n = dp_side_receive(p, to, 1, in, sizeof(in), DP_PAIR_WAIT_MS);
	ck_assert_uint_eq(n, packet.len);
	ck_assert_mem_eq(in, packet.data, n);
}

void dp_pair_stays_out(struct dp_pair *p, struct dp_side *from, struct dp_side *to,
		       struct view packet)
{
	uint8_t in[2048];

	dp_side_send(from, 1, packet);
	ck_assert_uint_eq(dp_side_receive(p, to, 1, in, sizeof(in), DP_PAIR_QUIET_MS), 0);
}
