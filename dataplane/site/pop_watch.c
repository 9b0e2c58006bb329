/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Addresses of PoPs that this machine had and loses: tunnels that end there go down with a reason,
 * and names lead to other PoPs.  An address that it never had is somebody else's business: PoPs may
 * be on other machines.
 */
#include "dataplane/site/gateway_state.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void gateway_pops_apply(struct gateway *g)
{
	for (size_t i = 0; i < g->site_count; i++) {
		site_choose_pops(g->sites[i]);
		for (unsigned k = 0; k < DP_SLOTS; k++) {
			if (g->sites[i]->tunnels[k] != NULL)
				site_tunnel_apply(g->sites[i]->tunnels[k]);
		}
		gateway_mark(g->sites[i]);
	}
	gateway_pump(g);
}

static void say(struct gateway *g, const struct pop *p, uint8_t lost)
{
	char text[IP_TEXT_MAX];

	for (uint32_t i = 0; i < p->address_count; i++) {
		if (((lost ^ p->lost) & 1U << i) == 0)
			continue;
		(void)ip_addr_text(&p->addresses[i], text, sizeof(text));
		if ((lost & 1U << i) != 0)
			event_emit(g->events, EVENT_POP_LOST, NULL, 0,
				   "PoP %s: this machine has lost the address %s, tunnels that end "
				   "there are down",
				   p->name, text);
		else
			log_line(g->log, LOG_LVL_NOTICE, LOG_NET, "PoP %s: address %s is back",
				 p->name, text);
	}
}

/* True when something was lost or came back. */
static bool look(struct gateway *g, struct pop *p)
{
	uint8_t lost = 0;

	for (uint32_t i = 0; i < p->address_count; i++) {
		uint8_t bit = (uint8_t)(1U << i);

		if (g->net->ops->owns_address(g->net, &p->addresses[i]))
			p->had = (uint8_t)(p->had | bit);
		else
			lost = (uint8_t)(lost | (p->had & bit));
	}
	if (lost == p->lost)
		return false;
	say(g, p, lost);
	p->lost = lost;
	return true;
}

static bool some_are_lost(const struct gateway *g)
{
	for (size_t i = 0; i < g->pops.count; i++) {
		if (g->pops.items[i].lost != 0)
			return true;
	}
	return false;
}

static bool look_at_all(struct gateway *g)
{
	bool were = some_are_lost(g), changed = false;

	g->pops_seen = g->net_changes;
	for (size_t i = 0; i < g->pops.count; i++)
		changed = look(g, &g->pops.items[i]) || changed;
	if (were && !some_are_lost(g))
		event_emit(g->events, EVENT_POP_BACK, NULL, 0,
			   "The addresses of all PoPs are on this machine again");
	return changed;
}

void gateway_pops_tick(struct gateway *g)
{
	if (g->pops_seen != g->net_changes && look_at_all(g))
		gateway_pops_apply(g);
}

/* What is known of an address stays known. */
static void keep(const struct pop_list *before, struct pop *p)
{
	const struct pop *was = pops_find(before, p->name);

	for (uint32_t i = 0; was != NULL && i < p->address_count; i++) {
		for (uint32_t k = 0; k < was->address_count; k++) {
			if (!ip_addr_equal(&p->addresses[i], &was->addresses[k]))
				continue;
			p->had = (uint8_t)(p->had | (was->had >> k & 1) << i);
			p->lost = (uint8_t)(p->lost | (was->lost >> k & 1) << i);
		}
	}
}

void gateway_pops_set(struct gateway *g, const struct pop_list *pops)
{
	struct pop_list before = g->pops;

	g->pops = (struct pop_list){.count = 0};
	pops_copy(&g->pops, pops);
	for (size_t i = 0; i < g->pops.count; i++)
		keep(&before, &g->pops.items[i]);
	if (!pops_equal(&g->pops, &before)) {
		(void)look_at_all(g);
		gateway_pops_apply(g);
	}
	pops_clear(&before);
}

const struct pop_list *gateway_pops(const struct gateway *g)
{
	return &g->pops;
}
