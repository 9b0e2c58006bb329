/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TUN devices of sites.  That one was deleted is seen by the worker that reads it; that one was set
 * down is told by the kernel.  Both are put right a moment later, so that another program that does
 * several things to a device has ended.  A new device gets the descriptor of the old one, which
 * workers may be using.
 */
#include "dataplane/esp/device.h"

#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/keeper.h"
#include "platform/os/loop.h"
#include "platform/os/netlink.h"
#include "platform/os/netlink_watch.h"
#include "platform/os/rtnl.h"
#include "platform/os/tun.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MTU_MIN	    1280 /* of IPv6, RFC 8200 section 5; the worker answers what is longer */
#define SOON_MS	    100
#define AGAIN_MS    1000
#define TROUBLE_MAX 64 /* devices to put right; more of them wait for their turn */

struct esp_devices {
	struct loop *loop;     /* borrowed */
	const struct log *log; /* borrowed */
	struct esp_device_callbacks callbacks;
	struct netlink *netlink;
	struct netlink_watch *watch;
	struct loop_timer timer;
	struct list trouble; /* struct esp_site.trouble */
};

static void put_right_in(struct esp_devices *d, uint64_t ms)
{
	uint64_t due = loop_now_ms(d->loop) + ms;

	if (!heap_contains(&d->timer.node))
		loop_timer_set(d->loop, &d->timer, due);
}

static void worry(struct esp_devices *d, struct esp_site *s)
{
	if (list_is_empty(&s->trouble))
		list_append(&d->trouble, &s->trouble);
	put_right_in(d, SOON_MS);
}

/* ---- What the kernel tells ------------------------------------------------------------------- */

struct link {
	const char *name;
	uint32_t mtu; /* 0: not said */
};

