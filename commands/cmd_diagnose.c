/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec diagnose site NAME`: measures for up to 2.5 s, on the event loop, then judges
 * (diagnose.c) and shows (show_diagnose.c).  Ctrl-C ends it.
 */
#include "commands/diagnose.h"
#include "commands/echo_probe.h"
#include "commands/row.h"
#include "commands/show_cmd.h"
#include "platform/base/mem.h"
#include "platform/os/netlink.h"
#include "platform/os/rtnl.h"

#include <linux/netlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Packets through the tunnel; the first three tell whether it answers at all. */
static const uint16_t inner_sizes[] = {0, 0, 0, 576, 1000, 1200, 1300, 1400};
static const uint16_t outer_sizes[] = {0, 0, 0};
#define SMALL_ONES 3

struct diagnosis {
	struct cmd *cmd;
	struct loop *loop;
	struct loop_timer end;
	char site[SITE_NAME_MAX];
	struct diagnose_tunnel tunnels[DIAGNOSE_TUNNELS];
	struct echo_probe outer[DIAGNOSE_TUNNELS], inner[DIAGNOSE_TUNNELS];
};

static void stop(struct diagnosis *d)
{
	loop_timer_cancel(d->loop, &d->end);
	for (unsigned i = 0; i < DIAGNOSE_TUNNELS; i++) {
		echo_probe_stop(&d->outer[i]);
		echo_probe_stop(&d->inner[i]);
	}
	free(d);
}

/* ---- Measuring ------------------------------------------------------------------------------- */

static void look_up_route(const struct tunnel_status *t, struct diagnose_tunnel *out)
{
	struct err_msg e = {.text = ""};
	struct netlink *n;
	char name[IF_NAMESIZE];
	int ifindex = 0;

	if (!ip_addr_is_set(&t->peer.addr))
		return;
	n = netlink_open(NETLINK_ROUTE, &e);
	if (!n)
		return;
	out->route.looked = true;
	out->route.found = rtnl_path_for(n, &t->peer.addr, &out->route.source, &ifindex, &e) == 0;
	netlink_close(n);
	(void)snprintf(out->route.why, sizeof(out->route.why), "%s",
		       out->route.found ? "" : e.text);
	if (out->route.found && if_indextoname((unsigned)ifindex, name))
		(void)snprintf(out->route.device, sizeof(out->route.device), "%.*s",
			       (int)sizeof(out->route.device) - 1, name);
}

static void sum_children(struct gateway *g, const char *site, uint8_t slot,
			 struct diagnose_tunnel *out)
{
	struct child_status c;

	for (size_t i = 0; gateway_child_at(g, site, slot, i, &c) == 0; i++) {
		out->rx_packets += c.counters.rx_packets;
		out->tx_packets += c.counters.tx_packets;
		out->rx_bytes += c.counters.rx_bytes;
		out->tx_bytes += c.counters.tx_bytes;
		out->auth_drops += c.counters.auth_drops;
		out->replay_drops += c.counters.replay_drops;
		out->selector_drops += c.counters.selector_drops;
	}
}

static void take_bgp(struct gateway *g, const char *site, struct diagnose_tunnel *tunnels)
{
	struct bgp_neighbour_status n;

	for (size_t i = 0; gateway_bgp_at(g, i, &n) == 0; i++) {
		if (strcmp(n.site, site) != 0)
			continue;
		tunnels[n.slot - 1].has_bgp = true;
		tunnels[n.slot - 1].bgp = n;
	}
}

static void finish(void *arg);

static void changed(void *arg)
{
	struct diagnosis *d = arg;

	for (unsigned i = 0; i < DIAGNOSE_TUNNELS; i++)
		if (!echo_probe_is_done(&d->outer[i]) || !echo_probe_is_done(&d->inner[i]))
			return;
	loop_timer_set(d->loop, &d->end, loop_now_ms(d->loop)); /* not inside the probe */
}

static void start_echoes(struct diagnosis *d, const struct site_config *c,
			 const struct tunnel_status *t)
{
	const struct tunnel_config *tc = &c->tunnels[t->role][t->index - 1];
	struct echo_probe *outer = &d->outer[t->slot - 1], *inner = &d->inner[t->slot - 1];
	const struct ip_addr any = {.family = IP_NONE};

	outer->changed = inner->changed = changed;
	outer->arg = inner->arg = d;
	/* A probe that cannot be sent is a check that was not made. */
	if (t->state != TUNNEL_UP && ip_addr_is_set(&t->peer.addr))
		(void)!echo_probe_start(outer, d->loop, &t->peer.addr, &any, outer_sizes,
					ARRAY_LEN(outer_sizes));
	if (t->state == TUNNEL_UP && ip_addr_is_set(&tc->private_site) &&
	    ip_addr_is_set(&tc->private_pop))
		(void)!echo_probe_start(inner, d->loop, &tc->private_site, &tc->private_pop,
					inner_sizes, ARRAY_LEN(inner_sizes));
}

static void take_echoes(struct diagnosis *d, unsigned i)
{
	const struct echo_probe *outer = &d->outer[i], *inner = &d->inner[i];
	struct diagnose_tunnel *out = &d->tunnels[i];

	out->outer.sent = (unsigned)outer->count;
	out->outer.answered = (unsigned)outer->answered;
	for (size_t k = 0; k < inner->count; k++) {
		bool answered = inner->request[k].answered;
		uint16_t size = inner->request[k].size;

		if (k < SMALL_ONES) {
			out->inner.sent++;
			out->inner.answered += answered;
			continue;
		}
		out->mtu_probed = true;
		if (answered && size > out->passed)
			out->passed = size;
		if (!answered && (out->lost == 0 || size < out->lost))
			out->lost = size;
	}
}

/* ---- The end --------------------------------------------------------------------------------- */

static int show(struct diagnosis *d)
{
	struct commands *commands = cmd_commands(d->cmd);
	struct gateway *g = commands_gateway(commands);
	struct diagnose_input *in = mem_zalloc(sizeof(*in));
	struct site_status *status = mem_zalloc(sizeof(*status));
	struct findings findings;
	struct answer *a;
	int err;

	in->running = commands_running(commands);
	in->site = config_site(in->running, d->site);
	in->clock = show_now(d->cmd);
	in->stranger = show_stranger(d->cmd);
	if (g && gateway_site_find(g, d->site, status) == 0)
		in->status = status;
	for (unsigned i = 0; i < DIAGNOSE_TUNNELS; i++)
		take_echoes(d, i);
	if (g)
		take_bgp(g, d->site, d->tunnels);
	memcpy(in->tunnels, d->tunnels, sizeof(in->tunnels));
	if (in->site) {
		findings_init(&findings);
		diagnose(in, &findings);
		a = show_begin(d->cmd);
		show_diagnosis(a, in, &findings);
		err = show_end(d->cmd, a);
		findings_clear(&findings);
	} else {
		err = cmd_fail(d->cmd, ERR_NOT_FOUND, "Site %s was removed meanwhile", d->site);
	}
	free(status);
	free(in);
	return err;
}

static void finish(void *arg)
{
	struct diagnosis *d = arg;
	struct cmd *c = d->cmd;
	int err = show(d);

	stop(d);
	cmd_done(c, err);
}

static void interrupted(struct cmd *c, const char *typed, void *arg)
{
	(void)c;
	(void)typed;
	stop(arg);
}

static int diagnose_site(struct cmd *c)
{
	const char *name = cmd_text(c, "site");
	const struct site_config *config = config_site(commands_running(cmd_commands(c)), name);
	struct gateway *g = commands_gateway(cmd_commands(c));
	struct site_status *status;
	struct diagnosis *d;

	if (!config)
		return cmd_fail(c, ERR_NOT_FOUND, "Site %s is not configured", name);
	d = mem_zalloc(sizeof(*d));
	d->cmd = c;
	d->loop = commands_loop(cmd_commands(c));
	d->end = (struct loop_timer){.fn = finish, .arg = d};
	(void)snprintf(d->site, sizeof(d->site), "%s", name);
	status = mem_zalloc(sizeof(*status));
	if (g && gateway_site_find(g, name, status) == 0) {
		for (size_t i = 0; i < status->tunnel_count; i++) {
			const struct tunnel_status *t = &status->tunnels[i];

			look_up_route(t, &d->tunnels[t->slot - 1]);
			sum_children(g, name, t->slot, &d->tunnels[t->slot - 1]);
			start_echoes(d, config, t);
		}
	}
	free(status);
	loop_timer_set(d->loop, &d->end, loop_now_ms(d->loop) + ECHO_PROBE_MS);
	changed(d); /* nothing to wait for */
	return cmd_work(c, interrupted, d);
}

static const struct row rows[] = {
	{
		.words = "show ipsec diagnose site <site> [json]",
		.modes = IN_EXEC,
		.handler = diagnose_site,
		.help = "Check a site now: what is wrong and what mends it",
		.manual =
			"Checks the configuration, identities and networks of the site, the route "
			"to each peer, what the last exchanges showed, NAT on the way, data both "
			"ways, BGP, and, where private-ip is configured, reachability and packet "
			"sizes through the tunnel.  Findings come in order of likelihood, each "
			"with the "
			"configuration lines that mend it.  Takes up to 3 seconds; Ctrl-C ends "
			"it.",
	},
};

const struct row_table table_diagnose = {
	.family = "show ipsec diagnose",
	.rows = rows,
	.count = ARRAY_LEN(rows),
};
