/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks of a site's configuration: complete, identities that collide, networks that other sites
 * have as well, no second way. */
#include "commands/diagnose.h"

#include "commands/show_names.h"

#include <stdio.h>
#include <string.h>

static void put_fix(struct finding *f, const struct site_config *c, uint8_t slot,
		    const char *command)
{
	if (slot == 0)
		(void)snprintf(f->commands, sizeof(f->commands), "ipsec site %s\n %s\n", c->name,
			       command);
	else
		(void)snprintf(f->commands, sizeof(f->commands),
			       "ipsec site %s\n tunnel %s %u\n  %s\n", c->name,
			       slot <= SITE_TUNNELS ? "primary" : "secondary",
			       (unsigned)(slot - 1) % SITE_TUNNELS + 1, command);
}

/* "psk missing" -> "psk", where the command asks or a value is written in capitals. */
static const char *command_of(const char *missing)
{
	static const struct {
		const char *missing, *command;
	} rows[] = {
		{"psk", "psk"},
		{"ppk", "ppk id NAME"},
		{"public-ip", "public-ip ADDRESS"},
		{"local-id", "local-id NAME"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strncmp(missing, rows[i].missing, strlen(rows[i].missing)) == 0)
			return rows[i].command;
	return NULL;
}

static size_t check_complete(const struct diagnose_input *in, struct findings *out)
{
	const struct site_config *c = in->site;
	size_t present = 0, before = out->count;
	struct finding *f;

	for (unsigned i = 0; i < DIAGNOSE_TUNNELS; i++) {
		enum site_role role = (enum site_role)(i / SITE_TUNNELS);
		const char *missing, *command;

		if (!c->tunnels[role][i % SITE_TUNNELS].present)
			continue;
		present++;
		missing = site_tunnel_missing(c, role, i % SITE_TUNNELS);
		if (!missing)
			continue;
		f = finding_add(out, 95, (uint8_t)(i + 1), "configuration",
				"The configuration is incomplete: %s", missing);
		command = command_of(missing);
		if (command)
			put_fix(f, c, (uint8_t)(i + 1), command);
	}
	if (present == 0) {
		f = finding_add(out, 99, 0, "configuration", "The site has no tunnel");
		put_fix(f, c, 0, "tunnel primary");
	}
	if (c->native_range.addr.family == IP_NONE && c->networks.count == 0 &&
	    c->ts_peer.count == 0) {
		f = finding_add(out, 60, 0, "configuration",
				"No network behind the peer is configured, so no traffic is routed "
				"to it");
		put_fix(f, c, 0, "native-range A.B.C.D/len");
	}
	return out->count - before;
}

static bool has_secondary(const struct site_config *c)
{
	for (unsigned i = 0; i < SITE_TUNNELS; i++)
		if (c->tunnels[SITE_SECONDARY][i].present)
			return true;
	return false;
}

static bool has_tunnel(const struct site_config *c)
{
	for (unsigned i = 0; i < SITE_TUNNELS; i++)
		if (c->tunnels[SITE_PRIMARY][i].present)
			return true;
	return has_secondary(c);
}

/* ---- Networks of other sites ----------------------------------------------------------------- */

static bool ranges_overlap(const struct ip_range *a, const struct ip_range *b)
{
	return a->first.family == b->first.family && ip_addr_compare(&a->first, &b->last) <= 0 &&
	       ip_addr_compare(&b->first, &a->last) <= 0;
}

/* The networks behind the peer that are routed: native range, then the others. */
static bool network_at(const struct site_config *c, size_t index, struct ip_range *out)
{
	if (c->native_range.addr.family != IP_NONE) {
		if (index == 0) {
			*out = ip_range_of_prefix(&c->native_range);
			return true;
		}
		index--;
	}
	if (index >= c->networks.count)
		return false;
	*out = c->networks.items[index].range;
	return true;
}

static bool find_overlap(const struct site_config *a, const struct site_config *b,
			 struct ip_range *ours, struct ip_range *theirs)
{
	for (size_t i = 0; network_at(a, i, ours); i++)
		for (size_t k = 0; network_at(b, k, theirs); k++)
			if (ranges_overlap(ours, theirs))
				return true;
	return false;
}

static size_t check_networks(const struct diagnose_input *in, struct findings *out)
{
	char ours[IP_RANGE_TEXT_MAX], theirs[IP_RANGE_TEXT_MAX];
	size_t before = out->count;

	for (size_t i = 0; i < in->running->count; i++) {
		const struct site_config *other = in->running->sites[i];
		struct ip_range a, b;
		struct finding *f;

		if (strcmp(other->name, in->site->name) == 0 ||
		    accounts_are_apart(&in->running->cloud.accounts, other->account,
				       in->site->account) ||
		    !find_overlap(in->site, other, &a, &b))
			continue;
		/* The longer prefix wins, among equals the first site. */
		f = finding_add(out, has_tunnel(other) ? 70 : 30, 0, "networks",
				"Site %s has the network %s as well, only one of both gets its "
				"traffic",
				other->name, ip_range_text(&b, theirs, sizeof(theirs)));
		(void)snprintf(f->evidence, sizeof(f->evidence), "%s of %s overlaps %s of %s",
			       ip_range_text(&a, ours, sizeof(ours)), in->site->name, theirs,
			       other->name);
		(void)snprintf(f->fix_here, sizeof(f->fix_here),
			       "Make the networks of both sites disjoint with native-range and "
			       "network");
		put_fix(f, in->site, 0, "native-range A.B.C.D/len");
	}
	return out->count - before;
}

/* ---- Identities ------------------------------------------------------------------------------ */

static size_t check_identities(const struct diagnose_input *in, struct findings *out)
{
	size_t before = out->count;

	for (size_t i = 0; in->status && i < in->status->tunnel_count; i++) {
		const struct tunnel_status *t = &in->status->tunnels[i];
		struct finding *f;

		if (strcmp(t->reason, "duplicate-identity") != 0)
			continue;
		f = finding_add(out, 95, t->slot, "identities",
				"Another tunnel has the same identities and addresses");
		(void)snprintf(f->evidence, sizeof(f->evidence), "%s", t->hint);
		(void)snprintf(f->fix_here, sizeof(f->fix_here),
			       "Give one of both another local-id, remote-id or own-id");
		put_fix(f, in->site, t->slot, "local-id NAME");
	}
	return out->count - before;
}

static void fine(struct findings *out, const char *what)
{
	strbuf_printf(&out->fine, "%s%s", out->fine.len ? ", " : "", what);
}

void diagnose_config(const struct diagnose_input *in, struct findings *out)
{
	struct finding *f;

	if (check_complete(in, out) == 0)
		fine(out, "configuration complete");
	if (check_identities(in, out) == 0)
		fine(out, "identities unique");
	if (check_networks(in, out) == 0)
		fine(out, "networks of other sites disjoint");
	if (has_secondary(in->site))
		return;
	f = finding_add(out, 5, 0, "high availability", "The site has no secondary tunnel");
	put_fix(f, in->site, 0, "tunnel secondary");
}
