/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The userspace backend of dataplane.h: owns devices, Child SAs and the workers on behalf of the
 * main thread, and passes on what the workers report.  Never touches a packet.
 */
#include "dataplane/esp/userspace.h"

#include "dataplane/esp/child_store.h"
#include "dataplane/esp/crew.h"
#include "dataplane/esp/device.h"
#include "dataplane/esp/pmtu.h"
#include "dataplane/esp/stat_store.h"
#include "dataplane/esp/steer.h"
#include "platform/base/log.h"
#include "platform/base/mem.h"
#include "platform/os/keeper.h"
#include "platform/os/loop.h"
#include "platform/os/raw.h"
#include "platform/os/rng.h"
#include "platform/os/tun.h"
#include "platform/os/udp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECLAIM_MS   50
#define IKE_PER_TURN 64 /* IKE messages handed over before others get their turn */

struct userspace {
	struct dataplane base;
	struct dp_ops ops;     /* with the features that there are */
	struct loop *loop;     /* borrowed */
	const struct log *log; /* borrowed */
	struct dp_callbacks callbacks;
	struct esp_devices *devices;
	struct esp_pmtu *pmtu;
	int too_big; /* socket that makes the kernel heed ICMPv6 about raw ESP; -1: none */
	struct esp_engine *engine; /* makes ciphers */
	struct keeper *keeper;	   /* borrowed; NULL: nothing outlives us */
	struct esp_child_store *store;
	struct esp_shared shared;
	struct esp_crew *crew;
	struct map sites;    /* struct esp_site */
	struct map children; /* struct esp_child */
	struct loop_timer reclaim;
	uint8_t *ike; /* one IKE message */
};

static struct userspace *userspace_of(struct dataplane *dp)
{
	return (struct userspace *)(void *)dp;
}

static struct esp_site *find_site(struct userspace *u, uint32_t index)
{
	struct map_node *n = map_find(&u->sites, &index, sizeof(index));

	return n == NULL ? NULL : container_of(n, struct esp_site, by_index);
}

static struct esp_child *find_child(struct userspace *u, uint32_t id)
{
	struct map_node *n = map_find(&u->children, &id, sizeof(id));

	return n == NULL ? NULL : container_of(n, struct esp_child, by_id);
}

/* ---- Reports of the workers ------------------------------------------------------------------ */

static void deliver_child_event(struct userspace *u, const struct esp_event *ev)
{
	const struct dp_callbacks *cb = &u->callbacks;

	if (find_child(u, ev->id) == NULL)
		return; /* it went while the event was on its way */
	if (ev->type == ESP_EVENT_USED)
		cb->on_used(cb->arg, ev->id);
	else if (ev->type == ESP_EVENT_MOVED)
		cb->on_moved(cb->arg, ev->id, &ev->remote);
	else
		cb->on_broken(cb->arg, ev->id);
}

static void deliver_event(struct userspace *u, const struct esp_event *ev)
{
	switch (ev->type) {
	case ESP_EVENT_USED:
	case ESP_EVENT_MOVED:
	case ESP_EVENT_BROKEN:
		deliver_child_event(u, ev);
		break;
	case ESP_EVENT_ACQUIRE:
		if (find_site(u, ev->id) != NULL)
			u->callbacks.on_acquire(u->callbacks.arg, ev->id);
		break;
	case ESP_EVENT_DEVICE_GONE:
		if (find_site(u, ev->id) != NULL)
			esp_device_lost(u->devices, find_site(u, ev->id));
		break;
	}
}

