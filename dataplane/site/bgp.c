/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BGP of all sites: keeps BIRD's configuration in step with the sites, and its sessions with the
 * tunnels.  A change of a configuration goes through the file, once for many sites; a change of a
 * link is a command on the control socket, so that routes move at once.
 */
#include "dataplane/site/bgp_state.h"
#include "platform/base/mem.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUILD_MS 50 /* more sites may follow */

/* ---- What shall be ----------------------------------------------------------------------------
 */

/* The sessions of the standby role stay up, so that they take over at once.  Those of the primary
 * role come back when its tunnels carry the traffic again. */
static bool wants(const struct tunnel *t)
{
	const struct ha *ha = &t->site->ha;

	return t->up && (t->role == SITE_SECONDARY || !ha->connected || ha->active == t->role);
}

static const struct ip_prefix *vpn_users_of(const struct gateway *g, const struct site_config *c)
{
	for (size_t i = 0; c->account[0] != '\0' && i < g->vpn_user_count; i++) {
		if (strcmp(g->vpn_users[i].account, c->account) == 0)
			return &g->vpn_users[i].range;
	}
	return NULL;
}

struct bgp_text_site *bgp_sites(const struct gateway *g, size_t *count)
{
	struct bgp_text_site *sites = mem_calloc(g->site_count + 1, sizeof(*sites));

	for (size_t i = 0; i < g->site_count; i++) {
		const struct site *s = g->sites[i];

		sites[i] = (struct bgp_text_site){.index = s->index,
						  .config = &s->config,
						  .vpn_users = vpn_users_of(g, &s->config)};
		for (unsigned k = 0; k < DP_SLOTS; k++) {
			const struct tunnel *t = s->tunnels[k];

			if (t != NULL && t->bgp != NULL && t->bgp->wanted)
				sites[i].wanted |= (uint8_t)(1U << k);
		}
	}
	*count = g->site_count;
	return sites;
}

static void write_text(const struct bgp *b, bool states, struct strbuf *out)
{
	size_t count;
	struct bgp_text_site *sites = bgp_sites(b->g, &count);

	for (size_t i = 0; i < count && !states; i++)
		sites[i].wanted = 0;
	bgp_text_write(out, sites, count, bird_log_path(b->bird));
	free(sites);
}

static void on_write(void *arg, struct strbuf *out)
{
	write_text(arg, true, out);
}

static void forget_state(struct bgp_neighbour *n)
{
	n->known = n->established = false;
	n->received = n->refused = n->sent = 0;
	n->since_s = 0;
	n->state[0] = n->info[0] = '\0';
}

/* ---- What is ----------------------------------------------------------------------------------
 */

struct tunnel *bgp_tunnel(const struct gateway *g, const char *protocol)
{
	struct site *s;
	struct tunnel *t;
	uint32_t index;
	uint8_t slot;

	if (!bgp_protocol_parse(protocol, &index, &slot))
		return NULL;
	s = gateway_site_by_index(g, index);
	t = s == NULL ? NULL : s->tunnels[slot - 1];
	return t == NULL || t->bgp == NULL ? NULL : t;
}

static void on_ready(void *arg)
{
	bgp_poll_start(arg);
}

static void each_neighbour(struct gateway *g, void (*fn)(struct tunnel *t))
{
	for (size_t i = 0; i < g->site_count; i++) {
		for (unsigned k = 0; k < DP_SLOTS; k++) {
			struct tunnel *t = g->sites[i]->tunnels[k];

			if (t != NULL && t->bgp != NULL)
				fn(t);
		}
	}
}

static void lose(struct tunnel *t)
{
	bool was = t->bgp->established;

	forget_state(t->bgp);
	if (was)
		bgp_event_down(t);
}

static void on_changed(void *arg)
{
	struct bgp *b = arg;
	const struct bird_status *st = bird_status(b->bird);

	if (st->pid == 0) {
		bgp_poll_stop(b);
		each_neighbour(b->g, lose);
	}
	bgp_event_daemon(b);
}

/* ---- Changes ----------------------------------------------------------------------------------
 */

static void take_neighbours(struct bgp *b)
{
	struct gateway *g = b->g;

	b->neighbours = 0;
	for (size_t i = 0; i < g->site_count; i++) {
		for (uint8_t slot = 1; slot <= DP_SLOTS; slot++) {
			struct tunnel *t = g->sites[i]->tunnels[slot - 1];

			if (t == NULL)
				continue;
			if (bgp_missing(&g->sites[i]->config, slot) != NULL) {
				bgp_neighbour_free(t);
				continue;
			}
			b->neighbours++;
			if (t->bgp == NULL)
				t->bgp = mem_zalloc(sizeof(*t->bgp));
			t->bgp->wanted = wants(t);
		}
	}
}

