/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings about a site's tunnels: what the engine saw, the route to the peer, echoes, data both
 * ways, packet sizes; see diagnose.h.  The configuration is diagnose_config.c's. */
#include "commands/diagnose.h"

#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DROPS_MIN 100 /* packets */

void findings_init(struct findings *f)
{
	*f = (struct findings){.count = 0};
	strbuf_init(&f->fine);
	strbuf_init(&f->seen);
}

void findings_clear(struct findings *f)
{
	free(f->items);
	strbuf_clear(&f->fine);
	strbuf_clear(&f->seen);
	*f = (struct findings){.count = 0};
}

struct finding *finding_add(struct findings *f, unsigned weight, uint8_t slot, const char *check,
			    const char *fmt, ...)
{
	struct finding *x;
	va_list args;

	f->items = mem_realloc_array(f->items, f->count + 1, sizeof(*f->items));
	x = &f->items[f->count++];
	memset(x, 0, sizeof(*x));
	x->weight = weight;
	x->slot = slot;
	x->check = check;
	va_start(args, fmt);
	(void)vsnprintf(x->text, sizeof(x->text), fmt, args);
	va_end(args);
	return x;
}

static void fine(struct findings *out, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void fine(struct findings *out, const char *fmt, ...)
{
	char text[128];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	strbuf_printf(&out->fine, "%s%s", out->fine.len ? ", " : "", text);
}

static void fix(struct finding *f, const char *here, const char *peer)
{
	(void)snprintf(f->fix_here, sizeof(f->fix_here), "%s", here);
	(void)snprintf(f->fix_peer, sizeof(f->fix_peer), "%s", peer);
}

/* ---- What the engine saw --------------------------------------------------------------------- */

/* A cause that was seen for certain weighs more than silence. */
static unsigned weight_of(const struct tunnel_status *t)
{
	enum ike_reason r = ike_cause_row(t->cause)->reason;

	if (t->state == TUNNEL_UP)
		return 75;
	if (t->state == TUNNEL_ADMIN_DOWN)
		return 97;
	return r == IKE_REASON_NO_RESPONSE || r == IKE_REASON_DEAD_PEER ? 85 : 90;
}

static void when_and_where(const struct diagnose_input *in, const struct ike_failure *f, char *buf,
			   size_t size)
{
	const char *exchange = show_exchange(f->exchange);
	char when[SHOW_TEXT_MAX], from[IP_TEXT_MAX] = "";

	if (ip_addr_is_set(&f->remote.addr))
		(void)ip_endpoint_text(&f->remote, from, sizeof(from));
	(void)snprintf(buf, size, "%s%s(%s%s%s%s%s)", f->evidence, f->evidence[0] ? " " : "",
		       show_moment(&in->clock, f->at_ms, when, sizeof(when)),
		       from[0] ? ", peer " : "", from, exchange ? ", " : "",
		       exchange ? exchange : "");
}

static void failure_finding(const struct diagnose_input *in, const struct tunnel_status *t,
			    struct findings *out)
{
	const struct ike_cause_row *row = ike_cause_row(t->cause);
	const struct ike_failure *f = &t->ike.failure;
	struct finding *x =
		finding_add(out, weight_of(t), t->slot, "last exchanges", "%s", row->sentence);

	if (ike_failure_cause(f) == t->cause) {
		when_and_where(in, f, x->evidence, sizeof(x->evidence));
		x->comparison = t->ike.comparison;
	}
	fix(x, row->fix_here, row->fix_peer);
	diagnose_fix(in->site, t, x->commands, sizeof(x->commands));
}

static void waiting_finding(const struct diagnose_input *in, const struct tunnel_status *t,
			    struct findings *out)
{
	struct finding *x;

	if (in->stranger) {
		x = finding_add(out, 80, t->slot, "last exchanges",
				"A peer that no tunnel expects came lately, it may be this one");
		(void)snprintf(x->evidence, sizeof(x->evidence), "%s", in->stranger->text);
		fix(x, "Configure the identity that it presents with remote-id or local-id",
		    "Set its own identity to what the peer-worksheet says");
		return;
	}
	x = finding_add(
		out, 55, t->slot, "last exchanges",
		in->site->connection_mode == SITE_RESPONDER_ONLY
			? "Nothing has come from the peer, and this side does not initiate"
			: "Nothing has come from the peer, and this side waits for traffic");
	fix(x, "Let UDP 500 and 4500 to this appliance pass, or let this side initiate",
	    "Let it initiate to this appliance, look at the peer-worksheet");
	(void)snprintf(x->commands, sizeof(x->commands),
		       "ipsec site %s\n connection-mode bidirectional\n initiate-connection\n",
		       in->site->name);
}

static void check_exchanges(const struct diagnose_input *in, const struct tunnel_status *t,
			    struct findings *out)
{
	if (t->cause != IKE_CAUSE_NONE)
		failure_finding(in, t, out);
	else if (t->state == TUNNEL_DOWN && strncmp(t->reason, "waiting-for-", 12) == 0)
		waiting_finding(in, t, out);
	else if (t->state == TUNNEL_CONNECTING)
		strbuf_printf(&out->seen, "%s %u is connecting, attempt %u\n",
			      site_role_name(t->role), t->index, (unsigned)t->ike.attempts);
}

/* ---- The way to the peer --------------------------------------------------------------------- */

static void check_route(const struct diagnose_input *in, const struct tunnel_status *t,
			const struct diagnose_tunnel *d, struct findings *out)
{
	const struct site_destination *dest = &in->site->destination[t->role];
	char peer[IP_TEXT_MAX], source[IP_TEXT_MAX], own[IP_TEXT_MAX];
	struct finding *x;

	if (!d->route.looked)
		return;
	(void)ip_addr_text(&t->peer.addr, peer, sizeof(peer));
	if (!d->route.found) {
		x = finding_add(out, 96, t->slot, "route", "There is no route to the peer %s",
				peer);
		(void)snprintf(x->evidence, sizeof(x->evidence), "%s", d->route.why);
		fix(x, "Add a route to it on this machine, outside of this appliance", "");
		return;
	}
	(void)ip_addr_text(&d->route.source, source, sizeof(source));
	if (strncmp(d->route.device, "ips", 3) == 0) {
		x = finding_add(out, 93, t->slot, "route",
				"The route to the peer %s leads into the tunnel %s", peer,
				d->route.device);
		fix(x, "Configure networks that do not hold the peer's address", "");
		return;
	}
	fine(out, "route to %s by %s from %s", peer, d->route.device, source);
	if (dest->kind == SITE_DEST_ADDRESS && !ip_addr_equal(&dest->addr, &d->route.source))
		strbuf_printf(&out->seen,
			      "This machine reaches %s from %s by itself, the tunnel uses %s\n",
			      peer, source, ip_addr_text(&dest->addr, own, sizeof(own)));
}

static void check_outer(const struct tunnel_status *t, const struct diagnose_tunnel *d,
			struct findings *out)
{
	char peer[IP_TEXT_MAX];
	struct finding *x;

	if (d->outer.sent == 0)
		return;
	(void)ip_addr_text(&t->peer.addr, peer, sizeof(peer));
	if (d->outer.answered > 0) {
		strbuf_printf(&out->seen, "%s answers ping (%u of %u)\n", peer, d->outer.answered,
			      d->outer.sent);
		return;
	}
	if (t->state == TUNNEL_UP || (d->route.looked && !d->route.found))
		return; /* not asked for, or no wonder */
	x = finding_add(out, 35, t->slot, "reachability", "%s does not answer ping", peer);
	fix(x, "Check the uplink here, though ping may be blocked on the way",
	    "Check its uplink and the address");
}

static void check_nat(const struct tunnel_status *t, struct findings *out)
{
	char text[IP_TEXT_MAX];

	if (t->state == TUNNEL_UP && t->ike.nat_remote && t->ike.remote.port != 500 &&
	    t->ike.remote.port != 4500)
		strbuf_printf(&out->seen, "%s %u: NAT before the peer, seen as %s\n",
			      site_role_name(t->role), t->index,
			      ip_endpoint_text(&t->ike.remote, text, sizeof(text)));
	if (t->state == TUNNEL_UP && t->ike.nat_local)
		strbuf_printf(&out->seen, "%s %u: NAT before this appliance\n",
			      site_role_name(t->role), t->index);
}

/* ---- Data ------------------------------------------------------------------------------------ */

static void check_flow(const struct tunnel_status *t, const struct diagnose_tunnel *d,
		       struct findings *out)
{
	struct finding *x;

	if (t->state != TUNNEL_UP || t->cause == IKE_CAUSE_ONE_WAY)
		return;
	if (d->tx_packets == 0 && d->rx_packets == 0) {
		strbuf_printf(&out->seen, "%s %u: no data yet, neither way\n",
			      site_role_name(t->role), t->index);
	} else if (d->tx_packets == 0) {
		x = finding_add(out, 60, t->slot, "data flow",
				"Data comes out of the tunnel, but none goes in");
		fix(x, "Check that the hosts here route the peer's networks to this appliance", "");
	} else if (d->rx_packets > 0) {
		fine(out, "data both ways on %s %u", site_role_name(t->role), t->index);
	}
	if (d->auth_drops + d->selector_drops >= DROPS_MIN &&
	    d->auth_drops + d->selector_drops > d->rx_packets / 100) {
		x = finding_add(out, 50, t->slot, "data flow",
				"Many packets out of the tunnel are dropped");
		(void)snprintf(x->evidence, sizeof(x->evidence),
			       "%" PRIu64 " with a wrong checksum, %" PRIu64
			       " outside the traffic selectors, %" PRIu64 " accepted",
			       d->auth_drops, d->selector_drops, d->rx_packets);
		fix(x, "Compare the networks of both sides",
		    "Send only what the traffic selectors hold");
	}
	if (d->replay_drops >= DROPS_MIN && d->replay_drops > d->rx_packets / 100) {
		x = finding_add(out, 40, t->slot, "data flow",
				"Many packets come too late or twice");
		(void)snprintf(x->evidence, sizeof(x->evidence),
			       "%" PRIu64 " dropped by the replay window, %" PRIu64 " accepted",
			       d->replay_drops, d->rx_packets);
		fix(x, "Check the uplinks for reordering", "Do not send one tunnel over two ways");
	}
}

static void check_inner(const struct diagnose_input *in, const struct tunnel_status *t,
			const struct diagnose_tunnel *d, struct findings *out)
{
	const struct tunnel_config *c = &in->site->tunnels[t->role][t->index - 1];
	char peer[IP_TEXT_MAX];
	struct finding *x;

	if (d->inner.sent == 0)
		return;
	(void)ip_addr_text(&c->private_site, peer, sizeof(peer));
	if (d->inner.answered > 0) {
		fine(out, "%s answers through %s %u (%u of %u)", peer, site_role_name(t->role),
		     t->index, d->inner.answered, d->inner.sent);
		return;
	}
	x = finding_add(out, 65, t->slot, "inner reachability",
			"%s does not answer ping through the tunnel", peer);
	fix(x, "Check private-ip, both addresses belong to this tunnel",
	    "Configure this address on its tunnel interface, and let ping pass");
	(void)snprintf(x->commands, sizeof(x->commands),
		       "ipsec site %s\n tunnel %s %u\n  private-ip pop A.B.C.D site A.B.C.D\n",
		       in->site->name, site_role_name(t->role), t->index);
}

static void check_mtu(const struct tunnel_status *t, const struct diagnose_tunnel *d,
		      struct findings *out)
{
	struct finding *x;

	if (!d->mtu_probed || d->passed == 0)
		return;
	if (d->lost == 0) {
		fine(out, "packets of %u octets pass %s %u", d->passed, site_role_name(t->role),
		     t->index);
		return;
	}
	x = finding_add(out, 78, t->slot, "packet size",
			"Packets of %u octets pass the tunnel, packets of %u do not", d->passed,
			d->lost);
	(void)snprintf(x->fix_here, sizeof(x->fix_here),
		       "Find the link with the small MTU, it must report or fragment; until then "
		       "let hosts use an MTU of %u",
		       d->passed);
	(void)snprintf(x->fix_peer, sizeof(x->fix_peer),
		       "Set the MTU of its tunnel to %u, or the TCP MSS to %u", d->passed,
		       d->passed - 40u);
}

/* A session has no chance while its tunnel is not up. */
static void check_bgp(const struct diagnose_input *in, const struct tunnel_status *t,
		      const struct diagnose_tunnel *d, struct findings *out)
{
	const struct bgp_neighbour_status *n = &d->bgp;
	char peer[IP_TEXT_MAX];
	struct finding *x;

	if (!d->has_bgp || t->state != TUNNEL_UP)
		return;
	(void)ip_addr_text(&n->peer, peer, sizeof(peer));
	if (n->established) {
		fine(out, "BGP with %s on %s %u established, %u routes", peer,
		     site_role_name(t->role), t->index, (unsigned)n->received);
		return;
	}
	x = finding_add(out, 75, t->slot, "BGP", "The BGP session with %s is %s: %s",
			ip_addr_is_set(&n->peer) ? peer : "the peer", n->state, n->reason);
	(void)snprintf(x->evidence, sizeof(x->evidence), "%s", n->detail);
	fix(x, n->hint, "");
	if (strcmp(n->reason, "as-mismatch") == 0)
		(void)snprintf(x->commands, sizeof(x->commands),
			       "ipsec site %s\n bgp\n  peer-as NUMBER\n", in->site->name);
}

static void check_health(const struct tunnel_status *t, struct findings *out)
{
	struct finding *x;

	if (t->state != TUNNEL_UP || (t->health != HEALTH_DEGRADED && t->health != HEALTH_UNUSABLE))
		return;
	x = finding_add(out, 45, t->slot, "health", "The tunnel is %s",
			health_state_name(t->health));
	(void)snprintf(x->evidence, sizeof(x->evidence),
		       "loss %u.%02u %%, delay %u ms, jitter %u ms in the last 10 s",
		       (unsigned)t->figures.loss / 100, (unsigned)t->figures.loss % 100,
		       (unsigned)t->figures.delay_us / 1000, (unsigned)t->figures.jitter_us / 1000);
	fix(x, "Check the uplink here, show ipsec health tells since when",
	    "Check its uplink for loss and overload");
}

/* Most likely first; what was found first wins among equals. */
static void sort(struct findings *f)
{
	for (size_t i = 1; i < f->count; i++) {
		struct finding x = f->items[i];
		size_t k = i;

		while (k > 0 && f->items[k - 1].weight < x.weight) {
			f->items[k] = f->items[k - 1];
			k--;
		}
		f->items[k] = x;
	}
}

void diagnose(const struct diagnose_input *in, struct findings *out)
{
	diagnose_config(in, out);
	for (size_t i = 0; in->status && i < in->status->tunnel_count; i++) {
		const struct tunnel_status *t = &in->status->tunnels[i];
		const struct diagnose_tunnel *d = &in->tunnels[t->slot - 1];

		if (t->state == TUNNEL_INCOMPLETE)
			continue;
		check_exchanges(in, t, out);
		check_route(in, t, d, out);
		check_outer(t, d, out);
		check_nat(t, out);
		check_flow(t, d, out);
		check_inner(in, t, d, out);
		check_mtu(t, d, out);
		check_bgp(in, t, d, out);
		check_health(t, out);
	}
	sort(out);
}