static int take_attr(const struct nlattr *attr, void *arg)
{
	struct link *l = arg;

	if (mnl_attr_get_type(attr) == IFLA_IFNAME && mnl_attr_validate(attr, MNL_TYPE_STRING) >= 0)
		l->name = mnl_attr_get_str(attr);
	else if (mnl_attr_get_type(attr) == IFLA_MTU && mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
		l->mtu = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static uint32_t site_of(const char *name)
{
	return strncmp(name, "ips", 3) == 0 ? (uint32_t)strtoul(name + 3, NULL, 10) : 0;
}

/* Messages come in order: the last one says how the device is. */
static void on_link(void *arg, const struct nlmsghdr *m)
{
	struct esp_devices *d = arg;
	struct ifinfomsg link;
	struct link l = {.name = ""};
	struct esp_site *s;

	if (m->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(m) < sizeof(link))
		return;
	memcpy(&link, mnl_nlmsg_get_payload(m), sizeof(link));
	(void)mnl_attr_parse(m, sizeof(link), take_attr, &l);
	s = d->callbacks.find(d->callbacks.arg, site_of(l.name));
	if (s == NULL || s->ifindex != link.ifi_index)
		return;
	if (l.mtu != 0) /* another one is put right when its tunnels are looked at */
		s->mtu = l.mtu;
	s->down = (link.ifi_flags & IFF_UP) == 0;
	if (s->down)
		worry(d, s);
}

static void on_lost_messages(void *arg)
{
	struct esp_devices *d = arg;

	log_line(d->log, LOG_LVL_NOTICE, LOG_ESP, "messages about devices were lost");
}

/* ---- Putting right --------------------------------------------------------------------------- */

static int make_again(struct esp_devices *d, struct esp_site *s, struct err_msg *e)
{
	int ifindex = 0, fd, rc;
	bool udp;

	fd = esp_device_open(d, s->index, s->mtu, &ifindex, &udp, e);
	if (fd < 0)
		return fd;
	rc = dup3(fd, s->tun, O_CLOEXEC) < 0 ? err_sys(e, errno, "device ips%u", s->index) : 0;
	(void)close(fd); /* on failure the device goes with it */
	if (rc != 0)
		return rc;
	s->ifindex = ifindex;
	s->lost = s->down = false;
	return d->callbacks.read(d->callbacks.arg, s, e);
}

/* Messages may have been lost, the one that it is up among them: a start with many sites makes more
 * than a socket holds. */
static bool is_up_after_all(struct esp_devices *d, const struct esp_site *s)
{
	struct err_msg e = {.text = ""};
	bool up;

	return rtnl_link_is_up(d->netlink, s->ifindex, &up, &e) == 0 && up;
}

/* False: try again later. */
static bool put_right(struct esp_devices *d, struct esp_site *s)
{
	struct err_msg e = {.text = ""};
	int rc = 0;

	if (!s->lost && s->down && is_up_after_all(d, s))
		s->down = false;
	if (!s->lost && !s->down)
		return true;
	if (s->lost)
		rc = make_again(d, s, &e);
	else
		rc = rtnl_link_up(d->netlink, s->ifindex, true, 0, &e);
	if (rc != 0 && s->problem_said)
		return false;
	s->problem_said = rc != 0;
	d->callbacks.on_device(d->callbacks.arg, s->index, rc == 0 ? NULL : e.text);
	return rc == 0;
}

/* The callback may do anything to sites, so that each look begins anew. */
static void on_timer(void *arg)
{
	struct esp_devices *d = arg;
	size_t failed = 0;

	for (int i = 0; i < TROUBLE_MAX && !list_is_empty(&d->trouble); i++) {
		struct esp_site *s = container_of(d->trouble.next, struct esp_site, trouble);
		uint32_t index = s->index;

		list_remove(&s->trouble);
		if (put_right(d, s))
			continue;
		failed++;
		s = d->callbacks.find(d->callbacks.arg, index);
		if (s != NULL && list_is_empty(&s->trouble))
			list_append(&d->trouble, &s->trouble);
	}
	if (!list_is_empty(&d->trouble))
		put_right_in(d, failed != 0 ? AGAIN_MS : SOON_MS);
}

void esp_device_lost(struct esp_devices *d, struct esp_site *s)
{
	s->lost = true;
	worry(d, s);
}

/* ---- Making and deleting --------------------------------------------------------------------- */

/* The device of an earlier process with all that hangs on it; it may have been deleted since. */
static int adopt(struct esp_devices *d, const char *name, uint32_t mtu, int *ifindex, bool *udp)
{
	struct err_msg e = {.text = ""};
	int fd = keeper_take(d->callbacks.keeper, name);
	uint32_t has = 0;

	if (fd < 0)
		return -1;
	if (tun_look(fd, name, ifindex, &has) == 0 && tun_enable_offload(fd, udp, &e) == 0 &&
	    (has == mtu || rtnl_link_up(d->netlink, *ifindex, true, mtu, &e) == 0)) {
		(void)keeper_put(d->callbacks.keeper, name, fd, false);
		return fd;
	}
	(void)close(fd);
	keeper_drop(d->callbacks.keeper, name);
	return -1;
}

int esp_device_open(struct esp_devices *d, uint32_t site, uint32_t mtu, int *ifindex, bool *udp,
		    struct err_msg *e)
{
	struct tun_options options = {.vnet_header = true};
	char name[DP_DEVICE_MAX];
	int fd, rc;

	(void)snprintf(name, sizeof(name), "ips%u", site);
	fd = adopt(d, name, mtu, ifindex, udp);
	if (fd >= 0)
		return fd;
	fd = tun_open(name, &options, e);
	if (fd < 0)
		return fd;
	rc = tun_enable_offload(fd, udp, e);
	if (rc == 0)
		rc = tun_set_carrier(fd, false, e);
	if (rc == 0)
		rc = rtnl_link_index(d->netlink, name, ifindex, e);
	if (rc == 0)
		rc = rtnl_link_up(d->netlink, *ifindex, true, mtu, e);
	if (rc != 0) {
		(void)close(fd);
		return rc;
	}
	(void)keeper_put(d->callbacks.keeper, name, fd, false);
	return fd;
}

void esp_device_mtu(struct esp_devices *d, struct esp_site *s, size_t inner_mtu)
{
	uint32_t mtu = inner_mtu < MTU_MIN ? MTU_MIN : (uint32_t)inner_mtu;
	struct err_msg e = {.text = ""};

	if (s->lost || s->mtu == mtu)
		return;
	s->mtu = mtu;
	if (rtnl_link_mtu(d->netlink, s->ifindex, mtu, &e) != 0)
		log_line(d->log, LOG_LVL_WARNING, LOG_ESP, "device ips%u: MTU %u: %s", s->index,
			 mtu, e.text);
}

void esp_device_delete(struct esp_devices *d, const struct esp_site *s)
{
	struct err_msg e = {.text = ""};
	char name[DP_DEVICE_MAX];

	(void)snprintf(name, sizeof(name), "ips%u", s->index);
	keeper_drop(d->callbacks.keeper, name);
	if (s->lost)
		return; /* its number may be somebody else's now */
	if (rtnl_link_delete(d->netlink, s->ifindex, &e) != 0)
		log_line(d->log, LOG_LVL_WARNING, LOG_ESP, "device ips%u: %s", s->index, e.text);
}

struct esp_devices *esp_devices_new(struct loop *loop, const struct log *log,
				    const struct esp_device_callbacks *callbacks, struct err_msg *e)
{
	static const unsigned groups[] = {RTNLGRP_LINK};
	struct esp_devices *d = mem_zalloc(sizeof(*d));
	struct netlink_watch_callbacks watch = {.arg = d,
						.on_message = on_link,
						.on_lost = on_lost_messages};

	d->loop = loop;
	d->log = log;
	d->callbacks = *callbacks;
	d->timer = (struct loop_timer){.fn = on_timer, .arg = d};
	list_init(&d->trouble);
	d->netlink = netlink_open(NETLINK_ROUTE, e);
	if (d->netlink != NULL)
		d->watch = netlink_watch_open(loop, NETLINK_ROUTE, groups, ARRAY_LEN(groups),
					      &watch, e);
	if (d->watch == NULL) {
		esp_devices_free(d);
		return NULL;
	}
	return d;
}

void esp_devices_free(struct esp_devices *d)
{
	if (d == NULL)
		return;
	loop_timer_cancel(d->loop, &d->timer);
	netlink_watch_close(d->watch);
	netlink_close(d->netlink);
	free(d);
}
