/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gateway: start, stop, and the way in for configuration.  What it opens, it closes in reverse
 * order; on the way down the peers are told and nothing of ours stays in the kernel.
 */
#include "dataplane/site/gateway.h"

#include "dataplane/net/nft.h"
#include "dataplane/site/bgp_state.h"
#include "dataplane/site/crash_secret.h"
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/keep.h"
#include "dataplane/site/name_book.h"
#include "platform/base/mem.h"
#include "platform/os/keeper.h"
#include "platform/os/rng.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 10,000 sites with six tunnels each, and as many again while they are rekeyed. */
#define MAX_IKE_SAS 131072

static void random_bytes(void *arg, void *buf, size_t len)
{
	(void)arg;
	rng_bytes(buf, len);
}

static void route_error(void *arg, uint32_t site, const char *text)
{
	struct gateway *g = arg;

	gateway_dp_error(g, gateway_site_by_index(g, site), 0, "route", text);
}

static void release(struct gateway *g)
{
	bgp_free(g->bgp);
	gateway_names_free(g);
	gateway_publish_free(g);
	name_book_free(g->book);
	if (g->dp != NULL)
		g->dp->ops->free(g->dp);
	if (g->net != NULL)
		g->net->ops->free(g->net);
	gateway_news_stop(g);
	gateway_sockets_close(g);
	gateway_echo_close(g);
	taken_free(g);
	keep_stop(g);
	net_rules_clear(&g->rules);
	pops_clear(&g->pops);
	free(g->reach);
	free(g->tables);
	free(g->vpn_users);
	gateway_capture_stop(g);
	ike_engine_free(g->engine);
	map_clear(&g->tunnels);
	map_clear(&g->children);
	routes_clear(&g->routes);
	free(g->sites);
	free(g->by_index);
	free(g);
}

static struct ike_limits limits_of_gateway(void)
{
	struct ike_limits limits = ike_limits_default();

	limits.max_ike_sas = MAX_IKE_SAS;
	return limits;
}

static struct gateway *allocate(struct loop *loop, const struct gateway_options *options,
				struct event_log *events, const struct log *log, struct net *net)
{
	struct ike_limits limits = limits_of_gateway();
	struct ike_random random = {.bytes = random_bytes};
	struct gateway *g = mem_zalloc(sizeof(*g));

	g->loop = loop;
	g->options = *options;
	g->events = events;
	g->log = log;
	g->net = net;
	g->ike_v4 = g->ike_v6 = g->natt_v4 = g->natt_v6 = -1;
	g->news_v4 = g->news_v6 = -1;
	map_init(&g->tunnels, NULL);
	map_init(&g->children, NULL);
	list_init(&g->marked);
	list_init(&g->unbuilt);
	g->index_free = 1;
	routes_init(&g->routes, net, route_error, g);
	g->engine = ike_engine_new(&limits, &random);
	return g;
}

void gateway_forward(struct gateway *g)
{
	struct err_msg e = {.text = ""};

	if (g->net->ops->forward(g->net, g->log, &e) != 0)
		gateway_dp_error(g, NULL, 0, "this machine does not route", e.text);
}

static void try_tables(struct gateway *g)
{
	struct err_msg e = {.text = ""};

	if (g->net->ops->can_separate(g->net, &e) != 0)
		memcpy(g->overlap_problem, e.text, sizeof(g->overlap_problem));
}

static void open_steering(struct gateway *g)
{
	const struct nft_options o = {.steering = (g->dp->ops->features & DP_BY_MARK) != 0,
				      .natt_port = g->options.natt_port};
	struct err_msg e = {.text = ""};

	if (g->net->ops->steer_open(g->net, &o, &e) != 0)
		gateway_dp_error(g, NULL, 0, "steering", e.text);
	if (!g->held)
		gateway_steer_commit(g, true);
}

static bool left_something(const struct gateway *g)
{
	return keeper_has(g->options.keeper, KEEP_STATE);
}

/* Without the file of the last start, peers of that time only find out more slowly. */
static void know_crash_secret(struct gateway *g)
{
	struct secret secret = SECRET_NONE;
	struct err_msg e = {.text = ""};

	if (g->options.state_dir == NULL)
		return;
	if (crash_secret_load(g->options.state_dir, &secret, &e) != 0)
		log_line(g->log, LOG_LVL_WARNING, LOG_MAIN,
			 "After a crash peers will find out more slowly (RFC 6290): %s", e.text);
	ike_engine_set_qcd_secret(g->engine, gateway_clock(g), &secret);
	secret_clear(&secret);
}