static void on_notify(void *arg, int fd, unsigned events)
{
	struct userspace *u = arg;
	uint64_t again = 1, count;
	struct esp_event ev;
	struct esp_ike_head head;
	size_t len;

	(void)events;
	if (read(fd, &count, sizeof(count)) < 0)
		return;
	while (esp_crew_event(u->crew, &ev))
		deliver_event(u, &ev);
	for (int i = 0; i < IKE_PER_TURN; i++) {
		if (!esp_crew_ike(u->crew, &head, u->ike, UDP_DATAGRAM_MAX, &len))
			return;
		u->callbacks.on_ike(u->callbacks.arg, &head.local, &head.remote,
				    view_of(u->ike, len));
	}
	if (write(fd, &again, sizeof(again)) < 0)
		log_line(u->log, LOG_LVL_ERROR, LOG_ESP, "eventfd: errno %d", errno);
}

static void reclaim(void *arg)
{
	struct userspace *u = arg;

	if (!grace_reclaim(&u->shared.grace))
		loop_timer_set(u->loop, &u->reclaim, loop_now_ms(u->loop) + RECLAIM_MS);
}

/* ---- Child SAs ------------------------------------------------------------------------------- */

static int check_install(struct userspace *u, uint8_t slot, const struct ip_endpoint *remote,
			 bool udp_encap, struct err_msg *e)
{
	uint8_t family = remote->addr.family;
	const int *out = u->shared.out;

	if (slot < 1 || slot > DP_SLOTS)
		return err_set(e, ERR_RANGE, "slot %u: allowed are 1 to %d", slot, DP_SLOTS);
	if (family != IP_V4 && family != IP_V6)
		return err_set(e, ERR_INVALID, "Child SA without the peer's address");
	if (udp_encap && out[family == IP_V4 ? ESP_UDP_V4 : ESP_UDP_V6] < 0)
		return err_set(e, ERR_UNSUPPORTED, "no IPv%u socket on port 4500", family);
	if (!udp_encap && out[family == IP_V4 ? ESP_RAW_V4 : ESP_RAW_V6] < 0)
		return err_set(e, ERR_UNSUPPORTED,
			       "ESP in IPv%u needs UDP encapsulation here: no raw socket", family);
	return 0;
}

static void unlink_child(struct userspace *u, struct esp_child *c)
{
	map_remove(&u->children, &c->by_id);
	list_remove(&c->of_site);
	esp_spi_table_remove(u->shared.spis, c);
}

static int add_child(struct userspace *u, struct esp_site *s, uint8_t slot,
		     const struct ike_child_install *install, struct err_msg *e)
{
	struct esp_child *c;
	int rc;

	if (find_child(u, install->child) != NULL)
		return err_set(e, ERR_EXISTS, "Child SA %u is already there", install->child);
	rc = esp_child_new(u->engine, esp_crew_receivers(u->crew), install, slot, s, &c, e);
	if (rc != 0)
		return rc;
	if (esp_spi_table_add(u->shared.spis, c, &u->shared.grace) != 0) {
		esp_child_retire(&u->shared.grace, c);
		return err_set(e, ERR_EXISTS, "SPI 0x%08x is already in use", install->spi_in);
	}
	(void)map_insert(&u->children, &c->by_id, &c->id, sizeof(c->id));
	list_append(&s->children, &c->of_site);
	esp_site_publish(s, &u->shared.grace);
	esp_pmtu_look(u->pmtu, c);
	return 0;
}

static int userspace_child_add(struct dataplane *dp, uint32_t site, uint8_t slot,
			       struct ike_child_install *install, struct err_msg *e)
{
	struct userspace *u = userspace_of(dp);
	struct esp_site *s = find_site(u, site);
	int rc;

	if (s == NULL)
		rc = err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	else
		rc = check_install(u, slot, &install->remote, install->udp_encap, e);
	if (rc == 0)
		rc = add_child(u, s, slot, install, e);
	secret_clear(&install->encr_in);
	secret_clear(&install->integ_in);
	secret_clear(&install->encr_out);
	secret_clear(&install->integ_out);
	reclaim(u);
	return rc;
}

/* Before all others for its networks, as if it were the newest. */
static void send_on(struct userspace *u, struct esp_child *c)
{
	atomic_store(&c->outbound, true);
	list_remove(&c->of_site);
	list_append(&c->site->children, &c->of_site);
	esp_site_publish(c->site, &u->shared.grace);
}

