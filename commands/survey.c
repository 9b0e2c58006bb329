/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sites are in order of name.  The last one seen is looked for at its old place first; when it is
 * not there, sites were added or removed in front of it, and the place is searched for.
 */
#include "commands/survey.h"

#include "platform/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void survey_init(struct survey *s)
{
	memset(s, 0, sizeof(*s));
	snprintf(s->reasons[0], sizeof(s->reasons[0]), "-");
	s->reason_count = 1;
}

void survey_clear(struct survey *s)
{
	free(s->sites);
	free(s->tunnels);
	memset(s, 0, sizeof(*s));
}

static uint8_t reason_number(struct survey *s, const char *reason)
{
	for (size_t i = 0; i < s->reason_count; i++) {
		if (strcmp(s->reasons[i], reason) == 0)
			return (uint8_t)i;
	}
	if (s->reason_count == SURVEY_REASONS)
		return SURVEY_REASONS - 1;
	snprintf(s->reasons[s->reason_count], sizeof(s->reasons[0]), "%s",
		 s->reason_count == SURVEY_REASONS - 1 ? "other" : reason);
	return (uint8_t)s->reason_count++;
}

static void add_tunnel(struct survey *s, const struct tunnel_status *t)
{
	struct survey_tunnel *row;

	if (s->tunnel_count == s->tunnel_cap) {
		s->tunnel_cap = s->tunnel_cap == 0 ? 64 : 2 * s->tunnel_cap;
		s->tunnels = mem_realloc_array(s->tunnels, s->tunnel_cap, sizeof(*s->tunnels));
	}
	row = &s->tunnels[s->tunnel_count++];
	*row = (struct survey_tunnel){
		.slot = t->slot,
		.state = (uint8_t)t->state,
		.reason = reason_number(s, t->reason),
		.health = (uint8_t)t->health,
		.buckets = (uint8_t)t->buckets,
		.loss_known = t->health != HEALTH_NONE && t->figures.loss_known,
		.delay_known = t->health != HEALTH_NONE && t->figures.delay_known,
		.loss = t->figures.loss,
		.delay_us = t->figures.delay_us,
		.jitter_us = t->figures.jitter_us,
		.wan_role = t->wan_role,
		.children = (uint32_t)t->ike.child_count,
		.attempts = t->ike.attempts,
		.since_ms = t->state_since_ms,
		.rx_bytes = t->rx_bytes,
		.tx_bytes = t->tx_bytes,
		.replay_drops = t->replay_drops,
	};
	memcpy(row->name, t->name, sizeof(row->name));
	s->up += t->state == TUNNEL_UP ? 1 : 0;
}

static void add_site(struct survey *s, const struct site_status *st)
{
	struct survey_site *row;

	if (s->site_count == s->site_cap) {
		s->site_cap = s->site_cap == 0 ? 64 : 2 * s->site_cap;
		s->sites = mem_realloc_array(s->sites, s->site_cap, sizeof(*s->sites));
	}
	row = &s->sites[s->site_count++];
	*row = (struct survey_site){
		.index = st->index,
		.connected = st->connected,
		.active = st->active,
		.first = s->tunnel_count,
		.count = st->tunnel_count,
	};
	memcpy(row->name, st->name, sizeof(row->name));
	s->connected += st->connected ? 1 : 0;
	for (size_t i = 0; i < st->tunnel_count; i++)
		add_tunnel(s, &st->tunnels[i]);
}

/* The first position whose site comes after the last one seen. */
static size_t search(struct gateway *g, const char *last, struct site_status *st)
{
	size_t low = 0, high = 1;

	while (gateway_site_at(g, high - 1, st) == 0 && strcmp(st->name, last) <= 0) {
		low = high;
		high *= 2;
	}
	while (low < high - 1) {
		size_t mid = low + (high - 1 - low) / 2;

		if (gateway_site_at(g, mid, st) == 0 && strcmp(st->name, last) <= 0)
			low = mid + 1;
		else
			high = mid + 1;
	}
	return low;
}

static void find_place(struct survey *s, struct gateway *g, struct site_status *st)
{
	const char *last;

	if (s->position == 0)
		return;
	last = s->sites[s->site_count - 1].name;
	if (gateway_site_at(g, s->position - 1, st) != 0 || strcmp(st->name, last) != 0)
		s->position = search(g, last, st);
}

bool survey_step(struct survey *s, struct gateway *g, size_t sites)
{
	struct site_status *st = mem_zalloc(sizeof(*st));
	bool more = true;

	find_place(s, g, st);
	while (more && sites-- > 0) {
		more = gateway_site_at(g, s->position, st) == 0;
		if (more) {
			add_site(s, st);
			s->position++;
		}
	}
	free(st);
	return more;
}

const char *survey_text(const struct survey *s, char *buf, size_t size)
{
	snprintf(buf, size, "%zu site%s, %zu connected; %zu tunnel%s, %zu up", s->site_count,
		 s->site_count == 1 ? "" : "s", s->connected, s->tunnel_count,
		 s->tunnel_count == 1 ? "" : "s", s->up);
	return buf;
}