/* What cannot be taken over is in nobody's way. */
static void take_over(struct gateway *g)
{
	struct ike_limits limits = limits_of_gateway();
	struct ike_random random = {.bytes = random_bytes};
	bool there = left_something(g);

	if (there && !taken_begin(g, &limits, &random)) {
		if (g->dp->ops->settled != NULL)
			g->dp->ops->settled(g->dp);
		g->net->ops->clean(g->net, NULL, NULL, g->log);
	}
	know_crash_secret(g);
	keep_start(g);
}

void gateway_leave(struct gateway *g)
{
	keep_all(g);
}

struct gateway *gateway_new_with(struct loop *loop, const struct gateway_options *options,
				 struct event_log *events, const struct log *log,
				 const struct gateway_parts *parts, struct err_msg *e)
{
	struct gateway *g = allocate(loop, options, events, log, parts->net);
	struct dp_callbacks callbacks = gateway_callbacks(g);
	struct dp_sockets sockets;

	g->box = (struct profile_box){.single_ts = options->single_ts, .esn = true};
	if (gateway_sockets_open(g, e) != 0)
		goto fail;
	/* Only now: whoever holds the ports may be a living instance of ours. */
	if (!left_something(g))
		g->net->ops->clean(g->net, NULL, NULL, log);
	sockets = (struct dp_sockets){.natt_v4 = g->natt_v4,
				      .natt_v6 = g->natt_v6,
				      .keeper = options->keeper,
				      .adopt = left_something(g)};
	g->dp = parts->dp_new(parts->dp_arg, loop, &sockets, &callbacks, log, e);
	if (g->dp == NULL)
		goto fail;
	g->box.force_encap = (g->dp->ops->features & DP_RAW_ESP) == 0;
	g->box.prefer_encap = (g->dp->ops->features & DP_FASTER_IN_UDP) != 0;
	take_over(g);
	gateway_news_start(g);
	gateway_sources_start(g);
	g->bgp = bgp_new(g, options->state_dir);
	try_tables(g);
	open_steering(g);
	gateway_timers_start(g);
	return g;
fail:
	release(g);
	return NULL;
}

static struct dataplane *new_userspace(void *arg, struct loop *loop,
				       const struct dp_sockets *sockets,
				       const struct dp_callbacks *callbacks, const struct log *log,
				       struct err_msg *e)
{
	(void)arg;
	return dp_userspace_new(loop, sockets, callbacks, log, e);
}

static struct dataplane *new_xfrm(void *arg, struct loop *loop, const struct dp_sockets *sockets,
				  const struct dp_callbacks *callbacks, const struct log *log,
				  struct err_msg *e)
{
	(void)arg;
	return dp_xfrm_new(loop, sockets, callbacks, log, e);
}

/* The backend, and why it is this one. */
static int choose(enum gateway_dataplane wanted, struct gateway_parts *parts,
		  char reason[ERR_TEXT_MAX], struct err_msg *e)
{
	struct err_msg why = {.text = ""};
	bool possible = wanted != GATEWAY_DP_USERSPACE && dp_xfrm_probe(&why) == 0;

	if (wanted == GATEWAY_DP_XFRM && !possible)
		return err_set(e, ERR_UNSUPPORTED, "data plane xfrm is not possible here: %s",
			       why.text);
	if (possible)
		parts->dp_new = new_xfrm;
	if (wanted != GATEWAY_DP_AUTO)
		snprintf(reason, ERR_TEXT_MAX, "chosen by --dataplane");
	else if (possible)
		snprintf(reason, ERR_TEXT_MAX, "automatic: the kernel can do ESP");
	else
		snprintf(reason, ERR_TEXT_MAX, "automatic: no ESP in the kernel (%.*s)",
			 ERR_TEXT_MAX - 64, why.text);
	return 0;
}

struct gateway *gateway_new(struct loop *loop, const struct gateway_options *options,
			    struct event_log *events, const struct log *log, struct err_msg *e)
{
	struct gateway_parts parts = {.dp_new = new_userspace};
	char reason[ERR_TEXT_MAX];
	struct gateway *g;

	if (choose(options->dataplane, &parts, reason, e) != 0)
		return NULL;
	parts.net = net_kernel_new(e);
	if (parts.net == NULL)
		return NULL;
	g = gateway_new_with(loop, options, events, log, &parts, e);
	if (g != NULL)
		memcpy(g->dp_reason, reason, sizeof(g->dp_reason));
	return g;
}

