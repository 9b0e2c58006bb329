/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A site's configuration as a value: defaults, copy, comparison, and what a tunnel still lacks.
 * Knows nothing of running tunnels.
 */
#include "dataplane/site/site_config.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEEPALIVE_S	 10
#define DEAD_S		 60
#define REBUILD_S	 90
#define IKE_LIFETIME_S	 19800
#define CHILD_LIFETIME_S 3600
#define FAILBACK_DELAY_S 60
#define SLA_LOSS_PERCENT 3
#define SLA_JITTER_MS	 30
#define SLA_LATENCY_MS	 600

const char *site_role_name(enum site_role r)
{
	return r == SITE_SECONDARY ? "secondary" : "primary";
}

void site_config_init(struct site_config *c, const char *name)
{
	*c = (struct site_config){.keepalive_s = KEEPALIVE_S,
				  .dead_s = DEAD_S,
				  .rebuild_s = REBUILD_S,
				  .ike_lifetime_s = IKE_LIFETIME_S,
				  .child_lifetime_s = CHILD_LIFETIME_S,
				  .failback_delay_s = FAILBACK_DELAY_S,
				  .sla_loss_percent = SLA_LOSS_PERCENT,
				  .sla_jitter_ms = SLA_JITTER_MS,
				  .sla_latency_ms = SLA_LATENCY_MS};
	snprintf(c->name, sizeof(c->name), "%s", name);
	site_bgp_init(&c->bgp);
	for (unsigned r = 0; r < SITE_ROLES; r++) {
		for (unsigned i = 0; i < SITE_TUNNELS; i++)
			tunnel_config_init(&c->tunnels[r][i]);
	}
}

void site_config_clear(struct site_config *c)
{
	char name[SITE_NAME_MAX];

	free(c->network_ranges.items);
	free(c->networks.items);
	free(c->ts_local.items);
	free(c->ts_peer.items);
	site_bgp_clear(&c->bgp);
	for (unsigned r = 0; r < SITE_ROLES; r++) {
		for (unsigned i = 0; i < SITE_TUNNELS; i++)
			tunnel_config_clear(&c->tunnels[r][i]);
	}
	memcpy(name, c->name, sizeof(name));
	site_config_init(c, name);
}

static void copy_networks(struct site_network_list *dst, const struct site_network_list *src)
{
	dst->count = src->count;
	dst->items = mem_dup(src->items, src->count * sizeof(*src->items));
}

static void copy_ranges(struct site_range_list *dst, const struct site_range_list *src)
{
	dst->count = src->count;
	dst->items = mem_dup(src->items, src->count * sizeof(*src->items));
}

static void tunnel_config_copy(struct tunnel_config *dst, const struct tunnel_config *src)
{
	*dst = *src;
	site_psk_copy(&dst->psk, &src->psk);
	site_psk_copy(&dst->ppk.secret, &src->ppk.secret);
}

void site_config_copy(struct site_config *dst, const struct site_config *src)
{
	if (dst == src)
		return;
	site_config_clear(dst);
	*dst = *src;
	copy_networks(&dst->network_ranges, &src->network_ranges);
	copy_networks(&dst->networks, &src->networks);
	copy_ranges(&dst->ts_local, &src->ts_local);
	copy_ranges(&dst->ts_peer, &src->ts_peer);
	site_bgp_copy(&dst->bgp, &src->bgp);
	for (unsigned r = 0; r < SITE_ROLES; r++) {
		for (unsigned i = 0; i < SITE_TUNNELS; i++)
			tunnel_config_copy(&dst->tunnels[r][i], &src->tunnels[r][i]);
	}
}

bool site_networks_equal(const struct site_network_list *a, const struct site_network_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->items[i].label, b->items[i].label) != 0 ||
		    !ip_range_equal(&a->items[i].range, &b->items[i].range))
			return false;
	}
	return true;
}

bool site_range_lists_equal(const struct site_range_list *a, const struct site_range_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (!ip_range_equal(&a->items[i], &b->items[i]))
			return false;
	}
	return true;
}

static bool parameters_equal(const struct ike_parameters *a, const struct ike_parameters *b)
{
	return a->encr == b->encr && a->key_bits == b->key_bits && a->prf == b->prf &&
	       a->integ == b->integ && a->ke == b->ke && a->aead_only == b->aead_only &&
	       memcmp(a->addke, b->addke, sizeof(a->addke)) == 0;
}

static bool destination_equal(const struct site_destination *a, const struct site_destination *b)
{
	return a->kind == b->kind && ip_addr_equal(&a->addr, &b->addr) &&
	       strcmp(a->pop, b->pop) == 0;
}

static bool labels_equal(const struct site_config *a, const struct site_config *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->account, b->account) == 0 &&
	       a->type == b->type && strcmp(a->country, b->country) == 0 &&
	       strcmp(a->state, b->state) == 0 && a->license_mbps == b->license_mbps;
}

static bool connection_equal(const struct site_config *a, const struct site_config *b)
{
	return a->connection_mode == b->connection_mode &&
	       a->initiate_connection == b->initiate_connection && a->identifier == b->identifier &&
	       a->single_ts == b->single_ts && a->udp_encap == b->udp_encap &&
	       a->df_bit == b->df_bit && a->follow_redirects == b->follow_redirects &&
	       ip_addr_equal(&a->redirect.addr, &b->redirect.addr) &&
	       strcmp(a->redirect.name, b->redirect.name) == 0 &&
	       destination_equal(&a->destination[SITE_PRIMARY], &b->destination[SITE_PRIMARY]) &&
	       destination_equal(&a->destination[SITE_SECONDARY],
				 &b->destination[SITE_SECONDARY]) &&
	       parameters_equal(&a->init_parameters, &b->init_parameters) &&
	       parameters_equal(&a->auth_parameters, &b->auth_parameters);
}

static bool networking_equal(const struct site_config *a, const struct site_config *b)
{
	return ip_prefix_equal(&a->native_range, &b->native_range) &&
	       site_networks_equal(&a->network_ranges, &b->network_ranges) &&
	       site_networks_equal(&a->networks, &b->networks) &&
	       site_range_lists_equal(&a->ts_local, &b->ts_local) &&
	       site_range_lists_equal(&a->ts_peer, &b->ts_peer);
}

static bool timers_equal(const struct site_config *a, const struct site_config *b)
{
	return a->keepalive_s == b->keepalive_s && a->dead_s == b->dead_s &&
	       a->rebuild_s == b->rebuild_s && a->ike_lifetime_s == b->ike_lifetime_s &&
	       a->child_lifetime_s == b->child_lifetime_s &&
	       a->failback_delay_s == b->failback_delay_s &&
	       a->sla_loss_percent == b->sla_loss_percent && a->sla_jitter_ms == b->sla_jitter_ms &&
	       a->sla_latency_ms == b->sla_latency_ms && a->bandwidth_down == b->bandwidth_down &&
	       a->bandwidth_up == b->bandwidth_up;
}

bool site_config_equal(const struct site_config *a, const struct site_config *b)
{
	if (!labels_equal(a, b) || !connection_equal(a, b) || !networking_equal(a, b) ||
	    !timers_equal(a, b) || !site_bgp_equal(&a->bgp, &b->bgp))
		return false;
	for (unsigned r = 0; r < SITE_ROLES; r++) {
		for (unsigned i = 0; i < SITE_TUNNELS; i++) {
			if (!tunnel_config_equal(&a->tunnels[r][i], &b->tunnels[r][i]))
				return false;
		}
	}
	return true;
}
