/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See fake_engine.h. */
#include "tests/unit/dataplane/fake_engine.h"

#include "dataplane/net/nft.h"
#include "platform/base/mem.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake_engine fake;

struct ike_engine {
	int nothing;
};

struct ike_dh_job {
	bool done;
};

#define QUEUE_MAX 64

static struct {
	struct ike_action actions[QUEUE_MAX];
	size_t first, count;
	struct ike_child_install install;
	uint8_t payload[4];
} queue;

static struct ike_engine the_engine;

void fake_engine_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	memset(&queue, 0, sizeof(queue));
	fake.deadline_ms = UINT64_MAX;
}

static struct ike_action *put(enum ike_action_type type, uint32_t tunnel)
{
	struct ike_action *a;

	ck_assert_uint_lt(queue.count, QUEUE_MAX);
	a = &queue.actions[(queue.first + queue.count++) % QUEUE_MAX];
	memset(a, 0, sizeof(*a));
	a->type = type;
	a->tunnel = tunnel;
	return a;
}

void fake_up(uint32_t tunnel)
{
	fake.tunnels[tunnel].status.state = IKE_TUNNEL_UP;
	put(IKE_ACTION_UP, tunnel);
}

void fake_down(uint32_t tunnel, enum ike_reason r)
{
	fake.tunnels[tunnel].status.state = IKE_TUNNEL_DOWN;
	put(IKE_ACTION_DOWN, tunnel)->failure.reason = r;
}

void fake_event(uint32_t tunnel, enum ike_event ev, enum ike_reason r, const char *evidence)
{
	struct ike_action *a = put(IKE_ACTION_EVENT, tunnel);

	a->event = ev;
	a->failure.reason = r;
	snprintf(a->failure.evidence, sizeof(a->failure.evidence), "%s", evidence);
}

void fake_unknown_peer(const char *fqdn)
{
	struct ike_action *a = put(IKE_ACTION_EVENT, 0);

	a->event = IKE_EVENT_UNKNOWN_PEER;
	a->failure.reason = IKE_REASON_ID_MISMATCH;
	a->failure.remote = (struct ip_endpoint){ip_addr_v4(0xcb007107), 4500};
	ck_assert_int_eq(ike_id_parse(IKE_ID_FQDN, fqdn, &a->failure.id_seen), 0);
}

struct ip_endpoint fake_remote(uint32_t child)
{
	return (struct ip_endpoint){ip_addr_v4(0xcb007100 + child), 4500};
}

void fake_install(uint32_t tunnel, uint32_t child)
{
	put(IKE_ACTION_CHILD_INSTALL, tunnel)->update.child = child; /* number until taken */
}

void fake_update(uint32_t child)
{
	struct ike_action *a = put(IKE_ACTION_CHILD_UPDATE, 0);

	a->update.child = child;
	a->update.remote = fake_remote(child + 100);
}

void fake_delete(uint32_t child)
{
	put(IKE_ACTION_CHILD_DELETE, 0)->del.child = child;
}

void fake_dh(uint32_t tunnel)
{
	put(IKE_ACTION_DH, tunnel)->dh = mem_zalloc(sizeof(struct ike_dh_job));
}

void fake_source(uint32_t tunnel, const struct ip_addr *toward)
{
	put(IKE_ACTION_SOURCE, tunnel)->toward = *toward;
}

void fake_send(uint32_t tunnel, const struct ip_endpoint *remote, uint16_t local_port)
{
	struct ike_action *a = put(IKE_ACTION_SEND, tunnel);

	memcpy(queue.payload, "IKE!", 4);
	a->send.local.port = local_port;
	a->send.remote = *remote;
	a->send.payload = view_of(queue.payload, sizeof(queue.payload));
}

/* ---- The functions of the engine --------------------------------------------------------------
 */

struct ike_limits ike_limits_default(void)
{
	return (struct ike_limits){.max_ike_sas = 1};
}

struct ike_engine *ike_engine_new(const struct ike_limits *limits, const struct ike_random *random)
{
	uint8_t some[8] = {0};

	(void)limits;
	random->bytes(random->arg, some, sizeof(some));
	return &the_engine;
}