/* The peers of all sites are told first: it takes no time, what follows may. */
static void take_leave(struct gateway *g)
{
	for (size_t i = 0; i < g->site_count; i++) {
		g->sites[i]->leaving = true;
		for (unsigned slot = 0; slot < DP_SLOTS; slot++) {
			if (g->sites[i]->tunnels[slot] != NULL)
				site_tunnel_leave_engine(g->sites[i]->tunnels[slot]);
		}
	}
}

void gateway_free(struct gateway *g)
{
	struct err_msg e = {.text = ""};

	if (g == NULL)
		return;
	g->closing = true;
	gateway_timers_stop(g);
	bgp_free(g->bgp); /* its routes go before the devices do */
	g->bgp = NULL;
	take_leave(g);
	if (g->net->ops->links_delete(g->net, &e) != 0)
		log_line(g->log, LOG_LVL_WARNING, LOG_NET, "%s", e.text);
	while (g->site_count > 0)
		site_free(g->sites[g->site_count - 1]);
	gateway_timers_stop(g);
	release(g);
}

static int check(const struct site_config *c, struct err_msg *e)
{
	size_t peer_side = c->networks.count + (ip_addr_is_set(&c->native_range.addr) ? 1 : 0);

	if (c->name[0] == '\0')
		return err_set(e, ERR_INVALID, "a site needs a name");
	if (c->network_ranges.count > IKE_TS_MAX)
		return err_set(e, ERR_RANGE, "site %s: %zu network ranges, at most %d are possible",
			       c->name, c->network_ranges.count, IKE_TS_MAX);
	if (c->network_ranges.count > 0 && peer_side > IKE_TS_MAX)
		return err_set(e, ERR_RANGE, "site %s: %zu networks, at most %d are possible",
			       c->name, peer_side, IKE_TS_MAX);
	if (c->ts_local.count > IKE_TS_MAX || c->ts_peer.count > IKE_TS_MAX)
		return err_set(e, ERR_RANGE,
			       "site %s: at most %d traffic selectors are possible on a side",
			       c->name, IKE_TS_MAX);
	return 0;
}

/* Tunnels that were refused for equal identities, after something else has changed. */
static void retry_duplicates(struct gateway *g)
{
	struct list *node;
	struct list *after;

	if (g->duplicates == 0)
		return;
	list_for_each(node, after, &g->tunnels.order)
	{
		struct map_node *m = container_of(node, struct map_node, order);
		struct tunnel *t = container_of(m, struct tunnel, node);

		if (t->duplicate)
			site_tunnel_apply(t);
	}
}

void gateway_configured(struct gateway *g)
{
	if (g->held)
		taken_remove_surplus(g);
	retry_duplicates(g);	  /* of those */
	gateway_accounts_sync(g); /* before routes are claimed anew */
	taken_end(g);
}

int gateway_site_set(struct gateway *g, const struct site_config *c, struct err_msg *e)
{
	struct site *s = gateway_site(g, c->name);
	int r = check(c, e);

	if (r == 0)
		r = gateway_check_overlap(g, c, e);
	if (r != 0)
		return r;
	if (s != NULL && site_config_equal(&s->config, c))
		return 0;
	if (s == NULL)
		s = site_new(g, c->name);
	site_configure(s, c);
	retry_duplicates(g);
	gateway_pump(g);
	return 0;
}

void gateway_vpn_users_set(struct gateway *g, const struct gateway_vpn_users *list, size_t count)
{
	free(g->vpn_users);
	g->vpn_users = mem_dup(list, count * sizeof(*list));
	g->vpn_user_count = count;
	bgp_stale(g);
}

void gateway_site_remove(struct gateway *g, const char *name)
{
	struct site *s = gateway_site(g, name);

	if (s == NULL)
		return;
	site_free(s);
	retry_duplicates(g);
	gateway_pump(g);
}

uint64_t gateway_now_ms(const struct gateway *g)
{
	return gateway_clock(g);
}

const char *gateway_dataplane_name(const struct gateway *g)
{
	return g->dp->ops->name;
}

const char *gateway_dataplane_reason(const struct gateway *g)
{
	return g->dp_reason;
}

bool gateway_owns_address(struct gateway *g, const struct ip_addr *addr)
{
	return g->net->ops->owns_address(g->net, addr);
}