static int userspace_child_update(struct dataplane *dp, const struct ike_child_update *update,
				  struct err_msg *e)
{
	struct userspace *u = userspace_of(dp);
	struct esp_child *c = find_child(u, update->child);
	struct esp_path *old;
	int rc;

	if (c == NULL)
		return err_set(e, ERR_NOT_FOUND, "Child SA %u is not there", update->child);
	rc = check_install(u, c->slot, &update->remote, update->udp_encap, e);
	if (rc != 0)
		return rc;
	old = atomic_exchange(&c->path,
			      esp_path_new(&update->local, &update->remote, update->udp_encap,
					   &c->transform, ESP_PATH_MTU));
	esp_path_retire(&u->shared.grace, old);
	if (update->outbound_now)
		send_on(u, c);
	esp_pmtu_look(u->pmtu, c);
	reclaim(u);
	return 0;
}

static void userspace_child_remove(struct dataplane *dp, uint32_t child)
{
	struct userspace *u = userspace_of(dp);
	struct esp_child *c = find_child(u, child);

	if (c == NULL)
		return;
	unlink_child(u, c);
	esp_site_publish(c->site, &u->shared.grace);
	esp_child_retire(&u->shared.grace, c);
	reclaim(u);
}

static int userspace_child_counters(struct dataplane *dp, uint32_t child,
				    struct dp_child_counters *out)
{
	const struct esp_child *c = find_child(userspace_of(dp), child);

	if (c == NULL)
		return ERR_NOT_FOUND;
	*out = (struct dp_child_counters){
		.rx_packets = esp_counter_get(&c->rx_packets),
		.rx_bytes = esp_counter_get(&c->rx_bytes),
		.tx_packets = esp_counter_get(&c->tx_packets),
		.tx_bytes = esp_counter_get(&c->tx_bytes),
		.rx_last_ms = esp_counter_get(&c->rx_last_ms),
		.tx_last_ms = esp_counter_get(&c->tx_last_ms),
		.replay_drops = esp_counter_get(&c->replay_drops),
		.auth_drops = esp_counter_get(&c->auth_drops),
		.selector_drops = esp_counter_get(&c->selector_drops),
		.malformed_drops = esp_counter_get(&c->malformed_drops),
		.tx_sequence = esp_counter_get(&c->tx_sequence),
		.rx_sequence = esp_replay_top(&c->replay),
	};
	return 0;
}

/* ---- Sites ----------------------------------------------------------------------------------- */

static int userspace_site_add(struct dataplane *dp, uint32_t site, struct err_msg *e)
{
	struct userspace *u = userspace_of(dp);
	struct esp_site *s;
	int fd, rc, ifindex = 0;
	bool udp = false;

	if (site < 1 || site > ESP_SITE_MAX)
		return err_set(e, ERR_RANGE, "site %u: allowed are 1 to %d", site, ESP_SITE_MAX);
	if (find_site(u, site) != NULL)
		return err_set(e, ERR_EXISTS, "device ips%u is already there", site);
	fd = esp_device_open(u->devices, site, ESP_DEVICE_MTU, &ifindex, &udp, e);
	if (fd < 0)
		return fd;
	s = esp_site_new(site, fd, ifindex, udp);
	s->mtu = ESP_DEVICE_MTU;
	s->store = u->store;
	esp_site_publish(s, &u->shared.grace);
	(void)map_insert(&u->sites, &s->by_index, &s->index, sizeof(s->index));
	atomic_store(&u->shared.sites[site], s);
	rc = esp_crew_watch(u->crew, s, e);
	if (rc != 0)
		dp->ops->site_remove(dp, site);
	return rc;
}

static void retire_children(struct userspace *u, struct esp_site *s)
{
	struct list *node, *after;

	list_for_each(node, after, &s->children)
	{
		struct esp_child *c = container_of(node, struct esp_child, of_site);

		unlink_child(u, c);
		esp_child_retire(&u->shared.grace, c);
	}
}