void ike_engine_free(struct ike_engine *e)
{
	(void)e;
}

static bool same_identity(const struct ike_tunnel *a, const struct ike_tunnel *b)
{
	return a->remote_id.type == b->remote_id.type && ike_id_equal(&a->remote_id, &b->remote_id);
}

int ike_engine_tunnel_set(struct ike_engine *e, uint64_t now_ms, const struct ike_tunnel *t,
			  uint32_t *conflict)
{
	struct fake_tunnel *f = &fake.tunnels[t->id];

	(void)e;
	(void)now_ms;
	ck_assert_uint_lt(t->id, FAKE_TUNNELS);
	for (uint32_t i = 1; i < FAKE_TUNNELS; i++) {
		if (i != t->id && fake.tunnels[i].used &&
		    same_identity(&fake.tunnels[i].profile, t)) {
			*conflict = i;
			return ERR_EXISTS;
		}
	}
	ck_assert_uint_gt(t->psk.len, 0);
	if (f->used && same_identity(&f->profile, t) && f->profile.rebuild_s == t->rebuild_s &&
	    f->profile.initiate == t->initiate)
		return 0;
	f->used = true;
	f->profile = *t;
	f->profile.psk = SECRET_NONE;
	f->sets++;
	return 0;
}

void ike_engine_tunnel_remove(struct ike_engine *e, uint64_t now_ms, uint32_t id)
{
	(void)e;
	(void)now_ms;
	if (!fake.tunnels[id].used)
		return;
	fake.tunnels[id].used = false;
	fake.tunnels[id].removes++;
	if (fake.tunnels[id].status.state == IKE_TUNNEL_UP)
		fake_down(id, IKE_REASON_CONFIG_CHANGED);
}

void ike_engine_source(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel,
		       const struct ip_addr *source)
{
	(void)e;
	(void)now_ms;
	fake.tunnels[tunnel].source = *source;
	fake.tunnels[tunnel].sources++;
}

void ike_engine_datagram(struct ike_engine *e, uint64_t now_ms, const struct ip_endpoint *local,
			 const struct ip_endpoint *remote, bool natt, struct view payload)
{
	(void)e;
	(void)now_ms;
	(void)remote;
	(void)payload;
	ck_assert_uint_eq(local->port, natt ? 4500 : 500);
	fake.datagrams++;
}

int ike_engine_command(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel, enum ike_command c)
{
	struct fake_tunnel *f = &fake.tunnels[tunnel];

	(void)e;
	(void)now_ms;
	if (!f->used)
		return ERR_NOT_FOUND;
	if (c == IKE_CMD_INITIATE && !f->profile.may_initiate)
		return ERR_WRONG_STATE;
	if ((c == IKE_CMD_REKEY_CHILD || c == IKE_CMD_REKEY_IKE) &&
	    f->status.state != IKE_TUNNEL_UP)
		return ERR_WRONG_STATE;
	f->last_command = c;
	f->commands++;
	f->status.admin_down = c == IKE_CMD_TERMINATE;
	return 0;
}

void ike_engine_child_traffic(struct ike_engine *e, uint64_t now_ms, uint32_t child,
			      uint64_t last_rx_ms)
{
	(void)e;
	ck_assert_uint_le(last_rx_ms, now_ms);
	fake.used_child = child;
	fake.traffic_ms = last_rx_ms;
}

void ike_engine_unreachable(struct ike_engine *e, uint64_t now_ms, const struct ip_endpoint *remote,
			    enum ike_cause cause, const char *text)
{
	(void)e;
	(void)now_ms;
	(void)remote;
	(void)cause;
	(void)text;
}

void ike_engine_child_moved(struct ike_engine *e, uint64_t now_ms, uint32_t child,
			    const struct ip_endpoint *remote)
{
	(void)e;
	(void)now_ms;
	(void)remote;
	fake.moved_child = child;
}

void ike_engine_child_refused(struct ike_engine *e, uint64_t now_ms, uint32_t child)
{
	ike_engine_child_broken(e, now_ms, child);
}

void ike_engine_child_broken(struct ike_engine *e, uint64_t now_ms, uint32_t child)
{
	(void)e;
	(void)now_ms;
	fake.broken = child;
}

