/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `show ipsec site NAME peer-worksheet`: what the operator of the peer has to configure, seen from
 * his side: "remote" is this appliance.  Never shows a key.
 *
 * JSON: {"site","initiator","tunnels":[{"role","index","name","connectTo","peerId" (his own),
 * "peerIdType","ourId","ourIdType","pskSet","privateIpPop","privateIpSite"}...],
 * "ike":{"encryption":[...],"prf":[...],"integrity":[...],"dhGroup":[...],"lifetimeSec"},
 * "child":{... the same without prf ...},"peerNetworks":[...],"ourNetworks":[...],
 * "singleTrafficSelector","keepaliveSec","deadIntervalSec","routes":[...],"notes":[...]}
 */
#include "commands/service_routes.h"
#include "commands/show.h"
#include "commands/show_names.h"
#include "dataplane/site/profile.h"
#include "ikev2/algorithm.h"
#include "platform/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One line of algorithms: the configured one, or all that automatic takes, best first; none: may be
 * left out. */
static void algorithm_line(struct answer *a, const char *key, const char *label,
			   enum ike_transform_type type, uint16_t id, uint16_t key_bits,
			   bool aead_only, bool none)
{
	const struct ike_algorithm *x;
	struct strbuf text;

	strbuf_init(&text);
	answer_array(a, key);
	for (size_t i = 0; (x = algorithm_at(i)) != NULL; i++) {
		bool wanted = id ? x->id == id && (!key_bits || x->key_bits == key_bits)
				 : !x->legacy && (!aead_only || x->aead);

		if (x->type != (uint8_t)type || !wanted)
			continue;
		strbuf_printf(&text, "%s%s", text.len ? ", " : "", x->name);
		answer_text(a, NULL, NULL, x->name);
	}
	answer_array_end(a);
	answer_show(a, label, "%s%s%s", id ? "" : "any of ", text.text,
		    none && !id ? ", or none" : "");
	strbuf_clear(&text);
}

static void lifetime_line(struct answer *a, uint32_t seconds)
{
	answer_number(a, "lifetimeSec", NULL, seconds);
	answer_show(a, "Lifetime", "%" PRIu32 " s", seconds);
}

static void parameter_block(struct answer *a, const char *key, const char *title,
			    const struct ike_parameters *p, bool ike, uint32_t lifetime_s)
{
	bool gcm = p->encr == IKE_ENCR_AES_GCM_16 || p->aead_only;

	answer_line(a, "%s", "");
	answer_line(a, "%s", title);
	answer_block(a, 2);
	answer_object(a, key);
	algorithm_line(a, "encryption", "Encryption", IKE_TRANSFORM_ENCR, p->encr, p->key_bits,
		       p->aead_only, false);
	if (ike)
		algorithm_line(a, "prf", "PRF", IKE_TRANSFORM_PRF, p->prf, 0, false, false);
	if (!gcm)
		algorithm_line(a, "integrity", p->encr ? "Integrity" : "Integrity with CBC",
			       IKE_TRANSFORM_INTEG, p->integ, 0, false, false);
	else
		answer_null(a, "integrity");
	algorithm_line(a, "dhGroup", ike ? "DH group" : "PFS group", IKE_TRANSFORM_KE, p->ke, 0,
		       false, !ike);
	lifetime_line(a, lifetime_s);
	answer_object_end(a);
	answer_block_end(a);
}

static void connect_line(struct answer *a, const struct site_config *c, enum site_role role,
			 const struct tunnel_config *t)
{
	const struct site_destination *d = &c->destination[role];
	char text[IP_TEXT_MAX];
	const char *to = NULL;

	if (d->kind == SITE_DEST_ADDRESS)
		to = ip_addr_text(&d->addr, text, sizeof(text));
	else if (d->kind == SITE_DEST_FQDN)
		to = t->fqdn;
	answer_text(a, "connectTo", NULL, to);
	answer_show(a, "Remote address", "%s, UDP 500 and 4500",
		    to && *to ? to : "an address of this appliance");
}