static void userspace_site_remove(struct dataplane *dp, uint32_t site)
{
	struct userspace *u = userspace_of(dp);
	struct esp_site *s = find_site(u, site);

	if (s == NULL)
		return;
	list_remove(&s->trouble);
	esp_crew_unwatch(u->crew, s);
	atomic_store(&u->shared.sites[site], NULL);
	map_remove(&u->sites, &s->by_index);
	retire_children(u, s);
	/* The descriptor lives until the end of the grace period, the device must not: the same
	 * index may be added again at once. */
	esp_device_delete(u->devices, s);
	esp_site_retire(&u->shared.grace, s);
	reclaim(u);
}

static int userspace_site_carrier(struct dataplane *dp, uint32_t site, bool on, struct err_msg *e)
{
	struct esp_site *s = find_site(userspace_of(dp), site);

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	return tun_set_carrier(s->tun, on, e);
}

static int userspace_site_steer(struct dataplane *dp, uint32_t site,
				const struct dp_steering *steering, struct err_msg *e)
{
	struct userspace *u = userspace_of(dp);
	struct esp_site *s = find_site(u, site);

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	for (size_t i = 0; i < DP_BUCKETS; i++) {
		if (steering->bucket_slot[i] > DP_SLOTS)
			return err_set(e, ERR_RANGE, "site %u: bucket %zu: slots are 1 to %d", site,
				       i, DP_SLOTS);
	}
	s->wanted = *steering;
	esp_site_publish(s, &u->shared.grace);
	reclaim(u);
	return 0;
}

static int userspace_site_rules(struct dataplane *dp, uint32_t site, const struct dp_rule *rules,
				size_t count, struct err_msg *e)
{
	struct userspace *u = userspace_of(dp);
	struct esp_site *s = find_site(u, site);
	struct esp_rules *old;

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	old = s->rules;
	s->rules = count == 0 ? NULL : esp_rules_new(rules, count, old);
	esp_site_publish(s, &u->shared.grace);
	esp_rules_retire(&u->shared.grace, old);
	reclaim(u);
	return 0;
}

static int userspace_site_cap(struct dataplane *dp, uint32_t site, const uint32_t mbps[DP_SLOTS],
			      struct err_msg *e)
{
	struct userspace *u = userspace_of(dp);
	struct esp_site *s = find_site(u, site);
	const struct esp_mile *before;

	if (s == NULL)
		return err_set(e, ERR_NOT_FOUND, "site %u has no device", site);
	before = s->miles;
	for (uint8_t slot = 1; slot <= DP_SLOTS; slot++)
		esp_site_cap(s, slot, mbps[slot - 1]);
	if (s->miles != before) {
		esp_site_publish(s, &u->shared.grace);
		reclaim(u);
	}
	return 0;
}

static uint64_t userspace_rule_hits(struct dataplane *dp, uint32_t site, uint32_t number)
{
	const struct esp_site *s = find_site(userspace_of(dp), site);

	return s == NULL ? 0 : esp_rules_hits(s->rules, number);
}

static int userspace_site_ifindex(struct dataplane *dp, uint32_t site)
{
	struct esp_site *s = find_site(userspace_of(dp), site);

	return s == NULL ? ERR_NOT_FOUND : s->ifindex;
}

/* ---- The whole ------------------------------------------------------------------------------- */

static const char *userspace_counter(struct dataplane *dp, size_t index, uint64_t *value)
{
	struct userspace *u = userspace_of(dp);

	if (index >= ESP_STAT_COUNT)
		return NULL;
	*value = esp_crew_stat(u->crew, (enum esp_stat)index) +
		 esp_stat_store_past(u->shared.stats, (enum esp_stat)index);
	return esp_stat_name((enum esp_stat)index);
}

