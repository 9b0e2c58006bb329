/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show bgp: the daemon, one line per neighbor, and the routes that peers announce.
 *
 * JSON: {"daemon":{...},"neighbors":[N...],"established":n,"routes":[R...]}; without routes for
 * `summary` and while BIRD does not answer.
 *   daemon: state ("running", "missing", "refused", "hung", "failed", "starting", "off"), reason,
 *     version, pid, restarts
 *   N: site, role, index, localAddress, address, localAs, as, state ("Established", "Active",
 *     "Connect", "OpenSent", "OpenConfirm", "Idle", "Down", "Incomplete"), since, reason, hint,
 *     lastError, keepaliveSec, holdSec, maximumPrefix, received, refused, sent (routes)
 *   R: site, role, index, prefix, nextHop, best, med, localPref, path, origin, refused (why)
 */
#include "commands/show_bgp.h"

#include "platform/base/duration.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct answer_column neighbour_columns[] = {
	{"Neighbor", false}, {"AS", false},	      {"Site", true},	 {"Tunnel", false},
	{"Up/Down", false},  {"State/PfxRcd", false}, {"PfxSnt", false}, {"Reason", false},
};

static const struct answer_column route_columns[] = {
	{"St", false},	   {"Network", false}, {"Next Hop", false}, {"Metric", false},
	{"LocPrf", false}, {"Path", false},    {"Site", true},	    {"Tunnel", false},
};

static const char *slot_text(enum site_role role, unsigned index, char *buf, size_t size)
{
	snprintf(buf, size, "%s %u", site_role_name(role), index);
	return buf;
}

void show_bgp_daemon(struct answer *a, const struct bgp_daemon_status *d)
{
	answer_object(a, "daemon");
	answer_text(a, "state", NULL, d->state);
	answer_text(a, "reason", NULL, d->text);
	answer_text(a, "version", NULL, d->version);
	if (d->pid != 0)
		answer_number(a, "pid", NULL, (uint64_t)d->pid);
	else
		answer_null(a, "pid");
	answer_number(a, "restarts", NULL, d->restarts);
	answer_object_end(a);
	if (d->neighbours == 0)
		return;
	if (strcmp(d->state, "running") == 0)
		answer_line(a, "BGP daemon BIRD %s is running, %zu neighbor%s, %zu established",
			    d->version, d->neighbours, d->neighbours == 1 ? "" : "s",
			    d->established);
	else
		answer_line(a, "BGP daemon BIRD is %s%s%s, %zu neighbor%s, %zu established",
			    d->state, d->text[0] == '\0' ? "" : ": ", d->text, d->neighbours,
			    d->neighbours == 1 ? "" : "s", d->established);
}

static void neighbour_cells(struct answer *a, const struct show_clock *clock,
			    const struct bgp_neighbour_status *n)
{
	char text[DURATION_TEXT_MAX + 32];
	uint64_t now_s = clock->wall_ms / 1000;

	answer_row(a);
	answer_show(a, "Tunnel", "%s", slot_text(n->role, n->index, text, sizeof(text)));
	if (n->since_s != 0 && n->since_s <= now_s)
		answer_show(a, "Up/Down", "%s",
			    duration_text((now_s - n->since_s) * 1000, text, sizeof(text)));
	if (n->established) {
		answer_show(a, "State/PfxRcd", "%" PRIu32, n->received);
		answer_show(a, "PfxSnt", "%" PRIu32, n->sent);
	} else {
		answer_show(a, "State/PfxRcd", "%s", n->state);
	}
}

static void address_member(struct answer *a, const char *key, const char *label,
			   const struct ip_addr *addr)
{
	char text[IP_TEXT_MAX];

	answer_text(a, key, label,
		    ip_addr_is_set(addr) ? ip_addr_text(addr, text, sizeof(text)) : NULL);
}

static void neighbour(struct answer *a, const struct show_clock *clock,
		      const struct bgp_neighbour_status *n)
{
	answer_object(a, NULL);
	neighbour_cells(a, clock, n);
	answer_text(a, "site", "Site", n->site);
	answer_text(a, "role", NULL, site_role_name(n->role));
	answer_number(a, "index", NULL, n->index);
	address_member(a, "localAddress", NULL, &n->local);
	address_member(a, "address", "Neighbor", &n->peer);
	answer_number(a, "localAs", NULL, n->local_as);
	answer_number(a, "as", "AS", n->peer_as);
	answer_text(a, "state", NULL, n->state);
	answer_time(a, "since", n->since_s * 1000);
	answer_text(a, "reason", "Reason", n->reason);
	answer_text(a, "hint", NULL, n->hint);
	answer_text(a, "lastError", NULL, n->detail);
	answer_number(a, "keepaliveSec", NULL, n->keepalive_s);
	answer_number(a, "holdSec", NULL, n->hold_s);
	answer_number(a, "maximumPrefix", NULL, n->maximum_prefix);
	answer_number(a, "received", NULL, n->received);
	answer_number(a, "refused", NULL, n->refused);
	answer_number(a, "sent", NULL, n->sent);
	answer_object_end(a);
}