static void id_lines(struct answer *a, const struct site_config *c, enum site_role role,
		     const struct tunnel_config *t)
{
	struct ike_id ours = show_our_id(c, role, t);
	const char *type = t->remote_id.type ? ike_id_type_name(t->remote_id.type)
					     : show_identifier(c->identifier);
	char text[2 * IKE_ID_MAX + 8];

	if (c->identifier == SITE_ID_IPV4 && t->public_ip.family == IP_V6 && !t->remote_id.type)
		type = ike_id_type_name(IKE_ID_IPV6_ADDR);
	(void)show_peer_id(c, t, text, sizeof(text));
	answer_text(a, "peerId", NULL, text);
	answer_text(a, "peerIdType", NULL, type);
	answer_show(a, "Local ID", "%s (type %s)", text[0] ? text : "not configured yet", type);
	(void)ike_id_text(&ours, text, sizeof(text));
	answer_text(a, "ourId", NULL, ours.type ? text : NULL);
	answer_text(a, "ourIdType", NULL, ours.type ? ike_id_type_name(ours.type) : NULL);
	if (ours.type)
		answer_show(a, "Remote ID", "%s (type %s)", text, ike_id_type_name(ours.type));
	else
		answer_show(a, "Remote ID", "the remote address");
}

static void tunnel_block(struct answer *a, const struct site_config *c, enum site_role role,
			 unsigned index0)
{
	const struct tunnel_config *t = &c->tunnels[role][index0];
	bool psk = t->psk.key.len > 0;
	char pop[IP_TEXT_MAX], site[IP_TEXT_MAX];

	answer_line(a, "%s", "");
	answer_line(a, "Tunnel %s %u%s%s%s", site_role_name(role), index0 + 1,
		    t->name[0] ? " (" : "", t->name, t->name[0] ? ")" : "");
	answer_block(a, 2);
	answer_object(a, NULL);
	answer_text(a, "role", NULL, site_role_name(role));
	answer_number(a, "index", NULL, index0 + 1);
	answer_text(a, "name", NULL, t->name);
	connect_line(a, c, role, t);
	id_lines(a, c, role, t);
	answer_bool(a, "pskSet", NULL, psk);
	answer_show(a, "Pre-shared key", "%s",
		    psk ? "as agreed, never shown" : "not configured yet");
	(void)ip_addr_text(&t->private_pop, pop, sizeof(pop));
	(void)ip_addr_text(&t->private_site, site, sizeof(site));
	answer_text(a, "privateIpPop", NULL, ip_addr_is_set(&t->private_pop) ? pop : NULL);
	answer_text(a, "privateIpSite", NULL, ip_addr_is_set(&t->private_site) ? site : NULL);
	if (ip_addr_is_set(&t->private_pop))
		answer_show(a, "BGP addresses", "%s in the tunnel, neighbor %s", site, pop);
	answer_object_end(a);
	answer_block_end(a);
}

static void range_lines(struct answer *a, const char *key, const char *label,
			const struct ike_ts_list *list)
{
	char text[IP_RANGE_TEXT_MAX];

	answer_array(a, key);
	for (size_t i = 0; i < list->count; i++) {
		(void)ip_range_text(&list->ts[i].range, text, sizeof(text));
		answer_text(a, NULL, NULL, text);
		answer_show(a, i ? "" : label, "%s", text);
	}
	answer_array_end(a);
}

static void route_lines(struct answer *a, const struct service_routes *routes)
{
	char text[IP_TEXT_MAX];

	answer_array(a, "routes");
	for (size_t i = 0; i < routes->count; i++) {
		(void)ip_prefix_text(&routes->item[i], text, sizeof(text));
		answer_text(a, NULL, NULL, text);
		answer_show(a, i ? "" : "Routes", "%s", text);
	}
	answer_array_end(a);
}

static void selector_block(struct answer *a, const struct site_config *c,
			   const struct service_routes *routes)
{
	struct ike_ts_list ours, peers;
	bool single = c->single_ts == SITE_ENABLE;

	site_selectors(c, &ours, &peers);
	answer_line(a, "%s", "");
	answer_line(a, "Traffic selectors and timers");
	answer_block(a, 2);
	range_lines(a, "peerNetworks", "Local networks", &peers);
	range_lines(a, "ourNetworks", "Remote networks", &ours);
	answer_bool(a, "singleTrafficSelector", NULL, single);
	answer_show(a, "Per Child SA", "%s",
		    single ? "one pair of selectors" : "all selectors together");
	answer_number(a, "keepaliveSec", NULL, c->keepalive_s);
	answer_number(a, "deadIntervalSec", NULL, c->dead_s);
	answer_show(a, "Dead peer check",
		    "after %" PRIu32 " s of silence, dead after %" PRIu32 " s", c->keepalive_s,
		    c->dead_s);
	route_lines(a, routes);
	answer_block_end(a);
}