/* Nothing is kept in these tests. */
int ike_engine_save_base(struct ike_engine *e, struct secret *out)
{
	(void)e;
	(void)out;
	return ERR_WRONG_STATE;
}

int ike_engine_save_tunnel(struct ike_engine *e, uint32_t id, struct secret *out)
{
	(void)e;
	(void)id;
	(void)out;
	return ERR_NOT_FOUND;
}

int ike_engine_restore(const struct ike_limits *limits, const struct ike_random *random,
		       uint64_t now_ms, struct view state, struct ike_engine **out)
{
	(void)limits;
	(void)random;
	(void)now_ms;
	(void)state;
	(void)out;
	return ERR_UNSUPPORTED;
}

uint32_t ike_engine_tunnel_at(const struct ike_engine *e, size_t index)
{
	(void)e;
	(void)index;
	return 0;
}

void ike_dh_job_run(struct ike_dh_job *job)
{
	job->done = true;
}

void ike_engine_dh_done(struct ike_engine *e, uint64_t now_ms, struct ike_dh_job *job)
{
	(void)e;
	(void)now_ms;
	ck_assert(job->done);
	free(job);
	fake.dh_done++;
}

void ike_dh_job_free(struct ike_dh_job *job)
{
	free(job);
}

void ike_engine_tick(struct ike_engine *e, uint64_t now_ms)
{
	(void)e;
	(void)now_ms;
}

uint64_t ike_engine_deadline(const struct ike_engine *e)
{
	(void)e;
	return fake.deadline_ms;
}

bool ike_engine_next_action(struct ike_engine *e, struct ike_action *out)
{
	(void)e;
	if (queue.count == 0)
		return false;
	*out = queue.actions[queue.first];
	queue.first = (queue.first + 1) % QUEUE_MAX;
	queue.count--;
	if (out->type == IKE_ACTION_CHILD_INSTALL) {
		uint32_t child = out->update.child;

		queue.install = (struct ike_child_install){.child = child, .outbound_now = true};
		queue.install.remote = fake_remote(child);
		out->install = &queue.install;
	}
	return true;
}

int ike_engine_tunnel_status(const struct ike_engine *e, uint32_t tunnel,
			     struct ike_tunnel_status *out)
{
	(void)e;
	if (tunnel >= FAKE_TUNNELS || !fake.tunnels[tunnel].used)
		return ERR_NOT_FOUND;
	*out = fake.tunnels[tunnel].status;
	return 0;
}

int ike_engine_pulse(const struct ike_engine *e, uint32_t tunnel, struct ike_pulse *out)
{
	(void)e;
	if (fake.tunnels[tunnel].status.state != IKE_TUNNEL_UP)
		return ERR_NOT_FOUND;
	*out = fake.tunnels[tunnel].pulse;
	return 0;
}

int ike_engine_probe(struct ike_engine *e, uint64_t now_ms, uint32_t tunnel)
{
	struct fake_tunnel *f = &fake.tunnels[tunnel];

	(void)e;
	if (f->status.state != IKE_TUNNEL_UP)
		return ERR_WRONG_STATE;
	f->probes++;
	if (f->pulse.asked_ms == 0)
		f->pulse.asked_ms = now_ms;
	return 0;
}

int ike_engine_child_status(const struct ike_engine *e, uint32_t tunnel, size_t index,
			    struct ike_child_status *out)
{
	(void)e;
	if (!fake.tunnels[tunnel].used || index > 0)
		return ERR_NOT_FOUND;
	memset(out, 0, sizeof(*out));
	out->child = 1;
	return 0;
}

const char *ike_engine_counter(const struct ike_engine *e, size_t index, uint64_t *value)
{
	(void)e;
	*value = 42;
	return index == 0 ? "engine_something" : NULL;
}

void ike_engine_set_qcd_secret(struct ike_engine *e, uint64_t now_ms, const struct secret *secret)
{
	(void)e;
	(void)now_ms;
	(void)secret;
}

void ike_engine_set_keylog(struct ike_engine *e, bool on)
{
	(void)e;
	(void)on;
}

/* ---- The data plane ----------------------------------------------------------------------------
 */

static struct fake_dp *fake_dp_of(struct dataplane *dp)
{
	return container_of(dp, struct fake_dp, base);
}

