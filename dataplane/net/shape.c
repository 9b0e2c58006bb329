/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * HTB over rtnetlink.  A class may always send at its rate, whatever its parent says, and borrows
 * up to its ceiling: so children get small rates and their cap as ceiling.  Queues are fq_codel, or
 * a short pfifo where the kernel has none: a long one would add its length to every round trip.
 */
#include "dataplane/net/shape.h"

#include "platform/os/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#define HTB_VERSION	   3
#define ROOT_HANDLE	   0x00010000U
#define ROOT_CLASS	   0x00010001U
#define DEFAULT_MINOR	   0x10U
#define SLOT_CLASS(slot)   (0x00010020U + (slot))
#define PRIORITY_LAST	   7U /* TC_HTB_NUMPRIO - 1 */
#define LEAF_HANDLE(minor) ((minor) << 16)
#define UNLIMITED_MBPS	   400000U
#define GUARANTEED	   16	/* of the cap, for each child: one sixteenth */
#define GUARANTEED_QUEUE   8	/* of that, for each queue, so that none starves */
#define QUANTUM		   1514 /* octets per turn; the kernel warns about its own choice */
#define BURST_MS	   4
#define BURST_MIN	   3028
#define QUEUE_MS	   20
#define QUEUE_PACKET	   1400
#define QUEUE_MIN	   16
#define QUEUE_MAX	   1000
#define TICK_NS		   64 /* PSCHED_SHIFT is 6 since Linux 2.6.31 */

_Static_assert(NET_BANDS <= PRIORITY_LAST, "a priority of HTB for each, and one for none");

struct message {
	_Alignas(struct nlmsghdr) union {
		struct nlmsghdr header;
		uint8_t bytes[1024];
	};
};

static void begin(struct message *q, uint16_t type, int ifindex, uint32_t parent, uint32_t handle)
{
	struct tcmsg *tc;

	memset(q, 0, sizeof(*q));
	mnl_nlmsg_put_header(q->bytes);
	q->header.nlmsg_type = type;
	q->header.nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	tc = mnl_nlmsg_put_extra_header(&q->header, sizeof(*tc));
	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = parent;
	tc->tcm_handle = handle;
}

static uint64_t octets_per_second(uint32_t mbps)
{
	return (uint64_t)mbps * 125000;
}