/* ---- Notes ----------------------------------------------------------------------------------- */

static bool has_tunnel(const struct site_config *c, enum site_role role)
{
	for (unsigned i = 0; i < SITE_TUNNELS; i++)
		if (c->tunnels[role][i].present)
			return true;
	return false;
}

static bool always(const struct site_config *c)
{
	(void)c;
	return true;
}

static bool is_fast(const struct site_config *c)
{
	return c->license_mbps >= PROFILE_AEAD_ONLY_MBPS;
}

static bool lacks_secondary(const struct site_config *c)
{
	return !has_tunnel(c, SITE_SECONDARY);
}

static bool uses_fqdn(const struct site_config *c)
{
	return c->destination[SITE_PRIMARY].kind == SITE_DEST_FQDN ||
	       c->destination[SITE_SECONDARY].kind == SITE_DEST_FQDN;
}

static bool may_send_many(const struct site_config *c)
{
	return c->single_ts != SITE_ENABLE && c->network_ranges.count + c->ts_local.count > 1;
}

static bool waits_for_peer(const struct site_config *c)
{
	return c->connection_mode == SITE_RESPONDER_ONLY;
}

static const struct {
	bool (*applies)(const struct site_config *c);
	const char *text;
} notes[] = {
	{always, "The routes are needed where only a part of the traffic goes through the tunnel; "
		 "10.41.0.0/16 is the default range of VPN users."},
	{always, "Algorithms with \"any of\" are negotiated; leave the peer on automatic too, or "
		 "choose one of them."},
	{always, "Nonces of up to 256 bits are supported."},
	{always, "FTP servers: a connection timeout of 30 seconds or more."},
	{is_fast, "From 100 Mbps on only AES-GCM is used for traffic."},
	{waits_for_peer, "This side never initiates: let the peer bring the tunnel up and keep it "
			 "up."},
	{lacks_secondary, "The site has no secondary tunnel; a second one to another address is "
			  "strongly advised."},
	{uses_fqdn, "Wait 3 minutes after the names were generated before the peer uses them."},
	{may_send_many, "Peers that take one selector pair per Child SA (Cisco ASA) refuse several "
			"with TS_UNACCEPTABLE: set single-traffic-selector enable."},
};

static void note_lines(struct answer *a, const struct site_config *c)
{
	answer_line(a, "%s", "");
	answer_line(a, "Notes");
	answer_block(a, 2);
	answer_array(a, "notes");
	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		if (!notes[i].applies(c))
			continue;
		answer_text(a, NULL, NULL, notes[i].text);
		answer_show(a, "-", "%s", notes[i].text);
	}
	answer_array_end(a);
	answer_block_end(a);
}

void show_worksheet(struct answer *a, const struct site_config *c,
		    const struct service_routes *routes)
{
	struct ike_parameters child = c->auth_parameters;
	const char *who = c->connection_mode == SITE_RESPONDER_ONLY ? "peer" : "either side";

	child.aead_only = child.aead_only || is_fast(c);
	answer_line(a, "For the operator of the peer of site %s", c->name);
	answer_line(a, "(\"local\" is the peer, \"remote\" is this appliance)");
	answer_line(a, "%s", "");
	answer_text(a, "site", NULL, c->name);
	answer_text(a, "initiator", NULL, who);
	answer_line(a, "IKEv2 (RFC 7296) with pre-shared key, ESP tunnel mode; initiator: %s", who);
	answer_array(a, "tunnels");
	for (unsigned r = 0; r < SITE_ROLES; r++)
		for (unsigned i = 0; i < SITE_TUNNELS; i++)
			if (c->tunnels[r][i].present)
				tunnel_block(a, c, (enum site_role)r, i);
	answer_array_end(a);
	parameter_block(a, "ike", "IKE SA (init message)", &c->init_parameters, true,
			c->ike_lifetime_s);
	parameter_block(a, "child", "Child SA (auth message)", &child, false, c->child_lifetime_s);
	selector_block(a, c, routes);
	note_lines(a, c);
}