static void dp_free(struct dataplane *dp)
{
	for (size_t i = 0; i < FAKE_SITES; i++)
		ck_assert(!fake_dp_of(dp)->sites[i].there);
	for (size_t i = 0; i < FAKE_CHILDREN; i++)
		ck_assert(!fake_dp_of(dp)->children[i].there);
}

static int dp_site_add(struct dataplane *dp, uint32_t site, struct err_msg *e)
{
	if (fake_dp_of(dp)->fail_site_add)
		return err_set(e, ERR_SYSTEM, "no TUN today");
	ck_assert(!fake_dp_of(dp)->sites[site].there);
	memset(&fake_dp_of(dp)->sites[site], 0, sizeof(fake_dp_of(dp)->sites[site]));
	fake_dp_of(dp)->sites[site].there = true;
	return 0;
}

static void dp_site_remove(struct dataplane *dp, uint32_t site)
{
	ck_assert(fake_dp_of(dp)->sites[site].there);
	fake_dp_of(dp)->sites[site].there = false;
}

static int dp_site_carrier(struct dataplane *dp, uint32_t site, bool on, struct err_msg *e)
{
	(void)e;
	ck_assert(fake_dp_of(dp)->sites[site].there);
	fake_dp_of(dp)->sites[site].carrier = on;
	return 0;
}

static int dp_site_steer(struct dataplane *dp, uint32_t site, const struct dp_steering *s,
			 struct err_msg *e)
{
	(void)e;
	ck_assert(fake_dp_of(dp)->sites[site].there);
	fake_dp_of(dp)->sites[site].steering = *s;
	fake_dp_of(dp)->sites[site].steers++;
	return 0;
}

static int dp_site_ifindex(struct dataplane *dp, uint32_t site)
{
	ck_assert(fake_dp_of(dp)->sites[site].there);
	return 100 + (int)site;
}

static int dp_child_add(struct dataplane *dp, uint32_t site, uint8_t slot,
			struct ike_child_install *install, struct err_msg *e)
{
	ck_assert(fake_dp_of(dp)->sites[site].there);
	if (fake_dp_of(dp)->fail_child_add)
		return err_set(e, ERR_CRYPTO, "key refused");
	fake_dp_of(dp)->children[install->child].there = true;
	fake_dp_of(dp)->children[install->child].site = site;
	fake_dp_of(dp)->children[install->child].slot = slot;
	memset(&fake_dp_of(dp)->children[install->child].counters, 0,
	       sizeof(struct dp_child_counters));
	return 0;
}

static int dp_child_update(struct dataplane *dp, const struct ike_child_update *u,
			   struct err_msg *e)
{
	if (!fake_dp_of(dp)->children[u->child].there)
		return err_set(e, ERR_NOT_FOUND, "no such child");
	return 0;
}

static void dp_child_remove(struct dataplane *dp, uint32_t child)
{
	ck_assert(fake_dp_of(dp)->children[child].there);
	fake_dp_of(dp)->children[child].there = false;
}

static int dp_child_counters(struct dataplane *dp, uint32_t child, struct dp_child_counters *out)
{
	if (!fake_dp_of(dp)->children[child].there)
		return ERR_NOT_FOUND;
	*out = fake_dp_of(dp)->children[child].counters;
	return 0;
}

static const char *dp_counter(struct dataplane *dp, size_t index, uint64_t *value)
{
	(void)dp;
	*value = 43;
	return index == 0 ? "dp_something" : NULL;
}

unsigned fake_dp_features;

static int dp_site_rules(struct dataplane *dp, uint32_t site, const struct dp_rule *rules,
			 size_t count, struct err_msg *e)
{
	(void)e;
	ck_assert(fake_dp_of(dp)->sites[site].there);
	fake_dp_of(dp)->sites[site].rules = count;
	fake_dp_of(dp)->sites[site].rule_slot = count == 0 ? 0 : rules[0].slot;
	fake_dp_of(dp)->sites[site].rule_band = count == 0 ? 0 : rules[0].band;
	return 0;
}

static uint64_t dp_rule_hits(struct dataplane *dp, uint32_t site, uint32_t number)
{
	(void)dp;
	return site * 100 + number;
}