static void remove_all_sites(struct userspace *u)
{
	struct list *node, *after;

	list_for_each(node, after, &u->sites.order)
	{
		struct map_node *n = container_of(node, struct map_node, order);

		userspace_site_remove(&u->base, container_of(n, struct esp_site, by_index)->index);
	}
}

static void close_raw(struct userspace *u)
{
	for (unsigned way = ESP_RAW_V4; way <= ESP_RAW_V6; way++) {
		if (u->shared.out[way] >= 0)
			(void)close(u->shared.out[way]);
		u->shared.out[way] = -1;
	}
	if (u->too_big >= 0)
		(void)close(u->too_big);
	u->too_big = -1;
}

static void userspace_free(struct dataplane *dp)
{
	struct userspace *u = userspace_of(dp);

	if (u->crew != NULL)
		remove_all_sites(u);
	esp_crew_stop(u->crew);
	close_raw(u);
	loop_timer_cancel(u->loop, &u->reclaim);
	(void)grace_reclaim(&u->shared.grace); /* no reader is left: releases everything */
	if (u->shared.notify_fd >= 0) {
		loop_fd_remove(u->loop, u->shared.notify_fd);
		(void)close(u->shared.notify_fd);
	}
	esp_pmtu_free(u->pmtu);
	esp_devices_free(u->devices);
	map_clear(&u->sites);
	map_clear(&u->children);
	esp_spi_table_free(u->shared.spis);
	esp_child_store_free(u->store);
	esp_stat_store_free(u->shared.stats);
	esp_engine_free(u->engine);
	free(u->shared.sites);
	free(u->ike);
	free(u);
}

static void userspace_settled(struct dataplane *dp)
{
	esp_child_store_settled(userspace_of(dp)->store);
}

static const struct dp_ops userspace_ops = {
	.name = "userspace",
	.free = userspace_free,
	.site_add = userspace_site_add,
	.site_remove = userspace_site_remove,
	.site_carrier = userspace_site_carrier,
	.site_steer = userspace_site_steer,
	.site_ifindex = userspace_site_ifindex,
	.child_add = userspace_child_add,
	.child_update = userspace_child_update,
	.child_remove = userspace_child_remove,
	.child_counters = userspace_child_counters,
	.counter = userspace_counter,
	.features = DP_PINS | DP_RULES | DP_STICKY | DP_FASTER_IN_UDP | DP_CAPS,
	.site_rules = userspace_site_rules,
	.rule_hits = userspace_rule_hits,
	.site_cap = userspace_site_cap,
	.settled = userspace_settled,
};

/* The port is at the same place in the addresses of both families. */
static uint16_t own_port(int fd)
{
	struct sockaddr_in6 a = {.sin6_port = 0};
	socklen_t len = sizeof(a);

	if (fd < 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		return 0;
	return ntohs(a.sin6_port);
}

_Static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
	       "ports");

static struct esp_site *find_for_device(void *arg, uint32_t site)
{
	return find_site(arg, site);
}

static int read_device(void *arg, struct esp_site *s, struct err_msg *e)
{
	struct userspace *u = arg;

	return esp_crew_watch(u->crew, s, e);
}

static void on_device(void *arg, uint32_t site, const char *problem)
{
	struct userspace *u = arg;

	if (u->callbacks.on_device != NULL)
		u->callbacks.on_device(u->callbacks.arg, site, problem);
}

static int open_one_raw(struct userspace *u, enum ip_family family, struct err_msg *e)
{
	const char *name = family == IP_V4 ? "raw4" : "raw6";
	int fd = keeper_take(u->keeper, name);

	if (fd < 0)
		fd = raw_open_esp(family, e);
	if (fd >= 0)
		(void)keeper_put(u->keeper, name, fd, false);
	return fd;
}

