/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec connection-status`: one line per tunnel, and a summary.
 *
 * JSON: {"sites":[SITE...],"summary":{...},"lastUnknownPeer":...}, {"sites":[]} without sites.
 *   SITE: name, state ("connected", "down"), activeRole ("primary", "secondary", null while down),
 *     device, tunnels [TUNNEL...]
 *   TUNNEL: role, index (1-3), name, wanRole ("wan1"), state ("up", "connecting", "down",
 *     "incomplete", "admin-down"), since (of the state), reason, cause (finer), hint, pop, peer
 * (address), attempts, nextAttemptSec, rxBps, txBps, rxBytes, txBytes, replayDrops; with `detail`
 * also those of show_detail.c summary: sites, connected (sites), tunnels, up, connecting, down,
 * incomplete, adminDown lastUnknownPeer: {at, text}, a peer of the last 10 minutes that no tunnel
 * expects, or null
 */
#include "commands/show.h"
#include "platform/base/duration.h"
#include "platform/base/mem.h"

#include <stdio.h>
#include <string.h>

static const struct answer_column columns[] = {
	{"Site", false},       {"HA role", false}, {"#", false},    {"Name", true},
	{"State", false},      {"PoP", true},	   {"Peer", false}, {"Uptime", false},
	{"Rx/Tx Mbps", false}, {"Reason", false},
};

void show_status_begin(struct answer *a, struct show_totals *totals, bool detail)
{
	*totals = (struct show_totals){0};
	answer_array(a, "sites");
	if (!detail)
		answer_table(a, columns, ARRAY_LEN(columns));
}

/* What the table shows of a tunnel and programs get in other form. */
static void tunnel_cells(struct answer *a, const struct show_clock *clock,
			 const struct site_status *site, const struct tunnel_status *t)
{
	bool active = site->connected && t->role == site->active;
	char text[DURATION_TEXT_MAX + 48];

	answer_row(a);
	answer_show(a, "Site", "%s", site->name);
	answer_show(a, "HA role", "%s%s", site_role_name(t->role), active ? "*" : "");
	answer_show(a, "State", "%s", show_state(t->state, text, sizeof(text)));
	if (t->state != TUNNEL_UP)
		return;
	answer_show(a, "Uptime", "%s",
		    duration_text(show_age_ms(clock, t->state_since_ms), text, sizeof(text)));
	answer_show(a, "Rx/Tx Mbps", "%s", show_mbps(t->rx_bps, t->tx_bps, text, sizeof(text)));
}

static void tunnel_members(struct answer *a, const struct show_clock *clock,
			   const struct tunnel_status *t, bool table)
{
	/* A peer without a fixed address: where it failed from. */
	const struct ip_addr *peer =
		ip_addr_is_set(&t->peer.addr) ? &t->peer.addr : &t->ike.failure.remote.addr;
	char text[IP_TEXT_MAX];

	answer_text(a, "role", NULL, site_role_name(t->role));
	answer_number(a, "index", table ? "#" : NULL, t->index);
	answer_text(a, "name", table ? "Name" : NULL, t->name);
	(void)snprintf(text, sizeof(text), "wan%u", (unsigned)t->wan_role);
	answer_text(a, "wanRole", NULL, t->wan_role ? text : NULL);
	answer_text(a, "state", NULL, tunnel_state_name(t->state));
	answer_time(a, "since", show_wall_ms(clock, t->state_since_ms));
	answer_text(a, "reason", table ? "Reason" : NULL, t->reason);
	answer_text(a, "cause", NULL, t->cause ? ike_cause_row(t->cause)->name : NULL);
	answer_text(a, "hint", NULL, t->hint);
	answer_text(a, "pop", table ? "PoP" : NULL, t->pop);
	(void)ip_addr_text(peer, text, sizeof(text));
	answer_text(a, "peer", table ? "Peer" : NULL, ip_addr_is_set(peer) ? text : NULL);
	answer_number(a, "attempts", NULL, t->ike.attempts);
	if (t->ike.next_attempt_ms)
		answer_number(a, "nextAttemptSec", NULL,
			      show_left_ms(clock, t->ike.next_attempt_ms) / 1000);
	else
		answer_null(a, "nextAttemptSec");
	answer_number(a, "rxBps", NULL, t->rx_bps);
	answer_number(a, "txBps", NULL, t->tx_bps);
	answer_number(a, "rxBytes", NULL, t->rx_bytes);
	answer_number(a, "txBytes", NULL, t->tx_bytes);
	answer_number(a, "replayDrops", NULL, t->replay_drops);
}

static void count(struct show_totals *totals, const struct site_status *s)
{
	totals->sites++;
	totals->connected += s->connected;
	for (size_t i = 0; i < s->tunnel_count; i++) {
		totals->tunnels++;
		totals->by_state[s->tunnels[i].state]++;
	}
}

/* The headline of a site in the detailed form. */
static void site_line(struct answer *a, const struct site_status *s)
{
	unsigned up = 0;

	for (size_t i = 0; i < s->tunnel_count; i++)
		up += s->tunnels[i].state == TUNNEL_UP;
	if (s->connected)
		answer_line(
			a, "Site %s: connected, active HA role %s, %u of %zu tunnels up, device %s",
			s->name, site_role_name(s->active), up, s->tunnel_count, s->device);
	else
		answer_line(a, "Site %s: DOWN, %zu tunnel%s configured, device %s", s->name,
			    s->tunnel_count, s->tunnel_count == 1 ? "" : "s",
			    s->device[0] ? s->device : "-");
}

/* A site without tunnels must not vanish from the screen. */
static void empty_site_row(struct answer *a, const struct site_status *s)
{
	answer_row(a);
	answer_show(a, "Site", "%s", s->name);
	answer_show(a, "State", "INCOMPLETE");
	answer_show(a, "Reason", "tunnel missing");
}

void show_status_site(struct answer *a, struct show_totals *totals, const struct show_clock *clock,
		      const struct show_site *site, bool detail)
{
	const struct site_status *s = site->status;

	if (detail && totals->sites > 0)
		answer_line(a, "%s", "");
	count(totals, s);
	answer_object(a, NULL);
	answer_text(a, "name", NULL, s->name);
	answer_text(a, "state", NULL, s->connected ? "connected" : "down");
	answer_text(a, "activeRole", NULL, s->connected ? site_role_name(s->active) : NULL);
	answer_text(a, "device", NULL, s->device);
	answer_array(a, "tunnels");
	if (detail)
		site_line(a, s);
	else if (s->tunnel_count == 0 && !answer_is_json(a))
		empty_site_row(a, s);
	for (size_t i = 0; i < s->tunnel_count; i++) {
		answer_object(a, NULL);
		if (!detail)
			tunnel_cells(a, clock, s, &s->tunnels[i]);
		tunnel_members(a, clock, &s->tunnels[i], !detail);
		if (detail)
			show_tunnel_detail(a, clock, site, i);
		answer_object_end(a);
	}
	answer_array_end(a);
	answer_object_end(a);
}

/* ", 2 connecting" */
static void add_count(struct strbuf *out, unsigned n, const char *what, bool always)
{
	if (n > 0 || always)
		strbuf_printf(out, "%s%u %s", out->len ? ", " : "", n, what);
}

static void summary_line(struct answer *a, const struct show_totals *t, bool star)
{
	struct strbuf text;

	strbuf_init(&text);
	add_count(&text, t->by_state[TUNNEL_UP], "up", true);
	add_count(&text, t->by_state[TUNNEL_CONNECTING], "connecting", false);
	add_count(&text, t->by_state[TUNNEL_DOWN], "down", true);
	add_count(&text, t->by_state[TUNNEL_INCOMPLETE], "incomplete", false);
	add_count(&text, t->by_state[TUNNEL_ADMIN_DOWN], "admin-down", false);
	answer_line(a, "Sites %u: %u connected, %u down.  Tunnels %u: %s.%s", t->sites,
		    t->connected, t->sites - t->connected, t->tunnels, text.text,
		    star ? "  * = active HA role" : "");
	strbuf_clear(&text);
}

/* A peer that presents another identity than configured belongs to no tunnel: said apart. */
static void stranger_member(struct answer *a, const struct event *stranger)
{
	char line[EVENT_TEXT_MAX + 96];

	if (!stranger) {
		answer_null(a, "lastUnknownPeer");
		return;
	}
	answer_object(a, "lastUnknownPeer");
	answer_time(a, "at", stranger->wall_ms);
	answer_text(a, "text", NULL, stranger->text);
	answer_object_end(a);
	answer_line(a, "%s", event_line(stranger, line, sizeof(line)));
}

void show_status_end(struct answer *a, const struct show_totals *t, const struct event *stranger,
		     bool detail)
{
	if (!detail)
		answer_table_end(a);
	answer_array_end(a);
	if (t->sites == 0) {
		answer_line(a, "No site is configured.");
		return;
	}
	answer_object(a, "summary");
	answer_number(a, "sites", NULL, t->sites);
	answer_number(a, "connected", NULL, t->connected);
	answer_number(a, "tunnels", NULL, t->tunnels);
	answer_number(a, "up", NULL, t->by_state[TUNNEL_UP]);
	answer_number(a, "connecting", NULL, t->by_state[TUNNEL_CONNECTING]);
	answer_number(a, "down", NULL, t->by_state[TUNNEL_DOWN]);
	answer_number(a, "incomplete", NULL, t->by_state[TUNNEL_INCOMPLETE]);
	answer_number(a, "adminDown", NULL, t->by_state[TUNNEL_ADMIN_DOWN]);
	answer_object_end(a);
	if (detail)
		answer_line(a, "%s", "");
	if (!answer_is_json(a))
		summary_line(a, t, t->connected > 0 && !detail);
	stranger_member(a, stranger);
}
