/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `debug ike`: what the engine says while operators watch, as lines with the name of the tunnel, so
 * many a second at most.  Clear messages go on to the capture.  Changes nothing.
 */
#include "dataplane/site/gateway_state.h"

#include <stdio.h>
#include <string.h>

void gateway_trace_update(struct gateway *g)
{
	unsigned kinds = g->capture != NULL ? 1u << IKE_TRACE_CLEAR : 0;

	for (unsigned k = 0; k < IKE_TRACE_KINDS; k++)
		kinds |= g->debug.kind[k].on ? 1u << k : 0;
	ike_engine_set_trace(g->engine, kinds);
}

void gateway_debug_on(struct gateway *g, enum ike_trace_kind kind, const char *site)
{
	g->debug.kind[kind].on = true;
	(void)snprintf(g->debug.kind[kind].site, sizeof(g->debug.kind[kind].site), "%s",
		       site == NULL ? "" : site);
	gateway_trace_update(g);
}

void gateway_debug_off(struct gateway *g, enum ike_trace_kind kind)
{
	g->debug.kind[kind].on = false;
	gateway_trace_update(g);
}

const char *gateway_debug_site(const struct gateway *g, enum ike_trace_kind kind)
{
	return g->debug.kind[kind].on ? g->debug.kind[kind].site : NULL;
}

/* A message of which no tunnel is known yet belongs to all sites that expect its sender. */
static bool is_wanted(struct gateway *g, const struct tunnel *t, const struct ike_trace *trace)
{
	const char *name = g->debug.kind[trace->kind].site;

	if (!g->debug.kind[trace->kind].on)
		return false;
	if (name[0] == '\0')
		return true;
	if (t != NULL)
		return strcmp(t->site->config.name, name) == 0;
	return gateway_may_be_peer(g, name, &trace->remote.addr);
}

static bool may_say(struct gateway *g)
{
	struct gateway_debug *d = &g->debug;
	uint64_t second = gateway_clock(g) / 1000;
	char text[80];

	if (second != d->second) {
		if (d->left_out > 0) {
			(void)snprintf(text, sizeof(text), "%u lines left out", d->left_out);
			event_tell(g->events, EVENT_IKE_DEBUG, NULL, 0, text);
		}
		d->second = second;
		d->said = d->left_out = 0;
	}
	if (d->said < GATEWAY_DEBUG_RATE) {
		d->said++;
		return true;
	}
	d->left_out++;
	return false;
}

static void tell(struct gateway *g, const struct tunnel *t, const char *text)
{
	char line[EVENT_TEXT_MAX];

	if (t == NULL) {
		event_tell(g->events, EVENT_IKE_DEBUG, NULL, 0, text);
		return;
	}
	(void)snprintf(line, sizeof(line), "%s %s %u: %s", t->site->config.name,
		       site_role_name(t->role), t->index0 + 1U, text);
	event_tell(g->events, EVENT_IKE_DEBUG, t->site->config.name, t->slot, line);
}

void gateway_trace(struct gateway *g, uint32_t tunnel, const struct ike_trace *trace)
{
	const struct tunnel *t = gateway_tunnel(g, tunnel);

	if (trace->kind == IKE_TRACE_CLEAR)
		gateway_capture_clear(g, trace);
	else if (is_wanted(g, t, trace) && may_say(g))
		tell(g, t, trace->text);
}