/* What to do, one line for each neighbor that is not up. */
static void advice(struct answer *a, const struct bgp_neighbour_status *n)
{
	char text[48];

	if (n->established || n->hint[0] == '\0')
		return;
	answer_line(a, " %s %s: %s%s%s%s", n->site,
		    slot_text(n->role, n->index, text, sizeof(text)), n->hint,
		    n->detail[0] == '\0' ? "" : " (", n->detail, n->detail[0] == '\0' ? "" : ")");
}

void show_bgp_neighbours(struct answer *a, const struct show_clock *clock,
			 const struct bgp_neighbour_status *list, size_t count)
{
	size_t established = 0;

	answer_array(a, "neighbors");
	answer_table(a, neighbour_columns, ARRAY_LEN(neighbour_columns));
	for (size_t i = 0; i < count; i++) {
		neighbour(a, clock, &list[i]);
		established += list[i].established;
	}
	answer_table_end(a);
	answer_array_end(a);
	answer_number(a, "established", NULL, established);
	if (count == 0)
		answer_line(a, "No BGP neighbor is configured.");
	for (size_t i = 0; i < count; i++)
		advice(a, &list[i]);
}

static void route(struct answer *a, const struct bgp_route *r)
{
	char text[IP_TEXT_MAX], tunnel[32];

	answer_object(a, NULL);
	answer_row(a);
	answer_show(a, "St", "%s", r->refused != NULL ? "r" : r->best ? "*>" : "*");
	answer_show(a, "Tunnel", "%s", show_slot(r->slot, tunnel, sizeof(tunnel)));
	answer_show(a, "Path", "%s%s%c", r->path, r->path[0] == '\0' ? "" : " ", r->origin);
	answer_text(a, "site", "Site", r->site);
	answer_text(a, "role", NULL,
		    site_role_name((enum site_role)((r->slot - 1) / SITE_TUNNELS)));
	answer_number(a, "index", NULL, (uint64_t)(r->slot - 1) % SITE_TUNNELS + 1);
	answer_text(a, "prefix", "Network", ip_prefix_text(&r->prefix, text, sizeof(text)));
	address_member(a, "nextHop", "Next Hop", &r->next_hop);
	answer_bool(a, "best", NULL, r->best);
	if (r->has_med)
		answer_number(a, "med", "Metric", r->med);
	else
		answer_null(a, "med");
	answer_number(a, "localPref", "LocPrf", r->local_pref);
	answer_text(a, "path", NULL, r->path);
	text[0] = r->origin;
	text[1] = '\0';
	answer_text(a, "origin", NULL, text);
	answer_text(a, "refused", NULL,
		    r->refused == NULL	    ? NULL
		    : r->refused[0] == '\0' ? "refused"
					    : r->refused);
	answer_object_end(a);
}

void show_bgp_routes(struct answer *a, const struct bgp_route *list, size_t count, bool all)
{
	char text[IP_TEXT_MAX], tunnel[32];

	answer_line(a, "%s", "");
	answer_line(a, "Status: * valid, > best, r refused.  Origin: i IGP, e EGP, ? incomplete");
	answer_array(a, "routes");
	answer_table(a, route_columns, ARRAY_LEN(route_columns));
	for (size_t i = 0; i < count; i++)
		route(a, &list[i]);
	answer_table_end(a);
	answer_array_end(a);
	if (count == 0)
		answer_line(a, "No route was announced.");
	for (size_t i = 0; i < count; i++) {
		if (list[i].refused != NULL && list[i].refused[0] != '\0')
			answer_line(a, " %s of %s %s refused: %s",
				    ip_prefix_text(&list[i].prefix, text, sizeof(text)),
				    list[i].site, show_slot(list[i].slot, tunnel, sizeof(tunnel)),
				    list[i].refused);
	}
	if (!all)
		answer_line(a, "Only %zu routes are shown.", count);
}