static int dp_site_cap(struct dataplane *dp, uint32_t site, const uint32_t mbps[DP_SLOTS],
		       struct err_msg *e)
{
	(void)e;
	ck_assert(fake_dp_of(dp)->sites[site].there);
	memcpy(fake_dp_of(dp)->sites[site].caps, mbps, sizeof(fake_dp_of(dp)->sites[site].caps));
	return 0;
}

static struct dp_ops dp_ops = {
	.name = "fake",
	.site_rules = dp_site_rules,
	.rule_hits = dp_rule_hits,
	.site_cap = dp_site_cap,
	.free = dp_free,
	.site_add = dp_site_add,
	.site_remove = dp_site_remove,
	.site_carrier = dp_site_carrier,
	.site_steer = dp_site_steer,
	.site_ifindex = dp_site_ifindex,
	.child_add = dp_child_add,
	.child_update = dp_child_update,
	.child_remove = dp_child_remove,
	.child_counters = dp_child_counters,
	.counter = dp_counter,
};

struct dataplane *fake_dp_new(void *arg, struct loop *loop, const struct dp_sockets *sockets,
			      const struct dp_callbacks *callbacks, const struct log *log,
			      struct err_msg *e)
{
	struct fake_dp *dp = arg;

	(void)loop;
	(void)log;
	(void)e;
	ck_assert_int_ge(sockets->natt_v4, 0);
	memset(dp, 0, sizeof(*dp));
	dp_ops.features = fake_dp_features;
	dp->base.ops = &dp_ops;
	dp->callbacks = *callbacks;
	return &dp->base;
}

/* ---- The kernel --------------------------------------------------------------------------------
 */

static struct fake_net *fake_net_of(struct net *n)
{
	return container_of(n, struct fake_net, base);
}

static void net_free(struct net *n)
{
	ck_assert_uint_eq(fake_net_of(n)->route_count, 0);
}

static int net_link_prepare(struct net *n, int ifindex, struct err_msg *e)
{
	(void)n;
	(void)e;
	ck_assert_int_gt(ifindex, 100);
	return 0;
}

static int net_links_delete(struct net *n, struct err_msg *e)
{
	(void)n;
	(void)e;
	return 0;
}

static int net_address_add(struct net *n, int ifindex, const struct ip_addr *local,
			   const struct ip_addr *peer, struct err_msg *e)
{
	(void)e;
	ck_assert_int_gt(ifindex, 100);
	ck_assert(ip_addr_is_set(local) && ip_addr_is_set(peer));
	fake_net_of(n)->addresses++;
	return 0;
}

static int net_address_delete(struct net *n, int ifindex, const struct ip_addr *local,
			      const struct ip_addr *peer, struct err_msg *e)
{
	(void)e;
	ck_assert_int_gt(ifindex, 100);
	ck_assert(ip_addr_is_set(local) && ip_addr_is_set(peer));
	fake_net_of(n)->addresses--;
	return 0;
}

static int net_shape_set(struct net *n, int ifindex, bool fresh, const struct net_shape *s,
			 struct err_msg *e)
{
	struct fake_net *f = fake_net_of(n);

	(void)e;
	ck_assert_int_gt(ifindex, 100);
	ck_assert(fresh == (f->shapes == 0));
	f->shape = *s;
	f->shapes++;
	return 0;
}

static int net_steer_open(struct net *n, const struct nft_options *o, struct err_msg *e)
{
	(void)e;
	fake_net_of(n)->by_mark = o->steering;
	return 0;
}

static void net_peer_hold(struct net *n, const struct ip_addr *peer)
{
	struct fake_net *f = fake_net_of(n);

	ck_assert(ip_addr_is_set(peer));
	f->peer = *peer;
	f->peers++;
}

static void net_peer_drop(struct net *n, const struct ip_addr *peer)
{
	(void)peer;
	ck_assert_uint_gt(fake_net_of(n)->peers, 0);
	fake_net_of(n)->peers--;
}

static uint64_t net_strangers_dropped(struct net *n)
{
	(void)n;
	return 0;
}

