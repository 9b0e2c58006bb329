/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BGP in operators' words.  Reads only. */
#include "dataplane/site/bgp_state.h"

#include <stdio.h>
#include <string.h>

static bool has_bgp(const struct site *s, unsigned k)
{
	return s->config.bgp.enabled && s->tunnels[k] != NULL;
}

void gateway_bgp_daemon(const struct gateway *g, struct bgp_daemon_status *out)
{
	const struct bird_status *st = g->bgp == NULL ? NULL : bird_status(g->bgp->bird);

	memset(out, 0, sizeof(*out));
	out->state = bird_state_name(st == NULL ? BIRD_OFF : st->state);
	if (st != NULL) {
		snprintf(out->text, sizeof(out->text), "%.*s", (int)sizeof(out->text) - 1,
			 st->text);
		memcpy(out->version, st->version, sizeof(out->version));
		out->pid = st->pid;
		out->restarts = st->restarts;
	}
	for (size_t i = 0; i < g->site_count; i++) {
		for (unsigned k = 0; k < DP_SLOTS; k++) {
			const struct tunnel *t = g->sites[i]->tunnels[k];

			if (!has_bgp(g->sites[i], k))
				continue;
			out->neighbours++;
			out->established += t->bgp != NULL && t->bgp->established;
		}
	}
}

static void fill_state(const struct tunnel *t, struct bgp_neighbour_status *out)
{
	const char *missing = bgp_missing(&t->site->config, t->slot);
	const struct bgp_neighbour *n = t->bgp;
	const char *hint = "";
	const char *reason;

	if (missing != NULL || n == NULL) {
		snprintf(out->state, sizeof(out->state), "Incomplete");
		snprintf(out->reason, sizeof(out->reason), "%s",
			 missing == NULL ? "bird-starting" : missing);
		return;
	}
	reason = bgp_reason(t, &hint);
	snprintf(out->state, sizeof(out->state), "%s",
		 n->known && n->state[0] != '\0' ? n->state
		 : n->wanted			 ? "Idle"
						 : "Down");
	snprintf(out->reason, sizeof(out->reason), "%s", reason == NULL ? "-" : reason);
	snprintf(out->hint, sizeof(out->hint), "%.*s", (int)sizeof(out->hint) - 1, hint);
	memcpy(out->detail, n->info, sizeof(out->detail));
	out->established = n->established;
	out->since_s = n->since_s;
	out->received = n->received;
	out->refused = n->refused;
	out->sent = n->sent;
}

static void fill(const struct tunnel *t, struct bgp_neighbour_status *out)
{
	const struct site_config *c = &t->site->config;
	const struct tunnel_config *tc = site_tunnel_config_of(t);

	memset(out, 0, sizeof(*out));
	memcpy(out->site, c->name, sizeof(out->site));
	out->role = t->role;
	out->index = t->index0 + 1;
	out->slot = t->slot;
	out->local = tc->private_pop;
	out->peer = tc->private_site;
	out->local_as = c->bgp.local_as;
	out->peer_as = c->bgp.peer_as;
	out->keepalive_s = c->bgp.keepalive_s;
	out->hold_s = c->bgp.hold_s;
	out->maximum_prefix = c->bgp.maximum_prefix;
	fill_state(t, out);
}

int gateway_bgp_at(const struct gateway *g, size_t index, struct bgp_neighbour_status *out)
{
	for (size_t i = 0; i < g->site_count; i++) {
		for (unsigned k = 0; k < DP_SLOTS; k++) {
			if (!has_bgp(g->sites[i], k))
				continue;
			if (index-- == 0) {
				fill(g->sites[i]->tunnels[k], out);
				return 0;
			}
		}
	}
	return ERR_NOT_FOUND;
}
