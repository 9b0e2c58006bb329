/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Path MTU: each Child SA's path is looked at in turn.  Never believes a packet: the kernel has
 * checked what it learned, and forgets it when it is old (RFC 1191 section 6.3).
 */
#include "dataplane/esp/pmtu.h"

#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/loop.h"
#include "platform/os/path_mtu.h"

#include <stdlib.h>

#define EVERY_MS 1000
#define AT_ONCE	 512 /* Child SAs; a look takes some microseconds */

struct esp_pmtu {
	struct loop *loop;
	const struct log *log;
	struct map *children;
	struct grace *grace;
	struct esp_devices *devices;
	struct loop_timer timer;
	uint32_t last; /* Child SA that was looked at last */
};

/* The least of all tunnels that may send; 0: none may. */
static size_t inner_mtu_of(const struct esp_site *s)
{
	const struct list *node;
	size_t least = 0;

	for (node = s->children.next; node != &s->children; node = node->next) {
		const struct esp_child *c = container_of(node, struct esp_child, of_site);
		const struct esp_path *path = atomic_load(&c->path);

		if (atomic_load(&c->outbound) && (least == 0 || path->inner_mtu < least))
			least = path->inner_mtu;
	}
	return least;
}

static void replace(struct esp_pmtu *p, struct esp_child *c, uint32_t mtu)
{
	const struct esp_path *old = atomic_load(&c->path);
	struct esp_path *new = esp_path_new(&old->local, &old->remote, !esp_way_is_raw(old->way),
					    &c->transform, mtu);
	char text[IP_TEXT_MAX];

	log_line(p->log, LOG_LVL_NOTICE, LOG_ESP,
		 "ips%u: the path to %s takes %u octets: inner MTU %zu", c->site->index,
		 ip_addr_text(&old->remote.addr, text, sizeof(text)), mtu, new->inner_mtu);
	esp_path_retire(p->grace, atomic_exchange(&c->path, new));
}

void esp_pmtu_look(struct esp_pmtu *p, struct esp_child *c)
{
	const struct esp_path *path = atomic_load(&c->path);
	size_t inner;
	uint32_t mtu;

	/* More than Ethernet takes is no promise for a whole path. */
	if (path_mtu(&path->local.addr, &path->remote.addr, &mtu) == 0) {
		mtu = mtu < ESP_PATH_MTU ? mtu : ESP_PATH_MTU;
		if (mtu != path->mtu)
			replace(p, c, mtu);
	}
	inner = inner_mtu_of(c->site);
	if (inner != 0)
		esp_device_mtu(p->devices, c->site, inner);
}

static struct list *next_of(struct esp_pmtu *p)
{
	struct map_node *n = map_find(p->children, &p->last, sizeof(p->last));
	struct list *next = n == NULL ? p->children->order.next : n->order.next;

	return next == &p->children->order ? next->next : next;
}

static void on_timer(void *arg)
{
	struct esp_pmtu *p = arg;
	size_t count = p->children->count < AT_ONCE ? p->children->count : AT_ONCE;

	for (size_t i = 0; i < count; i++) {
		struct map_node *n = container_of(next_of(p), struct map_node, order);
		struct esp_child *c = container_of(n, struct esp_child, by_id);

		p->last = c->id;
		esp_pmtu_look(p, c);
	}
	loop_timer_set(p->loop, &p->timer, loop_now_ms(p->loop) + EVERY_MS);
}

struct esp_pmtu *esp_pmtu_new(struct loop *loop, const struct log *log, struct map *children,
			      struct grace *grace, struct esp_devices *devices)
{
	struct esp_pmtu *p = mem_zalloc(sizeof(*p));

	p->loop = loop;
	p->log = log;
	p->children = children;
	p->grace = grace;
	p->devices = devices;
	p->timer = (struct loop_timer){.fn = on_timer, .arg = p};
	loop_timer_set(loop, &p->timer, loop_now_ms(loop) + EVERY_MS);
	return p;
}

void esp_pmtu_free(struct esp_pmtu *p)
{
	if (p == NULL)
		return;
	loop_timer_cancel(p->loop, &p->timer);
	free(p);
}