static void net_steer_site(struct net *n, uint32_t site, int ifindex, const struct dp_steering *s,
			   const struct dp_rule *rules, size_t count)
{
	struct fake_net *f = fake_net_of(n);

	ck_assert(f->by_mark);
	ck_assert_int_eq(ifindex, 100 + (int)site);
	f->steering = *s;
	f->steer_rule = count == 0 ? (struct dp_rule){.number = 0} : rules[0];
	f->steered = site;
}

static void net_steer_forget(struct net *n, uint32_t site)
{
	ck_assert_uint_eq(fake_net_of(n)->steered, site);
	fake_net_of(n)->steered = 0;
}

static void net_steer_rules(struct net *n, const struct dp_rule *rules, size_t count)
{
	(void)rules;
	fake_net_of(n)->steer_rules = count;
}

static void net_classes(struct net *n, const struct net_class *classes, size_t count)
{
	struct fake_net *f = fake_net_of(n);

	f->class = count == 0 ? (struct net_class){.site = 0} : classes[0];
	f->classes = count;
}

static void net_accounts(struct net *n, const struct net_account *sites, size_t count,
			 const struct net_reach *reach, size_t reach_count)
{
	struct fake_net *f = fake_net_of(n);

	f->accounts = count;
	f->account = count == 0 ? (struct net_account){.site = 0} : sites[count - 1];
	f->reach = reach_count;
	f->reach_last = reach_count == 0 ? (struct net_reach){.a = 0} : reach[reach_count - 1];
}

static void net_clear_df(struct net *n, const uint32_t *sites, size_t count)
{
	struct fake_net *f = fake_net_of(n);

	f->df_sites = count;
	f->df_site = count == 0 ? 0 : sites[count - 1];
}

static int net_tables(struct net *n, const uint32_t *numbers, size_t count, struct err_msg *e)
{
	struct fake_net *f = fake_net_of(n);

	(void)e;
	f->table_count = count;
	f->table_last = count == 0 ? 0 : numbers[count - 1];
	return 0;
}

static uint32_t net_table_id(uint32_t number)
{
	return 100 + number;
}

static int net_can_separate(struct net *n, struct err_msg *e)
{
	return fake_net_of(n)->no_tables ? err_set(e, ERR_UNSUPPORTED, "no policy rules") : 0;
}

static int net_services(struct net *n, const struct ip_addr *list, size_t count, struct err_msg *e)
{
	struct fake_net *f = fake_net_of(n);

	if (f->fail_routes)
		return err_set(e, ERR_SYSTEM, "address 10.x: no");
	f->services = count;
	f->service = count == 0 ? (struct ip_addr){.family = IP_NONE} : list[0];
	return 0;
}

static int net_steer_commit(struct net *n, struct err_msg *e)
{
	(void)n;
	(void)e;
	return 0;
}

static bool net_steer_audit(struct net *n)
{
	(void)n;
	return true;
}

static uint64_t net_rule_hits(struct net *n, uint32_t number)
{
	(void)n;
	return number + 1000;
}

static struct net_route *find_route(struct fake_net *n, const struct net_route *r)
{
	for (size_t i = 0; i < n->route_count; i++) {
		if (ip_prefix_equal(&n->routes[i].dst, &r->dst) && n->routes[i].table == r->table)
			return &n->routes[i];
	}
	return NULL;
}

static int net_route_add(struct net *n, const struct net_route *r, struct err_msg *e)
{
	struct fake_net *f = fake_net_of(n);
	struct net_route *found = find_route(f, r);

	f->calls++;
	if (f->fail_routes)
		return err_set(e, ERR_SYSTEM, "route 10.x: no");
	ck_assert_uint_lt(f->route_count, FAKE_ROUTES);
	if (found == NULL)
		found = &f->routes[f->route_count++];
	*found = *r;
	return 0;
}

static int net_route_delete(struct net *n, const struct net_route *r, struct err_msg *e)
{
	struct fake_net *f = fake_net_of(n);
	struct net_route *found = find_route(f, r);

	f->calls++;
	if (f->fail_routes)
		return err_set(e, ERR_SYSTEM, "route 10.x: no");
	ck_assert_ptr_nonnull(found);
	ck_assert_int_eq(found->ifindex, r->ifindex);
	*found = f->routes[--f->route_count];
	return 0;
}