static uint32_t limited(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* Time that a burst takes, in ticks. */
static uint32_t burst_ticks(uint64_t rate)
{
	uint64_t burst = rate * BURST_MS / 1000;
	uint64_t ns;

	burst = burst < BURST_MIN ? BURST_MIN : burst;
	ns = burst * 1000000 / (rate / 1000);
	return limited(ns / TICK_NS);
}

static void put_rate(struct tc_ratespec *r, uint64_t rate)
{
	r->linklayer = 1; /* Ethernet: no rate table is needed */
	r->rate = limited(rate);
}

struct class
{
	uint32_t parent, handle, priority;
	uint64_t rate, ceil;
};

static int set_class(struct netlink *n, int ifindex, const struct class *c, struct err_msg *e)
{
	struct tc_htb_opt opt = {.quantum = QUANTUM, .prio = c->priority};
	struct message q;
	struct nlattr *options;

	begin(&q, RTM_NEWTCLASS, ifindex, c->parent, c->handle);
	put_rate(&opt.rate, c->rate);
	put_rate(&opt.ceil, c->ceil);
	opt.buffer = burst_ticks(c->rate);
	opt.cbuffer = burst_ticks(c->ceil);
	mnl_attr_put_strz(&q.header, TCA_KIND, "htb");
	options = mnl_attr_nest_start(&q.header, TCA_OPTIONS);
	mnl_attr_put(&q.header, TCA_HTB_PARMS, sizeof(opt), &opt);
	if (c->rate > UINT32_MAX)
		mnl_attr_put_u64(&q.header, TCA_HTB_RATE64, c->rate);
	if (c->ceil > UINT32_MAX)
		mnl_attr_put_u64(&q.header, TCA_HTB_CEIL64, c->ceil);
	mnl_attr_nest_end(&q.header, options);
	return netlink_request(n, &q.header, "bandwidth class", NULL, e);
}

static int add_root(struct netlink *n, int ifindex, struct err_msg *e)
{
	struct tc_htb_glob glob = {.version = HTB_VERSION,
				   .rate2quantum = 10,
				   .defcls = DEFAULT_MINOR};
	struct message q;
	struct nlattr *options;

	begin(&q, RTM_NEWQDISC, ifindex, TC_H_ROOT, ROOT_HANDLE);
	mnl_attr_put_strz(&q.header, TCA_KIND, "htb");
	options = mnl_attr_nest_start(&q.header, TCA_OPTIONS);
	mnl_attr_put(&q.header, TCA_HTB_INIT, sizeof(glob), &glob);
	mnl_attr_nest_end(&q.header, options);
	return netlink_request(n, &q.header, "bandwidth cap (HTB)", NULL, e);
}

static uint32_t queue_packets(uint64_t ceil)
{
	uint64_t packets = ceil * QUEUE_MS / 1000 / QUEUE_PACKET;

	if (packets < QUEUE_MIN)
		return QUEUE_MIN;
	return packets > QUEUE_MAX ? QUEUE_MAX : (uint32_t)packets;
}

static int set_pfifo(struct netlink *n, int ifindex, uint32_t class, uint64_t ceil,
		     struct err_msg *e)
{
	struct tc_fifo_qopt opt = {.limit = queue_packets(ceil)};
	struct message q;

	begin(&q, RTM_NEWQDISC, ifindex, class, LEAF_HANDLE(class & 0xffff));
	mnl_attr_put_strz(&q.header, TCA_KIND, "pfifo");
	mnl_attr_put(&q.header, TCA_OPTIONS, sizeof(opt), &opt);
	return netlink_request(n, &q.header, "bandwidth queue", NULL, e);
}

static int set_queue(struct netlink *n, int ifindex, uint32_t class, uint64_t ceil,
		     struct err_msg *e)
{
	struct message q;
	int errnum = 0;
	int r;

	begin(&q, RTM_NEWQDISC, ifindex, class, LEAF_HANDLE(class & 0xffff));
	mnl_attr_put_strz(&q.header, TCA_KIND, "fq_codel");
	r = netlink_request(n, &q.header, "bandwidth queue", &errnum, e);
	/* ENOENT: no such kind here; EINVAL: there is a pfifo already */
	return errnum == ENOENT || errnum == EINVAL ? set_pfifo(n, ifindex, class, ceil, e) : r;
}

static uint64_t cap_of(uint32_t mbps)
{
	return octets_per_second(mbps == 0 ? UNLIMITED_MBPS : mbps);
}

/* A queue of the class of a slot. */
static int set_leaf(struct netlink *n, int ifindex, const struct class *of, unsigned slot,
		    unsigned band, struct err_msg *e)
{
	const struct class c = {.parent = of->handle,
				.handle = shape_priority(slot, band),
				.priority = band == 0 ? PRIORITY_LAST : band - 1,
				.rate = of->rate / GUARANTEED_QUEUE,
				.ceil = of->ceil};
	int r = set_class(n, ifindex, &c, e);

	return r != 0 ? r : set_queue(n, ifindex, c.handle, c.ceil, e);
}

static int set_slot(struct netlink *n, int ifindex, const struct net_shape *want, unsigned slot,
		    struct err_msg *e)
{
	uint64_t site = cap_of(want->site_mbps);
	uint64_t cap = slot == 0 ? site : cap_of(want->tunnel_mbps[slot - 1]);
	struct class c = {.parent = ROOT_CLASS, .handle = SLOT_CLASS(slot)};
	int r;

	c.ceil = cap < site ? cap : site;
	c.rate = site / GUARANTEED < c.ceil ? site / GUARANTEED : c.ceil;
	r = set_class(n, ifindex, &c, e);
	for (unsigned band = 0; band <= want->bands && r == 0; band++)
		r = set_leaf(n, ifindex, &c, slot, band, e);
	return r;
}

int shape_apply(struct netlink *n, int ifindex, bool fresh, const struct net_shape *want,
		struct err_msg *e)
{
	uint64_t site = cap_of(want->site_mbps);
	const struct class root = {.parent = ROOT_HANDLE,
				   .handle = ROOT_CLASS,
				   .rate = site,
				   .ceil = site};
	int r = fresh ? add_root(n, ifindex, e) : 0;

	if (r == 0)
		r = set_class(n, ifindex, &root, e);
	for (unsigned slot = 0; slot <= DP_SLOTS && r == 0; slot++) {
		if (slot == 0 || want->tunnel_classes)
			r = set_slot(n, ifindex, want, slot, e);
	}
	return r;
}
