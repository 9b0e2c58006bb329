/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The PoPs of running sites.  Each tunnel that is up measures the round trip between its PoP and
 * the site.  Of a site of which neither place nor round trip is known, the asker's network tells:
 * it is sent where another site in that network would be.
 */
#include "dataplane/site/gateway_state.h"
#include "dataplane/site/names.h"
#include "platform/base/mem.h"

#include <string.h>

#define NEAR_V4 24 /* bits: addresses that are alike so far are in one network */
#define NEAR_V6 48

static bool is_settling(const struct site_config *c)
{
	for (unsigned i = 0; i < SITE_ROLES * SITE_TUNNELS; i++) {
		const struct tunnel_config *t = &c->tunnels[i / SITE_TUNNELS][i % SITE_TUNNELS];

		if (t->present && t->fqdn_made_ms != 0 &&
		    loop_wall_ms() < t->fqdn_made_ms + NAMES_SETTLE_MS)
			return true;
	}
	return false;
}

static bool choose(struct site *s)
{
	struct gateway *g = s->g;

	if (!pop_choose(&s->choice, &g->pops, &s->config, is_settling(&s->config),
			gateway_clock(g)))
		return false;
	g->publish_stale = true;
	return true;
}

void site_choose_pops(struct site *s)
{
	(void)choose(s);
	s->g->book_stale = s->g->publish_stale = true;
}

static void measure(struct tunnel *t)
{
	const struct gateway *g = t->site->g;
	struct ike_tunnel_status st;
	const struct pop *p;

	if (!t->up || !t->health.figures.delay_known ||
	    ike_engine_tunnel_status(g->engine, t->id, &st) != 0)
		return;
	p = pops_of_address(&g->pops, &st.local.addr);
	if (p != NULL)
		pop_choice_measured(&t->site->choice, p->name, t->health.figures.delay_us);
}

void gateway_choose_pops_tick(struct gateway *g)
{
	for (size_t i = 0; i < g->site_count && g->pops.count != 0; i++) {
		struct site *s = g->sites[i];

		if (s->index % GATEWAY_SHARES_TICKS != g->ticks % GATEWAY_SHARES_TICKS)
			continue;
		for (unsigned k = 0; k < DP_SLOTS; k++) {
			if (s->tunnels[k] != NULL)
				measure(s->tunnels[k]);
		}
		if (s->choice.measure_count == 0 || !choose(s))
			continue;
		log_line(g->log, LOG_LVL_INFO, LOG_PATH, "%s: PoPs are now %s and %s",
			 s->config.name, s->choice.chosen[SITE_PRIMARY],
			 s->choice.chosen[SITE_SECONDARY]);
	}
}

/* ---- The asker's network ----------------------------------------------------------------------
 */

static bool is_known(const struct site *s)
{
	return s->config.country[0] != '\0' || s->choice.measure_count != 0;
}

static bool is_near(const struct ip_addr *a, const struct ip_addr *b)
{
	struct ip_prefix p = {.addr = *a, .len = a->family == IP_V4 ? NEAR_V4 : NEAR_V6};

	return a->family != IP_NONE && a->family == b->family && ip_prefix_contains(&p, b);
}

static bool is_of_site(const struct site *s, const struct ip_addr *asker)
{
	const struct site_config *c = &s->config;

	if (ip_addr_is_set(&c->native_range.addr) && ip_prefix_contains(&c->native_range, asker))
		return true;
	for (size_t i = 0; i < c->networks.count; i++) {
		if (ip_range_contains(&c->networks.items[i].range, asker))
			return true;
	}
	for (unsigned i = 0; i < SITE_ROLES * SITE_TUNNELS; i++) {
		const struct tunnel_config *t = &c->tunnels[i / SITE_TUNNELS][i % SITE_TUNNELS];

		if (t->present && is_near(&t->public_ip, asker))
			return true;
	}
	return false;
}

static const struct site *site_of_asker(const struct gateway *g, const struct ip_addr *asker)
{
	for (size_t i = 0; i < g->site_count; i++) {
		if (is_known(g->sites[i]) && is_of_site(g->sites[i], asker))
			return g->sites[i];
	}
	return NULL;
}

const struct pop *site_pop_for(const struct site *s, enum site_role role,
			       const struct ip_addr *asker)
{
	const struct pop_list *l = &s->g->pops;
	const struct site *other = is_known(s) ? NULL : site_of_asker(s->g, asker);
	struct pop_choice choice;
	struct site_config c;

	if (other == NULL)
		return pop_of_role(&s->choice, l, &s->config, role);
	c = s->config; /* its lists are borrowed */
	memcpy(c.country, other->config.country, sizeof(c.country));
	memcpy(c.state, other->config.state, sizeof(c.state));
	choice = other->choice;
	memset(choice.chosen, 0, sizeof(choice.chosen));
	(void)pop_choose(&choice, l, &c, true, gateway_clock(s->g));
	return pop_of_role(&choice, l, &c, role);
}

const struct pop *gateway_pop_of(const struct gateway *g, const char *site, enum site_role role,
				 uint32_t *rtt_us)
{
	const struct site *s = gateway_site(g, site);
	const struct pop *p =
		s == NULL ? NULL : pop_of_role(&s->choice, &g->pops, &s->config, role);

	*rtt_us = p == NULL ? 0 : pop_choice_rtt_us(&s->choice, p->name);
	return p;
}