static int net_route_dump(struct net *n, void (*fn)(void *arg, const struct net_route *r),
			  void *arg, struct err_msg *e)
{
	struct fake_net copy = *fake_net_of(n);

	(void)e;
	for (size_t i = 0; i < copy.route_count; i++)
		fn(arg, &copy.routes[i]);
	return 0;
}

static bool net_owns_address(struct net *n, const struct ip_addr *a)
{
	(void)n;
	return a->family == IP_V4 && a->bytes[0] == 192;
}

static int net_source_for(struct net *n, const struct ip_addr *dst, struct ip_addr *source,
			  struct err_msg *e)
{
	struct fake_net *f = fake_net_of(n);

	ck_assert(ip_addr_is_set(dst));
	f->lookups++;
	if (!ip_addr_is_set(&f->source))
		return err_set(e, ERR_NOT_FOUND, "no route");
	*source = f->source;
	return 0;
}

static int net_watch(struct net *n, struct loop *loop, void (*changed)(void *arg), void *arg,
		     struct err_msg *e)
{
	(void)loop;
	(void)e;
	fake_net_of(n)->changed = changed;
	fake_net_of(n)->arg = arg;
	return 0;
}

static int net_forward(struct net *n, const struct log *log, struct err_msg *e)
{
	(void)n;
	(void)log;
	(void)e;
	return 0;
}

static void net_clean(struct net *n, bool (*stays)(void *arg, uint32_t site), void *arg,
		      const struct log *log)
{
	(void)stays;
	(void)arg;
	(void)log;
	fake_net_of(n)->cleans++;
}

static const struct net_ops net_ops = {
	.free = net_free,
	.link_prepare = net_link_prepare,
	.links_delete = net_links_delete,
	.address_add = net_address_add,
	.address_delete = net_address_delete,
	.shape = net_shape_set,
	.steer_open = net_steer_open,
	.steer_site = net_steer_site,
	.steer_forget = net_steer_forget,
	.peer_hold = net_peer_hold,
	.peer_drop = net_peer_drop,
	.strangers_dropped = net_strangers_dropped,
	.steer_rules = net_steer_rules,
	.classes = net_classes,
	.accounts = net_accounts,
	.clear_df = net_clear_df,
	.tables = net_tables,
	.table_id = net_table_id,
	.can_separate = net_can_separate,
	.services = net_services,
	.steer_commit = net_steer_commit,
	.steer_audit = net_steer_audit,
	.rule_hits = net_rule_hits,
	.route_add = net_route_add,
	.route_delete = net_route_delete,
	.route_dump = net_route_dump,
	.owns_address = net_owns_address,
	.source_for = net_source_for,
	.watch = net_watch,
	.forward = net_forward,
	.clean = net_clean,
};

void fake_net_init(struct fake_net *n)
{
	memset(n, 0, sizeof(*n));
	n->base.ops = &net_ops;
}

static int compare_routes(const void *a, const void *b)
{
	const struct net_route *x = a;
	const struct net_route *y = b;

	return ip_addr_compare(&x->dst.addr, &y->dst.addr);
}

const char *fake_net_text(const struct fake_net *n, char buf[512])
{
	struct net_route sorted[FAKE_ROUTES];
	char one[IP_TEXT_MAX];
	size_t at = 0;

	memcpy(sorted, n->routes, sizeof(sorted));
	qsort(sorted, n->route_count, sizeof(sorted[0]), compare_routes);
	buf[0] = '\0';
	for (size_t i = 0; i < n->route_count; i++)
		at += (size_t)snprintf(buf + at, 512 - at, "%s%s@%d", i == 0 ? "" : " ",
				       ip_prefix_text(&sorted[i].dst, one, sizeof(one)),
				       sorted[i].ifindex - 100);
	return buf;
}

void ike_engine_set_trace(struct ike_engine *e, unsigned kinds)
{
	(void)e;
	(void)kinds;
}

size_t ike_engine_steps(const struct ike_engine *e, uint32_t tunnel, struct ike_step *out,
			size_t max)
{
	(void)e;
	(void)tunnel;
	(void)out;
	(void)max;
	return 0;
}