static void forget_shape(struct bgp *b)
{
	if (b->shape != NULL)
		bytes_wipe(b->shape, strlen(b->shape));
	free(b->shape);
	b->shape = NULL;
}

static void build(void *arg)
{
	struct bgp *b = arg;
	struct strbuf text;

	take_neighbours(b);
	if (b->neighbours == 0) {
		if (b->shape != NULL || bird_status(b->bird)->state != BIRD_OFF)
			bird_stop(b->bird);
		forget_shape(b);
		bgp_poll_stop(b);
		return;
	}
	strbuf_init(&text);
	write_text(b, false, &text);
	if (b->shape != NULL && strcmp(b->shape, text.text) == 0) {
		strbuf_wipe(&text);
		return;
	}
	forget_shape(b);
	b->shape = strbuf_take(&text);
	strbuf_clear(&text);
	bird_configure(b->bird);
}

void bgp_stale(struct gateway *g)
{
	struct bgp *b = g->bgp;

	if (b != NULL && !heap_contains(&b->build_timer.node))
		loop_timer_set(g->loop, &b->build_timer, gateway_clock(g) + BUILD_MS);
}

static void switch_session(struct bgp *b, const struct tunnel *t)
{
	char name[BGP_NAME_MAX], command[BGP_NAME_MAX + 16];

	snprintf(command, sizeof(command), "%s %s", t->bgp->wanted ? "enable" : "disable",
		 bgp_protocol_name(t->site->index, t->slot, name));
	if (bird_ask(b->bird, command, NULL, NULL) != 0)
		return; /* it is told when it is there again */
	t->bgp->disabled = !t->bgp->wanted;
}

void bgp_evaluate(struct site *s)
{
	struct bgp *b = s->g->bgp;

	for (unsigned k = 0; b != NULL && k < DP_SLOTS; k++) {
		struct tunnel *t = s->tunnels[k];

		if (t == NULL || t->bgp == NULL || t->bgp->wanted == wants(t))
			continue;
		t->bgp->wanted = wants(t);
		switch_session(b, t);
		if (!t->bgp->wanted)
			lose(t);
	}
}

void bgp_neighbour_free(struct tunnel *t)
{
	free(t->bgp);
	t->bgp = NULL;
}

int gateway_bgp_clear(struct gateway *g, const char *site, uint8_t slot, struct err_msg *e)
{
	const struct site *s = gateway_site(g, site);
	char name[BGP_NAME_MAX], command[BGP_NAME_MAX + 16];
	size_t done = 0;

	for (unsigned k = 0; s != NULL && k < DP_SLOTS; k++) {
		const struct tunnel *t = s->tunnels[k];

		if (t == NULL || t->bgp == NULL || (slot != 0 && slot != t->slot))
			continue;
		done++;
		snprintf(command, sizeof(command), "restart %s",
			 bgp_protocol_name(s->index, t->slot, name));
		if (t->bgp->wanted && bird_ask(g->bgp->bird, command, NULL, NULL) != 0)
			return err_set(e, ERR_WRONG_STATE, "BIRD does not run: %s",
				       bird_status(g->bgp->bird)->text);
	}
	return done != 0 ? 0 : err_set(e, ERR_NOT_FOUND, "Site %s has no BGP neighbor there", site);
}

/* ---- Life -------------------------------------------------------------------------------------
 */

struct bgp *bgp_new(struct gateway *g, const char *dir)
{
	struct bird_callbacks callbacks = {.write = on_write,
					   .ready = on_ready,
					   .changed = on_changed};
	char real[PATH_MAX], path[PATH_MAX + 8];
	struct bgp *b;

	if (dir == NULL)
		return NULL;
	b = mem_zalloc(sizeof(*b));
	b->g = g;
	list_init(&b->queries);
	b->build_timer = (struct loop_timer){.fn = build, .arg = b};
	/* BIRD reads them from wherever it is. */
	if (realpath(dir, real) == NULL)
		snprintf(real, sizeof(real), "%s", dir);
	snprintf(path, sizeof(path), "%s/bird", real);
	callbacks.arg = b;
	b->bird = bird_new(g->loop, g->log, path, NULL, &callbacks);
	return b;
}

void bgp_free(struct bgp *b)
{
	if (b == NULL)
		return;
	loop_timer_cancel(b->g->loop, &b->build_timer);
	bgp_poll_stop(b);
	bgp_queries_drop(b);
	bird_free(b->bird);
	forget_shape(b);
	free(b);
}