/* Where they are not allowed, all ESP goes through UDP. */
static void open_raw(struct userspace *u)
{
	int *out = u->shared.out;
	struct err_msg e = {.text = ""};

	for (unsigned way = ESP_UDP_V4; way <= ESP_UDP_V6; way++) {
		int *raw = &out[way + (ESP_RAW_V4 - ESP_UDP_V4)];

		*raw = out[way] < 0 ? -1 : open_one_raw(u, esp_way_family((enum esp_way)way), &e);
		if (out[way] >= 0 && *raw < 0) {
			log_line(u->log, LOG_LVL_NOTICE, LOG_ESP, "%s: all ESP goes through UDP",
				 e.text);
			close_raw(u);
			return;
		}
	}
	u->ops.features |= DP_RAW_ESP;
	if (out[ESP_RAW_V6] >= 0)
		u->too_big = raw_open_esp_too_big(&e);
}

static int set_up(struct userspace *u, unsigned threads, struct err_msg *e)
{
	const struct esp_device_callbacks callbacks = {.arg = u,
						       .find = find_for_device,
						       .read = read_device,
						       .on_device = on_device,
						       .keeper = u->keeper};
	int rc = tun_probe(e);

	if (rc != 0)
		return rc;
	u->devices = esp_devices_new(u->loop, u->log, &callbacks, e);
	if (u->devices == NULL)
		return ERR_SYSTEM;
	u->pmtu = esp_pmtu_new(u->loop, u->log, &u->children, &u->shared.grace, u->devices);
	u->shared.notify_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (u->shared.notify_fd < 0)
		return err_sys(e, errno, "userspace ESP: eventfd");
	u->crew = esp_crew_start(&u->shared, threads, e);
	if (u->crew == NULL)
		return ERR_SYSTEM;
	rc = loop_fd_add(u->loop, u->shared.notify_fd, LOOP_READ, on_notify, u);
	return rc == 0 ? 0 : err_set(e, rc, "userspace ESP: event loop");
}

struct dataplane *dp_userspace_new(struct loop *loop, const struct dp_sockets *sockets,
				   const struct dp_callbacks *callbacks, const struct log *log,
				   struct err_msg *e)
{
	return esp_userspace_new(loop, sockets, callbacks, log, 0, e);
}

struct dataplane *esp_userspace_new(struct loop *loop, const struct dp_sockets *sockets,
				    const struct dp_callbacks *callbacks, const struct log *log,
				    unsigned threads, struct err_msg *e)
{
	struct userspace *u = mem_zalloc(sizeof(*u));
	uint8_t hash_key[16];

	u->ops = userspace_ops;
	u->base.ops = &u->ops;
	u->loop = loop;
	u->log = log;
	u->callbacks = *callbacks;
	u->reclaim.fn = reclaim;
	u->reclaim.arg = u;
	u->ike = mem_calloc(1, UDP_DATAGRAM_MAX);
	rng_bytes(hash_key, sizeof(hash_key));
	map_init(&u->sites, hash_key);
	map_init(&u->children, hash_key);
	grace_init(&u->shared.grace);
	u->shared.notify_fd = -1;
	u->too_big = -1;
	memset(u->shared.out, -1, sizeof(u->shared.out));
	u->engine = esp_engine_new(ESP_ENGINE_BEST);
	u->keeper = sockets->keeper;
	u->store = esp_child_store_new(sockets->keeper);
	u->shared.stats = esp_stat_store_new(sockets->keeper, ESP_WORKERS_MAX);
	u->shared.out[ESP_UDP_V4] = sockets->natt_v4;
	u->shared.out[ESP_UDP_V6] = sockets->natt_v6;
	open_raw(u);
	u->shared.port_v4 = own_port(sockets->natt_v4);
	u->shared.port_v6 = own_port(sockets->natt_v6);
	u->shared.spis = esp_spi_table_new();
	u->shared.sites = mem_calloc(ESP_SITE_MAX + 1, sizeof(u->shared.sites[0]));
	if (set_up(u, threads, e) != 0) {
		userspace_free(&u->base);
		return NULL;
	}
	return &u->base;
}
